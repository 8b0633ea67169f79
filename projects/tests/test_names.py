"""Names of projects and companies as reports print them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.names import batch_tag, company_of, initials, key, likeness, looks_like_project, marks, tidy

_NAMES = st.text() | st.text(
    st.sampled_from("一二三期12.0、()（）项目工程园区東西 \n项(xiàng)目A区第签约开工有限公司等"), max_size=30
)


@pytest.mark.parametrize(
    ("printed", "clean"),
    [
        ("3、北岗塑料厂项目", "北岗塑料厂项目"),
        ("（一）北岗塑料厂项目；", "北岗塑料厂项目"),
        ("(3) 北岗塑料厂项目", "北岗塑料厂项目"),
        ("①北岗塑料厂项目", "北岗塑料厂项目"),
        ("二、北岗塑料厂项目", "北岗塑料厂项目"),
        ("储能华\n\n北基地项目", "储能华北基地项目"),
        ("储能 华北 基地", "储能华北基地"),
        ("新材料產(chǎn)業(yè)園項(xiàng)目", "新材料產業園項目"),
        ("A7 地块  项目", "A7 地块项目"),
        ("16层压机项目", "16层压机项目"),
        ("3.5MW风电项目", "3.5MW风电项目"),
        ("1,3丙二醇项目", "1,3丙二醇项目"),
        ("云岭轴承园(一期)", "云岭轴承园(一期)"),
    ],
)
def test_a_name_is_cleaned_of_what_the_page_added(printed: str, clean: str) -> None:
    assert tidy(printed) == clean


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("云岭智能轴承项目", "雲嶺智能軸承項目"),
        ("云岭智能轴承项目", "云岭智能轴承建设项目"),
        ("云岭智能轴承工程", "“云岭”智能轴承项目"),
        ("南岭·云谷产业园(北区)", "南岭云谷产业园（北区）"),
        ("云岭轴承园（第五期签约开工项目）", "云岭轴承园"),
        ("总投资12亿元的云岭智能轴承项目", "云岭智能轴承项目"),
        ("ＡＢ工业园", "ab工业园"),
        ("5、云岭轴承项目等", "云岭轴承项目"),
    ],
)
def test_two_writings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)
    assert likeness(one, other) == 1


def test_a_name_that_is_nothing_but_项目_still_has_a_key() -> None:
    assert key("项目") == "项目"
    assert key("工程") == "工程"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("云岭轴承园(一期)", ("1期",)),
        ("云岭轴承园1期", ("1期",)),
        ("云岭轴承园首期", ("1期",)),
        ("标准厂房第十二期", ("12期",)),
        ("年产2500吨涂料项目（西区）", ("2500", "西区")),
        ("工业4.0项目", ("4.0",)),
        ("云岭轴承园（第五期开工项目）", ()),
        ("河东区医院项目", ()),
    ],
)
def test_numbers_and_phases_mark_a_name(name: str, expected: tuple[str, ...]) -> None:
    assert marks(name) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("年产2500吨防水涂料项目", "年产2000吨防水涂料项目"),
        ("云岭轴承园一期", "云岭轴承园二期"),
        ("云岭轴承园东区", "云岭轴承园西区"),
        ("3.5万吨树脂项目", "35万吨树脂项目"),
        ("云岭轴承园", ""),
    ],
)
def test_names_whose_marks_differ_are_never_the_same(one: str, other: str) -> None:
    assert likeness(one, other) == 0


def test_a_shorter_mention_is_nearly_the_name() -> None:
    assert 0.85 <= likeness("澄江机械智能装备产业园", "机械智能装备产业园") < 1
    assert likeness("机械智能装备产业园", "海棠商贸城") < 0.5


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("澄江精工科技有限公司年产20万台电机项目", "澄江精工科技有限公司"),
        ("海棠电源科技股份有限公司氢燃料电池总部项目", "海棠电源科技股份有限公司"),
        ("云岭投资有限责任公司物流园", "云岭投资有限责任公司"),
        ("云岭机械研究所有限公司产业园项目", "云岭机械研究所有限公司"),
        ("青禾食品（澄江）集团有限公司复合调味品项目", "青禾食品（澄江）集团有限公司"),
        ("澄江钢铁公司180万吨带钢项目", "澄江钢铁公司"),
        ("澄江精工有限公司", "澄江精工有限公司"),
        ("云岭智能轴承项目", None),
        ("甲项目、澄江精工有限公司乙项目", None),
        ("云岭集团迁建项目", None),
    ],
)
def test_a_full_company_name_in_front_is_the_company(name: str, company: str | None) -> None:
    assert company_of(name) == company


@pytest.mark.parametrize(
    "name",
    [
        "云岭轴承项目",
        "云岭产业园",
        "贸易园区",
        "青禾商贸城",
        "国际总部港",
        "标准厂房(二期)",
        "科技园东区(三期)",
        "带钢生产线",
        "湿地小镇",
    ],
)
def test_a_name_with_a_projects_ending_looks_like_one(name: str) -> None:
    assert looks_like_project(name)


@pytest.mark.parametrize("name", ["总部基地及", "澄江精工有限公司", "香港", "项城", "项目建设情况", "（一期）", ""])
def test_other_words_do_not(name: str) -> None:
    assert not looks_like_project(name)


@pytest.mark.parametrize(("name", "letters"), [("智慧产业园二期", "zhcyyeq"), ("5G基站（東區）", "5gjzdq"), ("", "")])
def test_a_name_is_found_by_its_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("(第五期签约开工项目)", (5, "签约开工")),
        ("（第12期投产项目）", (12, "投产")),
        ("第四期开工项目", (4, "开工")),
        ("云岭轴承园（第十一期开工项目）", (11, "开工")),
        ("（签约项目）", (None, "签约")),
        ("云岭轴承园(一期)", None),
        ("PPP项目包(第一期)项目", None),
        ("", None),
    ],
)
def test_a_tag_tells_round_and_role_and_a_phase_of_building_is_no_tag(
    text: str, tag: tuple[int | None, str] | None
) -> None:
    assert batch_tag(text) == tag


@given(_NAMES, _NAMES)
def test_likeness_is_fair_and_within_bounds(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1


@given(_NAMES)
def test_any_text_is_a_name_like_itself_and_breaks_nothing(name: str) -> None:
    assert likeness(name, name) == (1 if key(name) else 0)
    assert tidy(name) == " ".join(tidy(name).split())
    company_of(name), looks_like_project(name), initials(name), batch_tag(name)
