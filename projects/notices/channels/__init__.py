"""Ways out of the house, one module each, and the one table of them."""

from __future__ import annotations

from typing import Final

from projects.notices.channels.base import Channel
from projects.notices.channels.dingtalk import DingtalkApp, DingtalkRobot
from projects.notices.channels.feishu import FeishuApp, FeishuRobot
from projects.notices.channels.mail import Mail
from projects.notices.channels.service import Service
from projects.notices.channels.webhook import Webhook
from projects.notices.channels.wecom import WecomApp, WecomRobot
from projects.notices.outlets import Outlet

SERVICES: Final[dict[str, type[Service]]] = {
    each.kind: each for each in (WecomRobot, WecomApp, DingtalkRobot, DingtalkApp, FeishuRobot, FeishuApp, Webhook)
}
"""By `Outlet.kind`. A new service is a class in a module of its own and a line here."""


def service(outlet: Outlet) -> Service:
    """The way to what stands behind an outlet."""
    return SERVICES[outlet.kind](outlet)


def ways() -> list[Channel]:
    """Mail, and every outlet that is in use."""
    found = Outlet.objects.filter(enabled=True).select_related("zone").order_by("pk")
    return [Mail(), *(service(outlet) for outlet in found)]
