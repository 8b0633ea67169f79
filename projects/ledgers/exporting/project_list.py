"""The list of projects as a file: what stands two lines to a cell on the screen has columns of its own here.

Rows are read as columns and never as objects: a register of a hundred thousand is exported, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from projects import money
from projects.admin.project import ROLES
from projects.models import Assignment, Phase
from projects.papers.sheets import Cell, Column, Kind
from zones import clock

AT_ONCE: Final = 2000  # rows whose people are looked up together


class Listed(NamedTuple):
    """A row of the list."""

    pk: int
    name: str
    code: str
    phase: str
    zone: str
    zone_in_short: str
    low: int | None
    high: int | None
    qualifier: str
    foreign_low: int | None
    foreign_high: int | None
    currency: str
    foreign_qualifier: str
    light: str | None
    label: str | None
    plan: int | None
    done: int | None
    lag: int | None
    next_kind: str | None
    next_deadline: Any
    is_demo: bool
    terminated_on: Any
    stands_still: bool
    plan_invented: bool
    amount_invented: bool
    step_invented: bool


READ: Final = (
    *("pk", "name", "code", "phase", "zone__name", "zone__short_name", "investment_low", "investment_high"),
    *("investment_qualifier", "foreign_low", "foreign_high", "foreign_currency", "foreign_qualifier"),
    *("standing__light", "standing__light_label", "standing__plan", "standing__done", "standing__lag_elapsed"),
    *("standing__next_kind", "standing__next_deadline", "is_demo", "terminated_on", "stands_still"),
    *("plan_invented", "amount_invented", "step_invented"),
)
Parts = dict[str, tuple[tuple[Column, ...], Callable[[Listed, str], tuple[Cell, ...]]]]


def table(listed: Sequence[Any], rows: Any, unit: str) -> tuple[list[Column], Iterator[list[Cell]]]:
    """Columns and rows of the list, its columns as the screen has them."""
    parts = [_parts(unit)[name] for name in listed if name != "action_checkbox"]
    columns = [column for each, _ in parts for column in each]
    return columns, _rows(rows, [cells for _, cells in parts])


def _rows(rows: Any, parts: Sequence[Callable[[Listed, str], tuple[Cell, ...]]]) -> Iterator[list[Cell]]:
    found = rows.prefetch_related(None).values_list(*READ).iterator(chunk_size=AT_ONCE)
    while chunk := [Listed._make(row) for row in islice(found, AT_ONCE)]:
        people = _people([row.pk for row in chunk])
        for row in chunk:
            who = people.get(row.pk, "未落实")
            yield [cell for part in parts for cell in part(row, who)]


def _people(keys: list[int]) -> dict[int, str]:
    """The first two who stand for each project, as the list shows them."""
    held: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = Assignment.objects.in_force(clock.today()).filter(project__in=keys, role__in=ROLES).order_by("pk")
    told = rows.values_list(
        *("project_id", "role", "user__display_name", "user__username"),
        *("department__short_name", "department__name", "post"),
    )
    rank = {role: at for at, role in enumerate(ROLES)}
    for key, role, *names in told:
        held[key].append((rank[role], next(filter(None, names), "")))
    return {
        key: "、".join(list(dict.fromkeys(who for _, who in sorted(each, key=lambda one: one[0])))[:2])
        for key, each in held.items()
    }


def _parts(unit: str) -> Parts:
    """The columns of the file and their cells, by the column of the screen."""

    def amount(group: str, words: str) -> Column:
        return Column((group, words) if group else (words,), Kind.MONEY, unit=unit, total=True)

    return {
        "lamp": ((Column(("灯",)),), lambda row, _: (_light(row),)),
        "named": (
            (Column(("项目", "名称"), width=36), Column(("项目", "编号")), Column(("项目", "标记"))),
            lambda row, _: (row.name, row.code, _marks(row)),
        ),
        "stage": (
            (Column(("阶段",)), Column(("区域",))),
            lambda row, _: (_PHASES[row.phase], row.zone_in_short or row.zone),
        ),
        "investment_shown": ((amount("总投资", "金额"), Column(("总投资", "说明"))), _invested),
        "done_share": (
            (amount("本年投资", "完成"), amount("本年投资", "计划"), Column(("本年投资", "完成率"), Kind.PERCENT)),
            lambda row, _: (
                row.done,
                row.plan,
                100 * row.done / row.plan if row.plan and row.done is not None else None,
            ),
        ),
        "behind": (
            (Column(("落后时序（百分点，超前为负）",), Kind.NUMBER, width=14),),
            lambda row, _: (None if row.lag is None else row.lag / 100,),
        ),
        "upcoming": (
            (Column(("下一节点", "名称")), Column(("下一节点", "期限"), Kind.DAY)),
            lambda row, _: (row.next_kind, row.next_deadline if row.next_kind else None),
        ),
        "people": ((Column(("责任人 / 单位",)),), lambda _, who: (who,)),
    }


_PHASES: Final = dict(Phase.choices)


def _light(row: Listed) -> str:
    return row.label or ("正常" if row.light == "green" else row.light) or "未判定"


def _marks(row: Listed) -> str:
    invented = row.is_demo or row.plan_invented or row.amount_invented or row.step_invented
    ended = "已终止" if row.terminated_on else "停缓建" if row.stands_still else ""
    return " ".join(filter(None, ("演示" if invented else "", ended)))


def _invested(row: Listed, _: str) -> tuple[Cell, ...]:
    """The amount that the list is ordered by, and in words what else was stated of it."""
    words = []
    if row.high is not None and row.low is not None and (row.qualifier or row.low != row.high):
        words.append(money.show_amount(money.Amount(row.low, row.high, "CNY", row.qualifier)))
    if row.foreign_low is not None and row.foreign_high is not None:
        foreign = money.Amount(row.foreign_low, row.foreign_high, row.currency, row.foreign_qualifier)
        words.append(("另有" if row.high is not None else "") + money.show_amount(foreign))
    return row.high, "，".join(words)
