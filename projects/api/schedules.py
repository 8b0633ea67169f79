"""倒排工期: templates, and a whole schedule promised at once."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects import facts
from projects.api.shared import FactsViewSet, Reasoned, refuse_ended
from projects.filters import TemplateFilters
from projects.models import Milestone, Project, ScheduleTemplate, TemplateStep
from projects.plans.schedule import LaidStep, lay_back
from zones.permissions import Action
from zones.scoped.api.fields import Day, VisibleKey, Words
from zones.scoped.api.refusals import Refused
from zones.scoped.api.rows import RowSerializer
from zones.scoped.api.views import RowsViewSet, typed

OUTCOMES: Final = {"promised": "已承诺", "moved": "已调整", "unchanged": "没有变化", "skipped": "已完成，不再承诺"}
MOST: Final = 60  # steps


class TemplateStepRow(RowSerializer):
    """A step, so many working days before the target."""

    class Meta:
        model = TemplateStep
        fields: ClassVar = ("kind", "label", "offset")
        hangs_on = "template"


class TemplateRow(RowSerializer):
    """The steps of a kind of project. It holds in its zone and below, unless a nearer zone has one with its code."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    zone_name = serializers.CharField(source="zone.name", read_only=True)
    steps = TemplateStepRow(many=True, read_only=True, help_text="目标之前的节点；目标节点见 anchor")

    class Meta:
        model = ScheduleTemplate
        fields: ClassVar = (
            *("id", "zone", "zone_name", "code", "name", "project_kind", "anchor", "active", "source", "version"),
            "steps",
        )


class Templates(RowsViewSet):
    """倒排模板。本区域和上级的模板；下级用同一代号的模板替换上级的。"""

    queryset = ScheduleTemplate.objects.all()
    serializer_class = TemplateRow
    filterset_class = TemplateFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "code": "code", "name": "name", "zone": "zone__path"}
    ordering: ClassVar = ("zone", "id")


class StepForm(serializers.Serializer):
    """A step and its deadline."""

    kind = serializers.ChoiceField(choices=Milestone.Kind.choices, help_text="节点")
    label = Words(  # type: ignore[assignment]
        required=False, default="", allow_blank=True, max_length=60, help_text="其他节点的名称"
    )
    day = Day(help_text="期限")


class ScheduleForm(Reasoned):
    """A template with a target, or the steps themselves."""

    template = VisibleKey(ScheduleTemplate, "倒排模板", required=False)
    target = Day(required=False, help_text="目标节点的日期")
    steps = serializers.ListField(
        child=StepForm(), required=False, min_length=1, max_length=MOST, help_text="各节点及期限"
    )

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        both = {"template", "target"}
        if ("steps" in told) == bool(both & set(told)) or ("steps" not in told and not both <= set(told)):
            raise serializers.ValidationError("请写 template 和 target，或者只写 steps")
        return told


class LaidStepRow(serializers.Serializer):
    """What became of a step."""

    milestone = serializers.IntegerField(help_text="节点的 id")
    kind = serializers.ChoiceField(choices=Milestone.Kind.choices)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    planned = serializers.DateField(allow_null=True, help_text="计划期限")
    outcome = serializers.ChoiceField(choices=list(OUTCOMES.items()))


class LaidRow(serializers.Serializer):
    """A schedule that was promised."""

    steps = LaidStepRow(many=True)


class SchedulingMixin(FactsViewSet):
    """Adds 倒排工期 to the endpoint of projects."""

    @extend_schema(request=ScheduleForm, responses=LaidRow)
    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, pk: int) -> Response:
        """倒排工期：按模板从目标日期往前排，或按给出的各节点，一次承诺全部期限。

        已完成的节点跳过；此前承诺过其他日期的须写 reason。全部成功或全部不写；再次提交没有变化。
        """
        told = typed(ScheduleForm, request)
        with self.changing(pk, Action.WRITE) as project:
            refuse_ended(project)
            laid = facts.lay_schedule(project, _steps(project, told), reason=told.get("reason", ""), by=self.writer)
        answer = {"steps": [_shown(row, outcome) for outcome in OUTCOMES for row in getattr(laid, outcome)]}
        return Response(answer, headers={"ETag": self.answer(pk)["ETag"]})


def _steps(project: Project, told: dict[str, Any]) -> list[LaidStep]:
    if "steps" in told:
        return [LaidStep(step["kind"], step["label"].strip(), step["day"]) for step in told["steps"]]
    template = told["template"]
    if template not in ScheduleTemplate.objects.offered_in(project.zone):
        raise Refused("invalid", "这个模板在项目所在区域没有启用", {"template": "没有启用"})
    return lay_back(template, told["target"])


def _shown(row: Milestone, outcome: str) -> dict[str, Any]:
    return {
        "milestone": row.pk,
        "kind": row.kind,
        "label": row.label,
        "planned": row.planned.isoformat() if row.planned else None,
        "outcome": outcome,
    }
