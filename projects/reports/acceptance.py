"""Accepting a report: its mentions become projects, entries, claims and done steps, each with its source and place.

A batch is a promise: being listed makes an entry, never a milestone. A step is done where the project's own words in
the report say so ("已投产"), and nowhere else: not by the head of a list, not by the name of a ceremony.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import transaction

from projects import claims, facts, names
from projects.matching import ABOVE, Known, Match, Register, near
from projects.models import Entry, Milestone, Period, Project
from projects.reports import notes, steps
from projects.reports.models import Mention, Report
from projects.reports.notes import Note
from projects.reports.storing import amount_of, span_of
from zones import clock
from zones.models import Zone

LISTED_AS = {"sign": "签约", "start": "开工", "produce": "投产"}
OPEN = (Mention.State.WAITING, Mention.State.UNCLEAR)
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
    """Accept every open mention of the report, in one transaction. Doing it again changes nothing.

    A name that means several of our projects, or one that `by` may not write, is left for a person (待辨认); a name
    that means none makes a new project. Whether `by` may write in the report's zone is for the caller to ask.
    Raises ValidationError when somebody has just made a project of one of the names by hand.
    """
    done = Accepted()
    with transaction.atomic():
        wait_for_others(report.zone)
        waiting = list(report.mentions.select_for_update(no_key=True).filter(state__in=OPEN).order_by("start"))
        if waiting:
            desk = Desk.of(report, by, done)
            for mention in waiting:
                desk.take(mention)
            done.notes = notes.told_to(by, waiting)
    return done


def wait_for_others(zone: Zone) -> None:
    """Two reports accepted at once must not both create the project that both name.

    The key stays unlocked: a scan may go on writing rows that point at the zone.
    """
    shared = Zone.objects.filter(path__in=[*zone.ancestor_paths, zone.path], kind__in=[*ABOVE, zone.kind])
    list(shared.order_by("path").select_for_update(no_key=True).values_list("pk"))


@dataclass(slots=True)
class Desk:
    """One report being accepted: what all its mentions need is looked up once."""

    report: Report
    register: Register
    by: Any
    done: Accepted
    periods: dict[int, Period]
    writable: set[int] | None
    zones: dict[str, Zone] = field(default_factory=dict)
    left: list[Note] = field(default_factory=list)

    @classmethod
    def of(cls, report: Report, by: Any, done: Accepted) -> Self:
        """The desk of `by`; None is the system itself and may write everything."""
        periods = Period.objects.for_zone(report.zone).filter(year=None).select_related("series")
        writable = Project.objects.writable_by(by).filter(near(report.zone)).values_list("pk", flat=True)
        return cls(
            report,
            Register.for_zone(report.zone),
            by,
            done,
            {period.number: period for period in reversed(periods)},  # the highest authority comes last and stays
            set(writable) if by else None,
        )

    def take(self, mention: Mention) -> None:
        """Accept the mention as the project that its name means, as a new one, or leave it for a person."""
        self.left = []
        match = self.register.find(mention.name, mention.aliases)
        if doubt := self._doubt(match):
            self._leave(mention, doubt)
        elif match.pk:
            self.adopt(mention, Project.objects.get(pk=match.pk))
        else:
            self.open_file(mention, match)

    def open_file(self, mention: Mention, match: Match) -> Project:
        """Accept the mention as a new project. Raises ValidationError when the zone has a live one of that name."""
        project = facts.create(name=mention.name, zone=self._zone(mention), by=self.by)
        if match.alike:
            self.left.append(Note(notes.ALIKE, projects=match.alike))
        self.register.add(Known(project.pk, (mention.name,)))
        if self.writable is not None:
            self.writable.add(project.pk)
        self.done.created += 1
        self._write(mention, project)
        return project

    def adopt(self, mention: Mention, project: Project) -> None:
        """Accept the mention as this project of ours."""
        self.done.matched += 1
        self._write(mention, project)

    def _write(self, mention: Mention, project: Project) -> None:
        self._name(mention, project)
        self._enter(mention, project)
        self._claim(mention, project)
        self._reach(mention, project)
        mention.state, mention.project, mention.reason = Mention.State.ACCEPTED, project, ""
        mention.decided_by, mention.decided_on = self.by, clock.today()
        self._keep(mention)

    def _doubt(self, match: Match) -> Note | None:
        if match.unclear:
            return Note("several", projects=match.unclear)
        if match.pk and self.writable is not None and match.pk not in self.writable:
            return Note("not_yours", projects=(match.pk,))
        return None

    def _leave(self, mention: Mention, why: Note) -> None:
        self.left.append(why)
        self.done.unclear += 1
        mention.state = Mention.State.UNCLEAR
        self._keep(mention)

    def _keep(self, mention: Mention) -> None:
        mention.notes = [note.as_json() for note in self.left]
        mention.save(update_fields=["state", "project", "reason", "decided_by", "decided_on", "notes"])

    def _zone(self, mention: Mention) -> Zone:
        """The zone printed beside the name, if it is one of those below the report's; else the report's."""
        text = mention.zone_text
        if text not in self.zones:
            printed = list(Zone.objects.within(self.report.zone).named(text)[:2]) if text else []
            self.zones[text] = printed[0] if len(printed) == 1 else self.report.zone
        return self.zones[text]

    def _name(self, mention: Mention, project: Project) -> None:
        """Other names become aliases, unless one is the name of another project."""
        own = names.key(project.name)
        for name in (mention.name, *mention.aliases):
            if names.key(name) == own or self.register.find(name).pk not in (None, project.pk):
                continue
            claims.also_called(project, name)
            self.register.add(Known(project.pk, (name,)))

    def _enter(self, mention: Mention, project: Project) -> None:
        if not mention.batches:
            return
        period = self.periods.get(mention.period) if mention.period else None
        if mention.period and period is None:
            self.left.append(Note("no_period", str(mention.period)))
        for batch in mention.batches:
            if not mention.period and Entry.objects.effective().filter(project=project, batch=batch).exists():
                continue  # that entry says more
            _, new = facts.enter(
                project,
                batch,
                period,
                role=self._role(mention),
                source=self.report.source,
                span=(mention.start, mention.end),
                by=self.by,
            )
            self.done.entries += new

    def _role(self, mention: Mention) -> str:
        """As printed ("第五期签约开工项目"); where only the round is printed, with the list it stands in."""
        place = mention.stated.get("period")
        printed = self.report.said(place["start"], place["end"]).strip("()（）【】[]〔〕") if place else ""
        if not printed or "项目" in printed:
            return printed[:40]
        return f"{printed}{mention.period_role or LISTED_AS[mention.batch]}项目"[:40]

    def _claim(self, mention: Mention, project: Project) -> None:
        for name, certainty, value, place in _values(mention, project):
            _, new = claims.assert_claim(
                project,
                name,
                value,
                certainty=certainty,
                source=self.report.source,
                span=(place["start"], place["end"]),
                holds_on=self._holds_on(name, mention),
                by=self.by,
            )
            self.done.claims += new

    def _holds_on(self, name: str, mention: Mention) -> date | None:
        """Money that was spent "by the end of June" holds on 30 June; all else on the day of the report."""
        until = mention.stated.get("completed_until") if name == "completed" else None
        if until and (last := span_of(until["value"]).last):
            return last
        return self.report.known_on if self.report.is_dated else None

    def _reach(self, mention: Mention, project: Project) -> None:
        for step in steps.asserted(mention, self.report):
            if not self._tells_more(project, step):
                continue
            try:
                facts.reach(
                    project,
                    step.kind,
                    step.when,
                    by=self.by,
                    reason=f"报道写明“{step.printed}”"[:300],
                    source=self.report.source,
                    known_on=self.report.known_on,
                )
            except ValidationError as refused:
                self.left.append(Note("no_step", step.printed, "；".join(refused.messages)))
            else:
                self.done.reached += 1

    def _tells_more(self, project: Project, step: steps.Step) -> bool:
        """A day that is known stands: what a report says against it is a claim, for a person to choose."""
        known = Milestone.objects.filter(project=project, kind=step.kind, label="", done=True).first()
        return known is None or (known.actual is None and step.when is not None)


def _values(mention: Mention, project: Project) -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    """(field, certainty, typed value, place) of everything the mention states beside its batch."""
    if mention.name == project.name:
        yield "name", "actual", mention.name, {"start": mention.start, "end": mention.end}
    for name, stated in mention.stated.items():
        if name in ("amount", "foreign", "annual_plan", "completed"):
            yield "amount" if name == "foreign" else name, "actual", amount_of(stated["value"]), stated
        elif name in ("status", "company"):
            yield name, "actual", stated["value"], stated
        elif name == "dates":
            for day in stated:
                yield DATE_FIELDS.get(day["role"], day["role"]), day["certainty"], span_of(day["value"]), day
