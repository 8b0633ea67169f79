"""The page itself: a shell, and everything that it shows as data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from projects import money, names, standings
from projects.admin import columns
from projects.meetings import agenda, numbers, rows, saving, selecting
from projects.meetings.admin import pages
from projects.meetings.models import Meeting, Update
from projects.models import Problem
from zones import clock
from zones.permissions import Action, may

SHORT: Final = {"amount": "年内累计投资", "total": "自开工累计"}
"""How figures are called over their cells, where there is little room."""
LIGHTS: Final = ("red", "orange", "yellow", "blue")


def page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The meeting as it stands. A constant number of statements."""
    user: Any = request.user
    context = {"meeting": meeting, "title": str(meeting), "data": whole(user, meeting)}
    answer = TemplateResponse(request, "projects_meetings/run.html", context)
    answer.headers["Cache-Control"] = "no-store"  # going back must not show what stood here an hour ago
    return answer


def whole(user: Any, meeting: Meeting) -> dict[str, Any]:
    """All that the page shows."""
    return {
        # Read first: what is saved while the rest is read comes once more with the changes.
        "at": last_save(meeting),
        "user": {"id": user.pk, "name": str(user)},
        "today": clock.today().isoformat(),
        "meeting": heading(user, meeting),
        "sections": [{"code": code, "title": str(title)} for code, title in Update.Section.choices],
        "rows": rows.of(meeting, user),
        "decisions": rows.decisions_of(meeting, user),
        "earlier": rows.earlier_of(meeting, user),
        "topics": rows.topics_of(meeting, user),
        "overview": overview(meeting),
        "labels": saving.LABELS | SHORT,
        "notes": {name: label for name, (label, _) in saving.NOTES.items()},
        "categories": [
            {"id": code, "name": str(label), "initials": names.initials(str(label))}
            for code, label in Problem.Category.choices
        ],
        "urls": {name: pages.url(name, meeting) for name in ("save", "changes", "choices")}
        | {
            "back": reverse("admin:projects_meetings_meeting_changelist"),
            "login": reverse("admin:login"),
            "home": reverse("admin:index"),
        },
    }


def heading(user: Any, meeting: Meeting) -> dict[str, Any]:
    """The meeting's own facts, and what the person may do in it."""
    return {
        "id": meeting.pk,
        "title": str(meeting),
        "held_on": meeting.held_on.isoformat(),
        "day": _day(meeting.held_on),
        "kind": meeting.kind,
        "state": meeting.state,
        "state_label": meeting.get_state_display(),
        "going": meeting.is_going,
        "early": meeting.held_on > clock.today(),
        "runs": may(user, Action.RUN_MEETING, meeting),
        "notes": _notes(user, meeting),
        "minutes": minutes_of(user, meeting),
    }


def _notes(user: Any, meeting: Meeting) -> dict[str, str]:
    notes = saving.notes_of(meeting)
    return notes if selecting.works_on(user, meeting) else notes | dict.fromkeys(saving.INTERNAL, "")


def minutes_of(user: Any, meeting: Meeting) -> dict[str, Any] | None:
    """The minutes, once the meeting is over; the draft only for those who work on it."""
    found = selecting.issued_minutes(user).filter(meeting=meeting).first() if meeting.is_over else None
    if found is None:
        return None
    return {
        "title": found.title,
        "background": found.background,
        "body": found.body,
        "remarks": found.remarks,
        "url": reverse("admin:projects_meetings_minutes_change", args=[found.pk]),
    }


def overview(meeting: Meeting) -> dict[str, Any]:
    """The zone's numbers when the agenda was made, as tiles, and what changed since the last meeting of its kind."""
    kept = meeting.numbers
    last = agenda.previous(meeting)
    return {
        "tiles": list(_tiles(kept)) if kept else [],
        "changes": numbers.changes(last.numbers, kept) if last and last.numbers and kept else [],
        "since": last.held_on.isoformat() if last else None,
    }


def last_save(meeting: Meeting) -> int:
    """The number of the last save in the meeting; 0 before the first."""
    return meeting.saves.aggregate(last=Max("pk"))["last"] or 0


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"


def _tiles(kept: dict[str, Any]) -> Iterable[dict[str, str]]:
    told = kept["investment"]
    plan, done, elapsed = told["plan"], told["done"], told["elapsed"]
    yield _tile("在推进项目", f"{kept['projects']} 个")
    if plan:
        lag = standings.hundredths(elapsed - 12 * done, 12 * plan)
        until = date.fromisoformat(told["months"][-1]) if told["months"] else None
        of = f"截至{until.month}月底，" if until else ""
        yield _tile("年内完成投资", columns.brief(done), f"{of}年度计划 {money.show(plan, places=2)}")
        yield _tile("占年度计划", columns.percent(done, plan), f"对照时序{columns.lag(lag)}", late=lag > 0)
    lit = [light for light in kept["lights"] if light["code"] in LIGHTS]
    yield _tile(
        "预警项目",
        f"{sum(light['count'] for light in lit)} 个",
        "，".join(f"{light['label']} {light['count']}" for light in lit),
        late=any(light["code"] == "red" for light in lit),
    )
    yield _tile("未解决问题", f"{kept['problems']} 个")
    overdue = kept["overdue_decisions"]
    yield _tile("逾期议定事项", f"{overdue} 件", late=overdue > 0)


def _tile(label: str, value: str, below: str = "", *, late: bool = False) -> dict[str, Any]:
    return {"label": label, "value": value, "below": below, "late": late}
