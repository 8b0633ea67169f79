"""Steps of a project, what changed in them, and standstills."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects import facts, selecting
from projects.api.shared import (
    OF_PROJECT,
    ORDERS,
    SOURCED,
    FactsViewSet,
    OfProjectRow,
    Reasoned,
    SourcedRow,
    called,
    one_act,
    person,
    project_field,
    refuse_ended,
    whether,
)
from projects.dates import DateSpan
from projects.filters import MilestoneChangeFilters, MilestoneFilters, SuspensionFilters
from projects.models import Milestone, MilestoneChange, Suspension
from zones import clock
from zones.permissions import Action
from zones.scoped.api.fields import Day, Words, YesNo
from zones.scoped.api.refusals import Refused
from zones.scoped.api.views import RowsViewSet, typed

ONE_OF_THESE: Final = (
    "一次只做一件事：定期限或调整期限，写 planned（调整须写 reason）；完成，写 done: true，"
    "可加 actual_first、actual_last、reason；撤销完成，写 done: false 和 reason"
)
DAYS: Final = ("actual_first", "actual_last")
ACTS: Final = {"planned": ("reason",), "done": (*DAYS, "reason")}


class MilestoneRow(OfProjectRow):
    """A step. It is judged by `deadline`: what was first promised, else the promise of today."""

    deadline = serializers.DateField(
        source="judged_by", read_only=True, allow_null=True, help_text="判定期限：首次承诺，没有则为计划"
    )
    overdue = serializers.BooleanField(source="is_late", read_only=True, help_text="已超期，且仍在等待完成")

    class Meta:
        model = Milestone
        fields: ClassVar = (
            *OF_PROJECT,
            *("kind", "label", "baseline", "planned", "deadline", "overdue"),
            *("done", "actual_first", "actual_last", "known_on", "version"),
        )


class _Told(Reasoned):
    planned = Day(required=False, help_text="计划期限")
    done = YesNo(required=False, help_text="true 为完成，false 为撤销完成")
    actual_first = Day(required=False, allow_null=True, help_text="完成日期（最早）")
    actual_last = Day(
        required=False, allow_null=True, help_text="完成日期（最晚）；准确到日时与最早相同，不清楚时两个都不填"
    )


class MilestoneForm(_Told):
    """A step promised or reached, of a project that may not have had it."""

    project = project_field()
    kind = serializers.ChoiceField(choices=Milestone.Kind.choices, help_text="节点")
    label = Words(  # type: ignore[assignment]
        required=False, default="", allow_blank=True, max_length=60, help_text="其他节点的名称"
    )

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        if told["label"].strip() and told["kind"] != Milestone.Kind.OTHER:
            raise serializers.ValidationError({"label": "只有“其他”节点才写名称"})
        return told


class MilestonePatch(_Told):
    """One act on a step: its deadline, its being done, or that being taken back."""


class Milestones(FactsViewSet):
    """节点：首次承诺、计划期限和实际完成。"""

    queryset = Milestone.objects.all()
    serializer_class = MilestoneRow
    filterset_class = MilestoneFilters
    version = "version"
    lock_first = "project"
    refusals: ClassVar = {"create": ("conflict",)}
    orders: ClassVar = ORDERS | {
        "kind": "kind",
        "baseline": "baseline",
        "planned": "planned",
        "deadline": "judged_by",
        "actual_last": "actual_last",
        "known_on": "known_on",
    }

    def get_queryset(self) -> QuerySet[Any]:
        late = selecting.overdue(Milestone.objects.all(), clock.today())
        return super().get_queryset().annotate(judged_by=Coalesce("baseline", "planned"), is_late=whether(late))

    @extend_schema(request=MilestoneForm, responses={200: MilestoneRow, 201: MilestoneRow})
    def create(self, request: Request) -> Response:
        """承诺一个节点的期限，或登记一个节点完成。"""
        told = typed(MilestoneForm, request)
        project, kind, label = (told.pop(name) for name in ("project", "kind", "label"))
        act = _act(told)
        if act == "undone":
            raise Refused("invalid", "这里定期限或登记完成；撤销完成请用 PATCH", {"done": "应为 true"})
        with self.telling(project, _taking(act)) as held, called(**_CALLED):
            before = held.milestones.filter(kind=kind, label=label).first()
            row = self._carry_out(act, before or Milestone(project=held, kind=kind, label=label), told)
            if before and row.version != before.version:
                raise Refused("conflict", f"该项目已有节点“{row}”（id 为 {row.pk}），请用 PATCH 修改它")
        return self.told(row.pk, new=before is None)

    @extend_schema(request=MilestonePatch, responses=MilestoneRow)
    def partial_update(self, request: Request, pk: int) -> Response:
        """定期限或调整期限，登记完成，撤销完成：一次一件。"""
        told = typed(MilestonePatch, request)
        act = _act(told)
        with self.changing(pk, _taking(act)) as row, called(**_CALLED):
            refuse_ended(row.project)
            self._carry_out(act, row, told)
        return self.answer(pk)

    def _carry_out(self, act: str, row: Milestone, told: dict[str, Any]) -> Milestone:
        who: dict[str, Any] = {"reason": told.get("reason", ""), "by": self.writer}
        if act == "undone":
            return facts.undo(row, **who)
        if act == "done":
            return facts.reach(row.project, row.kind, _days(told), label=row.label, **who)
        if row.planned and self.action == "partial_update":
            return facts.replan(row, told["planned"], **who)
        if row.done:
            raise ValidationError({"planned": f"“{row}”已完成，不能再定期限"})
        return facts.promise(row.project, row.kind, told["planned"], label=row.label, **who)


class MilestoneState(serializers.Serializer):
    """What a step was before or after a change."""

    baseline = serializers.DateField(required=False, allow_null=True)
    planned = serializers.DateField(required=False, allow_null=True)
    done = serializers.BooleanField(required=False)
    actual_first = serializers.DateField(required=False, allow_null=True)
    actual_last = serializers.DateField(required=False, allow_null=True)


@extend_schema_field(MilestoneState)
class _State(serializers.JSONField):
    """As it was kept."""


class MilestoneChangeRow(SourcedRow, OfProjectRow):
    """One change of a step: from what to what, by whom and why."""

    project = serializers.IntegerField(source="milestone.project_id", read_only=True)
    project_code = serializers.CharField(source="milestone.project.code", read_only=True)
    project_name = serializers.CharField(source="milestone.project.name", read_only=True)
    zone = serializers.CharField(source="milestone.project.zone.code", read_only=True, help_text="区域代号")
    kind = serializers.CharField(source="milestone.kind", read_only=True)
    label = serializers.CharField(source="milestone.label", read_only=True)  # type: ignore[assignment]
    before = _State(read_only=True)
    after = _State(read_only=True)
    by = person("by", "经办人")

    class Meta:
        model = MilestoneChange
        fields: ClassVar = (
            *OF_PROJECT,
            *("milestone", "kind", "label", "what", "before", "after", "reason", *SOURCED, "on", "by", "at"),
        )


class MilestoneChanges(RowsViewSet):
    """节点变动：每一次承诺、调整、完成和撤销。"""

    queryset = MilestoneChange.objects.all()
    serializer_class = MilestoneChangeRow
    filterset_class = MilestoneChangeFilters
    orders: ClassVar = {"id": "pk", "milestone": "milestone_id", "on": "on"}


class SuspensionRow(SourcedRow, OfProjectRow):
    """A project stands still from one day to another; both count."""

    in_force = serializers.BooleanField(source="holds", read_only=True, help_text="今天停缓建")
    recorded_by = person("recorded_by", "经办人")
    ended_by = person("ended_by", "复工经办人")

    class Meta:
        model = Suspension
        fields: ClassVar = (
            *OF_PROJECT,
            *("kind", "starts", "ends", "in_force", "reason", "approver", *SOURCED),
            *("recorded_by", "ended_by", "version"),
        )


class Suspensions(RowsViewSet):
    """停缓建。"""

    queryset = Suspension.objects.all()
    serializer_class = SuspensionRow
    filterset_class = SuspensionFilters
    version = "version"
    orders: ClassVar = ORDERS | {"starts": "starts", "ends": "ends"}

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().annotate(holds=whether(Suspension.objects.in_force(clock.today())))


_CALLED: Final = {"when": "actual_last"}


def _act(told: dict[str, Any]) -> str:
    """ "planned", "done" or "undone"; raises Refused for none, or for several."""
    asked = one_act(told, ACTS, ONE_OF_THESE)
    if asked == "planned" or told["done"]:
        return asked
    if set(told) & set(DAYS):
        raise Refused("invalid", ONE_OF_THESE)
    return "undone"


def _taking(act: str) -> str:
    """A deadline is a matter of the project office; what is done may be told by whoever stands for the project."""
    return Action.WRITE if act == "planned" else ""


def _days(told: dict[str, Any]) -> DateSpan | None:
    first: date | None
    last: date | None
    first, last = (told.get(name) for name in DAYS)
    if first is None and last is None:
        return None
    if first is None or last is None:
        wrong = "actual_first 和 actual_last 要么都填，要么都不填；准确到日时填同一天"
        raise Refused("invalid", wrong, {DAYS[first is not None]: "缺这一项"})
    if first > last:
        raise Refused("invalid", "actual_first 不能晚于 actual_last", {"actual_first": "不能晚于 actual_last"})
    return DateSpan(first, last, "day" if first == last else "range")
