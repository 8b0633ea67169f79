"""What the room does in the background: agendas, on the working day before each zone's weekly meeting."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.timezone import localtime

from projects.jobs.kinds import Stopping
from projects.jobs.models import Job
from projects.meetings import filing, opening
from projects.meetings.models import Arrangement, Meeting
from zones import clock
from zones.workdays import Calendar

OPEN: Final = "open_meetings"


def open_meetings(job: Job, stopping: Stopping) -> str:
    """Open the weekly meeting of every zone whose next one is due to be prepared, and make the agendas of those that
    were opened earlier. Safe to repeat: what was done today is not done again, and a meeting that the office called off
    or moved is not opened once more on its old day.
    """
    today, calendar = clock.today(), Calendar()
    opened, made, refused = 0, 0, []
    for arranged in Arrangement.objects.filter(enabled=True, zone__active=True).select_related("zone"):
        if stopping():
            break
        held_on = filing.next_day(arranged, today + timedelta(days=1))
        if calendar.after(held_on, -1) > today or _is_given_up(arranged, held_on):
            continue
        try:
            meeting, new = opening.open_meeting(arranged.zone, held_on)
            if not new and _is_older(meeting, calendar.after(held_on, -1)):
                opening.make_agenda(meeting, by=None)
                made += 1
        except ValidationError as error:
            refused.append(f"{arranged.zone}：{'；'.join(error.messages)}")
            continue
        opened += new
    return "；".join([f"新建会议{opened}次，更新议程{made}次", *refused])


def _is_given_up(arranged: Arrangement, held_on: date) -> bool:
    of_day = opening.of_day(arranged.zone, Meeting.Kind.WEEKLY, held_on)
    return of_day is None and opening.was_given_up(arranged.zone, Meeting.Kind.WEEKLY, held_on)


def _is_older(meeting: Meeting, day: date) -> bool:
    """Whether its agenda is from before `day`, and can still be made."""
    made = meeting.agenda_made_at
    return meeting.state == Meeting.State.PREPARING and (made is None or localtime(made).date() < day)
