"""报表版式: a superior's table, shown by an example; what its columns were understood as, and correcting that."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from projects.intake import limits, receiving
from projects.intake.refusals import Refused
from projects.ledgers.exporting import examples
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.models import Layout
from projects.ledgers.understanding import UNITS, Table
from zones.models import Zone
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may
from zones.scoped.admin import NO_SUCH_ROW
from zones.scoped.querysets import may_write_somewhere

STALE: Final = "页面打开以后，这个版式又有了改动，刚才的没有保存；下面是现在的情况"
SAMPLE: Final = "选一份上级要的、填有几行项目的表（.xlsx）。表名、表头、列宽和落款都照它的样子，里面的项目不会带出去"


FILE: Final = forms.FileInput(attrs={"accept": ".xlsx", "class": " ".join(INPUT_CLASSES)})


class ExampleForm(forms.Form):
    """An example, and how its layout is to be called."""

    zone: Any = forms.ModelChoiceField(Zone.objects.none(), label="区域", widget=UnfoldAdminSelectWidget)
    name = forms.CharField(label="版式名称", max_length=200, widget=UnfoldAdminTextInputWidget)
    example = forms.FileField(label="样表", help_text=SAMPLE, widget=FILE)

    def __init__(self, *args: Any, user: Any) -> None:
        super().__init__(*args)
        field: Any = self.fields["zone"]
        field.queryset = receiving.writable_zones(user)
        field.initial = field.queryset.first()

    def clean_example(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["example"]
        if file.size > limits.FILE:
            raise ValidationError(f"样表不能超过 {limits.FILE // limits.MEGABYTE} 兆")
        return file


def addresses(screen: Any) -> list[URLPattern]:
    """`outlets/` for all, `<pk>/outlet/` for one, `<pk>/outlet/remove/` to remove it."""
    wrap = screen.admin_site.admin_view

    def page(request: HttpRequest) -> HttpResponse:
        return _page(screen, request)

    def one(request: HttpRequest, pk: int) -> HttpResponse:
        return _one(screen, request, _found(request, pk))

    def remove(request: HttpRequest, pk: int) -> HttpResponse:
        return _remove(request, _found(request, pk))

    name = "projects_ledgers_layout_outlet"
    return [
        path("outlets/", wrap(page), name=f"{name}s"),
        path("<int:pk>/outlet/", wrap(one), name=name),
        path("<int:pk>/outlet/remove/", wrap(remove), name=f"{name}_remove"),
    ]


def _found(request: HttpRequest, pk: int) -> Layout:
    layout = examples.offered(request.user).filter(pk=pk).first()  # type: ignore[arg-type]
    if layout is None:
        raise Http404(NO_SUCH_ROW)
    return layout


def _page(screen: Any, request: HttpRequest) -> HttpResponse:
    """All layouts that the person may use, and sending another example."""
    if not may_write_somewhere(Layout, request.user):
        raise PermissionDenied(examples.NOT_YOURS)
    sent = request.method == "POST"
    form = ExampleForm(*((request.POST, request.FILES) if sent else ()), user=request.user)
    if sent and form.is_valid():
        told = form.cleaned_data
        file, by = told["example"], request.user
        try:
            layout = examples.learn(told["zone"], told["name"], file.read(), file.name, by=by)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_error("example", refused.sentence)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已存为版式“{layout.name}”，请核对每一列的含义")
            return HttpResponseRedirect(_url(layout))
    context = {**screen.admin_site.each_context(request), "title": "报表版式", "form": form}
    context["layouts"] = [(layout, _url(layout)) for layout in examples.offered(request.user)]  # type: ignore[arg-type]
    return TemplateResponse(request, "projects_ledgers/outlets.html", context, status=400 if form.errors else 200)


def _url(layout: Layout) -> str:
    return reverse("admin:projects_ledgers_layout_outlet", args=[layout.pk])


def _one(screen: Any, request: HttpRequest, layout: Layout) -> HttpResponse:
    """A layout: its columns with what they mean, to be corrected."""
    writes = may(request.user, Action.WRITE, layout.zone)
    try:
        _, _, table = examples.read(layout)
        if request.method == "POST":
            if not writes:
                raise PermissionDenied(examples.NOT_YOURS)
            return _correct(request, layout, table)
        shown: dict[str, Any] = {"table": table, "columns": [_column(table, at) for at in range(len(table.columns))]}
    except (ValidationError, Refused) as refused:
        messages.error(request, refused.sentence if isinstance(refused, Refused) else "；".join(refused.messages))
        shown = {"columns": []}
    context = {**screen.admin_site.each_context(request), "title": layout.name, "layout": layout, "writes": writes}
    context |= {"meanings": list(MEANINGS.values()), "units": UNITS, "url": _url(layout), **shown}
    return TemplateResponse(request, "projects_ledgers/outlet.html", context)


def _column(table: Table, at: int) -> dict[str, Any]:
    column = table.columns[at]
    data = (row for row in table.rows if row.kind == "data")
    said = next((row.cells[column.index].raw for row in data if column.index in row.cells), None)
    return {
        **{"index": column.index, "letter": column.letter, "words": "·".join(filter(None, column.heading))},
        **{"meaning": column.meaning, "unit": column.unit, "reason": column.reason, "example": said},
        "is_money": bool(column.meaning) and MEANINGS[column.meaning].shape == "money",
        "asks": any(question.column == column.index for question in table.questions),
    }


def _correct(request: HttpRequest, layout: Layout, table: Table) -> HttpResponse:
    told: dict[str, dict[str, str]] = {"meaning": {}, "unit": {}}
    for column in table.columns:
        for name, kept in told.items():
            chosen = request.POST.get(f"{name}.{column.index}")
            if chosen is not None and chosen != getattr(column, name) and (chosen or name == "meaning"):
                kept[column.key] = chosen
    if unit := request.POST.get("unit", ""):
        told["unit"][""] = unit
    when = [_number(request.POST.get(name, "")) for name in ("year", "month")]
    version = _number(request.POST.get("version", "")) or 0
    by: Any = request.user
    try:
        examples.correct(
            layout,
            meanings=told["meaning"],
            units=told["unit"],
            year=when[0],
            month=when[1],
            by=by,
            expected=version,
        )
        messages.success(request, "已保存，报表导出时按这样填")
    except StaleVersion:
        messages.warning(request, STALE)
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
    return HttpResponseRedirect(_url(layout))


def _number(words: str) -> int | None:
    return int(words) if words.strip().isdecimal() and len(words.strip()) < 10 else None


def _remove(request: HttpRequest, layout: Layout) -> HttpResponse:
    if request.method == "POST":
        try:
            examples.drop(layout, by=request.user)  # type: ignore[arg-type]
            messages.success(request, f"版式“{layout.name}”已删除；已登记的报送不受影响")
        except ValidationError as refused:
            raise PermissionDenied(examples.NOT_YOURS) from refused
    return HttpResponseRedirect(reverse("admin:projects_ledgers_layout_outlets"))
