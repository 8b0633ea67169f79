"""导出更新后的台账: an imported ledger in the layout it came in, looked at before it is downloaded."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from projects.files import serving
from projects.intake.refusals import Refused
from projects.ledgers.exporting import giving, own
from projects.ledgers.exporting.telling import months
from projects.ledgers.models import Ledger
from zones.scoped.admin import NO_SUCH_ROW

CSV: Final = "text/csv; charset=utf-8"
LOOKED_AT: Final = 3_000  # rows of a ledger that is gone through to be looked at
SHOWN: Final = 200  # changes


class GivingForm(forms.Form):
    """Which month, and what beside it."""

    month = forms.ChoiceField(label="更新到", widget=UnfoldAdminSelectWidget)
    adding = forms.BooleanField(
        label="加上导入以后新建的项目", required=False, widget=UnfoldBooleanSwitchWidget, help_text="加在各组末尾"
    )
    internal = forms.BooleanField(label="内部版（每页印水印）", required=False, widget=UnfoldBooleanSwitchWidget)

    def __init__(self, data: Any, ledger: Ledger) -> None:
        usual = own.usual_month(ledger)
        first = {"month": f"{usual.last:%Y-%m}", "adding": "on"}
        super().__init__(data if "month" in data else first)
        chosen: Any = self.fields["month"]
        chosen.choices = months(usual.last)


def addresses(screen: Any) -> list[URLPattern]:
    """`ledger/<pk>/` to look at, `ledger/<pk>/file/` to download."""
    wrap = screen.admin_site.admin_view

    def page(request: HttpRequest, pk: int) -> HttpResponse:
        return _page(screen, request, _found(request, pk))

    def file(request: HttpRequest, pk: int) -> StreamingHttpResponse | HttpResponse:
        return _file(request, _found(request, pk))

    return [
        path("ledger/<int:pk>/", wrap(page), name="projects_ledgers_dispatch_ledger"),
        path("ledger/<int:pk>/file/", wrap(file), name="projects_ledgers_dispatch_ledger_file"),
    ]


def _found(request: HttpRequest, pk: int) -> Ledger:
    ledger = Ledger.objects.visible_to(request.user).select_related("zone", "upload").filter(pk=pk).first()
    if ledger is None or ledger.state != Ledger.State.IMPORTED:
        raise Http404(NO_SUCH_ROW)
    return ledger


def _give(request: HttpRequest, ledger: Ledger, form: GivingForm) -> own.Given:
    told, by = form.cleaned_data, request.user
    mark = giving.stamp(by) if told["internal"] else ""
    when = giving.month(told["month"])
    return own.give(ledger, when, by=by, adding=told["adding"], watermark=mark)  # type: ignore[arg-type]


def _page(screen: Any, request: HttpRequest, ledger: Ledger) -> HttpResponse:
    form = GivingForm(request.GET, ledger)
    context: dict[str, Any] = {**screen.admin_site.each_context(request), "title": "导出更新后的台账"}
    context |= {"form": form, "ledger": ledger, "many": ledger.all_rows > LOOKED_AT}
    if form.is_valid():
        told = form.cleaned_data
        query = {"month": told["month"], **{name: "on" for name in ("adding", "internal") if told[name]}}
        context["query"] = urlencode(query)
        if not context["many"]:
            try:
                given = _give(request, ledger, form)
                report = given.report
                context |= {"given": given, "report": report, "changes": report.changes[:SHOWN]}
                context["sentences"] = report.sentences()
            except (ValidationError, Refused) as refused:
                form.add_error("month", _sentence(refused))
                context.pop("query")
    return TemplateResponse(request, "projects_ledgers/giving_back.html", context)


def _file(request: HttpRequest, ledger: Ledger) -> StreamingHttpResponse | HttpResponse:
    form = GivingForm(request.GET, ledger)
    if not form.is_valid():
        raise Http404(NO_SUCH_ROW)
    try:
        given = _give(request, ledger, form)
    except (ValidationError, Refused) as refused:
        messages.error(request, _sentence(refused))
        return HttpResponseRedirect(reverse("admin:projects_ledgers_dispatch_ledger", args=[ledger.pk]))
    return serving.download(BytesIO(given.data), given.name, CSV if given.ending == ".csv" else serving.EXCEL)


def _sentence(refused: ValidationError | Refused) -> str:
    return refused.sentence if isinstance(refused, Refused) else "；".join(refused.messages)
