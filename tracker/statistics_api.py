"""The numbers of the home page for other systems, for any scope and day.

Of today they are those of the page, by the same functions. Of a day before, they are what today's knowledge says of
that day; at the end of a month that was closed, its figures and lights are those that were kept then.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, views
from rest_framework.request import Request
from rest_framework.response import Response

from projects import selecting, standings, statistics
from projects.alerts import lights
from projects.alerts.models import Alert
from projects.models import Batch, Milestone, Period, Problem, Project
from projects.statistics import EntryCount, Investment
from zones import clock
from zones.filters import path_of_zone
from zones.permissions import EVERYWHERE
from zones.scoped.api.parameters import refuse_parameters
from zones.scoped.api.refusals import Refused

PARAMETERS: Final = ("zone", "as_of")
EARLIEST: Final = date(2000, 1, 1)


class StatisticsProjects(serializers.Serializer):
    live = serializers.IntegerField(help_text="在库项目（未终止）")
    suspended = serializers.IntegerField(help_text="其中停缓建的")
    by_phase = serializers.DictField(child=serializers.IntegerField(), help_text="阶段 → 项目数")
    by_light = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="灯 → 项目数；none 为未判定。过去的日期没有当时的预警即为 none，月末定格的除外",
    )


class StatisticsEntries(serializers.Serializer):
    batch = serializers.ChoiceField(Batch.choices)
    period = serializers.IntegerField(allow_null=True, help_text="期次的 id；空为期次不详")
    series = serializers.CharField(help_text="活动")
    number = serializers.IntegerField(allow_null=True, help_text="第几期")
    count = serializers.IntegerField()


class StatisticsBatches(serializers.Serializer):
    entries = StatisticsEntries(many=True, help_text="入批次数：一个项目入几次算几次")
    projects = StatisticsEntries(many=True, help_text="项目数：每个项目只算最新一次")


class StatisticsInvestment(serializers.Serializer):
    months = serializers.ListField(
        child=serializers.DateField(), help_text="判定月份的最后一天；各区域月报截止日可能不同"
    )
    counted = serializers.IntegerField(help_text="计划和完成数齐全的项目，下列金额是它们的合计")
    live = serializers.IntegerField(help_text="在库项目")
    without_figure = serializers.IntegerField(help_text="有计划、缺完成数的项目")
    without_plan = serializers.IntegerField(help_text="缺年度计划的项目")
    frozen = serializers.IntegerField(help_text="按月末定格取数的项目；今天为 0")
    plan = serializers.IntegerField(help_text="年度计划（元）")
    due = serializers.IntegerField(help_text="按逐月分解应完成（元）")
    done = serializers.IntegerField(help_text="已完成（元）")
    percent = serializers.FloatField(allow_null=True, help_text="已完成占年度计划（%）")
    lag_elapsed = serializers.FloatField(allow_null=True, help_text="落后时序（百分点）")
    lag_planned = serializers.FloatField(allow_null=True, help_text="落后计划（百分点）")


class StatisticsMilestones(serializers.Serializer):
    overdue = serializers.IntegerField(help_text="逾期节点")
    due_soon = serializers.IntegerField(help_text="14 天内到期")


class StatisticsProblems(serializers.Serializer):
    open = serializers.IntegerField(help_text="未销号")
    overdue = serializers.IntegerField(help_text="超过时限")


class StatisticsAlerts(serializers.Serializer):
    open = serializers.IntegerField(help_text="未解除")


class Numbers(serializers.Serializer):
    as_of = serializers.DateField()
    zone = serializers.CharField(allow_null=True, help_text="区域代号；空为您能看到的全部")
    projects = StatisticsProjects()
    batches = StatisticsBatches()
    investment = StatisticsInvestment()
    milestones = StatisticsMilestones()
    problems = StatisticsProblems()
    alerts = StatisticsAlerts()


class Statistics(views.APIView):
    """统计：工作台上的各项数字，可指定区域和日期。金额为元，落后为百分点。"""

    @extend_schema(
        responses=Numbers,
        parameters=[
            OpenApiParameter("zone", str, description="区域代号，含下级；不写为您能看到的全部"),
            OpenApiParameter("as_of", date, description=f"日期，{EARLIEST} 至今天；不写为今天"),
        ],
    )
    def get(self, request: Request) -> Response:
        refuse_parameters(request, PARAMETERS)
        zone = request.query_params.get("zone")
        day = _day(request.query_params.get("as_of"))
        path = path_of_zone(zone, request.user) if zone else EVERYWHERE
        return Response({"as_of": day, "zone": zone, **numbers(request.user, path, day)})


def numbers(user: Any, path: str, day: date) -> dict[str, Any]:
    """What `user` may know of the zone at `path` and below it on `day`, today or before.

    The number of statements does not depend on how many projects there are, but for a day before today on how many
    shards of them.
    """
    here = {"zone__path__startswith": path} if path != EVERYWHERE else {}
    of_project = {f"project__{lookup}": value for lookup, value in here.items()}
    projects = Project.objects.visible_to(user).filter(**here).open_on(day)
    milestones = Milestone.objects.visible_to(user).filter(**of_project)
    problems = Problem.objects.visible_to(user).filter(**here)
    alerts = Alert.objects.visible_to(user).filter(Q(closed_on=None) | Q(closed_on__gt=day), **of_project)
    is_past = day < clock.today()
    phases = statistics.by_phase_on(projects, day) if is_past else statistics.by_phase(projects)
    live = sum(phases.values())
    lit = lights.by_light_on(projects, day) if is_past else statistics.by_light(projects)
    money = statistics.investment_on(projects, day) if is_past else statistics.investment(projects)
    return {
        "projects": {
            "live": live,
            "suspended": statistics.suspended(projects, day).count(),
            "by_phase": phases,
            "by_light": _lights(lit, live),
        },
        "batches": _batches(user, projects, day if is_past else None),
        "investment": _money(money),
        "milestones": {
            "overdue": selecting.overdue(milestones, day).count(),
            "due_soon": selecting.due_soon(milestones, day).count(),
        },
        "problems": {"open": problems.open_on(day).count(), "overdue": selecting.late(problems, day).count()},
        "alerts": {"open": alerts.filter(opened_on__lte=day).count()},
    }


def _day(text: str | None) -> date:
    if text is None:
        return clock.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or text != f"{day}":
        raise Refused("invalid", f"as_of 应为 YYYY-MM-DD 形式的日期，如 {clock.today()}", {"as_of": "不是日期"})
    if day > clock.today():
        raise Refused("invalid", f"{day} 还没有到：as_of 最晚为今天 {clock.today()}", {"as_of": "太晚"})
    if day < EARLIEST:
        raise Refused("invalid", f"as_of 最早为 {EARLIEST}", {"as_of": "太早"})
    return day


def _lights(counts: dict[str, int], live: int) -> dict[str, int]:
    """By code; what has no light, or no standing at all, is not judged."""
    lit = {code: count for code, count in sorted(counts.items()) if code}
    return {**lit, selecting.NOT_JUDGED: live - sum(lit.values())}


def _batches(user: Any, projects: Any, on: date | None) -> dict[str, Any]:
    told = {"entries": statistics.entries(projects, on), "projects": statistics.by_batch(projects, on)}
    periods = {row.period_id for rows in told.values() for row in rows} - {None}
    seen = {None, *Period.objects.visible_to(user).filter(pk__in=periods).values_list("pk", flat=True)}
    return {name: [_entry(row) for row in rows if row.period_id in seen] for name, rows in told.items()}


def _entry(row: EntryCount) -> dict[str, Any]:
    shown = {"batch": row.batch, "period": row.period_id, "series": row.series, "number": row.number}
    return {**shown, "count": row.count}


def _money(sums: Investment) -> dict[str, Any]:
    names = ("months", "counted", "live", "without_figure", "without_plan", "frozen", "plan", "due", "done")
    rate = standings.hundredths(sums.done, sums.plan) if sums.plan else None
    points = {"percent": rate, "lag_elapsed": sums.lag_elapsed, "lag_planned": sums.lag_planned}
    shown = {name: None if value is None else value / 100 for name, value in points.items()}
    return {**{name: getattr(sums, name) for name in names}, **shown}
