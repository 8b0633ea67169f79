"""The pages on which a person decides what reading left open. Each is one form in front of one verb of `review`.

Who may not see the report gets the answer of a missing one; who may not write in its zone is refused. What was typed
is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from projects.reports import display as shown
from projects.reports import forms, notes, reconciling, review
from projects.reports.models import Difference, Figure, Mention
from zones.scoped.admin import NO_SUCH_ROW, can_write

MAY_NOT_DECIDE: Final = "您没有权限处理这篇报道，请联系所属区域的项目办"
NOT_COUNTED: Final = "这条数据没有项目数和金额，不用核对"


@dataclass(frozen=True, slots=True)
class Act:
    """One such page: its name in the address, its title and button, its form, what it does and for which rows."""

    name: str
    title: str
    button: str
    form: type[Any]
    do: Callable[[HttpRequest, Any, Any], str]
    is_open: Callable[[Any], bool]
    closed: str
    hints: Callable[[HttpRequest, Any], list[str]]


# ---- What each does --------------------------------------------------------------------------------
def _decide(request: HttpRequest, mention: Mention, form: Any) -> str:
    by: Any = request.user
    if form.cleaned_data["choice"] == forms.REFUSE:
        review.refuse(mention, reason=form.cleaned_data["reason"], by=by)
        return f"“{mention.name}”不采纳，原因留在报道里。"
    project, done = form.project(), None
    if project is None:
        project, done = review.adopt_as_new(mention, by=by)
        return f"“{mention.name}”已建档，编号 {project.code}：{done.sentence}。"
    done = review.adopt(mention, project, by=by)
    return f"“{mention.name}”已对应到 {project.code}“{project.name}”：{done.sentence}。"


def _asked(request: HttpRequest, mention: Mention) -> list[str]:
    printed = "，".join(filter(None, (shown.batch_words(mention), *_printed(mention))))
    said = [f"原文：{printed}"] if printed else []
    return [f"报道“{mention.report}”", *said, *notes.told_to(request.user, [mention])]


def _printed(mention: Mention) -> list[str]:
    return [f"{line.label}{line.words}" for line in shown.lines(mention, mention.report)]


def _doubted(request: HttpRequest, difference: Difference) -> list[str]:
    return [f"报道“{difference.report}”", "原文不会改动，处理意见记在报道里。"]


def _settle(request: HttpRequest, difference: Difference, form: Any) -> str:
    review.settle(difference, resolution=form.cleaned_data["resolution"], by=request.user)
    return "处理意见已记录，原文没有改动。"


def _counted(request: HttpRequest, figure: Figure) -> list[str]:
    line = next(line for line in reconciling.lines(figure.report, request.user) if line.figure.pk == figure.pk)
    return [f"报道“{figure.report}”", line.sentence, "说明对现在这几个数有效；数变了会重新提出来。"]


def _answer(request: HttpRequest, figure: Figure, form: Any) -> str:
    reconciling.answer(figure, form.cleaned_data["text"], by=request.user)
    return "核对说明已记录。"


DECIDE: Final = Act(
    "decide",
    "处理提及",
    "提交",
    forms.DecideForm,
    _decide,
    lambda mention: mention.state in review.UNDECIDED,
    review.DECIDED,
    _asked,
)
SETTLE: Final = Act(
    "settle",
    "处理不一致",
    "提交",
    forms.SettleForm,
    _settle,
    lambda difference: difference.open,
    review.SETTLED,
    _doubted,
)
ANSWER: Final = Act(
    "answer",
    "核对总数",
    "提交",
    forms.AnswerForm,
    _answer,
    lambda figure: bool(figure.count or figure.amount_low),
    NOT_COUNTED,
    _counted,
)


# ---- The page --------------------------------------------------------------------------------------
def address(screen: Any, act: Act) -> URLPattern:
    """The address of an act on the rows of a screen; it comes before the screen's own addresses."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return _page(screen, act, request, pk)

    name = f"{screen.opts.app_label}_{screen.opts.model_name}_{act.name}"
    return path(f"<int:pk>/{act.name}/", screen.admin_site.admin_view(view), name=name)


def url(act: Act, row: Mention | Difference | Figure) -> str:
    """The address of an act on a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{act.name}", args=[row.pk])


def _page(screen: Any, act: Act, request: HttpRequest, pk: int) -> HttpResponse:
    row = screen.get_queryset(request).select_related("report__zone").filter(pk=pk).first()
    if row is None:
        raise Http404(NO_SUCH_ROW)
    if not can_write(request, row):
        raise PermissionDenied(MAY_NOT_DECIDE)
    back = _back(row)
    if not act.is_open(row):
        messages.info(request, f"{act.closed}。")
        return HttpResponseRedirect(back)
    posted = request.POST if request.method == "POST" else None
    form = act.form(posted, row=row, user=request.user)
    if posted is not None and _done(screen, act, request, row, form):
        return HttpResponseRedirect(back)
    context = {"title": act.title, "act": act, "row": row, "form": form, "hints": act.hints(request, row), "back": back}
    return TemplateResponse(
        request, "admin/projects_reports/act.html", {**screen.admin_site.each_context(request), **context}
    )


def _done(screen: Any, act: Act, request: HttpRequest, row: Any, form: Any) -> bool:
    """Whether the act was carried out; if not, the form says why."""
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            said = act.do(request, row, form)
            screen.log_change(request, row, act.title)
    except ValidationError as error:
        forms.blame(form, error)
        return False
    messages.success(request, said)
    return True


def _back(row: Mention | Difference | Figure) -> str:
    page = reverse("admin:projects_reports_report_change", args=[row.report_id])
    return f"{page}#{shown.anchor(row)}" if isinstance(row, Mention) else page
