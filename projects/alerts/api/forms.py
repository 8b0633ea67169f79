"""What is written about alerts: the bodies of their verbs."""

from __future__ import annotations

from rest_framework import serializers

from projects.alerts import answering
from projects.alerts.models import REMARK, WORDS
from projects.api.shared import project_field
from projects.models import Problem as Difficulty
from zones.scoped.api.fields import Day, Words


class Acknowledgement(serializers.Serializer):
    """签收"""

    note = serializers.CharField(
        required=False, allow_blank=True, max_length=REMARK, default="", help_text="备注，可不填"
    )


class AnswerForm(serializers.Serializer):
    """反馈"""

    category = serializers.ChoiceField(choices=Difficulty.Category.choices, help_text="原因类别")
    cause = Words(max_length=WORDS, help_text="原因")
    measures = Words(max_length=WORDS, help_text="已采取的措施")
    plan = Words(required=False, default="", allow_blank=True, max_length=WORDS, help_text="整改计划")
    expected_on = Day(help_text="预计恢复日期，不早于今天")
    responsible = Words(max_length=answering.NAME, help_text="责任人")
    help_needed = Words(required=False, default="", allow_blank=True, max_length=WORDS, help_text="请求协调事项")


class LeaveForm(serializers.Serializer):
    """申请豁免"""

    starts = Day(required=False, help_text="起始日期；不填为今天")
    ends = Day(help_text="最后一天")
    reason = Words(max_length=WORDS, help_text="理由")
    evidence = Words(max_length=WORDS, help_text="佐证：文件名称、文号或会议")


class LeaveAheadForm(LeaveForm):
    """申请豁免，事先"""

    project = project_field()
    rule = Words(max_length=40, help_text="规则的代号")


class EvidenceForm(serializers.Serializer):
    """申请销号"""

    evidence = Words(max_length=WORDS, help_text="佐证：已完成什么、有何材料、由谁核实")


class ApprovalForm(serializers.Serializer):
    """批准"""

    words = Words(required=False, default="", allow_blank=True, max_length=REMARK, help_text="意见，可不填")


class RefusalForm(serializers.Serializer):
    """退回、撤销"""

    reason = Words(max_length=REMARK, help_text="原因")
