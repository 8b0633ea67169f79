"""What the page of a review shows: mentions with their values, places and what is proposed; totals; differences; steps.

All of it takes a constant number of statements. What comes out is plain and ready for the page: words, and places in
the text as [start, end, kind, field] in code points.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zlib import crc32

from django.db.models import Count, Max, QuerySet
from django.urls import reverse
from django.utils import timezone

from projects import money, names
from projects.matching import Register
from projects.models import Project
from projects.reports import acceptance, corrections, notes, proposing, reconciling, rereading, review
from projects.reports import display as shown
from projects.reports.models import Difference, Figure, Mention, MentionEvent, Report

MOST_STEPS: Final = 50  # at the foot of the page; each record has its own
KINDS: Final = {
    **dict.fromkeys(("amount", "foreign", "annual_plan", "completed"), "amount"),
    **dict.fromkeys(("batch", "period"), "batch"),
    "status": "status",
    "completed_until": "date",
    "company": "company",
    "zone": "",
}
"""By what kind a value of a mention is marked; days are all one kind."""
State = Mention.State
Place = tuple[int, int, str, str]


class Rows:
    """One report, as `user` may see it; `writes` is whether he may decide on it."""

    def __init__(self, report: Report, user: Any, *, writes: bool) -> None:
        self.report, self.user, self.writes = report, user, writes

    # ---- Whole, and what has changed
    def whole(self) -> dict[str, Any]:
        """Everything at once."""
        head = self.head()  # read first: what is decided while the rest is read comes once more with the changes
        return {**head, **self._rows(self.mentions), **self._around()}

    def since(self, after: int, shape: str) -> dict[str, Any]:
        """What has changed since step `after`; all of it if the report was read again. Empty of rows if nothing has."""
        head = self.head()
        if head["shape"].split(":")[0] != shape.split(":")[0]:
            return {**head, "whole": True, **self._rows(self.mentions), **self._around()}
        if head["at"] <= after and head["shape"] == shape:
            return head
        touched = {step.mention_id for step in self.steps if step.pk > after}
        told = self._rows([one for one in self.mentions if one.pk in touched or one.joined_to_id in touched])
        return {**head, **told, "proposals": self._proposals(), **self._around()}

    def head(self) -> dict[str, Any]:
        """Where the report stands: the number of the last step, and a mark that differs when something else changed."""
        mentions = self.report.mentions.aggregate(last=Max("pk"), number=Count("pk"))
        steps = MentionEvent.objects.filter(mention__report=self.report).aggregate(last=Max("pk"))
        answers = crc32(repr([answered(one) for one in self.report.figures.exclude(answer="").order_by("pk")]).encode())
        open_ = self.report.differences.filter(open=True).count()
        read = f"{self.report.read_by}-{mentions['last']}-{mentions['number']}"
        return {"at": steps["last"] or 0, "shape": f"{read}:{answers}-{open_}"}

    def _rows(self, mentions: Iterable[Mention]) -> dict[str, Any]:
        return {"rows": [self.row(one) for one in mentions]}

    def _around(self) -> dict[str, Any]:
        open_ = [one for one in self.mentions if one.state in acceptance.OPEN]
        return {
            "totals": [self.total(line) for line in reconciling.lines(self.report, self.user)],
            "differences": [self.difference(one) for one in self.differences],
            "events": [self.step(one) for one in reversed(self.steps[-MOST_STEPS:])],
            "last": self.last(),
            "certain": sum(self.proposals[one.pk].certain for one in open_) if self.writes else 0,
            "counts": {"done": len(self.mentions) - len(open_), "all": len(self.mentions)},
        }

    def _proposals(self) -> dict[str, Any]:
        return {f"m{pk}": self.proposal(one) for pk, one in self.proposals.items()}

    # ---- What is read once
    @cached_property
    def mentions(self) -> list[Mention]:
        return list(self.report.mentions.select_related("decided_by").order_by("start", "pk"))

    @cached_property
    def steps(self) -> list[MentionEvent]:
        rows = MentionEvent.objects.filter(mention__report=self.report).select_related("by").defer("before", "made")
        return list(rows.order_by("pk"))

    @cached_property
    def differences(self) -> list[Difference]:
        return list(self.report.differences.select_related("resolved_by"))

    @cached_property
    def by_pk(self) -> dict[int, Mention]:
        return {one.pk: one for one in self.mentions}

    @cached_property
    def steps_of(self) -> dict[int, list[MentionEvent]]:
        found = defaultdict(list)
        for one in self.steps:
            found[one.mention_id].append(one)
        return found

    @cached_property
    def joined(self) -> dict[int, list[str]]:
        found = defaultdict(list)
        for one in self.mentions:
            if one.joined_to_id:
                found[one.joined_to_id].append(one.name)
        return found

    @cached_property
    def register(self) -> Register:
        return review.register_for(self.report, self.user)

    @cached_property
    def proposals(self) -> dict[int, review.Proposal]:
        """What is proposed for every mention that can still be decided on."""
        undecided = [one for one in self.mentions if one.state in review.UNDECIDED]
        return {one.pk: review.proposal(one, self.register) for one in undecided}

    @cached_property
    def projects(self) -> dict[int, dict[str, Any]]:
        """Projects that are named on the page and that the person may see."""
        meant = {one.project_id for one in self.mentions if one.project_id} | notes.meant(self.mentions)
        for one in self.proposals.values():
            meant |= {each.pk for each in one.candidates}
            meant |= {one.project_pk} if one.project_pk else set()
        rows = Project.objects.visible_to(self.user).filter(pk__in=meant)
        return {row["id"]: row for row in map(project_row, named(rows))}

    # ---- A mention
    def row(self, one: Mention) -> dict[str, Any]:
        """A mention with all its values."""
        told = one.told
        lines = shown.all_lines(told, self.report)
        steps = self.steps_of.get(one.pk, [])
        into = self.by_pk.get(one.joined_to_id or 0)
        return {
            "id": f"m{one.pk}",
            "pk": one.pk,
            "name": one.name,
            "initials": names.initials(one.name),
            "aliases": one.aliases,
            "state": one.state,
            "state_label": one.get_state_display(),
            "open": one.state in acceptance.OPEN,
            "can": self._can(one),
            "seen": steps[-1].pk if steps else 0,
            "listed": shown.batch_words(one),
            "amount": next((line.words for line in lines if line.field == "amount"), ""),
            "status": next((line.words for line in lines if line.field == "status"), ""),
            "sure": sureness(one.confidence),
            "doubts": shown.doubts(one),
            "notes": notes.sentences(one, {pk: row["name"] for pk, row in self.projects.items()}),
            "values": [*_name_line(one), *map(_value, lines)],
            "places": list(_places(one, lines)),
            "project": self.projects.get(one.project_id or 0),
            "into": {"id": f"m{into.pk}", "name": into.name} if into else None,
            "joined": self.joined.get(one.pk, []),
            "reason": f"{one.reason}{signed(one.decided_by, one.decided_on)}",
            "proposal": self.proposal(self.proposals[one.pk]) if one.pk in self.proposals else None,
            "fields": {field: _typed(one, told, field) for field in corrections.LABELS},
            "again": self.again(one) if one.proposed else None,
            "events": [self.step(step) for step in steps],
        }

    def _can(self, one: Mention) -> list[str]:
        if not self.writes:
            return []
        can = ["decide", "correct"] if one.state in review.UNDECIDED else []
        return [*can, "reread"] if one.proposed else can

    def proposal(self, one: review.Proposal) -> dict[str, Any]:
        """What is proposed, with the candidates that the person may see."""
        candidates = [
            {**self.projects[each.pk], "why": each.why} for each in one.candidates if each.pk in self.projects
        ]
        meant = self.projects.get(one.project_pk or 0)
        return {"kind": one.kind, "why": one.why, "certain": one.certain, "project": meant, "candidates": candidates}

    def again(self, one: Mention) -> dict[str, Any]:
        """What a later reader makes of a mention that was decided on; what it no longer finds cannot be taken."""
        lines = [f"{each['label']}：{each['now'] or '无'} → {each['again'] or '无'}" for each in rereading.told(one)]
        return {"lines": lines, "takes": one.proposed != rereading.GONE}

    # ---- Totals and differences
    def total(self, line: reconciling.Line) -> dict[str, Any]:
        """A total beside what was listed, accepted and recorded."""
        figure = line.figure
        places = [
            (line.start, line.end, "total", line.field) for line in shown.all_lines(figure.stated, self.report)
        ] or [(figure.start, figure.end, "total", "")]
        return {
            "id": f"t{figure.pk}",
            "pk": figure.pk,
            "name": _figure_name(figure),
            "state": "",
            "state_label": "待核对" if line.open else "已说明" if figure.answer else "一致",
            "open": line.open,
            "can": ["answer"],
            "seen": answered(figure),
            "sentence": line.sentence,
            "columns": ["报道写明", "文中列名", "已采纳", "台账"],
            "table": _table(line),
            "places": places,
            "answer": figure.answer,
            "signed": signed(figure.answered_by, figure.answered_on),
        }

    def difference(self, one: Difference) -> dict[str, Any]:
        """A place where the report does not agree with itself."""
        return {
            "id": f"d{one.pk}",
            "pk": one.pk,
            "name": one.sentence if len(one.sentence) <= 40 else f"{one.sentence[:39]}…",
            "state": "",
            "state_label": "待处理" if one.open else "已处理" if one.resolution else "提示",
            "open": one.open,
            "can": ["answer"] if one.open else [],
            "seen": 0,
            "sentence": one.sentence,
            "places": [(start, end, "doubt" if one.open else "", "") for start, end in one.spans],
            "answer": one.resolution,
            "signed": signed(one.resolved_by, one.resolved_on),
        }

    # ---- Steps
    def step(self, one: MentionEvent) -> dict[str, Any]:
        """Who did what, and when."""
        mention = self.by_pk[one.mention_id]
        return {
            "id": f"m{one.mention_id}",
            "name": mention.name,
            "what": one.get_what_display(),
            "told": one.told,
            "by": str(one.by) if one.by else "系统",
            "own": one.by_id == self.user.pk,
            "at": f"{timezone.localtime(one.at):%m-%d %H:%M}",
            "undone": one.undone_by_id is not None,
            "event": one.pk,
            "with": self.together[one.bundle],
            "can": ["undo"] if self.writes and one.pk in self.topmost else [],
        }

    @cached_property
    def standing(self) -> list[MentionEvent]:
        return [one for one in self.steps if one.undone_by_id is None and one.what != MentionEvent.What.UNDONE]

    @cached_property
    def together(self) -> Counter[UUID]:
        """How many steps of one press of a button stand."""
        return Counter(one.bundle for one in self.standing)

    @cached_property
    def topmost(self) -> set[int]:
        """The last step of each mention that stands: another one cannot be taken back."""
        return set({one.mention_id: one.pk for one in self.standing}.values())

    def last(self) -> dict[str, Any] | None:
        """What an undo would take back: the person's last own step that stands; where he has none, that of whoever took
        the last one, which the page asks about.
        """
        if not self.writes or not self.standing:
            return None
        own = [one for one in self.standing if one.by_id == self.user.pk]
        return self.step((own or self.standing)[-1])


def answered(figure: Figure) -> int:
    """A number that differs when somebody else answers a total, or the same person otherwise; 0 before that."""
    told = (figure.pk, figure.answer, figure.answered_by_id, figure.answered_on)
    return crc32(repr(told).encode()) if figure.answer else 0


def named(projects: QuerySet[Project]) -> QuerySet[Project, Any]:
    """What the page says of a project."""
    return projects.values("id", "code", "name", "initials")


def project_row(row: dict[str, Any]) -> dict[str, Any]:
    """The same with the address of its page."""
    return {**row, "url": reverse("admin:projects_project_change", args=[row["id"]])}


def sureness(confidence: int) -> str:
    """How sure the reader is, in words."""
    words = "把握大" if confidence >= proposing.SURE else "把握一般" if confidence >= 70 else "把握小"
    return f"{words}（{confidence}%）"


def signed(user: Any, day: date | None) -> str:
    """Who, and on which day; empty where nobody."""
    words = [str(word) for word in (user, day) if word]
    return f"（{'，'.join(words)}）" if words else ""


def _name_line(one: Mention) -> Collection[dict[str, Any]]:
    kept = one.corrected.get("name")
    if not kept:
        return ()
    said = f"原文“{kept['read']}”，由{kept['name']}于{kept['on']}更正"
    return (
        {"field": "name", "label": "项目名称", "words": one.name, "printed": "", "corrected": said, "placed": True},
    )


def _value(line: shown.Line) -> dict[str, Any]:
    told = {"field": line.field, "label": line.label, "words": line.words, "printed": line.printed}
    return {**told, "corrected": line.corrected, "placed": line.end > line.start}


def _places(one: Mention, lines: Iterable[shown.Line]) -> Iterator[Place]:
    yield one.start, one.end, "name", "name"
    for line in lines:
        yield line.start, line.end, KINDS.get(line.field, "date"), line.field


def _typed(one: Mention, told: dict[str, Any], field: str) -> str:
    """The value as a person would type it."""
    if field == "name":
        return one.name
    if field in corrections.DAYS:
        of = corrections.DAYS[field]
        found = [day for day in told.get("dates", []) if (day["role"], day["certainty"]) == of]
        return corrections.shown(field, found[0]["value"]) if found else ""
    return corrections.shown(field, told[field]["value"]) if field in told else ""


def _figure_name(figure: Figure) -> str:
    listed = shown.batch_words(figure)
    words = [figure.scope, "" if listed in figure.scope else listed, figure.filter]
    return " ".join(word for word in words if word) or "项目"


def _table(line: reconciling.Line) -> list[dict[str, Any]]:
    """One line per number that the report writes, beside what was listed, accepted and recorded."""
    told = (line.wanted, line.listed, line.accepted, line.recorded or {})
    return [
        {"label": label, "cells": [_number(name, one.get(name)) for one in told]}
        for name, label in reconciling.LABELS.items()
        if name in line.wanted
    ]


def _number(name: str, value: int | None) -> str:
    if value is None:
        return "—"
    return money.show(value) if name == "amount" else f"{value}个"
