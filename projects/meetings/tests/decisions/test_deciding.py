"""What a meeting decides while it sits."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from projects import facts
from projects.meetings import deciding
from projects.meetings.models import Decision, Meeting
from zones.models.versioned import StaleVersion

pytestmark = pytest.mark.django_db


def refused(call, *args, **kwargs):
    with pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    return getattr(error.value, "message_dict", None) or error.value.messages


def test_decisions_are_numbered_in_their_order_and_a_dropped_one_leaves_no_gap(town, meeting):
    rows = [deciding.decide(meeting, f"事项{number}", by=town.chen) for number in (1, 2, 3)]
    deciding.drop(rows[1], by=town.chen)
    left = meeting.decisions.order_by("number").values_list("number", "matter")
    assert list(left) == [(1, "事项1"), (2, "事项3")]
    assert deciding.decide(meeting, "事项4", by=town.chen).number == 3


def test_the_same_key_makes_one_decision(town, meeting, meet):
    key = uuid4()
    first = deciding.decide(meeting, "迁改管线", by=town.chen, key=key)
    assert deciding.decide(meeting, "迁改管线，改一个字", by=town.chen, key=key) == first
    assert Decision.objects.get().matter == "迁改管线"
    other = meet(date(2023, 7, 11), number=29)
    assert refused(deciding.decide, other, "别的", by=town.chen, key=key) == [
        "这条议定事项已记在另一次会议上，请重新填写"
    ]


def test_a_decision_is_put_differently_until_the_meeting_is_over(town, meeting):
    decision = deciding.decide(meeting, "迁改管线", by=town.chen, lead=town.east_office)
    revised = deciding.revise(decision, by=town.chen, deadline=date(2023, 7, 20), person=town.zhang)
    assert (revised.matter, revised.lead, revised.deadline) == ("迁改管线", town.east_office, date(2023, 7, 20))
    with pytest.raises(StaleVersion):
        deciding.revise(decision, by=town.chen, matter="另一句", expected_version=decision.version)
    Meeting.objects.update(state=Meeting.State.CLOSED)
    for call in (
        lambda: deciding.decide(meeting, "又一项", by=town.chen),
        lambda: deciding.revise(decision, by=town.chen, matter="另一句"),
        lambda: deciding.drop(decision, by=town.chen),
    ):
        assert "会议已结束，不能再修改" in refused(call)[0]
    assert Decision.objects.get().matter == "迁改管线"


def test_a_draft_about_a_project_that_went_to_another_zone_can_still_be_put_differently(town, meeting, project):
    decision = deciding.decide(meeting, "迁改管线", by=town.chen, project=project)
    type(project).objects.update(zone=town.west)
    decision.refresh_from_db()
    assert deciding.revise(decision, by=town.chen, matter="月底前迁改管线").matter == "月底前迁改管线"


def test_a_meeting_that_was_called_off_does_not_say_that_it_can_be_taken_up_again(town, meeting):
    Meeting.objects.update(state=Meeting.State.CANCELLED)
    assert refused(lambda: deciding.decide(meeting, "一项", by=town.chen)) == ["会议已取消，不能再填写"]


def test_what_cannot_be_is_refused_at_its_field_and_writes_nothing(town, meeting, meet):
    away = facts.create(name="西区项目", zone=town.west)
    other = meet(date(2023, 7, 11), number=29)
    topic = other.topics.create(title="供地")
    for told, field, sentence in [
        ({"matter": "  "}, "matter", "请写明议定的事项"),
        ({"matter": "字" * 501}, "matter", "不能超过 500 字，现有 501 字，请分成几条填写"),
        ({"deadline": date(2023, 7, 9)}, "deadline", "完成时限不能早于今天（2023-07-10）"),
        ({"project": away}, "project", "该项目不属于开会的区域，请另选项目"),
        ({"topic": topic}, "topic", "该议题不属于这次会议，请另选议题"),
        (
            {"lead": town.east_office, "helpers": [town.east_office]},
            "helpers",
            f"{town.east_office}已是牵头单位，不必再列为配合单位",
        ),
        ({"person": town.li}, "person", f"{town.li}看不到这次会议，不能作为责任人，请另选，或先由管理员为其任职"),
    ]:
        assert refused(deciding.decide, meeting, by=town.chen, **({"matter": "迁改管线"} | told)) == {field: [sentence]}
    assert not Decision.objects.exists()
    assert refused(deciding.decide, other, "迁改管线", by=town.chen, deadline=date(2023, 7, 10)) == {
        "deadline": ["完成时限不能早于会议日期 2023-07-11"]
    }
