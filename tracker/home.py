"""工作台: the numbers that matter to the person who looks, each a link to the list behind it.

What a number counts is defined once, in `projects.selecting`, for this page and for the list's filter.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from projects import selecting, standings, statistics
from projects.admin import columns
from projects.alerts.admin import saying, todo
from projects.alerts.models import Alert, Letter
from projects.meetings.admin import pages
from projects.meetings.admin.meetings import day_shown, page_of, state_mark, with_counts
from projects.meetings.models import Meeting, Update
from projects.models import Batch, Milestone, Period, Phase, Problem, Project, Return
from projects.notices.inbox import unread_count
from projects.statistics import Investment
from tracker import lights
from tracker.panels import alert_url
from zones import clock
from zones.models import Zone
from zones.permissions import TABLE, Action, Role, may, paths, roles_of
from zones.scoped.querysets import may_write_somewhere

WORST: Final = 8  # alerts on the page
MINE: Final = 6  # projects of a liaison on the page
NEXT: Final = 3  # meetings on the page
ROUNDS: Final = 12  # rounds on the page: three years of quarterly ones
MAIN_PHASES: Final = (Phase.SIGNED, Phase.PERFORMED, Phase.STARTED, Phase.PRODUCED, Phase.AT_CAPACITY)
USUAL_LIGHTS: Final = (
    lights.Look("red", "红色预警", "#dc2626"),
    lights.Look("yellow", "黄色预警", "#ca8a04"),
    lights.Look("green", "正常", "#15803d"),
    lights.Look("", "未判定", ""),
)


@dataclass(frozen=True, slots=True)
class Number:
    """A count and the list behind it."""

    label: str
    value: int
    url: str
    tone: str = ""
    mark: SafeString | str = ""
    share: float = 0


@dataclass(frozen=True, slots=True)
class Money:
    """This year's money, summed over the projects that have both a plan and a figure."""

    title: str
    plan: str
    due: str
    done: str
    rate: str
    fraction: str
    elapsed: str
    lag_elapsed: str
    lag_planned: str
    behind: bool
    width: float
    due_width: float
    counted: Number
    without_figure: Number
    without_plan: Number


@dataclass(frozen=True, slots=True)
class Round:
    """A line of the table of batches: a round, or all of them with every project counted once."""

    name: str
    cells: list[Number]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that an administrator does here."""

    title: str
    note: str
    url: str


@dataclass(slots=True)
class Home:
    """Everything that templates/admin/index.html shows."""

    greeting: str
    where: str
    today: date
    weekday: str
    demo: bool
    todo: Number | None = None
    unread: Number | None = None
    business: bool = False
    empty: bool = False
    may_write: bool = False
    jobs: list[Job] = field(default_factory=list)
    mine: list[dict[str, Any]] = field(default_factory=list)
    mine_all: Number | None = None
    live: Number | None = None
    phases: list[Number] = field(default_factory=list)
    lights: list[Number] = field(default_factory=list)
    urgent: list[Number] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)
    money: Money | None = None
    alerts: list[dict[str, Any]] = field(default_factory=list)
    alerts_all: Number | None = None
    fill: str = ""
    review: str = ""
    week: str = ""
    meetings: list[dict[str, Any]] = field(default_factory=list)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the theme calls for the page at /admin/."""
    context["home"] = build(request)
    context["title"] = "工作台"
    return context


def build(request: HttpRequest) -> Home:
    """The page of the person who asks. A constant number of statements, however many projects."""
    user: Any = request.user
    today = clock.today()
    home = Home(
        greeting=str(user),
        where=_where(user),
        today=today,
        weekday="星期" + "一二三四五六日"[today.weekday()],
        demo=settings.TRACKER_DEMO,
        unread=_unread(user),
        jobs=_jobs(user),
    )
    if paths(user, Action.READ):
        _business(home, user, today)
    return home


def _business(home: Home, user: Any, today: date) -> None:
    home.business = True
    home.todo = Number("我的待办", todo.count(user), _address("admin:projects_alerts_todo"))
    home.may_write = bool(paths(user, Action.WRITE))
    if may_write_somewhere(Return, user):
        home.fill = _address("admin:projects_return_fill")
    if may_write_somewhere(Update, user):
        home.week = _address("admin:projects_meetings_update_week")
    home.meetings = _meetings(user, today)
    if paths(user, Action.REVIEW):
        home.review = _address("admin:projects_return_review")
    projects = Project.objects.visible_to(user).live()
    phases = statistics.by_phase(projects)
    total = sum(phases.values())
    home.empty = total == 0 and not Project.objects.visible_to(user).exists()
    home.live = Number("在库项目", total, listing("project"))
    home.phases = _phases(phases, total)
    home.lights = _lights(user, projects, total)
    home.urgent = _urgent(user, projects, today)
    home.batches, home.rounds = list(Batch.labels), _rounds(user, projects)
    home.money = _money(projects, today)
    _alerts(home, user, today)
    if paths(user, Action.WRITE_ASSIGNED):
        _mine(home, user, projects, today)


def listing(name: str, **filters: Any) -> str:
    """The address of one of the core's lists with filters set; "" if there is no such list."""
    return _address(f"admin:projects_{name}_changelist", **filters)


def _address(name: str, **filters: Any) -> str:
    try:
        where = reverse(name)
    except NoReverseMatch:
        return ""
    return f"{where}?{urlencode(filters)}" if filters else where


# ---- Who and where ---------------------------------------------------------------------------------
def _where(user: Any) -> str:
    """The person's roles and zones, as a line under the greeting."""
    if user.is_superuser:
        return "应急账号（全部权限）"
    held = sorted(roles_of(user))
    zones = {zone.path: str(zone) for zone in Zone.objects.filter(path__in={path for _, path in held})}
    return "、".join(f"{zones.get(path, '')}{Role(role).label}" for role, path in held)


def _unread(user: Any) -> Number:
    url = _address("admin:projects_notices_notice_changelist", read="no")
    return Number("未读通知", unread_count(user), url)


def _jobs(user: Any) -> list[Job]:
    """What the three administrators come here for; they see no business numbers."""
    held = {Role(role) for role, _ in roles_of(user)}
    actions = {action for role in held for action in TABLE[role]}
    jobs = []
    if Action.ADMINISTER_ACCOUNTS in actions:
        jobs += [
            Job("用户", "开设账号、停用账号、重设密码", reverse("admin:zones_user_changelist")),
            Job("区域", "区域的层级、名称和月报截止日", reverse("admin:zones_zone_changelist")),
            Job("责任单位", "可以承担责任的单位", reverse("admin:zones_department_changelist")),
            Job("调休安排", "法定节假日以外的上班和放假", reverse("admin:zones_workdayoverride_changelist")),
        ]
    if Action.ADMINISTER_PERMISSIONS in actions:
        jobs.append(Job("任职", "谁在哪个区域担任什么角色", reverse("admin:zones_appointment_changelist")))
    if Action.READ_AUDIT in actions:
        jobs += [
            Job("任职记录", "谁在哪个区域担任过什么角色", reverse("admin:zones_appointment_changelist")),
            Job("账号", "账号和最近登录", reverse("admin:zones_user_changelist")),
        ]
    if jobs:
        jobs.append(Job("角色与权限", "每个角色能做什么", reverse("admin:zones_permissions")))
    return jobs


# ---- Counts ----------------------------------------------------------------------------------------
def _phases(found: dict[str, int], total: int) -> list[Number]:
    shown = [phase for phase in Phase if phase in MAIN_PHASES or found.get(phase)]
    return [
        Number(
            phase.label,
            found.get(phase, 0),
            listing("project", phase=phase.value),
            share=round(100 * found.get(phase, 0) / total, 1) if total else 0,
        )
        for phase in shown
    ]


def _lights(user: Any, projects: QuerySet[Project], total: int) -> list[Number]:
    """The usual lights, and whatever else is lit, the worst first."""
    counts = statistics.by_light(projects)
    counts[""] = total - sum(count for code, count in counts.items() if code)
    usual = {look.code for look in USUAL_LIGHTS}
    ruled = {look.code: look for look in lights.of_rules(user)}
    unruled = {code: lights.Look(code, "其他灯", "") for code in counts if code not in ruled}
    others = [look for code, look in {**ruled, **unruled}.items() if code not in usual and counts.get(code)]
    return [_light(look, counts.get(look.code, 0)) for look in (*others, *USUAL_LIGHTS)]


def _light(look: lights.Look, count: int) -> Number:
    url = listing("project", light=look.code or selecting.NOT_JUDGED)
    mark = columns.light(look.code, look.label, look.colour)
    return Number(look.label, count, url, tone=look.code or "none", mark=mark)


def _urgent(user: Any, projects: QuerySet[Project], today: date) -> list[Number]:
    milestones = Milestone.objects.visible_to(user)
    overdue = selecting.overdue(milestones, today).count()
    problems = Problem.objects.visible_to(user).open_on(today)
    late = problems.aggregate(open=Count("pk"), late=Count("pk", filter=Q(deadline__lt=today)))
    letters = Letter.objects.visible_to(user).overdue(today).count()
    unanswered = _address("admin:projects_alerts_letter_changelist", state="overdue")
    return [
        Number("逾期节点", overdue, listing("milestone", due="overdue"), "late" if overdue else ""),
        Number("14 天内到期", selecting.due_soon(milestones, today).count(), listing("milestone", due="soon")),
        Number("未销号问题", late["open"], listing("problem", state="open")),
        Number("问题超时限", late["late"], listing("problem", state="late"), "late" if late["late"] else ""),
        *([Number("函件逾期未反馈", letters, unanswered, "late")] if letters else []),
    ]


def _rounds(user: Any, projects: QuerySet[Project]) -> list[Round]:
    """Entries of the latest rounds, of no known round, and in all, where every project counts once."""
    found: dict[int | None, dict[str, int]] = {}
    for row in statistics.entries(projects):
        found.setdefault(row.period_id, {})[row.batch] = row.count
    if not found:
        return []
    latest = [pk for pk in reversed(found) if pk][:ROUNDS]
    names = _round_names(user, latest)
    lines = [_round(names[pk], str(pk), found[pk]) for pk in latest if pk in names]
    if None in found:
        lines.append(_round("期次不详", selecting.WITHOUT_PERIOD, found[None]))
    return [*lines, _all_rounds(projects)]


def _round_names(user: Any, periods: list[int]) -> dict[int, str]:
    """Rounds by name; rounds of several series also bear the name of theirs."""
    known = list(Period.objects.visible_to(user).filter(pk__in=periods).select_related("series"))
    several = len({period.series_id for period in known}) > 1
    return {period.pk: f"{period.series} {period}" if several else str(period) for period in known}


def _round(name: str, key: str, counts: dict[str, int]) -> Round:
    cells = [
        Number(f"{name} {batch.label}", counts.get(batch, 0), listing("project", batch=batch.value, period=key))
        for batch in Batch
    ]
    return Round(name, cells)


def _all_rounds(projects: QuerySet[Project]) -> Round:
    counts: Counter[str] = Counter()
    for row in statistics.by_batch(projects):
        counts[row.batch] += row.count
    cells = [
        Number(f"合计 {batch.label}", counts[batch.value], listing("project", latest=batch.value)) for batch in Batch
    ]
    return Round("合计（每个项目只算最新一次）", cells)


# ---- Money -----------------------------------------------------------------------------------------
def _money(projects: QuerySet[Project], today: date) -> Money:
    sums = statistics.investment(projects)
    return Money(
        title=_until(sums.months or [standings.judged_month(None, today)]),
        **_compared(sums),
        counted=Number("计划和完成数齐全", sums.counted, listing("project", figures="both")),
        without_figure=Number("有计划、缺完成数", sums.without_figure, listing("project", figures="figure"), "late"),
        without_plan=Number("缺年度计划", sums.without_plan, listing("project", figures="plan")),
    )


def _compared(sums: Investment) -> dict[str, Any]:
    """The sums in words, and as lengths from 0 to 100."""
    return {
        "plan": columns.brief(sums.plan),
        "due": columns.brief(sums.due),
        "done": columns.brief(sums.done),
        "rate": columns.percent(sums.done, sums.plan),
        "fraction": f"{columns.brief(sums.done)} ÷ {columns.brief(sums.plan)}",
        "elapsed": columns.percent(sums.elapsed, 12 * sums.plan),
        "lag_elapsed": columns.lag(sums.lag_elapsed),
        "lag_planned": columns.lag(sums.lag_planned),
        "behind": 12 * sums.done < sums.elapsed,
        "width": _share(sums.done, sums.plan),
        "due_width": _share(sums.elapsed, 12 * sums.plan),
    }


def _share(part: int, whole: int) -> float:
    """How long a bar is, in percent; for drawing only."""
    return min(100.0, round(100 * part / whole, 1)) if whole else 0.0


def _until(months: list[date]) -> str:
    """ "截至2023年6月"; zones that report on different days may stand at different months."""
    first, last = months[0], months[-1]
    if first == last:
        return f"截至{last:%Y}年{last.month}月"
    return f"截至{first:%Y}年{first.month}月至{last:%Y}年{last.month}月（各区域月报截止日不同）"


# ---- Meetings --------------------------------------------------------------------------------------
def _meetings(user: Any, today: date) -> list[dict[str, Any]]:
    """The meetings that go on or come next, the nearest first."""
    going = with_counts(Meeting.objects.visible_to(user).going().filter(held_on__gte=today - timedelta(days=7)), user)
    return [
        {
            "row": row,
            "day": day_shown(row),
            "state": state_mark(row),
            "url": page_of(row),
            "page": pages.url("run", row),
            "runs": may(user, Action.RUN_MEETING, row),
        }
        for row in going.select_related("zone").order_by("held_on", "pk")[:NEXT]
    ]


# ---- Alerts and one's own --------------------------------------------------------------------------
def _alerts(home: Home, user: Any, today: date) -> None:
    held = Alert.objects.visible_to(user).filter(closed_on=None)
    worst = held.select_related("project").order_by("-severity", "level_since", "pk")[:WORST]
    home.alerts = [
        {
            "row": row,
            "mark": columns.light(row.level, row.label, row.colour),
            "url": alert_url(row),
            "state": saying.state(row, today),
        }
        for row in worst
    ]
    home.alerts_all = Number("未解除预警", held.count(), _address("admin:projects_alerts_alert_changelist"))


def _mine(home: Home, user: Any, projects: QuerySet[Project], today: date) -> None:
    """Projects that are his to report on, the worst first."""
    mine = selecting.looked_after(projects, user, today)
    count = mine.count()
    if not count and not _is_liaison(user):
        return
    home.mine_all = Number("我负责的项目", count, listing("project", who="mine"))
    rows = mine.select_related("standing", "zone").order_by(
        F("standing__severity").desc(nulls_last=True), F("standing__lag_elapsed").desc(nulls_last=True), "pk"
    )
    home.mine = [_own(project, today) for project in rows[:MINE]]


def _is_liaison(user: Any) -> bool:
    return any(role == Role.LIAISON for role, _ in roles_of(user))


def _own(project: Project, today: date) -> dict[str, Any]:
    standing = getattr(project, "standing", None)
    return {
        "project": project,
        "light": columns.light_of(standing),
        "rate": columns.percent(standing.done, standing.plan) if standing else columns.NOTHING,
        "next": standing.next_kind if standing else "",
        "left": columns.deadline(standing.next_deadline, today) if standing else "",
        "url": columns.page("project_change", project.pk),
        "record": columns.page("project_record", project.pk),
    }
