"""The wordings of this field, one or two each, in sentences of our own: which projects and totals they name."""

from __future__ import annotations

import pytest

from projects.reports import exchange
from projects.reports.grammar import read

# text, then (name, 万元, batch, status) of every project
PROJECTS: dict[str, list[tuple[str, float | None, str | None, str | None]]] = {
    # A: tying an amount to a project
    "投资4.2亿元建设的石桥高端阀门铸造项目,主体厂房已封顶,预计9月试生产。": [
        ("石桥高端阀门铸造项目", 42_000, None, "已封顶")
    ],
    "天泽县冷链枢纽项目概算投资7.35亿元,占地260亩,年度计划投资2.1亿元。": [("天泽县冷链枢纽项目", 73_500, None, None)],
    "此次集中开工的项目包括北岭智慧粮仓(2.3亿元)、石桥铝箔深加工(5.6亿元)、南渡电商园(1.8亿元)等。": [
        ("北岭智慧粮仓", 23_000, "start", "已开工"),
        ("石桥铝箔深加工", 56_000, "start", "已开工"),
        ("南渡电商园", 18_000, "start", "已开工"),
    ],
    "西岭碳纤维项目与白沙石墨负极材料项目分别投资9亿元和6.5亿元。": [
        ("西岭碳纤维项目", 90_000, None, None),
        ("白沙石墨负极材料项目", 65_000, None, None),
    ],
    "昭岭聚氨酯项目,总投资由4亿元变更为6.3亿元。": [("昭岭聚氨酯项目", 63_000, None, "调整")],
    "石桥造纸项目(二期):总投资8.7亿元,厂房封顶。": [("石桥造纸项目(二期)", 87_000, None, "已封顶")],
    "总投资都达3亿元的项目有2个,是白沙机器人训练场和白沙直播基地。": [
        ("白沙机器人训练场", 30_000, None, None),
        ("白沙直播基地", 30_000, None, None),
    ],
    "项目名称:西岭供水一体化工程 建设单位:西岭水务有限公司 总投资:7.36亿元": [
        ("西岭供水一体化工程", 73_600, None, None)
    ],
    # C: lists
    "签约的有:海澜高频线圈、磁芯元件项目(2亿元)、白沙碳纤维项目(3亿元)和泉口绿道项目(1亿元)。": [
        ("海澜高频线圈、磁芯元件项目", 20_000, "sign", "已签约"),
        ("白沙碳纤维项目", 30_000, "sign", "已签约"),
        ("泉口绿道项目", 10_000, "sign", "已签约"),
    ],
    "还有杂粮烘焙工厂、食用菌工厂化栽培两个项目正在洽谈。": [
        ("杂粮烘焙工厂", None, None, "在谈"),
        ("食用菌工厂化栽培", None, None, "在谈"),
    ],
    "①白沙集中供热工程 总投资0.87亿元\n②石桥文创街区改造提升 总投资1.3亿元\n": [
        ("白沙集中供热工程", 8_700, None, None),
        ("石桥文创街区改造提升", 13_000, None, None),
    ],
    "签约一批:东川光伏支架项目,计划投资3.2亿元;东川穿戴设备项目,计划投资1.5亿元。": [
        ("东川光伏支架项目", 32_000, "sign", None),
        ("东川穿戴设备项目", 15_000, "sign", None),
    ],
    # E: status
    "受用地指标影响,石桥再生铝项目至今未能开工。": [("石桥再生铝项目", None, None, "未开工")],
    "经研究,决定不再实施泉口植物园项目,将云岭文化馆项目调出省重点项目名单。": [
        ("泉口植物园项目", None, None, None),
        ("云岭文化馆项目", None, None, "调出"),
    ],
    "原定于今年3月开工的岭东会展中心项目推迟至9月开工。": [("岭东会展中心项目", None, None, "未开工")],
    "开发区与海澜集团签订合作协议,拟投资12亿元建设内河装备制造基地。": [
        ("内河装备制造基地", 120_000, "sign", "已签约")
    ],
    "记者在东川高端铸造产业园看到,工人们正抓紧安装设备。该园总投资15亿元。": [
        ("东川高端铸造产业园", 150_000, None, "设备安装")
    ],
    # T: nothing of the kind
    "要聚焦“1+6+N”产业体系,推动传统产业转型升级项目提质增效,坚定不移抓项目。": [],
    "省级以上开发区新建工业项目亩均税收不得低于18万元,项目审批压缩至35个工作日。": [],
    "该企业上半年完成固定资产投资2.6亿元,年产值13亿元,新线已经投产。": [],
}

# text, then the figures of every total that are not empty
TOTALS: dict[str, list[dict[str, object]]] = {
    "分产业看,高端装备96个,总投资512.2亿元;绿色食品75个,总投资206.9亿元。": [
        {"count": 96, "investment_wan": 5_122_000, "filter": "高端装备"},
        {"count": 75, "investment_wan": 2_069_000, "filter": "绿色食品"},
    ],
    "86个重点项目中,已开工71个,未开工15个,开工率82.6%;截至11月底完成投资49.7亿元,占年度计划的91.3%。": [
        {"count": 86, "filter": "重点", "started_count": 71, "not_started_count": 15, "rate": 82.6},
        {"completed_wan": 497_000, "rate": 91.3},
    ],
    "计划新开工的21个项目已开工16个,开工率76.2%。": [
        {"count": 21, "batch": "start", "started_count": 16, "rate": 76.2, "filter": "计划"}
    ],
    "我市本期项目共12个,签约、开工、投产各4个。": [
        {"count": 12},
        {"count": 4, "batch": "sign"},
        {"count": 4, "batch": "start"},
        {"count": 4, "batch": "produce"},
    ],
    "签约5个,28.1亿;动工6个,24亿;投产3个,7.2亿。": [
        {"count": 5, "batch": "sign", "investment_wan": 281_000},
        {"count": 6, "batch": "start", "investment_wan": 240_000},
        {"count": 3, "batch": "produce", "investment_wan": 72_000},
    ],
    "单位:万元\n项目名称|总投资|年度计划\n白沙路工程|12600|6000\n合计|12600|6000\n": [
        {"investment_wan": 12_600, "annual_plan_wan": 6_000}
    ],
    "外资项目2个、合同外资1.05亿美元。": [{"count": 2, "filter": "外资", "investment_usd_wan": 10_500}],
}


@pytest.mark.parametrize("text", PROJECTS)
def test_a_wording_names_its_projects_with_amount_batch_and_status(text: str) -> None:
    told = exchange.as_dict(read(text))["projects"]
    assert [(p["name"], p["investment_wan"], p["batch"], p["status"]) for p in told] == PROJECTS[text]


KEPT = (
    "count", "batch", "filter", "investment_wan", "investment_usd_wan", "annual_plan_wan", "completed_wan",
    "started_count", "not_started_count", "rate",
)  # fmt: skip


@pytest.mark.parametrize("text", TOTALS)
def test_a_wording_states_its_totals(text: str) -> None:
    told = exchange.as_dict(read(text))["aggregates"]
    assert [{name: one[name] for name in KEPT if one[name] is not None} for one in told] == TOTALS[text]


def test_the_number_of_a_bulletin_is_no_period_of_the_activity() -> None:
    text = "百日会战简报 第9期\n本周白沙轴承项目和云岭铝箔项目已经开工。"
    assert [one.period for one in read(text).mentions] == [None, None]


def test_the_cells_of_a_pasted_table_are_read_by_its_head_and_its_unit() -> None:
    text = (
        "单位:万元\n序号\t项目名称\t建设单位\t总投资\t年度计划\t累计完成\t形象进度\n"
        "1\t白沙伺服电机项目\t白沙电机有限公司\t45000\t18000\t12600\t设备安装\n"
        "2\t石桥中试基地\t石桥城投\t32800\t15000\t\t尚未开工\n"
    )
    told = exchange.as_dict(read(text))["projects"]
    assert [(p["name"], p["investment_wan"], p["annual_plan_wan"], p["completed_wan"], p["status"]) for p in told] == [
        ("白沙伺服电机项目", 45_000, 18_000, 12_600, "设备安装"),
        ("石桥中试基地", 32_800, 15_000, None, "未开工"),
    ]
    assert told[0]["company"] == "白沙电机有限公司"
