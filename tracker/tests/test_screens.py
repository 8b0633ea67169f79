"""Screens of all rooms together: forms answer in Chinese, errors have a way back, no page runs a script of its own."""

from datetime import date

import pytest
from django.contrib import admin
from django.db import connection
from django.template.loader import render_to_string

from projects import facts
from projects.models import Project, StandingMonth, Suspension
from projects.tests import filling
from projects.tests.conftest import anew, kept_rows
from tracker import panels
from tracker.tests.reading import english, scripts_of_its_own
from tracker.tests.test_home import alert

REFUSALS = ("必填", "请至少填写", "还没有计划期限", "页面不完整")


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TRACKER_TODAY = filling.TODAY


def five_projects(town):
    projects = filling.many(town.east, 5, user=town.zhang, department=town.east_office)
    for project in projects:
        StandingMonth.objects.create(project=project, month=filling.JUNE)
        alert(project)


@pytest.fixture(scope="module")
def written(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, five_projects) as town:
        yield town


@pytest.fixture
def busy(written, db):
    town = anew(written)
    coded = [zone.code for zone in type(town.east).objects.all()]
    town.names = sorted([*coded, *(user.username for user in type(town.chen).objects.all())], key=len, reverse=True)
    return town


def pages(client):
    """Addresses of every list, and of a row's page, its history and a new one, that opens for who is signed in."""
    yield from ("/admin/", "/admin/password_change/", "/admin/zones/appointment/permissions/")
    for model in admin.site._registry:
        where = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        answer = client.get(where)
        if answer.status_code != 200:
            assert answer.status_code == 403, where
            continue
        yield from (where, f"{where}?q=zzzz", f"{where}add/")
        for row in answer.context["cl"].result_list[:1]:
            yield from (f"{where}{row.pk}/change/", f"{where}{row.pk}/history/")


def acts():
    """Every page on which something of a project is told or decided, of one row each."""
    project = Project.objects.order_by("pk").first()
    rows = [project, project.problems.get(), project.claims.filter(chosen=False).first(), project.entries.first()]
    rows += [project.plans.first(), project.milestones.first(), Suspension.objects.first()]
    rows += [project.alerts.first()]
    for row in rows:
        where = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}"
        yield from (f"{where}/{act.name}/" for act in admin.site._registry[type(row)].acts)


def test_what_forms_answer_is_chinese(busy, client):
    busy.sign_in(client, "chen")
    for url in [
        *acts(),
        "/admin/projects/project/add/",
        "/admin/projects/problem/add/",
        "/admin/zones/department/add/",
    ]:
        page = client.post(url, {"x": "1"})
        if page.status_code == 200:
            assert english(page.content.decode(), busy.names) == [], url
            assert any(
                words in page.content.decode() for words in ("必填", "请至少填写", "还没有计划期限", "页面不完整")
            ), url


def test_the_login_page_is_chinese_and_leads_to_the_home_page(busy, client):
    page = client.get("/admin/login/")
    assert english(page.content.decode()) == scripts_of_its_own(page.content.decode()) == []
    wrong = client.post("/admin/login/", {"username": "chen", "password": "wrong"})
    assert english(wrong.content.decode(), busy.names) == []
    right = client.post("/admin/login/", {"username": "chen", "password": busy.password})
    assert right.headers["location"] == "/admin/"


def test_who_mistypes_too_often_is_told_to_wait(busy, client, settings):
    settings.AXES_FAILURE_LIMIT = 2
    for _ in range(2):
        page = client.post("/admin/login/", {"username": "chen", "password": "wrong"})
    assert page.status_code == 429
    assert "登录已暂时锁定" in page.content.decode()


@pytest.mark.parametrize("name", ["error", "locked_out"])
def test_error_pages_need_nothing_and_lead_back(name):
    page = render_to_string(f"{name}.html", {"title": "系统出错了", "sentence": "请稍后再试。"})
    assert 'lang="zh-hans"' in page
    assert 'href="/"' in page
    assert "回到" in page
    assert "<script" not in page


@pytest.mark.django_db
def test_an_unknown_address_answers_in_chinese(client):
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "没有这一页" in page.content.decode()


def test_an_expired_form_is_explained(busy):
    from django.test import Client

    client = busy.sign_in(Client(enforce_csrf_checks=True), "chen")
    page = client.post("/admin/projects/project/add/", {"name": "x"})
    assert page.status_code == 403
    assert "页面已经过期" in page.content.decode()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the walk through the demonstration has looked on SQLite")
def test_no_page_runs_a_script_of_its_own(busy, client):
    busy.sign_in(client, "chen")
    for url in [*pages(client), *acts()]:
        assert scripts_of_its_own(client.get(url).content.decode()) == [], url


# ---- panels of rooms above -------------------------------------------------------------------------
def test_the_project_page_shows_its_alerts_with_their_sentences(busy, client):
    project = Project.objects.order_by("pk").first()
    alert(project, closed_on=date(2023, 7, 7), subject_key="past", closed_reason="已补齐")
    url = f"/admin/projects/project/{project.pk}/change/"
    page = busy.sign_in(client, "gao").get(url).content.decode()
    assert f"{project.name}落后时序进度。" in page
    assert "已解除：已补齐" in page


def test_a_panel_shows_nothing_to_who_may_not_see(busy, rf):
    request = rf.get("/")
    request.user = busy.wang
    assert panels.alerts_of(request, Project.objects.first()) == ""
    assert panels.report_of(request, Project.objects.first().claims.first().source) == ""


def test_a_project_page_with_alerts_costs_the_same(busy, client, django_assert_max_num_queries):
    project = Project.objects.order_by("pk").first()
    facts.record(project, "weekly", date(2023, 7, 9), words="塔吊进场")
    busy.sign_in(client, "chen")
    with django_assert_max_num_queries(55):
        client.get(f"/admin/projects/project/{project.pk}/change/")
