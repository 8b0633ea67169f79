"""A cell of a ledger in words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any


def text(value: Any) -> str:
    """A cell in words."""
    match value:
        case None:
            return ""
        case {"day": str(day)}:
            return day.replace("T00:00:00", "").replace("T", " ")
        case bool():
            return "是" if value else "否"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 10**15 else f"{value:.10g}"
        case datetime():
            return value.date().isoformat() if value.time() == value.min.time() else value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
    return str(value).strip()
