"""The reader on reports of our own (`corpus/`, and `unseen/`, of which nothing but figures is told), and of others."""

from __future__ import annotations

import importlib.util
import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import cn2an
import pytest

from projects import money
from projects.reports import exchange
from projects.reports.grammar import Reading, read
from projects.reports.tests.helpers import SHARED, need

HERE = Path(__file__).parent
FOLDERS = [folder for name in ("corpus", "unseen", "others") if (folder := HERE / name).is_dir()]
LABELS = [path for folder in FOLDERS for path in sorted(folder.glob("*.json"))]
PINYIN = re.compile(r"\([a-zü-ǜà-ūǎ]{1,7}\)")
BATCHES, KINDS = {None, "sign", "start", "produce"}, {"projects", "meetings", "services", "enterprises"}
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?|-H[12]|-Q[1-4])?|--\d\d(-\d\d)?|--H[12]|--Q[1-4]|\+1-\d\d")


@cache
def text_of(label: Path) -> str:
    with label.with_suffix(".txt").open(encoding="utf-8", newline="") as file:
        return file.read()


@cache
def reading_of(label: Path) -> Reading:
    return read(text_of(label))


def labels_of(label: Path) -> dict[str, Any]:
    labels: dict[str, Any] = json.loads(label.read_text(encoding="utf-8"))
    return labels


def printed(label: Path, span: list[int]) -> str:
    start, end = span
    words = text_of(label)[start:end]
    assert 0 <= start < end, span
    assert words == words.strip(), (span, words)
    return "".join(words.split())


def plain(words: str) -> str:
    return PINYIN.sub("", unicodedata.normalize("NFKC", "".join(words.split())))


def values_are_printed(label: Path, record: dict[str, Any]) -> None:
    """Each value of a record of the labels stands in the text where they say."""
    where = record["evidence_fields"]
    for name in (name for name in where if name.endswith("_wan")):
        words = printed(label, where[name])
        # In a table the unit stands in the header, and in some texts 元 is left out.
        cell = re.fullmatch(r"[\d.]+", words)
        found = [float(words), 10_000 * float(words)] if cell else [wan(words)]
        value = record[name]
        assert any(abs(one - (value[0] if isinstance(value, list) else value)) < 0.01 for one in found), (name, words)
    for name in (name for name in where if name.endswith("count")):
        assert record[name] == counted(printed(label, where[name])), (label.name, name)
    if "rate" in where:
        assert float(printed(label, where["rate"])) == record["rate"]


def wan(words: str) -> float:
    # The reader of amounts wants a 元, as any amount has in a form.
    return money.read(words if re.search("[元圆圓金]", words) else words + "元").low / 10_000


def counted(words: str) -> int:
    number: int = int(words) if words.isdecimal() else cn2an.cn2an(words.replace("兩", "两"), "smart")
    return number


@pytest.mark.parametrize("label", LABELS, ids=lambda label: f"{label.parent.name}-{label.stem}")
def test_the_labels_say_what_is_printed(label: Path) -> None:
    labels = labels_of(label)
    for one in labels["projects"]:
        assert plain(one["name"]) in plain(printed(label, one["evidence"]))
        assert one.get("batch") in BATCHES
        values_are_printed(label, one)
        for stated in one.get("dates", []):
            assert printed(label, stated["evidence"]) == "".join(stated["text"].split())
            assert DATE.fullmatch(stated["date"])
        for part in one.get("parts", []):
            assert wan(printed(label, part["evidence"])) == part["investment_wan"]
        if company := one.get("company"):
            assert printed(label, one["evidence_fields"]["company"]) == company
        if words := one.get("status_text"):
            assert printed(label, one["evidence_fields"]["status"]) == words
    for one in labels["aggregates"]:
        assert (one["kind"] in KINDS, one["batch"] in BATCHES) == (True, True)
        printed(label, one["evidence"])
        values_are_printed(label, one)
    names = [one["name"] for one in labels["projects"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("label", LABELS, ids=lambda label: f"{label.parent.name}-{label.stem}")
def test_every_span_of_the_reader_holds_its_value(label: Path) -> None:
    text, reading = text_of(label), reading_of(label)
    for one in [*reading.mentions, *reading.figures]:
        for name, value in one.values().items():
            words = "".join(text[value.start : value.end].split())
            assert words, name
            if name == "count":
                assert str(value.value) in words or not any(sign.isdigit() for sign in words)
    for mention in reading.mentions:
        assert plain(text[mention.start : mention.end]) == plain(mention.name)


# The second is what nobody mended from; its precision still misses the 0.93 that is aimed at.
FLOORS = {"corpus": (0.97, 0.99, 0.96), "unseen": (0.90, 0.92, 0.91), "others": (0.97, 0.99, 0.95)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_score_of_our_reports_is_kept(folder: Path) -> None:
    scored = score(folder)
    found, precision, totals = FLOORS[folder.name]
    assert scored["projects"]["f1"] >= found
    assert scored["projects"]["precision"] >= precision
    assert scored["aggregates"]["f1"] >= totals


EMPTY = [label for label in LABELS if not (labels_of(label)["projects"] or labels_of(label)["aggregates"])]


@pytest.mark.parametrize("label", EMPTY, ids=lambda label: f"{label.parent.name}-{label.stem}")
def test_a_text_without_projects_gives_nothing(label: Path) -> None:
    reading = reading_of(label)
    assert ([one.name for one in reading.mentions], reading.figures) == ([], [])


def score(folder: Path) -> dict[str, Any]:
    need(SHARED / "gold" / "score.py")
    module, total = scorer(), {}  # type: ignore[var-annotated]
    for label in (label for label in LABELS if label.parent == folder):
        module.merge(total, module.score_doc(exchange.as_dict(reading_of(label)), labels_of(label)))
    finished: dict[str, Any] = module.finish(total)
    return finished


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", SHARED / "gold" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
