"""How often somebody may ask. Counted in the cache by whole minutes, one step a request."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

log = logging.getLogger(__name__)
WINDOW: Final = 60  # seconds
REST: Final = 10  # seconds without counting, after the cache failed to answer


class PerMinute(BaseThrottle):
    """`API_RATE` requests a minute for each person, all his tokens and sessions together.

    A cache that does not answer stops nobody: then nothing is counted for a while.
    """

    _silent_until = 0.0

    def allow_request(self, request: Any, view: Any) -> bool:
        if not settings.API_RATE or time.monotonic() < PerMinute._silent_until:
            return True
        minute, self.passed = divmod(time.time(), WINDOW)
        try:
            return _count(f"api:{request.user.pk}:{minute:.0f}") <= settings.API_RATE
        except Exception as error:  # whatever library stands behind the cache
            PerMinute._silent_until = time.monotonic() + REST
            log.warning("requests are not counted: %s", error)
            return True

    def wait(self) -> float:
        return WINDOW - self.passed


def _count(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # the first of this minute
        return 1 if cache.add(key, 1, WINDOW * 2) else cache.incr(key)
