"""A project comes, gets its people, ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from projects import claims, names, standings
from projects.facts.locking import locked
from projects.models import Assignment, Project
from zones import clock
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
    name = names.tidy(name)
    if not names.key(name):
        raise ValidationError({"name": "项目名称不能为空"})
    # The lock on the zone makes two creators wait for each other; SQLite's immediate transactions do so anyway.
    Zone.objects.select_for_update(no_key=True).only("pk").get(pk=zone.pk)
    _refuse_a_second(name, zone)
    serial = _next_serial(zone)
    project = Project.objects.create(
        code=f"{zone.code.upper()}-{serial:04d}",
        serial=serial,
        name=name,
        zone=zone,
        parent=parent,
        is_demo=is_demo,
        created_by=by,
    )
    for alias in aliases:
        claims.also_called(project, alias)
    standings.refresh(Project.objects.filter(pk=project.pk), clock.today())
    return project


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
    found = project.assignments.filter(role=role, user=user, department=department, post=post, ends=None).first()
    if found:
        return found, False
    assignment = Assignment(project=project, role=role, user=user, department=department, post=post, starts=starts)
    assignment.recorded_by = by
    assignment.full_clean()
    assignment.save()
    return assignment, True


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


def _refuse_a_second(name: str, zone: Zone) -> None:
    for known in Project.objects.live().filter(zone=zone, key=names.key(name)):
        if names.marks(known.name) == names.marks(name):
            raise ValidationError({"name": f"该区域已有同名项目“{known.name}”（{known.code}）"}, code="known")


def _next_serial(zone: Zone) -> int:
    coded = Project.objects.filter(code__startswith=f"{zone.code.upper()}-")
    return (coded.aggregate(last=Max("serial"))["last"] or 0) + 1
