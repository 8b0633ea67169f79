"""Headings, units, years and days as other offices write them."""

import pytest

from projects.ledgers.tests.understanding.making import data, line, meanings, read, sheet, table, yuan
from projects.ledgers.understanding import Answers, Told

WAN, YI = 10_000, 100_000_000
NAME = "甲醇项目"


def held(found, *codes):
    """Year and month of the columns that mean one of these."""
    return [(column.meaning, column.year, column.month) for column in found.columns if column.meaning in codes]


def asked(found):
    return [(question.code, question.column) for question in found.questions]


def test_months_below_a_heading_of_the_year_are_what_was_done_in_each():
    found = table(
        line("2023年6月情况表（单位：万元）"),
        line("项目名称|总投资|2023年完成投资|||2023年入统投资|"),
        line("||4月|5月|1-6月累计|5月|6月"),
        [NAME, 12000, 360, 400, 1960, 300, 310],
        merged=[(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 4), (1, 5, 1, 6)],
    )
    assert held(found, "month_done", "year_done", "stats_month", "stats_done") == [
        ("month_done", 2023, 4),
        ("month_done", 2023, 5),
        ("year_done", 2023, 6),
        ("stats_month", 2023, 5),
        ("stats_month", 2023, 6),
    ]
    assert found.questions == ()
    alone = table(line("2023年6月（万元）"), line("项目名称|2023年完成投资（6月）"), [NAME, 400], ["乙烯项目", 300])
    assert [question.choices for question in alone.questions] == [("month_done", "year_done", "")]


@pytest.mark.parametrize("title", ["项目情况（单位：万元）", "2023年6月项目情况（单位：万元）"])
def test_a_year_that_is_past_is_taken_whole_and_is_no_year_of_the_table(title):
    found = table(
        line(title),
        line("项目名称|总投资|2022年完成投资|2023年5月完成投资|2023年1-6月累计完成投资"),
        [NAME, 12000, 900, 400, 1960],
    )
    assert held(found, "year_done") == [("year_done", 2022, 12), ("year_done", 2023, 6)]
    assert (found.year, found.month, found.questions) == (2023, 6, ())


def test_last_year_beside_months_of_a_year_that_only_the_title_names():
    found = table(
        line("2023年6月项目情况（单位：万元）"), line("项目名称|总投资|2022年完成|1-6月完成"), [NAME, 12000, 900, 1960]
    )
    assert (held(found, "year_done"), found.questions) == ([("year_done", 2022, 12), ("year_done", 2023, 6)], ())


def test_what_will_have_been_spent_by_the_end_of_the_year_is_asked_for_and_the_first_half_is_not():
    found = table(
        line("2023年度投资情况（单位：万元）"),
        line("项目名称|总投资|上半年完成|年底前预计完成"),
        [NAME, 12000, 1800, 4200],
    )
    assert (meanings(found), asked(found)) == ("name investment year_done -", [("meaning", 3)])
    assert held(found, "year_done") == [("year_done", 2023, 6)]


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("签约额", "investment"),
        ("协议金额", "investment"),
        ("预期年产值（亿元）", "sales"),
        ("达产后预计年营业收入", "sales"),
        ("预计年税收", "tax"),
        ("2022年·年底累计", "carried"),
        ("2022年末累计", "carried"),
    ],
)
def test_what_money_is_called_elsewhere_is_known_without_a_question(heading, meaning):
    heads = heading.split("·")
    rows = [line("2023年6月（单位：万元）"), line(f"项目名称|建设单位|{heads[0]}"), [NAME, "甲", 900], ["乙", "乙", 80]]
    if len(heads) > 1:
        rows.insert(2, line(f"||{heads[1]}"))
    found = table(*rows, merged=[(1, 0, 2, 0), (1, 1, 2, 1)] if len(heads) > 1 else ())
    assert found.columns[-1].meaning == meaning
    assert found.questions == ()


def test_a_column_of_money_that_nobody_knows_is_asked_for_whatever_it_is_called():
    found = table(
        line("2023年6月（单位：万元）"), line("项目名称|今年计划|已完成|贷款额"), [NAME, 400, 180, 5], ["乙", 30, 20, 6]
    )
    assert asked(found) == [("meaning", 2), ("meaning", 3)]


@pytest.mark.parametrize(
    ("unit", "yuans"), [("千元", 1000), ("百万元", 1_000_000), ("人民币万元", 10_000), ("人民币：亿元", 100_000_000)]
)
def test_every_unit_of_money_is_read_as_it_is_written(unit, yuans):
    found = table(line(f"2023年6月（单位：{unit}）"), line("项目名称|总投资|年度计划"), [NAME, 350, "120.5"])
    (row,) = data(found)
    assert (found.questions, yuan(row["investment"]), yuan(row["annual_plan"])) == ((), 350 * yuans, 120.5 * yuans)
    head = table(line("2023年6月"), line(f"项目名称|总投资（{unit}）"), [NAME, 350])
    assert (head.questions, yuan(data(head)[0]["investment"])) == ((), 350 * yuans)


def test_a_unit_that_stands_alone_in_a_corner_is_that_of_the_table_and_no_heading():
    found = table(
        line("2023年6月计划表"),
        line("|||万元"),
        line("项目名称|总投资|年度计划|调整原因"),
        [NAME, 12000, 4000, None],
    )
    assert (found.unit, found.questions, found.columns[3].heading) == ("万元", (), ("调整原因",))
    assert yuan(data(found)[0]["investment"]) == 12000 * WAN


def test_the_few_cells_without_a_unit_among_many_that_have_one_are_named_in_the_question():
    rows = [[f"第{number}号厂房", f"{number}.5亿元", f"{number}0万元"] for number in range(1, 6)]
    found = table(line("2023年6月"), line("项目名称|总投资|年度计划投资"), *rows, [NAME, 4500, 0])
    (question,) = found.questions
    assert question.text == "B列“总投资”多数格里写了单位，第8行“4500”没有写：请选定是元、万元还是亿元"


HEADS = line("项目名称|2023年计划投资||"), line("|年初计划|调整后计划|增减")
MERGED = [(1, 0, 2, 0), (1, 1, 1, 3)]


def test_the_adjusted_plan_is_the_one_in_force_and_where_it_is_blank_the_first_with_a_doubt():
    found = table(
        line("2023年6月（单位：万元）"),
        *HEADS,
        [NAME, 4000, 4500, 500],
        ["乙烯项目", 18000, None, None],
        merged=MERGED,
    )
    assert (meanings(found), found.questions) == ("name - annual_plan -", ())
    one, two = (row["annual_plan"] for row in data(found))
    assert (yuan(one), one.doubt) == (4500 * WAN, "")
    assert (yuan(two), two.doubt) == (18000 * WAN, "这一格空着，按B列“2023年计划投资·年初计划”的“18000”读入")


def test_an_answer_brings_up_no_question_about_a_column_that_was_known():
    rows = line("2023年6月（单位：万元）"), line("项目名称|年度计划投资|今年计划投资"), [NAME, 4000, 4500]
    first = table(*rows)
    assert asked(first) == [("meaning", 2)]
    told = Told(tables={first.key: Answers(meanings={first.columns[2].key: "annual_plan"})})
    found = table(*rows, told=told)
    assert (meanings(found), found.questions) == ("name - annual_plan", ())


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("2023年重点项目进度表（截至6月25日，单位：万元）", 25),
        ("重点项目进度表（截止到2023年6月25日，单位：万元）", 25),
        ("2023年6月重点项目进度表（万元，填报日期：6月25日）", None),
        ("2023年重点项目进度表（截至6月底，单位：万元）", None),
    ],
)
def test_the_day_up_to_which_the_figures_hold_is_kept(title, day):
    found = table(line(title), line("项目名称|年度累计完成投资"), [NAME, 1800])
    assert (found.year, found.month, found.day) == (2023, 6, day)


def test_a_heading_may_say_the_day_as_well():
    found = table(line("2023年（万元）"), line("项目名称|截至6月25日年度累计完成投资"), [NAME, 1800])
    assert (meanings(found), found.month, found.day) == ("name year_done", 6, 25)


def test_an_amount_that_several_projects_share_is_nobodys():
    found = table(
        line("2023年6月台账（单位：万元）"),
        line("项目名称|总投资|年度计划"),
        ["釉料一线", 20000, 300],
        ["釉料二线", None, 400],
        merged=[(2, 1, 3, 1)],
    )
    one, two = (row["investment"] for row in data(found))
    assert (one.value, two.value) == (None, None)
    assert one.doubt == two.doubt == "合并单元格的金额：第3行至第4行共用“20000”，不知道各是多少，没有读入：请分别填写"


def test_sheets_that_follow_take_no_unit_alone_for_a_heading():
    found = read(sheet(line("亿元"), line("项目名称|总投资"), [NAME, 1.2], name="2023年6月")).tables[0]
    assert yuan(data(found)[0]["investment"]) == 1.2 * YI
