"""What every measure is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

from projects.alerts.levels import Level
from projects.alerts.measures.known import Fine, Known
from projects.alerts.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Parameter:
    """A choice that a rule makes for its measure; the first one is the default."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]

    @property
    def default(self) -> str:
        return self.choices[0][0]

    def problem(self, value: Any) -> str:
        """Why a value cannot be; empty if it can."""
        if value in dict(self.choices):
            return ""
        offered = "、".join(code for code, _ in self.choices)
        return f"参数“{self.label}”不能是“{value}”，可用的有：{offered}"

    def shown(self, value: str) -> str:
        """A value as an official reads it."""
        return dict(self.choices).get(value, value)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number that a rule sets for its measure, kept as its decimal text."""

    name: str
    label: str
    default: str
    least: int
    most: int
    unit: str

    def problem(self, value: Any) -> str:
        """Why a value cannot be; empty if it can."""
        text = str(value)
        # Not every decimal that Unicode knows: one number, one way of writing it.
        if text.isascii() and text.isdecimal() and self.least <= int(text) <= self.most:
            return ""
        return f"参数“{self.label}”应是 {self.least} 到 {self.most} 的整数（{self.unit}），不能是“{value}”"

    def shown(self, value: str) -> str:
        """A value as an official reads it."""
        return f"{value}{self.unit}"


class Measure(ABC):
    """A pure function of what is known of a subject on a day. It knows no levels: the rule brings them.

    `subject` is the kind of subject that it looks at, and so the class of the cases that it is given. `rises` says
    that a greater value is worse; `grain` is what every value is a multiple of, if there is such a thing. `planned`
    says that it depends on the year's plan, of which an earlier edition may still bind.
    """

    subject: ClassVar[str] = "project"
    code: ClassVar[str]
    label: ClassVar[str]
    unit: ClassVar[str]
    help: ClassVar[str]
    parameters: ClassVar[tuple[Parameter | Number, ...]] = ()
    rises: ClassVar[bool] = True
    grain: ClassVar[Fraction | None] = None
    planned: ClassVar[bool] = False

    @abstractmethod
    def judge(self, case: Any, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        """The exact value of a subject, or why there is none. `marks` are bounds that words must not round across."""

    def holds_until(self, case: Any, parameters: Mapping[str, str]) -> date | None:
        """The last day for which `judge` says the very same of the case, words and all, if no fact changes and no
        other month is judged; None if that is for ever. Whoever does not know answers the day of the case.
        """
        return case.as_of

    def fine(self, parameters: Mapping[str, str], least: Fraction | None, known: Known) -> list[Fine] | None:
        """Conditions on projects; only those meet them all which this measure judges on the day with a value below
        `least` (the lowest that leads to a level), and of which it says nothing else until another month is judged.
        None if that cannot be told of many at once: then each is looked at.
        """
        return None

    def unit_by(self, parameters: Mapping[str, str]) -> str:
        """The unit of its values, where a parameter chooses it."""
        return self.unit

    def bounds(self, level: Level, parameters: Mapping[str, str]) -> str:
        """The bounds of a level in the words of the measure: 落后10至30个百分点."""
        return level.bounds(self.unit_by(parameters))

    def filled(self, parameters: Mapping[str, Any]) -> dict[str, str]:
        """The rule's parameters, defaults filled in."""
        return {each.name: str(parameters.get(each.name, each.default)) for each in self.parameters}

    def shown(self, parameters: Mapping[str, Any]) -> str:
        """The rule's parameters as an official reads them; empty if there are none."""
        filled = self.filled(parameters)
        return "；".join(f"{each.label}：{each.shown(filled[each.name])}" for each in self.parameters)

    def problems(self, parameters: Any) -> list[str]:
        """What is wrong with a rule's parameters, in sentences for who wrote them."""
        if not isinstance(parameters, Mapping):
            return ["参数的写法不对"]
        known = {each.name: each for each in self.parameters}
        found = [f"“{self.label}”没有参数“{name}”" for name in parameters if name not in known]
        found += [known[name].problem(value) for name, value in parameters.items() if name in known]
        return [sentence for sentence in found if sentence]
