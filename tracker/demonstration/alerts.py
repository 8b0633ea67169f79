"""What was done about the alerts of the first week of July: scanned, answered, exempted, handed in for approval.

All invented. It happens once, to a database in which nothing was ever scanned; a project that is not there is left out.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from projects.alerts import answering, closing, exempting, scan
from projects.alerts.models import Alert, ScanRun
from tracker.demonstration import days, files
from zones.models import User

FIXTURE = "demonstration/alerts.json"


def live() -> None:
    """Live through the days of the fixture, each with its scan first."""
    if ScanRun._base_manager.exists():
        return
    users = {user.username: user for user in User._base_manager.filter(is_demo=True)}
    for row in files.load(FIXTURE)["days"]:
        day = date.fromisoformat(row["on"])
        with days.on(day):
            scan.scan(day, listing=False)
            for told in row["acts"]:
                _act(told, users)


def _act(told: dict[str, Any], users: dict[str, User]) -> None:
    alert = Alert.objects.open().filter(project__name=told["project"], rule__code=told["rule"]).first()
    if alert is None:
        return
    by, words = users[told["by"]], told.get("words", {})
    match told["act"]:
        case "acknowledge":
            answering.acknowledge(alert, by=by, **words)
        case "answer":
            answering.answer(alert, by=by, **words | {"expected_on": date.fromisoformat(words["expected_on"])})
        case "ask_exemption":
            exempting.ask(alert, by=by, **words | {"ends": date.fromisoformat(words["ends"])})
        case "approve_exemption":
            exempting.approve(alert.exemptions.get(), by=by, **words)
        case "ask_closing":
            closing.ask(alert, by=by, **words)
        case other:
            raise ValueError(f"no such act: {other}")
