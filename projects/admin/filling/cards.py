"""A project's month as a card: what is typed or stored, what it is compared with, what the checks say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest

from projects.admin import columns
from projects.admin.monthly import photos_of, returns_of
from projects.forms.returns import MONEY, ReturnForm, in_ten_thousands
from projects.models import Photo, Return
from projects.returns import checks, lateness
from projects.returns.checks import Finding, Known
from projects.returns.known import known_of, last_month, told_of
from zones import clock


@dataclass(slots=True)
class Cell:
    """One amount on a card: its field, what stood there last month, what could be filled in, what is wrong."""

    bound: Any
    last: str = ""
    proposed: str = ""
    wrong: bool = False


@dataclass(slots=True)
class Card:
    """A project's return on the screen."""

    project: Any
    row: Return
    form: ReturnForm
    known: Known
    before: Return | None
    photos: list[Photo]
    due_on: date
    today: date
    may_take_back: bool = False
    unsaved: bool = False
    said: str = ""
    errors: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    proposed: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> int:
        return self.project.pk

    @property
    def state(self) -> str:
        """The status in words; a draft that has been saved says so."""
        return "未报（已存草稿）" if self.row.pk and self.row.status == Return.Status.DRAFT else self.status

    @property
    def status(self) -> str:
        return str(self.row.get_status_display())

    @property
    def is_open(self) -> bool:
        return self.row.is_open

    @property
    def is_unfinished(self) -> bool:
        """Whether something of it has still to be read or saved."""
        return bool(self.unsaved or self.errors or self.lines)

    @property
    def is_folded(self) -> bool:
        """Whether it takes one line until it is opened: there is nothing left to do, and nothing was asked for."""
        idle = self.row.status == Return.Status.REVIEWED or not (self.project.owed or self.row.pk)
        return idle and not self.is_unfinished and not self.said

    @property
    def due(self) -> str:
        """When it is, or was, due."""
        if self.row.late_days:
            return f"迟报 {self.row.late_days} 天"
        if self.row.late_days == 0:
            return "按时上报"
        if not self.project.owed:
            return "本月不要求报"
        return f"截止 {self.due_on:%m月%d日}，{columns.days_left(self.due_on, self.today)}"

    @property
    def is_late(self) -> bool:
        return bool(self.row.late_days) or (
            self.row.late_days is None and self.project.owed and self.due_on < self.today
        )

    @property
    def plan(self) -> str:
        return columns.brief(self.known.plan)

    @property
    def year_to_date(self) -> str:
        return columns.brief(self.row.year_to_date)

    @property
    def rate(self) -> str:
        return columns.percent(self.row.year_to_date, self.known.plan)

    @property
    def cells(self) -> list[Cell]:
        wrong = {name for finding in self.findings if finding.kind != checks.Kind.SAYS for name in finding.fields}
        wrong |= set(self.form.errors) if self.form.is_bound else set()
        return [
            Cell(bound, self._last(bound.name), self._proposed(bound.name), bound.name in wrong)
            for bound in self.form.amounts
        ]

    @property
    def figures(self) -> list[tuple[str, str]]:
        """The amounts of a return that is no longer open, to read."""
        values = [(str(self.form[name].label), getattr(self.row, name)) for name in MONEY]
        return [(label, columns.NOTHING if value is None else f"{in_ten_thousands(value)}") for label, value in values]

    def _last(self, name: str) -> str:
        value = getattr(self.before, name) if self.before else None
        if value is None and name == "year_to_date":
            value = self.known.last
        if value is None and name == "since_start":
            value = self.known.since
        return "" if value is None else in_ten_thousands(value)

    def _proposed(self, name: str) -> str:
        return in_ten_thousands(self.proposed[name]) if name in self.proposed else ""


def cards(request: HttpRequest, month: date, projects: Iterable[Any], posted: Any = None) -> list[Card]:
    """The cards of the projects; typed ones where `posted` holds what was sent. A constant number of statements."""
    found = list(projects)
    keys = [project.pk for project in found]
    today = clock.today()
    rows = returns_of(keys, month)
    before = returns_of(keys, last_month(month))
    known = known_of(keys, month, today) if keys else {}
    photos = photos_of(rows.values())
    made = []
    for project in found:
        row = rows.get(project.pk) or Return(project=project, month=month)
        form = ReturnForm(
            posted if row.is_open else None, row=row, done=known[project.pk].done, prefix=f"p{project.pk}"
        )
        card = Card(
            project=project,
            row=row,
            form=form,
            known=known[project.pk],
            before=before.get(project.pk),
            photos=photos.get(row.pk, []),
            due_on=lateness.due_day(project.zone.return_day, month),
            today=today,
            may_take_back=row.status == Return.Status.SUBMITTED and row.submitted_by_id == request.user.pk,
        )
        if posted is not None and not row.is_open:
            _overtaken(request, card)
        elif posted is None and row.pk and row.is_open:
            judge(card)
        elif posted is None and row.is_open:
            card.proposed = checks.propose(told_of(row, 0), card.known)
        made.append(card)
    return made


def judge(card: Card) -> None:
    """What the checks say of what stands on the card."""
    count = len(card.photos)
    if card.form.is_bound:
        card.form.is_valid()
        told = card.form.told(card.row.month, count)
    else:
        told = told_of(card.row, count)
    card.findings = checks.check(told, card.known)
    card.proposed = checks.propose(told, card.known)


def _overtaken(request: HttpRequest, card: Card) -> None:
    """A return that was closed while the page was open: what was typed stays to be read beside what is stored."""
    form = ReturnForm(request.POST, row=card.row, done=card.known.done, prefix=card.form.prefix)
    files = request.FILES.getlist(f"{form.prefix}-photo")
    if form.is_blank and not files:
        return
    row = card.row
    if row.status == Return.Status.REVIEWED:
        who, what, then = row.reviewed_by, "审核通过", "更正请先由领导批准重新打开"
    else:
        who, what, then = row.submitted_by, "上报", "要改请由上报人撤回，或请项目办退回"
    done = f"已被{'您本人' if who == request.user else who or '他人'}{what}"
    if lost := form.unkept():
        card.lines = [f"{done}，您填的内容没有保存；{then}", *lost]
    elif not files:
        card.said = f"{done}，与您填的相同"
    if files:
        card.errors.append(f"{done}，您选的 {len(files)} 张照片没有保存；{then}")
