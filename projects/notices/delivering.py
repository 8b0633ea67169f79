"""Sending what is due: claimed with a lease, sent outside of any transaction, finished once.

The database is the queue and its clock the only one. A sender that dies leaves its claim to expire; the next one
sends the same message with the same Message-ID. So: at least once, never two different ones.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from projects.notices.channels.mail import ChannelDown, Line, NotNow, Refused, letter
from projects.notices.composing import compose_for
from projects.notices.models import Delivery, Notice

log = logging.getLogger(__name__)

# Longer than a message can take: each step of a connection is bounded by EMAIL_TIMEOUT.
LEASE = timedelta(minutes=5)
# What to wait after the first, second, … attempt: three days in all, so that a long weekend is survived.
PAUSES = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
]
ATTEMPTS = len(PAUSES) + 1
BATCH = 500  # messages of one run, and
BUDGET = 240.0  # seconds, so that a task ends before it is ended
EXHAUSTED = "多次发送都没有完成"


class Outdated(Exception):
    """The message says more than its reader may still know."""


@dataclass(frozen=True)
class Tally:
    """What a run did, in messages. One that was replaced by another is counted with that one."""

    sent: int = 0
    retried: int = 0
    failed: int = 0


def deliver(limit: int = BATCH, stopping: Callable[[], bool] = lambda: False) -> Tally:
    """Send up to `limit` due messages over one connection; must not run inside a transaction.

    `stopping` is asked before each message. When the server is out of reach the run ends after one message: the
    others keep their attempts, and the next run asks again.
    """
    counts: Counter[str] = Counter(failed=_give_up())
    line = Line()
    try:
        _deliver_all(line, counts, limit, stopping)
    finally:
        line.close()
    return Tally(counts["sent"], counts["retried"], counts["failed"])


def due() -> models.QuerySet[Delivery]:
    """Messages whose time has come, and those whose sender has not come back in time."""
    waiting = Q(state=Delivery.State.WAITING, due_at__lte=Now())
    left_behind = Q(state=Delivery.State.CLAIMED, leased_until__lt=Now(), attempts__lt=ATTEMPTS)
    return Delivery.objects.filter(waiting | left_behind)


def claim() -> Delivery | None:
    """Take the next due message for the length of a lease; None if there is none.

    One conditional UPDATE decides between two senders, on whatever database.
    """
    while True:
        found = due().order_by("due_at", "pk").values_list("pk", "attempts").first()
        if found is None:
            return None
        pk, attempts = found
        with transaction.atomic(durable=True):
            taken = (
                due()
                .filter(pk=pk, attempts=attempts)
                .update(state=Delivery.State.CLAIMED, attempts=F("attempts") + 1, leased_until=Now() + LEASE)
            )
        if taken:
            return _claimed(pk, attempts + 1)


def finish(delivery: Delivery, **values: Any) -> bool:
    """Write how it ended, unless somebody else has taken the message since; returns whether it was written."""
    values = {"leased_until": None, "last_error": "", **values}
    return bool(_mine(delivery).update(**values))


def _deliver_all(line: Line, counts: Counter[str], limit: int, stopping: Callable[[], bool]) -> None:
    ends = time.monotonic() + BUDGET
    for _ in range(limit):
        if stopping() or time.monotonic() > ends:
            return
        delivery = claim()
        if delivery is None:
            return
        try:
            counts[_deliver(line, delivery)] += 1
        except ChannelDown as trouble:
            counts[_later(delivery, str(trouble))] += 1
            return


def _deliver(line: Line, delivery: Delivery) -> str:
    """One message; returns what became of it. Raises ChannelDown."""
    try:
        _check_reader(delivery)
        line.open()
        if not _renew(delivery):
            return "lost"
        line.send(letter(delivery))
    except Outdated as change:
        return _replace(delivery, str(change))
    except Refused as refusal:
        return _never(delivery, str(refusal))
    except NotNow as trouble:
        return _later(delivery, str(trouble))
    finish(delivery, state=Delivery.State.SENT, sent_at=Now())
    return "sent"


def _check_reader(delivery: Delivery) -> None:
    """Things may have changed since it was composed: raises Refused if he is gone or may read nothing of it any more,
    and Outdated if he may read a part.
    """
    if not delivery.user.is_active:
        raise Refused("收件人账号已停用")
    readable = Notice.objects.visible_to(delivery.user).values("pk")
    lost = delivery.notices.exclude(pk__in=readable).count()
    if lost and not delivery.notices.filter(pk__in=readable).exists():
        raise Refused("收件人已无权查看其中的内容")
    if lost:
        raise Outdated(f"收件人已无权查看其中 {lost} 条，其余各条另行发送")


def _replace(delivery: Delivery, reason: str) -> str:
    """Give the message up and write another one of what he may still read. What he lost stays with the old one.

    A sender that dies in between loses nothing: what was let go waits, and the next round writes it.
    """
    with transaction.atomic(durable=True):
        if not finish(delivery, state=Delivery.State.FAILED, last_error=reason[:300]):
            return "lost"
        readable = Notice.objects.visible_to(delivery.user).values("pk")
        delivery.notices.filter(pk__in=readable).update(delivery=None)
    compose_for(delivery.user_id)
    return "replaced"


def _renew(delivery: Delivery) -> bool:
    # A process that was stopped for long may have lost the message to another meanwhile.
    return bool(_mine(delivery).filter(leased_until__gt=Now()).update(leased_until=Now() + LEASE))


def _later(delivery: Delivery, reason: str) -> str:
    if delivery.attempts >= ATTEMPTS:
        return _never(delivery, reason)
    log.warning("delivery %s: attempt %s failed: %s", delivery.pk, delivery.attempts, reason)
    pause = PAUSES[delivery.attempts - 1]
    finish(delivery, state=Delivery.State.WAITING, due_at=Now() + pause, last_error=reason[:300])
    return "retried"


def _never(delivery: Delivery, reason: str) -> str:
    log.error("delivery %s: given up: %s", delivery.pk, reason)
    finish(delivery, state=Delivery.State.FAILED, last_error=reason[:300])
    return "failed"


def _give_up() -> int:
    """Messages whose every sender died are not tried for ever."""
    spent = Delivery.objects.filter(state=Delivery.State.CLAIMED, leased_until__lt=Now(), attempts__gte=ATTEMPTS)
    return spent.update(state=Delivery.State.FAILED, leased_until=None, last_error=EXHAUSTED)


def _mine(delivery: Delivery) -> models.QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.CLAIMED, attempts=delivery.attempts)


def _claimed(pk: int, attempts: int) -> Delivery:
    delivery = Delivery.objects.select_related("user").get(pk=pk)
    delivery.attempts = attempts
    return delivery
