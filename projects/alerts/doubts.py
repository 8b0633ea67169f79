"""What is unwise of a rule, though it can be judged by: said to who can mend it, on its page and in the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from projects.alerts import levels, measures
from projects.alerts.levels import Level
from projects.alerts.models import Rule
from projects.alerts.recipients import SPEAKS_FOR_A_UNIT
from projects.alerts.rulebook import ABOVE, ASSIGNED, ZONE, apply, problems_of
from projects.models import Assignment
from zones import clock
from zones.models import Appointment, User
from zones.permissions import BUSINESS_ROLES, Role

NAMED: Final = 5  # people without an address whom a sentence names
SCOPED: Final = ("phases", "batches")


@dataclass(frozen=True, slots=True)
class _Person:
    user_id: int
    name: str
    email: str
    role: str
    path: str


def warnings_of(rule: Rule) -> list[str]:
    """What is unwise of a rule, in sentences; nothing of a rule that cannot be read, whose errors come first.

    Two levels may leave values between them, rules may overlap, a level may be told to nobody, a group of recipients
    may reach nobody today or only people without an e-mail address, days to answer may be missing where an alert that
    nobody answers is to go up. A constant number of statements.
    """
    return [*_of_itself(rule), *_overlaps(rule), *_unreached(rule)]


def warned(rules: Iterable[Rule]) -> dict[int, list[str]]:
    """For a list: what is unwise of each rule, without asking who is reached. One statement."""
    rules = list(rules)
    near = {path for rule in rules for path in [*rule.zone.ancestor_paths, rule.zone.path]}
    others: dict[str, list[Rule]] = defaultdict(list)
    for each in Rule.objects.filter(zone__path__in=near, enabled=True).select_related("zone").order_by("pk"):
        others[each.zone.path].append(each)
    return {rule.pk: [*_of_itself(rule), *_overlapping(rule, others)] for rule in rules}


# ---- Of the rule alone -------------------------------------------------------------------------------
def _of_itself(rule: Rule) -> Iterator[str]:
    measure = measures.get(rule.measure)
    if measure is None or problems_of(rule):
        return
    applied = apply(rule, measure)
    for lower, upper in levels.holes(applied.levels, measure.grain):
        yield f"“{lower.label}”和“{upper.label}”之间有空档，落在空档里的数值不预警"
    for level in applied.levels:
        if not any(applied.recipients(level).values()):
            yield f"“{level.label}”没有告知对象，发出后没有人收到通知"
        if applied.days_to_answer(level) is None and (rule.hold_days or level.severity > applied.levels[0].severity):
            yield f"“{level.label}”没有答复天数，无人答复时不会逐级上报"


# ---- Beside others -----------------------------------------------------------------------------------
def _overlaps(rule: Rule) -> Iterator[str]:
    paths = [*rule.zone.ancestor_paths, rule.zone.path]
    others: dict[str, list[Rule]] = defaultdict(list)
    for each in Rule.objects.filter(zone__path__in=paths, enabled=True).select_related("zone").order_by("pk"):
        others[each.zone.path].append(each)
    return _overlapping(rule, others)


def _overlapping(rule: Rule, others: Mapping[str, list[Rule]]) -> Iterator[str]:
    """Other rules that hold in the zone and say the same of some of the same subjects."""
    if not rule.enabled:
        return
    nearest: dict[str, Rule] = {}
    for path in [*rule.zone.ancestor_paths, rule.zone.path]:
        nearest |= {each.code: each for each in others.get(path, ())}
    for other in nearest.values():
        if other.code == rule.code or not _same_question(rule, other):
            continue
        if _within(rule.scope, other.scope) or _within(other.scope, rule.scope):
            called = f"“{other.name}”（{other.zone}，代号 {other.code}）"
            yield f"与{called}的指标、参数相同，适用范围重叠，同一对象会重复预警"


def _same_question(rule: Rule, other: Rule) -> bool:
    measure = measures.get(rule.measure)
    if measure is None or rule.measure != other.measure:
        return False
    return measure.filled(rule.parameters) == measure.filled(other.parameters)


def _within(scope: Mapping[str, Any], wider: Mapping[str, Any]) -> bool:
    """Whether every subject of a scope belongs to another one."""
    for name in SCOPED:
        if wider.get(name) and not (scope.get(name) and set(scope[name]) <= set(wider[name])):
            return False
    return (scope.get("min_annual_plan") or 0) >= (wider.get("min_annual_plan") or 0)


# ---- Who is reached ----------------------------------------------------------------------------------
def _unreached(rule: Rule) -> Iterator[str]:
    measure = measures.get(rule.measure)
    if measure is None or problems_of(rule):
        return
    applied = apply(rule, measure)
    asked: dict[tuple[str, str], list[Level]] = defaultdict(list)
    for level in applied.levels:
        for group, roles in applied.recipients(level).items():
            for role in roles:
                asked[group, role].append(level)
    if not asked:
        return
    people = _people(rule)
    assigned = _assigned(rule, people)
    for (group, role), found in asked.items():
        yield from _said(group, role, found, _reached(rule, group, role, people, assigned))


def _people(rule: Rule) -> list[_Person]:
    """Everybody who may be told of something in the rule's zone, below it or from above it. One statement."""
    rows = Appointment.objects.in_force(clock.today()).filter(role__in=BUSINESS_ROLES, user__is_active=True)
    below = rows.filter(zone__path__startswith=rule.zone.path) | rows.filter(zone__path__in=rule.zone.ancestor_paths)
    told = ("user_id", "user__display_name", "user__username", "user__email", "role", "zone__path")
    return [
        _Person(user_id, name or username, email, role, path)
        for user_id, name, username, email, role, path in below.values_list(*told)
    ]


def _assigned(rule: Rule, people: list[_Person]) -> dict[str, set[int]]:
    """People who stand for projects of the zone, by the role of their assignment. One statement more for units."""
    rows = Assignment.objects.in_force(clock.today()).filter(project__zone__path__startswith=rule.zone.path)
    found: dict[str, set[int]] = defaultdict(set)
    units: dict[str, set[int]] = defaultdict(set)
    for role, user_id, department_id in rows.order_by().values_list("role", "user", "department").distinct():
        if user_id:
            found[role].add(user_id)
        elif department_id:
            units[role].add(department_id)
    speaking = [person.user_id for person in people if person.role in SPEAKS_FOR_A_UNIT]
    of_unit = User.objects.filter(pk__in=speaking, department__in=set().union(*units.values()))
    for user_id, department_id in of_unit.values_list("pk", "department"):
        for role, departments in units.items():
            if department_id in departments:
                found[role].add(user_id)
    return found


def _reached(
    rule: Rule, group: str, role: str, people: list[_Person], assigned: Mapping[str, set[int]]
) -> list[_Person]:
    if group == ASSIGNED:
        return [person for person in people if person.user_id in assigned.get(role, ())]
    if group == ZONE:
        return [person for person in people if person.role == role and person.path.startswith(rule.zone.path)]
    return [person for person in people if person.role == role]


def _said(group: str, role: str, found: list[Level], reached: list[_Person]) -> Iterator[str]:
    name = f"“{_called(group, role)}”"
    labels = "、".join(level.label for level in found)
    if not reached:
        yield f"{labels}的告知对象{name}今天没有人，通知不到任何人"
    elif not any(person.email for person in reached):
        names = sorted({person.name for person in reached})
        more = f"等{len(names)}人" if len(names) > NAMED else ""
        yield f"{labels}的告知对象{name}都没有邮箱，只能在系统里看到：{'、'.join(names[:NAMED])}{more}"


def _called(group: str, role: str) -> str:
    if group == ASSIGNED:
        return str(Assignment.Role(role).label)
    return f"{'上级' if group == ABOVE else '本区域'}{Role(role).label}"
