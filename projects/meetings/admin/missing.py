"""谁还没报: who has not told his week, and the button that asks them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from projects.admin.telling import user_of
from projects.meetings import filing
from projects.meetings.admin import pages
from projects.meetings.models import Meeting
from zones import clock
from zones.permissions import Action, may


def _page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    if not _may_look(request, meeting):
        raise PermissionDenied
    runs = may(request.user, Action.RUN_MEETING, meeting)
    if request.method == "POST":
        if not runs:
            raise PermissionDenied
        _urge(request, meeting)
        return HttpResponseRedirect(request.path)
    silent = filing.missing(meeting)
    rows, untold = meeting.updates.all(), filing.untold(meeting.updates.all())
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "谁还没报",
        "meeting": meeting,
        "week": filing.week_of(meeting),
        "silent": silent,
        "total": rows.count(),
        "told": rows.count() - untold.count(),
        "may_urge": runs and meeting.is_going and any(each.person for each in silent),
        "today": clock.today(),
    }
    return TemplateResponse(request, "projects_meetings/missing.html", context)


def _urge(request: HttpRequest, meeting: Meeting) -> None:
    try:
        count = filing.urge(meeting, by=user_of(request))
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
        return
    said = f"已提醒 {count} 人，在“我的通知”里可以看到，有邮箱的另发邮件" if count else "今天都已提醒过，明天可以再催"
    messages.success(request, said)


def _may_look(request: HttpRequest, meeting: Meeting) -> bool:
    return may(request.user, Action.RUN_MEETING, meeting) or may(request.user, Action.APPROVE, meeting)


def _fits(meeting: Meeting) -> bool:
    return meeting.is_going and meeting.kind == Meeting.Kind.WEEKLY


pages.register(pages.Page("missing", _page, button="谁还没报", fits=_fits, allowed=_may_look, order=40))
