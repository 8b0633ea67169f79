"""上传台账: sending workbooks to be read, and seeing how far each is.

The page works as a plain form and links. `static/tracker/upload.js` sends one file after the other and asks every
second or two how far they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from projects.intake import limits, receiving
from projects.intake.models import Upload
from projects.intake.receiving import Received
from projects.jobs import watch
from projects.ledgers.models import Ledger
from zones.models import Zone
from zones.scoped.admin import NO_SUCH_ROW
from zones.scoped.querysets import may_write_somewhere

SHOWN: Final = 40  # uploads on the page
EVERY: Final = 1500  # milliseconds between two looks
ENDINGS: Final = ".xlsx,.xls,.csv,.ods"
BY_SCRIPT: Final = "upload.js"
MAY_NOT_SEND: Final = "您没有权限上传台账，请联系所属区域的项目办"
NOTHING: Final = "请选择文件"
KNOWN: Final = "“{name}”以前上传过，没有重复登记：{outcome}"
RENEWED: Final = "“{name}”以前上传过，正在读取"
# Reading once more what cannot be read as it is would end alike.
AGAIN: Final = frozenset({"unknown_zone", "too_slow", "too_heavy", "interrupted", "not_finished"})
NAME: Final = "projects_ledgers_ledger_upload"


class SendingForm(forms.Form):
    """What goes with files."""

    zone: Any = forms.ModelChoiceField(
        label="所属区域",
        queryset=Zone.objects.none(),
        empty_label="请选择",
        to_field_name="code",
        error_messages={"invalid_choice": "没有这个区域，请重新选择", "required": "请选择区域"},
        widget=forms.Select(attrs={"class": "tk-input"}),
    )
    bundle = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["zone"]
        field.queryset = receiving.writable_zones(user)
        few = list(field.queryset[:2])
        if few:
            field.initial = few[0].code
        if len(few) == 1:
            field.empty_label = None


@dataclass(frozen=True, slots=True)
class Line:
    """A file on the page, and the ledger that it became."""

    upload: Upload
    ledger: Ledger | None

    @property
    def state(self) -> str:
        """How the script follows it: until reading and comparing have come to an end."""
        return Upload.State.READING if self.ledger and self.ledger.is_busy else str(self.upload.state)

    @property
    def state_shown(self) -> str:
        return self.ledger.get_state_display() if self.ledger else self.upload.get_state_display()

    @property
    def outcome(self) -> str:
        return self.ledger.outcome if self.ledger else self.upload.outcome

    @property
    def url(self) -> str:
        """Where to go on: the ledger's page."""
        return reverse("admin:projects_ledgers_ledger_change", args=[self.ledger.pk]) if self.ledger else ""

    @property
    def may_be_read_again(self) -> bool:
        return self.upload.code in AGAIN


# ---- Addresses ------------------------------------------------------------------------------------------
def addresses(screen: Any) -> list[URLPattern]:
    """The addresses of the page, below those of the ledgers' screen."""
    wrap = screen.admin_site.admin_view

    def page(request: HttpRequest) -> HttpResponse:
        return _page(screen, request)

    return [
        path("upload/", wrap(page), name=NAME),
        path("upload/state/", wrap(_state), name=f"{NAME}_state"),
        path("upload/<int:pk>/again/", wrap(_again), name=f"{NAME}_again"),
    ]


def may_send(request: HttpRequest) -> bool:
    """Whether the person may send a file for any zone."""
    return may_write_somewhere(Upload, request.user)


def _require(request: HttpRequest) -> None:
    if not may_send(request):
        raise PermissionDenied(MAY_NOT_SEND)


# ---- The page -------------------------------------------------------------------------------------------
def _page(screen: Any, request: HttpRequest) -> HttpResponse:
    _require(request)
    if request.method != "POST":
        return _shown(screen, request, SendingForm(user=request.user))
    by_script = request.headers.get("X-Requested-With") == BY_SCRIPT
    form = SendingForm(request.POST, user=request.user)
    received = _received(form, request)
    if received is None:
        if by_script:
            return JsonResponse({"errors": form.errors.get_json_data()}, status=400)
        return _shown(screen, request, form)
    if by_script:
        return JsonResponse(_told(request, received))
    _tell(request, received)
    return HttpResponseRedirect(request.path)


def _received(form: SendingForm, request: HttpRequest) -> Received | None:
    """What became of what was sent; None where the form says what is missing."""
    files = [file for file in request.FILES.getlist("files") if isinstance(file, File)]
    if form.is_valid() and not files:
        form.add_error(None, NOTHING)
    if not form.is_valid():
        return None
    zone, user = form.cleaned_data["zone"], request.user
    by: Any = user
    told = {"zone": zone.code}
    bundle = form.cleaned_data["bundle"]
    return receiving.receive(files, zone=zone, purpose=Upload.Purpose.LEDGER, told=told, by=by, bundle=bundle)


def _shown(screen: Any, request: HttpRequest, form: SendingForm) -> HttpResponse:
    lines = _lines(request)
    context = {
        "title": "上传台账",
        "form": form,
        "lines": lines,
        "endings": ENDINGS,
        "most": receiving.MOST,
        "largest": limits.FILE // limits.MEGABYTE,
        "rows": limits.ROWS,
        "every": EVERY,
        **_going(lines),
    }
    opened = {**screen.admin_site.each_context(request), **context}
    status = 400 if form.errors else 200
    return TemplateResponse(request, "projects_ledgers/upload.html", opened, status=status)


def _tell(request: HttpRequest, received: Received) -> None:
    if received.new:
        messages.success(request, f"已收到 {len(received.new)} 个文件，正在排队读取。")
    for upload in received.known:
        messages.info(request, _known(upload))
    for _, refused in received.refused:
        messages.error(request, refused.sentence)


def _known(upload: Upload) -> str:
    if upload.is_open:
        return RENEWED.format(name=upload.name)
    return KNOWN.format(name=upload.name, outcome=upload.outcome)


# ---- Lines ----------------------------------------------------------------------------------------------
def _uploads(request: HttpRequest) -> QuerySet[Upload]:
    return Upload.objects.visible_to(request.user).filter(purpose=Upload.Purpose.LEDGER)


def _lines(request: HttpRequest, only: Iterable[int] | None = None) -> list[Line]:
    """The latest uploads, or those of certain keys."""
    rows = _uploads(request)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    newest = list(rows.order_by("-pk").values_list("pk", flat=True)[:SHOWN])
    receiving.settle_lost(Upload.objects.filter(pk__in=newest))
    shown = list(Upload.objects.filter(pk__in=newest).select_related("zone", "sent_by").order_by("-pk"))
    # Of a file that is sent once more, the ledger is the one it became the first time.
    seen = Ledger.objects.visible_to(request.user).defer("about", "told", "made").order_by("pk")
    by_source = {ledger.source_id: ledger for ledger in seen.filter(source__in=[each.source_id for each in shown])}
    by_upload = {ledger.upload_id: ledger for ledger in seen.filter(upload__in=newest)}
    return [Line(each, by_upload.get(each.pk) or by_source.get(each.source_id or 0)) for each in shown]


def _going(lines: list[Line]) -> dict[str, Any]:
    """How many are still to be read, and whether nobody seems to be there to do it."""
    left = sum(line.state in receiving.OPEN for line in lines)
    return {"left": left, "nobody": bool(left) and watch.is_late(watch.tick_age())}


def _drawn(request: HttpRequest, lines: list[Line]) -> dict[str, str]:
    return {
        str(line.upload.pk): render_to_string("projects_ledgers/upload_line.html", {"line": line}, request)
        for line in lines
    }


def _told(request: HttpRequest, received: Received) -> dict[str, Any]:
    """The answer to the script: lines of what was kept, sentences of the rest."""
    lines = _lines(request, [upload.pk for upload in (*received.new, *received.known)])
    return {
        "lines": _drawn(request, lines),
        "said": [_known(upload) for upload in received.known],
        "refused": [refused.sentence for _, refused in received.refused],
    }


def _state(request: HttpRequest) -> HttpResponse:
    """How far the uploads are: all lines of the page, how many are left."""
    _require(request)
    lines = _lines(request)
    return JsonResponse({"lines": _drawn(request, lines), **_going(lines)})


@require_POST
def _again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a file once more whose reading broke off."""
    _require(request)
    upload = _uploads(request).filter(pk=pk).first()
    if upload is None:
        raise Http404(NO_SUCH_ROW)
    by: Any = request.user
    try:
        receiving.read_again(upload, by=by)
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
    else:
        messages.success(request, f"“{upload.name}”正在重新读取。")
    return HttpResponseRedirect(reverse(f"admin:{NAME}"))
