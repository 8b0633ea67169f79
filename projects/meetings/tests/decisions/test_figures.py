"""What came of a year's meetings, in numbers."""

from datetime import date

import pytest

from projects.meetings import figures, following
from projects.meetings.models import Decision, Meeting
from zones.models import Department

pytestmark = pytest.mark.django_db


def of(year):
    return figures.of_year(Meeting.objects.all(), Decision.objects.all(), year)


def test_the_year_in_numbers_by_unit(town, meet, meeting, decided, today):
    meet(date(2023, 7, 3), number=27)
    third = meet(date(2023, 7, 12), kind=Meeting.Kind.SPECIAL, number=1)
    meet(date(2022, 7, 4), number=26, state=Meeting.State.ISSUED)
    other = Department.objects.create(zone=town.east, name="自然资源局")
    in_time, late, running, overdue = (decided(f"事项{n}") for n in range(4))
    extended = decided("延期的", lead=other)
    following.ask_extension(extended, date(2023, 7, 31), reason="等批复", by=town.zhang)
    following.agree(extended, by=town.gao)
    today("2023-07-12")
    following.ask_closing(in_time, "完成", by=town.zhang)
    today("2023-07-18")
    following.agree(in_time, by=town.chen)
    following.ask_closing(late, "完成", by=town.zhang)
    following.agree(late, by=town.chen)
    following.urge(overdue, by=town.chen)
    following.revoke(running, reason="调整", by=town.gao)
    Meeting.objects.exclude(pk=third.pk).update(state=Meeting.State.ISSUED)
    year = of(2023)
    office, planning = year.units
    assert (planning.name, planning.tally.decided, planning.tally.overdue) == ("自然资源局", 1, 0)
    tally = office.tally
    assert (tally.decided, tally.done, tally.late, tally.overdue, tally.urged) == (3, 2, 2, 1, 1)
    assert (tally.done_share, tally.on_time_share, tally.mean_days) == ("66.7%", "33.3%", "5.0")
    assert year.sentence == (
        "2023年召开会议2次，议定事项4项，办结2项，办结率50.0%，按期率33.3%，平均用时5.0天；未办结2项，其中逾期1项。"
    )
    assert (of(2022).held, of(2022).total.decided) == (1, 0)


def test_the_numbers_cost_the_same_for_many_units_as_for_one(town, decided, django_assert_num_queries):
    for name in ("自然资源局", "建设局", "供电公司"):
        decided(name, lead=Department.objects.create(zone=town.east, name=name))
        with django_assert_num_queries(2):
            of(2023)
