"""观摩: stops picked and put in order, points by several people, their mean."""

import pytest
from django.core.exceptions import ValidationError

from projects import facts
from projects.meetings import opening, touring
from projects.meetings.models import Meeting
from projects.meetings.tests.filing.conftest import THURSDAY


@pytest.fixture
def tour(town, mine, nobodys):
    return opening.open_meeting(town.east, THURSDAY, kind=Meeting.Kind.TOUR)[0]


def order(tour):
    return list(tour.updates.order_by("place").values_list("project__name", "place"))


def test_a_tour_begins_without_stops_and_keeps_those_that_are_picked_in_the_chosen_order(town, tour, mine, nobodys):
    assert order(tour) == []
    rows = [touring.add_stop(tour, project, by=town.chen) for project in [*mine, nobodys]]
    assert touring.add_stop(tour, mine[0], by=town.chen) == rows[0]
    touring.move_stop(rows[2], -1, by=town.chen)
    touring.move_stop(rows[0], -5, by=town.chen)
    assert order(tour) == [("传感器产业园", 1), ("无人项目", 2), ("智能装备园", 3)]
    touring.drop_stop(rows[2], by=town.chen)
    assert order(tour) == [("传感器产业园", 1), ("智能装备园", 2)]
    opening.make_agenda(tour, by=town.chen)
    assert order(tour) == [("传感器产业园", 1), ("智能装备园", 2)]


def test_what_is_no_stop_of_this_zone_is_refused(town, tour, mine):
    elsewhere = facts.create(name="西区项目", zone=town.west)
    with pytest.raises(ValidationError, match="不属于开会的区域"):
        touring.add_stop(tour, elsewhere, by=town.chen)
    facts.terminate(mine[0], on=THURSDAY, reason="企业撤资", by=town.chen)
    mine[0].refresh_from_db()
    with pytest.raises(ValidationError, match="已终止"):
        touring.add_stop(tour, mine[0], by=town.chen)


def test_the_weekly_meetings_rows_are_not_picked_and_not_marked(town, mine):
    weekly = opening.open_meeting(town.east, THURSDAY)[0]
    with pytest.raises(ValidationError, match="不必挑选"):
        touring.add_stop(weekly, mine[0], by=town.chen)
    with pytest.raises(ValidationError, match="只有观摩会可以评分"):
        touring.mark(weekly.updates.first(), 90, by=town.gao)


def test_the_mean_is_exact_and_equal_means_share_a_place(town, tour, mine, nobodys):
    first, second, third = (touring.add_stop(tour, project, by=town.chen) for project in [*mine, nobodys])
    for update, given in ((first, (90, 95, 91)), (second, (92, 92)), (third, (80,))):
        for who, points in zip((town.gao, town.chief, town.chen), given, strict=False):
            touring.mark(update, points, by=who)
    assert [(stop.shown, stop.rank) for stop in touring.stops(tour)] == [("92.0", 1), ("92.0", 1), ("80.0", 3)]
    touring.mark(first, 91, words="样板", by=town.gao)
    assert [(stop.shown, stop.rank) for stop in touring.stops(tour)] == [("92.3", 1), ("92.0", 2), ("80.0", 3)]
    assert first.marks.count() == 3


def test_points_are_taken_back_by_leaving_them_out_and_then_the_stop_may_go(town, tour, mine):
    row = touring.add_stop(tour, mine[0], by=town.chen)
    touring.mark(row, 0, by=town.gao)
    with pytest.raises(ValidationError, match="不能移出"):
        touring.drop_stop(row, by=town.chen)
    touring.mark(row, None, by=town.gao)
    assert touring.stops(tour)[0].mean is None
    touring.drop_stop(row, by=town.chen)
    assert order(tour) == []


@pytest.mark.parametrize(("points", "words"), [(101, ""), (-1, ""), (90, "长" * 301), (None, "只有评语")])
def test_points_out_of_bounds_are_refused(town, tour, mine, points, words):
    row = touring.add_stop(tour, mine[0], by=town.chen)
    with pytest.raises(ValidationError):
        touring.mark(row, points, words=words, by=town.gao)
    assert not row.marks.exists()


def test_a_tour_that_was_called_off_takes_no_points_and_no_stops(town, tour, mine, nobodys):
    row = touring.add_stop(tour, mine[0], by=town.chen)
    opening.cancel(tour, "暴雨", by=town.chen)
    for verb in (
        lambda: touring.mark(row, 90, by=town.gao),
        lambda: touring.add_stop(tour, nobodys, by=town.chen),
        lambda: touring.move_stop(row, 1, by=town.chen),
        lambda: touring.drop_stop(row, by=town.chen),
    ):
        with pytest.raises(ValidationError):
            verb()
    assert not row.marks.exists()
