"""编制年度计划 over HTTP: computing, typing, pasting, saving, approving, comparing, taking back."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.timezone import localtime

from projects import facts, plans
from projects.models import AnnualPlan, Standing
from projects.tests import filling
from projects.tests.screens import act, errors, messages, page_of

MONTHS = range(1, 13)


@pytest.fixture
def made(town):
    """A project without a plan."""
    return filling.project(town.east, plan=None, done=None)


@pytest.fixture
def office(town, client):
    return town.sign_in(client, "chen")


def data(amount="12000", **more):
    return {"year": "2023", "amount": amount, "reason": "", **{f"month_{n}": "" for n in MONTHS}, **more}


def months(values):
    return {f"month_{n}": str(value) for n, value in enumerate(values, start=1)}


def cells(page):
    form = page.context["form"]
    return [form[f"month_{n}"].value() for n in MONTHS]


def url(plan, what):
    return f"/admin/projects/annualplan/{plan.pk}/{what}/"


# ---- from draft to holding ---------------------------------------------------------------------------
def test_a_plan_is_drafted_by_the_office_and_approved_by_a_leader(town, client, made):
    town.sign_in(client, "chen")
    for _ in range(2):
        assert client.post(act(made, "plan"), data(carried="500")).status_code == 302
    plan = AnnualPlan.objects.get()
    assert (plan.amount, plan.carried, plan.method, plan.status) == (120_000_000, 5_000_000, "even", "draft")
    assert plan.author == town.chen
    assert list(plan.targets.values_list("amount", flat=True)) == plans.even_targets(120_000_000)
    assert Standing.objects.get(project=made).plan is None
    assert f'href="{url(plan, "approve")}"' not in client.get(page_of(made)).content.decode()
    town.sign_in(client, "gao")
    assert f'href="{url(plan, "approve")}"' in client.get(page_of(made)).content.decode()
    assert "6月底 6000万元" in client.get(url(plan, "approve")).content.decode()
    for _ in range(2):
        assert client.post(url(plan, "approve")).status_code == 302
    plan.refresh_from_db()
    assert (plan.status, plan.approved_by, plan.effective_from) == ("approved", town.gao, date(2023, 7, 10))
    assert Standing.objects.get(project=made).plan == 120_000_000


def test_a_plan_of_nothing_is_saved_and_said_to_judge_nothing(office, made):
    page = office.post(act(made, "plan"), data("0"), follow=True)
    assert "年度计划为零，不判定投资进度" in messages(page)[-1]
    assert AnnualPlan.objects.get().amount == 0


def test_another_plan_of_the_year_needs_a_reason(office, town):
    project = filling.project(town.east)
    form = office.get(act(project, "plan")).context["form"]
    assert (form["amount"].value(), form["month_6"].value()) == ("12000", "6000")
    page = office.post(act(project, "plan"), data("9000"))
    assert any("2023年已有计划（第1版），调整须写明原因" in error for error in errors(page))
    for _ in range(2):
        assert office.post(act(project, "plan"), data("9000", reason="省里调减")).status_code == 302
    rows = AnnualPlan.objects.order_by("edition").values_list("edition", "status", "amount")
    assert list(rows) == [(1, "approved", 120_000_000), (2, "draft", 90_000_000)]


# ---- computing ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("told", "sixth", "words"),
    [
        ({"method": "even"}, "6000", ""),
        ({"method": "even", "first_month": "7"}, "0", ""),
        ({"method": "s_curve"}, "6000", ""),
        ({"method": "season", "season": "north_winter"}, "5250", ""),
        ({"method": "season"}, "", "请选择季节方案"),
        ({"method": "steps"}, "", "没有带日期的节点，不能按节点分解"),
        ({"method": "last_year"}, "6000", "2022年没有完成投资数据，无从参照，已改为按月平均"),
    ],
)
def test_a_method_fills_the_months_and_saves_nothing(office, made, told, sixth, words):
    page = office.post(act(made, "plan"), data(compute="fill", **told))
    assert page.status_code == 200
    assert cells(page)[5] == sixth
    assert words in "".join(page.context["form"].notes)
    assert not AnnualPlan.objects.exists()


def test_steps_share_the_plan_by_their_days(office, made):
    first = facts.promise(made, "started", date(2023, 3, 31))
    last = facts.promise(made, "produced", date(2024, 6, 30))
    form = office.get(act(made, "plan")).context["form"]
    assert [(row.name, row.cell.value()) for row in form.step_rows] == [("开工", 50), ("投产", 50)]
    told = data("10000", method="steps", **{f"share_{first.pk}": "30", f"share_{last.pk}": "70"})
    page = office.post(act(made, "plan"), told | {"compute": "fill"})
    assert cells(page)[2] == "3000"
    assert cells(page)[11] == "10000"
    wrong = office.post(act(made, "plan"), told | {f"share_{last.pk}": "60"})
    assert any("份额合计应为 100%，现为 90%" in error for error in errors(wrong))
    assert office.post(act(made, "plan"), told).status_code == 302
    assert AnnualPlan.objects.get().method == "steps"


def test_last_years_shape_is_followed_and_months_it_lacks_are_named(office, made):
    for month, amount in ((3, 100), (6, 400)):
        facts.record(made, "reported", plans.month_end(2022, month), amount=amount)
    page = office.post(act(made, "plan"), data("400", method="last_year", compute="fill"))
    assert cells(page)[2:6] == ["100", "200", "300", "400"]
    assert "2022年的数据只到6月" in page.context["form"].notes[0]


def test_cells_may_hold_each_months_own_amount(office, made):
    even = data("12000", method="even", compute="fill")
    page = office.post(act(made, "plan"), even)
    turned = office.post(act(made, "plan"), even | months(cells(page)) | {"compute": "turn"})
    assert cells(turned) == ["1000"] * 12
    form = turned.context["form"]
    assert (form["basis"].value(), form.rows[5].beside, form.rows[5].share) == ("month", "6000", "50.0%")
    told = data("12000", basis="month", method="typed") | months([1500, 500, *[1000] * 10])
    assert office.post(act(made, "plan"), told).status_code == 302
    assert AnnualPlan.objects.get().targets.get(month=2).amount == 20_000_000


def test_what_was_edited_by_hand_is_kept_as_typed(office, made):
    told = data("12000", method="s_curve") | months([1000, *range(2000, 12001, 1000)])
    assert office.post(act(made, "plan"), told).status_code == 302
    assert AnnualPlan.objects.get().method == "typed"


# ---- pasting -----------------------------------------------------------------------------------------
def pasted(text, at="1", **more):
    return data("12000", **months(["7"] * 12)) | {"pasted": text, "pasted_at": at, **more}


def test_a_row_of_a_spreadsheet_is_pasted_in_whatever_way_it_is_written(office, made):
    row = "1,000.00\t２０００\t0.3亿\t4000万元\t5,000\t6000\t7000\t8000\t9000\t10000\t1.1亿元\t12,000.00\r\n"
    page = office.post(act(made, "plan"), pasted(row))
    assert page.context["form"].notes == []
    assert cells(page) == [str(1000 * n) for n in MONTHS]
    assert not AnnualPlan.objects.exists(), "it is looked at first"


def test_what_cannot_be_read_or_has_no_room_is_named_and_loses_nothing_else(office, made):
    page = office.post(act(made, "plan"), pasted("10000\n一大笔\n\n12000\n甲\n乙", at="9"))
    assert cells(page) == [*["7"] * 8, "10000", "7", "7", "12000"]
    unread, left = page.context["form"].notes
    assert "10月没有填入：“一大笔”不是能读懂的金额" in unread
    assert "从9月起只有 4 个格子，粘贴了 6 个，多出的 2 个没有填入：“甲”、“乙”" in left


# ---- what is refused ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount": ""}, "没有投资任务的填 0"),
        ({"amount": "一大笔"}, "不是"),
        ({"month_6": "6000"}, "12 个月要么都填，要么都不填"),
        ({"method": "typed"}, "逐月填写须填满 12 个月"),
        (months(1000 * n for n in MONTHS) | {"month_3": "500"}, "3月累计目标 500万元，少于2月的 2000万元"),
        (months(900 * n for n in MONTHS), "12 月的累计目标应等于年度计划 1.2亿元，现为 1.08亿元，差 1200万元"),
        (months([*range(1000, 11001, 1000), 13000]), "12月累计目标 1.3亿元，超过年度计划 1.2亿元"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_stays_on_the_form(office, made, changed, words):
    page = office.post(act(made, "plan"), data() | changed)
    assert page.status_code == 200
    assert any(words in error for error in errors(page))
    assert all(f'value="{value}"' in page.content.decode() for name, value in changed.items() if name[:5] == "month")
    assert not AnnualPlan.objects.exists()


# ---- editions ----------------------------------------------------------------------------------------
@pytest.fixture
def two(town, made):
    """An approved edition, and a slip of the unit that was approved after it."""
    first = facts.plan_year(made, 2023, 1_200_000, plans.even_targets(1_200_000), by=town.chen)
    facts.approve_plan(first, on=date(2023, 1, 10), by=town.gao)
    second = facts.plan_year(made, 2023, 12_000, [0] * 11 + [12_000], reason="省里调减", by=town.chen)
    return first, facts.approve_plan(second, on=date(2023, 5, 1), by=town.gao)


def test_two_editions_stand_side_by_side(office, town, two):
    first, second = two
    page = office.get(url(second, "compare"))
    context = page.context
    assert (context["older"], context["newer"]) == two
    assert context["months"][11].change == "-118.8万元"
    assert context["differing"] == "12 个月的目标有变化"
    told = {fact.name: (fact.older, fact.newer) for fact in context["facts"]}
    assert told["调整原因"] == ("", "省里调减")
    assert told["生效日期"] == ("2023-01-10", "2023-05-01")
    assert str(town.gao) in told["批准"]
    recorded = [f"{localtime(plan.recorded_at):%Y-%m-%d}" for plan in two]
    assert (told["编制"], told["录入日期"]) == ((str(town.chen),) * 2, tuple(recorded))
    assert office.get(url(first, "compare"), {"with": second.pk}).context["newer"] == second
    assert town.sign_in(office, "wang").get(url(second, "compare")).status_code == 404


def test_a_slip_is_withdrawn_by_a_leader_and_stays_on_the_list(client, town, made, two):
    first, second = two
    assert town.sign_in(client, "chen").post(url(second, "withdraw"), {"reason": "单位写错"}).status_code == 403
    town.sign_in(client, "gao")
    assert "作废后按2023年计划（第1版）（120万元）判定" in client.get(url(second, "withdraw")).content.decode()
    assert client.post(url(second, "withdraw"), {"reason": ""}).status_code == 200
    for _ in range(2):
        assert client.post(url(second, "withdraw"), {"reason": "单位写错"}).status_code == 302
    second.refresh_from_db()
    assert (second.status, second.withdrawn_by, second.withdrawn_reason) == ("withdrawn", town.gao, "单位写错")
    assert list(AnnualPlan.objects.holding_on(date(2023, 7, 10))) == [first]
    assert Standing.objects.get(project=made).plan == 1_200_000
    page = client.get(page_of(made)).content.decode()
    assert "作废2023年计划（第2版）：1.2万元" in page
    assert LogEntry.objects.filter(object_id=str(made.pk), change_message__contains="作废").count() == 2
    client.post(url(first, "withdraw"), {"reason": "整年不投"})
    assert Standing.objects.get(project=made).plan is None


def test_every_approved_edition_binds_until_it_is_withdrawn(two):
    first, second = two
    assert set(AnnualPlan.objects.binding_on(date(2023, 4, 30))) == {first}
    assert set(AnnualPlan.objects.binding_on(date(2023, 5, 1))) == {first, second}
    facts.withdraw_plan(first, reason="写错")
    assert set(AnnualPlan.objects.binding_on(date(2023, 5, 1))) == {second}
    with pytest.raises(Exception, match="已经作废"):
        facts.approve_plan(first)
