"""What is stored of meetings."""

from projects.meetings.models.attachment import Attachment
from projects.meetings.models.decision import Decision, DecisionEvent
from projects.meetings.models.meeting import Arrangement, Meeting, MeetingEvent
from projects.meetings.models.minutes import Addendum, Minutes
from projects.meetings.models.topic import Topic
from projects.meetings.models.update import Mark, Saved, Update

__all__ = [
    "Addendum",
    "Arrangement",
    "Attachment",
    "Decision",
    "DecisionEvent",
    "Mark",
    "Meeting",
    "MeetingEvent",
    "Minutes",
    "Saved",
    "Topic",
    "Update",
]
