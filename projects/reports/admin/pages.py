"""Addresses below a report's own, `/admin/projects_reports/report/<pk>/…`: the page of the review and what it asks.

A view is given a report that the person may see: to anybody else it is not there (404). Each module registers its own
when it is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from projects.reports.models import Report
from zones.scoped.admin import NO_SUCH_ROW

View = Callable[[HttpRequest, Report], HttpResponse]

_registered: dict[str, tuple[str, View]] = {}


def register(name: str, route: str, view: View) -> None:
    """Give the view the address `<pk>/<route>/`, named `admin:projects_reports_report_<name>`."""
    _registered[name] = route, view


def url(name: str, report: Report | int) -> str:
    """The address of a registered view."""
    return reverse(f"admin:projects_reports_report_{name}", args=[report if isinstance(report, int) else report.pk])


def addresses(screen: Any) -> list[URLPattern]:
    """The address patterns of all registered views."""
    return [_address(screen, name, route, view) for name, (route, view) in _registered.items()]


def _address(screen: Any, name: str, route: str, view: View) -> URLPattern:
    def answer(request: HttpRequest, pk: int) -> HttpResponse:
        report = Report.objects.visible_to(request.user).select_related("zone", "source").filter(pk=pk).first()
        if report is None:
            raise Http404(NO_SUCH_ROW)
        return view(request, report)

    return path(f"<int:pk>/{route}/", screen.admin_site.admin_view(answer), name=f"projects_reports_report_{name}")
