"""What every list and page of the main room does alike: whose rows, at what cost, in which order."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Claim, Company, Problem, Project
from projects.tests.api.calling import ENDPOINTS, ids, refused, rows, url
from zones.models import ApiToken

SHARED = {"series", "periods"}  # what the province runs is seen below it
EVERY = pytest.mark.parametrize("name", ENDPOINTS)


def own(name, zone):
    """Ids of the endpoint's rows in the zone and below it."""
    model, way, _ = ENDPOINTS[name]
    return set(model.objects.filter(**{f"{way}__path__startswith": zone.path}).values_list("pk", flat=True))


@EVERY
def test_a_list_holds_all_rows_of_ones_zones_and_no_others(busy, client, name):
    east, west = own(name, busy.east), own(name, busy.west)
    model = ENDPOINTS[name][0]
    above = set(model.objects.values_list("pk", flat=True)) - east - west if name in SHARED else set()
    for who in ("zhang", "viewer"):
        assert ids(busy.sign_in(client, who), name) == east | above
    assert ids(busy.sign_in(client, "chief"), name) == east | west | above
    assert ids(busy.sign_in(client, "wang"), name) == west | above


@EVERY
def test_who_reads_nothing_gets_nothing(busy, client, name):
    assert rows(busy.sign_in(client, "audit"), name) == []
    client.logout()
    refused(client.get(url(name)), 401, "not_signed_in")


@EVERY
def test_a_row_is_the_same_on_its_own_page(busy, client, name):
    busy.sign_in(client, "chen")
    for row in rows(client, name)[:2]:
        page = client.get(url(name, row["id"]))
        assert page.status_code == 200
        assert row.items() <= page.json().items()
        if "version" in row:
            assert page["ETag"].startswith(f'"{row["version"]}.')
            again = client.get(url(name, row["id"]), headers={"If-None-Match": page["ETag"]})
            assert (again.status_code, again.content) == (304, b"")


@EVERY
def test_a_foreign_id_answers_exactly_like_a_missing_one(busy, client, name):
    busy.sign_in(client, "chen")
    foreign = own(name, busy.west)
    if name in SHARED:
        assert not foreign
        return
    writing = {"milestones": {"done": True}, "problems": {"closed_on": None, "reason": "误销"}}.get(name)
    for told in (None, writing):
        asked = [_ask(client, url(name, pk), told) for pk in (max(foreign), 98765, 2**62)]
        assert asked[0] == asked[1] == asked[2]
        assert '"status": 404' in asked[0]


def _ask(client, where, told):
    answer = client.patch(where, told, content_type="application/json") if told else client.get(where)
    return re.sub(r'"request_id": "[^"]*"', "", answer.content.decode())


@EVERY
def test_the_cost_of_a_list_does_not_grow_with_its_rows(busy, client, name):
    _, key = ApiToken.issue(busy.chen, "测试", days=1)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    client.get(url("projects"))  # notes the first use of the token

    def cost(**params):
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(url(name), params)
        assert answer.status_code == 200
        return len(seen)

    nested = ENDPOINTS[name][2]
    assert cost(page_size=1) == cost(page_size=200) <= 3 + nested
    assert cost(page_size=1, cursor="") == cost(page_size=200, cursor="") <= 3 + nested
    if name not in SHARED:
        assert cost(page_size=1, zone="zzgx") == cost(page_size=200, zone="zzgx") <= 4 + nested


@EVERY
def test_a_list_is_ordered_by_every_name_it_offers(busy, client, name):
    busy.sign_in(client, "chief")
    refused(client.get(url(name), {"ordering": "password"}), 400, "invalid")
    offered = re.search("可用的有：(.*)", client.get(url(name), {"ordering": "x"}).json()["detail"])[1].split("、")
    everything = ids(client, name)
    for at, order in enumerate(offered):
        falling = bool(at % 2)
        found = rows(client, name, ordering=f"{'-' * falling}{order}")
        assert {row["id"] for row in found} == everything
        values = [row.get(order) for row in found]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == known, f"{order}: what is not known comes last"
        if all(not isinstance(value, str) or value[:4].isdigit() for value in known):
            assert known == sorted(known, reverse=falling), order


@EVERY
def test_a_walk_by_cursor_meets_every_row_once(busy, client, name):
    busy.sign_in(client, "chen")
    met, where = [], f"{url(name)}?cursor=&page_size=3"
    while where:
        page = client.get(where).json()
        met += [row["id"] for row in page["results"]]
        where = page["next"]
    assert met == sorted(ids(client, name), reverse=True)


@EVERY
def test_an_unknown_parameter_is_refused(busy, client, name):
    busy.sign_in(client, "chen")
    _, fields = refused(client.get(url(name), {"nmae": "x"}), 400, "unknown_parameter")
    assert set(fields) == {"nmae"}


@EVERY
def test_nothing_is_put_or_deleted(busy, client, name):
    busy.sign_in(client, "root")
    pk = rows(client, name)[0]["id"]
    for ask in (client.put, client.delete):
        refused(ask(url(name, pk)), 405, "method_not_allowed")


# ---- What a row may tell of others
def test_a_source_and_a_person_out_of_sight_are_not_named(busy, client):
    secret = Claim.objects.get(source__title="省厅内部通报")
    row = next(row for row in rows(busy.sign_in(client, "chen"), "claims") if row["id"] == secret.pk)
    assert (row["source"], row["source_title"], row["recorded_by"]) == (None, None, None)
    assert row["text"] == "停工"
    row = next(row for row in rows(busy.sign_in(client, "root"), "claims") if row["id"] == secret.pk)
    assert (row["source"], row["source_title"], row["recorded_by"]) == (secret.source_id, "省厅内部通报", "wang")


def test_a_unit_and_a_person_of_the_neighbours_are_not_named(busy, client):
    row = next(row for row in rows(busy.sign_in(client, "chen"), "assignments") if row["role"] == "team")
    assert (row["user"], row["user_name"], row["department"], row["department_name"]) == (None,) * 4
    row = next(row for row in rows(busy.sign_in(client, "chief"), "assignments") if row["role"] == "team")
    assert (row["user"], row["department_name"]) == ("wang", "经开区招商局")


@pytest.mark.parametrize(
    ("name", "param"), [("assignments", "department"), ("claims", "source"), ("entries", "source")]
)
def test_an_id_out_of_sight_selects_nothing(busy, client, name, param):
    claim = Claim.objects.get(source__title="省厅内部通报")
    hidden = busy.west_office.pk if param == "department" else claim.source_id
    assert ids(busy.sign_in(client, "chen"), name, **{param: hidden}) == set()
    assert ids(client, name, **{param: 98765}) == set()
    if name != "entries":
        assert ids(busy.sign_in(client, "root"), name, **{param: hidden})


@pytest.mark.parametrize("param", ["person", "recorded_by"])
def test_a_person_out_of_sight_reads_like_none(busy, client, param):
    busy.sign_in(client, "chen")
    told = [refused(client.get(url("assignments"), {param: name}), 400, "invalid") for name in ("wang", "nemo")]
    assert str(told[0]).replace("wang", "nemo") == str(told[1])
    assert set(told[0][1]) == {param}


def test_a_company_shown_by_its_project_does_not_tell_who_keeps_it(busy, client):
    shared = Company.objects.create(zone=busy.west, name="邻区登记的公司")
    Project.objects.filter(pk=Project.objects.filter(zone=busy.east).first().pk).update(company=shared)
    row = client_row(busy.sign_in(client, "chen"), "companies", shared.pk)
    assert (row["zone"], row["name"]) == (None, shared.name)
    assert client_row(busy.sign_in(client, "wang"), "companies", shared.pk)["projects"] == 0


def client_row(client, name, pk):
    return client.get(url(name, pk)).json()


def test_a_plan_carries_its_twelve_targets(busy, client):
    for row in rows(busy.sign_in(client, "chen"), "plans"):
        assert [target["month"] for target in row["targets"]] == list(range(1, 13))
        assert row["targets"][11]["amount"] == row["amount"]


def test_a_company_s_problem_has_no_project(busy, client):
    row = next(row for row in rows(busy.sign_in(client, "chen"), "problems") if row["title"] == "用工不足")
    assert (row["project"], row["project_name"]) == (None, None)
    assert row["company"] == Problem.objects.get(pk=row["id"]).company_id
