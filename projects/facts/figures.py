"""Progress told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from projects import money, standings
from projects.facts.locking import locked
from projects.models import AnnualPlan, Progress, Project, Return, Source
from projects.standings.among import listed
from zones import bulk, clock
from zones.models import User

UNLIKELY: Final = 3  # so many times the year's plan is a slip of the unit rather than a success


@dataclass(frozen=True, slots=True)
class Telling:
    """What a channel tells of a project up to a day: amount, total, percent and words, as `record` takes them."""

    project: Project
    channel: str
    up_to: date
    told: Mapping[str, Any]


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
    (kept,) = record_many([Telling(project, channel, up_to, told)], source=source, by=by)
    _refresh(project, kept)
    return kept


@transaction.atomic
def record_many(
    tellings: Sequence[Telling], *, source: Source | None = None, by: User | None = None
) -> list[tuple[Progress, bool]]:
    """The same of many projects, which the caller holds locked, in a constant number of statements; each channel and
    day of a project once. Standings are left for the caller to refresh.
    """
    for each in tellings:
        _check_told(each.up_to, dict(each.told))
    _refuse_locked(tellings)
    held = _held(tellings)
    whole = []
    for each in tellings:
        old = held.get((each.project.pk, each.channel, each.up_to))
        still = {name: getattr(old, name) for name, value in each.told.items() if old and value in (None, "")}
        whole.append(replace(each, told={**each.told, **still}))
    return _keep(whole, held, source=source, by=by)


@transaction.atomic
def keep(
    project: Project, channel: str, up_to: date, told: dict[str, Any], *, source: Source | None, by: User | None
) -> tuple[Progress, bool]:
    """Keep figures as the whole of what the channel tells up to that day, in place of what it told before; see
    `record`. A reviewed return writes by this door.
    """
    _check_told(up_to, told)
    locked(project)
    one = [Telling(project, channel, up_to, told)]
    (kept,) = _keep(one, _held(one), source=source, by=by)
    _refresh(project, kept)
    return kept


Held = dict[tuple[int, str, date], Progress]


def _held(tellings: Sequence[Telling]) -> Held:
    """What the channels of these projects tell now, by project, channel and day."""
    days = sorted({each.up_to for each in tellings})
    rows = Progress.objects.filter(
        project__in=listed([each.project.pk for each in tellings]), up_to__in=days, current=True
    )
    return {(row.project_id, row.channel, row.up_to): row for row in rows}


def _keep(
    tellings: Sequence[Telling], held: Held, *, source: Source | None, by: User | None
) -> list[tuple[Progress, bool]]:
    make = bulk.maker(Progress, source=source, recorded_by=by)
    kept: list[tuple[Progress, bool]] = []
    for each in tellings:
        old = held.get((each.project.pk, each.channel, each.up_to))
        if old and all(getattr(old, name) == value for name, value in each.told.items()):
            kept.append((old, False))
            continue
        row = make(project=each.project, channel=each.channel, up_to=each.up_to, replaces=old, **each.told)
        kept.append((row, True))
    new = [row for row, is_new in kept if is_new]
    bulk.check(new, exclude=["project", "source", "recorded_by", "replaces"])
    replaced = [row.replaces_id for row in new if row.replaces_id]
    if replaced:
        Progress.objects.filter(pk__in=listed(replaced)).update(current=False)
    bulk.insert(new)
    return kept


def _refresh(project: Project, kept: tuple[Progress, bool]) -> None:
    if kept[1]:
        standings.refresh(Project.objects.filter(pk=project.pk), clock.today())


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


def _refuse_locked(tellings: Sequence[Telling]) -> None:
    told = [each for each in tellings if each.channel == Progress.Channel.REPORTED]
    if not told:
        return
    months = sorted({(each.up_to.year, each.up_to.month) for each in told})
    of_months = Q(*(Q(month__year=year, month__month=month) for year, month in months), _connector=Q.OR)
    projects = listed([each.project.pk for each in told])
    rows = Return.objects.filter(of_months, project__in=projects, status=Return.Status.REVIEWED)
    reviewed = {(pk, day.year, day.month) for pk, day in rows.values_list("project_id", "month")}
    for each in told:
        if (each.project.pk, each.up_to.year, each.up_to.month) in reviewed:
            when = f"{each.up_to:%Y}年{each.up_to.month}月"
            raise ValidationError(f"{when}的月报已审核锁定，更正请先由领导批准重新打开")


def _check_told(up_to: date, told: dict[str, Any]) -> None:
    if up_to > clock.today():
        raise ValidationError({"up_to": "截至日期不能晚于今天"})
    if told["words"] == "" and all(told[name] is None for name in ("amount", "total", "percent")):
        raise ValidationError("请至少填写一项：完成投资、形象进度或文字说明")
    if any(told[name] is not None and told[name] < 0 for name in ("amount", "total")):
        raise ValidationError("完成投资不能小于零")
    if told["percent"] is not None and not 0 <= told["percent"] <= 100:
        raise ValidationError("形象进度应在 0 到 100 之间")
