"""What a person decides of a report: which project a mention means, what is put right, what is not taken over, how a
doubt is settled; and how each such step is taken back.
"""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from projects import names
from projects.dates import DateSpan
from projects.matching import near
from projects.models import Project
from projects.reports import corrections, proposing, undoing
from projects.reports.acceptance import Accepted, Desk, told_by, wait_for_others
from projects.reports.models import Difference, Mention, MentionEvent, Report
from projects.reports.proposing import Candidate as Candidate
from projects.reports.proposing import Proposal as Proposal
from projects.reports.proposing import proposal as proposal
from projects.reports.proposing import register_for as register_for
from projects.reports.undoing import undo as undo
from zones import clock
from zones.models import Zone

State = Mention.State
What = MentionEvent.What
# What was not taken over by mistake can still be taken over.
UNDECIDED: Final = (State.WAITING, State.UNCLEAR, State.REFUSED)
DECIDED: Final = "这条提及已经采纳，不能再处理"
JOINED: Final = "这条提及已经并入另一条，不能再处理"
SETTLED: Final = "这处不一致已经处理过"


def candidates(mention: Mention, by: Any) -> list[Project]:
    """Projects that the mention may mean and that `by` may write: those of its name, else those of a like name."""
    found = proposal(mention, register_for(mention.report, by))
    meant = [one.pk for one in found.candidates]
    return list(_ours(mention.report, by).filter(pk__in=meant).select_related("zone").order_by("code"))


def called(mention: Mention, code: str, by: Any) -> Project | None:
    """The project of this code, if the report can speak of it and `by` may write it."""
    return _ours(mention.report, by).filter(code=code.strip().upper()).first()


@transaction.atomic
def accept(mention: Mention, *, by: Any = None) -> Accepted:
    """Do what the proposal says. Raises ValidationError where it leaves the choice to a person, or allows nothing, or
    when the mention was decided before.
    """
    desk, mention = _at_desk(mention, by)
    found = proposal(mention, desk.register)
    if found.kind in (proposing.CHOOSE, proposing.BLOCKED):
        raise ValidationError(found.why)
    if found.kind == proposing.NEW:
        desk.open_file(mention, found.match)
    else:
        desk.adopt(mention, proposing.project_of(found))
    return desk.finish()


@transaction.atomic
def adopt(mention: Mention, project: Project, *, by: Any = None) -> Accepted:
    """The mention means this project. Raises ValidationError when it was accepted before."""
    desk, mention = _at_desk(mention, by)
    desk.adopt(mention, project)
    return desk.finish()


@transaction.atomic
def adopt_as_new(mention: Mention, *, by: Any = None) -> tuple[Project, Accepted]:
    """The mention means a project that we do not know yet.

    Raises ValidationError when it was accepted before, or when its zone has a live project of that very name.
    """
    desk, mention = _at_desk(mention, by)
    project = desk.open_file(mention, proposal(mention, desk.register).match, asked=False)
    return project, desk.finish()


@transaction.atomic
def accept_certain(report: Report, *, by: Any = None) -> Accepted:
    """Accept every open mention whose proposal is certain, as one step. The others stay as they are."""
    desk = Desk.at(report, by)
    for mention in desk.waiting():
        found = proposal(mention, desk.register)
        if found.certain and found.kind == proposing.SAME:
            desk.adopt(mention, proposing.project_of(found))
        elif found.certain and found.kind == proposing.NEW:
            desk.open_file(mention, found.match)
    return desk.finish()


@transaction.atomic
def refuse(mention: Mention, *, reason: str, by: Any = None) -> None:
    """The mention is not taken over. Raises ValidationError without a reason, or when it was accepted before."""
    if not reason.strip():
        raise ValidationError({"reason": "不采纳须写明原因"})
    mention = _open(mention)
    before = undoing.snapshot(mention)
    mention.state, mention.reason = State.REFUSED, reason.strip()[:300]
    mention.decided_by, mention.decided_on = by, clock.today()
    mention.save(update_fields=["state", "reason", "decided_by", "decided_on"])
    undoing.log(mention, What.REFUSED, mention.reason, before, by=by)


@transaction.atomic
def correct(mention: Mention, told: dict[str, str], *, by: Any = None) -> Mention:
    """Put what a person types in place of what was read: `told` by the fields of `corrections.LABELS`, as typed; ""
    takes a value away. What was read stays, and the same as read takes a correction back.

    Raises ValidationError by field for what is no value of it, and when the mention was accepted before.
    """
    mention = _open(mention)
    before = undoing.snapshot(mention)
    changed = _read(mention, told)
    if not changed:
        return mention
    kept = dict(mention.corrected)
    for field, value in changed.items():
        kept.pop(field, None)
        if value != _as_read(mention, field):
            typed = told[field].strip()
            kept[field] = {"value": value, "typed": typed, "read": _as_read(mention, field), **told_by(by)}
        if field in corrections.COLUMNS:
            setattr(mention, corrections.COLUMNS[field], "" if value is None and field != "period" else value)
    mention.corrected, mention.key = kept, names.key(mention.name)
    if "batch" in changed and not mention.batch:
        mention.period_role = ""
    mention.save(
        update_fields=["corrected", "name", "key", "batch", "period", "period_role", "status", "zone_text"],
    )
    words = "、".join(corrections.LABELS[field] for field in changed)
    undoing.log(mention, What.CORRECTED, f"更正{words}", before, by=by)
    return mention


@transaction.atomic
def join(mention: Mention, into: Mention, *, by: Any = None) -> None:
    """The mention repeats another one of its report: what it says is said of that one's project.

    Raises ValidationError when either was decided otherwise, or when others are joined to the mention.
    """
    wait_for_others(mention.report.zone)
    mention, into = _open(mention), Mention.objects.select_for_update(no_key=True).get(pk=into.pk)
    if into.pk == mention.pk or into.report_id != mention.report_id:
        raise ValidationError("只能并入同一篇报道的另一条提及")
    if into.state in (State.JOINED, State.REFUSED):
        raise ValidationError(f"“{into.name}”{into.get_state_display()}，不能并入它，请并入另一条")
    if mention.joined.exists():
        raise ValidationError(f"已有别的提及并入“{mention.name}”，请反过来合并")
    before = undoing.snapshot(mention)
    mention.state, mention.joined_to, mention.reason = State.JOINED, into, ""
    mention.decided_by, mention.decided_on = by, clock.today()
    mention.notes = []
    desk = Desk.of(mention.report, by)
    if into.state == State.ACCEPTED:
        desk.join(mention, into, before)
    else:
        mention.save(update_fields=["state", "joined_to", "reason", "decided_by", "decided_on", "notes"])
        undoing.log(mention, What.JOINED, f"并入“{into.name}”"[:500], before, by=by)
    desk.finish()


@transaction.atomic
def settle(difference: Difference, *, resolution: str, by: Any = None) -> None:
    """The doubt is looked into. Raises ValidationError without a word on it, or when that was done before."""
    if not resolution.strip():
        raise ValidationError({"resolution": "请写明处理意见"})
    values = {"open": False, "resolution": resolution.strip(), "resolved_by": by, "resolved_on": clock.today()}
    if not Difference.objects.filter(pk=difference.pk, open=True).update(**values):
        raise ValidationError(SETTLED)


def _read(mention: Mention, told: dict[str, str]) -> dict[str, Any]:
    """The typed values that differ from what holds now. Raises ValidationError by field."""
    report, errors, found = mention.report, dict[str, str](), dict[str, Any]()
    span = DateSpan(report.published_first, report.published_last, report.published_precision)
    for field, typed in told.items():
        if field not in corrections.LABELS:
            raise ValidationError(f"没有“{field}”这一项")
        try:
            value = corrections.read(field, typed, span if report.is_dated else None)
        except corrections.Unreadable as error:
            errors[field] = str(error)
            continue
        if refused := _refused(field, value, report):
            errors[field] = refused
        elif value != _now(mention, field):
            found[field] = value
    if errors:
        raise ValidationError(dict(errors))
    return found


def _refused(field: str, value: Any, report: Report) -> str:
    if field == "name" and not names.key(value or ""):
        return "项目名称不能为空；不是项目的请选“不采纳”"
    if field == "zone" and value and not Zone.objects.within(report.zone).named(value).exists():
        return f"“{value}”不是{report.zone}或它下面的区域"
    return ""


def _now(mention: Mention, field: str) -> Any:
    kept = mention.corrected.get(field)
    return kept["value"] if kept else _as_read(mention, field)


def _as_read(mention: Mention, field: str) -> Any:
    """The value as it was read, None where nothing was."""
    if field in corrections.DAYS:
        role = corrections.DAYS[field]
        days = [day["value"] for day in mention.stated.get("dates", []) if (day["role"], day["certainty"]) == role]
        return days[0] if days else None
    if field in corrections.COLUMNS:
        kept = mention.corrected.get(field)
        return kept["read"] if kept else getattr(mention, corrections.COLUMNS[field]) or None
    stated = mention.stated.get(field)
    return stated["value"] if stated else None


def _open(mention: Mention) -> Mention:
    """The mention as it is now, held. Raises ValidationError when it is decided."""
    mention = Mention.objects.select_for_update(no_key=True, of=("self",)).select_related("report").get(pk=mention.pk)
    if mention.state not in UNDECIDED:
        raise ValidationError(JOINED if mention.state == State.JOINED else DECIDED)
    return mention


def _at_desk(mention: Mention, by: Any) -> tuple[Desk, Mention]:
    """The desk for one mention, after everybody else who accepts has finished, and the mention as it is then."""
    desk = Desk.at(mention.report, by)
    return desk, _open(mention)


def _ours(report: Report, by: Any) -> QuerySet[Project]:
    return Project.objects.writable_by(by).filter(near(report.zone))
