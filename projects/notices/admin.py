"""My notices, and what became of the messages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from projects.notices import confirming, inbox
from projects.notices.models import KINDS, Delivery, Hold, Notice, NoticeQuerySet
from zones.scoped.admin import NO_SUCH_ROW, ReadOnlyAdmin

# The theme's colours of a label; the words beside the colour say the same.
COLOURS = {KINDS["red"]: "danger", KINDS["worsened"]: "danger", KINDS["orange"]: "warning", KINDS["yellow"]: "warning"}
COLOURS |= {KINDS["closed"]: "success", KINDS["eased"]: "success"}


class ReadFilter(DropdownFilter):
    title = "是否已读"
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "未读"), ("yes", "已读")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(read_at__isnull=self.value() == "no") if self.value() in {"no", "yes"} else queryset


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
    """The inbox: unread first. Opening a notice leads to the thing and marks it as read."""

    list_display = ("state", "sort", "linked", "project", "told_on")
    list_display_links = None
    list_filter = (ReadFilter, KindFilter)
    list_select_related = ("project",)
    list_before_template = "notices/inbox.html"
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("sentence", "project__name")
    search_help_text = "按内容或项目名称查找"
    actions = ("mark_read",)
    fields = readonly_fields = ("sort", "linked", "project", "zone", "told_on", "state", "mailed")

    @display(description="状态", ordering="read_at", label={"未读": "info", "已读": ""})
    def state(self, notice: Notice) -> str:
        return "已读" if notice.read_at else "未读"

    @display(description="类别", ordering="kind", label=COLOURS)
    def sort(self, notice: Notice) -> str:
        return notice.kind_label

    @display(description="内容")
    def linked(self, notice: Notice) -> str:
        marks = ("【急】" if notice.urgent else "") + _demo_mark(notice)
        target = reverse("admin:projects_notices_notice_open", args=[notice.pk])
        weight = "" if notice.read_at else "font-semibold "
        return format_html(
            '<a class="{}text-primary-600 dark:text-primary-500" href="{}">{}{}</a>',
            weight,
            target,
            marks,
            notice.sentence,
        )

    @display(description="日期", ordering="day")
    def told_on(self, notice: Notice) -> str:
        return format_html('<span class="whitespace-nowrap">{}</span>', notice.day.isoformat())

    @display(description="邮件")
    def mailed(self, notice: Notice) -> str:
        return notice.delivery.get_state_display() if notice.delivery else "没有邮件"

    @admin.action(description="标为已读", permissions=["view"])
    def mark_read(self, request: HttpRequest, queryset: NoticeQuerySet) -> None:
        count = inbox.mark_read(queryset.writable_by(request.user))
        messages.success(request, f"已将 {count} 条通知标为已读")

    def get_urls(self) -> list[URLPattern]:
        opening = path(
            "<int:pk>/open/", self.admin_site.admin_view(self.open_view), name="projects_notices_notice_open"
        )
        return [opening, *super().get_urls()]

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
        told = {"unread": inbox.unread_count(request.user), "anything": self.get_queryset(request).exists()}
        return super().changelist_view(request, {**(extra_context or {}), **told, "title": "我的通知"})

    def _read(self, request: HttpRequest, pk: int) -> None:
        inbox.mark_read(Notice.objects.writable_by(request.user).filter(pk=pk))


@admin.register(Delivery)
class DeliveryAdmin(OwnScreen):
    """What became of the messages. What a message says is shown to its reader, not to who administers accounts."""

    list_display = ("user", "address", "status", "attempts", "created_at", "sent_at", "last_error")
    list_filter = ("state",)
    list_select_related = ("user",)
    show_full_result_count = False
    search_fields = ("address", "user__username", "user__display_name")
    search_help_text = "按地址或收件人查找"
    outside: ClassVar[tuple[str, ...]] = (
        "user",
        "address",
        "status",
        "attempts",
        "created_at",
        "due_at",
        "sent_at",
        "last_error",
        "message_id",
    )

    @display(
        description="状态",
        ordering="state",
        label={"待发送": "info", "发送中": "info", "已发送": "success", "未送达": "danger", "不再发送": ""},
    )
    def status(self, delivery: Delivery) -> str:
        return delivery.get_state_display()

    @display(description="正文")
    def written(self, delivery: Delivery) -> str:
        return format_html('<div class="whitespace-pre-line break-words">{}</div>', delivery.text)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        own = obj is not None and (obj.user_id == request.user.pk or request.user.is_superuser)
        return (*self.outside, "subject", "written") if own else self.outside

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """待确认的通知: more at once than a real day brings. Who works in the zone's office looks and decides."""

    list_display = ("zone", "count", "reason", "status", "created_at", "decided_by", "decided_at")
    list_display_links = None
    list_select_related = ("zone", "decided_by")
    list_filter = ("state",)
    list_before_template = "notices/holds.html"
    show_full_result_count = False
    actions = ("confirm", "reject")
    fields = readonly_fields = ("zone", "count", "reason", "status", "created_at", "decided_by", "decided_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(zone=None)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(Hold.objects.writable_by(request.user).exists())

    @display(description="状态", ordering="state", label={"待确认": "warning", "已确认": "success", "已驳回": "danger"})
    def status(self, hold: Hold) -> str:
        return hold.get_state_display()

    @admin.action(description="属实，发出通知", permissions=["decide"])
    def confirm(self, request: HttpRequest, queryset: Any) -> None:
        self._decide(request, queryset, confirming.confirm, "已确认，{} 条通知将发出")

    @admin.action(description="有误，不发邮件", permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: Any) -> None:
        self._decide(request, queryset, confirming.reject, "已驳回，{} 条通知不发邮件；预警仍在，数据更正后自动解除")

    def _decide(self, request: HttpRequest, queryset: Any, verb: Any, said: str) -> None:
        for hold in queryset.writable_by(request.user):
            try:
                messages.success(request, f"{hold.zone}：" + said.format(verb(hold, by=request.user)))
            except ValidationError as refusal:
                messages.error(request, f"{hold.zone}：{refusal.messages[0]}")


def _demo_mark(notice: Notice) -> str:
    project = notice.project
    return "【演示】" if project and project.is_demo and "演示" not in notice.sentence else ""
