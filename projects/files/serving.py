"""Files as they are handed out: to who may see the row they belong to, and as nothing but what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import IO, Any, Final, TypeVar

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from projects.files.kept import KeptFile
from zones.scoped.admin import NO_SUCH_ROW

Answer = TypeVar("Answer", bound=StreamingHttpResponse)
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES: Final = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": WORD,
    "xls": "application/vnd.ms-excel",
    "xlsx": EXCEL,
    "jpg": "image/jpeg",
}
NOT_IN_A_NAME: Final = re.compile(r'[\\/:*?"<>|\s]+')


def url(file: KeptFile, *, small: bool = False) -> str:
    """The address of a file, or of its thumbnail."""
    return reverse(f"admin:{_name(type(file))}{'_small' if small else ''}", args=[file.pk])


def listed(files: Iterable[KeptFile]) -> SafeString:
    """Files one after the other: pictures small, documents by name; each opens the whole."""
    return format_html_join(" ", "{}", ((_link(each),) for each in files))


def addresses(screen: Any, model: type[KeptFile]) -> list[URLPattern]:
    """The address patterns of all files of a kind; a screen of the room that keeps them has them."""
    wrap = screen.admin_site.admin_view

    def whole(request: HttpRequest, pk: int) -> FileResponse:
        return _served(request, model, pk, "file")

    def small(request: HttpRequest, pk: int) -> FileResponse:
        return _served(request, model, pk, "thumbnail")

    return [
        path("attachments/<int:pk>/", wrap(whole), name=_name(model)),
        path("attachments/<int:pk>/small/", wrap(small), name=f"{_name(model)}_small"),
    ]


def download(opened: IO[bytes], name: str, kind: str) -> FileResponse:
    """A file that is made when it is asked for, as a download under that name; it is closed when it has been sent."""
    return _private(FileResponse(opened, as_attachment=True, filename=NOT_IN_A_NAME.sub("_", name), content_type=kind))


def as_download(answer: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    """An answer that is made while it is sent, as a download under that name."""
    header = content_disposition_header(as_attachment=True, filename=NOT_IN_A_NAME.sub("_", name))
    answer.headers["Content-Disposition"] = header or "attachment"
    return _private(answer)


def _link(file: KeptFile) -> SafeString:
    told = {"file": file, "url": url(file), "small": url(file, small=True)}
    return render_to_string("admin/projects/file.html", told)


def _name(model: type[KeptFile]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def _served(request: HttpRequest, model: Any, pk: int, which: str) -> FileResponse:
    row = model.objects.visible_to(request.user).filter(pk=pk, removed_at=None).first()
    if row is None or not getattr(row, which):
        raise Http404(NO_SUCH_ROW)
    try:
        opened = getattr(row, which).open("rb")
    except FileNotFoundError as gone:
        raise Http404(NO_SUCH_ROW) from gone
    # Only what we drew ourselves is shown in the page; a document that came from outside is downloaded.
    return _private(
        FileResponse(
            opened, as_attachment=not row.is_picture, filename=row.name, content_type=TYPES.get(row.ending, "")
        )
    )


def _private(answer: Answer) -> Answer:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # Whoever signs in next on this machine must not find it.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
