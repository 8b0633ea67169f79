"""What the page of a meeting shows of every project: what was promised, where it stands, what blocks it, what is told.

All rows together take a constant number of statements. What comes out is plain and ready for the page: amounts are
texts in 万元 where they stand in a cell, and yuan where the page draws or compares; days are ISO.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Final

from django.db.models import Max, Q, QuerySet
from django.urls import reverse

from projects import names, standings
from projects.admin import columns
from projects.alerts.models import Alert
from projects.meetings import agenda, saving, selecting
from projects.meetings.models import Attachment, Decision, Meeting, Saved, Topic, Update
from projects.models import (
    AnnualPlan,
    Assignment,
    Milestone,
    MonthlyTarget,
    Phase,
    Photo,
    Problem,
    Progress,
    Suspension,
)
from zones import clock

MOST: Final = 5  # alerts, problems, decisions of one row; the project's page has the rest
STEPS: Final = {kind.value: str(kind.label) for kind in Milestone.Kind if kind != Milestone.Kind.OTHER}
PEOPLE: Final = (Assignment.Role.RESPONSIBLE, Assignment.Role.LIAISON, Assignment.Role.UNIT, Assignment.Role.LEADER)


def of(meeting: Meeting, user: Any, keys: Collection[int] | None = None) -> list[dict[str, Any]]:
    """The rows of the meeting that `user` may see, in the order of the agenda; with `keys` only these."""
    visible = Update.objects.visible_to(user).filter(meeting=meeting)
    chosen = visible if keys is None else visible.filter(pk__in=keys)
    updates = list(
        chosen.select_related("project__zone", "project__standing", "progress", "filed_by").order_by("place", "pk")
    )
    for update in updates:
        update.meeting = meeting
    about = _About(meeting, user, chosen)
    return [about.row(update) for update in updates]


def decisions_of(meeting: Meeting, user: Any) -> list[dict[str, Any]]:
    """What was decided in the meeting so far, by number; until it is issued only for those who work on it."""
    seen = selecting.handed_down(Decision.objects.visible_to(user), user)
    rows = seen.filter(meeting=meeting).order_by("number")
    with_all = rows.select_related("lead", "person", "project", "topic").prefetch_related("helpers")
    return [decision_row(decision) for decision in with_all]


def earlier_of(meeting: Meeting, user: Any) -> list[dict[str, Any]]:
    """Decisions that the meeting begins with, the overdue ones first."""
    rows = (
        agenda.earlier_decisions(meeting).visible_to(user).select_related("lead", "person", "project", "meeting__zone")
    )
    told = [earlier_row(decision) for decision in rows]
    return sorted(told, key=lambda row: (row["done"], not row["late"], row["deadline"] or "9999"))


def topics_of(meeting: Meeting, user: Any) -> list[dict[str, Any]]:
    """The topics on the agenda, in their order."""
    rows = Topic.objects.visible_to(user).filter(meeting=meeting, state=Topic.State.APPROVED)
    return [
        {
            "id": topic.pk,
            "title": topic.title,
            "text": topic.text,
            "tried": topic.tried,
            "who": str(topic.department or ""),
            "project": str(topic.project or ""),
            "files": [
                {"name": file.name, "url": reverse("admin:projects_meetings_attachment", args=[file.pk])}
                for file in topic.attachments.all()
                if file.removed_at is None
            ],
        }
        for topic in rows.select_related("department", "project")
        .prefetch_related("attachments")
        .order_by("place", "pk")
    ]


def decision_row(decision: Decision) -> dict[str, Any]:
    """A decision of this meeting, as its form holds it."""
    return {
        "id": decision.pk,
        "number": decision.number,
        "version": decision.version,
        "project": decision.project_id,
        "of": str(decision.project or decision.topic or ""),
        "topic": decision.topic_id,
        "matter": decision.matter,
        "lead": _named(decision.lead),
        "helpers": [_named(unit) for unit in decision.helpers.all()],
        "person": _named(decision.person),
        "deadline": _iso(decision.deadline),
        "left": columns.days_left(decision.deadline, clock.today()),
    }


def earlier_row(decision: Decision) -> dict[str, Any]:
    """A decision of an earlier meeting, to be asked about."""
    today, unfinished = clock.today(), decision.is_unfinished
    late = bool(unfinished and decision.deadline and decision.deadline < today)
    return {
        "id": decision.pk,
        "meeting": str(decision.meeting),
        "held_on": _iso(decision.meeting.held_on),
        "matter": decision.matter,
        "of": str(decision.project or ""),
        "who": "、".join(str(each) for each in (decision.lead, decision.person) if each),
        "deadline": _iso(decision.deadline),
        "left": columns.days_left(decision.deadline, today) if unfinished else "",
        "state": decision.get_state_display(),
        "late": late,
        "done": not unfinished,
        "result": decision.result,
        "url": reverse("admin:projects_meetings_decision_change", args=[decision.pk]),
    }


class _About:
    """What is known of the projects of some rows, read at once."""

    def __init__(self, meeting: Meeting, user: Any, updates: QuerySet[Update]) -> None:
        self.meeting, self.user = meeting, user
        self.today = min(clock.today(), meeting.held_on) if meeting.is_over else clock.today()
        self.year = meeting.held_on.year
        self.updates = updates
        self.these = Q(project__in=updates.order_by().values("project"))
        self.writable = set(Update.objects.writable_by(user).filter(meeting=meeting).values_list("pk", flat=True))
        self.promised = self._promised()
        self.figures = self._figures()
        self.plans, self.targets = self._plans()
        self.alerts = _grouped(Alert.objects.visible_to(user).open().filter(self.these).worst_first(), self._alert)
        self.problems = _grouped(
            Problem.objects.visible_to(user)
            .open_on(self.today)
            .filter(self.these)
            .select_related("department", "owner"),
            self._problem,
        )
        self.decided = _grouped(
            Decision.objects.visible_to(user)
            .unfinished()
            .filter(self.these)
            .exclude(meeting=meeting)
            .select_related("lead", "person", "project", "meeting__zone")
            .order_by("deadline", "pk"),
            earlier_row,
        )
        self.steps = _grouped(Milestone.objects.visible_to(user).filter(self.these), lambda row: row)
        self.still = set(Suspension.objects.in_force(self.today).filter(self.these).values_list("project", flat=True))
        self.people = self._people()
        self.photos = self._photos()
        self.touched = self._touched()

    # -- reading
    def _promised(self) -> dict[int, dict[str, Any]]:
        last = agenda.previous(self.meeting)
        if last is None:
            return {}
        rows = last.updates.filter(self.these).exclude(next_step="", words="")
        return {
            row.project_id: {"held_on": _iso(last.held_on), "words": row.words, "next_step": row.next_step}
            for row in rows
        }

    def _figures(self) -> dict[int, list[Progress]]:
        """Figures told, the latest first."""
        rows = Progress.objects.visible_to(self.user).filter(self.these, current=True, up_to__lte=self.today)
        told = rows.filter(Q(amount__isnull=False) | Q(total__isnull=False) | Q(percent__isnull=False))
        return _grouped(told.order_by("-up_to", "-pk"), lambda row: row)

    def _plans(self) -> tuple[dict[int, AnnualPlan], dict[int, dict[int, int]]]:
        plans: dict[int, AnnualPlan] = {}
        for plan in AnnualPlan.objects.holding_on(self.today).filter(self.these, year=self.year):
            plans.setdefault(plan.project_id, plan)
        of_plan = {plan.pk: pk for pk, plan in plans.items()}
        targets: dict[int, dict[int, int]] = defaultdict(dict)
        rows = MonthlyTarget.objects.filter(plan__project__in=self.updates.order_by().values("project"))
        for target in rows.filter(plan__year=self.year):
            if target.plan_id in of_plan:
                targets[of_plan[target.plan_id]][target.month] = target.amount
        return plans, targets

    def _people(self) -> dict[int, list[str]]:
        rows = Assignment.objects.in_force(self.today).filter(self.these, role__in=PEOPLE)
        found: dict[int, list[str]] = defaultdict(list)
        for row in sorted(rows.select_related("user", "department"), key=lambda row: PEOPLE.index(row.role)):
            who = row.who
            if who not in found[row.project_id]:
                found[row.project_id].append(who)
        return found

    def _photos(self) -> dict[int, dict[str, Any]]:
        """The latest picture of each project: of this week, else of a return."""
        of_returns = Photo.objects.filter(
            monthly_return__project__in=self.updates.order_by().values("project"), removed_at=None
        )
        found = {
            pk: {"small": columns.page("return_thumbnail", last), "full": columns.page("return_photo", last)}
            for pk, last in of_returns.order_by().values_list("monthly_return__project").annotate(last=Max("pk"))
        }
        own = Attachment.objects.visible_to(self.user).filter(
            update__project__in=self.updates.order_by().values("project"), removed_at=None
        )
        pictures = own.exclude(thumbnail="").order_by()
        for pk, last in pictures.values_list("update__project").annotate(last=Max("pk")):
            found[pk] = {
                "small": reverse("admin:projects_meetings_attachment_small", args=[last]),
                "full": reverse("admin:projects_meetings_attachment", args=[last]),
            }
        return found

    def _touched(self) -> dict[int, Saved]:
        last = Saved.objects.filter(update__in=self.updates.order_by()).values("update").annotate(last=Max("pk"))
        rows = Saved.objects.filter(pk__in=last.values("last")).select_related("by")
        return {row.update_id or 0: row for row in rows}

    # -- rows
    def row(self, update: Update) -> dict[str, Any]:
        project, standing = update.project, getattr(update.project, "standing", None)
        pk = project.pk
        alerts = self.alerts.get(pk, [])
        said = {alert["sentence"] for alert in alerts}
        return {
            "id": update.pk,
            "place": update.place,
            "section": update.section,
            "why": [_of_its_own(line, project.name) for line in update.why.split("\n") if line and line not in said],
            "project": pk,
            "name": project.name,
            "initials": project.initials,
            "zone": str(project.zone),
            "url": reverse("admin:projects_project_change", args=[pk]),
            "demo": project.is_demo,
            "phase": Phase(project.phase).label,
            "still": pk in self.still,
            "light": _light(standing),
            "values": saving.shown(self._values(update)),
            "money": self._money(update),
            "promised": self.promised.get(pk),
            "decided": self.decided.get(pk, [])[:MOST],
            "alerts": [alert | {"sentence": _of_its_own(alert["sentence"], project.name)} for alert in alerts[:MOST]],
            "problems": self.problems.get(pk, [])[:MOST],
            "steps": self._steps(pk),
            "people": self.people.get(pk, []),
            "photo": self.photos.get(pk),
            "writable": update.pk in self.writable and self.meeting.is_going,
            "filed": _filed(update),
            "touched": touched(last) if (last := self.touched.get(update.pk)) else None,
        }

    def _values(self, update: Update) -> dict[str, Any]:
        return saving.values_with(update, saving.standing_among(update, self.figures.get(update.project_id, [])))

    def _money(self, update: Update) -> dict[str, Any]:
        """What the curve draws and what is typed is compared with, in yuan: months' targets and latest figures."""
        told = self.figures.get(update.project_id, [])
        plan = self.plans.get(update.project_id)
        targets = self.targets.get(update.project_id, {})
        own = update.progress_id
        this_year = [row for row in told if row.amount is not None and row.up_to.year == self.year]
        before = next((row for row in _trusted(this_year) if row.pk != own), None)
        since = next((row for row in told if row.total is not None and row.pk != own), None)
        done = next((row for row in told if row.percent is not None and row.pk != own), None)
        return {
            "plan": plan.amount if plan else None,
            "targets": [targets.get(month) for month in range(1, 13)] if targets else [],
            "done": _by_month(this_year),
            "due": self._due(plan, targets),
            "last": {
                "amount": before.amount,
                "up_to": _iso(before.up_to),
                "channel": before.get_channel_display(),
            }
            if before
            else None,
            "total": since.total if since else None,
            "percent": done.percent if done else None,
        }

    def _due(self, plan: AnnualPlan | None, targets: dict[int, int]) -> int | None:
        """What should be done by today: within the month in proportion to its days."""
        if plan is None:
            return None
        month, day = self.meeting.held_on.month, self.meeting.held_on.day
        first = targets.get(month - 1, 0) if targets else plan.amount * (month - 1) // 12
        last = targets.get(month, first) if targets else plan.amount * month // 12
        return first + (last - first) * day // 31

    def _steps(self, pk: int) -> dict[str, Any]:
        """Steps that are done, and those that can be: by name, with the deadline."""
        known = {row.kind: row for row in self.steps.get(pk, []) if row.kind != Milestone.Kind.OTHER}
        own = [row for row in self.steps.get(pk, []) if row.kind == Milestone.Kind.OTHER]
        done, still = [], []
        for row in [*(known.get(kind) or Milestone(kind=kind) for kind in STEPS), *own]:
            name = row.label or STEPS[row.kind]
            if row.done:
                done.append({"name": name, "day": columns.days(row.actual_first, row.actual_last)})
                continue
            letters, deadline = _initials(name), _iso(row.deadline)
            still.append({"id": f"{row.kind}:{row.label}", "name": name, "initials": letters, "deadline": deadline})
        return {"done": done, "open": still}

    def _alert(self, alert: Alert) -> dict[str, Any]:
        shape = _shape(alert.level)
        return {"label": alert.label, "colour": alert.colour, "shape": shape, "sentence": alert.sentence}

    def _problem(self, problem: Problem) -> dict[str, Any]:
        return {
            "id": problem.pk,
            "title": problem.title,
            "category": problem.get_category_display(),
            "who": "、".join(str(each) for each in (problem.department, problem.owner) if each),
            "deadline": _iso(problem.deadline),
            "left": columns.days_left(problem.deadline, self.today),
            "late": bool(problem.deadline and problem.deadline < self.today),
        }


def _of_its_own(sentence: str, name: str) -> str:
    """A sentence about the project without the project's name, under which it stands."""
    head, colon, rest = sentence.partition("：")
    return rest if colon and head.removesuffix("（演示）") == name else sentence


def _grouped(rows: Iterable[Any], make: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.project_id].append(make(row))
    return found


def _trusted(rows: list[Progress]) -> list[Progress]:
    """Figures of a year in the order of belief: the later month, in it the more trusted channel, then the later day."""
    trust = {str(channel): rank for channel, rank in standings.TRUST.items()}
    believed = [row for row in rows if row.channel in trust]
    return sorted(believed, key=lambda row: (row.up_to.month, trust[row.channel], row.up_to), reverse=True)


def _by_month(rows: list[Progress]) -> list[int | None]:
    """The cumulative figure at the end of each month, by the best channel that told one."""
    best: dict[int, int | None] = {}
    for row in _trusted(rows):
        best.setdefault(row.up_to.month, row.amount)
    return [best.get(month) for month in range(1, 13)]


def touched(last: Saved) -> dict[str, Any]:
    """Who wrote in a row last, and when."""
    return {"by": str(last.by or ""), "at": last.at.isoformat(), "save": last.pk}


def _light(standing: Any) -> dict[str, str]:
    code = standing.light if standing else ""
    label = (standing.light_label if standing else "") or ("正常" if code == "green" else code) or "未判定"
    colour = standing.colour if standing else ""
    return {
        "code": code,
        "label": label,
        "colour": colour if columns.COLOUR.fullmatch(colour) else columns.COLOURS.get(code, "#b45309"),
        "shape": _shape(code),
    }


def _filed(update: Update) -> dict[str, str] | None:
    if update.filed_at is None:
        return None
    return {"by": str(update.filed_by or ""), "at": update.filed_at.isoformat()}


def _named(row: Any) -> dict[str, Any] | None:
    return {"id": row.pk, "name": str(row)} if row else None


def choices(rows: Iterable[Any], label: Callable[[Any], str], short: Callable[[Any], str]) -> list[dict[str, Any]]:
    """Rows to choose from by typing: each by its label and its short name, and the initials of both readings."""
    return [
        {
            "id": row.pk,
            "name": label(row),
            "short": short(row),
            "initials": f"{names.initials(label(row))} {names.initials(short(row))}",
        }
        for row in rows
    ]


# The same few names stand in every row.
_initials = lru_cache(maxsize=500)(names.initials)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _shape(level: str) -> str:
    """What tells a level from another where colours do not."""
    return columns.SHAPES.get(level, "▲")
