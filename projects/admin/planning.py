"""Where the office plans, 编制年度计划 and 倒排工期, and where a leader approves a plan or takes it back."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from projects import facts, forms, money
from projects.admin.acts import Act, Done
from projects.admin.deciding import HEADS, OFFICE, SAME
from projects.admin.telling import user_of
from projects.facts.locking import locked
from projects.models import AnnualPlan, Project
from zones import clock

ZERO: Final = "年度计划为零，不判定投资进度"


# ---- Plans -------------------------------------------------------------------------------------------
def _plan(request: HttpRequest, project: Project, form: Any) -> Done:
    told = form.cleaned_data
    locked(project)
    last = form.latest(told["year"])
    more = {name: told[name] for name in ("carried", "method", "reason")}
    plan = facts.plan_year(project, told["year"], told["amount"], told["targets"], by=user_of(request), **more)
    if plan == last:
        return SAME
    said = f"已拟定{plan}：{money.show(plan.amount)}，待领导批准后生效"
    return said if plan.amount else f"{said}。{ZERO}"


def _last_plan(project: Project) -> str:
    year = clock.today().year
    held = AnnualPlan.objects.holding_on(clock.today()).filter(project=project, year=year).first()
    return f"现行：{held}，{money.show(held.amount)}。" if held else f"{year}年还没有批准过的计划。"


def _approve_plan(request: HttpRequest, plan: AnnualPlan, form: Any) -> Done:
    facts.approve_plan(plan, by=user_of(request))
    return f"已批准{plan}：{money.show(plan.amount)}" + ("" if plan.amount else f"。{ZERO}")


def _targets(plan: AnnualPlan) -> str:
    shown = "，".join(f"{target.month}月底 {money.show(target.amount)}" for target in plan.targets.order_by("month"))
    reason = f"调整原因：{plan.reason}。" if plan.reason else ""
    return f"{plan}：{money.show(plan.amount)}。{reason}逐月累计：{shown}。批准之日起生效。"


def _withdraw(request: HttpRequest, plan: AnnualPlan, form: Any) -> Done:
    row = facts.withdraw_plan(plan, reason=form.cleaned_data["reason"], by=user_of(request))
    return f"已作废：{row}。它保留在列表里，不再用于判定"


def _withdrawing(plan: AnnualPlan) -> str:
    others = AnnualPlan.objects.binding_on(clock.today()).filter(project=plan.project_id, year=plan.year)
    left = others.exclude(pk=plan.pk).order_by("-effective_from", "-edition").first()
    then = f"作废后按{left}（{money.show(left.amount)}）判定" if left else "作废后这一年没有现行计划，不判定投资进度"
    return f"{plan}：{money.show(plan.amount)}。{then}。只在计划本身有误（如单位写错）时作废；计划变了，请另拟一版。"


# ---- Schedules ---------------------------------------------------------------------------------------
def _schedule(request: HttpRequest, project: Project, form: Any) -> Done:
    told = form.cleaned_data
    laid = facts.lay_schedule(project, told["steps"], reason=told["reason"], by=user_of(request))
    skipped = f"；已完成、未再承诺：{_named(laid.skipped)}" if laid.skipped else ""
    if not laid.changed:
        return f"{SAME}{skipped}"
    parts = [
        f"{words} {len(rows)} 个节点" for words, rows in (("已承诺", laid.promised), ("已调整", laid.moved)) if rows
    ]
    return f"{'，'.join(parts)}{skipped}"


def _named(rows: list[Any]) -> str:
    return "、".join(str(row) for row in rows)


ON_PROJECTS: Final = (
    Act(
        "plan",
        "编制年度计划",
        "保存为草稿",
        forms.PlanForm,
        _plan,
        _last_plan,
        OFFICE,
        template="admin/projects/plans/plan.html",
    ),
    Act(
        "schedule",
        "倒排工期",
        "确认承诺",
        forms.ScheduleForm,
        _schedule,
        by=OFFICE,
        template="admin/projects/plans/schedule.html",
    ),
)
ON_PLANS: Final = (
    Act(
        "approve",
        "批准年度计划",
        "批准",
        forms.ConfirmForm,
        _approve_plan,
        _targets,
        HEADS,
        lambda plan: plan.status == AnnualPlan.Status.DRAFT,
    ),
    Act(
        "withdraw",
        "作废",
        "作废",
        forms.WithdrawForm,
        _withdraw,
        _withdrawing,
        HEADS,
        lambda plan: plan.status == AnnualPlan.Status.APPROVED,
        noted=True,
    ),
)
