"""立即判定: who may ask for a scan, of which zone, and what happens when he presses twice."""

from typing import Any

import pytest
from django.test import Client

from conftest import person
from projects.alerts.tasks import SCAN
from projects.jobs.models import Job
from projects.jobs.working import work

pytestmark = pytest.mark.django_db
ALERTS, RUNS = "/admin/projects_alerts/alert/", "/admin/projects_alerts/scanrun/"
NOW = f"{RUNS}now/"


def press(client: Client, zone: Any, where: str = "alert") -> str:
    answer = client.post(NOW, {"zone": getattr(zone, "pk", zone), "from": where}, follow=True)
    assert answer.redirect_chain == [(f"/admin/projects_alerts/{where}/", 302)]
    return answer.content.decode()


@pytest.mark.parametrize("where", ["alert", "scanrun"])
def test_a_coordinator_asks_and_is_led_to_the_job(town: Any, client: Client, where: str) -> None:
    town.sign_in(client, "chen")
    assert "立即判定</button>" in client.get(f"/admin/projects_alerts/{where}/").content.decode()
    page = press(client, town.east, where)
    job = Job.objects.get()
    assert (job.kind, job.zone, job.asked_by, job.state) == (SCAN, town.east, town.chen, "waiting")
    assert "已排队：判定高新区" in page
    assert f"/admin/projects_jobs/job/{job.pk}/change/" in page
    assert client.get(f"/admin/projects_jobs/job/{job.pk}/change/").status_code == 200


def test_pressing_twice_queues_once_and_after_it_is_done_again(town: Any, client: Client) -> None:
    town.sign_in(client, "chen")
    press(client, town.east)
    press(client, town.east)
    assert Job.objects.count() == 1
    work()
    press(client, town.east)
    assert Job.objects.count() == 2


@pytest.mark.parametrize("zone", ["west", "city", "", "999999", "all", "x"])
def test_a_zone_that_is_not_hers_is_as_one_that_does_not_exist(town: Any, client: Client, zone: str) -> None:
    town.sign_in(client, "chen")
    page = press(client, getattr(town, zone).pk if hasattr(town, zone) else zone)
    assert "请选择您可以维护的区域" in page
    assert not Job.objects.exists()


@pytest.mark.parametrize("who", ["viewer", "zhang", "gao", "chief", "nobody"])
def test_who_may_write_nowhere_has_no_button_and_cannot_ask(town: Any, client: Client, who: str) -> None:
    town.sign_in(client, who)
    assert "立即判定</button>" not in client.get(ALERTS).content.decode()
    client.post(NOW, {"zone": town.east.pk, "from": "alert"})
    assert not Job.objects.exists()


def test_a_link_asks_for_nothing(town: Any, client: Client) -> None:
    town.sign_in(client, "chen")
    assert client.get(NOW, {"zone": town.east.pk}).headers["location"] == ALERTS
    assert not Job.objects.exists()


def test_who_has_several_zones_chooses_one_and_the_office_of_all_may_take_all(town: Any, client: Client) -> None:
    page = client
    page.force_login(person("lu", "市项目办", "coordinator", town.city))
    offered = page.get(ALERTS).content.decode().partition('name="zone"')[2].partition("</select>")[0]
    assert "全部区域" not in offered
    assert offered.index("郑州") < offered.index("高新区") < offered.index("电子电器园")
    town.sign_in(client, "root")
    assert "已排队：判定全部区域" in press(client, "all")
    assert Job.objects.get().zone is None
