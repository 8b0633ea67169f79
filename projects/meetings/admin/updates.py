"""Weeks as they were told: the list of all of them, and the way to the page 我的周报."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects.admin import columns, filters
from projects.alerts.admin.todo import Item, Work, offer
from projects.files import serving
from projects.meetings import filing
from projects.meetings.admin import week
from projects.meetings.models import Update
from projects.meetings.recording import HEAVY
from projects.models import Progress
from zones import clock
from zones.permissions import Action, paths
from zones.scoped.admin import ReadOnlyAdmin

REMINDED: Final = timedelta(days=2)  # before the day by which the week is to be told


@admin.register(Update)
class UpdateAdmin(ReadOnlyAdmin):
    """What was told of each project for each meeting. It is written on the pages 我的周报 and 开会."""

    list_display = ("project_shown", "meeting_shown", "words_shown", "done_shown", "section", "filed_shown")
    list_display_links = ("meeting_shown",)
    list_filter = (filters.OfProjectPlaceFilter, ("section", ChoicesDropdownFilter))
    list_select_related = ("project", "meeting__zone", "progress", "filed_by")
    search_fields = ("project__name", "project__code", "project__initials", "words", "next_step", "help_wanted")
    date_hierarchy = "meeting__held_on"
    ordering = ("-meeting__held_on", "meeting", "place", "pk")
    fields = readonly_fields = (
        "project_shown",
        "meeting",
        "section",
        "why",
        "words",
        "done_shown",
        "percent",
        "next_step",
        "help_wanted",
        "pictures",
        "filed_shown",
    )

    class Media:
        css = {"all": ["tracker/returns.css"]}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related).defer(*HEAVY)

    @display(description="项目", ordering="project__name")
    def project_shown(self, update: Update) -> SafeString | str:
        return columns.project_link(update.project)

    @display(description="会议", ordering="meeting__held_on")
    def meeting_shown(self, update: Update) -> SafeString:
        return columns.cell(update.meeting, f"{update.meeting.held_on:%Y-%m-%d}")

    @display(description="本周进展", ordering="words")
    def words_shown(self, update: Update) -> SafeString:
        return columns.cell(
            _short(update.words) or columns.NOTHING, _short(update.help_wanted and f"需协调：{update.help_wanted}")
        )

    @display(description="年内累计完成", ordering="progress__amount")
    def done_shown(self, update: Update) -> str:
        return columns.brief(_figures(update).amount)

    @display(description="形象进度", ordering="progress__percent")
    def percent(self, update: Update) -> str:
        told = _figures(update).percent
        return columns.NOTHING if told is None else f"{told}%"

    @display(description="会前填报", ordering="filed_at")
    def filed_shown(self, update: Update) -> SafeString | str:
        if update.filed_at is None:
            return columns.NOTHING
        return columns.cell(f"{timezone.localtime(update.filed_at):%m月%d日 %H:%M}", update.filed_by or "")

    @display(description="照片")
    def pictures(self, update: Update) -> SafeString | str:
        shown = [
            (serving.url(each), serving.url(each, small=True), each)
            for each in update.attachments.filter(removed_at=None)
            if each.is_picture
        ]
        link = '<a href="{}" target="_blank" rel="noopener"><img class="tk-thumb" src="{}" alt="{}"></a> '
        return format_html_join("", link, shown) or columns.NOTHING

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("week/", wrap(lambda request: week.page(self, request)), name="projects_meetings_update_week"),
            path("week/check/", wrap(week.check), name="projects_meetings_update_week_check"),
            *super().get_urls(),
        ]


def works(user: Any) -> Iterator[Work]:
    """What the person has still to tell of the week, a line for each meeting, from shortly before it is wanted."""
    items = []
    for each, projects in filing.owing(user, clock.today()) if paths(user, Action.WRITE_ASSIGNED) else ():
        if each.until and each.until > clock.today() + REMINDED:
            continue
        names = "、".join(map(str, projects[: filing.NAMED])) + ("等" if len(projects) > filing.NAMED else "")
        where = reverse("admin:projects_meetings_update_week")
        items.append(Item(what=f"{each.name}：{len(projects)} 个项目未报", why=names, url=where, by=each.until))
    yield Work("待填报的周报", len(items), items)


offer(works)


def _figures(update: Update) -> Progress:
    return update.progress or Progress()


def _short(words: str) -> str:
    return f"{words[:60]}…" if len(words) > 60 else words
