"""What a measure says of a project on a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Nothing can be said. `code` is stable, for programs; `words` say why, and end the sentence "某项目……".

    With a `mark` (a word for lists) an open alert stays as it is: nobody has shown that anything is better.
    """

    code: str
    words: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was asked for is done; nothing is left to measure. `words` end the sentence "某项目……"."""

    words: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An exact value in the measure's unit, and how it came about.

    `body` is the sentence from behind the project's name up to the verdict; `lines` are the steps of the arithmetic
    in words; `inputs` are the raw values (yuan, ISO days, keys of rows), kept with the alert.
    """

    value: Fraction
    body: str
    lines: tuple[str, ...] = ()
    inputs: dict[str, Any] = field(default_factory=dict)


Verdict = Unjudged | Settled | Reading

TERMINATED = Unjudged("terminated", "项目已终止，不再判定")
SUSPENDED = Unjudged("suspended", "停缓建期间暂停判定", "停缓建")
OUT_OF_SCOPE = Unjudged("out_of_scope", "不在规则的适用范围内")

MISSING = "缺数据"
SCOPE_UNKNOWN = Unjudged("scope_unknown", "没有已批准的年度计划，无法确定是否适用本规则", MISSING)
