"""Projects to look at, made by the verbs, for tests of screens. Today is 2023-07-10: June is judged."""

from datetime import date
from itertools import count
from typing import Any

from projects import claims, facts, money
from projects.models import Period, Project, ScheduleTemplate, Series, Source, Standing, StandingMonth
from zones.models import Zone

TODAY = "2023-07-10"
YEAR = 2023
JUNE = date(2023, 6, 30)
MAY = date(2023, 5, 31)
_number = count(1)

LIT = [
    ("red", "红色预警", "#dc2626", 2),
    ("yellow", "黄色预警", "#ca8a04", 1),
    ("green", "正常", "#15803d", 0),
    ("", "", "", 0),
]


def rounds(zone: Any) -> list[Period]:
    """Three rounds that the zone takes part in: the province runs them."""
    province = Zone.objects.get(parent=None)
    series, _ = Series.objects.get_or_create(code="three-batches", defaults={"name": "三个一批", "zone": province})
    return [Period.objects.get_or_create(series=series, number=n)[0] for n in (4, 5, 6)]


def source(zone: Any, title: str = "集中开工活动的报道", kind: str = "report") -> Source:
    return Source.objects.create(
        kind=kind, title=title, zone=zone, date_first=date(2023, 1, 6), date_last=date(2023, 1, 6)
    )


def project(
    zone: Any, name: str = "", *, plan: int | None = 120_000_000, done: int | None = 48_000_000, **more: Any
) -> Any:
    """A project with a plan (yuan for the year) and what was done by the end of June."""
    made = facts.create(name=name or f"智能装备产业园{next(_number)}号", zone=zone, **more)
    if plan is not None:
        targets = [plan * month // 12 for month in range(1, 13)]
        facts.approve_plan(facts.plan_year(made, YEAR, plan, targets), on=date(2023, 1, 10))
    if done is not None:
        facts.record(made, "reported", JUNE, amount=done, words="主体结构施工")
    return made


def light(made: Project, code: str, label: str = "", colour: str = "", severity: int = 0) -> None:
    """Light a project as the alerts would."""
    Standing.objects.filter(project=made).update(light=code, light_label=label, colour=colour, severity=severity)


def full(zone: Any, *, user: Any = None, department: Any = None, at: int = 0) -> Project:
    """A project of which everything is known: the pages of every list have a row of it."""
    made = project(zone)
    light(made, *LIT[at % len(LIT)])
    where = source(zone, f"报道{at}")
    facts.enter(made, ["sign", "start", "produce"][at % 3], [*rounds(zone), None][at % 4], source=where)
    facts.reach(made, "signed", date(2022, 3, 1))
    facts.approve(facts.promise(made, "started", date(2023, 6, 1 + at % 25)))
    facts.promise(made, "completed", date(2023, 7, 15))
    facts.record(made, "reported", MAY, amount=40_000_000)
    facts.fill_return(made, JUNE, {"this_month": 8_000_000, "year_to_date": 48_000_000})
    facts.raise_problem(
        made, title=f"用地手续未办结{at}", category="land", raised_on=date(2023, 6, 1), deadline=date(2023, 7, 1)
    )
    claims.assert_claim(made, "amount", money.read("5亿元"), source=where, span=(3, 6))
    claims.assert_claim(made, "amount", money.read("约6亿元"), source=source(zone, f"台账{at}", "ledger"))
    claims.assert_claim(made, "company", f"河南某某{at}号科技有限公司", source=where)
    facts.assign(made, "unit", department=department, post="" if department else "建设局")
    if user:
        facts.assign(made, "liaison", user=user)
    if at % 5 == 4:
        facts.suspend(made, starts=date(2023, 5, 1), reason="资金不到位", approver="管委会主任")
    return made


def both_zones(town: Any) -> None:
    """Five projects in the east, of which the liaison has three, and two in the west; month ends of all."""
    many(town.east, 3, user=town.zhang, department=town.east_office)
    many(town.east, 2)
    many(town.west, 2, department=town.west_office)
    template = ScheduleTemplate.objects.create(zone=town.province, code="upgrade", name="技改", project_kind="园区技改")
    template.steps.create(kind="started", offset=120)
    last = Project.objects.filter(zone=town.east).latest("pk")
    facts.suspend(last, starts=date(2023, 7, 1), reason="资金不到位", approver="管委会主任")
    StandingMonth.objects.bulk_create(
        StandingMonth(project=made, month=JUNE, plan=120_000_000, done=48_000_000) for made in Project.objects.all()
    )


def many(zone: Any, number: int, **more: Any) -> list[Project]:
    return [full(zone, at=at, **more) for at in range(number)]
