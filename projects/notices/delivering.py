"""Sending what is due: claimed with a lease, sent outside of any transaction, finished once.

The database is the queue and its clock the only one. A sender that dies leaves its claim to expire; the next one
sends the same bytes with the same Message-ID. So: at least once, never two different ones. See docs/notices.md.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat, Now, Substr

from projects.notices import absences, breaker, composing, hours, operators, spreading, truth
from projects.notices.channels import ways as ways_out
from projects.notices.channels.base import Channel, ChannelDown, NotNow, Refused, Trouble
from projects.notices.hours import Moment
from projects.notices.models import (
    Absence,
    Delivery,
    DeliveryAttempt,
    Notice,
    Preference,
    SuspendedAddress,
)
from zones import clock

log = logging.getLogger(__name__)

Outcome = DeliveryAttempt.Outcome
State = Delivery.State
PAUSES: Final = [timedelta(seconds=30), *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15))]
"""What to wait after the first, second, … attempt; the last one again and again, until the message expires."""
JITTER: Final = 0.2  # of a pause, either way, so that what failed together does not come back together
SLOW: Final = timedelta(minutes=30)  # after an answer of the kind that hardly passes; the third one is final
SLOW_TRIES: Final = 3
BROKEN: Final = 5  # claims that killed their sender, or could not build the message
REFUSALS: Final = 3  # for good and in a row, after which an address is written to no more
AT_ONCE: Final = 20  # messages that are read in one statement; claimed they are one by one
FRESH: Final = 3.0  # seconds for which what was read is good enough to be claimed by
BATCH: Final = 500  # messages of one run, and
START: Final = 20.0  # seconds that mail is ahead of everything else in a round
BUDGET: Final = 240.0  # seconds, so that a task ends before it is ended
KILLED: Final = f"试了 {BROKEN} 次都没有完成：发送进程每次都中断了"
BLOCKED: Final = "这个地址多次退信，已停用"
EXPIRED: Final = "在期限内没有送达。最后一次："
NEVER_TRIED: Final = "在期限内没有发送"


class Superseded(Exception):
    """Nothing of the message may be told any more."""


class Outdated(Exception):
    """The message says more than may still be told; `left` are the keys of the notices that may."""

    def __init__(self, reason: str, left: list[int]) -> None:
        super().__init__(reason)
        self.left = left


@dataclass(frozen=True)
class Tally:
    """What a run did, in messages. One that was replaced by another is counted with that one."""

    sent: int = 0
    retried: int = 0
    failed: int = 0
    superseded: int = 0


def lease() -> timedelta:
    """How long a sender may be silent before its message is given to another: far longer than a message can take."""
    return timedelta(seconds=settings.NOTICE_LEASE_SECONDS)


def deliver(limit: int = BATCH, stopping: Callable[[], bool] = lambda: False) -> Tally:
    """Send up to `limit` due messages, of all channels in turn; must not run inside a transaction.

    Whose turn it is says the time that each has taken, mail with a start: a chat service that answers slowly holds up
    nobody's mail. `stopping` is asked before each message. When a channel is out of reach its turn ends after one
    message: the others keep their attempts, and the next run asks again.
    """
    counts: Counter[str] = Counter(failed=_give_up())
    ways = [_Way(each) for each in ways_out() if breaker.admits(each.code)]
    everyone, ends = list(ways), time.monotonic() + BUDGET
    try:
        for _ in range(limit):
            outcome = None
            while outcome is None and ways and not stopping() and time.monotonic() < ends:
                way = min(ways, key=lambda each: each.spent)
                begun = time.monotonic()
                outcome = way.send_next()
                way.spent += time.monotonic() - begun
                if not (outcome and way.usable):
                    ways.remove(way)
            if outcome is None:
                break
            counts[outcome] += 1
    finally:
        for way in everyone:
            way.channel.close()
    return Tally(counts["sent"], counts["retried"], counts["failed"], counts["superseded"])


# ---- The queue -----------------------------------------------------------------------------------------
def due(channel: str) -> models.QuerySet[Delivery]:
    """Messages whose time has come, and those whose sender has not come back in time."""
    waiting = Q(state=State.WAITING, due_at__lte=Now())
    left_behind = Q(state=State.CLAIMED, leased_until__lt=Now(), broken__lt=BROKEN)
    return Delivery.objects.filter(waiting | left_behind, channel=channel)


def claim(channel: str = Delivery.Channel.MAIL) -> Delivery | None:
    """Take the channel's next due message for the length of a lease; None if there is none."""
    while found := peek(channel, 1):
        if _taken(found[0]):
            taken: Delivery = found[0]
            return taken
    return None


def peek(channel: str, most: int) -> list[Any]:
    """The next due messages as they are now, with who reads them and what he holds today; nothing is taken."""
    blocked = SuspendedAddress.objects.filter(channel=channel, address=OuterRef("address"))
    away = Exists(Absence.objects.in_force(clock.today()).filter(user=OuterRef("user")))
    rows = due(channel).annotate(now=Now(), blocked=Exists(blocked), away=away).select_related("user")
    found = list(rows.order_by("due_at", "pk")[:most])
    people = [each.user for each in found if each.user]
    rights = absences.Rights({user.pk for user in people})
    for user in people:
        rights.give(user)
    return found


def _taken(found: Any) -> bool:
    """Take it as it was read; whether nobody was faster. The object is then as the row is.

    One conditional UPDATE decides between two senders, on whatever database. Of a message that another has left
    behind nobody knows whether it arrived; that is noted as his attempt.
    """
    seen = {name: getattr(found, name) for name in ("state", "attempts", "broken", "doubtful")}
    rows = due(found.channel).filter(pk=found.pk, **seen)
    values = {"state": State.CLAIMED, "attempts": found.attempts + 1, "lease_owner": uuid.uuid4().hex}
    left_behind = found.state == State.CLAIMED
    if left_behind:
        values |= {"broken": found.broken + 1, "doubtful": True}
    with transaction.atomic(durable=True) if left_behind else nullcontext():
        taken = bool(rows.update(**values, leased_until=Now() + lease()))
        if taken and left_behind:
            _note(found.pk, found.attempts, found.leased_until - lease(), Outcome.LOST)
    for name, value in values.items():
        setattr(found, name, value)
    found.leased_until = found.now + lease()  # as it was at least
    return taken


def finish(delivery: Delivery, outcome: str, code: str = "", text: str = "", **values: Any) -> bool:
    """Write how an attempt ended, unless somebody else has taken the message since; returns whether it was written."""
    values = {"leased_until": None, "lease_owner": "", "last_error": text[:300], **values}
    with transaction.atomic(durable=True):
        written = bool(_mine(delivery).update(**values))
        if written:
            _note(delivery.pk, delivery.attempts, _begun(delivery), outcome, code, text)
    return written


def _note(pk: int, n: int, started: datetime, outcome: str, code: str = "", text: str = "") -> None:
    DeliveryAttempt.objects.create(
        delivery_id=pk, n=n, started=started, outcome=outcome, code=code[:20], text=text[:300]
    )


def _begun(delivery: Delivery) -> datetime:
    """When it was claimed, by the database's clock: its lease of then tells."""
    leased_until: Any = delivery.leased_until
    return leased_until - lease()


def _mine(delivery: Delivery) -> models.QuerySet[Delivery]:
    return Delivery.objects.filter(
        pk=delivery.pk, state=State.CLAIMED, lease_owner=delivery.lease_owner, attempts=delivery.attempts
    )


def _renew(delivery: Delivery) -> bool:
    # A process that was stopped for long may have lost the message to another meanwhile.
    return bool(_mine(delivery).filter(leased_until__gt=Now()).update(leased_until=Now() + lease()))


# ---- One message ---------------------------------------------------------------------------------------
class _Way:
    """One channel in one round of one sender."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.usable = True
        self.spent = 0.0 if channel.code == Delivery.Channel.MAIL else START  # seconds of this round
        self.proven = False
        self.peeked: deque[Any] = deque()
        self.peeked_at = 0.0
        self.moment: Moment
        self.wishes: dict[int, Preference] = {}

    def send_next(self) -> str | None:
        """What became of the next message; None if none is due, or none may be sent now."""
        rate, code = self.channel.rate, self.channel.code
        if rate is not None and not (due(code).exists() and breaker.take(code, rate)):
            return None
        delivery = self._claim()
        return self._deal_with(delivery) if delivery else None

    def _claim(self) -> Delivery | None:
        """The next message, taken. Several are read at once, and none is taken that was read long ago."""
        while True:
            if not self.peeked or time.monotonic() - self.peeked_at > FRESH:
                self.peeked_at, self.peeked = time.monotonic(), deque(peek(self.channel.code, AT_ONCE))
                self._look_at_the_clock()
            if not self.peeked:
                return None
            delivery: Delivery = self.peeked.popleft()
            if _taken(delivery):
                return delivery
            random.shuffle(self.peeked)  # somebody else is at the same ones

    def _look_at_the_clock(self) -> None:
        self.moment = hours.now()
        if self.moment.at is not None:
            self.wishes = hours.wishes({each.user_id for each in self.peeked if each.user_id})

    def _wish(self, delivery: Delivery) -> Preference | None:
        return self.wishes.get(delivery.user_id) if delivery.user_id else None

    def _deal_with(self, delivery: Delivery) -> str:
        try:
            return self._send(delivery)
        except Superseded as change:
            return _let_go(delivery, str(change))
        except Outdated as change:
            return _replace(delivery, change)
        except Refused as refusal:
            return _never(delivery, refusal)
        except (ChannelDown, NotNow) as trouble:
            return self._later(delivery, trouble)
        except AnyDatabaseError:
            raise
        except Exception as error:
            log.exception("delivery %s: attempt %s broke", delivery.pk, delivery.attempts)
            return _broken(delivery, composing.cannot_be_built(error))

    def _send(self, delivery: Delivery) -> str:
        _check(delivery)
        if not delivery.at_night and (wait := hours.quiet_for(self.moment, self._wish(delivery))):
            return _postpone(delivery, wait)
        if not delivery.payload:
            self._build(delivery)
        self.channel.open()
        if not _renew(delivery):
            return "lost"
        self.channel.send(delivery, bytes(delivery.payload))
        finish(delivery, Outcome.SENT, state=State.SENT, sent_at=Now())
        if not self.proven:
            breaker.worked(self.channel.code)
            self.proven = True
        return "sent"

    def _build(self, delivery: Delivery) -> None:
        """Freeze what could not be built when it was composed, or was composed by an earlier version."""
        if delivery.text or delivery.user is None:
            delivery.payload = self.channel.build(delivery)
        else:
            again = ("project", "user")
            repeated = list(delivery.repeats.select_related(*again))
            composing.fill(delivery, list(delivery.notices.select_related(*again)), repeated)
        words = {name: getattr(delivery, name) for name in ("subject", "text", "html", "payload")}
        _mine(delivery).update(**words)

    def _later(self, delivery: Delivery, trouble: ChannelDown | NotNow) -> str:
        if isinstance(trouble, ChannelDown) or trouble.broke:
            self.proven = False
            tripped = breaker.failed(self.channel.code, trouble)
            self.usable = not tripped and not isinstance(trouble, ChannelDown)
        if isinstance(trouble, NotNow) and trouble.slow and _slow_tries(delivery, trouble.code) >= SLOW_TRIES - 1:
            return _never(delivery, trouble)
        return _later(delivery, trouble)


def _check(delivery: Any) -> None:
    """Things may have changed since it was composed. Raises Superseded if nothing of it may be told any more, and
    Outdated if a part may not, or is for somebody else or another address now: the person is gone, away or back, may
    not read it, or it does not hold any more.
    """
    if delivery.channel != Delivery.Channel.MAIL:
        if delivery.blocked:
            raise Superseded(BLOCKED)
        _check_told(delivery)
        return
    user, lines = delivery.user, _lines(delivery)
    changed = "收件人的地址已更改，另行发送" if user.email != delivery.address else BLOCKED if delivery.blocked else ""
    left = [line.pk for line in lines if line.seen and line.holds]
    if left and not changed and (delivery.doubtful or len(left) == len(lines)):
        return
    passed_on = [line.pk for line in lines if line.passed_on and line.holds]
    reason = "已不再成立" if all(line.seen for line in lines) else "收件人已无权查看"
    if not left and not passed_on:
        raise Superseded(f"其中的内容{reason}" if user.is_active else "收件人账号已停用")
    if passed_on:
        reason = "改由他人接收"
    changed = changed or f"其中 {len(lines) - len(left)} 条{reason}，其余各条另行发送"
    raise Outdated(changed, [*left, *passed_on])


class _Line(NamedTuple):
    """A notice in a mail: whether its reader is to be told it now, or somebody else is, and whether it holds."""

    pk: int
    seen: bool
    passed_on: bool
    holds: bool


def _lines(delivery: Any) -> list[_Line]:
    """What a mail tells and repeats, as it stands now."""
    user = delivery.user
    away = absences.substitutes(clock.today()) if delivery.away else {}
    told = composing.told_to(user, away)
    rows = Notice.objects.filter(Q(delivery=delivery.pk) | Q(reminder=delivery.pk))
    rows = rows.annotate(seen=Exists(told.filter(pk=OuterRef("pk"))))
    found = list(rows.order_by("pk").values_list("pk", "key", "seen", "delivery", "done_at", "user"))
    news = {key for _, key, _, carrier, *_ in found if carrier == delivery.pk}
    repeated = {key for _, key, _, carrier, done, _ in found if carrier != delivery.pk and not done}
    holding, to_do = truth.holding(news), truth.to_do(repeated)
    return [
        _Line(
            pk,
            seen,
            not seen and carrier == delivery.pk and (owner != user.pk or delivery.away),
            key in (holding if carrier == delivery.pk else to_do),
        )
        for pk, key, seen, carrier, _, owner in found
    ]


def _check_told(delivery: Any) -> None:
    """The same of a message by an outlet. One that may have arrived stays as it is as long as any of it holds."""
    if delivery.user and not delivery.user.is_active:
        raise Superseded("收件人账号已停用")
    address = spreading.address_of(delivery)
    if not address:
        raise Superseded("收件人在这个应用里已没有账号")
    count, left = spreading.still_told(delivery)
    if count and not left:
        raise Superseded("其中的内容已不再成立，或已不应由这里看到")
    if left and address != delivery.address:
        raise Outdated("收件人的账号已更改，另行发送", left)
    if len(left) < count and not delivery.doubtful:
        raise Outdated(f"其中 {count - len(left)} 条已不再成立，其余各条另行发送", left)


def _postpone(delivery: Delivery, wait: timedelta) -> str:
    """It waits until the reader's night is over, as if nobody had taken it."""
    values = {"leased_until": None, "lease_owner": "", "attempts": delivery.attempts - 1}
    taken = _mine(delivery).update(state=State.WAITING, due_at=Now() + wait, **values)
    return "retried" if taken else "lost"


def _let_go(delivery: Delivery, reason: str) -> str:
    values = {"leased_until": None, "lease_owner": "", "last_error": reason[:300]}
    return "superseded" if _mine(delivery).update(state=State.SUPERSEDED, **values) else "lost"


def _replace(delivery: Delivery, change: Outdated) -> str:
    """Give the message up and write another one of what may still be told. The rest stays with the old one."""
    with transaction.atomic(durable=True):
        if _let_go(delivery, str(change)) == "lost":
            return "lost"
        if delivery.channel != Delivery.Channel.MAIL:
            new = spreading.write_again(delivery, change.left)
            Delivery.objects.filter(pk=delivery.pk).update(superseded_by=new)
            return "replaced"
        delivery.notices.filter(pk__in=change.left).update(delivery=None)
        # Where somebody else is writing to the person, he writes it, or whoever comes next.
        if delivery.user_id and composing.compose_for(delivery.user_id):
            new = Delivery.objects.filter(user=delivery.user_id, channel=delivery.channel, pk__gt=delivery.pk)
            new = new.exclude(state=State.SUPERSEDED)
            Delivery.objects.filter(pk=delivery.pk).update(superseded_by=new.order_by("pk").first())
    return "replaced"


def _later(delivery: Delivery, trouble: ChannelDown | NotNow) -> str:
    log.warning("delivery %s: attempt %s failed: %s", delivery.pk, delivery.attempts, trouble)
    pause = PAUSES[min(delivery.attempts, len(PAUSES)) - 1]
    if isinstance(trouble, NotNow) and trouble.slow:
        pause = SLOW
    wait = max(_scattered(pause), trouble.retry_after or timedelta())
    values: dict[str, Any] = {"state": State.WAITING, "due_at": Now() + wait}
    doubtful = isinstance(trouble, NotNow) and trouble.doubtful
    if doubtful:
        values["doubtful"] = True
    outcome = Outcome.DOWN if isinstance(trouble, ChannelDown) else Outcome.DOUBTFUL if doubtful else Outcome.LATER
    return "retried" if finish(delivery, outcome, trouble.code, str(trouble), **values) else "lost"


def _scattered(pause: timedelta) -> timedelta:
    return pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (nothing depends on its being secret)


def _slow_tries(delivery: Delivery, code: str) -> int:
    return delivery.tries.filter(outcome=Outcome.LATER, code__in=["552", "554", code]).count()


def _broken(delivery: Delivery, reason: str) -> str:
    """The message cannot be built, or is too much for its channel."""
    if delivery.broken + 1 >= BROKEN:
        values: dict[str, Any] = {"state": State.FAILED}
    else:
        values = {"state": State.WAITING, "due_at": Now() + _scattered(PAUSES[delivery.broken])}
    if not finish(delivery, Outcome.BROKEN, text=reason, broken=delivery.broken + 1, **values):
        return "lost"
    if values["state"] == State.FAILED:
        _tell_of_failed([delivery.pk])
        return "failed"
    return "retried"


def _never(delivery: Delivery, refusal: Trouble) -> str:
    log.error("delivery %s: given up: %s", delivery.pk, refusal)
    reason = str(refusal)[:300]
    if not finish(delivery, Outcome.REFUSED, refusal.code, reason, state=State.FAILED):
        return "lost"
    if isinstance(refusal, Refused) and refusal.address:
        _count_refusal(delivery, reason)
    else:
        _tell_of_failed([delivery.pk])
    return "failed"


def _count_refusal(delivery: Delivery, reason: str) -> None:
    """After several refusals with no message taken in between the address is suspended, and its administrator told."""
    same = Delivery.objects.filter(channel=delivery.channel, address=delivery.address)
    taken = same.filter(user=delivery.user_id, state=State.SENT).order_by("-pk").values_list("pk", flat=True).first()
    refused = same.filter(state=State.FAILED, pk__gt=taken or 0, tries__outcome=Outcome.REFUSED).distinct().count()
    if refused < REFUSALS:
        return
    row = SuspendedAddress(channel=delivery.channel, address=delivery.address, user_id=delivery.user_id, reason=reason)
    SuspendedAddress.objects.bulk_create([row], ignore_conflicts=True)
    operators.tell_of_address(delivery, reason)


# ---- Giving up -----------------------------------------------------------------------------------------
def _give_up() -> int:
    """End what has expired, and what kills whoever sends it; returns how many messages."""
    gone = Q(state=State.CLAIMED, leased_until__lt=Now())
    expired = Delivery.objects.filter(Q(state=State.WAITING) | gone, expires_at__lt=Now())
    killing = Delivery.objects.filter(gone, broken__gte=BROKEN)
    tried = Substr(Concat(Value(EXPIRED), F("last_error")), 1, 300)
    ended = (
        _end(expired.filter(last_error=""), Value(NEVER_TRIED)) + _end(expired, tried) + _end(killing, Value(KILLED))
    )
    _tell_of_failed(ended)
    return len(ended)


def _end(rows: models.QuerySet[Delivery], reason: Any) -> list[int]:
    values = {"state": State.FAILED, "leased_until": None, "lease_owner": "", "last_error": reason}
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
    return [pk for pk in found if rows.filter(pk=pk).update(**values)]


def _tell_of_failed(keys: Iterable[int]) -> None:
    rows = Delivery.objects.filter(pk__in=list(keys)).select_related("user__department__zone")
    operators.tell_of_failed(rows)
