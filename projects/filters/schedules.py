"""Parameters of the endpoint of templates."""

from __future__ import annotations

from django_filters import rest_framework as rest

from projects.filters.shared import Words
from projects.models import Milestone
from zones.filters import Flag, OneOf, WithinZone
from zones.scoped.filters import StrictFilterSet


class TemplateFilters(StrictFilterSet):
    zone = WithinZone()
    code = rest.CharFilter(label="代号")
    anchor = OneOf(choices=Milestone.Kind.choices, label="目标节点")
    active = Flag(lambda rows: rows.filter(active=True), "启用")
    text = Words("name", "project_kind", label="名称或适用项目中的文字")
