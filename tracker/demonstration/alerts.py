"""What was done about the alerts of the first week of July: scanned, answered, exempted, handed in for approval.

All invented; a project that is not there is left out.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from projects.alerts import answering, closing, exempting, scan
from projects.alerts.models import Alert
from tracker.demonstration import files
from zones.models import User

FIXTURE = "demonstration/alerts.json"


def days() -> dict[date, list[dict[str, Any]]]:
    """What is done on which day."""
    return {date.fromisoformat(row["on"]): row["acts"] for row in files.load(FIXTURE)["days"]}


def live(day: date, acts: list[dict[str, Any]]) -> None:
    """The scan of a day, which is today, and what is done after it."""
    users = {user.username: user for user in User._base_manager.filter(is_demo=True)}
    scan.scan(day, listing=False)
    for told in acts:
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
