"""The two zones are written once for the whole package; every test is rolled back."""

import pytest
from django.db import connection

from projects.tests.conftest import anew, kept_rows
from tracker.tests.safety import world

# What is asked here does not depend on the database, so one of the two runs does it: PostgreSQL where a stricter
# database finds more.
ON_ONE = {"access": "sqlite", "bodies": "sqlite", "order": "sqlite", "worlds": "sqlite", "document": "postgresql"}


def pytest_collection_modifyitems(items):
    for item in items:
        vendor = ON_ONE.get(item.path.stem.removeprefix("test_"))
        if item.path.parent.name == "safety" and vendor not in (None, connection.vendor):
            item.add_marker(pytest.mark.skip(reason=f"done in the run on {vendor}"))


@pytest.fixture(autouse=True)
def _day(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.TRACKER_TODAY = world.TODAY
    settings.API_RATE = 0


@pytest.fixture(scope="package")
def written(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, world.fill) as town:
        yield town


@pytest.fixture
def town(written, db):
    """The cast, with everything around it."""
    return anew(written)


@pytest.fixture
def caller(town):
    """Somebody of the cast at the API: `caller("chen")`."""
    return lambda who, **kwargs: world.Caller(getattr(town, who), **kwargs)
