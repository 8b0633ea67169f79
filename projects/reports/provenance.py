"""Where a project's values come from: the words of the reports, with the value in them, on the project's own page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest, Substr
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from projects.models import Claim, Entry, Project
from projects.reports import display as shown
from projects.reports.models import Mention, Report

AROUND: Final = 28  # characters before and behind the words
MOST: Final = 60
ORDER: Final = {field: at for at, field in enumerate(Claim.Field.values)}


@dataclass(frozen=True, slots=True)
class Words:
    """A value of the project and the words it was read from; `url` leads to them in the report."""

    what: str
    value: str
    before: str
    said: str
    after: str
    report: str
    url: str
    note: str
    chosen: bool


def panel(request: HttpRequest, project: Project) -> SafeString:
    """The panel of a project's page; "" where no report that the person may see says anything of it."""
    found = words_of(project, request.user)
    return render_to_string("projects_reports/provenance.html", {"words": found}) if found else SafeString("")


def words_of(project: Project, user: Any) -> list[Words]:
    """Every value that a report states of the project, as far as `user` may see the report, with its words."""
    reports = {one.source_id: one for one in _reports(project, user)}
    if not reports:
        return []
    claims = [*_placed(project.claims.all(), reports)]
    claims.sort(key=lambda row: (ORDER[row.field], row.certainty, not row.chosen, row.pk))
    entries = _placed(project.entries.select_related("period"), reports)
    mentions = list(Mention.objects.filter(project=project, report__in=[one.pk for one in reports.values()]))
    return [_words(row, reports[row.source_id], mentions) for row in [*claims, *entries][:MOST]]


def _reports(project: Project, user: Any) -> QuerySet[Report]:
    return Report.objects.visible_to(user).filter(mentions__project=project).distinct().defer("text")


def _placed(rows: Any, reports: Iterable[int]) -> Any:
    """Rows with their place in a report, and the words around it: the text itself may be as long as a book."""
    here = rows.filter(source__in=reports, start__isnull=False).order_by("pk")
    first = Greatest(F("start") - AROUND, Value(0))
    around = Substr("source__report__text", first + 1, F("end") - first + AROUND)
    return here.annotate(around=around)[:MOST]


def _words(row: Claim | Entry, report: Report, mentions: list[Mention]) -> Words:
    around: str = getattr(row, "around", "") or ""
    start, end = row.start or 0, row.end or 0
    lead = start - max(start - AROUND, 0)
    what, value, note, chosen = _told(row)
    return Words(
        what=what,
        value=value,
        before=_line(around[:lead]),
        said=_line(around[lead : lead + end - start]),
        after=_line(around[lead + end - start :]),
        report=f"《{report}》{shown.published(report) if report.published_last else ''}",
        url=_url(report, mentions, start, end),
        note=note,
        chosen=chosen,
    )


def _told(row: Claim | Entry) -> tuple[str, str, str, bool]:
    """What it is, its value, its note, and whether it counts."""
    if isinstance(row, Entry):
        return "入批", str(row), "", row.left_on is None
    label = row.get_field_display()
    planned = row.certainty == Claim.Certainty.PLANNED
    return f"计划{label}" if planned else label, row.shown, row.note, row.chosen


def _line(text: str) -> str:
    return "".join(text.removeprefix("\ufeff").split())


def _url(report: Report, mentions: list[Mention], start: int, end: int) -> str:
    """The page of the review, at the record that the words belong to, with the value framed."""
    own = [one for one in mentions if one.report_id == report.pk]
    held = [(one, field) for one in own for place, field in _places(one) if place == (start, end)]
    page = reverse("admin:projects_reports_report_review", args=[report.pk])
    if held:
        return f"{page}#m{held[0][0].pk}.{held[0][1]}"
    return f"{page}#m{own[0].pk}" if own else page


def _places(mention: Mention) -> Iterator[tuple[tuple[int, int], str]]:
    """Where each value of a mention stands, and its name on the page of the review."""
    yield (mention.start, mention.end), "name"
    for name, value in mention.stated.items():
        for one in value if isinstance(value, list) else [value]:
            yield (one["start"], one["end"]), shown.date_field(one) if name == "dates" else name
