"""bin/bench: what is measured are right answers, or nothing is."""

import os
from pathlib import Path

import psycopg
import pytest
from common import Failure
from django.db import connection, transaction

from bench import ledger_import_book, ledger_importer, scan
from bench.databases import EMPTY, Databases, in_service
from bench.options import ScanOptions
from bench.scanners import Scanned, scanners

SIZE = 1_000
MEASURED = 10_000
FEW = 60


def judged(count, **found):
    return Scanned(seconds=1, effort=1, frozen=0, peak=0, start=0, counts={"judged": count, "open": found})


def test_a_scan_that_judged_too_few_or_alerted_the_wrong_ones_is_not_measured():
    scan.require(judged(SIZE, yellow=100), SIZE)
    with pytest.raises(Failure, match="1,000 个项目中判定了 999 个"):
        scan.require(judged(999, yellow=100), SIZE)
    with pytest.raises(Failure, match="应有黄色预警 100 条"):
        scan.require(judged(SIZE, yellow=99, red=1), SIZE)


@pytest.fixture
def databases(transactional_db, tmp_path):
    """The server of this run, with a copy of its migrated database in place of one that is migrated for the bench."""
    service = {**in_service(tmp_path), "DJANGO_SETTINGS_MODULE": "tracker.settings", "LOG_LEVEL": "WARNING"}
    found = Databases(os.environ["TEST_DATABASE_URL"], service)
    connection.close()  # who copies a database must be alone with it
    found.create(EMPTY, connection.settings_dict["NAME"])
    with psycopg.connect(**found.connection(EMPTY)) as empty:
        empty.execute("CREATE TABLE authtoken_token (key text, user_id bigint, created timestamptz)")  # the API's bench
    yield found
    found.drop(EMPTY)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="fills a database of PostgreSQL by its own statements")
def test_every_case_of_the_scan_is_measured_beside_its_floor(databases, tmp_path):
    with scanners(databases.environment(EMPTY), tmp_path / "log") as forked:
        bench = scan.Bench(ScanOptions((MEASURED,), sqlite=0, rounds=1), databases, forked, tmp_path)
        rows = {row.case.removesuffix(f", {MEASURED:,}"): row for row in bench.rows()}
    assert {"first scan", "first scan with people to tell", "month's turn", "two workers against one"} <= rows.keys()
    # Starting alone takes longer than the floor of so few projects, but a quiet day must not be another first one.
    assert rows["quiet day"].floor > 0
    assert rows["quiet day"].value < rows["first scan"].value / 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a table is made within a transaction")
@pytest.mark.django_db
def test_an_import_is_measured_beside_what_writes_the_same_rows(tmp_path, settings):
    settings.TRACKER_TODAY = ledger_importer.TODAY
    first, again, plain = (str(tmp_path / f"{name}.xlsx") for name in ("first", "again", "plain"))
    ledger_import_book.write(Path(first), FEW, 6)
    ledger_import_book.write(Path(again), FEW, 6, copy="again")
    ledger_import_book.write_plain(Path(plain), FEW, 6)

    def told(what, *rest):
        answer = ledger_importer.Told()
        what(answer, *rest)
        return answer.more

    told(ledger_importer.prepare)
    with transaction.atomic():
        written = told(ledger_importer.command, first)["written"]
        assert (written["created"], written["rows"]["conflict"], written["plans"]) == (FEW, 0, FEW)
        assert told(ledger_importer.command, again)["changes"] == 0
        transaction.set_rollback(True)
    with transaction.atomic():
        told(ledger_importer.command, first)
        kept = told(ledger_importer.keep, str(tmp_path / "kept"))
        transaction.set_rollback(True)
    assert told(ledger_importer.floor, first, str(tmp_path / "kept"))["rows"] == sum(kept.values())
    assert ledger_importer.facts()["projects.MonthlyTarget"] == 12 * FEW
    assert told(ledger_importer.plain, plain, "confirmed")["rows"] == FEW
