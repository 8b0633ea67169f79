"""Two people, or a person and a worker, at one ledger at the same moment; and a worker that is killed."""

import os
import signal
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection, transaction

from projects import facts
from projects.ledgers import desk
from projects.ledgers.models import Ledger, LedgerRow
from projects.ledgers.tests.making import imported, previewed, sheet
from projects.models import Claim, Company, Project, Source

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


def test_a_worker_killed_in_the_middle_leaves_nothing(town, monkeypatch):
    connection.close()
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(facts, "record_many", lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
        monkeypatch.setattr(facts, "plan_years", lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
        try:
            imported(town.east, sheet(*ROWS))
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert (Project.objects.count(), Claim.objects.count(), LedgerRow.objects.count()) == (0, 0, 0)
    assert Source.objects.filter(kind="ledger").count() == 1
    imported(town.east, sheet(*ROWS))
    assert Project.objects.count() == len(ROWS)
