"""What a project office decides: which statement holds, deadlines, standstills, ends; and what a leader
approves. Plans and schedules are in `planning`.

A liaison does none of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils.html import format_html

from projects import claims, facts, forms
from projects.admin import acts
from projects.admin.acts import Act, Done
from projects.admin.telling import user_of
from projects.facts.locking import locked
from projects.models import Claim, Entry, Milestone, Project, Suspension
from zones.permissions import Action

OFFICE: Final = (Action.WRITE,)
HEADS: Final = (Action.APPROVE,)
ONE_DAY: Final = timedelta(days=1)
SAME: Final = "此前已登记，没有变化"


# ---- Statements --------------------------------------------------------------------------------------
def _choose(request: HttpRequest, claim: Claim, form: Any) -> Done:
    claims.choose(claim, by=user_of(request))
    return f"{claim.get_field_display()}已采用“{claim.shown}”"


def _chosen_now(claim: Claim) -> str:
    held = claim.project.claims.filter(field=claim.field, certainty=claim.certainty, chosen=True).first()
    now = held.shown if held else "还没有采用任何说法"
    return f"{claim.get_field_display()}（{claim.get_certainty_display()}）：现采用“{now}”，改为采用“{claim.shown}”。"


# ---- Deadlines ---------------------------------------------------------------------------------------
def _promise(request: HttpRequest, project: Project, form: Any) -> Done:
    told, (kind, label) = form.cleaned_data, form.key
    who = {"reason": told["reason"], "by": user_of(request)}
    row = form.milestone
    if row and row.planned and row.planned != told["deadline"]:
        row = facts.replan(row, told["deadline"], **who)
    else:
        row = facts.promise(project, kind, told["deadline"], label=label, **who)
    return f"“{row}”的期限：{row.planned:%Y-%m-%d}"


def _approve(request: HttpRequest, milestone: Milestone, form: Any) -> Done:
    row = facts.approve(milestone, by=user_of(request))
    return f"“{row}”的首次承诺：{row.baseline:%Y-%m-%d}。以后按它判定预警"


def _promised(milestone: Milestone) -> str:
    if milestone.baseline:
        return f"首次承诺已经批准：{milestone.baseline:%Y-%m-%d}。"
    if not milestone.planned:
        return "还没有计划期限，不能批准。"
    return f"把计划期限 {milestone.planned:%Y-%m-%d} 定为首次承诺。此后可以调整计划，首次承诺不再变。"


# ---- Standing still, ending, leaving -----------------------------------------------------------------
def _suspend(request: HttpRequest, project: Project, form: Any) -> Done:
    told = form.cleaned_data
    if locked(project).suspensions.filter(ends=None, **told).exists():
        return SAME
    row = facts.suspend(project, by=user_of(request), **told)
    return format_html(
        '已登记：{}。恢复后请登记<a class="tk-underline" href="{}">复工</a>。', str(row), acts.act_url("resume", row)
    )


def _resume(request: HttpRequest, suspension: Suspension, form: Any) -> Done:
    on = form.cleaned_data["on"]
    locked(suspension.project)
    suspension.refresh_from_db()
    if suspension.ends == on - ONE_DAY:
        return SAME
    facts.resume(suspension, ends=on - ONE_DAY, by=user_of(request))
    return f"已登记复工：{on:%Y-%m-%d}"


def _standing_still(suspension: Suspension) -> str:
    return f"{suspension}，批准人 {suspension.approver}：{suspension.reason}"


def _terminate(request: HttpRequest, project: Project, form: Any) -> Done:
    told = form.cleaned_data
    stored = locked(project)
    if (stored.terminated_on, stored.terminated_reason) == (told["on"], told["reason"].strip()):
        return SAME
    facts.terminate(project, on=told["on"], reason=told["reason"], by=user_of(request))
    return f"项目已于 {told['on']:%Y-%m-%d} 终止"


def _leave(request: HttpRequest, entry: Entry, form: Any) -> Done:
    told = form.cleaned_data
    locked(entry.project)
    entry.refresh_from_db()
    if entry.left_on == told["on"] and entry.left_reason == told["reason"].strip():
        return SAME
    facts.leave(entry, on=told["on"], reason=told["reason"], by=user_of(request))
    return f"已调出：{entry}"


ON_PROJECTS: Final = (
    Act("promise", "承诺 / 调整期限", "保存", forms.DeadlineForm, _promise, by=OFFICE),
    Act("suspend", "停缓建", "登记", forms.SuspendForm, _suspend, by=OFFICE),
    Act("terminate", "终止项目", "终止", forms.TerminateForm, _terminate, by=OFFICE, after_the_end=True),
)
ON_CLAIMS: Final = (
    Act(
        "choose",
        "采用此说法",
        "采用",
        forms.ConfirmForm,
        _choose,
        _chosen_now,
        OFFICE,
        lambda claim: not claim.chosen,
        noted=True,
    ),
)
ON_MILESTONES: Final = (
    Act(
        "approve",
        "批准为首次承诺",
        "批准",
        forms.ConfirmForm,
        _approve,
        _promised,
        (*OFFICE, *HEADS),
        lambda row: bool(row.planned and not row.baseline and not row.done),
    ),
)
ON_SUSPENSIONS: Final = (
    Act("resume", "复工", "登记", forms.ResumeForm, _resume, _standing_still, OFFICE, lambda row: row.ends is None),
)
ON_ENTRIES: Final = (
    Act("leave", "调出", "调出", forms.LeaveForm, _leave, str, OFFICE, lambda entry: entry.left_on is None, noted=True),
)
