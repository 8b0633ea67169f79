"""Whatever a sheet holds, it is read without an error, and no amount without a unit."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from projects.intake.opening import Merged, Sheet
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.tests.understanding.making import ON
from projects.ledgers.understanding import understand

WORDS = [synonym for meaning in MEANINGS.values() for synonym in meaning.synonyms] + [
    "3月实际完成投资（万元）",
    "2023年1-7月累计完成投资",
    "单位：万元",
    "合计",
    "一、先进制造业（2个）",
    "5.2亿",
    "约1200",
    "2021-2023",
    "6月",
    "2023.6",
    "-",
    "无",
    "年底",
    "100%",
    "是",
    "未开工",
    "报送单位：经发局",
    "2023年7月进度表",
    "注：无",
    "已办结,手续文号：甲",
    "#REF!",
    "（亿元）",
    "2024.13-",
]
CELLS = (
    st.sampled_from(WORDS)
    | st.sampled_from(WORDS)
    | st.none()
    | st.text(max_size=12)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes()
)


@st.composite
def sheets(draw):
    width = draw(st.integers(0, 7))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8))
    if width > 2 and draw(st.booleans()):
        rows.insert(
            min(1, len(rows)),
            ["序号", "项目名称", *draw(st.lists(st.sampled_from(WORDS), min_size=width - 2, max_size=width - 2))],
        )
    merged = draw(st.lists(st.tuples(*[st.integers(0, 9)] * 4), max_size=4))
    return Sheet(
        draw(st.sampled_from(["", "2023年7月", "说明"])),
        tuple(map(tuple, rows)),
        tuple(Merged(*each) for each in merged),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(sheets(), max_size=2))
def test_any_sheet_is_read_and_no_amount_has_no_unit(given_sheets):
    for table in understand(given_sheets, on=ON).tables:
        money = [column for column in table.columns if column.meaning and MEANINGS[column.meaning].shape == "money"]
        for row in table.rows:
            for column in money if row.kind in ("data", "total") else ():
                value = row.cells.get(column.index)
                if value and value.value and value.value.high and not column.unit:
                    assert isinstance(value.raw, str)
                    assert any(sign in value.raw for sign in "元圆万亿币億萬")


def test_thousands_of_rows_are_read_at_a_steady_pace():
    heads = [
        "序号",
        "项目名称",
        "建设单位",
        "建设起止年限",
        "总投资（亿元）",
        "年度计划投资（万元）",
        "7月完成投资（万元）",
        "形象进度",
        "是否开工",
        "计划开工时间",
        "责任单位",
        "投资完成率",
    ]
    rows = [
        (
            at,
            f"青岚{at}号产业园项目",
            f"青岚{at}公司",
            "2021-2023",
            at / 100 + 1,
            at + 500,
            at,
            f"第{at}层",
            "是",
            "2023.6",
            "工信局",
            0.5,
        )
        for at in range(5000)
    ]
    began = time.process_time()
    (table,) = understand([Sheet("2023年7月", (tuple(heads), *rows))], on=ON).tables
    assert sum(len(row.cells) for row in table.rows) == 5000 * 12
    assert time.process_time() - began < 2
