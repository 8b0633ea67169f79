"""聊天工具: robots, apps and webhooks of a zone, set up by who looks after the system there."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from projects.notices import breaker, operating, spreading
from projects.notices.channels import sealing, web
from projects.notices.outlets import ChatAccount, Outlet
from projects.notices.watching import with_states
from zones.models import User
from zones.scoped.admin import NO_SUCH_ROW, ScopedAdmin, ScopedTabularInline

Kind = Outlet.Kind
NEEDED: Final = {
    Kind.WECOM_ROBOT: ("url",),
    Kind.DINGTALK_ROBOT: ("url",),
    Kind.FEISHU_ROBOT: ("url",),
    Kind.WEBHOOK: ("url", "secret"),
    Kind.WECOM_APP: ("app_id", "agent_id", "secret"),
    Kind.DINGTALK_APP: ("app_id", "agent_id", "secret"),
    Kind.FEISHU_APP: ("app_id", "secret"),
}
IN_ADDRESS: Final = {
    Kind.WECOM_ROBOT: ("key=", "企业微信群机器人的地址里有 key=，请从群里完整复制"),
    Kind.DINGTALK_ROBOT: ("access_token=", "钉钉群机器人的地址里有 access_token=，请从群里完整复制"),
    Kind.FEISHU_ROBOT: ("/hook/", "飞书群机器人的地址里有 /hook/，请从群里完整复制"),
}
SECRETS: Final = ("url", "secret")
ASKED: Final = {
    "url": "请填写地址",
    "secret": "请填写密钥",
    "app_id": "请填写应用标识",
    "agent_id": "请填写 AgentId",
}
LEAST_SECRET: Final = 16  # characters of a key that we sign with
SHORT_SECRET: Final = f"签名密钥至少 {LEAST_SECRET} 个字符，请用随机生成的"
AGAIN: Final = "改了地址，请把密钥也重新填一遍"


class OutletForm(forms.ModelForm):
    """Keys are typed in and never shown again; left empty, they stay as they are."""

    url = forms.CharField(
        label="地址",
        required=False,
        max_length=1000,
        strip=True,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "type": "password"}),
        help_text="群机器人填从群里复制的 Webhook 地址；应用不填，私有部署的填接口地址",
    )
    secret = forms.CharField(
        label="密钥",
        required=False,
        max_length=500,
        strip=True,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "new-password", "type": "password"}),
        help_text="钉钉、飞书机器人的加签密钥（没有加签的不填）；应用的 Secret；Webhook 的签名密钥",
    )

    class Meta:
        model = Outlet
        fields = (
            *("kind", "name", "zone", "app_id", "agent_id", "keyword"),
            *("digest", "digest_at", "urgent", "enabled"),
        )
        help_texts = {
            "app_id": "应用的 CorpId（企业微信）、AppKey（钉钉）或 App ID（飞书）；机器人不填",
            "agent_id": "企业微信、钉钉应用的 AgentId；其余不填",
            "keyword": "机器人设了自定义关键词的，填在这里，每条消息都会带上",
            "digest_at": "发到群里的时间；发给个人的按本人的通知设置",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SECRETS:
            known = sealing.ending(getattr(self.instance, f"{name}_sealed"))
            if known and name in self.fields:
                self.fields[name].help_text = f"{known}。留空则不变"

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind") or self.instance.kind
        for name in NEEDED.get(kind, ()):
            if name not in self.errors and not cleaned.get(name) and not self._is_kept(name):
                self.add_error(name, ASKED[name])
        self._check_address(kind, cleaned.get("url") or "")
        self._check_secret(kind, cleaned)
        return cleaned

    def _is_kept(self, name: str) -> bool:
        return name in SECRETS and bool(getattr(self.instance, f"{name}_sealed"))

    def _check_address(self, kind: str, url: str) -> None:
        if not url:
            return
        part, complaint = IN_ADDRESS.get(kind, ("", ""))  # type: ignore[call-overload]
        if part not in url:
            self.add_error("url", complaint)
            return
        try:
            web.check(url)
        except web.NotAllowed as refusal:
            self.add_error("url", ValidationError(str(refusal)))

    def _check_secret(self, kind: str, cleaned: dict[str, Any]) -> None:
        secret = cleaned.get("secret") or ""
        if kind == Kind.WEBHOOK and secret and len(secret) < LEAST_SECRET:
            self.add_error("secret", SHORT_SECRET)
        # Whoever may change the address must not be able to have a key sent to it that he was never shown.
        if cleaned.get("url") and not secret and self._is_kept("secret"):
            self.add_error("secret", AGAIN)

    def _post_clean(self) -> None:
        super()._post_clean()
        for name in SECRETS:
            if typed := self.cleaned_data.get(name):
                setattr(self.instance, f"{name}_sealed", sealing.seal(typed))
        if self.changes_keys:
            self.instance.token_sealed, self.instance.token_until = "", None

    @property
    def changes_keys(self) -> bool:
        """Whether another service, or another account there, is meant from now on."""
        return bool({*SECRETS, "app_id", "agent_id"} & set(self.changed_data))


class ChatAccountInline(ScopedTabularInline):
    """Accounts of persons: on the page of an app, and on that of a user."""

    model = ChatAccount
    autocomplete_fields: tuple[str, ...] = ("user",)
    can_delete = True
    tab = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class OwnAccountInline(ChatAccountInline):
    """The same on a user's page; nothing where his administrators have no app."""

    fk_name = "user"
    autocomplete_fields = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and _has_apps(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and super().has_add_permission(request, obj) and _has_apps(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _has_apps(request)


def _has_apps(request: HttpRequest) -> bool:
    known = request.__dict__.setdefault("_chat_apps", [])
    if not known:
        known.append(Outlet.objects.visible_to(request.user).filter(kind__in=Outlet.APPS).exists())
    return bool(known[0])


@admin.register(Outlet)
class OutletAdmin(ScopedAdmin):
    """聊天工具."""

    form = OutletForm
    list_display = ("name", "kind", "zone", "told_what", "state", "why")
    list_filter = ("kind", "zone", "enabled")
    list_select_related = ("zone",)
    search_fields = ("name",)
    list_before_template = "notices/outlets.html"
    change_form_outer_before_template = "notices/outlet_head.html"
    autocomplete_fields = ("zone",)
    fieldsets = (
        (None, {"fields": ("kind", "name", "zone", "enabled")}),
        ("地址和密钥", {"fields": ("url", "secret", "app_id", "agent_id", "keyword")}),
        ("发什么", {"fields": ("digest", "digest_at", "urgent")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("kind",) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [ChatAccountInline] if obj and obj.to_persons else []

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_states(super().get_queryset(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        more = {"operating_url": reverse("admin:projects_notices_delivery_operating")}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    @display(description="发什么")
    def told_what(self, outlet: Outlet) -> str:
        parts = [word for word, yes in (("每日摘要", outlet.digest), ("紧急通知", outlet.urgent)) if yes]
        return "、".join(parts) or "不发"

    @display(description="状态", label={"正常": "success", "不通": "danger", "已停用": "warning", "未启用": ""})
    def state(self, outlet: Any) -> str:
        if not outlet.enabled:
            return "未启用"
        if outlet.suspended_at:
            return "已停用"
        return "不通" if outlet.down_since else "正常"

    @display(description="原因")
    def why(self, outlet: Any) -> str:
        return outlet.suspended_reason or outlet.trouble or ""

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        outlet = kwargs.get("obj")
        if outlet is not None and self.has_change_permission(request, outlet):
            context["test_url"] = reverse("admin:projects_notices_outlet_test", args=[outlet.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            return
        if "enabled" in form.changed_data:
            if obj.enabled:  # what happened meanwhile is no news to the group
                Outlet.objects.filter(pk=obj.pk).update(since=Now())
            else:
                spreading.let_go(obj)
        if form.changes_keys:
            breaker.worked(obj.code)  # tried anew at once

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(require_POST(self.test_view))
        return [path("<int:pk>/test/", test, name="projects_notices_outlet_test"), *super().get_urls()]

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a message to try, and say what the service answered."""
        outlet = Outlet.objects.writable_by(request.user).filter(pk=pk).first()
        if outlet is None:
            raise Http404(NO_SUCH_ROW)
        taken, said = operating.test(outlet.code, by=request.user)  # type: ignore[arg-type]
        (messages.success if taken else messages.error)(request, said if taken else f"测试没有成功：{said}")
        return HttpResponseRedirect(reverse("admin:projects_notices_outlet_change", args=[pk]))


_people = admin.site._registry[User]
_people.inlines = (*_people.inlines, OwnAccountInline)
