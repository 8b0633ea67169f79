"""Delivery to a real server that refuses, breaks off, goes away and comes back."""

import email
import email.policy
from datetime import date, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from projects.notices.channels.mail import Line, letter
from projects.notices.composing import compose
from projects.notices.delivering import ATTEMPTS, PAUSES, Tally, claim, deliver, finish
from projects.notices.models import Delivery, Notice
from projects.notices.tests.conftest import come_due, let_leases_expire
from zones.models import Appointment, User


@pytest.fixture
def three(town, tell):
    """A message each for 张联络, 陈项目办 and 高主任."""
    for who in ("zhang", "chen", "gao"):
        tell(who)
    assert compose() == 3


def states():
    return dict(Delivery.objects.values_list("user__username", "state"))


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def test_everybody_gets_his_mail_over_one_connection(sink, three):
    assert deliver() == Tally(sent=3)
    assert sorted(sink.recipients) == [["chen@example.com"], ["gao@example.com"], ["zhang@example.com"]]
    assert sink.greetings == 1
    assert set(states().values()) == {"sent"}
    assert deliver() == Tally()
    assert len(sink.mails) == 3


def test_a_mail_is_whole(sink, town, tell):
    tell("zhang", sentence="东部传感器产业园项目落后。")
    compose()
    deliver()
    message, delivery = read(sink.mails[0]), Delivery.objects.get()
    assert message["To"] == "zhang@example.com"
    assert message["From"] == "三个一批项目跟踪 <tracker@example.com>"
    assert message["Subject"] == "三个一批：红色预警 1 条"
    assert message["Message-ID"] == delivery.message_id
    assert abs(message["Date"].datetime - delivery.created_at) < timedelta(seconds=2)
    assert message["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        body = message.get_body((kind,)).get_content()
        assert "东部传感器产业园项目落后。" in body
        assert "http://tracker.example/admin/" in body


def test_a_long_subject_arrives_as_it_was_written(sink, town, tell):
    for kind in ("red", "yellow", "worsened", "closed", "deadline"):
        tell("zhang", kind, kind=kind)
    compose()
    deliver()
    assert read(sink.mails[0])["Subject"] == Delivery.objects.get().subject
    assert all(len(line) <= 78 for line in sink.mails[0].split(b"\r\n") if line.startswith((b"Subject", b" =?")))


def test_a_refused_recipient_is_final_says_why_and_stops_nobody_else(sink, three):
    sink.replies["chen@example.com"] = "550 5.1.1 no such user"
    assert deliver() == Tally(sent=2, failed=1)
    refused = Delivery.objects.get(user__username="chen")
    assert refused.state == "failed"
    assert refused.last_error == "收件地址被拒绝（550 5.1.1 no such user）"
    come_due()
    assert deliver() == Tally()
    assert Notice.objects.filter(user__username="chen").count() == 1


def test_a_recipient_who_is_not_taken_now_is_tried_later(sink, three):
    sink.replies["chen@example.com"] = "451 try later"
    assert deliver() == Tally(sent=2, retried=1)
    assert "451" in Delivery.objects.get(user__username="chen").last_error
    assert deliver() == Tally()  # not before its time
    del sink.replies["chen@example.com"]
    come_due()
    assert deliver() == Tally(sent=1)
    assert set(states().values()) == {"sent"}
    assert Delivery.objects.get(user__username="chen").last_error == ""


@pytest.mark.parametrize(
    ("answer", "state"), [("452 disk full", "waiting"), ("421 busy", "waiting"), ("554 spam", "failed")]
)
def test_an_answer_to_the_content_is_temporary_or_final_by_its_first_digit(sink, town, tell, answer, state):
    tell("zhang")
    compose()
    sink.after_data = answer
    deliver()
    assert states() == {"zhang": state}


def test_a_server_that_wants_us_to_sign_in_is_no_fault_of_the_recipient(sink, three):
    for who in ("zhang", "chen", "gao"):
        sink.replies[f"{who}@example.com"] = "530 authentication required"
    assert deliver() == Tally(retried=1)
    assert set(states().values()) == {"waiting"}


def test_while_the_server_is_down_nothing_is_lost_and_only_one_message_pays(sink, three):
    sink.stop()
    assert deliver() == Tally(retried=1)
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert Delivery.objects.get(attempts=1).last_error.startswith("邮件服务连接不上（")
    sink.start()
    come_due()
    assert deliver() == Tally(sent=3)
    assert len(sink.mails) == 3


def test_a_connection_that_breaks_after_the_content_is_tried_again_with_the_same_mail(sink, three):
    sink.hang_up = True
    assert deliver() == Tally(retried=3)
    sink.hang_up = False
    come_due()
    assert deliver() == Tally(sent=3)
    assert len(sink.mails) == 6
    assert sorted(sink.mails[:3]) == sorted(sink.mails[3:])


def test_a_sender_that_dies_after_sending_is_followed_by_the_same_mail_and_no_other(sink, town, tell):
    tell("zhang")
    compose()
    dying = claim()
    Line().send(letter(dying))
    assert deliver() == Tally()  # its lease holds
    let_leases_expire()
    assert deliver() == Tally(sent=1)
    assert len(sink.mails) == 2
    assert sink.mails[0] == sink.mails[1]
    assert not finish(dying, state="waiting")
    assert states() == {"zhang": "sent"}


def test_a_sender_that_wakes_up_late_changes_nothing(sink, town, tell):
    tell("zhang")
    compose()
    sleeper = claim()
    let_leases_expire()
    other = claim()
    assert other.pk == sleeper.pk
    assert not finish(sleeper, state="failed", last_error="迟到")
    assert finish(other, state="sent", sent_at=Now())


def test_a_message_that_kills_every_sender_comes_to_an_end(sink, town, tell):
    tell("zhang")
    compose()
    for _ in range(ATTEMPTS):
        assert claim()
        let_leases_expire()
    assert claim() is None
    assert deliver() == Tally(failed=1)
    assert Delivery.objects.get().last_error == "多次发送都没有完成"


def test_pauses_grow_and_end_in_a_failure_that_says_why(sink, town, tell):
    tell("zhang")
    compose()
    sink.replies["zhang@example.com"] = "451 greylisted"
    for pause in PAUSES:
        assert deliver() == Tally(retried=1)
        wait = Delivery.objects.get().due_at - timezone.now()
        assert pause - timedelta(seconds=30) < wait <= pause + timedelta(seconds=1)
        come_due()
    assert deliver() == Tally(failed=1)
    assert "451 greylisted" in Delivery.objects.get().last_error
    assert timedelta(days=2) < sum(PAUSES, timedelta()) < timedelta(days=4)


@pytest.mark.parametrize("address", ["a b@example.com\r\nBcc: x@example.com", "没有@", "坏 地址"])
def test_an_address_that_is_none_fails_and_stops_nobody_else(sink, town, tell, address):
    tell("zhang")
    tell("chen")
    compose()
    Delivery.objects.filter(user=town.zhang).update(address=address)
    assert deliver() == Tally(sent=1, failed=1)
    assert sink.recipients == [["chen@example.com"]]
    assert Delivery.objects.get(user=town.zhang).last_error


def test_no_header_can_be_smuggled_into_a_mail(sink, town, tell):
    User.objects.filter(pk=town.zhang.pk).update(display_name="张\r\nBcc: x@example.com")
    tell("zhang", kind="红\r\nBcc: x", sentence="落后\r\nBcc: x@example.com")
    compose()
    assert deliver() == Tally(sent=1)
    message = read(sink.mails[0])
    assert message["Bcc"] is None
    assert message["Subject"] == "三个一批：红 Bcc: x 1 条"
    assert sink.recipients == [["zhang@example.com"]]


def test_who_left_between_composing_and_sending_gets_nothing(sink, three, town):
    User.objects.filter(pk=town.zhang.pk).update(is_active=False)
    assert deliver() == Tally(sent=2, failed=1)
    assert Delivery.objects.get(user=town.zhang).last_error == "收件人账号已停用"


def test_who_lost_the_zone_between_composing_and_sending_gets_nothing(sink, town, tell):
    tell("zhang", zone_id=town.east.pk)
    compose()
    Appointment.objects.filter(user=town.zhang).update(zone=town.west)
    assert deliver() == Tally(failed=1)
    assert sink.mails == []


def test_of_a_mail_that_is_lost_in_part_the_rest_is_sent_in_another(sink, town, tell):
    Appointment.objects.create(user=town.zhang, zone=town.west, role="viewer", starts=date(2020, 1, 1))
    tell("zhang", "east", sentence="东区落后。", zone_id=town.east.pk)
    tell("zhang", "west", sentence="西区落后。", zone_id=town.west.pk)
    tell("chen")
    compose()
    Appointment.objects.filter(user=town.zhang, zone=town.west).update(ends=date(2020, 1, 2))
    assert deliver() == Tally(sent=2)
    assert len(sink.mails) == 2
    text = "".join(read(mail).get_body(("plain",)).get_content() for mail in sink.mails)
    assert "东区落后。" in text
    assert "西区落后。" not in text
    old, new = Delivery.objects.filter(user=town.zhang).order_by("pk")
    assert (old.state, old.last_error) == ("failed", "收件人已无权查看其中 1 条，其余各条另行发送")
    assert (new.state, new.message_id == old.message_id) == ("sent", False)
    assert dict(Notice.objects.filter(user=town.zhang).values_list("key", "delivery")) == {
        "east": new.pk,
        "west": old.pk,
    }
    assert (compose(), deliver()) == (0, Tally())


def test_a_run_stops_when_it_is_told_to(sink, three):
    answers = iter([False, True])
    assert deliver(stopping=lambda: next(answers)) == Tally(sent=1)
    assert sorted(states().values()) == ["sent", "waiting", "waiting"]


def test_a_run_takes_no_more_than_its_share(sink, three):
    assert deliver(limit=2) == Tally(sent=2)
    assert deliver(limit=2) == Tally(sent=1)
