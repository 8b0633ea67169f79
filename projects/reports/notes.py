"""What accepting leaves for a person to look at. Kept with the mention, so that it is found again on the report.

A note names other projects by their ids: each reader is told the names of those that he may see, and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from projects.models import Project
from projects.reports.models import Mention

MOST_NEAR = 3  # near names in one sentence
ALIKE = "alike"
SENTENCES = {
    "several": "“{name}”对应的项目不止一个，留待人工辨认",
    "like": "“{name}”与已有的{near}名称相近，留待人工辨认",
    "not_yours": "“{name}”是已有项目，但不归采纳人维护，留待人工辨认",
    "no_period": "“{name}”写为第{words}期，系统里没有这一期，入批未注明期次",
    "no_step": "“{name}”的“{words}”没有记为节点：{why}，请核对报道日期",
    ALIKE: "“{name}”与已有的{near}名称相近，已另建项目，请核对是否同一项目",
}


@dataclass(frozen=True, slots=True)
class Note:
    """`words` are the report's own, or the round it prints; `why` is what a verb answered."""

    code: str
    words: str = ""
    why: str = ""
    projects: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


def of(mention: Mention) -> list[Note]:
    """The notes that were left with the mention."""
    return [Note(**{**one, "projects": tuple(one.get("projects", ()))}) for one in mention.notes]


def meant(mentions: Iterable[Mention]) -> set[int]:
    """Ids of the projects that notes of these mentions speak of."""
    return {pk for mention in mentions for note in of(mention) for pk in note.projects}


def sentences(mention: Mention, known: Mapping[int, str]) -> list[str]:
    """The notes in words for a reader who may know the projects of `known` (id → name)."""
    return [told for note in of(mention) if (told := _sentence(mention.name, note, known))]


def told_to(by: Any, mentions: Iterable[Mention]) -> list[str]:
    """The notes of all these mentions in words, for `by`; None is the system itself and knows every name."""
    mentions = list(mentions)
    rows = Project.objects.visible_to(by) if by else Project.objects.all()
    known = dict(rows.filter(pk__in=meant(mentions)).values_list("pk", "name"))
    return [told for mention in mentions for told in sentences(mention, known)]


def _sentence(name: str, note: Note, known: Mapping[int, str]) -> str:
    near = [f"“{known[pk]}”" for pk in note.projects if pk in known][:MOST_NEAR]
    if note.code in (ALIKE, "like") and not near:
        return ""
    return SENTENCES[note.code].format(name=name, words=note.words, why=note.why, near="、".join(near))
