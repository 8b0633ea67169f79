"""起草函件: the one page on which a letter begins, reached from an alert, from the list of alerts and from 我的待办."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminSelectWidget

from projects.admin.telling import user_of
from projects.alerts.letters import drafting, telling
from projects.alerts.models import Alert, Letter, Letterhead, LetterKind
from zones.models import Department
from zones.scoped.admin import NO_SUCH_ROW

NUMBER: Final = 18  # digits that a key can have


class DraftForm(forms.Form):
    """Which alerts, which kind, to whom; under whose head, where there is a choice."""

    alerts: Any = forms.ModelMultipleChoiceField(
        Alert.objects.none(), label="写入函件的预警", widget=forms.CheckboxSelectMultiple
    )
    kind = forms.ChoiceField(label="文种", choices=LetterKind.choices, widget=UnfoldAdminSelectWidget)
    department: Any = forms.ModelChoiceField(
        Department.objects.none(),
        label="主送单位",
        required=False,
        empty_label="（不指定单位，在函件里写明）",
        widget=UnfoldAdminSelectWidget,
    )
    head: Any = forms.ModelChoiceField(
        Letterhead.objects.none(), label="发函单位", empty_label=None, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, chosen: list[Alert], heads: list[Letterhead], units: list[Department], data: Any = None) -> None:
        super().__init__(data)
        field: Any = self.fields["alerts"]
        field.queryset, field.initial = _beside(chosen), [alert.pk for alert in chosen]
        field.label_from_instance = lambda alert: f"{alert.label}　{alert.sentence}"
        self._offer("head", Letterhead.objects.filter(pk__in=[head.pk for head in heads]).select_related("zone"), heads)
        self.fields["head"].label_from_instance = lambda head: head.organ  # type: ignore[attr-defined]
        self._offer("department", Department.objects.filter(pk__in=[unit.pk for unit in units]), units)
        self.fields["kind"].initial = _next_kind(chosen)
        if len(heads) == 1:
            self.fields["head"].widget = forms.HiddenInput()

    def _offer(self, name: str, rows: Any, found: list[Any]) -> None:
        field: Any = self.fields[name]
        field.queryset, field.initial = rows, found[0].pk if found else None

    def blame(self, error: ValidationError) -> None:
        """Show what the verb refused, at the field it names, else above all."""
        named = error.error_dict if hasattr(error, "error_dict") else {}
        for name, errors in named.items():
            self.add_error(name if name in self.fields else None, errors)
        if not named:
            self.add_error(None, error)


def url(alerts: list[Alert]) -> str:
    """The address of the page for these alerts."""
    return f"{reverse('admin:projects_alerts_letter_draft')}?{urlencode([('alert', alert.pk) for alert in alerts])}"


def page(request: HttpRequest) -> HttpResponse:
    """The page, and the draft that it makes. Who may not see an alert of it gets the answer of a missing one."""
    chosen = _chosen(request)
    if not chosen:
        messages.info(request, "请先在预警清单里勾选要写入函件的预警，再选“起草函件”")
        return HttpResponseRedirect(reverse("admin:projects_alerts_alert_changelist"))
    if not all(drafting.may_write_of(request.user, alert) for alert in chosen):
        raise PermissionDenied
    back = _back(chosen)
    try:
        heads, units = _fit(request, chosen)
    except ValidationError as refused:
        messages.error(request, format_html("{}", "；".join(refused.messages)))
        return HttpResponseRedirect(back)
    form = DraftForm(chosen, heads, units, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (letter := _drafted(request, form)):
        messages.success(request, "已起草，请核对修改后送领导签发；签发之前不会通知任何单位")
        return HttpResponseRedirect(telling.page(letter))
    context = {**admin.site.each_context(request), "title": "起草函件", "form": form, "back": back}
    return TemplateResponse(request, "projects_alerts/letter_draft.html", context)


def _drafted(request: HttpRequest, form: DraftForm) -> Letter | None:
    told = dict(form.cleaned_data)
    try:
        return drafting.draft(list(told.pop("alerts")), by=user_of(request), **told)
    except ValidationError as refused:
        form.blame(refused)
        return None


def _chosen(request: HttpRequest) -> list[Alert]:
    asked = request.GET.getlist("alert")
    if not all(each.isascii() and each.isdecimal() and len(each) <= NUMBER for each in asked):
        raise Http404(NO_SUCH_ROW)
    wanted = {int(each) for each in asked}
    rows = Alert.objects.visible_to(request.user).filter(pk__in=wanted).worst_first()
    found = list(rows.select_related("project__zone", "project__company", "zone", "rule", "department"))
    if len(found) != len(wanted):
        raise Http404(NO_SUCH_ROW)
    return found


def _fit(request: HttpRequest, chosen: list[Alert]) -> tuple[list[Letterhead], list[Department]]:
    """The heads and units to choose from. Raises ValidationError where no letter can be written of these alerts."""
    if len(chosen) > drafting.MOST:
        raise ValidationError(f"一件函件最多写 {drafting.MOST} 条预警，现选了 {len(chosen)} 条，请分开起草")
    for alert in chosen:
        drafting.refuse_closed(alert)
    units = drafting.units_of(chosen)
    heads = drafting.heads_for(request.user, chosen)
    if not heads:
        raise ValidationError(drafting.NO_HEAD)
    return heads, units


def _beside(chosen: list[Alert]) -> Any:
    """The alerts that were chosen, and the other open ones of the same subject: one letter may take them along."""
    keys = [alert.pk for alert in chosen]
    rows = Alert.objects.filter(pk__in=keys)
    projects = {alert.project_id for alert in chosen}
    if len(projects) == 1 and None not in projects:
        rows = rows | Alert.objects.open().filter(project__in=projects)
    return rows.select_related("project__zone", "zone", "rule", "department").worst_first()


def _next_kind(chosen: list[Alert]) -> str:
    """提醒函 first, 督办函 after it, 约谈 after that."""
    sent = Letter.objects.filter(alerts__in=chosen, issued_on__isnull=False).exclude(state=Letter.State.WITHDRAWN)
    order = list(LetterKind)
    gravest = max((order.index(LetterKind(kind)) for kind in sent.values_list("kind", flat=True)), default=-1)
    return order[min(gravest + 1, len(order) - 1)]


def _back(chosen: list[Alert]) -> str:
    if len(chosen) == 1:
        return reverse("admin:projects_alerts_alert_change", args=[chosen[0].pk])
    return reverse("admin:projects_alerts_alert_changelist")
