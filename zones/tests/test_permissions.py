from datetime import date

import pytest

from zones.models import Appointment, Department, User, Zone
from zones.permissions import TABLE, Action, forget, may, paths, roles_of

# Spelled out a second time, on purpose: a change of the table must be made twice.
ACTIONS = "read write_assigned write review approve run_meeting administer_accounts administer_permissions read_audit"
EXPECTED = {
    "viewer": "1 0 0 0 0 0 0 0 0",
    "liaison": "1 1 0 0 0 0 0 0 0",
    "coordinator": "1 1 1 1 0 1 0 0 0",
    "leader": "1 0 0 0 1 0 0 0 0",
    "system": "0 0 0 0 0 0 1 0 0",
    "security": "0 0 0 0 0 0 0 1 0",
    "audit": "0 0 0 0 0 0 0 0 1",
}
PEOPLE = {
    "viewer": "viewer",
    "liaison": "zhang",
    "coordinator": "chen",
    "leader": "gao",
    "system": "system",
    "security": "security",
    "audit": "audit",
}


def test_the_table_has_just_these_roles_and_actions():
    assert [str(role) for role in TABLE] == list(EXPECTED)
    assert [str(action) for action in Action] == ACTIONS.split()


@pytest.mark.parametrize("role", EXPECTED)
def test_a_role_may_do_just_what_the_table_says(town, role):
    person = getattr(town, PEOPLE[role])
    answers = [int(may(person, action, town.east)) for action in ACTIONS.split()]
    assert answers == [int(mark) for mark in EXPECTED[role].split()]


def test_an_appointment_reaches_down_and_never_up_or_sideways(town):
    assert may(town.chen, "write", town.east_park)
    assert not may(town.chen, "write", town.city)
    assert not may(town.chen, "write", town.west)
    assert may(town.chief, "read", town.west)


def test_a_zone_whose_code_begins_like_another_is_not_below_it(town):
    twin = Zone.objects.create(code="zzgx2", kind="zone", name="另一个区", parent=town.city)
    assert not may(town.chen, "read", twin)


def test_a_row_is_judged_by_the_zone_it_belongs_to(town):
    assert may(town.chen, "write", town.east_office)
    assert not may(town.chen, "write", town.west_office)


def test_an_unknown_action_is_an_error_and_not_a_no(town):
    with pytest.raises(ValueError, match="aprove"):
        may(town.gao, "aprove")


def test_an_inactive_account_may_nothing_whatever_its_appointments(town):
    assert roles_of(town.gone) == set()
    assert not any(may(town.gone, action) for action in Action)
    town.root.is_active = False
    assert not may(town.root, "read")


def test_a_superuser_may_everything_everywhere(town):
    assert all(may(town.root, action, town.west) for action in Action)


def test_nobody_signed_in_may_nothing(town):
    from django.contrib.auth.models import AnonymousUser

    assert not may(AnonymousUser(), "read")
    assert not may(None, "read")


@pytest.mark.parametrize(
    ("day", "holds"), [("2023-06-30", False), ("2023-07-01", True), ("2023-07-31", True), ("2023-08-01", False)]
)
def test_an_appointment_holds_from_its_first_to_its_last_day(town, settings, day, holds):
    Appointment.objects.create(
        user=town.nobody, zone=town.east, role="viewer", starts=date(2023, 7, 1), ends=date(2023, 7, 31)
    )
    settings.TRACKER_TODAY = date.fromisoformat(day)
    assert may(town.nobody, "read", town.east) is holds
    assert bool(roles_of(town.nobody, date.fromisoformat(day))) is holds


def test_roles_are_read_once_per_user_object(town, django_assert_num_queries):
    person = User.objects.get(pk=town.chen.pk)
    with django_assert_num_queries(1):
        for _ in range(5):
            may(person, "read", town.east)
            paths(person, "write")


def test_ending_an_appointment_takes_the_right_away(town):
    assert may(town.chen, "write")
    Appointment.objects.filter(user=town.chen).update(ends=date(2020, 12, 31))
    forget(town.chen)
    assert not may(town.chen, "write")


def test_paths_leave_out_what_lies_below_another(town):
    Appointment.objects.create(user=town.chief, zone=town.east, role="viewer", starts=date(2020, 1, 1))
    assert paths(town.chief, "read") == ["/henan/zhengzhou/"]


@pytest.mark.parametrize("who", ["system", "security", "audit"])
def test_administrators_find_zones_and_units_but_write_no_business_data(town, who):
    person = getattr(town, who)
    assert set(Zone.objects.visible_to(person)) == {town.city, town.east, town.west, town.east_park}
    assert not may(person, "read")
    assert not may(person, "write")
    assert Department.objects.writable_by(person).exists() is (who == "system")


@pytest.mark.urls("zones.tests.urls")
def test_the_page_shows_the_table_as_it_is_applied(town, client, settings):
    settings.UNFOLD = {}  # the menu belongs to the rooms above
    page = town.sign_in(client, "viewer").get("/admin/zones/appointment/permissions/")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("✓") == sum(row.count("1") for row in EXPECTED.values())
    assert "组织周例会" in text
