"""会议材料: the pack of a meeting, to be looked at and printed on A4."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from projects.meetings import pack
from projects.meetings.admin import meetings, pages
from projects.meetings.admin.pages import Page
from projects.meetings.models import Meeting


def view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The pack, for who may see the meeting."""
    context = {
        "title": f"{meeting}会议材料",
        "pack": pack.build(meeting),
        "meeting": meeting,
        "day": meetings.day_shown(meeting),
        "back": meetings.page_of(meeting),
    }
    return TemplateResponse(request, "projects_meetings/pack.html", context)


pages.register(
    Page("pack", view, button="打印会议材料", fits=lambda meeting: meeting.state != Meeting.State.CANCELLED, order=30)
)
