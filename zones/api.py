"""Zones and departments for other systems; and who is signed in."""

from __future__ import annotations

from typing import Any, ClassVar

from django_filters import rest_framework as rest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.request import Request
from rest_framework.response import Response

from zones import clock
from zones.filters import Flag, OneOf, WithinZone
from zones.models import Department, Zone
from zones.permissions import Role, roles_of
from zones.scoped.api.rows import RowSerializer
from zones.scoped.api.views import RowsViewSet
from zones.scoped.filters import StrictFilterSet


class ZoneRow(RowSerializer):
    """A node of the tree; `path` holds the codes from the root down to it."""

    parent = serializers.CharField(  # type: ignore[assignment]  # a field of the row; DRF's own `parent` is untouched
        source="parent.code", allow_null=True, read_only=True, help_text="上级区域的代号"
    )

    class Meta:
        model = Zone
        fields: ClassVar = (
            *("id", "code", "kind", "name", "short_name", "parent", "path", "national_code", "return_day"),
            *("active", "is_demo", "version"),
        )


class ZoneFilters(StrictFilterSet):
    zone = WithinZone("")
    kind = OneOf(choices=Zone.Kind.choices, label="类别")
    active = Flag(lambda rows: rows.filter(active=True), "启用")
    text = rest.CharFilter("name", "icontains", label="名称中的文字")


class Zones(RowsViewSet):
    """区域：省、市、县、开发区、园区。"""

    queryset = Zone.objects.all()
    serializer_class = ZoneRow
    filterset_class = ZoneFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "path": "path", "code": "code", "name": "name"}
    ordering: ClassVar = ("path",)


class DepartmentRow(RowSerializer):
    zone = serializers.CharField(source="zone.code", read_only=True, help_text="区域代号")

    class Meta:
        model = Department
        fields: ClassVar = ("id", "zone", "name", "short_name", "active", "version")


class DepartmentFilters(StrictFilterSet):
    zone = WithinZone()
    active = Flag(lambda rows: rows.filter(active=True), "启用")
    text = rest.CharFilter("name", "icontains", label="名称中的文字")


class Departments(RowsViewSet):
    """责任单位。"""

    queryset = Department.objects.all()
    serializer_class = DepartmentRow
    filterset_class = DepartmentFilters
    version = "version"
    orders: ClassVar = {"id": "pk", "name": "name", "zone": "zone__path"}
    ordering: ClassVar = ("zone", "name")


class AppointedTo(serializers.Serializer):
    role = serializers.ChoiceField(choices=Role.choices)
    zone = serializers.CharField(help_text="区域路径，含其下级")


class AboutMe(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField()
    department = serializers.IntegerField(allow_null=True)
    today = serializers.DateField(help_text="系统的业务日期")
    appointments = AppointedTo(many=True)


class Me(views.APIView):
    """当前登录的人，及其任职。"""

    @extend_schema(responses=AboutMe)
    def get(self, request: Request) -> Response:
        user: Any = request.user
        held = [{"role": role, "zone": path} for role, path in sorted(roles_of(user))]
        shown = {"username": user.username, "name": str(user), "department": user.department_id}
        return Response({**shown, "today": clock.today(), "appointments": held})
