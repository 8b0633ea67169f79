"""What is done in the background, and what came of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.timezone import localtime
from unfold.decorators import display

from projects.admin import columns
from projects.admin.filters import ChoiceFilter, Choices, PlaceFilter
from projects.jobs import kinds, watch
from projects.jobs.models import Job
from zones.permissions import paths
from zones.scoped.admin import ReadOnlyAdmin

NOT_YOURS = "（含其他区域，不显示）"
LABELS = {"等待": "info", "进行中": "info", "完成": "success", "失败": "danger"}


class KindFilter(ChoiceFilter):
    """By kind. Unless asked for, what is done every minute and went well stays out of the way."""

    title = "任务"
    parameter_name = "kind"
    default = "main"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        every = [(kind.name, kind.title) for kind in kinds.registered()]
        return [("main", "主要任务"), ("all", "全部（含每分钟的例行任务）"), *every]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen == "all":
            return rows
        if chosen != "main":
            return rows.filter(kind=chosen)
        routine = [entry.kind for entry in settings.JOBS_TIMETABLE if entry.routine]
        return rows.exclude(kind__in=routine, state=Job.State.DONE)


class StateFilter(ChoiceFilter):
    title = "状态"
    parameter_name = "state"
    offered = [(str(value), str(label)) for value, label in Job.State.choices]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(state=chosen)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """To look at. Jobs are asked for where their subject is."""

    list_display = ("what", "where", "asked", "status", "began", "ended", "attempts", "result")
    list_display_links = None
    list_filter = (KindFilter, StateFilter, PlaceFilter)
    list_select_related = ("zone", "asked_by")
    list_before_template = "projects_jobs/list_head.html"
    list_per_page = 50
    show_full_result_count = False

    @display(description="任务")
    def what(self, job: Job) -> str:
        return job.title

    @display(description="区域", ordering="zone__path")
    def where(self, job: Job) -> str:
        return str(job.zone or "全部区域")

    @display(description="提出", ordering="created_at")
    def asked(self, job: Job) -> Any:
        return columns.cell(job.asked_by or "定时", _moment(job.slot or job.created_at))

    @display(description="状态", ordering="state", label=LABELS)
    def status(self, job: Job) -> str:
        return job.get_state_display()

    @display(description="开始", ordering="started_at")
    def began(self, job: Job) -> str:
        return _moment(job.started_at)

    @display(description="结束", ordering="finished_at")
    def ended(self, job: Job) -> str:
        return _moment(job.finished_at)

    @display(description="结果")
    def result(self, job: Job) -> str:
        """For who may read all that the job looked at."""
        if job.state == Job.State.WAITING and job.outcome:
            return f"上次：{job.outcome}；稍后再试"
        return job.outcome or columns.NOTHING

    @display(description="结果")
    def result_outside(self, job: Job) -> str:
        """For everybody else. Why a job failed is said by the system, and tells of no project."""
        return NOT_YOURS if job.state == Job.State.DONE else self.result(job)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        reach = _reach(request)

        @display(description="结果")
        def result(job: Job) -> str:
            return self.result(job) if job.covered_by(reach) else self.result_outside(job)

        return tuple(result if name == "result" else name for name in self.list_display)

    def get_fields(self, request: HttpRequest, obj: Job | None = None) -> tuple[str, ...]:
        covered = obj is not None and obj.covered_by(_reach(request))
        shown = "result" if covered else "result_outside"
        return ("what", "where", "asked", "status", "began", "ended", "attempts", shown)

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        age = watch.tick_age()
        own = Job.objects.visible_to(request.user)
        context = {
            "late": watch.is_late(age),
            "minutes": None if age is None else round(age.total_seconds() / 60),
            "unresolved": watch.unresolved(own).count(),
            "anything": own.exists(),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)


def _reach(request: HttpRequest) -> list[str]:
    return sorted({path for action in Job.read_actions for path in paths(request.user, action)})


def _moment(at: Any) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}" if at else columns.NOTHING
