"""The numbers of a day before today: what today's knowledge says of it, or what was kept at the end of its month."""

from datetime import date

import pytest

from projects import facts
from projects.models import StandingMonth
from projects.tests import filling
from tracker.tests.test_api_statistics import told
from tracker.tests.test_home import alert

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TRACKER_TODAY = filling.TODAY


def test_a_day_before_is_what_is_known_of_it_today(town, client):
    project = filling.project(town.east, plan=120_000_000, done=60_000_000)
    facts.record(project, "reported", date(2023, 4, 30), amount=30_000_000)
    facts.reach(project, "signed", date(2022, 3, 1))
    facts.promise(project, "started", date(2023, 5, 1))
    facts.reach(project, "started", date(2023, 6, 10))
    facts.promise(project, "produced", date(2023, 6, 1))
    facts.enter(project, "sign", on=date(2023, 1, 5))
    facts.enter(project, "start", on=date(2023, 6, 1))
    problem = facts.raise_problem(
        project, title="缺电", category="utilities", raised_on=date(2023, 5, 2), deadline=date(2023, 5, 12)
    )
    facts.close_problem(problem, on=date(2023, 6, 20), note="已送电")
    facts.suspend(project, starts=date(2023, 6, 28), reason="资金不到位", approver="管委会主任")
    town.sign_in(client, "gao")
    then, now = told(client, as_of="2023-05-20"), told(client)
    assert (then["projects"]["by_phase"]["signed"], now["projects"]["by_phase"]["started"]) == (1, 1)
    assert (then["projects"]["suspended"], now["projects"]["suspended"]) == (0, 1)
    assert then["milestones"] == {"overdue": 1, "due_soon": 1}
    assert now["milestones"] == {"overdue": 0, "due_soon": 0}
    assert (then["problems"], now["problems"]) == ({"open": 1, "overdue": 1}, {"open": 0, "overdue": 0})
    assert [row["batch"] for row in then["batches"]["entries"]] == ["sign"]
    assert [row["batch"] for row in now["batches"]["entries"]] == ["sign", "start"]
    money = then["investment"]
    assert (money["months"], money["plan"], money["due"]) == (["2023-04-30"], 120_000_000, 40_000_000)
    assert (money["done"], money["percent"], money["lag_elapsed"], money["lag_planned"]) == (
        30_000_000,
        25.0,
        8.33,
        8.33,
    )
    assert (now["investment"]["done"], now["investment"]["frozen"]) == (60_000_000, 0)


def test_who_had_ended_or_was_not_known_to_end_by_the_day_counts_accordingly(town, client):
    facts.terminate(filling.full(town.east), on=date(2023, 6, 1), reason="企业放弃投资")
    town.sign_in(client, "gao")
    assert [told(client, as_of=day)["projects"]["live"] for day in ("2023-05-31", "2023-06-01")] == [1, 0]


def test_the_light_of_a_day_is_that_of_the_gravest_alert_then(town, client):
    project = filling.project(town.east)
    red = alert(project, day=date(2023, 5, 1))
    red.events.create(step=1, kind="opened", on=date(2023, 5, 1), level="yellow", label="黄色预警", severity=1)
    red.events.create(step=2, kind="worsened", on=date(2023, 6, 1), level="red", label="红色预警", severity=2)
    over = alert(
        project, day=date(2023, 4, 1), closed_on=date(2023, 5, 10), subject_key=f"project:{project.pk}", severity=3
    )
    over.events.create(step=1, kind="opened", on=date(2023, 4, 1), level="orange", label="橙色预警", severity=3)
    town.sign_in(client, "gao")
    lights = [
        told(client, as_of=day)["projects"]["by_light"]
        for day in ("2023-03-31", "2023-05-05", "2023-05-20", "2023-06-02")
    ]
    assert lights == [{"none": 1}, {"none": 0, "orange": 1}, {"none": 0, "yellow": 1}, {"none": 0, "red": 1}]
    assert [told(client, as_of=day)["alerts"]["open"] for day in ("2023-03-31", "2023-05-05", "2023-05-20")] == [
        0,
        2,
        1,
    ]


def test_the_end_of_a_month_that_was_closed_says_what_was_said_then(town, client):
    kept, other = filling.project(town.east, done=60_000_000), filling.project(town.east, done=60_000_000)
    figures = {"plan": 100_000_000, "due": 50_000_000, "done": 10_000_000, "severity": 2, "light": "red"}
    StandingMonth.objects.create(project=kept, month=filling.JUNE, **figures)
    facts.record(other, "reported", filling.JUNE, amount=70_000_000)
    numbers = told(town.sign_in(client, "gao"), as_of="2023-06-30")
    assert numbers["investment"]["frozen"] == 1
    assert (numbers["investment"]["plan"], numbers["investment"]["done"]) == (220_000_000, 80_000_000)
    assert numbers["projects"]["by_light"] == {"none": 1, "red": 1}
    assert told(client, as_of="2023-07-01")["investment"]["done"] == 130_000_000


def test_the_money_of_a_part_is_not_counted_beside_that_of_the_whole_on_any_day(town, client):
    whole = filling.project(town.east, plan=200_000_000, done=90_000_000)
    filling.project(town.east, plan=50_000_000, done=20_000_000, parent=whole)
    money = told(town.sign_in(client, "gao"), as_of="2023-07-09")["investment"]
    assert (money["plan"], money["done"], money["counted"], money["live"]) == (200_000_000, 90_000_000, 1, 2)
