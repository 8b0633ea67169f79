"""企业微信: robots in groups, and apps that write to members.

Robot (developer.work.weixin.qq.com/document/path/91770): POST {"msgtype":"markdown","markdown":{"content":…}} to the
address that holds its key; content at most 4096 bytes of UTF-8; at most 20 messages a minute for each robot.

App (…/path/90236): GET gettoken?corpid&corpsecret, good for 7200 s and to be kept; POST message/send. Text at most
2048 bytes. A member takes 30 messages a minute and 1000 an hour; an app calls an interface 10,000 times a minute at
most (…/path/90312). With `enable_duplicate_check` the same bytes are not shown twice within `duplicate_check_interval`,
which is four hours at most: a message that was taken without our hearing it does not come twice.

Codes: …/path/90313.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from projects.notices.channels import web
from projects.notices.channels.base import Rate, Refused
from projects.notices.channels.service import JSON, NOBODY, SHORT, App, Codes, Robot
from projects.notices.channels.web import Answer
from projects.notices.channels.words import Line, anchored, markdown
from projects.notices.outlets import Outlet

if TYPE_CHECKING:
    from projects.notices.models import Delivery

ILL = frozenset({-1, 6000, 45033, 50002, 50003})
BUSY = {45009: SHORT, 45011: SHORT, 45024: timedelta(hours=1)}
TOO_LONG = dict.fromkeys((40008, 40058, 44004, 45002), "消息格式或长度不符合要求")
DAY = 4 * 3600  # seconds, the most that the service allows


class WecomRobot(Robot):
    """A robot in a group."""

    kind = Outlet.Kind.WECOM_ROBOT
    shown = "企业微信"
    limit = 4096
    codes = Codes(
        ours={
            93000: "机器人的地址无效，可能已被移出群，请在群里重新添加并更换地址",
            93004: "机器人已停用，请在群设置里启用",
            93008: "机器人不在群里，请重新添加",
            60020: "本系统的出口 IP 不在白名单，请在企业微信后台加上",
        },
        busy=BUSY,
        later=ILL,
        never=TOO_LONG,
    )

    def message(self, delivery: Delivery, title: str, lines: list[Line]) -> dict[str, Any]:
        return {"msgtype": "markdown", "markdown": {"content": self.cut(lines, markdown(title))}}


class WecomApp(App):
    """An app, to one member."""

    kind = Outlet.Kind.WECOM_APP
    shown = "企业微信"
    base = "https://qyapi.weixin.qq.com"
    limit = 2048
    rate = Rate(600, timedelta(minutes=1))
    codes = Codes(
        ours={
            40001: "Secret 不正确",
            40013: "企业 ID（CorpId）不正确",
            40056: "AgentId 不正确",
            41002: "没有填写企业 ID",
            41004: "没有填写 Secret",
            48002: "应用没有发消息的权限",
            301002: "应用没有使用这个 AgentId 的权限",
            60020: "本系统的出口 IP 不在应用的“企业可信 IP”里，请在企业微信后台加上",
            50001: "应用没有授权",
        },
        busy=BUSY,
        later=ILL,
        nobody=frozenset({40003, 60111, 81013, 82001}),
        never=TOO_LONG,
        stale=frozenset({40014, 41001, 42001}),
    )

    def message(self, delivery: Delivery, title: str, lines: list[Line]) -> dict[str, Any]:
        return {
            "touser": delivery.address,
            "msgtype": "text",
            "agentid": _number(self.outlet.agent_id),
            "text": {"content": self.cut(lines, anchored(title))},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DAY,
        }

    def fetched(self) -> Answer:
        asked = urlencode({"corpid": self.outlet.app_id, "corpsecret": self._secret})
        return web.ask(f"{self.root}/cgi-bin/gettoken?{asked}", None, {}, harmless=True)

    def asked_with(self, token: str, payload: bytes) -> Answer:
        return web.ask(f"{self.root}/cgi-bin/message/send?{urlencode({'access_token': token})}", payload, JSON)

    def judge(self, answer: Answer) -> dict[str, Any]:
        data = super().judge(answer)
        # Taken, but for nobody: the only recipient is unknown, or may not be written to by this app.
        if data.get("invaliduser") or data.get("unlicenseduser"):
            raise Refused(f"{NOBODY.format(self.shown)}（invaliduser）", "invaliduser", address=True)
        return data


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text
