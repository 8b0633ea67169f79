"""What a row says of batches, problems and people."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from projects import dates, names
from projects.ledgers.judging.identity import Identity
from projects.ledgers.judging.works import CONFLICT, NEW, NOTE
from projects.ledgers.known import Held, near_names
from projects.ledgers.said import PEOPLE, Spot
from projects.models import Batch, Problem
from zones.models import Department, User

BATCHES: Final = (("签约", Batch.SIGN), ("开工", Batch.START), ("投产", Batch.PRODUCE))
PROBLEMS: Final = (
    ("用地", Problem.Category.LAND),
    ("土地", Problem.Category.LAND),
    ("规划", Problem.Category.PLANNING),
    ("环评", Problem.Category.ENVIRONMENT),
    ("能评", Problem.Category.ENVIRONMENT),
    ("征迁", Problem.Category.CLEARANCE),
    ("拆迁", Problem.Category.CLEARANCE),
    ("征收", Problem.Category.CLEARANCE),
    ("资金", Problem.Category.MONEY),
    ("融资", Problem.Category.MONEY),
    ("用工", Problem.Category.LABOUR),
    ("水电", Problem.Category.UTILITIES),
    ("电力", Problem.Category.UTILITIES),
    ("供水", Problem.Category.UTILITIES),
    ("许可", Problem.Category.PERMIT),
    ("手续", Problem.Category.PERMIT),
)
_NUMBER: Final = re.compile(r"第?\s*([0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*[期次]|\A\s*第?\s*([0-9]{1,3})\s*\Z")
_NOT_YET: Final = re.compile("拟|未|待|计划|预备|储备|续建|新开工")  # of a group of projects, no batch of a round
_HAN: Final = "零一二三四五六七八九"


class Beside(Identity):
    """Entries in batches, problems, and who stands for the project."""

    def entry(self) -> None:
        spot, round_ = self.said.one.get("batch"), self.said.one.get("period")
        if spot is None:
            self._of_section()
            return
        batches = [batch for word, batch in BATCHES if word in str(spot.value)]
        if not batches:
            self.add(spot, NOTE, "", str(spot.value), "不是签约、开工或投产一批，只保留原文")
            return
        number = _ordinal(str(round_.value)) if round_ else _ordinal(str(spot.value))
        period = self.judge.around.periods.get(number) if number else None
        if number and period is None:
            self.add(round_ or spot, NOTE, "", f"第{number}期", f"没有登记第{number}期，按期次不详入批：请先登记期次")
        for batch in batches:
            at = batch.value, period.pk if period else None
            listed_ = {kept for kept, _ in self.known.entries} if period is None else set()
            if at in self.known.entries or batch.value in listed_:
                continue
            self.known.entries.add(at)
            self.work.listings.append((batch.value, period, ""))
            self.add(spot, NEW, "", f"{period or '期次不详'} {batch.label}")

    def _of_section(self) -> None:
        """The batch that title and section say of a list of 三个一批: 第八次“三个一批” over 一、签约项目."""
        table, spot = self.said.table.table, self.said.one.get("name")
        number = _ordinal(table.round) if table.round else None
        if number is None or spot is None:
            return
        for section in (*reversed(self.said.group), table.section, table.round):
            batches = [batch for word, batch in BATCHES if word in section and not _NOT_YET.search(section)]
            if len(batches) == 1:
                break
        else:
            return
        period = self.judge.around.periods.get(number)
        batch = batches[0].value
        at = batch, period.pk if period else None
        if at in self.known.entries or (period is None and batch in {kept for kept, _ in self.known.entries}):
            return
        self.known.entries.add(at)
        self.work.listings.append((batch, period, ""))
        told = f"按标题“{table.round}”" + (f"和“{section}”" if section != table.round else "")
        told += "" if period else f"；没有登记第{number}期，按期次不详入批：请先登记期次"
        self.add(spot, NEW, "", f"{period or '期次不详'} {batches[0].label}", told)

    def problem(self) -> None:
        for code in ("problem", "wanted"):
            spot = self.said.one.get(code)
            whole = names.tidy(str(spot.value)) if spot else ""
            title = whole[:200].strip()
            # Several stand in one cell as we give them out: 用地；用电.
            known = {part.strip() for part in whole.split("；")} <= self.known.problems
            if spot is None or not title:
                continue
            closed = self.said.value("closed") is True or self._day_of("closed_on") is not None
            if known or title in self.known.problems:
                if closed and title in self.known.unsolved:
                    self.add(spot, NOTE, "", title, "台账写明已解决，这里还没有销号：请在问题页销号")
                continue
            if closed:
                self.add(spot, NOTE, "", title, "台账写明已解决，没有列为问题")
                continue
            self.known.problems.add(title)
            raised = self._day_of("raised_on") or self._day_of("filled_on") or self.judge.on
            raised, deadline = min(raised, self.judge.today), self._day_of("deadline")
            if deadline and deadline < raised:
                self.add(spot, NOTE, "", f"{deadline:%Y-%m-%d}", "完成时限早于提出日期，时限没有读入")
                deadline = None
            unit = self.said.value("problem_units")
            units = [self.judge.around.department(name) for name in unit] if isinstance(unit, tuple) else []
            told = self.said.text("problem_category") or title
            category = next((kind for word, kind in PROBLEMS if word in told), Problem.Category.OTHER)
            self.work.raisings.append(
                {
                    **{"title": title, "category": category, "raised_on": raised, "deadline": deadline},
                    **{"solution": self.said.text("solution"), "department": next(filter(None, units), None)},
                }
            )
            self.add(spot, NEW, "", title, f"完成时限 {deadline:%Y-%m-%d}" if deadline else "")

    def _day_of(self, code: str) -> date | None:
        span = self.said.value(code)
        return span.last if isinstance(span, dates.DateSpan) else None

    def people(self) -> None:
        for code, role in PEOPLE.items():
            spot = self.said.one.get(code)
            if spot is not None and isinstance(spot.value, tuple):
                self._people(spot, role)

    def _people(self, spot: Spot, role: str) -> None:
        held = self.known.people[role]
        told, unknown = [], []
        for name in spot.value:
            user = None if role == "unit" else self.judge.around.user(name)
            unit = self.judge.around.department(name) if user is None else None
            told.append((user, unit)) if user or unit else unknown.append(name)
        if unknown:
            shown = "、".join(unknown)[:100]
            self.add(
                spot,
                NOTE,
                "",
                shown,
                f"“{shown}”不是本区登记的{'单位' if role == 'unit' else '人员或单位'}，只保留原文",
            )
        there = {(row.user_id, row.department_id) for row in held}
        new = [each for each in told if _keys(*each) not in there]
        if not new:
            return
        shown = "、".join(str(user or unit) for user, unit in new)
        if held and not there & {_keys(*each) for each in told}:
            self.add(spot, CONFLICT, near_names(held), shown, "与现在登记的不一致，没有改动：要改请在项目页调整")
            return
        for user, unit in new:
            self.work.posts.append((role, user, unit))
            held.append(Held(*_keys(user, unit), str(user or unit)))
        self.add(spot, NEW, "", shown)


def _keys(user: User | None, unit: Department | None) -> tuple[int | None, int | None]:
    return user.pk if user else None, unit.pk if unit else None


def _ordinal(text: str) -> int | None:
    """第九期 → 9."""
    match = _NUMBER.search(text)
    if not match:
        return None
    plain = match[1] or match[2]
    if plain.isdecimal():
        return int(plain)
    tens, ten, ones = plain.rpartition("十")
    value = 10 * (_HAN.index(tens) if tens else 1) if ten else 0
    return value + (_HAN.index(ones) if ones else 0)
