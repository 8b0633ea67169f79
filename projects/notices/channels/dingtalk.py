"""钉钉: robots in groups, and work notifications (工作通知) of an app.

Robot (open.dingtalk.com/document/orgapp/custom-robot-access): POST {"msgtype":"markdown","markdown":{"title","text"}}
to the address that holds its token; where it is secured by a signature (加签), the address also carries `timestamp` in
milliseconds and `sign`, base64 of HMAC-SHA256(secret, "{timestamp}\\n{secret}"). A message has at most 20,000 bytes.
Each robot takes 20 messages a minute; who sends more is shut out for ten minutes.

Work notification (…/orgapp/asynchronous-sending-of-enterprise-session-messages): GET gettoken?appkey&appsecret, good
for 7200 s; POST topapi/message/corpconversation/asyncsend_v2. `msg` has at most 2048 bytes; 5,000 people a minute, 500
messages a day to each, and the same content only once a day to the same person, so that a repeat is not seen. Whoever
is not known is found out later only; success means that the service will deliver. An app calls one interface 1,500
times a minute at most (90006).
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from projects.notices.channels import web
from projects.notices.channels.base import ChannelDown, Rate
from projects.notices.channels.service import JSON, SHORT, App, Codes, Robot
from projects.notices.channels.web import Answer
from projects.notices.channels.words import Line, markdown
from projects.notices.outlets import Outlet

if TYPE_CHECKING:
    from projects.notices.models import Delivery

SHUT_OUT: Final = timedelta(minutes=10)
SECURITY: Final = 310000
NO_ROBOT: Final = "机器人的地址无效，可能已被移出群，请在群里重新添加并更换地址"
BAD_MESSAGE: Final = "消息格式不符合要求"


class DingtalkRobot(Robot):
    """A robot in a group."""

    kind = Outlet.Kind.DINGTALK_ROBOT
    shown = "钉钉"
    limit = 18_000
    codes = Codes(
        ours={
            300001: NO_ROBOT,
            300005: NO_ROBOT,
            400013: "群已解散",
            400101: NO_ROBOT,
            400102: "机器人已停用，请在群设置里启用",
            400106: NO_ROBOT,
            40035: "地址里没有 access_token，请重新复制机器人的地址",
        },
        busy={130101: SHUT_OUT, 410100: SHUT_OUT},
        later=frozenset({-1}),
        never={
            400105: BAD_MESSAGE,
            430101: "消息里的链接被钉钉认为不安全",
            430102: "消息里有钉钉认为不合适的文字",
            430104: "消息里有钉钉认为不合适的内容",
        },
    )

    def message(self, delivery: Delivery, title: str, lines: list[Line]) -> dict[str, Any]:
        return {"msgtype": "markdown", "markdown": {"title": title[:80], "text": self.cut(lines, markdown(title))}}

    def address(self) -> str:
        if not self._secret:
            return self._url
        stamp = str(round(time.time() * 1000))
        sign = base64.b64encode(hmac.digest(self._secret.encode(), f"{stamp}\n{self._secret}".encode(), "sha256"))
        return f"{self._url}{'&' if '?' in self._url else '?'}{urlencode({'timestamp': stamp, 'sign': sign})}"

    def meaning(self, code: int, words: str) -> Exception:
        if code == SECURITY:  # one code for three reasons; the words, of two generations, tell which
            return ChannelDown(f"{_insecure(words.lower())}（钉钉 {code} {words}）", code, ours=True)
        return super().meaning(code, words)


class DingtalkApp(App):
    """An app, to one person, as 工作通知."""

    kind = Outlet.Kind.DINGTALK_APP
    shown = "钉钉"
    base = "https://oapi.dingtalk.com"
    limit = 2048
    rate = Rate(1200, timedelta(minutes=1))
    codes = Codes(
        ours={
            40013: "AppKey 不正确",
            40089: "AppKey 或 AppSecret 不正确",
            40096: "AppKey 或 AppSecret 不正确",
            50002: "请求的人员不在应用的授权范围内",
            50004: "请求的部门不在应用的授权范围内",
            60011: "应用没有发工作通知的权限",
            60020: "本系统的出口 IP 不在应用的白名单，请在钉钉后台加上",
            88: "应用没有权限，或应用设置有误",
        },
        busy={90002: SHORT, 90005: SHORT, 90006: SHORT, 90018: SHORT, 41047: SHORT, 41048: SHORT},
        later=frozenset({-1}),
        nobody=frozenset({33012, 40003, 40031, 60121}),
        never={40035: BAD_MESSAGE, 400002: BAD_MESSAGE, 41039: "消息超出钉钉的长度限制"},
        stale=frozenset({40001, 40014, 41001, 42001}),
    )

    def message(self, delivery: Delivery, title: str, lines: list[Line]) -> dict[str, Any]:
        def write(some: list[Line]) -> str:
            return json.dumps(self._msg(title, markdown(title)(some)), ensure_ascii=False)

        fitting = json.loads(self.cut(lines, write))
        return {"agent_id": self.outlet.agent_id, "userid_list": delivery.address, "msg": fitting}

    def _msg(self, title: str, text: str) -> dict[str, Any]:
        return {"msgtype": "markdown", "markdown": {"title": title[:60], "text": text}}

    def fetched(self) -> Answer:
        asked = urlencode({"appkey": self.outlet.app_id, "appsecret": self._secret})
        return web.ask(f"{self.root}/gettoken?{asked}", None, {}, harmless=True)

    def asked_with(self, token: str, payload: bytes) -> Answer:
        where = "topapi/message/corpconversation/asyncsend_v2"
        return web.ask(f"{self.root}/{where}?{urlencode({'access_token': token})}", payload, JSON)


def _insecure(words: str) -> str:
    if "keyword" in words or "关键词" in words:
        return "消息里没有机器人要求的关键词，请把它填在“自定义关键词”里"
    if "timestamp" in words or "时间戳" in words:
        return "签名的时间不对，请校准本系统服务器的时钟"
    if "sign" in words or "签名" in words:
        return "加签密钥不正确，请核对以 SEC 开头的密钥"
    if "whitelist" in words or "白名单" in words or "ip " in words:
        return "本系统的出口 IP 不在机器人的白名单里，请在钉钉加上"
    return "没有通过机器人的安全设置"
