"""Which project each row of a ledger means, by the register that serves reports and meetings as well.

Rows that mean one project are judged together. A name that is only alike is left to a person; a new file is opened only
where nothing is near.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from projects import matching, names
from projects.ledgers.said import Said, Tab
from projects.matching import Evidence, Match, Register
from projects.models import Project
from projects.money import Amount
from zones.models import Zone

NEW: Final = "new"
SHOWN: Final = 5  # near ones that a person is offered


@dataclass(slots=True)
class Item:
    """A row with its meaning: `pk` of the project, or `new`; neither where `trouble` says why.

    `kept` is what `LedgerRow.match` holds.
    """

    tab: Tab
    at: int
    number: int
    name: str
    zone: Zone
    pk: int | None = None
    new: bool = False
    trouble: str = ""
    wrong: bool = False
    out: bool = False
    elsewhere: str = ""
    part_of: int = 0
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> Any:
        """Equal for rows of one project."""
        if self.pk is not None:
            return self.pk
        if self.new:
            return self.zone.pk, names.key(self.name), names.marks(self.name)
        return self.tab.sheet, self.number


class Matcher:
    """Matches the rows of one ledger for one person."""

    def __init__(self, zone: Zone, by: Any, decided: Mapping[str, Mapping[str, Any]]) -> None:
        self.zone, self.by, self.decided = zone, by, decided
        self.register = Register.for_zone(zone, by)
        self.zones: dict[str, Zone | None] = {"": zone}

    def items(self, tabs: Iterable[Tab]) -> list[Item]:
        """Every row of data, in the order of the file."""
        found = [self._item(tab, at, tab.identity(row)) for tab in tabs for at, row in tab.rows()]
        return self._settled(found, {item.pk for item, _, _ in found if item.pk is not None})

    def some(self, tabs: Iterable[Tab], which: Collection[tuple[int, int]], apart: set[int]) -> list[Item]:
        """These rows of data (sheet and number), where the others mean the projects `apart`."""
        found = [self._item(tab, at, tab.identity(row)) for tab in tabs for at, row in tab.some(which)]
        return self._settled(found, apart | {item.pk for item, _, _ in found if item.pk is not None})

    def _settled(self, found: list[tuple[Item, Match | None, Evidence]], apart: set[int]) -> list[Item]:
        self.register.apart = apart
        for item, match, evidence in found:
            if match is not None and item.pk is None and not item.trouble:
                self._near(item, match, evidence)
        return [item for item, _, _ in found]

    def _item(self, tab: Tab, at: int, said: Said) -> tuple[Item, Match | None, Evidence]:
        name = names.tidy(said.text("name"))[:300]
        zone = self._zone(said)
        item = Item(tab, at, said.number, name, zone or self.zone, elsewhere="" if zone else said.text("zone"))
        item.part_of = said.part_of
        evidence = _evidence(said, item.zone)
        told = self.decided.get(said.key, {})
        item.out = bool(told.get("out"))
        if not names.key(name) and not (evidence.code or evidence.national_code):
            item.trouble, item.wrong = f"第{said.number}行没有项目名称：请补填，或不导入这一行", True
            return item, None, evidence
        choice = told.get("choice")
        if choice == NEW and name:
            item.new, item.kept = True, {"how": "chosen", "why": "人工选定：新项目"}
            return item, None, evidence
        if isinstance(choice, int):
            self._take(item, choice, "chosen", "人工选定")
            return item, None, evidence
        match = self.register.find(name, (), evidence)
        if match.pk is not None:
            self._take(item, match.pk, match.how, matching.WHY[match.how])
        return item, match, evidence

    def _take(self, item: Item, pk: int, how: str, why: str) -> None:
        if pk not in self.register.known:
            item.trouble = "选定的项目已不在这个区域，请重新选择"
        elif not self.register.may_write(pk):
            item.trouble = f"“{item.name}”是已有项目，但不归您维护，请联系维护它的单位"
        else:
            item.pk, item.kept = pk, {"how": how, "why": why}

    def _near(self, item: Item, match: Match, evidence: Evidence) -> None:
        near = match.unclear or tuple(pk for pk in match.alike if match.likeness.get(pk))
        near = near if match.unclear else tuple(pk for pk in near if pk not in self.register.apart)
        offered = [self._offer(pk, match, evidence) for pk in near if self.register.may_write(pk)][:SHOWN]
        if match.unclear:
            item.trouble = f"同名的已有项目有{len(match.unclear)}个，请选择是哪一个"
        elif near:
            nearest = f"“{offered[0]['name']}”" if offered else "（不归您维护）"
            item.trouble = f"与已有项目{nearest}名称相近，请选择是同一个项目还是新项目"
        elif item.part_of:
            item.trouble = (
                f"是第{item.part_of}行项目的一部分（其中项），金额已含在那一行里："
                "是另一个项目的请选定，不是的请选“不导入这一行”"
            )
        else:
            item.new = True
        item.kept = {"how": match.how, "why": item.trouble or self._why_new(item.name), "near": offered}

    def _why_new(self, name: str) -> str:
        phases = [self.register.known[pk].names[0] for pk in self.register.of_other_phases(name)]
        return f"与“{phases[0]}”期次不同，新建档案" if phases else "没有相同或相近的项目，新建档案"

    def _offer(self, pk: int, match: Match, evidence: Evidence) -> dict[str, Any]:
        known = self.register.known[pk]
        why = [f"名称相似 {match.likeness.get(pk, 0):.0%}", *self.register.supports(pk, evidence)]
        return {"pk": pk, "code": known.code, "name": known.names[0], "why": "，".join(why)}

    def _zone(self, said: Said) -> Zone | None:
        """The zone that the row names, if it is the ledger's or one below it."""
        text = said.text("zone")
        if text not in self.zones:
            named = list(Zone.objects.within(self.zone).named(text)[:2])
            self.zones[text] = named[0] if len(named) == 1 else None
        return self.zones[text]


def _evidence(said: Said, zone: Zone) -> Evidence:
    amount = said.value("investment")
    return Evidence(
        company=names.key(said.text("company")) if said.text("company") else "",
        zone=zone.path,
        amount=amount.high if isinstance(amount, Amount) else None,
        code=said.text("code"),
        national_code=said.text("national_code"),
        credit_code=said.text("credit_code"),
    )


def lock(pks: Sequence[int]) -> None:
    """Hold the projects (keys in their order) until the transaction ends, as a scan does."""
    for first in range(0, len(pks), 1000):
        rows = Project.objects.filter(pk__in=pks[first : first + 1000]).order_by("pk")
        list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))
