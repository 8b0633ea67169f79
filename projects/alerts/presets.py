"""预警方案: the published schemes as data (`fixtures/reference/presets.json`), and loading one into a zone.

A scheme is a few rules in the form in which rules are stored. Loading it makes them the zone's own; rules of the zone
that come from another scheme for the same kind of subject are switched off, never deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction

from projects.alerts import measures
from projects.alerts.models import Rule
from zones.models import User, Zone

FILE: Final = "reference/presets.json"
COLUMNS: Final = (
    *("name", "measure", "parameters", "levels", "scope", "recipients", "days_to_answer"),
    *("step_down", "hysteresis", "hold_days"),
)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A published scheme: `about` says in one sentence what it does, `rows` are its rules."""

    code: str
    name: str
    source: str
    about: str
    rows: tuple[Mapping[str, Any], ...]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(row["code"] for row in self.rows)

    @property
    def subjects(self) -> frozenset[str]:
        """The kinds of subjects that its rules look at."""
        found = (measures.get(row["measure"]) for row in self.rows)
        return frozenset(measure.subject for measure in found if measure)

    def rules(self, zone: Zone) -> list[Rule]:
        """Its rules for a zone, not saved."""
        return [Rule(zone=zone, source=self.source, **_copied(row)) for row in self.rows]


@dataclass(slots=True)
class Changes:
    """What loading a scheme changes in a zone's own rules; all are as they will be."""

    added: list[Rule] = field(default_factory=list)
    replaced: list[Rule] = field(default_factory=list)
    revived: list[Rule] = field(default_factory=list)
    same: list[Rule] = field(default_factory=list)
    switched_off: list[Rule] = field(default_factory=list)

    @property
    def in_force(self) -> list[Rule]:
        """The rules of the scheme, as they will be."""
        return [*self.added, *self.replaced, *self.revived, *self.same]

    @property
    def written(self) -> list[Rule]:
        """The rules that are written."""
        return [*self.added, *self.replaced, *self.revived, *self.switched_off]


@cache
def schemes() -> tuple[Scheme, ...]:
    """All published schemes, in the order of the file."""
    text = (Path(settings.BASE_DIR) / "fixtures" / FILE).read_text(encoding="utf-8")
    return tuple(
        Scheme(row["code"], row["name"], row["source"], row["about"], tuple(row["rules"]))
        for row in json.loads(text)["schemes"]
    )


def scheme(code: str) -> Scheme:
    """The scheme with this code. Raises ValidationError if there is none."""
    found = next((each for each in schemes() if each.code == code), None)
    if found is None:
        offered = "、".join(each.name for each in schemes())
        raise ValidationError(f"没有“{code}”这个预警方案，可用的有：{offered}")
    return found


def changes(zone: Zone, chosen: Scheme) -> Changes:
    """What loading a scheme would change in a zone. One statement."""
    own = {rule.code: rule for rule in Rule.objects.filter(zone=zone).select_related("zone").order_by("pk")}
    found = Changes()
    for wanted in chosen.rules(zone):
        _sort(found, own.pop(wanted.code, None), wanted)
    for rule in own.values():
        if rule.enabled and rule.code in _codes_of_others(chosen) and _looks_at(rule, chosen.subjects):
            rule.enabled = False
            found.switched_off.append(rule)
    return found


@transaction.atomic
def load_scheme(zone: Zone, code: str, by: User | None, *, replace: bool = False) -> Changes:
    """Load a scheme into a zone; what was changed. Loading it again changes nothing.

    Raises ValidationError for a scheme that is not known, and where a rule of the zone bears a code of the scheme and
    says something else, unless `replace` allows to take its place.
    """
    chosen = scheme(code)
    # Two who load at once wait for each other: the second one finds nothing left to do.
    Zone.objects.select_for_update(no_key=True).get(pk=zone.pk)
    found = changes(zone, chosen)
    if found.replaced and not replace:
        names = "、".join(f"“{rule.name}”（{rule.code}）" for rule in found.replaced)
        raise ValidationError(f"{zone}已有代号相同而内容不同的规则：{names}。确认替换后再载入，或先改用别的代号")
    for rule in found.written:
        rule.full_clean()
        rule.save()
    _log(found, chosen, by)
    return found


def _sort(found: Changes, own: Rule | None, wanted: Rule) -> None:
    if own is None:
        found.added.append(wanted)
        return
    alike, enabled = all(getattr(own, name) == getattr(wanted, name) for name in COLUMNS), own.enabled
    for name in (*COLUMNS, "source"):
        setattr(own, name, getattr(wanted, name))
    own.enabled = True
    (found.replaced if not alike else found.same if enabled else found.revived).append(own)


def _codes_of_others(chosen: Scheme) -> frozenset[str]:
    return frozenset().union(*(each.codes for each in schemes() if each != chosen))


def _looks_at(rule: Rule, subjects: Iterable[str]) -> bool:
    measure = measures.get(rule.measure)
    return measure is not None and measure.subject in set(subjects)


def _copied(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of which nothing is shared with the file that was read."""
    copied: dict[str, Any] = json.loads(json.dumps(row))
    return copied


def _log(found: Changes, chosen: Scheme, by: User | None) -> None:
    """The rules' own log says who loaded which scheme."""
    if by is None:
        return
    kind = ContentType.objects.get_for_model(Rule)
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=by.pk,
            content_type=kind,
            object_id=str(rule.pk),
            object_repr=str(rule)[:200],
            action_flag=CHANGE,
            change_message=f"载入预警方案“{chosen.name}”" + ("" if rule.enabled else "：停用"),
        )
        for rule in found.written
    )
