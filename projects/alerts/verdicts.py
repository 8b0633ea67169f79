"""What a measure says of a subject on a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Nothing can be said. `code` is stable, for programs; `words` say why, and end the sentence "某项目……".

    With a `mark` (a word for lists) an open alert stays as it is: nobody has shown that anything is better.
    """

    code: str
    words: str
    mark: str = ""

    def __post_init__(self) -> None:
        _WORDS[self.code] = self.words


_WORDS: dict[str, str] = {}


def words_of(code: str) -> str:
    """The words of an `Unjudged` with this code; the code itself where this process knows none."""
    return _WORDS.get(code, code)


@dataclass(frozen=True, slots=True)
class Settled:
    """What was asked for is done; nothing is left to measure. `words` end the sentence "某项目……"."""

    words: str


class Told(NamedTuple):
    """How a value came about. `body` is the sentence from behind the subject's name up to the level; `lines` are the
    steps of the arithmetic in words; `inputs` are the raw values (yuan, ISO days, keys of rows), kept with the alert.
    """

    body: str
    lines: tuple[str, ...] = ()
    inputs: dict[str, Any] = {}


class Reading:
    """An exact value in the measure's unit, as a fraction of integers that need not be in lowest terms.

    How it came about is told only when asked: most subjects are fine, and nobody reads of them.
    """

    __slots__ = ("_tell", "_told", "denominator", "numerator")

    def __init__(self, numerator: int, denominator: int, tell: Callable[[], Told]) -> None:
        """Take numerator ÷ denominator, which must be above zero, and who can tell how it came about."""
        self.numerator = numerator
        self.denominator = denominator
        self._tell = tell
        self._told: Told | None = None

    @property
    def value(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)

    @property
    def told(self) -> Told:
        if self._told is None:
            self._told = self._tell()
        return self._told

    @property
    def body(self) -> str:
        return self.told.body

    @property
    def lines(self) -> tuple[str, ...]:
        return self.told.lines

    @property
    def inputs(self) -> dict[str, Any]:
        return self.told.inputs

    def __eq__(self, other: object) -> bool:
        """Whether the other one says the very same: value, words and inputs."""
        if not isinstance(other, Reading):
            return NotImplemented
        return self.value == other.value and self.told == other.told

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Reading({self.value}, {self.body!r})"


Verdict = Unjudged | Settled | Reading

TERMINATED = Unjudged("terminated", "项目已终止，不再判定")
SUSPENDED = Unjudged("suspended", "停缓建期间暂停判定", "停缓建")
OUT_OF_SCOPE = Unjudged("out_of_scope", "不在规则的适用范围内")

MISSING = "缺数据"
NOT_YET_DUE = "未到期"
SCOPE_UNKNOWN = Unjudged("scope_unknown", "没有已批准的年度计划，无法确定是否适用本规则", MISSING)
