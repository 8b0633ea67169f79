"""Accepting a report: its mentions become projects, entries, claims and done steps, each with its source and place.

A batch is a promise: being listed makes an entry, never a milestone. A step is done where the project's own words in
the report say so ("已投产"), and nowhere else: not by the head of a list, not by the name of a ceremony.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import transaction

from projects import claims, facts, names
from projects.claims import Stated
from projects.matching import ABOVE, Known, Match, Register
from projects.models import Claim, Entry, Milestone, Period, Project
from projects.reports import notes, steps, undoing
from projects.reports.models import Mention, MentionEvent, Report
from projects.reports.notes import Note
from projects.reports.proposing import BLOCKED, NEW, SAME, Proposal, project_of, proposal, register_for
from projects.reports.storing import amount_of, span_of
from projects.reports.undoing import Made
from zones import clock
from zones.models import Zone

LISTED_AS = {"sign": "签约", "start": "开工", "produce": "投产"}
OPEN = (Mention.State.WAITING, Mention.State.UNCLEAR)
DECIDED = ("state", "project", "joined_to", "reason", "decided_by", "decided_on", "notes")
# A day of completion is not an amount completed.
DATE_FIELDS = {"completed": "completion"}


@dataclass(slots=True)
class Accepted:
    """What accepting a report did; `notes` are sentences on what a person should look at."""

    created: int = 0
    matched: int = 0
    entries: int = 0
    claims: int = 0
    reached: int = 0
    unclear: int = 0
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def sentence(self) -> str:
        if not (self.created or self.matched or self.unclear):
            return "此前已采纳，没有变化"
        told = (
            f"采纳：新项目 {self.created} 个，已有项目 {self.matched} 个，入批 {self.entries} 条，"
            f"数据 {self.claims} 条，节点 {self.reached} 个"
        )
        return f"{told}，待辨认 {self.unclear} 个" if self.unclear else told


def accept(report: Report, *, by: Any = None) -> Accepted:
    """Accept every open mention of the report, in one transaction and as one step. Doing it again changes nothing.

    It goes by the same proposals as a person sees: a name that means one of our projects, or none, is taken; one that
    means several, is only like one, or is of a project that `by` may not write, is left for a person (待辨认). Whether
    `by` may write in the report's zone is for the caller to ask. Raises ValidationError when somebody has just made a
    project of one of the names by hand.
    """
    with transaction.atomic():
        desk = Desk.at(report, by)
        waiting = desk.waiting()
        for mention in waiting:
            desk.take(mention)
        done = desk.finish()
        done.notes = notes.told_to(by, waiting) if waiting else []
    return done


def wait_for_others(zone: Zone) -> None:
    """Two reports accepted at once must not both create the project that both name.

    The key stays unlocked: a scan may go on writing rows that point at the zone.
    """
    shared = Zone.objects.filter(path__in=[*zone.ancestor_paths, zone.path], kind__in=[*ABOVE, zone.kind])
    list(shared.order_by("path").select_for_update(no_key=True).values_list("pk"))


def told_by(by: Any) -> dict[str, Any]:
    """Who corrects, and when, as a correction keeps it."""
    return {"by": by.pk if by else None, "name": str(by) if by else "", "on": clock.today().isoformat()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an accepted mention writes in the core: claims, (batch, round id) it enters, (kind, words) it reaches."""

    stated: list[Stated]
    entries: set[tuple[str, int | None]]
    steps: set[tuple[str, str]]


@dataclass(slots=True)
class Desk:
    """One report being accepted: what all its mentions need is looked up once, and what is decided of them is stored
    together by `finish`, as the steps of one press of a button.
    """

    report: Report
    register: Register
    by: Any
    done: Accepted
    periods: dict[int, Period]
    joined: dict[int, list[Mention]]
    zones: dict[str, Zone] = field(default_factory=dict)
    left: list[Note] = field(default_factory=list)
    decided: list[Mention] = field(default_factory=list)
    events: list[MentionEvent] = field(default_factory=list)
    bundle: uuid.UUID = field(default_factory=uuid.uuid4)

    @classmethod
    def of(cls, report: Report, by: Any) -> Self:
        """The desk of `by`; None is the system itself and may write everything."""
        periods = Period.objects.for_zone(report.zone).filter(year=None).select_related("series")
        joined: dict[int, list[Mention]] = defaultdict(list)
        for each in report.mentions.filter(joined_to__isnull=False).order_by("start"):
            joined[each.joined_to_id or 0].append(each)
        return cls(
            report,
            register_for(report, by),
            by,
            Accepted(),
            {period.number: period for period in reversed(periods)},  # the highest authority comes last and stays
            joined,
        )

    @classmethod
    def at(cls, report: Report, by: Any) -> Self:
        """The same, after everybody else who accepts has finished."""
        wait_for_others(report.zone)
        return cls.of(report, by)

    def waiting(self) -> list[Mention]:
        """The open mentions of the report, in their order; they and the projects that they mean are held."""
        rows = self.report.mentions.select_for_update(no_key=True).filter(state__in=OPEN).order_by("start")
        found = list(rows)
        for mention in found:
            mention.report = self.report
        self._hold(found)
        return found

    def _hold(self, mentions: Iterable[Mention]) -> None:
        """Take the projects in the order of a scan: one by one as they are printed, the two would cross."""
        meant = {proposal(mention, self.register).project_pk for mention in mentions}
        held = Project.objects.filter(pk__in=meant - {None}).order_by("pk")
        list(held.select_for_update(no_key=True).values_list("pk"))

    def finish(self) -> Accepted:
        """Store what was decided."""
        Mention.objects.bulk_update(self.decided, DECIDED, batch_size=200)
        MentionEvent.objects.bulk_create(self.events)
        return self.done

    # -- deciding
    def take(self, mention: Mention) -> None:
        """Accept the mention as the project that its name means, as a new one, or leave it for a person."""
        found = proposal(mention, self.register)
        if found.kind == NEW:
            self.open_file(mention, found.match)
        elif found.kind == SAME and found.match.pk:
            self.adopt(mention, project_of(found))
        else:
            self._leave(mention, found)

    def open_file(self, mention: Mention, match: Match, *, asked: bool = True) -> Project:
        """Accept the mention as a new project. Where nobody was `asked`, names that are alike are told afterwards.

        Raises ValidationError when the zone has a live project of that name.
        """
        before = undoing.snapshot(mention)
        project = facts.create(name=mention.name, zone=self._zone(mention), by=self.by)
        if match.alike and asked:
            self.left.append(Note(notes.ALIKE, projects=match.alike))
        self.register.add(Known(project.pk, (mention.name,), project.code))
        if self.register.writable is not None:
            self.register.writable.add(project.pk)
        self.done.created += 1
        self._accept(mention, project, Made(project.pk, created=True), before)
        return project

    def adopt(self, mention: Mention, project: Project) -> None:
        """Accept the mention as this project of ours."""
        self.done.matched += 1
        self._accept(mention, project, Made(project.pk), undoing.snapshot(mention))

    def join(self, mention: Mention, into: Mention, before: dict[str, Any]) -> None:
        """The mention is one with an accepted one: what it says is said of that one's project."""
        project = Project.objects.select_related("zone").get(pk=into.project_id)
        mention.project = project
        made = self.write(mention, project, Made(project.pk))
        self._log(mention, MentionEvent.What.JOINED, f"并入“{into.name}”", before, made)

    def _accept(self, mention: Mention, project: Project, made: Made, before: dict[str, Any]) -> None:
        for joined in self.joined.get(mention.pk, []):
            joined.project = project
            self.decided.append(joined)
        made = self.write(mention, project, made)
        self.register.apart.add(project.pk)
        mention.state, mention.project, mention.reason = Mention.State.ACCEPTED, project, ""
        mention.decided_by, mention.decided_on = self.by, clock.today()
        words = "新建档案" if made.created else "对应已有项目"
        self._log(mention, MentionEvent.What.ACCEPTED, f"{words} {project.code}", before, made)

    def _log(self, mention: Mention, what: str, told: str, before: dict[str, Any], made: Made) -> None:
        self._keep(mention)
        step = undoing.event(mention, what, told[:500], before, by=self.by, made=made.as_json(), bundle=self.bundle)
        self.events.append(step)

    def _leave(self, mention: Mention, found: Proposal) -> None:
        code = "not_yours" if found.kind == BLOCKED else "several" if found.match.unclear else "like"
        self.left.append(Note(code, projects=found.match.unclear or found.match.alike or (found.match.pk or 0,)))
        self.done.unclear += 1
        mention.state = Mention.State.UNCLEAR
        self._keep(mention)

    def _keep(self, mention: Mention) -> None:
        mention.notes, self.left = [note.as_json() for note in self.left], []
        self.decided.append(mention)

    # -- writing
    def write(
        self,
        mention: Mention,
        project: Project,
        made: Made,
        *,
        instead_of: Collection[tuple[str, str]] = (),
        kinds: Collection[str] | None = None,
    ) -> Made:
        """Write in the core what the mention and those joined to it say of the project; all that stands of it then.

        A claim of a (field, certainty) of `instead_of` is chosen, as the one was that stood there before. Of milestones
        only those of `kinds` are told, where it is given.
        """
        made.columns = made.columns or claims.typed(project)
        for one in (mention, *self.joined.get(mention.pk, [])):
            self._name(one, project, made)
            self._enter(one, project, made)
            self._claim(one, project, made, instead_of)
            self._reach(one, project, made, kinds)
        if made.created:
            made.file = undoing.file_of(Project.objects.get(pk=project.pk))
        return made

    def wanted(self, mention: Mention, project: Project) -> Wanted:
        """What the mention, with those joined to it, says of the project."""
        told = (mention, *self.joined.get(mention.pk, []))
        return Wanted(
            [stated for one in told for stated in self._stated(one, project)],
            {(batch, period.pk if (period := self._period(one)) else None) for one in told for batch in one.batches},
            {(step.kind, _reason(step)) for one in told for step in steps.asserted(one, self.report)},
        )

    def _zone(self, mention: Mention) -> Zone:
        """The zone printed beside the name, if it is one of those below the report's; else the report's."""
        text = mention.zone_text
        if text not in self.zones:
            printed = list(Zone.objects.within(self.report.zone).named(text)[:2]) if text else []
            self.zones[text] = printed[0] if len(printed) == 1 else self.report.zone
        return self.zones[text]

    def _name(self, mention: Mention, project: Project, made: Made) -> None:
        """Other names become aliases, unless one is the name of another project."""
        own = names.key(project.name)
        for name in (mention.name, *mention.aliases):
            if names.key(name) == own or self.register.find(name).pk not in (None, project.pk):
                continue
            if alias := claims.also_called(project, name):
                made.aliases.append(alias.pk)
            self.register.add(Known(project.pk, (name,), project.code))

    def _period(self, mention: Mention) -> Period | None:
        return self.periods.get(mention.period) if mention.period else None

    def _enter(self, mention: Mention, project: Project, made: Made) -> None:
        period = self._period(mention)
        if mention.batches and mention.period and period is None:
            self.left.append(Note("no_period", str(mention.period)))
        for batch in mention.batches:
            if not mention.period and Entry.objects.effective().filter(project=project, batch=batch).exists():
                continue  # that entry says more
            entry, new = facts.enter(
                project,
                batch,
                period,
                role=self._role(mention),
                source=self.report.source,
                span=(mention.start, mention.end),
                by=self.by,
            )
            if new:
                made.entries.append(entry.pk)
                self.done.entries += 1

    def _role(self, mention: Mention) -> str:
        """As printed ("第五期签约开工项目"); where only the round is printed, with the list it stands in."""
        place = mention.stated.get("period") if "period" not in mention.corrected else None
        printed = self.report.said(place["start"], place["end"]).strip("()（）【】[]〔〕") if place else ""
        if not printed or "项目" in printed or mention.batch not in LISTED_AS:
            return printed[:40]
        return f"{printed}{mention.period_role or LISTED_AS[mention.batch]}项目"[:40]

    def _claim(
        self, mention: Mention, project: Project, made: Made, instead_of: Collection[tuple[str, str]] = ()
    ) -> None:
        told = claims.assert_claims(project, self._stated(mention, project), source=self.report.source, by=self.by)
        for claim, new in told:
            if not new:
                continue
            made.claims.append(claim.pk)
            self.done.claims += 1
            self._founded(claim, made)
            if not claim.chosen and ((claim.field, claim.certainty) in instead_of or self._renames(claim, made)):
                self._choose(claim, made)

    def _renames(self, claim: Claim, made: Made) -> bool:
        """The name of a project that this report itself opened follows what a person corrects."""
        return claim.field == Claim.Field.NAME and made.created

    def _choose(self, claim: Claim, made: Made) -> None:
        rivals = Claim.objects.filter(project=claim.project_id, field=claim.field, certainty=claim.certainty)
        made.over += list(rivals.filter(chosen=True).values_list("pk", flat=True))
        made.picked.append(claim.pk)
        self._founded(claims.choose(claim, by=self.by), made)

    @staticmethod
    def _founded(claim: Claim, made: Made) -> None:
        if claim.founded:
            made.companies.append(claim.founded)

    def _stated(self, mention: Mention, project: Project) -> list[Stated]:
        """Everything the mention states beside its batch, as claims."""
        return [
            Stated(
                name,
                value,
                certainty,
                (place["start"], place["end"]),
                self._holds_on(name, mention),
                self._note(place),
            )
            for name, certainty, value, place in _values(mention, project)
        ]

    def _note(self, place: dict[str, Any]) -> str:
        """原文“1.2亿元”，由王某于2023-07-10更正为12亿元."""
        kept = place.get("correction")
        if not kept:
            return ""
        printed = self.report.said(place["start"], place["end"])[:60]
        return f"原文“{printed}”，由{kept['name'] or '系统'}于{kept['on']}更正为{kept['typed']}"

    def _holds_on(self, name: str, mention: Mention) -> date | None:
        """Money that was spent "by the end of June" holds on 30 June; all else on the day of the report."""
        until = mention.stated.get("completed_until") if name == "completed" else None
        if until and (last := span_of(until["value"]).last):
            return last
        return self.report.known_on if self.report.is_dated else None

    def _reach(self, mention: Mention, project: Project, made: Made, kinds: Collection[str] | None) -> None:
        for step in steps.asserted(mention, self.report):
            if kinds is not None and step.kind not in kinds:
                continue
            known = Milestone.objects.filter(project=project, kind=step.kind, label="").first()
            if known and known.done and (known.actual is not None or step.when is None):
                continue  # a day that is known stands: what a report says against it is a claim, for a person to choose
            try:
                milestone = facts.reach(
                    project,
                    step.kind,
                    step.when,
                    by=self.by,
                    reason=_reason(step),
                    source=self.report.source,
                    known_on=self.report.known_on,
                )
            except ValidationError as refused:
                self.left.append(Note("no_step", step.printed, "；".join(refused.messages)))
            else:
                made.changes.append(milestone.changes.latest("pk").pk)
                self.done.reached += 1


def _reason(step: steps.Step) -> str:
    return f"报道写明“{step.printed}”"[:300]


def _values(mention: Mention, project: Project) -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    """(field, certainty, typed value, place) of everything the mention states beside its batch."""
    kept = mention.corrected.get("name")
    if mention.name == project.name or kept:
        place = {"start": mention.start, "end": mention.end}
        yield "name", "actual", mention.name, {**place, "correction": kept} if kept else place
    for name, stated in mention.told.items():
        if name in ("amount", "foreign", "annual_plan", "completed"):
            yield "amount" if name == "foreign" else name, "actual", amount_of(stated["value"]), stated
        elif name in ("status", "company"):
            yield name, "actual", stated["value"], stated
        elif name == "dates":
            for day in stated:
                yield DATE_FIELDS.get(day["role"], day["role"]), day["certainty"], span_of(day["value"]), day
