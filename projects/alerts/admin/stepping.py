"""What the forms in front of an alert's verbs share: they know how far the alert had come when the page was opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from projects.admin.acts import Act
from projects.admin.telling import user_of
from projects.alerts.models import REMARK, WORDS, Alert, AlertEvent
from projects.forms import SeenForm


@dataclass(frozen=True, slots=True)
class AlertAct(Act):
    """An act on an alert; `who` says of a person whether he may do it."""

    who: Callable[[Any, Any], bool] = lambda user, row: False

    def allows(self, request: HttpRequest, row: Any) -> bool:
        return self.who(request.user, row)


class StepForm(SeenForm):
    """`steps` is how far the alert had come when the page was opened; what has changed since is said."""

    seen = "steps"
    again = "提交"
    incomplete = "页面不完整，请回到预警重新填写"
    steps = forms.IntegerField(widget=forms.HiddenInput)

    def changed(self) -> str:
        return f"这条预警刚有变化，现为{now(self.row)}，请核对后再{self.again}{_since(self)}"


def handing(verb: Callable[..., Any], said: str) -> Callable[[HttpRequest, Any, Any], str]:
    """An act's doing: `verb` gets the form's fields under their own names and the row as it was seen. `said` may name
    something of the row, as in `{0.ends}`.
    """

    def do(request: HttpRequest, row: Any, form: Any) -> str:
        told = dict(form.cleaned_data)
        seen = {f"expected_{form.seen}": told.pop(form.seen)}
        verb(row, by=user_of(request), **seen, **told)
        return said.format(row)

    return do


def now(alert: Alert) -> str:
    """How the alert stands, in a few words."""
    if alert.closed_on:
        return f"{alert.label}、已于 {alert.closed_on:%Y-%m-%d} 解除"
    return "、".join(filter(None, (alert.label, alert.held, alert.acknowledgement)))


def _since(form: Any) -> str:
    """The steps that were taken since the page was opened."""
    seen = form.cleaned_data.get("steps", 0)
    events = AlertEvent.objects.visible_to(form.user).filter(alert=form.row, step__gt=seen).order_by("step")
    told = [f"{event.on:%Y-%m-%d} {event.get_kind_display()}" for event in events[:5]]
    return f"（{'，'.join(told)}）" if told else ""


def lines_field(label: str, hint: str = "", most: int = WORDS, rows: int = 2, **more: Any) -> forms.CharField:
    """A few lines of text."""
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows, "placeholder": hint})
    return forms.CharField(label=label, max_length=most, widget=widget, **more)


def remark_field(label: str, **more: Any) -> forms.CharField:
    """Two lines at most: why, or what is to be heeded."""
    return lines_field(label, most=REMARK, **more)
