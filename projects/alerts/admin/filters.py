"""The filters of the list of alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest

from projects.admin.filters import ChoiceFilter, Choices, PlaceFilter
from projects.alerts import levels, states
from projects.alerts.models import Rule
from projects.models import Assignment
from zones import clock
from zones.models import Department, User

MOST: Final = 200  # people or units to choose from


class StateFilter(ChoiceFilter):
    """Open ones, unless others are asked for."""

    title = "状态"
    parameter_name = "state"
    default = "open"
    all_option = None
    offered: Choices = [*states.choices(), ("all", "全部")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows if chosen == "all" else states.in_state(rows, chosen)


class LevelFilter(ChoiceFilter):
    """By level; offers those of the rules, so that no page reads all alerts for its menu."""

    title = "级别"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        stored = Rule.objects.visible_to(request.user).values_list("levels", flat=True)
        found = {level.code: level for rows in stored for level in levels.readable(rows)}
        return [(each.code, each.label) for each in sorted(found.values(), key=lambda level: -level.severity)]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(level=chosen)


class AgeFilter(ChoiceFilter):
    """By how long it has been open."""

    title = "持续"
    parameter_name = "age"
    offered: Choices = [("7", "7 天以上"), ("15", "15 天以上"), ("30", "30 天以上"), ("90", "90 天以上")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(opened_on__lte=clock.today() - timedelta(days=int(chosen)))


class PersonFilter(ChoiceFilter):
    """By who stands for the subject, himself or by his unit."""

    title = "分包人"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        seen = Assignment.objects.visible_to(request.user).in_force(clock.today())
        people = User.objects.filter(pk__in=seen.exclude(user=None).order_by().values("user"), is_active=True)
        named = [(person.username, str(person)) for person in people.order_by("display_name", "pk")[:MOST]]
        return [("mine", "我负责的"), ("nobody", "尚未落实"), *named]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen == "nobody":
            return states.of_nobody(rows)
        user: Any = request.user
        return states.of_person(rows, user if chosen == "mine" else User.objects.get(username=chosen))


class UnitFilter(ChoiceFilter):
    """By responsible unit."""

    title = "责任单位"
    parameter_name = "unit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        units = Department.objects.visible_to(request.user).filter(active=True).order_by("zone__path", "name")
        return [(str(unit.pk), str(unit)) for unit in units[:MOST]]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return states.of_unit(rows, Department.objects.get(pk=chosen))


class RuleFilter(ChoiceFilter):
    """By rule, wherever in the tree it stands."""

    title = "规则"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        rules = Rule.objects.visible_to(request.user).order_by("zone__path", "pk").values_list("code", "name")
        return list(dict(rules).items())

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(rule__code=chosen)


class AcknowledgedFilter(ChoiceFilter):
    """By whether somebody has acknowledged it since it last worsened."""

    title = "签收"
    parameter_name = "acknowledged"
    offered: Choices = [("no", "未签收"), ("yes", "已签收")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(acknowledged=chosen == "yes")


class AlertPlaceFilter(PlaceFilter):
    """By the zone of the alert: its project's, else its own."""

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        path = self.paths[chosen]
        return rows.filter(Q(project__zone__path__startswith=path) | Q(zone__path__startswith=path))
