"""The officials' screens of reports: what was read, where it does not agree, and the button that accepts it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.decorators import display

from projects.admin.filters import ChoiceFilter
from projects.intake.admin.sending import may_send
from projects.models import Project
from projects.reports import acceptance, acts, notes, outstanding, reconciling, review
from projects.reports import display as shown
from projects.reports.admin import pages, uploading
from projects.reports.admin.parts import STATE_COLOURS
from projects.reports.models import Difference, Figure, Mention, Report
from zones.scoped.admin import NO_SUCH_ROW, ReadOnlyAdmin, can_write

MAY_NOT_ACCEPT = "您没有权限采纳这篇报道，请联系所属区域的项目办"
MOST_NOTES = 10  # told at once; all of them stay on the page


class PendingFilter(ChoiceFilter):
    """Reports by what waits in them."""

    title = "待处理"
    parameter_name = "pending"
    offered: ClassVar = [
        ("any", "有待处理的"),
        ("mention", "有待审核的提及"),
        ("proposal", "有重读建议"),
        ("doubt", "有待处理的不一致"),
        ("total", "有未说明的总数"),
        ("none", "都已处理"),
    ]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        if chosen in outstanding.KINDS:
            return rows.filter(outstanding.having(chosen))
        return rows.filter(outstanding.pending()) if chosen == "any" else rows.exclude(outstanding.pending())


def _number(rows: QuerySet[Any]) -> Subquery:
    """How many of `rows` a report has; its own subquery, so that counting the list does not count these."""
    counted = rows.filter(report=OuterRef("pk")).order_by().values("report").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Reports, the newest first. Titles lead to the review; the page of a report does the same without scripts."""

    list_display = (
        *("headline", "zone", "date", "mentioned", "totals"),
        *("waiting", "proposed", "doubtful", "untold", "way"),
    )
    list_display_links = None
    list_filter = (PendingFilter, "zone")
    search_fields = ("title", "file_name", "mentions__name")
    list_select_related = ("zone",)
    ordering = ("-read_at", "-pk")
    fields = ("title", "zone", "file_name", "read_at")
    change_form_template = "admin/projects_reports/report/change_form.html"
    list_before_template = "projects_reports/list_head.html"

    class Media:
        css = {"all": ("projects_reports/report.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return (
            super()
            .get_queryset(request)
            .defer("text")  # a megabyte a row, and no list shows it
            .annotate(
                named_n=_number(Mention.objects.all()),
                totals_n=_number(Figure.objects.all()),
                **{f"{kind}_n": _number(rows()) for kind, rows in outstanding.KINDS.items()},
            )
        )

    @display(description="标题", ordering="title")
    def headline(self, report: Report) -> SafeString:
        return format_html('<a class="tk-link tk-name" href="{}">{}</a>', pages.url("review", report), report)

    @display(description="日期", ordering="published_last")
    def date(self, report: Report) -> str:
        return shown.published(report)

    @display(description="项目", ordering="named_n")
    def mentioned(self, report: Any) -> int:
        return report.named_n or 0

    @display(description="数据", ordering="totals_n")
    def totals(self, report: Any) -> int:
        return report.totals_n or 0

    @display(description="待审核", ordering="mention_n")
    def waiting(self, report: Any) -> int:
        return report.mention_n or 0

    @display(description="重读建议", ordering="proposal_n")
    def proposed(self, report: Any) -> int:
        return report.proposal_n or 0

    @display(description="待处理的不一致", ordering="doubt_n", label={"0": "success", "open": "danger"})
    def doubtful(self, report: Any) -> tuple[str, str]:
        number = report.doubt_n or 0
        return ("open" if number else "0", f"{number}")

    @display(description="未说明的总数", ordering="total_n")
    def untold(self, report: Any) -> int:
        return report.total_n or 0

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"may_send": may_send(request), **(extra_context or {})})

    @display(description="处理")
    def way(self, report: Any) -> SafeString:
        words = "审核" if any(getattr(report, f"{kind}_n") for kind in outstanding.MUST) else "查看"
        return format_html('<a class="tk-link" href="{}">{}</a>', pages.url("review", report), words)

    # -- the page
    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        report = kwargs.get("obj") or (args[3] if len(args) > 3 else None)
        if report is not None:
            context.update(self._page(request, report))
        return super().render_change_form(request, context, *args, **kwargs)

    def _page(self, request: HttpRequest, report: Report) -> dict[str, Any]:
        mentions = list(report.mentions.select_related("decided_by"))
        figures = list(report.figures.all())
        differences = list(report.differences.select_related("resolved_by"))
        undecided = sum(one.state in acceptance.OPEN for one in mentions)
        may_write = can_write(request, report)
        cards = _cards(request, report, mentions, may_write)
        totals = {line.figure.pk: _total(line, may_write) for line in reconciling.lines(report, request.user)}
        return {
            "report": report,
            "published": shown.published(report),
            "parts": list(shown.parts(report, mentions, figures, differences)),
            "cut_at": shown.LONGEST_SHOWN if len(report.text) > shown.LONGEST_SHOWN else None,
            "cards": cards,
            "to_look_at": [(card["anchor"], note) for card in cards for note in card["notes"]],
            "figures": [(one, shown.lines(one, report), totals.get(one.pk)) for one in figures],
            "doubts": [(one, acts.url(acts.SETTLE, one) if may_write else "") for one in differences if one.open],
            "settled": [(one, _settled_by(one)) for one in differences if not one.open],
            "waiting": undecided,
            "may_accept": bool(undecided) and may_write,
            "accept_url": reverse("admin:projects_reports_report_accept", args=[report.pk]),
            "review_url": pages.url("review", report),
        }

    # -- accepting
    def get_urls(self) -> list[URLPattern]:
        accept = self.admin_site.admin_view(self.accept_view)
        accepting = path("<int:pk>/accept/", accept, name="projects_reports_report_accept")
        return [accepting, *pages.addresses(self), *uploading.ReportSending(self).addresses(), *super().get_urls()]

    @method_decorator(require_POST)
    def accept_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.get_queryset(request).filter(pk=pk).first()
        if report is None:
            raise Http404(NO_SUCH_ROW)
        if not can_write(request, report):
            raise PermissionDenied(MAY_NOT_ACCEPT)
        try:
            done = acceptance.accept(report, by=request.user)
        except ValidationError as refused:
            messages.error(request, f"没有采纳：{'；'.join(refused.messages)}。请再试一次。")
        else:
            messages.success(request, f"{done.sentence}。")
            _tell(request, done.notes)
        return HttpResponseRedirect(reverse("admin:projects_reports_report_change", args=[report.pk]))


def _tell(request: HttpRequest, told: list[str]) -> None:
    for note in told[:MOST_NOTES]:
        messages.warning(request, f"{note}。")
    if len(told) > MOST_NOTES:
        messages.warning(request, f"另有 {len(told) - MOST_NOTES} 条提醒，全部列在下面的“需要人工核对”里。")


def _cards(request: HttpRequest, report: Report, mentions: list[Mention], may_write: bool) -> list[dict[str, Any]]:
    """The mentions beside the text. A project of another office is not named and not linked."""
    named = {one.project_id for one in mentions if one.project_id} | notes.meant(mentions)
    rows = Project.objects.visible_to(request.user).filter(pk__in=named)
    seen: dict[int, str] = dict(rows.values_list("pk", "name"))
    return [
        {
            "mention": one,
            "anchor": shown.anchor(one),
            "state": one.get_state_display(),
            "colour": STATE_COLOURS[one.get_state_display()],
            "batch": shown.batch_words(one),
            "lines": shown.lines(one, report),
            "notes": notes.sentences(one, seen),
            "refused": f"{one.reason}{_signed(one.decided_by, one.decided_on)}"
            if one.state == Mention.State.REFUSED
            else "",
            "url": _project_url(one) if one.project_id in seen else "",
            "decide_url": acts.url(acts.DECIDE, one) if may_write and one.state in review.UNDECIDED else "",
        }
        for one in mentions
    ]


def _total(line: reconciling.Line, may_write: bool) -> dict[str, str]:
    figure = line.figure
    signed = _signed(figure.answered_by, figure.answered_on)
    return {
        "sentence": line.sentence,
        "answer": f"{figure.answer}{signed}" if figure.answer else "",
        "answer_url": acts.url(acts.ANSWER, figure) if may_write else "",
    }


def _settled_by(difference: Difference) -> str:
    if not difference.resolution:
        return ""
    return f"{difference.resolution}{_signed(difference.resolved_by, difference.resolved_on)}"


def _signed(user: Any, day: date | None) -> str:
    words = [str(word) for word in (user, day) if word]
    return f"（{'，'.join(words)}）" if words else ""


def _project_url(mention: Mention) -> str:
    return reverse("admin:projects_project_change", args=[mention.project_id])
