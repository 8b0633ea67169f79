"""Steps of the review: what each wrote, and how the last one is taken back.

Every step on a mention is a `MentionEvent`. Its `made` is all that is written in the core for the mention after the
step, as `Made`. Taking a step back withdraws what it wrote and puts the mention's own columns back to `before`; what
was opened for it alone, a company or a milestone, is gone with it. Where somebody has built on it since, it stands.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
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
UNDONE: Final = "这一步已经撤销"
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
    step chose, `companies` those that were opened for ours.
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
    companies: list[int] = field(default_factory=list)

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
def undo(report: Report, *, by: Any, step: MentionEvent | None = None, whole: bool = False) -> str:
    """Take back a step on the report, whoever took it: `whole` with all of its press of a button. Left out, it is the
    whole of the last one of `by` that stands. The sentence says what was taken back.

    Raises ValidationError when there is none, when somebody built on it (the sentence then says what), or when it
    wrote of a project that `by` may not write. Whether `by` may write in the report's zone is for the caller to ask.
    """
    from projects.reports.acceptance import wait_for_others

    wait_for_others(report.zone)
    list(report.mentions.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk"))
    steps = _asked(report, step, whole) if step else _last(report, by)
    # Whoever is writing for these projects at the moment is waited for, and seen.
    meant = {step.made["project"] for step in steps if step.made}
    list(Project.objects.filter(pk__in=meant).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    _require_own(meant, by)
    for each in steps:
        if refused := built_on(each, steps):
            raise ValidationError(refused)
    undone = [each.made for each in steps if each.made]
    bundle, kinds, heirs = uuid.uuid4(), _kinds(undone), list[Claim]()
    for each in steps:
        heirs += _take_back(each, bundle, by)
    for made in undone:
        claims.close_unused(made.get("companies", ()))
    _tell_again({made["project"] for made in undone}, kinds, heirs)
    return _sentence(steps, by)


def built_on(step: MentionEvent, together: Collection[MentionEvent]) -> str:
    """What somebody did on top of the step, taken back `together` with others, as a sentence; "" if nothing."""
    return next(_built(step, {each.pk for each in together}), "")


def standing(report: Report) -> models.QuerySet[MentionEvent]:
    """The steps on a report that have not been taken back."""
    return MentionEvent.objects.filter(mention__report=report, undone_by=None).exclude(what=MentionEvent.What.UNDONE)


def _last(report: Report, by: Any) -> list[MentionEvent]:
    """The steps of the last press of a button by `by` that stands, the latest first."""
    last = standing(report).filter(by=by).order_by("-pk").first()
    if last is None:
        raise ValidationError(NOTHING_LEFT)
    return _asked(report, last, whole=True)


def _asked(report: Report, step: MentionEvent, whole: bool) -> list[MentionEvent]:
    """The step, `whole` with those of its press of a button that stand, the latest first."""
    rows = standing(report).filter(**{"bundle": step.bundle} if whole else {"pk": step.pk}).order_by("-pk")
    found = list(rows.select_related("mention__report__source", "mention__project__zone", "by"))
    if step.pk not in {each.pk for each in found}:
        raise ValidationError(UNDONE)
    return found


def _require_own(projects: Collection[int], by: Any) -> None:
    """Another's step may have written of a project that is not kept here."""
    if by is None:
        return
    own = set(Project.objects.writable_by(by).filter(pk__in=projects).values_list("pk", flat=True))
    if other := Project.objects.filter(pk__in=set(projects) - own).first():
        raise ValidationError(f"这一步登记的项目（{other.code}）不归您维护，请由{other.zone}的项目办撤销")


def _take_back(step: MentionEvent, bundle: uuid.UUID, by: Any) -> list[Claim]:
    """Take back one step; the claims that hold now in place of its own."""
    mention, held = step.mention, current(step.mention) if step.made else None
    stays, heirs = step.before["state"] == Mention.State.ACCEPTED, list[Claim]()
    if held and not stays:
        heirs = unwrite(Made.of(held.made), by=by)
    told = f"撤销{_whose(step, by)}“{step.get_what_display()}”"
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
    return heirs


def _whose(step: MentionEvent, by: Any) -> str:
    """Whose step it was, where it was not that of `by`."""
    return "" if step.by_id == getattr(by, "pk", None) else str(step.by or "系统")


def unwrite(made: Made, *, by: Any) -> list[Claim]:
    """Withdraw what a step wrote, the latest first, and the project itself where the step opened its file. Returns the
    claims that hold now in place of its own.
    """
    for changes in _by_milestone(_changes(made)):
        facts.take_back(*changes, reason=REASON, by=by)
    for entry in _entries(made).order_by("-pk"):
        facts.withdraw_entry(entry, reason=REASON, by=by)
    claims.not_called(ProjectAlias.objects.filter(pk__in=made.aliases), by=by)
    heirs = claims.withdraw(list(_claims(made)), instead=made.over, before=made.columns, by=by)
    if made.created:
        facts.withdraw_project(Project.objects.get(pk=made.project), reason=REASON, by=by)
    return heirs


def _by_milestone(changes: Iterable[MilestoneChange]) -> list[list[MilestoneChange]]:
    """Changes of one milestone together, in their order."""
    found: dict[int, list[MilestoneChange]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: change.pk):
        found[change.milestone_id].append(change)
    return list(found.values())


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
    changes = [row for told in _by_milestone(_changes(made)) for row in _unsaid(told, wanted.steps)]
    for told in _by_milestone(changes):
        facts.take_back(*told, reason=REREAD, by=by)
    held = {(row.field, row.certainty) for row in gone if row.chosen}
    claims.withdraw(gone, instead=made.over, before=made.columns, by=by)
    for name, rows in (("claims", gone), ("entries", entries), ("changes", changes)):
        left = {row.pk for row in rows}
        setattr(made, name, [pk for pk in getattr(made, name) if pk not in left])
    made = desk.write(mention, project, made, instead_of=held)
    closed = claims.close_unused(made.companies)
    made.companies = [pk for pk in made.companies if pk not in closed]
    return made


def _unsaid(told: list[MilestoneChange], said: Collection[tuple[str, str]]) -> list[MilestoneChange]:
    """The last of these changes of one milestone that are not said any more; none if somebody has moved it since."""
    kept = [at for at, row in enumerate(told) if (row.milestone.kind, row.reason) in said]
    gone = told[kept[-1] + 1 if kept else 0 :]
    return gone if gone and facts.left_by(gone[-1], gone[-1].milestone) else []


def _kinds(undone: list[dict[str, Any]]) -> set[str]:
    """The kinds of the milestones that the steps told of."""
    changes = MilestoneChange.objects.filter(pk__in=[pk for made in undone for pk in made["changes"]])
    return set(changes.values_list("milestone__kind", flat=True))


def _tell_again(projects: set[int], kinds: set[str], heirs: Collection[Claim]) -> None:
    """What other accepted mentions say of the projects as well holds by their word from now on; of the milestones those
    of `kinds`, since what somebody took back by hand stays so. `heirs` are claims of theirs that came to hold.
    """
    from projects.reports.acceptance import Desk

    live = Project.objects.filter(pk__in=projects, withdrawn_at=None)
    others = Mention.objects.filter(project__in=live, state=Mention.State.ACCEPTED)
    for mention in others.select_related("report__source", "report__zone", "project__zone").order_by("pk"):
        if (last := current(mention)) and mention.project:
            desk = Desk.of(mention.report, last.by)
            made = desk.write(mention, mention.project, Made.of(last.made), kinds=kinds)
            made.companies += [one.founded for one in heirs if one.pk in made.claims and one.founded]
            MentionEvent.objects.filter(pk=last.pk).update(made=made.as_json())


# ---- What was built on a step --------------------------------------------------------------------------
def _built(step: MentionEvent, together: set[int]) -> Iterator[str]:
    mention, held = step.mention, current(step.mention) if step.made else None
    later = mention.events.filter(pk__gt=step.pk, undone_by=None).exclude(what=MentionEvent.What.UNDONE)
    if after := later.exclude(pk__in=together).select_related("by").order_by("-pk").first():
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
    for told in _by_milestone(_changes(made)):
        last = told[-1]
        later = last.milestone.changes.filter(pk__gt=last.pk).select_related("by")
        if not facts.left_by(last, last.milestone) and (after := later.order_by("-pk").first()):
            yield _cannot(after.by, f"登记了节点“{last.milestone}”的变动（{after.get_what_display()}）")


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


def _sentence(steps: list[MentionEvent], by: Any) -> str:
    first = steps[0]
    whose = _whose(first, by)
    if len(steps) == 1:
        return f"已撤销{whose}对“{first.mention.name}”的“{first.get_what_display()}”"
    return f"已撤销{whose}一次“{first.get_what_display()}”，共{len(steps)}条"
