"""When people are told: a digest each working morning, urgent ones at once, quiet nights, who stands in for whom."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from projects.notices import absences, composing, delivering, hours, inbox, truth
from projects.notices.catching_up import gather
from projects.notices.hours import Moment
from projects.notices.inbox import Draft
from projects.notices.models import Delivery, Notice, Preference, SuspendedAddress
from zones.clock import BUSINESS_ZONE
from zones.models import User

MONDAY, TUESDAY = date(2023, 7, 10), date(2023, 7, 11)
DONE: set[str] = set()


@pytest.fixture
def matter(monkeypatch):
    """Keys of a room that knows what was done: `matter.add(key)` says that it was."""
    monkeypatch.setitem(truth._asked, "matter", set)
    monkeypatch.setitem(truth._to_do, "matter", lambda keys: set(keys) - DONE)
    DONE.clear()
    return DONE


def at(day, hour, minute=0, *, works=True):
    return Moment(day, time(hour, minute), works)


def left_at(day, hour, minute=0):
    """What was left without a day of its own was left then."""
    moment = datetime.combine(day, time(hour, minute), BUSINESS_ZONE)
    Notice.objects.filter(created_at__gt=Now() - timedelta(hours=1)).update(created_at=moment, day=day)


@pytest.fixture(autouse=True)
def _recent(monkeypatch):
    monkeypatch.setattr(composing, "NEWS", timedelta(days=9999))  # these are days of 2023


def mails(user):
    return list(Delivery.objects.filter(user=user).exclude(state="superseded").order_by("pk"))


# ---- The morning -------------------------------------------------------------------------------------
def test_a_person_has_one_digest_a_working_morning_and_what_comes_later_waits_for_the_next(town, tell):
    tell("zhang", "a1", sentence="甲项目落后。")
    left_at(MONDAY, 6)
    assert composing.compose(at(MONDAY, 7, 59)) == 0
    assert composing.compose(at(MONDAY, 8)) == 1
    tell("zhang", "a2", sentence="乙项目落后。")
    left_at(MONDAY, 10)
    assert composing.compose(at(MONDAY, 10, 1)) == composing.compose(at(MONDAY, 17)) == 0
    assert composing.compose(at(TUESDAY, 8, works=False)) == 0
    assert composing.compose(at(TUESDAY, 8)) == 1
    first, second = mails(town.zhang)
    assert (first.morning, second.morning) == (MONDAY, TUESDAY)
    assert "甲项目" in first.text
    assert "甲项目" not in second.text
    assert "乙项目" in second.text


def test_who_has_no_digest_in_the_morning_gets_none_at_noon(town, tell):
    tell("zhang")
    left_at(MONDAY, 11)
    assert composing.compose(at(MONDAY, 11, 5)) == 0
    assert composing.compose(at(TUESDAY, 8)) == 1


def test_urgent_ones_are_told_at_once_also_on_a_sunday_but_not_at_night(town, tell):
    tell("zhang", "a1", urgent=True, kind="yellow", sentence="甲项目落后。")
    tell("zhang", "a2", sentence="乙项目落后。")
    left_at(MONDAY, 12)
    assert composing.compose(at(MONDAY, 22)) == 0
    assert composing.compose(at(MONDAY, 12, works=False)) == 1
    assert "甲项目" in mails(town.zhang)[0].text
    assert "乙项目" not in mails(town.zhang)[0].text
    tell("zhang", "a3", urgent=True, kind="red", sentence="丙项目落后。")
    assert composing.compose(at(MONDAY, 22)) == 1
    assert mails(town.zhang)[1].at_night
    assert not mails(town.zhang)[0].at_night


def test_a_message_that_meets_the_night_waits_for_its_end(town, tell, folder, monkeypatch):
    tell("zhang")
    composing.compose()
    monkeypatch.setattr(hours, "now", lambda: at(MONDAY, 23))
    assert delivering.deliver().sent == 0
    waiting = Delivery.objects.annotate(now=Now()).get()
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert timedelta(hours=8) < waiting.due_at - waiting.now < timedelta(hours=9)
    Delivery.objects.update(due_at=Now())
    monkeypatch.setattr(hours, "now", lambda: at(TUESDAY, 8))
    assert delivering.deliver().sent == 1


# ---- What is to be done ------------------------------------------------------------------------------
def test_what_is_not_done_stays_in_the_digest_with_since_when_until_it_is(town, matter):
    inbox.leave([Draft(town.zhang.pk, f"matter:{n}", "red", f"第{n}件。", f"/admin/{n}/", todo=True) for n in (1, 2)])
    left_at(MONDAY, 6)
    composing.compose(at(MONDAY, 8))
    matter.add("matter:1")
    assert composing.compose(at(TUESDAY, 8)) == 1
    second = mails(town.zhang)[1]
    assert "第2件。（7月10日起）" in second.text
    assert "第1件" not in second.text
    assert second.subject == "1项待办：第2件。"
    assert Notice.objects.get(key="matter:1").done_at is not None
    matter.add("matter:2")
    assert composing.compose(at(TUESDAY + timedelta(days=1), 8)) == 0


def test_a_digest_of_which_all_was_done_meanwhile_is_not_sent(town, matter, folder):
    inbox.leave([Draft(town.zhang.pk, "matter:1", "red", "第1件。", "/admin/", todo=True)])
    left_at(MONDAY, 6)
    composing.compose(at(MONDAY, 8))
    delivering.deliver()
    composing.compose(at(TUESDAY, 8))
    matter.add("matter:1")
    assert delivering.deliver().superseded == 1
    assert len(list(folder.glob("*.eml"))) == 1


def test_a_thing_is_done_when_it_is_answered_or_when_its_reader_says_so(town, tell, matter):
    tell("zhang", "matter:1", todo=True)
    tell("zhang", "matter:2", todo=True)
    matter.add("matter:1")
    assert inbox.settle(town.zhang) == 1
    assert inbox.mark_done(Notice.objects.filter(key="matter:2"), by=town.zhang) == 1
    assert {notice.state_label for notice in Notice.objects.all()} == {"已办"}
    assert inbox.settle(town.zhang) == 0


# ---- What a person wishes ----------------------------------------------------------------------------
def test_what_a_person_wants_in_the_inbox_alone_is_not_mailed_but_what_he_must_know_or_do_is(town, tell):
    Preference.objects.create(user=town.zhang, inbox_only=["mild", "grave", "other"])
    tell("zhang", "a1", kind="yellow", sentence="甲。")
    tell("zhang", "a2", kind="red", sentence="乙。")
    tell("zhang", "a3", kind="yellow", sentence="丙。", todo=True)
    composing.compose()
    text = mails(town.zhang)[0].text
    assert "甲。" not in text
    assert "乙。" in text
    assert "丙。" in text
    assert inbox.unread_count(town.zhang) == 3


def test_the_digest_comes_at_the_hour_that_the_person_chose(town, tell):
    Preference.objects.create(user=town.zhang, digest_at=time(9, 30))
    tell("zhang")
    left_at(MONDAY, 9)
    assert composing.compose(at(MONDAY, 9)) == 0
    assert composing.compose(at(MONDAY, 9, 30)) == 1


# ---- Away --------------------------------------------------------------------------------------------
@pytest.fixture
def wu(town):
    """A colleague of 张联络 in the same zone."""
    from zones.models import Appointment

    user = User.objects.create_user("wu", email="wu@example.com", display_name="吴联络")
    Appointment.objects.create(user=user, zone=town.east, role="liaison", starts=date(2020, 1, 1))
    return user


def away(town, wu, **more):
    days = {"starts": MONDAY, "ends": MONDAY + timedelta(days=4), **more}
    return absences.arrange(town.zhang, wu, by=town.zhang, **days)


def test_while_somebody_is_away_his_substitute_is_told_in_his_place_and_afterwards_he_himself(town, wu, tell, settings):
    tell("zhang", "old", todo=True, path="/admin/old/", sentence="上周的事。", zone_id=town.east.pk)
    inbox.mark_read(Notice.objects.filter(key="old"))
    Notice.objects.update(day=MONDAY - timedelta(days=5))
    tell("zhang", "read", sentence="早已看过。")
    Notice.objects.filter(key="read").update(day=MONDAY - timedelta(days=5), read_at=Now())
    absence = away(town, wu)
    tell("zhang", "new", sentence="今天的事。")
    tell("li", "of another")
    assert composing.compose() == 2
    text = mails(wu)[0].text
    assert "（代张联络）今天的事。" in text
    assert "（代张联络）上周的事。" in text
    assert "早已看过" not in text
    assert mails(town.zhang) == []
    wu = User.objects.get(pk=wu.pk)
    assert inbox.unread_count(wu) == 1
    inbox.mark_read(Notice.objects.writable_by(wu), by=wu)
    assert Notice.objects.get(key="new").acted_by == wu
    settings.TRACKER_TODAY = absence.ends + timedelta(days=1)
    tell("zhang", "after", sentence="回来后的事。")
    composing.compose()
    assert inbox.unread_count(User.objects.get(pk=wu.pk)) == 0
    assert "回来后的事。" in mails(town.zhang)[0].text
    assert "上周的事。" in mails(town.zhang)[0].text


def test_what_the_substitute_may_not_read_stays_with_the_person(town, wu, tell):
    away(town, wu)
    wu.appointments.update(zone=town.west)
    tell("zhang", zone_id=town.east.pk)
    composing.compose()
    assert mails(wu) == []
    assert len(mails(town.zhang)) == 1


def test_who_has_left_for_good_hands_over(town, wu, tell):
    away(town, wu, ends=None, kind="handover")
    User.objects.filter(pk=town.zhang.pk).update(is_active=False)
    tell("zhang", zone_id=town.east.pk, sentence="留下的事。")
    composing.compose()
    assert "（代张联络）留下的事。" in mails(wu)[0].text


def test_an_absence_that_does_not_fit_is_refused_in_a_sentence_and_one_that_is_over_gives_back(town, wu):
    with pytest.raises(ValidationError, match="代办人不能是本人"):
        away(town, town.zhang)
    with pytest.raises(ValidationError, match="不能早于开始日期"):
        away(town, wu, ends=MONDAY - timedelta(days=1))
    with pytest.raises(ValidationError, match="看不到张联络负责区域的数据"):
        away(town, town.li)
    first = away(town, wu)
    assert away(town, wu) == first
    with pytest.raises(ValidationError, match="这几天已有登记"):
        away(town, town.chen)
    with pytest.raises(ValidationError, match="也不在"):
        absences.arrange(town.chen, town.zhang, by=town.chen, starts=MONDAY, ends=MONDAY)
    assert absences.of(town.zhang) == first
    absences.end(first)
    assert absences.of(town.zhang) is None


def test_what_was_written_before_somebody_left_goes_to_his_substitute_and_back_when_that_is_over(
    town, wu, tell, folder, settings
):
    tell("zhang", zone_id=town.east.pk, sentence="停工了。")
    composing.compose()
    absence = away(town, wu)
    delivering.deliver()
    assert {each.state for each in mails(town.zhang)} == set()
    composing.compose()
    assert "停工了。" in mails(wu)[0].text
    settings.TRACKER_TODAY = absence.ends + timedelta(days=1)
    delivering.deliver()
    composing.compose()
    delivering.deliver()
    assert mails(wu) == []
    assert [each.state for each in mails(town.zhang)] == ["sent"]
    assert "停工了。" in mails(town.zhang)[0].text


def test_what_both_are_told_of_stands_once_in_the_message_of_the_one_who_stands_in(town, wu, tell):
    away(town, wu)
    for who in ("zhang", wu):
        tell(who, "same", zone_id=town.east.pk, sentence="同一件事。")
    composing.compose()
    mail = mails(wu)[0]
    assert mail.text.count("同一件事。") == 1
    assert "代张联络" not in mail.text
    assert mail.subject.startswith("1红")
    assert composing.compose() == 0


def test_a_substitute_who_cannot_be_reached_takes_nothing_from_the_person(town, wu, tell):
    away(town, wu)
    SuspendedAddress.objects.create(channel="mail", address=wu.email, reason="多次退信")
    tell("zhang", zone_id=town.east.pk)
    composing.compose()
    assert len(mails(town.zhang)) == 1


# ---- Other ways, other addresses -----------------------------------------------------------------------
def test_a_digest_by_a_chat_tool_is_not_the_digest_by_mail(town, tell, folder):
    Delivery.objects.create(
        user=town.zhang, channel="outlet:1", address="zhang", message_id="msg_1", subject="x", text="x", morning=MONDAY
    )
    tell("zhang")
    left_at(MONDAY, 6)
    assert composing.compose(at(MONDAY, 8)) == 1


def test_a_message_to_an_address_that_was_corrected_meanwhile_goes_to_the_right_one(town, tell, sink):
    tell("zhang")
    composing.compose()
    User.objects.filter(pk=town.zhang.pk).update(email="right@example.com")
    delivering.deliver()
    assert sink.recipients == [["right@example.com"]]
    tell("chen")
    composing.compose()
    User.objects.filter(pk=town.chen.pk).update(email="")
    delivering.deliver()
    assert len(sink.recipients) == 1
    assert Notice.objects.get(user=town.chen).delivery is None


def test_a_message_that_waits_is_not_renewed_for_news_that_are_told_tomorrow(town, tell, monkeypatch):
    tell("zhang")
    left_at(MONDAY, 6)
    monkeypatch.setattr(hours, "now", lambda: at(MONDAY, 11))
    composing.compose()
    Delivery.objects.update(created_at=Now() - timedelta(minutes=40))
    tell("zhang", "later")
    left_at(MONDAY, 10)
    assert gather() == 0
    tell("zhang", "urgent", urgent=True)
    assert gather() == 1


def test_what_is_to_be_done_is_in_the_digest_however_late_an_address_was_given(town, matter, monkeypatch):
    inbox.leave([Draft(town.zhang.pk, "matter:1", "red", "早先的事。", "/admin/1/", todo=True)])
    left_at(MONDAY - timedelta(days=30), 6)
    monkeypatch.setattr(composing, "NEWS", timedelta(days=1))
    assert composing.compose(at(MONDAY, 8)) == 1
    assert "早先的事。（6月10日起）" in mails(town.zhang)[0].text


def test_what_waited_for_an_address_that_was_stopped_goes_out_when_it_is_mended(town, tell, sink):
    tell("zhang")
    composing.compose()
    stopped = SuspendedAddress.objects.create(channel="mail", address=town.zhang.email, reason="多次退信")
    delivering.deliver()
    assert composing.compose() == len(sink.recipients) == 0
    stopped.delete()
    composing.compose()
    delivering.deliver()
    assert sink.recipients == [[town.zhang.email]]


# ---- Who can mend it ---------------------------------------------------------------------------------
def test_that_somebody_has_no_address_is_told_once_to_who_administers_his_account(town, tell):
    from projects.notices.sending import send_notices

    User.objects.filter(pk=town.zhang.pk).update(email="")
    tell("zhang")
    assert send_notices().without_address == 1
    send_notices()
    told = Notice.objects.filter(key=f"noaddress:{town.zhang.pk}")
    assert {each.user for each in told} == {town.system}
    assert "张联络没有登记邮箱" in told.get().sentence
