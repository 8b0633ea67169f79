"""What a liaison tells of his projects: progress, a step that is done, a problem and how it goes on."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils.html import format_html

from projects import facts, forms, money
from projects.admin import acts, columns
from projects.admin.acts import Act, Done
from projects.models import Problem, Progress, Project
from zones.permissions import Action


def user_of(request: HttpRequest) -> Any:
    """Who signs for the fact."""
    return request.user


def _record(request: HttpRequest, project: Project, form: Any) -> Done:
    told = form.cleaned_data
    figures = {name: told[name] for name in ("amount", "percent", "words")}
    row, changed = facts.record(project, told["channel"], told["up_to"], by=user_of(request), **figures)
    if not changed:
        return f"截至{row.up_to:%Y-%m-%d}的数据此前已经填过，没有变化"
    shown = f"年内累计完成 {money.show(row.amount)}" if row.amount is not None else "文字说明"
    again = format_html('<a class="tk-underline" href="{}">再填一次</a>', acts.act_url("record", project))
    return format_html(
        "已填报：截至{} {}。填错了可以{}，以后填的为准，原数据留存。", f"{row.up_to:%Y-%m-%d}", shown, again
    )


def _last_told(project: Project) -> str:
    told = project.progress.filter(current=True, amount__isnull=False)
    row = told.filter(channel=Progress.Channel.REPORTED).first() or told.first()
    if row is None or row.amount is None:
        return "此前没有填过完成投资。"
    return f"上次：截至{row.up_to:%Y-%m-%d}，年内累计 {money.show(row.amount)}（{row.get_channel_display()}）。"


def _reach(request: HttpRequest, project: Project, form: Any) -> Done:
    kind, label = form.key
    told = form.cleaned_data
    milestone = facts.reach(project, kind, told["when"], label=label, by=user_of(request), reason=told["reason"])
    undo = format_html('<a class="tk-underline" href="{}">撤销</a>', acts.act_url("undo", project))
    return format_html("已记录：“{}”完成。填错了可以{}。", str(milestone), undo)


def _undo(request: HttpRequest, project: Project, form: Any) -> Done:
    milestone = facts.undo(form.milestone(), reason=form.cleaned_data["reason"], by=user_of(request))
    return f"已撤销“{milestone}”的完成记录，原记录留在变动里"


def _raise_problem(request: HttpRequest, project: Project, form: Any) -> Done:
    problem = facts.raise_problem(project, by=user_of(request), **form.cleaned_data)
    where = format_html(
        '<a class="tk-underline" href="{}">{}</a>', columns.page("problem_change", problem.pk), problem.title
    )
    return format_html("已登记问题：{}", where)


def _close(request: HttpRequest, problem: Problem, form: Any) -> Done:
    facts.close_problem(problem, on=form.cleaned_data["on"], note=form.cleaned_data["note"], by=user_of(request))
    undo = format_html('<a class="tk-underline" href="{}">撤销销号</a>', columns.page("problem_reopen", problem.pk))
    return format_html("“{}”已销号。弄错了可以{}。", problem.title, undo)


def _reopen(request: HttpRequest, problem: Problem, form: Any) -> Done:
    facts.reopen_problem(problem, reason=form.cleaned_data["reason"], by=user_of(request))
    return f"已撤销销号：“{problem.title}”"


def _move(request: HttpRequest, problem: Problem, form: Any) -> Done:
    told = form.cleaned_data
    moved = facts.move_problem(problem, told["deadline"], reason=told["reason"], by=user_of(request))
    return f"“{problem.title}”的完成时限：{moved.deadline:%Y-%m-%d}"


def _mark_major(request: HttpRequest, problem: Problem, form: Any) -> Done:
    facts.mark_problem(problem, major=True, reason=form.cleaned_data["reason"], by=user_of(request))
    return f"“{problem.title}”已标为重大问题"


def _mark_minor(request: HttpRequest, problem: Problem, form: Any) -> Done:
    facts.mark_problem(problem, major=False, reason=form.cleaned_data["reason"], by=user_of(request))
    return f"“{problem.title}”不再标为重大问题"


def _deadline_now(problem: Problem) -> str:
    return f"现在的完成时限：{problem.deadline:%Y-%m-%d}" if problem.deadline else "此前没有定过完成时限"


ON_PROJECTS: Final = (
    Act("record", "填报进展", "提交", forms.ProgressForm, _record, _last_told),
    Act("reach", "节点完成", "提交", forms.ReachForm, _reach),
    Act("undo", "撤销节点完成", "撤销", forms.UndoForm, _undo),
    Act("problem", "登记问题", "登记", forms.ProblemForm, _raise_problem),
)


def _is_open(problem: Problem) -> bool:
    return problem.closed_on is None


def _is_minor(problem: Problem) -> bool:
    return _is_open(problem) and not problem.major


def _is_major(problem: Problem) -> bool:
    return _is_open(problem) and problem.major


def _is_closed(problem: Problem) -> bool:
    return problem.closed_on is not None


def _settled_by(problem: Problem) -> str:
    return f"销号说明：{problem.closing_note}" if problem.closing_note else ""


ON_PROBLEMS: Final = (
    Act("close", "销号", "销号", forms.CloseForm, _close, fits=_is_open),
    Act("move", "调整时限", "保存", forms.MoveForm, _move, _deadline_now, fits=_is_open),
    Act("major", "标为重大", "标为重大", forms.MarkForm, _mark_major, by=(Action.WRITE,), fits=_is_minor),
    Act("minor", "取消重大", "取消重大", forms.MarkForm, _mark_minor, by=(Action.WRITE,), fits=_is_major),
    Act("reopen", "撤销销号", "撤销销号", forms.ReopenForm, _reopen, _settled_by, fits=_is_closed),
)
