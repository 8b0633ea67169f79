"""Problems: the list that a meeting goes through, and the page of one."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects import facts
from projects.admin import acts, columns, filters, telling
from projects.models import Problem, ProblemEvent
from zones import clock
from zones.models import User
from zones.scoped.admin import ScopedAdmin, ScopedTabularInline


class ProblemForm(forms.ModelForm):
    """A problem of a project or of a company. Its zone follows from these."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        told = self.cleaned_data
        raised, deadline = told.get("raised_on"), told.get("deadline")
        if raised and raised > clock.today():
            self.add_error("raised_on", "提出日期不能晚于今天")
        if raised and deadline and deadline < raised:
            self.add_error("deadline", "完成时限不能早于提出日期")
        if self.instance._state.adding:
            self._place()
        return told

    def _place(self) -> None:
        project, company = self.cleaned_data.get("project"), self.cleaned_data.get("company")
        owner = project or company
        if owner is None:
            raise ValidationError("请选择项目或企业")
        self.instance.zone = owner.zone


class EventInline(ScopedTabularInline):
    """What became of the problem: every deadline it ever had, every closing."""

    model = ProblemEvent
    fields = readonly_fields = ("on", "what", "deadline", "note", "by")
    per_page = 20
    tab = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("by")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Problem)
class ProblemAdmin(acts.ActsMixin, ScopedAdmin):
    """Open problems, the most pressing first. They are closed on a page of their own (销号)."""

    acts = telling.ON_PROBLEMS
    form = ProblemForm
    inlines = (EventInline,)
    list_display = ("named", "of", "category", "department", "owner", "until", "closed")
    list_filter = (
        filters.PlaceFilter,
        ("category", ChoicesDropdownFilter),
        "department",
        filters.ProblemStateFilter,
    )
    list_select_related = ("project", "company", "department", "owner", "source")
    search_fields = ("title", "project__name", "project__initials", "company__name")
    autocomplete_fields = ("project", "company", "department", "owner")

    def save_model(self, request: HttpRequest, obj: Problem, form: Any, change: bool) -> None:
        if not change:
            obj.recorded_by = cast(User, request.user)
        super().save_model(request, obj, form, change)
        if not change:
            facts.problems.raised(obj, by=obj.recorded_by)

    @display(description="问题", ordering="title")
    def named(self, problem: Problem) -> SafeString:
        invented = problem.source is not None and problem.source.is_demo
        major = columns.mark("重大", "warn") if problem.major else ""
        return format_html("{} {} {}", problem.title, major, columns.mark("演示", "demo") if invented else "")

    @display(description="项目 / 企业", ordering="project__name")
    def of(self, problem: Problem) -> SafeString | str:
        return columns.project_link(problem.project) if problem.project else str(problem.company)

    @display(description="完成时限", ordering="deadline")
    def until(self, problem: Problem) -> SafeString | str:
        if problem.closed_on or problem.deadline is None:
            return f"{problem.deadline:%Y-%m-%d}" if problem.deadline else "未定"
        return columns.deadline(problem.deadline, clock.today())

    @display(description="销号", ordering="closed_on")
    def closed(self, problem: Problem) -> SafeString | str:
        if problem.closed_on is None:
            return columns.mark("未销号", "warn")
        return format_html("{} {}", f"{problem.closed_on:%Y-%m-%d}", problem.closing_note)

    def get_fields(self, request: HttpRequest, obj: Problem | None = None) -> tuple[str, ...]:
        about = ("title", "category", "major", "department", "owner", "deadline", "solution", "raised_on")
        if obj is None:
            return ("project", "company", *about)
        return ("of", *about, *(("closed_on", "closing_note") if obj.closed_on else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Problem | None = None) -> tuple[str, ...]:
        # The deadline moves, and the problem is marked as major or not, by acts that ask why and keep what was before.
        return ("of", "raised_on", "deadline", "major", "closed_on", "closing_note") if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Problem | None) -> Any:
        return self.inlines if obj else ()
