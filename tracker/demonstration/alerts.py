"""What was done about the alerts of the first week of July: scanned, answered, exempted, handed in for approval.

All invented; a project that is not there is left out.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from projects.alerts import answering, closing, exempting, scan
from projects.alerts.letters import drafting, issuing, replying
from projects.alerts.models import Alert, Letterhead
from tracker.demonstration import files
from zones.models import User, Zone

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
        case "letter":
            _letter(told, alert, users)
        case other:
            raise ValueError(f"no such act: {other}")


def _letter(told: dict[str, Any], alert: Alert, users: dict[str, User]) -> None:
    """A letter that is drafted and handed in; issued by a leader and received, where that is told."""
    head = _head(files.load(FIXTURE)["head"])
    by = users[told["by"]]
    unit, *_ = [*drafting.units_of([alert]), None]
    letter = drafting.draft([alert], kind=told["kind"], head=head, by=by, department=unit)
    letter = issuing.submit(letter, by=by)
    if "issued_by" in told:
        letter = issuing.issue(letter, by=users[told["issued_by"]])
    if "received_by" in told:
        replying.receive(letter, by=users[told["received_by"]])


def _head(told: dict[str, Any]) -> Letterhead:
    zone = Zone._base_manager.get(code=told["zone"])
    known = Letterhead._base_manager.filter(zone=zone).first()
    if known:
        return known
    head = Letterhead(zone=zone, **{name: told[name] for name in told if name != "zone"})
    head.full_clean()
    head.save()
    return head
