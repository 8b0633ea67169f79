"""The reader on reports in our own words."""

from __future__ import annotations

from datetime import date
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects import money
from projects.reports import exchange
from projects.reports.grammar import NamedProject, Reading, read
from projects.reports.tests import texts

ALL = (texts.ZONE, texts.BUREAU, texts.CEREMONY)


def by_name(reading: Reading, part: str) -> NamedProject:
    (found,) = [one for one in reading.mentions if part in one.name]
    return found


def batches(reading: Reading) -> list[tuple[str, int | None, str]]:
    return [
        (one.batch.value, one.period.value if one.period else None, one.period_role)
        for one in reading.mentions
        if one.batch
    ]


def test_a_list_gives_one_record_for_every_item() -> None:
    found = batches(read(texts.ZONE))
    assert [batch for batch, _, _ in found].count("sign") == 3
    assert [batch for batch, _, _ in found].count("start") == 6
    assert [batch for batch, _, _ in found].count("produce") == 2


def test_a_period_bracket_speaks_for_every_item_since_the_bracket_before_it() -> None:
    starts = [found for found in batches(read(texts.ZONE)) if found[0] == "start"]
    assert starts[:3] == [("start", 3, "开工"), ("start", 8, "签约开工"), ("start", 8, "签约开工")]


def test_the_last_run_without_a_bracket_is_of_the_current_period_when_the_counts_agree() -> None:
    reading = read(texts.ZONE)
    starts = [found for found in batches(reading) if found[0] == "start"]
    assert starts[3:] == [("start", 9, "开工")] * 3
    (noted,) = [d for d in reading.differences if d.code == "missing_bracket"]
    assert not noted.open


def test_the_last_run_without_a_bracket_has_no_period_when_nothing_tells_it() -> None:
    reading = read(texts.ZONE.replace("“开工一批”项目3个", "“开工一批”项目5个"))
    assert by_name(reading, "光学镜片").period is None
    (noted,) = [d for d in reading.differences if d.code == "missing_bracket"]
    assert noted.open


def test_a_building_phase_in_a_name_is_not_a_period() -> None:
    reading = read(texts.ZONE)
    assert by_name(reading, "光学镜片").name == "海棠光学镜片项目(二期)"
    assert by_name(reading, "智谷").period == by_name(reading, "智谷").period
    assert by_name(reading, "智谷").period.value == 1  # type: ignore[union-attr]


def test_more_declared_than_named_is_told_and_left_open() -> None:
    still_open = [d for d in read(texts.ZONE).differences if d.open]
    assert [(d.code, d.declared, d.found) for d in still_open] == [("count_mismatch", "3", "2")]
    assert "请核对" in still_open[0].sentence


def test_the_batches_that_add_up_to_about_the_whole_are_reconciled() -> None:
    (noted,) = [d for d in read(texts.ZONE).differences if d.code.startswith("sum")]
    assert (noted.code, noted.open, noted.found) == ("sum_reconciled", False, "99.75亿元")


def test_the_batches_that_do_not_add_up_are_a_mismatch() -> None:
    reading = read(texts.ZONE.replace("总投资49.35亿元", "总投资149.35亿元"))
    (noted,) = [d for d in reading.differences if d.code.startswith("sum")]
    assert (noted.code, noted.open) == ("sum_mismatch", True)


def test_a_name_broken_by_a_paragraph_break_is_one_name() -> None:
    one = by_name(read(texts.ZONE), "储能")
    assert one.name == "南坡电源科技股份有限公司储能全国总部项目"
    assert one.company is not None
    assert one.company.value == "南坡电源科技股份有限公司"
    assert texts.ZONE[one.start : one.end] == "南坡电源科技股份有限公司储能全\n\n国总部项目"


def test_being_in_a_batch_asserts_no_status() -> None:
    reading = read(texts.ZONE)
    assert by_name(reading, "青禾").status is None
    assert by_name(reading, "光学镜片").status is None


def test_a_shorter_naming_elsewhere_adds_its_status_and_date_to_the_listed_project() -> None:
    one = by_name(read(texts.ZONE), "检测产业园")
    assert one.name == "临溪北岗检测产业园(一期)"
    assert one.aliases == ["北岗检测产业园"]
    assert one.status is not None
    assert one.status.value == "已封顶"
    assert [(d.role, d.span.first) for d in one.dates] == [("topped-out", date(2023, 1, 18))]


def test_the_totals_of_the_batches_carry_their_own_figures() -> None:
    figures = {f.batch.value: f for f in read(texts.ZONE).figures if f.batch and not f.period}
    assert {batch: f.count.value for batch, f in figures.items() if f.count} == {"sign": 3, "start": 6, "produce": 3}
    start, produce = figures["start"], figures["produce"]
    assert start.started is not None
    assert start.produced is not None
    assert (start.started.value, start.produced.value) == (4, 1)
    assert produce.annual_plan is not None
    assert produce.annual_plan.value == money.Amount(580_000_000, 580_000_000)
    assert produce.rate is not None
    assert (produce.rate.value, produce.rate_kind) == ("66.7", "达效率")
    assert start.as_of is not None
    assert start.as_of.value.last == date(2022, 12, 31)


def test_a_list_of_four_and_one_total_are_not_twenty_five_rows() -> None:
    reading = read(texts.BUREAU)
    assert [(m.name, m.amount.value.low // 10**4) for m in reading.mentions if m.amount] == [
        ("国家云谷泉口(东区)科技产业园", 80_000),
        ("联东铸件项目", 5_000),
        ("国际(泉口)时尚总部港", 75_000),
        ("棉纺工业园项目", 60_000),
    ]
    (total,) = exchange.as_dict(reading)["aggregates"]
    assert (total["count"], total["investment_wan"]) == (25, 965_000)
    assert (total["annual_plan_wan"], total["completed_wan"]) == (428_000, 130_000)


def test_a_status_is_that_of_the_clause_that_names_the_project() -> None:
    told = {m.name: m.status.value for m in read(texts.BUREAU).mentions if m.status}
    assert list(told.values()) == ["已开工", "已开工", "前期手续", "前期手续"]
    assert [m.batch.value if m.batch else None for m in read(texts.BUREAU).mentions] == ["start", "start", None, None]


def test_planned_steps_are_planned_and_trouble_beats_the_batch() -> None:
    reading = read(texts.CEREMONY)
    park = by_name(reading, "远航")
    assert [(d.role, d.certainty) for d in park.dates if d.role != "started"] == [("produced", "planned")]
    assert park.amount is not None
    assert park.amount.value.low == 1_560_000_000
    assert by_name(reading, "冷链").status.value == "未开工"  # type: ignore[union-attr]
    stopped = by_name(reading, "家居")
    assert stopped.status is not None
    assert stopped.period is not None
    assert (stopped.status.value, stopped.period.value) == ("停工", 6)


def test_a_text_without_projects_gives_nothing() -> None:
    reading = read(texts.NOTHING)
    assert reading.mentions == []
    assert reading.figures == []


@pytest.mark.parametrize(
    ("text", "name", "yuan"),
    [
        ("总投资12亿元的云岭智能轴承项目已经动工。", "云岭智能轴承项目", 1_200_000_000),
        ("澄江储能电池项目计划总投资8.6亿元。", "澄江储能电池项目", 860_000_000),
        ("开工的有南坡光学镜片项目(4.5亿元)。", "南坡光学镜片项目", 450_000_000),
        ("3、北岗塑料厂项目 4200万元", "北岗塑料厂项目", 42_000_000),
        ("南安光伏玻璃二期项目计划总投资由8亿元调整为6.5亿元。", "南安光伏玻璃二期项目", 650_000_000),
        ("云岭轴承项目总投资10亿元,一期4亿元,二期6亿元。", "云岭轴承项目", 1_000_000_000),
        (
            "签约的项目有:年产5万吨1,3丙二醇项目(3.2亿元)、山泉水开发项目(5600万元)。",
            "年产5万吨1,3丙二醇项目",
            320_000_000,
        ),
    ],
)
def test_an_amount_is_bound_to_the_project_it_is_said_of(text: str, name: str, yuan: int) -> None:
    one = read(text).mentions[0]
    assert one.amount is not None
    assert (one.name, one.amount.value.low) == (name, yuan)


def test_amounts_are_given_in_order_when_the_text_says_respectively() -> None:
    told = read("澄江纸业项目和北岗塑料项目总投资分别为3亿元、7000万元。").mentions
    assert [m.amount.value.low for m in told if m.amount] == [300_000_000, 70_000_000]


def test_a_sum_of_several_projects_is_nobodys_own_amount() -> None:
    told = read("投产项目有:金麦小麦加工项目、青石纺纱项目和绿源有机肥生产基地项目,总投资14.2亿元。").mentions
    assert [m.amount for m in told] == [None, None, None]


def test_traditional_characters_are_read_and_given_back_as_printed() -> None:
    (one,) = read("總投資三億元的澄江鋼鐵產業園項目已經開工。").mentions
    assert (one.name, one.amount.value.low if one.amount else 0) == ("澄江鋼鐵產業園項目", 300_000_000)


def places(reading: Reading) -> list[tuple[str, int, int]]:
    records = chain(reading.mentions, reading.figures)
    return [(name, v.start, v.end) for one in records for name, v in one.values().items()]


@pytest.mark.parametrize("text", ALL)
def test_every_span_holds_the_value_that_is_stated(text: str) -> None:
    reading = read(text)
    for one in reading.mentions:
        assert "".join(text[one.start : one.end].split()) == one.name
    for record in chain(reading.mentions, reading.figures):
        for name, value in record.values().items():
            printed = "".join(text[value.start : value.end].split())
            if isinstance(value.value, money.Amount):
                assert money.read(printed) == value.value, name
            elif name in ("count", "started", "produced", "not_started", "at_capacity"):
                assert printed == str(value.value)
            elif name in ("company", "zone"):
                assert printed == value.value


@pytest.mark.parametrize("text", ALL)
def test_full_width_print_reads_the_same(text: str) -> None:
    wide = text.translate(str.maketrans(",:;()", "，：；（）"))
    plain, printed = exchange.as_dict(read(text)), exchange.as_dict(read(wide))
    for one, other in zip(plain["projects"], printed["projects"], strict=True):
        assert one["evidence"] == other["evidence"]
        assert (one["batch"], one["period"], one["investment_wan"]) == (
            other["batch"], other["period"], other["investment_wan"],
        )  # fmt: skip


WORDS = (
    "项目/、/,/。/;/(/)/“/”/签约一批/开工/投产/3个/总投资5亿元/的/.8亿元/第五期/(第五期开工项目)/分别为/等/2023年2月30日/"
    "\n/|/1./某某/产业园/该/和/及/——/停工/2022年/1月32日/截至"
)
PIECES = st.sampled_from(WORDS.split("/"))


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=40).map("".join))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    reading = read(text)
    exchange.as_dict(reading)
    assert all(0 <= start < end <= len(text) for _, start, end in places(reading))


def test_a_year_that_dates_nothing_is_not_taken_for_the_year_of_the_report() -> None:
    reading = read("全市工业运行平稳。经济稳中向好。项目有序推进。据测算,2019年研发费用比2018年0.52%有所提高。")
    assert reading.published is None
    assert read("4月3日,活动举行。\n2023年3月1日云岭轴承产业园项目开工。").published_inferred


# ---- whose words -----------------------------------------------------------------------------------
def test_a_list_of_the_activity_is_told_from_a_step_that_is_merely_stated() -> None:
    zone = read(texts.ZONE)
    assert all(one.entered for one in zone.mentions if one.listed)
    bureau = read(texts.BUREAU)
    assert [one.batch.value for one in bureau.mentions if one.batch] == ["start", "start"]
    assert not any(one.entered for one in bureau.mentions)


@pytest.mark.parametrize(
    ("text", "entered"),
    [
        ("“开工一批”项目2个,分别为青禾轴承产业园项目、澄江储能电池项目。", True),
        ("南安家居产业园(第六期签约项目)因资金紧张停工。", True),
        ("作为第五期“三个一批”开工项目,青禾轴承产业园项目进展顺利。", True),
        ("作为“三个一批”已投产项目,青禾新材料有限公司春节不停产。", False),
        ("总投资3亿元的青禾轴承产业园项目开工建设。", False),
    ],
)
def test_which_words_put_a_project_on_a_list(text: str, entered: bool) -> None:
    one = read(text).mentions[0]
    assert one.batch is not None
    assert one.entered is entered


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("总投资3亿元的青禾轴承产业园项目已经开工。", True),
        ("集中开工的项目有3个,分别为青禾轴承产业园项目、澄江储能电池项目、南坡光学镜片项目。", False),
        ("6月28日,二季度重大项目集中开工仪式举行。总投资3亿元的青禾轴承产业园项目占地200亩。", False),
        ("总投资3亿元的青禾轴承产业园项目是第五期开工项目之一,占地200亩。", False),
    ],
)
def test_whose_words_state_a_status(text: str, own: bool) -> None:
    one = read(text).mentions[0]
    assert one.status is not None
    assert one.status.value == "已开工"
    assert one.status_own is own


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("主体封顶", False),
        ("2号楼封顶", True),
        ("A座、B座主体封顶", True),
        (",一期已投产", True),
        ("首栋厂房封顶", True),
    ],
)
def test_a_part_that_is_done_is_told_from_the_whole(words: str, part: bool) -> None:
    (one,) = read(f"总投资3亿元的青禾轴承产业园项目{words}。").mentions
    assert one.status is not None
    assert one.status_part is part


def test_a_project_of_two_lists_is_read_in_both() -> None:
    text = (
        "“签约一批”项目2个,分别为青禾轴承产业园项目、南坡光学镜片项目。"
        "“开工一批”项目2个,分别为青禾轴承产业园项目、澄江储能电池项目。"
    )
    told = [one.batch.value for one in read(text).mentions if one.batch and "青禾" in one.name]
    assert told == ["sign", "start"]


def test_yuan_and_foreign_money_of_one_project_stand_side_by_side() -> None:
    (one,) = read("澄江储能电池项目总投资5亿元,另有3000万美元,已经开工。").mentions
    assert one.amount is not None
    assert one.foreign is not None
    assert (one.amount.value, one.foreign.value) == (
        money.Amount(500_000_000, 500_000_000),
        money.Amount(30_000_000, 30_000_000, "USD"),
    )
    (told,) = exchange.as_dict(read("澄江储能电池项目总投资5亿元,另有3000万美元,已经开工。"))["projects"]
    assert (told["investment_wan"], told["investment_usd_wan"]) == (50_000, 3_000)


# ---- the report itself -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("某区项目提速\n\n某区 2023年1月讯\n\n项目开工。", date(2023, 1, 1), date(2023, 1, 31)),
        ("某区项目提速\n发布时间：2023-01-30 来源：某报\n项目开工。", date(2023, 1, 30), date(2023, 1, 30)),
        ("某区项目提速\n项目开工。\n（2023年1月30日）\n", date(2023, 1, 30), date(2023, 1, 30)),
    ],
)
def test_the_line_that_dates_a_report_dates_it(text: str, first: date, last: date) -> None:
    reading = read(text)
    assert reading.published is not None
    assert (reading.published.first, reading.published.last) == (first, last)
    assert not reading.published_inferred


def test_a_headline_of_two_clauses_is_not_run_into_the_next_line() -> None:
    reading = read("临溪县开发区:机构做减法,服务做加法\n\n临溪县开发区 2023年12月讯\n\n临溪县开发区抓项目。")
    assert reading.title == "临溪县开发区:机构做减法,服务做加法"
    assert reading.zone_text == "临溪县开发区"


def test_a_report_without_a_headline_is_called_by_its_beginning() -> None:
    assert read(texts.BUREAU).title.endswith("…")
    assert len(read(texts.BUREAU).title) < 50
