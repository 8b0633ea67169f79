"""How the telling does: what waits, since when, what was given up. For commands, probes and screens alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, Now

from projects.notices.channels import ways
from projects.notices.models import GIVE_UP, ChannelState, Delivery, SuspendedAddress
from projects.notices.outlets import PREFIX, Outlet

LATELY: Final = timedelta(days=1)
NIGHT: Final = timedelta(hours=1)  # longer than any pause between two attempts
State = Delivery.State


@dataclass(frozen=True)
class Queue:
    """A channel in numbers. Ages in seconds; `dead` are the messages of the last day that were given up, `sent_lately`
    those that went out within the last hour.
    """

    channel: str
    name: str
    waiting: int
    oldest_due_seconds: int | None
    dead: int
    sent_lately: int
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
    met = set(ChannelState.objects.values_list("channel", flat=True)) | {each.code for each in ways()}
    return [queue(code) for code in sorted(met)]


def with_states(outlets: models.QuerySet[Outlet]) -> models.QuerySet[Outlet]:
    """Outlets with how each does: `waiting` and `failed` messages, `down_since`, `suspended_at`, `suspended_reason` and
    `trouble`, in the one statement.
    """
    rows = outlets.annotate(channel_code=Concat(Value(f"{PREFIX}:"), Cast("pk", models.CharField())))
    state = ChannelState.objects.filter(pk=OuterRef("channel_code"))
    found = {name: Subquery(state.values(name)) for name in ("down_since", "suspended_at", "suspended_reason")}
    return rows.annotate(
        **found,
        trouble=Coalesce(Subquery(state.values("trouble")), Value("")),
        waiting=_number(Delivery.objects.open()),
        failed=_number(Delivery.objects.filter(state=State.FAILED)),
    )


def _number(deliveries: models.QuerySet[Delivery]) -> Any:
    own = deliveries.filter(channel=OuterRef("channel_code")).order_by().values("channel")
    return Coalesce(Subquery(own.annotate(n=Count("pk")).values("n")), 0)


def oldest_due() -> timedelta | None:
    """For how long the message that has been due for longest has waited; None if nothing is due. What a person has
    suspended is not counted: he knows; nor is a robot or app that is out of reach: who looks after it was told, and
    everybody else is served.
    """
    known = Q(suspended_at__isnull=False) | Q(down_since__isnull=False) & ~Q(channel=Delivery.Channel.MAIL)
    return _age(_open().exclude(channel__in=ChannelState.objects.filter(known).values("channel")))


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
    between two attempts counts from when it was composed; what waits for the reader's night to end does not.
    """
    waiting = Q(state=State.WAITING, due_at__lte=Now() + NIGHT)
    return Delivery.objects.filter(waiting | Q(state=State.CLAIMED, leased_until__lt=Now()))


def _failed() -> models.QuerySet[Delivery]:
    return Delivery.objects.filter(state=State.FAILED, created_at__gt=Now() - LATELY - timedelta(hours=72))


def _sent_lately(code: str) -> int:
    recent = Delivery.objects.filter(channel=code, state=State.SENT, created_at__gt=Now() - GIVE_UP - LATELY)
    return recent.filter(sent_at__gt=Now() - timedelta(hours=1)).count()


def _age(rows: models.QuerySet[Delivery]) -> timedelta | None:
    return _since(rows.annotate(now=Now()).order_by("created_at").values_list("now", "created_at").first())


def _since(found: Any) -> timedelta | None:
    return max(found[0] - found[1], timedelta()) if found else None


def queue(code: str) -> Queue:
    """How one channel does. A constant number of statements."""
    state = ChannelState.objects.select_related("suspended_by").filter(pk=code).first() or ChannelState(channel=code)
    age = _age(_open().filter(channel=code))
    return Queue(
        channel=code,
        name=str(state),
        waiting=Delivery.objects.open().filter(channel=code).count(),
        oldest_due_seconds=None if age is None else round(age.total_seconds()),
        dead=_failed().filter(channel=code).count(),
        sent_lately=_sent_lately(code),
        failures=state.failures,
        down_since=state.down_since,
        probe_at=state.probe_at,
        trouble=state.trouble,
        suspended_at=state.suspended_at,
        suspended_by=str(state.suspended_by or ""),
        suspended_reason=state.suspended_reason,
        suspended_addresses=SuspendedAddress.objects.filter(channel=code).count(),
    )
