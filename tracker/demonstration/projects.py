"""What no report gives: who stands for a project, its plans, returns, deadlines and problems. All invented.

Every value goes through `projects.facts` with one source of kind demo, so that screens can say 演示. That the ledger
of the demonstration names a project is itself a claim, which nobody can edit: it tells that the project was furnished.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from projects import claims, facts
from projects.matching import Register
from projects.models import Claim, Period, Project, ScheduleTemplate, Source
from projects.money import Amount
from projects.plans import methods, schedule
from tracker.demonstration import days, files, people, returns
from zones.models import Department, User, Zone

FIXTURE = "demonstration/projects.json"
LINE = 5


@dataclass(frozen=True, slots=True)
class Book:
    """The invented ledger and everything that its rows refer to by a short word."""

    zone: Zone
    source: Source
    year: int
    planned_on: date
    known_on: date
    clerk: User
    approver: User
    users: dict[str, User]
    departments: dict[str, Department]
    furnished: set[str]


def fill(tell: Callable[[str], Any]) -> None:
    """Furnish every project of the ledger that was not furnished before, and tell which are not there."""
    book = _open()
    register = Register.for_zone(book.zone)
    absent = []
    for row in files.load(FIXTURE)["projects"]:
        if row["name"] in book.furnished:
            continue
        project = _find(register, row) or _invented(book, row)
        if project is None:
            absent.append(row["name"])
        else:
            _furnish(book, project, row)
    if absent:
        tell(f"演示台账里有 {len(absent)} 个项目不在这些报道中，没有写入其计划和进展：{_shortened(absent)}")


def _shortened(names: list[str]) -> str:
    return "、".join(names[:LINE]) + ("等" if len(names) > LINE else "")


# ---- The ledger ----------------------------------------------------------------------------------
def _open() -> Book:
    told = files.load(FIXTURE)
    zone = Zone._base_manager.get(code=told["zone"])
    source = _source(told, zone)
    users = {user.username: user for user in User._base_manager.filter(is_demo=True)}
    return Book(
        zone=zone,
        source=source,
        year=told["year"],
        planned_on=date.fromisoformat(told["planned_on"]),
        known_on=date.fromisoformat(told["undated_known_on"]),
        clerk=users[told["recorded_by"]],
        approver=users[told["approved_by"]],
        users=users,
        departments=people.departments_by_code(),
        furnished=set(_named(source)),
    )


def _source(told: dict[str, Any], zone: Zone) -> Source:
    published = files.day(told["source"]["published"])
    source, _ = Source._base_manager.get_or_create(
        kind=Source.Kind.DEMO,
        zone=zone,
        title=told["source"]["title"],
        defaults={"date_first": published, "date_last": published},
    )
    return source


def _named(source: Source) -> list[str]:
    return list(Claim._base_manager.filter(source=source, field=Claim.Field.NAME).values_list("text", flat=True))


def _find(register: Register, row: dict[str, Any]) -> Project | None:
    match = register.find(row["name"])
    return Project._base_manager.get(pk=match.pk) if match.pk else None


def _invented(book: Book, row: dict[str, Any]) -> Project | None:
    """A project that is an invention as a whole. The others come from the reports or not at all."""
    if "entries" not in row:
        return None
    return facts.create(name=row["name"], zone=book.zone, by=book.clerk, is_demo=True)


# ---- One project ---------------------------------------------------------------------------------
@transaction.atomic
def _furnish(book: Book, project: Project, row: dict[str, Any]) -> None:
    _claim(book, project, row)
    _enter(book, project, row.get("entries", []))
    _assign(book, project, row.get("assignments", []))
    for step in row.get("milestones", []):
        _milestone(book, project, step, row.get("replanned"))
    _schedule(book, project, row.get("schedule"))
    _plan(book, project, row.get("plan"))
    if "progress" in row:
        returns.fill(_desk(book, row), project, row["progress"], row.get("returns", {}))
    _problems(book, project, row.get("problems", []))
    _end(book, project, row)


def _claim(book: Book, project: Project, row: dict[str, Any]) -> None:
    total = row["total_wan"] * files.WAN
    holds_on = book.source.date_last
    claims.assert_claim(project, Claim.Field.NAME, row["name"], source=book.source, by=book.clerk)
    claims.assert_claim(
        project,
        Claim.Field.AMOUNT,
        Amount(total, total, "CNY", ""),
        source=book.source,
        holds_on=holds_on,
        by=book.clerk,
    )


def _enter(book: Book, project: Project, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        period = Period.objects.numbered(book.zone, row["period"])
        entry, _ = facts.enter(project, row["batch"], period, source=book.source, by=book.clerk)
        if "left" in row:
            facts.leave(entry, on=date.fromisoformat(row["left"]), reason=row["left_reason"], by=book.clerk)


def _assign(book: Book, project: Project, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        who = _who(book, row)
        # A unit that was renamed meanwhile is not guessed at.
        if any(who.values()):
            facts.assign(project, row["role"], **who, starts=book.planned_on, by=book.clerk)


def _who(book: Book, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "user": book.users.get(row.get("username", "")),
        "department": book.departments.get(row.get("department", "")),
    }


def _milestone(book: Book, project: Project, row: dict[str, Any], moved: dict[str, Any] | None) -> None:
    if promised := row.get("baseline") or row.get("planned"):
        _promise(book, project, row["kind"], _deadline(promised), approved="baseline" in row)
    if moved and moved["kind"] == row["kind"]:
        _replan(book, project, moved)
    if done := row.get("done"):
        day = None if done is True else date.fromisoformat(done)
        known_on = day or book.known_on
        facts.reach(project, row["kind"], day, known_on=known_on, source=book.source, by=book.clerk)


def _promise(book: Book, project: Project, kind: str, deadline: date, *, approved: bool) -> None:
    # A promise of an earlier year was made when that year's work was planned.
    on = min(book.planned_on, book.planned_on.replace(year=deadline.year))
    milestone = facts.promise(project, kind, deadline, source=book.source, on=on, by=book.clerk)
    if approved:
        facts.approve(milestone, on=on, by=book.approver)


def _replan(book: Book, project: Project, moved: dict[str, Any]) -> None:
    milestone = project.milestones.get(kind=moved["kind"])
    on, deadline = date.fromisoformat(moved["on"]), _deadline(moved["to"])
    facts.replan(milestone, deadline, reason=moved["reason"], source=book.source, on=on, by=book.clerk)


def _schedule(book: Book, project: Project, told: dict[str, Any] | None) -> None:
    """The steps of a template laid back from the target, but for those that were promised otherwise."""
    if told is None:
        return
    template = ScheduleTemplate._base_manager.get(code=told["template"])
    laid = schedule.lay_back(template, date.fromisoformat(told["target"]))
    with days.on(date.fromisoformat(told["on"])):
        chosen = [step for step in laid if step.kind not in told["without"]]
        facts.lay_schedule(project, chosen, source=book.source, by=book.clerk)
    for label, told_day in told["done"].items():
        day = date.fromisoformat(told_day)
        facts.reach(project, "other", day, label=label, known_on=day, source=book.source, by=book.clerk)


def _plan(book: Book, project: Project, plan: dict[str, Any] | None) -> None:
    if plan is None:
        return
    _edition(book, project, plan, on=book.planned_on)
    if revised := plan.get("revised"):
        _edition(book, project, plan | revised, on=date.fromisoformat(revised["on"]))


def _edition(book: Book, project: Project, plan: dict[str, Any], on: date) -> None:
    amount, method = plan["annual_wan"] * files.WAN, plan["method"]
    how = {name: plan[name] for name in ("first_month", "season") if name in plan}
    cut = methods.cut_down(project, book.year, amount, method, **how)
    told = {"carried": files.yuan(plan["carried_wan"]), "method": method, "reason": plan.get("reason", "")}
    draft = facts.plan_year(project, book.year, amount, cut.targets, **told, source=book.source, by=book.clerk)
    facts.approve_plan(draft, on=on, by=book.approver)


def _desk(book: Book, row: dict[str, Any]) -> returns.Desk:
    liaison = next(one["username"] for one in row["assignments"] if one["role"] == "liaison")
    return returns.Desk(year=book.year, source=book.source, filler=book.users[liaison], reviewer=book.clerk)


def _problems(book: Book, project: Project, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        problem = facts.raise_problem(
            project,
            title=row["title"],
            category=row["category"],
            raised_on=date.fromisoformat(row["raised"]),
            department=book.departments.get(row["department"]),
            deadline=files.day(row.get("deadline")),
            solution=row["solution"],
            source=book.source,
            by=book.clerk,
        )
        if "closed" in row:
            facts.close_problem(problem, on=date.fromisoformat(row["closed"]), note=row["solution"], by=book.clerk)


def _end(book: Book, project: Project, row: dict[str, Any]) -> None:
    if halt := row.get("suspension"):
        starts = date.fromisoformat(halt["from"])
        facts.suspend(
            project, starts=starts, reason=halt["reason"], approver=halt["approver"], source=book.source, by=book.clerk
        )
    if end := row.get("terminated"):
        facts.terminate(project, on=date.fromisoformat(end["on"]), reason=end["reason"], by=book.clerk)


def _deadline(month: str) -> date:
    """The last day of a month written YYYY-MM."""
    year, number = map(int, month.split("-"))
    return date(year, number, monthrange(year, number)[1])
