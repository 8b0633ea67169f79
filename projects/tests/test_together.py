"""Two people at once. On PostgreSQL they really meet; SQLite lets one writer in at a time."""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections

from projects import facts
from projects.models import Entry, Project, Standing
from projects.plans import even_targets
from zones.models import Zone

JUNE = date(2023, 6, 30)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time: nobody can meet"),
]


def at_once(*acts):
    """Run the acts in threads that start together; what each returned or raised."""
    gate, told = threading.Barrier(len(acts)), {}

    def run(at, act):
        try:
            gate.wait(10)
            told[at] = act()
        except Exception as error:
            told[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [told.get(at) for at in range(len(acts))]


def test_two_entering_one_batch_make_one_entry(project):
    told = at_once(*[lambda: facts.enter(project, "start")] * 2)
    assert sorted(new for _, new in told) == [False, True]
    assert Entry.objects.count() == 1


def test_a_double_click_opens_one_file(town):
    told = at_once(*[lambda: facts.create(name="西部激光产业园项目", zone=town.east)] * 2)
    assert {type(one) for one in told} == {Project, ValidationError}
    assert Project.objects.filter(name="西部激光产业园项目").count() == 1


def test_a_plan_and_a_figure_at_once_both_stand(project):
    for round_ in range(5):
        year = [1200 + round_, even_targets(1200 + round_)]
        plan = facts.plan_year(project, 2023, *year, reason="调整")
        at_once(
            lambda plan=plan: facts.approve_plan(plan, on=date(2023, 1, 1)),
            lambda at=round_: facts.record(project, "reported", JUNE, amount=100 + at),
        )
        standing = Standing.objects.get(project=project)
        assert (standing.plan, standing.done) == (1200 + round_, 100 + round_)


def test_opening_files_and_telling_facts_never_lock_each_other(project):
    def tell():
        for amount in range(5):
            facts.record(project, "reported", JUNE, amount=amount)
            facts.raise_problem(project, title=f"缺电{amount}", category="utilities", raised_on=JUNE)

    def open_files():
        for at in range(5):
            facts.create(name=f"西部激光产业园{at}号厂房项目", zone=Zone.objects.get(pk=project.zone_id))

    assert at_once(tell, open_files, tell) == [None, None, None]
