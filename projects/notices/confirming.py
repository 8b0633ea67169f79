"""The storm guard: more notices at once than a real day brings wait until somebody has looked.

A room above opens a hold before it leaves its notices, leaves them under it, and says at the end whether they are to
wait. Until then nobody is told; so whoever breaks off half-way has told nobody the half of it.
"""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.urls import reverse

from projects.notices import inbox, operators, truth
from projects.notices.inbox import Draft
from projects.notices.models import Hold, Notice
from zones import clock
from zones.models import Appointment, User
from zones.models.zone import ancestors_of
from zones.permissions import Role

PREFIX: Final = "hold"
KIND: Final = "待确认"
GONE: Final = "这批通知已由他人处理，现为“{}”"
State = Hold.State


# ---- For the rooms above -------------------------------------------------------------------------------
def begin(key: str) -> None:
    """Open a hold; notices that are left under it are told to nobody before `release` or `keep`."""
    Hold.objects.bulk_create([Hold(key=key)], ignore_conflicts=True)


def counting(key: str) -> int | None:
    """The hold that notices are to be left under; None if there is none, or none any more."""
    return Hold.objects.filter(key=key, state=State.COUNTING).values_list("pk", flat=True).first()


def take_over(hold: int, keys: list[str]) -> None:
    """Take under this hold what was left under others whose work broke off."""
    Notice.objects.filter(hold__key__in=keys, hold__state=State.COUNTING).update(hold=hold)


def release(hold: int) -> None:
    """Nothing out of the ordinary: tell everybody."""
    Notice.objects.filter(hold=hold).update(hold=None)
    Hold.objects.filter(pk=hold).update(state=State.PASSED, decided_at=Now())


def keep(hold: int, reason: str) -> int:
    """Let the notices wait, zone by zone, and tell who may confirm; how many wait. Belongs in a transaction."""
    own = Notice.objects.filter(hold=hold)
    found = list(own.exclude(zone=None).order_by().values_list("zone").annotate(n=Count("pk")))
    key = Hold.objects.get(pk=hold).key
    for place, number in found:
        row = Hold.objects.create(
            key=f"{key}:{place}", zone_id=place, state=State.HELD, reason=reason[:300], count=number
        )
        own.filter(zone=place).update(hold=row)
        _tell(row)
    release(hold)  # what belongs to no zone, if anything
    return sum(number for _, number in found)


# ---- For people ----------------------------------------------------------------------------------------
@transaction.atomic
def confirm(hold: Hold, *, by: User) -> int:
    """They are right: tell everybody; how many notices. Raises ValidationError if somebody else has decided."""
    _decide(hold, State.CONFIRMED, by)
    return Notice.objects.filter(hold=hold).update(hold=None)


@transaction.atomic
def reject(hold: Hold, *, by: User) -> int:
    """They come from a mistake: no mail, and nothing unread; they stand in the inboxes as read, as the alerts stay.

    How many notices. Raises ValidationError if somebody else has decided.
    """
    _decide(hold, State.REJECTED, by)
    return Notice.objects.filter(hold=hold).update(hold=None, read_at=Now(), todo=False)


def _decide(hold: Hold, state: str, by: User) -> None:
    values: dict[str, Any] = {"state": state, "decided_by": by, "decided_at": Now()}
    if not Hold.objects.filter(pk=hold.pk, state=State.HELD).update(**values):
        now = Hold.objects.get(pk=hold.pk).get_state_display()
        raise ValidationError(GONE.format(now))


def _tell(hold: Hold) -> None:
    """Once, to who may confirm: the coordinators of the zone, else of the nearest above, and who administers it."""
    path = reverse("admin:projects_notices_hold_changelist")
    sentence = f"{hold.zone}有 {hold.count} 条通知待确认，确认之前不告诉任何人：{hold.reason}"
    inbox.leave(
        Draft(user_id=each, key=f"{PREFIX}:{hold.pk}", kind=KIND, sentence=sentence, path=path, urgent=True, todo=True)
        for each in sorted(_deciders(hold))
    )


def _deciders(hold: Hold) -> set[int]:
    path: Any = hold.zone.path if hold.zone else ""
    held = Appointment.objects.in_force(clock.today()).filter(
        zone__path__in=[*ancestors_of(path), path], user__is_active=True, role__in=[Role.COORDINATOR, Role.SYSTEM]
    )
    rows = list(held.values_list("role", "zone__path", "user"))
    nearest = max((place for role, place, _ in rows if role == Role.COORDINATOR), key=len, default="")
    office = {user for role, place, user in rows if role == Role.COORDINATOR and place == nearest}
    return office | {user for role, _, user in rows if role == Role.SYSTEM} or operators.administrators()


def still_held(keys: Any) -> set[str]:
    """Of notices that something waits, those of which it still does."""
    rows = Hold.objects.filter(state=State.HELD, pk__in=[int(key.partition(":")[2]) for key in keys])
    return {f"{PREFIX}:{pk}" for pk in rows.values_list("pk", flat=True)}


def watch() -> None:
    """Answer for the keys of this room; called once."""
    truth.register(PREFIX, still_held)
