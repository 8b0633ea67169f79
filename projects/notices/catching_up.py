"""After an outage: what has piled up for a person becomes one message, and not a row of yesterdays."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models, transaction
from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from projects.notices import composing, hours
from projects.notices.models import Delivery, Notice
from zones.models import User

MOST: Final = 5  # messages that may wait for one person
BACKLOG: Final = timedelta(minutes=30)  # what has waited for longer is told with what came after it
REASON: Final = "积压的消息合并为一封"


def gather() -> int:
    """Put together what waits for people; how many messages it became. Each person is one short transaction."""
    return sum(_gather_for(user_id) for user_id in sorted(_piled_up()))


def _waiting() -> models.QuerySet[Delivery]:
    """Sound mails that nobody can have received: of one that may have arrived only itself is sent again."""
    return Delivery.objects.filter(
        state=Delivery.State.WAITING, channel=Delivery.Channel.MAIL, doubtful=False, broken=0
    )


def _piled_up() -> set[int]:
    rows = _waiting().order_by().values("user").annotate(n=Count("pk"), oldest=Min("created_at"))
    old = Q(oldest__lt=Now() - BACKLOG)
    piled_up = set(rows.filter(Q(n__gt=MOST) | old & Q(n__gt=1)).values_list("user", flat=True))
    # One that waits alone is not renewed, and so never given up, for news that are told tomorrow.
    alone = set(rows.filter(old, n=1).values_list("user", flat=True))
    return piled_up | (alone & set(composing.due(hours.now())) if alone else set())


@transaction.atomic
def _gather_for(user_id: int) -> int:
    # Waiting for whoever holds the person's row: what is let go here must be written here.
    people = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True)
    if people.exclude(email="").first() is None:
        return 0
    old = [pk for pk in _waiting().filter(user=user_id).values_list("pk", flat=True) if _let_go(pk)]
    if not old:
        return 0
    Notice.objects.filter(delivery__in=old, read_at=None).update(delivery=None)
    before = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    composing.compose_for(user_id)
    new = Delivery.objects.filter(user=user_id, pk__gt=before, state=Delivery.State.WAITING).order_by("pk").first()
    Delivery.objects.filter(pk__in=old).update(superseded_by=new)
    return int(new is not None)


def _let_go(pk: int) -> bool:
    # A sender may take it at this very moment; then it is his.
    return bool(_waiting().filter(pk=pk).update(state=Delivery.State.SUPERSEDED, last_error=REASON))
