"""Which projects of a part need a closer look: all but those that are certainly fine, told apart by sets.

Of most projects the standing alone shows that no rule has anything to say. A measure tells them by a condition
(`Measure.fine`); whoever meets those of all rules in force is not looked at one by one. In doubt a project is
looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import and_

from django.db.models import Q, QuerySet

from projects.alerts.measures.known import Known
from projects.alerts.models import Alert, Exemption
from projects.alerts.rulebook import AppliedRule, Rulebook
from projects.models import AnnualPlan, Project, Suspension
from projects.standings.among import Among
from zones.models import Zone


def doubtful(these: Among, ids: Sequence[int], as_of: date, rulebook: Rulebook) -> list[int]:
    """The keys, in their order, of those of `these` projects that must be looked at one by one. Their standings are
    those of `as_of`. A constant number of statements.
    """
    zones, rules = _most_common(rulebook)
    fine = _fine(rules, these, as_of)
    if fine is None:
        return list(ids)
    rows = Project.objects.filter(these.within("pk"))
    certain = rows.filter(fine, terminated_on=None)
    if zones is not None:
        certain = certain.filter(zone__in=zones)
    certain_ids = set(certain.order_by().values_list("pk", flat=True)) - _special(these, as_of)
    return [pk for pk in ids if pk not in certain_ids]


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


def _fine(rules: list[AppliedRule], these: Among, as_of: date) -> Q | None:
    """The condition under which no rule has anything to say until the month turns; None if one cannot tell."""
    known, conditions = Known(these, as_of), list[Q]()
    for rule in rules:
        fine = None if rule.folded or rule.rule.scope else rule.measure.fine(rule.parameters, rule.least, known)
        if fine is None:
            return None
        conditions += [condition for condition in fine if condition not in conditions]
    return reduce(and_, conditions) if conditions else None


def _special(these: Among, as_of: date) -> set[int]:
    """Projects of which more is known than their standing shows."""
    return {
        *_keys(Alert.objects.live(), these),
        *_keys(Exemption.objects.filter(ends__gte=as_of), these),
        *_keys(Suspension.objects.filter(Q(ends=None) | Q(ends__gte=as_of)), these),
        *_keys(AnnualPlan.objects.filter(Q(edition__gt=1) | Q(effective_from__gt=as_of)), these),
    }


def _keys(rows: QuerySet, these: Among) -> QuerySet:
    return rows.filter(these.within("project")).order_by().values_list("project", flat=True)
