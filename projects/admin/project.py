"""Projects: the list that is worked from the top, and the page that answers in ten seconds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, FilteredRelation, OuterRef, Prefetch, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects import claims, facts, names
from projects.admin import acts, columns, deciding, filters, page, planning, telling
from projects.models import AnnualPlan, Assignment, Claim, Company, MilestoneChange, Project, Source, Suspension
from zones import clock
from zones.permissions import Action, may, paths
from zones.scoped.admin import ScopedAdmin, WriteRefused

DESCRIPTIVE = ("national_code", "category", "importance", "company", "parent", "content")
MOST_NAMESAKES = 20
ROLES = (Assignment.Role.RESPONSIBLE, Assignment.Role.UNIT, Assignment.Role.LIAISON, Assignment.Role.STEWARD)


class ProjectForm(forms.ModelForm):
    """What describes a project. Facts are told on their own pages."""

    def clean_name(self) -> str:
        name = names.tidy(self.cleaned_data["name"])
        if not name:
            raise ValidationError("项目名称不能为空")
        return name

    def clean(self) -> dict[str, Any]:
        super().clean()
        self._check_known()
        self._check_parent()
        return self.cleaned_data

    def _check_known(self) -> None:
        """Nobody opens a second file for a project that has one."""
        name, zone = self.cleaned_data.get("name"), self.cleaned_data.get("zone")
        if not name or not zone or not self.instance._state.adding:
            return
        same = Q(key=names.key(name)) | Q(aliases__key=names.key(name), aliases__withdrawn_at=None)
        alike = Project.objects.live().filter(same, zone=zone).distinct()[:MOST_NAMESAKES]
        known = next((project for project in alike if names.marks(project.name) == names.marks(name)), None)
        if known:
            self.add_error("name", _already(known))

    def clean_company(self) -> Any:
        company = self.cleaned_data["company"]
        if company is None and self.instance.company_id:
            raise ValidationError("企业不能删去，只能改选")
        return company

    def _check_parent(self) -> None:
        above, steps = self.cleaned_data.get("parent"), 0
        while above is not None and steps < 10:
            if above.pk == self.instance.pk:
                self.add_error("parent", "上级项目不能是自己或自己的子项目")
                return
            above, steps = above.parent, steps + 1


def _already(known: Project) -> SafeString:
    where = columns.page("project_change", known.pk)
    link = format_html('<a class="tk-underline" href="{}">{}（{}）</a>', where, known.name, known.code)
    return format_html("{}已有这个项目：{}", known.zone, link)


@admin.register(Project)
class ProjectAdmin(acts.ActsMixin, ScopedAdmin):
    """Projects, the worst first."""

    acts = (*telling.ON_PROJECTS, *deciding.ON_PROJECTS, *planning.ON_PROJECTS)
    change_form_outer_before_template = None  # its acts stand in the head of its page
    form = ProjectForm
    change_form_template = "admin/projects/project/change_form.html"
    list_display = ("lamp", "named", "stage", "investment_shown", "done_share", "behind", "upcoming", "people")
    list_display_links = ("named",)
    list_filter = (
        filters.PlaceFilter,
        filters.LightFilter,
        filters.PhaseFilter,
        filters.WhoFilter,
        filters.DeadlineFilter,
        filters.ProblemFilter,
        filters.FiguresFilter,
        filters.BatchFilter,
        filters.PeriodFilter,
        filters.LastBatchFilter,
        ("category", ChoicesDropdownFilter),
        ("importance", ChoicesDropdownFilter),
        filters.StateFilter,
    )
    list_filter_sheet = True
    list_fullwidth = True
    list_select_related = ("zone", "standing")
    list_per_page = 50
    search_fields = ("name", "code", "national_code", "initials", "company__name", "also_called__name")
    search_help_text = "名称、又名、编号、拼音首字母或企业"
    ordering = (
        F("standing__severity").desc(nulls_last=True),
        F("standing__lag_elapsed").desc(nulls_last=True),
        "pk",
    )
    autocomplete_fields = ("company", "parent", "zone")

    # -- list
    def get_queryset(self, request: HttpRequest) -> Any:
        today = clock.today()
        still = Suspension.objects.in_force(today).filter(project=OuterRef("pk"))
        invented, chosen = Q(source__kind=Source.Kind.DEMO), Claim.objects.filter(chosen=True)
        rows = (
            super()
            .get_queryset(request)
            .annotate(
                also_called=FilteredRelation("aliases", condition=Q(aliases__withdrawn_at=None)),
                stands_still=Exists(still),
                plan_invented=Exists(AnnualPlan.objects.filter(invented, project=OuterRef("pk"))),
                amount_invented=Exists(
                    chosen.filter(invented, field__in=("amount", "foreign"), project=OuterRef("pk"))
                ),
                step_invented=Exists(MilestoneChange.objects.filter(invented, milestone__project=OuterRef("pk"))),
            )
        )
        held = Assignment.objects.in_force(today).select_related("user", "department")
        return rows.prefetch_related(Prefetch("assignments", held, to_attr="held_by"))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        # Django does not see that the names that still hold are many to one project.
        found, _ = super().get_search_results(request, queryset, search_term)
        return found, bool(search_term)

    @display(description="灯", ordering=F("standing__severity").desc(nulls_last=True))
    def lamp(self, project: Project) -> SafeString:
        return columns.light_of(getattr(project, "standing", None))

    @display(description="项目", ordering="name")
    def named(self, project: Any) -> SafeString:
        marked = columns.marks(project, suspended=project.stands_still)
        return columns.cell(format_html('<span class="tk-name">{}</span>{}', project.name, marked), project.code)

    @display(description="阶段 / 区域", ordering="phase")
    def stage(self, project: Project) -> SafeString:
        return columns.cell(project.get_phase_display(), project.zone)

    @display(description="总投资", ordering="investment_high")
    def investment_shown(self, project: Any) -> SafeString:
        demo = columns.mark("演示", "demo") if project.amount_invented else ""
        return format_html("{} {}", columns.invested(project), demo)

    @display(description="本年完成 / 计划", ordering="standing__done")
    def done_share(self, project: Any) -> SafeString | str:
        standing = getattr(project, "standing", None)
        if standing is None or standing.plan is None:
            return columns.NOTHING
        demo = columns.mark("演示", "demo") if project.plan_invented else ""
        if standing.done is None:
            return columns.cell("未填报", f"计划 {columns.brief(standing.plan)}", demo)
        share = columns.percent(standing.done, standing.plan)
        return columns.cell(share, f"{columns.brief(standing.done)} / {columns.brief(standing.plan)}", demo)

    @display(description="落后时序", ordering=F("standing__lag_elapsed").desc(nulls_last=True))
    def behind(self, project: Project) -> SafeString | str:
        standing = getattr(project, "standing", None)
        if standing is None or standing.lag_elapsed is None:
            return columns.NOTHING
        late = standing.severity and standing.lag_elapsed > 0
        words = columns.points(standing.lag_elapsed)
        return columns.cell(format_html('<span class="{}">{}</span>', "tk-late" if late else "", words), "百分点")

    @display(description="下一节点", ordering="standing__next_deadline")
    def upcoming(self, project: Any) -> SafeString | str:
        standing = getattr(project, "standing", None)
        if standing is None or not standing.next_kind:
            return columns.NOTHING
        demo = columns.mark("演示", "demo") if project.step_invented else ""
        return columns.cell(standing.next_kind, columns.deadline(standing.next_deadline, clock.today()), demo)

    @display(description="责任人 / 单位")
    def people(self, project: Any) -> SafeString | str:
        held = [row for role in ROLES for row in project.held_by if row.role == role]
        shown = list(dict.fromkeys(row.who for row in held))[:2]
        if not shown:
            return columns.cell("", "未落实")
        return columns.cell(shown[0], "".join(shown[1:]))

    # -- page
    def has_add_permission(self, request: HttpRequest) -> bool:
        # A liaison writes what is assigned to him; a new file is assigned to nobody yet.
        return bool(paths(request.user, Action.WRITE))

    def get_fields(self, request: HttpRequest, obj: Project | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "zone", *DESCRIPTIVE)
        # The whole may lie in a zone above, whose projects he does not read.
        hidden = obj.parent_id and not Project.objects.visible_to(request.user).filter(pk=obj.parent_id).exists()
        return tuple(name for name in DESCRIPTIVE if not (hidden and name == "parent"))

    def get_fieldsets(self, request: HttpRequest, obj: Project | None = None) -> list[Any]:
        return [(None, {"fields": self.get_fields(request, obj)})]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        project = kwargs.get("obj")
        if project is not None:
            context["page"] = page.build(request, project)
            context["acts"] = acts.offered(request, self.acts, project)
            context["manages"] = not project.terminated_on and may(request.user, Action.WRITE, project)
            context["approves"] = not project.terminated_on and may(request.user, Action.APPROVE, project)
            context["title"], context["subtitle"] = project.name, None
        return super().render_change_form(request, context, *args, **kwargs)

    def response_post_save_change(self, request: HttpRequest, obj: Project) -> HttpResponse:
        return HttpResponseRedirect(columns.page("project_change", obj.pk))

    def response_post_save_add(self, request: HttpRequest, obj: Project) -> HttpResponse:
        return HttpResponseRedirect(columns.page("project_change", obj.pk))

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        company = obj.company if "company" in form.changed_data else None
        if company:
            obj.company_id = form.initial.get("company")  # it changes by the claim alone
        if not change:
            self._open_file(request, obj)
        super().save_model(request, obj, form, change)
        if company:
            _state_company(request, obj, company)

    def _open_file(self, request: HttpRequest, obj: Project) -> None:
        """Let the verb give the number; what was typed is then saved on the row that it made."""
        user: Any = request.user
        try:
            made = facts.create(name=obj.name, zone=obj.zone, by=user)
        except ValidationError as error:  # somebody opened the file a moment ago
            raise WriteRefused("；".join(error.messages)) from error
        for name in ("pk", "code", "serial", "version", "created_at", "created_by"):
            setattr(obj, name, getattr(made, name))
        obj._state.adding, obj._state.db = False, made._state.db


def _state_company(request: HttpRequest, project: Project, company: Company) -> None:
    """Whoever fills in the company is its source, and his word holds."""
    user: Any = request.user
    today = clock.today()
    source, _ = Source.objects.get_or_create(
        kind=Source.Kind.PERSON, title=f"{user}填写", zone=project.zone, date_first=today, date_last=today
    )
    claim, _ = claims.assert_claim(project, Claim.Field.COMPANY, company.name, source=source, by=user)
    claims.choose(claim, by=user)
