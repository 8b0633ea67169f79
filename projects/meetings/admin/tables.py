"""Files that are made when they are asked for, and handed out as downloads."""

from __future__ import annotations

import re
from typing import IO, Any, Final

from django.contrib.admin.options import IncorrectLookupParameters
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect

from projects.meetings import sheet
from zones import clock

WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOT_IN_A_NAME: Final = re.compile(r'[\\/:*?"<>|\s]+')


def download(opened: IO[bytes], name: str, kind: str) -> FileResponse:
    """The file as a download under that name; it is closed when it has been sent."""
    answer = FileResponse(opened, as_attachment=True, filename=NOT_IN_A_NAME.sub("_", name), content_type=kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # Whoever signs in next on this machine must not find it.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def listed(screen: Any, request: HttpRequest) -> HttpResponse | FileResponse:
    """The list of decisions as it is seen: the same filters, words and order, all pages of it."""
    try:
        rows = screen.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return HttpResponseRedirect(request.path)
    title = f"议定事项（{clock.today():%Y-%m-%d}）"
    return download(sheet.table(rows, title), f"{title}.xlsx", EXCEL)
