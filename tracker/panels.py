"""Panels of rooms above on the core's pages. Only the roof knows both sides."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from projects import panels
from projects.admin import columns
from zones import clock


def register() -> None:
    """Put every panel in its place; called once, when the apps are ready."""
    panels.register("alerts", "预警", alerts_of)
    panels.register("words", "原文出处", words_of)
    panels.register("cells", "台账出处", cells_of)
    panels.register("report", "原文", report_of, on="source")
    panels.register("ledger", "台账", ledger_of, on="source")


def alerts_of(request: HttpRequest, project: Any) -> SafeString:
    """Open alerts of the project, each with its sentence, and the latest closed ones. Two statements."""
    from projects.alerts import episodes
    from projects.alerts.admin import saying

    held, past = episodes.alerts_of(project, request.user)
    if not held and not past:
        return SafeString("")
    today = clock.today()
    shown = [
        (columns.light(row.level, row.label, row.colour), row, alert_url(row), saying.state(row, today)) for row in held
    ]
    return render_to_string("admin/projects/alerts_panel.html", {"held": shown, "past": past})


def alert_url(alert: Any) -> str:
    """The page that explains an alert."""
    return reverse("admin:projects_alerts_alert_change", args=[alert.pk])


def words_of(request: HttpRequest, project: Any) -> SafeString:
    """The words of reports that the project's values were read from."""
    from projects.reports import provenance

    return provenance.panel(request, project)


def cells_of(request: HttpRequest, project: Any) -> SafeString:
    """The cells of ledgers that the project's values were read from."""
    from projects.ledgers import provenance

    return provenance.panel(request, project)


def ledger_of(request: HttpRequest, source: Any) -> SafeString:
    """The ledger that a source is, one click away. One statement."""
    from projects.ledgers import provenance
    from projects.ledgers.models import Ledger

    ledger = Ledger.objects.visible_to(request.user).filter(source=source).first()
    if ledger is None:
        return SafeString("")
    return format_html('<a class="tk-link" href="{}">查看台账和每一行的导入结果</a>', provenance.url(ledger))


def report_of(request: HttpRequest, source: Any) -> SafeString:
    """The report that a source is, one click away. One statement."""
    from projects.reports.models import Report

    report = Report.objects.visible_to(request.user).filter(source=source).first()
    if report is None:
        return SafeString("")
    url = reverse("admin:projects_reports_report_review", args=[report.pk])
    return format_html('<a class="tk-link" href="{}">查看原文和读出的项目</a>', url)
