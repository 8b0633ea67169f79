"""Letters (函件): 提醒函, 督办函 and 约谈通知 drafted from alerts, what was replied to them, and who said what."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from projects.alerts.models.alert import WORDS, Alert
from projects.files.kept import KeptFile
from projects.models import Problem as Difficulty
from projects.models import Project
from zones.models import Versioned
from zones.permissions import Action, paths
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet, under

TITLE = 100  # characters
NAME = 100
TEXT = 2000
PHONE = r"^[0-9０-９+\-－—（）() 转、]+$"


def letter_path(letter: Letter, name: str) -> str:
    """Where an issued letter is kept: a name that nobody guesses."""
    return f"letters/{secrets.token_urlsafe(24)}.docx"


def evidence_path(file: LetterFile, name: str) -> str:
    """Where a file of a reply is kept: a name that nobody guesses, and a known ending."""
    return f"letters/{secrets.token_urlsafe(24)}.{file.ending}"


class LetterKind(models.TextChoices):
    """What a letter is (三函 of the field, 浙江 county systems; 约谈 of 银川 2021 and others)."""

    REMINDER = "reminder", "提醒函"
    SUPERVISION = "supervision", "督办函"
    TALK = "talk", "约谈通知"


def _prefix(label: str, example: str) -> models.CharField:
    return models.CharField(label, max_length=20, help_text=f"机关代字，如“{example}”，编号即“{example}〔2023〕1号”")


def _term(label: str, days: int, since: str = "起草") -> models.PositiveSmallIntegerField:
    within, about = [MinValueValidator(1), MaxValueValidator(90)], f"工作日，从{since}次日算起"
    return models.PositiveSmallIntegerField(label, default=days, validators=within, help_text=about)


class Letterhead(Versioned, ScopedModel):
    """Under which name, numbers and terms the office of a zone writes letters (发文设置). Without one it writes none.

    The terms are working days (of 即知即改 and 13710: three for what presses, a week for the usual).
    """

    zone_lookup: ClassVar[str] = "zone"

    zone = models.OneToOneField("zones.Zone", models.PROTECT, related_name="letterhead", verbose_name="区域")
    organ = models.CharField("发函单位", max_length=60, help_text="全称，印在函头和落款")
    reminder = _prefix("提醒函字号", "郑高新提")
    supervision = _prefix("督办函字号", "郑高新督")
    talk = _prefix("约谈通知字号", "郑高新约")
    reminder_days = _term("提醒函反馈时限", 5)
    supervision_days = _term("督办函反馈时限", 3)
    talk_days = _term("约谈后反馈时限", 5, "约谈")
    contact = models.CharField("联系人", max_length=40, blank=True)
    phone = models.CharField(
        "联系电话", max_length=40, blank=True, validators=[RegexValidator(PHONE, "电话只写数字，区号和分机可用 - 隔开")]
    )

    class Meta:
        verbose_name = "发文设置"
        verbose_name_plural = "发文设置"
        ordering: ClassVar = ["zone__path"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(reminder=F("supervision")) & ~Q(reminder=F("talk")) & ~Q(supervision=F("talk")),
                name="alerts_letterhead_prefixes",
                violation_error_message="三种函件的字号不能相同，否则编号会重复",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone}发文设置"


class LetterQuerySet(ScopedQuerySet):
    """Letters by who may see them and what is to be done about them."""

    def visible_to(self, user: Any) -> LetterQuerySet:
        """Issued ones for who reads the zone; before, only for those who draft and issue there."""
        rows = super().visible_to(user)
        office = {path for action in (Action.WRITE, Action.APPROVE) for path in paths(user, action)}
        return rows.filter(Q(issued_on__isnull=False) | under("head__zone", office))

    def drafts(self) -> LetterQuerySet:
        """Not issued yet, and not dropped."""
        return self.filter(state__in=Letter.DRAFTS)

    def outstanding(self) -> LetterQuerySet:
        """在办: issued, and a reply is wanted of the addressee or waits for the office."""
        return self.filter(state__in=Letter.OUTSTANDING)

    def unanswered(self) -> LetterQuerySet:
        """待反馈: a reply is wanted of the addressee."""
        return self.filter(state__in=Letter.UNANSWERED)

    def overdue(self, day: date) -> LetterQuerySet:
        """逾期未反馈: a reply is wanted, and its last day lay before `day`."""
        return self.unanswered().filter(reply_by__lt=day)


class Letter(Versioned, ScopedModel):
    """One letter: 草稿 → 待签发 → 已发出 → 已签收 → 已反馈 (→ 退回重报 →) → 已办结; or 撤回, or a draft dropped (作废).

    It belongs to the `zone` of its alerts; `head` is whose office writes it, of that zone or of one above. What stands
    in it is text that people edit until a leader issues it; from then on `document` is what went out and `digest` its
    SHA-256. `number` counts without gaps within head, kind and year, and is given on issuing. `department` and whoever
    stands for `project` may reply. `is_demo` says that an alert of it is about invented data.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待签发"
        ISSUED = "issued", "待签收"
        RECEIVED = "received", "待反馈"
        REPLIED = "replied", "已反馈待审核"
        RETURNED = "returned", "退回重报"
        DONE = "done", "已办结"
        WITHDRAWN = "withdrawn", "已撤回"
        DROPPED = "dropped", "已作废"

    DRAFTS: ClassVar[tuple[str, ...]] = (State.DRAFT, State.SUBMITTED)
    UNANSWERED: ClassVar[tuple[str, ...]] = (State.ISSUED, State.RECEIVED, State.RETURNED)
    OUTSTANDING: ClassVar[tuple[str, ...]] = (*UNANSWERED, State.REPLIED)

    zone_lookup: ClassVar[str] = "zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = (
        *("project__assignments__user", "project__assignments__department"),
        "department",
    )
    write_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.APPROVE)

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="letters", verbose_name="区域")
    head = models.ForeignKey(Letterhead, models.PROTECT, related_name="letters", verbose_name="发文设置")
    kind = models.CharField("文种", max_length=12, choices=LetterKind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT, editable=False)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="letters", verbose_name="项目"
    )
    department = models.ForeignKey(
        "zones.Department", models.PROTECT, null=True, blank=True, related_name="letters", verbose_name="责任单位"
    )
    alerts = models.ManyToManyField(Alert, related_name="letters", verbose_name="预警")
    is_demo = models.BooleanField("演示", default=False, editable=False)

    prefix = models.CharField("机关代字", max_length=20, blank=True, editable=False)
    year = models.PositiveSmallIntegerField("年份", null=True, blank=True, editable=False)
    number = models.PositiveIntegerField("序号", null=True, blank=True, editable=False)

    addressee = models.CharField("主送单位", max_length=NAME)
    title = models.CharField("标题", max_length=TITLE)
    subject = models.CharField("项目名称", max_length=200)
    grounds = models.TextField("触发依据", max_length=TEXT)
    demands = models.TextField("要求", max_length=TEXT)
    reply_by = models.DateField("反馈时限")
    contact = models.CharField("联系人", max_length=40)
    phone = models.CharField("联系电话", max_length=40, blank=True, validators=[RegexValidator(PHONE, "电话只写数字")])
    organ = models.CharField("发函单位", max_length=60)
    talk_on = models.DateField("约谈日期", null=True, blank=True)
    talk_at = models.TimeField("约谈时间", null=True, blank=True)
    talk_place = models.CharField("约谈地点", max_length=NAME, blank=True)
    talker = models.CharField("约谈人", max_length=NAME, blank=True)
    talked = models.CharField("被约谈人", max_length=NAME, blank=True)

    drafted_by = models.ForeignKey(
        "zones.User", models.PROTECT, editable=False, related_name="+", verbose_name="起草人"
    )
    drafted_on = models.DateField("起草日期", editable=False)
    issued_at = models.DateTimeField("签发时间", null=True, blank=True, editable=False)
    issued_on = models.DateField("签发日期", null=True, blank=True, editable=False)
    issued_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="签发人"
    )
    document = models.FileField("函件文件", upload_to=letter_path, max_length=120, blank=True, editable=False)
    digest = models.CharField("摘要", max_length=64, blank=True, editable=False)
    received_on = models.DateField("签收日期", null=True, blank=True, editable=False)
    received_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="签收人"
    )
    replied_on = models.DateField("反馈日期", null=True, blank=True, editable=False)
    done_on = models.DateField("办结日期", null=True, blank=True, editable=False)

    objects = ScopedManager.from_queryset(LetterQuerySet)()

    class Meta:
        verbose_name = "函件"
        verbose_name_plural = "函件"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["head", "kind", "year", "number"],
                name="alerts_letter_number",
                violation_error_message="函件编号重复",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "dropped"], issued_on=None, number=None, digest="")
                | (
                    ~Q(state__in=["draft", "submitted", "dropped"])
                    & Q(issued_on__isnull=False, issued_at__isnull=False, year__isnull=False, number__isnull=False)
                    & ~Q(digest="")
                ),
                name="alerts_letter_issued",
                violation_error_message="签发的函件须有编号、日期和文件",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on=None)),
                name="alerts_letter_done",
                violation_error_message="办结须有日期",
            ),
            models.CheckConstraint(
                condition=~Q(kind="talk") | Q(talk_on__isnull=False),
                name="alerts_letter_talk",
                violation_error_message="约谈通知须写明约谈日期",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["reply_by"],
                condition=Q(state__in=["issued", "received", "returned"]),
                name="alerts_letter_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code or self.get_kind_display()} {self.title}"

    @property
    def code(self) -> str:
        """Its number as it stands on the paper: "郑高新督〔2023〕3号"; "" before it is issued."""
        return f"{self.prefix}〔{self.year}〕{self.number}号" if self.number else ""

    @property
    def is_draft(self) -> bool:
        """Whether it can still be edited."""
        return self.state in self.DRAFTS

    @property
    def is_outstanding(self) -> bool:
        """Whether something is still to be done about it."""
        return self.state in self.OUTSTANDING

    @property
    def is_unanswered(self) -> bool:
        """Whether a reply is wanted of the addressee."""
        return self.state in self.UNANSWERED

    # What `alerts.recipients` asks of a subject.
    @property
    def place(self) -> Any:
        """The zone that it belongs to."""
        return self.zone

    @property
    def subject_key(self) -> str:
        """How it is called as the subject of an alert."""
        return f"letter:{self.pk}"


class LetterEvent(ScopedModel):
    """One step of a letter. Never edited."""

    class What(models.TextChoices):
        DRAFTED = "drafted", "起草"
        EDITED = "edited", "修改"
        SUBMITTED = "submitted", "送签"
        SENT_BACK = "sent_back", "退回修改"
        DROPPED = "dropped", "作废"
        ISSUED = "issued", "签发"
        RECEIVED = "received", "签收"
        REPLIED = "replied", "反馈"
        RETURNED = "returned", "退回反馈"
        ACCEPTED = "accepted", "审核通过"
        TALKED = "talked", "约谈记录"
        FINISHED = "finished", "办结"
        WITHDRAWN = "withdrawn", "撤回"

    zone_lookup: ClassVar[str] = "letter__zone"

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="events", verbose_name="函件")
    what = models.CharField("步骤", max_length=10, choices=What)
    on = models.DateField("日期")
    by = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("记录时间", db_default=Now())
    note = models.CharField("说明", max_length=WORDS, blank=True)

    class Meta:
        verbose_name = "函件办理记录"
        verbose_name_plural = "函件办理记录"
        ordering: ClassVar = ["letter_id", "pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.on:%Y-%m-%d}"


class LetterReply(ScopedModel):
    """反馈单: one version of the reply, in the order of the field's own slip. Never edited but for the office's word;
    the accepted one is the answer to the letter's alerts.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待审核"
        ACCEPTED = "accepted", "已通过"
        RETURNED = "returned", "已退回"

    zone_lookup: ClassVar[str] = "letter__zone"

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="replies", verbose_name="函件")
    number = models.PositiveSmallIntegerField("次数", editable=False)
    category = models.CharField("原因类别", max_length=12, choices=Difficulty.Category)
    cause = models.CharField("原因", max_length=WORDS)
    measures = models.CharField("已采取的措施", max_length=WORDS)
    plan = models.CharField("整改计划", max_length=WORDS)
    responsible = models.CharField("责任人", max_length=NAME)
    expected_on = models.DateField("预计恢复日期")
    help_needed = models.CharField("请求协调事项", max_length=WORDS, blank=True)
    state = models.CharField("审核", max_length=10, choices=State, default=State.WAITING)
    on = models.DateField("反馈日期")
    by = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="反馈人")
    at = models.DateTimeField("记录时间", db_default=Now())
    decided_on = models.DateField("审核日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    decision = models.CharField("审核意见", max_length=WORDS, blank=True)

    class Meta:
        verbose_name = "函件反馈"
        verbose_name_plural = "函件反馈"
        ordering: ClassVar = ["letter_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["letter", "number"], name="alerts_letterreply_number"),
            models.UniqueConstraint(
                fields=["letter"],
                condition=Q(state="waiting"),
                name="alerts_letterreply_one_waits",
                violation_error_message="这件函件已有反馈待审核",
            ),
            models.CheckConstraint(
                condition=~Q(cause="") & ~Q(measures="") & ~Q(plan="") & ~Q(responsible=""),
                name="alerts_letterreply_complete",
                violation_error_message="反馈须写明原因、措施、整改计划和责任人",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}次反馈"


class LetterFile(KeptFile, ScopedModel):
    """佐证: a file of a reply. Served by a view that asks who may see the row, never as a static file."""

    zone_lookup: ClassVar[str] = "reply__letter__zone"

    reply = models.ForeignKey(LetterReply, models.PROTECT, related_name="files", verbose_name="反馈")
    file = models.FileField("文件", upload_to=evidence_path, max_length=120)
    thumbnail = models.FileField("缩略图", upload_to=evidence_path, max_length=120, blank=True)

    class Meta:
        verbose_name = "佐证材料"
        verbose_name_plural = "佐证材料"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reply", "digest"],
                name="alerts_letterfile_once",
                violation_error_message="这个文件已经传过",
            ),
        ]


class Talk(ScopedModel):
    """约谈记录: what was said when somebody was called in. Never edited: a correction is a further record, and the
    latest is the one that counts.
    """

    zone_lookup: ClassVar[str] = "letter__zone"

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="talks", verbose_name="约谈通知")
    held_on = models.DateField("约谈日期")
    held_at = models.TimeField("约谈时间", null=True, blank=True)
    talker = models.CharField("约谈人", max_length=NAME)
    talked = models.CharField("被约谈人", max_length=NAME)
    matter = models.CharField("事由", max_length=WORDS)
    pledge = models.CharField("表态和承诺", max_length=WORDS)
    until = models.DateField("承诺期限")
    on = models.DateField("记录日期")
    by = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="记录人")
    at = models.DateTimeField("记录时间", db_default=Now())

    class Meta:
        verbose_name = "约谈记录"
        verbose_name_plural = "约谈记录"
        ordering: ClassVar = ["letter_id", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__gte=F("held_on")),
                name="alerts_talk_days",
                violation_error_message="承诺期限不能早于约谈日期",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_on:%Y-%m-%d} 约谈{self.talked}"
