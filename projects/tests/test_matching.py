"""Which project a name means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import facts, names
from projects.matching import ALIKE, Evidence, Known, Match, Register

REGISTER = Register.of(
    [
        Known(1, ("云岭智能轴承项目", "云岭轴承园")),
        Known(2, ("澄江纸业年产2500吨项目",)),
        Known(3, ("海棠化工一期",)),
        Known(4, ("青禾冷链基地",)),
        Known(5, ("青禾冷链基地项目",)),
    ]
)


@pytest.mark.parametrize(
    "name", ["云岭智能轴承项目", "云岭智能轴承", "云岭·智能轴承项目", "雲嶺智能軸承項目", "云岭轴承园"]
)
def test_the_same_name_in_another_print_and_an_alias_mean_the_same_project(name: str) -> None:
    assert REGISTER.find(name).pk == 1


def test_an_alias_of_the_document_is_enough() -> None:
    assert REGISTER.find("轴承产业化工程", aliases=["云岭轴承园"]).pk == 1


@pytest.mark.parametrize("name", ["澄江纸业年产2000吨项目", "海棠化工二期"])
def test_other_digits_or_another_phase_are_another_project(name: str) -> None:
    assert REGISTER.find(name) == Match()


def test_two_projects_of_one_name_are_never_chosen_between() -> None:
    found = REGISTER.find("青禾冷链基地")
    assert (found.pk, found.unclear) == (None, (4, 5))


def test_a_name_that_is_only_alike_is_told_and_not_merged() -> None:
    found = REGISTER.find("云岭智能轴承制造项目")
    assert found.pk is None
    assert found.alike == (1,)


def test_a_decimal_point_tells_two_projects_apart() -> None:
    register = Register.of([Known(1, ("青禾年产1.5万吨纸业项目",))])
    assert register.find("青禾年产15万吨纸业项目").pk is None
    assert register.find("青禾年产1.5万吨纸业").pk == 1


def test_phases_that_share_a_short_name_are_told_apart() -> None:
    register = Register.of([Known(1, ("北岗检测产业园（一期）", "北岗检测产业园"))])
    assert register.find("北岗检测产业园").pk == 1
    other = register.find("北岗检测产业园（二期）", aliases=["北岗检测产业园"])
    assert (other.pk, other.alike) == (None, (1,))


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ("郑州第三电缆有限公司电缆智能制造项目", "第三电缆电缆智能制造"),
        ("珠海艾派克微电子有限公司极海微电子郑州研发中心项目", "极海微电子郑州研发中心"),
        ("安徽爱组牧铝业有限公司研发生产基地项目", "爱组牧铝业研发生产基地"),
        ("航天宏图信息技术股份有限公司中原智慧地球数据工厂项目", "航天宏图公司中原智慧地球数据工厂"),
        ("云岭轴承智能工厂项目", "云岭轴承（集团）股份有限公司智能工厂项目"),
    ],
)
def test_a_name_that_leaves_out_the_company_or_a_part_of_it_is_told_and_not_merged(ours: str, told: str) -> None:
    register = Register.of([Known(1, (ours,), evidence=Evidence(credit_code="91410100MA44N7XW1T"))])
    assert (register.find(told).pk, register.find(told).alike) == (None, (1,))
    assert register.find(told, evidence=Evidence(credit_code="91410100MA44N7XW1T")).how == "credit"


@pytest.mark.parametrize("told", ["研发生产基地", "青禾铝业研发生产基地", "爱组牧铝业研发生产基地（二期）"])
def test_another_company_or_phase_and_too_short_a_name_are_not_alike_by_what_stands_behind_the_company(
    told: str,
) -> None:
    register = Register.of([Known(1, ("安徽爱组牧铝业有限公司研发生产基地项目",))])
    assert register.find(told) == Match()


def test_projects_that_differ_in_their_phase_alone_are_told() -> None:
    register = Register.of([Known(1, ("海棠化工新材料园项目（二期）",)), Known(2, ("海棠化工新材料园",))])
    assert register.of_other_phases("海棠化工新材料园项目") == (1,)
    assert register.of_other_phases("海棠化工新材料园（三期）") == (1, 2)
    assert register.of_other_phases("青禾冷链基地") == ()


def test_aliases_that_mean_different_projects_leave_it_unclear() -> None:
    register = Register.of([Known(1, ("云岭轴承园",)), Known(2, ("海棠化工园",))])
    found = register.find("新材料基地", aliases=["云岭轴承园", "海棠化工园"])
    assert (found.pk, found.unclear) == (None, (1, 2))


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("云岭智能轴承项目", "exact"),
        ("云岭轴承园", "alias"),
        ("云岭智能轴承建设项目", "normalised"),
        ("云岭智能轴承制造项目", "fuzzy"),
        ("南坡镜片项目", ""),
    ],
)
def test_how_a_name_was_found_is_told(name: str, how: str) -> None:
    assert REGISTER.find(name).how == how


def test_of_two_projects_that_are_equally_alike_the_one_of_the_same_company_and_amount_comes_first() -> None:
    rows = (("青禾智能轴承一厂", "甲公司", 100), ("青禾智能轴承二厂", "乙公司", 200))
    register = Register.of(
        Known(pk, (name,), evidence=Evidence(company, "", amount)) for pk, (name, company, amount) in enumerate(rows, 1)
    )
    asked = Evidence("乙公司", "", 200)
    found = register.find("青禾智能轴承厂", evidence=asked)
    assert (found.pk, found.alike) == (None, (2, 1))
    assert register.supports(2, asked) == ["企业相同", "总投资相同"]


@given(st.text("青禾云岭轴承智能制造产业园基地", min_size=3, max_size=24), st.data())
def test_the_short_way_to_names_that_are_alike_misses_none(name: str, data: st.DataObject) -> None:
    others = [name[:at] + name[at + 1 :] for at in data.draw(st.lists(st.integers(0, len(name) - 1), max_size=3))]
    others.append("".join(c for at, c in enumerate(name) if at % 5))
    register = Register.of(Known(pk, (other,)) for pk, other in enumerate(others, 1))
    found = register.find(name)
    near = {pk for pk, other in enumerate(others, 1) if names.likeness(name, other) >= ALIKE}
    assert near == {*found.alike, *found.unclear} | ({found.pk} if found.pk else set()) or found.pk or found.unclear


def test_a_project_met_in_the_document_is_known_from_then_on() -> None:
    register = Register()
    assert register.find("青禾冷链基地").pk is None
    register.add(Known(7, ("青禾冷链基地",)))
    register.add(Known(7, ("青禾基地",)))
    assert register.find("青禾冷链基地项目").pk == register.find("青禾基地").pk == 7


# ---- the register of a zone ------------------------------------------------------------------------
def project(zone: Any, name: str) -> Any:
    return facts.create(name=name, zone=zone)


def test_a_zone_knows_its_own_projects_and_those_below_and_not_the_neighbours(town: Any) -> None:
    own, below = project(town.east, "青禾产业园项目"), project(town.east_park, "澄江电池项目")
    project(town.west, "南坡镜片项目")
    register = Register.for_zone(town.east)
    assert [register.find(name).pk for name in ("青禾产业园", "澄江电池", "南坡镜片")] == [own.pk, below.pk, None]


def test_a_park_knows_the_projects_that_its_development_zone_keeps_but_not_the_whole_citys(town: Any) -> None:
    kept = project(town.east, "青禾产业园项目")
    project(town.city, "南坡镜片项目")
    register = Register.for_zone(town.east_park)
    assert register.find("青禾产业园").pk == kept.pk
    assert register.find("南坡镜片").pk is None


def test_an_alias_in_the_database_is_as_good_as_the_name(town: Any) -> None:
    kept = facts.create(name="青禾产业园项目", zone=town.east, aliases=["青禾智造园"])
    assert Register.for_zone(town.east).find("青禾智造园项目").pk == kept.pk


def test_the_register_costs_two_statements_however_many_projects_there_are(
    town: Any, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        project(town.east, f"青禾{number}号产业园项目")
    with django_assert_num_queries(2):
        Register.for_zone(town.east)
