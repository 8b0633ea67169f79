"""The admin of the ground alone."""

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(scope="module")
def without_the_roof() -> Iterator[None]:
    """No address and no menu of the rooms above. For a module at once: each change reads all addresses anew."""
    with override_settings(ROOT_URLCONF="zones.tests.urls", UNFOLD={}):
        yield
