"""The list of projects: its order, its search, its cost."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.models import Company, Entry, Standing, StandingMonth
from projects.tests import filling
from projects.tests.screens import NAMES, PROJECTS, found


def test_the_worst_project_stands_first(town, client):
    green, red, red_further_behind = (filling.project(town.east, done=d) for d in (60_000_000, 20_000_000, 1_000_000))
    unjudged = filling.project(town.east, plan=None, done=None)
    filling.light(green, "green", "正常")
    for project in (red, red_further_behind):
        filling.light(project, "red", "红色预警", "#dc2626", 2)
    Standing.objects.filter(project=unjudged).delete()
    page = town.sign_in(client, "gao").get(PROJECTS)
    assert [row.pk for row in page.context["cl"].result_list] == [red_further_behind.pk, red.pk, green.pk, unjudged.pk]


@pytest.mark.parametrize("words", ["格力", "gl", "GLzh", "ZZGX-0001", "珠海格力", "格力一期基地", "智慧 物流"])
def test_a_project_is_found_by_name_initials_code_company_and_former_name(town, client, words):
    wanted = filling.project(town.east, "格力智慧物流中心项目", aliases=["格力一期基地"])
    wanted.company = Company.objects.create(zone=town.east, name="珠海格力电器有限公司")
    wanted.save()
    filling.project(town.east, "电子电器产业园")
    assert found(town.sign_in(client, "gao"), q=words) == {wanted.pk}


def test_a_project_counts_in_its_latest_batch_only(town, client):
    project = filling.project(town.east)
    fourth, fifth, _ = filling.rounds(town.east)
    facts.enter(project, "sign", fourth)
    facts.enter(project, "start", fifth)
    town.sign_in(client, "gao")
    assert found(client, latest="start") == {project.pk}
    assert found(client, latest="sign") == set()
    assert found(client, batch="sign") == {project.pk}
    facts.leave(Entry.objects.get(batch="start"), on=date(2023, 6, 1), reason="资金未到位")
    assert found(client, latest="sign") == {project.pk}
    assert found(client, batch="start") == set()


def test_a_standstill_is_marked(town, client):
    filling.many(town.east, 5)
    page = town.sign_in(client, "gao").get(PROJECTS, {"state": "suspended"})
    assert page.context["cl"].result_count == 1
    assert "停缓建" in page.content.decode()


def test_more_rows_cost_no_more_statements(town, client):
    def cost(name):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/admin/projects/{name}/").status_code == 200
        return len(seen)

    def more(number):
        for project in filling.many(town.east, number, user=town.zhang, department=town.east_office):
            StandingMonth.objects.create(project=project, month=filling.JUNE)

    town.sign_in(client, "chen")
    more(2)
    few = {name: cost(name) for name in ["project", *NAMES]}
    more(6)
    assert {name: cost(name) for name in NAMES} == few
