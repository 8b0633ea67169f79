"""Things a person should know, and the messages that carry them out of the house.

A notice stands in the inbox exactly once. A delivery is one message; it is sent at least once, and whenever it is
sent it is the same message with the same Message-ID.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from zones import clock
from zones.models import User
from zones.permissions import EVERYWHERE, Action, paths
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet, under

KINDS = {
    "red": "红色预警",
    "orange": "橙色预警",
    "yellow": "黄色预警",
    "worsened": "预警升级",
    "eased": "预警减轻",
    "closed": "预警解除",
    "deadline": "临近时限",
    "decision": "议定事项",
    "meeting": "周例会",
}
OTHER = "其他通知"


def kind_label(kind: str) -> str:
    """The words for a kind: one of `KINDS`, or the kind itself where the sender speaks Chinese already."""
    return KINDS.get(kind) or (OTHER if kind.isascii() else kind)


class OwnQuerySet(ScopedQuerySet):
    """Rows that belong to one person and to nobody else, whatever he is appointed to."""

    def visible_to(self, user: Any) -> Self:
        """His own rows; for a superuser all; for anybody else there are none."""
        if not _signed_in(user):
            return self.none()
        return self if user.is_superuser else self.filter(user_id=user.pk)

    def writable_by(self, user: Any) -> Self:
        """His own rows; nobody answers for another, not even a superuser."""
        return self.visible_to(user).filter(user_id=user.pk) if _signed_in(user) else self.none()


class NoticeQuerySet(OwnQuerySet):
    """Notices by reader and by what became of them."""

    def visible_to(self, user: Any) -> Self:
        """His own, as long as he may read the zone they speak of: who has moved on reads no more of the old place."""
        own = super().visible_to(user)
        reach = paths(user, Action.READ)
        if EVERYWHERE in reach:
            return own
        return own.filter(Q(zone=None) | under("zone", reach), Q(project=None) | under("project__zone", reach))

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def waiting(self) -> Self:
        """Neither read nor put into any message yet."""
        return self.filter(delivery=None, read_at=None)


class DeliveryQuerySet(OwnQuerySet):
    """Deliveries by reader and by what is to be done about them."""

    def visible_to(self, user: Any) -> Self:
        """His own, and those of the accounts that he administers: a refused address must be seen to be corrected.

        What a message says is not for the administrator; the screen shows him address, state and reason alone.
        """
        if not _signed_in(user) or user.is_superuser:
            return super().visible_to(user)
        return self.filter(Q(user_id=user.pk) | Q(user__in=User.objects.writable_by(user).values("pk")))

    def open(self) -> Self:
        """Neither sent nor given up."""
        return self.filter(state__in=[Delivery.State.WAITING, Delivery.State.CLAIMED])


def _signed_in(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated and user.is_active)


class Delivery(ScopedModel):
    """One message to one person by one channel, carrying one or more notices. Written once, never changed or deleted.

    `attempts` counts claims, so that a message which kills its sender comes to an end as well. `due_at`,
    `leased_until` and `sent_at` are instants of the database's clock.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", "电子邮件"

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        CLAIMED = "claimed", "发送中"
        SENT = "sent", "已发送"
        FAILED = "failed", "未送达"

    read_actions: ClassVar[tuple[str, ...]] = tuple(Action)
    write_actions: ClassVar[tuple[str, ...]] = ()

    user = models.ForeignKey("zones.User", models.PROTECT, related_name="deliveries", verbose_name="收件人")
    channel = models.CharField("渠道", max_length=10, choices=Channel, default=Channel.MAIL)
    address = models.CharField("地址", max_length=254)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    message_id = models.CharField("邮件编号", max_length=200, unique=True)
    subject = models.CharField("主题", max_length=200)
    text = models.TextField("正文")
    html = models.TextField("网页正文", blank=True)
    attempts = models.PositiveSmallIntegerField("发送次数", default=0)
    created_at = models.DateTimeField("生成时间", db_default=Now())
    due_at = models.DateTimeField("下次发送", db_default=Now())
    leased_until = models.DateTimeField("占用至", null=True, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    last_error = models.CharField("未送达原因", max_length=300, blank=True)

    objects = ScopedManager.from_queryset(DeliveryQuerySet)()

    class Meta:
        verbose_name = "送达"
        verbose_name_plural = "送达"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="projects_notices_delivery_sent",
                violation_error_message="已发送的须有发出时间",
            ),
            models.CheckConstraint(
                condition=Q(state="claimed", leased_until__isnull=False) | (~Q(state="claimed") & Q(leased_until=None)),
                name="projects_notices_delivery_leased",
                violation_error_message="发送中的须有占用时限",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(last_error=""),
                name="projects_notices_delivery_reason",
                violation_error_message="未送达须写明原因",
            ),
            models.CheckConstraint(
                condition=~Q(address="") & ~Q(message_id=""),
                name="projects_notices_delivery_address",
                violation_error_message="送达须有地址和编号",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state__in=["waiting", "claimed"]), name="projects_notices_due"),
            models.Index(fields=["user", "-id"], name="projects_notices_delivery_of"),
        ]

    def __str__(self) -> str:
        # Not the subject: an administrator of accounts meets this name, too.
        return f"{self.address} {self.get_state_display()}"


class Notice(ScopedModel):
    """One sentence that one person should know, with the page it is about. At most one per person and key."""

    read_actions: ClassVar[tuple[str, ...]] = tuple(Action)
    write_actions: ClassVar[tuple[str, ...]] = ()

    user = models.ForeignKey("zones.User", models.PROTECT, related_name="notices", verbose_name="收件人")
    key = models.CharField("标识", max_length=200, editable=False)
    kind = models.CharField("类别", max_length=20)
    sentence = models.TextField("内容")
    path = models.CharField("链接", max_length=300)
    project = models.ForeignKey(
        "projects.Project", models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="项目"
    )
    zone = models.ForeignKey(
        "zones.Zone", models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="所属区域"
    )
    urgent = models.BooleanField("紧急", default=False)
    day = models.DateField("日期", default=clock.today, editable=False)
    created_at = models.DateTimeField("生成时间", db_default=Now())
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    delivery = models.ForeignKey(
        Delivery, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="送达"
    )

    objects = ScopedManager.from_queryset(NoticeQuerySet)()

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        ordering: ClassVar = [models.F("read_at").desc(nulls_first=True), "-urgent", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "key"],
                name="projects_notices_notice_once",
                violation_error_message="这个人已有这条通知",
            ),
            models.CheckConstraint(
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"),
                name="projects_notices_notice_path",
                violation_error_message="链接须是本站的地址",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at", "user"],
                condition=Q(delivery=None, read_at=None),
                name="projects_notices_waiting",
            ),
            models.Index(fields=["user"], condition=Q(read_at=None), name="projects_notices_unread"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def kind_label(self) -> str:
        """The kind in words, e.g. "红色预警"."""
        return kind_label(self.kind)
