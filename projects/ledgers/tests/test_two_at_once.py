"""Two people, or a person and a worker, at one ledger at the same moment; and a worker that is killed."""

import os
import signal
import threading
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection, transaction
from django.db.models.functions import Now

from projects import facts
from projects.jobs import ticking, working
from projects.jobs.models import Job
from projects.ledgers import comparing, desk, importing
from projects.ledgers.models import Ledger, LedgerRow
from projects.ledgers.tests.making import imported, opened, previewed, sheet
from projects.models import Claim, Company, Project
from zones import bulk

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="two at once need PostgreSQL"),
]
ROWS = [(f"第{number}号智能装备项目", f"第{number}号有限公司", 1000 + number, 300) for number in range(60)]


def at_once(*tasks):
    """What each of them raised, or None."""
    start, raised = threading.Barrier(len(tasks)), {}

    def run(number, task):
        close_old_connections()
        try:
            start.wait()
            task()
        except ValidationError as error:
            raised[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [raised.get(number) for number in range(len(tasks))]


def test_of_two_who_confirm_one_imports_and_the_other_is_told(town):
    ledger = previewed(town.east, sheet(*ROWS))
    version = ledger.version
    both = [lambda: desk.confirm(Ledger.objects.get(pk=ledger.pk), by=None, expected=version)] * 2
    told = at_once(*both)
    assert len([error for error in told if error]) == 1
    assert Project.objects.count() == len(ROWS)
    assert Company.objects.count() == len(ROWS)


def test_two_ledgers_of_one_zone_open_each_project_once(town):
    both = [lambda: imported(town.east, sheet(*ROWS))] * 2
    assert at_once(*both) == [None, None]
    assert Project.objects.count() == len(ROWS)
    assert Claim.objects.count() == 3 * len(ROWS)


def test_an_import_waits_for_who_is_writing_of_a_project_and_sees_it(town):
    project = facts.create(name=ROWS[0][0], zone=town.east)
    held, done = threading.Event(), []

    def write():
        with transaction.atomic():
            facts.plan_year(project, 2023, 9_000_000, [0] * 11 + [9_000_000])
            held.set()
            threading.Event().wait(0.5)
            done.append("written")

    def take_in():
        held.wait(10)
        imported(town.east, sheet(*ROWS))
        done.append("imported")

    assert at_once(write, take_in) == [None, None]
    assert done == ["written", "imported"]
    assert project.plans.get().amount == 9_000_000
    row = LedgerRow.objects.get(project=project)
    assert "调整计划须写明原因" in str(row.differences)


@pytest.fixture
def left_to_a_worker(town, monkeypatch):
    """A ledger that was confirmed, whose job waits; it is imported in three parts."""
    monkeypatch.setattr(desk, "SYNCHRONOUS", 5)
    monkeypatch.setattr(comparing, "CHUNK", 20)
    ledger = opened(town.east, sheet(*ROWS), town.chen)
    desk.compared(Job(parameters={"ledger": ledger.pk}), lambda: False)
    ledger.refresh_from_db()
    return desk.confirm(ledger, by=town.chen)


def at_work(ledger, in_the_middle, monkeypatch):
    """A worker does the job of the ledger in a process of its own; `in_the_middle` is called after the second part."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            written, calls = bulk.insert, []

            def insert(rows):
                written(rows)
                calls.append(1) if rows and isinstance(rows[0], LedgerRow) else None
                if len(calls) == 2:
                    calls.append(0)
                    in_the_middle()

            monkeypatch.setattr(bulk, "insert", insert)
            working.work(ledger.job_id)
        finally:
            os._exit(0)
    return child


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_imports_all(left_to_a_worker, monkeypatch):
    ledger = left_to_a_worker
    child = at_work(ledger, lambda: os.kill(os.getpid(), signal.SIGKILL), monkeypatch)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    ledger.refresh_from_db()
    assert (Project.objects.count(), Claim.objects.count(), Company.objects.count()) == (0, 0, 0)
    assert (ledger.state, ledger.rows.count(), ledger.done_rows) == ("importing", len(ROWS), 40)
    Job.objects.filter(pk=ledger.job_id).update(leased_until=Now())  # as it would be some time later
    ticking.tick(wake=False)
    working.work(ledger.job_id)
    ledger.refresh_from_db()
    assert (ledger.state, Project.objects.count()) == ("imported", len(ROWS))
    assert "更新项目" not in ledger.outcome


def test_an_import_is_seen_and_stopped_while_it_goes_on(town, left_to_a_worker, monkeypatch):
    ledger = left_to_a_worker
    reading, writing = os.pipe()
    child = at_work(ledger, lambda: (os.write(writing, b"!"), time.sleep(0.3)), monkeypatch)
    os.read(reading, 1)
    ledger.refresh_from_db()
    assert (ledger.state, ledger.done_rows, ledger.percent) == ("importing", 40, 66)
    desk.stop(ledger, by=town.chen)
    assert os.waitpid(child, 0)[1] == 0
    ledger.refresh_from_db()
    assert (ledger.state, ledger.outcome) == ("ready", importing.STOPPED)
    assert not Project.objects.exists()


def test_an_import_whose_worker_has_given_up_can_be_put_back_and_confirmed_again(town, left_to_a_worker):
    ledger = left_to_a_worker
    Job.objects.filter(pk=ledger.job_id).update(state=Job.State.FAILED)
    assert desk.stop(ledger, by=town.chen).state == "ready"
    desk.confirm(ledger, by=town.chen)
    working.work(ledger.job_id)
    assert Project.objects.count() == len(ROWS)
