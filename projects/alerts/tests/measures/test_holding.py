"""A measure that promises to say the same until a day does: value, words and inputs; tried day by day."""

import itertools
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.alerts import measures
from projects.alerts.measures.silence import Row
from projects.alerts.tests.measures.memory import Facts, Problems, step
from projects.alerts.verdicts import Reading
from projects.standings import judged_month

DAYS = st.dates(date(2022, 11, 1), date(2023, 12, 31))
KINDS = ("signed", "permit", "started", "stats_entry", "completed", "produced")
MARKS: tuple[Any, ...] = ()


@st.composite
def worlds(draw: Any) -> Facts:
    """Facts of a project, with steps promised, moved and done before the days that are looked at."""
    steps = []
    for pk, kind in enumerate(draw(st.sets(st.sampled_from(KINDS))), start=1):
        baseline, planned = draw(st.none() | DAYS), draw(st.none() | DAYS)
        done = draw(st.none() | st.dates(date(2022, 1, 1), date(2022, 12, 31)))
        days = [each.isoformat() if each else "" for each in (baseline, planned, done)]
        steps.append(step(kind, *days, pk=pk))
    months = draw(st.lists(st.sampled_from([f"2023-{month:02}-28" for month in range(1, 13)]), unique=True))
    money = st.integers(0, 200)
    told = sorted(draw(st.lists(DAYS, max_size=4)))
    return Facts(
        plan=draw(st.none() | st.integers(0, 120)),
        done={month: draw(money) for month in months},
        entered={month: draw(money) for month in months[:3]},
        steps=tuple(sorted(steps, key=lambda each: each.pk)),
        told=tuple(Row("weekly", day, draw(money), None, None) for day in told if day < date(2023, 2, 1)),
        major=draw(st.sampled_from([(), ((3, "土地未交付"),)])),
        return_day=draw(st.none() | st.integers(1, 31)),
    )


def choices(measure: Any) -> Any:
    """Every choice of parameters that means something."""
    ranges = [
        [code for code, _ in each.choices] if hasattr(each, "choices") else [each.default, str(each.least)]
        for each in measure.parameters
    ]
    names = [each.name for each in measure.parameters]
    found = [dict(zip(names, values, strict=True)) for values in itertools.product(*ranges)]
    return st.sampled_from([each for each in found if not measure.problems(each)])


OF_PROJECTS = [each for each in measures.registered() if each.subject == "project"]


@pytest.mark.parametrize("measure", OF_PROJECTS, ids=lambda measure: measure.code)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_measure_says_the_same_until_the_day_it_named(measure: Any, data: Any) -> None:
    facts, day = data.draw(worlds()), data.draw(st.dates(date(2023, 2, 1), date(2023, 12, 31)))
    parameters = data.draw(choices(measure))
    case = facts.on(day)
    said, last = measure.judge(case, parameters, MARKS), measure.holds_until(case, parameters)
    assert last is None or last >= day
    ends = min(last or date.max, day + timedelta(days=45))
    while (day := day + timedelta(days=1)) <= ends:
        if judged_month(facts.return_day, day) != case.position.month:
            return
        assert measure.judge(facts.on(day), parameters, MARKS) == said, day
        assert (measure.holds_until(facts.on(day), parameters) or date.max) == (last or date.max)


@pytest.mark.parametrize("code", ["problem_open", "problem_deadline"])
def test_a_problem_is_looked_at_every_day_while_it_is_open(code: str) -> None:
    measure: Any = measures.get(code)
    day = date(2023, 7, 10)
    assert measure.holds_until(Problems("2023-07-01", "2023-07-20").on(day), {}) == day
    assert measure.holds_until(Problems("2023-07-01", "2023-07-20", "2023-07-05").on(day), {}) is None


@given(worlds(), st.dates(date(2023, 2, 1), date(2023, 12, 31)))
@settings(max_examples=40, deadline=None)
def test_a_share_that_is_told_does_not_contradict_its_level(facts: Facts, day: date) -> None:
    measure: Any = measures.get("progress_gap")
    said = measure.judge(facts.on(day), {"baseline": "elapsed", "channel": "reported"}, (Fraction(10), Fraction(30)))
    if isinstance(said, Reading) and said.value > 0 and "略" not in said.body:
        shown = Fraction(said.body.partition("落后")[2].removesuffix("个百分点"))
        assert [(shown > mark) - (shown < mark) for mark in (10, 30)] == [
            (said.value > mark) - (said.value < mark) for mark in (10, 30)
        ]
