"""What the tests of ledgers share."""

from datetime import date

import pytest

TODAY = date(2023, 7, 10)


@pytest.fixture(autouse=True)
def _monday(settings):
    settings.TRACKER_TODAY = TODAY
