"""The year's plan: drafted in editions, approved, and withdrawn where it was a slip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from projects import standings
from projects.facts.locking import locked
from projects.models import AnnualPlan, MonthlyTarget, Project, Source
from projects.plans import cutting
from projects.standings.among import listed
from zones import bulk, clock
from zones.models import User


@transaction.atomic
def plan_year(
    project: Project,
    year: int,
    amount: int,
    targets: Sequence[int],
    *,
    carried: int | None = None,
    method: str = AnnualPlan.Method.TYPED,
    reason: str = "",
    source: Source | None = None,
    by: User | None = None,
) -> AnnualPlan:
    """Draft the next edition of the year's plan: yuan for the year, and twelve cumulative targets that end there.

    `carried` is what was completed by the end of last year, in yuan; `method` says how the year was cut down. Telling
    the latest edition again, word for word, changes nothing.
    Raises ValidationError for targets that do not fit, and for a second edition without a reason.
    """
    locked(project)
    draft = Draft(project, year, amount, targets, carried, method, reason)
    ((plan, _),) = plan_years([draft], source=source, by=by)
    return plan


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition of a year's plan, as `plan_year` takes it."""

    project: Project
    year: int
    amount: int
    targets: Sequence[int]
    carried: int | None = None
    method: str = AnnualPlan.Method.TYPED
    reason: str = ""


@transaction.atomic
def plan_years(
    drafts: Sequence[Draft], *, source: Source | None = None, by: User | None = None, holds: bool = False
) -> list[tuple[AnnualPlan, bool]]:
    """The same for many projects, which the caller holds locked, each year of a project once: the editions, and whether
    they are new. A constant number of statements.

    `holds`: the new ones are approved by `by` and hold from today; standings are left for the caller to refresh.
    """
    for draft in drafts:
        cutting.check(draft.amount, draft.targets)
    last = _latest(drafts)
    make = bulk.maker(AnnualPlan, source=source, author=by)
    plans = [_edition(draft, last.get((draft.project.pk, draft.year)), make) for draft in drafts]
    new = [plan for plan, is_new in plans if is_new]
    bulk.check(new, exclude=["project", "source", "author"])
    for plan in new if holds else ():
        plan.status, plan.effective_from, plan.approved_by = AnnualPlan.Status.APPROVED, clock.today(), by
    bulk.insert(new)
    bulk.append(
        MonthlyTarget,
        ["plan_id", "month", "amount"],
        [
            (plan.pk, month, target)
            for draft, (plan, is_new) in zip(drafts, plans, strict=True)
            if is_new
            for month, target in enumerate(draft.targets, start=1)
        ],
    )
    return plans


def _latest(drafts: Sequence[Draft]) -> dict[tuple[int, int], AnnualPlan]:
    """The last edition of each project and year, with its targets at hand."""
    years = sorted({draft.year for draft in drafts})
    rows = AnnualPlan.objects.filter(project__in=listed([draft.project.pk for draft in drafts]), year__in=years)
    return {(plan.project_id, plan.year): plan for plan in rows.order_by("edition").prefetch_related("targets")}


def _edition(draft: Draft, last: AnnualPlan | None, make: Callable[..., AnnualPlan]) -> tuple[AnnualPlan, bool]:
    if last and repeats(last, draft.amount, draft.targets, draft.carried, draft.reason):
        return last, False
    plan = make(project=draft.project, year=draft.year, edition=last.edition + 1 if last else 1)
    plan.amount, plan.carried, plan.method = draft.amount, draft.carried, draft.method
    plan.reason = draft.reason.strip()
    if last and not plan.reason:
        raise ValidationError({"reason": "调整计划须写明原因"})
    if plan.carried is not None and plan.carried < 0:
        raise ValidationError("结转不能小于零")
    return plan, True


def repeats(last: AnnualPlan, amount: int, targets: Sequence[int], carried: int | None, reason: str) -> bool:
    """Whether exactly this is what the edition says, and it stands: a second click."""
    if last.status == AnnualPlan.Status.WITHDRAWN:
        return False
    said = (last.amount, last.carried, last.reason)
    return said == (amount, carried, reason.strip()) and targets_of(last) == list(targets)


def targets_of(plan: AnnualPlan) -> list[int]:
    """The cumulative targets of an edition in yuan, January first."""
    return [target.amount for target in sorted(plan.targets.all(), key=lambda target: target.month)]


@transaction.atomic
def approve_plan(plan: AnnualPlan, *, on: date | None = None, by: User | None = None) -> AnnualPlan:
    """Let the edition hold from a day on (today if left out). Approving again changes nothing.

    Raises ValidationError when a later edition was approved before, and for one that was withdrawn.
    """
    locked(plan.project)
    plan.refresh_from_db()
    if plan.status == AnnualPlan.Status.APPROVED:
        return plan
    if plan.status == AnnualPlan.Status.WITHDRAWN:
        raise ValidationError("这一版已经作废，不能再批准，请另拟一版")
    if AnnualPlan.objects.holding_on(date.max).filter(
        project=plan.project_id, year=plan.year, edition__gt=plan.edition
    ):
        raise ValidationError("更新的一版计划已经批准，旧版不能再批准")
    plan.status, plan.effective_from, plan.approved_by = AnnualPlan.Status.APPROVED, on or clock.today(), by
    plan.save(update_fields=["status", "effective_from", "approved_by"])
    standings.refresh(Project.objects.filter(pk=plan.project_id), clock.today())
    return plan


@transaction.atomic
def withdraw_plan(plan: AnnualPlan, *, reason: str, on: date | None = None, by: User | None = None) -> AnnualPlan:
    """An approved edition was a slip, such as of the unit: it counts no more, for any day, and stays on the list.
    Withdrawing again changes nothing. Only who approves may ask for it (`by`); that is for the doors to see to.

    Raises ValidationError without a reason, and for a draft, which holds nothing anyway.
    """
    locked(plan.project)
    plan.refresh_from_db()
    if plan.status == AnnualPlan.Status.WITHDRAWN:
        return plan
    if plan.status == AnnualPlan.Status.DRAFT:
        raise ValidationError("草稿还没有生效，不用作废：直接另拟一版即可")
    if not reason.strip():
        raise ValidationError({"reason": "作废须写明原因"})
    plan.status, plan.withdrawn_on, plan.withdrawn_by = AnnualPlan.Status.WITHDRAWN, on or clock.today(), by
    plan.withdrawn_reason = reason.strip()
    plan.full_clean(exclude=["project"])
    plan.save(update_fields=["status", "withdrawn_on", "withdrawn_by", "withdrawn_reason"])
    standings.refresh(Project.objects.filter(pk=plan.project_id), clock.today())
    return plan
