"""Taking a whole import back, as long as nobody built on it. A constant number of statements for some hundred rows.

What the import wrote carries its source, or stands in `LedgerRow.made`. It stays where the core can keep it out of
sight, is replaced by what held before where it cannot, and whoever was told meanwhile is told by the scan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from projects import claims, facts, standings
from projects.ledgers import meant
from projects.ledgers.known import TAKEN_BACK
from projects.ledgers.models import Ledger
from projects.models import (
    AnnualPlan,
    Assignment,
    Claim,
    Company,
    Entry,
    Milestone,
    MilestoneChange,
    Problem,
    ProblemEvent,
    Progress,
    Project,
    ProjectAlias,
)
from projects.standings.among import Keys, listed
from zones import bulk, clock
from zones.models import Zone

REASON: Final = "撤销台账导入"
# Written by machines when facts change, or by what an answered one is found at by itself.
BY_ITSELF: Final = ("projects.Standing", "projects.StandingMonth", "projects_notices.Notice")
WHO: Final = ("recorded_by", "by", "author", "created_by", "decided_by", "sent_by", "filled_by", "asked_by")


def undo(ledger: Ledger, *, by: Any) -> None:
    """Take the import back, in the caller's transaction. Raises ValidationError that names what was built on it, and
    where a project of it is not the person's any more.
    """
    Zone.objects.select_for_update(no_key=True).only("pk").get(pk=ledger.zone_id)
    made = _Made(ledger)
    meant.lock(made.projects)
    made.require_own(by)
    if built := next(_built(made), ""):
        raise ValidationError(f"{built}，不能撤销整次导入；请先在项目页处理")
    _figures(made, by)
    _plans(made, by)
    _steps(made, by)
    _entries(made, by)
    _problems(made, by)
    Assignment.objects.filter(pk__in=listed(made.keys("assignments"))).delete()
    _claims(made, by)
    _files(made, by)
    standings.refresh_of(Keys.of(made.projects), clock.today())
    ledger.state, ledger.outcome = Ledger.State.UNDONE, f"已撤销整次导入：涉及项目 {len(made.projects)} 个"
    ledger.undone_at, ledger.undone_by = timezone.now(), by
    ledger.save()


class _Made:
    """What an import wrote."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.source = ledger, ledger.source_id
        rows = ledger.rows.filter(project__isnull=False).values_list("project_id", "created", "made", "kind")
        touched: set[int] = set()
        self.created: dict[int, int] = {}
        self.made: dict[int, dict[str, Any]] = {}
        for project, created, made, kind in rows:
            if kind in ("wrong", "left_out"):
                continue
            touched.add(project)
            if made:
                self.made[project] = made
            if created:
                self.created[project] = made.get("version", 1)
        self.projects = sorted(touched)

    def keys(self, name: str) -> list[int]:
        """Keys of one kind, of all rows."""
        return [pk for made in self.made.values() for pk in made.get(name, ())]

    def require_own(self, by: Any) -> None:
        """Another's ledger may have written of a project that is not kept here any more."""
        if by is None:
            return
        own = set(Project.objects.writable_by(by).filter(pk__in=listed(self.projects)).values_list("pk", flat=True))
        if other := Project.objects.filter(pk__in=listed([pk for pk in self.projects if pk not in own])).first():
            raise ValidationError(f"这次导入的项目（{other.code}）不归您维护，请由{other.zone}的项目办撤销")


# ---- What was built on it ------------------------------------------------------------------------------
def _built(made: _Made) -> Iterator[str]:
    source = made.source
    for claim in Claim.objects.filter(source=source, chosen_on__isnull=False).select_related("project", "chosen_by")[
        :1
    ]:
        yield f"此后{claim.chosen_by or '有人'}选用了“{claim.project}”的{claim.get_field_display()}"
    for row in Progress.objects.filter(source=source, current=False).select_related(
        "project", "replaced_by__recorded_by"
    )[:1]:
        later = getattr(row, "replaced_by", None)
        yield f"此后{(later and later.recorded_by) or '有人'}更正了“{row.project}”截至{row.up_to:%Y-%m-%d}的进展"
    approved = made.ledger.made.get("approved", [])
    settled = AnnualPlan.objects.filter(source=source).exclude(status=AnnualPlan.Status.DRAFT)
    moved = settled.exclude(status=AnnualPlan.Status.APPROVED, pk__in=listed(approved))
    newer = AnnualPlan.objects.filter(
        project=OuterRef("project"), year=OuterRef("year"), edition__gt=OuterRef("edition")
    )
    for plan in (moved | AnnualPlan.objects.filter(Exists(newer), source=source)).select_related("project")[:1]:
        yield f"此后“{plan.project}”的{plan}已经批准、作废或另有新版"
    yield from _steps_since(made)
    for entry in Entry.objects.filter(source=source, left_on__isnull=False).select_related("project", "left_by")[:1]:
        yield f"此后{entry.left_by or '有人'}把“{entry.project}”调出了{entry}"
    steps = (
        ProblemEvent.objects.filter(problem__source=source).values("problem").annotate(n=Count("pk")).filter(n__gt=1)
    )
    for problem in Problem.objects.filter(pk__in=steps.values("problem")).select_related("project")[:1]:
        yield f"此后有人处理了“{problem.project}”的问题“{problem}”"
    yield from _posts_since(made)
    yield from _hanging(made)


def _steps_since(made: _Made) -> Iterator[str]:
    ours = MilestoneChange.objects.filter(milestone=OuterRef("milestone"), source=made.source, pk__lt=OuterRef("pk"))
    later = MilestoneChange.objects.filter(Exists(ours)).exclude(source=made.source)
    for change in later.select_related("milestone__project", "by").order_by("pk")[:1]:
        milestone, what = change.milestone, change.get_what_display()
        yield f"此后{change.by or '有人'}登记了“{milestone.project}”节点“{milestone}”的变动（{what}）"


def _posts_since(made: _Made) -> Iterator[str]:
    keys = made.keys("assignments")
    there = Assignment.objects.filter(pk__in=listed(keys), version=1, ends=None).count()
    if there != len(keys):
        yield "此后有人调整了导入的分包责任"


def _hanging(made: _Made) -> Iterator[str]:
    """Whatever else points at a project that the import opened, and changes of its file."""
    if not made.created:
        return
    keys = listed(sorted(made.created))
    for relation in Project._meta.related_objects:
        model: Any = relation.related_model
        if model._meta.label in BY_ITSELF:
            continue
        rows = _others(made, model).filter(**{f"{relation.field.name}__in": keys})
        if getattr(model, "withdrawable", False):
            rows = rows.filter(withdrawn_at=None)
        if row := rows.order_by("-pk").first():
            who = next((found for name in WHO if (found := getattr(row, name, None))), None)
            project = Project._base_manager.get(pk=getattr(row, relation.field.attname))
            yield f"此后{who or '有人'}在“{project}”登记了{model._meta.verbose_name}“{row}”"
    versions = Project.objects.filter(pk__in=keys).values_list("pk", "version", "name")
    for pk, version, name in versions:
        if version != made.created[pk]:
            yield f"此后有人修改了“{name}”的档案"
            return


def _others(made: _Made, model: Any) -> Any:
    """Rows of a model that the import did not write."""
    rows = model._base_manager.all()
    names = {field.name for field in model._meta.concrete_fields}
    if model is Milestone:
        ours = MilestoneChange.objects.filter(milestone=OuterRef("pk"), source=made.source)
        return rows.exclude(Exists(ours))
    if model is Assignment:
        return rows.exclude(pk__in=listed(made.keys("assignments")))
    if model is ProjectAlias:
        return rows.exclude(pk__in=listed(made.keys("aliases")))
    if "answered" in names:  # what a scan opened a scan closes; what a person answered he built on
        return rows.filter(answered=True)
    if "source" in names:
        return rows.filter(Q(source=None) | ~Q(source=made.source))
    return rows


# ---- Taking back ---------------------------------------------------------------------------------------
def _figures(made: _Made, by: Any) -> None:
    """What was told; what it replaced holds again."""
    rows = Progress.objects.filter(source=made.source, current=True)
    replaced = list(rows.filter(replaces__isnull=False).values_list("replaces_id", flat=True))
    rows.update(current=False, recorded_by=by)
    Progress.objects.filter(pk__in=listed(replaced)).update(current=True)


def _plans(made: _Made, by: Any) -> None:
    AnnualPlan.objects.filter(source=made.source).exclude(status=AnnualPlan.Status.WITHDRAWN).update(
        status=AnnualPlan.Status.WITHDRAWN,
        withdrawn_on=clock.today(),
        withdrawn_by=by,
        withdrawn_reason=REASON,
        version=F("version") + 1,
    )


def _steps(made: _Made, by: Any) -> None:
    """Steps of which nobody else ever told are gone, others are as they were before."""
    others = MilestoneChange.objects.filter(milestone=OuterRef("pk")).exclude(source=made.source)
    told = Milestone.objects.filter(pk__in=MilestoneChange.objects.filter(source=made.source).values("milestone"))
    alone = list(told.exclude(Exists(others)).values_list("pk", flat=True))
    MilestoneChange.objects.filter(milestone__in=listed(alone)).delete()
    Milestone.objects.filter(pk__in=listed(alone)).delete()
    left: dict[int, list[MilestoneChange]] = defaultdict(list)
    rows = MilestoneChange.objects.filter(source=made.source).select_related("milestone__project")
    for change in rows.order_by("pk"):
        left[change.milestone_id].append(change)
    for changes in left.values():
        facts.take_back(*changes, reason=REASON, by=by)
    facts.settle(made.projects)


def _entries(made: _Made, by: Any) -> None:
    Entry.objects.filter(source=made.source).update(
        left_on=clock.today(), left_reason=REASON, left_by=by, withdrawn_at=timezone.now(), withdrawn_by=by
    )


def _problems(made: _Made, by: Any) -> None:
    today = clock.today()
    rows = list(Problem.objects.filter(source=made.source, closed_on=None))
    for row in rows:
        row.closed_on, row.closing_note, row.closed_by = max(today, row.raised_on), TAKEN_BACK, by
        row.version += 1
    bulk.update(rows, ["closed_on", "closing_note", "closed_by", "version"])
    closed = ProblemEvent.What.CLOSED
    bulk.insert(
        [
            ProblemEvent(problem=row, what=closed, on=today, deadline=row.deadline, note=TAKEN_BACK, by=by)
            for row in rows
        ]
    )


def _claims(made: _Made, by: Any) -> None:
    """Claims are out of sight. Of projects that go on, what held before holds again."""
    rows = Claim.objects.filter(source=made.source)
    held = rows.filter(chosen=True).exclude(project__in=listed(sorted(made.created))).select_related("project")
    by_project: dict[int, list[Claim]] = defaultdict(list)
    for claim in held:
        by_project[claim.project_id].append(claim)
    for pk, some in by_project.items():
        told = made.made.get(pk, {})
        before = {
            "name": some[0].project.name,
            "company_id": None if told.get("no_company") else some[0].project.company_id,
        }
        claims.withdraw(some, instead=told.get("over", ()), before=before, by=by)
    rows.update(chosen=False, withdrawn_at=timezone.now(), withdrawn_by=by)
    claims.not_called(ProjectAlias.objects.filter(pk__in=listed(made.keys("aliases"))), by=by)


def _files(made: _Made, by: Any) -> None:
    """Files that were opened are withdrawn, columns that were filled are empty again, unless somebody changed them."""
    now, today = timezone.now(), clock.today()
    Project.objects.filter(pk__in=listed(sorted(made.created))).update(
        terminated_on=today,
        terminated_reason=REASON,
        terminated_by=by,
        withdrawn_at=now,
        withdrawn_by=by,
        version=F("version") + 1,
    )
    filled: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pk, told in made.made.items():
        for name, value in told.get("filled", {}).items():
            filled[name, value].append(pk)
    _empty(filled)
    credit = [told["credit"] for told in made.made.values() if "credit" in told]
    Company.objects.filter(pk__in=listed(credit)).update(credit_code="")
    founded = made.keys("companies")
    opened = Project._base_manager.filter(pk__in=listed(sorted(made.created)), company__in=listed(founded))
    opened.update(company=None)
    claims.close_unused(founded)


def _empty(filled: dict[tuple[str, str], list[int]]) -> None:
    by_project: dict[int, dict[str, str]] = defaultdict(dict)
    for (name, value), pks in filled.items():
        for pk in pks:
            by_project[pk][name] = value
    columns = ("national_code", "content", "category", "importance")
    rows = []
    for project in Project.objects.filter(pk__in=listed(sorted(by_project))):
        for name, value in by_project[project.pk].items():
            if getattr(project, name) == value:
                setattr(project, name, "")
        rows.append((project.pk, project.version + 1, *(getattr(project, name) for name in columns)))
    bulk.change(Project, ["version", *columns], rows)
