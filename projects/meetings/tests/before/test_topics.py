"""A topic is proposed with its papers, and somebody else decides whether it is taken up."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from projects.meetings import opening, topics
from projects.meetings.models import Attachment, Meeting, Topic
from zones.models import StaleVersion

from .conftest import MONDAY
from .test_attachments import PDF

State = Topic.State


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def meeting(project: Any, town: Any) -> Meeting:
    project("甲项目")
    return opening.open_meeting(town.east, MONDAY)[0]


def test_sent_twice_it_is_one_topic_with_all_its_papers(meeting: Meeting, town: Any) -> None:
    first = topics.propose(meeting, title=" 用地指标 ", tried="分管领导已协调", by=town.zhang)
    again = topics.propose(meeting, title="用地指标", by=town.zhang, files=[("请示.pdf", PDF)])
    assert again == first
    assert (again.title, again.tried, again.attachments.count()) == ("用地指标", "分管领导已协调", 1)


def test_a_paper_that_is_refused_leaves_no_topic(meeting: Meeting, town: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        topics.propose(meeting, title="用地指标", by=town.zhang, files=[("请示.docx", PDF)])
    assert refusal.value.message_dict["files"][0].startswith("请示.docx：文件名以“.docx”结尾")
    assert not Topic.objects.exists()


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"title": ""}, "title", "请写明议题"),
        ({"title": "题", "text": "长" * 20_000}, "text", "请控制在 2000 字以内，现有 20000 字"),
        ({"title": "题", "project": "west"}, "project", "该项目不属于高新区"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    meeting: Meeting, project: Any, town: Any, said: Any, field: str, sentence: str
) -> None:
    if "project" in said:
        said = {**said, "project": project("邻区项目", zone=town.west)}
    with pytest.raises(ValidationError) as refusal:
        topics.propose(meeting, by=town.zhang, **said)
    assert sentence in refusal.value.message_dict[field][0]


def test_nobody_decides_on_his_own_topic(meeting: Meeting, town: Any) -> None:
    topic = topics.propose(meeting, title="用地指标", by=town.chen)
    for own in (lambda: topics.approve(topic, by=town.chen), lambda: topics.decline(topic, "缓议", by=town.chen)):
        with pytest.raises(ValidationError, match="请由他人审定"):
            own()
    assert topics.approve(topic, by=town.gao).state == State.APPROVED


def test_approved_topics_stand_in_order_and_can_be_taken_off(meeting: Meeting, town: Any) -> None:
    first, second = (topics.propose(meeting, title=title, by=town.zhang) for title in ("用地", "征迁"))
    assert [topics.approve(topic, by=town.chen).place for topic in (second, first)] == [1, 2]
    with pytest.raises(ValidationError, match="须写明原因"):
        topics.decline(second, " ", by=town.chen)
    assert topics.decline(second, "先由专班协调", by=town.chen).state == State.DECLINED
    with pytest.raises(ValidationError, match="已审定"):
        topics.approve(second, by=town.chen)
    meeting.decisions.create(number=1, matter="限期供地", topic=first)
    with pytest.raises(ValidationError, match="已就该议题记录议定事项"):
        topics.decline(first, "改日再议", by=town.chen)


def test_only_the_proposer_takes_it_back_and_only_while_it_waits(meeting: Meeting, town: Any) -> None:
    topic = topics.propose(meeting, title="用地指标", by=town.zhang)
    with pytest.raises(ValidationError, match="只有提出人"):
        topics.withdraw(topic, by=town.chen)
    topics.withdraw(topic, by=town.zhang)
    with pytest.raises(ValidationError, match="已撤回"):
        topics.approve(topic, by=town.chen)


def test_a_stale_page_overwrites_nothing(meeting: Meeting, town: Any) -> None:
    topic = topics.propose(meeting, title="用地指标", by=town.zhang)
    topics.revise(topic, expected_version=topic.version, title="用地指标和规划", by=town.zhang)
    with pytest.raises(StaleVersion):
        topics.revise(topic, expected_version=topic.version, title="用地", by=town.zhang, files=[("请示.pdf", PDF)])
    assert not Attachment.objects.exists()
    assert Topic.objects.get().title == "用地指标和规划"


def test_a_closed_meeting_takes_no_topics(meeting: Meeting, town: Any) -> None:
    Meeting.objects.update(state=Meeting.State.CLOSED)
    with pytest.raises(ValidationError, match="会议已结束"):
        topics.propose(meeting, title="用地指标", by=town.zhang)
