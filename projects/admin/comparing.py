"""Two editions of a year's plan side by side: what differs, and who said why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.timezone import localtime
from unfold.widgets import SELECT_CLASSES

from projects import money
from projects.admin import columns
from projects.facts.plans import targets_of
from projects.models import AnnualPlan
from projects.models.plan import AnnualPlanQuerySet


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that both editions say."""

    name: str
    older: str
    newer: str

    @property
    def differs(self) -> bool:
        return self.older != self.newer


@dataclass(frozen=True, slots=True)
class Month:
    """A month's cumulative target in both editions."""

    name: str
    older: str
    newer: str
    change: str
    less: bool

    @property
    def differs(self) -> bool:
        return bool(self.change)


def others(plan: AnnualPlan) -> AnnualPlanQuerySet:
    """The other editions of the project's year, the latest first. Who sees one of them sees all."""
    rows = AnnualPlan.objects.filter(project=plan.project_id, year=plan.year).exclude(pk=plan.pk)
    return rows.order_by("-edition")


def build(plan: AnnualPlan, chosen: str) -> dict[str, Any]:
    """What the page shows of `plan` beside the edition with the key `chosen`, else the one before it."""
    found = list(others(plan).select_related("author", "approved_by", "withdrawn_by"))
    before = next((row for row in found if row.edition < plan.edition), None)
    other = next((row for row in found if str(row.pk) == chosen), before or next(iter(found), None))
    context = {"project": plan.project, "others": found, "select_classes": " ".join(SELECT_CLASSES), "older": plan}
    if other is None:
        return context
    older, newer = sorted((plan, other), key=lambda row: row.edition)
    months = _months(targets_of(older), targets_of(newer))
    number = sum(month.differs for month in months)
    return {
        **context,
        "chosen": other.pk,
        "plan": plan,
        "older": older,
        "newer": newer,
        "facts": _facts(older, newer),
        "months": months,
        "differing": f"{number} 个月的目标有变化" if number else "逐月目标没有变化",
    }


def _facts(older: AnnualPlan, newer: AnnualPlan) -> list[Fact]:
    said = [_said(row) for row in (older, newer)]
    return [Fact(name, said[0][name], said[1][name]) for name in said[0] if said[0][name] or said[1][name]]


def _said(row: AnnualPlan) -> dict[str, str]:
    return {
        "年度计划": money.show(row.amount),
        "结转": columns.NOTHING if row.carried is None else money.show(row.carried),
        "分解方法": row.get_method_display(),
        "状态": row.get_status_display(),
        "调整原因": row.reason,
        "编制": str(row.author or ""),
        "录入日期": _day(localtime(row.recorded_at).date()),
        "批准": str(row.approved_by or ""),
        "生效日期": _day(row.effective_from),
        "作废": _withdrawn(row),
    }


def _withdrawn(row: AnnualPlan) -> str:
    return f"{row.withdrawn_on:%Y-%m-%d} {row.withdrawn_by or ''}：{row.withdrawn_reason}" if row.withdrawn_on else ""


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else columns.NOTHING


def _months(older: list[int], newer: list[int]) -> list[Month]:
    """Cumulative targets by month; none of an edition that was never cut down."""
    rows = []
    for month in range(1, 13):
        pair = [targets[month - 1] if len(targets) == 12 else None for targets in (older, newer)]
        off = None if None in pair else (pair[1] or 0) - (pair[0] or 0)
        sign = "+" if off and off > 0 else ""
        change = f"{sign}{money.show(off)}" if off else "有无不同" if pair.count(None) == 1 else ""
        one, two = (columns.NOTHING if yuan is None else money.show(yuan) for yuan in pair)
        rows.append(Month(f"{month}月底", one, two, change, bool(off and off < 0)))
    return rows
