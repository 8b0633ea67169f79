"""What cannot be known is asked; what a person told holds; the same layout is known again."""

import pytest

from projects.ledgers.meanings import MEANINGS
from projects.ledgers.tests.understanding.making import data, line, meanings, read, sheet, table, yuan
from projects.ledgers.understanding import Answers, Told
from projects.ledgers.understanding.times import When, said_in

WAN, YI = 10_000, 100_000_000


def asked(found):
    return {(question.code, question.column) for question in found.questions}


def doubts(found, meaning):
    return [row[meaning].doubt for row in data(found)]


PLAIN = (line("序号|项目名称|总投资|年度计划投资"), [1, "青岚电机项目", 52000, 9000], [2, "望岫物流园", 8000, 900])


def test_a_unit_that_nobody_wrote_is_asked_once_and_nothing_is_read():
    found = table(*PLAIN, name="2023年")
    assert asked(found) == {("unit", None)}
    assert found.questions[0].choices == ("元", "万元", "亿元")
    assert all(row["investment"].value is None for row in data(found))


def test_the_answer_is_the_unit_without_a_doubt():
    found = table(*PLAIN, name="2023年", told=Told(tables={"0:1": Answers(units={"": "万元"})}))
    assert found.questions == ()
    assert [yuan(row["investment"]) for row in data(found)] == [52000 * WAN, 8000 * WAN]
    assert doubts(found, "investment") == ["", ""]


def test_a_remembered_unit_holds_until_the_file_says_another():
    known = table(*PLAIN, name="2023年").fingerprint
    told = Told(layouts={known: Answers(units={"": "万元"})})
    assert yuan(data(table(*PLAIN, name="2023年", told=told))[0]["investment"]) == 52000 * WAN
    corner = table(line("|||单位：元"), *PLAIN, name="2023年", told=told)
    assert corner.fingerprint == known
    assert yuan(data(corner)[0]["investment"]) == 52000


def test_the_unit_of_the_neighbours_is_a_doubt_and_two_neighbours_that_differ_are_a_question():
    agreed = table(line("项目名称|总投资（万元）|年度计划投资"), ["青岚电机项目", 52000, 9000], name="2023年")
    assert doubts(agreed, "annual_plan") == ["这一列没有写单位，按同表其他列的万元读入"]
    differing = table(
        line("项目名称|总投资（亿元）|年度计划投资（万元）|累计已到位资金"),
        ["青岚电机项目", 5.2, 9000, 100],
        name="2023年",
    )
    assert asked(differing) == {("unit", 3)}
    assert data(differing)[0]["funded"].value is None


def test_a_corner_that_names_two_units_of_money_is_no_answer():
    found = table(line("单位：亿元、万元"), *PLAIN, name="2023年")
    assert asked(found) == {("unit", None)}


def test_a_unit_in_the_note_below_holds_for_the_table():
    found = table(*PLAIN, line("注：金额单位均为万元。"), name="2023年")
    assert (found.unit, found.questions) == ("万元", ())


def test_figures_too_small_or_too_large_for_their_unit_are_doubted_and_kept():
    found = table(
        line("项目名称|总投资（万元）|年度计划投资（万元）"),
        ["青岚电机项目", 52000, 9000],
        ["望岫物流园", 5.2, 3000],
        ["青禾泵站", 3000, 30_000_000],
        name="2023年",
    )
    assert doubts(found, "investment") == ["", "“5.2”：按5.2万元读入，小得反常，单位可能是亿元，请核对", ""]
    assert doubts(found, "annual_plan") == [
        "",
        "",
        "“30000000”：按3000亿元读入，大得反常，单位可能是元，请核对；年度计划投资3000亿元大于总投资3000万元，请核对单位",
    ]
    assert [yuan(row["investment"]) for row in data(found)] == [52000 * WAN, 52000, 3000 * WAN]


def test_the_odd_figure_of_a_column_is_doubted_by_the_rest():
    rows = [[f"青岚{number}号厂房", 20 + number, 5000 + number] for number in range(8)]
    found = table(
        line("项目名称|总投资（亿元）|年度计划投资（万元）"),
        *rows,
        ["望岫物流园", 52000, 4000],
        ["青禾泵站", 30, 1.2],
        name="2023年",
    )
    assert [bool(doubt) for doubt in doubts(found, "investment")] == [False] * 8 + [True, False]
    assert [bool(doubt) for doubt in doubts(found, "annual_plan")] == [False] * 9 + [True]


@pytest.mark.parametrize(
    ("text", "year", "month"),
    [
        ("2023年1-7月重点项目进度表", 2023, 7),
        ("截至2023年6月底", 2023, 6),
        ("2023.7", 2023, 7),
        ("台账202307", 2023, 7),
        ("2023年上半年", 2023, 6),
        ("2023年三季度", 2023, 9),
        ("7月", None, 7),
        ("2023年度", 2023, None),
        ("2022-2023年", None, None),
        ("填报日期：2023年8月5日", None, None),
        ("附件20024", None, None),
        ("总投资2000亿元", None, None),
    ],
)
def test_year_and_month_are_read_from_titles_and_names_of_sheets_and_files(text, year, month):
    assert said_in(text) == When(year, month)


def test_years_and_months_that_contradict_each_other_are_asked():
    found = table(
        line("2023年7月进度表（万元）"),
        line("项目名称|8月完成投资|自开工累计完成投资"),
        ["青岚电机项目", 1, 2],
        name="2022年7月",
    )
    assert {(question.code, question.choices) for question in found.questions} == {
        ("year", ("2023", "2022")),
        ("month", ("7", "8")),
    }


def test_money_of_which_nobody_knows_what_it_is_is_asked_for():
    found = table(line("2023年7月（万元）"), line("项目名称|总投资|县级配套资金"), ["青岚电机项目", 52000, 300])
    assert asked(found) == {("meaning", 2)}
    assert found.questions[0].text == "C列“县级配套资金”像是金额，没有认出是哪一项：请选定"
    kept = Told(tables={"0:2": Answers(meanings={"县级配套资金": ""})})
    assert (
        table(line("2023年7月（万元）"), line("项目名称|总投资|县级配套资金"), ["甲项目", 1, 3], told=kept).questions
        == ()
    )


def test_months_to_the_right_are_of_the_year_they_follow():
    found = table(
        line("2023年2月进度表（万元）"),
        line(
            "项目名称|2022年11月完成投资|12月完成投资|1月完成投资|2月完成投资|2022年完成投资|1-2月完成投资|2022年底累计完成投资"
        ),
        ["青岚电机项目", 1, 2, 3, 4, 5, 7, 90],
    )
    assert [(column.year, column.month) for column in found.columns[1:7]] == [
        (2022, 11),
        (2022, 12),
        (2023, 1),
        (2023, 2),
        (2022, 12),
        (2023, 2),
    ]
    assert found.columns[7].meaning == "carried"
    ended = table(line("2022年12月（万元）"), line("项目名称|总投资|2022年底累计完成投资"), ["青岚电机项目", 900, 90])
    assert (ended.columns[2].meaning, ended.columns[2].month) == ("total_done", 12)


def test_a_figure_that_holds_up_to_nobody_knows_when_is_asked_for():
    rows = (line("项目名称|年度累计完成投资（万元）"), ["青岚电机项目", 900])
    assert asked(table(*rows)) == {("year", None), ("month", None)}
    assert table(*rows).questions[0].choices == ("2023", "2022", "2024")
    told = table(*rows, told=Told(year=2023, month=6))
    assert (told.questions, told.columns[1].year, told.columns[1].month) == ((), 2023, 6)
    assert read(sheet(*rows), name="2023年6月月报.xlsx").tables[0].questions == ()


def test_completed_since_when_is_asked_unless_the_other_columns_say():
    alone = table(line("2023年6月（万元）"), line("项目名称|累计完成投资"), ["青岚电机项目", 900])
    assert asked(alone) == {("meaning", 1)}
    assert alone.questions[0].choices == ("year_done", "total_done", "")
    beside = table(line("2023年6月（万元）"), line("项目名称|1-6月完成投资|累计完成投资"), ["青岚电机项目", 90, 900])
    assert (meanings(beside), beside.questions) == ("name year_done total_done", ())
    told = Told(tables={"0:2": Answers(meanings={alone.columns[1].key: "total_done"})})
    answered = table(line("2023年6月（万元）"), line("项目名称|累计完成投资"), ["青岚电机项目", 900], told=told)
    assert (meanings(answered), answered.questions, answered.columns[1].confidence) == ("name total_done", (), 1.0)


def test_no_column_of_names_is_asked_for():
    found = table(line("序号|简称|总投资（万元）"), [1, "甲", 52000], [2, "乙", 800])
    assert [(question.code, question.choices) for question in found.questions] == [("heading", ("1",))]
    named = table(
        line("序号|简称|总投资（万元）"),
        [1, "甲甲甲", 52000],
        told=Told(tables={"0:1": Answers(meanings={"简称": "name"})}),
    )
    assert (named.questions, data(named)[0]["name"].value) == ((), "甲甲甲")


def test_two_columns_of_the_same_money_are_asked():
    found = table(line("项目名称|总投资（万元）|项目总投资（万元）"), ["青岚电机项目", 52000, 51000])
    assert meanings(found) == "name investment -"
    assert asked(found) == {("meaning", 2)}


def test_slips_of_the_pen_are_known_with_less_confidence_and_never_turn_the_meaning():
    found = table(
        line("序号|项目名陈|建没单位|主要建设內容|计划开工时问|年度计划投资額（万元）"),
        [1, "青岚电机项目", "青岚公司", "厂房", "2023.6", 900],
        [2, "望岫物流园", "望岫公司", "仓库", "2023.7", 900],
        name="2023年",
    )
    assert meanings(found) == "serial name company content start_planned annual_plan"
    assert 0.5 < found.columns[2].confidence < 0.9
    assert found.columns[2].reason == "标题“建没单位”与“建设单位”的写法相近"


def test_the_values_beneath_turn_a_heading_that_may_be_either():
    found = table(
        line("项目名称|开工情况|开工时间|形象进度"),
        ["青岚电机项目", "2023.6", "是", "60%"],
        ["望岫物流园", "2023.7", "否", "75%"],
    )
    assert meanings(found) == "name start_on started progress_percent"


def test_what_means_nothing_to_us_is_kept_as_words():
    found = table(line("项目名称|总投资（万元）|盟旗编组"), ["青岚电机项目", 52000, "第三组"])
    assert (found.columns[2].meaning, found.columns[2].reason) == ("", "C列“盟旗编组”没有认出，只保留原文")
    assert found.rows[0].cells[2].value == "第三组"


def test_the_same_layout_next_month_has_the_same_fingerprint():
    def ledger(year, month, *rows, more=""):
        heads = f"序号|项目名称|{year}年计划投资（万元）|{month - 1}月完成投资"
        heads += f"|{month}月完成投资{more}|1-{month}月累计完成投资"
        return table(line(f"{year}年{month}月进度表"), line(heads), *rows, name=f"{month}月").fingerprint

    one, two = [1, "青岚电机项目", 1, 1, 1, 2], [2, "望岫物流园", 1, 1, 1, 2]
    known = ledger(2023, 7, one, two)
    assert known == ledger(2024, 3, two, one) == ledger(2023, 7, one, two, more="|8月完成投资")
    assert known != ledger(2023, 7, one, two, more="（亿元）")


def test_a_cell_that_was_typed_instead_is_read_and_the_sheet_is_still_shown():
    rows = (line("项目名称|总投资（万元）"), ["青岚电机项目", "约一二"])
    assert data(table(*rows))[0]["investment"].wrong
    fixed = data(table(*rows, told=Told(cells={(0, 2, 1): "12亿"})))[0]["investment"]
    assert (fixed.raw, yuan(fixed), fixed.doubt) == ("约一二", 12 * YI, "")


def test_rows_of_headings_that_a_person_pointed_at_are_taken():
    rows = (line("甲|乙"), line("名|钱（万元）"), ["青岚电机项目", 52000])
    assert read(sheet(*rows)).tables == ()
    (found,) = read(sheet(*rows), told=Told(headings={0: [(2, 2)]})).tables
    assert [column.heading for column in found.columns] == [("名",), ("钱（万元）",)]
    left_out = read(sheet(*PLAIN, name="台账"), told=Told(headings={0: []}))
    assert left_out.remarks == ("工作表“台账”被指定为不是台账，没有读入",)


def test_every_meaning_is_known_by_its_own_name():
    for code, meaning in MEANINGS.items():
        if meaning.shape == "serial":
            continue
        found = table(line(f"序号|项目名称|{meaning.label}"), [1, "青岚电机项目", None], name="2023年6月")
        assert found.columns[2].meaning == code or code == "name", code


@pytest.mark.parametrize(
    ("heading", "may_be"),
    [
        ("计划总投姿", {"investment"}),
        ("总投咨", {"investment"}),
        ("计划姿投资", {"investment", "annual_plan"}),
        ("累计完成投姿", {"year_done", "total_done"}),
        ("1-7月计姿完成投资", {"plan_to_date", "year_done"}),
        ("开姿以来累计完成投资", {"total_done", "year_done"}),
        ("统计姿期内累计完成投资", {"year_done", "stats_done"}),
        ("年度累计入姿投资", {"stats_done", "year_done"}),
        ("本月实际完姿", {"month_done"}),
        ("上年姿累计完成投资", {"carried"}),
        ("去年完成投资", {"carried"}),
        ("二季度计划投资", {"annual_plan"}),
        ("预计全年完成投资", {"year_done"}),
    ],
)
def test_a_heading_of_money_of_which_one_letter_or_a_word_is_another_is_asked(heading, may_be):
    heads = line(f"序号|项目名称|建设单位|{heading}")
    found = table(
        line("2023年7月进度表（万元）"), heads, [1, "青岚电机项目", "青岚公司", 900], [2, "物流园", "望岫公司", 80]
    )
    (question,) = found.questions
    assert (question.code, question.column) == ("meaning", 3)
    assert may_be <= set(question.choices)
    assert "" in question.choices


def test_what_begins_with_the_year_is_its_months_and_total_before_planned_is_the_whole():
    heads = "项目名称|项目总计划投资|2023年一季度完成投资|2023年上半年计划投资|前三季度完成投资"
    found = table(line("2023年9月进度表（万元）"), line(heads), ["青岚电机项目", 900, 1, 2, 3], name="9月")
    assert meanings(found) == "name investment year_done plan_to_date year_done"
    assert [column.month for column in found.columns[2:]] == [3, 6, 9]


def test_a_bare_figure_among_cells_that_name_their_own_units_stays_a_doubt_when_the_unit_is_told():
    rows = ["青岚电机项目", "5.2亿元"], ["望岫物流园", "8000万元"], ["青禾泵站", 7000]
    told = Told(tables={"0:2": Answers(units={"": "亿元"})})
    found = table(line("2023年台账"), line("项目名称|总投资"), *rows, told=told)
    assert doubts(found, "investment")[:2] == ["", ""]
    assert "这一格没有写，按亿元读入" in doubts(found, "investment")[2]
