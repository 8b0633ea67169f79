"""Rules as they are applied: read once, checked, and inherited down the tree of zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from projects.alerts import levels, measures
from projects.alerts.cases import Case, ProjectCase
from projects.alerts.levels import BadLevels, Ladder, Level
from projects.alerts.measures import Measure
from projects.alerts.verdicts import OUT_OF_SCOPE, SCOPE_UNKNOWN, Unjudged
from projects.models import Assignment, Batch, Phase
from zones.models.zone import ancestors_of
from zones.permissions import BUSINESS_ROLES

if TYPE_CHECKING:
    from projects.alerts.models import Rule

MONTHS_BACK: Final = 12  # judged months before the present one that can bear on a level

Problem = tuple[str, str]  # the field, and a sentence

ASSIGNED: Final = "assigned"  # who stands for the project
ZONE: Final = "zone"  # roles in the project's own zone
ABOVE: Final = "above"  # roles in the zones above it
DEFAULT_RECIPIENTS: Final = {ASSIGNED: ["liaison", "responsible", "unit"], ZONE: ["coordinator"], ABOVE: []}
GRAVE_RECIPIENTS: Final = {**DEFAULT_RECIPIENTS, ASSIGNED: ["liaison", "responsible", "unit", "leader"]}


@dataclass(frozen=True)
class AppliedRule:
    """A rule that was read: its measure, filled parameters and exact levels, from the mildest to the gravest.

    `looks_back`: the months before bear on its level even where the value of the day is fine. `folded`: they may bear
    on it at all.
    """

    rule: Rule
    measure: Measure
    parameters: Mapping[str, str]
    levels: tuple[Level, ...]
    marks: tuple[Fraction, ...]
    ladder: Ladder
    hysteresis: Fraction
    one_step: bool
    longest_streak: int
    looks_back: bool
    folded: bool

    @property
    def least(self) -> Fraction | None:
        """The value below which there is no level; None where low values lead to one."""
        lows = [level.low for level in self.levels if level.bounded]
        if not self.measure.rises or not lows or None in lows:
            return None
        return min(low for low in lows if low is not None)

    @cached_property
    def evidence(self) -> Mapping[str, Mapping[str, Any]]:
        """What is kept of the rule with an alert, by the code of the level that is met."""
        known = {
            "rule": self.rule.name,
            "rule_id": self.rule.pk,
            "rule_version": self.rule.version,
            "basis": self.rule.source,
            "measure": self.measure.label,
            "measure_code": self.measure.code,
            "parameters": dict(self.parameters),
        }
        return {met.code: {**known, "levels": [self._shown(each, met) for each in self.levels]} for met in self.levels}

    def _shown(self, level: Level, met: Level) -> dict[str, Any]:
        shown = {"code": level.code, "label": level.label, "colour": level.colour}
        return {**shown, "bounds": self.bounds_shown(level), "met": level == met}

    def bounds(self, level: Level) -> str:
        """What value leads to a level, in the words of the measure."""
        return self.measure.bounds(level, self.parameters) if level.bounded else self._streak(level)

    def bounds_shown(self, level: Level) -> str:
        """All that leads to a level: its bounds, and its streak."""
        parts = [self.measure.bounds(level, self.parameters)] if level.bounded else []
        return "，或".join([*parts, *([self._streak(level)] if level.streak else [])])

    def _streak(self, level: Level) -> str:
        milder = self.levels[self.levels.index(level) - 1]
        return f"连续{level.streak}个月达到{milder.label}"

    def outside(self, case: Case) -> Unjudged | None:
        """Why the subject is not within the rule's scope on the day; None if it is. Only projects are told apart.

        Where the scope asks for a plan and none is known, nobody can say: no project escapes by having none.
        """
        scope = self.rule.scope
        if not scope or not isinstance(case, ProjectCase):
            return None
        phases, batches, least = scope.get("phases"), scope.get("batches"), scope.get("min_annual_plan")
        if phases and case.phase.value not in phases:
            return OUT_OF_SCOPE
        if batches and not case.batches & set(batches):
            return OUT_OF_SCOPE
        if not least:
            return None
        if case.position.plan is None:
            return SCOPE_UNKNOWN
        return None if case.position.plan >= least else OUT_OF_SCOPE

    def recipients(self, level: Level | None) -> Mapping[str, list[str]]:
        """Who is told of a level: as the rule says, else the usual ones."""
        if level is None:
            return DEFAULT_RECIPIENTS
        usual = GRAVE_RECIPIENTS if level.severity > self.levels[0].severity else DEFAULT_RECIPIENTS
        return self.rule.recipients.get(level.code, usual)

    def days_to_answer(self, level: Level) -> int | None:
        """Days within which the responsible ones answer; None where the rule sets none."""
        return self.rule.days_to_answer.get(level.code)

    def level_called(self, code: str) -> Level | None:
        return next((level for level in self.levels if level.code == code), None)


class Rulebook:
    """All rules that can matter to a scan. `bad` are those that cannot be read, each with a sentence."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: dict[int, Rule] = {}
        self.bad: dict[int, str] = {}
        self._applied: dict[int, AppliedRule] = {}
        self._by_path: dict[str, dict[str, Rule]] = {}
        self._known: dict[str, list[AppliedRule]] = {}
        self._for: dict[tuple[str, str], list[AppliedRule]] = {}
        for rule in rules:
            self.rules[rule.pk] = rule
            self._by_path.setdefault(rule.zone.path, {})[rule.code] = rule
            self._read(rule)

    def judges(self, kind: str) -> bool:
        """Whether any rule that is enabled looks at subjects of this kind."""
        return any(each.rule.enabled and each.measure.subject == kind for each in self._applied.values())

    def concerns(self, path: str) -> bool:
        """Whether any rule that is enabled stands in this zone, above it or below it."""
        places = [each.rule.zone.path for each in self._applied.values() if each.rule.enabled]
        return any(path.startswith(place) or place.startswith(path) for place in places)

    def judging(self, case: Case) -> list[AppliedRule]:
        """Rules in force for a subject: of its zone and all above it, the nearest of each code, unless switched off."""
        if (case.kind, case.path) not in self._for:
            rules = [rule for rule in self.for_zone(case.path) if rule.measure.subject == case.kind]
            self._for[case.kind, case.path] = rules
        return self._for[case.kind, case.path]

    def for_zone(self, path: str) -> list[AppliedRule]:
        """Rules in force in a zone: of all above it and its own, the nearest of each code, unless switched off."""
        if path not in self._known:
            nearest: dict[str, Rule] = {}
            for each in [*ancestors_of(path), path]:
                nearest.update(self._by_path.get(each, {}))
            in_force = [rule for rule in nearest.values() if rule.enabled and rule.pk in self._applied]
            self._known[path] = [self._applied[rule.pk] for rule in in_force]
        return self._known[path]

    def applied(self, rule_id: int) -> AppliedRule | None:
        """A rule that could be read, in force or not."""
        return self._applied.get(rule_id)

    def _read(self, rule: Rule) -> None:
        found = problems_of(rule)
        measure = measures.get(rule.measure)
        if found or measure is None:
            self.bad[rule.pk] = f"规则“{rule.name}”（{rule.zone}）有误，未参与判定：" + "；".join(s for _, s in found)
            return
        self._applied[rule.pk] = apply(rule, measure)


def apply(rule: Rule, measure: Measure) -> AppliedRule:
    """A rule of which nothing is wrong, ready to judge by."""
    read = levels.read(rule.levels)
    hysteresis, one_step = levels.bound(rule.hysteresis) or Fraction(0), rule.step_down == rule.StepDown.ONE_STEP
    # A streak may stand on one below it: to be sure of the upper one takes the months of both.
    streak = sum(level.streak - 1 for level in read if level.streak)
    return AppliedRule(
        rule=rule,
        measure=measure,
        parameters=measure.filled(rule.parameters),
        levels=read,
        marks=levels.marks(read),
        ladder=Ladder(read),
        hysteresis=hysteresis,
        one_step=one_step,
        longest_streak=min(streak, MONTHS_BACK),
        looks_back=bool(hysteresis) or one_step,
        folded=bool(hysteresis) or one_step or bool(streak),
    )


def problems_of(rule: Rule) -> list[Problem]:
    """What is wrong with a rule, by field, in sentences for who wrote it."""
    return [*_measure_problems(rule), *_level_problems(rule), *_fold_problems(rule), *_scope_problems(rule.scope)]


def _measure_problems(rule: Rule) -> list[Problem]:
    measure = measures.get(rule.measure)
    if measure is None:
        offered = "、".join(label for _, label in measures.choices())
        return [("measure", f"没有“{rule.measure}”这个指标，可用的有：{offered}")]
    return [("parameters", sentence) for sentence in measure.problems(rule.parameters)]


def _level_problems(rule: Rule) -> list[Problem]:
    try:
        read = levels.read(rule.levels)
    except BadLevels as error:
        return [("levels", str(error))]
    codes = {level.code for level in read}
    found = [*_recipient_problems(rule.recipients, codes), *_answer_problems(rule.days_to_answer, codes)]
    measure = measures.get(rule.measure)
    if measure is not None and levels.rise(read) is (not measure.rises):
        worse = "大" if measure.rises else "小"
        found.append(("levels", f"“{measure.label}”的数值越{worse}越重，级别的界限正好相反，请检查下限和上限"))
    return found


def _fold_problems(rule: Rule) -> list[Problem]:
    found = []
    try:
        hysteresis = levels.bound(rule.hysteresis)
    except BadLevels:
        hysteresis = None
    if hysteresis is None or hysteresis < 0:
        found.append(("hysteresis", f"回差应是不小于零的数，最多六位小数，现在是“{rule.hysteresis}”；不用回差请填 0"))
    if rule.step_down not in rule.StepDown.values:
        found.append(("step_down", f"降级方式不能是“{rule.step_down}”"))
    return found


def _recipient_problems(recipients: Any, codes: set[str]) -> list[Problem]:
    if not isinstance(recipients, Mapping) or not all(isinstance(told, Mapping) for told in recipients.values()):
        return [("recipients", "告知对象的写法不对")]
    posts: set[str] = {str(role) for role in BUSINESS_ROLES}
    offered: dict[str, set[str]] = {ASSIGNED: set(Assignment.Role.values), ZONE: posts, ABOVE: posts}
    found = [("recipients", f"告知对象里的级别“{code}”不存在") for code in recipients if code not in codes]
    for told in recipients.values():
        for group, roles in told.items():
            if group not in offered or not isinstance(roles, list) or not set(roles) <= offered[group]:
                found.append(("recipients", f"告知对象“{group}”的写法不对"))
    return found


def _answer_problems(days: Any, codes: set[str]) -> list[Problem]:
    if not isinstance(days, Mapping):
        return [("days_to_answer", "答复天数的写法不对")]
    found = [("days_to_answer", f"答复天数里的级别“{code}”不存在") for code in days if code not in codes]
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 < n <= 366 for n in days.values()):
        found.append(("days_to_answer", "答复天数应是 1 到 366 的整数"))
    return found


def _scope_problems(scope: Any) -> list[Problem]:
    if not isinstance(scope, Mapping) or not set(scope) <= {"phases", "batches", "min_annual_plan"}:
        return [("scope", "适用范围的写法不对")]
    if not set(scope.get("phases") or ()) <= set(Phase.values):
        return [("scope", "适用范围里有不存在的阶段")]
    if not set(scope.get("batches") or ()) <= set(Batch.values):
        return [("scope", "适用范围里有不存在的批次")]
    least = scope.get("min_annual_plan") or 0
    if not isinstance(least, int) or isinstance(least, bool) or least < 0:
        return [("scope", "年度计划下限应是不小于零的整数（元）")]
    return []
