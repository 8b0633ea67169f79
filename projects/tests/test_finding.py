import re

import pytest

from projects.finding import near

YEAR = re.compile(r"(?:截至)?(?:20)?\d\d年(?:底|初)?")


@pytest.mark.parametrize(
    "text", ["", "年产30万吨", "2023年底建成,年产5万吨,24年投产。截至2025年初,2026年", "二〇二三年 2023", "12年34年"]
)
def test_looking_near_signs_finds_what_looking_everywhere_finds(text):
    found = [m.span() for m in near(re.compile("年"), 6, YEAR, text)]

    assert found == [m.span() for m in YEAR.finditer(text)]


def test_looking_near_signs_keeps_to_its_stretch():
    text = "2023年和2024年和2025年"

    assert [m.group() for m in near(re.compile("年"), 6, YEAR, text, 5, 11)] == ["2024年"]
