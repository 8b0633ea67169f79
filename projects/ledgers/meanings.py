"""What a column of a ledger may mean. A new meaning is one entry here, and nothing else need know of it.

Synonyms are written as offices write headings, with "2023年" for any year, "7月" for any month and "1-7月" for what has
added up since January. Brackets, units, blanks and signs between words make no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Shape = Literal[
    "serial",  # a row number, of no use to anyone
    "text",  # words, as they are
    "name",  # the name of a project
    "names",  # units or persons: a tuple of names
    "money",  # an Amount in yuan
    "percent",  # percentage points: 63.5
    "date",  # a DateSpan
    "period",  # from–to: a pair of DateSpans
    "flag",  # yes or no
    "permit",  # how far a permit is, and its number: ("已办结", "郑环审〔2023〕12号")
    "count",  # a whole number
    "area",  # 亩
    "number",  # any other figure
    "credit_code",  # 统一社会信用代码
    "national_code",  # 项目代码
    "phone",
]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a column may say. `goes` is where an import puts it: "" keeps it with the row and nowhere else.

    `repeats` is whether several columns of a table may mean it; where months or years differ, all may.
    """

    code: str
    label: str
    shape: Shape
    synonyms: tuple[str, ...]
    goes: str = ""
    repeats: bool = False


def _meaning(
    code: str, label: str, shape: Shape, synonyms: str = "", goes: str = "", *, repeats: bool = False
) -> Meaning:
    return Meaning(code, label, shape, (label, *synonyms.split()), goes, repeats)


_IDENTITY: Final = (
    _meaning("serial", "序号", "serial", "项目序号 顺序 顺序号 No. 序"),
    _meaning(
        "name",
        "项目名称",
        "name",
        "项目 名称 工程名称 工程项目名称 项目（工程）名称 建设项目名称 重点项目名称 项目全称",
        "project.name",
    ),
    _meaning("code", "本系统编号", "text", "系统编号 项目编号 编号 档案编号", "project.code"),
    _meaning(
        "national_code",
        "项目代码",
        "national_code",
        "投资项目代码 投资项目统一代码 项目统一代码 在线平台项目代码 备案项目代码 国家代码 立项代码 项目赋码",
        "project.national_code",
    ),
    _meaning(
        "company",
        "建设单位",
        "text",
        "投资方/建设单位 项目建设单位 项目单位 项目法人单位 项目法人 建设（投资）单位 建设主体 实施单位 实施主体"
        " 项目业主 业主单位"
        " 业主 投资主体 投资单位 投资方 投资企业 企业名称 公司名称 项目公司 单位名称 企业",
        "project.company",
    ),
    _meaning(
        "credit_code",
        "统一社会信用代码",
        "credit_code",
        "社会信用代码 信用代码 企业信用代码 统一信用代码",
        "company.credit_code",
    ),
    _meaning("contractor", "施工单位", "text", "承建单位 总包单位 施工企业"),
    _meaning(
        "zone",
        "所属区域",
        "text",
        "属地 所属区县 所属辖区 所在区县 所属县区 县区 区县 县（市、区） 行政区 所属园区 所在园区 园区 开发区"
        " 所属开发区 辖区 片区"
        " 乡镇 所属乡镇 镇街",
        "project.zone",
    ),
    _meaning("province", "省", "text", "省份"),
    _meaning("city", "市", "text", "地市 省辖市 所属市 城市"),
    _meaning("place", "建设地点", "text", "建设地址 项目地址 项目地点 地址 地点 建设位置 项目位置 项目选址 选址"),
    _meaning("longitude", "经度", "number", "东经"),
    _meaning("latitude", "纬度", "number", "北纬"),
)

_KINDS: Final = (
    _meaning(
        "category",
        "产业类别",
        "text",
        "产业类型 所属产业 产业分类 行业类别 所属行业 行业 产业 项目类别 类别",
        "project.category",
    ),
    _meaning("kind", "项目类型", "text", "类型 用途分类 项目分类 投资类型"),
    _meaning("nature", "建设性质", "text", "项目性质 计划类别 建设类型 性质"),
    _meaning("importance", "重要级别", "text", "项目级别 重点级别 级别 项目等级 重点项目级别", "project.importance"),
    _meaning("industry", "行业大类", "text", "所属行业大类 行业大类代码 国民经济行业大类"),
    _meaning("industry_class", "行业小类", "text", "小类 所属行业小类 行业小类代码 行业代码"),
    _meaning("scale", "规模档", "text", "投资规模档 规模档次 规模等级"),
    _meaning(
        "batch",
        "批次",
        "text",
        "四个一批范畴 三个一批范畴 三个一批批次 三个一批类别 所属批次 入批类别 三个一批",
        "entry.batch",
    ),
    _meaning("period", "期次", "text", "期数 第几期 所属期次 三个一批期次", "entry.period"),
    _meaning("phase", "项目阶段", "text", "阶段 当前阶段 目前阶段 所处阶段 项目状态 建设状态 建设阶段 项目进度阶段"),
    _meaning("government", "是否政府投资项目", "flag", "是否政府投资 政府投资项目"),
)

_CONTENT: Final = (
    _meaning(
        "content",
        "主要建设内容",
        "text",
        "建设内容 主要建设内容及规模 建设内容及规模 建设规模及主要建设内容 建设规模及内容 主要内容 项目内容"
        " 项目简介 项目概况 建设内容和规模",
        "project.content",
    ),
    _meaning("size", "建设规模", "text", "项目建设规模 项目规模 规模"),
    _meaning(
        "basis", "批准文件", "permit", "立项 立项批复 备案 立项备案 立项审批 审批核准备案 项目备案 备案证 立项文件"
    ),
    _meaning("funding", "资金来源", "text", "资金来源构成 资金渠道"),
    _meaning(
        "build_period",
        "建设起止年限",
        "period",
        "建设年限 起止年限 项目工期 工期 建设工期 建设周期 起止时间 建设起止时间 建设起止年月 建设期限 建设期",
        "claim.period",
    ),
    _meaning("land_area", "用地面积", "area", "建设用地面积 用地总面积 占地面积 占地 用地 项目用地 用地规模", ""),
    _meaning("building_area", "建筑面积", "number", "总建筑面积 建设面积"),
    _meaning("new_land", "是否涉及新增建设用地", "flag", "是否新增建设用地 涉及新增建设用地"),
    _meaning("new_land_area", "新增建设用地面积", "area", "新增用地面积 新增建设用地"),
    _meaning("early_land", "先行用地是否需要", "flag", "先行用地面积是否需要 是否需要先行用地 是否需要"),
    _meaning("early_land_area", "先行用地面积", "area", "先行用地面积面积 先行用地"),
    _meaning(
        "early_land_approved",
        "先行用地是否取得批复",
        "flag",
        "先行用地面积是否取得批复 是否取得先行用地批复 是否取得批复",
    ),
    _meaning("land_quota", "已取得土地指标", "area", "已取得用地指标 已有土地指标"),
    _meaning("land_quota_wanted", "拟申请土地指标", "area", "拟申请用地指标 需申请土地指标"),
    _meaning(
        "sales",
        "销售收入",
        "money",
        "预期销售收入 年销售收入 年产值 预计产值 达产后年产值 营业收入 预期经济效益销售收入",
    ),
    _meaning("profit", "利润", "money", "预期利润 年利润 利润总额 预期经济效益利润"),
    _meaning("tax", "税金", "money", "税收 年税收 预期税收 年纳税 预计税收 利税 预期经济效益税金"),
    _meaning("jobs", "就业人数", "count", "带动就业 新增就业 就业岗位 用工人数"),
    _meaning("energy_equivalent", "年综合能源消费量当量值", "number", "当量值 综合能耗当量值"),
    _meaning("energy_primary", "年综合能源消费量等价值", "number", "等价值 综合能耗等价值"),
    _meaning("energy", "年综合能源消费量", "number", "综合能耗 年能耗"),
)

_MONEY: Final = (
    _meaning(
        "investment",
        "总投资",
        "money",
        "计划总投资 总计划投资 项目总投资 总投资规模 投资总额 总投资概算 概算总投资 投资规模 投资额 估算总投资"
        " 合同投资额 签约投资额"
        " 协议投资额 签约额 签约金额 协议额 协议金额",
        "claim.amount",
    ),
    _meaning(
        "annual_plan",
        "年度计划投资",
        "money",
        "2023年计划 2023年计划投资 年计划投资 年度投资计划 计划年投资 当年计划投资 年度计划完成投资 年度目标任务"
        " 年度投资目标 年度计划投资额",
        "plan.amount",
    ),
    _meaning(
        "month_plan",
        "当月计划投资",
        "money",
        "7月计划投资 7月计划完成投资 本月投资计划 本月计划",
        "target.month",
        repeats=True,
    ),
    _meaning(
        "plan_to_date",
        "累计计划投资",
        "money",
        "1-7月计划投资 1-7月计划完成投资 截至7月计划投资",
        "target.to_date",
        repeats=True,
    ),
    _meaning(
        "month_done",
        "当月完成投资",
        "money",
        "7月实际完成投资 7月完成投资额 当月已完成投资 当月投资 本月投资 本月完成 本月实际完成",
        "progress.month",
    ),
    _meaning("week_done", "本周完成投资", "money", "本周完成 本周（月）完成投资 周完成投资", "progress.week"),
    _meaning(
        "year_done",
        "年度累计完成投资",
        "money",
        "2023年1-7月累计完成投资 1-7月完成投资额 1-7月累计完成投资 当月至今已完成 当年项目累计投资 年初至今完成投资"
        " 自年初累计完成投资"
        " 今年以来完成投资 本年累计完成投资 2023年完成投资 年度完成投资 自年初累计 本年累计 年内累计完成投资"
        " 统计周期内累计完成投资",
        "progress.amount",
    ),
    _meaning(
        "total_done",
        "自开工累计完成投资",
        "money",
        "自开始累积完成投资 自开始建设累计完成投资 开工以来累计完成投资 自开工以来累计完成投资 自开始建设累计"
        " 自开工累计 开工累计完成投资"
        " 项目累计投资 项目累计完成投资 总累计完成投资",
        "progress.total",
    ),
    _meaning(
        "carried",
        "截至上年底累计完成投资",
        "money",
        "2023年底累计完成投资 上年底累计完成投资 去年底累计完成投资 截至2023年底累计完成投资 至2023年底累计完成投资"
        " 上年末累计完成投资"
        " 以前年度完成投资 2023年以前完成投资 上年结转",
        "plan.carried",
    ),
    _meaning(
        "stats_done",
        "年度入统投资",
        "money",
        "入统投资 入统完成投资 统计入库投资 入库投资 统计完成投资 入统额 累计入统投资 年度累计入统投资"
        " 统计口径完成投资 1-7月入统投资",
        "statistics.amount",
    ),
    _meaning("stats_month", "当月入统投资", "money", "7月入统投资 本月入统 7月入统额", "statistics.month"),
    _meaning("civil_works", "建筑工程", "money", "土建工程 土建 建筑工程投资 土建投资"),
    _meaning("installation", "安装工程", "money", "设备安装费用 设备安装 安装工程投资"),
    _meaning("equipment", "设备工器具购置", "money", "设备购置 设备投资 设备购置费"),
    _meaning("other_costs", "其他费用", "money", "土地等费用 其他 土地费用"),
    _meaning("funded", "累计已到位资金", "money", "到位资金 已到位资金 资金到位 累计到位资金 实际到位资金 到位资金额"),
)

_PROGRESS: Final = (
    _meaning(
        "done_rate",
        "投资完成率",
        "percent",
        "完成比例 投资完成比例 年度投资完成率 完成率 年度投资进度 占年计划 占年度计划比例 占年计划% 投资进度"
        " 年度计划完成率 完成年度计划比例",
        repeats=True,
    ),
    _meaning("funded_rate", "资金到位率", "percent", "到位率"),
    _meaning("lag", "超欠时序", "number", "超/欠时序 超序时 与时序进度差 超欠时序进度"),
    _meaning(
        "progress_percent",
        "形象进度百分比",
        "percent",
        "形象进度% 工程进度百分比 形象进度比例 工程形象进度%",
        "progress.percent",
    ),
    _meaning(
        "progress",
        "形象进度",
        "text",
        "7月形象进度 目前形象进度 目前为止形象进度 工程形象进度 工程进度 项目进展 项目进展情况 进展情况 目前进展"
        " 建设进展 建设进度 最新进展"
        " 本周进展 本周进展/目前形象进度 工作进展 进度 进度情况 当前进展 项目进度 本月进展",
        "progress.words",
    ),
    _meaning(
        "annual_target",
        "年计划形象进度",
        "text",
        "年度形象进度 年度形象进度目标 年度工作目标 年度目标 2023年计划主要建设内容 2023年主要建设内容 年度建设内容"
        " 2023年工作目标 年度建设任务 工作目标",
    ),
    _meaning(
        "next_step", "下步计划", "text", "下周计划 下月计划 下一步计划 下一步工作 下步工作 下步工作计划 下月工作计划"
    ),
    _meaning(
        "started", "是否开工", "flag", "开工状态 是否已开工 开工与否 开工情况 是否实际开工", "milestone.started.done"
    ),
    _meaning("completed", "是否竣工", "flag", "竣工状态 是否完工 是否建成 竣工", "milestone.completed.done"),
    _meaning("produced", "是否投产", "flag", "投产状态 投产", "milestone.produced.done"),
    _meaning(
        "stats_entered",
        "是否入库",
        "flag",
        "是否统计入库 入库状态 是否入统 统计入库 是否纳统 入统状态 是否入库纳统 入库 入统",
        "milestone.stats_entry.done",
    ),
)

_STAGES: Final = (
    ("sign", "签约", "signed"),
    ("perform", "履约", "performed"),
    ("land", "供地", ""),
    ("start", "开工", "started"),
    ("top", "封顶", "topped_out"),
    ("completion", "竣工", "completed"),
    ("trial", "试生产", "trial"),
    ("produce", "投产", "produced"),
    ("capacity", "达产", "at_capacity"),
    ("stats", "入库", "stats_entry"),
)


def _dates() -> tuple[Meaning, ...]:
    """Planned, actual, and one that is either, of every stage: 计划开工时间, 实际开工时间, 开工时间."""
    entries: list[Meaning] = []
    for code, word, kind in _STAGES:
        other = {"竣工": ("完工", "建成"), "达产": ("达效",), "供地": ("拿地", "摘牌"), "试生产": ("试运行",)}.get(
            word, ()
        )
        words = (word, *other)
        for suffix, before, label in (
            ("planned", ("计划", "拟", "预计"), "计划"),
            ("actual", ("实际",), "实际"),
            ("on", ("",), ""),
        ):
            goes = f"milestone.{kind}.{suffix}" if kind else ""
            said = " ".join(
                f"{lead}{each}{end}" for lead in before for each in words for end in ("时间", "日期", "年月")
            )
            if suffix == "on":
                said += f" {word}/计划{word}时间"
            entries.append(_meaning(f"{code}_{suffix}", f"{label}{word}时间", "date", said, goes))
    return tuple(entries)


_PERMITS: Final = (
    _meaning(
        "permits",
        "手续办理情况",
        "text",
        "前期手续 前期手续办理情况 土地征收情况及前期手续办理情况 手续办理 前期工作 前期工作进展",
    ),
    _meaning("land_conversion", "农转批复", "permit", "农转用批复 农用地转用"),
    _meaning("land_listing", "挂牌公告", "permit", "土地挂牌 挂牌"),
    _meaning("land_certificate", "土地证", "permit", "不动产权证 国有土地使用证 土地手续 土地 用地手续"),
    _meaning("land_planning", "用地规划许可", "permit", "建设用地规划许可证 用地规划许可证"),
    _meaning("site_plan", "总平方案审核", "permit", "总平方案 总平面图 规划方案审核 方案审核 总方案审查"),
    _meaning("works_planning", "工程规划许可", "permit", "建设工程规划许可证 工程规划许可证 规划 规划许可 规划手续"),
    _meaning("drawings", "施工图审核", "permit", "施工图审查 图审"),
    _meaning("contract", "签订施工合同", "permit", "施工合同"),
    _meaning("works_permit", "施工许可证", "permit", "施工许可 建筑工程施工许可证 施工"),
    _meaning("environment", "环评", "permit", "环评批复 环境影响评价 环保 环保手续 环评手续"),
    _meaning("energy_review", "节能审查", "permit", "能评 节能评估 节能审查批复"),
    _meaning("energy_review_on", "节能审查批复时间", "date", "节能批复时间 能评批复时间"),
    _meaning("energy_reviewer", "节能审查机关", "text", "审查机关"),
    _meaning("document_number", "文号", "text", "批复文号 批文号 手续文号 批准文号", repeats=True),
    _meaning("forest", "林地", "permit", "林地手续 使用林地"),
    _meaning("fire", "消防", "permit", "消防手续 消防审查"),
    _meaning("water", "水土保持", "permit", "水保"),
)

_PROBLEMS: Final = (
    _meaning(
        "problem",
        "存在问题",
        "text",
        "存在的问题 主要问题 问题 存在困难 存在困难和问题 问题描述 存在问题及困难",
        "problem.title",
    ),
    _meaning(
        "wanted",
        "需协调解决的问题",
        "text",
        "需要协调解决的问题 需协调事项 需协调问题 需协调解决问题 需解决的问题 请求协调事项 拟协调解决的问题",
        "problem.title",
    ),
    _meaning("problem_units", "问题涉及部门", "names", "涉及部门 协调部门"),
    _meaning("problem_category", "问题类别", "text", "问题类型 问题分类", "problem.category"),
    _meaning("raised_on", "提出时间", "date", "问题提出时间 交办时间 提出日期 提出时间/来源", "problem.raised_on"),
    _meaning("solution", "解决措施", "text", "整改措施 工作措施 解决办法 措施建议 解决方案", "problem.solution"),
    _meaning(
        "deadline",
        "完成时限",
        "date",
        "时限 整改时限 办结时限 完成期限 预计完成时间 预计解决时间 解决时限 解决期限 计划解决时间 拟解决时间 化解时限",
        "problem.deadline",
    ),
    _meaning("handled_on", "实际完成时间", "date", "办结时间 实际解决时间"),
    _meaning("closed", "是否销号", "flag", "是否办结 销号情况 是否解决"),
    _meaning("closed_on", "销号日期", "date", "销号时间", "problem.closed_on"),
    _meaning("task", "工作任务", "text", "任务 交办内容 重点任务 事项 议定事项"),
    _meaning("node", "节点", "text", "时间节点 关键节点 节点计划"),
)

_PEOPLE: Final = (
    _meaning(
        "unit",
        "责任单位",
        "names",
        "牵头单位 推进责任单位 牵头责任单位 责任部门 分管局委 主管部门 行业主管部门 牵头部门 服务单位 包联单位"
        " 责任主体 分包单位 项目责任单位",
        "assignment.unit",
    ),
    _meaning("other_units", "配合单位", "names", "协办单位 配合部门 参与单位 协同单位"),
    _meaning(
        "leader",
        "包联领导",
        "names",
        "包保领导 分包领导 联系领导 分管领导 责任领导 挂包领导 联系市领导 区领导 市领导 县领导 牵头领导"
        " 分包县级领导 联系县领导",
        "assignment.leader",
    ),
    _meaning("steward", "首席服务员", "names", "服务专员 首席服务官 服务员 服务管家 项目管家", "assignment.steward"),
    _meaning(
        "responsible",
        "责任人",
        "names",
        "具体责任人 单位责任人 项目责任人 项目负责人 负责人 直接责任人",
        "assignment.responsible",
    ),
    _meaning("liaison", "联络员", "names", "联络人 项目联络员 企业联系人 项目联系人 联系人", "assignment.liaison"),
    _meaning("team", "服务队长", "names", "专班组长 专班成员 工作专班 服务专班 专班", "assignment.team"),
    _meaning("phone", "联系方式", "phone", "联系电话 电话 手机 手机号 手机号码", repeats=True),
    _meaning("filled_by", "填报人", "text", "填表人 报送人 录入人"),
    _meaning("filled_on", "填报时间", "date", "填报日期 更新时间 报送时间 时间"),
)

_REST: Final = (
    _meaning("month", "月份", "date", "报告期 统计月份 所属月份 统计周期"),
    _meaning("count", "项目数量", "count", "项目总数 项目个数 在库项目数量 项目数 数量 个数", repeats=True),
    _meaning("review", "审核标识", "text", "审核状态 审核 审核结果"),
    _meaning("refusal", "否决原因", "text", "退回原因 未通过原因 审核意见"),
    _meaning("photos", "形象进度照片", "text", "照片 现场照片 图片 项目照片"),
    _meaning("monthly_report", "月报", "text", ""),
    _meaning("action", "操作", "text", ""),
    _meaning("remark", "备注", "text", "说明 备注说明 其他说明", repeats=True),
)

MEANINGS: Final[dict[str, Meaning]] = {
    each.code: each
    for group in (_IDENTITY, _KINDS, _CONTENT, _MONEY, _PROGRESS, _dates(), _PERMITS, _PROBLEMS, _PEOPLE, _REST)
    for each in group
}
"""Every meaning by its code, in the order in which a dropdown lists them."""

DONE: Final = frozenset(
    {"month_done", "year_done", "total_done", "stats_done", "stats_month", "month_plan", "plan_to_date"}
)
"""Figures that say nothing without the month up to which they hold."""

YEARLY: Final = DONE | {"annual_plan"}
"""Figures that say nothing without a year."""


def label(code: str) -> str:
    """What a screen calls a meaning; of "" that the column is kept as text only."""
    return MEANINGS[code].label if code else "只保留原文"
