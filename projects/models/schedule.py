"""倒排工期: by how many working days before a target the steps of a kind of project are to be done."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from projects.models.milestone import Milestone
from zones.models import Versioned
from zones.models.zone import ancestors_of
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

LONGEST = 2500  # working days, ten years


class ScheduleTemplateQuerySet(ScopedQuerySet):
    """Templates by place."""

    def offered_in(self, zone: Any) -> list[ScheduleTemplate]:
        """Those in force in a zone: of all above it and its own, the nearest of each code, unless switched off."""
        above: Any = self.filter(zone__path__in=[*ancestors_of(zone.path), zone.path]).select_related("zone")
        nearest: dict[str, Any] = {row.code: row for row in above.order_by("zone__path", "pk")}
        return [row for row in nearest.values() if row.active]


class ScheduleTemplate(Versioned, ScopedModel):
    """The steps of a kind of project before a target (`anchor`). It holds in its zone and in all below it; one with
    the same `code` in a nearer zone takes its place there, and switches it off if it is not active.
    """

    zone_lookup: ClassVar[str] = "zone"
    inherited: ClassVar[bool] = True

    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="schedule_templates", verbose_name="适用区域")
    code = models.SlugField("代号", max_length=40, help_text="下级区域用同一代号另立模板，即替换上级的这个模板")
    name = models.CharField("名称", max_length=60)
    project_kind = models.CharField("适用项目", max_length=100, help_text="哪一类项目用它，如：工业项目（标准地）")
    anchor = models.CharField(
        "目标节点",
        max_length=12,
        choices=[choice for choice in Milestone.Kind.choices if choice[0] != Milestone.Kind.OTHER],
        default=Milestone.Kind.PRODUCED,
        help_text="从这个节点的目标日期往前倒排",
    )
    active = models.BooleanField("启用", default=True, help_text="停用后，本区域及下级不再提供这一代号的模板")
    source = models.CharField("依据", max_length=200, blank=True, help_text="文件名称、文号，或“参考”")

    objects = ScopedManager.from_queryset(ScheduleTemplateQuerySet)()

    class Meta:
        verbose_name = "倒排模板"
        verbose_name_plural = "倒排模板"
        ordering: ClassVar = ["zone__path", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["zone", "code"],
                name="projects_template_once_per_zone",
                violation_error_message="该区域已有同一代号的模板",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateStep(ScopedModel):
    """A step of a template, `offset` working days before the target."""

    zone_lookup: ClassVar[str] = "template__zone"
    inherited: ClassVar[bool] = True

    template = models.ForeignKey(ScheduleTemplate, models.PROTECT, related_name="steps", verbose_name="模板")
    kind = models.CharField("节点", max_length=12, choices=Milestone.Kind)
    label = models.CharField("名称", max_length=60, blank=True, help_text="只在节点选“其他”时填写")
    offset = models.PositiveSmallIntegerField("提前工作日", help_text="在目标日期之前几个工作日")

    class Meta:
        verbose_name = "模板节点"
        verbose_name_plural = "模板节点"
        ordering: ClassVar = ["template_id", "-offset", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["template", "kind", "label"],
                name="projects_template_step_once",
                violation_error_message="模板里已有这个节点",
            ),
            models.CheckConstraint(
                condition=Q(offset__gte=1, offset__lte=LONGEST),
                name="projects_template_step_offset",
                violation_error_message=f"提前的工作日应在 1 到 {LONGEST} 之间",
            ),
            models.CheckConstraint(
                condition=Q(kind="other") & ~Q(label="") | ~Q(kind="other") & Q(label=""),
                name="projects_template_step_label",
                violation_error_message="“其他”节点须写名称，别的节点不写",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.get_kind_display()

    def clean(self) -> None:
        super().clean()
        if self.template.anchor == self.kind:
            raise ValidationError({"kind": "这是模板的目标节点，不用再列"})
