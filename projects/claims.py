"""The single door for a stated value: assert it, choose among several, see where sources disagree."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from projects import dates, money, names
from projects.models import Claim, Company, Project, ProjectAlias, Source
from zones.models import User

Value = money.Amount | dates.DateSpan | str
Field = Claim.Field


@transaction.atomic
def assert_claim(
    project: Project,
    field: str,
    value: Value,
    *,
    certainty: str = Claim.Certainty.ACTUAL,
    source: Source,
    span: tuple[int, int] | None = None,
    holds_on: date | None = None,
    by: User | None = None,
) -> tuple[Claim, bool]:
    """Keep that `source` states `value` (at `span`, character offsets) of the project; the claim, and whether new.

    Money is whole units of its currency; a foreign `amount` is a field of its own and never added to yuan.
    The first claim of a field is chosen and mirrored on the project, unless a person typed something else there; a
    later one waits beside it.
    Stated again at the same place, nothing changes.
    """
    Project.objects.select_for_update(no_key=True).only("pk").get(pk=project.pk)
    if field == Field.AMOUNT and isinstance(value, money.Amount) and value.currency != "CNY":
        field = Field.FOREIGN
    start, end = span or (None, None)
    values = {"certainty": certainty, **_columns(value)}
    same_place = project.claims.filter(field=field, certainty=certainty, source=source, start=start, end=end)
    found = same_place.filter(**values).first() if start is None else same_place.first()
    if found:
        return found, False
    claim = Claim(project=project, field=field, source=source, start=start, end=end, holds_on=holds_on, **values)
    claim.recorded_by = by
    rivals = project.claims.filter(field=field, certainty=certainty, chosen=True)
    claim.chosen = not rivals.exists() and not _typed_otherwise(claim)
    claim.full_clean(exclude=["project", "source"])
    claim.save()
    if claim.chosen:
        _mirror(claim)
    return claim, True


@transaction.atomic
def choose(claim: Claim, *, by: User | None = None) -> Claim:
    """Let this claim hold instead of the one chosen before; the project's columns follow it."""
    rivals = Claim.objects.select_for_update(no_key=True).filter(
        project=claim.project_id, field=claim.field, certainty=claim.certainty
    )
    rivals.exclude(pk=claim.pk).filter(chosen=True).update(chosen=False)
    rivals.filter(pk=claim.pk).update(chosen=True)
    claim.refresh_from_db()
    _mirror(claim)
    return claim


def also_called(project: Project, name: str) -> bool:
    """Keep another name of the project; returns whether it is new."""
    name = names.tidy(name)
    if not name or names.key(name) == project.key:
        return False
    return ProjectAlias.objects.get_or_create(project=project, key=names.key(name), defaults={"name": name})[1]


def disagreements(project: Project) -> list[list[Claim]]:
    """Claims of one field that state different values, the chosen one first."""
    groups: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in project.claims.select_related("source").order_by("field", "certainty", "-chosen", "pk"):
        groups[claim.field, claim.certainty].append(claim)
    return [group for group in groups.values() if len({said(claim) for claim in group}) > 1]


def said(claim: Claim) -> tuple[Any, ...]:
    """What makes two claims of a field the same value, whoever states it and however it is qualified."""
    if claim.field in (Field.NAME, Field.COMPANY):
        return (names.key(claim.text),)
    return claim.low, claim.high, claim.currency, claim.first, claim.last, claim.text


def _columns(value: Value) -> dict[str, Any]:
    if isinstance(value, money.Amount):
        return {"low": value.low, "high": value.high, "currency": value.currency, "qualifier": value.qualifier}
    if isinstance(value, dates.DateSpan):
        return {"first": value.first, "last": value.last, "precision": value.precision, "text": value.relative}
    return {"text": value}


def _mirror(claim: Claim) -> None:
    """Write a chosen claim on the project's own columns, where it has one for it."""
    values = _mirrored(claim)
    if not values:
        return
    # Read anew: the caller's copy may be older than the name, and a save would put its key back.
    project = Project.objects.get(pk=claim.project_id)
    former = project.name
    for target in (project, claim.project):
        for name, value in values.items():
            setattr(target, name, value)
    project.save(update_fields=[*values, *(("key", "initials") if "name" in values else ())])
    if project.name != former:
        also_called(project, former)


def _typed_otherwise(claim: Claim) -> bool:
    """Whether the project's own columns hold a value that no claim gave and that differs from this one."""
    project = Project.objects.select_related("company").get(pk=claim.project_id)
    if claim.field == Field.NAME:
        return project.key != names.key(claim.text)
    if claim.field == Field.COMPANY:
        return project.company is not None and project.company.key != names.key(claim.text)
    return False


def _mirrored(claim: Claim) -> dict[str, Any]:
    if claim.field == Field.AMOUNT:
        return {
            "investment_low": claim.low,
            "investment_high": claim.high,
            "investment_qualifier": claim.qualifier,
        }
    if claim.field == Field.FOREIGN:
        return {
            "foreign_low": claim.low,
            "foreign_high": claim.high,
            "foreign_currency": claim.currency,
            "foreign_qualifier": claim.qualifier,
        }
    if claim.field == Field.COMPANY:
        return {"company": _company(claim)}
    return {"name": claim.text} if claim.field == Field.NAME else {}


def _company(claim: Claim) -> Company:
    """The company of that name that the project has, or that its zone or one above keeps; else a new one here."""
    zone, key = claim.project.zone, names.key(claim.text)
    near = Q(projects=claim.project_id) | Q(zone__path__in=[zone.path, *zone.ancestor_paths])
    kept = Company.objects.filter(near, key=key).order_by("-zone__path").first()
    if kept:
        return kept
    return Company.objects.get_or_create(zone=zone, key=key, defaults={"name": claim.text})[0]
