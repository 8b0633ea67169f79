"""通知设置: which kinds come by mail, at which hour the digest, when not to be disturbed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget

from projects.notices import absences
from projects.notices.groups import GROUPS, TO_DO
from projects.notices.models import Preference, SuspendedAddress
from zones.models import User

Hours = list[tuple[str, str]]


def _hours(*hours: time) -> Hours:
    return [(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in hours]


DIGEST: Final = _hours(*(time(*divmod(minutes, 60)) for minutes in range(450, 601, 30)))
FROM: Final = _hours(*(time(hour) for hour in range(18, 24)))
UNTIL: Final = _hours(time(6), time(6, 30), time(7), time(7, 30), time(8), time(8, 30))
CHOSEN: Final = tuple(group for group in GROUPS if not group.fixed)


class WishesForm(forms.ModelForm):
    """Every kind that may be switched off is a box of its own; hours are chosen from what the offices keep."""

    digest_at = forms.TypedChoiceField(
        label="每日汇总时间", choices=DIGEST, coerce=time.fromisoformat, widget=UnfoldAdminSelectWidget
    )
    quiet_from = forms.TypedChoiceField(
        label="免打扰开始", choices=FROM, coerce=time.fromisoformat, widget=UnfoldAdminSelectWidget
    )
    quiet_until = forms.TypedChoiceField(
        label="免打扰结束", choices=UNTIL, coerce=time.fromisoformat, widget=UnfoldAdminSelectWidget
    )
    mailed = forms.MultipleChoiceField(
        choices=[(group.code, group.label) for group in CHOSEN], required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Preference
        fields = ("digest_at", "quiet_from", "quiet_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.Meta.fields:
            self.initial[name] = f"{getattr(self.instance, name):%H:%M}"
        off = set(self.instance.inbox_only)
        self.initial["mailed"] = [group.code for group in CHOSEN if group.code not in off]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        until, digest = told.get("quiet_until"), told.get("digest_at")
        if until and digest and until > digest:
            self.add_error("quiet_until", "免打扰应在每日汇总之前结束")
        self.instance.inbox_only = [group.code for group in CHOSEN if group.code not in told.get("mailed", [])]
        return told


def view(site: Any) -> Callable[[HttpRequest], HttpResponse]:
    """The page; everybody who signs in has his own."""

    def page(request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        own = Preference.objects.filter(user=user.pk).first() or Preference(user=user)
        form = WishesForm(request.POST or None, instance=own)
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, "已保存，对今后的通知生效")
            return HttpResponseRedirect(request.path)
        context = {
            **site.each_context(request),
            "title": "通知设置",
            "form": form,
            "fixed": [group for group in GROUPS if group.fixed],
            "to_do": TO_DO,
            "way": way_to(user),
            "email": user.email,
            "absence": absences.of(user),
            "leave": reverse("admin:projects_notices_absence_add"),
            "leaves": reverse("admin:projects_notices_absence_changelist"),
        }
        return TemplateResponse(request, "notices/wishes.html", context)

    return page


def way_to(user: User) -> str:
    """What keeps mail from the person, in a sentence; empty where nothing does."""
    if not user.email:
        return "您还没有登记邮箱，通知只能在这里看到。请联系系统管理员补登。"
    if SuspendedAddress.objects.filter(channel="mail", address=user.email).exists():
        return f"您的邮箱 {user.email} 多次退信，已停止发送。请联系系统管理员更正。"
    return ""
