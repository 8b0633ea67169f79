"""Every dirty value that was seen is read, doubted or refused, each with its sentence."""

from datetime import date, datetime

import pytest

from projects.ledgers.understanding.cells import About, reader
from projects.money import Amount

WAN, YI = 10_000, 100_000_000


@pytest.mark.parametrize(
    ("cell", "low", "high", "doubt"),
    [
        (1200, 1200 * WAN, None, ""),
        (1200.0000000001, 1200 * WAN, None, ""),
        (5363.47, 5363_4700, None, ""),
        (0.1 + 0.2, 3000, None, ""),
        (1733.3333333333333, 1733_3333, None, ""),
        (12.34567, 123_457, None, "“12.34567”精确到了分：按12.3457万元读入"),
        ("1,200.00", 1200 * WAN, None, ""),
        ("１２００", 1200 * WAN, None, ""),
        (" 1200 \n", 1200 * WAN, None, ""),
        ("5.2\n亿元", 52000 * WAN, None, ""),
        ("1，200", 1200 * WAN, None, "“1，200”：按1200万元读入"),
        ("1 200", 1200 * WAN, None, "“1 200”：按1200万元读入"),
        ("1.2E+05", 12 * YI, None, "“1.2E+05”：按12亿元读入"),
        ("5.2亿", 52000 * WAN, None, ""),
        ("5.2 亿元", 52000 * WAN, None, ""),
        ("800万", 800 * WAN, None, ""),
        ("约1200", 1200 * WAN, None, "“约1200”：按约1200万元读入"),
        ("约465亿元", 465 * YI, None, "“约465亿元”：按约465亿元读入"),
        ("1200左右", 1200 * WAN, None, "“1200左右”：按约1200万元读入"),
        ("30-50亿元", 30 * YI, 50 * YI, "“30-50亿元”：按30—50亿元读入"),
        ("0", 0, None, ""),
        (0, 0, None, ""),
    ],
)
def test_money_is_read_in_the_unit_of_its_column_or_its_own(cell, low, high, doubt):
    value = reader("money", About(unit="万元"))(cell)
    assert (value.value.low, value.value.high, value.doubt, value.wrong) == (
        low,
        low if high is None else high,
        doubt,
        False,
    )
    assert value.raw is cell


@pytest.mark.parametrize("cell", ["-", "/", "——", "无", "待定", "—", "\\", "N/A", "  "])
@pytest.mark.parametrize("shape", ["money", "percent", "date", "period", "names", "name", "count", "area", "text"])
def test_signs_for_nothing_are_nothing_and_never_zero(cell, shape):
    value = reader(shape, About(unit="万元"))(cell)
    assert (value.value, value.doubt, value.wrong) == (None, "", False)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (-5, "“-5”是负数：金额不能小于零，调减请在说明中写明"),
        ("-5", "“-5”是负数：金额不能小于零，调减请在说明中写明"),
        (date(2023, 6, 1), "“2023-06-01”是日期，这里应填金额：请改成数字"),
        (True, "“是”是是否，这里应填金额：请改成数字"),
        (float("nan"), "“nan”不是数字：请核对公式"),
        (10**18, "“1000000000000000000”过大：请核对单位"),
        ("#REF!", "“#REF!”是公式错误：请改成正确的内容"),
        ("=B2*2", "“=B2*2”是公式：请改成数字"),
        ("已完成", "“已完成”不是能读懂的金额：请写成“5363.47万元”或“12.5亿元”这样的数字加单位"),
        ("1200其中设备500", "“1200其中设备500”不是能读懂的金额：请写成“5363.47万元”或“12.5亿元”这样的数字加单位"),
        ("12,00", "“12,00”的逗号位置不对：请去掉逗号"),
        ("0120", "“0120”的数字不完整：请核对原件后补全"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence(cell, sentence):
    value = reader("money", About(unit="万元"))(cell)
    assert (value.value, value.doubt, value.wrong) == (None, sentence, True)


def test_without_a_unit_only_cells_that_name_their_own_are_read():
    read = reader("money", About())
    assert read("5.2亿").value == Amount(52000 * WAN, 52000 * WAN)
    for cell in (1200, "1200", "约1200", 5.2):
        assert read(cell).value is None
        assert read(cell).doubt == f"“{cell}”没有单位：请先说明这一列是元、万元还是亿元"
        assert not read(cell).wrong


@pytest.mark.parametrize(
    ("cell", "iso", "doubt"),
    [
        ("2023.6", "2023-06", ""),
        (2023.6, "2023-06", ""),
        (2023.12, "2023-12", ""),
        (2023.1, "2023-01", "“2023.1”：按2023年1月读入，也可能是2023年10月"),
        ("2023.1", "2023-01", ""),
        ("2023年6月底", "2023-06", ""),
        ("2023年6月底前", "2023-06", ""),
        ("6月", "2023-06", "“6月”：按2023年6月读入"),
        ("年底", "2023-12", "“年底”：按2023年12月读入"),
        ("22年5月", "2022-05", ""),
        ("6.30", "2023-06-30", "“6.30”：按2023年6月30日读入"),
        ("23.6", "2023-06", "“23.6”：按2023年6月读入"),
        (45078, "2023-06-01", "“45078”是Excel的日期序号：按2023年6月1日读入"),
        ("45078", "2023-06-01", "“45078”是Excel的日期序号：按2023年6月1日读入"),
        (202306, "2023-06", ""),
        (20230605, "2023-06-05", ""),
        (2023, "2023", ""),
        ("2023/6/5", "2023-06-05", ""),
        ("2023.6.5", "2023-06-05", ""),
        ("2023年 6月\n5日", "2023-06-05", ""),
        ("二〇二三年六月", "2023-06", ""),
        ("2023年三季度", "2023-Q3", ""),
        (date(2023, 6, 5), "2023-06-05", ""),
        (datetime(2023, 6, 5, 8, 30), "2023-06-05", ""),
        ("2023年6月（已开工）", "2023-06", "“2023年6月（已开工）”：按2023年6月读入"),
    ],
)
def test_dates_are_read_as_precisely_as_they_are_written(cell, iso, doubt):
    value = reader("date", About(year=2023))(cell)
    assert (value.value.iso(), value.doubt) == (iso, doubt)


@pytest.mark.parametrize(
    ("cell", "year", "sentence", "wrong"),
    [
        ("未开工", 2023, "“未开工”不是日期，只保留原文", False),
        ("正在办理", 2023, "“正在办理”不是日期，只保留原文", False),
        ("6月", None, "“6月”没有写年份，只保留原文", False),
        ("2023-06-31", 2023, "“2023-06-31”不是存在的日期：请核对月和日", True),
        (123456789.5, 2023, "“123456789.5”不是能读懂的日期：请写成2023年6月30日、2023年6月或2023-06-30", True),
    ],
)
def test_words_in_a_column_of_dates_are_no_date(cell, year, sentence, wrong):
    value = reader("date", About(year=year))(cell)
    assert (value.value, value.doubt, value.wrong) == (None, sentence, wrong)


def test_a_text_file_may_have_lost_the_zero_of_october():
    assert reader("date", About(plain_text=True))("2023.1").doubt == "“2023.1”：按2023年1月读入，也可能是2023年10月"


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2021/2024", "2021", "2024"),
        ("2021-2023", "2021", "2023"),
        ("2021-2023年", "2021", "2023"),
        ("2021-01 至 2023-12", "2021-01", "2023-12"),
        ("2023.3-2024.10", "2023-03", "2024-10"),
        ("2022年6月—2024年底", "2022-06", "2024-12"),
        ("2023年3月-10月", "2023-03", "2023-10"),
        ("2023/6/1-2024/5/1", "2023-06-01", "2024-05-01"),
        ("2023-6-1—2024-5-1", "2023-06-01", "2024-05-01"),
        ("202206-202412", "2022-06", "2024-12"),
        ("2022年6月\n2024年12月", "2022-06", "2024-12"),
        (2023, "2023", "2023"),
    ],
)
def test_periods_have_two_ends(cell, first, last):
    value = reader("period", About(year=2023))(cell)
    assert (value.value[0].iso(), value.value[1].iso(), value.doubt) == (first, last, "")


def test_periods_that_are_none_keep_their_words():
    read = reader("period", About(year=2023))
    assert (read("36个月").value, read("36个月").doubt) == (None, "“36个月”不是起止时间，只保留原文")
    assert read("2024-2021").wrong


@pytest.mark.parametrize(
    ("scale", "cell", "points", "doubt"),
    [
        (100, 0.635, 63.5, ""),
        (100, 1, 100, ""),
        (1, 63.5, 63.5, ""),
        (1, 100, 100, ""),
        (1, "100%", 100, ""),
        (100, "41.7%", 41.7, ""),
        (None, 1, 100, "“1”：按100%读入"),
        (1, "完成60%", 60, "“完成60%”：按60%读入"),
    ],
)
def test_percentages_are_points_whatever_the_column_counts_in(scale, cell, points, doubt):
    value = reader("percent", About(scale=scale))(cell)
    assert (value.value, value.doubt) == (points, doubt)


@pytest.mark.parametrize(
    ("shape", "cell", "read_as", "doubt"),
    [
        ("flag", "是", True, ""),
        ("flag", "√", True, ""),
        ("flag", "已开工", True, ""),
        ("flag", "在建", True, ""),
        ("flag", "否", False, ""),
        ("flag", "×", False, ""),
        ("flag", "未开工", False, ""),
        ("flag", "无", False, ""),
        ("flag", 1, True, ""),
        ("flag", "拟开工", False, "“拟开工”：按“否”读入"),
        ("flag", date(2023, 6, 1), True, "“2023-06-01”：按“是”读入"),
        ("flag", "部分", None, "“部分”看不出是或否，只保留原文"),
        ("permit", "已办结,手续文号：青环审〔2023〕12号", ("已办结", "青环审〔2023〕12号"), ""),
        ("permit", "未办结,正在公示", ("办理中",), ""),
        ("permit", "不涉及", ("不涉及",), ""),
        ("permit", "青环审〔2023〕12号", ("已办结", "青环审〔2023〕12号"), ""),
        ("permit", "2023.5", ("已办结", "2023.5"), "“2023.5”：按已办结读入"),
        ("names", "发改局、工信局，商务局", ("发改局", "工信局", "商务局"), ""),
        ("names", "XX局/XX办", ("XX局", "XX办"), ""),
        ("names", "工信局\n商务局", ("工信局", "商务局"), ""),
        ("name", "1、青岚厂 房\n项目（一期）（西区）", "青岚厂房项目（一期）（西区）", ""),
        ("phone", 13900001111.0, "13900001111", ""),
        ("national_code", "2301-419001-04-01-123456", "2301-419001-04-01-123456", ""),
        ("national_code", "2301-4190", "2301-4190", "“2301-4190”不是24位项目代码：按原文保留，请核对"),
        ("credit_code", "91512081MA62K0260E", "91512081MA62K0260E", ""),
        (
            "credit_code",
            "91512081MA62K0260F",
            "91512081MA62K0260F",
            "“91512081MA62K0260F”不符合统一社会信用代码的校验规则：按原文保留，请核对",
        ),
        ("area", "8公顷", 120, "“8公顷”：按120亩读入"),
        ("area", "约120亩", 120, "“约120亩”：按120亩读入"),
        ("count", "12个", 12, ""),
        ("text", "第一行\n第二行 ", "第一行\n第二行", ""),
        ("text", 12.0, "12", ""),
    ],
)
def test_words_are_read_for_what_they_mean(shape, cell, read_as, doubt):
    value = reader(shape, About())(cell)
    assert (value.value, value.doubt) == (read_as, doubt)


def test_a_code_that_excel_made_a_number_has_lost_digits():
    value = reader("credit_code", About())(9.1410100123e17)
    assert value.wrong
    assert value.doubt.endswith("被Excel存成了数字，末几位可能已丢失：请按文本重新填写")
