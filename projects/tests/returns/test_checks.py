"""The arithmetic of a return, without a database."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.returns import lateness
from projects.returns.checks import Kind, Known, Told, asking, blocking, check, propose

JUNE = date(2023, 6, 30)
MILLION = 1_000_000
TOLD = Told(
    JUNE, this_month=5 * MILLION, year_to_date=48 * MILLION, since_start=148 * MILLION, building=40 * MILLION,
    installation=5 * MILLION, equipment=2 * MILLION, other=MILLION, percent=60,
)  # fmt: skip
KNOWN = Known(
    plan=120 * MILLION, last=43 * MILLION, earlier=43 * MILLION, earlier_month=date(2023, 5, 31), since=143 * MILLION,
    since_is_last=True, percent=55, opening=100 * MILLION, opening_from="2022年12月月报",
)  # fmt: skip


def codes(told, known=KNOWN, kind=None):
    return [each.code for each in check(told, known) if kind is None or each.kind is kind]


def test_a_return_that_adds_up_raises_nothing():
    assert check(TOLD, KNOWN) == []


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"this_month": 5 * MILLION + 1}, "year", "少 0.0001万元"),
        ({"year_to_date": 47 * MILLION}, "year", "不等于上月累计 4300万元 + 本月完成 500万元 = 4800万元，少 100万元"),
        ({"building": 39 * MILLION}, "parts", "四项之和 4700万元 不等于自年初累计 4800万元，少 100万元"),
        ({"since_start": 149 * MILLION}, "start", "上年末累计 10000万元（2022年12月月报）"),
        ({"this_month": None, "year_to_date": None, "building": None, "installation": None, "equipment": None,
          "other": None}, "missing", "请填自年初累计"),
        ({"claims": {"started": None}}, "claim_date", "申报开工须填开工日期"),
        ({"claims": {"started": date(2023, 7, 1)}, "photos": 1}, "claim_date", "晚于本月最后一天"),
        ({"claims": {"produced": JUNE}}, "claim_photo", "申报投产须附现场照片"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_blocks(changed, code, words):
    found = next(each for each in check(replace(TOLD, **changed), KNOWN) if each.code == code)
    assert found.kind is Kind.BLOCKS
    assert words in found.sentence


@pytest.mark.parametrize(
    ("changed", "known", "code"),
    [
        ({"this_month": -MILLION, "year_to_date": 42 * MILLION, "building": 34 * MILLION, "since_start": 142 * MILLION},
         {}, "fell"),
        ({"percent": 54}, {}, "fell_percent"),
        ({}, {"plan": 48 * MILLION - 1}, "over_plan"),
        ({}, {"plan": 0}, "over_plan"),
        ({}, {"plan": 10 * MILLION - 1}, "jump"),
    ],
)  # fmt: skip
def test_what_is_unusual_asks_for_a_note_and_a_note_answers_it(changed, known, code):
    told = replace(TOLD, **changed)
    findings = check(told, replace(KNOWN, **known))
    assert code in [each.code for each in findings if each.kind is Kind.ASKS]
    assert blocking(findings) == []
    assert code in [each.code for each in asking(findings, "  ")]
    assert asking(findings, "设备集中到货") == []


def test_half_the_plan_and_the_whole_plan_are_not_beyond_them():
    assert codes(TOLD, replace(KNOWN, plan=10 * MILLION), Kind.ASKS) == ["over_plan"]
    assert codes(TOLD, replace(KNOWN, plan=48 * MILLION), Kind.ASKS) == []


def test_what_cannot_be_checked_is_said_and_keeps_nobody_back():
    told = replace(TOLD, building=None, installation=None, equipment=None, other=None)
    unknown = Known()
    assert set(codes(told, unknown)) == {"year_unchecked", "parts_unchecked", "start_unchecked", "plan_unchecked"}
    assert set(codes(told, unknown, Kind.SAYS)) == set(codes(told, unknown))
    assert "start" in codes(replace(told, since_start=1), unknown, Kind.BLOCKS)


def test_a_step_that_is_done_already_needs_no_photo_again():
    told = replace(TOLD, claims={"started": None})
    assert codes(told, replace(KNOWN, done=frozenset({"started"}))) == []


YUAN = st.integers(0, 10**15)


@given(last=YUAN, month=YUAN, opening=YUAN, cuts=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_what_is_proposed_satisfies_every_identity(last, month, opening, cuts):
    known = Known(last=last, opening=opening, opening_from="计划", plan=10**16)
    for told in (Told(JUNE, this_month=month), Told(JUNE, year_to_date=last + month)):
        full = replace(told, **propose(told, known))
        assert (full.this_month, full.year_to_date, full.since_start) == (month, last + month, opening + last + month)
        first, second, third = sorted(int(cut * full.year_to_date) for cut in cuts)
        parts = {"building": first, "installation": second - first, "equipment": third - second}
        whole = replace(full, **parts, other=full.year_to_date - third)
        assert blocking(check(whole, known)) == []
        assert propose(whole, known) == {}


@given(
    st.builds(Told, st.just(JUNE), *(st.none() | YUAN for _ in range(7))),
    st.builds(Known, plan=st.none() | YUAN, last=st.none() | YUAN, opening=st.none() | YUAN, since=st.none() | YUAN),
)
def test_an_identity_blocks_exactly_when_it_is_broken(told, known):
    found = {each.code for each in blocking(check(told, known))}
    months = (told.this_month, told.year_to_date, known.last)
    assert ("year" in found) == (None not in months and months[1] != months[0] + months[2])
    told_parts = [part for part in told.parts if part is not None]
    broken = told.year_to_date is not None and bool(told_parts) and sum(told_parts) != told.year_to_date
    assert ("parts" in found) == broken
    if None not in (told.since_start, told.year_to_date, known.opening):
        assert ("start" in found) == (told.since_start != known.opening + told.year_to_date)
    assert not set(propose(told, known)) & {name for name in vars_of(told) if getattr(told, name) is not None}


def vars_of(told):
    return [name for name in told.__dataclass_fields__ if name not in ("month", "note", "claims", "photos")]


@pytest.mark.parametrize(
    ("return_day", "month", "due"),
    [
        (None, JUNE, JUNE),
        (5, JUNE, date(2023, 7, 5)),
        (31, JUNE, date(2023, 7, 31)),
        (31, date(2023, 1, 31), date(2023, 2, 28)),
        (5, date(2023, 12, 31), date(2024, 1, 5)),
    ],
)
def test_a_return_is_due_on_the_zones_day_of_the_following_month(return_day, month, due):
    assert lateness.due_day(return_day, month) == due
    assert lateness.late_days(return_day, month, due) == 0
    assert lateness.late_days(return_day, month, due.replace(day=due.day - 1)) == 0
    assert lateness.month_due(return_day, due) == month
    assert lateness.month_due(return_day, due.fromordinal(due.toordinal() - 1)) < month


def test_from_the_20th_on_the_month_that_runs_is_filled_in():
    assert lateness.month_to_fill(date(2023, 7, 19)) == JUNE
    assert lateness.month_to_fill(date(2023, 7, 20)) == date(2023, 7, 31)
