"""上传报道: sending files and pasted text to be read, seeing how far each is, and having one read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.core.files.base import File
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from projects.forms.fields import DayInput, not_to_come
from projects.intake import receiving
from projects.intake.admin.sending import Sending
from projects.intake.models import Upload
from projects.intake.receiving import Pasted, Received
from projects.reports.admin import pages
from projects.reports.models import Report
from zones.models import Zone

NOTHING: Final = "请选择文件，或者粘贴报道的文字"
BOTH: Final = "文件和粘贴的文字请分两次上传"
NO_HOME: Final = "请选择区域"
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
    def state(self) -> str:
        return str(self.upload.state)

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


class ReportSending(Sending):
    """Where reports are sent."""

    purpose: ClassVar[str] = Upload.Purpose.REPORT
    name = "projects_reports_report_upload"
    title = "上传报道"
    templates = "projects_reports"
    endings = ".txt,.md,.docx,.pdf,.html,.htm,.mhtml,.mht"
    shown = 60
    may_not_send = "您没有权限上传报道，请联系所属区域的项目办"
    form = SendingForm

    def receive(self, form: Any, files: list[File[Any]], request: HttpRequest) -> Received | None:
        text = form.cleaned_data["text"]
        if not files and not text.strip():
            form.add_error(None, NOTHING)
        elif files and text.strip():
            form.add_error(None, BOTH)
        elif form.receiver is None:
            form.add_error("zone", NO_HOME)
        if form.errors:
            return None
        sent: Any = files or Pasted(text, form.cleaned_data["title"])
        user: Any = request.user
        bundle: UUID | None = form.cleaned_data["bundle"]
        return receiving.receive(sent, zone=form.receiver, purpose=self.purpose, told=form.told, by=user, bundle=bundle)

    def lines_of(self, request: HttpRequest, newest: Sequence[int]) -> list[Line]:
        reports = Report.objects.visible_to(request.user).filter(source=OuterRef("source")).values("pk")[:1]
        shown = Upload.objects.filter(pk__in=newest).annotate(report=Subquery(reports))
        zones = list(receiving.writable_zones(request.user))
        return [Line(upload, zones) for upload in shown.select_related("zone", "sent_by").order_by("-pk")]
