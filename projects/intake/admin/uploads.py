"""文件接收记录: what came in, by whom, and what became of it; the file itself is only ever handed out as a download."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from unfold.decorators import display

from projects.admin import columns
from projects.admin.filters import ChoiceFilter, PlaceFilter
from projects.intake import receiving
from projects.intake.models import Upload
from zones.scoped.admin import NO_SUCH_ROW, ReadOnlyAdmin

LABELS = {"排队中": "info", "正在读取": "info", "已读取": "success", "未能读取": "danger"}
# Nothing of the file runs in the browser that opens it, whatever it is.
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox",
}


class StateFilter(ChoiceFilter):
    title = "状态"
    parameter_name = "state"
    offered = [(str(value), str(label)) for value, label in Upload.State.choices]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(state=chosen)


class PurposeFilter(ChoiceFilter):
    title = "用途"
    parameter_name = "purpose"
    offered = [(str(value), str(label)) for value, label in Upload.Purpose.choices]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(purpose=chosen)


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """To look at. Files are sent where they are wanted: reports on the page 上传报道."""

    list_display = ("name", "zone", "purpose", "status", "outcome", "weight", "sent", "read")
    list_filter = (StateFilter, PurposeFilter, PlaceFilter)
    list_select_related = ("zone", "sent_by")
    search_fields = ("name",)
    list_per_page = 50
    ordering = ("-pk",)
    fields = readonly_fields = ("name", "zone", "purpose", "status", "outcome", "weight", "sent", "read", "download")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        receiving.settle_lost(self.get_queryset(request))
        return super().changelist_view(request, extra_context)

    @display(description="状态", ordering="state", label=LABELS)
    def status(self, upload: Upload) -> str:
        return upload.get_state_display()

    @display(description="大小", ordering="size")
    def weight(self, upload: Upload) -> str:
        return filesizeformat(upload.size)

    @display(description="上传", ordering="sent_at")
    def sent(self, upload: Upload) -> Any:
        return columns.cell(upload.sent_by or "系统", _moment(upload.sent_at))

    @display(description="读取时间", ordering="read_at")
    def read(self, upload: Upload) -> str:
        return _moment(upload.read_at)

    @display(description="原文件")
    def download(self, upload: Upload) -> Any:
        address = reverse("admin:projects_intake_upload_file", args=[upload.pk])
        return format_html('<a class="tk-link" href="{}" download>下载</a>', address)

    def get_urls(self) -> list[URLPattern]:
        file = path("<int:pk>/file/", self.admin_site.admin_view(self.file_view), name="projects_intake_upload_file")
        return [file, *super().get_urls()]

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The file as it came, for who may see its row."""
        upload = Upload.objects.visible_to(request.user).filter(pk=pk).first()
        if upload is None:
            raise Http404(NO_SUCH_ROW)
        try:
            opened = upload.file.open("rb")
        except FileNotFoundError as gone:
            raise Http404(NO_SUCH_ROW) from gone
        answer = FileResponse(opened, as_attachment=True, filename=upload.name, content_type="application/octet-stream")
        for name, value in GUARDS.items():
            answer.headers[name] = value
        return answer


def _moment(at: Any) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}" if at else columns.NOTHING
