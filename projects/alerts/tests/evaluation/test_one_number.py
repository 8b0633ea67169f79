"""How many alerts there are of each level: the form's preview, the next scan, tile, list and API all say the same."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.test import Client

from conftest import BACKEND, person
from projects import facts as verbs
from projects.alerts.models import Alert, Rule
from projects.alerts.scan import scan
from projects.alerts.tests.evaluation import facts, schemes
from projects.alerts.tests.evaluation.loading import load
from projects.alerts.tests.test_screens import typed

LIST = "/admin/projects_alerts/alert/"
LEVELS = ("yellow", "red")


def test_preview_scan_tile_list_and_api_count_the_same(db: Any, settings: Any, client: Client) -> None:
    world = load(list(facts.samples(21, 80)), {"one": schemes.PUBLISHED["yinchuan"][:1]})
    zone = world.zones["one"]
    client.force_login(person("office", "项目办", "coordinator", zone), backend=BACKEND)
    settings.TRACKER_TODAY = date(2023, 6, 30)
    scan(date(2023, 6, 30), zone)
    before = _by_level()
    settings.TRACKER_TODAY = date(2023, 10, 31)
    resting = Alert.objects.open().filter(project__suspensions=None, project__terminated_on=None).first().project
    verbs.suspend(resting, starts=date(2023, 10, 9), reason="资金不到位", approver="管委会主任")

    rule = Rule.objects.get(zone=zone)
    stricter = typed(rule, **{"levels-0-low": "5", "levels-0-high": "20", "levels-1-low": "20"})
    where = f"/admin/projects_alerts/rule/{rule.pk}/change/"
    shown = client.post(where, stricter | {"_preview": "1"}).context["preview"]
    previewed = Counter({each.label: each.number for each in shown.counts})
    assert sum(previewed.values()) == len(shown.alerts)
    assert _by_level() == before, "a preview writes nothing"

    assert client.post(where, stricter).status_code == 302
    outcome = scan(date(2023, 10, 31), zone)
    scanned = Counter({outcome.labels[code]: number for code, number in outcome.open.items()})
    assert scanned == previewed != before
    assert _by_level() == previewed
    assert Alert.objects.open().exclude(held="").exists()

    home = client.get("/admin/").context["home"]
    labels = {rule.levels[number]["label"]: code for number, code in enumerate(LEVELS)}
    assert Counter({each.label: each.value for each in home.lights if each.label in labels}) == previewed
    assert home.alerts_all.value == sum(previewed.values())
    for label, code in labels.items():
        page = client.get(LIST, {"level": code})
        assert page.context["cl"].result_count == previewed[label]
        told = client.get("/api/v1/alerts/", {"level": code, "state": "open"}).json()
        assert told["count"] == previewed[label]


def _by_level() -> Counter[str]:
    return Counter(Alert.objects.open().values_list("label", flat=True))
