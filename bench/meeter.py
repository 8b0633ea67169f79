"""Prepares and closes the meetings that are measured: each order a process, its answer one line of JSON."""

import json
import secrets
import string
import sys
import time
from datetime import timedelta
from typing import Any

import django


def main() -> None:
    django.setup()
    order, *rest = sys.argv[1:]
    told = opened(*rest) if order == "open" else closed(*rest)
    sys.stdout.write(json.dumps(told) + "\n")


def opened(zone_key: str, decisions: str) -> dict[str, Any]:
    """A meeting of the zone that is going on, with its decisions, after one of last week that was issued."""
    from django.conf import settings

    from projects.meetings import closing, issuing, opening
    from zones import clock
    from zones.models import Appointment, Zone
    from zones.permissions import Role

    zone = Zone.objects.get(pk=zone_key)
    held = {role: Appointment.objects.filter(zone=zone, role=role).first() for role in Role}
    office, leader = (row.user for role in (Role.COORDINATOR, Role.LEADER) if (row := held[role]))
    office.is_staff = True
    office.save(update_fields=["is_staff"])
    today = clock.today()
    settings.TRACKER_TODAY = today - timedelta(days=7)
    last = meeting_with(zone, office, int(decisions))
    issuing.issue(closing.close(last, office), leader)
    settings.TRACKER_TODAY = today
    meeting = opening.start(meeting_with(zone, office, int(decisions)), by=office)
    csrf = "".join(secrets.choice(string.ascii_letters) for _ in range(32))
    return {
        "meeting": meeting.pk,
        "rows": list(meeting.updates.order_by("place").values_list("pk", flat=True)),
        "user": office.pk,
        "session": signed_in(office),
        "csrf": csrf,
        "day": today.isoformat(),
    }


def meeting_with(zone: Any, office: Any, decisions: int) -> Any:
    from projects.meetings import deciding, opening
    from zones import clock
    from zones.models import Department

    meeting, _ = opening.open_meeting(zone, clock.today(), by=office)
    units = list(Department.objects.filter(zone=zone))
    projects = [row.project for row in meeting.updates.select_related("project").order_by("place")]
    for number in range(decisions):
        deciding.decide(
            meeting,
            f"第 {number + 1} 件：完成前期手续，具备开工条件",
            project=projects[number % len(projects)],
            lead=units[number % len(units)],
            deadline=clock.today() + timedelta(days=number % 14),
            by=office,
        )
    return meeting


def signed_in(user: Any) -> str:
    """The key of a session of the person."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def closed(meeting_key: str) -> dict[str, Any]:
    """Close it; seconds for the draft and the Word file."""
    import docx  # noqa: F401  (read once in the life of a process)

    from projects.meetings import closing, issuing
    from projects.meetings.models import Meeting

    meeting = Meeting.objects.get(pk=meeting_key)
    begun = time.monotonic()
    minutes = closing.close(meeting, meeting.created_by)
    word = issuing.word_of(minutes)
    taken = time.monotonic() - begun
    return {"seconds": taken, "decisions": meeting.decisions.count(), "bytes": len(word)}


if __name__ == "__main__":
    main()
