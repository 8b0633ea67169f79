"""What stands in the database of the demonstration: numbers, accounts, and where to look first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count
from django.urls import reverse

from projects import statistics
from projects.alerts.models import Alert
from projects.models import Batch, Project
from projects.notices.models import Delivery
from projects.reports.models import Mention, Report
from tracker.demonstration import people
from zones.models import User
from zones.permissions import Role

LOOKS = 3


def summary() -> dict[str, Any]:
    """Live projects, their entries by batch and round (each project once, by its latest), open alerts by level, mails
    sent, who can sign in, and three pages worth opening with the project office's account.
    """
    live = Project.objects.live()
    return {
        "projects": live.count(),
        "entries": [_entry(row) for row in statistics.by_batch(live)],
        "alerts": _alerts(),
        "mails": Delivery._base_manager.filter(channel=Delivery.Channel.MAIL, state=Delivery.State.SENT).count(),
        "accounts": people.accounts(),
        "look_at": look_at(),
    }


def as_text(found: dict[str, Any]) -> str:
    """The summary as a person reads it."""
    alerts = found["alerts"]
    numbers = [f"项目 {found['projects']} 个", f"黄色预警 {alerts['yellow']} 条", f"红色预警 {alerts['red']} 条"]
    entries = [
        (Batch(row["batch"]).label, row["period"] or "期次不明", f"{row['count']} 项") for row in found["entries"]
    ]
    accounts = [(one["label"], one["zone"], one["username"], one["password"]) for one in found["accounts"]]
    looks = [(look["title"], look["path"]) for look in found["look_at"]]
    parts = ["，".join([*numbers, f"邮件 {found['mails']} 封"])]
    parts += [_titled(title, rows) for title, rows in (("入批", entries), ("账号", accounts), ("先看这几处", looks))]
    return "\n\n".join(parts)


def _entry(row: statistics.EntryCount) -> dict[str, Any]:
    return {"batch": row.batch, "period": f"第{row.number}期" if row.number else None, "count": row.count}


def _alerts() -> dict[str, int]:
    """Open alerts by level; the two levels of the published rules are always there."""
    opened = Alert._base_manager.filter(closed_on=None).order_by().values_list("level").annotate(n=Count("pk"))
    return {"yellow": 0, "red": 0} | dict(opened)


# ---- Where to look -------------------------------------------------------------------------------
def look_at() -> list[dict[str, str]]:
    """The pages that say most about what is there now; each opens for the project office's account."""
    guide = _guide()
    if guide is None:
        return []
    candidates = [*_alert(guide), *_project(guide), *_report(guide), *_always()]
    return [{"title": title, "path": path} for title, path in candidates[:LOOKS]]


def _guide() -> User | None:
    return User._base_manager.filter(
        is_demo=True, is_active=True, appointments__role=Role.COORDINATOR, appointments__ends=None
    ).first()


def _alert(guide: User) -> Iterator[tuple[str, str]]:
    opened = Alert.objects.visible_to(guide).filter(closed_on=None)
    alert = opened.select_related("project").order_by("-severity", "opened_on", "pk").first()
    if alert:
        yield f"{alert.label}：{alert.project}", reverse("admin:projects_alerts_alert_change", args=[alert.pk])


def _project(guide: User) -> Iterator[tuple[str, str]]:
    """The fullest file: a project with problems and with most steps."""
    projects = Project.objects.visible_to(guide).live().filter(problems__isnull=False)
    project = projects.annotate(steps=Count("milestones", distinct=True)).order_by("-steps", "pk").first()
    if project:
        yield f"一个项目的全部情况：{project}", reverse("admin:projects_project_change", args=[project.pk])


def _report(guide: User) -> Iterator[tuple[str, str]]:
    """One that waits for review, else one that disagrees with itself."""
    seen = Report.objects.visible_to(guide).order_by("pk")
    report = seen.filter(mentions__state=Mention.State.WAITING).first() or seen.filter(differences__open=True).first()
    if report:
        yield f"一篇报道，等着审核：{report}", reverse("admin:projects_reports_report_review", args=[report.pk])


def _always() -> Iterator[tuple[str, str]]:
    yield "工作台", reverse("admin:index")
    yield "项目", reverse("admin:projects_project_changelist")
    yield "预警规则", reverse("admin:projects_alerts_rule_changelist")


# ---- Columns -------------------------------------------------------------------------------------
def _titled(title: str, rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n  ".join([title, *(lines or ["没有"])])


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
