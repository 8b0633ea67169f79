"""飞书: robots in groups, and apps that write to persons.

Robot (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot): POST {"msg_type":"post","content":…} to the address
that holds its key; where it is secured by a signature (签名校验), the body also carries `timestamp` in seconds, at most
an hour old, and `sign`, base64 of HMAC-SHA256("{timestamp}\\n{secret}", ""). A body has at most 20 KB. Each robot takes
100 messages a minute and 5 a second.

App (…/server-docs/im-v1/message/create): POST auth/v3/tenant_access_token/internal, good for two hours; POST
im/v1/messages?receive_id_type=…, at most 1,000 a minute and 50 a second, 5 a second to the same person; a `post` has at
most 30 KB. The same `uuid` is taken once within an hour.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from projects.notices.channels import web
from projects.notices.channels.base import Rate
from projects.notices.channels.service import JSON, SHORT, App, Codes, Robot
from projects.notices.channels.web import Answer
from projects.notices.channels.words import Line
from projects.notices.outlets import Outlet

if TYPE_CHECKING:
    from projects.notices.models import Delivery

BUSY: Final = {11232: SHORT, 11233: SHORT, 99991400: SHORT, 230020: SHORT}
BAD_MESSAGE: Final = "消息格式不符合要求"
KEYS: Final = "App ID 或 App Secret 不正确"


class _Code:
    """The service's own code is called `code`, of an older age `StatusCode`."""

    def code_of(self, data: dict[str, Any]) -> int | None:
        found = data.get("code", data.get("StatusCode"))
        return found if isinstance(found, int) else None


class FeishuRobot(_Code, Robot):
    """A robot in a group."""

    kind = Outlet.Kind.FEISHU_ROBOT
    shown = "飞书"
    limit = 18_000
    rate = Rate(10, timedelta(seconds=10))  # five at once, then one every two seconds: within both limits
    codes = Codes(
        ours={
            19001: "机器人的地址无效，可能已被移出群，请在群里重新添加并更换地址",
            19021: "签名校验没有通过，请核对密钥，并校准本系统服务器的时钟",
            19022: "本系统的出口 IP 不在机器人的白名单里，请在飞书加上",
            19024: "消息里没有机器人要求的关键词，请把它填在“自定义关键词”里",
        },
        busy=BUSY,
        never={9499: BAD_MESSAGE, 19002: BAD_MESSAGE},
    )

    def message(self, delivery: Delivery, title: str, lines: list[Line]) -> dict[str, Any]:
        return {"msg_type": "post", "content": {"post": json.loads(self.cut(lines, _post(title)))}}

    def body(self, payload: bytes) -> bytes:
        if not self._secret:
            return payload
        stamp = str(int(time.time()))
        sign = base64.b64encode(hmac.digest(f"{stamp}\n{self._secret}".encode(), b"", "sha256")).decode()
        signed = {"timestamp": stamp, "sign": sign, **json.loads(payload)}
        return json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()


class FeishuApp(_Code, App):
    """An app, to one person."""

    kind = Outlet.Kind.FEISHU_APP
    shown = "飞书"
    base = "https://open.feishu.cn"
    limit = 28_000
    rate = Rate(50, timedelta(seconds=3))
    codes = Codes(
        ours={
            10003: KEYS,
            10014: KEYS,
            10015: KEYS,
            230006: "应用没有开启机器人能力，请在飞书开放平台开启并发布",
            230027: "应用没有发消息的权限，请在飞书开放平台申请并发布",
            99991672: "应用没有发消息的权限，请在飞书开放平台申请并发布",
        },
        busy=BUSY,
        later=frozenset({-1, 230049, 230054}),
        nobody=frozenset({230013, 230034, 230053, 99992351, 99992354, 99992364}),
        never={230001: BAD_MESSAGE, 230022: "消息里有飞书认为敏感的内容", 230025: "消息超出飞书的长度限制"},
        stale=frozenset({99991661, 99991663, 99991664, 99991668, 99991671}),
    )

    def message(self, delivery: Delivery, title: str, lines: list[Line]) -> dict[str, Any]:
        return {
            "receive_id": delivery.address,
            "msg_type": "post",
            "content": self.cut(lines, _post(title)),
            "uuid": uuid.uuid5(uuid.NAMESPACE_URL, delivery.message_id).hex,
        }

    def fetched(self) -> Answer:
        keys = json.dumps({"app_id": self.outlet.app_id, "app_secret": self._secret}).encode()
        where = "open-apis/auth/v3/tenant_access_token/internal"
        return web.ask(f"{self.root}/{where}", keys, JSON, harmless=True)

    def token_in(self, data: dict[str, Any]) -> tuple[str, int]:
        return str(data.get("tenant_access_token") or ""), int(data.get("expire") or 0)

    def asked_with(self, token: str, payload: bytes) -> Answer:
        kind = _kind_of(str(json.loads(payload)["receive_id"]))
        where = f"{self.root}/open-apis/im/v1/messages?receive_id_type={kind}"
        return web.ask(where, payload, {**JSON, "Authorization": f"Bearer {token}"})


def _kind_of(account: str) -> str:
    """What sort of id an account is, by how it begins."""
    kinds = {"ou_": "open_id", "on_": "union_id"}
    return kinds.get(account[:3], "email" if "@" in account else "user_id")


def _post(title: str) -> Any:
    """Rich text (富文本): one paragraph for each line."""

    def write(lines: list[Line]) -> str:
        return json.dumps({"zh_cn": {"title": title, "content": [[_part(line)] for line in lines]}}, ensure_ascii=False)

    return write


def _part(line: Line) -> dict[str, str]:
    return {"tag": "a", "text": line.words, "href": line.link} if line.link else {"tag": "text", "text": line.words}
