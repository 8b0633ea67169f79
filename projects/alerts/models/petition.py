"""What is asked for of an alert and decided by another: exemptions (豁免) and closings (销号)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from projects.alerts.models.alert import REMARK, WORDS, Alert
from projects.alerts.models.rule import Rule
from projects.models import Project
from zones import clock
from zones.models import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedModel


class Petition(Versioned, ScopedModel):
    """Something asked for by one person and decided by another; both stay, whatever becomes of it."""

    class State(models.TextChoices):
        ASKED = "asked", "待审批"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        REVOKED = "revoked", "已撤销"

    write_actions: ClassVar[tuple[str, ...]] = (Action.WRITE, Action.APPROVE)

    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    reason = models.CharField("理由", max_length=WORDS)
    asked_by = models.ForeignKey("zones.User", models.PROTECT, related_name="+", verbose_name="申请人")
    asked_on = models.DateField("申请日期")
    decided_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decided_on = models.DateField("审批日期", null=True, blank=True)
    decision = models.CharField("审批意见", max_length=REMARK, blank=True)
    revoked_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    revoked_on = models.DateField("撤销日期", null=True, blank=True)
    revoked_reason = models.CharField("撤销原因", max_length=REMARK, blank=True)
    created_at = models.DateTimeField("记录时间", db_default=Now())

    class Meta:
        abstract = True


class Exemption(Petition):
    """豁免: an approved leave for a subject to be behind by a rule, from one day to another; both days count. It holds
    by the code of the rule, whichever rule with that code is in force, and may stand before there is any alert.
    """

    zone_lookup: ClassVar[tuple[str, ...]] = ("project__zone", "zone")
    assigned_lookup: ClassVar[tuple[str, ...]] = ("project__assignments__user", "project__assignments__department")

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="exemptions", verbose_name="规则")
    subject_key = models.CharField("对象", max_length=60, editable=False)
    subject_name = models.CharField("对象名称", max_length=200, editable=False)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="exemptions", verbose_name="项目"
    )
    zone = models.ForeignKey(
        "zones.Zone", models.PROTECT, null=True, blank=True, related_name="exemptions", verbose_name="所属区域"
    )
    alert = models.ForeignKey(
        Alert, models.PROTECT, null=True, blank=True, related_name="exemptions", verbose_name="预警"
    )
    starts = models.DateField("起始日期")
    ends = models.DateField("截止日期", help_text="最后一天")
    evidence = models.CharField("佐证", max_length=WORDS)

    class Meta:
        verbose_name = "预警豁免"
        verbose_name_plural = "预警豁免"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "subject_key"],
                condition=Q(state="asked"),
                name="alerts_exemption_one_asked",
                violation_error_message="这项豁免已有申请待审批",
            ),
            models.CheckConstraint(
                condition=Q(starts__lte=F("ends")),
                name="alerts_exemption_days",
                violation_error_message="豁免截止日期不能早于起始日期",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None) | (~Q(state="asked") & Q(decided_by__isnull=False)),
                name="alerts_exemption_decided",
                violation_error_message="豁免须由领导审批",
            ),
            models.CheckConstraint(
                condition=Q(project=None, zone__isnull=False) | Q(project__isnull=False, zone=None),
                name="alerts_exemption_one_place",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_key"], condition=Q(state="approved"), name="alerts_exemption_approved"),
        ]

    def __str__(self) -> str:
        return f"{self.project or self.subject_name}：{self.rule}豁免至{self.ends:%Y-%m-%d}"

    @property
    def place(self) -> Any:
        """The zone that it belongs to."""
        return self.project.zone if self.project else self.zone

    @staticmethod
    def in_force(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Those of `rows` that hold today."""
        today = clock.today()
        return rows.filter(state=Petition.State.APPROVED, starts__lte=today, ends__gte=today)


class Closing(Petition):
    """销号: the closing of an alert that the scan would keep open, asked for with evidence and approved by another. It
    holds up to the `severity` that was approved, for the month in `Alert.settled_month`.
    """

    zone_lookup: ClassVar[tuple[str, ...]] = ("alert__project__zone", "alert__zone")
    assigned_lookup: ClassVar[tuple[str, ...]] = (
        "alert__project__assignments__user",
        "alert__project__assignments__department",
    )

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="closings", verbose_name="预警")
    severity = models.PositiveSmallIntegerField("轻重")
    label = models.CharField("级别", max_length=40)

    class Meta:
        verbose_name = "预警销号"
        verbose_name_plural = "预警销号"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["alert"],
                condition=Q(state="asked"),
                name="alerts_closing_one_asked",
                violation_error_message="这条预警已有销号申请待审批",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None) | (~Q(state="asked") & Q(decided_by__isnull=False)),
                name="alerts_closing_decided",
                violation_error_message="销号须由他人审批",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert} 销号"
