"""What operators do by hand: try again, stop a channel or an address and start it again, send a message to try."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse

from projects.notices import breaker
from projects.notices.channels import service
from projects.notices.channels.base import Channel, Refused, Trouble
from projects.notices.channels.mail import Mail
from projects.notices.models import ChannelState, Delivery, SuspendedAddress, when_given_up
from projects.notices.outlets import MAIL, PREFIX, ChatAccount, Outlet, codes_for
from zones.models import User, Zone
from zones.permissions import EVERYWHERE, Action, may, paths

NO_REASON: Final = "请写明停用的原因"
NO_ADDRESS: Final = "请写明要停用的地址"
TOO_OFTEN: Final = "刚刚发送过多，超过这个渠道的频率限制，请过一分钟再试"
NO_OWN_ACCOUNT: Final = "应用只发给个人：请先在这个应用的“聊天账号”里填上您本人的账号"
NO_OWN_MAIL: Final = "请先在用户页登记您本人的邮箱"
UNKNOWN: Final = "没有这个渠道"
SHARED: Final = "电子邮件由所有开发区共用，只有管理全部开发区的系统管理员可以停用和恢复"


def channels_of(user: Any) -> list[str]:
    """The channels that a person looks after: mail for every administrator, and the outlets of his zones."""
    mail = [MAIL] if may(user, Action.ADMINISTER_ACCOUNTS) else []
    return [*mail, *codes_for(user)]


def may_stop(user: Any, code: str) -> bool:
    """Whether a person who looks after a channel may stop it and start it again: mail serves all zones alike."""
    if code != MAIL:
        return True
    reach = paths(user, Action.ADMINISTER_ACCOUNTS)
    tops = Zone.objects.filter(parent=None).values_list("path", flat=True)
    return EVERYWHERE in reach or (bool(reach) and set(tops) <= set(reach))


def outlet_of(code: str) -> Outlet | None:
    """The outlet that a channel is; None for mail."""
    key = code.removeprefix(f"{PREFIX}:")
    return Outlet.objects.select_related("zone").filter(pk=key).first() if key != code and key.isdecimal() else None


# ---- Messages ----------------------------------------------------------------------------------------------
def retry(deliveries: models.QuerySet[Delivery]) -> int:
    """Send once more what was given up, from now on for as long as a new message is tried; returns how many. What no
    longer holds is not sent then either.
    """
    again: dict[str, Any] = {"state": Delivery.State.WAITING, "broken": 0, "due_at": Now()}
    return deliveries.filter(state=Delivery.State.FAILED).update(**again, expires_at=when_given_up())


# ---- Addresses ---------------------------------------------------------------------------------------------
@transaction.atomic
def suspend_address(channel: str, address: str, *, by: User, reason: str) -> SuspendedAddress:
    """Write to an address no more, until it is resumed. Raises ValidationError without an address or a reason."""
    if not address.strip():
        raise ValidationError({"address": NO_ADDRESS})
    if not reason.strip():
        raise ValidationError({"reason": NO_REASON})
    why = f"{by} 停用：{reason.strip()}"[:300]
    known = Delivery.objects.filter(channel=channel, address=address.strip(), user__isnull=False).order_by("-pk")
    values = {"reason": why, "user_id": known.values_list("user", flat=True).first()}
    row, _ = SuspendedAddress.objects.get_or_create(channel=channel, address=address.strip()[:254], defaults=values)
    return row


def resume_address(rows: models.QuerySet[SuspendedAddress]) -> int:
    """Write to the addresses again; how many there were."""
    return rows.delete()[0]


# ---- Trying ------------------------------------------------------------------------------------------------
def test(code: str, *, by: User) -> tuple[bool, str]:
    """Send a message to try, now and past the queue; whether it was taken, and what the service said, in a sentence.

    A success opens a way that was closed. Waits for the service's answer, 10 seconds at most.
    """
    outlet = outlet_of(code)
    if outlet is None and code != MAIL:
        return False, UNKNOWN
    channel: Channel = service(outlet) if outlet else Mail()
    address = _own_address(outlet, by)
    if not address:
        return False, NO_OWN_ACCOUNT if outlet else NO_OWN_MAIL
    breaker.keep(code)
    if channel.rate is not None and not breaker.take(code, channel.rate):
        return False, TOO_OFTEN
    try:
        _send(channel, _message(code, address, by))
    except Trouble as trouble:
        return False, str(trouble)
    finally:
        channel.close()
    breaker.worked(code)
    return True, f"{outlet or '邮件服务'}已接收测试消息"


def _own_address(outlet: Outlet | None, by: User) -> str:
    if outlet is None:
        return by.email
    if not outlet.to_persons:
        return outlet.name
    return ChatAccount.objects.filter(outlet=outlet, user=by).values_list("account", flat=True).first() or ""


def _message(code: str, address: str, by: User) -> Delivery:
    now = ChannelState.objects.annotate(now=Now()).values_list("now", flat=True).get(pk=code)
    text = f"{by} 发来的测试消息，收到即说明这个渠道可用。\n打开系统：{settings.SITE_URL}{reverse('admin:index')}"
    key = uuid.uuid4().hex
    return Delivery(
        user=by,
        channel=code,
        address=address,
        message_id=f"<{key}@test>" if code == MAIL else f"msg_{key}",
        subject="三个一批：测试消息",
        text=text,
        created_at=now,
    )


def _send(channel: Channel, delivery: Delivery) -> None:
    try:
        payload = channel.build(delivery)
    except Trouble:
        raise
    except Exception as error:
        raise Refused(f"测试消息无法生成（{type(error).__name__}）") from error
    channel.open()
    channel.send(delivery, payload)
