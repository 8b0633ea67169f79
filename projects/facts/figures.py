"""Progress told, plans made and approved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from projects import money, standings
from projects.facts.locking import locked
from projects.models import AnnualPlan, MonthlyTarget, Progress, Project, Source
from projects.models.plan import check_targets
from zones import clock
from zones.models import User

UNLIKELY: Final = 3  # so many times the year's plan is a slip of the unit rather than a success


@transaction.atomic
def record(
    project: Project,
    channel: str,
    up_to: date,
    *,
    amount: int | None = None,
    total: int | None = None,
    percent: int | None = None,
    words: str = "",
    source: Source | None = None,
    by: User | None = None,
) -> tuple[Progress, bool]:
    """Tell what was achieved up to a day: yuan since January (`amount`) and since the start (`total`), physical
    progress in percent and in words. The row that holds, and whether anything changed.

    Told again with other figures, the new row replaces the old one, which is kept; what is not told anew still holds,
    so a word on the site never takes a figure away. Raises ValidationError for a day
    to come, for figures below zero, and when nothing is told.
    """
    told: dict[str, Any] = {"amount": amount, "total": total, "percent": percent, "words": words.strip()}
    _check_told(up_to, told)
    locked(project)
    old = project.progress.filter(channel=channel, up_to=up_to, current=True).first()
    if old:
        told = {name: getattr(old, name) if value in (None, "") else value for name, value in told.items()}
    if old and all(getattr(old, name) == value for name, value in told.items()):
        return old, False
    if old:
        Progress.objects.filter(pk=old.pk).update(current=False)
    row = Progress(project=project, channel=channel, up_to=up_to, source=source, recorded_by=by, replaces=old, **told)
    row.full_clean(exclude=["project", "replaces"])
    row.save()
    standings.refresh(Project.objects.filter(pk=project.pk), clock.today())
    return row, True


def doubt(project: Project, channel: str, up_to: date, amount: int | None) -> str:
    """What makes the year's figure look like a slip of the pen, as a sentence; "" if nothing does."""
    if amount is None:
        return ""
    earlier = project.progress.filter(
        current=True, channel=channel, up_to__year=up_to.year, up_to__lt=up_to, amount__isnull=False
    ).first()
    if earlier and earlier.amount is not None and amount < earlier.amount:
        return f"比截至{earlier.up_to:%Y-%m-%d}的 {money.show(earlier.amount)} 还少，这里应填从1月起的累计数"
    plan = project.plans.filter(status=AnnualPlan.Status.APPROVED, year=up_to.year).first()
    if plan and plan.amount and amount > UNLIKELY * plan.amount:
        return f"{money.show(amount)} 是年度计划 {money.show(plan.amount)} 的 {UNLIKELY} 倍以上，请核对单位"
    return ""


@transaction.atomic
def plan_year(
    project: Project,
    year: int,
    amount: int,
    targets: Sequence[int],
    *,
    reason: str = "",
    source: Source | None = None,
    by: User | None = None,
) -> AnnualPlan:
    """Draft the next edition of the year's plan: yuan for the year, and twelve cumulative targets that end there.

    Raises ValidationError for targets that do not fit, and for a second edition without a reason.
    """
    check_targets(amount, list(targets))
    locked(project)
    last = project.plans.filter(year=year).aggregate(last=Max("edition"))["last"] or 0
    plan = AnnualPlan(
        project=project, year=year, edition=last + 1, amount=amount, reason=reason.strip(), source=source, author=by
    )
    plan.full_clean(exclude=["project"])
    plan.save()
    MonthlyTarget.objects.bulk_create(
        MonthlyTarget(plan=plan, month=month, amount=target) for month, target in enumerate(targets, start=1)
    )
    return plan


@transaction.atomic
def approve_plan(plan: AnnualPlan, *, on: date | None = None, by: User | None = None) -> AnnualPlan:
    """Let the edition hold from a day on (today if left out). Approving again changes nothing.

    Raises ValidationError when a later edition was approved before.
    """
    locked(plan.project)
    plan.refresh_from_db()
    if plan.status == AnnualPlan.Status.APPROVED:
        return plan
    if AnnualPlan.objects.holding_on(date.max).filter(
        project=plan.project_id, year=plan.year, edition__gt=plan.edition
    ):
        raise ValidationError("更新的一版计划已经批准，旧版不能再批准")
    plan.status, plan.effective_from, plan.approved_by = AnnualPlan.Status.APPROVED, on or clock.today(), by
    plan.save(update_fields=["status", "effective_from", "approved_by"])
    standings.refresh(Project.objects.filter(pk=plan.project_id), clock.today())
    return plan


def _check_told(up_to: date, told: dict[str, Any]) -> None:
    if up_to > clock.today():
        raise ValidationError({"up_to": "截至日期不能晚于今天"})
    if told["words"] == "" and all(told[name] is None for name in ("amount", "total", "percent")):
        raise ValidationError("请至少填写一项：完成投资、形象进度或文字说明")
