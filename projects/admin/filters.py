"""The filters of the core's lists. What is not offered selects nothing, so a foreign id reads like a missing one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from projects import selecting, statistics
from projects.models import Batch, Period, Phase
from zones import clock
from zones.models import Zone

Choices = list[tuple[str, str]]
LIGHTS: Final[Choices] = [("red", "红色预警"), ("yellow", "黄色预警"), ("green", "正常"), ("none", "未判定")]


class ChoiceFilter(DropdownFilter):
    """A filter over a closed list of choices; a subclass says what each selects.

    `default` holds when none is chosen.
    """

    title: str
    parameter_name: str
    offered: Choices = []
    default: str = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return self.offered

    def value(self) -> str:
        return super().value() or self.default

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if not chosen:
            return queryset
        if chosen not in {str(key) for key, _ in self.lookup_choices}:
            return queryset.none()
        return self.select(request, queryset, chosen)

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        raise NotImplementedError


class PlaceFilter(ChoiceFilter):
    """By zone, with everything below it."""

    title = "区域"
    parameter_name = "zone"
    lookup = "zone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        zones = list(Zone.objects.visible_to(request.user).order_by("path"))
        top = min((zone.path.count("/") for zone in zones), default=0)
        self.paths = {zone.code: zone.path for zone in zones}
        return [(zone.code, "　" * (zone.path.count("/") - top) + str(zone)) for zone in zones]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(**{f"{self.lookup}__path__startswith": self.paths[chosen]})


class OfProjectPlaceFilter(PlaceFilter):
    """By the zone of the row's project."""

    lookup = "project__zone"


_more_lights: list[Callable[[Any], Choices]] = []


def offer_lights(lights: Callable[[Any], Choices]) -> None:
    """Let a room above name the lights it knows beside the usual ones: `lights(user)`, without counting rows."""
    if lights not in _more_lights:
        _more_lights.append(lights)


class LightFilter(ChoiceFilter):
    """By light. Offers the usual ones and whatever else the rules can light."""

    title = "灯"
    parameter_name = "light"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        others = {code: label for lights in _more_lights for code, label in lights(request.user)}
        return [*LIGHTS, *((code, label) for code, label in others.items() if code not in dict(LIGHTS))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        # Also a light that no rule names any more, while it still burns.
        chosen = self.value()
        return self.select(request, queryset, chosen) if chosen else queryset

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return selecting.lit(rows, chosen) if chosen.isidentifier() else rows.none()


class StateFilter(ChoiceFilter):
    """Live projects, unless another choice is made."""

    title = "状态"
    parameter_name = "state"
    default = "live"
    all_option = None
    offered = [("live", "在库（未终止）"), ("suspended", "停缓建"), ("ended", "已终止"), ("all", "全部")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen == "all":
            return rows
        if chosen == "ended":
            return rows.filter(terminated_on__lte=clock.today())
        live = rows.live()
        return statistics.suspended(live, clock.today()) if chosen == "suspended" else live


class PhaseFilter(ChoiceFilter):
    """By phase."""

    title = "阶段"
    parameter_name = "phase"
    offered = list(Phase.choices)

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(phase=chosen)


class BatchFilter(ChoiceFilter):
    """By batch. Together with a round both are meant of one entry, which the round's filter then selects."""

    title = "批次"
    parameter_name = "batch"
    offered = list(Batch.choices)

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows if request.GET.get("period") else selecting.listed(rows, chosen, "")


class PeriodFilter(ChoiceFilter):
    """By round, and by batch if one is chosen."""

    title = "期次"
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        rounds = Period.objects.visible_to(request.user).select_related("series")
        several = len({period.series_id for period in rounds}) > 1
        named = [(str(p.pk), f"{p.series} {p}" if several else str(p)) for p in rounds]
        return [*named, (selecting.WITHOUT_PERIOD, "期次不详")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        batch = request.GET.get("batch", "")
        return selecting.listed(rows, batch if batch in Batch.values else "", chosen)


class LastBatchFilter(ChoiceFilter):
    """By the batch of the latest entry: every project is in one of them only."""

    title = "最新入批"
    parameter_name = "latest"
    offered = list(Batch.choices)

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return selecting.last_listed(rows, chosen)


class WhoFilter(ChoiceFilter):
    """By who stands for the project."""

    title = "分包人"
    parameter_name = "who"
    offered = [("mine", "我负责的"), ("nobody", "尚未落实")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen == "nobody":
            return selecting.unassigned(rows, clock.today())
        user: Any = request.user
        return selecting.looked_after(rows, user, clock.today())


class DeadlineFilter(ChoiceFilter):
    """Projects by their deadlines."""

    title = "期限"
    parameter_name = "due"
    offered = [("overdue", "有逾期节点"), ("soon", "14 天内到期")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return selecting.with_deadline(rows, chosen, clock.today())


class FiguresFilter(ChoiceFilter):
    """Projects by what is known of this year's money."""

    title = "本年数据"
    parameter_name = "figures"
    offered = [("both", "计入本年投资（计划和完成数齐全）"), ("figure", "有计划，缺完成数"), ("plan", "缺年度计划")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return selecting.with_figures(rows, chosen)


class ProblemFilter(ChoiceFilter):
    """Projects that something blocks."""

    title = "问题"
    parameter_name = "problem"
    offered = [("open", "有未销号问题")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return selecting.with_open_problem(rows, clock.today())


class MilestoneDueFilter(ChoiceFilter):
    """Milestones by their deadlines, and done ones."""

    title = "进度"
    parameter_name = "due"
    offered = [("overdue", "已逾期"), ("soon", "14 天内到期"), ("open", "未完成"), ("done", "已完成")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen in ("open", "done"):
            return rows.filter(done=chosen == "done")
        waiting = selecting.overdue if chosen == "overdue" else selecting.due_soon
        return waiting(rows, clock.today())


class ProblemStateFilter(ChoiceFilter):
    """Open problems, unless another choice is made."""

    title = "状态"
    parameter_name = "state"
    default = "open"
    all_option = None
    offered = [("open", "未销号"), ("late", "超过时限"), ("closed", "已销号"), ("all", "全部")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen == "all":
            return rows
        if chosen == "closed":
            return rows.filter(closed_on__isnull=False)
        return selecting.late(rows, clock.today()) if chosen == "late" else rows.open_on(clock.today())


class CurrentFilter(ChoiceFilter):
    """Figures that hold, unless those that were replaced are asked for."""

    title = "版本"
    parameter_name = "version_of"
    default = "current"
    all_option = None
    offered = [("current", "有效"), ("all", "含被更正的")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows if chosen == "all" else rows.filter(current=True)


class EffectiveFilter(ChoiceFilter):
    """Entries that hold, unless others are asked for."""

    title = "状态"
    parameter_name = "state"
    default = "in"
    all_option = None
    offered = [("in", "在批"), ("left", "已调出"), ("all", "全部")]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows if chosen == "all" else rows.filter(left_on__isnull=chosen == "in")
