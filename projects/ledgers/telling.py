"""Telling who left a ledger to a worker what became of it."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from projects.ledgers.models import Ledger
from projects.notices import inbox
from zones.models import User

KEY: Final = "ledger"
KIND: Final = "台账"


def tell(ledger: Ledger, user: User | None, told: str = "", *, event: str = "") -> None:
    """Put into the person's inbox, and so into a mail, how the ledger stands now, or what is `told`; once for each
    version of it, or for the event.
    """
    if user is None:
        return
    sentence = f"“{ledger.file_name}”{told or f'{ledger.get_state_display()}：{ledger.outcome}'}"[:500]
    path = reverse("admin:projects_ledgers_ledger_change", args=[ledger.pk])
    key = f"{KEY}:{ledger.pk}:{event or ledger.version}"
    inbox.leave([inbox.Draft(user.pk, key, KIND, sentence, path, zone_id=ledger.zone_id)])
