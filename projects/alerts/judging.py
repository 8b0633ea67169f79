"""From cases and rules to findings. Pure: the same facts give the same findings, whatever was scanned before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from projects.alerts import editions, folds, leaves
from projects.alerts.cases import Case
from projects.alerts.folds import NOTHING_FOLDED, Folded
from projects.alerts.levels import Level
from projects.alerts.rulebook import AppliedRule, Rulebook
from projects.alerts.verdicts import Reading, Unjudged, Verdict


@dataclass(slots=True, eq=False)
class Finding:
    """What one rule says of one subject on a day. Without a level nothing is wrong, or nothing is known. `folded` is
    what the months before have to do with it.
    """

    case: Case
    applied: AppliedRule
    verdict: Verdict
    level: Level | None
    folded: Folded = NOTHING_FOLDED

    @property
    def key(self) -> tuple[int, str]:
        return self.applied.rule.pk, self.case.key

    @property
    def judged(self) -> bool:
        return not isinstance(self.verdict, Unjudged)

    @property
    def sentence(self) -> str:
        """One sentence to read out: the subject, its figures, and the level with its bounds; or why it is none."""
        if self.level is None:
            return self.closing(self.reason)
        body = self.verdict.body if isinstance(self.verdict, Reading) else ""
        why = self.folded.why or self.applied.bounds(self.level)
        return f"{self.case.called}：{body}（{self.level.label}：{why}）。"

    def closing(self, reason: str) -> str:
        """The sentence that an alert ends with, for a reason."""
        colon = "：" if isinstance(self.verdict, Reading) else ""
        return f"{self.case.called}{colon}{reason}，“{self.applied.rule.name}”预警解除。"

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
        value, told = self.verdict.value, self.verdict.told
        return {
            "value": f"{value.numerator}/{value.denominator}",
            **self.applied.evidence[self.level.code],
            "lines": [*told.lines, *self.folded.lines],
            **told.inputs,
        }


def judge(cases: Iterable[Case], rulebook: Rulebook, only: Collection[int] | None = None) -> Iterator[Finding]:
    """Every rule in force, or `only` those with these keys, against every subject."""
    for case in cases:
        rests = case.at_rest
        on_leave = bool(case.known(leaves.leaves_of(case.kind)))
        for applied in rulebook.judging(case):
            if only is not None and applied.rule.pk not in only:
                continue
            left = leaves.exempted(case, applied.rule.code) if on_leave else None
            verdict: Verdict = rests or left or editions.strictest(case, applied)
            if not isinstance(verdict, Reading):
                yield Finding(case, applied, verdict, None)
                continue
            level = applied.ladder.of(verdict.numerator, verdict.denominator)
            if applied.folded:
                level, folded = folds.fold(case, applied, verdict)
                yield Finding(case, applied, verdict, level, folded)
            else:
                yield Finding(case, applied, verdict, level)
