"""The page on which files are sent for one purpose: sending them, seeing how far each is, having one read again.

It works as plain forms and links. `static/tracker/upload.js` sends one file after the other and asks every second or
two how far they are. A room above derives from `Sending` and says what goes with its files and what becomes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Final

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
from zones.models import Zone
from zones.scoped.admin import NO_SUCH_ROW
from zones.scoped.querysets import may_write_somewhere

EVERY: Final = 1500  # milliseconds between two looks
BY_SCRIPT: Final = "upload.js"
KNOWN: Final = "“{name}”以前上传过，没有重复登记：{outcome}"
RENEWED: Final = "“{name}”以前上传过，正在读取"


def may_send(request: HttpRequest) -> bool:
    """Whether the person may send a file for any zone."""
    return may_write_somewhere(Upload, request.user)


class Sending:
    """The page of one purpose. `name` is that of its address; `templates` the folder of `upload.html`, the page, and
    `upload_line.html`, one file on it; `shown` how many uploads stand there.
    """

    purpose: ClassVar[str]
    name: ClassVar[str]
    title: ClassVar[str]
    templates: ClassVar[str]
    endings: ClassVar[str]
    shown: ClassVar[int]
    may_not_send: ClassVar[str]
    form: ClassVar[Callable[..., forms.Form]]  # takes `user` besides what a form takes

    def __init__(self, screen: Any) -> None:
        self.screen = screen

    # ---- What a room says ------------------------------------------------------------------------------
    def receive(self, form: Any, files: list[File[Any]], request: HttpRequest) -> Received | None:
        """What became of what was sent with a valid form; None where the form says by now what is missing."""
        raise NotImplementedError

    def lines_of(self, request: HttpRequest, newest: Sequence[int]) -> list[Any]:
        """The lines of uploads by their keys, the newest first. Each has `upload` and `state`, see `Upload.State`."""
        raise NotImplementedError

    def more(self) -> dict[str, Any]:
        """What else the page's template wants."""
        return {}

    # ---- Addresses -------------------------------------------------------------------------------------
    def addresses(self) -> list[URLPattern]:
        """The addresses of the page, below those of the screen."""
        wrap = self.screen.admin_site.admin_view
        return [
            path("upload/", wrap(self._page), name=self.name),
            path("upload/state/", wrap(self._state), name=f"{self.name}_state"),
            path("upload/<int:pk>/again/", wrap(require_POST(self._again)), name=f"{self.name}_again"),
        ]

    def _require(self, request: HttpRequest) -> None:
        if not may_send(request):
            raise PermissionDenied(self.may_not_send)

    # ---- The page --------------------------------------------------------------------------------------
    def _page(self, request: HttpRequest) -> HttpResponse:
        self._require(request)
        if request.method != "POST":
            return self._shown(request, self.form(user=request.user))
        by_script = request.headers.get("X-Requested-With") == BY_SCRIPT
        form = self.form(request.POST, user=request.user)
        files: list[File[Any]] = [file for file in request.FILES.getlist("files") if isinstance(file, File)]
        received = self.receive(form, files, request) if form.is_valid() else None
        if received is None:
            if by_script:
                return JsonResponse({"errors": form.errors.get_json_data()}, status=400)
            return self._shown(request, form)
        if by_script:
            return JsonResponse(self._told(request, received))
        _tell(request, received)
        return HttpResponseRedirect(request.path)

    def _shown(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        lines = self._lines(request)
        context = {
            "title": self.title,
            "form": form,
            "lines": lines,
            "endings": self.endings,
            "most": receiving.MOST,
            "largest": limits.FILE // limits.MEGABYTE,
            "every": EVERY,
            **_going(lines),
            **self.more(),
        }
        opened = {**self.screen.admin_site.each_context(request), **context}
        return TemplateResponse(request, f"{self.templates}/upload.html", opened, status=400 if form.errors else 200)

    # ---- Lines -----------------------------------------------------------------------------------------
    def _uploads(self, request: HttpRequest) -> QuerySet[Upload]:
        return Upload.objects.visible_to(request.user).filter(purpose=self.purpose)

    def _lines(self, request: HttpRequest, only: Iterable[int] | None = None) -> list[Any]:
        """The latest uploads, or those of certain keys."""
        rows = self._uploads(request)
        if only is not None:
            rows = rows.filter(pk__in=list(only))
        newest = list(rows.order_by("-pk").values_list("pk", flat=True)[: self.shown])
        receiving.settle_lost(Upload.objects.filter(pk__in=newest))
        return self.lines_of(request, newest)

    def _drawn(self, request: HttpRequest, lines: list[Any]) -> dict[str, str]:
        template = f"{self.templates}/upload_line.html"
        return {str(line.upload.pk): render_to_string(template, {"line": line}, request) for line in lines}

    def _told(self, request: HttpRequest, received: Received) -> dict[str, Any]:
        """The answer to the script: lines of what was kept, sentences of the rest."""
        lines = self._lines(request, [upload.pk for upload in (*received.new, *received.known)])
        return {
            "lines": self._drawn(request, lines),
            "said": [_known(upload) for upload in received.known],
            "refused": [refused.sentence for _, refused in received.refused],
        }

    def _state(self, request: HttpRequest) -> HttpResponse:
        """How far the uploads are: all lines of the page, how many are left."""
        self._require(request)
        lines = self._lines(request)
        return JsonResponse({"lines": self._drawn(request, lines), **_going(lines)})

    def _again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read a file once more whose reading broke off, for the zone that is chosen now if one is."""
        self._require(request)
        upload = self._uploads(request).filter(pk=pk).first()
        if upload is None:
            raise Http404(NO_SUCH_ROW)
        code, by = request.POST.get("zone", ""), request.user
        zone: Zone | None = receiving.writable_zones(by).filter(code=code).first() if code else None
        try:
            if code and zone is None:
                raise ValidationError("没有这个区域，请重新选择")
            receiving.read_again(upload, zone=zone, by=by)  # type: ignore[arg-type]
        except ValidationError as refused:
            messages.error(request, "；".join(refused.messages))
        else:
            messages.success(request, f"“{upload.name}”正在重新读取。")
        return HttpResponseRedirect(reverse(f"admin:{self.name}"))


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


def _going(lines: list[Any]) -> dict[str, Any]:
    """How many are still to be read, and whether nobody seems to be there to do it."""
    left = sum(line.state in receiving.OPEN for line in lines)
    return {"left": left, "nobody": bool(left) and watch.is_late(watch.tick_age())}
