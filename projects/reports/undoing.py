"""Steps of the review: what each wrote, and how the last one is taken back.

Every step on a mention is a `MentionEvent`. Its `made` is all that is written in the core for the mention after the
step, as `Made`. Taking a step back withdraws what it wrote and puts the mention's own columns back to `before`; nothing
is deleted. Where somebody has built on it since, it stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models, transaction

from projects import claims, facts
from projects.alerts.models import Alert
from projects.models import Claim, Entry, Milestone, MilestoneChange, Project, ProjectAlias
from projects.reports.models import Mention, MentionEvent, Report

REASON: Final = "撤销采纳"
REREAD: Final = "改用重新读取的结果"
NOTHING_LEFT: Final = "没有可以撤销的操作"
KEPT: Final = (
    *("name", "key", "aliases", "zone_text", "batch", "period", "period_role", "status", "state", "project_id"),
    *("notes", "corrected", "joined_to_id", "proposed", "reason", "decided_by_id", "decided_on", "stated"),
    *("confidence", "doubts", "start", "end"),
)
# Written by machines when facts change: nobody built anything by them. Whoever told people something by hand left a row
# of its own as well.
BY_ITSELF: Final = ("projects.Standing", "projects.StandingMonth", "projects_notices.Notice")
FILE: Final = ("name", "national_code", "zone_id", "company_id", "parent_id", "category", "importance", "content")
WHO: Final = ("recorded_by", "by", "author", "created_by", "decided_by", "sent_by", "filled_by", "asked_by")


@dataclass(slots=True)
class Made:
    """What is written in the core for a mention. `created`: a step of the mention opened the project's file, which then
    held `file`. `columns` is what was typed in its mirrored columns before; `claims`, `aliases`, `entries` and
    `changes` (of milestones) are ids; `over` are claims that were chosen before ours, `picked` those of ours that the
    step chose.
    """

    project: int
    created: bool = False
    columns: dict[str, Any] = field(default_factory=dict)
    file: dict[str, Any] = field(default_factory=dict)
    claims: list[int] = field(default_factory=list)
    aliases: list[int] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    over: list[int] = field(default_factory=list)
    picked: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Made:
        return cls(**plain)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def file_of(project: Project) -> dict[str, Any]:
    """What people type in a project's file."""
    return {name: getattr(project, name) for name in FILE}


def current(mention: Mention) -> MentionEvent | None:
    """The step that says what is written for an accepted mention now."""
    return mention.events.filter(undone_by=None).exclude(made={}).order_by("-pk").first()


def snapshot(mention: Mention) -> dict[str, Any]:
    """The mention's own columns, for putting them back."""
    values = {name: getattr(mention, name) for name in KEPT}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def event(
    mention: Mention,
    what: str,
    told: str,
    before: dict[str, Any],
    *,
    by: Any,
    made: dict[str, Any] | None = None,
    bundle: uuid.UUID | None = None,
) -> MentionEvent:
    """A step, not stored yet."""
    return MentionEvent(
        mention=mention, what=what, told=told, before=before, made=made or {}, by=by, bundle=bundle or uuid.uuid4()
    )


def log(mention: Mention, what: str, told: str, before: dict[str, Any], *, by: Any) -> MentionEvent:
    """A step that wrote nothing in the core, stored."""
    row = event(mention, what, told, before, by=by)
    row.save()
    return row


@transaction.atomic
def undo(report: Report, *, by: Any) -> str:
    """Take back the last step of `by` on the report that stands; the sentence says what.

    Raises ValidationError when there is none, or when somebody built on it: the sentence then says what.
    """
    from projects.reports.acceptance import wait_for_others

    wait_for_others(report.zone)
    list(report.mentions.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk"))
    steps = _last(report, by)
    if not steps:
        raise ValidationError(NOTHING_LEFT)
    # Whoever is writing for these projects at the moment is waited for, and seen.
    held = Project.objects.filter(pk__in=[step.made["project"] for step in steps if step.made])
    list(held.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    for step in steps:
        if refused := built_on(step):
            raise ValidationError(refused)
    bundle = uuid.uuid4()
    for step in steps:
        _take_back(step, bundle, by)
    undone = [step.made for step in steps if step.made]
    _tell_again({made["project"] for made in undone}, _kinds(undone))
    return _sentence(steps)


def built_on(step: MentionEvent) -> str:
    """What somebody did on top of the step, as a sentence; "" if nothing."""
    return next(_built(step), "")


def _last(report: Report, by: Any) -> list[MentionEvent]:
    """The steps of the last press of a button by `by` that stands, the latest first."""
    standing = MentionEvent.objects.filter(mention__report=report, by=by, undone_by=None)
    standing = standing.exclude(what=MentionEvent.What.UNDONE)
    last = standing.order_by("-pk").first()
    if last is None:
        return []
    rows = standing.filter(bundle=last.bundle).order_by("-pk")
    return list(rows.select_related("mention__report__source", "mention__project__zone"))


def _take_back(step: MentionEvent, bundle: uuid.UUID, by: Any) -> None:
    mention, held = step.mention, current(step.mention) if step.made else None
    stays = step.before["state"] == Mention.State.ACCEPTED
    if held and not stays:
        unwrite(Made.of(held.made), by=by)
    told = f"撤销“{step.get_what_display()}”"
    undone = event(mention, MentionEvent.What.UNDONE, told, snapshot(mention), by=by, bundle=bundle)
    for name, value in step.before.items():
        setattr(mention, name, date.fromisoformat(value) if name == "decided_on" and value else value)
    mention.save(update_fields=[name.removesuffix("_id") for name in KEPT])
    # Those that were joined to it follow its project.
    mention.joined.update(project=mention.project_id)
    if held and stays:
        undone.made = rewrite(mention, Made.of(held.made), by=by).as_json()
    undone.save()
    step.undone_by = undone
    step.save(update_fields=["undone_by"])


def unwrite(made: Made, *, by: Any) -> None:
    """Withdraw what a step wrote, the latest first, and the project itself where the step opened its file."""
    for change in _changes(made).order_by("-pk"):
        facts.take_back(change, reason=REASON, by=by)
    for entry in _entries(made).order_by("-pk"):
        facts.withdraw_entry(entry, reason=REASON, by=by)
    claims.not_called(ProjectAlias.objects.filter(pk__in=made.aliases), by=by)
    claims.withdraw(list(_claims(made)), instead=made.over, before=made.columns, by=by)
    if made.created:
        facts.withdraw_project(Project.objects.get(pk=made.project), reason=REASON, by=by)


def rewrite(mention: Mention, made: Made, *, by: Any) -> Made:
    """Bring what is written for an accepted mention to what it says now: withdraw what it does not say any more, unless
    somebody has changed it since, and write what it did not say before. What is the same stays as it is.
    """
    from projects.reports.acceptance import Desk

    desk = Desk.of(mention.report, by)
    project = Project.objects.select_related("zone").get(pk=made.project)
    wanted = desk.wanted(mention, project)
    gone = [row for row in _claims(made) if not any(claims.says(row, each) for each in wanted.stated)]
    entries = [row for row in _entries(made).filter(left_on=None) if (row.batch, row.period_id) not in wanted.entries]
    for entry in entries:
        facts.withdraw_entry(entry, reason=REREAD, by=by)
    changes = [row for row in _changes(made) if (row.milestone.kind, row.reason) not in wanted.steps]
    changes = [row for row in changes if not row.milestone.changes.filter(pk__gt=row.pk).exists()]
    for change in changes:
        facts.take_back(change, reason=REREAD, by=by)
    held = {(row.field, row.certainty) for row in gone if row.chosen}
    claims.withdraw(gone, instead=made.over, before=made.columns, by=by)
    for name, rows in (("claims", gone), ("entries", entries), ("changes", changes)):
        left = {row.pk for row in rows}
        setattr(made, name, [pk for pk in getattr(made, name) if pk not in left])
    return desk.write(mention, project, made, instead_of=held)


def _kinds(undone: list[dict[str, Any]]) -> set[str]:
    """The kinds of milestones that were taken back."""
    changes = MilestoneChange.objects.filter(pk__in=[pk for made in undone for pk in made["changes"]])
    return set(changes.values_list("milestone__kind", flat=True))


def _tell_again(projects: set[int], kinds: set[str]) -> None:
    """What other accepted mentions say of the projects as well holds by their word from now on; of the milestones those
    of `kinds`, since what somebody took back by hand stays so.
    """
    from projects.reports.acceptance import Desk

    live = Project.objects.filter(pk__in=projects, withdrawn_at=None)
    others = Mention.objects.filter(project__in=live, state=Mention.State.ACCEPTED)
    for mention in others.select_related("report__source", "report__zone", "project__zone").order_by("pk"):
        if (last := current(mention)) and mention.project:
            desk = Desk.of(mention.report, last.by)
            made = desk.write(mention, mention.project, Made.of(last.made), kinds=kinds)
            MentionEvent.objects.filter(pk=last.pk).update(made=made.as_json())


# ---- What was built on a step --------------------------------------------------------------------------
def _built(step: MentionEvent) -> Iterator[str]:
    mention, held = step.mention, current(step.mention) if step.made else None
    later = mention.events.filter(pk__gt=step.pk, undone_by=None).exclude(what=MentionEvent.What.UNDONE)
    if after := later.exclude(bundle=step.bundle).select_related("by").order_by("-pk").first():
        yield _cannot(after.by, f"对“{mention.name}”做了“{after.get_what_display()}”", "请先撤销后面的操作")
    joined = MentionEvent.objects.filter(mention__joined_to=mention, what=MentionEvent.What.JOINED, undone_by=None)
    if after := joined.filter(pk__gt=step.pk).select_related("by", "mention").order_by("-pk").first():
        yield _cannot(after.by, f"把“{after.mention.name}”并入“{mention.name}”", "请先撤销那次合并")
    if step.what == MentionEvent.What.JOINED and not held:
        yield from _accepted_since(mention)
    if held is None:
        return
    made = Made.of(held.made)
    yield from _entries_left(made)
    yield from _chosen_since(made)
    yield from _changed_since(made)
    if made.created and step.before["state"] != Mention.State.ACCEPTED:
        yield from _hanging(made, mention)


def _accepted_since(mention: Mention) -> Iterator[str]:
    into = mention.joined_to
    if into is not None and into.state == Mention.State.ACCEPTED:
        yield _cannot(into.decided_by, f"采纳了“{into.name}”", "请先撤销那次采纳")


def _entries_left(made: Made) -> Iterator[str]:
    for entry in _entries(made).exclude(left_on=None).select_related("left_by", "period"):
        yield _cannot(entry.left_by, f"已把项目调出{entry}")


def _chosen_since(made: Made) -> Iterator[str]:
    for claim in _claims(made).filter(chosen_on__isnull=False).exclude(pk__in=made.picked):
        yield _cannot(claim.chosen_by, f"选用了这篇报道的{claim.get_field_display()}")


def _changed_since(made: Made) -> Iterator[str]:
    for change in _changes(made):
        later = change.milestone.changes.filter(pk__gt=change.pk).exclude(pk__in=made.changes).select_related("by")
        if after := later.order_by("-pk").first():
            yield _cannot(after.by, f"登记了节点“{change.milestone}”的变动（{after.get_what_display()}）")


def _hanging(made: Made, mention: Mention) -> Iterator[str]:
    """Whatever else points at a project that the step itself created, and changes of its file."""
    project = Project.objects.get(pk=made.project)
    for relation in Project._meta.related_objects:
        model: Any = relation.related_model
        if model._meta.label in BY_ITSELF:
            continue
        rows = model._base_manager.filter(**{relation.field.name: project.pk}).exclude(
            pk__in=_ours(made, model, mention)
        )
        if after := _standing(rows).order_by("-pk").first():
            yield _cannot(_who(after), f"在该项目登记了{model._meta.verbose_name}“{after}”")
    if file_of(project) != made.file:
        yield _cannot(None, "修改了项目档案")


def _ours(made: Made, model: type[models.Model], mention: Mention) -> Any:
    own: dict[type[models.Model], Any] = {
        Claim: made.claims,
        ProjectAlias: made.aliases,
        Entry: made.entries,
        Milestone: MilestoneChange.objects.filter(pk__in=made.changes).values("milestone"),
        Mention: Mention.objects.filter(models.Q(pk=mention.pk) | models.Q(joined_to=mention.pk)).values("pk"),
        # What a scan opened a scan closes; what a person answered he built on.
        Alert: Alert.objects.filter(answered=False).values("pk"),
    }
    return own.get(model, [])


def _standing(rows: Any) -> Any:
    return rows.filter(withdrawn_at=None) if getattr(rows.model, "withdrawable", False) else rows


def _who(row: Any) -> Any:
    return next((found for name in WHO if (found := getattr(row, name, None))), None)


def _cannot(who: Any, did: str, then: str = "请在项目页处理") -> str:
    return f"此后{who or '有人'}{did}，不能撤销；{then}"


def _claims(made: Made) -> models.QuerySet[Claim]:
    return Claim.objects.filter(pk__in=made.claims).select_related("project__zone", "project__company", "chosen_by")


def _entries(made: Made) -> models.QuerySet[Entry]:
    return Entry.objects.filter(pk__in=made.entries).select_related("project")


def _changes(made: Made) -> models.QuerySet[MilestoneChange]:
    return MilestoneChange.objects.filter(pk__in=made.changes).select_related("milestone__project")


def _sentence(steps: list[MentionEvent]) -> str:
    first = steps[0]
    if len(steps) == 1:
        return f"已撤销“{first.mention.name}”的“{first.get_what_display()}”"
    return f"已撤销一次“{first.get_what_display()}”，共{len(steps)}条"
