"""What newspapers tell of projects in their own ways: days, states, rounds, quotations, amounts and rates in order."""

from __future__ import annotations

import pytest

from projects.reports import exchange
from projects.reports.grammar import read

Days = list[tuple[str, str, str]]


def projects(text: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = exchange.as_dict(read(text))["projects"]
    return found


def told(text: str) -> tuple[object, object, Days]:
    """Batch, status and dates of the one project of a text."""
    (only,) = projects(text)
    days = [(day["date"], day["role"], day["certainty"]) for day in only["dates"]]  # type: ignore[attr-defined]
    return only["batch"], only["status"], days


@pytest.mark.parametrize(
    ("words", "batch", "status", "days"),
    [
        (
            "上个月18日开工,正在进行桩基施工",
            "start",
            "在建",
            [("2025-05-18", "started", "actual")],
        ),
        (
            "去年9月开工,今年5月底主体封顶,预计年底投产",
            "start",
            "已封顶",
            [
                ("2024-09", "started", "actual"),
                ("2025-05", "topped-out", "actual"),
                ("2025-12", "produced", "planned"),
            ],
        ),
        (
            "3月8日签约,当月26日取得土地", "sign", "已签约",
            [("2025-03-08", "signed", "actual"), ("2025-03-26", "land-granted", "actual")],
        ),
        (
            "2023年3月签约,次年9月开工", "start", "已开工",
            [("2023-03", "signed", "actual"), ("2024-09", "started", "actual")],
        ),
        ("争取10月底前完成设备安装,12月底投产", None, None, [("2025-12", "produced", "planned")]),
        ("原计划8月投产,现推迟到12月", None, "滞后", [("2025-12", "produced", "planned")]),
        ("4月份搞了开工仪式,到现在没有实质性开工", None, "未开工", []),
        ("因资金问题一度停工,复工后已竣工", "produce", "已竣工", []),
        ("从签约到投产只用了11个月,现在满负荷生产", "produce", "已达效", []),
        (
            "3月通过竣工验收,4月进入试生产", "produce", "试生产",
            [("2025-03", "completed", "actual"), ("2025-04", "trial", "actual")],
        ),
        ("土地已摘牌,正在办理施工许可", None, "前期手续", []),
        ("前年动工,去年11月起停工", "start", "停工", [("2023", "started", "actual")]),
        ("力争年底前签约", None, "在谈", [("2025-12", "signed", "planned")]),
    ],
)  # fmt: skip
def test_what_a_newspaper_says_of_a_project_gives_its_step_its_state_and_its_days(
    words: str, batch: str | None, status: str | None, days: Days
) -> None:
    assert told(f"砚塘日报 2025年6月20日\n砚塘智能轴承项目{words}。") == (batch, status, days)


def test_a_year_that_only_projects_are_dated_by_is_not_that_of_the_report() -> None:
    text = "11月6日,砚塘轴承项目集中签约仪式举行。项目总投资20亿元,计划2026年3月开工,2027年6月投产。"
    assert ("--11-06", "signed", "actual") in told(text)[2]


def test_the_day_of_a_round_is_that_of_what_is_listed_at_it_and_of_no_other_step() -> None:
    text = (
        "5月18日,砚塘县第九期“三个一批”项目建设活动举行。\n"
        "签约一批:砚塘光电项目、砚塘食品项目。\n"
        "开工一批:砚塘铸件项目,总投资8亿元。砚塘轴承项目已于去年开工。\n"
        "第十期“三个一批”项目建设活动将于下月举行。"
    )
    days = {one["name"]: [day["date"] for day in one["dates"]] for one in projects(text)}  # type: ignore[attr-defined]
    periods = {one["period"] for one in projects(text)}
    assert days == {
        "砚塘光电项目": ["--05-18"], "砚塘食品项目": ["--05-18"], "砚塘铸件项目": ["--05-18"], "砚塘轴承项目": []
    }  # fmt: skip
    assert 10 not in periods


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("砚塘经开区与江南一家企业洽谈叶片回收项目,初步达成意向。", ["叶片回收项目"]),
        ("江南重工与经开区签订协议,在已投产的一期项目基础上建设海工钢结构二期项目。", ["海工钢结构二期项目"]),
        ("砚塘分会场设在砚塘产业园二路,水性涂料项目在这里正式投产。", ["水性涂料项目"]),
        ("离这里不远,是砚塘医药包装产业园的施工现场。", ["砚塘医药包装产业园"]),
        ("走进砚塘高端装备产业园,投资6.5亿元的砚塘机床项目正在施工。", ["砚塘机床项目"]),
        ("办法所称重点项目,是指总投资1亿元以上的产业项目、总投资5000万元以上的基础设施项目和民生项目。", []),
        ("01 砚塘轴承项目\n总投资:8亿元\n看点:全流程数字化车间\n", ["砚塘轴承项目"]),
        (
            "一、红旗项目(2个)\n1.砚塘热管理项目(开工一批):总投资9.6亿元。\n2.砚塘软件园(投产一批):总投资6亿元。\n",
            ["砚塘热管理项目", "砚塘软件园"],
        ),
        ("除砚塘产业园外,投资3200万元的砚塘冷链仓储项目6月投入使用。", ["砚塘冷链仓储项目"]),
    ],
)  # fmt: skip
def test_a_name_ends_where_the_words_around_it_begin(text: str, names: list[str]) -> None:
    assert [one["name"] for one in projects(text)] == names


def test_amounts_that_stand_behind_several_names_go_to_them_in_order_or_to_none() -> None:
    text = "签约的有砚塘结构件工厂、高山县签约的药材产业园,投资分别为12亿元和4.5亿元。"
    assert [one["investment_wan"] for one in projects(text)] == [120_000, 45_000]
    text = "砚塘结构件工厂正在施工,产值、税收、投资分别为12亿元、1亿元和4.5亿元。"
    assert [one["investment_wan"] for one in projects(text)] == [None]


def test_what_the_man_of_the_project_says_before_he_is_named_is_said_of_it() -> None:
    text = "“我们8月16日开的工,明年4月完工。”砚塘密封件项目负责人夏侯某说。该项目总投资3.9亿元。"
    assert told(text) == (
        "start", "已开工", [("--08-16", "started", "actual"), ("+1-04", "completed", "planned")]
    )  # fmt: skip


def test_two_names_that_differ_by_a_brand_are_one_project_and_it_is_said() -> None:
    text = "开发区与泉口机械智能装备产业园签约。\n今年新上投资50亿元的泉口良益机械智能装备产业园。"
    reading = read(text)
    assert [(one.name, one.batch and one.batch.value) for one in reading.mentions] == [
        ("泉口机械智能装备产业园", "sign")
    ]
    assert [one.code for one in reading.differences] == ["possible_duplicate"]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        (
            "签约项目16个、开工项目22个、投产项目15个,履约率、开工率、投产率分别为100%、95.5%、93.3%。",
            [("sign", 16, None, 100.0), ("start", 22, None, 95.5), ("produce", 15, None, 93.3)],
        ),
        (
            "开工一批46个,297.5亿元。\n从进度看,开工一批已开工45个,开工率97.8%。",
            [("start", 46, 45, 97.8)],
        ),
        (
            "第十三期项目16个,开工15个;第十四期项目14个,开工12个。",
            [(None, 16, 15, None), (None, 14, 12, None)],
        ),
        ("章源区应开工18个,实际开工17个,开工率94.4%。", [(None, 18, 17, 94.4)]),
        ("今年签约项目26个,其中10亿元以上项目5个,落地率73%。", [("sign", 26, None, 73.0), ("sign", 5, None, None)]),
        ("力争签约项目10个以上,总投资50亿元以上。", []),
    ],
)
def test_counts_and_rates_go_to_the_total_they_are_said_of(
    text: str, figures: list[tuple[str | None, int, int | None, float | None]]
) -> None:
    found = exchange.as_dict(read(f"全市“三个一批”项目进展。\n{text}"))["aggregates"]
    assert [(one["batch"], one["count"], one["started_count"], one["rate"]) for one in found] == figures
