"""Alerts as episodes with a log of every step, and what people answer to them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from projects.alerts.levels import GREEN_COLOUR
from projects.alerts.models.rule import Rule
from projects.models import Problem as Difficulty
from projects.models import Project
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

REMARK = 300  # characters of what a person may remark
WORDS = 1000  # characters of a reason, a cause, what was done
EXEMPTED = "豁免"
MOVED = "已移交"
LIVE = Q(closed_on=None) | Q(settled_month__isnull=False)
WORST_FIRST = ("-severity", "level_since", "pk")
"""The order of alerts wherever they are listed: the gravest first, and of these the longest standing."""


class AlertQuerySet(ScopedQuerySet):
    """Alerts by what is to be done about them. A count, the list behind it and the API say the same by these."""

    def open(self) -> AlertQuerySet:
        """Not closed."""
        return self.filter(closed_on=None)

    def unacknowledged(self) -> AlertQuerySet:
        """未签收: nobody has acknowledged it since it last worsened."""
        return self.open().filter(acknowledged=False)

    def unanswered(self) -> AlertQuerySet:
        """待答复: an answer is wanted by a day. Of one that rests none is."""
        return self.open().filter(answered=False, held="", answer_by__isnull=False)

    def late(self, day: date) -> AlertQuerySet:
        """逾期未答复: the last day to answer lay before `day`."""
        return self.unanswered().filter(answer_by__lt=day)

    def rising(self) -> AlertQuerySet:
        """待上报: told to the coordinators, and going up one step on the day `goes_up_on`."""
        return self.open().filter(goes_up_on__isnull=False)

    def climbed(self) -> AlertQuerySet:
        """已上报: nobody has answered, and it has gone up."""
        return self.unanswered().filter(rung__gt=0)

    def exempted(self) -> AlertQuerySet:
        """豁免: it rests by an approved exemption."""
        return self.open().filter(held=EXEMPTED)

    def closing_asked(self) -> AlertQuerySet:
        """申请销号: its closing waits for approval."""
        return self.open().filter(closings__state="asked")  # of one alert at most one waits

    def live(self) -> AlertQuerySet:
        """Open, or closed by an approval that still holds it closed."""
        return self.filter(LIVE)

    def worst_first(self) -> AlertQuerySet:
        """The gravest first, and of these the longest standing."""
        return self.order_by(*WORST_FIRST)


class Alert(ScopedModel):
    """One episode of a subject being behind by one rule, from `opened_on` to `closed_on`. The subject is a project, or
    what `subject_kind` says: something of a project, or, where `project` is null, something of `zone` alone.

    `level`, `label`, `colour` and `severity` are those of the latest judgement, `sentence` and `evidence` explain it.
    While nothing can be judged (the project stands still, a figure is missing) `held` says why, the level stays, and
    `last_judged_on` is the last day on which something could. `is_demo` says that the project, or a figure or promise
    of it, is invented.
    Written by the scan, and by the verbs of `answering`, `exempting` and `closing` where a person does something about
    it; every step stands in the log. An acknowledgement (签收) and an answer (反馈) last until the alert worsens: then
    `acknowledged` and `answered` are false again, and by whom, when and with what remark is still that of the latest.
    An answer that did not come true by its own day lasts no longer either.
    `rung` is how far up an alert went that nobody answered, `goes_up_on` the day on which it goes up next once the
    coordinators were told. `settled_month` stands on an alert that was closed by approval and may be issued again: the
    month for which the approval holds. `look_on` is the next day on which a scan must look at it although no fact
    changes; null where there is none.
    """

    class Rung(models.IntegerChoices):
        PERSON = 0, "责任人"
        UNIT = 1, "责任单位"
        LEADER = 2, "领导"
        ABOVE = 3, "上级"

    # Through the project where there is one: its alerts go with it to another zone, by whatever door it is moved.
    zone_lookup: ClassVar[tuple[str, ...]] = ("project__zone", "zone")
    assigned_lookup: ClassVar[tuple[str, ...]] = (
        *("project__assignments__user", "project__assignments__department"),
        "department",
    )
    # What a person writes of an alert is an acknowledgement, an answer, a request; a leader decides.
    write_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.APPROVE)

    subject_key = models.CharField("对象", max_length=60, editable=False)
    subject_name = models.CharField("对象名称", max_length=200, blank=True, editable=False)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="alerts", verbose_name="项目"
    )
    department = models.ForeignKey(
        "zones.Department", models.PROTECT, null=True, blank=True, related_name="alerts", verbose_name="责任单位"
    )
    zone = models.ForeignKey(
        "zones.Zone", models.PROTECT, null=True, blank=True, related_name="alerts", verbose_name="所属区域"
    )
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="alerts", verbose_name="规则")
    severity = models.PositiveSmallIntegerField("轻重", help_text="数字越大越重")
    level = models.CharField("级别代号", max_length=20)
    label = models.CharField("级别", max_length=40)
    colour = models.CharField("颜色", max_length=9, default=GREEN_COLOUR)
    opened_on = models.DateField("开始日期")
    level_since = models.DateField("本级起始")
    last_judged_on = models.DateField("最近判定")
    held = models.CharField("暂停判定", max_length=20, blank=True, help_text="如停缓建、缺数据：保留级别，暂不判定")
    answer_by = models.DateField("答复期限", null=True, blank=True)
    closed_on = models.DateField("解除日期", null=True, blank=True)
    closed_reason = models.CharField("解除原因", max_length=200, blank=True)
    sentence = models.TextField("说明")
    evidence = models.JSONField("判定依据", default=dict)
    steps = models.PositiveSmallIntegerField("步数", default=1, editable=False)
    acknowledged = models.BooleanField("已签收", default=False, editable=False)
    acknowledged_on = models.DateField("签收日期", null=True, blank=True, editable=False)
    acknowledged_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="签收人"
    )
    acknowledged_note = models.CharField("签收备注", max_length=REMARK, blank=True, editable=False)
    answered = models.BooleanField("已答复", default=False, editable=False)
    answered_on = models.DateField("答复日期", null=True, blank=True, editable=False)
    rung = models.PositiveSmallIntegerField("上报到", choices=Rung, default=Rung.PERSON, editable=False)
    goes_up_on = models.DateField("待上报日期", null=True, blank=True, editable=False)
    settled_month = models.DateField("销号所及月份", null=True, blank=True, editable=False)
    look_on = models.DateField("下次查看", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("演示", default=False, editable=False)

    objects = ScopedManager.from_queryset(AlertQuerySet)()

    class Meta:
        verbose_name = "预警"
        verbose_name_plural = "预警"
        ordering: ClassVar = WORST_FIRST
        constraints: ClassVar = [
            # Scans that run twice, late or at once: the database lets one episode be open.
            models.UniqueConstraint(
                fields=["rule", "subject_key"], condition=Q(closed_on=None), name="alerts_alert_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")), name="alerts_alert_closed_after_open"
            ),
            models.CheckConstraint(condition=Q(severity__gte=1), name="alerts_alert_severity"),
            models.CheckConstraint(
                condition=Q(project=None, zone__isnull=False) | Q(project__isnull=False, zone=None),
                name="alerts_alert_one_place",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-severity", "level_since"], condition=Q(closed_on=None), name="alerts_alert_worst_open"
            ),
            models.Index(fields=["project"], condition=Q(closed_on=None), name="alerts_alert_open_of_project"),
            models.Index(fields=["subject_key"], condition=LIVE, name="alerts_alert_live_subject"),
            models.Index(fields=["look_on"], condition=Q(look_on__isnull=False), name="alerts_alert_look_on"),
        ]

    def __str__(self) -> str:
        return f"{self.label}：{self.subject}"

    @property
    def subject_kind(self) -> str:
        """What kind of thing it is about: "project", "problem", "unit" …"""
        return self.subject_key.partition(":")[0]

    @property
    def subject(self) -> str:
        """What it is about, by its name of today where it is a project."""
        return str(self.project) if self.subject_kind == "project" else self.subject_name

    @property
    def place(self) -> Any:
        """The zone that it belongs to."""
        return self.project.zone if self.project else self.zone

    @property
    def acknowledgement(self) -> str:
        """Whether it is acknowledged, in words; an alert that has worsened since says so."""
        if self.acknowledged:
            return "已签收"
        return "加重后未签收" if self.acknowledged_on else "未签收"

    @property
    def answering(self) -> str:
        """Whether it is answered, in words; an alert of which an earlier answer counts no more says so."""
        if self.answered:
            return "已答复"
        return "须重新答复" if self.answered_on else "未答复"


class AlertEvent(ScopedModel):
    """One step of an alert; `by` and `note` where a person took it. Never edited."""

    class Kind(models.TextChoices):
        OPENED = "opened", "发出"
        WORSENED = "worsened", "加重"
        EASED = "eased", "减轻"
        CHANGED = "changed", "级别调整"
        RESTED = "rested", "暂停判定"
        RESUMED = "resumed", "恢复判定"
        CLOSED = "closed", "解除"
        REISSUED = "reissued", "再次发出"
        TAKEN_OVER = "taken_over", "移交接管"
        REMINDED = "reminded", "催办"
        PENDING = "pending", "待上报"
        CLIMBED = "climbed", "上报"
        EXEMPTION_OVER = "exemption_over", "豁免到期"
        ACKNOWLEDGED = "acknowledged", "签收"
        ANSWERED = "answered", "答复"
        BROKEN = "broken", "逾期未兑现"
        EXEMPTION_ASKED = "exemption_asked", "申请豁免"
        EXEMPTION_APPROVED = "exemption_approved", "批准豁免"
        EXEMPTION_REFUSED = "exemption_refused", "不予豁免"
        EXEMPTION_REVOKED = "exemption_revoked", "撤销豁免"
        CLOSING_ASKED = "closing_asked", "申请销号"
        CLOSING_APPROVED = "closing_approved", "批准销号"
        CLOSING_REFUSED = "closing_refused", "退回销号"
        REOPENED = "reopened", "撤销销号"

    zone_lookup: ClassVar[tuple[str, ...]] = ("alert__project__zone", "alert__zone")

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="events", verbose_name="预警")
    step = models.PositiveSmallIntegerField("步")
    kind = models.CharField("变化", max_length=20, choices=Kind)
    on = models.DateField("日期")
    level = models.CharField("级别代号", max_length=20)
    label = models.CharField("级别", max_length=40)
    severity = models.PositiveSmallIntegerField("轻重")
    sentence = models.TextField("说明")
    by = models.ForeignKey("zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    note = models.CharField("备注", max_length=WORDS, blank=True)
    at = models.DateTimeField("记录时间", db_default=Now())

    class Meta:
        verbose_name = "预警变化"
        verbose_name_plural = "预警变化"
        ordering: ClassVar = ["alert_id", "step"]
        constraints: ClassVar = [
            # By step, not by kind and day: corrected figures can worsen an alert twice on one day.
            models.UniqueConstraint(fields=["alert", "step"], name="alerts_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_kind_display()}"


class AlertAnswer(ScopedModel):
    """反馈: what the responsible ones answered, in the order of the field's own slip. Never edited: a further answer is
    a further row, and the latest since the alert worsened is the one that counts.
    """

    zone_lookup: ClassVar[tuple[str, ...]] = ("alert__project__zone", "alert__zone")

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="answers", verbose_name="预警")
    step = models.PositiveSmallIntegerField("步")
    category = models.CharField("原因类别", max_length=12, choices=Difficulty.Category)
    cause = models.CharField("原因", max_length=WORDS)
    measures = models.CharField("已采取的措施", max_length=WORDS)
    plan = models.CharField("整改计划", max_length=WORDS, blank=True)
    expected_on = models.DateField("预计恢复日期")
    responsible = models.CharField("责任人", max_length=100)
    help_needed = models.CharField("请求协调事项", max_length=WORDS, blank=True)
    label = models.CharField("级别", max_length=40)
    on = models.DateField("答复日期")
    by = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="答复人")
    at = models.DateTimeField("记录时间", db_default=Now())

    class Meta:
        verbose_name = "预警答复"
        verbose_name_plural = "预警答复"
        ordering: ClassVar = ["alert_id", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert", "step"], name="alerts_answer_once"),
            models.CheckConstraint(
                condition=~Q(cause="") & ~Q(measures="") & ~Q(responsible=""),
                name="alerts_answer_complete",
                violation_error_message="答复须写明原因、措施和责任人",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.by}：{self.cause}"
