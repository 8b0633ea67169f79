"""Progress told."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from projects import money, standings
from projects.facts.locking import locked
from projects.models import AnnualPlan, Progress, Project, Return, Source
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
    so a word on the site never takes a figure away. Raises ValidationError for a day to come, for figures below zero,
    when nothing is told, and for a 报表 figure of a month whose return is reviewed: that month is locked.
    """
    told: dict[str, Any] = {"amount": amount, "total": total, "percent": percent, "words": words.strip()}
    _check_told(up_to, told)
    locked(project)
    _refuse_locked(project, channel, up_to)
    old = project.progress.filter(channel=channel, up_to=up_to, current=True).first()
    if old:
        told = {name: getattr(old, name) if value in (None, "") else value for name, value in told.items()}
    return keep(project, channel, up_to, told, source=source, by=by)


@transaction.atomic
def keep(
    project: Project, channel: str, up_to: date, told: dict[str, Any], *, source: Source | None, by: User | None
) -> tuple[Progress, bool]:
    """Keep figures as the whole of what the channel tells up to that day, in place of what it told before; see
    `record`. A reviewed return writes by this door.
    """
    _check_told(up_to, told)
    locked(project)
    old = project.progress.filter(channel=channel, up_to=up_to, current=True).first()
    if old and all(getattr(old, name) == value for name, value in told.items()):
        return old, False
    if old:
        Progress.objects.filter(pk=old.pk).update(current=False)
    row = Progress(project=project, channel=channel, up_to=up_to, source=source, recorded_by=by, replaces=old, **told)
    row.full_clean(exclude=["project", "replaces"])
    row.save()
    standings.refresh(Project.objects.filter(pk=project.pk), clock.today())
    return row, True


@transaction.atomic
def restate(row: Progress, up_to: date, told: dict[str, Any], *, by: User | None) -> Progress:
    """Rewrite figures in place while their source is still speaking: what is being typed in a meeting that is not over
    is one statement, not a statement and corrections of it. The caller sees to it that it is, and keeps each step.

    `told` are all of amount, total, percent and words. What the channel told of the same day by another row is
    replaced; what this row replaced on a day that it leaves holds there again. Raises ValidationError as `record` does,
    and for a row that was replaced meanwhile.
    """
    _check_told(up_to, told)
    locked(row.project)
    row = Progress.objects.select_related("project", "replaces").get(pk=row.pk)
    if not row.current:
        raise ValidationError("这条进展已被更正，不能再改写，请重新填报")
    others = Progress.objects.filter(project=row.project, channel=row.channel, up_to=up_to, current=True)
    others.exclude(pk=row.pk).update(current=False)
    left = row.replaces_id if row.replaces and row.up_to != up_to and row.replaces.up_to == row.up_to else None
    for name, value in {**told, "up_to": up_to, "recorded_by": by}.items():
        setattr(row, name, value)
    row.full_clean(exclude=["project", "replaces"])
    row.save()
    Progress.objects.filter(pk=left).update(current=True)
    standings.refresh(Project.objects.filter(pk=row.project_id), clock.today())
    return row


@transaction.atomic
def retract(row: Progress, *, by: User | None) -> None:
    """Take back what was typed by mistake while its source is still speaking (see `restate`): what it replaced on that
    day holds again. Raises ValidationError for a row that was replaced meanwhile.
    """
    locked(row.project)
    row = Progress.objects.select_related("project", "replaces").get(pk=row.pk)
    if not row.current:
        raise ValidationError("这条进展已被更正，不能再撤回")
    Progress.objects.filter(pk=row.pk).update(current=False, recorded_by=by)
    if row.replaces and row.replaces.up_to == row.up_to:
        Progress.objects.filter(pk=row.replaces.pk).update(current=True)
    standings.refresh(Project.objects.filter(pk=row.project_id), clock.today())


def doubt(project: Project, channel: str, up_to: date, amount: int | None) -> str:
    """What makes the year's figure look like a slip of the pen, as a sentence; "" if nothing does."""
    if amount is None:
        return ""
    channels = [channel] if channel == Progress.Channel.STATISTICS else list(standings.TRUST)
    earlier = project.progress.filter(
        current=True, channel__in=channels, up_to__year=up_to.year, up_to__lt=up_to, amount__isnull=False
    ).first()
    if earlier and earlier.amount is not None and amount < earlier.amount:
        return f"比截至{earlier.up_to:%Y-%m-%d}的 {money.show(earlier.amount)} 还少，这里应填从1月起的累计数"
    plan = project.plans.filter(status=AnnualPlan.Status.APPROVED, year=up_to.year).first()
    if plan and plan.amount and amount > UNLIKELY * plan.amount:
        return f"{money.show(amount)} 是年度计划 {money.show(plan.amount)} 的 {UNLIKELY} 倍以上，请核对单位"
    return ""


def _refuse_locked(project: Project, channel: str, up_to: date) -> None:
    if channel != Progress.Channel.REPORTED:
        return
    reviewed = project.returns.filter(month__year=up_to.year, month__month=up_to.month, status=Return.Status.REVIEWED)
    if reviewed.exists():
        raise ValidationError(f"{up_to:%Y}年{up_to.month}月的月报已审核锁定，更正请先由领导批准重新打开")


def _check_told(up_to: date, told: dict[str, Any]) -> None:
    if up_to > clock.today():
        raise ValidationError({"up_to": "截至日期不能晚于今天"})
    if told["words"] == "" and all(told[name] is None for name in ("amount", "total", "percent")):
        raise ValidationError("请至少填写一项：完成投资、形象进度或文字说明")
