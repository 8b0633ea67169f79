"""What a row says of the project's steps."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from projects import claims, dates, facts
from projects.facts import Step
from projects.ledgers.judging.identity import Identity
from projects.ledgers.judging.works import CHANGED, CONFLICT, NEW, Certainty
from projects.ledgers.said import KINDS, STAGES, Spot, by_stage
from projects.models import Milestone


class Stepping(Identity):
    """Promised and done steps. A day that is known stands; a promise moves with a reason alone."""

    def steps(self) -> None:
        for stage, told in by_stage(self.said).items():
            self._step(stage, told)

    def _step(self, stage: str, told: dict[str, Spot]) -> None:
        flag, either = told.get("flag"), told.get("on")
        planned, actual = told.get("planned"), told.get("actual")
        done = flag is not None and flag.value is True
        if either is not None:
            last = either.value.last
            past = done or (flag is None and last is not None and last <= self.judge.today)
            if past and actual is None:
                actual = either
            elif not past and planned is None:
                planned = either
        kind = KINDS.get(stage)
        if actual is not None and actual.value.first and actual.value.first > self.judge.today:
            shown = dates.show(actual.value)
            self.add(actual, CONFLICT, "", shown, "完成日期在今天以后，没有读入：请核对，或填入计划时间一列")
            actual, done = None, False
        for spot, certainty in ((actual, Certainty.ACTUAL), (planned, Certainty.PLANNED)):
            if spot is not None and stage in STAGES and not self._stands(kind, spot.value, certainty):
                self._day(spot, STAGES[stage], certainty)
        if kind is None:
            return
        milestone = self.known.milestones.get(kind) or Milestone(kind=kind)
        if done or actual is not None:
            self._reach(actual or flag, milestone, actual.value if actual else None)
        elif planned is not None and planned.value.last:
            self._promise(planned, milestone, planned.value.last)

    def _stands(self, kind: str | None, span: dates.DateSpan, certainty: str) -> bool:
        """Whether the step says this day already, by whatever way it was told."""
        step = self.known.milestones.get(kind or "")
        if step is None:
            return False
        if certainty == Certainty.PLANNED:
            return step.planned is not None and step.planned == span.last
        return bool(step.actual and (step.actual.first, step.actual.last) == (span.first, span.last))

    def _day(self, spot: Spot, name: str, certainty: str) -> None:
        """The day as a claim. Where it differs from the one that holds, the step itself tells."""
        if not self._has(name, spot.value, certainty):
            self.state(spot, name, spot.value, certainty)
            others = [row for row in self.known.claims[:-1] if (row.field, row.certainty) == (name, certainty)]
            kind, old = (CONFLICT, others[0].shown) if others else (NEW, "")
            if others and any(row.chosen and claims.gives_way(row, self.judge.around.earlier) for row in others):
                kind = CHANGED
            sentence = "两种说法并存，请在项目页选用" if kind == CONFLICT else ""
            self.add(spot, kind, old, dates.show(spot.value), sentence)

    def _reach(self, spot: Spot | None, milestone: Milestone, when: dates.DateSpan | None) -> None:
        step = {"kind": milestone.kind, "done": True, "when": when, "reason": "台账写明"}
        change = self._change(milestone, step)
        if change is None or spot is None:
            return
        label, days = milestone.get_kind_display(), dates.show(when) if when else ""
        if milestone.done and milestone.actual:
            old = dates.show(milestone.actual)
            self.add(spot, CONFLICT, old, days, f"“{label}”的完成日期不一致，没有改动：请在项目页更正")
            return
        self._move(spot, milestone, step, change, NEW, "", f"{label}已完成 {days}".strip())

    def _promise(self, spot: Spot, milestone: Milestone, deadline: date) -> None:
        step: dict[str, Any] = {"kind": milestone.kind, "deadline": deadline, "reason": self.judge.reason}
        label, new = milestone.get_kind_display(), f"{deadline:%Y-%m-%d}"
        old = f"{milestone.planned:%Y-%m-%d}" if milestone.planned else ""
        if old and old != new and not milestone.done and not self.judge.reason:
            self.add(spot, CONFLICT, old, new, f"“{label}”的计划期限不一致，没有改动：调整计划须写明原因")
        elif (change := self._change(milestone, step)) is not None:
            self._move(spot, milestone, step, change, CHANGED if old else NEW, old, f"计划{label} {new}")

    def _change(self, milestone: Milestone, step: dict[str, Any]) -> Any:
        try:
            return facts.change_of(milestone, Step(milestone.project_id, **step), self.judge.today)  # type: ignore[arg-type]
        except ValidationError:
            return None

    def _move(
        self, spot: Spot, milestone: Milestone, step: dict[str, Any], change: Any, kind: str, old: str, new: str
    ) -> None:
        self.work.steps.append(step)
        self.add(spot, kind, old, new)
        for name, value in change[1].items():
            setattr(milestone, name, value)
        self.known.milestones[milestone.kind] = milestone
