"""manage.py close_meeting."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from docx import Document

from projects.meetings import opening
from projects.meetings.models import Meeting


def run(*arguments):
    out = StringIO()
    call_command("close_meeting", *arguments, stdout=out)
    return out.getvalue()


def test_it_closes_the_meeting_and_writes_the_draft(meeting, tmp_path):
    file = tmp_path / "纪要.docx"
    assert "项目3个，议定事项2项，纪要“高新区2023年第1次周例会纪要”待签发" in run(str(meeting.pk), "--out", str(file))
    assert any("二、议定事项" in each.text for each in Document(str(file)).paragraphs)
    again = json.loads(run(str(meeting.pk), "--format", "json"))
    assert (again["state"], again["decisions"], again["projects"]) == ("closed", 2, 3)
    assert Meeting.objects.get().events.filter(what="closed").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["0", "第一次", "9" * 30])
def test_a_number_that_no_meeting_has_is_refused(asked):
    with pytest.raises(CommandError, match=f"没有编号为“{asked}”的会议"):
        run(asked)


def test_what_cannot_be_closed_or_written_is_refused_in_one_sentence(town, meeting, tmp_path):
    with pytest.raises(CommandError, match="会议已结束，但纪要文件没有写成"):
        run(str(meeting.pk), "--out", str(tmp_path))
    later, _ = opening.open_meeting(town.east, date(2023, 7, 17))
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("close_meeting", str(later.pk), "--format", "json", stdout=out)
    assert json.loads(out.getvalue())["error"]["message"].startswith("会议定于2023年7月17日召开")
