"""Two Mondays: a meeting that was held and issued, what was done about its decisions, and the next one, prepared.

All invented; a project that is not there is left out, and so is what would be done about it.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from projects.meetings import agenda, closing, deciding, filing, following, issuing, opening, saving, topics
from projects.meetings.models import Arrangement, Decision, Meeting, Topic
from projects.models import Project, Source
from tracker.demonstration import files, people
from zones import clock
from zones.models import Department, User, Zone

FIXTURE = "demonstration/meetings.json"
OFFICE, LEADER = "gaoxin-coordinator", "gaoxin-leader"


def days() -> dict[date, list[dict[str, Any]]]:
    """What is done on which day."""
    return {date.fromisoformat(row["on"]): row["acts"] for row in files.load(FIXTURE)["days"]}


def arrange() -> Zone:
    """Say when the zone meets; the zone."""
    told = dict(files.load(FIXTURE)["arrangement"])
    zone = Zone._base_manager.get(code=told.pop("zone"))
    Arrangement._base_manager.get_or_create(zone=zone, defaults=told)
    return zone


class Mondays:
    """Lives through them, one act after the other."""

    def __init__(self) -> None:
        self.zone = arrange()
        self.users: dict[str, User] = {user.username: user for user in User._base_manager.filter(is_demo=True)}
        self.departments: dict[str, Department] = people.departments_by_code()

    def live(self, acts: list[dict[str, Any]]) -> None:
        """What is done on one day, which is today; nothing where the zone has no projects."""
        if not agenda.projects_of(self.zone, clock.today()).exists():
            return
        for told in acts:
            project = Project._base_manager.filter(name=told["project"]).first() if "project" in told else None
            if project or "project" not in told:
                self._act(told, project)

    def _act(self, told: dict[str, Any], project: Project | None) -> None:
        match told["act"]:
            case "open" | "start" | "decide" | "close" | "issue" | "tell" | "propose" | "agenda":
                self._in_meeting(told, project)
            case "file" if project:
                self._file(told, project)
            case "approve":
                topic = Topic._base_manager.filter(title=told["title"], state=Topic.State.PROPOSED).first()
                if topic:
                    topics.approve(topic, by=self.users[OFFICE])
            case _:
                self._follow(told)

    def _in_meeting(self, told: dict[str, Any], project: Project | None) -> None:
        office = self.users[OFFICE]
        meeting = self._meeting(date.fromisoformat(told["meeting"]))
        match told["act"]:
            case "start":
                opening.start(meeting, by=office)
            case "agenda":
                opening.make_agenda(meeting, by=office)
            case "close":
                closing.close(meeting, office)
            case "issue":
                issuing.issue(meeting.minutes, self.users[LEADER])
            case "decide":
                self._decide(meeting, told, project)
            case "propose":
                said = {name: told[name] for name in ("title", "text", "tried")}
                unit = self.departments[told["department"]]
                topics.propose(meeting, by=self.users[told["by"]], project=project, department=unit, **said)
            case "tell" if project:
                self._tell(filing.row_of(filing.week_of(meeting), project), told)

    def _meeting(self, held_on: date) -> Meeting:
        meeting, _ = opening.open_meeting(self.zone, held_on, by=self.users[OFFICE])
        self._mark(meeting)
        return meeting

    @staticmethod
    def _mark(meeting: Meeting) -> None:
        """What is told in it is invented."""
        Source._base_manager.filter(pk=meeting.source_id).update(kind=Source.Kind.DEMO)

    def _decide(self, meeting: Meeting, told: dict[str, Any], project: Project | None) -> None:
        deciding.decide(
            meeting,
            told["matter"],
            project=project,
            lead=self.departments[told["lead"]],
            helpers=[self.departments[code] for code in told["helpers"]],
            person=self.users.get(told.get("person", "")),
            deadline=files.day(told.get("deadline")),
            key=_key(told["name"]),
            by=self.users[OFFICE],
        )

    def _file(self, told: dict[str, Any], project: Project) -> None:
        week = filing.weeks_of([project], clock.today()).get(project.pk)
        if week:
            row = filing.row_of(week, project)
            self._mark(row.meeting)
            self._tell(row, told)

    def _tell(self, row: Any, told: dict[str, Any]) -> None:
        by = self.users[told["by"]]
        saving.fill(row, _key(f"{row.meeting_id} {row.project_id}"), told["told"], {}, by)
        filing.filed(row, by=by)

    def _follow(self, told: dict[str, Any]) -> None:
        decision = Decision._base_manager.filter(key=_key(told["decision"])).first()
        if decision is None:
            return
        by, note = self.users[told["by"]], told.get("note", "")
        match told["act"]:
            case "receive":
                following.receive(decision, by=by)
            case "report":
                following.report(decision, note, by=by)
            case "ask_closing":
                following.ask_closing(decision, note, by=by)
            case "ask_extension":
                following.ask_extension(decision, date.fromisoformat(told["deadline"]), reason=note, by=by)
            case "agree":
                following.agree(decision, note=note, by=by)
            case other:
                raise ValueError(f"no such act: {other}")


def _key(name: str) -> UUID:
    """The same for the same, so that nothing is told twice."""
    return uuid5(NAMESPACE_URL, f"demonstration {name}")
