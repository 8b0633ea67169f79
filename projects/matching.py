"""Which of our projects a name means. One register serves reports, ledgers and meetings.

Names are the same when their comparison keys are equal, and any alias is as good as the name. Names whose digits or
phase marks differ are never the same; names that are only alike are told to a person and never merged. A code of ours
or 项目代码 says by itself which project is meant; the credit code of the company decides among those of one name, and
for the only one whose name is alike. What the company, the zone and the amount say only orders what a person is shown.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db.models import Q

from projects import names

ALIKE: Final = 0.85
ABOVE: Final = ("county", "zone")
"""Kinds of zones above a report's own in which its projects may be kept: not the whole city or province."""
# A name that is alike has lost at most so many pairs of characters, for each character of it (see `_Likes`).
LOST: Final = 0.53
EXACT: Final = "exact"
ALIAS: Final = "alias"
NORMALISED: Final = "normalised"
FUZZY: Final = "fuzzy"
LEFT_OUT: Final = 0.9  # how alike names are of which one leaves out the company, or a part of what it is called
_LONE: Final = 8  # characters of a name that says no company at all, which is else as good as any
_STEM: Final = 6  # characters of a name without its phase
_ENDS: Final = re.compile("(?:股份|集团|有限|责任|总)*公司$|合伙企业有限合伙$")
_PHASE: Final = re.compile("[(（]?第?(?:[0-9]{1,2}|[一二三四五六七八九十首]{1,3})期[)）]?")
CODE: Final = "code"
NATIONAL: Final = "national"
CREDIT: Final = "credit"
WHY: Final = {
    CODE: "编号一致",
    NATIONAL: "项目代码一致",
    CREDIT: "名称相同或相近，企业信用代码一致",
    EXACT: "与台账名称一致",
    ALIAS: "与曾用名或又名一致",
    NORMALISED: "去掉“项目”“建设”和标点后一致",
}
"""Why a project is taken to be meant, for people; what is only alike says how much."""

Written = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known beside the name: the comparison key of the company, the path of the zone, the amount in yuan; and
    what decides: our code, 项目代码, the credit code of the company.
    """

    company: str = ""
    zone: str = ""
    amount: int | None = None
    code: str = ""
    national_code: str = ""
    credit_code: str = ""


NOTHING_ELSE: Final = Evidence()


@dataclass(frozen=True, slots=True)
class Known:
    """A project of the register with every name it goes by, the first being its own."""

    pk: int
    names: tuple[str, ...]
    code: str = ""
    evidence: Evidence = NOTHING_ELSE


@dataclass(frozen=True, slots=True)
class Match:
    """The project meant, or none; several equal ones are `unclear`; `alike` are near names a person should see.

    Both come with the likeliest first. `how` is how the project was found; "fuzzy" where none was and some are alike.
    `likeness` is that of each project named, 0 to 1; 0 where only a short name is shared and the marks differ.
    """

    pk: int | None = None
    how: str = ""
    unclear: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()
    likeness: Mapping[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Register:
    """The projects that a name of one zone can mean, asked for every name of a document.

    Built with two statements, three for a person. A name that is known costs a look into a dictionary; one that is not
    is compared with the few that share its rarer pairs of characters. `writable` are the projects that the person it
    was built for may write, None for all; `apart` those that the document itself names elsewhere: what it prints apart
    is apart, however alike the names are.
    """

    known: dict[int, Known] = field(default_factory=dict)
    by_name: dict[Written, set[int]] = field(default_factory=dict)
    likes: _Likes = field(default_factory=lambda: _Likes())
    writable: set[int] | None = None
    apart: set[int] = field(default_factory=set)
    by_code: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    # What stands behind the company in a name → that company's own name, and the project.
    by_rest: dict[Written, set[tuple[str, int]]] = field(default_factory=dict)
    by_stem: dict[str, set[int]] = field(default_factory=dict)  # names that say a phase, without it

    @classmethod
    def of(cls, projects: Iterable[Known]) -> Register:
        register = cls()
        for one in projects:
            register.add(one)
        return register

    @classmethod
    def for_zone(cls, zone: Any, by: Any = None) -> Register:
        """Projects of the zone, of those below it, and of the county or development zone above it; None as `by` is the
        system itself and may write them all.
        """
        from projects.models import Project, ProjectAlias

        projects = Project.objects.filter(near(zone))
        aliases = ProjectAlias.objects.filter(project__in=projects.order_by().values("pk")).order_by("pk")
        also: dict[int, list[str]] = defaultdict(list)
        for pk, name in aliases.values_list("project_id", "name"):
            also[pk].append(name)
        told = ("pk", "name", "code", "company__key", "zone__path", "investment_high", "national_code")
        register = cls.of(
            Known(
                pk, (name, *also.get(pk, ())), code, Evidence(company or "", path, amount, code, national, credit or "")
            )
            for pk, name, code, company, path, amount, national, credit in projects.order_by("pk").values_list(
                *told, "company__credit_code"
            )
        )
        if by is not None:
            register.writable = set(Project.objects.writable_by(by).filter(near(zone)).values_list("pk", flat=True))
        return register

    def add(self, one: Known) -> None:
        """Know a project, or other names of one that is known."""
        before = self.known.get(one.pk)
        self.known[one.pk] = replace(before, names=(*before.names, *one.names)) if before else one
        for name in one.names:
            written = _written(name)
            self.by_name.setdefault(written, set()).add(one.pk)
            self.likes.add(written)
            if parted := _parted(name, written[0]):
                self.by_rest.setdefault((parted[1], written[1]), set()).add((parted[0], one.pk))
            if "期" in name and (stem := _stem(name)):
                self.by_stem.setdefault(stem, set()).add(one.pk)
        for code in {one.code, one.evidence.national_code} - {""}:
            self.by_code[code.upper()].add(one.pk)

    def may_write(self, pk: int) -> bool:
        return self.writable is None or pk in self.writable

    def find(self, name: str, aliases: Iterable[str] = (), evidence: Evidence = NOTHING_ELSE) -> Match:
        """Which project is meant by a code, or else by this name; where it means none, which its aliases mean."""
        for how, code in ((CODE, evidence.code), (NATIONAL, evidence.national_code)):
            coded = self.by_code.get(code.upper(), set()) if code else set()
            if len(coded) == 1:
                (pk,) = coded
                return Match(pk, how, likeness={pk: 1.0})
        written = _written(name)
        also = {pk for alias in aliases for pk in self._called(_written(alias))}
        found = self._called(written) or {pk for pk in also if self._marks(pk) == written[1]}
        if len(found) == 1:
            (pk,) = found
            return Match(pk, self._how(pk, name, written), likeness={pk: 1.0})
        if found:
            if len(same := self._of_company(found, evidence)) == 1:
                return Match(same[0], CREDIT, likeness={same[0]: 1.0})
            return Match(unclear=self._ordered(dict.fromkeys(found, 1.0), evidence), likeness=dict.fromkeys(found, 1.0))
        near = {pk: self._likeness(pk, written) for pk in also} | self._shortened(name, written) | self._alike(written)
        same = self._of_company((pk for pk, likeness in near.items() if likeness >= ALIKE), evidence)
        if len(same) == 1 and same[0] not in self.apart:
            return Match(same[0], CREDIT, likeness=near)
        return Match(how=FUZZY if near else "", alike=self._ordered(near, evidence), likeness=near)

    def of_other_phases(self, name: str) -> tuple[int, ...]:
        """Projects whose names differ from this one in nothing but the phase: （二期）, or none."""
        stem = _stem(name)
        if not stem:
            return ()
        plain = self._called((stem, ())) if "期" in name else set()
        return tuple(sorted((self.by_stem.get(stem, set()) | plain) - self._called(_written(name))))

    def supports(self, pk: int, evidence: Evidence) -> list[str]:
        """What beside the name speaks for the project, in words."""
        own = self.known[pk].evidence
        said = {
            "企业相同": bool(own.company) and own.company == evidence.company,
            "总投资相同": own.amount is not None and own.amount == evidence.amount,
            "同在一个区域": bool(own.zone) and own.zone == evidence.zone,
        }
        return [words for words, holds in said.items() if holds]

    def _of_company(self, projects: Iterable[int], evidence: Evidence) -> list[int]:
        """Those of the projects whose company has the credit code."""
        code = evidence.credit_code
        return [pk for pk in projects if code and self.known[pk].evidence.credit_code == code]

    def _called(self, written: Written) -> set[int]:
        return self.by_name.get(written, set())

    def _how(self, pk: int, name: str, written: Written) -> str:
        own = self.known[pk].names[0]
        if names.tidy(name) == names.tidy(own):
            return EXACT
        return NORMALISED if _written(own) == written else ALIAS

    def _marks(self, pk: int) -> tuple[str, ...]:
        """一期 and 二期 of one park share their short name, and are two projects all the same."""
        return names.marks(self.known[pk].names[0])

    def _alike(self, written: Written) -> dict[int, float]:
        near: dict[int, float] = {}
        for other, likeness in self.likes.near(written):
            for pk in self.by_name[other]:
                near[pk] = max(likeness, near.get(pk, 0.0))
        return near

    def _shortened(self, name: str, written: Written) -> dict[int, float]:
        """Projects of the same name but for the company: left out, or called by a part of its name only."""
        key, marks = written
        found: set[int] = set()
        for at in range(max(0, len(key) - 2)):
            for company, pk in self.by_rest.get((key[at:], marks), ()):
                if _calls(key[:at], company, key[at:]):
                    found.add(pk)
        if parted := _parted(name, key):
            company, rest = parted
            ends = [(at, end) for at in range(len(company)) for end in range(at + 2, len(company) + 1)]
            for said in ("", *(company[at:end] for at, end in ends)):
                if _calls(said, company, rest):
                    found |= self._called((said + rest, marks))
        return dict.fromkeys(found, LEFT_OUT)

    def _likeness(self, pk: int, written: Written) -> float:
        others = [other for name in self.known[pk].names if (other := _written(name))[1] == written[1]]
        return max((names.likeness_of_keys(written[0], key) for key, _ in others), default=0.0)

    def _ordered(self, likeness: Mapping[int, float], evidence: Evidence) -> tuple[int, ...]:
        return tuple(sorted(likeness, key=lambda pk: (-likeness[pk], -len(self.supports(pk, evidence)), pk)))


@dataclass(slots=True)
class _Likes:
    """Names by the pairs of characters in them, to find those that are alike without comparing with all.

    A likeness of 0.85 costs a name of n characters at most 0.26 n of them, each with the two pairs it is in, and one
    that is contained costs 0.4 n pairs: of any 0.53 n pairs and one more, one is shared. The rarest are asked for.
    """

    by_pair: dict[tuple[str, tuple[str, ...]], set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, written: Written) -> None:
        key, marks = written
        for pair in _pairs(key):
            self.by_pair[pair, marks].add(key)

    def near(self, written: Written) -> Iterator[tuple[Written, float]]:
        """Names of equal marks that are alike, and how much."""
        key, marks = written
        pairs = _pairs(key)
        met = sorted((self.by_pair.get((pair, marks), set()) for pair in pairs), key=len)
        for other in set[str]().union(*met[: math.floor(LOST * len(key)) + 1]):
            likeness = names.likeness_of_keys(key, other)
            if likeness >= ALIKE:
                yield (other, marks), likeness


def near(zone: Any) -> Q:
    """Condition on projects: those that a document of `zone` can name."""
    below_or_above = Q(zone__path__startswith=zone.path) | Q(zone__path__in=zone.ancestor_paths, zone__kind__in=ABOVE)
    return below_or_above & Q(withdrawn_at=None)


def _written(name: str) -> Written:
    # The key drops the point of 1.5万吨; the marks keep it.
    return names.key(name), names.marks(name)


def _parted(name: str, key: str) -> tuple[str, str] | None:
    """The company that a name begins with, without 有限公司, and what stands behind it; both as keys."""
    company = names.company_of(name) if "公司" in name or "合伙" in name else None
    whole = names.key(company) if company else ""
    if not whole or not key.startswith(whole) or len(key) - len(whole) < 3:
        return None
    return _ENDS.sub("", whole), key[len(whole) :]


def _calls(said: str, company: str, rest: str) -> bool:
    """Whether what is said before the rest of a name calls the company, or the rest says enough alone."""
    if not said:
        return len(rest) >= _LONE
    return len(said) >= 2 and len(said) + len(rest) >= _STEM and _ENDS.sub("", said) in company


def _stem(name: str) -> str:
    """The key of a name without its phase, "" where little is left of it or other marks remain."""
    bare = _PHASE.sub("", name)
    stem = names.key(bare)
    return stem if len(stem) >= _STEM and not names.marks(bare) else ""


def _pairs(key: str) -> set[str]:
    return {key[at : at + 2] for at in range(max(1, len(key) - 1))}
