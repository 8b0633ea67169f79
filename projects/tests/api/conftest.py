import pytest


@pytest.fixture(autouse=True)
def _unhurried(settings):
    """Tests ask more in a minute than a person may."""
    settings.API_RATE = 0
