"""Delivery to a real server that refuses, breaks off, goes away and comes back."""

import email
import email.policy
from datetime import date, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from projects.notices import breaker, composing, delivering, truth
from projects.notices.catching_up import gather
from projects.notices.channels.base import Rate
from projects.notices.channels.mail import Mail
from projects.notices.composing import compose
from projects.notices.delivering import BROKEN, PAUSES, SLOW_TRIES, Tally, claim, deliver, finish
from projects.notices.models import ChannelState, Delivery, DeliveryAttempt, Notice, SuspendedAddress
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
    assert message["Subject"] == "1红：东部传感器产业园项目落后。"
    assert message["List-Id"] == "<notices.example.com>"
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
    ("answer", "state"), [("452 disk full", "waiting"), ("421 busy", "waiting"), ("571 spam", "failed")]
)
def test_an_answer_to_the_content_is_temporary_or_final_by_its_first_digit(sink, town, tell, answer, state):
    tell("zhang")
    compose()
    sink.after_data = answer
    deliver()
    assert states() == {"zhang": state}


def told_of_channel(town):
    """What the system's administrator was told, but for the last sentence."""
    rows = Notice.objects.filter(user=town.system, key__startswith="channel:")
    return [sentence.partition("待发的")[0] for sentence in rows.values_list("sentence", flat=True)]


def test_a_server_that_wants_us_to_sign_in_is_no_fault_of_the_recipient_and_its_keeper_is_told(sink, three, town):
    for who in ("zhang", "chen", "gao"):
        sink.replies[f"{who}@example.com"] = "530 authentication required"
    assert deliver() == Tally(retried=1)
    assert set(states().values()) == {"waiting"}
    assert told_of_channel(town) == ["通知渠道“电子邮件”发不出消息：邮件服务不让发信（530 authentication required）。"]


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
    Mail().send(dying, dying.payload)
    assert deliver() == Tally()  # its lease holds
    let_leases_expire()
    assert deliver() == Tally(sent=1)
    assert len(sink.mails) == 2
    assert sink.mails[0] == sink.mails[1]
    assert not finish(dying, "later", state="waiting")
    assert states() == {"zhang": "sent"}
    assert list(DeliveryAttempt.objects.values_list("n", "outcome")) == [(1, "lost"), (2, "sent")]


def test_a_sender_that_wakes_up_late_changes_nothing(sink, town, tell):
    tell("zhang")
    compose()
    sleeper = claim()
    let_leases_expire()
    other = claim()
    assert other.pk == sleeper.pk
    assert not delivering._renew(sleeper)
    assert not finish(sleeper, "refused", text="迟到", state="failed")
    assert finish(other, "sent", state="sent", sent_at=Now())


def test_a_message_that_kills_every_sender_comes_to_an_end(sink, town, tell):
    tell("zhang")
    compose()
    assert claim()
    for _ in range(BROKEN):
        let_leases_expire()
        assert claim()
    let_leases_expire()
    assert claim() is None
    assert deliver() == Tally(failed=1)
    assert Delivery.objects.get(user=town.zhang).last_error == "试了 5 次都没有完成：发送进程每次都中断了"
    assert Notice.objects.filter(user=town.system, key__startswith="failed:").count() == 1


def test_pauses_grow_to_a_quarter_of_an_hour_and_the_end_comes_by_time(sink, town, tell):
    tell("zhang")
    compose()
    sink.replies["zhang@example.com"] = "451 greylisted"
    for pause in [*PAUSES, PAUSES[-1], PAUSES[-1]]:
        assert deliver() == Tally(retried=1)
        wait = Delivery.objects.get().due_at - timezone.now()
        assert 0.8 * pause - timedelta(seconds=10) < wait <= 1.2 * pause + timedelta(seconds=1)
        come_due()
    expires = Delivery.objects.get().expires_at - timezone.now()
    assert timedelta(hours=71) < expires <= timedelta(hours=72)
    Delivery.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert deliver() == Tally(failed=1)
    assert Delivery.objects.get().last_error.startswith("在期限内没有送达。最后一次：收件地址被拒绝（451")
    assert Notice.objects.filter(user=town.system, key__startswith="failed:").exists()


@pytest.mark.parametrize("where", ["replies", "after_data"])
def test_a_full_mailbox_is_tried_slowly_and_not_for_ever(sink, town, tell, where):
    tell("zhang")
    compose()
    sink.replies, sink.after_data = (
        ({"zhang@example.com": "552 full"}, "250 OK") if where == "replies" else ({}, "554 no")
    )
    for _ in range(SLOW_TRIES - 1):
        assert deliver() == Tally(retried=1)
        assert Delivery.objects.get().due_at - timezone.now() > timedelta(minutes=20)
        come_due()
    assert deliver() == Tally(failed=1)


def test_an_address_that_refuses_for_good_three_times_in_a_row_is_written_to_no_more(sink, town, tell):
    sink.replies["zhang@example.com"] = "550 no such user"
    for number in range(3):
        tell("zhang", f"a{number}")
        assert compose() == 1
        deliver()
    suspended = SuspendedAddress.objects.get()
    assert (suspended.address, suspended.user) == ("zhang@example.com", town.zhang)
    (notice,) = Notice.objects.filter(key__startswith="address:")
    assert (notice.user, "zhang@example.com 多次退信" in notice.sentence) == (town.system, True)
    tell("zhang", "a4")
    assert compose() == 1  # the keeper's own
    assert Notice.objects.filter(user=town.zhang).count() == 4


def test_five_failures_open_the_circuit_and_one_probe_a_minute_is_left(sink, three):
    sink.stop()
    for _ in range(5):
        assert deliver() == Tally(retried=1)
        come_due()
    before = sorted(Delivery.objects.values_list("attempts", flat=True))
    assert deliver() == Tally()
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == before
    sink.start()
    assert deliver() == Tally()  # not before its time
    ChannelState.objects.update(probe_at=Now())
    assert deliver() == Tally(sent=3)
    assert ChannelState.objects.get().failures == 0


def test_a_channel_that_was_suspended_keeps_everything_until_it_is_resumed(sink, three, town):
    breaker.suspend("mail", by=town.system, reason="服务器搬家")
    assert deliver() == Tally()
    assert set(states().values()) == {"waiting"}
    breaker.resume("mail")
    assert deliver() == Tally(sent=3)


def test_senders_share_the_rate_of_a_channel(town):
    breaker.admits("dingtalk")
    rate = Rate(6, timedelta(minutes=1))
    assert [breaker.take("dingtalk", rate) for _ in range(5)] == [True, True, True, False, False]
    ChannelState.objects.update(free_at=Now() - timedelta(hours=1))  # what was not used is not saved up
    assert [breaker.take("dingtalk", rate) for _ in range(5)] == [True, True, True, False, False]


def test_what_is_sent_are_the_bytes_of_when_it_was_composed(sink, three, settings):
    settings.SITE_URL = "http://moved.example"
    Delivery.objects.update(text="改过的模板", subject="改过")
    frozen = sorted(bytes(payload) for payload in Delivery.objects.values_list("payload", flat=True))
    deliver()
    assert sorted(sink.mails) == frozen


def test_a_message_that_cannot_be_built_is_dead_after_five_tries_and_takes_nothing_with_it(
    sink, town, tell, monkeypatch
):
    for key in ("a1", "a2"):
        tell("zhang", key)
    tell("zhang", "bad", sentence="坏的")
    tell("chen")

    def line(notice, *more):
        if notice.sentence == "坏的":
            raise LookupError("no such thing")
        return composing.Line(notice.sentence, notice.path)

    monkeypatch.setattr(composing, "_line", line)
    assert compose() == 2
    assert deliver() == Tally(sent=2, retried=1)
    for _ in range(BROKEN - 2):
        come_due()
        assert deliver() == Tally(retried=1)
    come_due()
    assert deliver() == Tally(failed=1)
    dead = Delivery.objects.get(state="failed")
    assert (dead.last_error, dead.notices.get().key) == ("内容无法生成（LookupError），详情见日志", "bad")
    assert b"a1" in sink.mails[0] or len(sink.mails) == 2


@pytest.fixture
def answered_for():
    """Keys of "thing" hold while they are in the set."""
    holding = {"thing:1", "thing:2"}
    truth._asked["thing"] = lambda keys: holding & set(keys)
    yield holding
    del truth._asked["thing"]


def test_what_no_longer_holds_is_not_sent_and_the_rest_is_sent_anew(sink, town, tell, answered_for):
    tell("zhang", "thing:1", sentence="第一件。")
    tell("zhang", "thing:2", sentence="第二件。")
    tell("chen", "thing:1")
    compose()
    answered_for.discard("thing:1")
    assert deliver() == Tally(sent=1, superseded=1)
    assert states()["chen"] == "superseded"
    old, new = Delivery.objects.filter(user=town.zhang).order_by("pk")
    assert (old.state, old.superseded_by, new.state) == ("superseded", new, "sent")
    assert "第一件" not in new.text
    tell("gao", "thing:1")
    assert compose() == 0
    assert Delivery.objects.get(user=town.gao).last_error == "在发送之前已不再成立"


def test_after_an_outage_a_person_gets_one_message_and_not_a_row_of_yesterdays(sink, town, tell):
    for number in range(6):
        tell("zhang", f"a{number}")
        tell("chen", f"a{number}") if number < 2 else None
        compose()
    assert gather() == 1
    assert deliver() == Tally(sent=3)
    assert len([to for to in sink.recipients if to == ["zhang@example.com"]]) == 1
    assert Delivery.objects.filter(user=town.zhang, state="superseded").count() == 6
    assert Notice.objects.filter(user=town.zhang, delivery__state="sent").count() == 6


def test_what_waited_for_long_is_told_with_what_is_new(sink, town, tell):
    tell("zhang", "a1")
    compose()
    Delivery.objects.update(created_at=Now() - timedelta(minutes=31))
    tell("zhang", "a2")
    assert gather() == 1
    assert (compose(), deliver()) == (0, Tally(sent=1))


@pytest.mark.parametrize("address", ["a b@example.com\r\nBcc: x@example.com", "没有@", "坏 地址"])
def test_an_address_that_is_none_fails_and_stops_nobody_else(sink, town, tell, address):
    tell("zhang")
    tell("chen")
    compose()
    User.objects.filter(pk=town.zhang.pk).update(email=address)
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
    assert message["Subject"] == "红 Bcc: x：落后 Bcc: x@example.com"
    assert sink.recipients == [["zhang@example.com"]]


def test_who_left_between_composing_and_sending_gets_nothing(sink, three, town):
    User.objects.filter(pk=town.zhang.pk).update(is_active=False)
    assert deliver() == Tally(sent=2, superseded=1)
    assert Delivery.objects.get(user=town.zhang).last_error == "收件人账号已停用"


def test_who_lost_the_zone_between_composing_and_sending_gets_nothing(sink, town, tell):
    tell("zhang", zone_id=town.east.pk)
    compose()
    Appointment.objects.filter(user=town.zhang).update(zone=town.west)
    assert deliver() == Tally(superseded=1)
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
    assert (old.state, old.last_error) == ("superseded", "其中 1 条收件人已无权查看，其余各条另行发送")
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
