"""Where projects stand: which month is judged, which figure holds, what lists read."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts, standings
from projects.models import Project, Standing, StandingMonth
from projects.plans import even_targets
from projects.standings import Bound, Outright
from projects.standings.among import Keys

MONDAY = date(2023, 7, 10)
JUNE = date(2023, 6, 30)


@pytest.mark.parametrize(
    ("return_day", "as_of", "month"),
    [
        (None, "2023-07-10", "2023-06-30"),
        (None, "2023-06-30", "2023-06-30"),
        (None, "2023-06-29", "2023-05-31"),
        (None, "2024-02-29", "2024-02-29"),
        (None, "2023-01-01", "2022-12-31"),
        (5, "2023-07-04", "2023-05-31"),
        (5, "2023-07-05", "2023-06-30"),
        (31, "2023-02-28", "2023-01-31"),
        (31, "2023-02-27", "2022-12-31"),
    ],
)
def test_the_judged_month_is_the_latest_whose_return_is_due(return_day, as_of, month):
    assert standings.judged_month(return_day, date.fromisoformat(as_of)) == date.fromisoformat(month)


def planned(project, amount=1_200_000, on=date(2023, 1, 1)):
    facts.approve_plan(facts.plan_year(project, on.year, amount, even_targets(amount), reason="年初"), on=on)


def position(project, as_of=MONDAY):
    return standings.positions(Project.objects.filter(pk=project.pk), as_of)[project.pk]


@pytest.mark.django_db
def test_nothing_known_is_nothing_and_not_zero(project):
    found = position(project)
    assert (found.plan, found.due, found.done, found.lag_elapsed) == (None, None, None, None)


@pytest.mark.django_db
def test_the_lag_is_told_against_the_calendar_and_against_the_plan(project):
    facts.approve_plan(facts.plan_year(project, 2023, 1_200_000, [0] * 6 + [1_200_000] * 6), on=date(2023, 1, 1))
    facts.record(project, "reported", JUNE, amount=480_000)
    found = position(project)
    assert (found.due, found.lag_elapsed, found.lag_planned) == (0, 1000, -4000)


@pytest.mark.django_db
def test_figures_after_the_judged_month_and_of_other_years_do_not_count(project):
    planned(project)
    facts.record(project, "reported", date(2022, 12, 31), amount=900_000)
    facts.record(project, "reported", date(2023, 7, 9), amount=700_000)
    assert position(project).done is None
    facts.record(project, "reported", date(2023, 5, 31), amount=300_000)
    assert (position(project).done, position(project).done_up_to) == (300_000, date(2023, 5, 31))


@pytest.mark.django_db
def test_the_return_is_believed_before_the_weekly_and_a_later_month_before_an_earlier(project):
    planned(project)
    facts.record(project, "weekly", JUNE, amount=500_000)
    facts.record(project, "reported", date(2023, 6, 25), amount=480_000)
    facts.record(project, "statistics", JUNE, amount=450_000)
    assert (position(project).done, position(project).done_statistics) == (480_000, 450_000)
    facts.record(project, "reported", date(2023, 5, 31), amount=400_000)
    assert position(project).done == 480_000
    assert position(project, date(2023, 6, 1)).done == 400_000


@pytest.mark.django_db
def test_a_day_before_the_plan_held_knows_no_plan(project):
    planned(project, on=date(2023, 4, 1))
    assert position(project, date(2023, 3, 31)).plan is None
    assert position(project, date(2023, 5, 10)).plan == 1_200_000
    assert position(project, date(2022, 12, 31)).plan is None


@pytest.mark.django_db
def test_the_next_deadline_is_the_earliest_that_is_not_done_even_if_it_passed(project):
    facts.promise(project, "started", date(2023, 3, 31))
    facts.promise(project, "completed", date(2024, 3, 31))
    assert (position(project).next_kind, position(project).next_deadline) == ("开工", date(2023, 3, 31))
    facts.reach(project, "started", date(2023, 4, 2))
    assert position(project).next_deadline == date(2024, 3, 31)
    assert position(project, date(2023, 4, 1)).next_deadline == date(2023, 3, 31)


@pytest.mark.django_db
def test_lists_read_what_the_verbs_wrote_and_a_second_refresh_writes_nothing(project):
    planned(project)
    facts.record(project, "reported", JUNE, amount=480_000)
    row = Standing.objects.get(project=project)
    assert (row.month, row.plan, row.due, row.done, row.lag_elapsed) == (JUNE, 1_200_000, 600_000, 480_000, 1000)
    assert standings.refresh(Project.objects.all(), MONDAY) == 0


@pytest.mark.django_db
def test_a_refresh_leaves_the_light_alone(project):
    Standing.objects.filter(project=project).update(light="red", severity=2, since=JUNE)
    planned(project)
    row = Standing.objects.get(project=project)
    assert (row.plan, row.light, row.severity, row.since) == (1_200_000, "red", 2, JUNE)


@pytest.mark.django_db
@pytest.mark.parametrize("known_before", [True, False])
def test_what_is_settled_outright_is_lit_by_the_same_statement_and_the_rest_is_handed_back(town, known_before):
    town.west.return_day = 5
    town.west.save()
    names = {
        "东": (town.east, 700_000),
        "西": (town.west, 700_000),
        "慢": (town.east, 400_000),
        "无": (town.east, None),
    }
    made = {name: facts.create(name=name, zone=zone) for name, (zone, _) in names.items()}
    for name, (_, done) in names.items():
        planned(made[name])
        if done is not None:
            facts.record(made[name], "reported", JUNE, amount=done)
    if not known_before:
        Standing.objects.all().delete()

    def settle(since):
        outright = Outright(
            within=[Project.objects.values_list("pk")],
            without=[Project.objects.filter(name="别的").values_list("pk")],
            zones=[town.east.pk, town.west.pk],
            bounds=[Bound("lag_elapsed", "<", 0), Bound("plan", ">", 0)],
            light="green",
            label="正常",
            colour="#16a34a",
            since=since,
            look_on=lambda return_day: date(2023, 7, return_day or 31),
        )
        return standings.settle(Keys.of([project.pk for project in made.values()]), MONDAY, outright)

    def lit():
        rows = Standing.objects.order_by("pk").values_list("project__name", "light", "since", "look_on", "done")
        return list(rows)

    others = settle(MONDAY)
    assert {pk: (each.done, each.done_channel) for pk, each in others.items()} == {
        made["慢"].pk: (400_000, "reported"),
        made["无"].pk: (None, ""),
    }
    assert lit() == [
        ("东", "green", MONDAY, date(2023, 7, 31), 700_000),
        ("西", "green", MONDAY, date(2023, 7, 5), 700_000),
        ("慢", "", None, None, 400_000),
        ("无", "", None, None, None),
    ]
    # What stood there keeps its mark, which is for who judges to take away; what is new has none.
    assert set(Standing.objects.values_list("stale", flat=True)) == {known_before}
    Standing.objects.filter(project=made["慢"]).update(light="red", since=JUNE)
    before = lit()
    assert settle(date(2023, 7, 11)) == others
    assert lit() == before  # a light that stays keeps its day, and nobody else's is touched


@pytest.mark.django_db
def test_a_frozen_month_is_never_written_again(project):
    planned(project)
    facts.record(project, "reported", JUNE, amount=480_000)
    assert standings.freeze_of(Keys.of([project.pk])) == 1
    facts.record(project, "reported", JUNE, amount=1)
    assert standings.freeze_of(Keys.of([project.pk])) == 0
    assert StandingMonth.objects.get().done == 480_000


@pytest.mark.django_db
def test_the_number_of_statements_does_not_grow_with_the_projects(town):
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as told:
            standings.positions(Project.objects.all(), MONDAY)
        return len(told)

    planned(facts.create(name="项目甲", zone=town.east))
    few = statements()
    for name in "乙丙丁戊己庚":
        planned(facts.create(name=f"项目{name}", zone=town.west))
    assert statements() == few


def test_the_lag_for_showing_is_rounded_half_away_from_zero():
    assert standings.hundredths(1, 3) == 3333
    assert standings.hundredths(1, 20_000) == 1
    assert standings.hundredths(-1, 20_000) == -1
    assert standings.hundredths(1, 20_001) == 0
