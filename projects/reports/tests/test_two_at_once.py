"""Two at the same time, each on its own connection. SQLite lets one write after the other anyway."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from projects import facts
from projects.alerts.scan import scan
from projects.alerts.tests.conftest import load_rules
from projects.models import Claim, Project
from projects.reports import acceptance, review
from projects.reports.models import Mention
from projects.reports.tests.helpers import stored

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks are PostgreSQL's"),
]
PATIENCE = 20  # seconds


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TRACKER_TODAY = date(2023, 7, 10)


def elsewhere(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Future[Any]:
    """`work` on another connection, which gives up rather than wait for ever."""

    def run() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
            return work()
        finally:
            connections.close_all()

    return pool.submit(run)


def until_it_waits(other: Future[Any]) -> None:
    """Return once the other connection waits for a lock, or has finished."""
    for _ in range(PATIENCE * 50):
        if other.done() or _waiting():
            return
        time.sleep(0.02)
    raise AssertionError("the other one neither waits nor finishes")


def _waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw first
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("second", ["east", "east_park"])
def test_two_reports_that_name_the_same_new_project_make_one(town, second):
    one = stored("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    other = stored("投资15亿元的青禾轴承产业园项目进展顺利。", getattr(town, second))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert acceptance.accept(one).created == 1
            later = elsewhere(pool, lambda: acceptance.accept(other))
            until_it_waits(later)
        done = later.result(PATIENCE)
    assert (done.created, done.matched) == (0, 1)
    assert Project.objects.count() == 1
    assert Claim.objects.filter(field="amount").count() == 2
    assert not Mention.objects.exclude(state=Mention.State.ACCEPTED).exists()


def test_a_scan_does_not_wait_for_a_report_that_is_being_accepted(town):
    load_rules(town.province)
    late = facts.create(name="澄江储能电池项目", zone=town.east)
    facts.promise(late, "started", date(2023, 1, 31))
    report = stored("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    accepting, scanned = threading.Event(), threading.Event()

    def scan_meanwhile() -> Any:
        accepting.wait(PATIENCE)
        outcome = scan(date(2023, 7, 10))
        scanned.set()
        return outcome

    with ThreadPoolExecutor(1) as pool:
        judging = elsewhere(pool, scan_meanwhile)
        with transaction.atomic():
            acceptance.accept(report)
            accepting.set()
            assert scanned.wait(PATIENCE)
        assert judging.result(PATIENCE).opened


def test_an_undo_waits_for_whoever_is_building_on_what_it_would_take_back(town):
    report = stored("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    project, _ = review.adopt_as_new(report.mentions.get(), by=town.chen)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            facts.record(project, "reported", date(2023, 6, 30), amount=100_000_000, by=town.zhang)
            later = elsewhere(pool, lambda: review.undo(report, by=town.chen))
            until_it_waits(later)
        with pytest.raises(ValidationError, match="不能撤销"):
            later.result(PATIENCE)
    project.refresh_from_db()
    assert project.withdrawn_at is None


def test_nothing_is_written_for_a_project_whose_file_is_being_taken_back(town):
    report = stored("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    project, _ = review.adopt_as_new(report.mentions.get(), by=town.chen)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            review.undo(report, by=town.chen)
            later = elsewhere(pool, lambda: facts.record(project, "reported", date(2023, 6, 30), amount=100_000_000))
            until_it_waits(later)
        with pytest.raises(ValidationError, match="已撤销"):
            later.result(PATIENCE)
    assert not project.progress.exists()


def test_accepting_takes_its_projects_in_the_order_of_a_scan(town):
    first, last = (facts.create(name=name, zone=town.east) for name in ("澄江储能电池项目", "云汀雷达基地项目"))
    report = stored("总投资3亿元的云汀雷达基地项目、总投资5亿元的澄江储能电池项目已经动工。", town.east)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Project.objects.select_for_update(no_key=True).get(pk=first.pk)
            later = elsewhere(pool, lambda: acceptance.accept(report))
            until_it_waits(later)
            Project.objects.select_for_update(no_key=True).get(pk=last.pk)
        assert later.result(PATIENCE).matched == 2
