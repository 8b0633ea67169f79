"""What becomes of values that a stranger's ledgers hold: nothing is lost without a word."""

from datetime import date

import pytest

from projects.ledgers import desk
from projects.ledgers.tests.making import differences, imported, previewed, sheet
from projects.models import Entry, Period, Problem, Progress, Project, Series

pytestmark = pytest.mark.django_db
WAN = 10_000


def sentences(ledger):
    return [each[5] for row in ledger.rows.order_by("number") for each in row.differences if each[5]]


def test_a_part_of_a_project_waits_for_a_person_and_is_no_project_beside_its_whole(town):
    heads = ("序号", "项目名称", "总投资")
    made = sheet(("光电显示模组生产项目", 86000), ("其中：一期厂房", 46000), ("二期洁净车间", 40000), heads=heads)
    rows = [*made.rows[:4], ("1.1", *made.rows[4][1:]), (1.2, *made.rows[5][1:])]
    made = type(made)(made.name, tuple(rows))
    ledger = previewed(town.east, made)
    whole, *parts = ledger.rows.order_by("number")
    assert (whole.kind, [part.kind for part in parts]) == ("new", ["conflict", "conflict"])
    assert parts[0].differences[0][5] == (
        "是第4行项目的一部分（其中项），金额已含在那一行里：是另一个项目的请选定，不是的请选“不导入这一行”"
    )
    desk.choose_match(parts[0], "new", by=None)
    ledger.refresh_from_db()
    desk.exclude_row(ledger.rows.get(number=6), out=True, by=None)
    ledger.refresh_from_db()
    desk.confirm(ledger, by=None)
    assert set(Project.objects.values_list("name", flat=True)) == {"光电显示模组生产项目", "一期厂房"}


def test_a_state_in_a_column_of_days_is_taken_and_said(town):
    heads = ("序号", "项目名称", "开工时间", "预计投产时间")
    ledger, _ = imported(
        town.east, sheet(("甲醇项目", "2021-11-08", "已投产"), ("乙烯项目", "暂未开工", "2024-06"), heads=heads)
    )
    one, two = (Project.objects.get(name=name) for name in ("甲醇项目", "乙烯项目"))
    assert one.milestones.get(kind="produced").done
    assert not two.milestones.filter(kind="started", done=True).exists()
    assert [row.doubts for row in ledger.rows.order_by("number")] == [
        [["D", "“已投产”：按投产已完成读入，日期不详", False]],
        [["C", "“暂未开工”不是日期，只保留原文", False]],
    ]


def test_every_month_that_cannot_be_added_up_is_named(town):
    heads = ("序号", "项目名称", "4月完成投资", "5月完成投资", "6月完成投资")
    ledger = previewed(town.east, sheet(("甲醇项目", 360, 400, 440), heads=heads))
    assert "不知道截至3月底的累计数，4月、5月、6月的数没有加进去" in sentences(ledger)
    assert (4, "month_done", "note", "", "360万元、400万元、440万元") in differences(ledger)
    ledger = previewed(town.east, sheet(("甲醇项目", 360, 400, 440, 1960), heads=(*heads, "1-6月累计完成投资")))
    assert "4月、5月的数没有单独登记：截至6月的累计数里已有" in sentences(ledger)


def test_a_month_that_was_corrected_downwards_spoils_no_row_whose_sum_is_told(town):
    heads = ("序号", "项目名称", "6月完成投资", "1-6月累计完成投资")
    ledger, _ = imported(town.east, sheet(("甲醇项目", -120, 1580), heads=heads))
    assert Progress.objects.get().amount == 1580 * WAN
    assert ledger.rows.get().doubts == [["C", "“-120”是负数：当月数没有读入，以累计数为准", False]]
    ledger = previewed(town.east, sheet(("乙烯项目", -120), heads=heads))
    assert ledger.rows.get().kind == "wrong"


def test_a_problem_that_the_ledger_calls_solved_is_not_opened(town):
    heads = ("序号", "项目名称", "存在问题", "解决时限", "是否解决")
    made = sheet(
        ("甲醇项目", "用电不足", "2023-07-15", "否"), ("乙烯项目", "坟墓未迁", "2023-05-31", "是"), heads=heads
    )
    ledger, _ = imported(town.east, made)
    assert Problem.objects.values_list("title", "deadline").get() == ("用电不足", date(2023, 7, 15))
    assert "台账写明已解决，没有列为问题" in sentences(ledger)
    now = sheet(("甲醇项目", "用电不足", "2023-07-15", "是"), heads=heads, title="高新区2023年7月重点项目台账")
    assert sentences(previewed(town.east, now)) == ["台账写明已解决，这里还没有销号：请在问题页销号"]


def test_the_second_row_of_a_new_project_says_so(town):
    heads = ("序号", "项目名称", "存在问题")
    ledger = previewed(town.east, sheet(("甲醇项目", "用电不足"), ("甲醇项目", "坟墓未迁"), heads=heads))
    assert [row.match["why"] for row in ledger.rows.order_by("number")] == [
        "没有相同或相近的项目，新建档案",
        "与第4行是同一个新项目",
    ]


def test_a_list_of_a_round_says_by_title_and_section_which_batch_its_projects_are_in(town):
    Period.objects.create(series=Series.objects.create(code="three", name="三个一批", zone=town.province), number=8)
    heads = ("序号", "项目名称", "总投资")
    base = sheet(("甲醇项目", 12000), heads=heads, title="高新区第八次“三个一批”项目清单")
    more = [("一、开工项目", None, None), base.rows[3], ("二、投产项目", None, None), (1, "乙烯项目", 3500)]
    made = type(base)("清单", (*base.rows[:3], *more))
    ledger, _ = imported(town.east, made)
    entries = Entry.objects.order_by("project__pk").values_list("project__name", "batch", "period__number")
    assert list(entries) == [("甲醇项目", "start", 8), ("乙烯项目", "produce", 8)]
    assert "按标题“高新区第八次“三个一批”项目清单”和“一、开工项目”" in sentences(ledger)
    assert imported(town.east, made)[1].nothing


@pytest.mark.parametrize(
    ("title", "section"),
    [
        ("高新区“三个一批”项目台账", "一、开工项目"),
        ("高新区第八次“三个一批”项目", "一、拟开工项目"),
        ("高新区台账", "一、开工项目"),
    ],
)
def test_what_no_round_lists_enters_no_batch(town, title, section):
    base = sheet(("甲醇项目", 12000), heads=("序号", "项目名称", "总投资"), title=title)
    imported(town.east, type(base)("清单", (*base.rows[:3], (section, None, None), base.rows[3])))
    assert Project.objects.exists()
    assert not Entry.objects.exists()
