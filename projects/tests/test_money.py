"""Amounts as reports, ledgers and officials write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.money import (
    CURRENCIES,
    LARGEST,
    QUALIFIERS,
    Amount,
    UnreadableAmount,
    find,
    read,
    show,
    show_amount,
)

YI, WAN = 10**8, 10**4
_CHARS = "0123456789.,，－-—0亿万千百元美约近超多余以上至到 \n总投资额计划三五十两点几半零年月日第期吨个（）：负億萬點"


def found(text: str) -> list[tuple[str, Amount | None]]:
    return [(each.text, each.amount) for each in find(text)]


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("465亿元", 465 * YI),
        ("5363.47万元", 53_634_700),
        ("5.2亿", 520_000_000),
        ("1.2万亿元", 12_000 * YI),
        ("１２００万元", 1200 * WAN),
        ("1,200.00万元", 1200 * WAN),
        ("1,200万元", 1200 * WAN),
        (" 25 亿元", 25 * YI),
        ("十二点五亿", 1_250_000_000),
        ("三亿五千万元", 350_000_000),
        ("3亿5千万", 350_000_000),
        ("1亿零500万元", 105_000_000),
        ("兩億五千萬元", 250_000_000),
        ("七點零四億元", 704_000_000),
        ("半亿元", 50_000_000),
        ("百亿元", 100 * YI),
        ("伍佰万元整", 500 * WAN),
        ("人民币5亿元", 5 * YI),
        ("50亿元人民币", 50 * YI),
        ("1200元", 1200),
        ("0元", 0),
    ],
)
def test_an_amount_is_read_to_the_yuan(text: str, yuan: int) -> None:
    assert read(text) == Amount(yuan, yuan)


@pytest.mark.parametrize(
    ("text", "qualifier", "yi"),
    [
        ("约465亿元", "about", 465),
        ("12亿元左右", "about", 12),
        ("近20亿元", "near", 20),
        ("超200亿元", "over", 200),
        ("20余亿元", "over", 20),
        ("60多亿元", "over", 60),
        ("5亿多元", "over", 5),
        ("5亿元以上", "over", 5),
        ("5亿元（含）以上", "over", 5),
        ("不超过3亿元", "under", 3),
        ("3亿元以下", "under", 3),
        ("计划33亿元", "planned", 33),
        ("预计约5亿元", "about", 5),
    ],
)
def test_what_is_said_around_a_figure_is_kept(text: str, qualifier: str, yi: int) -> None:
    assert read(text) == Amount(yi * YI, yi * YI, qualifier=qualifier)


@pytest.mark.parametrize(
    "text", ["30-50亿元", "30—50亿元", "30亿-50亿元", "30至50亿元", "30亿元—50亿元", "３０～５０亿元"]
)
def test_a_range_keeps_both_ends(text: str) -> None:
    assert read(text) == Amount(30 * YI, 50 * YI)


def test_the_ends_of_a_range_may_have_units_of_their_own() -> None:
    assert read("3000万-1亿元") == Amount(3000 * WAN, YI)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("3000万美元", Amount(3000 * WAN, 3000 * WAN, "USD")), ("2亿港币", Amount(2 * YI, 2 * YI, "HKD"))],
)
def test_foreign_money_keeps_its_currency(text: str, amount: Amount) -> None:
    assert read(text) == amount


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [("1200", "万元", 1200 * WAN), ("三百", "万元", 300 * WAN), ("5亿", "万元", 5 * YI), ("80元", "万元", 80)],
)
def test_the_unit_of_a_heading_stands_in_only_where_the_cell_has_none(text: str, unit: str, yuan: int) -> None:
    assert read(text, unit=unit) == Amount(yuan, yuan)


def test_a_unit_that_is_none_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="not a unit"):
        read("1200", unit="吨")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1200", "没有写单位"),
        ("-5亿元", "负数"),
        ("负5亿元", "负数"),
        (".8亿元", "不是能读懂的金额"),
        ("亿元", "不是能读懂的金额"),
        ("上亿元", "不是能读懂的金额"),
        ("00万元", "不完整"),
        ("5.亿元", "不完整"),
        ("1,34万元", "逗号"),
        ("十几亿", "不确定"),
        ("数十亿元", "不确定"),
        ("二三亿元", "不确定"),
        ("500千万美元", "千万"),
        ("0.00001万元", "不是整元"),
        ("50-30亿元", "前一个数大于后一个数"),
        ("5亿元-6亿美元", "币种"),
        ("2亿30000万元", "从大到小"),
        ("99999999999999亿元", "过大"),
        ("15万吨", "不是能读懂的金额"),
        ("", "不是能读懂的金额"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused_with_a_reason(text: str, says: str) -> None:
    with pytest.raises(UnreadableAmount, match=says):
        read(text)


def test_the_largest_amount_is_what_the_database_holds() -> None:
    assert read(f"{LARGEST}元").high == LARGEST
    with pytest.raises(UnreadableAmount, match="过大"):
        read(f"{LARGEST + 1}元")


@pytest.mark.parametrize(
    "text",
    [
        "年产15万吨、3万只、1500万双、100万平方米",
        "占地300亩，建设5万元件生产线",
        "奖补5363.47万",
        "年产5万吨1,3丙二醇项目",
        "三元锂电池和一元化领导",
        "单位：万元",
        "总投资额（亿元）",
        "打造百亿级产业集群",
        "万元GDP能耗下降",
        "投资40万平方米的厂房",
    ],
)
def test_a_quantity_or_a_heading_is_not_money(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "printed", "low", "high"),
    [
        ("总投资 25 亿元", "25 亿元", 25, 25),
        ("总投资40亿的产业园", "40亿", 40, 40),
        ("单体30-50亿元的项目4个", "30-50亿元", 30, 50),
        ("投资3亿到5亿元", "3亿到5亿元", 3, 5),
        ("签约5亿元", "5亿元", 5, 5),
        ("最近20亿元", "20亿元", 20, 20),
        ("年度计划30亿元", "30亿元", 30, 30),
        ("完成30亿元", "30亿元", 30, 30),
        ("收入十亿元", "十亿元", 10, 10),
        ("投资3\n亿元", "3\n亿元", 3, 3),
        ("某某园-5亿元", "5亿元", 5, 5),
        ("1.4亿元/90亩".replace("1.4", "2"), "2亿元", 2, 2),
        ("建设②5亿元", "5亿元", 5, 5),
    ],
)
def test_an_amount_is_found_as_printed(text: str, printed: str, low: int, high: int) -> None:
    assert found(text) == [(printed, Amount(low * YI, high * YI))]


def test_a_change_is_two_amounts_and_no_range() -> None:
    assert [text for text, _ in found("由5亿元到8亿元")] == ["5亿元", "8亿元"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("总投资.6亿元", ".6亿元"),
        ("开工项目个,总投资亿元", "亿元"),
        ("贷款达上亿元", "亿元"),
        ("到位312.4元", "312.4元"),
        ("投资上百亿元", "百亿元"),
        ("计划00万元", "计划00万元"),
        ("总投资*5亿元", "*5亿元"),
        ("9，300万元", "9，300万元"),
    ],
)
def test_damaged_money_is_found_and_not_guessed(text: str, printed: str) -> None:
    assert found(text) == [(printed, None)]


@pytest.mark.parametrize(
    ("yuan", "shown"),
    [
        (465 * YI, "465亿元"),
        (53_634_700, "5363.47万元"),
        (1200, "1200元"),
        (0, "0元"),
        (-5 * YI, "-5亿元"),
        (123_456_789, "12345.6789万元"),
    ],
)
def test_money_is_shown_exactly(yuan: int, shown: str) -> None:
    assert show(yuan) == shown


def test_money_is_rounded_only_on_request() -> None:
    assert show(123_456_789, "亿元", 2) == "1.23亿元"
    assert show(5 * YI, "亿元", 2) == "5.00亿元"
    assert show(15_000, "万元", 0) == "2万元"
    with pytest.raises(ValueError, match="not a unit"):
        show(1, "吨")


@pytest.mark.parametrize("text", ["约465亿元", "30—50亿元", "3000万美元", "超200亿元", "3000万元—1亿元", "1200元"])
def test_the_usual_writing_is_shown_again(text: str) -> None:
    assert show_amount(read(text)) == text


def test_an_impossible_amount_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="no such amount"):
        Amount(2, 1)
    with pytest.raises(ValueError, match="unknown currency"):
        Amount(1, 1, "XXX")


@given(st.integers(0, LARGEST), st.sampled_from(["auto", "元", "万元", "亿元"]))
def test_every_yuan_survives_being_shown(yuan: int, unit: str) -> None:
    assert read(show(yuan, unit)) == Amount(yuan, yuan)


@given(
    st.tuples(st.integers(0, LARGEST), st.integers(0, LARGEST)),
    st.sampled_from(sorted(CURRENCIES)),
    st.sampled_from(sorted(QUALIFIERS)),
)
def test_every_amount_survives_being_shown(ends: tuple[int, int], currency: str, qualifier: str) -> None:
    amount = Amount(min(ends), max(ends), currency, qualifier)
    assert read(show_amount(amount)) == amount


@given(st.integers(1, LARGEST // WAN), st.sampled_from(["总投资{}的产业园", "（{}）", "甲项目{}、乙"]))
def test_every_shown_amount_is_found_in_a_sentence(wan: int, sentence: str) -> None:
    shown = show(wan * WAN)
    assert found(sentence.format(shown)) == [(shown, Amount(wan * WAN, wan * WAN))]


@given(st.text() | st.text(st.sampled_from(_CHARS), max_size=60))
def test_no_text_breaks_the_finder_and_every_span_is_true(text: str) -> None:
    end = 0
    for each in find(text):
        assert end <= each.start < each.end
        assert text[each.start : each.end] == each.text
        end = each.end


@given(st.text() | st.text(st.sampled_from(_CHARS), max_size=30))
def test_a_text_is_read_or_refused(text: str) -> None:
    try:
        amount = read(text, unit="万元")
    except UnreadableAmount:
        return
    assert read(show_amount(amount)) == amount
