"""送达: what became of the messages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from unfold.decorators import display

from projects.notices import replying
from projects.notices.admin import operations
from projects.notices.admin.inbox import OwnScreen
from projects.notices.models import Delivery, DeliveryAttempt
from projects.notices.outlets import MAIL, MAIL_NAME, PREFIX, Outlet
from zones.permissions import Action, may
from zones.scoped.admin import ScopedTabularInline


class AttemptInline(ScopedTabularInline):
    """发送记录: every attempt, and what came of it."""

    model = DeliveryAttempt
    fields = readonly_fields = ("n", "started", "ended", "outcome", "code", "text")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(OwnScreen):
    """What became of the messages. What a message says is shown to its reader, not to who administers accounts."""

    list_display = ("user", "way", "address", "status", "attempts", "created_at", "sent_at", "last_error")
    list_filter = ("state",)
    list_select_related = ("user",)
    list_before_template = "notices/deliveries.html"
    show_full_result_count = False
    search_fields = ("address", "user__username", "user__display_name")
    search_help_text = "按地址或收件人查找"
    inlines = (AttemptInline,)
    outside: ClassVar[tuple[str, ...]] = (
        "user",
        "way",
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

    @display(description="渠道", ordering="channel")
    def way(self, delivery: Any) -> str:
        return MAIL_NAME if delivery.channel == MAIL else delivery.outlet_name or delivery.channel

    def get_queryset(self, request: HttpRequest) -> Any:
        code = Concat(Value(f"{PREFIX}:"), Cast("pk", CharField()))
        outlets = Outlet.objects.annotate(code_=code).filter(code_=OuterRef("channel")).values("name")
        return super().get_queryset(request).annotate(outlet_name=Subquery(outlets[:1]))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        more = {"operates": may(request.user, Action.ADMINISTER_ACCOUNTS)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def get_urls(self) -> list[URLPattern]:
        def page(request: HttpRequest) -> HttpResponse:
            return operations.view(self, request)

        name = "projects_notices_delivery_operating"
        return [path("operating/", self.admin_site.admin_view(page), name=name), *super().get_urls()]

    @display(description="正文")
    def written(self, delivery: Delivery) -> str:
        return format_html('<div class="whitespace-pre-line break-words">{}</div>', replying.masked(delivery.text))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        own = obj is not None and (obj.user_id == request.user.pk or request.user.is_superuser)
        return (*self.outside, "subject", "written") if own else self.outside

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)
