"""Files that are made when they are asked for, and handed out as downloads."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect

from projects.files import serving
from projects.meetings import sheet
from zones import clock


def listed(screen: Any, request: HttpRequest) -> HttpResponse | FileResponse:
    """The list of decisions as it is seen: the same filters, words and order, all pages of it."""
    try:
        rows = screen.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return HttpResponseRedirect(request.path)
    title = f"议定事项（{clock.today():%Y-%m-%d}）"
    return serving.download(sheet.table(rows, title), f"{title}.xlsx", serving.EXCEL)
