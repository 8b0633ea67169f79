"""Rules as they are applied: read once, checked, and inherited down the tree of zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from projects.alerts import levels, measures
from projects.alerts.cases import Case
from projects.alerts.levels import BadLevels, Level
from projects.alerts.measures import Measure
from projects.alerts.verdicts import OUT_OF_SCOPE, SCOPE_UNKNOWN, Unjudged
from projects.models import Assignment, Batch, Phase
from zones.models.zone import ancestors_of
from zones.permissions import BUSINESS_ROLES

if TYPE_CHECKING:
    from projects.alerts.models import Rule

Problem = tuple[str, str]  # the field, and a sentence

ASSIGNED: Final = "assigned"  # who stands for the project
ZONE: Final = "zone"  # roles in the project's own zone
ABOVE: Final = "above"  # roles in the zones above it
DEFAULT_RECIPIENTS: Final = {ASSIGNED: ["liaison", "responsible", "unit"], ZONE: ["coordinator"], ABOVE: []}
GRAVE_RECIPIENTS: Final = {**DEFAULT_RECIPIENTS, ASSIGNED: ["liaison", "responsible", "unit", "leader"]}


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule that was read: its measure, filled parameters and exact levels."""

    rule: Rule
    measure: Measure
    parameters: Mapping[str, str]
    levels: tuple[Level, ...]
    marks: tuple[Fraction, ...]

    def outside(self, case: Case) -> Unjudged | None:
        """Why the project is not within the rule's scope on the day; None if it is.

        Where the scope asks for a plan and none is known, nobody can say: no project escapes by having none.
        """
        scope = self.rule.scope
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
        for rule in rules:
            self.rules[rule.pk] = rule
            self._by_path.setdefault(rule.zone.path, {})[rule.code] = rule
            self._read(rule)

    def concerns(self, path: str) -> bool:
        """Whether any rule that is enabled stands in this zone, above it or below it."""
        places = [each.rule.zone.path for each in self._applied.values() if each.rule.enabled]
        return any(path.startswith(place) or place.startswith(path) for place in places)

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
        read = levels.read(rule.levels)
        self._applied[rule.pk] = AppliedRule(rule, measure, measure.filled(rule.parameters), read, levels.marks(read))


def problems_of(rule: Rule) -> list[Problem]:
    """What is wrong with a rule, by field, in sentences for who wrote it."""
    return [*_measure_problems(rule), *_level_problems(rule), *_scope_problems(rule.scope)]


def _measure_problems(rule: Rule) -> list[Problem]:
    measure = measures.get(rule.measure)
    if measure is None:
        offered = "、".join(label for _, label in measures.choices())
        return [("measure", f"没有“{rule.measure}”这个指标，可用的有：{offered}")]
    return [("parameters", sentence) for sentence in measure.problems(rule.parameters)]


def _level_problems(rule: Rule) -> list[Problem]:
    try:
        codes = {level.code for level in levels.read(rule.levels)}
    except BadLevels as error:
        return [("levels", str(error))]
    return [*_recipient_problems(rule.recipients, codes), *_answer_problems(rule.days_to_answer, codes)]


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
