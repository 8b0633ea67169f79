"""The register of the language: every pattern finds what its own example says."""

from __future__ import annotations

import re

import pytest

from projects.reports.grammar import read
from projects.reports.grammar.patterns import REGISTER, Pattern, pattern

# Importing the reader imports every module that registers a pattern.
assert read("").mentions == []


@pytest.mark.parametrize("one", REGISTER.values(), ids=lambda one: one.name)
def test_a_pattern_finds_in_its_example_what_it_says_it_finds(one: Pattern) -> None:
    assert one.found() == one.gives


def test_a_pattern_names_the_row_of_the_list_of_patterns_that_it_reads() -> None:
    assert all(re.fullmatch("[A-HNT][0-9]{1,2}b?|", one.code) for one in REGISTER.values())
    assert len({one.code for one in REGISTER.values()}) > 15


def test_two_patterns_of_one_name_are_refused() -> None:
    name = next(iter(REGISTER))
    with pytest.raises(ValueError, match=re.escape(name)):
        pattern(name, "x", "x", "x")
