"""签发, with a real mail server: nothing goes out before, and afterwards to exactly those whom it concerns."""

import email
import email.policy
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from conftest import person
from projects.meetings import closing, following, issuing
from projects.meetings.models import Decision, DecisionEvent
from projects.meetings.tests.minutes.conftest import states
from projects.notices import sending
from projects.notices.models import Notice
from zones.models.versioned import StaleVersion


@pytest.fixture
def helper(town, units):
    """A liaison of a unit that helps with the first decision."""
    return person("zhao", "赵联络", "liaison", town.east, department=units["企业服务局"])


def mailed(server):
    """Who was written to, and what."""
    bodies = [email.message_from_bytes(mail, policy=email.policy.default) for mail in server.mails]
    return {mail["To"]: mail.get_body(("plain",)).get_content() for mail in bodies}


def test_nothing_is_mailed_before_a_leader_issues_and_then_to_exactly_the_right_people(town, meeting, helper, sink):
    minutes = closing.close(meeting, town.chen)
    minutes = closing.edit(minutes, {"title": "第1次周例会纪要"}, by=town.chen)
    sending.send_notices()
    assert sink.mails == []
    assert states() == ["draft", "draft"]
    issuing.issue(minutes, town.gao)
    sending.send_notices()
    told = mailed(sink)
    # The person and his unit, a unit that helps, and the office for what nobody has. The only leader issued it himself.
    assert set(told) == {"zhang@example.com", "zhao@example.com", "chen@example.com"}
    assert "由高新经发局、张联络办理，完成时限2023-07-20" in told["zhang@example.com"]
    assert "请配合办理" in told["zhao@example.com"]
    assert "议定事项2“=1+1 办理用地手续”：已下发，由（待明确）办理" in told["chen@example.com"]
    assert states() == ["issued", "issued"]
    assert list(Decision.objects.order_by("number").values_list("issued_on", "promised")) == [
        (date(2023, 7, 10), date(2023, 7, 20)),
        (date(2023, 7, 10), None),
    ]
    assert DecisionEvent.objects.filter(what="issued", by=town.gao).count() == 2
    issuing.issue(minutes, town.gao)
    sending.send_notices()
    assert len(sink.mails) == 3


def test_other_leaders_of_the_zone_are_told_that_minutes_are_out(town, minutes):
    second = person("fu", "付主任", "leader", town.east)
    issuing.issue(minutes, town.gao)
    told = Notice.objects.filter(kind="meeting")
    assert [(notice.user, notice.sentence) for notice in told] == [
        (second, "高新区2023年第1次周例会纪要已由高主任签发，议定事项2项")
    ]


def test_issued_minutes_never_change_again(town, minutes):
    issued = issuing.issue(minutes, town.gao)
    before = issuing.word_of(issued)
    for change in (
        lambda: closing.edit(issued, {"title": "改"}, by=town.chen),
        lambda: closing.redraft(issued, by=town.chen),
        lambda: closing.reopen(issued.meeting, "改", town.chen),
        lambda: issuing.issue(issued, town.chief),
    ):
        with pytest.raises(ValidationError, match="签发"):
            change()
    decision = Decision.objects.first()
    following.receive(decision, by=town.zhang)
    following.ask_extension(decision, date(2023, 8, 1), reason="手续未齐", by=town.zhang)
    following.agree(decision, by=town.gao)
    assert "完成时限：2023年7月20日" in "".join(block.text for block in issuing.paper_of(issued))
    assert issuing.word_of(issued) == before


def test_a_spoilt_file_is_not_handed_out(town, minutes):
    issued = issuing.issue(minutes, town.gao)
    Path(issued.document.path).write_bytes(b"another")
    with pytest.raises(ValidationError, match="与签发时不一致"):
        issuing.word_of(issued)
    Path(issued.document.path).unlink()
    with pytest.raises(ValidationError, match="或已丢失"):
        issuing.word_of(issued)


def test_a_leader_who_read_another_version_issues_nothing(town, minutes):
    seen = minutes.version
    closing.edit(minutes, {"title": "改了标题"}, by=town.chen)
    with pytest.raises(StaleVersion):
        issuing.issue(minutes, town.gao, expected_version=seen)
    assert states() == ["draft", "draft"]
    assert not Notice.objects.exists()


def test_who_closed_the_meeting_leaves_the_issuing_to_another_leader(town, meeting):
    minutes = closing.close(meeting, town.gao)
    second = person("fu", "付主任", "leader", town.east)
    with pytest.raises(ValidationError, match="由不同的人办理"):
        issuing.issue(minutes, town.gao)
    second.appointments.update(ends=date(2023, 7, 9))
    assert issuing.issue(minutes, town.gao).issued_by == town.gao


def test_a_meeting_that_goes_on_is_not_issued(town, minutes):
    closing.reopen(minutes.meeting, "漏记", town.chen)
    with pytest.raises(ValidationError, match="还没有结束"):
        issuing.issue(minutes, town.gao)


def test_a_correction_is_an_addendum_with_a_name_that_the_same_people_hear_of(town, minutes, helper):
    with pytest.raises(ValidationError, match="还没有签发"):
        issuing.add(minutes, "更正", town.gao)
    issued = issuing.issue(minutes, town.gao)
    before = issuing.word_of(issued)
    with pytest.raises(ValidationError, match="请写明"):
        issuing.add(issued, " ", town.gao)
    added = issuing.add(issued, "第1项时限应为\n7月25日", town.gao)
    assert issuing.add(issued, "第1项时限应为\n7月25日", town.gao) == added
    assert (added.number, added.by, added.on) == (1, town.gao, date(2023, 7, 10))
    assert issuing.add(issued, "再更正", town.gao).number == 2
    told = Notice.objects.filter(kind="meeting", sentence__contains="补充更正之1（高主任）：第1项时限应为；7月25日")
    assert {notice.user for notice in told} == {town.zhang, helper}
    assert issuing.word_of(issued) == before
