"""The single door for a stated value: assert it, choose among several, see where sources disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from projects import dates, money, names
from projects.models import Claim, Company, Project, ProjectAlias, Source
from zones import clock
from zones.models import User

Value = money.Amount | dates.DateSpan | str
Field = Claim.Field
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    Field.NAME: ("name",),
    Field.COMPANY: ("company_id",),
    Field.AMOUNT: ("investment_low", "investment_high", "investment_qualifier"),
    Field.FOREIGN: ("foreign_low", "foreign_high", "foreign_currency", "foreign_qualifier"),
}
"""The columns of a project that mirror the chosen claim of a field."""
BLANK: Final = {"investment_qualifier": "", "foreign_currency": "", "foreign_qualifier": ""}
VALUES: Final = ("low", "high", "currency", "qualifier", "first", "last", "precision", "text")


@dataclass(frozen=True, slots=True)
class Stated:
    """A value that a source states of a project, at `span` (character offsets), for a day.

    `note` says what a person put in place of the words there. Money is whole units of its currency.
    """

    field: str
    value: Value
    certainty: str = Claim.Certainty.ACTUAL
    span: tuple[int, int] | None = None
    holds_on: date | None = None
    note: str = ""


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
    """One value as `assert_claims` keeps it; the claim, and whether new."""
    stated = Stated(field, value, certainty, span, holds_on)
    return assert_claims(project, [stated], source=source, by=by)[0]


@transaction.atomic
def assert_claims(
    project: Project, stated: Iterable[Stated], *, source: Source, by: User | None = None
) -> list[tuple[Claim, bool]]:
    """Keep what `source` states of the project; each claim, and whether it is new. A constant number of statements.

    A foreign `amount` is a field of its own and never added to yuan. The first claim of a field is chosen and mirrored
    on the project, unless a person typed something else there; a later one waits beside it. Stated again at the same
    place, nothing changes. Raises ValidationError for what is no field or too long.
    """
    held = _locked(project)
    known = list(project.claims.filter(Q(source=source) | Q(chosen=True)))
    found = [_kept(held, known, each, source, by) for each in stated]
    new = [claim for claim, is_new in found if is_new]
    Claim.objects.bulk_create(new)
    _mirror(project, [claim for claim in new if claim.chosen])
    return found


@transaction.atomic
def choose(claim: Claim, *, by: User | None = None) -> Claim:
    """Let this claim hold instead of the one chosen before; the project's columns follow it.

    Raises ValidationError for a claim that was withdrawn.
    """
    _locked(claim.project)
    rivals = Claim.objects.select_for_update(no_key=True).filter(
        project=claim.project_id, field=claim.field, certainty=claim.certainty
    )
    if not rivals.filter(pk=claim.pk).exists():
        raise ValidationError("这个说法已经撤回，不能采用")
    rivals.exclude(pk=claim.pk).filter(chosen=True).update(chosen=False)
    rivals.filter(pk=claim.pk).update(chosen=True, chosen_by=by, chosen_on=clock.today())
    claim.refresh_from_db()
    _mirror(claim.project, [claim])
    return claim


@transaction.atomic
def withdraw(
    rows: Sequence[Claim], *, instead: Collection[int] = (), before: Mapping[str, Any], by: User | None = None
) -> None:
    """Take back claims of one project that were made by mistake: they stay, out of sight, and the project's columns go
    back to what holds without them.

    That is a claim of `instead` (keys), else the first that stands; where none is left, what was typed `before`.
    """
    if not rows:
        return
    project = rows[0].project
    _locked(project)
    gone = {row.pk for row in rows}
    emptied = {(row.field, row.certainty) for row in rows if row.chosen}
    values = {"chosen": False, "withdrawn_at": timezone.now(), "withdrawn_by": by}
    Claim.objects.filter(pk__in=gone).update(**values)
    left: dict[tuple[str, str], Claim] = {}
    for row in sorted(project.claims.all(), key=lambda row: (row.pk not in instead, row.pk)):
        left.setdefault((row.field, row.certainty), row)
    columns = {name: before.get(name, BLANK.get(name)) for field, _ in emptied for name in COLUMNS.get(field, ())}
    _write(project, columns)
    held = Project.objects.select_related("company").get(pk=project.pk)
    heirs = [left[key] for key in emptied if key in left and not _typed_otherwise(held, left[key])]
    Claim.objects.filter(pk__in=[row.pk for row in heirs]).update(chosen=True)
    _mirror(project, heirs)


def also_called(project: Project, name: str) -> ProjectAlias | None:
    """Keep another name of the project; None where it is known."""
    name = names.tidy(name)
    if not name or names.key(name) == project.key:
        return None
    alias, new = ProjectAlias.objects.get_or_create(project=project, key=names.key(name), defaults={"name": name})
    return alias if new else None


@transaction.atomic
def not_called(aliases: Iterable[ProjectAlias], *, by: User | None = None) -> None:
    """Take back names that were given to a project by mistake."""
    pks = [alias.pk for alias in aliases]
    ProjectAlias.objects.filter(pk__in=pks).update(withdrawn_at=timezone.now(), withdrawn_by=by)


def says(claim: Claim, stated: Stated) -> bool:
    """Whether the claim keeps just what is stated, at its place."""
    start, end = stated.span or (None, None)
    told = {**dict.fromkeys(VALUES), **_columns(stated.value)}
    same = all((getattr(claim, name) or None) == (told[name] or None) for name in VALUES)
    field = Field.FOREIGN if stated.field == Field.AMOUNT and told["currency"] not in (None, "CNY") else stated.field
    place = (claim.field, claim.certainty, claim.start, claim.end, claim.note)
    return same and place == (field, stated.certainty, start, end, stated.note[:300])


def typed(project: Project) -> dict[str, Any]:
    """What the project's mirrored columns hold by somebody's hand and by no claim, for `withdraw`."""
    stated = project.claims.filter(field=Field.COMPANY, chosen=True).exists()
    return {"name": project.name, "company_id": None if stated else project.company_id}


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


def _locked(project: Project) -> Project:
    """The project as it is stored, held until the transaction ends."""
    held = Project.objects.select_for_update(no_key=True, of=("self",)).select_related("company")
    return held.get(pk=project.pk).refuse_withdrawn()


def _kept(project: Project, known: list[Claim], stated: Stated, source: Source, by: User | None) -> tuple[Claim, bool]:
    """The claim that says so already, or a new one, put to `known` and not stored yet."""
    field, value = stated.field, stated.value
    if field == Field.AMOUNT and isinstance(value, money.Amount) and value.currency != "CNY":
        field = Field.FOREIGN
    start, end = stated.span or (None, None)
    claim = Claim(project=project, field=field, certainty=stated.certainty, source=source, start=start, end=end)
    for name, column in _columns(value).items():
        setattr(claim, name, column)
    rivals = [row for row in known if (row.field, row.certainty) == (field, stated.certainty)]
    for row in rivals:
        if (
            row.source_id == source.pk
            and (row.start, row.end) == (start, end)
            and (start is not None or _same(row, claim))
        ):
            return row, False
    claim.holds_on, claim.note, claim.recorded_by = stated.holds_on, stated.note[:300], by
    claim.chosen = not any(row.chosen for row in rivals) and not _typed_otherwise(project, claim)
    claim.clean_fields(exclude=["project", "source", "recorded_by"])
    known.append(claim)
    return claim, True


def _same(row: Claim, claim: Claim) -> bool:
    return all(getattr(row, name) == getattr(claim, name) for name in VALUES)


def _mirror(project: Project, chosen: Iterable[Claim]) -> None:
    """Write chosen claims on the project's own columns, where it has some for them."""
    values: dict[str, Any] = {}
    for claim in chosen:
        values |= _mirrored(project, claim)
    _write(project, values)


def _write(project: Project, values: Mapping[str, Any]) -> None:
    if not values:
        return
    # Read anew: the caller's copy may be older than the name, and a save would put its key back.
    stored = Project.objects.get(pk=project.pk)
    former = stored.name
    for target in (stored, project):
        for name, value in values.items():
            setattr(target, name, value)
    fields = [name.removesuffix("_id") for name in values]
    stored.save(update_fields=[*fields, *(("key", "initials") if "name" in values else ())])
    if stored.name != former:
        project.key = stored.key
        also_called(stored, former)


def _typed_otherwise(project: Project, claim: Claim) -> bool:
    """Whether the project's own columns hold a value that no claim gave and that differs from this one."""
    if claim.field == Field.NAME:
        return project.key != names.key(claim.text)
    if claim.field == Field.COMPANY:
        return project.company is not None and project.company.key != names.key(claim.text)
    return False


def _mirrored(project: Project, claim: Claim) -> dict[str, Any]:
    if claim.field in (Field.AMOUNT, Field.FOREIGN):
        told = (claim.low, claim.high, claim.currency, claim.qualifier)
        return dict(
            zip(COLUMNS[claim.field], told if claim.field == Field.FOREIGN else told[:2] + told[3:], strict=True)
        )
    if claim.field == Field.COMPANY:
        return {"company_id": _company(project, claim).pk}
    return {"name": claim.text} if claim.field == Field.NAME else {}


def _company(project: Project, claim: Claim) -> Company:
    """The company of that name that the project has, or that its zone or one above keeps; else a new one here."""
    zone, key = project.zone, names.key(claim.text)
    near = Q(projects=project.pk) | Q(zone__path__in=[zone.path, *zone.ancestor_paths])
    kept = Company.objects.filter(near, key=key).order_by("-zone__path").first()
    if kept:
        return kept
    return Company.objects.get_or_create(zone=zone, key=key, defaults={"name": claim.text})[0]
