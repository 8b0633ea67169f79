"""Months' returns: the list of all of them, and the ways to the screens 月报填报 and 月报审核 and to the photos."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from projects import facts, forms, money
from projects.admin import acts, columns, filling, filters, reviewing
from projects.admin.acts import Act, Done
from projects.admin.deciding import HEADS
from projects.admin.sourced import SourcedMixin
from projects.admin.telling import user_of
from projects.models import Photo, Return, ReturnEvent
from zones.permissions import Action
from zones.scoped.admin import NO_SUCH_ROW, ReadOnlyAdmin, ScopedTabularInline

COLOURS = {"未报": "", "已报": "info", "已审": "success", "退回": "danger"}


# ---- Acts on one return ----------------------------------------------------------------------------
def _take_back(request: HttpRequest, row: Return, form: Any) -> Done:
    facts.take_back_return(row, by=user_of(request))
    return "已撤回，可以修改后重新上报"


def _send_back(request: HttpRequest, row: Return, form: Any) -> Done:
    facts.send_back_return(row, reason=form.cleaned_data["reason"], by=user_of(request))
    return "已退回"


def _reopen(request: HttpRequest, row: Return, form: Any) -> Done:
    facts.reopen_return(row, reason=form.cleaned_data["reason"], approver=user_of(request))
    return "已批准重新打开。更正后须重新上报、审核；在此之前原来的数继续有效"


def _is(status: str) -> Any:
    return lambda row: row.status == status


ON_RETURNS = (
    Act("take_back", "撤回月报", "撤回", forms.TakeBackForm, _take_back, fits=_is(Return.Status.SUBMITTED)),
    Act(
        "send_back",
        "退回月报",
        "退回",
        forms.SendBackForm,
        _send_back,
        by=(Action.REVIEW,),
        fits=_is(Return.Status.SUBMITTED),
    ),
    Act(
        "reopen",
        "批准重新打开月报",
        "批准",
        forms.ReopenReturnForm,
        _reopen,
        by=HEADS,
        fits=_is(Return.Status.REVIEWED),
        noted=True,
    ),
)


# ---- Screens ---------------------------------------------------------------------------------------
class EventInline(ScopedTabularInline):
    """What became of it, step by step."""

    model = ReturnEvent
    fields = readonly_fields = ("what", "on", "by", "reason")
    verbose_name_plural = "经过"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("by")


@admin.register(Return)
class ReturnAdmin(acts.ActsMixin, SourcedMixin, ReadOnlyAdmin):
    acts = ON_RETURNS
    list_display = ("project_shown", "month_shown", "year_shown", "this_shown", "percent", "state", "late", "teller")
    list_display_links = ("month_shown",)
    list_filter = (filters.OfProjectPlaceFilter, ("status", ChoicesDropdownFilter))
    list_select_related = ("project", "submitted_by")
    search_fields = ("project__name", "project__code", "project__initials", "words")
    date_hierarchy = "month"
    ordering = ("-month", "project")
    fields = readonly_fields = (
        "project_shown",
        "month_shown",
        "state",
        "returned_reason",
        "amounts",
        "percent",
        "words",
        "claimed",
        "note",
        "pictures",
        "late",
        "submitted_on",
        "submitted_by",
        "reviewed_on",
        "reviewed_by",
        "source_shown",
    )
    inlines = (EventInline,)

    class Media:
        css = {"all": ["tracker/returns.css"]}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("project")

    def after_act(self, row: Any) -> str:
        return columns.page("return_change", row.pk)

    @display(description="项目", ordering="project__name")
    def project_shown(self, row: Return) -> SafeString | str:
        return columns.project_link(row.project)

    @display(description="月份", ordering="month")
    def month_shown(self, row: Return) -> str:
        return f"{row.month:%Y}年{row.month.month}月"

    @display(description="自年初累计", ordering="year_to_date")
    def year_shown(self, row: Return) -> str:
        return columns.brief(row.year_to_date)

    @display(description="本月完成", ordering="this_month")
    def this_shown(self, row: Return) -> str:
        return columns.brief(row.this_month)

    @display(description="状态", ordering="status", label=COLOURS)
    def state(self, row: Return) -> str:
        return str(row.get_status_display())

    @display(description="报送", ordering="late_days")
    def late(self, row: Return) -> str:
        if row.late_days is None:
            return columns.NOTHING
        return f"迟报 {row.late_days} 天" if row.late_days else "按时"

    @display(description="上报人")
    def teller(self, row: Return) -> str:
        return str(row.submitted_by or columns.NOTHING)

    @display(description="申报节点")
    def claimed(self, row: Return) -> str:
        return "、".join(row.claimed) or columns.NOTHING

    @display(description="投资")
    def amounts(self, row: Return) -> SafeString:
        cells = [(forms.ReturnForm.base_fields[name].label, getattr(row, name)) for name in forms.RETURN_MONEY]
        lines = [(label, columns.NOTHING if yuan is None else money.show(yuan)) for label, yuan in cells]
        return format_html_join("", '<span class="tk-person">{}：<b class="tk-num">{}</b></span>', lines)

    @display(description="照片")
    def pictures(self, row: Return) -> SafeString | str:
        shown = [
            (columns.page("return_photo", photo.pk), columns.page("return_thumbnail", photo.pk), photo)
            for photo in row.photos.filter(removed_at=None)
        ]
        link = '<a href="{}" target="_blank" rel="noopener"><img class="tk-thumb" src="{}" alt="{}"></a> '
        return format_html_join("", link, shown) or columns.NOTHING

    # -- further addresses
    def get_urls(self) -> list[URLPattern]:
        pages = [
            ("fill/", lambda request: filling.page(self, request), "fill"),
            ("fill/check/", filling.check, "check"),
            ("review/", lambda request: reviewing.page(self, request), "review"),
            ("photos/<int:pk>/", self.photo_view, "photo"),
            ("photos/<int:pk>/small/", self.thumbnail_view, "thumbnail"),
        ]
        own = [
            path(where, self.admin_site.admin_view(view), name=f"projects_return_{name}") for where, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def photo_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """A picture, for who may see its project; 404 for whatever is not there or not his."""
        return _served(request, pk, "file")

    def thumbnail_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        return _served(request, pk, "thumbnail")


def _served(request: HttpRequest, pk: int, which: str) -> FileResponse:
    photo = Photo.objects.visible_to(request.user).filter(pk=pk, removed_at=None).first()
    if photo is None:
        raise Http404(NO_SUCH_ROW)
    try:
        opened = getattr(photo, which).open("rb")
    except FileNotFoundError as gone:
        raise Http404(NO_SUCH_ROW) from gone
    answer = FileResponse(opened, content_type="image/jpeg")
    # It never changes, but whoever signs in next on this machine must not find it.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
