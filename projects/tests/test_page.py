"""The page of a project: what it says, what it costs, how its file is opened and described."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import person
from projects import claims, facts, money, panels, plans
from projects.admin.project import ProjectForm
from projects.models import Company, Project, Standing
from projects.tests import filling
from projects.tests.returns.test_verbs import picture, reported
from projects.tests.screens import PROJECTS, page_of, typed


@pytest.fixture
def parker(town):
    return person("parker", "园区查看", "viewer", town.east_park)


@pytest.fixture
def park_office(town):
    return person("park-office", "园区项目办", "coordinator", town.east_park)


def test_the_page_says_what_matters(town, client):
    project = filling.full(town.east, user=town.zhang)
    page = town.sign_in(client, "gao").get(f"{PROJECTS}{project.pk}/change/").content.decode()
    for words in (
        "红色预警",
        "截至2023年6月",
        "1.2亿元",
        "4800万元",
        "40.0%",
        "落后 10.0 个百分点",
        "逾期 39 天",
        "还有 5 天",
        "第4期 签约一批",
        "用地手续未办结0",
        "说法不一",
        "约6亿元",
        "联络员",
        "张联络",
        "报道0",
    ):
        assert words in page, words
    assert "填报进展" not in page


def test_a_source_is_one_click_away(town, client):
    project = filling.full(town.east)
    town.sign_in(client, "gao")
    page = client.get(f"{PROJECTS}{project.pk}/change/").content.decode()
    link = re.search(r'href="(/admin/projects/source/\d+/change/)">报道0', page)
    assert "5亿元" in client.get(link[1]).content.decode()


def test_what_the_zone_above_keeps_to_itself_is_not_named(town, client, parker):
    above = filling.project(town.east, "全区母项目")
    part = facts.create(name="园区传感器项目", zone=town.east_park, parent=above)
    kept = filling.source(town.east, "全区内部通报")
    claims.assert_claim(part, "amount", money.read("5亿元"), source=kept)
    facts.enter(part, "sign", source=kept)
    facts.record(part, "weekly", filling.JUNE, words="打桩", source=kept)
    facts.promise(part, "started", date(2023, 9, 1), source=kept)
    facts.suspend(part, starts=date(2023, 7, 1), reason="资金不到位", approver="管委会主任", source=kept)
    plan = facts.plan_year(part, 2023, 1200, plans.even_targets(1200), source=kept)
    facts.approve_plan(plan)
    town.sign_in(client, parker)
    assert client.get(f"/admin/projects/source/{kept.pk}/change/").status_code == 404
    lists = [f"/admin/projects/{name}/" for name in ("claim", "entry", "progress", "suspension", "annualplan")]
    rows = [f"/admin/projects/{row._meta.model_name}/{row.pk}/change/" for row in (part, plan, part.milestones.get())]
    for url in (*lists, *rows):
        page = client.get(url)
        assert page.status_code == 200
        assert "全区内部通报" not in page.content.decode(), url
        assert "全区母项目" not in page.content.decode(), url
        assert "上级来源" in page.content.decode(), url


def test_a_whole_in_a_zone_above_survives_an_edit_by_who_cannot_see_it(town, client, park_office):
    part = facts.create(name="园区传感器项目", zone=town.east_park, parent=filling.project(town.east, "全区母项目"))
    town.sign_in(client, park_office)
    page = client.get(page_of(part))
    assert "全区母项目" not in page.content.decode()
    assert client.post(page_of(part), typed(page, content="年产50万套", parent="")).status_code == 302
    part.refresh_from_db()
    assert (part.content, part.parent.name) == ("年产50万套", "全区母项目")


def test_invented_figures_are_marked_wherever_they_stand(town, client):
    project = filling.project(town.east, is_demo=True)
    demo = filling.source(town.east, "演示资料", "demo")
    facts.record(project, "reported", filling.MAY, amount=1_000_000, source=demo)
    page = town.sign_in(client, "gao").get(f"{PROJECTS}{project.pk}/change/").content.decode()
    assert page.count("tk-mark-demo") >= 2


def test_returns_stand_on_the_page_with_their_state_and_the_last_photos(town, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    project = filling.project(town.east, done=None)
    facts.review_return(reported(project, filling.MAY, 40_000_000))
    facts.send_back_return(reported(project, filling.JUNE, 48_000_000, this_month=8_000_000), reason="缺说明")
    old, new = (
        facts.add_photo(project, month, picture(colour), place=place, by=town.chen)
        for month, colour, place in ((filling.JUNE, "white", "东侧"), (filling.JUNE, "red", "西侧"))
    )
    facts.remove_photo(old, by=town.chen)
    page = town.sign_in(client, "gao").get(f"{PROJECTS}{project.pk}/change/").content.decode()
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.split('id="returns"')[1].split("</section>")[0]))
    assert "2023年6月 退回 迟报 10 天 800万元 4800万元" in shown
    assert "2023年5月 已审 迟报 40 天 4000万元 4000万元" in shown
    assert "6月月报 · 西侧" in shown
    assert "东侧" not in shown
    photo = re.search(r'href="(/admin/projects/return/photos/\d+/)"', page)[1]
    assert photo == f"/admin/projects/return/photos/{new.pk}/"
    assert client.get(photo).status_code == 200


def test_a_page_costs_the_same_however_much_is_known(town, client):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"{PROJECTS}{project.pk}/change/").status_code == 200
        return len(seen)

    project = filling.full(town.east, user=town.zhang, department=town.east_office)
    town.sign_in(client, "chen")
    cost()
    few = cost()
    for month in range(1, 5):
        facts.record(project, "reported", plans.month_end(2023, month), amount=month * 1_000_000, by=town.zhang)
        facts.fill_return(project, plans.month_end(2023, month), {"year_to_date": month * 1_000_000}, by=town.zhang)
        facts.raise_problem(project, title=f"问题{month}", category="land", raised_on=date(2023, 6, month))
        facts.promise(project, "other", date(2023, 12, month), label=f"节点{month}")
    assert cost() == few


def test_rooms_above_put_their_panels_on_the_page(town, client, monkeypatch):
    monkeypatch.setattr(panels, "_registered", {})
    panels.register("weather", "天气", lambda request, project: f"{project.name}晴")
    panels.register("nothing", "空白", lambda request, project: "")
    project = filling.project(town.east, "某某产业园")
    page = town.sign_in(client, "gao").get(f"{PROJECTS}{project.pk}/change/").content.decode()
    assert "某某产业园晴" in page
    assert "空白" not in page


def test_typed_text_is_never_markup(town, client):
    project = filling.project(town.east, "<script>x</script>")
    facts.record(project, "reported", filling.MAY, words="<img src=x onerror=y>")
    town.sign_in(client, "gao")
    for url in (PROJECTS, f"{PROJECTS}{project.pk}/change/", "/admin/projects/progress/", "/admin/"):
        page = client.get(url).content.decode()
        assert "<script>x" not in page
        assert "<img src=x" not in page


def test_a_coordinator_opens_a_file_that_gets_a_number(town, client):
    town.sign_in(client, "chen")
    data = {
        "name": " 新能源汽车零部件产业园 ",
        "zone": town.east.pk,
        "content": "年产50万套",
        "category": "manufacturing",
    }
    assert client.post(f"{PROJECTS}add/", data).status_code == 302
    project = Project.objects.get()
    assert (project.name, project.code, project.content) == ("新能源汽车零部件产业园", "ZZGX-0001", "年产50万套")
    assert Standing.objects.filter(project=project).exists()


def test_a_project_that_has_a_file_gets_no_second_one(town, client):
    known = filling.project(town.east, "新能源汽车零部件产业园项目")
    page = town.sign_in(client, "chen").post(
        f"{PROJECTS}add/", {"name": "新能源汽车零部件产业园", "zone": town.east.pk}
    )
    assert f'/admin/projects/project/{known.pk}/change/">{known.name}（{known.code}）</a>' in page.content.decode()
    assert Project.objects.count() == 1


def test_facts_cannot_be_edited_by_posting_them(town, client):
    project = filling.full(town.east)
    town.sign_in(client, "chen")
    page = client.get(f"{PROJECTS}{project.pk}/change/")
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields} | {"content": "年产50万套"}
    data |= {"phase": "at_capacity", "investment_high": "1", "name": "夺来的", "terminated_on": "2023-01-01"}
    assert client.post(f"{PROJECTS}{project.pk}/change/", data).status_code == 302
    project.refresh_from_db()
    assert (project.content, project.phase, project.investment_high) == ("年产50万套", "signed", 500_000_000)
    assert project.name != "夺来的"
    assert project.terminated_on is None


def test_two_clicks_open_one_file_and_lead_to_it(town, client):
    town.sign_in(client, "chen")
    data = {"name": "新能源汽车零部件产业园", "zone": town.east.pk}
    assert client.post(f"{PROJECTS}add/", data).status_code == 302
    page = client.post(f"{PROJECTS}add/", data)
    assert f'href="{page_of(Project.objects.get())}"' in page.content.decode()


def test_a_file_opened_by_another_meanwhile_is_told(town, client, monkeypatch):
    filling.project(town.east, "新能源汽车零部件产业园")
    monkeypatch.setattr(ProjectForm, "_check_known", lambda form: None)  # as if it had been opened since
    page = town.sign_in(client, "chen").post(
        f"{PROJECTS}add/", {"name": "新能源汽车零部件产业园", "zone": town.east.pk, "content": "打到一半的字"}
    )
    assert page.status_code == 200
    assert "已有同名项目" in page.content.decode()
    assert "打到一半的字" in page.content.decode()


def test_names_that_differ_in_their_digits_are_two_projects(town, client):
    filling.project(town.east, "1.5万吨新材料项目")
    data = {"name": "15万吨新材料项目", "zone": town.east.pk}
    assert town.sign_in(client, "chen").post(f"{PROJECTS}add/", data).status_code == 302


def test_a_company_filled_in_is_a_statement_of_who_filled_it_in(town, client):
    project = filling.project(town.east)
    companies = [Company.objects.create(zone=town.east, name=f"{name}公司") for name in "甲乙"]
    town.sign_in(client, "chen")
    for company in companies:
        page = client.get(page_of(project))
        assert client.post(page_of(project), typed(page, company=company.pk)).status_code == 302
        project.refresh_from_db()
        assert project.company == company
        claim = project.claims.get(field="company", chosen=True)
        assert (claim.text, claim.source.kind, claim.recorded_by) == (company.name, "person", town.chen)
    assert project.claims.count() == 2
    page = client.post(page_of(project), typed(client.get(page_of(project)), company=""))
    assert "企业不能删去，只能改选" in page.content.decode()


def test_a_new_file_states_its_company_as_well(town, client):
    company = Company.objects.create(zone=town.east, name="甲公司")
    data = {"name": "新能源汽车零部件产业园", "zone": town.east.pk, "company": company.pk}
    assert town.sign_in(client, "chen").post(f"{PROJECTS}add/", data).status_code == 302
    project = Project.objects.get()
    assert project.company == company
    assert project.claims.get().source.title == "陈项目办填写"


def test_a_company_is_changed_only_where_it_is_kept(town, client):
    company = Company.objects.create(zone=town.west, name="河南某某公司")
    project = filling.project(town.east)
    facts.assign(project, "liaison", user=town.zhang)
    Project.objects.update(company=company)
    url = f"/admin/projects/company/{company.pk}/change/"
    for who in ("chen", "zhang"):
        town.sign_in(client, who)
        assert client.get(url).status_code == 200
        assert client.post(url, {"name": "改名", "zone": town.east.pk}).status_code == 403


def test_the_page_of_a_company_shows_some_of_its_projects(town, client):
    company = Company.objects.create(zone=town.east, name="河南某某公司")
    for number in range(30):
        facts.create(name=f"甲{number}号厂房", zone=town.east)
    Project.objects.update(company=company)
    page = town.sign_in(client, "chen").get(f"/admin/projects/company/{company.pk}/change/").content.decode()
    assert 0 < page.count("号厂房</") <= 20


def test_the_page_shows_each_value_once_and_a_bounded_number(town, client):
    project = filling.project(town.east)
    for number in range(30):
        said = money.read(f"{number // 2 + 1}亿元")
        claims.assert_claim(project, "amount", said, source=filling.source(town.east, f"报道{number}"))
    page = town.sign_in(client, "chen").get(page_of(project))
    shown = [claim.value for claim in page.context["page"]["claims"]]
    assert len(shown) == len(set(shown)) == 8
    assert shown[0] == "1亿元"
    every = client.get(page.context["page"]["claims_all"])
    assert every.context["cl"].result_count == 30


def test_a_project_is_no_part_of_its_own_part(town, client):
    whole = filling.project(town.east)
    part = filling.project(town.east)
    part.parent = whole
    part.save()
    town.sign_in(client, "chen")
    form = client.get(f"{PROJECTS}{whole.pk}/change/").context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields} | {"parent": part.pk}
    page = client.post(f"{PROJECTS}{whole.pk}/change/", data)
    assert "上级项目不能是自己或自己的子项目" in page.content.decode()
