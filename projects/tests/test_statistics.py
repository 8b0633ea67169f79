"""Counts and sums: each project once, zeros told, nothing of other zones."""

from datetime import date

import pytest

from projects import facts, selecting, statistics
from projects.models import Period, Project, Series, Standing
from projects.plans import even_targets
from projects.statistics import EntryCount

pytestmark = pytest.mark.django_db


def test_a_project_of_two_rounds_has_two_entries_and_counts_once(project, town):
    series = Series.objects.create(code="province", name="全省活动", zone=town.province)
    fifth, seventh = (Period.objects.create(series=series, number=n) for n in (5, 7))
    facts.enter(project, "sign", fifth)
    facts.enter(project, "start", seventh)
    facts.enter(facts.create(name="东区物流园项目", zone=town.east), "sign")
    assert statistics.entries(Project.objects.all()) == [
        EntryCount("sign", None, None, "", 1),
        EntryCount("sign", fifth.pk, 5, "全省活动", 1),
        EntryCount("start", seventh.pk, 7, "全省活动", 1),
    ]
    assert statistics.by_batch(Project.objects.all()) == [
        EntryCount("sign", None, None, "", 1),
        EntryCount("start", seventh.pk, 7, "全省活动", 1),
    ]


def test_rounds_of_two_series_are_never_added(project, town):
    other = facts.create(name="东区物流园项目", zone=town.east)
    for one, code in ((project, "province"), (other, "city")):
        series = Series.objects.create(code=code, name=code, zone=town.city)
        facts.enter(one, "sign", Period.objects.create(series=series, number=7))
    assert [(row.series, row.number, row.count) for row in statistics.entries(Project.objects.all())] == [
        ("province", 7, 1),
        ("city", 7, 1),
    ]


def test_the_money_of_a_part_is_not_counted_beside_that_of_the_whole(project, town):
    part = facts.create(name="一号厂房项目", zone=town.east, parent=project)
    for one, amount in ((project, 1_200), (part, 600)):
        facts.approve_plan(facts.plan_year(one, 2023, amount, even_targets(amount)), on=date(2023, 1, 1))
        facts.record(one, "reported", date(2023, 6, 30), amount=amount // 2)
    assert statistics.investment(Project.objects.all()).plan == 1_200


def test_who_stands_still_is_told_by_day(project):
    facts.suspend(project, starts=date(2023, 5, 8), reason="管线迁改", approver="管委会")
    assert not statistics.suspended(Project.objects.all(), date(2023, 5, 7)).exists()
    assert statistics.suspended(Project.objects.all(), date(2023, 5, 8)).get() == project


def test_phases_are_told_in_their_order_with_zeros(project):
    facts.reach(project, "signed", date(2023, 1, 1))
    told = statistics.by_phase(Project.objects.all())
    assert list(told) == ["reserved", "negotiating", "signed", "performed", "started", "produced", "at_capacity"]
    assert told["signed"] == sum(told.values()) == 1


def test_sums_take_projects_with_both_figures_and_say_how_many(project, town):
    for one in (project, facts.create(name="西区项目", zone=town.west)):
        facts.approve_plan(facts.plan_year(one, 2023, 1_200, even_targets(1_200)), on=date(2023, 1, 1))
    facts.record(project, "reported", date(2023, 6, 30), amount=480)
    told = statistics.investment(Project.objects.all())
    assert (told.live, told.counted, told.plan, told.due, told.done, told.percent) == (2, 1, 1_200, 600, 480, 40.0)


def test_a_part_is_left_out_where_its_whole_is_counted_and_nowhere_else(project, town):
    part = facts.create(name="二期", zone=town.east, parent=project)
    for one in (project, part):
        facts.approve_plan(facts.plan_year(one, 2023, 1_200, even_targets(1_200)), on=date(2023, 1, 1))
        facts.record(one, "reported", date(2023, 6, 30), amount=480)
    for rows, plan in ((Project.objects.all(), 1_200), (Project.objects.filter(pk=part.pk), 1_200)):
        assert statistics.investment(rows).plan == plan
        assert statistics.investment_on(rows, date(2023, 7, 5)).plan == plan
        assert selecting.with_figures(rows, "both").count() == 1


def test_nothing_at_all_is_zero_and_no_rate(town):
    told = statistics.investment(Project.objects.all())
    assert (told.live, told.plan, told.percent) == (0, 0, None)


def test_only_the_projects_asked_for_are_counted(project, town):
    facts.create(name="西区项目", zone=town.west)
    Standing.objects.filter(project=project).update(light="red")
    assert statistics.by_light(Project.objects.filter(zone=town.east)) == {"red": 1}
    assert statistics.by_light(Project.objects.visible_to(town.wang)) == {"": 1}
