"""Every layout that offices were seen to use is understood without a word from anybody."""

import pytest

from projects.ledgers.tests.understanding.making import data, kinds, line, meanings, read, sheet, table, yuan
from projects.ledgers.understanding.summing import sums

WAN = 10_000


def test_month_pairs_to_the_right_each_keep_their_month():
    found = table(
        [],
        line("云栈新城2023年重点项目建设进度表"),
        line("报送部门：经济发展局||||||||||单位：万元"),
        line(
            ""
            "序号|项目名称|投资主体|建设起止年限|总投资|年计划投资|年计划形象进度|3月形象进度|3月实际完成投资|4月形象进度|4月实际完成投资"
        )
        + line(
            "自开始累积完成投资|存在问题|开工/计划开工时间|土地征收情况及前期手续办理情况|资金来源|形象进度照片|备注"
        ),
        line("一、先进制造业（1个）"),
        [
            1,
            "青岚电机项目",
            "青岚电机公司",
            "2021-2023",
            52000,
            12000,
            "封顶",
            "基础",
            100,
            "主体",
            200,
            900,
            "无",
            "2021.6",
        ],
        line("二、现代服务业（1个）"),
        [
            2,
            "望岫物流园",
            "望岫物流公司",
            "2021/2024",
            30000,
            9000,
            "投用",
            "装修",
            0,
            "验收",
            300,
            8000,
            "缺工",
            "6月",
        ],
        line("合计：2 个||||82000"),
        merged=[(1, 0, 1, 17), (2, 0, 2, 9), (2, 10, 2, 17), (4, 0, 4, 17), (8, 0, 8, 2)],
    )
    assert (found.title, found.office, found.unit) == ("云栈新城2023年重点项目建设进度表", "经济发展局", "万元")
    assert (found.year, found.month, found.questions) == (2023, 4, ())
    assert meanings(found) == (
        "serial name company build_period investment annual_plan annual_target progress month_done"
        " progress month_done total_done problem start_on permits funding photos remark"
    )
    assert kinds(found) == "gdgdt"
    first, second = data(found)
    assert [yuan(first["month_done", month]) for month in (3, 4)] == [100 * WAN, 200 * WAN]
    assert (first["progress", 3].value, second["progress", 4].value) == ("基础", "验收")
    assert yuan(second["month_done", 3]) == 0
    assert first["problem"].value is None
    assert [row.group for row in found.rows if row.kind == "data"] == [
        ("一、先进制造业（1个）",),
        ("二、现代服务业（1个）",),
    ]


@pytest.mark.parametrize("merged", [(), [(1, 9, 1, 10), *((1, at, 2, at) for at in (*range(9), 11, 12, 13))]])
def test_two_rows_of_headings_are_joined_with_or_without_merges(merged):
    found = table(
        line("重点项目表（万元）"),
        line(
            ""
            "项目名称|项目类型|建设地点|批准文件|主要建设内容及规模|建设用地面积(亩)|建设起止年限|总投资|2022年底累计完成投资|2023年计划||形象进度"
        )
        + line("开工状态|入库状态"),
        line("|||||||||投资|主要建设内容"),
        [
            "青禾泵站",
            "新建",
            "望岫路",
            "青发改〔2022〕1号",
            "泵站一座",
            12,
            "2022-2024",
            5200,
            100,
            900,
            "主体",
            "基坑",
            "已开工",
            "未入库",
        ],
        [
            "石埠大桥",
            "续建",
            "石埠街",
            "-",
            "桥一座",
            "约30",
            "2022-2024",
            8000,
            0,
            900,
            "合龙",
            "桩基",
            "未开工",
            "未入库",
        ],
        merged=merged,
    )
    assert meanings(found) == (
        "name kind place basis content land_area build_period investment carried annual_plan"
        " annual_target progress started stats_entered"
    )
    assert found.columns[9].heading == ("2023年计划", "投资")
    assert (found.columns[8].year, found.columns[8].month, found.year) == (2022, 12, 2023)
    assert data(found)[0]["started"].value is True
    assert data(found)[1]["started"].value is False
    assert data(found)[0]["basis"].value == ("已办结", "青发改〔2022〕1号")


def test_rows_that_name_their_month_need_no_month_of_the_table():
    found = table(
        line(
            ""
            "月份|项目名称|建设单位|年度计划投资（万元）|是否开工|当月已完成投资（万元）|当月至今已完成（万元）|土建工程（万元）"
        )
        + line("设备安装费用（万元）|土地等费用（万元）|投资完成比例|形象进度|审核标识|操作"),
        ["2023-07", "青岚电机项目", "青岚公司", 1200, "是", 100, 500, 60, 30, 10, "41.7%", "主体", "通过", "查看"],
        ["2023-06", "青岚电机项目", "青岚公司", 1200, "是", 90, 400, 60, 30, 0, "33.3%", "主体", "待审核", "查看"],
    )
    assert found.questions == ()
    assert meanings(found) == (
        "month name company annual_plan started month_done year_done civil_works installation other_costs"
        " done_rate progress review action"
    )
    assert data(found)[0]["done_rate"].value == 41.7


def test_headings_carry_year_and_month_and_a_form_of_words_is_no_month():
    found = table(
        line("西乡2023年7月重大项目报表"),
        line(
            ""
            "序号|项目名称|建设性质|总投资(万元)|2023年度计划投资(万元)|7月完成投资(万元)|2023年1-12月累计完成投资(万元)"
        )
        + line("牵头单位(多个)|产业类别|服务队长|完成比例"),
        [1, "青岚电机项目", "续建类", 52000, 12000, 100, 1200, "发改局、工信局", "工业", "张三", 0.1],
        [2, "望岫物流园", "新开工类", 52000, 1200, 100, 1200, "工信局/商务局", "物流", "李四", 1],
    )
    assert (found.year, found.month, found.questions) == (2023, 7, ())
    done = {column.meaning: (column.year, column.month) for column in found.columns}
    assert done["month_done"] == done["year_done"] == (2023, 7)
    assert data(found)[1]["unit"].value == ("工信局", "商务局")
    assert [row["done_rate"].value for row in data(found)] == [10, 100]


def test_two_units_in_one_row_are_read_each_by_its_heading():
    found = table(
        line(
            ""
            "项目名称|项目代码|项目工期|责任单位|建设单位|项目类型|总投资（亿元）|年度计划投资（万元）|年度累计完成投资（万元）|年度投资完成率|建设性质"
        ),
        [
            "青岚电机项目",
            "2301-419001-04-01-123456",
            "2021年3月-2023年12月",
            "工信局",
            "青岚公司",
            "工业",
            5.2,
            12000,
            6000,
            "50%",
            "续建",
        ],
        name="2023年6月",
    )
    (row,) = data(found)
    assert [yuan(row[each]) for each in ("investment", "annual_plan", "year_done")] == [
        52000 * WAN,
        12000 * WAN,
        6000 * WAN,
    ]
    assert found.questions == ()
    assert not any(value.doubt for value in row.values())


def test_the_list_of_a_county_and_the_form_of_a_district():
    county = table(
        line(
            ""
            "项目名称|项目类别|所属辖区|分管局委|建设起止年限|总投资|年度计划投资|当月投资|当年项目累计投资|项目累计投资|存在问题|月报|联系方式"
        ),
        [
            "青岚电机项目",
            "工业",
            "望岫县",
            "工信局",
            "2021-2023",
            "5亿",
            "9000万元",
            "800万",
            "0.6亿元",
            "2亿",
            "/",
            "见附",
            13900001111.0,
        ],
        name="2023年6月",
    )
    assert meanings(county) == (
        "name category zone unit build_period investment annual_plan month_done year_done total_done"
        " problem monthly_report phone"
    )
    (row,) = data(county)
    assert (yuan(row["total_done"]), row["phone"].value) == (20_000 * WAN, "13900001111")
    district = table(
        line(
            ""
            "所属区县|项目名称|建设地址|建设起止年限|项目建设规模|计划总投资(万元)|2023年计划投资|7月完成投资额|1-7月完成投资额|目前为止形象进度"
        )
        + line("四个一批范畴|已取得土地指标|拟申请土地指标|是否政府投资项目|需协调解决的问题|备注"),
        [
            "望岫县",
            "青岚电机项目",
            "青禾路",
            "2021-2023",
            "厂房两栋",
            52000,
            9000,
            700,
            3000,
            "主体",
            "续建",
            30,
            12.5,
            "否",
            "缺电",
            None,
        ],
    )
    assert meanings(district) == (
        "zone name place build_period size investment annual_plan month_done year_done progress batch"
        " land_quota land_quota_wanted government wanted remark"
    )


def test_permits_and_days_of_an_industrial_park():
    found = table(
        line(
            ""
            "项目名称|建设内容|总投资（万元）|项目法人单位|推进责任单位|项目地址|经度|纬度|用地面积|供地时间|计划类别|项目类别|是否开工|计划开工时间"
        )
        + line(
            ""
            "实际开工时间|是否统计入库|农转批复|挂牌公告|土地证|总平方案审核|工程规划许可|施工图审核|签订施工合同|施工许可证|照片"
        ),
        [
            "青岚电机项目",
            "厂房",
            52000,
            "青岚公司",
            "工信局",
            "青禾路",
            113.5,
            34.8,
            "120亩",
            "2022.3",
            "续建",
            "工业",
            "是",
            "2022年5月",
            "2022-06-01",
            "√",
            "已办结",
            "已办结",
            "已办结,手续文号：青国用〔2022〕8号",
            "是",
            "√",
            "办理中",
            "未开始",
            "不涉及",
            None,
        ],
    )
    (row,) = data(found)
    assert row["land_certificate"].value == ("已办结", "青国用〔2022〕8号")
    assert [row[each].value[0] for each in ("drawings", "contract", "works_permit")] == ["办理中", "未开始", "不涉及"]
    assert (row["start_planned"].value.iso(), row["start_actual"].value.iso()) == ("2022-05", "2022-06-01")


def test_approvals_with_groups_of_sub_heads():
    found = table(
        line(
            ""
            "项目名称|建设起止年限|建设性质|用途分类|主要建设内容及规模|年度工作目标|牵头单位|所在区县|是否涉及新增建设用地|用地总面积|新增建设用地面积|先行用地面积"
        ),
        line("|||||||||||是否需要|面积|是否取得批复"),
        [
            "青禾水库",
            "2022-2025",
            "新建",
            "水利",
            "水库一座",
            "截流",
            "水利局",
            "望岫县",
            "是",
            900,
            850.5,
            "是",
            "8公顷",
            "否",
        ],
        merged=[(0, 11, 0, 13), *((0, at, 1, at) for at in range(11))],
    )
    assert meanings(found, 8) == "new_land land_area new_land_area early_land early_land_area early_land_approved"
    assert data(found)[0]["early_land_area"].value == 120


def test_a_true_two_row_head_with_codes():
    found = table(
        line(
            ""
            "序号|项目名称|项目代码|建设单位|主要建设内容|省|市|区县|所属行业大类(2位代码)|小类(4位)|节能审查批复时间|拟投产时间|实际投产时间|节能审查机关"
        )
        + line("文号|年综合能源消费量(万吨标准煤)"),
        [None] * 15 + ["#当量值", "#等价值"],
        [
            1,
            "青岚电机项目",
            "2019-419001-39-03-012345",
            "青岚公司",
            "厂房",
            "河南",
            "郑州",
            "高新",
            39,
            3912,
            44640,
            "2023年底",
            None,
            "省发改委",
            "豫发改能审〔2022〕3号",
            1.2,
            2.3,
        ],
        merged=[*((0, at, 1, at) for at in range(15)), (0, 15, 0, 16)],
    )
    assert meanings(found, 8) == (
        "industry industry_class energy_review_on produce_planned produce_actual energy_reviewer"
        " document_number energy_equivalent energy_primary"
    )
    (row,) = data(found)
    assert row["energy_review_on"].value.iso() == "2022-03-20"
    assert row["energy_review_on"].doubt == "“44640”是Excel的日期序号：按2022年3月20日读入"


def test_summaries_are_told_from_ledgers():
    fund = table(
        line("资金情况（单位：亿元）"),
        line("行政区|在库项目数量|总投资|年度计划投资|统计周期内累计完成投资|年度投资进度|累计已到位资金|资金到位率"),
        ["望岫县", 12, 52, 9, 3, "33.3%", 2.5, "80%"],
        ["合计", 12, 52, 9, 3, "33.3%", 2.5, "80%"],
        name="2023年6月",
    )
    assert (fund.about, kinds(fund)) == ("summary", "dt")
    lines, told = sums(fund)
    assert lines == 1
    assert [(each.heading, each.shown) for each in told[:3]] == [
        ("在库项目数量", "12"),
        ("总投资", "52亿元"),
        ("年度计划投资", "9亿元"),
    ]
    bulletin = table(
        line("11月通报"),
        line("责任单位|项目总数|开工项目|||建成项目|续建项目||前期研究项目|"),
        line("||#年内计划开工数|11月底前计划开工数|12月新增计划开工数||计划数|符合进度要求数|计划数|符合节点要求数"),
        ["工信局", 10, 2, 1, 1, 3, 4, 3, 1, 1],
    )
    assert (bulletin.about, bulletin.first_heading, bulletin.last_heading) == ("summary", 2, 3)
    assert bulletin.columns[4].heading == ("开工项目", "#12月新增计划开工数".removeprefix("#"))
    assert meanings(bulletin, 1, 5) == "count count count count"
    assert [(each.letter, each.shown) for each in sums(bulletin)[1]][:2] == [("B", "10"), ("C", "2")]


def test_lists_of_problems_and_of_a_round():
    problems = table(
        line(
            ""
            "序号|项目名称|存在问题|问题类别|提出时间/来源|解决措施|牵头单位|配合单位|责任领导|责任人|完成时限|进展情况|是否销号|销号日期"
        ),
        [
            1,
            "青岚电机项目",
            "缺电",
            "要素",
            "2023.6",
            "增容",
            "供电公司",
            "工信局",
            "王五",
            "赵六",
            "8月底前",
            "办理中",
            "否",
            "/",
        ],
        name="2023年7月",
    )
    assert meanings(problems, 2) == (
        "problem problem_category raised_on solution unit other_units leader responsible deadline"
        " progress closed closed_on"
    )
    assert data(problems)[0]["deadline"].value.last.isoformat() == "2023-08-31"
    batch = table(
        line(
            ""
            "期次|批次|序号|项目名称|投资方/建设单位|建设内容|总投资|年度计划投资|产业类别|规模档|签约时间|开工时间|投产时间|包联领导|责任单位|备注"
        ),
        [
            "第九期",
            "开工一批",
            1,
            "青岚电机项目（第九期开工项目）",
            "青岚公司",
            "厂房",
            "约5.2亿元",
            "1亿",
            "先进制造业",
            "5–10",
            None,
            "7月",
            None,
            "王五",
            "工信局",
            None,
        ],
        name="2023年7月",
    )
    assert meanings(batch, 0, 4) == "period batch serial name"
    assert data(batch)[0]["name"].value == "青岚电机项目（第九期开工项目）"


def test_several_tables_of_a_sheet_keep_their_own_titles_and_units():
    first, second = read(
        sheet(
            line("表一 2023年7月在建项目||单位：亿元"),
            line("序号|项目名称|总投资"),
            [1, "青岚电机项目", 5.2],
            line("合计"),
            [],
            line("表二 前期项目||单位：万元"),
            line("序号|项目名称|总投资"),
            [1, "望岫物流园", 52000],
            line("注：数据由各单位报送。"),
        )
    ).tables
    assert (first.title, second.title, first.key, second.key) == (
        "表一 2023年7月在建项目",
        "表二 前期项目",
        "0:2",
        "0:7",
    )
    assert yuan(data(first)[0]["investment"]) == yuan(data(second)[0]["investment"]) == 52000 * WAN
    assert (kinds(first), kinds(second)) == ("dtb", "dn")


def test_the_last_project_of_a_table_is_no_title_of_the_next():
    first, second = read(
        sheet(
            line("项目名称|责任单位|总投资（万元）"),
            line("青岚电机项目|工信局|52000"),
            line("望岫物流园|商务局"),
            line("前期项目"),
            line("序号|项目名称|总投资（万元）"),
            line("1|青禾泵站|800"),
            name="",
        )
    ).tables
    assert (kinds(first), kinds(second), second.title) == ("dd", "d", "前期项目")


def test_headings_printed_again_on_every_page_are_no_table_of_their_own():
    found = table(
        line("2023年在建项目（万元）"),
        line("序号|项目名称|总投资"),
        [1, "青岚电机项目", 52000],
        line("序号|项目名称|总投资"),
        [2, "望岫物流园", 3000],
    )
    assert kinds(found) == "dnd"
    assert [yuan(row["investment"]) for row in data(found)] == [52000 * WAN, 3000 * WAN]


@pytest.mark.parametrize(
    "turned",
    [
        [line("序 号|项目 名称|总投资")],
        [line("续上表"), line("序号|项目名称|总投资")],
        [line("2023年在建项目台账（续）"), line("||单位：万元"), line("序号|项目名称|总投资")],
        [line("第1页 共2页"), line(""), line("2023年在建项目台账"), line("||单位：万元"), line("序号|项目名称|总投资")],
    ],
)
def test_a_page_that_is_turned_with_its_title_does_not_end_a_table(turned):
    found = table(
        line("2023年在建项目台账"),
        line("||单位：万元"),
        line("序号|项目名称|总投资"),
        [1, "青岚电机项目", 52000],
        *turned,
        [2, "望岫物流园", 3000],
        line("第2页 共2页"),
    )
    assert set(kinds(found)[1:-2]) <= {"n", "b"}
    assert [row.group for row in found.rows if row.kind == "data"] == [(), ()]
    assert [yuan(row["investment"]) for row in data(found)] == [52000 * WAN, 3000 * WAN]


def test_headings_of_two_rows_printed_again_below_a_group_are_passed_over():
    heads = line("项目概况||推进情况（万元）|"), line("序号|项目名称|总投资|1-6月完成")
    found = table(
        line("2023年6月在建项目"),
        *heads,
        line("（一）化工（1个）"),
        *heads,
        [1, "青岚电机项目", 52000, 900],
        *heads,
        [2, "望岫物流园", 800, 90],
        line("注：金额单位为亿元。"),
        merged=[(1, 0, 1, 1), (1, 2, 1, 3)],
    )
    assert kinds(found) == "gnndnndn"
    assert found.columns[2].heading == ("推进情况（万元）", "总投资")
    assert [yuan(row["investment"]) for row in data(found)] == [52000 * WAN, 800 * WAN]


def test_sheets_that_are_no_ledger_are_named_with_the_reason():
    ledger = sheet(line("项目名称|总投资（万元）"), ["青岚电机项目", 5200], name="台账")
    found = read(
        ledger,
        sheet(line("项目名称|总投资"), ["青岚电机项目", 1], name="旧", hidden=True),
        sheet(line("填写要求"), line("1.如实填写"), name="填表说明"),
        sheet(line("随笔|杂记"), line("一|二"), name="便签"),
        sheet(line("项目名称|总投资（万元）"), name="空表"),
        sheet([], name="Sheet3"),
    )
    assert [each.sheet for each in found.tables] == ["台账"]
    assert found.remarks == (
        "工作表“旧”是隐藏的，没有读入",
        "工作表“填表说明”是说明，不是台账，没有读入",
        "工作表“便签”没有认出表头，没有读入",
        "工作表“空表”只有表头，没有数据，没有读入",
    )


def test_groups_sums_notes_and_signatures_are_no_projects():
    found = table(
        line("序号|项目名称|建设单位|总投资（万元）"),
        [*line("一|先进制造业（2个）||", 14000)[:3], 14000],
        ["（一）", "续建", None, 9000],
        [1, "青岚电机项目", "青岚公司", 9000],
        [None, "其中：续建", None, 4000],
        [None, "小计", None, 9000],
        ["二", "现代服务业（1个）", None, 5000],
        [1, "合计量中心项目", "望岫公司", 5000],
        [None, "全区合计", None, 14000],
        [],
        line("注：以上数据由各单位报送。"),
        line("填表人：张三||审核人：李四"),
    )
    assert kinds(found) == "ggdttgdtbnn"
    assert [row.group for row in found.rows if row.kind == "data"] == [
        ("一、先进制造业（2个）", "（一）续建"),
        ("二、现代服务业（1个）",),
    ]


def test_blanks_under_a_merge_take_its_words_but_never_its_money():
    found = table(
        line("序号|项目名称|责任单位|总投资（万元）"),
        [1, "青岚电机项目", "工信局", 9000],
        [2, "望岫物流园", None, None],
        [3, "青禾泵站", None, 800],
        merged=[(1, 2, 2, 2), (1, 3, 2, 3)],
    )
    first, second, third = data(found)
    assert first["unit"].value == second["unit"].value == ("工信局",)
    assert "unit" not in third
    assert (first["investment"].value, second["investment"].value) == (None, None)
    sentence = "合并单元格的金额：第2行至第3行共用“9000”，不知道各是多少，没有读入：请分别填写"
    assert first["investment"].doubt == second["investment"].doubt == sentence
