"""Ways to the offices' chat tools: robots in groups, apps that write to persons, and signed webhooks.

An outlet belongs to a zone and tells what happens there and below. Each is a channel of its own, with a queue, a rate
and a breaker of its own: a key that was revoked in one group delays nobody in another.
"""

from __future__ import annotations

from datetime import time
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from zones.models.versioned import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedModel

PREFIX: Final = "outlet"
MAIL: Final = "mail"
MAIL_NAME: Final = "电子邮件"
MORNING: Final = time(8, 0)


class Outlet(Versioned, ScopedModel):
    """One robot, app or webhook, set up by who looks after the system in its zone.

    `url` and `secret` are stored sealed (`channels.sealing`) and never shown again. `since` bounds what is news to it;
    `digested_on` is the last working day on which its digest was written.
    """

    class Kind(models.TextChoices):
        WECOM_ROBOT = "wecom_robot", "企业微信群机器人"
        WECOM_APP = "wecom_app", "企业微信应用"
        DINGTALK_ROBOT = "dingtalk_robot", "钉钉群机器人"
        DINGTALK_APP = "dingtalk_app", "钉钉工作通知"
        FEISHU_ROBOT = "feishu_robot", "飞书群机器人"
        FEISHU_APP = "feishu_app", "飞书应用"
        WEBHOOK = "webhook", "Webhook"

    APPS: ClassVar[tuple[str, ...]] = (Kind.WECOM_APP, Kind.DINGTALK_APP, Kind.FEISHU_APP)

    zone_lookup: ClassVar[str] = "zone"
    read_actions: ClassVar[tuple[str, ...]] = (Action.ADMINISTER_ACCOUNTS,)
    write_actions: ClassVar[tuple[str, ...]] = (Action.ADMINISTER_ACCOUNTS,)

    kind = models.CharField("种类", max_length=20, choices=Kind)
    name = models.CharField("名称", max_length=40, help_text="看得出是哪个群或应用，如：高新区项目推进群")
    zone = models.ForeignKey(
        "zones.Zone",
        models.PROTECT,
        related_name="+",
        verbose_name="区域",
        help_text="通知这个区域及其下级的事；群里的人都会看到，请选群成员都有权查看的区域",
    )
    app_id = models.CharField("应用标识", max_length=64, blank=True)
    agent_id = models.CharField("AgentId", max_length=32, blank=True)
    keyword = models.CharField("自定义关键词", max_length=30, blank=True)
    url_sealed = models.TextField("地址", blank=True, editable=False)
    secret_sealed = models.TextField("密钥", blank=True, editable=False)
    digest = models.BooleanField("每日摘要", default=True, help_text="工作日早上一条，没有新情况不发")
    digest_at = models.TimeField("摘要时间", default=MORNING)
    urgent = models.BooleanField("紧急通知", default=True, help_text="紧急的随时发；夜间的等到早上")
    enabled = models.BooleanField("启用", default=True)
    since = models.DateTimeField("启用时间", db_default=Now(), editable=False)
    digested_on = models.DateField("最近摘要", null=True, blank=True, editable=False)
    token_sealed = models.TextField(blank=True, editable=False)
    token_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "聊天工具"
        verbose_name_plural = "聊天工具"
        ordering: ClassVar = ["zone_id", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["zone", "name"],
                name="projects_notices_outlet_name",
                violation_error_message="这个区域已有同名的聊天工具",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["wecom_app", "dingtalk_app", "feishu_app"]) | ~Q(app_id=""),
                name="projects_notices_outlet_app",
                violation_error_message="应用须填写应用标识",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """The channel that it is."""
        return f"{PREFIX}:{self.pk}"

    @property
    def to_persons(self) -> bool:
        """Whether it writes to persons, by their accounts; else to whoever reads the group."""
        return self.kind in self.APPS


class ChatAccount(ScopedModel):
    """Under which id an app knows a person."""

    zone_lookup: ClassVar[str] = "outlet__zone"
    read_actions: ClassVar[tuple[str, ...]] = (Action.ADMINISTER_ACCOUNTS,)
    write_actions: ClassVar[tuple[str, ...]] = (Action.ADMINISTER_ACCOUNTS,)

    outlet = models.ForeignKey(
        Outlet,
        models.PROTECT,
        related_name="accounts",
        verbose_name="应用",
        limit_choices_to={"kind__in": Outlet.APPS},
    )
    user = models.ForeignKey("zones.User", models.PROTECT, related_name="chat_accounts", verbose_name="用户")
    account = models.CharField(
        "账号",
        max_length=64,
        help_text="企业微信、钉钉填通讯录里的 userid；飞书填 user_id 或 ou_ 开头的 open_id",
    )

    class Meta:
        verbose_name = "聊天账号"
        verbose_name_plural = "聊天账号"
        ordering: ClassVar = ["outlet_id", "user_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["outlet", "user"],
                name="projects_notices_account_once",
                violation_error_message="这个人在这个应用里已有账号",
            ),
            models.UniqueConstraint(
                fields=["outlet", "account"],
                name="projects_notices_account_own",
                violation_error_message="这个账号已属于另一个人",
            ),
            models.CheckConstraint(
                condition=~Q(account=""),
                name="projects_notices_account_filled",
                violation_error_message="请填写账号",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}：{self.account}"


class Told(models.Model):
    """What an outlet has told, to its group (`user` empty) or to one person: each step once. `notice` is one of those
    that were left of it, and `delivery` the message that carries it.
    """

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="told", verbose_name="聊天工具")
    user = models.ForeignKey("zones.User", models.PROTECT, null=True, related_name="+", verbose_name="收件人")
    key = models.CharField("标识", max_length=200)
    notice = models.ForeignKey("projects_notices.Notice", models.PROTECT, related_name="+", verbose_name="通知")
    delivery = models.ForeignKey(
        "projects_notices.Delivery", models.PROTECT, null=True, related_name="told", verbose_name="送达"
    )

    class Meta:
        verbose_name = "已告知"
        verbose_name_plural = "已告知"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["outlet", "key"],
                condition=Q(user=None),
                name="projects_notices_told_group",
                violation_error_message="这件事已告知",
            ),
            models.UniqueConstraint(
                fields=["outlet", "user", "key"],
                condition=Q(user__isnull=False),
                name="projects_notices_told_person",
                violation_error_message="这件事已告知",
            ),
        ]

    def __str__(self) -> str:
        return self.key


def names() -> dict[str, str]:
    """What people call each channel, by its code."""
    return {MAIL: MAIL_NAME, **{f"{PREFIX}:{pk}": name for pk, name in Outlet._base_manager.values_list("pk", "name")}}


def codes_for(user: Any) -> list[str]:
    """The channels among the outlets that the person looks after."""
    return [f"{PREFIX}:{pk}" for pk in Outlet.objects.visible_to(user).values_list("pk", flat=True)]
