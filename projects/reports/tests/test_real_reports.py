"""The reader on the reports and labels that lie beside the project, where they do."""

from __future__ import annotations

import importlib.util
import json
import random
import re
from types import ModuleType
from typing import Any

import pytest

from projects import money
from projects.reports import exchange
from projects.reports.grammar import Reading, read
from projects.reports.tests.helpers import SHARED, accepted, dump, need, rounds
from projects.reports.tests.test_robustness import PRINTS, gist

REPORTS, GOLD = SHARED / "reports", SHARED / "gold"


@pytest.fixture(autouse=True)
def _labelled() -> None:
    need(REPORTS)
    need(GOLD / "score.py")


def text_of(number: str) -> str:
    (path,) = REPORTS.glob(f"{number}_*.txt")
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", GOLD / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def f1(counts: tuple[int, int, int]) -> float:
    right, false, missed = counts
    return 2 * right / (2 * right + false + missed)


def score(number: str) -> dict[str, Any]:
    gold = json.loads((GOLD / f"{number}.json").read_text(encoding="utf-8"))
    result: dict[str, Any] = scorer().score_doc(exchange.as_dict(read(text_of(number))), gold)
    return result


def field_f1(result: dict[str, Any], name: str) -> float:
    c = result["pfields"][name]
    return f1((c["right"], c["wrong"] + c["spurious"], c["wrong"] + c["missing"]))


def test_the_long_report_is_read_as_its_labels_say() -> None:
    result = score("001")
    assert f1(result["projects"]) >= 0.97
    assert field_f1(result, "batch") >= 0.98
    assert field_f1(result, "period") >= 0.98
    assert f1(result["aggregates"]) >= 0.75


def test_the_report_of_one_bureau_gives_four_projects_and_one_total_of_all() -> None:
    reading = read(text_of("003"))
    assert len(reading.mentions) == 4
    whole = [f for f in reading.figures if f.count and f.count.value == 125]
    assert [
        (f.amount.value.low, f.annual_plan.value.low, f.completed.value.low)
        for f in whole
        if f.amount and f.annual_plan and f.completed
    ] == [(29_690_000_000, 10_280_000_000, 2_300_000_000)]


def test_only_what_the_text_lists_is_entered() -> None:
    entered = [m for m in read(text_of("001")).mentions if m.entered]
    assert [m.batch.value for m in entered if m.batch].count("start") == 24
    assert len(entered) == 36
    assert not any(m.entered for number in ("000", "003") for m in read(text_of(number)).mentions)


@pytest.mark.parametrize("change", PRINTS)
@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_another_print_of_a_real_report_says_the_same(number: str, change: str) -> None:
    text = text_of(number)
    assert gist(read(PRINTS[change](text))) == gist(read(text))


def test_accepting_the_real_reports_twice_changes_no_row(town: Any) -> None:
    rounds(town.province)
    for number in ("001", "003"):
        accepted(text_of(number), town.east)
    before = dump()
    for number in ("001", "003"):
        accepted(text_of(number), town.east)
    assert dump() == before


def test_the_other_reports_give_their_projects_and_totals() -> None:
    assert f1(score("000")["projects"]) >= 0.9
    assert f1(score("003")["projects"]) == 1
    assert f1(score("003")["aggregates"]) == 1


@pytest.mark.parametrize("number", ["002", "004"])
def test_a_report_without_project_figures_gives_none_that_its_labels_do_not_know(number: str) -> None:
    result = score(number)
    assert result["projects"][1] == 0
    assert read(text_of(number)).figures == []


def listed(reading: Reading) -> list[tuple[str, str, int | None]]:
    return [
        (m.name, m.batch.value, m.period.value if m.period else None) for m in reading.mentions if m.batch and m.listed
    ]


def test_the_long_report_has_one_open_difference() -> None:
    reading = read(text_of("001"))
    assert [(d.code, d.declared, d.found) for d in reading.differences if d.open] == [("count_mismatch", "7", "6")]
    assert "sum_reconciled" in {d.code for d in reading.differences}
    assert [batch for _, batch, _ in listed(reading)].count("start") == 24


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_every_span_holds_the_stated_value(number: str) -> None:
    text = text_of(number)
    reading = read(text)
    for one in [*reading.mentions, *reading.figures]:
        for name, value in one.values().items():
            printed = "".join(text[value.start : value.end].split())
            assert printed
            if isinstance(value.value, money.Amount):
                assert money.read(printed) == value.value
            elif name == "count":
                assert printed == str(value.value)
    for mention in reading.mentions:
        assert "".join(text[mention.start : mention.end].split()) == mention.name


def test_the_results_follow_names_numbers_and_periods_of_the_text() -> None:
    changed = text_of("001")
    for old, new in (
        ("第五期", "第三期"),
        ("高新国际企业港", "海棠门国际港湾"),
        ("228.35", "229.85"),
        ("第七期", "第八期"),
    ):
        changed = changed.replace(old, new)
    before, after = listed(read(text_of("001"))), listed(read(changed))
    moved = {5: 3, 7: 8}
    expected = [(n.replace("高新国际企业港", "海棠门国际港湾"), b, moved.get(p, p) if p else p) for n, b, p in before]
    assert after == expected
    totals = {f.batch.value: f.amount.value.low for f in read(changed).figures if f.batch and f.amount}
    assert totals["start"] == 22_985_000_000


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_items_keep_their_batch_and_take_the_period_of_their_new_run(seed: int) -> None:
    text = text_of("001")
    match = re.search(r"(?<=“开工一批”项目24个,分别为).*?(?=,总投资228)", text, re.DOTALL)
    assert match is not None
    items = re.split(r"、|(?<=项目)及(?=河南省农用)", match.group())
    random.Random(seed).shuffle(items)
    shuffled = text[: match.start()] + "、".join(items) + text[match.end() :]
    starts = [m for m in read(shuffled).mentions if m.listed and m.batch and m.batch.value == "start"]
    tagged = [re.search(r"\(第(.)期[^()]*项目\)$", item) for item in items]
    names = [re.sub(r"\(第.期[^()]*项目\)$", "", "".join(item.split())) for item in items]
    assert [m.name for m in starts] == names
    expected: list[int | None] = []
    for at in range(len(items)):
        tag = next((t for t in tagged[at:] if t), None)
        expected.append("一二三四五六七八九".index(tag.group(1)) + 1 if tag else None)
    told = [m.period.value if m.period else None for m in starts]
    assert [t for t, e in zip(told, expected, strict=True) if e] == [e for e in expected if e]


def test_the_further_reports_keep_their_score() -> None:
    need(GOLD / "more")
    module, total = scorer(), {}  # type: ignore[var-annotated]
    for path in sorted((GOLD / "more").glob("*.json")):
        with path.with_suffix(".txt").open(encoding="utf-8", newline="") as file:
            found = exchange.as_dict(read(file.read()))
        module.merge(total, module.score_doc(found, json.loads(path.read_text(encoding="utf-8"))))
    result = module.finish(total)
    assert result["projects"]["f1"] >= 0.95
    assert result["aggregates"]["f1"] >= 0.95
