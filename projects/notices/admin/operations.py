"""发送情况: how the channels do, and what operators do about it."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from projects.notices import breaker, operating, watching
from projects.notices.channels import SERVICES
from projects.notices.models import Delivery, Hold, SuspendedAddress
from projects.notices.outlets import names
from zones.permissions import Action, may

SHOWN: Final = 20  # of the messages that were given up, and of suspended addresses
PAGE: Final = "admin:projects_notices_delivery_operating"


def view(screen: Any, request: HttpRequest) -> HttpResponse:
    """The page, and on POST one of its acts. For who administers accounts somewhere."""
    if not may(request.user, Action.ADMINISTER_ACCOUNTS):
        raise PermissionDenied
    codes = operating.channels_of(request.user)
    if request.method == "POST":
        _act(request, codes)
        return HttpResponseRedirect(reverse(PAGE))
    context = {**screen.admin_site.each_context(request), **_told(request, codes)}
    return TemplateResponse(request, "notices/operating.html", context)


def _told(request: HttpRequest, codes: list[str]) -> dict[str, Any]:
    called = names()
    dead = _dead(request).select_related("user").order_by("-pk")
    addresses = _addresses(request, codes).select_related("user").order_by("channel", "address")
    return {
        "title": "发送情况",
        "channels": [_channel(code) | {"stoppable": operating.may_stop(request.user, code)} for code in codes],
        "dead": [
            {"row": row, "channel": called.get(row.channel, row.channel), "page": _page(row)} for row in dead[:SHOWN]
        ],
        "dead_count": dead.count(),
        "dead_list": reverse("admin:projects_notices_delivery_changelist") + "?state__exact=failed",
        "addresses": [{"row": row, "channel": called.get(row.channel, row.channel)} for row in addresses[:SHOWN]],
        "addresses_left": max(0, addresses.count() - SHOWN),
        "held": Hold.objects.visible_to(request.user).filter(state=Hold.State.HELD).exclude(zone=None).count(),
        "held_list": reverse("admin:projects_notices_hold_changelist"),
        "outlets": reverse("admin:projects_notices_outlet_changelist"),
        "round_age": watching.round_age(),
    }


def _channel(code: str) -> dict[str, Any]:
    outlet = operating.outlet_of(code)
    rate = SERVICES[outlet.kind].rate if outlet else None
    return {
        "queue": watching.queue(code),
        "rate": f"{rate.period.total_seconds():.0f} 秒内最多 {rate.number} 条" if rate else "不限",
        "edit": reverse("admin:projects_notices_outlet_change", args=[outlet.pk]) if outlet else "",
        "used": outlet is None or outlet.enabled,
    }


def _page(row: Delivery) -> str:
    return reverse("admin:projects_notices_delivery_change", args=[row.pk])


def _dead(request: HttpRequest) -> Any:
    return Delivery.objects.administered_by(request.user).filter(state=Delivery.State.FAILED)


def _addresses(request: HttpRequest, codes: list[str]) -> Any:
    """Those of the channels that he looks after, of people whom he may see."""
    rows = SuspendedAddress.objects.filter(channel__in=codes)
    seen = Delivery.objects.administered_by(request.user).values("address")
    return rows if request.user.is_superuser else rows.filter(address__in=seen)


def _act(request: HttpRequest, codes: list[str]) -> None:
    act, code = request.POST.get("act", ""), request.POST.get("channel", "")
    if act in {"suspend", "resume", "retry_all", "test", "suspend_address"} and code not in codes:
        messages.error(request, operating.UNKNOWN)
        return
    if act in {"suspend", "resume"} and not operating.may_stop(request.user, code):
        messages.error(request, operating.SHARED)
        return
    try:
        taken, said = _ACTS[act](request, code) if act in _ACTS else (False, "没有这个操作")
    except ValidationError as refusal:
        taken, said = False, refusal.messages[0]
    (messages.success if taken else messages.error)(request, said)


def _suspend(request: HttpRequest, code: str) -> tuple[bool, str]:
    breaker.suspend(code, by=request.user, reason=request.POST.get("reason", ""))  # type: ignore[arg-type]
    return True, f"“{names().get(code)}”已停用，待发的消息都保留着"


def _resume(request: HttpRequest, code: str) -> tuple[bool, str]:
    breaker.resume(code)
    return True, f"“{names().get(code)}”已恢复，下一轮起发送"


def _retry_all(request: HttpRequest, code: str) -> tuple[bool, str]:
    count = operating.retry(_dead(request).filter(channel=code))
    return bool(count), f"{count} 条消息将重新发送" if count else "没有未送达的消息"


def _retry(request: HttpRequest, code: str) -> tuple[bool, str]:
    count = operating.retry(_dead(request).filter(pk=_number(request.POST.get("delivery", ""))))
    return bool(count), "这条消息将重新发送" if count else "这条消息不在未送达之列，可能已由他人处理"


def _test(request: HttpRequest, code: str) -> tuple[bool, str]:
    taken, said = operating.test(code, by=request.user)  # type: ignore[arg-type]
    return taken, said if taken else f"测试没有成功：{said}"


def _suspend_address(request: HttpRequest, code: str) -> tuple[bool, str]:
    address = request.POST.get("address", "")
    known = Delivery.objects.administered_by(request.user).filter(channel=code, address=address.strip())
    if address.strip() and not known.exists():
        return False, "没有向这个地址发过消息，请核对"
    operating.suspend_address(code, address, by=request.user, reason=request.POST.get("reason", ""))  # type: ignore[arg-type]
    return True, f"{address.strip()} 已停用，系统内的通知照旧"


def _resume_address(request: HttpRequest, code: str) -> tuple[bool, str]:
    key = request.POST.get("address", "")
    rows = _addresses(request, operating.channels_of(request.user)).filter(pk=_number(key))
    if operating.resume_address(SuspendedAddress.objects.filter(pk__in=rows.values("pk"))):
        return True, "地址已恢复"
    return False, "这个地址不在停用之列，可能已由他人恢复"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


_ACTS: Final = {
    "suspend": _suspend,
    "resume": _resume,
    "retry_all": _retry_all,
    "retry": _retry,
    "test": _test,
    "suspend_address": _suspend_address,
    "resume_address": _resume_address,
}
