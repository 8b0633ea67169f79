"""Leaving notices, counting them, and whose they are."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from projects.notices import inbox
from projects.notices.inbox import Draft
from projects.notices.models import Delivery, Notice
from zones.models import Appointment


def draft(user, key="a1", **values):
    return Draft(user.pk, key, **{"kind": "red", "sentence": "落后了。", "path": "/admin/", **values})


def test_a_notice_is_left_once_per_person_and_key(town):
    both = [draft(town.zhang), draft(town.chen), draft(town.zhang)]
    assert inbox.leave(both) == 2
    assert inbox.leave([*both, draft(town.zhang, "a2")]) == 1
    assert Notice.objects.count() == 3


def test_a_notice_that_is_there_stays_as_it_was_told(town):
    inbox.leave([draft(town.zhang)])
    inbox.leave([draft(town.zhang, sentence="换了说法。")])
    assert Notice.objects.get().sentence == "落后了。"


def test_notices_go_with_the_transaction_they_are_left_in(town):
    with transaction.atomic():
        assert inbox.leave([draft(town.zhang)]) == 1
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_a_thousand_drafts_take_few_statements(town):
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert inbox.leave(draft(town.zhang, f"k{n}") for n in range(1000)) == 1000
    assert len(few) <= 24


@pytest.mark.parametrize("path", ["http://evil.example/", "//evil.example/", "/\\evil.example", "admin/", ""])
def test_a_link_out_of_the_site_is_refused(town, path):
    with pytest.raises(ValueError, match="path"):
        draft(town.zhang, path=path)


@pytest.mark.parametrize("values", [{"key": ""}, {"kind": ""}, {"sentence": ""}])
def test_a_notice_that_says_nothing_is_refused(town, values):
    with pytest.raises(ValueError, match="needs"):
        Draft(**{"user_id": 1, "key": "a", "kind": "red", "sentence": "落后了。", "path": "/"} | values)


def test_the_database_refuses_a_link_out_of_the_site(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(user=town.zhang, key="k", kind="red", sentence="x", path="//evil.example/")


def test_unread_are_counted_for_their_reader_alone(town, tell):
    tell("zhang", "a1")
    tell("zhang", "a2")
    tell("chen", "a1")
    assert inbox.unread_count(town.zhang) == 2
    assert inbox.mark_read(Notice.objects.filter(user=town.zhang, key="a1")) == 1
    assert inbox.unread_count(town.zhang) == 1
    assert inbox.unread_count(town.root) == inbox.unread_count(town.li) == 0
    assert inbox.unread_count(AnonymousUser()) == 0


@pytest.mark.parametrize("who", ["chen", "gao", "chief", "li", "system", "security", "audit", "nobody", "gone"])
def test_nobody_sees_the_notices_of_another(town, tell, who):
    tell("zhang", zone_id=town.east.pk)
    assert not Notice.objects.visible_to(getattr(town, who)).exists()
    assert not Notice.objects.writable_by(getattr(town, who)).exists()


def test_the_reader_sees_his_own_and_a_superuser_sees_but_does_not_answer(town, tell):
    tell("zhang", zone_id=town.east.pk)
    assert Notice.objects.visible_to(town.zhang).count() == Notice.objects.writable_by(town.zhang).count() == 1
    assert Notice.objects.visible_to(town.root).count() == 1
    assert not Notice.objects.writable_by(town.root).exists()


def test_who_has_moved_on_reads_no_more_of_the_old_place(town, tell, project):
    tell("zhang", "zone", zone_id=town.east.pk)
    tell("zhang", "project", project_id=project.pk)
    tell("zhang", "general")
    Appointment.objects.filter(user=town.zhang).update(zone=town.west)
    zhang = type(town.zhang).objects.get(pk=town.zhang.pk)
    assert [notice.key for notice in Notice.objects.visible_to(zhang)] == ["general"]
    assert inbox.unread_count(zhang) == 1


def test_an_administrator_of_accounts_sees_deliveries_of_his_accounts_and_no_notice(town, tell):
    row = {"address": "a@example.com", "subject": "s", "text": "t"}
    Delivery.objects.create(user=town.zhang, message_id="<1@x>", **row)
    Delivery.objects.create(user=town.root, message_id="<2@x>", **row)
    assert [d.user for d in Delivery.objects.visible_to(town.system)] == [town.zhang]
    assert [d.user for d in Delivery.objects.visible_to(town.zhang)] == [town.zhang]
    assert Delivery.objects.visible_to(town.root).count() == 2
    for stranger in (town.chen, town.chief, town.security, town.audit, town.nobody, town.gone):
        assert not Delivery.objects.visible_to(stranger).exists()


@pytest.mark.parametrize(
    "values",
    [
        {"state": "sent"},
        {"state": "claimed"},
        {"state": "failed"},
        {"state": "waiting", "address": ""},
    ],
)
def test_the_database_refuses_a_delivery_that_contradicts_itself(town, values):
    row = {"user": town.zhang, "address": "a@example.com", "message_id": "<1@x>", "subject": "s", "text": "t"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(**row | values)
