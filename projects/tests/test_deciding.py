"""Deciding over HTTP: which statement holds, deadlines, standstills, ends, plans approved; and who may."""

from datetime import date

import pytest

from projects import claims, facts, money, plans
from projects.models import AnnualPlan, Entry, Suspension
from projects.tests import filling
from projects.tests.screens import act, errors, found, messages, page_of


@pytest.fixture
def made(town):
    """A project of which the liaison has charge."""
    project = filling.project(town.east)
    facts.assign(project, "liaison", user=town.zhang)
    return project


def disputed(project):
    """Two statements of one amount, the second of which waits."""
    where = [filling.source(project.zone, title) for title in ("报道甲", "台账乙")]
    claims.assert_claim(project, "amount", money.read("5亿元"), source=where[0])
    return claims.assert_claim(project, "amount", money.read("6亿元"), source=where[1])[0]


def rows_of(project):
    """One row of each kind that is decided on a page of its own, and the name of the act."""
    return [
        ("claim", disputed(project).pk, "choose"),
        ("milestone", facts.promise(project, "started", date(2023, 9, 30)).pk, "approve"),
        ("entry", facts.enter(project, "sign")[0].pk, "leave"),
        ("annualplan", facts.plan_year(project, 2024, 1200, plans.even_targets(1200)).pk, "approve"),
        ("suspension", stopped(project).pk, "resume"),
    ]


def stopped(project, starts=date(2023, 7, 1)):
    return facts.suspend(project, starts=starts, reason="资金不到位", approver="管委会主任")


def url(model, pk, what):
    return f"/admin/projects/{model}/{pk}/{what}/"


# ---- who may -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "on_project", "on_rows"),
    [
        ("chen", 200, [200, 200, 200, 403, 200]),
        ("gao", 403, [403, 200, 403, 200, 403]),
        ("zhang", 403, [403, 403, 403, 403, 403]),
        ("viewer", 403, [403, 403, 403, 403, 403]),
        ("wang", 404, [404, 404, 404, 404, 404]),
    ],
)
def test_an_office_decides_and_a_leader_approves(town, client, made, who, on_project, on_rows):
    town.sign_in(client, who)
    rows = rows_of(made)
    before = Suspension.objects.count(), AnnualPlan.objects.count(), Entry.objects.filter(left_on=None).count()
    for ask in (client.get, client.post):
        for what in ("promise", "plan", "schedule", "suspend", "terminate"):
            assert ask(act(made, what)).status_code == on_project, what
    assert [client.get(url(*row)).status_code for row in rows] == on_rows
    refused = [row for row, answer in zip(rows, on_rows, strict=True) if answer != 200]
    assert {client.post(url(*row), {"on": "2023-07-10", "reason": "越权"}).status_code for row in refused} <= {403, 404}
    left = Entry.objects.filter(left_on=None).count()
    assert (Suspension.objects.count(), AnnualPlan.objects.count(), left) == before


@pytest.mark.parametrize(("who", "there"), [("chen", True), ("zhang", False), ("gao", False)])
def test_the_page_offers_only_what_one_may_do(town, client, made, who, there):
    disputed(made)
    facts.enter(made, "sign")
    page = town.sign_in(client, who).get(page_of(made)).content.decode()
    words = ("采用此说法", "承诺 / 调整期限", "编制年度计划</a>", "倒排工期</a>", "停缓建</a>", "终止项目", "调出</a>")
    assert [word in page for word in words] == [there] * len(words)


# ---- statements --------------------------------------------------------------------------------------
def test_another_statement_is_preferred(town, client, made):
    claim = disputed(made)
    town.sign_in(client, "chen")
    where = url("claim", claim.pk, "choose")
    assert f'href="{where}"' in client.get(page_of(made)).content.decode()
    assert "现采用“5亿元”，改为采用“6亿元”" in client.get(where).content.decode()
    for _ in range(2):
        assert client.post(where).status_code == 302
    made.refresh_from_db()
    assert made.investment_high == 600_000_000
    page = client.get(page_of(made)).content.decode()
    assert "采用此说法：总投资：6亿元" in page
    assert "说法不一" in page


# ---- deadlines ---------------------------------------------------------------------------------------
def test_a_deadline_is_promised_then_approved_then_moved_with_a_reason(town, client, made):
    town.sign_in(client, "chen")
    data = {"step": "started|", "label": "", "deadline": "2023-09-30", "reason": ""}
    for _ in range(2):
        assert client.post(act(made, "promise"), data).status_code == 302
    row = made.milestones.get()
    assert (row.planned, row.baseline, row.changes.count()) == (date(2023, 9, 30), None, 1)
    assert "批准为首次承诺" in client.get(page_of(made)).content.decode()
    assert client.post(url("milestone", row.pk, "approve")).status_code == 302
    page = client.post(act(made, "promise"), data | {"deadline": "2023-12-31"})
    assert any("此前承诺 2023-09-30，调整期限须写明原因" in error for error in errors(page))
    assert 'value="2023-12-31"' in page.content.decode()
    moved = data | {"deadline": "2023-12-31", "reason": "图纸变更"}
    assert client.post(act(made, "promise"), moved).status_code == 302
    row.refresh_from_db()
    assert (row.planned, row.baseline) == (date(2023, 12, 31), date(2023, 9, 30))
    assert row.changes.last().by == town.chen


def test_a_step_of_its_own_name_is_promised(town, client, made):
    town.sign_in(client, "chen")
    data = {"step": "other|", "label": "", "deadline": "2023-09-30", "reason": ""}
    assert "请写明节点名称" in errors(client.post(act(made, "promise"), data))
    assert client.post(act(made, "promise"), data | {"label": "设备进场"}).status_code == 302
    assert made.milestones.get().label == "设备进场"
    again = {"step": "other|设备进场", "label": "", "deadline": "2023-10-31", "reason": "运输延误"}
    assert client.post(act(made, "promise"), again).status_code == 302
    assert made.milestones.get().planned == date(2023, 10, 31)


# ---- standing still, ending, leaving -----------------------------------------------------------------
def test_a_standstill_needs_an_approver_and_ends_the_day_before_work_begins(town, client, made):
    town.sign_in(client, "chen")
    data = {"kind": "stopped", "starts": "2023-07-01", "reason": "资金不到位", "approver": ""}
    assert client.post(act(made, "suspend"), data).status_code == 200
    assert not Suspension.objects.exists()
    data |= {"approver": "管委会主任"}
    pages = [client.post(act(made, "suspend"), data, follow=True) for _ in range(2)]
    assert "没有变化" in messages(pages[1])[-1]
    row = Suspension.objects.get()
    assert found(client, state="suspended") == {made.pk}
    resume = url("suspension", row.pk, "resume")
    assert f'href="{resume}"' in pages[1].content.decode()
    assert any("不能晚于今天" in error for error in errors(client.post(resume, {"on": "2023-07-11"})))
    for _ in range(2):
        assert client.post(resume, {"on": "2023-07-10"}).status_code == 302
    row.refresh_from_db()
    assert (row.ends, row.ended_by) == (date(2023, 7, 9), town.chen)
    assert found(client, state="suspended") == set()


def test_two_standstills_at_once_are_refused(town, client, made):
    stopped(made)
    data = {"kind": "deferred", "starts": "2023-07-05", "reason": "规划调整", "approver": "管委会主任"}
    page = town.sign_in(client, "chen").post(act(made, "suspend"), data)
    assert any("已在停缓建中" in error for error in errors(page))
    assert "规划调整" in page.content.decode()


def test_a_project_is_terminated_once(town, client, made):
    town.sign_in(client, "chen")
    data = {"on": "2023-07-10", "reason": ""}
    assert client.post(act(made, "terminate"), data).status_code == 200
    data |= {"reason": "企业放弃投资"}
    for _ in range(2):
        assert client.post(act(made, "terminate"), data).status_code == 302
    again = client.post(act(made, "terminate"), {"on": "2023-07-09", "reason": "重复"})
    assert any("已于 2023-07-10 终止" in error for error in errors(again))
    made.refresh_from_db()
    assert (made.terminated_on, made.terminated_by) == (date(2023, 7, 10), town.chen)
    assert "终止项目</a>" not in client.get(page_of(made)).content.decode()


def test_an_entry_is_left_with_a_reason(town, client, made):
    entry, _ = facts.enter(made, "sign")
    town.sign_in(client, "chen")
    where = url("entry", entry.pk, "leave")
    assert client.post(where, {"on": "2023-07-10", "reason": ""}).status_code == 200
    for _ in range(2):
        assert client.post(where, {"on": "2023-07-10", "reason": "资金未到位"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.left_on, entry.left_reason, entry.left_by) == (date(2023, 7, 10), "资金未到位", town.chen)
