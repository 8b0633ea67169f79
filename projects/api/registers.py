"""What a project is registered with: companies, other names, who stands for it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from rest_framework import serializers

from projects.api.shared import OF_PROJECT, ORDERS, OfProjectRow, person, whether
from projects.filters import AliasFilters, AssignmentFilters, CompanyFilters
from projects.models import Assignment, Company, Project, ProjectAlias
from zones import clock
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet


class CompanyRow(RowSerializer):
    """A company, with the zone that keeps it where that may be seen."""

    zone = SeenCharField("zone", source="zone.code", help_text="登记区域的代号；看不到该区域时为空")
    projects = serializers.IntegerField(source="projects_seen", read_only=True, help_text="看得到的在库项目数")

    class Meta:
        model = Company
        fields: ClassVar = ("id", "name", "credit_code", "zone", "projects", "is_demo", "version")


class Companies(RowsViewSet):
    """企业，由登记区域和其项目所在的区域看到。"""

    queryset = Company.objects.all()
    serializer_class = CompanyRow
    filterset_class = CompanyFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "name": "name", "projects": "projects_seen"}
    ordering: ClassVar = ("name",)

    def get_queryset(self) -> QuerySet[Any]:
        live = Project.objects.visible_to(self.request.user).live().filter(company=OuterRef("pk"))
        counted = live.order_by().values("company").annotate(n=Count("pk")).values("n")
        seen = Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
        return super().get_queryset().annotate(projects_seen=seen)


class AliasRow(OfProjectRow):
    """Another name of a project: printed somewhere or used formerly."""

    class Meta:
        model = ProjectAlias
        fields: ClassVar = (*OF_PROJECT, "name")


class Aliases(RowsViewSet):
    """项目的又名。"""

    queryset = ProjectAlias.objects.all()
    serializer_class = AliasRow
    filterset_class = AliasFilters
    orders: ClassVar = ORDERS | {"name": "name"}


class AssignmentRow(OfProjectRow):
    """Who stands for a project: a person, a unit, or a post known by name only."""

    user = person("user", "人员")
    user_name = SeenCharField("user", source="user.display_name")
    department = SeenIntegerField("department", source="department_id", help_text="责任单位的 id")
    department_name = SeenCharField("department", source="department.name")
    in_force = serializers.BooleanField(source="holds", read_only=True, help_text="今天有效")
    recorded_by = person("recorded_by", "经办人")

    class Meta:
        model = Assignment
        fields: ClassVar = (
            *OF_PROJECT,
            *("role", "user", "user_name", "department", "department_name", "post", "starts", "ends", "in_force"),
            *("recorded_by", "version"),
        )


class Assignments(RowsViewSet):
    """分包责任：谁负责哪个项目，从哪天到哪天。"""

    queryset = Assignment.objects.all()
    serializer_class = AssignmentRow
    filterset_class = AssignmentFilters
    version = "version"
    orders: ClassVar = ORDERS | {"role": "role", "starts": "starts", "ends": "ends"}

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().annotate(holds=whether(Assignment.objects.in_force(clock.today())))
