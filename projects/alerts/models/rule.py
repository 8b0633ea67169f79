"""Rules as data."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from projects.alerts import measures
from projects.alerts.rulebook import Problem, problems_of
from zones.models import Versioned
from zones.scoped.querysets import ScopedModel


def measure_choices() -> list[tuple[str, str]]:
    """Asked when a form is shown, so that a new measure needs no migration."""
    return measures.choices()


class Rule(Versioned, ScopedModel):
    """When somebody is told that a project is behind. It holds in its zone and in all below it; a rule with the same
    `code` in a nearer zone takes its place there, and switches it off if it is not enabled.

    `levels`, from the mildest to the gravest: severity, code, label, colour, low, low_inclusive, high,
    high_inclusive, urgent, streak (so many judged months in a row at the level below lead here as well). `scope`
    (empty is all): phases, batches, min_annual_plan in yuan. `recipients` and `days_to_answer` (working days) are by
    the code of a level. `hysteresis`, in the measure's unit and as exact decimals, is how far beyond its bound a value
    must come back before the level falls. An alert that nobody answers goes up one step when `hold_days` working days
    more than those to answer have passed.
    """

    class StepDown(models.TextChoices):
        RECOVER = "recover", "恢复即降级或解除"
        ONE_STEP = "one_step", "每月最多降一级"

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
    step_down = models.CharField("降级方式", max_length=10, choices=StepDown, default=StepDown.RECOVER)
    hysteresis = models.CharField("回差", max_length=20, default="0", help_text="回到界限以内多少才降级，单位同指标")
    hold_days = models.PositiveSmallIntegerField("上报前缓冲（工作日）", default=0)
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
