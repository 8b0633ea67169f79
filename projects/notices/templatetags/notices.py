"""The bell in the head of every page."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.urls import reverse

from projects.notices import inbox

register = template.Library()
MOST: Final = 99


@register.inclusion_tag("notices/bell.html", takes_context=True)
def bell(context: Any) -> dict[str, Any]:
    """How many notices the person has not read. One statement; none for who is not signed in."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    count = inbox.unread_count(user, MOST + 1)
    url = reverse("admin:projects_notices_notice_changelist")
    return {
        "count": count,
        "shown": f"{MOST}+" if count > MOST else str(count),
        "url": f"{url}?read=no" if count else url,
    }
