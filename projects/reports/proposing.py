"""What the system would do with a mention, why, and whether it is certain. A person or `--accept` goes by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from projects import matching, names
from projects.matching import Evidence, Match, Register
from projects.models import Project
from projects.reports.models import Mention, Report

SURE: Final = 90  # per cent of the reader's confidence from which a record needs no look
SAME, NEW, CHOOSE, BLOCKED = "same", "new", "choose", "blocked"
NOT_YOURS: Final = "是已有项目，但不归您维护，请联系维护它的单位"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project that the mention may mean, and why; `likeness` of the names is 0 to 1."""

    pk: int
    code: str
    name: str
    why: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """`kind` is "same" (as `project_pk`), "new", "choose" (among the candidates, or new) or "blocked".

    `certain`: the reader is sure of the record, and its name is that of exactly one project or like none.
    """

    kind: str
    project_pk: int | None
    why: str
    certain: bool
    candidates: tuple[Candidate, ...] = ()
    match: Match = field(default_factory=Match)


def register_for(report: Report, by: Any = None) -> Register:
    """The register for all mentions of a report, for `by`. A constant number of statements."""
    register = Register.for_zone(report.zone, by)
    accepted = report.mentions.filter(state=Mention.State.ACCEPTED, project__isnull=False)
    register.apart = set(accepted.values_list("project_id", flat=True))
    return register


def proposal(mention: Mention, register: Register) -> Proposal:
    """What to do with the mention, by its name, its aliases and what it says beside them. No statement."""
    evidence = _evidence(mention)
    match = register.find(mention.name, mention.aliases, evidence)
    if match.pk is not None:
        return _known(mention, match, match.pk, register, evidence)
    if match.unclear:
        return _several(match, register, evidence)
    return _alike(mention, match, register, evidence)


def is_sure(mention: Mention) -> bool:
    """Whether the reader, or the person who corrected it, is sure of what the mention says."""
    return mention.confidence >= SURE or bool(mention.corrected)


def _known(mention: Mention, match: Match, pk: int, register: Register, evidence: Evidence) -> Proposal:
    if not register.may_write(pk):
        return Proposal(BLOCKED, None, f"“{mention.name}”{NOT_YOURS}", certain=False, match=match)
    only = _candidates((pk,), match, register, evidence)
    return Proposal(SAME, pk, only[0].why, is_sure(mention), only, match)


def _several(match: Match, register: Register, evidence: Evidence) -> Proposal:
    offered = _candidates(match.unclear, match, register, evidence)
    if not offered:
        return Proposal(BLOCKED, None, f"同名的已有项目{NOT_YOURS[2:]}", certain=False, match=match)
    return Proposal(CHOOSE, None, f"同名项目有{len(match.unclear)}个，请选择", False, offered, match)


def _alike(mention: Mention, match: Match, register: Register, evidence: Evidence) -> Proposal:
    offered = _candidates(match.alike, match, register, evidence)
    meant = [one for one in offered if one.pk not in register.apart and one.likeness]
    if not meant:
        return Proposal(NEW, None, _why_new(offered, register), is_sure(mention) and not match.alike, offered, match)
    if len(meant) == 1:
        return Proposal(SAME, meant[0].pk, f"与“{meant[0].name}”{meant[0].why}，请核对", False, offered, match)
    return Proposal(CHOOSE, None, f"名称相近的项目有{len(meant)}个，请选择", False, offered, match)


def _why_new(offered: tuple[Candidate, ...], register: Register) -> str:
    if not offered:
        return "台账中没有这个名称，也没有相近的"
    other = offered[0]
    apart = "，但文中分别列出" if other.pk in register.apart else ""
    return f"新项目：与“{other.name}”{other.why}{apart}"


def _candidates(pks: tuple[int, ...], match: Match, register: Register, evidence: Evidence) -> tuple[Candidate, ...]:
    """Those of the projects that the person may write, the likeliest first."""
    return tuple(_candidate(pk, match, register, evidence) for pk in pks if register.may_write(pk))


def _candidate(pk: int, match: Match, register: Register, evidence: Evidence) -> Candidate:
    known, likeness = register.known[pk], match.likeness.get(pk, 0.0)
    near = f"相似{likeness:.0%}" if likeness else "简称相同，期次或编号不同"
    first = matching.WHY[match.how] if match.pk == pk else "同名" if match.unclear else near
    return Candidate(pk, known.code, known.names[0], "，".join([first, *register.supports(pk, evidence)]), likeness)


def _evidence(mention: Mention) -> Evidence:
    told = mention.told
    amount = told["amount"]["value"]["high"] if "amount" in told else None
    company = names.key(told["company"]["value"]) if "company" in told else ""
    return Evidence(company, mention.report.zone.path, amount)


def project_of(found: Proposal) -> Project:
    """The project that the proposal means."""
    return Project.objects.get(pk=found.project_pk)
