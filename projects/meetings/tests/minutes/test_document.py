"""The Word file and the table as a real reader finds them."""

import zipfile
from datetime import date, timedelta
from io import BytesIO
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from projects import papers
from projects.meetings import closing, deciding, issuing, sheet
from projects.meetings.models import Decision


@pytest.fixture
def word(minutes):
    return Document(BytesIO(issuing.word_of(minutes)))


def test_the_order_is_that_of_real_minutes(word):
    said = [paragraph.text for paragraph in word.paragraphs]
    inside = "\n".join(said)
    places = [
        inside.index(words)
        for words in (
            "郑州高新技术产业开发区周例会纪要",
            "2023年第1次（送审稿）",
            "高新区2023年第1次周例会纪要",
            "2023年7月10日上午9:00，高主任在管委会三楼会议室主持召开",
            "一、会议内容",
            "（二）项目推进情况",
            "（四）会议强调",
            "各单位要逐项销号。",
            "二、议定事项",
            "1．传感器项目：7月20日前完成线杆迁改。",
            "责任单位：高新区经济发展局；协办单位：企业服务局、行政审批局；责任人：张联络；完成时限：2023年7月20日。",
            "2．物流园项目：=1+1 办理用地手续。",
            "责任单位：待明确；完成时限：未定。",
            "附件：议定事项清单",
            "出席：经济发展局张三；企业服务局李四",
        )
    ]
    assert places == sorted(places)
    imprint = [row.cells[0].text for row in word.tables[0].rows]
    assert imprint == ["分送：管委会领导，各局办。", "郑州高新技术产业开发区项目办\t"]


def test_the_page_is_that_of_the_standard(word):
    section = word.sections[0]
    close_to = {"abs": Mm(0.1)}
    assert section.page_width == pytest.approx(Mm(210), **close_to)
    assert section.top_margin == pytest.approx(Mm(37), **close_to)
    assert section.left_margin == pytest.approx(Mm(28), **close_to)
    assert section.page_width - section.left_margin - section.right_margin == pytest.approx(Mm(156), **close_to)
    assert section.page_height - section.top_margin - section.bottom_margin == pytest.approx(Mm(225), **close_to)
    text = word.styles["纪要正文"]
    assert text.font.size == Pt(16)
    assert 22 * text.paragraph_format.line_spacing <= Mm(225)
    closer = int(text.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert Mm(155) < 28 * Pt(16 + closer) <= Mm(156)
    faces = {name: word.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) for name in ("纪要正文", "一级标题")}
    assert faces == {"纪要正文": "仿宋_GB2312", "一级标题": "黑体"}
    assert word.settings.odd_and_even_pages_header_footer
    assert [footer.paragraphs[0].alignment for footer in (section.footer, section.even_page_footer)] == [2, 0]
    assert "— " in section.footer.paragraphs[0].text
    assert "PAGE" in section.even_page_footer.paragraphs[0]._p.xml


def test_a_paper_takes_whatever_was_pasted(town, minutes):
    pasted = "A\x0bB\x00\t<表格>&\r\n" + "字" * 20_000 + "\ud800"
    blocks = [papers.Block(papers.Kind.TEXT, pasted), papers.Block(papers.Kind.SECOND, "其后。", "（一）小标题。")]
    said = [paragraph.text for paragraph in Document(BytesIO(papers.write(blocks, "纪要"))).paragraphs]
    assert said[0].startswith("AB\t<表格>&")
    assert said[0].endswith("字")
    assert said[1] == "（一）小标题。其后。"


def test_headings_are_known_by_how_they_begin():
    minutes_text = "（一）总体情况\n（二）进展。项目37个。\n（三）" + "长" * 50 + "\n一、要求\n1．普通一段"
    kinds = [(block.kind.value, block.label) for block in papers.paragraphs(minutes_text)]
    assert kinds == [
        ("second", "（一）总体情况"),
        ("second", "（二）进展。"),
        ("text", ""),
        ("first", ""),
        ("text", ""),
    ]


SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(kept):
    """Type and text of every cell, row by row, as they stand in the file."""
    with zipfile.ZipFile(kept) as book:
        page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    for row in page.iter(f"{SHEET}row"):
        found = [(cell.get("t"), "".join(cell.itertext())) for cell in row.iter(f"{SHEET}c")]
        yield [each for each in found if each[1] or each[0]]


def test_the_table_has_a_row_for_each_decision_and_no_formula(town, meeting):
    with sheet.table(Decision.objects.order_by("number"), "议定事项清单") as kept:
        title, head, first, second = cells(kept)
    assert [text for _, text in title] == ["议定事项清单"]
    assert [text for _, text in head] == [label for label, _ in sheet.COLUMNS]
    assert [text for _, text in first[5:8]] == ["高新经发局", "企业服务局、行政审批局", "张联络"]
    assert date(1899, 12, 30) + timedelta(days=int(first[9][1])) == date(2023, 7, 20)
    assert second[4] == ("inlineStr", "=1+1 办理用地手续")


def test_the_list_is_exported_as_it_is_seen(town, client, minutes):
    issuing.issue(minutes, town.gao)
    town.sign_in(client, "zhang")
    where = "/admin/projects_meetings/decision/table/"
    for asked, number in (("state=unfinished&q=用地", 1), ("state=unfinished", 2), ("state=done", 0)):
        answer = client.get(f"{where}?{asked}")
        _, _, *rows = cells(BytesIO(b"".join(answer.streaming_content)))
        assert len(rows) == number, asked
    assert client.get(f"{where}?nothing=1").headers["location"] == where
    town.sign_in(client, "li")
    _, _, *rows = cells(BytesIO(b"".join(client.get(f"{where}?state=all").streaming_content)))
    assert rows == []


def test_the_number_of_decisions_costs_no_statement(town, meeting, django_assert_num_queries):
    for number in range(30):
        deciding.decide(meeting, f"事项{number}", lead=town.east_office, by=town.chen)
    with django_assert_num_queries(2), sheet.table(Decision.objects.all(), "清单"):
        pass


def test_issued_minutes_carry_who_issued_them_and_when(town, minutes):
    closing.edit(minutes, {"copies": 30}, by=town.chen)
    issued = Document(BytesIO(issuing.word_of(issuing.issue(minutes, town.gao))))
    said = [paragraph.text for paragraph in issued.paragraphs]
    assert "2023年第1次" in said
    assert "郑州高新技术产业开发区项目办\t2023年7月10日" in said
    assert "（本纪要经高主任审定签发）" in said
    imprint = [row.cells[0].text for row in issued.tables[0].rows]
    assert imprint[1:] == ["郑州高新技术产业开发区项目办\t2023年7月10日印发", "共印30份"]
