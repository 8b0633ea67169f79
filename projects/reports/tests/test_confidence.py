"""How sure the reader says it is, and why not surer."""

from __future__ import annotations

import pytest

from projects.reports import exchange
from projects.reports.grammar import confidence, read
from projects.reports.tests import texts


def doubts(text: str) -> set[str]:
    (one,) = read(text).mentions
    assert one.confidence == max(5, 100 - sum(confidence.COSTS[code] for code in one.doubts))
    return set(one.doubts)


def test_a_plain_record_is_sure() -> None:
    assert doubts("总投资12亿元的云岭智能轴承项目已经动工。") == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("总投资40亿的白马湖生态产业园项目已经开工。", "amount_unit"),
        ("总投资.8亿元的泉口灯具项目已经开工。", "amount_damaged"),
        ("**光伏有限公司年产500兆瓦组件项目正在建设。", "name_masked"),
        ("澄江储能电池项目总投资3亿元。", "no_step"),
        ("他走进泉口中药饮片加工项目现场。", "only_named"),
        ("总投资3亿元的泉口总部基地及云计算中心项目已经开工。", "name_joined"),
    ],
)
def test_what_lowers_the_confidence_is_told(text: str, code: str) -> None:
    assert code in doubts(text)


def test_the_items_of_a_list_that_lacks_some_say_so() -> None:
    told = [one for one in read(texts.ZONE).mentions if "list_short" in one.doubts]
    assert [one.batch.value for one in told if one.batch] == ["produce", "produce"]


def test_two_names_that_are_nearly_one_say_so() -> None:
    text = "总投资3亿元的云岭智能轴承生产项目开工。总投资2亿元的云岭智慧轴承生产项目开工。"
    assert [one.doubts for one in read(text).mentions] == [("name_twin",), ("name_twin",)]


def test_every_doubt_has_a_cost_and_a_sentence_for_people() -> None:
    assert confidence.COSTS.keys() == confidence.SENTENCES.keys()
    assert all(sentence.endswith("。") for sentence in confidence.SENTENCES.values())


def test_confidence_doubts_and_phases_are_in_the_exchange_form() -> None:
    (told,) = exchange.as_dict(read("云岭轴承项目总投资10亿元,一期4亿元,二期6亿元,已经开工。"))["projects"]
    assert (told["confidence"], told["doubts"]) == (100, [])
    assert [(part["name"], part["investment_wan"]) for part in told["parts"]] == [("一期", 40_000), ("二期", 60_000)]
    assert told["investment_wan"] == 100_000


def test_a_range_and_its_currency_are_in_the_exchange_form() -> None:
    (told,) = exchange.as_dict(read("计划总投资50至60亿元的临湖文旅城项目正在洽谈。"))["projects"]
    assert (told["investment_wan"], told["investment_range_wan"]) == (500_000, [500_000, 600_000])
