"""Attachments as they are handed out: to who may see the row they belong to, and as nothing but what they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.http import FileResponse, Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from projects.meetings.models import Attachment
from zones.scoped.admin import NO_SUCH_ROW

TYPES: Final = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
}


def url(attachment: Attachment, *, small: bool = False) -> str:
    """The address of a file, or of its thumbnail."""
    name = "attachment_small" if small else "attachment"
    return reverse(f"admin:projects_meetings_{name}", args=[attachment.pk])


def listed(attachments: Iterable[Attachment]) -> SafeString:
    """Files one after the other: pictures small, documents by name; each opens the whole."""
    return format_html_join(" ", "{}", ((_link(each),) for each in attachments))


def _link(attachment: Attachment) -> SafeString:
    return render_to_string("projects_meetings/file.html", {"file": attachment})


def addresses(screen: Any) -> list[URLPattern]:
    """The address patterns of all files."""
    wrap = screen.admin_site.admin_view
    return [
        path("attachments/<int:pk>/", wrap(_whole), name="projects_meetings_attachment"),
        path("attachments/<int:pk>/small/", wrap(_small), name="projects_meetings_attachment_small"),
    ]


def _whole(request: HttpRequest, pk: int) -> FileResponse:
    return _served(request, pk, "file")


def _small(request: HttpRequest, pk: int) -> FileResponse:
    return _served(request, pk, "thumbnail")


def _served(request: HttpRequest, pk: int, which: str) -> FileResponse:
    row = Attachment.objects.visible_to(request.user).filter(pk=pk, removed_at=None).first()
    if row is None or not getattr(row, which):
        raise Http404(NO_SUCH_ROW)
    try:
        opened = getattr(row, which).open("rb")
    except FileNotFoundError as gone:
        raise Http404(NO_SUCH_ROW) from gone
    # Only what we drew ourselves is shown in the page; a document that came from outside is downloaded.
    answer = FileResponse(
        opened, as_attachment=not row.is_picture, filename=row.name, content_type=TYPES.get(row.ending, "")
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # It never changes, but whoever signs in next on this machine must not find it.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
