"""What every measure is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from projects.alerts.cases import Case
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


class Measure(ABC):
    """A pure function of what is known of a project on a day. It knows no levels: the rule brings them."""

    code: ClassVar[str]
    label: ClassVar[str]
    unit: ClassVar[str]
    help: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    @abstractmethod
    def judge(self, case: Case, parameters: Mapping[str, str], marks: tuple[Fraction, ...]) -> Verdict:
        """The exact value of a project, or why there is none. `marks` are bounds that words must not round across."""

    def filled(self, parameters: Mapping[str, Any]) -> dict[str, str]:
        """The rule's parameters, defaults filled in."""
        return {each.name: str(parameters.get(each.name, each.default)) for each in self.parameters}

    def problems(self, parameters: Any) -> list[str]:
        """What is wrong with a rule's parameters, in sentences for who wrote them."""
        if not isinstance(parameters, Mapping):
            return ["参数的写法不对"]
        known = {each.name: each for each in self.parameters}
        found = [f"“{self.label}”没有参数“{name}”" for name in parameters if name not in known]
        for name, value in parameters.items():
            if name in known and value not in dict(known[name].choices):
                offered = "、".join(code for code, _ in known[name].choices)
                found.append(f"参数“{known[name].label}”不能是“{value}”，可用的有：{offered}")
        return found
