"""报表导出 and 报送记录: the tables that superiors want, looked at, downloaded, and kept as sent."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from django import forms as fields
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from projects import standings
from projects.admin import columns
from projects.admin.filters import PlaceFilter
from projects.files import serving
from projects.intake.refusals import Refused
from projects.ledgers.admin import giving_back
from projects.ledgers.exporting import dispatching, examples, forms, giving
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.exporting.telling import months
from projects.ledgers.models import Dispatch, Layout
from projects.papers.sheets import POWERS, Cell, Column, Kind
from zones import clock
from zones.models import Zone
from zones.permissions import Action, may
from zones.scoped.admin import NO_SUCH_ROW, ReadOnlyAdmin
from zones.scoped.querysets import may_write_somewhere

SHOWN: Final = 20  # rows of the preview
MOST_ADDED_UP: Final = 5_000  # projects that a preview goes through
ENDINGS: Final = (".xlsx", ".csv")


class TableForm(fields.Form):
    """Which table: zone, month, form, unit."""

    zone: Any = fields.ModelChoiceField(Zone.objects.none(), label="区域", widget=UnfoldAdminSelectWidget)
    month = fields.ChoiceField(label="月份", widget=UnfoldAdminSelectWidget)
    layout = fields.ChoiceField(label="样式", required=False, widget=UnfoldAdminSelectWidget)
    unit = fields.ChoiceField(label="金额单位", required=False, widget=UnfoldAdminSelectWidget)

    def __init__(self, data: Any, user: Any) -> None:
        zones = Zone.objects.visible_to(user).order_by("path")
        first = zones.first()
        latest = standings.judged_month(first.return_day if first else None, clock.today())
        offered = [("zone", first.pk if first else ""), ("month", f"{latest:%Y-%m}"), ("layout", "t1"), ("unit", "")]
        super().__init__({name: data.get(name, usual) for name, usual in offered})
        chosen: Any = self.fields
        chosen["zone"].queryset = zones
        chosen["month"].choices = months(latest)
        shipped = [(code, forms.shipped(code).name) for code in forms.SHIPPED]
        shown = [(str(layout.pk), f"{layout.name}（{layout.zone}的版式）") for layout in examples.offered(user)]
        chosen["layout"].choices = [*shipped, *shown, ("", "填报模板（可填写后传回）")]
        chosen["unit"].choices = [("", "样式自己的"), *((unit, unit) for unit in POWERS)]


class SendForm(fields.Form):
    """To whom it was sent, and when."""

    recipient = fields.CharField(label="报送单位", max_length=100, widget=UnfoldAdminTextInputWidget)
    sent_on = fields.DateField(label="报送日期", widget=UnfoldAdminDateWidget)
    note = fields.CharField(label="说明", max_length=300, required=False, widget=UnfoldAdminTextInputWidget)


def _asked(form: TableForm, user: Any) -> Asked:
    told = form.cleaned_data
    return Asked(told["zone"], giving.month(told["month"]), told["unit"], str(user))


@admin.register(Dispatch)
class DispatchAdmin(ReadOnlyAdmin):
    """What was sent, the latest first; the tables that can be sent stand beside it."""

    list_display = ("title", "month_shown", "recipient", "sent_on", "sent_by", "zone")
    list_display_links = ("title",)
    list_filter = (PlaceFilter,)
    list_select_related = ("zone", "sent_by")
    list_before_template = "projects_ledgers/dispatches_head.html"
    search_fields = ("title", "recipient", "note")
    date_hierarchy = "month"
    change_form_outer_before_template = "projects_ledgers/dispatch.html"
    fields = readonly_fields = ("month_shown", "recipient", "sent_on", "sent_at", "sent_by", "note", "zone")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("figures")

    @display(description="月份", ordering="month")
    def month_shown(self, row: Dispatch) -> str:
        return f"{row.month:%Y}年{row.month.month}月"

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "projects_ledgers_dispatch"
        return [
            path("tables/", view(self.tables_view), name=f"{name}_tables"),
            path("tables/file/", view(self.table_file), name=f"{name}_table_file"),
            path("<int:pk>/file/", view(self.sent_file), name=f"{name}_file"),
            *giving_back.addresses(self),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None:
            last = dispatching.last_before(row)
            context["last"] = last
            context["differences"] = dispatching.differences(row, last) if last else []
            context["file_url"] = reverse("admin:projects_ledgers_dispatch_file", args=[row.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    # ---- What was sent
    def sent_file(self, request: HttpRequest, pk: int) -> StreamingHttpResponse | HttpResponse:
        """The file as it was sent."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404(NO_SUCH_ROW)
        try:
            return serving.download(BytesIO(dispatching.file_of(row)), row.file_name, serving.EXCEL)
        except ValidationError as spoilt:
            messages.error(request, "；".join(spoilt.messages))
            return HttpResponseRedirect(reverse("admin:projects_ledgers_dispatch_change", args=[pk]))

    # ---- What can be sent
    def tables_view(self, request: HttpRequest) -> HttpResponse:
        """The page: which table, its first rows, downloading it, keeping it as sent."""
        form = TableForm(request.GET, request.user)
        if not form.fields["zone"].queryset.exists():  # type: ignore[attr-defined]
            raise PermissionDenied
        context: dict[str, Any] = {**self.admin_site.each_context(request), "title": "报表导出", "form": form}
        context["lists_sent"] = self.has_view_permission(request)
        context["keeps_layouts"] = may_write_somewhere(Layout, request.user)
        if form.is_valid():
            asked, code = _asked(form, request.user), form.cleaned_data["layout"]
            sends = bool(code) and may(request.user, Action.WRITE, asked.zone)
            sending = SendForm(request.POST if request.method == "POST" else None, initial={"sent_on": clock.today()})
            if request.method == "POST":
                if not sends:
                    raise PermissionDenied
                if (sent := self._sent(request, sending, code, asked)) is not None:
                    return HttpResponseRedirect(reverse("admin:projects_ledgers_dispatch_change", args=[sent.pk]))
            told = {name: getattr(form.cleaned_data[name], "pk", form.cleaned_data[name]) for name in form.fields}
            try:
                context |= self._preview(code, asked, request.user)
            except (ValidationError, Refused) as refused:
                form.add_error("layout", _sentence(refused))
                return TemplateResponse(request, "projects_ledgers/tables.html", context)
            context |= {"sending": sending if sends else None, "query": urlencode(told), "endings": ENDINGS}
        return TemplateResponse(request, "projects_ledgers/tables.html", context)

    def _sent(self, request: HttpRequest, sending: SendForm, code: str, asked: Asked) -> Dispatch | None:
        """What was kept as sent; None where the form says why not."""
        if not sending.is_valid():
            return None
        user: Any = request.user
        try:
            sent = dispatching.send(code, asked, by=user, **sending.cleaned_data)
        except (ValidationError, Refused) as refused:
            sending.add_error(None, refused if isinstance(refused, ValidationError) else refused.sentence)
            return None
        self.log_addition(request, sent, "登记报送")
        messages.success(request, f"已登记：{sent}，报送{sent.recipient}。文件和数已固定，不再改变")
        return sent

    def _preview(self, code: str, asked: Asked, user: Any) -> dict[str, Any]:
        rows = forms.projects_of(asked.zone, asked.when, user)
        count = rows.count()
        whole = giving.by_units(code)
        if whole and count > MOST_ADDED_UP:
            return {"count": count, "heads": [], "rows": []}
        listed, found, look = giving.table(code, asked, rows if whole else rows[:SHOWN])
        heads = ["·".join(filter(None, column.heading)) for column in listed]
        shown = [[_shown(*pair) for pair in zip(listed, row, strict=True)] for row in islice(found, SHOWN)]
        return {"count": count, "heads": heads, "rows": shown, "look": look, "more": not whole and count > SHOWN}

    def table_file(self, request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
        """The table as a file."""
        form = TableForm(request.GET, request.user)
        ending = request.GET.get("as", ".xlsx")
        if not form.is_valid() or ending not in ENDINGS:
            raise Http404(NO_SUCH_ROW)
        asked, code = _asked(form, request.user), form.cleaned_data["layout"]
        stamp = giving.stamp(request.user)
        try:
            rows = forms.projects_of(asked.zone, asked.when, request.user)
            given = giving.give(code, asked, rows, ending, watermark=stamp if "internal" in request.GET else "")
        except (ValidationError, Refused) as refused:
            messages.error(request, _sentence(refused))
            return HttpResponseRedirect(reverse("admin:projects_ledgers_dispatch_tables"))
        kind = serving.EXCEL if ending == ".xlsx" else "text/csv; charset=utf-8"
        return serving.download(given.file, f"{given.title}{ending}", kind)


def _sentence(refused: ValidationError | Refused) -> str:
    return refused.sentence if isinstance(refused, Refused) else "；".join(refused.messages)


def _shown(column: Column, value: Cell) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if column.kind is Kind.MONEY and isinstance(value, int):
        return f"{value / POWERS[column.unit]:,.2f}"
    if column.kind is Kind.PERCENT and isinstance(value, int | float):
        return f"{value:.1f}%"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value or columns.NOTHING)
