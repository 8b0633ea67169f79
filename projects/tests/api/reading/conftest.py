import pytest

from projects.tests.api import calling
from projects.tests.conftest import anew, kept_rows


@pytest.fixture(scope="package")
def written(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, calling.fill) as town:
        yield town


@pytest.fixture
def busy(written, db):
    """Two zones at work, `calling.fill`. Nothing in this folder can use `town` as well."""
    return anew(written)
