"""How the telling does: what waits, since when, what was given up. For commands, probes and screens alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from projects.notices.channels import CHANNELS
from projects.notices.models import ChannelState, Delivery, SuspendedAddress

LATELY: Final = timedelta(days=1)
State = Delivery.State


@dataclass(frozen=True)
class Queue:
    """A channel in numbers. Ages in seconds; `dead` are the messages of the last day that were given up."""

    channel: str
    name: str
    waiting: int
    oldest_due_seconds: int | None
    dead: int
    failures: int
    down_since: datetime | None
    probe_at: datetime | None
    trouble: str
    suspended_at: datetime | None
    suspended_by: str
    suspended_reason: str
    suspended_addresses: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def state(self) -> str:
        """How it does, in a word."""
        if self.suspended_at:
            return "已停用"
        return "不通" if self.down_since else "正常"


def queues() -> list[Queue]:
    """Every channel that is known, or of which something is stored."""
    met = set(ChannelState.objects.values_list("channel", flat=True)) | set(CHANNELS)
    return [_queue(code) for code in sorted(met)]


def oldest_due() -> timedelta | None:
    """For how long the message that has been due for longest has waited; None if nothing is due. What a person has
    suspended is not counted: he knows.
    """
    suspended = ChannelState.objects.exclude(suspended_at=None).values("channel")
    return _age(_open().exclude(channel__in=suspended))


def round_age() -> timedelta | None:
    """How long ago somebody last looked what is to be sent; None if nobody ever has."""
    looked = ChannelState.objects.exclude(looked_at=None).order_by("-looked_at").annotate(now=Now())
    return _since(looked.values_list("now", "looked_at").first())


def suspended() -> list[str]:
    """The channels that a person has suspended."""
    return sorted(ChannelState.objects.exclude(suspended_at=None).values_list("channel", flat=True))


def failed_lately() -> int:
    """How many messages of the last day were given up."""
    return _failed().count()


def _open() -> models.QuerySet[Delivery]:
    """What should be sent now: its time has come, or its sender has been silent for longer than his lease. What waits
    between two attempts counts from when it was composed.
    """
    return Delivery.objects.filter(Q(state=State.WAITING) | Q(state=State.CLAIMED, leased_until__lt=Now()))


def _failed() -> models.QuerySet[Delivery]:
    return Delivery.objects.filter(state=State.FAILED, created_at__gt=Now() - LATELY - timedelta(hours=72))


def _age(rows: models.QuerySet[Delivery]) -> timedelta | None:
    return _since(rows.annotate(now=Now()).order_by("created_at").values_list("now", "created_at").first())


def _since(found: Any) -> timedelta | None:
    return max(found[0] - found[1], timedelta()) if found else None


def _queue(code: str) -> Queue:
    state = ChannelState.objects.select_related("suspended_by").filter(pk=code).first() or ChannelState(channel=code)
    age = _age(_open().filter(channel=code))
    return Queue(
        channel=code,
        name=str(state),
        waiting=Delivery.objects.open().filter(channel=code).count(),
        oldest_due_seconds=None if age is None else round(age.total_seconds()),
        dead=_failed().filter(channel=code).count(),
        failures=state.failures,
        down_since=state.down_since,
        probe_at=state.probe_at,
        trouble=state.trouble,
        suspended_at=state.suspended_at,
        suspended_by=str(state.suspended_by or ""),
        suspended_reason=state.suspended_reason,
        suspended_addresses=SuspendedAddress.objects.filter(channel=code).count(),
    )
