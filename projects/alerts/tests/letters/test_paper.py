"""The Word file of a letter as a real reader finds it, and the field order of the office's own papers."""

from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm

from projects.alerts.letters import drafting, issuing
from projects.alerts.models import Alert

from .conftest import draft, sent

pytestmark = pytest.mark.django_db


def read(data: bytes) -> tuple[Any, str, list[list[str]]]:
    """The document, its text in reading order with tables left out, and the first column of every table."""
    word = Document(BytesIO(data))
    tables = [[row.cells[0].text for row in table.rows] for table in word.tables]
    return word, "\n".join(each.text for each in word.paragraphs), tables


def in_order(text: str, *words: str) -> bool:
    at = 0
    for each in words:
        at = text.index(each, at) + len(each)
    return at > 0


def test_the_fields_stand_in_the_order_of_real_letters(town: Any, head: Any, red: Alert) -> None:
    word, text, tables = read(issuing.word_of(sent(red, town)))
    assert in_order(
        text,
        "郑高新督〔2023〕1号",
        "关于甲项目预警事项的督办函",
        "高新区经济发展局：",
        "项目：甲项目。",
        "一、触发依据",
        "甲项目：截至2023年6月，年度计划1.00亿元，应完成50.0%，实际0.0%，落后50.0个百分点",
        "规则：",
        "数据截至2023年6月",
        "红色预警自2023年7月10日起",
        "二、要求",
        "限期整改到位",
        "反馈时限：2023年7月13日前。",
        "联系人：陈项目办，电话：0371-67981234。",
        "附件：反馈单",
        "郑州高新技术产业开发区项目办",
        "2023年7月10日",
        "反馈单",
    )
    assert tables == [
        ["签收单位", "签收人", "签收日期"],
        ["原因（分类）", "已采取的措施", "整改计划（节点、责任人）", "预计恢复日期", "请求协调事项", "佐证"],
    ]
    section = word.sections[0]
    assert section.page_width == pytest.approx(Mm(210), abs=Mm(0.1))
    assert section.first_page_header.paragraphs[0].text == "郑州高新技术产业开发区项目办"
    assert "PAGE" not in section.first_page_footer._element.xml
    assert "PAGE" in section.footer._element.xml


def test_a_call_says_when_where_who_and_why_and_brings_its_record_along(town: Any, head: Any, red: Alert) -> None:
    _, text, tables = read(issuing.word_of(draft(red, town, "talk")))
    assert in_order(
        text,
        "郑高新约〔　　〕　号（送审稿）",
        "一、约谈事由",
        "二、约谈安排",
        "时间：2023年7月12日下午3:30。",
        "地点：三楼会议室。",
        "约谈人：高主任。",
        "被约谈人：张局长。",
        "三、要求",
        "　　年　　月　　日",
        "约谈记录",
    )
    assert tables[-1] == ["时间", "约谈人", "被约谈人", "事由", "表态和承诺", "期限"]


def test_whatever_was_pasted_stands_in_the_paper_as_text(town: Any, head: Any, red: Alert) -> None:
    letter = drafting.edit(draft(red, town), {"demands": "一、<b>限期</b>&\x0b整改\n=1+1"}, by=town.chen)
    _, text, _ = read(issuing.word_of(letter))
    assert "一、<b>限期</b>&\n整改\n=1+1" in text
