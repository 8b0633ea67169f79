"""Problems, and what became of them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects import facts, selecting
from projects.api.shared import (
    OF_PROJECT,
    SOURCED,
    FactsViewSet,
    Reasoned,
    SourcedRow,
    called,
    one_act,
    person,
    project_field,
    refuse_ended,
    whether,
)
from projects.filters import ProblemEventFilters, ProblemFilters
from projects.forms.fields import not_to_come
from projects.models import Problem, ProblemEvent
from zones import clock
from zones.models import Department, User
from zones.permissions import Action
from zones.scoped.api.fields import Day, VisibleKey, VisiblePerson, Words
from zones.scoped.api.refusals import Refused
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet, typed

ONE_OF_THESE: Final = (
    "一次只做一件事：调整时限，写 deadline 和 reason；标为或取消重大，写 major 和 reason；"
    "销号，写 closed_on 和 closing_note；撤销销号，写 closed_on: null 和 reason"
)
ACTS: Final = {"deadline": ("reason",), "major": ("reason",), "closed_on": ("closing_note", "reason")}


class ProblemRow(SourcedRow):
    """What blocks a project or a company, who settles it, and by when."""

    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")
    project = SeenIntegerField("project", source="project_id")
    project_code = SeenCharField("project", source="project.code")
    project_name = SeenCharField("project", source="project.name")
    company = SeenIntegerField("company", source="company_id", help_text="企业的 id")
    company_name = SeenCharField("company", source="company.name")
    department = SeenIntegerField("department", source="department_id", help_text="责任单位的 id")
    department_name = SeenCharField("department", source="department.name")
    owner = person("owner", "责任人")
    owner_name = SeenCharField("owner", source="owner.display_name")
    overdue = serializers.BooleanField(source="is_late", read_only=True, help_text="未销号且超过时限")
    recorded_by = person("recorded_by", "登记人")
    closed_by = person("closed_by", "销号人")

    class Meta:
        model = Problem
        fields: ClassVar = (
            *(*OF_PROJECT, "company", "company_name", "title", "category", "major", "raised_on"),
            *("department", "department_name", "owner", "owner_name", "deadline", "overdue", "solution"),
            *("closed_on", "closing_note", *SOURCED, "recorded_by", "closed_by", "version"),
        )


class ProblemForm(serializers.Serializer):
    """A problem of a project."""

    project = project_field()
    title = Words(max_length=200, help_text="一句话说清卡在哪里")
    category = serializers.ChoiceField(choices=Problem.Category.choices, help_text="类别")
    major = serializers.BooleanField(required=False, default=False, help_text="重大问题，影响节点按期完成")
    raised_on = Day(required=False, help_text="提出日期；不填为今天")
    department = VisibleKey(Department, "责任单位", {"active": True}, required=False, allow_null=True)
    owner = VisiblePerson(
        User, "人员", {"is_active": True}, required=False, allow_null=True, help_text="责任人的用户名"
    )
    deadline = Day(required=False, allow_null=True, help_text="完成时限")
    solution = Words(required=False, default="", allow_blank=True, max_length=2000, help_text="解决措施")

    def validate_raised_on(self, day: date) -> Any:
        return not_to_come(day, "提出日期")


class ProblemPatch(Reasoned):
    """One act on a problem: its deadline, whether it is a major one, its closing, or that being taken back."""

    deadline = Day(required=False, help_text="新的完成时限")
    major = serializers.BooleanField(required=False, help_text="是否为重大问题；由项目办改，须写 reason")
    closed_on = Day(required=False, allow_null=True, help_text="销号日期；null 为撤销销号")
    closing_note = Words(required=False, max_length=300, help_text="如何解决的")


class Problems(FactsViewSet):
    """问题：卡住项目或企业的事，由谁、在什么时限内解决。"""

    queryset = Problem.objects.all()
    serializer_class = ProblemRow
    filterset_class = ProblemFilters
    version = "version"
    lock_first = "project"
    orders: ClassVar = {
        "id": "pk",
        "zone": "zone__path",
        "raised_on": "raised_on",
        "deadline": "deadline",
        "closed_on": "closed_on",
        "category": "category",
    }

    def get_queryset(self) -> QuerySet[Any]:
        late = selecting.late(Problem.objects.all(), clock.today())
        return super().get_queryset().annotate(is_late=whether(late))

    @extend_schema(request=ProblemForm, responses={200: ProblemRow, 201: ProblemRow})
    def create(self, request: Request) -> Response:
        """登记项目的一个问题。同一天的同一问题，未销号时不重复登记，回答 200。"""
        told = typed(ProblemForm, request)
        told.setdefault("raised_on", clock.today())
        with self.telling(told.pop("project")) as held:
            known = set(held.problems.filter(raised_on=told["raised_on"]).values_list("pk", flat=True))
            row = facts.raise_problem(held, by=self.writer, **told)
        return self.told(row.pk, row.pk not in known)

    @extend_schema(request=ProblemPatch, responses=ProblemRow)
    def partial_update(self, request: Request, pk: int) -> Response:
        """调整时限，标为或取消重大，销号，撤销销号：一次一件。"""
        told = typed(ProblemPatch, request)
        act = _act(told)
        with self.changing(pk, Action.WRITE if act == "marked" else "") as row, called(on="closed_on"):
            refuse_ended(row.project)
            if act == "moved":
                facts.move_problem(row, told["deadline"], reason=told.get("reason", ""), by=self.writer)
            elif act == "marked":
                facts.mark_problem(row, major=told["major"], reason=told.get("reason", ""), by=self.writer)
            elif act == "closed":
                facts.close_problem(row, on=told["closed_on"], note=told.get("closing_note", ""), by=self.writer)
            else:
                facts.reopen_problem(row, reason=told.get("reason", ""), by=self.writer)
        return self.answer(pk)


class ProblemEventRow(RowSerializer):
    """One step of a problem."""

    zone = serializers.CharField(source="problem.zone.code", read_only=True, help_text="区域代号")
    problem_title = serializers.CharField(source="problem.title", read_only=True)
    by = person("by", "经办人")

    class Meta:
        model = ProblemEvent
        fields: ClassVar = ("id", "zone", "problem", "problem_title", "what", "on", "deadline", "note", "by", "at")


class ProblemEvents(RowsViewSet):
    """问题记录：提出、每一次调整时限、销号和撤销销号。"""

    queryset = ProblemEvent.objects.all()
    serializer_class = ProblemEventRow
    filterset_class = ProblemEventFilters
    orders: ClassVar = {"id": "pk", "problem": "problem_id", "on": "on"}


def _act(told: dict[str, Any]) -> str:
    """ "moved", "marked", "closed" or "reopened"; raises Refused for none, or for several."""
    asked = one_act(told, ACTS, ONE_OF_THESE)
    if asked != "closed_on":
        return "moved" if asked == "deadline" else "marked"
    closing = told["closed_on"] is not None
    if ("reason" if closing else "closing_note") in told:
        raise Refused("invalid", ONE_OF_THESE)
    return "closed" if closing else "reopened"
