"""A number on the home page, the officials' list behind it and the count of the API are one and the same."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import RequestFactory

from projects.tests.api.calling import url
from tracker import home

# What an officials' list calls its filters, as the API asks for the same.
SAID = {
    "project": {
        "phase": lambda value, who: {"phase": value},
        "light": lambda value, who: {"light": value},
        "batch": lambda value, who: {"batch": value},
        "period": lambda value, who: {"period": value},
        "latest": lambda value, who: {"last_batch": value},
        "figures": lambda value, who: {"figures": value},
        "who": lambda value, who: {"person": who},
    },
    "milestone": {"due": lambda value, who: {{"overdue": "overdue", "soon": "due_soon"}[value]: "true"}},
    "problem": {"state": lambda value, who: {{"open": "open", "late": "overdue"}[value]: "true"}},
}


def numbers(user):
    """All numbers of the person's home page that lead to a list of the main room."""
    request = RequestFactory().get("/admin/")
    request.user = user
    page = home.build(request)
    money = page.money
    found = [
        page.live,
        *page.phases,
        *page.lights,
        *page.urgent,
        *(cell for line in page.rounds for cell in line.cells),
    ]
    found += [money.counted, money.without_figure, money.without_plan, page.mine_all]
    return [number for number in found if number]


@pytest.mark.parametrize("who", ["zhang", "chen", "chief", "root"])
def test_a_number_of_the_home_page_is_the_count_of_the_api(busy, client, who):
    busy.sign_in(client, who)
    seen = numbers(getattr(busy, who))
    assert len(seen) > 20
    assert any(number.value > 1 for number in seen)
    for number in seen:
        address = urlsplit(number.url)
        name = address.path.split("/")[3]
        asked = {"terminated": "false"} if name == "project" else {}
        for key, value in parse_qsl(address.query):
            asked |= SAID[name][key](value, who)
        answer = client.get(url(f"{name}s"), asked | {"page_size": 1}).json()
        assert (answer["count"], answer["count_capped"]) == (number.value, False), (number.label, asked)


LISTS = [
    ("projects", {"terminated": "false"}, "project", {}),
    ("projects", {"suspended": "true", "terminated": "false"}, "project", {"state": "suspended"}),
    ("projects", {"terminated": "true"}, "project", {"state": "ended"}),
    ("projects", {"unassigned": "true", "terminated": "false"}, "project", {"who": "nobody"}),
    ("projects", {"terminated": "false", "overdue": "true"}, "project", {"due": "overdue"}),
    ("projects", {"terminated": "false", "has_open_problem": "true"}, "project", {"problem": "open"}),
    ("projects", {"terminated": "false", "zone": "zzgx"}, "project", {"zone": "zzgx"}),
    ("companies", {}, "company", {}),
    ("milestones", {"done": "false"}, "milestone", {"due": "open"}),
    ("entries", {"effective": "true", "batch": "start"}, "entry", {"batch": "start"}),
    ("progress", {"current": "true"}, "progress", {}),
    ("problems", {"open": "true"}, "problem", {}),
    ("problems", {"closed_from": "2000-01-01"}, "problem", {"state": "closed"}),
    ("claims", {"chosen": "true"}, "claim", {"chosen__exact": 1}),
    ("sources", {"kind": "ledger"}, "source", {"kind__exact": "ledger"}),
    ("standing-months", {}, "standingmonth", {}),
]


@pytest.mark.parametrize(("name", "asked", "screen", "filters"), LISTS)
def test_an_officials_list_is_as_long_as_the_one_of_the_api(busy, client, name, asked, screen, filters):
    busy.sign_in(client, "chen")
    page = client.get(f"/admin/projects/{screen}/", filters)
    assert page.status_code == 200
    count = client.get(url(name), asked | {"page_size": 1}).json()["count"]
    assert count == page.context["cl"].result_count > 0
