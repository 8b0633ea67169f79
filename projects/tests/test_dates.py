"""Dates as reports, ledgers and officials write them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.dates import DateSpan, UnreadableDate, find, read, show

PUBLISHED = date(2023, 1, 28)
_CHARS = "0123456789二〇三年月日底初末前内以来截至今明去上下半旬季度第Q-./ 到—起产亿万元个"


def days(text: str, on: DateSpan | date | None = None) -> tuple[str, str, str]:
    span = read(text, on=on)
    return str(span.first), str(span.last), span.precision


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2023年6月30日", "2023-06-30", "2023-06-30", "day"),
        ("2023/6/5", "2023-06-05", "2023-06-05", "day"),
        ("20230605", "2023-06-05", "2023-06-05", "day"),
        ("2023-06-05 10:30:00", "2023-06-05", "2023-06-05", "day"),
        ("二〇二三年六月三十日", "2023-06-30", "2023-06-30", "day"),
        ("截至2022年底", "2022-12-31", "2022-12-31", "day"),
        ("2023.6", "2023-06-01", "2023-06-30", "month"),
        ("2023-06", "2023-06-01", "2023-06-30", "month"),
        ("202306", "2023-06-01", "2023-06-30", "month"),
        ("2023年6月底", "2023-06-01", "2023-06-30", "month"),
        ("2023年元月", "2023-01-01", "2023-01-31", "month"),
        ("23年6月", "2023-06-01", "2023-06-30", "month"),
        ("2023年底", "2023-12-01", "2023-12-31", "month"),
        ("2023年三季度末", "2023-09-01", "2023-09-30", "month"),
        ("2023年6月底前", "None", "2023-06-30", "month"),
        ("2023年6月30日前", "None", "2023-06-30", "day"),
        ("2023年内", "None", "2023-12-31", "month"),
        ("2023年6月以来", "2023-06-01", "None", "month"),
        ("2023年6月中旬", "2023-06-11", "2023-06-20", "tendays"),
        ("2024年2月下旬", "2024-02-21", "2024-02-29", "tendays"),
        ("2023年三季度", "2023-07-01", "2023-09-30", "quarter"),
        ("2023年第3季度", "2023-07-01", "2023-09-30", "quarter"),
        ("2023-Q3", "2023-07-01", "2023-09-30", "quarter"),
        ("2023年下半年", "2023-07-01", "2023-12-31", "half"),
        ("2023年前三季度", "2023-01-01", "2023-09-30", "range"),
        ("2022年度", "2022-01-01", "2022-12-31", "year"),
        ("2023", "2023-01-01", "2023-12-31", "year"),
        ("08年", "2008-01-01", "2008-12-31", "year"),
        ("98年", "1998-01-01", "1998-12-31", "year"),
        ("2021-2023", "2021-01-01", "2023-12-31", "range"),
        ("2021年至2023年", "2021-01-01", "2023-12-31", "range"),
        ("2022年3月至6月", "2022-03-01", "2022-06-30", "range"),
        ("2022年11月至2023年3月", "2022-11-01", "2023-03-31", "range"),
        ("2022年5月11日至12日", "2022-05-11", "2022-05-12", "range"),
    ],
)
def test_a_date_is_read_with_its_precision(text: str, first: str, last: str, precision: str) -> None:
    assert days(text) == (first, last, precision)


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("今年三季度", "2023-07-01", "2023-09-30", "quarter"),
        ("今年 9月", "2023-09-01", "2023-09-30", "month"),
        ("明年3月", "2024-03-01", "2024-03-31", "month"),
        ("去年以来", "2022-01-01", "None", "year"),
        ("年初", "2023-01-01", "2023-01-31", "month"),
        ("年底", "2023-12-01", "2023-12-31", "month"),
        ("年内", "None", "2023-12-31", "month"),
        ("月底", "2023-01-01", "2023-01-31", "month"),
        ("上月", "2022-12-01", "2022-12-31", "month"),
        ("上季度", "2022-10-01", "2022-12-31", "quarter"),
        ("昨日", "2023-01-27", "2023-01-27", "day"),
        ("截至目前", "2023-01-28", "2023-01-28", "day"),
        ("1月28日", "2023-01-28", "2023-01-28", "day"),
        ("12月25日", "2022-12-25", "2022-12-25", "day"),
        ("2月29日", "2024-02-29", "2024-02-29", "day"),
        ("上个月18日", "2022-12-18", "2022-12-18", "day"),
        ("本月5日", "2023-01-05", "2023-01-05", "day"),
        # 28 January 2023 is a Saturday.
        ("上周四", "2023-01-19", "2023-01-19", "day"),
        ("三天前", "2023-01-25", "2023-01-25", "day"),
        ("两个月前", "2022-11-01", "2022-11-30", "month"),
        ("今年国庆前", "None", "2023-09-30", "day"),
        ("明年“五一”", "2024-05-01", "2024-05-01", "day"),
        ("2024年春节", "2024-02-10", "2024-02-10", "day"),
        ("中秋节后", "2022-09-01", "2022-09-30", "month"),
        ("今年年中", "2023-06-01", "2023-06-30", "month"),
        ("今年秋季", "2023-09-01", "2023-11-30", "range"),
    ],
)
def test_relative_words_are_seen_from_the_date_of_the_document(
    text: str, first: str, last: str, precision: str
) -> None:
    assert days(text, on=PUBLISHED) == (first, last, precision)


@pytest.mark.parametrize("text", ["今年三季度", "明年3月", "1月28日", "年底", "昨日", "Q1", "3-5月"])
def test_without_a_document_date_relative_words_stay_as_they_are(text: str) -> None:
    span = read(text)
    assert (span.first, span.last, span.precision, span.relative) == (None, None, "unknown", text)
    assert read(show(span)) == span


def test_a_document_dated_by_month_or_year_is_enough_for_its_own_days() -> None:
    assert days("1月28日", on=read("2023年1月"))[0] == "2023-01-28"
    assert days("12月25日", on=read("2023年"))[0] == "2023-12-25"
    assert read("昨日", on=read("2023年1月")).relative == "昨日"


def test_of_two_years_as_close_the_earlier_is_taken() -> None:
    assert days("1月1日", on=date(2023, 7, 2))[0] == "2023-01-01"
    # 2 July 2023 is 182 days after one new year and 183 before the next; in 2024 both are 183 away.
    assert days("1月1日", on=date(2024, 7, 2))[0] == "2024-01-01"


def test_the_deadline_is_the_last_day() -> None:
    assert read("2023年6月底前").deadline == date(2023, 6, 30)
    assert read("2023年三季度").deadline == date(2023, 9, 30)
    assert read("2023年以来").deadline is None


@pytest.mark.parametrize("text", ["2023年2月30日", "2023-02-30", "2023年13月", "2月30日"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(UnreadableDate, match="不是存在的日期"):
        read(text)


@pytest.mark.parametrize(
    "text", ["", "尽快", "2023年产10万吨", "第6期", "24.6亿", "三年内", "2023-13-01", "2023年6月开工"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UnreadableDate, match="不是能读懂的日期"):
        read(text)


def test_a_bare_year_before_前_is_asked_back() -> None:
    with pytest.raises(UnreadableDate, match="“前”字前面请写明日"):
        read("2023年前")


def test_a_date_is_taken_as_it_is() -> None:
    assert read(PUBLISHED) == DateSpan(PUBLISHED, PUBLISHED, "day")
    assert read(datetime(2023, 1, 28, 12, 0)) == DateSpan(PUBLISHED, PUBLISHED, "day")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2023年6月30日", "2023-06-30"),
        ("2023年6月中旬", "2023-06"),
        ("2023年6月底前", "2023-06"),
        ("2023年三季度", "2023-Q3"),
        ("2023年下半年", "2023-H2"),
        ("2023年", "2023"),
        ("2023年年底", "2023-12"),
        ("明年3月", ""),
    ],
)
def test_the_exchange_form_says_no_more_than_the_text(text: str, iso: str) -> None:
    assert read(text).iso() == iso


@pytest.mark.parametrize(
    ("text", "printed", "partial"),
    [
        ("项目1月28日在主会场开工", "1月28日", "--01-28"),
        ("6月,冷链基地获批", "6月", "--06"),
        ("今年下半年開工", "今年下半年", "--H2"),
        ("今年三季度投产", "今年三季度", "--Q3"),
        ("明年12月建成", "明年12月", "+1-12"),
        ("去年12月建成", "去年12月", "-1-12"),
        ("年内投产", "年内", "--12"),
        ("年初开工", "年初", "--01"),
        ("截至今年5月底,全县", "截至今年5月底", "--05"),
        ("昨日上午", "昨日", ""),
    ],
)
def test_a_date_without_a_year_has_a_partial_exchange_form(text: str, printed: str, partial: str) -> None:
    assert [(each.text, each.partial) for each in find(text)] == [(printed, partial)]


def test_a_resolved_date_is_not_partial() -> None:
    (only,) = find("项目1月28日开工", on=PUBLISHED)
    assert (only.span.first, only.partial) == (PUBLISHED, "")


@pytest.mark.parametrize(
    "text",
    [
        "2022年产10万吨线材",
        "第6期24.6亿元",
        "总投资2023.6亿元",
        "建设期6个月，三年内建成",
        "经营期20年内，每年底考核",
        "比去年同期增长",
        "某政办〔2023〕17号",
        "电话0371-2023-06",
        "上海1200万元",
        "H2储能项目和29月",
        "五一路和李国庆",
        "提前三天建成",
        "两周后，目前天气",
    ],
)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize("text", ["2022年初步设计", "2022年内资项目", "2022年产值5亿元", "2022年前往调研"])
def test_the_year_before_another_word_is_only_the_year(text: str) -> None:
    assert [each.text for each in find(text)] == ["2022年"]


def test_an_impossible_date_in_a_text_is_found_and_not_understood() -> None:
    (only,) = find("2023年2月30日开工")
    assert (only.text, only.span.precision, only.span.first) == ("2023年2月30日", "unknown", None)


def test_several_dates_are_found_in_order() -> None:
    text = "2022年7月14日签约，2023.6开工，2021—2023年建设，明年3月投产"
    assert [each.span.iso() for each in find(text, on=PUBLISHED)] == [
        "2022-07-14",
        "2023-06",
        "2021-01-01/2023-12-31",
        "2024-03",
    ]


def test_a_month_takes_the_year_of_the_date_just_before_it() -> None:
    assert [each.partial for each in find("明年5月建成、8月投产")] == ["+1-05", "+1-08"]
    assert [each.span.relative for each in find("明年5月建成、8月投产")] == ["明年5月", "明年8月"]
    assert [each.span.iso() for each in find("2022年3月开工、7月投产")] == ["2022-03", "2022-07"]
    assert [each.partial for each in find("2022年3月开工。7月，项目投产")] == ["", "--07"]


def test_a_span_that_cannot_be_is_not_made() -> None:
    with pytest.raises(ValueError, match="no such span"):
        DateSpan(date(2023, 2, 1), date(2023, 1, 1), "range")
    with pytest.raises(ValueError, match="no such span"):
        DateSpan(None, None, "week")


@st.composite
def spans(draw: st.DrawFn) -> DateSpan:
    """Any span that a text can mean, with closed or open ends."""
    day = draw(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
    other = draw(st.dates(day, date(2099, 12, 31)))
    month_end = date(day.year, day.month, monthrange(day.year, day.month)[1])
    written = draw(
        st.sampled_from(
            ["{0}-{1:02}", "{0}", "{0}-Q{2}", "{0}年{3}半年", "{0}年{1}月{4}旬", "{0}年{1}月{5}日"],
        )
    ).format(day.year, day.month, (day.month + 2) // 3, "上下"[day.month > 6], "上中下"[min(2, day.day // 10)], day.day)
    closed = read(written)
    return draw(
        st.sampled_from(
            [
                closed,
                DateSpan(closed.first, None, closed.precision),
                DateSpan(None, day, "day"),
                DateSpan(None, month_end, "month"),
                DateSpan(day, other, "range"),
                DateSpan(day.replace(day=1), date(other.year, 12, 31), "range"),
            ]
        )
    )


@given(spans())
def test_every_span_survives_being_shown(span: DateSpan) -> None:
    assert read(show(span)) == span


@given(spans())
def test_every_closed_span_but_ten_days_survives_its_exchange_form(span: DateSpan) -> None:
    if span.first and span.last and span.precision not in ("tendays", "range"):
        assert read(span.iso()) == span


@given(
    st.text() | st.text(st.sampled_from(_CHARS), max_size=40), st.none() | st.dates(date(1990, 1, 1), date(2090, 1, 1))
)
def test_no_text_breaks_the_finder_and_every_span_is_true(text: str, on: date | None) -> None:
    end = 0
    for each in find(text, on=on):
        assert end <= each.start < each.end
        assert text[each.start : each.end] == each.text
        end = each.end


@given(
    st.text() | st.text(st.sampled_from(_CHARS), max_size=15), st.none() | st.dates(date(1990, 1, 1), date(2090, 1, 1))
)
def test_a_text_is_read_or_refused(text: str, on: date | None) -> None:
    try:
        span = read(text, on=on)
    except UnreadableDate:
        return
    assert read(show(span)) == span


@pytest.mark.parametrize("text", ["投产后年产值8亿元", "达产后年税收2000万元", "建成后年可加工30万吨"])
def test_a_year_after_a_step_is_no_year_after_next(text: str) -> None:
    assert find(text, on=date(2023, 6, 21)) == []


def test_the_year_after_next_is_still_one() -> None:
    assert [found.text for found in find("力争后年6月建成", on=date(2023, 6, 21))] == ["后年6月"]
