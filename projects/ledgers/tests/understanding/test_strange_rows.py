"""Rows that are no project of their own: cards, numbers of columns, ditto signs, parts of a project."""

from datetime import date

import pytest

from projects.intake.opening import Sheet
from projects.ledgers.tests.understanding.making import ON, data, kinds, line, read, sheet, table, yuan
from projects.ledgers.understanding import understand

WAN = 10_000
HEADS = line("序号|项目名称|建设单位|总投资（万元）|年度计划投资（万元）")


@pytest.mark.parametrize(
    "numbers",
    [
        ("甲", "乙", "丙", 1, 2),
        ("甲", "乙", 1, 2, "3=1+2"),
        ("(1)", "(2)", "(3)", "(4)", "(5)=(3)-(4)"),
        ("A", "B", "C", 1, 2),
    ],
)
def test_a_row_that_only_numbers_the_columns_is_part_of_the_headings(numbers):
    found = table(HEADS, list(numbers), line("1|轴承产业园|青禾公司", 35000, 8000))
    assert (found.last_heading, kinds(found), len(data(found))) == (2, "d", 1)


def test_a_card_of_one_project_is_refused_with_a_sentence():
    card = sheet(
        line("重点项目信息卡|||"),
        line("项目名称|楚天光纤预制棒项目|建设单位|湖北楚天实业有限公司"),
        ["总投资（亿元）", 3.2, "2023年计划投资（万元）", 8000],
        line("开工时间|2021.6|竣工时间|2024年10月"),
        name="1.楚天",
    )
    understood = read(card)
    assert not understood.tables
    (remark,) = understood.remarks
    assert "一个项目一张的信息卡" in remark


def test_a_ditto_sign_says_what_stands_above_it():
    found = table(
        HEADS,
        line("1|轴承产业园|青禾公司", 35000),
        line("2|储能电池|同上", 5000),
        line("3|纸箱包装|〃", 600),
        line("合计|||", 40600),
        line("4|冷链物流|”", 700),
    )
    said = [row["company"] for row in data(found)]
    assert [each.value for each in said] == ["青禾公司"] * 4
    assert [each.doubt for each in said] == [
        "",
        *(f"“{sign}”：按第2行的“青禾公司”读入" for sign in ("同上", "〃", "”")),
    ]
    first = table(HEADS, line("1|轴承产业园|同上", 35000))
    (row,) = data(first)
    assert (row["company"].value, row["company"].doubt) == (None, "“同上”的上面没有内容：请补填")


def test_the_tenth_month_that_a_number_lost_its_nought_of_is_doubtful():
    rows = (line("1|轴承产业园|青禾公司", 35000, 2022.1), line("2|储能电池|", 5000, 2022.11))
    found = table(line("序号|项目名称|建设单位|总投资（万元）|开工时间"), *rows)
    one, two = (row["start_on"] for row in data(found))
    assert (one.value.first, one.doubt) == (date(2022, 1, 1), "“2022.1”：按2022年1月读入，也可能是2022年10月")
    assert (two.value.first, two.doubt) == (date(2022, 11, 1), "")


def test_parts_of_a_project_are_told_from_projects_and_from_sums():
    found = table(
        HEADS,
        line("1|光电显示模组生产项目|", 86000, 30000),
        line("1.1|其中：一期厂房|甲公司", 46000, 18000),
        line("1.2|二期洁净车间|乙公司", 40000, 12000),
        line("2|农机基地|", 5200, 1600),
        line("|其中：厂房|丙公司", 2000, 600),
        line("合计|||", 91200, 31600),
        line("|其中：产业项目||", 86000, 30000),
    )
    assert kinds(found) == "dddddtt"
    assert [row.part_of for row in found.rows] == [0, 2, 2, 0, 5, 0, 0]
    names = [row["name"].value for row in data(found)]
    assert names == ["光电显示模组生产项目", "一期厂房", "二期洁净车间", "农机基地", "厂房"]


@pytest.mark.parametrize("group", ["先进制造业（2个）", "先进制造业类", "省重点项目"])
def test_numbers_with_a_point_below_a_group_are_projects_of_their_own(group):
    found = table(
        HEADS,
        line(f"1|{group}||", 91200),
        line("1.1|光电显示模组生产项目|甲公司", 86000),
        line("1.2|农机基地|乙公司", 5200),
    )
    assert not any(row.part_of for row in found.rows if row.kind == "data" and row.number > 2)


@pytest.mark.parametrize(
    ("text", "low"), [("10亿元（其中固投8亿元）", 10), ("10亿元(含设备投资2亿元)", 10), ("10亿元，其中固投8亿元", 10)]
)
def test_an_amount_with_what_it_is_made_of_is_read_with_a_doubt(text, low):
    (row,) = data(table(HEADS, line(f"1|轴承产业园|青禾公司|{text}")))
    assert (yuan(row["investment"]), row["investment"].doubt) == (low * 10**8, f"“{text}”：按10亿元读入")


def test_a_sheet_of_a_csv_is_no_card_because_a_name_sounds_like_a_heading():
    rows = (
        HEADS,
        ("1", "环保", "甲公司", "300", "20"),
        ("2", "施工", "乙公司", "400", "30"),
        ("3", "储能电池", None, "5", "1"),
    )
    (found,) = understand([Sheet("", tuple(map(tuple, rows)))], on=ON).tables
    assert len(data(found)) == 3
