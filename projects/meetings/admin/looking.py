"""会议检索 and 会议统计: what was said before, and what came of it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES

from projects.meetings import figures, searching
from projects.meetings.models import Decision, Meeting
from zones import clock
from zones.models import Zone
from zones.permissions import Action, paths
from zones.scoped.admin import NO_SUCH_ROW

LONGEST: Final = 100  # characters that are looked for


# ---- 会议检索 ----------------------------------------------------------------------------------------
def search(request: HttpRequest) -> HttpResponse:
    """The page: one field, and below it decisions and minutes in which all words stand."""
    _require_reader(request)
    asked = " ".join(request.GET.get("q", "").replace("\0", "").split())
    words = searching.words_of(asked)
    trouble = f"最多查 {LONGEST} 个字，请缩短后再查" if len(asked) > LONGEST else ""
    found: dict[str, Any] = _found(words, request.user) if words and not trouble else {}
    context = {"title": "会议检索", "asked": asked, "trouble": trouble, "searched": bool(found), **found}
    context["input_classes"] = " ".join(INPUT_CLASSES)
    return _page(request, "projects_meetings/search.html", context)


def _found(words: list[str], user: Any) -> dict[str, Any]:
    decisions, minutes = searching.decisions(words, user), searching.minutes(words, user)
    return {
        "decisions": decisions,
        "decision_rows": [
            {
                "url": reverse("admin:projects_meetings_decision_change", args=[row.pk]),
                "what": searching.marked(row.matter, words),
                "about": searching.marked(_about(row), words),
                "state": row.get_state_display(),
            }
            for row in decisions.rows
        ],
        "minutes": minutes,
        "minutes_rows": [
            {
                "url": reverse("admin:projects_meetings_minutes_change", args=[row.pk]),
                "what": searching.marked(row.title, words),
                "about": searching.excerpt(" ".join((row.background, row.body, row.remarks)), words),
                "day": row.meeting.held_on,
                "draft": row.issued_at is None,
            }
            for row in minutes.rows
        ],
    }


def _about(decision: Decision) -> str:
    told = (decision.project, decision.lead, decision.person, decision.result)
    return " · ".join([str(decision.meeting), *(str(each) for each in told if each)])


# ---- 会议统计 ----------------------------------------------------------------------------------------
def figures_page(request: HttpRequest) -> HttpResponse:
    """The page: a year's meetings and what came of them, over all and by unit."""
    _require_reader(request)
    user: Any = request.user
    zones = Zone.objects.visible_to(user).order_by("path")
    zone = _chosen(zones, request.GET.get("zone", ""))
    meetings, decisions = Meeting.objects.visible_to(user), Decision.objects.visible_to(user)
    if zone:
        meetings = meetings.filter(zone__path__startswith=zone.path)
        decisions = decisions.filter(meeting__zone__path__startswith=zone.path)
    years = list(meetings.held().order_by("-year").values_list("year", flat=True).distinct())
    year = _year(request.GET.get("year", ""), years)
    told = figures.of_year(meetings, decisions, year)
    listed = reverse("admin:projects_meetings_decision_changelist")
    where = {"year": year, **({"zone": zone.code} if zone else {})}
    context = {
        "title": "会议统计",
        "select_classes": " ".join(SELECT_CLASSES),
        "told": told,
        "year": year,
        "years": years,
        "zone": zone,
        "zones": list(zones) if len(zones) > 1 else [],
        "tiles": _tiles(told, f"{listed}?{urlencode(where)}"),
        "units": [
            (unit, f"{listed}?{urlencode({**where, 'state': 'all', 'unit': unit.pk or ''})}") for unit in told.units
        ],
    }
    return _page(request, "projects_meetings/figures.html", context)


def _tiles(told: figures.Year, listed: str) -> list[tuple[str, Any, str]]:
    total = told.total
    return [
        ("召开会议（次）", told.held, ""),
        ("议定事项", total.decided, f"{listed}&state=all"),
        ("办结", total.done, f"{listed}&state=done"),
        ("办结率", total.done_share, ""),
        ("按期率", total.on_time_share, ""),
        ("平均用时（天）", total.mean_days, ""),
        ("逾期未办结", total.overdue, f"{listed}&state=overdue"),
    ]


def _chosen(zones: QuerySet[Zone], code: str) -> Zone | None:
    if not code:
        return None
    zone = zones.filter(code=code).first()
    if zone is None:
        raise Http404(NO_SUCH_ROW)
    return zone


def _year(text: str, years: list[int]) -> int:
    """The year that is asked for, if there were meetings in it; else the latest that had any, else this one."""
    if text.isascii() and text.isdecimal() and int(text) in years:
        return int(text)
    return years[0] if years else clock.today().year


# ---- What both share ---------------------------------------------------------------------------------
def _require_reader(request: HttpRequest) -> None:
    if not paths(request.user, Action.READ):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context})
