"""Unanswered alerts go up by working days, as far as they should, and no further."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.alerts import answering, escalation
from projects.alerts.models import Alert, AlertEvent, Rule
from projects.alerts.tests.conftest import MONDAY, Make, on
from projects.alerts.tests.episodes.conftest import figure, kinds, say, told
from projects.notices.models import Notice
from zones.models import WorkdayOverride
from zones.workdays import Calendar

pytestmark = pytest.mark.django_db
THURSDAY, FRIDAY = date(2023, 7, 13), date(2023, 7, 14)
NEXT_WEDNESDAY, THE_MONDAY_AFTER = date(2023, 7, 19), date(2023, 7, 24)


def test_working_days_count_with_holidays_make_up_days_and_our_own_exceptions() -> None:
    golden_week = date(2023, 9, 27)  # 29 September to 6 October are free, the Saturday and Sunday after are worked
    assert Calendar().after(golden_week, 3) == date(2023, 10, 8)
    WorkdayOverride.objects.create(date=date(2023, 10, 8), is_working=False, note="本区放假")
    assert Calendar().after(golden_week, 3) == date(2023, 10, 9)


@pytest.mark.parametrize(
    ("day", "hold", "rung", "goes_up_on", "next_on"),
    [
        (THURSDAY, 0, 0, None, FRIDAY),  # the last day to answer counts
        (FRIDAY, 0, 1, None, NEXT_WEDNESDAY),  # on the morning after
        (NEXT_WEDNESDAY - timedelta(days=1), 0, 1, None, NEXT_WEDNESDAY),
        (NEXT_WEDNESDAY, 0, 2, None, THE_MONDAY_AFTER),  # three working days more, and so on
        (THE_MONDAY_AFTER, 0, 3, None, None),
        (date(2024, 1, 1), 0, 3, None, None),  # there is nobody above the top
        (FRIDAY, 2, 0, date(2023, 7, 18), date(2023, 7, 18)),  # the coordinators first, for two working days
        (date(2023, 7, 18), 2, 1, None, date(2023, 7, 21)),
        (date(2023, 7, 21), 2, 1, date(2023, 7, 25), date(2023, 7, 25)),
    ],
)
def test_the_step_of_an_alert_follows_from_days_alone(
    day: date, hold: int, rung: int, goes_up_on: date | None, next_on: date | None
) -> None:
    assert escalation.due(THURSDAY, 3, hold, day, Calendar()) == escalation.Due(rung, goes_up_on, next_on)


def test_who_owes_is_reminded_and_then_it_climbs_from_person_to_unit_leader_and_office_above(
    town: Any, red: Alert, pass_to: Any
) -> None:
    facts.assign(red.project, "unit", department=town.east_office)
    assert (red.answer_by, red.look_on, red.rung) == (THURSDAY, date(2023, 7, 12), 0)
    pass_to(red.look_on)
    assert told("催办") == {"zhang"}
    assert pass_to(THURSDAY).rung == 0
    assert (pass_to(FRIDAY).rung, told("上报")) == (1, {"zhang"})  # the unit speaks through its own people
    assert (pass_to(NEXT_WEDNESDAY).rung, told("上报")) == (2, {"zhang", "gao"})
    assert (pass_to(THE_MONDAY_AFTER).rung, told("上报")) == (3, {"zhang", "gao", "chief"})
    assert kinds(red) == ["opened", "reminded", "climbed", "climbed", "climbed"]
    assert "逾期未答复（期限 2023-07-13），上报至责任单位" in AlertEvent.objects.get(step=3).sentence
    assert pass_to(date(2023, 8, 10)).look_on is None


def test_a_scan_that_missed_days_climbs_every_step_that_is_due_and_a_second_one_none(red: Alert, pass_to: Any) -> None:
    assert pass_to(THE_MONDAY_AFTER).rung == 3
    before = (kinds(red), Notice.objects.count())
    assert before[0] == ["opened", "climbed", "climbed", "climbed"]
    pass_to(THE_MONDAY_AFTER)
    assert (kinds(red), Notice.objects.count()) == before


def test_the_coordinators_see_it_before_it_goes_up_for_as_long_as_the_rule_holds_it(
    town: Any, rules: Any, red: Alert, pass_to: Any
) -> None:
    Rule.objects.filter(code="progress-gap").update(hold_days=2)
    alert = pass_to(FRIDAY)
    assert (alert.rung, alert.goes_up_on, alert.look_on) == (0, date(2023, 7, 18), date(2023, 7, 18))
    assert (told("待上报"), list(Alert.objects.rising())) == ({"chen"}, [alert])
    alert = pass_to(date(2023, 7, 18))
    assert (alert.rung, alert.goes_up_on) == (1, None)
    assert kinds(alert) == ["opened", "pending", "climbed"]


def test_nobody_at_a_step_leaves_it_to_the_office(town: Any, rules: Any, project: Make, pass_to: Any) -> None:
    project(plan=100, done=0)
    on()
    pass_to(FRIDAY)
    assert told("上报") == {"chen"}


def test_an_answer_stops_it_and_a_worsening_starts_anew(town: Any, red: Alert, pass_to: Any) -> None:
    figure(red, 30)
    on()  # yellow now, to be answered within seven working days
    assert Alert.objects.get().answer_by == date(2023, 7, 19)
    say(red, town.zhang)
    alert = pass_to(date(2023, 7, 25))
    assert (alert.rung, alert.answered, alert.look_on) == (0, True, date(2023, 9, 1)), "looked at once more then"
    figure(red, 0)
    alert = pass_to(date(2023, 7, 26))
    assert (alert.level, alert.answered, alert.acknowledged) == ("red", False, False)
    assert (alert.answer_by, alert.rung) == (date(2023, 7, 31), 0)
    assert pass_to(date(2023, 8, 1)).rung == 1


def test_what_rests_does_not_go_up_and_its_term_begins_anew(town: Any, red: Alert, pass_to: Any) -> None:
    stop = facts.suspend(red.project, starts=MONDAY, reason="设计变更", approver="区项目办")
    assert pass_to(NEXT_WEDNESDAY).rung == 0
    facts.resume(stop, ends=NEXT_WEDNESDAY)
    alert = pass_to(date(2023, 7, 20))
    assert (alert.held, alert.answer_by) == ("", date(2023, 7, 25))
    assert kinds(alert) == ["opened", "rested", "resumed"]


def test_the_day_to_look_again_is_true_of_whatever_stands_ahead(red: Alert, pass_to: Any) -> None:
    day = MONDAY
    while day < date(2023, 7, 28):
        day += timedelta(days=1)
        before, steps = Alert.objects.get().look_on, AlertEvent.objects.count()
        pass_to(day)
        changed = AlertEvent.objects.count() > steps
        assert changed == (day == before), day


def test_thirty_alerts_go_up_by_as_many_statements_as_three(town: Any, rules: Any, project: Make, pass_to: Any) -> None:
    def statements(day: date) -> int:
        with CaptureQueriesContext(connection) as seen:
            pass_to(day)
        return len(seen)

    made = [project(f"项目{at}", plan=100, done=0) for at in range(3)]
    on()
    three = statements(FRIDAY)
    made += [project(f"新项目{at}", plan=100, done=0) for at in range(27)]
    on(FRIDAY)
    Alert.objects.update(answer_by=THURSDAY, rung=0, look_on=FRIDAY)
    assert Alert.objects.count() == 30
    assert statements(FRIDAY) <= three
    assert set(Alert.objects.values_list("rung", flat=True)) == {1}


def test_an_answer_is_wanted_again_after_the_alert_worsens_and_all_answers_stay(
    town: Any, red: Alert, pass_to: Any
) -> None:
    figure(red, 30)
    on()
    first = say(red, town.zhang, help_needed="请金融办协调")
    assert (say(red, town.zhang, help_needed="请金融办协调").pk, kinds(red)[-1]) == (first.pk, "answered")
    assert "请求协调：请金融办协调" in Notice.objects.get(kind="答复", user=town.chen).sentence
    figure(red, 0)
    pass_to(date(2023, 7, 11))
    alert = Alert.objects.get()
    assert (alert.answering, answering.latest_answer(alert)) == ("须重新答复", None)
    second = say(alert, town.zhang)
    assert [row.pk for row in alert.answers.all()] == [first.pk, second.pk]
    assert Alert.objects.get().answered
