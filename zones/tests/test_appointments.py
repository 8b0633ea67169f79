from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from zones.models import Appointment, Department, User


def appoint(town, **fields):
    return Appointment(
        **{"user": town.nobody, "zone": town.east, "role": "viewer", "starts": date(2023, 1, 1), **fields}
    )


def test_the_database_refuses_an_appointment_that_ends_before_it_starts(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        appoint(town, ends=date(2022, 12, 31)).save()


def test_the_form_says_so_in_chinese(town):
    with pytest.raises(ValidationError, match="截止日期不能早于起始日期"):
        appoint(town, ends=date(2022, 12, 31)).full_clean()


def test_one_open_appointment_per_person_zone_and_role(town):
    appoint(town).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        appoint(town, starts=date(2023, 6, 1)).save()
    appoint(town, role="leader").save()
    appoint(town, zone=town.west).save()


def test_a_person_may_come_back_after_the_first_time_ended(town):
    appoint(town, ends=date(2023, 3, 31)).save()
    appoint(town, starts=date(2023, 6, 1)).save()
    held = Appointment.objects.filter(user=town.nobody)
    assert [held.in_force(date(2023, m, 15)).count() for m in (2, 5, 7)] == [1, 0, 1]


def test_a_department_stands_once_in_a_zone(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Department.objects.create(zone=town.east, name=town.east_office.name)
    Department.objects.create(zone=town.west, name=town.east_office.name)


def test_a_new_account_may_open_the_screens_and_has_no_rights(town):
    person = User.objects.create_user("new", password="x")
    assert person.is_staff
    assert not person.is_superuser
    assert person.check_password("x")


def test_a_person_is_named_with_his_unit_and_post(town):
    town.zhang.post = "科长"
    assert town.zhang.full_label == "张联络（高新经发局 科长）"
    assert town.chen.full_label == "陈项目办"
    assert str(User(username="just-a-name")) == "just-a-name"
