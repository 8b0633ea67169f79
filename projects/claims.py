"""The single door for a stated value: assert it, choose among several, see where sources disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from projects import dates, money, names
from projects.models import Claim, Company, Project, ProjectAlias, Source
from projects.standings.among import listed
from zones import bulk, clock
from zones.models import User, Zone

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
# What is no text cannot be too long, nor be anything but what it is.
TYPED: Final = (
    *("project", "source", "recorded_by", "chosen_by", "withdrawn_by", "withdrawn_at", "recorded_at", "chosen_on"),
    *("id", "low", "high", "first", "last", "holds_on", "start", "end", "chosen"),
)
VALUES: Final = ("low", "high", "currency", "qualifier", "first", "last", "precision", "text")


@dataclass(frozen=True, slots=True)
class Stated:
    """A value that a source states of a project, at `span` (character offsets) or `place` (a cell), for a day.

    `note` says what a person put in place of the words there. Money is whole units of its currency.
    """

    field: str
    value: Value
    certainty: str = Claim.Certainty.ACTUAL
    span: tuple[int, int] | None = None
    holds_on: date | None = None
    note: str = ""
    place: str = ""


Told = tuple[Project, Sequence[Stated]]


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
    (found,) = assert_many([(held, list(stated))], source=source, by=by)
    for name in (*(name for columns in COLUMNS.values() for name in columns), "key"):
        setattr(project, name, getattr(held, name))
    return found


@transaction.atomic
def assert_many(
    told: Sequence[Told], *, source: Source, by: User | None = None, over: Collection[int] = ()
) -> list[list[tuple[Claim, bool]]]:
    """The same of many projects, which the caller holds locked, with zone and company; each project once. A constant
    number of statements, but for projects that get another name.

    What the sources `over` (keys) stated gives way where nobody preferred it: they are earlier editions of this one.
    `founded` and `replaced` of a claim say what was opened for it and what held before.
    """
    known: dict[int, list[Claim]] = defaultdict(list)
    rows = Claim.objects.filter(Q(source=source) | Q(chosen=True))
    for row in rows.filter(project__in=listed([project.pk for project, _ in told])):
        known[row.project_id].append(row)
    make = bulk.maker(Claim, source=source, recorded_by=by)
    found = [[_kept(project, known[project.pk], each, make, over) for each in stated] for project, stated in told]
    new = [claim for each in found for claim, is_new in each if is_new]
    bulk.check(new, exclude=TYPED)
    Claim.objects.filter(pk__in=listed([claim.replaced for claim in new if claim.replaced])).update(chosen=False)
    bulk.insert(new)
    _mirror_many(
        [
            (project, [claim for claim, is_new in each if is_new and claim.chosen])
            for (project, _), each in zip(told, found, strict=True)
        ]
    )
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
) -> list[Claim]:
    """Take back claims of one project that were made by mistake: they stay, out of sight, and the project's columns go
    back to what holds without them.

    That is a claim of `instead` (keys), else the first that stands; where none is left, what was typed `before`.
    Returns the claims that hold now in their place.
    """
    if not rows:
        return []
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
    return heirs


@transaction.atomic
def close_unused(companies: Collection[int]) -> list[int]:
    """Remove those of the companies (keys), opened for claims that were taken back, that nothing belongs to and that
    nobody has edited; their keys.
    """
    rows = Company.objects.filter(pk__in=listed(sorted(companies)), version=1)
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    relations: list[Any] = [*Company._meta.related_objects]
    for each in relations:
        rows = rows.exclude(Exists(each.related_model._base_manager.filter(**{each.field.name: OuterRef("pk")})))
    unused = sorted(rows.values_list("pk", flat=True))
    Company.objects.filter(pk__in=listed(unused)).delete()
    return unused


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
    told = {**dict.fromkeys(VALUES), **columns_of(stated.value)}
    same = all((getattr(claim, name) or None) == (told[name] or None) for name in VALUES)
    field = Field.FOREIGN if stated.field == Field.AMOUNT and told["currency"] not in (None, "CNY") else stated.field
    place = (claim.field, claim.certainty, claim.start, claim.end, claim.place, claim.note)
    return same and place == (field, stated.certainty, start, end, stated.place, stated.note[:300])


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


def columns_of(value: Value) -> dict[str, Any]:
    """The columns of a claim that keep a value."""
    if isinstance(value, money.Amount):
        return {"low": value.low, "high": value.high, "currency": value.currency, "qualifier": value.qualifier}
    if isinstance(value, dates.DateSpan):
        return {"first": value.first, "last": value.last, "precision": value.precision, "text": value.relative}
    return {"text": value}


def _locked(project: Project) -> Project:
    """The project as it is stored, held until the transaction ends."""
    held = Project.objects.select_for_update(no_key=True, of=("self",)).select_related("company", "zone")
    return held.get(pk=project.pk).refuse_withdrawn()


def _kept(
    project: Project, known: list[Claim], stated: Stated, make: Callable[..., Claim], over: Collection[int]
) -> tuple[Claim, bool]:
    """The claim that says so already, or a new one, put to `known` and not stored yet."""
    field, value = stated.field, stated.value
    if field == Field.AMOUNT and isinstance(value, money.Amount) and value.currency != "CNY":
        field = Field.FOREIGN
    start, end = stated.span or (None, None)
    claim = make(project=project, field=field, certainty=stated.certainty, start=start, end=end, place=stated.place)
    for name, column in columns_of(value).items():
        setattr(claim, name, column)
    rivals = [row for row in known if (row.field, row.certainty) == (field, stated.certainty)]
    for row in rivals:
        here = (row.start, row.end, row.place) == (start, end, claim.place)
        if row.source_id == claim.source_id and here and (start is not None or claim.place or _same(row, claim)):
            return row, False
    claim.holds_on, claim.note = stated.holds_on, stated.note[:300]
    held = next((row for row in rivals if row.chosen), None)
    if held is None:
        claim.chosen = not _typed_otherwise(project, claim)
    elif held.pk and gives_way(held, over) and not _same(held, claim):
        claim.chosen, claim.replaced, held.chosen = True, held.pk, False
    known.append(claim)
    return claim, True


def gives_way(held: Claim, over: Collection[int]) -> bool:
    """Whether a chosen claim gives way to one of the same office's later edition. A name does not: another one is an
    alias.
    """
    return held.field != Field.NAME and held.source_id in over and held.chosen_by_id is None and held.chosen_on is None


def _same(row: Claim, claim: Claim) -> bool:
    return all(getattr(row, name) == getattr(claim, name) for name in VALUES)


def _mirror(project: Project, chosen: Iterable[Claim]) -> None:
    """Write chosen claims on the project's own columns, where it has some for them."""
    held = Project.objects.select_related("zone", "company").get(pk=project.pk)
    claims = list(chosen)
    companies = _companies([(held, claim) for claim in claims])
    values: dict[str, Any] = {}
    for claim in claims:
        values |= _mirrored(held, claim, companies)
    _write(project, values)


def _mirror_many(told: Sequence[tuple[Project, Sequence[Claim]]]) -> None:
    """The same of many projects, held locked: one statement for those that keep their names."""
    companies = _companies([(project, claim) for project, chosen in told for claim in chosen])
    rows: list[tuple[Any, ...]] = []
    names_of = [name for columns in COLUMNS.values() for name in columns if name != "name"]
    for project, chosen in told:
        values: dict[str, Any] = {}
        for claim in chosen:
            values |= _mirrored(project, claim, companies)
        if "name" in values and values["name"] != project.name:
            _write(project, values)
        elif any(getattr(project, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(project, name, value)
            project.version += 1
            rows.append((project.pk, project.version, *(getattr(project, name) for name in names_of)))
    if rows:
        bulk.change(Project, ["version", *(name.removesuffix("_id") for name in names_of)], rows)


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


def _mirrored(project: Project, claim: Claim, companies: Mapping[tuple[int, str], Company]) -> dict[str, Any]:
    if claim.field in (Field.AMOUNT, Field.FOREIGN):
        told = (claim.low, claim.high, claim.currency, claim.qualifier)
        return dict(
            zip(COLUMNS[claim.field], told if claim.field == Field.FOREIGN else told[:2] + told[3:], strict=True)
        )
    if claim.field == Field.COMPANY:
        return {"company_id": companies[project.pk, names.key(claim.text)].pk}
    return {"name": claim.text} if claim.field == Field.NAME else {}


def _companies(told: Sequence[tuple[Project, Claim]]) -> dict[tuple[int, str], Company]:
    """The company of each claim of one, by project and key: of that name the one that the project has, or that its zone
    or one above keeps; else a new one there, which its first claim is told as `founded`.
    """
    wanted = [(project, claim, names.key(claim.text)) for project, claim in told if claim.field == Field.COMPANY]
    if not wanted:
        return {}
    keys = listed(sorted({key for _, _, key in wanted}), "text")
    paths = {path for project, _, _ in wanted for path in (project.zone.path, *project.zone.ancestor_paths)}
    own = [project.company_id for project, _, _ in wanted if project.company_id]
    kept: dict[str, list[Company]] = defaultdict(list)
    near = Q(pk__in=listed(own)) | Q(zone__path__in=paths)
    for company in Company.objects.filter(near, key__in=keys).select_related("zone").order_by("-zone__path", "pk"):
        kept[company.key].append(company)
    found: dict[tuple[int, str], Company] = {}
    new: dict[tuple[int, str], Company] = {}
    founders: dict[tuple[int, str], Claim] = {}
    for project, claim, key in wanted:
        zones = {project.zone.path, *project.zone.ancestor_paths}
        known = next((one for one in kept[key] if one.pk == project.company_id or one.zone.path in zones), None)
        if known is None:
            known = new.setdefault((project.zone_id, key), Company(zone=project.zone, name=claim.text, key=key))
            founders.setdefault((project.zone_id, key), claim)
        found[project.pk, key] = known
    if new:
        _found(list(new.values()))
        for at, claim in founders.items():
            claim.founded = new[at].pk
    return found


def _found(companies: list[Company]) -> None:
    """Open files of companies; who opens one of the same name in the same zone at this moment is waited for."""
    zones = sorted({company.zone_id for company in companies})
    list(Zone.objects.select_for_update(no_key=True).filter(pk__in=zones).order_by("pk").values_list("pk"))
    keys = listed([company.key for company in companies], "text")
    there = {(one.zone_id, one.key): one.pk for one in Company.objects.filter(zone__in=zones, key__in=keys)}
    for company in companies:
        company.pk = there.get((company.zone_id, company.key))
    bulk.insert([company for company in companies if company.pk is None])
