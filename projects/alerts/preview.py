"""What rules would say today if they were saved as they are: the scan's own way, with nothing written."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Final

from django.db.models import Q, prefetch_related_objects

from projects.alerts import cases, episodes, judging, levels, measures
from projects.alerts.cases import Kind, Shard
from projects.alerts.models import Alert, Rule
from projects.alerts.rulebook import Rulebook
from zones.models import Zone

LISTED: Final = 200
MOST: Final = 5_000  # subjects that a page can wait for


class TooMany(Exception):
    """The zone has more subjects than a page can wait for; the message is for officials."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many alerts of one level there would be."""

    label: str
    colour: str
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    """An alert that would be open. `value` is empty while nothing can be judged: `held` says why."""

    alert: Alert
    value: str
    held: str


@dataclass(slots=True)
class Preview:
    """The alerts that would be open after today's scan, the worst first; at most `LISTED` of them are lines."""

    as_of: date
    looked_at: int = 0
    alerts: list[Alert] = field(default_factory=list)

    @property
    def counts(self) -> list[Count]:
        """By level, the mildest first."""
        found = Counter((alert.severity, alert.label, alert.colour) for alert in self.alerts)
        return [Count(label, colour, number) for (_, label, colour), number in sorted(found.items())]

    @property
    def summary(self) -> str:
        """按此阈值，今天黄色预警12个、红色预警3个."""
        said = "、".join(f"{each.label}{each.number}个" for each in self.counts)
        return f"按此阈值，今天{said or '没有预警'}（看了{self.looked_at}个对象）"

    @property
    def lines(self) -> list[Line]:
        return [Line(alert, _value(alert), alert.held) for alert in self.alerts[:LISTED]]

    @property
    def more(self) -> int:
        """How many alerts are not among the lines."""
        return max(0, len(self.alerts) - LISTED)


def preview(zone: Zone, rules: Sequence[Rule], user: Any, as_of: date) -> Preview:
    """What the rules, none of which need be saved, would say of what `user` sees in `zone` and below.

    Each stands in its own zone in place of the rule that has its code there. Raises TooMany.
    """
    book, wanted = _book(zone, rules)
    found = Preview(as_of)
    for kind, ids in _subjects(zone, book, wanted, user, as_of):
        found.looked_at += len(ids)
        found.alerts += _open_after(Shard(kind, ids, as_of), book, wanted)
    found.alerts.sort(key=lambda alert: (-alert.severity, alert.level_since, alert.subject_key))
    prefetch_related_objects(found.alerts[:LISTED], "project__zone", "zone")
    return found


def _book(zone: Zone, rules: Sequence[Rule]) -> tuple[Rulebook, set[int]]:
    """All rules that can matter, the given ones in their places; and the keys of these."""
    given = [_keyed(rule, -number) for number, rule in enumerate(rules, start=1)]
    places = {(rule.zone_id, rule.code) for rule in given}
    near = Q(zone__path__startswith=zone.path) | Q(zone__path__in=zone.ancestor_paths)
    stored = [
        rule
        for rule in Rule.objects.filter(near).select_related("zone").order_by("pk")
        if (rule.zone_id, rule.code) not in places
    ]
    return Rulebook([*stored, *given]), {rule.pk for rule in given}


def _keyed(rule: Rule, key: int) -> Rule:
    """A copy with a key, which a rule that was never saved does not have."""
    copied = copy.copy(rule)
    copied.pk = rule.pk or key
    return copied


def _subjects(
    zone: Zone, book: Rulebook, wanted: Collection[int], user: Any, as_of: date
) -> Iterator[tuple[Kind[Any], list[int]]]:
    looked_at = {measure.subject for pk in wanted if (measure := measures.get(book.rules[pk].measure))}
    for kind in cases.kinds():
        if kind.code in looked_at:
            rows = kind.subjects(zone, as_of, whole=True)
            if rows.order_by()[: MOST + 1].count() > MOST:
                raise TooMany(
                    f"{zone}及其下级超过{MOST}个{kind.label}，预览等待太久：请选择下级区域，或保存后看判定结果"
                )
            model: Any = rows.model
            for ids in kind.shards(zone, as_of, whole=True):
                seen = set(model._default_manager.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
                yield kind, [pk for pk in ids if pk in seen]


def _open_after(shard: Shard, book: Rulebook, wanted: Collection[int]) -> list[Alert]:
    findings = list(judging.judge(shard.cases.values(), book, only=wanted))
    codes = {book.rules[pk].code for pk in wanted}
    known = []
    for alert in episodes.open_alerts(shard.kind.code, shard.ids):
        rule = book.rules.get(alert.rule_id)
        if rule is not None and rule.code in codes:
            alert.rule = rule
            known.append(alert)
    return [alert for alert in episodes.plan(findings, known, shard.as_of).open_after() if alert.rule_id in wanted]


def _value(alert: Alert) -> str:
    measure = measures.get(alert.evidence.get("measure_code", ""))
    if alert.held or measure is None:
        return ""
    unit = measure.unit_by(alert.evidence["parameters"])
    return f"{levels.exactly(Fraction(alert.evidence['value']))}{unit}" if unit else ""
