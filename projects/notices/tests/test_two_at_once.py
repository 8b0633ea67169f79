"""Two processes at the same time, each on its own connection."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from projects.notices.composing import compose
from projects.notices.delivering import deliver
from projects.notices.inbox import Draft, leave
from projects.notices.models import Delivery, Notice

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 3
PEOPLE = ("zhang", "li", "chen", "wang", "gao", "viewer", "chief", "root")


def all_at_once(work):
    """What `work` returns in each of several threads that begin together."""
    gate = threading.Barrier(WORKERS)

    def one(_):
        gate.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def test_composers_write_one_message_per_person(own_database, town, tell):
    for who in PEOPLE:
        tell(who, "a1")
        tell(who, "a2")
    assert sum(all_at_once(compose)) == len(PEOPLE)
    assert Delivery.objects.count() == len(PEOPLE)
    assert all(delivery.notices.count() == 2 for delivery in Delivery.objects.all())


def test_senders_send_every_message_once(own_database, sink, town, tell):
    for who in PEOPLE:
        tell(who)
    compose()
    tallies = all_at_once(deliver)
    assert sum(tally.sent for tally in tallies) == len(PEOPLE)
    assert sorted(sink.recipients) == sorted([f"{who}@example.com"] for who in PEOPLE)
    assert not Delivery.objects.exclude(state="sent", attempts=1).exists()


def test_writers_of_the_same_notice_leave_one(own_database, town):
    drafts = [Draft(town.zhang.pk, f"k{n}", "red", "落后了。", "/admin/") for n in range(50)]
    all_at_once(lambda: leave(drafts))
    assert Notice.objects.count() == 50
