"""Telling facts of a project over HTTP: progress, steps, problems."""

from datetime import date

import pytest

from projects import facts
from projects.models import Assignment, Company, Milestone, Problem, Progress, Standing
from projects.tests import filling
from projects.tests.screens import PROJECTS, act, errors, messages, typed
from zones.models import Department


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [
        ("5363.47", 53_634_700),
        ("5,363.47", 53_634_700),
        ("1.2亿元", 120_000_000),
        ("４８００万元", 48_000_000),
        ("0", 0),
    ],
)
def test_progress_is_told_as_the_field_writes_it(town, client, typed, yuan):
    project = filling.project(town.east, done=None)
    facts.assign(project, "liaison", user=town.zhang)
    town.sign_in(client, "zhang")
    data = {"up_to": "2023-06-30", "amount": typed, "words": "主体封顶", "percent": "", "channel": "weekly"}
    page = client.post(act(project, "record"), data, follow=True)
    row = Progress.objects.get()
    assert (row.amount, row.up_to, row.words, row.recorded_by) == (yuan, filling.JUNE, "主体封顶", town.zhang)
    assert page.redirect_chain[-1][0] == f"{PROJECTS}{project.pk}/change/"
    assert "再填一次" in messages(page)[0]
    assert Standing.objects.get(project=project).done == yuan


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("一千多", "不是"),
        ("-5", "负数"),
        ("3000万美元", "只填人民币"),
        ("30-50亿元", "不是一个准确的数"),
        ("约5000万元", "不是一个准确的数"),
        (".8亿元", "不是能读懂的金额"),
        ("12.34567", ""),
        ("500000", "年度计划 1.2亿元 的 3 倍以上"),
    ],
)
def test_an_amount_that_cannot_be_meant_is_refused_and_stays_on_the_form(town, client, typed, words):
    project = filling.project(town.east, done=None)
    town.sign_in(client, "chen")
    data = {"up_to": "2023-06-30", "amount": typed, "words": "打到一半的字", "channel": "weekly"}
    page = client.post(act(project, "record"), data)
    assert page.status_code == 200
    assert any(words in error for error in errors(page))
    assert f'value="{typed}"' in page.content.decode()
    assert "打到一半的字" in page.content.decode()
    assert not Progress.objects.exists()


def test_a_falling_cumulative_figure_is_asked_about_and_then_believed(town, client):
    project = filling.project(town.east, done=None)
    facts.record(project, "reported", filling.MAY, amount=50_000_000)
    town.sign_in(client, "chen")
    data = {"up_to": "2023-06-30", "amount": "4000", "words": "", "channel": "weekly"}
    page = client.post(act(project, "record"), data)
    assert any("比截至2023-05-31的 5000万元 还少" in error for error in errors(page))
    assert 'name="sure"' in page.content.decode()
    assert client.post(act(project, "record"), data | {"sure": "on"}).status_code == 302
    assert Progress.objects.get(up_to=filling.JUNE).amount == 40_000_000


def test_telling_twice_by_a_double_click_tells_once(town, client):
    project = filling.project(town.east, done=None)
    town.sign_in(client, "chen")
    data = {"up_to": "2023-06-30", "amount": "4000", "words": "", "channel": "weekly"}
    pages = [client.post(act(project, "record"), data, follow=True) for _ in range(2)]
    assert Progress.objects.count() == 1
    assert "没有变化" in messages(pages[1])[-1]
    data = {"title": "用地手续未办结", "category": "land", "raised_on": "2023-07-10", "deadline": "2023-08-01"}
    for _ in range(2):
        client.post(act(project, "problem"), data)
    assert Problem.objects.count() == 1


def test_a_correction_keeps_what_was_told_before(town, client):
    project = filling.project(town.east, done=None)
    facts.record(project, "weekly", filling.JUNE, amount=48_000_000)
    town.sign_in(client, "chen")
    data = {"up_to": "2023-06-30", "amount": "4900", "words": "", "channel": "weekly"}
    client.post(act(project, "record"), data)
    assert sorted(Progress.objects.values_list("amount", "current")) == [(48_000_000, False), (49_000_000, True)]


def test_the_month_that_is_due_stands_first(town, client):
    project = filling.project(town.east)
    page = town.sign_in(client, "chen").get(act(project, "record"))
    field = page.context["form"].fields["up_to"]
    assert field.initial == "2023-06-30"
    assert [label for _, label in field.choices[:2]] == ["2023年6月底", "2023年5月底"]
    assert field.choices[-1] == ("2023-07-10", "今天（2023-07-10）")
    assert "上次：截至2023-06-30，年内累计 4800万元" in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2023-06-28", date(2023, 6, 28), date(2023, 6, 28)),
        ("2023年6月", date(2023, 6, 1), date(2023, 6, 30)),
        ("2023年7月", date(2023, 7, 1), date(2023, 7, 10)),
        ("", None, None),
    ],
)
def test_a_step_is_told_to_be_done_as_precisely_as_is_known(town, client, typed, first, last):
    project = filling.project(town.east)
    town.sign_in(client, "chen")
    page = client.post(act(project, "reach"), {"step": "started|", "when": typed, "reason": ""}, follow=True)
    row = Milestone.objects.get(kind="started")
    assert (row.done, row.actual_first, row.actual_last) == (True, first, last)
    assert row.changes.get().by == town.chen
    assert "撤销" in messages(page)[0]
    project.refresh_from_db()
    assert project.phase == "started"


@pytest.mark.parametrize(
    ("typed", "words"),
    [("2023-08-01", "不能晚于今天"), ("2023年8月", "不能晚于今天"), ("快了", "不是"), ("2023年2月30日", "不是")],
)
def test_a_day_that_cannot_be_is_refused(town, client, typed, words):
    project = filling.project(town.east)
    page = town.sign_in(client, "chen").post(act(project, "reach"), {"step": "started|", "when": typed})
    assert any(words in error for error in errors(page))
    assert f'value="{typed}"' in page.content.decode()
    assert not Milestone.objects.filter(done=True).exists()


def test_a_step_told_by_mistake_is_taken_back_with_a_reason(town, client):
    project = filling.project(town.east)
    row = facts.reach(project, "started", date(2023, 6, 1))
    town.sign_in(client, "chen")
    assert client.post(act(project, "undo"), {"step": row.pk, "reason": ""}).status_code == 200
    assert client.post(act(project, "undo"), {"step": row.pk, "reason": "报错项目"}).status_code == 302
    row.refresh_from_db()
    assert (row.done, row.changes.last().reason) == (False, "报错项目")
    page = client.get(f"{PROJECTS}{project.pk}/change/").content.decode()
    assert "报错项目" in page


def test_a_problem_is_raised_and_closed_and_the_closing_taken_back(town, client):
    project = filling.project(town.east)
    facts.assign(project, "liaison", user=town.zhang)
    town.sign_in(client, "zhang")
    data = {
        "title": "施工许可未取得",
        "category": "permit",
        "department": town.east_office.pk,
        "raised_on": "2023-07-10",
        "deadline": "2023-07-31",
    }
    assert client.post(act(project, "problem"), data).status_code == 302
    problem = Problem.objects.get()
    assert (problem.zone, problem.department, problem.deadline) == (town.east, town.east_office, date(2023, 7, 31))
    close = f"/admin/projects/problem/{problem.pk}/close/"
    assert client.post(close, {"on": "2023-07-10", "note": ""}).status_code == 200
    page = client.post(close, {"on": "2023-07-10", "note": "许可证已核发"}, follow=True)
    assert "撤销销号" in messages(page)[0]
    problem.refresh_from_db()
    assert (problem.closed_on, problem.closing_note) == (date(2023, 7, 10), "许可证已核发")
    again = client.post(close, {"on": "2023-07-10", "note": "再销一次"})
    assert any("此前已销号" in error for error in errors(again))
    reopen = f"/admin/projects/problem/{problem.pk}/reopen/"
    assert client.post(reopen, {"reason": ""}).status_code == 200
    assert client.post(reopen, {"reason": "许可证被收回"}).status_code == 302
    problem.refresh_from_db()
    assert problem.closed_on is None
    page = client.get(f"/admin/projects/problem/{problem.pk}/change/").content.decode()
    assert "许可证已核发" in page
    assert "许可证被收回" in page


def test_a_deadline_of_a_problem_moves_only_with_a_reason_and_leaves_a_mark(town, client):
    project = filling.project(town.east)
    problem = facts.raise_problem(
        project, title="用地", category="land", raised_on=date(2023, 6, 1), deadline=date(2023, 6, 10)
    )
    town.sign_in(client, "chen")
    url = f"/admin/projects/problem/{problem.pk}/"
    data = typed(client.get(f"{url}change/"), title="用地手续", deadline="2023-12-31")
    assert client.post(f"{url}change/", data).status_code == 302
    problem.refresh_from_db()
    assert (problem.title, problem.deadline) == ("用地手续", date(2023, 6, 10))
    assert client.post(f"{url}move/", {"deadline": "2023-12-31", "reason": ""}).status_code == 200
    for _ in range(2):
        assert client.post(f"{url}move/", {"deadline": "2023-12-31", "reason": "等省厅批复"}).status_code == 302
    problem.refresh_from_db()
    assert problem.deadline == date(2023, 12, 31)
    assert list(problem.events.values_list("what", "deadline", "note")) == [
        ("raised", date(2023, 6, 10), ""),
        ("moved", date(2023, 12, 31), "等省厅批复"),
    ]


def test_nothing_more_is_told_of_a_terminated_project(town, client):
    project = filling.project(town.east)
    facts.terminate(project, on=date(2023, 6, 1), reason="企业放弃投资")
    town.sign_in(client, "chen")
    data = {"up_to": "2023-06-30", "amount": "4900", "words": "", "channel": "weekly"}
    page = client.post(act(project, "record"), data)
    assert any("已终止" in error for error in errors(page))
    assert "填报进展</a>" not in client.get(f"{PROJECTS}{project.pk}/change/").content.decode()


def test_an_assignment_is_ended_and_not_rewritten(town, client):
    project = filling.project(town.east)
    row, _ = facts.assign(project, "liaison", user=town.zhang, starts=date(2023, 1, 1))
    town.sign_in(client, "chen")
    url = f"/admin/projects/assignment/{row.pk}/change/"
    form = client.get(url).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields} | {"ends": "2023-06-30", "user": town.li.pk}
    assert client.post(url, data).status_code == 302
    row.refresh_from_db()
    assert (row.user, row.ends) == (town.zhang, date(2023, 6, 30))
    assert Assignment.objects.in_force(date(2023, 7, 10)).count() == 0


def test_a_company_problem_lies_in_the_company_s_zone(town, client):
    company = Company.objects.create(zone=town.east, name="河南某某有限公司")
    town.sign_in(client, "chen")
    data = {"company": company.pk, "title": "用工缺口", "category": "labour", "raised_on": "2023-07-10"}
    assert client.post("/admin/projects/problem/add/", data).status_code == 302
    problem = Problem.objects.get()
    assert (problem.zone, problem.recorded_by) == (town.east, town.chen)
    assert [(e.what, e.by) for e in problem.events.all()] == [("raised", town.chen)]
    page = client.post("/admin/projects/problem/add/", data | {"company": "", "title": "无主问题"})
    assert "请选择项目或企业" in page.content.decode()
    assert Department.objects.count() == 2
