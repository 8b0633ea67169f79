"""Columns that many rows of the main room have, and how facts are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from projects.facts.locking import locked
from projects.models import Project
from zones.permissions import may
from zones.scoped.api.fields import VisibleKey, Words
from zones.scoped.api.refusals import OUTSIDE, Refused, refused_by_rules
from zones.scoped.api.rows import RowSerializer, SeenCharField, SeenIntegerField
from zones.scoped.api.views import RowsViewSet

TERMINATED: Final = "该项目已终止，不能再填报"
REASON: Final = 300  # characters


# ---- Reading ---------------------------------------------------------------------------------------
class OfProjectRow(RowSerializer):
    """A row that hangs on a project, and lies in its zone."""

    project_code = serializers.CharField(source="project.code", read_only=True)
    project_name = serializers.CharField(source="project.name", read_only=True)
    zone = serializers.CharField(source="project.zone.code", read_only=True, help_text="区域代号")


OF_PROJECT: Final = ("id", "project", "project_code", "project_name", "zone")
ORDERS: Final = {"id": "pk", "project": "project_id", "project_code": "project__code", "zone": "project__zone__path"}


class SourcedRow(RowSerializer):
    """A row that says where it comes from; null where it comes from a person, or out of sight."""

    source = SeenIntegerField("source", source="source_id", help_text="来源的 id")  # type: ignore[assignment]
    source_title = SeenCharField("source", source="source.title")


SOURCED: Final = ("source", "source_title")


def person(relation: str, called: str) -> SeenCharField:
    """The user name of the person at `relation`."""
    return SeenCharField(relation, source=f"{relation}.username", help_text=f"{called}的用户名")


def whether(rows: QuerySet[Any]) -> Exists:
    """An annotation: whether a row is among `rows`."""
    return Exists(rows.filter(pk=OuterRef("pk")).order_by())


# ---- Writing ---------------------------------------------------------------------------------------
def project_field() -> VisibleKey:
    """The project that is written of."""
    return VisibleKey(Project, "项目")


class FactsViewSet(RowsViewSet):
    """Facts that are told by the verbs of `projects.facts`; none of a project that has ended."""

    @property
    def writer(self) -> Any:
        """Who signs for the fact."""
        return self.request.user

    @contextmanager
    def telling(self, project: Project, action: str = "") -> Iterator[Project]:
        """The project, locked, for a verb to add something to it: all or nothing. `action` as in `changing`.

        Raises Refused: 403 if the person may not write the project, 400 for what the verb refuses.
        """
        with refused_by_rules(), transaction.atomic():
            held = locked(project)
            if not Project.objects.writable_by(self.writer).filter(pk=held.pk).exists():
                raise Refused("forbidden", OUTSIDE)
            if action and not may(self.writer, action, held):
                raise Refused("forbidden", OUTSIDE)
            refuse_ended(held)
            yield held

    def told(self, pk: int, new: bool) -> Response:
        """What is answered to a telling: the row, with its address; 201 if it is new, 200 if it was told before."""
        answer = self.answer(pk, 201 if new else 200)
        answer["Location"] = f"{self.request.path}{pk}/"
        return answer


def refuse_ended(project: Project | None) -> None:
    """Raise ValidationError for a project that has ended."""
    if project and project.terminated_on:
        raise ValidationError(TERMINATED)


def one_act(told: Mapping[str, Any], acts: Mapping[str, Sequence[str]], sentence: str) -> str:
    """The act that is asked for: the only one of `acts` that is told, with nothing but what may come with it.

    Raises Refused with the sentence that lists the acts.
    """
    asked = [name for name in acts if name in told]
    if len(asked) != 1 or set(told) - {asked[0], *acts[asked[0]]}:
        raise Refused("invalid", sentence)
    return asked[0]


@contextmanager
def called(**names: str) -> Iterator[None]:
    """What a verb refuses, under the names of the API: `called(when="actual_last")`."""
    try:
        yield
    except ValidationError as broken:
        if not hasattr(broken, "error_dict"):
            raise
        raise ValidationError({names.get(name, name): each for name, each in broken.error_dict.items()}) from broken


class Reasoned(serializers.Serializer):
    """A form that may ask why."""

    reason = Words(required=False, allow_blank=True, max_length=REASON, help_text="原因")
