"""Closing a meeting: what is frozen, what is drafted, who may still change what."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from projects import facts
from projects.meetings import agenda, closing, deciding, issuing, opening, touring
from projects.meetings.models import Meeting
from projects.models import Project
from zones.models.versioned import StaleVersion


def test_closing_freezes_what_stands_in_the_meeting(town, meeting, django_assert_max_num_queries):
    with django_assert_max_num_queries(45):
        closing.close(meeting, town.chen)
    record = Meeting.objects.get(pk=meeting.pk).record
    told = next(row for row in record["rows"] if row["name"] == "传感器项目")
    assert (told["amount"], told["percent"], told["up_to"]) == (123_456_700, 45, "2023-07-10")
    assert told["reached"] == ["封顶（2023年7月6日）"]
    assert told["problems"] == ["北侧线杆未迁改"]
    first, second = record["decisions"]
    assert (first["lead"], first["helpers"], first["deadline"]) == (
        "高新区经济发展局",
        ["企业服务局", "行政审批局"],
        "2023-07-20",
    )
    assert (second["lead"], second["person"], second["deadline"]) == ("", "", None)
    Project.objects.filter(name="传感器项目").update(name="改了名的项目")
    assert Meeting.objects.get(pk=meeting.pk).record == record


def test_the_draft_says_what_was_told_in_order(minutes):
    assert minutes.title == "高新区2023年第1次周例会纪要"
    assert minutes.background.startswith(
        "2023年7月10日上午9:00，高主任在管委会三楼会议室主持召开高新区2023年第1次周例会"
    )
    assert "调度项目3个，研究议题1个，议定事项2项" in minutes.background
    lines = minutes.body.splitlines()
    heads = [line for line in lines if line.startswith("（")]
    assert heads == ["（一）总体情况", "（二）项目推进情况", "（三）研究议题"]
    assert (
        "传感器项目：主体封顶；二次结构施工。截至2023年7月10日，年内累计完成投资12345.67万元，形象进度45%。"
        "完成节点：封顶（2023年7月6日）。新提出问题：北侧线杆未迁改。下步计划：8月底完成外墙。会议要求见议定事项第1项。"
    ) in minutes.body
    assert "物流园项目：会议要求见议定事项第2项。" in minutes.body
    assert "其余1个项目会上没有新的情况：软件园项目。" in minutes.body
    assert "1．线杆迁改费用（企业服务局提出）：由财政先行垫付。" in minutes.body
    assert (minutes.remarks, minutes.distribution) == ("各单位要逐项销号。", "管委会领导，各局办")


def test_a_figure_that_was_corrected_elsewhere_stands_corrected_in_the_record(town, meeting):
    project = Project.objects.get(name="传感器项目")
    facts.record(project, "weekly", date(2023, 7, 10), amount=120_000_000, by=town.zhang)
    rows = closing.close(meeting, town.chen).meeting.record["rows"]
    assert next(row["amount"] for row in rows if row["project"] == project.pk) == 120_000_000


def test_overdue_matters_are_read_out_and_one_that_no_unit_leads_leaves_no_gap(town, meeting, minutes, settings):
    issuing.issue(minutes, town.gao)
    meeting.decisions.filter(number=1).update(lead=None)
    settings.TRACKER_TODAY = date(2023, 7, 24)
    second, _ = opening.open_meeting(town.east, date(2023, 7, 24), by=town.chen)
    assert "1．7月20日前完成线杆迁改（时限2023年7月20日）。" in closing.close(second, town.chen).body


def test_a_first_special_meeting_does_not_begin_with_all_that_was_ever_done(town, meeting, minutes):
    issuing.issue(minutes, town.gao)
    meeting.decisions.filter(number=1).update(state="done", done_on=date(2023, 7, 10))
    special, _ = opening.open_meeting(town.east, date(2023, 7, 10), kind="special", subject="用地", by=town.chen)
    assert [each.number for each in agenda.earlier_decisions(special)] == [2]


def test_closing_twice_changes_nothing_and_a_closed_meeting_takes_no_more(town, meeting, minutes):
    closing.edit(minutes, {"title": "另一标题"}, by=town.chen)
    assert closing.close(meeting, town.chen).title == "另一标题"
    assert meeting.events.filter(what="closed").count() == 1
    with pytest.raises(ValidationError, match="不能再修改"):
        deciding.decide(meeting, "补一条", by=town.chen)


def test_a_meeting_of_another_day_or_called_off_is_not_closed(town, meeting, settings):
    later, _ = opening.open_meeting(town.east, date(2023, 7, 17), by=town.chen)
    with pytest.raises(ValidationError, match="2023年7月17日召开，还没到日子"):
        closing.close(later, town.chen)
    opening.cancel(later, "放假", by=town.chen)
    settings.TRACKER_TODAY = date(2023, 7, 17)
    with pytest.raises(ValidationError, match="已取消"):
        closing.close(later, town.chen)


def test_taken_up_again_it_goes_on_and_keeps_what_the_office_wrote(town, meeting, minutes):
    closing.edit(minutes, {"background": "本次会议……", "present": "全体"}, by=town.chen)
    with pytest.raises(ValidationError, match="须写明原因"):
        closing.reopen(meeting, " ", town.chen)
    going = closing.reopen(meeting, "漏记一项", town.chen)
    with pytest.raises(ValidationError, match="还没有结束"):
        closing.edit(minutes, {"title": "改"}, by=town.chen)
    deciding.decide(going, "补上的事项", by=town.chen)
    row = going.updates.get(project__name="软件园项目")
    row.words = "完成招标"
    row.save()
    again = closing.close(going, town.chen)
    assert len(again.meeting.record["decisions"]) == 3
    assert again.background == "本次会议……"
    assert "软件园项目：完成招标。" in again.body
    assert again.meeting.present == "全体"
    assert closing.redraft(again, by=town.chen).background.startswith("2023年7月10日上午9:00")


def test_of_two_editors_the_second_is_told(town, minutes):
    seen = minutes.version
    closing.edit(minutes, {"title": "甲"}, by=town.chen, expected_version=seen)
    with pytest.raises(StaleVersion):
        closing.edit(minutes, {"title": "乙"}, by=town.chen, expected_version=seen)
    with pytest.raises(ValidationError, match="100"):
        closing.edit(minutes, {"title": "长" * 101}, by=town.chen)


def test_what_is_missing_is_said_before_issuing(town, minutes):
    assert closing.doubts(minutes) == ["议定事项第2项没有责任单位和责任人", "议定事项第2项没有完成时限"]
    closing.edit(minutes, {"present": "", "distribution": ""}, by=town.chen)
    minutes.refresh_from_db()
    assert closing.doubts(minutes)[:2] == ["没有填写出席人员", "没有填写印发范围"]


def test_a_zone_with_many_projects_costs_no_more_statements(town, meeting, django_assert_max_num_queries):
    for number in range(20):
        made = facts.create(name=f"项目{number}", zone=town.east)
        meeting.updates.create(project=made, words="按计划推进", place=number + 10)
        deciding.decide(meeting, f"事项{number}", project=made, lead=town.east_office, by=town.chen)
    with django_assert_max_num_queries(45):
        minutes = closing.close(meeting, town.chen)
    assert "23．" not in minutes.body
    assert "22．项目19：按计划推进。" in minutes.body


def test_a_tour_and_a_special_meeting_are_drafted_in_their_own_words(town, meeting):
    projects = list(Project.objects.order_by("pk"))
    tour, _ = opening.open_meeting(town.east, date(2023, 7, 10), kind="tour", by=town.chen)
    for project, points in zip(projects, (80, 95), strict=False):
        touring.mark(touring.add_stop(tour, project, by=town.chen), points, by=town.gao)
    minutes = closing.close(tour, town.chen)
    assert minutes.title == "高新区2023年第1次观摩会纪要"
    assert "观摩项目2个" in minutes.background
    assert "1．传感器项目：观摩评分80.0分，列第2位。" in minutes.body
    special, _ = opening.open_meeting(town.east, date(2023, 7, 10), kind="special", subject="线杆迁改", by=town.chen)
    minutes = closing.close(special, town.chen)
    assert minutes.title == "高新区2023年第1次专题会（线杆迁改）纪要"
    assert "专题会，专题研究线杆迁改" in minutes.background
    assert minutes.body == ""
    assert "没有议定事项" in closing.doubts(minutes)
