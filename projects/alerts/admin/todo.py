"""我的待办: what the person who looks must answer, acknowledge, approve or settle, by day. Ten seconds on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from projects import selecting
from projects.admin import columns
from projects.alerts import states
from projects.alerts.models import WORST_FIRST, Alert, Closing, Exemption, Petition
from projects.alerts.recipients import PERSONS
from projects.models import Assignment, Problem, Project, Return
from projects.returns import lateness
from zones import clock
from zones.models import Appointment
from zones.permissions import Action, Role, paths, roles_of
from zones.scoped.querysets import under

MOST: Final = 50  # lines of one kind of work on the page
OWING: Final = (*PERSONS, Assignment.Role.UNIT)
TOLD: Final = (Return.Status.SUBMITTED, Return.Status.REVIEWED)
Rung = Alert.Rung


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: what, why, where, and by when."""

    what: str
    why: str
    url: str
    by: date | None = None
    mark: SafeString | str = ""

    @property
    def until(self) -> SafeString | str:
        return columns.deadline(self.by, clock.today())


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: how much of it there is, and the first of it, the most pressing first."""

    title: str
    count: int
    items: list[Item] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are not on the page."""
        return self.count - len(self.items)


_more: list[Callable[[Any], Iterable[Work]]] = []


def offer(works: Callable[[Any], Iterable[Work]]) -> None:
    """Let a room above put its own kinds of work on the page; each in a constant number of statements."""
    if works not in _more:
        _more.append(works)


def of(user: Any) -> list[Work]:
    """All that the person has to do, without the kinds of which there is nothing. A constant number of statements."""
    found = [
        _to_answer(user),
        _gone_up(user),
        _to_acknowledge(user),
        *_to_approve(user),
        _rising(user),
        _problems(user),
        _to_report(user),
        _to_review(user),
        *(work for works in _more for work in works(user)),
    ]
    return [work for work in found if work.count]


def count(user: Any) -> int:
    """How many things the person has to do: the number on the page, and on the home page's tile."""
    return sum(work.count for work in of(user)) if paths(user, Action.READ) else 0


def page(request: HttpRequest) -> HttpResponse:
    """The page. Who reads no business has nothing to do here."""
    if not paths(request.user, Action.READ):
        raise PermissionDenied
    works = of(request.user)
    context = {
        **admin.site.each_context(request),
        "title": "我的待办",
        "works": works,
        "total": sum(work.count for work in works),
        "today": clock.today(),
    }
    return TemplateResponse(request, "projects_alerts/todo.html", context)


# ---- Alerts ------------------------------------------------------------------------------------------
def _alerts(title: str, rows: QuerySet[Alert], by: str = "") -> Work:
    """`by` is the column of the day by which it is to be done, where there is one."""
    total, order = rows.count(), (by, *WORST_FIRST) if by else WORST_FIRST
    first = rows.select_related("project", "zone", "rule").order_by(*order)[:MOST] if total else []
    return Work(title, total, [_line(alert, getattr(alert, by) if by else None) for alert in first])


def _line(alert: Alert, by: date | None) -> Item:
    return Item(
        what=alert.subject,
        why=alert.sentence,
        url=reverse("admin:projects_alerts_alert_change", args=[alert.pk]),
        by=by,
        mark=columns.light(alert.level, alert.label, alert.colour),
    )


def _mine(user: Any) -> Any:
    """Of those who stand for a project its leaders owe nothing: to them an alert goes up."""
    return states.of_person(Alert.objects.writable_by(user), user, OWING)


def _to_answer(user: Any) -> Work:
    return _alerts("待答复的预警", _mine(user).unanswered(), by="answer_by")


def _to_acknowledge(user: Any) -> Work:
    """Where no answer is wanted: an answer acknowledges as well, and what rests needs neither."""
    return _alerts("待签收的预警", _mine(user).unacknowledged().filter(held="", answer_by=None))


def _rising(user: Any) -> Work:
    offices = [path for role, path in roles_of(user) if role == Role.COORDINATOR]
    rows = Alert.objects.visible_to(user).rising().filter(_at(offices))
    return _alerts("即将上报的预警", rows, by="goes_up_on")


def _gone_up(user: Any) -> Work:
    """What nobody answered and has come up to the person: as a leader of the zone or of the project, or from below."""
    rows = Alert.objects.visible_to(user).climbed()
    leads = [path for role, path in roles_of(user) if role == Role.LEADER]
    led = Assignment.objects.in_force(clock.today()).filter(user=user.pk, role=Assignment.Role.LEADER)
    mine = Q(rung=Rung.LEADER) & (_at(leads) | Q(project__in=led.order_by().values("project")))
    return _alerts(
        "上报到我的预警", rows.filter(mine | Q(rung=Rung.ABOVE, pk__in=_from_below(rows, user))), by="answer_by"
    )


def _from_below(rows: Any, user: Any) -> list[int]:
    """Alerts at the top of the ladder for which the person's office is the nearest above. Two statements."""
    offices = {path for role, path in roles_of(user) if role in (Role.COORDINATOR, Role.LEADER)}
    if not offices:
        return []
    below = rows.filter(rung=Rung.ABOVE).filter(under("project__zone", offices) | under("zone", offices))
    found = [(pk, one or other) for pk, one, other in below.values_list("pk", "project__zone__path", "zone__path")]
    held = Appointment.objects.in_force(clock.today()).filter(
        role__in=[Role.COORDINATOR, Role.LEADER], user__is_active=True
    )
    staffed = set(held.order_by().values_list("zone__path", flat=True)) if found else set()
    return [pk for pk, path in found if _nearest_above(path, staffed) in offices]


def _nearest_above(path: str, staffed: set[str]) -> str:
    return max((each for each in staffed if path.startswith(each) and each != path), key=len, default="")


def _at(zones: Iterable[str]) -> Q:
    """Alerts of exactly these zones."""
    listed = list(zones)
    return Q(project__zone__path__in=listed) | Q(zone__path__in=listed)


# ---- Approvals ---------------------------------------------------------------------------------------
def _to_approve(user: Any) -> list[Work]:
    return [_exemptions(user), _closings(user)]


def _exemptions(user: Any) -> Work:
    reach = paths(user, Action.APPROVE)
    rows = Exemption.objects.visible_to(user).filter(state=Petition.State.ASKED).exclude(asked_by=user.pk)
    rows = rows.filter(under("project__zone", reach) | under("zone", reach))
    items = [
        Item(
            what=f"{row.project or row.subject_name}：申请豁免至 {row.ends:%Y-%m-%d}",
            why=f"{row.asked_by} {row.asked_on:%Y-%m-%d}：{row.reason}",
            url=reverse("admin:projects_alerts_exemption_change", args=[row.pk]),
        )
        for row in rows.select_related("project", "asked_by").order_by("asked_on", "pk")[:MOST]
    ]
    return Work("待审批的豁免", rows.count(), items)


def _closings(user: Any) -> Work:
    reach = {path for action in (Action.APPROVE, Action.REVIEW) for path in paths(user, action)}
    rows = Closing.objects.visible_to(user).filter(state=Petition.State.ASKED, alert__closed_on=None)
    rows = rows.exclude(asked_by=user.pk)
    rows = rows.filter(under("alert__project__zone", reach) | under("alert__zone", reach))
    items = [
        Item(
            what=f"{row.alert.subject}：申请销号",
            why=f"{row.asked_by} {row.asked_on:%Y-%m-%d}：{row.reason}",
            url=reverse("admin:projects_alerts_alert_change", args=[row.alert_id]),
        )
        for row in rows.select_related("alert__project", "asked_by").order_by("asked_on", "pk")[:MOST]
    ]
    return Work("待审批的销号", rows.count(), items)


# ---- Problems ----------------------------------------------------------------------------------------
def _problems(user: Any) -> Work:
    his = Q(owner=user.pk) | (Q(owner=None, department=user.department_id) if user.department_id else Q(pk__in=[]))
    rows = Problem.objects.visible_to(user).open_on(clock.today()).filter(his)
    items = [
        Item(
            what=row.title,
            why=f"{row.project or row.company} · {row.get_category_display()}",
            url=columns.page("problem_change", row.pk),
            by=row.deadline,
        )
        for row in rows.select_related("project", "company")[:MOST]
    ]
    return Work("我负责的问题", rows.count(), items)


# ---- Returns -----------------------------------------------------------------------------------------
def _to_report(user: Any) -> Work:
    """The month's returns of the projects that the person or his unit looks after."""
    today = clock.today()
    month = lateness.month_to_fill(today)
    told = Return.objects.filter(project=OuterRef("pk"), month=month, status__in=TOLD)
    rows = selecting.looked_after(Project.objects.writable_by(user), user, today).filter(lateness.owes(month))
    rows = rows.exclude(Exists(told)).select_related("zone").order_by("pk")
    items = [
        Item(
            what=str(project),
            why=f"{month.year}年{month.month}月月报",
            url=columns.page("return_fill"),
            by=lateness.due_day(project.zone.return_day, month),
        )
        for project in rows[:MOST]
    ]
    return Work("待填报的月报", rows.count(), items)


def _to_review(user: Any) -> Work:
    """Returns that wait for the office."""
    rows = Return.objects.visible_to(user).filter(
        under("project__zone", paths(user, Action.REVIEW)), status=Return.Status.SUBMITTED
    )
    items = [
        Item(
            what=str(row.project),
            why=f"{row.month.year}年{row.month.month}月月报，{row.submitted_by} 上报",
            url=columns.page("return_change", row.pk),
        )
        for row in rows.select_related("project", "submitted_by").order_by("month", "pk")[:MOST]
    ]
    return Work("待审核的月报", rows.count(), items)
