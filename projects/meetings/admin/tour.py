"""选项目 and 观摩评分: which projects a meeting takes up in which order, and what a tour's stops are given."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from projects.admin import columns
from projects.admin.telling import user_of
from projects.meetings import agenda, touring
from projects.meetings.admin import pages
from projects.meetings.models import Mark, Meeting, Update
from projects.models import Project
from zones import clock
from zones.permissions import Action, may
from zones.scoped.admin import NO_SUCH_ROW

EARLIER, LATER = -1, 1


class MarkForm(forms.Form):
    """What one person gives one stop; without points it is taken back."""

    points = forms.IntegerField(
        label="得分",
        required=False,
        min_value=0,
        max_value=touring.FULL,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), f"请填 0 到 {touring.FULL} 的整数"),
    )
    words = forms.CharField(
        label="评语",
        required=False,
        max_length=300,
        error_messages={"max_length": "评语不能超过 %(limit_value)d 字，现有 %(show_value)d 字"},
    )


# ---- The page ----------------------------------------------------------------------------------------
def _page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    if meeting.kind == Meeting.Kind.WEEKLY:
        raise Http404(NO_SUCH_ROW)
    forms_: dict[int, MarkForm] = {}
    if request.method == "POST":
        forms_ = _carry_out(request, meeting)
        if not forms_:
            at = request.POST.get("stop", "")
            return HttpResponseRedirect(f"{request.path}#stop-{at}" if at.isdecimal() else request.path)
    return TemplateResponse(request, "projects_meetings/tour.html", _context(request, meeting, forms_))


def _carry_out(request: HttpRequest, meeting: Meeting) -> dict[int, MarkForm]:
    """Do what was asked; the form that was refused, by its row."""
    told = request.POST
    if "mark" in told:
        return _mark(request, meeting, _row(meeting, told["mark"]))
    if not may(request.user, Action.RUN_MEETING, meeting):
        raise PermissionDenied
    by = user_of(request)
    try:
        if "add" in told:
            touring.add_stop(meeting, _project(request, meeting, told.get("project", "")), by=by)
        elif "drop" in told:
            touring.drop_stop(_row(meeting, told["drop"]), by=by)
        else:
            steps = EARLIER if "earlier" in told else LATER
            touring.move_stop(_row(meeting, told.get("earlier", told.get("later", ""))), steps, by=by)
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
    return {}


def _mark(request: HttpRequest, meeting: Meeting, row: Update) -> dict[int, MarkForm]:
    if not touring.may_mark(request.user, meeting):
        raise PermissionDenied
    form = MarkForm(request.POST, prefix=f"s{row.pk}")
    if not form.is_valid():
        return {row.pk: form}
    try:
        given = touring.mark(row, form.cleaned_data["points"], words=form.cleaned_data["words"], by=user_of(request))
    except ValidationError as refused:
        for name, sentences in getattr(refused, "message_dict", {None: refused.messages}).items():
            form.add_error(name if name in form.fields else None, sentences)
        return {row.pk: form}
    messages.success(request, f"“{row.project}”：{f'已打 {given.points} 分' if given else '没有打分'}")
    return {}


def _row(meeting: Meeting, pk: str) -> Update:
    row = meeting.updates.filter(pk=pk if pk.isdecimal() and len(pk) < 19 else None).select_related("project").first()
    if row is None:
        raise Http404(NO_SUCH_ROW)
    row.meeting = meeting
    return row


def _project(request: HttpRequest, meeting: Meeting, told: str) -> Project:
    """The project that was chosen from the list, or typed: its name, its code, or the initials of only one."""
    offered = list(_offered(request, meeting).select_related("zone"))
    told = told.strip()
    exact = [each for each in offered if told in (_named(each), each.name, each.code)]
    key = told.lower()
    found = exact or [each for each in offered if key and (told in each.name or each.initials.startswith(key))]
    if len(found) == 1:
        return found[0]
    if not told:
        raise ValidationError("请选择或输入项目")
    if found:
        raise ValidationError(f"“{told}”对应 {len(found)} 个项目，请从列表中选择一个")
    raise ValidationError(f"没有找到“{told}”，或它已在议程里、不属于这个区域")


def _named(project: Project) -> str:
    """A project in the list to choose from; names are not unique."""
    return f"{project.name}（{project.code}）"


def _offered(request: HttpRequest, meeting: Meeting) -> Any:
    rows = agenda.projects_of(meeting.zone, clock.today()).exclude(pk__in=meeting.updates.values("project"))
    return rows.filter(pk__in=Project.objects.visible_to(request.user).values("pk"))


# ---- What is shown -----------------------------------------------------------------------------------
def _context(request: HttpRequest, meeting: Meeting, refused: dict[int, MarkForm]) -> dict[str, Any]:
    is_tour = meeting.kind == Meeting.Kind.TOUR
    runs = may(request.user, Action.RUN_MEETING, meeting)
    marks = is_tour and meeting.is_going and touring.may_mark(request.user, meeting)
    stops = touring.stops(meeting)
    own = {stop.update.pk: next((m for m in stop.marks if m.by_id == request.user.pk), None) for stop in stops}
    return {
        **admin.site.each_context(request),
        "title": "观摩" if is_tour else "选项目",
        "meeting": meeting,
        "is_tour": is_tour,
        "stops": [
            {
                "stop": stop,
                "light": columns.light_of(getattr(stop.update.project, "standing", None)),
                "done": _done(stop.update.project),
                "form": refused.get(stop.update.pk) or _mark_form(stop.update, own[stop.update.pk]) if marks else None,
                "own": own[stop.update.pk],
                "marks": stop.marks if runs else [],
            }
            for stop in stops
        ],
        "mine": sum(mark is not None for mark in own.values()),
        "may_order": runs and meeting.is_going,
        "may_mark": marks,
        "offered": [_named(each) for each in _offered(request, meeting)] if runs and meeting.is_going else [],
        "full": touring.FULL,
    }


def _mark_form(update: Update, own: Mark | None) -> MarkForm:
    initial = {"points": own.points, "words": own.words} if own else None
    return MarkForm(initial=initial, prefix=f"s{update.pk}")


def _done(project: Project) -> str:
    standing = getattr(project, "standing", None)
    if standing is None or standing.plan is None:
        return ""
    return f"年度计划 {columns.brief(standing.plan)}，完成 {columns.percent(standing.done, standing.plan)}"


def _is_tour(meeting: Meeting) -> bool:
    return meeting.kind == Meeting.Kind.TOUR


def _is_special(meeting: Meeting) -> bool:
    return meeting.kind not in (Meeting.Kind.TOUR, Meeting.Kind.WEEKLY)


pages.register(pages.Page("stops", _page, button="观摩点和评分", fits=_is_tour, order=30))
pages.register(pages.Page("projects", _page, button="选项目", fits=_is_special, order=30))
