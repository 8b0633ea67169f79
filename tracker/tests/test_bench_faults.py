"""bin/bench faults, in short, on the database of this run: killed senders, frozen ones, servers that come and go."""

from django.db import connection

from bench import faults
from bench.options import FaultsOptions

# What the other tests of notices cannot show without processes that die.
CHECKS = (
    *("killed_senders", "killed_before_noting", "frozen_sender", "database_gone"),
    *("hanging_server", "wrong_clocks", "poisoned"),
)


def test_nothing_is_lost_whatever_is_done_to_the_senders():
    rows = list(faults.run(FaultsOptions((connection.vendor,), short=True, only=CHECKS)))
    assert [row.case for row in rows if not row.ok] == []
    assert sum(": lost" in row.case for row in rows) >= 7
