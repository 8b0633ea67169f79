"""Things a person should know, and the messages that carry them out of the house.

A notice stands in the inbox exactly once. A delivery is one message; it is sent at least once, and whenever it is
sent it is the same message with the same Message-ID, byte for byte. All instants are of the database's clock.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any, ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from projects.notices.outlets import ChatAccount as ChatAccount  # the other models of the room
from projects.notices.outlets import Outlet as Outlet
from projects.notices.outlets import Told as Told
from projects.notices.outlets import codes_for, names
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
GIVE_UP = timedelta(hours=72)  # a long weekend; then a message is no news any more


def kind_label(kind: str) -> str:
    """The words for a kind: one of `KINDS`, or the kind itself where the sender speaks Chinese already."""
    return KINDS.get(kind) or (OTHER if kind.isascii() else kind)


def when_given_up() -> Any:
    """Until when a message is tried: an expression of the database's clock."""
    return Now() + GIVE_UP


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
        """His own, as long as he may read the zone they speak of: who has moved on reads no more of the old place.

        What waits for a confirmation (`Hold`) is not told yet; what speaks of a project whose file was taken back is
        not told any more.
        """
        own = self._own(user).filter(hold=None, project__withdrawn_at=None)
        reach = paths(user, Action.READ)
        if EVERYWHERE in reach:
            return own
        return own.filter(Q(zone=None) | under("zone", reach), Q(project=None) | under("project__zone", reach))

    def writable_by(self, user: Any) -> Self:
        """Those that he marks as read or done: his own, and of whomever he stands in for."""
        return self.visible_to(user).mine(user)

    def mine(self, user: Any) -> Self:
        """His own, and what he answers for while somebody is away; for a superuser no others either."""
        return self.filter(_answered_for(user)) if _signed_in(user) else self.none()

    def _own(self, user: Any) -> Self:
        if not _signed_in(user):
            return self.none()
        return self if user.is_superuser else self.filter(_answered_for(user))

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def unfinished(self) -> Self:
        """待办: something is to be done about them, and nobody has done it."""
        return self.filter(todo=True, done_at=None)

    def waiting(self) -> Self:
        """Neither read, nor held, nor put into any message yet, and not for the inbox alone."""
        return self.filter(delivery=None, read_at=None, hold=None, inbox_only=False)


class DeliveryQuerySet(OwnQuerySet):
    """Deliveries by reader and by what is to be done about them."""

    def visible_to(self, user: Any) -> Self:
        """His own, and those of the accounts that he administers: a refused address must be seen to be corrected.

        What a message says is not for the administrator; the screen shows him address, state and reason alone.
        """
        if not _signed_in(user) or user.is_superuser:
            return super().visible_to(user)
        return self.filter(Q(user_id=user.pk) | self._administered(user))

    def administered_by(self, user: Any) -> Self:
        """Those of the accounts, and by the outlets, that he looks after; for a superuser all."""
        if not _signed_in(user):
            return self.none()
        return self if user.is_superuser else self.filter(self._administered(user))

    def _administered(self, user: Any) -> Q:
        accounts = Q(user__in=User.objects.writable_by(user).values("pk"))
        return accounts | Q(user=None, channel__in=codes_for(user))

    def open(self) -> Self:
        """Neither sent nor given up."""
        return self.filter(state__in=[Delivery.State.WAITING, Delivery.State.CLAIMED])


def _signed_in(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated and user.is_active)


def _answered_for(user: Any) -> Q:
    """What is a person's own, and of those he stands in for today what is news since they left, or was not settled."""
    own = Q(user_id=user.pk)
    for absent, since in stands_in_for(user).items():
        own |= Q(user_id=absent) & (Q(day__gte=since) | Q(read_at=None) | Q(todo=True, done_at=None))
    return own


class AttemptQuerySet(ScopedQuerySet):
    """Attempts, reached through their messages."""

    def visible_to(self, user: Any) -> Self:
        """Those of the messages that he may see."""
        return self.filter(delivery__in=Delivery.objects.visible_to(user).values("pk"))

    def writable_by(self, user: Any) -> Self:
        """None: what was tried stays as it was."""
        return self.none()


class Delivery(ScopedModel):
    """One message to one person, or to the group behind a robot, by one channel, carrying one or more notices.

    `payload` are the bytes that are sent, frozen when it was composed: whatever becomes of the template, every attempt
    sends these. It is empty as long as the message could not be built. `attempts` counts claims; `lease_owner` names
    the claim that holds it, and only that claim may finish it. `broken` counts claims whose sender died or could not
    build the message. `doubtful` says that it may have arrived although nobody said so: then nothing but these bytes
    is sent. It is tried until `expires_at`. `morning` is the working day whose digest it is: one for each person.
    `at_night` says that it is sent during the reader's quiet hours as well.
    """

    class Channel(models.TextChoices):
        """Mail; every `Outlet` is a channel beside it, by its code."""

        MAIL = "mail", "电子邮件"

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        CLAIMED = "claimed", "发送中"
        SENT = "sent", "已发送"
        FAILED = "failed", "未送达"
        SUPERSEDED = "superseded", "不再发送"

    read_actions: ClassVar[tuple[str, ...]] = tuple(Action)
    write_actions: ClassVar[tuple[str, ...]] = ()

    user = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="deliveries", verbose_name="收件人"
    )
    channel = models.CharField("渠道", max_length=20, default=Channel.MAIL)
    address = models.CharField("地址", max_length=254)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    message_id = models.CharField("邮件编号", max_length=200, unique=True)
    subject = models.CharField("主题", max_length=200)
    text = models.TextField("正文")
    html = models.TextField("网页正文", blank=True)
    payload = models.BinaryField("报文", default=bytes)
    attempts = models.PositiveSmallIntegerField("发送次数", default=0)
    broken = models.PositiveSmallIntegerField("中断次数", default=0, editable=False)
    morning = models.DateField("每日汇总", null=True, blank=True, editable=False)
    at_night = models.BooleanField("夜间照发", default=False, editable=False)
    doubtful = models.BooleanField("可能已送达", default=False, editable=False)
    created_at = models.DateTimeField("生成时间", db_default=Now())
    due_at = models.DateTimeField("下次发送", db_default=Now())
    expires_at = models.DateTimeField("最迟发送", default=when_given_up)
    leased_until = models.DateTimeField("占用至", null=True, blank=True)
    lease_owner = models.CharField(max_length=32, blank=True, editable=False)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    last_error = models.CharField("未送达原因", max_length=300, blank=True)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name="改由"
    )

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
                condition=~Q(state__in=["failed", "superseded"]) | ~Q(last_error=""),
                name="projects_notices_delivery_reason",
                violation_error_message="未送达或不再发送的须写明原因",
            ),
            models.CheckConstraint(
                condition=~Q(address="") & ~Q(message_id=""),
                name="projects_notices_delivery_address",
                violation_error_message="送达须有地址和编号",
            ),
            models.CheckConstraint(
                condition=~Q(channel="mail") | Q(user__isnull=False),
                name="projects_notices_delivery_person",
                violation_error_message="邮件须有收件人；只有群机器人和 Webhook 可以没有",
            ),
            models.UniqueConstraint(
                fields=["user", "morning", "channel"],
                condition=Q(morning__isnull=False) & ~Q(state="superseded"),
                name="projects_notices_one_digest",
                violation_error_message="这个人当天的每日汇总已经生成",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["channel", "due_at"],
                condition=Q(state__in=["waiting", "claimed"]),
                name="projects_notices_due",
            ),
            models.Index(fields=["user", "-id"], name="projects_notices_delivery_of"),
            models.Index(fields=["channel", "address"], condition=Q(state="failed"), name="projects_notices_refused"),
        ]

    def __str__(self) -> str:
        # Not the subject: an administrator of accounts meets this name, too.
        return f"{self.address} {self.get_state_display()}"


class DeliveryAttempt(ScopedModel):
    """One attempt to send a message, written down when it has ended or was found to have been cut off. Never edited."""

    class Outcome(models.TextChoices):
        SENT = "sent", "已发送"
        LATER = "later", "稍后再试"
        DOUBTFUL = "doubtful", "可能已送达"
        REFUSED = "refused", "被拒绝"
        DOWN = "down", "渠道不通"
        BROKEN = "broken", "无法生成"
        LOST = "lost", "发送进程中断"

    read_actions: ClassVar[tuple[str, ...]] = tuple(Action)
    write_actions: ClassVar[tuple[str, ...]] = ()

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="tries", verbose_name="送达")
    n = models.PositiveSmallIntegerField("第几次")
    started = models.DateTimeField("开始")
    ended = models.DateTimeField("结束", db_default=Now())
    outcome = models.CharField("结果", max_length=10, choices=Outcome)
    code = models.CharField("代码", max_length=20, blank=True)
    text = models.CharField("说明", max_length=300, blank=True)

    objects = ScopedManager.from_queryset(AttemptQuerySet)()

    class Meta:
        verbose_name = "发送记录"
        verbose_name_plural = "发送记录"
        ordering: ClassVar = ["delivery_id", "n"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["delivery", "n"],
                name="projects_notices_attempt_once",
                violation_error_message="这次发送已有记录",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.get_outcome_display()}"


class ChannelState(models.Model):
    """How a channel does: one row for each, shared by all senders.

    `failures` counts how often in a row it was out of reach. From a number of them on it is tried once in a while
    only, at `probe_at`. `free_at` is the clock of its rate. A suspended channel sends nothing, and keeps everything.
    """

    channel = models.CharField("渠道", max_length=20, primary_key=True)
    looked_at = models.DateTimeField("最近一轮", null=True, blank=True)
    failures = models.PositiveIntegerField("连续失败", default=0)
    down_since = models.DateTimeField("不通起始", null=True, blank=True)
    probe_at = models.DateTimeField("下次试探", null=True, blank=True)
    trouble = models.CharField("原因", max_length=300, blank=True)
    free_at = models.DateTimeField(db_default=Now(), editable=False)
    suspended_at = models.DateTimeField("停用时间", null=True, blank=True)
    suspended_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="停用人"
    )
    suspended_reason = models.CharField("停用原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "通知渠道"
        verbose_name_plural = "通知渠道"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(suspended_at=None) | ~Q(suspended_reason=""),
                name="projects_notices_channel_reason",
                violation_error_message="停用渠道须写明原因",
            ),
        ]

    def __str__(self) -> str:
        return names().get(self.channel, self.channel)


class SuspendedAddress(models.Model):
    """An address that has refused for good several times in a row: nothing more is written to it until it is resumed or
    corrected. The inbox stays.
    """

    channel = models.CharField("渠道", max_length=20)
    address = models.CharField("地址", max_length=254)
    user = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="收件人"
    )
    since = models.DateTimeField("停用时间", db_default=Now())
    reason = models.CharField("原因", max_length=300)

    class Meta:
        verbose_name = "停用的地址"
        verbose_name_plural = "停用的地址"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                name="projects_notices_address_once",
                violation_error_message="这个地址已经停用",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class Hold(ScopedModel):
    """Notices that somebody has to confirm before anybody is told: more at once than a real day brings (storm guard).

    `key` says what left them. Without a zone it is still being counted.
    """

    class State(models.TextChoices):
        COUNTING = "counting", "判定中"
        HELD = "held", "待确认"
        CONFIRMED = "confirmed", "已确认"
        REJECTED = "rejected", "已驳回"
        PASSED = "passed", "无须确认"

    zone_lookup: ClassVar[str] = "zone"
    read_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.ADMINISTER_ACCOUNTS)
    write_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.ADMINISTER_ACCOUNTS)

    key = models.CharField("标识", max_length=100, unique=True, editable=False)
    zone = models.ForeignKey("zones.Zone", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区域")
    state = models.CharField("状态", max_length=10, choices=State, default=State.COUNTING)
    reason = models.CharField("为何待确认", max_length=300, blank=True)
    count = models.PositiveIntegerField("通知数", default=0)
    created_at = models.DateTimeField("生成时间", db_default=Now())
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人"
    )
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "待确认的通知"
        verbose_name_plural = "待确认的通知"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(zone__isnull=False) & ~Q(reason="")),
                name="projects_notices_hold_reason",
                violation_error_message="待确认的须有区域和原因",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "rejected"]) | Q(decided_by__isnull=False),
                name="projects_notices_hold_decided",
                violation_error_message="确认或驳回须有处理人",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone or '全部区域'} {self.get_state_display()}"


class Notice(ScopedModel):
    """One sentence that one person should know, with the page it is about. At most one per person and key.

    `todo` says that something is to be done about it; it is done (`done_at`) when that is answered, by whomever, or
    when the reader says so. `replies` names what he may do about it by a link, `reminder` is the latest digest that
    repeats it. `acted_by` is who read or did it in the reader's place while he was away.
    """

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
    todo = models.BooleanField("须办理", default=False)
    replies = models.CharField(max_length=40, blank=True, editable=False)
    inbox_only = models.BooleanField("只在系统内", default=False, editable=False)
    day = models.DateField("日期", default=clock.today, editable=False)
    created_at = models.DateTimeField("生成时间", db_default=Now())
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    done_at = models.DateTimeField("办结时间", null=True, blank=True)
    acted_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="代办人"
    )
    delivery = models.ForeignKey(
        Delivery, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="送达"
    )
    reminder = models.ForeignKey(
        Delivery, models.SET_NULL, null=True, blank=True, editable=False, related_name="repeats", verbose_name="重提"
    )
    hold = models.ForeignKey(
        Hold,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="notices",
        verbose_name="待确认",
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
                condition=Q(done_at=None) | Q(read_at__isnull=False),
                name="projects_notices_notice_done",
                violation_error_message="办结的通知须是已读的",
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
                condition=Q(delivery=None, read_at=None, hold=None),
                name="projects_notices_waiting",
            ),
            models.Index(fields=["user"], condition=Q(read_at=None), name="projects_notices_unread"),
            models.Index(fields=["user"], condition=Q(todo=True, done_at=None), name="projects_notices_todo"),
            models.Index(fields=["hold"], condition=Q(hold__isnull=False), name="projects_notices_held"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def kind_label(self) -> str:
        """The kind in words, e.g. "红色预警"."""
        return kind_label(self.kind)

    @property
    def state_label(self) -> str:
        """What became of it: 未读, 已读 or 已办."""
        if self.done_at:
            return "已办"
        return "已读" if self.read_at else "未读"


# ---- What people wish, and who stands in for whom ------------------------------------------------------
EARLIEST: Final = time(7, 30)
LATEST: Final = time(10)
QUIET_FROM: Final = time(21)
QUIET_UNTIL: Final = EARLIEST


class Preference(ScopedModel):
    """通知设置 of one person; who has none has the defaults. Hours are those of Asia/Shanghai.

    `inbox_only` are codes of `projects.notices.groups.GROUPS` that stand in the inbox and are mailed to him no more.
    """

    read_actions: ClassVar[tuple[str, ...]] = tuple(Action)
    write_actions: ClassVar[tuple[str, ...]] = ()

    user = models.OneToOneField("zones.User", models.PROTECT, related_name="+", verbose_name="用户")
    digest_at = models.TimeField("每日汇总时间", default=time(8))
    quiet_from = models.TimeField("免打扰开始", default=QUIET_FROM)
    quiet_until = models.TimeField("免打扰结束", default=QUIET_UNTIL)
    inbox_only = models.JSONField("只在系统内提醒", default=list, blank=True)

    objects = ScopedManager.from_queryset(OwnQuerySet)()

    class Meta:
        verbose_name = "通知设置"
        verbose_name_plural = "通知设置"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(digest_at__gte=EARLIEST, digest_at__lte=LATEST),
                name="projects_notices_digest_hour",
                violation_error_message="每日汇总时间应在 7:30 至 10:00 之间",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__gte=time(18))
                & Q(quiet_until__gte=time(5), quiet_until__lte=models.F("digest_at")),
                name="projects_notices_quiet_hours",
                violation_error_message="免打扰应从 18:00 以后开始，至次日 5:00 以后、每日汇总时间以前结束",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.digest_at:%H:%M}"


class AbsenceQuerySet(OwnQuerySet):
    """Absences by person and day."""

    def visible_to(self, user: Any) -> Self:
        """His own, those in which he stands in, and those of the accounts that he administers."""
        if not _signed_in(user) or user.is_superuser:
            return super().visible_to(user)
        administered = Q(user__in=User.objects.writable_by(user).values("pk"))
        return self.filter(Q(user_id=user.pk) | Q(substitute_id=user.pk) | administered)

    def writable_by(self, user: Any) -> Self:
        """His own, and those of the accounts that he administers."""
        if not _signed_in(user) or user.is_superuser:
            return self.visible_to(user)
        return self.filter(Q(user_id=user.pk) | Q(user__in=User.objects.writable_by(user).values("pk")))

    def in_force(self, day: date) -> Self:
        """Those that hold on a day."""
        return self.filter(Q(ends=None) | Q(ends__gte=day), starts__lte=day, taken_back_at=None)


class Absence(ScopedModel):
    """外出 from–to, or 交接 for good: what is told to `user` goes to `substitute` as well, with what was not settled.

    The notices stay where they are: the substitute sees and answers them as long as it holds, as far as he may read
    the zone they speak of; afterwards they are the person's again.
    """

    class Kind(models.TextChoices):
        LEAVE = "leave", "外出"
        HANDOVER = "handover", "交接"

    read_actions: ClassVar[tuple[str, ...]] = tuple(Action)
    write_actions: ClassVar[tuple[str, ...]] = tuple(Action)

    user = models.ForeignKey("zones.User", models.PROTECT, related_name="absences", verbose_name="本人")
    substitute = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="代办人")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.LEAVE)
    starts = models.DateField("开始日期")
    ends = models.DateField("结束日期", null=True, blank=True)
    reason = models.CharField("说明", max_length=100, blank=True)
    by = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", db_default=Now())
    taken_back_at = models.DateTimeField("撤销时间", null=True, blank=True, editable=False)

    objects = ScopedManager.from_queryset(AbsenceQuerySet)()

    class Meta:
        verbose_name = "外出与交接"
        verbose_name_plural = "外出与交接"
        ordering: ClassVar = ["-starts", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(user=models.F("substitute")),
                name="projects_notices_absence_two",
                violation_error_message="代办人不能是本人",
            ),
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=models.F("starts")),
                name="projects_notices_absence_days",
                violation_error_message="结束日期不能早于开始日期",
            ),
            models.CheckConstraint(
                condition=~Q(kind="leave") | Q(ends__isnull=False),
                name="projects_notices_absence_leave",
                violation_error_message="外出须有结束日期；长期请选“交接”",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["ends", "starts"], name="projects_notices_absences")]

    def __str__(self) -> str:
        until = f"至 {self.ends:%Y-%m-%d}" if self.ends else "起"
        return f"{self.user}{self.get_kind_display()}，{self.substitute}代办（{self.starts:%Y-%m-%d} {until}）"


_STANDS_IN: Final = "_stands_in_by_day"


def stands_in_for(user: Any) -> dict[int, date]:
    """For whom a person stands in today, and since when. Read once per user object and day."""
    day = clock.today()
    known = user.__dict__.setdefault(_STANDS_IN, {})
    if day not in known:
        known[day] = dict(Absence.objects.in_force(day).filter(substitute=user.pk).values_list("user", "starts"))
    return dict(known[day])


def remember_absences(user: Any, day: date, found: dict[int, date]) -> None:
    """Spare `stands_in_for` its statement."""
    user.__dict__.setdefault(_STANDS_IN, {})[day] = found


class LinkUse(ScopedModel):
    """Something was done by the link in a message, without signing in. At most once per link; never edited."""

    read_actions: ClassVar[tuple[str, ...]] = tuple(Action)
    write_actions: ClassVar[tuple[str, ...]] = ()

    user = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="办理人")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="uses", verbose_name="通知")
    act = models.CharField("事项", max_length=20)
    said = models.CharField("结果", max_length=200)
    at = models.DateTimeField("办理时间", db_default=Now())

    objects = ScopedManager.from_queryset(OwnQuerySet)()

    class Meta:
        verbose_name = "邮件链接办理"
        verbose_name_plural = "邮件链接办理"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "notice", "act"],
                name="projects_notices_link_once",
                violation_error_message="这个链接已经用过",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.at:%Y-%m-%d} {self.said}"
