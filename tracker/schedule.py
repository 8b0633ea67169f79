"""When things happen by themselves. Hours are those of Asia/Shanghai.

What is due stands in the database as jobs; the scheduler's only entry is the tick that looks at this timetable. Its
message expires before the next one, so that a broker without workers does not pile them up.
"""

from datetime import time, timedelta
from typing import Any

from projects.jobs.timetable import Daily, Entry, Every

TIMETABLE: list[Entry] = [
    Daily("clear_uploads", at=time(3, 30)),
    Daily("scan", at=time(5, 30)),
    # Every morning, after the scan: each zone has its own day, and only what is due is done.
    Daily("open_meetings", at=time(6, 30)),
    Every("send", period=timedelta(minutes=1)),
]


def beat_schedule(tick_seconds: int) -> dict[str, dict[str, Any]]:
    """The one entry of the scheduler: look at the timetable every `tick_seconds`."""
    tick = {"task": "projects.jobs.tasks.tick", "schedule": float(tick_seconds), "options": {"expires": tick_seconds}}
    return {"tick": tick}
