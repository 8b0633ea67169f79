import re

import pytest

from projects.reports.grammar.patterns import quick

TEXT = "项目敲定,建成投用,通车后现场落笔;一二期开工(二期)有7个和3.5亿,尚未动工,未能开工——城市学院、职院,ab1线"


@pytest.mark.parametrize(
    "regex",
    [
        "(?:建成)?投用|[当现]场落笔|(?<=项目)(?:敲定|落定)",
        "(?:尚|仍)?未能?(?:开工|动工)|没有",
        "(?<![尚仍])未(?=能)",
        "[一二三]{1,2}期(?:开工)?",
        "[0-9]+个|[0-9]+(?=\\.)",
        "(?<=.[^口])[学职]院|城(?!市)|\\(二期\\)",
        "(?:投用|(?:通|停)车)(?:后|,)",
        "动工(?P<next>,)|[一二]期",
    ],
)
def test_a_pattern_with_its_letters_first_finds_the_same(regex):
    made = quick(regex)

    assert made.pattern != regex
    assert [m.span() for m in made.finditer(TEXT)] == [m.span() for m in re.finditer(regex, TEXT)] != []


@pytest.mark.parametrize(
    "regex", [r"\d+个", "(?:尚)*未", "[^,]工", "(?P<w>开|动)工", "开?工(?P<n>,)", "投用|(?=通)", ".场", "^项目"]
)
def test_a_pattern_that_cannot_begin_with_letters_stays_as_it_is(regex):
    assert quick(regex).pattern == regex
