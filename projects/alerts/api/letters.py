"""Letters with their replies for other systems, and what the addressee says to one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from projects.alerts import filters
from projects.alerts.letters import replying
from projects.alerts.letters.holding import may_reply
from projects.alerts.models import WORDS, Letter, LetterEvent, LetterReply
from projects.alerts.models.letter import NAME
from projects.api.shared import FactsViewSet, person, whether
from projects.models import Problem as Difficulty
from zones import clock
from zones.scoped.api.fields import Day, Words
from zones.scoped.api.refusals import OUTSIDE, Refused
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed

SLIP = (
    *("id", "number", "category", "cause", "measures", "plan", "responsible", "expected_on", "help_needed"),
    *("state", "on", "by", "by_name", "decided_on", "decided_by", "decision"),
)


# ---- Reading -----------------------------------------------------------------------------------------
class OfAlertRow(RowSerializer):
    """An alert that a letter is written of."""

    id = SeenIntegerField("alert", source="alert_id", help_text="预警的 id")
    sentence = SeenCharField("alert", source="alert.sentence")

    class Meta:
        model = Letter.alerts.through
        fields: ClassVar = ("id", "sentence")
        hangs_on = "letter"


class LetterStepRow(RowSerializer):
    """One step of a letter."""

    by = person("by", "经办人")

    class Meta:
        model = LetterEvent
        fields: ClassVar = ("id", "what", "on", "note", "by", "at")
        hangs_on = "letter"


class SlipRow(RowSerializer):
    """反馈单: one version of the reply."""

    by = person("by", "反馈人")
    by_name = SeenCharField("by", source="by.display_name")
    decided_by = person("decided_by", "审核人")

    class Meta:
        model = LetterReply
        fields: ClassVar[tuple[str, ...]] = SLIP
        hangs_on = "letter"


class HourField(serializers.CharField):
    """An hour of the day in Beijing, HH:MM."""

    @staticmethod
    def from_column(value: time | None) -> str | None:
        return f"{value:%H:%M}" if value else None


class LetterRow(RowSerializer):
    """A letter that was issued: to whom, why, until when, and how far it is."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    project = SeenIntegerField("project", source="project_id", help_text="项目的 id；不属于项目的为 null")
    project_code = SeenCharField("project", source="project.code")
    department = SeenIntegerField("department", source="department_id", help_text="责任单位的 id")
    overdue = serializers.BooleanField(source="is_late", read_only=True, help_text="待反馈且超过时限")
    talk_at = HourField(read_only=True, allow_null=True, help_text="约谈的时刻，HH:MM")
    issued_by = person("issued_by", "签发人")
    received_by = person("received_by", "签收人")

    class Meta:
        model = Letter
        fields: ClassVar[tuple[str, ...]] = (
            *("id", "zone", "kind", "state", "prefix", "year", "number", "project", "project_code", "department"),
            *(
                "addressee",
                "title",
                "subject",
                "grounds",
                "demands",
                "reply_by",
                "overdue",
                "contact",
                "phone",
                "organ",
            ),
            *("talk_on", "talk_at", "talk_place", "talker", "talked", "is_demo"),
            *("issued_on", "issued_by", "received_on", "received_by", "replied_on", "done_on", "digest", "version"),
        )


class LetterDetail(LetterRow):
    """With its alerts, every version of the reply, and every step."""

    alerts = OfAlertRow(many=True, read_only=True)
    replies = SlipRow(many=True, read_only=True)
    events = LetterStepRow(many=True, read_only=True)

    class Meta(LetterRow.Meta):
        fields: ClassVar[tuple[str, ...]] = (*LetterRow.Meta.fields, "alerts", "replies", "events")


# ---- Writing -----------------------------------------------------------------------------------------
class ReceiveForm(serializers.Serializer):
    """签收"""


class SlipForm(serializers.Serializer):
    """反馈"""

    category = serializers.ChoiceField(choices=Difficulty.Category.choices, help_text="原因类别")
    cause = Words(max_length=WORDS, help_text="原因")
    measures = Words(max_length=WORDS, help_text="已采取的措施")
    plan = Words(max_length=WORDS, help_text="整改计划：节点和时间")
    responsible = Words(max_length=NAME, help_text="整改责任人")
    expected_on = Day(help_text="预计恢复日期，不早于今天")
    help_needed = Words(required=False, default="", allow_blank=True, max_length=WORDS, help_text="请求协调事项")


class Letters(FactsViewSet):
    """函件：提醒函、督办函、约谈通知。项目办起草、领导签发，签发前只有他们能看到；佐证材料在页面上传。"""

    queryset = Letter.objects.all()
    serializer_class = LetterRow
    detail_class = LetterDetail
    filterset_class = filters.LetterFilters
    version = "version"
    lock_first = "project"
    orders: ClassVar = {
        "id": "pk",
        "kind": "kind",
        "state": "state",
        "reply_by": "reply_by",
        "issued_on": "issued_on",
        "done_on": "done_on",
    }

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().annotate(is_late=whether(Letter.objects.all().overdue(clock.today())))

    @extend_schema(request=ReceiveForm, responses=LetterDetail)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: int) -> Response:
        """签收，由主送单位、项目的分包人，或项目办代办。此前已签收的没有变化。"""
        typed(ReceiveForm, request)
        with self._addressed(pk) as letter:
            replying.receive(letter, by=self.writer)
        return self.answer(pk)

    @extend_schema(request=SlipForm, responses=LetterDetail)
    @action(detail=True, methods=["post"])
    def reply(self, request: Request, pk: int) -> Response:
        """提交反馈单，由主送单位、项目的分包人，或项目办代录。审核通过后登记为所涉预警的答复，函件办结。"""
        told = typed(SlipForm, request)
        with self._addressed(pk) as letter:
            replying.reply(letter, by=self.writer, **told)
        return self.answer(pk)

    @contextmanager
    def _addressed(self, pk: int) -> Iterator[Letter]:
        """The letter, for who replies to it."""
        with self.changing(pk) as letter:
            if not may_reply(self.writer, letter):
                raise Refused("forbidden", OUTSIDE)
            yield letter


class LetterReplyRow(SlipRow):
    """One version of a reply, by itself."""

    zone = serializers.CharField(source="letter.zone.code", read_only=True, help_text="区域代号")

    class Meta(SlipRow.Meta):
        fields: ClassVar[tuple[str, ...]] = ("id", "zone", "letter", *SLIP[1:])


class LetterReplies(RowsViewSet):
    """函件反馈：每一次反馈和审核的结果，都保留。"""

    queryset = LetterReply.objects.all()
    serializer_class = LetterReplyRow
    filterset_class = filters.LetterReplyFilters
    orders: ClassVar = {"id": "pk", "letter": "letter_id", "on": "on", "expected_on": "expected_on"}
