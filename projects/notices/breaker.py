"""Whether a channel may be used: the circuit breaker, the hand that suspends it, and its rate.

All of it stands in the database, so that any number of senders share it. A closed way costs no message anything: what
waits goes on waiting, and keeps its attempts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now

from projects.notices import operators
from projects.notices.channels.base import ChannelDown, Rate, Trouble
from projects.notices.models import ChannelState
from zones.models import User

PATIENCE: Final = 5  # failures in a row, and then
PROBE: Final = timedelta(minutes=1)  # one attempt in this time
NO_REASON: Final = "请写明停用的原因"


def admits(channel: str) -> bool:
    """Whether this sender may use the channel in this round; notes that somebody looked. Where the channel was out of
    reach for long, it is one sender a minute, and his first failure ends his round.
    """
    keep(channel)
    rows = ChannelState.objects.filter(pk=channel)
    rows.update(looked_at=Now())
    if rows.filter(suspended_at=None, probe_at=None).exists():
        return True
    return bool(rows.filter(suspended_at=None, probe_at__lte=Now()).update(probe_at=Now() + PROBE))


def failed(channel: str, trouble: Trouble) -> bool:
    """It was out of reach once more; whether it is to be left alone now. Who looks after the system hears of it when it
    lasts, or is ours to mend.
    """
    rows = ChannelState.objects.filter(pk=channel)
    # A service that says how long it wants to be left alone is left alone for so long, by everybody.
    asked = trouble.retry_after if isinstance(trouble, ChannelDown) else None
    otherwise = Now() + asked if asked else Value(None)
    next_probe = Case(
        When(failures__gte=PATIENCE - 1, then=Now() + max(PROBE, asked or PROBE)),
        default=otherwise,
        output_field=models.DateTimeField(),
    )
    rows.update(
        failures=F("failures") + 1,
        down_since=Coalesce("down_since", Now()),
        probe_at=next_probe,
        trouble=str(trouble)[:300],
    )
    state = rows.get()
    ours = isinstance(trouble, ChannelDown) and trouble.ours
    if ours or state.failures >= PATIENCE:
        operators.tell_of_channel(state)
    return state.probe_at is not None


def worked(channel: str) -> None:
    """It took a message: the way is open."""
    down = Q(failures__gt=0) | Q(probe_at__isnull=False)
    ChannelState.objects.filter(down, pk=channel).update(failures=0, down_since=None, probe_at=None, trouble="")


def take(channel: str, rate: Rate) -> bool:
    """Take one place of the channel's rate; whether there was one.

    The generic cell rate algorithm (ITU-T I.371) on one column: `free_at` runs ahead of the clock by what was sent.
    """
    rows = ChannelState.objects.filter(pk=channel)
    if rows.filter(free_at__lte=Now()).update(free_at=Now() + rate.interval):
        return True
    most = rate.interval * (rate.burst - 1)
    return bool(rows.filter(free_at__lte=Now() + most).update(free_at=F("free_at") + rate.interval))


@transaction.atomic
def suspend(channel: str, *, by: User, reason: str) -> None:
    """Send nothing by this channel until it is resumed. Raises ValidationError without a reason."""
    if not reason.strip():
        raise ValidationError({"reason": NO_REASON})
    keep(channel)
    rows = ChannelState.objects.filter(pk=channel, suspended_at=None)
    rows.update(suspended_at=Now(), suspended_by=by, suspended_reason=reason.strip()[:200])


def resume(channel: str) -> None:
    """Use the channel again, from the next round on, whatever its breaker says."""
    ChannelState.objects.filter(pk=channel).update(
        suspended_at=None,
        suspended_by=None,
        suspended_reason="",
        failures=0,
        down_since=None,
        probe_at=None,
        trouble="",
    )


def keep(channel: str) -> None:
    """Have a row for the channel."""
    if not ChannelState.objects.filter(pk=channel).exists():
        ChannelState.objects.bulk_create([ChannelState(channel=channel)], ignore_conflicts=True)
