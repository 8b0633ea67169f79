"""In which order a request is judged, and what every answer says to the caches on its way."""

import pytest
from django.core.cache import cache

from projects.models import Project
from tracker.tests.safety import world
from tracker.tests.safety.asking import ENDPOINTS, ROOT
from tracker.tests.safety.test_hostile import refused
from zones.models import Department

SINGLE = ("", "me/", "schema/", "docs/", "statistics/", "nowhere/", "projects", "projects/x/")
WRITING = ("milestones/", "progress/", "problems/")


def every_address():
    for prefix, viewset in ENDPOINTS.items():
        yield from (f"{prefix}/", f"{prefix}/1/", f"{prefix}/?nonsense=1", f"{prefix}/?page=0", f"{prefix}/987654321/")
        yield from (f"{prefix}/1/{action.url_path}/" for action in viewset.get_extra_actions() if action.detail)
    yield from SINGLE


def test_who_is_not_signed_in_learns_nothing_but_that(client, town):
    bodies = set()
    for path in every_address():
        for method in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE"):
            answer = client.generic(method, f"{ROOT}{path}", b"{", "text/plain", headers={"if-match": "x"})
            assert answer.status_code == 401, (method, path)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            kept_by_nobody(answer, path)
            bodies.add(world.said(answer) if method != "HEAD" else None)
    assert len(bodies) == 2  # the same words everywhere, and none for HEAD


def test_a_token_to_read_does_not_write_whatever_is_sent(caller, town):
    reader, before = caller("chen", may_write=False), world.dump()
    row = town.east.problems.order_by("pk").first()
    for path in (
        *WRITING,
        f"problems/{row.pk}/",
        "problems/987654321/",
        f"problems/{world.western(type(row), town).first().pk}/",
    ):
        for body in (b"{", b"", b"{}", b'{"nonsense": 1}', b"x" * 10_000_000):
            for method in ("POST", "PATCH"):
                answer = reader.client.generic(method, f"{ROOT}{path}", body, "application/json")
                assert "只能读取" in refused(answer, 403)["detail"]
        assert reader.get(f"{ROOT}{path.split('/')[0]}/").status_code == 200
    assert world.dump() == before


@pytest.mark.parametrize("who", ["viewer", "gao", "city_viewer", "nobody", "system"])
def test_who_may_not_write_is_told_so_before_his_version_is_looked_at(caller, town, who):
    someone, before = caller(who), world.dump()
    problem = town.east.problems.order_by("pk").last()
    sees = who not in world.NO_BUSINESS
    for headers in ({}, {"if-match": '"0"'}, {"if-match": f'"{problem.version}"'}):
        body = {"deadline": "2023-12-31", "reason": "雨季"}
        refused(someone.send("PATCH", f"{ROOT}problems/{problem.pk}/", body, **headers), 403 if sees else 404, 403)
    assert world.dump() == before


def test_a_stranger_does_not_write_by_a_project_that_he_names(caller, town):
    people = [caller(who) for who in ("viewer", "chief", "li", "wang", "nobody")]
    before = world.dump()
    project = Project.objects.filter(zone=town.east).first()
    for someone in people:
        body = {"project": project.pk, "channel": "weekly", "up_to": "2023-07-05", "amount": 5_000_000}
        refused(someone.send("POST", f"{ROOT}progress/", body), 400, 403)
    assert world.dump() == before


def test_no_answer_is_kept_by_a_cache(caller, client, town):
    chen = caller("chen")
    for path in (*every_address(), "docs/errors"):
        kept_by_nobody(chen.get(f"{ROOT}{path}"), path)
    kept_by_nobody(client.get(f"{ROOT}docs/errors"), "docs/errors")
    answer = chen.get(f"{ROOT}projects/", host="evil.example")
    assert answer.headers["Cache-Control"] == "private, no-store"


def kept_by_nobody(answer, path):
    assert answer.headers["Cache-Control"] == "private, no-store", path
    assert {"Authorization", "Cookie"} <= set(answer.headers["Vary"].replace(" ", "").split(",")), path


def test_options_name_methods_and_no_rows(caller, town):
    Department.objects.filter(zone=town.east).update(name=world.CANARY)
    Project.objects.update(name=world.CANARY)
    chen = caller("chen")
    for path in every_address():
        if "?" in path or path in ("nowhere/", "projects", "projects/x/", "docs/"):
            continue
        answer = chen.send("OPTIONS", f"{ROOT}{path}")
        assert answer.json() == {"methods": answer.headers["Allow"].split(", ")}, path


def test_tokens_of_one_person_share_what_he_may_ask(town, caller, settings):
    one, other, somebody = caller("chen"), caller("chen"), caller("zhang")
    settings.API_RATE = 5
    cache.clear()
    answers = [each.get(f"{ROOT}me/") for each in (one, other) * 3]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert refused(answers[-1], 429)["code"] == "throttled"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert somebody.get(f"{ROOT}me/").status_code == 200
