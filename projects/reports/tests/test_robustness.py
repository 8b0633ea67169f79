"""The same report in other print, and other reports of the same form: the results follow the text and nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from projects import money
from projects.reports.grammar import Reading, read
from projects.reports.tests import texts

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "reports"
OWN = {path.stem: path.read_bytes().decode() for path in sorted(FIXTURES.glob("*.txt"))}
OWN |= {"zone": texts.ZONE, "bureau": texts.BUREAU, "ceremony": texts.CEREMONY, "nothing": texts.NOTHING}
BETWEEN = re.compile(r"(?<=[㐀-鿿])(?=\d)|(?<=\d)(?=[㐀-鿿])")


def wrapped(text: str, width: int) -> str:
    lines = [line[at : at + width] for line in text.split("\n") for at in range(0, max(len(line), 1), width)]
    return "\n".join(lines)


PRINTS: dict[str, Callable[[str], str]] = {
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
    "old line ends": lambda text: text.replace("\n", "\r"),
    "byte order mark": lambda text: "\ufeff" + text,
    "no final line end": lambda text: text.rstrip(),
    "blank lines around": lambda text: f"\n\n{text}\n\n\n",
    "single line ends": lambda text: re.sub(r"\n+", "\n", text),
    "indented by ideographic blanks": lambda text: re.sub(r"^(?=\S)", "\u3000\u3000", text, flags=re.M),
    "indented by blanks": lambda text: re.sub(r"^(?=\S)", "    ", text, flags=re.M),
    "blanks at line ends": lambda text: re.sub(r"$", " \t", text, flags=re.M),
    "blanks around numbers": lambda text: BETWEEN.sub(" ", text),
    "thin blanks around numbers": lambda text: BETWEEN.sub("\u2009", text),
    "hard blanks around numbers": lambda text: BETWEEN.sub("\xa0", text),
    "blanks behind marks": lambda text: re.sub(r"([,，。;；、:：])(?=\S)", r"\1 ", text),
    "unseen marks": lambda text: re.sub("([,，。、])", "\\1\u200b", text),
    "wide marks": lambda text: text.translate(str.maketrans(",:;()", "，：；（）")),
    "straight quotes": lambda text: text.replace("“", '"').replace("”", '"'),
    "corner quotes": lambda text: text.replace("“", "「").replace("”", "」"),
    "a mark for the headline": lambda text: "# " + text.lstrip(),
}


def gist(reading: Reading) -> tuple[list[object], list[object], list[object]]:
    """What was read, without places and without the difference between wide and narrow marks."""
    narrow = str.maketrans("（）：，；", "():,;")
    told = [
        (
            "".join(m.name.split()).translate(narrow),
            m.batch.value if m.batch else None,
            m.period.value if m.period else None,
            m.period_role,
            m.amount.value.low if m.amount else None,
            m.status.value if m.status else None,
            m.completed and (m.completed.value.low, m.completed_until and m.completed_until.value),
            [(d.role, d.certainty, d.span) for d in m.dates],
            (m.entered, m.status_own, m.status_part),
        )
        for m in reading.mentions
    ]
    figures = [
        (f.count and f.count.value, f.batch and f.batch.value, f.period and f.period.value, f.amount and f.amount.value)
        for f in reading.figures
    ]
    return sorted(told, key=str), sorted(figures, key=str), sorted((d.code, d.open) for d in reading.differences)


@pytest.mark.parametrize("change", PRINTS)
@pytest.mark.parametrize("name", OWN)
def test_another_print_of_a_report_says_the_same(name: str, change: str) -> None:
    assert gist(read(PRINTS[change](OWN[name]))) == gist(read(OWN[name]))


@pytest.mark.parametrize("width", [40, 60])
def test_a_report_wrapped_to_a_width_says_the_same(width: int) -> None:
    for name in ("zone", "zhengzhou-gaoxin-2023-01"):
        assert gist(read(wrapped(OWN[name], width))) == gist(read(OWN[name]))


@pytest.mark.parametrize("change", PRINTS)
@pytest.mark.parametrize("name", OWN)
def test_every_span_holds_the_stated_value_in_every_print(name: str, change: str) -> None:
    text = PRINTS[change](OWN[name])
    reading = read(text)
    for mention in reading.mentions:
        printed = re.sub("[\\s\u200b]", "", text[mention.start : mention.end])
        assert printed == re.sub(r"\s", "", mention.name)
    for record in (*reading.mentions, *reading.figures):
        for what, value in record.values().items():
            printed = re.sub("[\\s\u200b]", "", text[value.start : value.end])
            assert printed, what
            if isinstance(value.value, money.Amount):
                assert money.read(printed) == value.value, what
            elif what in ("count", "started", "produced", "not_started", "at_capacity"):
                assert printed == str(value.value), what


# ---- other lists -----------------------------------------------------------------------------------
PLACES = [
    "青禾",
    "云岭",
    "澄江",
    "海棠",
    "北岗",
    "南坡",
    "东湖",
    "西岭",
    "泉口",
    "临溪",
    "石桥",
    "白沙",
    "凌云",
    "天泽",
]
FIRMS = ("", "", "", "科技有限公司", "股份有限公司")
THINGS = [
    "智能轴承",
    "储能电池",
    "光学镜片",
    "冷链物流",
    "微生物",
    "5G基站",
    "年产30万台电机",
    "生物医药",
    "氢燃料电池",
    "超硬材料",
]
ENDS = [
    "项目",
    "产业园项目",
    "研发中心项目",
    "总部基地项目",
    "生产线项目",
    "数据中心(一期)",
    "科技园(二期)",
    "智慧港",
    "中试平台",
    "工厂项目",
    "二期项目",
    "及配套设施建设项目",
    "与应用示范项目",
]
HEADS = {"sign": "签约", "start": "开工", "produce": "投产"}
NUMERALS = "一二三四五六七八九"


def invented(dice: random.Random) -> tuple[str, list[tuple[str, str, int | None, str]]]:
    """A report of three lists, and (name, batch, period, role) of each item as a person would read it."""
    taken: set[str] = set()
    parts, expected = [], []
    for batch, word in HEADS.items():
        names = _names(dice, dice.randint(3, 24), taken)
        tags = _tags(dice, len(names), word) if batch != "sign" else {}
        items = [
            name + (f"(第{NUMERALS[tags[i][0] - 1]}期{tags[i][1]}项目)" if i in tags else "")
            for i, name in enumerate(names)
        ]
        parts.append(_paragraph(dice, word, items))
        for i, name in enumerate(names):
            tag = next((tags[j] for j in range(i, len(names)) if j in tags), (None, ""))
            expected.append((name, batch, *tag))
    return "临溪高新区推进“三个一批”建设\n\n" + "\n\n".join(parts) + "\n", expected


def _names(dice: random.Random, number: int, taken: set[str]) -> list[str]:
    made: list[str] = []
    while len(made) < number:
        name = "".join(dice.choice(words) for words in (PLACES, FIRMS, THINGS, ENDS))
        if name not in taken:
            taken.add(name)
            made.append(name)
    return made


def _tags(dice: random.Random, number: int, word: str) -> dict[int, tuple[int, str]]:
    places = sorted(dice.sample(range(number), dice.randint(0, min(4, number))))
    roles = (word, "签约开工") if word == "开工" else (word,)
    periods = sorted(dice.sample(range(1, 9), len(places)))
    return {place: (period, dice.choice(roles)) for place, period in zip(places, periods, strict=True)}


def _paragraph(dice: random.Random, word: str, items: list[str]) -> str:
    joined = "、".join(items)
    if dice.random() < 0.5:
        joined = dice.choice(["及", "和", "以及"]).join(joined.rsplit("、", 1))
    at = dice.randint(5, len(joined) - 5)
    if re.fullmatch("[㐀-鿿]{2}", joined[at - 1 : at + 1]):
        joined = f"{joined[:at]}\n\n{joined[at:]}"  # a page break inside a name
    return f"“{word}一批”项目{len(items) + (dice.random() < 0.3)}个,分别为{joined},总投资{dice.randint(5, 400)}.5亿元。"


@pytest.mark.parametrize("seed", range(40))
def test_any_three_lists_are_read_item_by_item_with_the_period_of_the_next_bracket(seed: int) -> None:
    text, expected = invented(random.Random(seed))
    told = [
        (m.name, m.batch.value, m.period.value if m.period else None, m.period_role)
        for m in read(text).mentions
        if m.batch
    ]
    assert sorted(told, key=str) == sorted(expected, key=str)


def test_a_long_text_is_read_in_a_time_that_grows_with_its_length() -> None:
    import time

    begun = time.monotonic()
    repeated = ("项目有", "和某某项目", "5个项目", "某某工厂、某某栽培两个项目", "总投资5亿元建设", "中心", "(一期)")
    repeated += ("开工项目\n", "三个一批项目", "总投资5亿元的项目,", "（")
    for text in (words * (9_000 // len(words)) for words in repeated):
        read(text)
    assert time.monotonic() - begun < 20
