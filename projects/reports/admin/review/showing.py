"""The page itself: a shell, and everything that it shows as data."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from projects.reports import corrections
from projects.reports import display as shown
from projects.reports.admin import pages
from projects.reports.admin.review.rows import Rows
from projects.reports.models import Report
from zones.scoped.admin import can_write

LONGEST: Final = 400_000
"""Characters of a report on the page: a thick book; the records of what stands behind are shown all the same."""
REASONS: Final = ("不是投资项目", "不属于本区域", "只是设想，还没有项目", "与已登记的项目重复", "读取有误")
"""Why mentions are mostly refused; any other reason can be typed."""
HINTS: Final = {
    "amount": "如 12亿元、6000万元、3亿—5亿元",
    "foreign": "如 3000万美元",
    "annual_plan": "如 6000万元",
    "completed": "如 1.9亿元",
    "period": "如 5",
    "signed": "如 2023年6月、2023-06-06",
}


def page(request: HttpRequest, report: Report) -> HttpResponse:
    """The report as it stands. A constant number of statements."""
    cut_at = LONGEST if len(report.text) > LONGEST else None
    context = {"report": report, "title": f"审核 {report}", "data": whole(request, report), "cut_at": cut_at}
    answer = TemplateResponse(request, "projects_reports/review.html", context)
    answer.headers["Cache-Control"] = "no-store"  # going back must not show what stood here an hour ago
    return answer


def whole(request: HttpRequest, report: Report) -> dict[str, Any]:
    """All that the page shows."""
    user: Any = request.user
    writes = can_write(request, report)
    return {
        "user": {"id": user.pk, "name": str(user)},
        "report": {
            "id": report.pk,
            "title": str(report),
            "zone": report.zone.name,
            "published": f"日期：{shown.published(report)}",
            "writes": writes,
        },
        "text": report.text[:LONGEST],
        "fields": fields(),
        "reasons": REASONS,
        "urls": {name: pages.url(name, report) for name in ("save", "changes", "search")}
        | {"login": reverse("admin:login"), "home": reverse("admin:index")},
        **Rows(report, user, writes=writes).whole(),
    }


def fields() -> list[dict[str, Any]]:
    """What can be corrected: name, label, an example, and the words to choose from where there are only some; what is
    `rare` is shown where it has a value.
    """
    choices: dict[str, list[tuple[str, str]]] = {
        "batch": [("", "不入批"), *((words, words) for words in corrections.BATCHES.values())],
        "status": [("", "未写明"), *((words, words) for words in corrections.STATUSES)],
    }
    return [
        {
            "name": name,
            "label": label,
            "hint": HINTS.get(name, ""),
            "choices": choices.get(name),
            "rare": name in ("foreign", "zone", *corrections.DAYS),
        }
        for name, label in corrections.LABELS.items()
    ]
