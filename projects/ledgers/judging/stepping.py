"""What a row says of the project's steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError

from projects import claims, dates, facts
from projects.facts import Step
from projects.ledgers.judging.identity import Identity
from projects.ledgers.judging.works import CHANGED, CONFLICT, NEW, NOTE, Certainty
from projects.ledgers.said import KINDS, STAGES, Spot, by_stage
from projects.models import Milestone
from projects.money import Amount

_ENDS: Final = (("start", ("started",), "计划开工"), ("completion", ("completed", "produced"), "计划竣工"))
_PRECISE: Final = {"year": "只写到年，不作为节点期限", "month": "只写到月，不作为节点期限"}


_EITHER: Final = re.compile("计划|拟|预计")  # a heading of a day that may be either
_UNSURE: Final = "看不出是已{0}还是计划{0}，没有读入：请加“是否{0}”一列，或在形象进度里写明"
_WORDS: Final = {
    **{"sign": "签约", "perform": "履约", "land": "供地|拿地|摘牌", "start": "开工", "top": "封顶"},
    **{"completion": "竣工|完工|建成", "trial": "试生产|试运行", "produce": "投产|投用", "capacity": "达产|达效"},
    "stats": "入库|入统|纳统",
}
_NOT_BEGUN: Final = re.compile(
    "(?:未|没有|没)(?:能|正式|全面|实质性?)?(?:开工|动工|开建|进场)|(?:待|拟|计划|准备|筹备)(?:近期)?(?:开工|动工)"
)
_BEFORE: Final = re.compile("前期|手续|筹备|谋划|洽谈|报批|审批|招标|征地|拆迁|可研|方案|用地|图审|储备")
_BEGUN: Final = re.compile(
    "开工|动工|施工(?!许可|图|合同|单位|招标|准备|手续)|在建|续建|已(?:建成|竣工|完工|投产)"
    "|主体|基础(?!设施)|桩|封顶|装修|安装|调试|土方|钢构|基坑|浇筑|砌|地下室|框架|幕墙|试产"
)
_SPENT: Final = frozenset({"month_done", "year_done", "total_done"})


class Stepping(Identity):
    """Promised and done steps. A day that is known stands; a promise moves with a reason alone."""

    def steps(self) -> None:
        told = by_stage(self.said)
        for stage, days in told.items():
            self._step(stage, days)
        self._period({stage for stage, days in told.items() if days.keys() - {"flag"}})

    def _period(self, told: set[str]) -> None:
        """建设起止年限: when it is to begin and to end, stated as precisely as it is written. Years promise no day, so
        no deadline comes of them; what is known within them says it better, as does a column of its own (`told`).
        """
        spot = self.said.one.get("build_period")
        if spot is None or (spot.value[0] == spot.value[1] and spot.value[0].precision == "day"):
            return
        for (stage, kinds, word), span in zip(_ENDS, spot.value, strict=True):
            name = STAGES[stage]
            if stage in told or span.first is None or span.last is None or self._is_within(name, kinds, span):
                continue
            held = [row for row in self.known.claims if (row.field, row.certainty) == (name, Certainty.PLANNED)]
            self.state(spot, name, span, Certainty.PLANNED)
            gives_way = any(row.chosen and claims.gives_way(row, self.judge.around.earlier) for row in held)
            kind = (CHANGED if gives_way else CONFLICT) if held else NEW
            sentence = "两种说法并存，请在项目页选用" if kind == CONFLICT else _PRECISE.get(span.precision, "")
            self.add(spot, kind, held[0].shown if held else "", f"{word} {dates.show(span)}", sentence)

    def _is_within(self, name: str, kinds: Sequence[str], span: dates.DateSpan) -> bool:
        """Whether a step or a claim says a day, or a shorter time, within this one."""
        days = [(row.first, row.last) for row in self.known.claims if row.field == name]
        for step in filter(None, map(self.known.milestones.get, kinds)):
            days += [(each.first, each.last) for each in [step.actual] if each]
            days += [(day, day) for day in (step.planned, step.baseline) if day]
        return any(
            first and last and span.first and span.last and span.first <= first and last <= span.last
            for first, last in days
        )

    def _step(self, stage: str, told: dict[str, Spot]) -> None:
        flag, either = told.get("flag"), told.get("on")
        planned, actual = told.get("planned"), told.get("actual")
        done = flag is not None and flag.value is True
        if either is not None:
            last = either.value.last
            past = done or (flag is None and last is not None and last <= self.judge.today)
            unsaid = bool(_EITHER.search("".join(either.column.heading)))
            begun = self._reached(stage, either) if past and not done and (unsaid or stage == "start") else past
            if begun is None and unsaid:
                word = _WORDS[stage].split("|")[0]
                self.add(either, NOTE, "", dates.show(either.value), _UNSURE.format(word))
            elif past and begun is not False and actual is None:
                actual = either
            elif (not past or begun is False) and planned is None:
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

    def _reached(self, stage: str, either: Spot) -> bool | None:
        """Whether a step was taken whose day may be a plan, by what is known of it and by the row; None if unsaid."""
        step = self.known.milestones.get(KINDS.get(stage, ""))
        if step is not None and (step.done or step.planned == either.value.last):
            return bool(step.done)
        if stage == "start":
            return self._begun()
        words = "；".join(str(spot.value) for spot in self.said.figures if spot.column.meaning == "progress")
        return True if re.search(f"已[^，。；]{{0,4}}(?:{_WORDS[stage]})", words + self.said.text("phase")) else None

    def _begun(self) -> bool | None:
        """Whether the rest of the row says that work has begun; None where it says neither."""
        words = "；".join(str(spot.value) for spot in self.said.figures if spot.column.meaning == "progress")
        words = "；".join(filter(None, (words or self.said.text("permits"), self.said.text("phase"))))
        if _NOT_BEGUN.search(words):
            return False
        spent = [spot.value for spot in self.said.figures if spot.column.meaning in _SPENT]
        if _BEGUN.search(words) or any(isinstance(value, Amount) and value.high for value in spent):
            return True
        return False if _BEFORE.search(words) else None

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
