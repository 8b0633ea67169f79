"""上传报道: sending files and pasted text to be read, seeing how far each is, and having one read again.

The page works as plain forms and links. `static/tracker/upload.js` sends one file after the other and asks every
second or two how far they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from projects.forms.fields import DayInput, not_to_come
from projects.intake import limits, receiving
from projects.intake.models import Upload
from projects.intake.receiving import Pasted, Received
from projects.jobs import watch
from projects.reports.admin import pages
from projects.reports.models import Report
from zones.models import Zone
from zones.scoped.admin import NO_SUCH_ROW
from zones.scoped.querysets import may_write_somewhere

SHOWN: Final = 60  # uploads on the page
EVERY: Final = 1500  # milliseconds between two looks
ENDINGS: Final = ".txt,.md,.docx,.pdf,.html,.htm,.mhtml,.mht"
BY_SCRIPT: Final = "upload.js"
MAY_NOT_SEND: Final = "您没有权限上传报道，请联系所属区域的项目办"
NOTHING: Final = "请选择文件，或者粘贴报道的文字"
BOTH: Final = "文件和粘贴的文字请分两次上传"
NO_HOME: Final = "请选择区域"
KNOWN: Final = "“{name}”以前上传过，没有重复登记：{outcome}"
RENEWED: Final = "“{name}”以前上传过，正在读取"
NO_ZONE: Final = "unknown_zone"
# Reading once more what cannot be read as it is would end alike.
AGAIN: Final = frozenset({NO_ZONE, "no_project", "refused", "too_slow", "too_heavy", "interrupted", "not_finished"})


class SendingForm(forms.Form):
    """What goes with files, or text in their place."""

    zone: Any = forms.ModelChoiceField(
        label="所属区域",
        queryset=Zone.objects.none(),
        required=False,
        empty_label="按报道里写的识别",
        to_field_name="code",
        error_messages={"invalid_choice": "没有这个区域，请重新选择"},
    )
    published = forms.DateField(label="发表日期", required=False, widget=DayInput)
    title = forms.CharField(label="标题", required=False, max_length=200)
    text = forms.CharField(
        label="报道文字",
        required=False,
        strip=False,
        max_length=receiving.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"max_length": "文字超过 100 万字，不像一篇报道；请只粘贴写项目的部分"},
    )
    bundle = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = receiving.home_of(user)
        self._offer(receiving.writable_zones(user))
        for field in self.fields.values():
            field.widget.attrs["class"] = "tk-input"

    def _offer(self, zones: QuerySet[Zone]) -> None:
        field: Any = self.fields["zone"]
        field.queryset = zones
        few = list(zones[:2])
        if len(few) == 1:
            field.initial, field.empty_label, field.required = few[0].code, None, True

    def clean_published(self) -> Any:
        return not_to_come(self.cleaned_data["published"], "发表日期")

    @property
    def receiver(self) -> Zone | None:
        """In whose name it is sent."""
        return self.cleaned_data["zone"] or self.home

    @property
    def told(self) -> dict[str, str]:
        """What is written beside the files."""
        zone, published = self.cleaned_data["zone"], self.cleaned_data["published"]
        told = {"zone": zone.code if zone else "", "published": published.isoformat() if published else ""}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Line:
    """A file on the page: the row, the report that it became, the zones to read it for once more."""

    upload: Any
    zones: list[Zone]

    @property
    def may_choose(self) -> bool:
        """Whether it could be read if the zone were said."""
        return self.upload.code == NO_ZONE and len(self.zones) > 1

    @property
    def url(self) -> str:
        """Where to go on: the review of the report."""
        return pages.url("review", self.upload.report) if self.upload.report else ""

    @property
    def may_be_read_again(self) -> bool:
        return self.upload.code in AGAIN


# ---- Addresses ------------------------------------------------------------------------------------------
def addresses(screen: Any) -> list[URLPattern]:
    """The addresses of the page, below those of the reports' screen."""
    wrap, name = screen.admin_site.admin_view, "projects_reports_report_upload"

    def page(request: HttpRequest) -> HttpResponse:
        return _page(screen, request)

    return [
        path("upload/", wrap(page), name=name),
        path("upload/state/", wrap(_state), name=f"{name}_state"),
        path("upload/<int:pk>/again/", wrap(_again), name=f"{name}_again"),
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
    if form.is_valid():
        text = form.cleaned_data["text"]
        if not files and not text.strip():
            form.add_error(None, NOTHING)
        elif files and text.strip():
            form.add_error(None, BOTH)
        elif form.receiver is None:
            form.add_error("zone", NO_HOME)
    if not form.is_valid():
        return None
    sent: Any = files or Pasted(form.cleaned_data["text"], form.cleaned_data["title"])
    user: Any = request.user
    receiver: Any = form.receiver
    bundle: UUID | None = form.cleaned_data["bundle"]
    return receiving.receive(sent, zone=receiver, purpose=Upload.Purpose.REPORT, told=form.told, by=user, bundle=bundle)


def _shown(screen: Any, request: HttpRequest, form: SendingForm) -> HttpResponse:
    lines = _lines(request)
    context = {
        "title": "上传报道",
        "form": form,
        "lines": lines,
        "endings": ENDINGS,
        "most": receiving.MOST,
        "largest": limits.FILE // limits.MEGABYTE,
        "every": EVERY,
        **_going(lines),
    }
    opened = {**screen.admin_site.each_context(request), **context}
    status = 400 if form.errors else 200
    return TemplateResponse(request, "projects_reports/upload.html", opened, status=status)


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
    return Upload.objects.visible_to(request.user).filter(purpose=Upload.Purpose.REPORT)


def _lines(request: HttpRequest, only: Iterable[int] | None = None) -> list[Line]:
    """The latest uploads, or those of certain keys."""
    rows = _uploads(request)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    newest = list(rows.order_by("-pk").values_list("pk", flat=True)[:SHOWN])
    receiving.settle_lost(Upload.objects.filter(pk__in=newest))
    reports = Report.objects.visible_to(request.user).filter(source=OuterRef("source")).values("pk")[:1]
    shown = Upload.objects.filter(pk__in=newest).annotate(report=Subquery(reports))
    zones = list(receiving.writable_zones(request.user))
    return [Line(upload, zones) for upload in shown.select_related("zone", "sent_by").order_by("-pk")]


def _going(lines: list[Line]) -> dict[str, Any]:
    """How many are still to be read, and whether nobody seems to be there to do it."""
    left = sum(line.upload.is_open for line in lines)
    return {"left": left, "nobody": bool(left) and watch.is_late(watch.tick_age())}


def _drawn(request: HttpRequest, lines: list[Line]) -> dict[str, str]:
    return {
        str(line.upload.pk): render_to_string("projects_reports/upload_line.html", {"line": line}, request)
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
    """Read a refused file once more, for the zone that is chosen now."""
    _require(request)
    upload = _uploads(request).filter(pk=pk).first()
    if upload is None:
        raise Http404(NO_SUCH_ROW)
    code, user = request.POST.get("zone", ""), request.user
    zone = receiving.writable_zones(user).filter(code=code).first() if code else None
    by: Any = user
    try:
        if code and zone is None:
            raise ValidationError("没有这个区域，请重新选择")
        receiving.read_again(upload, zone=zone, by=by)
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
    else:
        messages.success(request, f"“{upload.name}”正在重新读取。")
    return HttpResponseRedirect(reverse("admin:projects_reports_report_upload"))
