"""上传台账: sending workbooks to be read, and seeing how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.core.files.base import File
from django.http import HttpRequest
from django.urls import reverse

from projects.intake import limits, receiving
from projects.intake.admin.sending import Sending
from projects.intake.models import Upload
from projects.intake.receiving import Received
from projects.ledgers.models import Ledger
from zones.models import Zone

NOTHING: Final = "请选择文件"
# Reading once more what cannot be read as it is would end alike.
AGAIN: Final = frozenset({"unknown_zone", "too_slow", "too_heavy", "interrupted", "not_finished"})


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


class LedgerSending(Sending):
    """Where ledgers are sent."""

    purpose: ClassVar[str] = Upload.Purpose.LEDGER
    name = "projects_ledgers_ledger_upload"
    title = "上传台账"
    templates = "projects_ledgers"
    endings = ".xlsx,.xls,.csv,.ods"
    shown = 40
    may_not_send = "您没有权限上传台账，请联系所属区域的项目办"
    form = SendingForm

    def receive(self, form: Any, files: list[File[Any]], request: HttpRequest) -> Received | None:
        if not files:
            form.add_error(None, NOTHING)
            return None
        zone, bundle = form.cleaned_data["zone"], form.cleaned_data["bundle"]
        by: Any = request.user
        told = {"zone": zone.code}
        return receiving.receive(files, zone=zone, purpose=self.purpose, told=told, by=by, bundle=bundle)

    def lines_of(self, request: HttpRequest, newest: Sequence[int]) -> list[Line]:
        shown = list(Upload.objects.filter(pk__in=newest).select_related("zone", "sent_by").order_by("-pk"))
        # Of a file that is sent once more, the ledger is the one it became the first time.
        seen = Ledger.objects.visible_to(request.user).defer("about", "told", "made").order_by("pk")
        by_source = {ledger.source_id: ledger for ledger in seen.filter(source__in=[each.source_id for each in shown])}
        by_upload = {ledger.upload_id: ledger for ledger in seen.filter(upload__in=newest)}
        return [Line(each, by_upload.get(each.pk) or by_source.get(each.source_id or 0)) for each in shown]

    def more(self) -> dict[str, Any]:
        return {"rows": limits.ROWS}
