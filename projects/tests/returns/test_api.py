"""Returns over the API: the same verbs, versions and refusals."""

import pytest

from projects import facts
from projects.models import Return
from projects.tests import filling
from projects.tests.returns.test_verbs import JUNE, MILLION, filled, reported

RETURNS = "/api/v1/returns/"


@pytest.fixture
def made(town):
    project = filling.project(town.east, done=None)
    facts.assign(project, "liaison", user=town.zhang)
    return project


@pytest.fixture
def send(town, client):
    def _send(who, method, path, body=None, version=None):
        town.sign_in(client, who)
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return client.generic(method, f"{RETURNS}{path}", body, "application/json", headers=headers)

    import json

    return lambda who, method, path, body=None, version=None: _send(who, method, path, json.dumps(body or {}), version)


def test_a_month_goes_through_all_its_steps(send, made):
    told = {"project": made.pk, "month": "2023-06-15", "this_month": 5 * MILLION, "year_to_date": 5 * MILLION}
    answer = send("zhang", "POST", "", told)
    row = answer.json()
    assert (answer.status_code, row["month"], row["status"]) == (201, "2023-06-30", "draft")
    assert send("zhang", "POST", "", told).status_code == 200
    assert send("zhang", "POST", "", told | {"percent": 1}).json()["code"] == "conflict"
    steps = [
        ("zhang", "PATCH", "", {"percent": 40, "words": "封顶"}),
        ("zhang", "POST", "submit/", {}),
        ("zhang", "POST", "take-back/", {}),
        ("zhang", "POST", "submit/", {"note": "补报"}),
        ("chen", "POST", "send-back/", {"reason": "缺入统额"}),
        ("zhang", "PATCH", "", {"statistics": 4 * MILLION}),
        ("zhang", "POST", "submit/", {}),
        ("chen", "POST", "review/", {}),
        ("gao", "POST", "reopen/", {"reason": "单位写错"}),
    ]
    statuses = []
    for who, method, path, body in steps:
        answer = send(who, method, f"{row['id']}/{path}", body, row["version"])
        assert answer.status_code == 200, answer.content.decode()
        row = answer.json()
        statuses.append(row["status"])
    assert statuses == [
        *("draft", "submitted", "draft", "submitted", "returned", "returned", "submitted", "reviewed", "returned"),
    ]  # fmt: skip
    assert row["late_days"] == 10


def test_what_is_refused_is_named_by_field_and_changes_nothing(send, made, town):
    row = filled(made, year=5 * MILLION, this_month=6 * MILLION, building=1)
    answer = send("zhang", "POST", f"{row.pk}/submit/", {}, row.version)
    assert (answer.status_code, {each["field"] for each in answer.json()["errors"]}) == (400, {"year_to_date"})
    assert send("zhang", "PATCH", f"{row.pk}/", {"percent": 1}).status_code == 428
    assert send("zhang", "PATCH", f"{row.pk}/", {"percent": 1}, row.version + 1).status_code == 412
    assert send("li", "PATCH", f"{row.pk}/", {"percent": 1}, row.version).status_code == 404
    facts.fill_return(made, JUNE, {"year_to_date": 6 * MILLION, "building": None})
    row = facts.review_return(facts.submit_return(row))
    for who, path in (("zhang", "review/"), ("chen", "reopen/"), ("gao", "send-back/")):
        answer = send(who, "POST", f"{row.pk}/{path}", {"reason": "试试"}, row.version)
        assert answer.status_code == 403, path
    answer = send("chen", "PATCH", f"{row.pk}/", {"percent": 1}, row.version)
    assert (answer.status_code, "已审核锁定" in answer.json()["detail"]) == (400, True)
    assert Return.objects.get().percent is None


def test_a_list_is_narrowed_by_lateness_unit_and_status(send, made, town, client):
    other = filling.project(town.east, done=None)
    facts.assign(made, "unit", department=town.east_office)
    late = reported(made)
    filled(other)
    town.sign_in(client, "chen")
    for asked in ({"late": "true"}, {"unit": town.east_office.pk}, {"status": "submitted,reviewed"}):
        assert [row["id"] for row in client.get(RETURNS, asked).json()["results"]] == [late.pk], asked
