"""A project comes, gets its people, ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from projects import claims, names, standings
from projects.facts.locking import locked
from projects.models import Assignment, Project
from projects.standings.among import listed
from zones import bulk, clock
from zones.models import Department, User, Zone


@transaction.atomic
def create(
    *,
    name: str,
    zone: Zone,
    by: User | None = None,
    aliases: Iterable[str] = (),
    parent: Project | None = None,
    is_demo: bool = False,
) -> Project:
    """Open a file for a project, with the next code of its zone ("ZZGX-0007").

    Raises ValidationError without a name, or when the zone has a live project of that name.
    """
    opened = Opening(name, zone, {"parent": parent, "is_demo": is_demo})
    (project,) = create_many([opened], by=by)
    for alias in aliases:
        claims.also_called(project, alias)
    standings.refresh(Project.objects.filter(pk=project.pk), clock.today())
    return project


@dataclass(frozen=True, slots=True)
class Opening:
    """A file to be opened: what the project is called, where it is, and other columns of it."""

    name: str
    zone: Zone
    columns: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def create_many(openings: Sequence[Opening], *, by: User | None = None) -> list[Project]:
    """The same of many projects, in their order, in a constant number of statements per zone. Standings are left for
    the caller to refresh.
    """
    for each in openings:
        if not names.key(names.tidy(each.name)):
            raise ValidationError({"name": "项目名称不能为空"})
    zones = {each.zone.pk: each.zone for each in openings}
    # The lock on the zone makes two creators wait for each other; SQLite's immediate transactions do so anyway.
    list(Zone.objects.select_for_update(no_key=True).filter(pk__in=zones).order_by("pk").values_list("pk"))
    _refuse_seconds(openings)
    serials = {pk: _next_serial(zone) for pk, zone in zones.items()}
    make = bulk.maker(Project, created_by=by)
    projects = []
    for each in openings:
        name, serial = names.tidy(each.name), serials[each.zone.pk]
        serials[each.zone.pk] += 1
        project = make(name=name, key=names.key(name), initials=names.initials(name)[:120], zone=each.zone)
        project.code, project.serial = f"{each.zone.code.upper()}-{serial:04d}", serial
        for column, value in each.columns.items():
            setattr(project, column, value)
        projects.append(project)
    bulk.insert(projects)
    return projects


@transaction.atomic
def assign(
    project: Project,
    role: str,
    *,
    user: User | None = None,
    department: Department | None = None,
    post: str = "",
    starts: date | None = None,
    by: User | None = None,
) -> tuple[Assignment, bool]:
    """Make a person, a unit or a named post stand for the project; the row, and whether it is new.

    Raises ValidationError when nobody is given.
    """
    locked(project)
    if starts is None:
        ((assignment, new),) = assign_many([Post(project, role, user, department, post)], by=by)
        return assignment, new
    found = project.assignments.filter(role=role, user=user, department=department, post=post, ends=None).first()
    if found:
        return found, False
    assignment = Assignment(project=project, role=role, user=user, department=department, post=post, starts=starts)
    assignment.recorded_by = by
    assignment.full_clean()
    assignment.save()
    return assignment, True


@dataclass(frozen=True, slots=True)
class Post:
    """Who stands for a project, as `assign` takes it."""

    project: Project
    role: str
    user: User | None = None
    department: Department | None = None
    post: str = ""


@transaction.atomic
def assign_many(posts: Sequence[Post], *, by: User | None = None) -> list[tuple[Assignment, bool]]:
    """The same for many projects, which the caller holds locked, each once. A constant number of statements."""
    projects = listed([each.project.pk for each in posts])
    held = {_post(row): row for row in Assignment.objects.filter(project__in=projects, ends=None).order_by("-pk")}
    make = bulk.maker(Assignment, recorded_by=by)
    told: list[tuple[Assignment, bool]] = []
    for each in posts:
        row = make(project=each.project, role=each.role, user=each.user, department=each.department, post=each.post)
        if known := held.get(_post(row)):
            told.append((known, False))
            continue
        if not (row.user_id or row.department_id or row.post):
            raise ValidationError("请选择人员或单位，或填写职务")
        held[_post(row)] = row
        told.append((row, True))
    new = [row for row, is_new in told if is_new]
    bulk.check(new, exclude=["project", "user", "department", "recorded_by"])
    bulk.insert(new)
    return told


def _post(row: Assignment) -> tuple[Any, ...]:
    return row.project_id, row.role, row.user_id, row.department_id, row.post


@transaction.atomic
def terminate(project: Project, *, on: date, reason: str, by: User | None = None) -> Project:
    """End the project. Its phase, entries and figures stay as they were.

    Raises ValidationError without a reason, for a day to come, or when it ended before.
    """
    project = locked(project)
    if not reason.strip():
        raise ValidationError({"reason": "终止项目须写明原因"})
    if project.terminated_on:
        raise ValidationError(f"该项目已于 {project.terminated_on:%Y-%m-%d} 终止")
    if on > clock.today():
        raise ValidationError({"on": "终止日期不能晚于今天"})
    project.terminated_on, project.terminated_reason, project.terminated_by = on, reason.strip(), by
    project.save(update_fields=["terminated_on", "terminated_reason", "terminated_by"])
    return project


@transaction.atomic
def withdraw_project(project: Project, *, reason: str, by: User | None = None) -> None:
    """The file was opened by mistake: it stays with its code, which is not given again, and nobody is shown it.

    It is terminated as well, so that whatever looks at live projects, or ends what it began for one, needs to know no
    more. Whether anything hangs on it is for the caller to ask. Raises ValidationError when it ended before.
    """
    terminate(project, on=clock.today(), reason=reason, by=by)
    project = locked(project)
    project.withdrawn_at, project.withdrawn_by = timezone.now(), by
    project.save(update_fields=["withdrawn_at", "withdrawn_by"])


def _refuse_seconds(openings: Sequence[Opening]) -> None:
    called = {names.key(names.tidy(each.name)) for each in openings}
    zones = {each.zone.pk for each in openings}
    known: dict[tuple[int, str, tuple[str, ...]], str] = {
        (zone, key, names.marks(name)): f"“{name}”（{code}）"
        for zone, key, name, code in Project.objects.live()
        .filter(zone__in=zones, key__in=listed(sorted(called), "text"))
        .values_list("zone_id", "key", "name", "code")
    }
    for each in openings:
        name = names.tidy(each.name)
        at = (each.zone.pk, names.key(name), names.marks(name))
        if at in known:
            raise ValidationError({"name": f"该区域已有同名项目{known[at]}"}, code="known")
        known[at] = f"“{name}”"


def _next_serial(zone: Zone) -> int:
    coded = Project.objects.filter(code__startswith=f"{zone.code.upper()}-")
    return (coded.aggregate(last=Max("serial"))["last"] or 0) + 1
