"""What newspapers and offices taught: indirect names, plans, years and rounds of headings, corrections."""

from __future__ import annotations

import pytest

from projects.reports import exchange
from projects.reports.grammar import read


def found(text: str) -> dict[str, dict[str, object]]:
    """The projects of a text by their names."""
    return {one["name"]: one for one in exchange.as_dict(read(text))["projects"]}


def values(one: dict[str, object], *names: str) -> list[object]:
    return [one[name] for name in names]


def totals(text: str, *names: str) -> list[list[object]]:
    return [values(one, *names) for one in exchange.as_dict(read(text))["aggregates"]]


def days(one: dict[str, object]) -> list[tuple[str, str]]:
    return [(day["date"], day["role"]) for day in one["dates"]]  # type: ignore[attr-defined]


# ---- names -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("四是优化环境。建设“一站式”服务中心,推行“标准地+承诺制”,实现拿地即开工。", []),
        ("“投产一批”项目:须为已纳入前期“开工一批”、设备安装到位且形成实际产出的项目。", []),
        ("泉口区多个重点在建项目加快建设,全部开工。", []),
        ("公司将把该基地打造成华中最大的服务器生产中心,总投资25亿元。", []),
        ("泉口轴承项目开工。作为全县最大的轴承生产基地,目前主体已经封顶。", ["泉口轴承项目"]),
        ("海蓝半导体项目签约。这个投资8亿元的半导体大项目,只用了20天。", ["海蓝半导体项目"]),
        ("宏达电池项目开工。上述生产基地由宏达集团投资建设。", ["宏达电池项目"]),
        ("中建五局项目负责人史某参加调研,项目总投资约10亿元。", []),
        ("在泉口医疗器械公司,调研组详细询问产品研发和市场情况,去年投入1800万元。", []),
        ("德莱克轴承套圈项目作为全市唯一的外资项目签约。", ["德莱克轴承套圈项目"]),
        ("经开区恒泰重工铸锻件项目,总投资7.7亿元,2022年9月开工。", ["经开区恒泰重工铸锻件项目"]),
        ("泉口县恒都牛肉熟食加工项目,总投资15亿元。", ["泉口县恒都牛肉熟食加工项目"]),
        ("泉口县经济技术开发区中兴精密紧固件产业园总投资6亿元。", ["中兴精密紧固件产业园"]),
        ("泉口医院(东院区)和滨湖九年制学校同日开工。", ["泉口医院(东院区)", "滨湖九年制学校"]),
        ("察看了固德光伏支架项目和安恒线路板项目。固德光伏支架项目已开工。", ["固德光伏支架项目", "安恒线路板项目"]),
        ("“泉口静脉产业园”更名为“泉口循环经济产业园(一期)”,总投资5.6亿元。", ["泉口循环经济产业园(一期)"]),
        ("2.开发区污水处理厂扩建工程。总投资3.2亿元,土建过半。", ["开发区污水处理厂扩建工程"]),
    ],
)
def test_a_name_is_what_tells_one_project_and_no_more(text: str, names: list[str]) -> None:
    assert sorted(found(text)) == sorted(names)


@pytest.mark.parametrize(
    ("text", "name", "alias"),
    [
        ("华箭智能仓储装备生产基地开工。据介绍,华箭仓储基地总投资30亿元。", "华箭智能仓储装备生产基地", "华箭仓储基地"),
        ("中兴年产10万吨再生铝项目开工。中兴再生铝项目总投资9亿元。", "中兴年产10万吨再生铝项目", "中兴再生铝项目"),
    ],
)
def test_a_shorter_name_is_the_same_project_and_is_told(text: str, name: str, alias: str) -> None:
    (one,) = found(text).values()
    assert values(one, "name", "aliases") == [name, [alias]]
    assert any(d.code == "possible_duplicate" for d in read(text).differences)


def test_names_that_share_a_brand_or_differ_in_a_number_stay_apart() -> None:
    text = "天泽汽车座椅产业园开工。天泽汽车线束产业园投产。天泽年产20万吨铝项目封顶。天泽年产30万吨铝项目停工。"
    assert len(found(text)) == 4


# ---- what is said of them ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("N施工现场一派繁忙。\n“只用了11天。”公司经理孙某说,该项目总投资18.6亿元。", 186_000),
        ("走进N。这个投资18亿元的产业园去年10月动工。", 180_000),
        ("N开工。“快得很。”管委会副主任周某介绍,总投资30亿元的这一生产基地分两期建设。", 300_000),
        ("1.N。年度计划投资由6亿元调减为4.5亿元。", None),
        ("N总投资由8.8亿元调整为5.6亿元。", 56_000),
        ("1.N。投资规模小于5000万元,不再列入。", None),
    ],
)
def test_money_is_tied_to_what_is_meant(text: str, amount: int | None) -> None:
    name = "华箭仓储基地" if "生产基地" in text else "华箭仓储产业园" if "产业园" in text else "华箭仓储项目"
    told = found(text.replace("N", name)).values()
    assert [one["investment_wan"] for one in told] == [amount]


def test_the_former_and_the_latter_have_their_own_clauses() -> None:
    text = "观摩点为粮油食品产业园项目和临港物流园项目,总投资分别为12亿元、9.6亿元。"
    text += "前者主体封顶,后者去年3月开工。"
    told = {name: values(one, "investment_wan", "status") for name, one in found(text).items()}
    assert told == {"粮油食品产业园项目": [120_000, "已封顶"], "临港物流园项目": [96_000, "已开工"]}


def test_the_money_behind_a_list_of_bare_names_is_not_that_of_the_last() -> None:
    text = "集中开工的3个项目分别为:泉口电机项目;泉口物流园项目;泉口水厂项目,总投资20.9亿元。"
    assert [one["investment_wan"] for one in found(text).values()] == [None, None, None]


def test_a_heading_about_one_project_speaks_of_what_stands_below() -> None:
    text = "一、关于泉口物流园项目的进展\n该项目总投资13.5亿元,因资金问题停工。"
    text += "2025年4月项目复工,主体已完工。\n二、其他\n无。\n"
    (one,) = found(text).values()
    assert values(one, "name", "investment_wan", "status") == ["泉口物流园项目", 135_000, "在建"]


# ---- plans and years ------------------------------------------------------------------------------
def test_what_a_section_of_plans_starts_has_not_been_started() -> None:
    text = "一、2025年工作回顾\n泉口高端阀门项目建成投产。\n二、2026年重点工作\n"
    text += "新开工泉口超硬材料产业园二期、泉口储气站等65个项目;泉口商用车基地6月底前投产。\n"
    told = {name: values(one, "batch", "status") for name, one in found(text).items()}
    assert told["泉口高端阀门项目"] == ["produce", "已投产"]
    assert told["泉口超硬材料产业园二期"] == told["泉口储气站"] == [None, "未开工"]
    assert days(found(text)["泉口商用车基地"]) == [("2026-06", "produced")]


def test_the_year_of_the_headline_holds_though_the_report_is_of_january() -> None:
    text = "2022年泉口新区项目建设十件大事\n一、3月18日,海蓝半导体项目开工。\n"
    text += "二、12月,泉口物流园项目建成投用。\n泉口日报 2023-01-05\n"
    assert [days(one) for one in found(text).values()] == [[("2022-03-18", "started")], [("2022-12", "in-use")]]


def test_a_table_of_plans_tells_when_each_begins_and_ends() -> None:
    text = "序号 | 项目名称 | 总投资(万元) | 开竣工时间\n一、续建项目(1个)\n"
    text += "1 | 泉口铝板带项目 | 126000 | 2023.10—2025.12\n"
    (one,) = found(text).values()
    assert [one["status"], *days(one)] == ["在建", ("2023-10", "started"), ("2025-12", "completed")]


# ---- rounds and totals ------------------------------------------------------------------------------
def test_a_total_of_a_year_or_of_all_has_no_round() -> None:
    text = "今年以来,全区引进项目38个;第十期签约项目4个,总投资21亿元。全年实施重点项目85个。"
    assert totals(text, "count", "period") == [[38, None], [4, 10], [85, None]]


def test_the_round_of_a_part_is_not_that_of_the_whole() -> None:
    text = "全市集中开工项目56个,总投资312亿元,其中第九期“三个一批”投产项目8个。"
    assert totals(text, "count", "period") == [[56, None], [8, 9]]


def test_the_round_of_the_headline_holds_for_rows_and_totals() -> None:
    head = "工作专报\n(2025年第7期)\n关于第十六期“三个一批”项目推进情况的专报\n"
    text = head + "本期申报项目2个,不含由第十三期结转的3个项目。\n(一)签约一批\n"
    text += "1.泉口轴承项目。总投资12.5亿元。\n2.泉口塑料项目。总投资9亿元。\n"
    assert [one["period"] for one in found(text).values()] == [16, 16]
    assert totals(text, "count", "period")[0] == [2, 16]


def test_counts_of_places_and_of_what_has_begun_there() -> None:
    text = "砚塘县14个已开工13个,开工率92.9%;苇泊区11个已开工9个。"
    assert totals(text, "count", "started_count", "rate") == [[14, 13, 92.9], [11, 9, None]]


@pytest.mark.parametrize(
    "text", ["上述两个项目都是今年签约、开工的快手。", "对医用敷料、生物质热电2个项目实行日调度,新增投资3亿元。"]
)
def test_a_few_that_were_named_are_no_total(text: str) -> None:
    assert totals(text, "count") == []


@pytest.mark.parametrize(
    "text",
    [
        "开工项目1个,分别为、。",
        "开工项目2个,分别为,;,。",
        "前者停工,后者投产。",
        "“”更名为“”。\n一、关于\n该项目。",
        "该项目总投资3亿元。",
        "去年12月3日,集中签约仪式举行。昨日,记者走进工地。",
        "项目名称 | 开竣工时间\n合计 | 2026.0—2027.0\n",
    ],
)
def test_words_without_a_name_give_nothing(text: str) -> None:
    assert found(text) == {}
