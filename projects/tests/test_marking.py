"""Whoever writes a fact, by whatever door, marks the project; a judgement takes the mark away."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection

from projects import facts, standings
from projects.models import AnnualPlan, Milestone, MonthlyTarget, Progress, Project, Standing, Suspension
from projects.standings.among import Keys

pytestmark = pytest.mark.django_db
JUNE = date(2023, 6, 30)


@pytest.fixture
def project(town: Any) -> Project:
    made = facts.create(name="甲项目", zone=town.east)
    plan = facts.plan_year(made, 2023, 120, [10 * month for month in range(1, 13)])
    facts.approve_plan(plan, on=date(2023, 1, 1))
    facts.record(made, "weekly", JUNE, amount=50)
    facts.promise(made, "started", JUNE)
    facts.suspend(made, starts=JUNE, reason="等地", approver="主任")
    standings.claim(Keys.of([made.pk]))
    return made


def by_hand(project: Project) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_progress SET amount = 1 WHERE project_id = %s", [project.pk])


DOORS: dict[str, Callable[[Project], Any]] = {
    "a verb": lambda project: facts.record(project, "weekly", date(2023, 7, 1), amount=60),
    "many rows at once": lambda project: Progress.objects.bulk_create(
        [Progress(project=project, channel="press", up_to=JUNE, amount=3)]
    ),
    "an update of many": lambda project: Progress.objects.filter(project=project).update(amount=4),
    "the database itself": by_hand,
    "a plan": lambda project: AnnualPlan.objects.filter(project=project).update(amount=1),
    "a target": lambda project: MonthlyTarget.objects.filter(plan__project=project, month=6).update(amount=1),
    "a step": lambda project: Milestone.objects.filter(project=project).update(baseline=JUNE),
    "a standstill that goes": lambda project: Suspension.objects.filter(project=project).delete(),
    "the project": lambda project: Project.objects.filter(pk=project.pk).update(name="乙项目"),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_a_fact_marks_its_project(project: Project, door: Callable[[Project], Any]) -> None:
    assert not Standing.objects.get(project=project).stale
    door(project)
    assert Standing.objects.get(project=project).stale


def test_a_fact_marks_no_other_project(project: Project, town: Any) -> None:
    other = facts.create(name="别的项目", zone=town.east)
    assert Standing.objects.get(project=other).stale  # it is new
    standings.claim(Keys.of([other.pk]))
    facts.record(project, "weekly", date(2023, 7, 1), amount=60)
    assert not Standing.objects.get(project=other).stale
