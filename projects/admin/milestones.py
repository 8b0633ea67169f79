"""Steps, their changes, and standstills. Facts are told on the project's page; here they are looked through."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects import dates
from projects.admin import acts, columns, deciding, filters
from projects.admin.page import milestone_state
from projects.admin.sourced import SourcedMixin
from projects.models import Milestone, MilestoneChange, Source, Suspension
from zones import clock
from zones.scoped.admin import ReadOnlyAdmin, ScopedTabularInline

VALUES = {
    "baseline": "首次承诺",
    "planned": "计划",
    "done": "完成",
    "actual_first": "完成最早",
    "actual_last": "完成最晚",
}


class ChangeInline(SourcedMixin, ScopedTabularInline):
    """What moved, by whom and why."""

    model = MilestoneChange
    fields = readonly_fields = ("on", "what", "moved", "reason", "by", "source_shown")
    tab = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("by")

    @display(description="变动内容")
    def moved(self, change: MilestoneChange) -> str:
        return "；".join(
            f"{label} {_shown(change.before.get(name))} → {_shown(change.after.get(name))}"
            for name, label in VALUES.items()
            if change.before.get(name) != change.after.get(name)
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value) if value else "无"


@admin.register(Milestone)
class MilestoneAdmin(acts.ActsMixin, ReadOnlyAdmin):
    acts = deciding.ON_MILESTONES
    list_display = ("named", "project_shown", "baseline", "planned", "actual_shown", "state")
    list_filter = (filters.OfProjectPlaceFilter, ("kind", ChoicesDropdownFilter), filters.MilestoneDueFilter)
    list_select_related = ("project",)
    search_fields = ("project__name", "project__code", "project__initials", "label")
    ordering = ("done", F("planned").asc(nulls_last=True), "pk")
    fields = ("project_shown", "named", "baseline", "planned", "actual_shown", "known_on", "state")
    readonly_fields = ("project_shown", "named", "baseline", "planned", "actual_shown", "known_on", "state")
    inlines = (ChangeInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        invented = MilestoneChange.objects.filter(milestone=OuterRef("pk"), source__kind=Source.Kind.DEMO)
        return super().get_queryset(request).annotate(invented=Exists(invented))

    @display(description="节点", ordering="kind")
    def named(self, milestone: Any) -> SafeString:
        return format_html("{} {}", milestone, columns.mark("演示", "demo") if milestone.invented else "")

    @display(description="项目", ordering="project__name")
    def project_shown(self, milestone: Milestone) -> SafeString | str:
        return columns.project_link(milestone.project)

    @display(description="实际完成", ordering="actual_last")
    def actual_shown(self, milestone: Milestone) -> str:
        if milestone.actual:
            return dates.show(milestone.actual)
        return "已完成，日期不详" if milestone.done else columns.NOTHING

    @display(description="进度")
    def state(self, milestone: Milestone) -> SafeString | str:
        words, late = milestone_state(milestone, clock.today())
        return format_html('<span class="{}">{}</span>', "tk-late" if late else "", words)


@admin.register(Suspension)
class SuspensionAdmin(acts.ActsMixin, SourcedMixin, ReadOnlyAdmin):
    acts = deciding.ON_SUSPENSIONS
    list_display = ("project_shown", "kind", "starts", "ends_shown", "reason", "approver", "source_shown")
    list_display_links = None
    list_filter = (filters.OfProjectPlaceFilter, ("kind", ChoicesDropdownFilter))
    list_select_related = ("project",)
    search_fields = ("project__name", "project__code", "reason")
    ordering = ("-starts", "pk")
    fields = ("project_shown", "kind", "starts", "ends_shown", "reason", "approver", "source_shown", "recorded_by")
    readonly_fields = ("project_shown", "ends_shown", "source_shown", "recorded_by")

    @display(description="项目", ordering="project__name")
    def project_shown(self, suspension: Suspension) -> SafeString | str:
        return columns.project_link(suspension.project)

    @display(description="最后一天", ordering="ends")
    def ends_shown(self, suspension: Suspension) -> str:
        return f"{suspension.ends:%Y-%m-%d}" if suspension.ends else "尚未恢复"
