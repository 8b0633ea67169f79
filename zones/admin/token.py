"""接口令牌: a person makes his own, sees the key once, and revokes; an administrator revokes those of his accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from zones.models import ApiToken
from zones.models.token import LONGEST
from zones.scoped.admin import NO_SUCH_ROW, ScopedAdmin

USUAL_DAYS = 90
WRONG_DAYS = f"有效天数应为 1 到 {LONGEST} 的整数"
STATES = {"有效": "success", "已到期": "warning", "已作废": "danger", "账号已停用": "danger"}


class TokenForm(forms.ModelForm):
    """What the token is for, how long it lasts, and whether it may write."""

    request: HttpRequest
    days = forms.IntegerField(
        label="有效天数",
        min_value=1,
        max_value=LONGEST,
        initial=USUAL_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"1 到 {LONGEST} 天，到期后须重新建立",
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), WRONG_DAYS),
    )

    class Meta:
        model = ApiToken
        fields = ("name", "may_write")
        help_texts = {"may_write": "不打开则只能读取"}
        error_messages = {"name": {"required": "请写明令牌给哪个系统用"}}


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedAdmin):
    """One's own tokens, and those of the accounts that one administers."""

    form = TokenForm
    list_display = ("name", "user", "begins", "scope", "created_at", "expires_at", "last_used_on", "state")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "user__display_name", "hint")
    search_help_text = "按用途、用户或令牌开头查找"
    fields = ("name", "days", "may_write")
    change_form_outer_before_template = "zones/token_head.html"
    list_before_template = "zones/tokens_head.html"

    # -- rights: everybody his own
    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) if obj else request.user.is_active

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # -- what is shown
    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(expired=Q(expires_at__lte=Now()))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.list_display if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.list_display if obj else ()

    @display(description="令牌开头", ordering="hint")
    def begins(self, token: ApiToken) -> str:
        return f"{token.hint}…"

    @display(description="权限", ordering="may_write")
    def scope(self, token: ApiToken) -> str:
        return "读取和写入" if token.may_write else "只读"

    @display(description="状态", label=STATES)
    def state(self, token: Any) -> str:
        if token.revoked_at:
            return "已作废"
        if not token.user.is_active:
            return "账号已停用"
        return "已到期" if token.expired else "有效"

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        # Another one is made from the page that shows the key, which must be left by hand.
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        token = kwargs.get("obj")
        if token is not None and not token.revoked_at:
            context["revoke_url"] = reverse("admin:zones_apitoken_revoke", args=[token.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    # -- making one
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        told, user = form.cleaned_data, request.user
        token, key = ApiToken.issue(user, told["name"], days=told["days"], may_write=told["may_write"])  # type: ignore[arg-type]
        obj.pk, obj.hint, obj.issued_key = token.pk, token.hint, key

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The key, in this answer and nowhere else: no redirect, since nothing keeps it on the way."""
        token = ApiToken.objects.get(pk=obj.pk)
        shown = {"title": "令牌已建立", "token": token, "key": obj.issued_key}
        answer = TemplateResponse(
            request, "zones/token_issued.html", {**self.admin_site.each_context(request), **shown}
        )
        add_never_cache_headers(answer)
        return answer

    # -- revoking
    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", revoke, name="zones_apitoken_revoke"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks, and on POST revokes. Who may see a token may revoke it."""
        token = self.get_queryset(request).select_related("user").filter(pk=pk).first()
        if token is None:
            raise Http404(NO_SUCH_ROW)
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "title": "作废令牌", "token": token}
            return TemplateResponse(request, "zones/token_revoke.html", context)
        if not token.revoked_at:
            token.revoke()
            self.log_change(request, token, "作废")
        messages.success(request, f"“{token}”已作废，使用它的系统即刻不能再访问")
        return HttpResponseRedirect(reverse("admin:zones_apitoken_changelist"))
