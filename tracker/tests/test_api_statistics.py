"""The numbers of the home page for other systems: those of the page today, and what holds on a day before."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Batch, Period, Phase, Project
from projects.tests import filling
from projects.tests.api.calling import refused
from projects.tests.conftest import anew, kept_rows
from tracker.tests.test_home import HOME
from tracker.tests.test_home_numbers import both_zones

URL = "/api/v1/statistics/"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TRACKER_TODAY = filling.TODAY


@pytest.fixture(scope="module")
def written(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, both_zones) as town:
        yield town


@pytest.fixture
def busy(written, db):
    return anew(written)


def told(client, **params):
    answer = client.get(URL, params)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


# ---- Today ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["zhang", "chen", "gao", "viewer", "chief", "city_viewer", "li", "wang", "root"])
def test_today_they_are_the_numbers_of_the_home_page(busy, client, who):
    home = busy.sign_in(client, who).get(HOME).context["home"]
    numbers = told(client)
    projects, money = numbers["projects"], numbers["investment"]
    assert numbers["as_of"] == "2023-07-10"
    assert projects["live"] == home.live.value > 0
    by_label = {str(Phase(code).label): count for code, count in projects["by_phase"].items()}
    assert {number.label: number.value for number in home.phases}.items() <= by_label.items()
    assert sum(projects["by_phase"].values()) == projects["live"]
    assert {number.tone: number.value for number in home.lights} == {"red": 0, "yellow": 0, "green": 0} | projects[
        "by_light"
    ]
    assert [number.value for number in home.urgent] == [
        *(numbers["milestones"]["overdue"], numbers["milestones"]["due_soon"]),
        *(numbers["problems"]["open"], numbers["problems"]["overdue"]),
    ]
    assert numbers["alerts"]["open"] == home.alerts_all.value
    assert [money[name] for name in ("counted", "without_figure", "without_plan")] == [
        *(home.money.counted.value, home.money.without_figure.value, home.money.without_plan.value),
    ]
    assert f"{money['percent']:.1f}%" == home.money.rate
    assert f"落后 {money['lag_elapsed']:.1f} 个百分点" == home.money.lag_elapsed
    assert (money["done"] * 12 < money["plan"] * 6) is home.money.behind


@pytest.mark.parametrize("who", ["chen", "wang", "chief", "root"])
def test_the_rounds_are_those_of_the_home_page(busy, client, who):
    home = busy.sign_in(client, who).get(HOME).context["home"]
    numbers = told(client)["batches"]
    names = {None: "期次不详", **{period.pk: str(period) for period in Period.objects.all()}}
    *lines, all_of_them = home.rounds
    for line in lines:
        counts = {row["batch"]: row["count"] for row in numbers["entries"] if names[row["period"]] == line.name}
        assert [cell.value for cell in line.cells] == [counts.get(batch.value, 0) for batch in Batch]
    once = [sum(row["count"] for row in numbers["projects"] if row["batch"] == batch.value) for batch in Batch]
    assert [cell.value for cell in all_of_them.cells] == once


def test_a_zone_is_counted_with_all_below_it(busy, client):
    busy.sign_in(client, "chief")
    whole, east, park, west = (told(client, zone=code) for code in ("zhengzhou", "zzgx", "zzgx-park", "zzjk"))
    assert [each["projects"]["live"] for each in (whole, east, park, west)] == [17, 12, 1, 5]
    for part, name in (("problems", "open"), ("milestones", "overdue"), ("alerts", "open"), ("investment", "done")):
        assert whole[part][name] == east[part][name] + west[part][name]
    assert whole["projects"] == told(client)["projects"]


@pytest.mark.parametrize("who", ["nobody", "system", "security", "audit"])
def test_who_reads_no_business_data_finds_nothing(busy, client, who):
    numbers = told(busy.sign_in(client, who))
    assert numbers["projects"]["live"] == sum(numbers["projects"]["by_phase"].values()) == 0
    assert numbers["investment"]["percent"] is None
    assert numbers["batches"] == {"entries": [], "projects": []}


def test_a_zone_that_is_not_there_or_not_ones_own_is_refused_alike(busy, client):
    busy.sign_in(client, "chen")
    for code in ("zzjk", "nowhere"):
        assert refused(client.get(URL, {"zone": code}), 400, "invalid")[1] == {"zone": f"没有代号为“{code}”的区域"}


# ---- Another day ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text", ["2023-07-11", "1999-12-31", "0001-01-01", "20230701", "2023-7-1", "今天", "2023-02-30"]
)
def test_a_day_to_come_or_no_day_at_all_is_refused(busy, client, text):
    busy.sign_in(client, "chen")
    assert "as_of" in refused(client.get(URL, {"as_of": text}), 400, "invalid")[1]


def test_a_parameter_that_is_not_there_is_refused_with_those_that_are(busy, client):
    assert (
        "zone、as_of"
        in refused(busy.sign_in(client, "chen").get(URL, {"day": "2023-07-01"}), 400, "unknown_parameter")[0]
    )


def test_yesterday_told_by_facts_is_today_told_by_what_is_kept_where_nothing_happened(busy, client):
    busy.sign_in(client, "chief")
    now, before = told(client), told(client, as_of="2023-07-09")
    assert before["projects"]["by_phase"] == now["projects"]["by_phase"]
    assert before["investment"] == now["investment"]
    assert before["problems"] == now["problems"]
    assert before["milestones"]["overdue"] == now["milestones"]["overdue"]
    assert before["batches"] == now["batches"]


# ---- What it costs -------------------------------------------------------------------------------------
def test_more_projects_cost_no_more_statements(busy, client):
    def cost(**params):
        with CaptureQueriesContext(connection) as seen:
            told(client, zone="zzgx", **params)
        return len(seen)

    def costs():
        return [cost(), cost(as_of="2023-06-30"), cost(as_of="2023-05-20")]

    busy.sign_in(client, "chief")
    told(client)
    filling.project(busy.east, parent=Project.objects.filter(zone=busy.east).first())
    few = costs()
    assert max(few) <= 40
    filling.many(busy.east, 5)
    assert costs() == few
