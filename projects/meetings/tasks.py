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
WEEKLY: Final = Meeting.Kind.WEEKLY


def open_meetings(job: Job, stopping: Stopping) -> str:
    """Open the weekly meeting of every zone whose next one is due to be prepared, and make the agendas of those that
    were opened earlier. Safe to repeat: what was done today is not done again, and a meeting that the office called off
    or moved is not opened once more on its old day.
    """
    today, calendar = clock.today(), Calendar()
    opened, made, refused = 0, 0, []
    arrangements = list(Arrangement.objects.filter(enabled=True, zone__active=True).select_related("zone"))
    given_up = opening.given_up([each.zone_id for each in arrangements], WEEKLY, today)
    for arranged in arrangements:
        if stopping():
            break
        held_on = filing.next_day(arranged, today + timedelta(days=1), calendar)
        if calendar.after(held_on, -1) > today:
            continue
        if held_on in given_up[arranged.zone_id] and opening.of_day(arranged.zone, WEEKLY, held_on) is None:
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


def _is_older(meeting: Meeting, day: date) -> bool:
    """Whether its agenda is from before `day`, and can still be made."""
    made = meeting.agenda_made_at
    return meeting.state == Meeting.State.PREPARING and (made is None or localtime(made).date() < day)
