"""How an open alert stands, in the few words that follow its sentence: on the home page, a project's and a unit's."""

from __future__ import annotations

from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from projects.admin import columns
from projects.alerts.models import Alert


def state(alert: Alert, today: date) -> SafeString:
    """Whether it rests, is answered, waits or is overdue, how far up it went, and whether it is acknowledged."""
    return format_html_join(" · ", "{}", ((part,) for part in _parts(alert, today)))


def _parts(alert: Alert, today: date) -> list[SafeString | str]:
    if alert.held:
        return [alert.held]
    if alert.answered:
        return [alert.answering]
    parts: list[SafeString | str] = []
    if alert.answer_by:
        late = alert.answer_by < today
        parts.append(format_html('<b class="tk-late">{}</b>', "逾期未答复") if late else alert.answering)
        parts.append(format_html("答复期限 {}", columns.deadline(alert.answer_by, today)))
    if alert.rung:
        parts.append(f"已上报至{alert.get_rung_display()}")
    return [*parts, alert.acknowledgement]
