"""A signed webhook to a system of the office's own, after Standard Webhooks 1.0.0 (standardwebhooks.com).

`webhook-id` names the message and is the same whenever it is sent again: who has seen it drops it. `webhook-timestamp`
is in seconds. `webhook-signature` is "v1," and base64 of HMAC-SHA256(secret, "{id}.{timestamp}.{body}"). A secret that
begins with whsec_ is base64 after that, as the standard writes it; any other is taken as it stands. 2xx is success,
whatever the body says. The rate is our own: at most one message a second.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils.timezone import localtime

from projects.notices.channels import web
from projects.notices.channels.base import ChannelDown, Rate
from projects.notices.channels.service import JSON, Codes, Service
from projects.notices.channels.web import Answer
from projects.notices.channels.words import Line, fitted
from projects.notices.outlets import Outlet

if TYPE_CHECKING:
    from projects.notices.models import Delivery

GONE: Final = 410  # the receiver wants no more of it, says the standard


class Webhook(Service):
    """JSON to an address, signed."""

    kind = Outlet.Kind.WEBHOOK
    shown = "Webhook"
    limit = 60_000
    rate = Rate(60, timedelta(minutes=1))
    codes = Codes()

    def message(self, delivery: Delivery, title: str, lines: list[Line]) -> dict[str, Any]:
        def write(some: list[Line]) -> str:
            return json.dumps([{"text": line.words, "url": line.link} for line in some], ensure_ascii=False)

        told = json.loads(fitted(lines, write, self.limit))
        at = localtime(delivery.created_at).isoformat() if delivery.created_at else None
        data = {"id": delivery.message_id, "zone": self.outlet.zone.code, "title": title, "lines": told}
        return {"type": "notices", "timestamp": at, "data": data}

    def asked(self, delivery: Delivery, payload: bytes) -> Answer:
        if not self._secret:
            raise ChannelDown("没有填写签名密钥", ours=True)
        name, stamp = delivery.message_id, str(int(time.time()))
        signed = f"{name}.{stamp}.".encode() + payload
        sign = base64.b64encode(hmac.digest(key_of(self._secret), signed, "sha256")).decode()
        headers = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{sign}"}
        return web.ask(self._url, payload, {**JSON, **headers})

    def judge(self, answer: Answer) -> dict[str, Any]:
        if answer.status == GONE:
            raise ChannelDown("对方不再接收（HTTP 410），请停用或更换地址", GONE, ours=True)
        web.judge_status(answer, "对方没有接收")
        return {}


def key_of(secret: str) -> bytes:
    """The bytes to sign with."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
