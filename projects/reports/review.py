"""What a person decides of a report: which project a mention means, what is not taken over, how a doubt is settled."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from projects.matching import Match, Register, near
from projects.models import Project
from projects.reports.acceptance import Accepted, Desk, wait_for_others
from projects.reports.models import Difference, Mention, Report
from zones import clock

State = Mention.State
# What was not taken over by mistake can still be taken over.
UNDECIDED = (State.WAITING, State.UNCLEAR, State.REFUSED)
DECIDED = "这条提及已经采纳，不能再处理"
SETTLED = "这处不一致已经处理过"


def candidates(mention: Mention, by: Any) -> list[Project]:
    """Projects that the mention may mean and that `by` may write: those of its name, else those of a like name."""
    match = Register.for_zone(mention.report.zone).find(mention.name, mention.aliases)
    meant = {match.pk} if match.pk else {*match.unclear, *match.alike}
    return list(_ours(mention.report, by).filter(pk__in=meant).select_related("zone").order_by("code"))


def called(mention: Mention, code: str, by: Any) -> Project | None:
    """The project of this code, if the report can speak of it and `by` may write it."""
    return _ours(mention.report, by).filter(code=code.strip().upper()).first()


@transaction.atomic
def adopt(mention: Mention, project: Project, *, by: Any = None) -> Accepted:
    """The mention means this project. Raises ValidationError when it was accepted before."""
    desk, mention = _at_desk(mention, by)
    desk.adopt(mention, project)
    return desk.done


@transaction.atomic
def adopt_as_new(mention: Mention, *, by: Any = None) -> tuple[Project, Accepted]:
    """The mention means a project that we do not know yet.

    Raises ValidationError when it was accepted before, or when its zone has a live project of that very name.
    """
    desk, mention = _at_desk(mention, by)
    return desk.open_file(mention, Match()), desk.done


@transaction.atomic
def refuse(mention: Mention, *, reason: str, by: Any = None) -> None:
    """The mention is not taken over. Raises ValidationError without a reason, or when it was accepted before."""
    if not reason.strip():
        raise ValidationError({"reason": "不采纳须写明原因"})
    values = {"state": State.REFUSED, "reason": reason.strip(), "decided_by": by, "decided_on": clock.today()}
    if not Mention.objects.filter(pk=mention.pk, state__in=UNDECIDED).update(**values):
        raise ValidationError(DECIDED)


@transaction.atomic
def settle(difference: Difference, *, resolution: str, by: Any = None) -> None:
    """The doubt is looked into. Raises ValidationError without a word on it, or when that was done before."""
    if not resolution.strip():
        raise ValidationError({"resolution": "请写明处理意见"})
    values = {"open": False, "resolution": resolution.strip(), "resolved_by": by, "resolved_on": clock.today()}
    if not Difference.objects.filter(pk=difference.pk, open=True).update(**values):
        raise ValidationError(SETTLED)


def _at_desk(mention: Mention, by: Any) -> tuple[Desk, Mention]:
    """The desk for one mention, after everybody else who accepts has finished, and the mention as it is then."""
    report = mention.report
    wait_for_others(report.zone)
    mention = Mention.objects.select_for_update(no_key=True).get(pk=mention.pk)
    if mention.state not in UNDECIDED:
        raise ValidationError(DECIDED)
    return Desk.of(report, by, Accepted()), mention


def _ours(report: Report, by: Any) -> QuerySet[Project]:
    return Project.objects.writable_by(by).filter(near(report.zone))
