"""The scan and an evaluator that shares no code with it agree: which alerts are open, how grave, with what numbers.

`EVALUATION_PROJECTS=10000` looks at more projects, `EVALUATION_SEED=7` at others. Each is written once for every
scheme.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection

from projects.alerts.models import Alert
from projects.alerts.scan import scan
from projects.alerts.tests.evaluation import evaluator, facts, schemes
from projects.alerts.tests.evaluation.evaluator import UNKNOWN, Answer, Matter, Rule, Unit, Value
from projects.alerts.tests.evaluation.loading import World, load

COUNT = int(os.environ.get("EVALUATION_PROJECTS", "0"))
SEED = int(os.environ.get("EVALUATION_SEED", "4"))
SEEDS = [SEED] if COUNT else {"sqlite": [1, 2]}.get(connection.vendor, [3])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_scan_says_of_random_projects_what_the_texts_of_the_rules_say(db: Any, settings: Any, seed: int) -> None:
    world = load(list(facts.samples(seed, COUNT or 100)), schemes.ALL)
    day = facts.days(seed)[seed % 3]
    settings.TRACKER_TODAY = day
    for zone in world.zones.values():
        scan(day, zone, listing=False)
    wrong = list(_differences(world, day))
    assert not wrong, f"seed {seed}, {day}: {len(wrong)} differences\n" + "\n\n".join(wrong[:5])


def test_every_level_of_every_rule_is_reached_by_some_of_them_and_no_level_by_others() -> None:
    samples = list(facts.samples(1, 300))
    subjects = {
        "project": [each.facts for each in samples],
        "problem": [Matter(matter, each.facts) for each in samples for matter in each.facts.problems],
        "unit": [Unit(each.facts.return_day, ((each.facts, each.starts, each.ends),)) for each in samples],
    }
    for row in itertools.chain.from_iterable(schemes.ALL.values()):
        rule = Rule.of(row)
        said = {evaluator.evaluate(each, rule, day).level for day in facts.days(1) for each in subjects[rule.subject]}
        assert said == {"", *(level.code for level in rule.levels)}, rule.code


def _differences(world: World, day: date) -> Iterator[str]:
    alerts = {(alert.rule.code, alert.subject_key): alert for alert in Alert.objects.open().select_related("rule")}
    for code, rules in world.rules.items():
        for rule in rules:
            for key, subject in world.subjects[code].items():
                if key.startswith(f"{rule.subject}:"):
                    said = evaluator.evaluate(subject, rule, day)
                    alert = alerts.pop((rule.code, key), None)
                    for problem in _compared(said, alert, rule):
                        yield f"{rule.code} of {key}: {problem}\n{said}\n{alert and alert.sentence}\n{subject}"
    yield from (f"{key}: {alert.sentence}" for key, alert in alerts.items())


def _compared(said: Answer, alert: Alert | None, rule: Rule) -> Iterator[str]:
    if alert is not None and alert.held:
        if said.verdict != UNKNOWN:
            yield f"rests ({alert.held})"
        return
    found = alert.level if alert else ""
    if found != said.level:
        yield f"{found or 'none'} instead of {said.level or 'none'}"
    elif alert and isinstance(said.verdict, Value):
        if Fraction(alert.evidence["value"]) != said.verdict.value:
            yield f"a value of {alert.evidence['value']}"
        yield from _shown(alert, said.verdict, rule)


# ---- The sentence ----------------------------------------------------------------------------------------
NUMBER = re.compile(r"(略超|略低于|不足)?(−|-)?([\d.]+)(亿元|万元|元|%|个百分点|个整月|个月|周|天|张)")
DAY = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日|(底))?")
YUAN = {"元": 1, "万元": 10**4, "亿元": 10**8}


def _shown(alert: Alert, verdict: Value, rule: Rule) -> Iterator[str]:
    body, _, level = alert.sentence.rpartition("（")
    label = next(each.label for each in rule.levels if each.code == alert.level)
    if not level.startswith(f"{label}：") or alert.label != label:
        yield f"the sentence does not name the level {label}"
    numbers, dates = iter(NUMBER.findall(body)), iter(DAY.findall(body))
    # What is judged is told last of all that equal it: of nothing done, what is due is as much as the gap.
    judged = max((place for place, (wanted, _) in enumerate(verdict.shows) if wanted == verdict.value), default=None)
    for place, (wanted, unit) in enumerate(verdict.shows):
        bounds = rule.bounds() if place == judged else set()
        found = (
            any(_is_day(each, wanted, unit) for each in dates)
            if unit in ("date", "month")
            else any(_is_number(each, wanted, unit, bounds) for each in numbers)
        )
        if not found:
            yield f"the sentence does not say {wanted} {unit}"


def _is_day(found: tuple[str, str, str, str], wanted: date, unit: str) -> bool:
    year, month, day, _ = found
    if (int(year), int(month)) != (wanted.year, wanted.month):
        return False
    return not day if unit == "month" else (int(day) if day else evaluator.month_end(wanted).day) == wanted.day


def _is_number(found: tuple[str, str, str, str], wanted: Any, unit: str, bounds: set[Fraction]) -> bool:
    """Whether a number is the wanted one: amounts exactly, shares rounded, but never onto or across a bound."""
    about, minus, digits, said = found
    shown = Fraction(digits) * (-1 if minus else 1)
    if unit == "yuan":
        return said in YUAN and shown * YUAN[said] == wanted
    if said != unit:
        return False
    if about:
        return 0 < abs(shown - wanted) < Fraction(1, 10_000) and (shown < wanted) == (about == "略超")
    places = len(digits.partition(".")[2])
    if any((shown > bound) != (wanted > bound) or (shown < bound) != (wanted < bound) for bound in bounds):
        return False
    return abs(shown - wanted) <= Fraction(1, 2 * 10**places) and (places > 0 or shown == wanted)
