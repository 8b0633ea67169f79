"""Decisions, every step of them, and the replies of those who have to do them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api import shared
from projects.api.shared import FactsViewSet, whether
from projects.meetings import following, selecting
from projects.meetings.api.meetings import ABOUT_PROJECT, AboutProjectRow
from projects.meetings.filters import DecisionEventFilters, DecisionFilters
from projects.meetings.models import Decision, DecisionEvent
from zones import clock
from zones.scoped.api.fields import Day, Words
from zones.scoped.api.refusals import OUTSIDE, Refused
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed


# ---- Reading -----------------------------------------------------------------------------------------
class HelperRow(RowSerializer):
    """A unit that helps."""

    id = SeenIntegerField("department", source="department_id", help_text="单位的 id")
    name = SeenCharField("department", source="department.name")

    class Meta:
        model = Decision.helpers.through
        fields: ClassVar = ("id", "name")
        hangs_on = "decision"


class StepRow(RowSerializer):
    """One step of a decision."""

    by = shared.person("by", "经办人")

    class Meta:
        model = DecisionEvent
        fields: ClassVar = ("id", "what", "on", "deadline", "note", "by", "at")
        hangs_on = "decision"


class DecisionRow(AboutProjectRow):
    """A decided matter: who does it, by when, and how far it is."""

    topic = SeenIntegerField("topic", source="topic_id", help_text="议题的 id")
    lead = SeenIntegerField("lead", source="lead_id", help_text="牵头单位的 id")
    lead_name = SeenCharField("lead", source="lead.name")
    person = shared.person("person", "责任人")
    person_name = SeenCharField("person", source="person.display_name")
    overdue = serializers.BooleanField(source="is_late", read_only=True, help_text="未办结且超过时限")
    created_by = shared.person("created_by", "记录人")

    class Meta:
        model = Decision
        fields: ClassVar[tuple[str, ...]] = (
            *(*ABOUT_PROJECT, "number", "topic", "matter", "lead", "lead_name", "person", "person_name"),
            *("deadline", "promised", "asked_deadline", "overdue", "state", "issued_on", "done_on", "result"),
            *("created_by", "created_at", "version"),
        )


class DecisionDetail(DecisionRow):
    """With the units that help, and every step."""

    helpers = HelperRow(many=True, read_only=True)
    events = StepRow(many=True, read_only=True)

    class Meta(DecisionRow.Meta):
        fields: ClassVar[tuple[str, ...]] = (*DecisionRow.Meta.fields, "helpers", "events")


# ---- Writing -----------------------------------------------------------------------------------------
class NothingForm(serializers.Serializer):
    """签收"""


class NoteForm(serializers.Serializer):
    """反馈进展"""

    note = Words(max_length=following.NOTE, help_text="办到哪一步、下一步做什么")


class ClosingForm(serializers.Serializer):
    """申请销号"""

    note = Words(max_length=following.RESULT, help_text="完成的情况和佐证")


class RemarkForm(serializers.Serializer):
    """同意、催办"""

    note = Words(required=False, default="", allow_blank=True, max_length=following.RESULT, help_text="意见，可不填")


class ExtensionForm(serializers.Serializer):
    """申请延期"""

    deadline = Day(help_text="申请延至哪一天")
    reason = Words(max_length=following.RESULT, help_text="原因")


class ReasonForm(serializers.Serializer):
    """驳回"""

    reason = Words(max_length=following.RESULT, help_text="原因")


class Decisions(FactsViewSet):
    """议定事项：会议定下的事，由谁牵头、谁负责、何时办结。会上记录，签发后下发，此前只有组织会议的和领导能看到；佐证材料在页面上传。"""

    queryset = Decision.objects.all()
    serializer_class = DecisionRow
    detail_class = DecisionDetail
    filterset_class = DecisionFilters
    version = "version"
    orders: ClassVar = {
        "id": "pk",
        "meeting": "meeting_id",
        "number": "number",
        "deadline": "deadline",
        "issued_on": "issued_on",
        "done_on": "done_on",
        "state": "state",
    }

    def get_queryset(self) -> QuerySet[Any]:
        late = Decision.objects.all().overdue(clock.today())
        rows = selecting.handed_down(super().get_queryset(), self.request.user)
        return rows.annotate(is_late=whether(late))

    @extend_schema(request=NothingForm, responses=DecisionDetail)
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, pk: int) -> Response:
        """签收，由责任人或牵头单位。此前已签收的没有变化。"""
        return self._take(pk, following.receive, following.stands_for, typed(NothingForm, request))

    @extend_schema(request=NoteForm, responses=DecisionDetail)
    @action(detail=True, methods=["post"])
    def report(self, request: Request, pk: int) -> Response:
        """反馈进展，由责任人、牵头单位，或项目办代录。"""
        return self._take(pk, following.report, following.may_answer, typed(NoteForm, request))

    @extend_schema(request=ExtensionForm, responses=DecisionDetail)
    @action(detail=True, methods=["post"], url_path="ask-extension")
    def ask_extension(self, request: Request, pk: int) -> Response:
        """申请延期，由领导审批；批准前仍按现在的时限。"""
        return self._take(pk, following.ask_extension, following.may_answer, typed(ExtensionForm, request))

    @extend_schema(request=ClosingForm, responses=DecisionDetail)
    @action(detail=True, methods=["post"], url_path="ask-closing")
    def ask_closing(self, request: Request, pk: int) -> Response:
        """申请销号，由项目办或领导核实后同意。"""
        return self._take(pk, following.ask_closing, following.may_answer, typed(ClosingForm, request))

    @extend_schema(request=RemarkForm, responses=DecisionDetail)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: int) -> Response:
        """同意正在申请的延期或销号；不能同意本人的申请，延期只由领导同意。"""
        return self._take(pk, following.agree, following.may_agree, typed(RemarkForm, request))

    @extend_schema(request=ReasonForm, responses=DecisionDetail)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: int) -> Response:
        """驳回正在申请的延期或销号，写明原因；继续办理。"""
        return self._take(pk, following.refuse, following.may_agree, typed(ReasonForm, request))

    @extend_schema(request=RemarkForm, responses=DecisionDetail)
    @action(detail=True, methods=["post"])
    def urge(self, request: Request, pk: int) -> Response:
        """催办：通知责任人和牵头单位，每天一次。"""
        return self._take(pk, following.urge, following.may_follow, typed(RemarkForm, request))

    def _take(
        self, pk: int, verb: Callable[..., Decision], who: Callable[[Any, Decision], bool], told: dict[str, Any]
    ) -> Response:
        """Let the verb do it, for whom `who` lets."""
        with self._allowed(pk, who) as decision:
            verb(decision, by=self.writer, **told)
        return self.answer(pk)

    @contextmanager
    def _allowed(self, pk: int, who: Callable[[Any, Decision], bool]) -> Iterator[Decision]:
        with self.changing(pk) as decision:
            if not who(self.writer, decision):
                raise Refused("forbidden", OUTSIDE)
            yield decision


class DecisionEventRow(StepRow):
    """One step of a decision, by itself."""

    zone = serializers.CharField(source="decision.meeting.zone.code", read_only=True, help_text="区域代号")

    class Meta:
        model = DecisionEvent
        fields: ClassVar = ("id", "zone", "decision", "what", "on", "deadline", "note", "by", "at")


class DecisionEvents(RowsViewSet):
    """议定事项办理记录：下发、签收、反馈、申请、同意和驳回，每一步都保留。"""

    queryset = DecisionEvent.objects.all()
    serializer_class = DecisionEventRow
    filterset_class = DecisionEventFilters
    orders: ClassVar = {"id": "pk", "decision": "decision_id", "on": "on"}
