"""Whose a project is, and what a ceremony says of all that is named at it."""

import pytest

from projects.reports import exchange
from projects.reports.grammar import read


def told(text):
    return {one["name"]: one for one in exchange.as_dict(read(text))["projects"]}


def test_a_project_is_of_the_place_it_is_named_after_or_that_stands_before_it():
    found = told(
        "云泉市召开观摩会。砚塘县的高纯石英砂项目总投资3亿元，已开工。\n"
        "槿河县：总投资2亿元的轴承套圈项目正在建设。\n"
        "最后看的是砚塘冷链云仓，总投资6700万元，主体封顶。"
    )
    assert {name: one["zone"] for name, one in found.items()} == {
        "高纯石英砂项目": "砚塘县",
        "轴承套圈项目": "槿河县",
        "砚塘冷链云仓": "砚塘县",
    }


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("项城市新型城市建设提速。项城市面粉加工项目总投资2亿元。", "项城市"),
        ("砚塘区委书记到园区调研。高纯石英砂项目总投资3亿元。", "砚塘区"),
        ("老旧小区改造完成，环境保护区划定。高纯石英砂项目总投资3亿元。", None),
    ],
)
def test_a_word_that_only_ends_like_a_place_is_none(text, zone):
    assert [one["zone"] for one in told(text).values()] == [zone]


@pytest.mark.parametrize(
    "opening",
    [
        "3月12日，砚塘县举行二季度项目签约会，2个项目当场落笔。",
        "3月12日，砚塘县在沿海城市举办产业推介会，2个项目敲定。",
        "春日的砚塘生机勃勃。3月12日上午，砚塘县招商项目集中签约活动在这里举行。",
    ],
)
def test_the_day_of_a_ceremony_is_the_day_of_every_project_signed_there(opening):
    found = told(f"{opening}\n高纯石英砂项目，总投资3亿元。\n轴承套圈项目，总投资2亿元。")
    assert len(found) == 2
    for one in found.values():
        assert (one["batch"], one["status"]) == ("sign", "已签约")
        assert [(d["role"], d["date"], d["certainty"]) for d in one["dates"]] == [("signed", "--03-12", "actual")]


def test_what_a_row_says_in_its_own_line_is_said_of_its_project():
    found = told(
        "高纯石英砂项目：总投资3亿元。目前土地已摘牌，计划10月开工。\n"
        "轴承套圈项目：总投资2亿元。设备安装完成九成，预计11月试生产。"
    )
    assert found["高纯石英砂项目"]["dates"][0]["certainty"] == "planned"
    assert found["轴承套圈项目"]["status"] == "设备安装"


def test_parts_told_behind_their_number_belong_to_the_total_before():
    text = "全县铺排的92个重点项目中已有81个动工、23个竣工，投资完成率达到79.4%。"
    (total,) = exchange.as_dict(read(text))["aggregates"]
    assert (total["count"], total["started_count"], total["produced_count"], total["rate"]) == (92, 81, 23, 79.4)
    assert total["batch"] is None
