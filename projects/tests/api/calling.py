"""Calling the API, and a busy zone with a row of everything in it."""

from datetime import UTC, date, datetime

from projects import claims, dates, facts
from projects.models import (
    AnnualPlan,
    Assignment,
    Claim,
    Company,
    Entry,
    Milestone,
    MilestoneChange,
    Period,
    Problem,
    ProblemEvent,
    Progress,
    Project,
    ProjectAlias,
    Series,
    Source,
    Standing,
    StandingMonth,
    Suspension,
)
from projects.plans import even_targets
from projects.tests import filling

# Endpoint: model, the way to its zone, and how many nested lists a row has.
ENDPOINTS = {
    "projects": (Project, "zone", 0),
    "companies": (Company, "zone", 0),
    "aliases": (ProjectAlias, "project__zone", 0),
    "assignments": (Assignment, "project__zone", 0),
    "series": (Series, "zone", 0),
    "periods": (Period, "series__zone", 0),
    "entries": (Entry, "project__zone", 0),
    "milestones": (Milestone, "project__zone", 0),
    "milestone-changes": (MilestoneChange, "milestone__project__zone", 0),
    "suspensions": (Suspension, "project__zone", 0),
    "plans": (AnnualPlan, "project__zone", 1),
    "progress": (Progress, "project__zone", 0),
    "standings": (Standing, "project__zone", 0),
    "standing-months": (StandingMonth, "project__zone", 0),
    "problems": (Problem, "zone", 0),
    "problem-events": (ProblemEvent, "problem__zone", 0),
    "sources": (Source, "zone", 0),
    "claims": (Claim, "project__zone", 0),
}

FIGURES = {"plan": 1, "due": 1, "done": 1, "severity": 2, "lag_elapsed": 1250, "lag_planned": -300}


def url(name, pk=None):
    return f"/api/v1/{name}/" if pk is None else f"/api/v1/{name}/{pk}/"


def rows(client, name, /, **params):
    """All rows of the list, which must fit on one page."""
    answer = client.get(url(name), {"page_size": 200, **params})
    assert answer.status_code == 200, answer.content.decode()
    told = answer.json()
    assert told["next"] is None
    assert told["count"] == len(told["results"])
    return told["results"]


def ids(client, name, /, **params):
    return {row["id"] for row in rows(client, name, **params)}


def patch(client, name, pk, told, etag=None):
    """PATCH with the version as it is now, or with `etag`; "" sends none."""
    if etag is None:
        etag = client.get(url(name, pk)).headers.get("ETag", "")
    sent = {"If-Match": etag} if etag else {}
    return client.patch(url(name, pk), told, content_type="application/json", headers=sent)


def post(client, name, told):
    return client.post(url(name), told, content_type="application/json")


def refused(answer, status, code):
    """The sentence of the refusal, and the fields it names."""
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert any("一" <= letter <= "鿿" for letter in told["detail"]), told
    return told["detail"], {each["field"]: each["detail"] for each in told.get("errors", [])}


# ---- A busy zone -----------------------------------------------------------------------------------
def fill(town):
    """Both zones at work, with at least two unlike rows for whatever an endpoint can be asked for."""
    filling.both_zones(town)
    east = list(Project.objects.filter(zone=town.east).order_by("pk"))
    west = list(Project.objects.filter(zone=town.west).order_by("pk"))
    for zone, projects in ((town.east, east), (town.west, west)):
        _more(zone, projects, town)
    _registered(town, east)
    _out_of_sight(town, east[0])
    _recorded_before(east[0])


def _more(zone, projects, town):
    """What `filling.full` does not do: second thoughts of every kind, signed by the coordinator."""
    chen, first, second = town.chen, projects[0], projects[1]
    ledger = Source.objects.create(
        kind="ledger", title="六月台账", publisher="统计局", zone=zone, date_first=filling.JUNE, date_last=filling.JUNE
    )
    told = {"method": "even", "reason": "融资推迟", "source": ledger, "by": chen}
    facts.plan_year(first, 2023, 90_000_000, even_targets(90_000_000), **told)
    facts.approve_plan(facts.plan_year(second, 2022, 1, even_targets(1), by=chen), on=date(2022, 1, 5), by=town.gao)
    facts.record(first, "statistics", date(2023, 5, 31), amount=30, total=90, percent=40, source=ledger, by=town.zhang)
    facts.record(second, "statistics", date(2023, 4, 30), amount=20, total=60, percent=20, by=chen)
    facts.record(first, "reported", filling.JUNE, amount=47_000_000, words="设备进场", by=chen)
    started = first.milestones.get(kind="started")
    facts.replan(started, date(2023, 9, 30), reason="征地未完", by=chen)
    facts.reach(second, "completed", dates.DateSpan(date(2023, 6, 1), date(2023, 6, 30), "month"), by=chen)
    facts.undo(second.milestones.get(kind="completed"), reason="误报", by=town.zhang)
    facts.promise(second, "other", date(2023, 7, 20), label="送电", by=chen)
    _problems(zone, first, second, chen)
    facts.enter(second, "produce", None, role="第五期投产项目", on=date(2023, 2, 1), by=chen)
    facts.leave(first.entries.first(), on=date(2023, 6, 1), reason="资金未到位", by=chen)
    facts.assign(second, "leader", user=town.gao, starts=date(2023, 8, 1), by=chen)
    Assignment.objects.filter(project=first, role="unit").update(starts=date(2021, 1, 1), ends=date(2022, 12, 31))
    claims.also_called(first, f"{zone.short_name}又名")
    StandingMonth.objects.create(project=first, month=filling.MAY, light="yellow", **FIGURES)
    StandingMonth.objects.filter(project=second).update(light="red")
    span = dates.DateSpan(date(2023, 3, 1), date(2023, 3, 31), "month")
    claims.assert_claim(first, "started", span, source=ledger, holds_on=filling.JUNE, by=chen)
    claims.assert_claim(
        second, "produced", dates.read("2024年12月", on=filling.JUNE), certainty="planned", source=ledger
    )
    facts.reach(first, "performed", date(2022, 6, 1), source=ledger, known_on=date(2022, 6, 2))
    for project in (first, second):
        _stood_still(project, chen)


def _stood_still(project, by):
    stand = facts.suspend(project, starts=date(2022, 5, 1), kind="deferred", reason="缓建", approver="会议", by=by)
    facts.resume(stand, ends=date(2022, 8, 31), by=by)


def _problems(zone, first, second, chen):
    office = zone.departments.first()
    settled = facts.raise_problem(
        first, title="缺电", category="utilities", raised_on=date(2023, 5, 1), owner=chen, department=office, by=chen
    )
    facts.close_problem(settled, on=date(2023, 6, 15), note="已送电", by=chen)
    moved = facts.raise_problem(
        second, title="缺水", category="utilities", raised_on=date(2023, 4, 1), deadline=date(2023, 6, 1), by=chen
    )
    facts.move_problem(moved, date(2023, 8, 1), reason="管网施工", by=chen)
    company = Project.objects.get(pk=first.pk).company
    loose = Problem.objects.create(
        zone=zone, company=company, title="用工不足", category="labour", raised_on=filling.JUNE, recorded_by=chen
    )
    facts.problems.raised(loose, by=chen)


def _recorded_before(project):
    """Some rows are older than this run of the tests; and lights have changed."""
    Standing.objects.filter(project=project).update(since=date(2023, 6, 1), month=filling.MAY)
    Standing.objects.exclude(project=project).filter(severity=1).update(since=date(2023, 7, 1))
    noon = datetime(2023, 6, 1, 4, tzinfo=UTC)
    Project.objects.filter(pk=project.pk).update(created_at=noon)
    StandingMonth.objects.filter(project=project).update(frozen_at=noon)
    Source.objects.filter(kind="ledger").update(recorded_at=noon)
    for model in (AnnualPlan, Progress, Claim):
        model.objects.filter(project=project).update(recorded_at=noon)


def _registered(town, east):
    first, second = (Project.objects.get(pk=project.pk) for project in east[:2])
    first.name = "北斗导航产业园"
    first.importance, first.category, first.national_code = "province", "digital", "2301-410100-04-01-100001"
    first.save()
    second.parent = first
    second.save()
    facts.terminate(Project.objects.get(pk=east[3].pk), on=date(2023, 7, 1), reason="企业放弃投资")
    demo = facts.create(name="演示项目", zone=town.east_park, is_demo=True, aliases=["样板"])
    company = Company.objects.filter(zone=town.east).first()
    company.credit_code, company.is_demo = "91410100MA3X0000XX", True
    company.save()
    Company.objects.create(zone=town.east, name="尚无项目的公司")
    facts.reach(demo, "started", date(2023, 7, 1))
    own = Series.objects.create(code="east-own", name="高新区攻坚", zone=town.east)
    Period.objects.create(
        series=own, number=2, year=2023, first=date(2023, 3, 1), last=date(2023, 3, 2), venue="高新会展中心"
    )
    Period.objects.filter(number=5).update(first=date(2022, 7, 1), last=date(2022, 7, 1))
    facts.enter(demo, "start", Period.objects.get(series=own), on=date(2023, 3, 1))


def _out_of_sight(town, project):
    """The province's own source and the neighbours' people, on rows of the east."""
    secret = Source.objects.create(kind="document", title="省厅内部通报", zone=town.province)
    claims.assert_claim(project, "status", "停工", source=secret, by=town.wang)
    facts.assign(project, "team", user=town.wang, department=town.west_office, by=town.wang)
