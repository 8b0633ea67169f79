"""Writing what a ledger says: one transaction, a constant number of statements for some hundred projects."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from projects import claims, facts, standings
from projects.ledgers import meant
from projects.ledgers.comparing import Case, Comparison, Kind, Tally
from projects.ledgers.judging import Work
from projects.ledgers.meant import Item
from projects.ledgers.models import Ledger, LedgerRow
from projects.ledgers.understanding import Understood
from projects.models import Company, Project, Source
from projects.standings.among import Keys, listed
from zones import bulk, clock
from zones.models import Zone
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may

MOVED: Final = "预览以后有关项目的数据有了变化，没有导入：已按现在的数据重新比对，请核对后再导入"
STOPPED: Final = "已按要求停止，没有写入"
SELDOM: Final = (50_000, 20, 100)  # objects, and times, after which garbage is collected
LISTED: Final = 20  # sentences of wrong rows that a refusal repeats


class Stopped(ValidationError):
    """The import was to come to an end; nothing of it is written."""


@dataclass(slots=True)
class Done:
    """What an import wrote."""

    tally: Tally
    created: int = 0
    changed: int = 0
    claims: int = 0
    plans: int = 0
    figures: int = 0
    steps: int = 0
    others: int = 0
    approved: list[int] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether nothing was written but the ledger's own rows."""
        return not (self.created or self.changed)

    @property
    def sentence(self) -> str:
        """What was written, in one sentence."""
        counts = self.tally.counts
        left = counts[Kind.WRONG] + counts[Kind.LEFT_OUT]
        projects = _counted({"新增项目": (self.created, "个"), "更新项目": (self.changed, "个")})
        written = _counted(
            {
                **{"数据": (self.claims, "条"), "年度计划": (self.plans, "个"), "进展": (self.figures, "条")},
                **{"节点": (self.steps, "个"), "其他": (self.others, "条")},
            }
        )
        told = "：".join(filter(None, (projects, written))) or "没有新的内容，没有改动"
        if counts[Kind.CONFLICT]:
            told += f"；{counts[Kind.CONFLICT]} 行有冲突，冲突的内容没有改动"
        return f"{told}；{left} 行没有导入" if left else told

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        names = ("created", "changed", "claims", "plans", "figures", "steps", "others")
        return {name: getattr(self, name) for name in names} | {"rows": self.tally.as_dict()}


def _counted(told: Mapping[str, tuple[int, str]]) -> str:
    """Numbers in words, without the noughts."""
    return "，".join(f"{name} {number} {measure}" for name, (number, measure) in told.items() if number)


def write(
    ledger: Ledger,
    read: Understood,
    *,
    by: Any,
    only_good: bool = False,
    approve_plans: bool = False,
    previewed: str = "",
    stopping: Callable[[], bool] = lambda: False,
    told: Callable[[int], None] = lambda done: None,
) -> Done:
    """Import the ledger, all of it or nothing. `previewed` is the digest of what a person saw: where it would write
    something else by now, it is refused. `told` hears how many rows are done.

    Raises ValidationError with every wrong row and with those of which nobody has said what project they mean, unless
    `only_good` leaves them out; Stopped when `stopping` says so.
    """
    with transaction.atomic(), _sheets_left_alone():
        Zone.objects.select_for_update(no_key=True).only("pk").get(pk=ledger.zone_id)
        # A worker's ledger is not held: its page shows how far it is and stops it, and nobody else may touch it.
        held = Ledger.objects.select_for_update(no_key=True, of=("self",))
        _unchanged(ledger, Ledger.objects.all() if ledger.state == Ledger.State.IMPORTING else held)
        comparison = Comparison(ledger, read, by)
        meant.lock(comparison.meant)
        ledger.rows.all().delete()
        done = Done(comparison.tally)
        writing = _Writing(comparison, by, done, approve_plans=approve_plans)
        pending: list[str] = []
        for cases in comparison.chunks(told):
            if stopping():
                raise Stopped(STOPPED)
            pending += _pending(cases)
            if not (comparison.tally.wrong or pending) or only_good:
                writing.chunk(cases)
        _refuse(comparison.tally, [] if only_good else pending, only_good=only_good)
        if previewed and comparison.tally.judged != previewed:
            raise ValidationError(MOVED, code="moved")
        if _unchanged(ledger, held).stopping:
            raise Stopped(STOPPED)
        _settle(ledger, done, by, only_good=only_good)
    return done


def _unchanged(ledger: Ledger, rows: QuerySet[Ledger]) -> Ledger:
    """The ledger as it is stored. Raises StaleVersion where somebody has changed it since it was read."""
    stored = rows.get(pk=ledger.pk)
    if stored.version != ledger.version:
        raise StaleVersion(stored)
    return stored


@contextmanager
def _sheets_left_alone() -> Iterator[None]:
    """The collector of garbage need not walk through what is read, again and again, while rows come and go: hardly any
    of it is in a circle. It takes an eighth of the time else.
    """
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()


def _pending(cases: Sequence[Case]) -> list[str]:
    return [
        f"第{row.number}行“{row.name}”：{row.differences[0][5]}"
        for case in cases
        for row in case.rows
        if row.kind == Kind.CONFLICT and (case.work is None)
    ]


def _refuse(tally: Tally, pending: Sequence[str], *, only_good: bool) -> None:
    wrong = [] if only_good else tally.wrong
    if not (wrong or pending):
        return
    told = [*wrong[:LISTED], *pending[: max(0, LISTED - len(wrong))]]
    more = len(wrong) + len(pending) - len(told)
    found = "、".join(
        [*([f"{len(wrong)} 处错误"] if wrong else []), *([f"{len(pending)} 行待选定"] if pending else [])]
    )
    ways = [*(["改正"] if wrong else []), *(["选定"] if pending else [])]
    head = f"有 {found}，没有导入：请{'、'.join(ways)}或不导入这些行，或选择“只导入正确的行”"
    raise ValidationError([head, *told, *([f"……另有 {more} 处"] if more else [])])


def _settle(ledger: Ledger, done: Done, by: Any, *, only_good: bool) -> None:
    ledger.state, ledger.outcome, ledger.only_good = Ledger.State.IMPORTED, done.sentence[:500], only_good
    ledger.imported_at, ledger.imported_by, ledger.stopping = timezone.now(), by, False
    ledger.made = {"approved": done.approved} if done.approved else {}
    ledger.counts, ledger.judged = done.tally.as_dict(), done.tally.judged
    ledger.done_rows = ledger.all_rows = sum(done.tally.counts.values())
    ledger.save()


class _Writing:
    """Writes the cases of one ledger."""

    def __init__(self, comparison: Comparison, by: Any, done: Done, *, approve_plans: bool) -> None:
        ledger = comparison.ledger
        self.by, self.done, self.earlier = by, done, comparison.around.earlier
        self.source: Source = ledger.source
        self.approve_plans = approve_plans and (by is None or may(by, Action.APPROVE, ledger.zone))

    def chunk(self, cases: Sequence[Case]) -> None:
        """Write what is to be written for these cases, and their rows."""
        made: dict[int, dict[str, Any]] = {}
        working = [case for case in cases if case.work and not case.work.is_empty]
        projects = self._projects(working)
        works = [(case.work, project) for case, project in zip(working, projects, strict=True) if case.work]
        for at, case in enumerate(working):
            made[id(case)] = {}
            for row in case.rows:
                row.project_id = projects[at].pk
        self._fill(works, working, made)
        self._claim(works, working, made)
        self._facts(works, working, made)
        for at, case in enumerate(working):
            first = next((row for row in case.rows if row.created), case.rows[0])
            if first.created:
                made[id(case)]["version"] = projects[at].version
            first.made = made[id(case)]
        bulk.insert([row for case in cases for row in case.rows])
        if projects:
            standings.refresh_of(Keys.of(sorted(project.pk for project in projects)), clock.today())

    def _projects(self, cases: Sequence[Case]) -> list[Project]:
        """The project of each case, opened where it is new, with zone and company."""
        new = [case for case in cases if case.work and case.work.opening]
        works = [case.work for case in new if case.work]
        openings = [replace(work.opening, columns=work.filled) for work in works if work.opening]
        opened = dict(zip(map(id, new), facts.create_many(openings, by=self.by), strict=True)) if new else {}
        self.done.created += len(opened)
        self.done.changed += len(cases) - len(opened)
        return [opened.get(id(case)) or case.work.known.project for case in cases]  # type: ignore[union-attr]

    def _fill(self, works: Sequence[tuple[Work, Project]], cases: Sequence[Case], made: dict[int, Any]) -> None:
        """Columns of projects that were empty."""
        columns = ("national_code", "content", "category", "importance")
        rows = []
        for case, (work, project) in zip(cases, works, strict=True):
            if work.opening or not work.filled:
                continue
            made[id(case)]["filled"] = work.filled
            for name, value in work.filled.items():
                setattr(project, name, value)
            project.version += 1
            rows.append((project.pk, project.version, *(getattr(project, name) for name in columns)))
            self.done.others += len(work.filled)
        if rows:
            bulk.change(Project, ["version", *columns], rows)

    def _claim(self, works: Sequence[tuple[Work, Project]], cases: Sequence[Case], made: dict[int, Any]) -> None:
        told = [(project, work.stated) for work, project in works]
        for (_, project), case in zip(works, cases, strict=True):
            if project.company_id is None:
                made[id(case)]["no_company"] = True
        for (work, project), case, found in zip(
            works, cases, claims.assert_many(told, source=self.source, by=self.by, over=self.earlier), strict=True
        ):
            new = [claim for claim, is_new in found if is_new]
            self.done.claims += len(new)
            kept = made[id(case)]
            if over := [claim.replaced for claim in new if claim.replaced]:
                kept["over"] = over
            if founded := [claim.founded for claim in new if claim.founded]:
                kept["companies"] = founded
            for name in work.aliases:
                if alias := claims.also_called(project, name):
                    kept.setdefault("aliases", []).append(alias.pk)
        self._credit(works, cases, made)

    def _credit(self, works: Sequence[tuple[Work, Project]], cases: Sequence[Case], made: dict[int, Any]) -> None:
        """Credit codes of companies that had none."""
        wanted = {
            project.company_id: (work.credit_code, id(case))
            for (work, project), case in zip(works, cases, strict=True)
            if work.credit_code and project.company_id
        }
        if not wanted:
            return
        rows = []
        for company in Company.objects.filter(pk__in=listed(sorted(wanted)), credit_code=""):
            code, case = wanted[company.pk]
            rows.append((company.pk, code))
            made[case]["credit"] = company.pk
        bulk.change(Company, ["credit_code"], rows)
        self.done.others += len(rows)

    def _facts(self, works: Sequence[tuple[Work, Project]], cases: Sequence[Case], made: dict[int, Any]) -> None:
        told: dict[str, list[Any]] = defaultdict(list)
        for work, project in works:
            for name, rows in work.for_project(project).items():
                told[name] += rows
        source, by = self.source, self.by
        if told["drafts"]:
            plans = facts.plan_years(told["drafts"], source=source, by=by, holds=self.approve_plans)
            self.done.plans += sum(new for _, new in plans)
            self.done.approved += [plan.pk for plan, new in plans if new and self.approve_plans]
        if told["tellings"]:
            self.done.figures += sum(new for _, new in facts.record_many(told["tellings"], source=source, by=by))
        if told["steps"]:
            self.done.steps += len(facts.tell_steps(told["steps"], source=source, by=by))
        if told["listings"]:
            self.done.others += sum(new for _, new in facts.enter_many(told["listings"], source=source, by=by))
        if told["raisings"]:
            self.done.others += sum(new for _, new in facts.raise_problems(told["raisings"], source=source, by=by))
        if told["posts"]:
            by_project = {project.pk: id(case) for case, (_, project) in zip(cases, works, strict=True)}
            for post, new in facts.assign_many(told["posts"], by=by):
                if new:
                    made[by_project[post.project_id]].setdefault("assignments", []).append(post.pk)
                    self.done.others += 1


def preview_again(ledger: Ledger, read: Understood, row: LedgerRow, *, by: Any) -> Tally:
    """Compare one row anew, with those that mean or meant the same project; the others stay as they were judged."""
    with transaction.atomic():
        old = {(each.sheet, each.number): each for each in _together(ledger, row)}
        while True:
            comparison = Comparison(ledger, read, by, only=old.keys())
            more = [each for item in comparison.items for each in _together(ledger, item)]
            if old.keys() >= {(each.sheet, each.number) for each in more}:
                break
            old |= {(each.sheet, each.number): each for each in more}
        tally = Tally.of(ledger)
        for each in old.values():
            tally.add(each, -1)
        comparison.tally = tally
        LedgerRow.objects.filter(pk__in=[each.pk for each in old.values()]).delete()
        for cases in comparison.chunks():
            bulk.insert([row for case in cases for row in case.rows])
    return tally


def _together(ledger: Ledger, one: LedgerRow | Item) -> list[LedgerRow]:
    """The stored rows of the same project as a row or an item, and the row itself."""
    project = one.pk if isinstance(one, Item) else one.project_id
    sheet = one.tab.sheet if isinstance(one, Item) else one.sheet
    same = Q(sheet=sheet, number=one.number) | (Q(project=project) if project else Q(project=None, name=one.name))
    return list(ledger.rows.filter(same))


def preview(
    ledger: Ledger,
    read: Understood,
    *,
    by: Any,
    stopping: Callable[[], bool] = lambda: False,
    told: Callable[[int], None] = lambda done: None,
) -> Tally:
    """Compare, and keep what each row would change in place of what was kept before. Raises Stopped."""
    with _sheets_left_alone():
        comparison = Comparison(ledger, read, by)
        ledger.rows.all().delete()
        for cases in comparison.chunks(told):
            if stopping():
                raise Stopped(STOPPED)
            with transaction.atomic():
                bulk.insert([row for case in cases for row in case.rows])
    return comparison.tally
