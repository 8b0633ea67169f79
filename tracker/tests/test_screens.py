"""Every page that a role can reach opens, speaks Chinese, and errors have a way back."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from django.contrib import admin

from projects import facts
from projects.models import Project, StandingMonth, Suspension
from projects.tests import filling
from projects.tests.conftest import anew, kept_rows
from tracker import panels
from tracker.tests.test_home import alert

# Names of things that have no Chinese name, and what is shown to be typed as it stands.
FOREIGN = {"API", "REST", "Excel", "GB", "T", "GDP", "ID", "JSON", "IP", "URL", "User", "Agent", "HTTP", "esc", "LDAP"}
WORD = re.compile(r"[A-Za-z]{2,}")
# Codes, addresses and accounts that the cast of the tests bears: data, not words of the page.
DATA = re.compile(
    r"[\w.-]+@[\w.-]+|henan|zhengzhou|three-batches|\bprogress\b|ZZGX-\d+|ZZJK-\d+|\bzz\w+(-\w+)?\b|argon2\S*|md5\S*|\w+\*{3,}|Ctrl"
)


class Seen(HTMLParser):
    """The words of a page that a person reads: text, and what fields and pictures say."""

    SILENT = ("script", "style", "template")

    def __init__(self, page, names):
        super().__init__()
        self.words, self.names, self.depth, self.icon = [], names, 0, False
        self.feed(page.content.decode())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.depth += tag in self.SILENT
        self.icon = "material-symbols" in (attrs.get("class") or "")
        for name in ("placeholder", "title", "aria-label", "alt", "data-label"):
            self._read(attrs.get(name) or "")

    def handle_endtag(self, tag):
        self.depth -= tag in self.SILENT
        self.icon = False

    def handle_data(self, text):
        if not self.depth and not self.icon:
            self._read(text)

    def _read(self, text):
        text = DATA.sub("", text)
        for name in self.names:
            text = text.replace(name, "")
        self.words += [word for word in WORD.findall(text) if word not in FOREIGN]


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
    town.names = sorted({user.username for user in type(town.chen).objects.all()}, key=len, reverse=True)
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
    for row in rows:
        where = f"/admin/projects/{row._meta.model_name}/{row.pk}"
        yield from (f"{where}/{act.name}/" for act in admin.site._registry[type(row)].acts)


@pytest.mark.parametrize("who", ["zhang", "chen", "gao", "viewer", "chief", "system", "security", "audit", "nobody"])
def test_no_page_shows_an_english_word(busy, client, who):
    busy.sign_in(client, who)
    found = {}
    for url in [*pages(client), *acts()]:
        page = client.get(url)
        assert page.status_code in (200, 403, 404), url
        words = Seen(page, busy.names).words
        if words:
            found[url] = words
    assert found == {}


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
            assert Seen(page, busy.names).words == [], url
            assert any(words in page.content.decode() for words in ("必填", "请至少填写", "还没有计划期限")), url


def test_the_login_page_is_chinese_and_leads_to_the_home_page(busy, client):
    page = client.get("/admin/login/")
    assert Seen(page, []).words == []
    wrong = client.post("/admin/login/", {"username": "chen", "password": "wrong"})
    assert Seen(wrong, ["chen"]).words == []
    right = client.post("/admin/login/", {"username": "chen", "password": busy.password})
    assert right.headers["location"] == "/admin/"


def test_who_mistypes_too_often_is_told_to_wait(busy, client, settings):
    settings.AXES_FAILURE_LIMIT = 2
    for _ in range(2):
        page = client.post("/admin/login/", {"username": "chen", "password": "wrong"})
    assert page.status_code == 429
    assert "登录已暂时锁定" in page.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500", "locked_out"])
def test_error_pages_need_nothing_and_lead_back(name, settings):
    page = (settings.BASE_DIR / "templates" / f"{name}.html").read_text(encoding="utf-8")
    assert 'lang="zh-hans"' in page
    assert 'href="/"' in page
    assert "{{" not in page
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


def test_no_page_runs_a_script_of_its_own(busy, client):
    busy.sign_in(client, "chen")
    for url in [*pages(client), *acts(), "/admin/login/"]:
        page = client.get(url).content.decode()
        inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
        assert [tag for tag in inline if "application/json" not in tag] == [], url
        assert not re.search(r"\son(click|load|change|submit|error)=", page), url


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
