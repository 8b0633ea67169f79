"""Parameters that several endpoints of the main room take: those of a project, for projects and for what hangs on
one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters import rest_framework as rest

from projects import names, selecting
from projects.models import Category, Importance, Phase, Project, ProjectAlias
from zones import clock
from zones.filters import ByPerson, Key, OneOf, WithinZone
from zones.scoped.filters import StrictFilterSet

Rows = QuerySet[Any]
LIGHT = "灯：red、yellow、green、none（未判定）或规则所定"


def named(rows: Rows, text: str) -> Rows:
    """Projects whose name, other name, code or initials hold `text`."""
    text = text.strip()
    alike = Q(name__icontains=text)
    if text.isascii():
        alike |= Q(initials__startswith=text.lower()) | Q(code__istartswith=text)
    if key := names.key(text):
        alike |= Q(Exists(ProjectAlias.objects.filter(project=OuterRef("pk"), key__contains=key)))
    return rows.filter(alike)


def lit_by(rows: Rows, lights: Iterable[str]) -> Rows:
    """Projects that show one of the lights."""
    first, *others = [selecting.lit(rows, light) for light in lights]
    if not others:
        return first
    chosen = Q(pk__in=first.order_by().values("pk"))
    for each in others:
        chosen |= Q(pk__in=each.order_by().values("pk"))
    return rows.filter(chosen)


def of(projects: Rows) -> Q:
    """Rows that hang on one of the projects."""
    return Q(project__in=projects.order_by().values("pk"))


class ByText(rest.CharFilter):
    """Words of the name in characters, or the initials of their pinyin."""

    def __init__(self, label: str = "名称、又名、编号中的文字，或拼音首字母（从头）", **kwargs: Any) -> None:
        super().__init__(label=label, min_length=1, max_length=100, **kwargs)

    def filter(self, qs: Rows, value: str) -> Rows:
        return named(qs, value) if value else qs


class ByTextOfProject(ByText):
    """The same of the row's project."""

    def __init__(self) -> None:
        super().__init__("项目的名称、又名、编号中的文字，或拼音首字母（从头）")

    def filter(self, qs: Rows, value: str) -> Rows:
        return qs.filter(of(named(Project.objects.all(), value))) if value else qs


class Words(rest.CharFilter):
    """Words that stand in one of several columns of the row itself, or in the name of its project."""

    def __init__(self, *columns: str, label: str, project: bool = False) -> None:
        self.columns, self.project = columns, project
        super().__init__(label=label, min_length=1, max_length=100)

    def filter(self, qs: Rows, value: str) -> Rows:
        if not value:
            return qs
        held = of(named(Project.objects.all(), value)) if self.project else Q(pk__in=[])
        for column in self.columns:
            held |= Q(**{f"{column}__icontains": value})
        return qs.filter(held)


class ByLight(rest.BaseInFilter, rest.CharFilter):
    """Codes of lights, separated by commas; `none` is not judged."""

    def filter(self, qs: Rows, value: Any) -> Rows:
        return lit_by(qs, value) if value else qs


class ByLightOfProject(ByLight):
    """The same of the row's project."""

    def filter(self, qs: Rows, value: Any) -> Rows:
        return qs.filter(of(lit_by(Project.objects.all(), value))) if value else qs


class ByRound(rest.CharFilter):
    """The id of a round, or `none`."""

    field_class = forms.RegexField

    def __init__(self, **kwargs: Any) -> None:
        wrong = {"invalid": "应为期次的 id，或 none"}
        super().__init__(
            label="期次的 id，或 none（期次不详）", regex=r"^(none|\d{1,12})$", error_messages=wrong, **kwargs
        )


class OfProjectFilters(StrictFilterSet):
    """Of whatever hangs on a project."""

    zone = WithinZone("project__zone")
    project = Key("project", label="项目的 id")
    code = rest.CharFilter("project__code", "iexact", label="项目编号")
    phase = OneOf("project__phase", choices=Phase.choices, label="项目的阶段")
    category = OneOf("project__category", choices=Category.choices, label="项目的产业类别")
    importance = OneOf("project__importance", choices=Importance.choices, label="项目的重要级别")
    light = ByLightOfProject(label=f"项目的{LIGHT}")
    person = ByPerson(
        lambda rows, user: rows.filter(of(selecting.looked_after(Project.objects.all(), user, clock.today()))),
        "负责项目的人员的用户名",
    )
    text = ByTextOfProject()


def by_person(column: str, label: str) -> ByPerson:
    """Rows whose `column` is this person."""
    return ByPerson(lambda rows, user: rows.filter(**{column: user.pk}), f"{label}的用户名")
