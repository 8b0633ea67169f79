"""Reads the files under `fixtures/`."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

WAN = 10_000
"""Yuan in one 万元: the fixtures speak 万元, as the ledgers of the field do."""


def folder() -> Path:
    return Path(settings.BASE_DIR) / "fixtures"


@cache
def load(name: str) -> dict[str, Any]:
    """The object in `fixtures/<name>`, read once."""
    return json.loads((folder() / name).read_text(encoding="utf-8"))


def day(text: str | None) -> date | None:
    """A day written YYYY-MM-DD, or None."""
    return date.fromisoformat(text) if text else None


def yuan(wan: int | None) -> int | None:
    """万元 to yuan; None stays None."""
    return None if wan is None else wan * WAN
