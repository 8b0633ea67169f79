"""月报填报: one month of all of a person's projects on one screen.

Every project is a card of its own, saved and submitted by itself: what is wrong with one keeps none of the others
back, and what is typed stays on the page until it is saved. The whole page is one form, so that it works without the
script; `static/tracker/returns.js` sends a single card and gets that card back.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from projects.admin import columns, monthly
from projects.admin.filling.cards import Card, cards, judge
from projects.admin.filling.saving import carry_out, tell
from projects.forms.returns import in_ten_thousands
from projects.models import Project, Return
from zones import clock
from zones.scoped.querysets import may_write_somewhere

Status = Return.Status
BY_SCRIPT: Final = "returns.js"
NOT_YOURS: Final = "没有这个项目，或者它不是您填报的"
WHAT_IS_LEFT: Final = Case(
    When(filed__status=Status.RETURNED, then=Value(0)),
    When(Q(filed=None) | Q(filed__status=Status.DRAFT), owed=True, then=Value(1)),
    When(filed__status=Status.DRAFT, then=Value(2)),
    When(filed__status=Status.SUBMITTED, then=Value(3)),
    When(filed__status=Status.REVIEWED, then=Value(4)),
    default=Value(5),
    output_field=IntegerField(),
)
"""What was sent back first, then what is still to be reported, then what is done."""


def page(screen: Any, request: HttpRequest) -> HttpResponse:
    """Show the month, or carry out what was asked of some of its cards."""
    if not may_write_somewhere(Return, request.user):
        raise PermissionDenied
    month = monthly.month_asked(request)
    if request.method != "POST":
        found = _page(request, month)
        return _shown(screen, request, month, found, cards(request, month, found.object_list))
    posted = _posted(request, month)
    carry_out(request, month, posted)
    if request.headers.get("X-Requested-With") == BY_SCRIPT:
        return JsonResponse({"cards": {str(card.key): _html(request, month, card) for card in posted.values()}})
    tell(request, month, posted.values())
    if not any(card.is_unfinished for card in posted.values()):
        return HttpResponseRedirect(request.get_full_path())
    found = _page(request, month)
    others = [project for project in found.object_list if project.pk not in posted]
    rest = {card.key: card for card in cards(request, month, others)} | posted
    on_page = [rest.pop(project.pk) for project in found.object_list]
    # What is unfinished is shown even where the filter of the address no longer selects it.
    return _shown(screen, request, month, found, [*(card for card in rest.values() if card.is_unfinished), *on_page])


def check(request: HttpRequest) -> HttpResponse:
    """What the checks say of a card as it is typed, and what could be filled in. Nothing is written."""
    if not may_write_somewhere(Return, request.user):
        raise PermissionDenied
    posted = _posted(request, monthly.month_asked(request))
    if not posted:
        return JsonResponse({"error": NOT_YOURS}, status=404)
    card = next(iter(posted.values()))
    judge(card)
    return JsonResponse(
        {
            "findings": [
                {"kind": each.kind, "sentence": each.sentence, "fields": each.fields} for each in card.findings
            ],
            "proposed": {name: in_ten_thousands(value) for name, value in card.proposed.items()},
            "errors": {name: [str(e) for e in each] for name, each in card.form.errors.items()},
        }
    )


def _mine(request: HttpRequest, month: date) -> QuerySet[Any]:
    rows = monthly.of_month(Project.objects.writable_by(request.user), month)
    return rows.order_by(WHAT_IS_LEFT, "zone__path", "serial", "pk")


def _page(request: HttpRequest, month: date) -> Page[Any]:
    return monthly.paged(monthly.narrowed(_mine(request, month), request), request)


def _posted(request: HttpRequest, month: date) -> dict[int, Card]:
    """The cards that were sent, as far as they are the person's to write."""
    projects = _mine(request, month).filter(pk__in=monthly.whole(request.POST.getlist("rows")))
    return {card.key: card for card in cards(request, month, projects, request.POST)}


def _html(request: HttpRequest, month: date, card: Card) -> str:
    return render_to_string("admin/projects/returns/card.html", {"card": card, "month": month}, request)


def _shown(screen: Any, request: HttpRequest, month: date, found: Page[Any], made: list[Card]) -> HttpResponse:
    mine = _mine(request, month)
    context = {
        **screen.admin_site.each_context(request),
        "title": "月报填报",
        "month": month,
        "months": monthly.months(clock.today()),
        "cards": made,
        "found": found,
        "statuses": monthly.STATUSES,
        "status": request.GET.get("status", ""),
        "units": monthly.units(request, mine),
        "unit": request.GET.get("unit", ""),
        "query": monthly.query_without_page(request),
        "late": None,
        "any_open": any(card.is_open for card in made),
        "check_url": columns.page("return_check"),
    }
    return TemplateResponse(request, "admin/projects/returns/fill.html", context)
