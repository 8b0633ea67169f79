"""The arithmetic of a month's return: what contradicts itself, and what wants an explanation. Pure.

The identities are those of the statistics form: 自年初累计 = 本月 + 上月自年初累计 = 建筑工程 + 安装工程 +
设备工器具购置 + 其他费用; of a project of earlier years 自开始建设累计 = 上年自开始建设累计 + 本年自年初累计.
What wants a note is what a zone's office asks about: a cumulative figure that fell, a month of more than half the
year's plan, more than the year's plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from projects import money
from projects.models.monthly import CLAIMS


class Kind(StrEnum):
    """What a finding does: it keeps the return from being submitted, asks for a note, or is only said."""

    BLOCKS = "blocks"
    ASKS = "asks"
    SAYS = "says"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: a code for programs, a sentence for people, and the fields it is about."""

    code: str
    sentence: str
    fields: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Told:
    """What a return says. Money in yuan, None where nothing is told; `claims`: step to its day, or None."""

    month: date
    this_month: int | None = None
    year_to_date: int | None = None
    since_start: int | None = None
    building: int | None = None
    installation: int | None = None
    equipment: int | None = None
    other: int | None = None
    percent: int | None = None
    note: str = ""
    claims: dict[str, date | None] = field(default_factory=dict)
    photos: int = 0

    @property
    def parts(self) -> tuple[int | None, ...]:
        return self.building, self.installation, self.equipment, self.other


@dataclass(frozen=True, slots=True)
class Known:
    """What was known before the return, in yuan, None where nothing is.

    `last` is the year to date by the end of the month before (0 in January), `earlier` the latest figure of the year
    before this month with the month it is of, `since` and `percent` the latest ones of any month before, `opening`
    what had been done up to the end of last year, and where that is from; `done` the steps that are done already.
    """

    plan: int | None = None
    last: int | None = None
    earlier: int | None = None
    earlier_month: date | None = None
    since: int | None = None
    since_is_last: bool = False
    percent: int | None = None
    opening: int | None = None
    opening_from: str = ""
    done: frozenset[str] = frozenset()


def check(told: Told, known: Known) -> list[Finding]:
    """Everything that is to be said of the return: first what blocks, then what asks for a note, then the rest."""
    rules = (_missing, _year, _parts, _start, _claims, _falls, _jump, _beyond_plan)
    found = [finding for rule in rules for finding in rule(told, known)]
    return sorted(found, key=lambda finding: list(Kind).index(finding.kind))


def blocking(findings: list[Finding]) -> list[Finding]:
    """Those that keep the return from being submitted."""
    return [finding for finding in findings if finding.kind is Kind.BLOCKS]


def asking(findings: list[Finding], note: str) -> list[Finding]:
    """Those that ask for a note that is not there."""
    return [] if note.strip() else [finding for finding in findings if finding.kind is Kind.ASKS]


def propose(told: Told, known: Known) -> dict[str, int]:
    """Figures, in yuan, that follow from what is told and known, for fields in which nothing is told."""
    month, year = told.this_month, told.year_to_date
    found: dict[str, int] = {}
    if year is None and any(part is not None for part in told.parts):
        found["year_to_date"] = year = _sum(told.parts)
    if year is None and month is not None and known.last is not None and known.last + month >= 0:
        found["year_to_date"] = year = known.last + month
    if month is None and year is not None and known.last is not None:
        found["this_month"] = month = year - known.last
    if told.since_start is None:
        if known.opening is not None and year is not None:
            found["since_start"] = known.opening + year
        elif known.since_is_last and known.since is not None and month is not None and known.since + month >= 0:
            found["since_start"] = known.since + month
    return found


# ---- The identities --------------------------------------------------------------------------------
def _missing(told: Told, known: Known) -> Iterator[Finding]:
    derived = propose(told, known)
    if told.year_to_date is None and "year_to_date" not in derived:
        yield Finding("missing", "请填自年初累计完成投资（没有完成的填 0）", ("year_to_date",), Kind.BLOCKS)
    elif told.this_month is None and "this_month" not in derived:
        yield Finding("missing", "请填本月完成投资（没有完成的填 0）", ("this_month",), Kind.BLOCKS)


def _year(told: Told, known: Known) -> Iterator[Finding]:
    if told.this_month is None or told.year_to_date is None:
        return
    if known.last is None:
        yield Finding(
            "year_unchecked",
            "上月没有年内累计数，没有核对“自年初累计 = 本月完成 + 上月累计”",
            ("this_month", "year_to_date"),
            Kind.SAYS,
        )
        return
    expected = known.last + told.this_month
    if expected != told.year_to_date:
        yield Finding(
            "year",
            f"自年初累计 {_yuan(told.year_to_date)} 不等于上月累计 {_yuan(known.last)} + 本月完成 "
            f"{_yuan(told.this_month)} = {_yuan(expected)}，{_off(told.year_to_date, expected)}",
            ("this_month", "year_to_date"),
            Kind.BLOCKS,
        )


def _parts(told: Told, known: Known) -> Iterator[Finding]:
    fields = ("year_to_date", "building", "installation", "equipment", "other")
    if told.year_to_date is None:
        return
    if all(part is None for part in told.parts):
        yield Finding("parts_unchecked", "没有填投资构成，没有核对四项之和", fields[1:], Kind.SAYS)
        return
    total = _sum(told.parts)
    if total != told.year_to_date:
        yield Finding(
            "parts",
            f"建筑工程、安装工程、设备工器具购置、其他费用四项之和 {_yuan(total)} 不等于自年初累计 "
            f"{_yuan(told.year_to_date)}，{_off(total, told.year_to_date)}（四项也从1月起累计）",
            fields,
            Kind.BLOCKS,
        )


def _start(told: Told, known: Known) -> Iterator[Finding]:
    since, year = told.since_start, told.year_to_date
    if since is None or year is None:
        return
    fields = ("since_start", "year_to_date")
    if known.opening is not None:
        expected = known.opening + year
        if since != expected:
            yield Finding(
                "start",
                f"自开工累计 {_yuan(since)} 不等于上年末累计 {_yuan(known.opening)}（{known.opening_from}）"
                f"+ 自年初累计 {_yuan(year)} = {_yuan(expected)}，{_off(since, expected)}",
                fields,
                Kind.BLOCKS,
            )
    elif since < year:
        yield Finding("start", f"自开工累计 {_yuan(since)} 小于自年初累计 {_yuan(year)}，请核对", fields, Kind.BLOCKS)
    else:
        said = "上年末自开工累计不详，没有核对“自开工累计 = 上年末累计 + 自年初累计”"
        yield Finding("start_unchecked", said, fields, Kind.SAYS)


def _claims(told: Told, known: Known) -> Iterator[Finding]:
    claimed = {kind: day for kind, day in told.claims.items() if kind not in known.done}
    for kind, day in claimed.items():
        name = CLAIMS[kind]
        if day is None:
            yield Finding("claim_date", f"申报{name}须填{name}日期", (f"{kind}_on",), Kind.BLOCKS)
        elif day > told.month:
            yield Finding(
                "claim_date",
                f"{name}日期 {day:%Y-%m-%d} 晚于本月最后一天，请在当月月报中申报",
                (f"{kind}_on",),
                Kind.BLOCKS,
            )
    if claimed and not told.photos:
        steps = "、".join(CLAIMS[kind] for kind in claimed)
        yield Finding("claim_photo", f"申报{steps}须附现场照片", ("photos",), Kind.BLOCKS)


# ---- What wants a note -----------------------------------------------------------------------------
def _falls(told: Told, known: Known) -> Iterator[Finding]:
    if told.year_to_date is not None and known.earlier is not None and told.year_to_date < known.earlier:
        when = f"{known.earlier_month.month}月" if known.earlier_month else "此前"
        said = f"自年初累计 {_yuan(told.year_to_date)} 比{when}的 {_yuan(known.earlier)} 减少，请在情况说明里写明原因"
        yield Finding("fell", said, ("year_to_date", "note"), Kind.ASKS)
    if told.since_start is not None and known.since is not None and told.since_start < known.since:
        said = f"自开工累计 {_yuan(told.since_start)} 比此前的 {_yuan(known.since)} 减少，请在情况说明里写明原因"
        yield Finding("fell_start", said, ("since_start", "note"), Kind.ASKS)
    if told.percent is not None and known.percent is not None and told.percent < known.percent:
        said = f"形象进度 {told.percent}% 比此前的 {known.percent}% 倒退，请在情况说明里写明原因"
        yield Finding("fell_percent", said, ("percent", "note"), Kind.ASKS)


def _jump(told: Told, known: Known) -> Iterator[Finding]:
    if told.this_month is None or not known.plan or 2 * abs(told.this_month) <= known.plan:
        return
    said = f"本月完成 {_yuan(told.this_month)} 超过年度计划 {_yuan(known.plan)} 的一半，请核对单位，属实的写明情况说明"
    yield Finding("jump", said, ("this_month", "note"), Kind.ASKS)


def _beyond_plan(told: Told, known: Known) -> Iterator[Finding]:
    if told.year_to_date is None:
        return
    if known.plan is None:
        said = "没有已批准的年度计划，没有与计划核对"
        yield Finding("plan_unchecked", said, ("year_to_date",), Kind.SAYS)
    elif told.year_to_date > known.plan:
        said = f"自年初累计 {_yuan(told.year_to_date)} 超过年度计划 {_yuan(known.plan)}，请核对单位，属实的写明情况说明"
        yield Finding("over_plan", said, ("year_to_date", "note"), Kind.ASKS)


def _sum(parts: tuple[int | None, ...]) -> int:
    """Cells left empty count as nothing, as on the paper form, once any of the four is filled in."""
    return sum(part or 0 for part in parts)


def _yuan(yuan: int) -> str:
    return money.show(yuan, "万元")


def _off(told: int, expected: int) -> str:
    return f"{'多' if told > expected else '少'} {_yuan(abs(told - expected))}"
