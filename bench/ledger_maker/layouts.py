"""The layouts T1–T12 in which offices were seen to keep their ledgers, as data."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Spec:
    """A column: its meaning, the layout's own headings (else any of the meaning's), how often it is there, what is
    merged above it. A `meaning` of "other" is a column that the product has no place for.
    """

    meaning: str
    headings: tuple[str, ...] = ()
    often: float = 1.0
    above: str = ""
    unit: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """`units` are the ways in which the unit is told, the likeliest first: title, corner, heading, cell, mixed, above,
    absent. `pairs`: the columns of a month are repeated to the right, month by month.
    """

    code: str
    title: str
    specs: tuple[Spec, ...]
    units: tuple[str, ...]
    endings: tuple[str, ...] = (".xlsx",)
    grouped: tuple[str, ...] = ("", "nature", "district", "category")
    pairs: bool = False
    projects: bool = True


def _s(meaning: str, *headings: str, often: float = 1.0, above: str = "", unit: str = "", also: str = "") -> Spec:
    return Spec(meaning, headings, often, above, unit, tuple(also.split()))


_SITE: Final = "项目建设手续"
_MONEY: Final = "投资情况"

LAYOUTS: Final = {
    layout.code: layout
    for layout in (
        Layout(
            "T1", "{Y}年{office}重点项目建设进度表",
            (_s("serial"), _s("name"), _s("company", "投资主体"), _s("years"), _s("investment", "总投资"),
             _s("annual_plan", "年计划投资"), _s("other", "年计划形象进度", often=0.7, also="progress_words"),
             _s("total_done", "自开始累积完成投资"), _s("problem"),
             _s("start_planned", "开工/计划开工时间", often=0.7, also="start_actual start_on"),
             _s("other", "资金来源"), _s("other", "形象进度照片", often=0.4), _s("department", often=0.4),
             _s("note")),
            ("corner", "corner", "title", "absent"), pairs=True,
        ),
        Layout(
            "T2", "{Y}年重点建设项目台账",
            (_s("serial", often=0.5), _s("name"), _s("category", "项目类型"), _s("address"), _s("other", "批准文件"),
             _s("content"),
             _s("land_area"), _s("years"), _s("investment"), _s("last_year_done", "{P}年底累计完成投资"),
             _s("annual_plan", "投资", above="{Y}年计划"),
             _s("other", "主要建设内容", above="{Y}年计划", also="content"),
             _s("progress_words"), _s("status", "开工状态"), _s("stats_entry", "入库状态")),
            ("corner", "heading", "absent", "title"),
        ),
        Layout(
            "T3", "项目调度管理（{Y}年{M}月）",
            (_s("other", "月份"), _s("name"), _s("company", "建设单位"), _s("importance", often=0.6),
             _s("annual_plan", "年度计划投资"),
             _s("status", "是否开工"), _s("month_done", "当月已完成投资"),
             _s("year_done", "当月至今已完成", "本年累计完成投资"),
             _s("other", "土建工程"), _s("other", "设备安装费用"), _s("other", "土地等费用"),
             _s("percent_done", "投资完成比例"),
             _s("progress_words"), _s("other", "审核标识"), _s("other", "操作", often=0.4)),
            ("heading", "corner", "absent"), grouped=("",), endings=(".xlsx", ".csv"),
        ),
        Layout(
            "T4", "{Y}年{M}月重大项目报表",
            (_s("serial"), _s("name"), _s("nature"), _s("investment"), _s("annual_plan", "{Y}年度计划投资"),
             _s("month_done", "{M}月完成投资"), _s("year_done", "{Y}年1-{M}月累计完成投资"),
             _s("department", "牵头单位"), _s("category", "产业类别"),
             _s("leader", "服务队长"), _s("percent_done", "完成比例")),
            ("heading", "heading", "corner", "cell"), grouped=("nature", "", "category"),
            endings=(".xlsx", ".xlsx", ".csv"),
        ),
        Layout(
            "T5", "{office}{Y}年重点项目导出",
            (_s("name"), _s("national_code"), _s("years", "项目工期"), _s("department", "责任单位"),
             _s("company", "建设单位"),
             _s("category", "项目类型"), _s("investment", "总投资", unit="亿元"),
             _s("annual_plan", "年度计划投资", unit="万元"),
             _s("year_done", "年度累计完成投资", unit="万元"), _s("percent_done", "年度投资完成率"), _s("nature"),
             _s("credit_code", often=0.5), _s("finish_planned", often=0.5)),
            ("mixed",), grouped=("",), endings=(".xlsx", ".csv"),
        ),
        Layout(
            "T6", "{office}项目一览表（{Y}年{M}月）",
            (_s("serial", often=0.6), _s("name"), _s("category", "项目类别"), _s("district", "所属辖区"),
             _s("department", "分管局委"), _s("years"),
             _s("investment"), _s("annual_plan", "年度计划投资"), _s("month_done", "当月投资"),
             _s("year_done", "当年项目累计投资"),
             _s("total_done", "项目累计投资"), _s("problem"), _s("contact"), _s("phone", "联系方式")),
            ("cell", "corner", "absent"), grouped=("district", "", "category"), endings=(".xlsx", ".csv"),
        ),
        Layout(
            "T7", "{Y}年{M}月“四个一批”项目月报表",
            (_s("district", "所属区县"), _s("name"), _s("address", "建设地址"), _s("years"),
             _s("content", "项目建设规模"),
             _s("investment", "计划总投资"), _s("annual_plan", "{Y}年计划投资"), _s("month_done", "{M}月完成投资额"),
             _s("year_done", "1-{M}月完成投资额"), _s("progress_words", "目前为止形象进度"),
             _s("batch", "四个一批范畴"), _s("period", often=0.3),
             _s("other", "已取得土地指标"), _s("other", "拟申请土地指标"), _s("other", "是否政府投资项目"),
             _s("request", "需协调解决的问题"), _s("note")),
            ("heading", "heading", "corner"), grouped=("", "batch"),
        ),
        Layout(
            "T8", "{office}工业项目推进台账（截至{Y}年{M}月）",
            (_s("serial", often=0.5), _s("name"), _s("content", "建设内容"), _s("investment"),
             _s("company", "项目法人单位"),
             _s("department", "推进责任单位"), _s("address", "项目地址"), _s("other", "经度"), _s("other", "纬度"),
             _s("land_area"),
             _s("other", "供地时间"), _s("nature", "计划类别", also="category"), _s("category"),
             _s("status", "是否开工"), _s("start_planned"),
             _s("start_actual"), _s("stats_entry", "是否统计入库"),
             _s("other", "农转批复", above=_SITE, also="permit"),
             _s("permit", "挂牌公告", above=_SITE), _s("permit", "土地证", above=_SITE),
             _s("permit", "总平方案审核", above=_SITE),
             _s("permit", "工程规划许可", above=_SITE), _s("permit", "施工图审核", above=_SITE),
             _s("permit", "签订施工合同", above=_SITE), _s("permit", "施工许可证", above=_SITE),
             _s("other", "照片", often=0.5)),
            ("heading", "corner", "absent"), grouped=("", "category"), endings=(".xlsx", ".csv"),
        ),
        Layout(
            "T9", "{Y}年1-{M}月重点项目投资完成情况统计表",
            (_s("district", "行政区"), _s("other", "在库项目数量"), _s("investment", "总投资"),
             _s("annual_plan", "年度计划投资"),
             _s("year_done", "统计周期内累计完成投资", "年度累计完成投资"), _s("percent_done", "年度投资进度"),
             _s("other", "累计已到位资金"), _s("other", "资金到位率", also="percent_done")),
            ("corner", "heading"), grouped=("",), projects=False,
        ),
        Layout(
            "T10", "{Y}年重大项目审批服务任务表",
            (_s("serial"), _s("name"), _s("years"), _s("nature"), _s("other", "用途分类", also="category"),
             _s("content"),
             _s("other", "年度工作目标"), _s("investment", often=0.6), _s("department", "牵头单位"),
             _s("district", "所在区县"),
             _s("other", "是否涉及新增建设用地"), _s("land_area", "用地总面积（亩）"),
             _s("other", "新增建设用地面积（亩）", also="land_area"),
             _s("other", "是否需要", above="先行用地"), _s("other", "面积（亩）", above="先行用地", also="land_area"),
             _s("other", "是否取得批复", above="先行用地", also="permit"), _s("note")),
            ("heading", "corner"), grouped=("", "district"),
        ),
        Layout(
            "T11", "{office}固定资产投资项目节能审查台账",
            (_s("serial"), _s("name"), _s("national_code", "项目代码"), _s("company", "建设单位"), _s("content"),
             _s("other", "省", above="建设地点", also="address district"),
             _s("other", "市", above="建设地点", also="address district"),
             _s("district", "区县", above="建设地点", also="address"),
             _s("other", "大类", above="所属行业", also="category"),
             _s("other", "小类", above="所属行业", also="category"), _s("other", "节能审查批复时间", also="permit"),
             _s("produced_planned", "拟投产时间"),
             _s("produced_actual", "实际投产时间"), _s("other", "节能审查机关"), _s("other", "文号", also="permit"),
             _s("other", "#当量值", above="年综合能源消费量（万吨标准煤）"),
             _s("other", "#等价值", above="年综合能源消费量（万吨标准煤）"),
             _s("investment", "项目总投资", often=0.5)),
            ("heading", "corner"), grouped=("",),
        ),
        Layout(
            "T12", "{Y}年{M}月大建设项目推进情况通报表",
            (_s("department", "责任单位"), _s("other", "项目总数"), _s("other", "年内计划开工数", above="开工项目"),
             _s("other", "{M}月底前计划开工数", above="开工项目"), _s("other", "计划数", above="建成项目"),
             _s("other", "实际建成数", above="建成项目"),
             _s("annual_plan", "年度计划投资", above=_MONEY), _s("year_done", "1-{M}月完成投资", above=_MONEY),
             _s("percent_done", "完成率", above=_MONEY), _s("other", "计划数", above="续建项目"),
             _s("other", "符合进度要求数", above="续建项目"), _s("other", "计划数", above="前期研究项目"),
             _s("other", "符合节点要求数", above="前期研究项目")),
            ("corner", "heading", "above"), grouped=("",), projects=False,
        ),
    )
}  # fmt: skip

# What an office adds to any ledger of projects.
EXTRA: Final = (
    _s("credit_code"), _s("contact"), _s("phone"), _s("leader"), _s("importance"), _s("finish_planned"),
    _s("last_year_done"),
    _s("start_actual"), _s("request"), _s("produced_planned"), _s("stats_entry"), _s("period"), _s("status"),
    _s("district"),
    _s("finish_actual"), _s("national_code"),
)  # fmt: skip
