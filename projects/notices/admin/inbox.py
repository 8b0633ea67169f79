"""我的通知: what a person was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from projects.notices import inbox
from projects.notices.admin import wishes
from projects.notices.models import KINDS, Notice, NoticeQuerySet
from zones.scoped.admin import NO_SUCH_ROW, ReadOnlyAdmin

# The theme's colours of a label; the words beside the colour say the same.
COLOURS = {KINDS["red"]: "danger", KINDS["worsened"]: "danger", KINDS["orange"]: "warning", KINDS["yellow"]: "warning"}
COLOURS |= {KINDS["closed"]: "success", KINDS["eased"]: "success"}


STATE_COLOURS = {"未读": "info", "待办": "warning", "已读": "", "已办": "success"}
STATES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "no": ("未读", lambda rows: rows.unread()),
    "todo": ("待办", lambda rows: rows.unfinished()),
    "yes": ("已读", lambda rows: rows.filter(read_at__isnull=False, done_at=None)),
    "done": ("已办", lambda rows: rows.filter(done_at__isnull=False)),
}


class ReadFilter(DropdownFilter):
    title = "状态"
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, label) for code, (label, _) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = STATES.get(self.value() or "")
        return chosen[1](queryset) if chosen else queryset


class KindFilter(DropdownFilter):
    """Kinds that occur among one's own notices."""

    title = "类别"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        met = Notice.objects.visible_to(request.user).order_by("kind").values_list("kind", flat=True).distinct()
        return [(kind, Notice(kind=kind).kind_label) for kind in met]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class OwnScreen(ReadOnlyAdmin):
    """A screen that everybody who signs in has, because it shows him what is his."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) if obj else True


@admin.register(Notice)
class NoticeAdmin(OwnScreen):
    """The inbox: unread first. Opening a notice leads to the thing and marks it as read. What is to be done is done
    when it is answered, or when the reader says so.
    """

    list_display = ("state", "sort", "linked", "project", "told_on")
    list_display_links = None
    list_filter = (ReadFilter, KindFilter)
    list_select_related = ("project", "user")
    list_before_template = "notices/inbox.html"
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("sentence", "project__name")
    search_help_text = "按内容或项目名称查找"
    actions = ("mark_read", "mark_done")
    fields = readonly_fields = ("sort", "linked", "project", "zone", "told_on", "state", "mailed", "acted_by")

    @display(description="状态", ordering="read_at", label=STATE_COLOURS)
    def state(self, notice: Notice) -> str:
        return "待办" if notice.read_at and notice.todo and not notice.done_at else notice.state_label

    @display(description="类别", ordering="kind", label=COLOURS)
    def sort(self, notice: Notice) -> str:
        return notice.kind_label

    @display(description="内容")
    def linked(self, notice: Notice) -> str:
        marks = ("【急】" if notice.urgent else "") + _demo_mark(notice) + self._instead(notice)
        target = reverse("admin:projects_notices_notice_open", args=[notice.pk])
        weight = "" if notice.read_at else "font-semibold "
        return format_html(
            '<a class="{}text-primary-600 dark:text-primary-500" href="{}">{}{}</a>',
            weight,
            target,
            marks,
            notice.sentence,
        )

    def _instead(self, notice: Any) -> str:
        """In whose place the reader is told."""
        return f"（代{notice.user}）" if notice.of_another else ""

    @display(description="日期", ordering="day")
    def told_on(self, notice: Notice) -> str:
        return format_html('<span class="whitespace-nowrap">{}</span>', notice.day.isoformat())

    @display(description="邮件")
    def mailed(self, notice: Notice) -> str:
        return notice.delivery.get_state_display() if notice.delivery else "没有邮件"

    @admin.action(description="标为已读", permissions=["view"])
    def mark_read(self, request: HttpRequest, queryset: NoticeQuerySet) -> None:
        count = inbox.mark_read(queryset.writable_by(request.user), by=person(request))
        messages.success(request, f"已将 {count} 条通知标为已读")

    @admin.action(description="标为已办", permissions=["view"])
    def mark_done(self, request: HttpRequest, queryset: NoticeQuerySet) -> None:
        count = inbox.mark_done(queryset.writable_by(request.user), by=person(request))
        messages.success(request, f"已将 {count} 条通知标为已办")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(of_another=Q(~Q(user=request.user.pk)))

    def get_urls(self) -> list[URLPattern]:
        own: list[tuple[str, Any, str]] = [
            ("<int:pk>/open/", self.open_view, "notice_open"),
            ("read/", self.read_view, "notice_read_all"),
            ("settings/", wishes.view(self.admin_site), "preference"),
        ]
        found = [path(at, self.admin_site.admin_view(view), name=f"projects_notices_{name}") for at, view, name in own]
        return [*found, *super().get_urls()]

    def read_view(self, request: HttpRequest) -> HttpResponse:
        """全部标为已读: all of one's own, however many pages they fill."""
        if request.method == "POST":
            rows = Notice.objects.visible_to(request.user).mine(request.user)
            messages.success(request, f"已将 {inbox.mark_read(rows, by=person(request))} 条通知标为已读")
        return HttpResponseRedirect(reverse("admin:projects_notices_notice_changelist"))

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark one's own notice as read and go to the thing; 404 for whatever is not there or not his."""
        notice = Notice.objects.visible_to(request.user).filter(pk=pk).first()
        if notice is None or not url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None):
            raise Http404(NO_SUCH_ROW)
        self._read(request, pk)
        return HttpResponseRedirect(notice.path)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        page = super().change_view(request, object_id, *args, **kwargs)
        if page.status_code == 200 and object_id.isdecimal():
            self._read(request, int(object_id))
        return page

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        inbox.settle(request.user)
        told = {
            "unread": inbox.unread_count(request.user),
            "unfinished": Notice.objects.visible_to(request.user).mine(request.user).unfinished().count(),
            "anything": self.get_queryset(request).exists(),
            "way": wishes.way_to(person(request)),
        }
        return super().changelist_view(request, {**(extra_context or {}), **told, "title": "我的通知"})

    def _read(self, request: HttpRequest, pk: int) -> None:
        inbox.mark_read(Notice.objects.writable_by(request.user).filter(pk=pk), by=person(request))


def person(request: HttpRequest) -> Any:
    """Who looks."""
    return request.user


def _demo_mark(notice: Notice) -> str:
    project = notice.project
    return "【演示】" if project and project.is_demo and "演示" not in notice.sentence else ""
