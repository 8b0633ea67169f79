"""What reports by other hands taught: phases, rows cut in two, places in brackets, classes, conditions, rates."""

from __future__ import annotations

import pytest

from projects.reports import exchange
from projects.reports.grammar import read


def found(text: str) -> dict[str, dict[str, object]]:
    """The projects of a text by their names."""
    return {one["name"]: one for one in exchange.as_dict(read(text))["projects"]}


def values(one: dict[str, object], *names: str) -> list[object]:
    return [one[name] for name in names]


def test_what_is_told_of_another_phase_is_not_told_of_this_one() -> None:
    text = "泉口风电叶片产业园二期,是今年投资最大的项目。一期2021年已投产,二期总投资14亿元,今年4月开工,主体均已封顶。"
    (one,) = found(text).values()
    assert values(one, "batch", "status", "investment_wan") == ["start", "已封顶", 140_000]


def test_a_row_that_a_cell_breaks_in_two_is_one_row() -> None:
    head = "序号 | 项目名称 | 批次 | 总投资(万元) | 形象进度\n"
    rows = "1 | 泉口全屋定制\n生产线项目 | 第三期投产 | 12500 | 已达产\n"
    rows += "2 | 泉口热管网工程 | 第四期开工 | 9300 | 暂停施工\n"
    told = {name: values(one, "period", "period_role", "batch", "status") for name, one in found(head + rows).items()}
    assert told == {
        "泉口全屋定制生产线项目": [3, "投产", "produce", "已达效"],
        "泉口热管网工程": [4, "开工", "start", "暂停"],
    }


def test_a_bracket_with_the_place_is_the_place_and_no_part_of_the_name() -> None:
    text = "三、存在问题的项目\n1.惠民路小学新建工程(砚塘镇)。总投资6800万元,8月15日通过竣工验收。\n"
    assert {name: one["zone"] for name, one in found(text).items()} == {"惠民路小学新建工程": "砚塘镇"}


def test_a_line_that_opens_with_its_place_names_a_project_there() -> None:
    text = "砚塘县·泉口绿色建材产业园。总投资12.5亿元,去年8月动工。\n苇泊区·藏茶非遗工坊集群。总投资1.3亿元,已竣工。\n"
    told = {name: values(one, "zone", "investment_wan") for name, one in found(text).items()}
    assert told == {"泉口绿色建材产业园": ["砚塘县", 125_000], "藏茶非遗工坊集群": ["苇泊区", 13_000]}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("已连续停工四个月;逾期不复工的,按程序收回土地", "停工"),
        ("挂牌半年有余,取水许可仍未批复,一根桩也没打", "未开工"),
        ("开工时间由3月推后到8月,目前还在做财政评审", "前期手续"),
        ("因雨季两度停工,现已全面复工", "在建"),
        ("8月厂房封顶,9月26日试机", "试生产"),
    ],
)
def test_the_status_is_what_holds_now(words: str, status: str) -> None:
    (one,) = found(f"泉口新型建材项目总投资3.2亿元,{words}。").values()
    assert one["status"] == status


def test_a_class_named_in_the_sentence_beats_the_ceremony_of_the_headline() -> None:
    text = "砚塘县集中开工\n5月8日,砚塘县项目集中开工活动举行。"
    text += "签约的3个项目中,由砚南实业有限公司投资的泉口铜箔项目总投资10亿元。"
    (one,) = found(text).values()
    assert values(one, "batch", "status") == ["sign", "已签约"]


@pytest.mark.parametrize(
    "words",
    [
        "市长在活动现场宣布项目开工。",
        "动辄签下几十个项目、上百亿元投资。",
        "10个亿元项目落地,胜过100个百亿协议在天上飞。",
        "另有生物质燃料、再生橡胶等多个项目在跟踪。",
        "第一条灌装线8月22日点火试车。",
        "二、入选项目需要满足什么条件?",
        "会议要求,确保项目10月底前竣工。",
        "园区内两条生产线正在安装调试。",
        "企业新增一条全自动生产线,预计年底投产。",
        "招商引资项目落地见效。",
        "走进永安食品加工厂,工人正在包装。",
    ],
)
def test_these_words_name_no_project_and_state_no_total(words: str) -> None:
    reading = read(words)
    assert ([one.name for one in reading.mentions], reading.figures) == ([], [])


def test_places_in_a_ranking_have_their_rates() -> None:
    reading = read("开工率前三名:砚塘镇(95.5%)、苇泊乡(91.7%);后两名:泉口镇(60%)、麓岭乡(50%)。")
    assert [(one.filter, one.rate.value if one.rate else None, one.rate_kind) for one in reading.figures] == [
        ("砚塘镇", "95.5", "开工率"),
        ("苇泊乡", "91.7", "开工率"),
        ("泉口镇", "60", "开工率"),
        ("麓岭乡", "50", "开工率"),
    ]


def test_a_city_of_three_letters_keeps_its_first() -> None:
    text = "江陵湖市12日集中签约。今年江陵湖市招商有力,江陵湖市高新区的泉口轴承项目总投资3亿元。"
    assert read(text).zone_text.startswith("江陵湖市")
