"""工作台 of two busy zones: every number is the length of the list behind it, whoever looks."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from django.urls import resolve

from projects import facts
from projects.tests import filling
from projects.tests.conftest import anew, kept_rows
from tracker.tests.test_home import HOME, alert


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TRACKER_TODAY = filling.TODAY


class Numbers(HTMLParser):
    """The links of the page that carry a number: address and number."""

    def __init__(self, page):
        super().__init__()
        self.found, self.open = [], None
        self.feed(page.content.decode())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a" and ("data-number" in attrs or attrs.get("class") == "tk-count"):
            self.open = [attrs["href"], ""]

    def handle_data(self, data):
        if self.open:
            self.open[1] += data

    def handle_endtag(self, tag):
        if tag == "a" and self.open:
            self.found.append((self.open[0], int(re.findall(r"\d+", self.open[1])[-1])))
            self.open = None


def both_zones(town):
    """Both zones at work: 12 projects in the east, 5 in the west."""
    east = filling.many(town.east, 11, user=town.zhang, department=town.east_office)
    filling.many(town.west, 5, department=town.west_office)
    filling.project(town.east_park, plan=None, done=None)
    filling.project(town.east, done=None)
    facts.terminate(east[10], on=date(2023, 4, 1), reason="企业放弃投资")
    for project in east[:10]:
        alert(project, severity=1 + project.pk % 2)
    alert(east[9], closed_on=date(2023, 7, 5), subject_key="past")


@pytest.fixture(scope="module")
def written(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, both_zones) as town:
        yield town


@pytest.fixture
def busy(written, db):
    return anew(written)


@pytest.mark.parametrize("several", [("zhang", "gao"), ("chief", "li"), ("root", "chen")])
def test_every_number_is_the_length_of_the_list_behind_it(busy, client, rf, several):
    for who in several:
        busy.sign_in(client, who)
        numbers = Numbers(client.get(HOME)).found
        assert len(numbers) >= 20
        for url, number in numbers:
            page = undrawn(rf.get(url), getattr(busy, who))
            assert page.status_code == 200, url
            assert page.context_data["cl"].result_count == number, (who, url)


def undrawn(request, user):
    """The answer of the list, before its rows are drawn: what counts here is how many there are."""
    request.user, request.session = user, {}
    asked = resolve(request.path)
    return asked.func(request, *asked.args, **asked.kwargs)


def test_the_numbers_are_those_of_ones_own_zones(busy, client):
    numbers = {}
    for who in ("chen", "wang", "chief"):
        numbers[who] = busy.sign_in(client, who).get(HOME).context["home"].live.value
    assert numbers == {"chen": 12, "wang": 5, "chief": 17}


def test_the_worst_alerts_stand_first_with_their_sentence(busy, client):
    home = busy.sign_in(client, "gao").get(HOME).context["home"]
    assert [line["row"].severity for line in home.alerts] == [2] * 5 + [1] * 3
    assert home.alerts_all.value == 10
    page = client.get(HOME).content.decode()
    assert all(line["row"].sentence in page for line in home.alerts)
    assert busy.sign_in(client, "wang").get(HOME).context["home"].alerts == []


def test_a_liaison_finds_his_projects_first(busy, client):
    home = busy.sign_in(client, "zhang").get(HOME).context["home"]
    assert home.mine_all.value == 10
    assert len(home.mine) == 6
    assert "红色预警" in home.mine[0]["light"]
    page = client.get(HOME).content.decode()
    assert page.index("我负责的项目") < page.index("在库项目")
    assert "我负责的项目" not in busy.sign_in(client, "gao").get(HOME).content.decode()
