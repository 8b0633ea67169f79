"""立即判定: asking for a scan now, from the lists of alerts and of scans. A worker does it within seconds."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminSelectWidget

from projects.alerts.tasks import SCAN
from projects.jobs.posting import post
from zones.models import Zone
from zones.permissions import EVERYWHERE, Action, paths
from zones.scoped.querysets import under

LISTS: Final = ("alert", "scanrun")  # where the button stands, and where it leads back to
OFFERED: Final = 100  # the highest zones; whatever is not among them lies below one of them
ALL: Final = "all"


class PlaceForm(forms.Form):
    """Which zone, with all below it; only zones in which the person may write."""

    zone = forms.ChoiceField(label="区域", widget=UnfoldAdminSelectWidget)

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data, auto_id="scan_%s")
        reach = paths(user, Action.WRITE)
        rows = Zone.objects.filter(under("", reach)).order_by(Length("path"), "path")[:OFFERED]
        self.zones = {str(zone.pk): zone for zone in rows}
        field: Any = self.fields["zone"]
        everywhere = [(ALL, "全部区域")] if EVERYWHERE in reach else []
        field.choices = [*everywhere, *((pk, str(zone)) for pk, zone in self.zones.items())]
        if len(field.choices) == 1:
            field.widget, field.initial = forms.HiddenInput(), field.choices[0][0]

    @property
    def chosen(self) -> Zone | None:
        """The zone, or None for all of them."""
        return self.zones.get(self.cleaned_data["zone"])


def scan_form(request: HttpRequest, where: str) -> dict[str, Any]:
    """What the head of a list needs to show the button: nothing for who may write nowhere."""
    if not paths(request.user, Action.WRITE):
        return {}
    return {"scan_form": PlaceForm(request.user), "scan_from": where}


def ask(request: HttpRequest) -> HttpResponse:
    """Queue a scan of the zone and say where it can be followed; asked for twice while it waits, it is queued once."""
    came_from = request.POST.get("from")
    back = reverse(f"admin:projects_alerts_{came_from if came_from in LISTS else LISTS[0]}_changelist")
    if request.method == "POST":
        _queue(request)
    return HttpResponseRedirect(back)


def _queue(request: HttpRequest) -> None:
    form = PlaceForm(request.user, request.POST)
    if not form.is_valid():
        messages.error(request, "请选择您可以维护的区域，再点“立即判定”")
        return
    user: Any = request.user
    job = post(SCAN, by=user, zone=form.chosen)
    url = reverse("admin:projects_jobs_job_change", args=[job.pk])
    said = '已排队：判定{}，一般几秒钟完成，刷新页面即见结果。<a class="underline" href="{}">查看任务</a>'
    messages.success(request, format_html(said, form.chosen or "全部区域", url))
