"""What the core's tests share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from conftest import Town, build_town

TODAY = date(2023, 7, 10)


@pytest.fixture(autouse=True)
def _monday(settings: Any) -> None:
    settings.TRACKER_TODAY = TODAY


@pytest.fixture
def project(town: Any) -> Any:
    from projects import facts

    return facts.create(name="东部传感器产业园项目", zone=town.east)


@pytest.fixture
def report(town: Any) -> Any:
    from projects.models import Source

    return Source.objects.create(kind=Source.Kind.REPORT, title="七月报道", zone=town.east)


@contextmanager
def kept_rows(blocker: Any, fill: Callable[[Town], None]) -> Iterator[Town]:
    """The cast and what `fill` adds to it, written once for all tests of a module, each of which is rolled back.

    The rows are committed, so a module that uses them cannot use `town` as well.
    """
    from django.contrib.contenttypes.models import ContentType

    cheap = "django.contrib.auth.hashers.MD5PasswordHasher"
    with blocker.unblock(), override_settings(TRACKER_TODAY=TODAY, PASSWORD_HASHERS=[cheap]):
        try:
            town = build_town()
            fill(town)
            with blocker.block():
                yield town
        finally:
            call_command("flush", verbosity=0, interactive=False)
            ContentType.objects.clear_cache()


def anew(town: Town) -> Town:
    """The same cast, read again: a person remembers his roles, and no test is to inherit that."""
    cast = {field.name: getattr(town, field.name) for field in fields(town)}
    keys = {model: [row.pk for row in cast.values() if type(row) is model] for model in set(map(type, cast.values()))}
    found = {model: model.objects.in_bulk(pks) for model, pks in keys.items()}
    return Town(**{name: found[type(row)][row.pk] for name, row in cast.items()})
