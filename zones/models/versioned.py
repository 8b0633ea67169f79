"""Optimistic locking: the second of two editors is told, not overwritten."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F


class StaleVersion(ValidationError):
    """The row was changed by somebody else since it was read."""

    def __init__(self, obj: models.Model) -> None:
        super().__init__(f"“{obj}”刚被他人修改，请核对后重新保存", code="stale")


class Versioned(models.Model):
    """A row that people edit. Every save raises `version` by one."""

    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding or self.pk is None:
            super().save(*args, **kwargs)
            return
        with transaction.atomic(using=kwargs.get("using")):
            self._raise_version()
            super().save(*args, **kwargs)

    def save_checked(self, expected_version: int, **kwargs: Any) -> None:
        """Save if the stored version is still `expected_version`; else raise `StaleVersion` and write nothing."""
        with transaction.atomic(using=kwargs.get("using")):
            self._claim(expected_version)
            super().save(**kwargs)

    def update_checked(self, expected_version: int, **values: Any) -> Self:
        """Write only the named columns, if the stored version is still `expected_version`; else `StaleVersion`."""
        self._claim(expected_version, **values)
        for name, value in values.items():
            setattr(self, name, value)
        return self

    def _claim(self, expected_version: int, **values: Any) -> None:
        # One conditional UPDATE decides the race, and its row lock holds until the transaction ends.
        rows = type(self)._base_manager.filter(pk=self.pk, version=expected_version)
        if not rows.update(version=expected_version + 1, **values):
            raise StaleVersion(self)
        self.version = expected_version + 1

    def _raise_version(self) -> None:
        # Not `self.version + 1`: a row read long ago would put an old number back.
        rows = type(self)._base_manager.filter(pk=self.pk)
        if rows.update(version=F("version") + 1):
            self.version = rows.values_list("version", flat=True).get()
