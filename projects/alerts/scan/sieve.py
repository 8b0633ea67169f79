"""Which projects of a part need a closer look: all but those that are certainly fine, told apart by sets.

Of most projects the figures alone show that no rule has anything to say. A measure tells them by a condition
(`Measure.fine`); whoever meets those of all rules in force is green without being looked at one by one. In doubt a
project is looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from django.db.models import Q, QuerySet

from projects import standings
from projects.alerts import looking
from projects.alerts.levels import GREEN, GREEN_COLOUR, GREEN_LABEL
from projects.alerts.measures.known import Fine, Known
from projects.alerts.models import Alert, Exemption
from projects.alerts.rulebook import AppliedRule, Rulebook
from projects.models import AnnualPlan, Suspension
from projects.standings import Bound, Outright
from projects.standings.among import Among
from zones.models import Zone


def outright(these: Among, as_of: date, rulebook: Rulebook) -> Outright | None:
    """Which of `these` projects are certainly fine until another month is judged, and what they show; None if that
    cannot be told of many at once. One statement.
    """
    zones, rules = _most_common(rulebook)
    fine = _fine(rules, these, as_of)
    if fine is None:
        return None
    return Outright(
        within=[each for each in fine if not isinstance(each, Bound)],
        without=[_keys(rows, these) for rows in _special(as_of)],
        zones=zones,
        bounds=[each for each in fine if isinstance(each, Bound)],
        light=GREEN,
        label=GREEN_LABEL,
        colour=GREEN_COLOUR,
        since=as_of,
        look_on=lambda return_day: looking.at_the_latest(standings.turns_on(return_day, as_of), as_of),
    )


def _most_common(rulebook: Rulebook) -> tuple[list[int] | None, list[AppliedRule]]:
    """The rules about projects that hold in most zones, and these zones; None for all of them."""
    paths = dict(Zone.objects.values_list("pk", "path"))
    by_rules: Counter[tuple[int, ...]] = Counter()
    rules_of = {pk: _of_projects(rulebook, path) for pk, path in paths.items()}
    for rules in rules_of.values():
        by_rules[_key(rules)] += 1
    if not by_rules:
        return None, []
    (key, number), *_ = by_rules.most_common(1)
    zones = [pk for pk, rules in rules_of.items() if _key(rules) == key]
    return (None if number == len(paths) else zones), rules_of[zones[0]]


def _of_projects(rulebook: Rulebook, path: str) -> list[AppliedRule]:
    return [rule for rule in rulebook.for_zone(path) if rule.measure.subject == "project"]


def _key(rules: list[AppliedRule]) -> tuple[int, ...]:
    return tuple(rule.rule.pk for rule in rules)


def _fine(rules: list[AppliedRule], these: Among, as_of: date) -> list[Fine] | None:
    """The conditions under which no rule has anything to say until the month turns; None if one cannot tell."""
    known, conditions = Known(these, as_of), list[Fine]()
    for rule in rules:
        fine = None if rule.folded or rule.rule.scope else rule.measure.fine(rule.parameters, rule.least, known)
        if fine is None:
            return None
        conditions += [condition for condition in fine if condition not in conditions]
    return conditions or None


def _special(as_of: date) -> Iterator[QuerySet]:
    """Rows of projects of which more is known than their standing shows."""
    yield Alert.objects.live()
    yield Exemption.objects.filter(ends__gte=as_of)
    yield Suspension.objects.filter(Q(ends=None) | Q(ends__gte=as_of))
    yield AnnualPlan.objects.filter(Q(edition__gt=1) | Q(effective_from__gt=as_of))


def _keys(rows: QuerySet, these: Among) -> QuerySet:
    return rows.filter(these.within("project")).values_list("project")
