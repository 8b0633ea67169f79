from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import models

from zones.models import Appointment, Department, User, WorkdayOverride, Zone
from zones.scoped import ScopedQuerySet


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("zhang", {"east"}),
        ("li", {"west"}),
        ("chen", {"east"}),
        ("gao", {"east"}),
        ("viewer", {"east"}),
        ("chief", {"east", "west"}),
        ("system", {"east", "west"}),
        ("nobody", set()),
        ("gone", set()),
        ("root", {"east", "west"}),
    ],
)
def test_who_sees_which_departments(town, who, expected):
    seen = set(Department.objects.visible_to(getattr(town, who)))
    assert seen == {getattr(town, f"{side}_office") for side in expected}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("zhang", set()),
        ("chen", {"east"}),
        ("wang", {"west"}),
        ("gao", set()),
        ("viewer", set()),
        ("chief", set()),
        ("system", {"east", "west"}),
        ("security", set()),
        ("nobody", set()),
        ("gone", set()),
        ("root", {"east", "west"}),
    ],
)
def test_who_writes_which_departments(town, who, expected):
    rows = set(Department.objects.writable_by(getattr(town, who)))
    assert rows == {getattr(town, f"{side}_office") for side in expected}


def test_a_stranger_sees_nothing(town):
    for model in (Zone, Department, User, Appointment, WorkdayOverride):
        assert not model.objects.visible_to(AnonymousUser()).exists()
        assert not model.objects.writable_by(AnonymousUser()).exists()


def test_a_zone_sees_itself_and_what_lies_below(town):
    assert set(Zone.objects.visible_to(town.viewer)) == {town.east, town.east_park}


def test_people_of_the_own_zone_and_leaders_above_can_be_named_but_not_neighbours(town):
    seen = set(User.objects.visible_to(town.chen))
    assert {town.zhang, town.gao, town.chief} <= seen
    assert not seen & {town.li, town.wang, town.nobody, town.root, town.system}


def test_somebody_without_any_right_does_not_even_see_himself(town):
    assert not User.objects.visible_to(town.nobody).exists()


def test_the_system_administrator_places_new_accounts_and_leaves_others_alone(town):
    mine = set(User.objects.writable_by(town.system))
    assert {town.nobody, town.zhang, town.li} <= mine
    assert town.root not in mine
    east_admin = User.objects.create_user("east-admin")
    Appointment.objects.create(user=east_admin, zone=town.east, role="system", starts=date(2020, 1, 1))
    assert town.zhang in User.objects.writable_by(east_admin)
    assert not {town.li, town.chief} & set(User.objects.writable_by(east_admin))


def test_only_administrators_see_appointments(town):
    assert not Appointment.objects.visible_to(town.chen).exists()
    assert Appointment.objects.visible_to(town.security).exists()
    assert not Appointment.objects.writable_by(town.system).exists()


def test_working_days_are_everybodys(town):
    WorkdayOverride.objects.create(date=date(2023, 7, 8), is_working=True)
    assert WorkdayOverride.objects.visible_to(town.viewer).count() == 1
    assert not WorkdayOverride.objects.writable_by(town.viewer).exists()
    assert WorkdayOverride.objects.writable_by(town.system).count() == 1


def test_a_model_that_declares_no_zone_shows_nothing(town):
    class Stray(models.Model):
        objects = ScopedQuerySet.as_manager()

        class Meta:
            app_label = "stray"

        def __str__(self):
            return "stray"

    assert Stray.objects.visible_to(town.chief).query.is_empty()
    assert Stray.objects.writable_by(town.root).query.is_empty()


def test_the_condition_is_one_prefix_test_and_can_be_joined(town, django_assert_num_queries):
    from zones.permissions import roles_of

    roles_of(town.chen)
    with django_assert_num_queries(1):
        assert list(Department.objects.filter(active=True).visible_to(town.chen)) == [town.east_office]


def test_a_way_through_many_rows_does_not_repeat_a_row(town, monkeypatch):
    monkeypatch.setattr(Department, "zone_lookup", ("zone", "users__appointments__zone"))
    User.objects.create_user("second", department=town.east_office)
    for person in User.objects.filter(department=town.east_office):
        Appointment.objects.create(user=person, zone=town.east, role="viewer", starts=date(2020, 1, 1))
    assert list(Department.objects.visible_to(town.chen)) == [town.east_office]


class TestAssigned:
    """A liaison writes what is assigned to him; tried on departments whose appointees stand for assignments."""

    @pytest.fixture(autouse=True)
    def _lookup(self, monkeypatch):
        monkeypatch.setattr(Department, "assigned_lookup", "zone__appointments__user")

    def test_a_liaison_writes_only_what_is_assigned_to_him(self, town):
        assert set(Department.objects.writable_by(town.zhang)) == {town.east_office}
        assert set(Department.objects.writable_by(town.li)) == {town.west_office}

    def test_an_assignment_outside_his_zone_gives_nothing(self, town):
        Appointment.objects.create(user=town.zhang, zone=town.west, role="viewer", starts=date(2020, 1, 1))
        assert set(Department.objects.writable_by(town.zhang)) == {town.east_office}

    def test_an_assignment_that_has_ended_gives_nothing(self, town, settings):
        settings.TRACKER_TODAY = date(2023, 7, 10)
        Appointment.objects.filter(user=town.zhang).update(starts=date(2020, 1, 1), ends=date(2023, 7, 9))
        Appointment.objects.create(user=town.zhang, zone=town.city, role="liaison", starts=date(2020, 1, 1))
        assert not Department.objects.writable_by(town.zhang).exists()

    def test_a_viewer_who_is_assigned_still_only_looks(self, town):
        assert not Department.objects.writable_by(town.viewer).exists()

    def test_an_assignment_may_be_to_his_department(self, town, monkeypatch):
        monkeypatch.setattr(Department, "assigned_lookup", "users__department")
        assert set(Department.objects.writable_by(town.zhang)) == {town.east_office}
        assert not Department.objects.writable_by(town.li).exists()
