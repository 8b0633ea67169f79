"""Rules as data, alerts as episodes with a log of every step, and the scans that wrote them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from projects.alerts import measures
from projects.alerts.levels import GREEN_COLOUR
from projects.alerts.rulebook import Problem, problems_of
from projects.models import Project
from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet


def measure_choices() -> list[tuple[str, str]]:
    """Asked when a form is shown, so that a new measure needs no migration."""
    return measures.choices()


class Rule(Versioned, ScopedModel):
    """When somebody is told that a project is behind. It holds in its zone and in all below it; a rule with the same
    `code` in a nearer zone takes its place there, and switches it off if it is not enabled.

    `levels`, from the mildest to the gravest: severity, code, label, colour, low, low_inclusive, high,
    high_inclusive, urgent. `scope` (empty is all): phases, batches, min_annual_plan in yuan. `recipients` and
    `days_to_answer` are by the code of a level.
    """

    zone_lookup: ClassVar[str] = "zone"
    inherited: ClassVar[bool] = True

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="alert_rules", verbose_name="适用区域")
    code = models.SlugField("代号", max_length=40, help_text="下级区域用同一代号另立规则，即替换上级的这条规则")
    name = models.CharField("名称", max_length=60)
    measure = models.CharField("判定指标", max_length=60, choices=measure_choices)
    parameters = models.JSONField("参数", default=dict, blank=True)
    levels = models.JSONField("级别", default=list)
    scope = models.JSONField("适用范围", default=dict, blank=True)
    recipients = models.JSONField("告知对象", default=dict, blank=True)
    days_to_answer = models.JSONField("答复天数", default=dict, blank=True)
    enabled = models.BooleanField("启用", default=True, help_text="停用后，本区域及下级不再按这一代号的规则判定")
    source = models.CharField("依据", max_length=200, blank=True, help_text="文件名称、文号，或“演示”")

    class Meta:
        verbose_name = "预警规则"
        verbose_name_plural = "预警规则"
        ordering: ClassVar = ["zone__path", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["zone", "code"],
                name="alerts_rule_once_per_zone",
                violation_error_message="该区域已有同一代号的规则",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        found: list[Problem] = problems_of(self)
        errors: dict[str, list[str]] = {}
        for field, sentence in found:
            errors.setdefault(field, []).append(sentence)
        if errors:
            raise ValidationError(errors)


REMARK = 300  # characters of what a person may remark
WORST_FIRST = ("-severity", "level_since", "pk")
"""The order of alerts wherever they are listed: the gravest first, and of these the longest standing."""


class AlertQuerySet(ScopedQuerySet):
    """Alerts by day."""

    def open(self) -> AlertQuerySet:
        """Not closed."""
        return self.filter(closed_on=None)

    def worst_first(self) -> AlertQuerySet:
        """The gravest first, and of these the longest standing."""
        return self.order_by(*WORST_FIRST)


class Alert(ScopedModel):
    """One episode of a project being behind by one rule, from `opened_on` to `closed_on`.

    `level`, `label`, `colour` and `severity` are those of the latest judgement, `sentence` and `evidence` explain it.
    While nothing can be judged (the project stands still, a figure is missing) `held` says why, the level stays, and
    `last_judged_on` is the last day on which something could. `is_demo` says that the project, or a figure or promise
    of it, is invented.
    Written by the scan, and by `answering` where a person acknowledges it (签收); every step stands in the log. An
    acknowledgement lasts until the alert worsens: then `acknowledged` is false again, and by whom, when and with what
    remark is still that of the latest.
    """

    zone_lookup: ClassVar[str] = "project__zone"
    assigned_lookup: ClassVar[tuple[str, ...]] = ("project__assignments__user", "project__assignments__department")
    # What a person writes of an alert is the acknowledgement, and a leader gives one as well.
    write_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.APPROVE)

    subject_key = models.CharField("对象", max_length=60, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="alerts", verbose_name="项目")
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
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-severity", "level_since"], condition=Q(closed_on=None), name="alerts_alert_worst_open"
            ),
            models.Index(fields=["project"], condition=Q(closed_on=None), name="alerts_alert_open_of_project"),
        ]

    def __str__(self) -> str:
        return f"{self.label}：{self.project}"

    @property
    def acknowledgement(self) -> str:
        """Whether it is acknowledged, in words; an alert that has worsened since says so."""
        if self.acknowledged:
            return "已签收"
        return "加重后未签收" if self.acknowledged_on else "未签收"


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
        ACKNOWLEDGED = "acknowledged", "签收"

    zone_lookup: ClassVar[str] = "alert__project__zone"

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="events", verbose_name="预警")
    step = models.PositiveSmallIntegerField("步")
    kind = models.CharField("变化", max_length=12, choices=Kind)
    on = models.DateField("日期")
    level = models.CharField("级别代号", max_length=20)
    label = models.CharField("级别", max_length=40)
    severity = models.PositiveSmallIntegerField("轻重")
    sentence = models.TextField("说明")
    by = models.ForeignKey("zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人")
    note = models.CharField("备注", max_length=REMARK, blank=True)
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


class ScanRun(ScopedModel):
    """One run of the scan that wrote; without a zone it looked at all. Unfinished, if it broke off."""

    zone_lookup: ClassVar[str] = "zone"
    inherited: ClassVar[bool] = True

    as_of = models.DateField("判定日期")
    zone = models.ForeignKey(
        "zones.Zone", models.PROTECT, null=True, blank=True, related_name="scans", verbose_name="区域"
    )
    started_at = models.DateTimeField("开始时间", db_default=Now())
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    counts = models.JSONField("结果", default=dict)

    class Meta:
        verbose_name = "判定记录"
        verbose_name_plural = "判定记录"
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["-as_of"], name="alerts_scan_latest")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d} {self.zone or '全部区域'}"

    def covers(self, reach: list[str]) -> bool:
        """Whether all it looked at lies in the zone paths of `reach`; else its counts tell of foreign zones."""
        path: Any = self.zone.path if self.zone else "/"
        return any(path.startswith(each) for each in reach)
