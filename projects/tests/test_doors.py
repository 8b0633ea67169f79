"""The core's screens: who may open what, and what the filters select."""

from datetime import date

import pytest
from django.db import connection

from projects import facts
from projects.models import Period, Problem, Progress
from projects.tests import filling
from projects.tests.conftest import anew, kept_rows
from projects.tests.screens import NAMES, PROJECTS, act, errors, found, of, text_of

ACTS = ("record", "reach", "undo", "problem")
DECIDED = ("promise", "plan", "schedule", "suspend", "terminate")
WRITTEN = {"project", "company", "series", "period", "problem", "assignment", "scheduletemplate"}
ADDED = {"chen": WRITTEN, "root": WRITTEN, "zhang": {"problem"}, "gao": set(), "viewer": set(), "chief": set()}


@pytest.fixture(scope="module")
def both_zones(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, filling.both_zones) as town:
        yield town


@pytest.fixture
def busy(both_zones, db):
    """Five projects in the east, of which the liaison has three, and two in the west."""
    return anew(both_zones)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="every page is opened on both databases by the roof's tests")
@pytest.mark.parametrize("who", ["zhang", "chen", "gao", "viewer", "chief", "root"])
def test_every_list_and_page_opens_for_whoever_reads_the_zone(busy, client, who):
    busy.sign_in(client, who)
    for name in NAMES:
        page = client.get(f"/admin/projects/{name}/", {"_facets": "True"})
        assert page.status_code == 200, name
        rows = page.context["cl"].result_list
        assert rows, name
        assert client.get(f"/admin/projects/{name}/{rows[0].pk}/change/").status_code == 200, name
        assert client.get(f"/admin/projects/{name}/add/").status_code == (200 if name in ADDED[who] else 403), name


@pytest.mark.parametrize("who", ["system", "security", "audit", "nobody"])
def test_administrators_have_no_business_screens(busy, client, who):
    busy.sign_in(client, who)
    assert {client.get(f"/admin/projects/{name}/").status_code for name in NAMES} == {403}


@pytest.mark.parametrize("who", ["zhang", "chen", "gao"])
def test_a_foreign_project_answers_exactly_like_a_missing_one(busy, client, who):
    busy.sign_in(client, who)
    west = of(busy.west).first()
    asked = [(ask, what) for ask in (client.get, client.post) for what in ("change", "history", *ACTS)]
    for ask, what in asked:
        foreign = ask(f"{PROJECTS}{west.pk}/{what}/", follow=True)
        missing = ask(f"{PROJECTS}{west.pk + 98765}/{what}/", follow=True)
        # Who may change nothing at all is refused before anything is looked up.
        refused = ask == client.post and (who, what) == ("gao", "change")
        assert foreign.status_code == missing.status_code == (403 if refused else 404)
        assert text_of(foreign) == text_of(missing)
        assert ("您没有权限" if refused else "没有这一页") in text_of(foreign)


def test_no_list_names_the_neighbours(busy, client):
    client = busy.sign_in(client, "chen")
    for name in NAMES:
        assert client.get(f"/admin/projects/{name}/", {"q": "园"}).status_code == 200, name
        page = client.get(f"/admin/projects/{name}/", {"state": "all"}).content.decode()
        assert "经开区" not in page, name
        assert not any(project.name in page for project in of(busy.west)), name


def test_choices_of_related_rows_are_ones_own(busy, client):
    busy.sign_in(client, "chen")
    for model, field in [
        ("problem", "project"),
        ("project", "company"),
        ("assignment", "project"),
        ("project", "zone"),
    ]:
        where = {"app_label": "projects", "model_name": model, "field_name": field}
        offered = " ".join(row["text"] for row in client.get("/admin/autocomplete/", where).json()["results"])
        assert offered
        assert "经开" not in offered
        assert not any(project.name in offered for project in of(busy.west))


def test_each_filter_selects_what_it_says(busy, client):
    busy.sign_in(client, "zhang")
    projects = list(of(busy.east))
    everything = {project.pk for project in projects}
    periods = {period.number: period.pk for period in Period.objects.all()}
    assert found(client) == everything
    assert found(client, light="red") == {projects[0].pk, projects[3].pk}
    assert found(client, light="none") == set()
    assert found(client, phase="signed") == everything
    assert found(client, who="mine") == {project.pk for project in projects[:3]}
    assert found(client, who="nobody") == set()
    assert found(client, batch="sign") == {projects[0].pk, projects[3].pk}
    assert found(client, batch="start", period=periods[5]) == {projects[1].pk, projects[4].pk}
    assert found(client, batch="sign", period=periods[5]) == set()
    assert found(client, due="overdue") == everything - {projects[4].pk}
    assert found(client, due="soon") == everything - {projects[4].pk}
    assert found(client, state="suspended") == {projects[4].pk}
    assert found(client, problem="open") == everything
    assert found(client, figures="both") == everything
    assert found(client, figures="plan") == set()
    assert found(client, zone="zzgx") == everything
    assert found(client, zone="zzgx-park") == set()


def test_a_filter_value_that_is_not_offered_selects_nothing(busy, client):
    busy.sign_in(client, "chen")
    for name, value in [
        ("zone", "zzjk"),
        ("zone", "nowhere"),
        ("light", "pink"),
        ("period", "98765"),
        ("period", "x"),
        ("state", "dead"),
    ]:
        assert found(client, **{name: value}) == set(), (name, value)


def test_terminated_projects_are_shown_when_asked_for(busy, client):
    ended = of(busy.east).first()
    facts.terminate(ended, on=date(2023, 6, 1), reason="企业放弃投资")
    busy.sign_in(client, "chen")
    assert ended.pk not in found(client)
    assert found(client, state="ended") == {ended.pk}
    assert ended.pk in found(client, state="all")
    assert "已终止" in client.get(PROJECTS, {"state": "all"}).content.decode()


@pytest.mark.parametrize(
    ("who", "mine", "other"),
    [("zhang", 200, 403), ("chen", 200, 200), ("gao", 403, 403), ("viewer", 403, 403), ("root", 200, 200)],
)
def test_who_may_tell_facts_of_which_project(busy, client, who, mine, other):
    busy.sign_in(client, who)
    projects = list(of(busy.east))
    before = Progress.objects.count(), Problem.objects.count()
    for what in ACTS:
        assert client.get(act(projects[0], what)).status_code == mine
        assert client.get(act(projects[4], what)).status_code == other
        if other == 403:
            assert client.post(act(projects[4], what), {"words": "越权"}).status_code == 403
    assert (Progress.objects.count(), Problem.objects.count()) == before


def test_a_step_of_another_project_is_not_offered(busy, client):
    east, west = of(busy.east).first(), of(busy.west).first()
    foreign = west.milestones.get(kind="signed")
    page = busy.sign_in(client, "chen").post(act(east, "undo"), {"step": foreign.pk, "reason": "越界"})
    assert page.status_code == 200
    foreign.refresh_from_db()
    assert foreign.done


def test_a_department_of_the_neighbours_reads_like_a_missing_one(busy, client):
    busy.sign_in(client, "chen")
    answers = []
    for pk in (busy.west_office.pk, 98765):
        data = {"title": "x", "category": "land", "raised_on": "2023-07-10", "department": pk}
        answers.append(errors(client.post(act(of(busy.east).first(), "problem"), data)))
    assert answers[0] == answers[1] != []


@pytest.mark.parametrize("what", ["close", "reopen"])
def test_a_foreign_problem_answers_like_a_missing_one(busy, client, what):
    busy.sign_in(client, "chen")
    foreign = Problem.objects.filter(zone=busy.west).first()
    pages = [client.get(f"/admin/projects/problem/{pk}/{what}/") for pk in (foreign.pk, 98765)]
    assert [page.status_code for page in pages] == [404, 404]
    assert text_of(pages[0]) == text_of(pages[1])


def test_there_is_no_default_form_for_facts(busy, client):
    busy.sign_in(client, "root")
    for name in sorted(set(NAMES) - WRITTEN):
        assert client.get(f"/admin/projects/{name}/add/").status_code == 403
        row = client.get(f"/admin/projects/{name}/").context["cl"].result_list[0]
        assert client.post(f"/admin/projects/{name}/{row.pk}/change/", {}).status_code == 403
