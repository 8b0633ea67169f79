"""Who is told: who stands for the project and who runs the zone, as far as he may read it."""

from datetime import date
from typing import Any

import pytest

from projects import facts
from projects.alerts.models import Alert
from projects.alerts.tests.conftest import Make, on
from projects.models import Assignment
from projects.notices.models import Notice
from zones.models import Appointment

pytestmark = pytest.mark.django_db

Role = Assignment.Role


def told_people() -> set[str]:
    return set(Notice.objects.values_list("user__username", flat=True))


def test_of_a_yellow_alert_the_liaison_and_the_zones_coordinator_are_told(town: Any, rules: Any, project: Make) -> None:
    made = project(plan=100, done=30)
    facts.assign(made, Role.LIAISON, user=town.zhang)
    facts.assign(made, Role.LEADER, user=town.gao)
    assert on().notices == 2
    assert told_people() == {"zhang", "chen"}


def test_of_a_red_alert_the_projects_leader_is_told_at_once(town: Any, rules: Any, project: Make) -> None:
    made = project(plan=100, done=0)
    facts.assign(made, Role.LEADER, user=town.gao)
    on()
    assert told_people() == {"gao", "chen"}
    notice = Notice.objects.get(user=town.gao)
    assert notice.urgent
    assert notice.path == f"/admin/projects_alerts/alert/{Alert.objects.get().pk}/change/"
    assert notice.sentence == Alert.objects.get().sentence


def test_a_unit_is_told_through_its_own_people_there(town: Any, rules: Any, project: Make) -> None:
    facts.assign(project(plan=100, done=30), Role.UNIT, department=town.east_office)
    on()
    assert told_people() == {"zhang", "chen"}


def test_closed_accounts_former_people_and_strangers_are_not_told(town: Any, rules: Any, project: Make) -> None:
    made = project(plan=100, done=30)
    facts.assign(made, Role.LIAISON, user=town.gone)
    facts.assign(made, Role.RESPONSIBLE, user=town.li)
    facts.assign(made, Role.RESPONSIBLE, user=town.nobody)
    facts.assign(made, Role.LIAISON, user=town.system)
    Assignment.objects.create(project=made, role=Role.LIAISON, user=town.zhang, ends=date(2023, 7, 9))
    Appointment.objects.filter(user=town.chen).update(ends=date(2023, 7, 9))
    on()
    assert told_people() == set()


def test_a_rule_can_tell_the_level_above(town: Any, rules: Any, project: Make) -> None:
    rule = rules["progress-gap"]
    rule.recipients = {"yellow": {"assigned": [], "zone": ["leader"], "above": ["leader"]}}
    rule.full_clean()
    rule.save()
    project(plan=100, done=30)
    on()
    assert told_people() == {"gao", "chief"}


def test_recovery_is_told_too_and_a_figure_corrected_to_and_fro_tells_once(
    town: Any, rules: Any, project: Make
) -> None:
    made = project(plan=100, done=30)
    for done in (50, 30, 50):
        on()
        facts.record(made, "reported", date(2023, 6, 30), amount=done)
    on()
    assert list(Notice.objects.filter(user=town.chen).order_by("pk").values_list("kind", flat=True)) == [
        "yellow",
        "closed",
    ]
