"""What a row says of the project itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from projects import claims, dates, money, names
from projects.claims import Stated
from projects.facts import Opening
from projects.ledgers.judging.works import CHANGED, CONFLICT, NEW, NOTE, Difference, Terms, Work
from projects.ledgers.known import Says
from projects.ledgers.said import Said, Spot
from projects.models import Category, Claim, Importance
from projects.money import Amount

PLAIN: Final = (("national_code", 24), ("content", 0))


class Identity:
    """What a row says of the project itself: name, company, total investment, its file."""

    def __init__(self, judge: Terms, work: Work, said: Said, sure: bool) -> None:
        self.judge, self.work, self.said, self.sure = judge, work, said, sure
        self.known, self.project = work.known, work.known.project
        self.found: list[Difference] = []

    def add(self, spot: Spot, kind: str, old: str, new: str, sentence: str = "") -> None:
        self.found.append([spot.column.meaning, spot.column.letter, kind, old, new, sentence])

    # ---- Name, company, total investment -----------------------------------------------------------
    def name(self) -> None:
        spot = self.said.one.get("name")
        if spot is None:
            return
        name = names.tidy(str(spot.value))[:300]
        if self.project is None:
            if self.work.opening is None:
                self.work.opening = Opening(name, self.work.zone)
                self.add(spot, NEW, "", name)
                self.state(spot, Claim.Field.NAME, name)
            return
        if names.key(name) == self.project.key and names.marks(name) == names.marks(self.project.name):
            return
        if self._has(Claim.Field.NAME, name) or name in self.work.aliases:
            return
        if names.key(name) == self.project.key:
            self.add(spot, CONFLICT, self.project.name, name, "期次或数字不同：请核对是不是同一个项目")
            return
        self.work.aliases.append(name)
        self.state(spot, Claim.Field.NAME, name)
        self.add(spot, CHANGED, self.project.name, name, "记为又名，项目名称不变")

    def company(self) -> None:
        spot = self.said.one.get("company")
        if spot is not None:
            name = names.tidy(str(spot.value))[:200]
            held = self.project.company if self.project else None
            if names.key(name) and not (held and held.key == names.key(name)):
                self._claimed(spot, Claim.Field.COMPANY, name, held.name if held else "", name)
        code = self.said.one.get("credit_code")
        if code is None:
            return
        held, told = self.project.company if self.project else None, str(code.value)[:18]
        if held is None or not held.credit_code:
            if self.work.credit_code != told and (held or spot):
                self.work.credit_code = told
                self.add(code, NEW, "", told)
        elif held.credit_code != told:
            self.add(code, CONFLICT, held.credit_code, told, "信用代码与企业档案不一致：请核对后在企业页面修改")

    def amount(self) -> None:
        spot = self.said.one.get("investment")
        if spot is None or not isinstance(spot.value, Amount):
            return
        told, project = spot.value, self.project
        foreign = told.currency != "CNY"
        held = (project.foreign if foreign else project.investment) if project else None
        if held and (held.low, held.high, held.currency) == (told.low, told.high, told.currency):
            return
        field_ = Claim.Field.FOREIGN if foreign else Claim.Field.AMOUNT
        self._claimed(spot, field_, told, money.show_amount(held) if held else "", money.show_amount(told))

    def _claimed(self, spot: Spot, name: str, value: Any, old: str, new: str, certainty: str = "actual") -> None:
        """A value that stands as a claim: the first holds, another waits beside it."""
        if self._has(name, value, certainty):
            return
        chosen = next(
            (row for row in self.known.claims if row.chosen and (row.field, row.certainty) == (name, certainty)), None
        )
        self.state(spot, name, value, certainty)
        if not old and chosen is None:
            self.add(spot, NEW, "", new)
        elif chosen is not None and claims.gives_way(chosen, self.judge.around.earlier):
            self.add(spot, CHANGED, old or chosen.shown, new, "同一种台账的新一期，采用新的说法，旧的保留")
        else:
            shown = old or (chosen.shown if chosen else "")
            self.add(spot, CONFLICT, shown, new, "与现有的不一致：两种说法并存，请在项目页选用")

    def _has(self, name: str, value: Any, certainty: str = "actual") -> bool:
        """Whether a claim that stands says the same already, or an earlier row of this ledger."""
        rivals = [row for row in self.known.claims if row.field == name and row.certainty == certainty]
        return bool(rivals) and claims.said(Says.of(name, certainty, value)) in map(claims.said, rivals)

    def state(self, spot: Spot, name: str, value: Any, certainty: str = "actual") -> None:
        place = self.said.place(spot.column)
        self.work.stated.append(Stated(name, value, certainty, holds_on=None, place=place))
        holds = not any(row.chosen for row in self.known.claims if (row.field, row.certainty) == (name, certainty))
        self.known.claims.append(Says.of(name, certainty, value, chosen=holds))

    # ---- What the file of a project says -----------------------------------------------------------
    def plain(self) -> None:
        for code, longest in PLAIN:
            if spot := self.said.one.get(code):
                told = str(spot.value).strip()
                self._fill(spot, code, told[:longest] if longest else told, told)
        for code, choices in (("category", Category), ("importance", Importance)):
            spot = self.said.one.get(code)
            if spot is None:
                continue
            choice = _choice(choices, str(spot.value))
            if choice:
                self._fill(spot, code, choice, str(choices(choice).label))
            elif code == "importance":
                self.add(spot, NOTE, "", str(spot.value), "不是省重点、市重点或区重点，只保留原文")

    def _fill(self, spot: Spot, column: str, value: str, shown: str) -> None:
        held = self.work.filled.get(column) or (getattr(self.project, column) if self.project else "")
        if not value or held == value:
            return
        if not held:
            self.work.filled[column] = value
            self.add(spot, NEW, "", shown[:100])
            return
        old = getattr(self.project, f"get_{column}_display", lambda: held)() if self.project else held
        if names.key(str(old)) != names.key(shown):
            self.add(spot, CONFLICT, str(old)[:100], shown[:100], "与档案不一致，没有改动：要改请在项目页修改")

    def _month_of_row(self) -> tuple[int | None, int | None]:
        """The month that the row itself is about, where a column says so."""
        span = self.said.value("month")
        last = span.last if isinstance(span, dates.DateSpan) else None
        return (last.year, last.month) if last else (None, None)


@lru_cache(maxsize=512)
def _choice(choices: Any, text: str) -> str:
    """The choice that a text names."""
    plain = names.tidy(text)
    for value, label in choices.choices:
        if plain == label:
            return str(value)
    near = [value for value, label in choices.choices if len(plain) >= 2 and (plain in label or label in plain)]
    return str(near[0]) if len(near) == 1 else ""
