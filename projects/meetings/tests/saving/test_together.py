"""Several people in one row at the same moment. On PostgreSQL they really meet; SQLite lets one writer in at a time."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from projects.meetings import closing, saving
from projects.meetings.models import Saved, Update
from projects.models import Progress
from projects.tests.test_together import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time: nobody can meet"),
]


def test_one_save_that_comes_twice_at_once_is_written_once(town, row):
    key = uuid4()
    told = at_once(*[lambda: saving.fill(row, key, {"words": "封顶"}, {}, town.chen)] * 3)
    assert sorted(answer.written for answer in told) == [(), (), ("words",)]
    assert Saved.objects.count() == Progress.objects.filter(channel="weekly").count() == 1


def test_of_two_in_one_field_one_is_written_and_the_other_told(town, row):
    told = at_once(
        lambda: saving.fill(row, uuid4(), {"words": "张写的"}, {}, town.zhang),
        lambda: saving.fill(row, uuid4(), {"words": "陈写的"}, {}, town.chen),
    )
    lost = next(answer for answer in told if not answer.written)
    assert lost.conflicts["words"].theirs == Update.objects.get(pk=row.pk).words


def test_what_comes_while_the_meeting_is_ended_is_in_the_record_or_refused(town, meeting, row):
    written, closed = at_once(
        lambda: saving.fill(row, uuid4(), {"words": "最后一句"}, {}, town.zhang),
        lambda: closing.close(meeting, town.chen),
    )
    meeting.refresh_from_db()
    recorded = "最后一句" in str(meeting.record["rows"])
    assert recorded is not isinstance(written, ValidationError)
    assert closed.meeting_id == meeting.pk
