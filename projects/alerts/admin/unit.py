"""The page of a responsible unit: its projects and their lights, its alerts, what it owes, its problems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import admin
from django.db.models import Count, Exists, F, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from projects import selecting
from projects.admin import columns
from projects.alerts import states
from projects.alerts.admin import saying
from projects.alerts.models import Alert, Letter
from projects.models import Assignment, Problem, Project
from zones import clock
from zones.models import Department
from zones.permissions import Action, may
from zones.scoped.admin import NO_SUCH_ROW

LETTERS: Final = "projects_alerts_letter_changelist"
MOST: Final = 100  # lines of one kind on the page


def url(unit: Department) -> str:
    """The address of a unit's page."""
    return reverse("admin:projects_alerts_unit", args=[unit.pk])


def links(units: Iterable[Department]) -> SafeString:
    """Units by name, each one click away."""
    return format_html_join("、", '<a class="tk-link" href="{}">{}</a>', ((url(unit), str(unit)) for unit in units))


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, for who reads business of the unit's zone. A constant number of statements."""
    user: Any = request.user
    unit = Department.objects.visible_to(user).select_related("zone").filter(pk=pk).first()
    if unit is None or not may(user, Action.READ, unit):
        raise Http404(NO_SUCH_ROW)
    today = clock.today()
    held = Assignment.objects.in_force(today).filter(project=OuterRef("pk"), department=unit)
    projects = Project.objects.visible_to(user).live().filter(Exists(held))
    alerts = states.of_unit(Alert.objects.visible_to(user), unit)
    problems = Problem.objects.visible_to(user).open_on(today).filter(department=unit)
    listed = f"{reverse('admin:projects_alerts_alert_changelist')}?unit={unit.pk}"
    letters, posted = Letter.objects.visible_to(user).filter(department=unit), reverse(f"admin:{LETTERS}")
    context = {
        **admin.site.each_context(request),
        "title": unit.name,
        "unit": unit,
        "numbers": [
            ("项目", projects.count(), ""),
            ("未解除预警", alerts.open().count(), listed),
            ("待答复", alerts.unanswered().count(), f"{listed}&state=unanswered"),
            ("逾期未答复", alerts.late(today).count(), f"{listed}&state=late"),
            ("函件逾期未反馈", letters.overdue(today).count(), f"{posted}?unit={unit.pk}&state=overdue"),
            ("未销号问题", problems.count(), ""),
            ("问题超时限", selecting.late(problems, today).count(), ""),
        ],
        "lights": _lights(projects),
        "alerts": [_alert(row) for row in alerts.open().worst_first().select_related("project", "zone")[:MOST]],
        "projects": [_project(row) for row in projects.select_related("standing", "zone").order_by(*_BEHIND)[:MOST]],
        "problems": [_problem(row) for row in problems.select_related("project", "company")[:MOST]],
    }
    return TemplateResponse(request, "projects_alerts/unit.html", context)


_BEHIND: Final = (F("standing__severity").desc(nulls_last=True), F("standing__lag_elapsed").desc(nulls_last=True), "pk")


def _lights(projects: Any) -> list[tuple[SafeString, int]]:
    """How many of the unit's projects show each light; those that show none are not counted."""
    looks = ("standing__light", "standing__light_label", "standing__colour")
    lit = projects.filter(standing__isnull=False).exclude(standing__light="").order_by("-standing__severity")
    counted = lit.values_list(*looks, "standing__severity").annotate(number=Count("pk"))
    return [(columns.light(code, label, colour), number) for code, label, colour, _, number in counted]


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "mark": columns.light(alert.level, alert.label, alert.colour),
        "what": alert.subject,
        "why": alert.sentence,
        "state": saying.state(alert, clock.today()),
        "url": reverse("admin:projects_alerts_alert_change", args=[alert.pk]),
    }


def _project(project: Project) -> dict[str, Any]:
    standing = getattr(project, "standing", None)
    return {
        "mark": columns.light_of(standing),
        "project": project,
        "share": columns.percent(standing.done, standing.plan) if standing else columns.NOTHING,
        "lag": columns.lag(standing.lag_elapsed) if standing else columns.NOTHING,
        "url": columns.page("project_change", project.pk),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "what": problem.title,
        "of": problem.project or problem.company,
        "until": columns.deadline(problem.deadline, clock.today()),
        "url": columns.page("problem_change", problem.pk),
    }
