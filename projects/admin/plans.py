"""Plans of the year and frozen month ends, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, ChoicesDropdownFilter
from unfold.decorators import display

from projects import money
from projects.admin import acts, columns, comparing, filters, planning
from projects.admin.sourced import SourcedMixin
from projects.models import AnnualPlan, MonthlyTarget, Source, StandingMonth
from zones.scoped.admin import NO_SUCH_ROW, ReadOnlyAdmin, ScopedTabularInline


class TargetInline(ScopedTabularInline):
    """The plan cut down by month."""

    model = MonthlyTarget
    fields = readonly_fields = ("month_shown", "amount_shown", "share")
    verbose_name_plural = "逐月分解（累计）"

    @display(description="月份")
    def month_shown(self, target: MonthlyTarget) -> str:
        return f"{target.month}月"

    @display(description="累计目标")
    def amount_shown(self, target: MonthlyTarget) -> str:
        return money.show(target.amount)

    @display(description="占年度计划")
    def share(self, target: MonthlyTarget) -> str:
        return columns.percent(target.amount, target.plan.amount)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("plan")


@admin.register(AnnualPlan)
class AnnualPlanAdmin(acts.ActsMixin, SourcedMixin, ReadOnlyAdmin):
    acts = planning.ON_PLANS
    list_display = (
        "project_shown",
        "year",
        "edition_shown",
        "amount_shown",
        "status",
        "effective_from",
        "source_shown",
    )
    list_display_links = ("edition_shown",)
    list_filter = (
        filters.OfProjectPlaceFilter,
        ("year", AllValuesCheckboxFilter),
        ("status", ChoicesDropdownFilter),
    )
    list_select_related = ("project",)
    search_fields = ("project__name", "project__code", "project__initials")
    ordering = ("-year", "project", "-edition")
    fields = readonly_fields = (
        "project_shown",
        "year",
        "edition_shown",
        "amount_shown",
        "carried_shown",
        "method",
        "status",
        "reason",
        "author",
        "recorded_at",
        "effective_from",
        "approved_by",
        "withdrawn_on",
        "withdrawn_by",
        "withdrawn_reason",
        "source_shown",
    )
    inlines = (TargetInline,)

    def get_fields(self, request: HttpRequest, obj: AnnualPlan | None = None) -> Any:
        told = obj is not None and obj.status == AnnualPlan.Status.WITHDRAWN
        return [name for name in self.fields if told or not name.startswith("withdrawn")]

    def get_urls(self) -> list[URLPattern]:
        compare = self.admin_site.admin_view(self.compare)
        return [path("<int:pk>/compare/", compare, name="projects_annualplan_compare"), *super().get_urls()]

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Two editions of a project's year, side by side."""
        plan = self.get_queryset(request).filter(pk=pk).first()
        if plan is None:
            raise Http404(NO_SUCH_ROW)
        context = comparing.build(plan, request.GET.get("with", ""))
        back = columns.page("project_change", plan.project_id)
        whole = {**self.admin_site.each_context(request), **context, "title": "比较计划版次", "back": back}
        return TemplateResponse(request, "admin/projects/plans/compare.html", whole)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        plan = kwargs["obj"]
        if comparing.others(plan).exists():
            compare = ("与其他版次比较", columns.page("annualplan_compare", plan.pk))
            context["more_links"] = [compare]
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description="项目", ordering="project__name")
    def project_shown(self, plan: AnnualPlan) -> SafeString | str:
        return columns.project_link(plan.project)

    @display(description="版次", ordering="edition")
    def edition_shown(self, plan: AnnualPlan) -> str:
        return f"第{plan.edition}版"

    @display(description="年度计划投资", ordering="amount")
    def amount_shown(self, plan: AnnualPlan) -> str:
        return money.show(plan.amount)

    @display(description="结转（截至上年底累计完成）")
    def carried_shown(self, plan: AnnualPlan) -> str:
        return columns.NOTHING if plan.carried is None else money.show(plan.carried)


@admin.register(StandingMonth)
class StandingMonthAdmin(ReadOnlyAdmin):
    """What the board said at a month's end; never changed afterwards."""

    list_display = ("month_shown", "project_shown", "lamp", "plan_shown", "due_shown", "done_shown", "rate", "behind")
    list_display_links = None
    list_filter = (filters.OfProjectPlaceFilter,)
    list_select_related = ("project",)
    search_fields = ("project__name", "project__code", "project__initials")
    date_hierarchy = "month"
    ordering = ("-month", "-severity", "pk")
    fields = readonly_fields = (
        "month_shown",
        "project_shown",
        "lamp",
        "plan_shown",
        "due_shown",
        "done_shown",
        "statistics_shown",
        "rate",
        "behind",
        "frozen_at",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        invented = AnnualPlan.objects.filter(project=OuterRef("project"), source__kind=Source.Kind.DEMO)
        return super().get_queryset(request).annotate(invented=Exists(invented))

    @display(description="截至", ordering="month")
    def month_shown(self, row: Any) -> str:
        return f"{row.month:%Y}年{row.month.month}月"

    @display(description="项目", ordering="project__name")
    def project_shown(self, row: StandingMonth) -> SafeString | str:
        return columns.project_link(row.project)

    @display(description="灯", ordering="severity")
    def lamp(self, row: StandingMonth) -> SafeString:
        return columns.light(row.light, dict(filters.LIGHTS).get(row.light, ""))

    @display(description="年度计划", ordering="plan")
    def plan_shown(self, row: Any) -> SafeString:
        demo = columns.mark("演示", "demo") if row.invented and row.plan is not None else ""
        return format_html("{} {}", columns.brief(row.plan), demo)

    @display(description="应完成", ordering="due")
    def due_shown(self, row: StandingMonth) -> str:
        return columns.brief(row.due)

    @display(description="已完成", ordering="done")
    def done_shown(self, row: StandingMonth) -> str:
        return columns.brief(row.done)

    @display(description="入统完成")
    def statistics_shown(self, row: StandingMonth) -> str:
        return columns.brief(row.done_statistics)

    @display(description="完成率")
    def rate(self, row: StandingMonth) -> str:
        return columns.percent(row.done, row.plan)

    @display(description="落后时序", ordering="lag_elapsed")
    def behind(self, row: StandingMonth) -> str:
        return columns.lag(row.lag_elapsed)
