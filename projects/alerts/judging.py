"""From cases and rules to findings. Pure: the same facts give the same findings, whatever was scanned before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from projects.alerts import levels
from projects.alerts.cases import Case
from projects.alerts.levels import Level
from projects.alerts.rulebook import AppliedRule, Rulebook
from projects.alerts.verdicts import SUSPENDED, TERMINATED, Reading, Unjudged, Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one project on a day. Without a level nothing is wrong, or nothing is known."""

    case: Case
    applied: AppliedRule
    verdict: Verdict
    level: Level | None

    @property
    def subject_key(self) -> str:
        return subject_of(self.case.project.pk)

    @property
    def key(self) -> tuple[int, str]:
        return self.applied.rule.pk, self.subject_key

    @property
    def judged(self) -> bool:
        return not isinstance(self.verdict, Unjudged)

    @property
    def sentence(self) -> str:
        """One sentence to read out: the project, its figures, and the level with its bounds; or why it is none."""
        if self.level is None:
            return self.closing(self.reason)
        bounds = self.level.bounds(self.applied.measure.unit)
        body = self.verdict.body if isinstance(self.verdict, Reading) else ""
        return f"{self.called}{body}，达到{self.level.label}（{bounds}）。"

    def closing(self, reason: str) -> str:
        """The sentence that an alert ends with, for a reason."""
        return f"{self.called}{reason}，“{self.applied.rule.name}”预警解除。"

    @property
    def called(self) -> str:
        """The project by its name, marked if anything of it is invented."""
        return _called(self.case)

    @property
    def mark(self) -> str:
        """Why an open alert stays as it is although nothing can be judged, in a word; empty where it does not."""
        return self.verdict.mark if isinstance(self.verdict, Unjudged) else ""

    @property
    def reason(self) -> str:
        """Why there is no alert, in words."""
        if isinstance(self.verdict, Reading):
            return f"{self.verdict.body}，未达到预警标准"
        return self.verdict.words

    @property
    def evidence(self) -> dict[str, Any]:
        """Rule, bounds, inputs and arithmetic, to be kept with the alert."""
        if not isinstance(self.verdict, Reading) or self.level is None:
            return {}
        value = self.verdict.value
        return {
            "value": f"{value.numerator}/{value.denominator}",
            "rule": self.applied.rule.name,
            "basis": self.applied.rule.source,
            "measure": self.applied.measure.label,
            "levels": [self._shown(each) for each in self.applied.levels],
            "lines": list(self.verdict.lines),
            **self.verdict.inputs,
        }

    def _shown(self, level: Level) -> dict[str, Any]:
        shown = {"code": level.code, "label": level.label, "colour": level.colour}
        return {**shown, "bounds": level.bounds(self.applied.measure.unit), "met": level == self.level}

    @property
    def days_to_answer(self) -> timedelta | None:
        days = self.applied.days_to_answer(self.level) if self.level else None
        return timedelta(days=days) if days else None


def subject_of(project_id: int) -> str:
    """How a project is called as the subject of an alert."""
    return f"project:{project_id}"


def judge(cases: Iterable[Case], rulebook: Rulebook) -> Iterator[Finding]:
    """Every rule in force against every project."""
    for case in cases:
        for applied in rulebook.for_zone(case.project.zone.path):
            verdict = _verdict(case, applied)
            level = levels.gravest(applied.levels, verdict.value) if isinstance(verdict, Reading) else None
            yield Finding(case, applied, verdict, level)


def _verdict(case: Case, applied: AppliedRule) -> Verdict:
    at_rest = _at_rest(case)
    if at_rest:
        return at_rest
    return applied.outside(case) or applied.measure.judge(case, applied.parameters, applied.marks)


def _at_rest(case: Case) -> Unjudged | None:
    if case.terminated:
        return TERMINATED
    return SUSPENDED if case.suspended else None


def _called(case: Case) -> str:
    name = case.project.name
    mark = "（演示）" if case.is_demo and "演示" not in name else ""
    return f"{name}{mark}"
