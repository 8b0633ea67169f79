"""When the scans ran and what they found."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from unfold.decorators import display

from projects.admin import columns
from projects.alerts.admin import asking
from projects.alerts.models import ScanRun
from zones.permissions import Action, paths
from zones.scoped.admin import ReadOnlyAdmin

NOT_YOURS = "（含其他区域，不显示）"


@admin.register(ScanRun)
class ScanRunAdmin(ReadOnlyAdmin):
    list_display = ("as_of", "where", "started_at", "finished", "result")
    list_display_links = None
    list_select_related = ("zone",)
    list_before_template = "projects_alerts/runs_head.html"
    list_per_page = 50
    date_hierarchy = "as_of"
    fields = readonly_fields = ("as_of", "where", "started_at", "finished")

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        reach = paths(request.user, Action.READ)

        @display(description="结果")
        def result(run: ScanRun) -> str:
            return _result(run) if run.covers(reach) else NOT_YOURS

        return tuple(result if name == "result" else name for name in self.list_display)

    @display(description="结果")
    def result(self, run: ScanRun) -> str:
        return NOT_YOURS

    @display(description="区域", ordering="zone__path")
    def where(self, run: ScanRun) -> str:
        return str(run.zone or "全部区域")

    @display(description="完成时间", ordering="finished_at")
    def finished(self, run: ScanRun) -> Any:
        return run.finished_at or "未完成（中断，重新判定即可）"

    def get_urls(self) -> list[URLPattern]:
        now = path("now/", self.admin_site.admin_view(asking.ask), name="projects_alerts_scanrun_now")
        return [now, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        anything = ScanRun.objects.visible_to(request.user).exists()
        context = {"anything": anything, **asking.scan_form(request, "scanrun"), **(extra_context or {})}
        return super().changelist_view(request, context)


def _result(run: ScanRun) -> str:
    counts = run.counts
    if not counts:
        return columns.NOTHING
    names = (
        ("opened", "新发"),
        ("worsened", "加重"),
        ("eased", "减轻"),
        ("rested", "暂停"),
        ("closed", "解除"),
        ("notices", "通知"),
    )
    changed = "，".join(f"{label} {counts.get(name, 0)}" for name, label in names)
    return f"{counts.get('projects', 0)} 个项目，{counts.get('judged', 0)} 个作了判定；{changed}"
