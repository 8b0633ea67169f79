"""One report in every format: the same text, and so the same records."""

import re

import pytest
from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls

from projects.intake.formats import pdf, web, word
from projects.intake.opening import read_text
from projects.intake.refusals import Trouble
from projects.intake.tests import making
from projects.intake.tests.making import EM, LAST, LEADING, TEXT, TITLE
from projects.reports import exchange
from projects.reports.grammar import read


def records(text):
    """What the reader makes of a text, without the places in it."""
    told = exchange.as_dict(read(text))
    return [{key: one.get(key) for key in ("name", "batch", "investment_text", "status")} for one in told["projects"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_plain_text_is_as_it_was_sent_in_every_encoding_of_an_office(encoding):
    found = read_text(TEXT.replace("\n", "\r\n").encode(encoding), "报道.txt")
    assert found.text.removeprefix("\ufeff") == TEXT.replace("\n", "\r\n")
    assert found.format == "txt"


def test_traditional_characters_in_big5_and_rare_ones_in_gb18030_are_never_mojibake():
    taiwan = "第九期三個一批活動在開發區舉行，總投資十五億元的項目開工建設。" * 3
    assert read_text(taiwan.encode("big5"), "a.txt").text == taiwan
    assert read_text("项目业主：㛃𬭚公司".encode("gb18030"), "a.md").text == "项目业主：㛃𬭚公司"


def test_word_pdf_and_a_saved_page_give_the_same_text_and_records():
    page = read_text(making.html(), "页面.html")
    assert (page.title, page.published) == (TITLE, "2023-07-12")
    given = {"docx": making.docx(), "pdf": making.article(), "mhtml": making.mhtml()}
    found = {"html": page.text} | {kind: read_text(data, f"报道.{kind}").text for kind, data in given.items()}
    wanted = records(TEXT)
    assert len(wanted) > 5
    for kind, text in found.items():
        assert text == (TEXT.replace(" 三批", "　三批") if kind == "pdf" else TEXT), kind
        assert records(text) == wanted, kind


# ---- Word ------------------------------------------------------------------------------------------
def test_what_word_counts_by_itself_stands_in_front_of_its_paragraph():
    document = Document()
    numbering = document.part.numbering_part.element
    for old in list(numbering):
        numbering.remove(old)
    levels = ((0, "japaneseCounting", "%1、"), (1, "decimal", "%2."), (2, "bullet", "●"))
    drawn = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, style, text in levels
    )
    numbering.append(parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="7">{drawn}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="5"><w:abstractNumId w:val="7"/></w:num>'))
    for level, text in ((0, "签约"), (1, "3万吨线材项目"), (1, "乙项目"), (0, "开工"), (1, "丙项目"), (2, "丁项目")):
        place = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>')
        document.add_paragraph(text)._p.get_or_add_pPr().append(place)
    told = word.read(making.saved(document), "docx")["text"]
    assert told.splitlines() == ["一、签约", "1. 3万吨线材项目", "2. 乙项目", "二、开工", "1. 丙项目", "• 丁项目"]


def test_of_a_word_document_only_what_stands_on_the_page_is_read():
    document = Document()
    paragraph = document.add_paragraph("总投资")
    paragraph.add_run("5亿元").font.hidden = True
    gone = OxmlElement("w:del")
    gone.append(parse_xml(f"<w:r {nsdecls('w')}><w:delText>6亿元</w:delText></w:r>"))
    came = OxmlElement("w:ins")
    came.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>7亿元</w:t></w:r>"))
    paragraph._p.extend([gone, came])
    box = "<w:pict><w:txbxContent><w:p><w:r><w:t>文本框</w:t></w:r></w:p></w:txbxContent></w:pict>"
    document.add_paragraph("正文")._p.append(parse_xml(f"<w:r {nsdecls('w')}>{box}</w:r>"))
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "单位：万元"
    table.cell(1, 0).text, table.cell(1, 1).text, table.cell(1, 2).text = "甲\n项目", "a|b", "3"
    told = word.read(making.saved(document), "docx")["text"]
    assert told.splitlines() == ["总投资7亿元", "正文", "文本框", "单位：万元", "甲项目 | a/b | 3"]


# ---- PDF -------------------------------------------------------------------------------------------
def test_columns_are_read_one_after_the_other_and_a_headline_across_both_first():
    left, right = "左栏文字说云岭轴承项目，" * 12, "右栏文字说澄江电池项目，" * 12
    one, _ = making.wrapped(left, 120, wide=16, left=60)
    two, _ = making.wrapped(right, 120, wide=16, left=60 + 20 * EM)
    across = (60, 120 - 2 * LEADING, "横贯两栏的标题说第九期三个一批活动在开发区举行")
    told = pdf.read(making.pdf([across, *[each for pair in zip(one, two, strict=True) for each in pair]]), "pdf")[
        "text"
    ]
    assert told.splitlines() == [across[2], left, right]


def test_slanted_text_is_a_watermark_and_a_page_of_a_picture_is_named():
    lines, _ = making.wrapped(LAST, 100)
    slanted = (b"BT /F1 12 Tf 1 0 0 1 80 100 Tm", b"BT /F1 12 Tf 0.7 0.7 -0.7 0.7 80 100 Tm")
    data = making.pdf([*lines, (80, 742, "内部资料不得外传")], [making.PICTURE])
    told = pdf.read(data.replace(*slanted), "pdf")
    assert told["text"] == LAST + "\n"
    assert told["remark"] == "第 2 页是图片，没有读取；里面有项目的，请转成文字后另行上传。"


def test_a_table_without_rules_is_read_in_rows_also_where_the_page_lies_on_its_side():
    rows = [[cell[:6] for cell in making.ROWS[0]], *making.ROWS[1:]]
    drawn = [
        (x, 100 + LEADING * at, text)
        for at, row in enumerate(rows)
        for x, text in zip((80, 140, 320, 440), row, strict=True)
        if text
    ]
    upright = making.pdf(drawn)
    lying = re.sub(
        rb"1 0 0 1 (\d+) (\d+) Tm", lambda place: b"0 1 -1 0 %d %b Tm" % (842 - int(place[2]), place[1]), upright
    )
    for data in (upright, lying.replace(b"/Contents", b"/Rotate 90/Contents")):
        told = pdf.read(data, "pdf")["text"].splitlines()
        assert told == [" | ".join(row).replace("|  |", "| |") for row in rows]


# ---- Web pages -------------------------------------------------------------------------------------
FIRST, SECOND = making.PARAGRAPHS[:2]
GOVERNMENT = f"""<title>名单公布-青禾县人民政府</title><body><table><tr><td><table><tr><td><a href=1>首页</a></td></tr>
</table></td></tr><tr><td><table><tr><td><ul><li><a>左一</a><li><a>左二</a><li><a>左三</a></ul></td><td><table>
<tr><td><b>名单公布</b></td></tr><tr><td>来源：青禾发布　发布时间：2023年07月12日 09:20:11　点击数：33</td></tr>
<tr><td>&nbsp;&nbsp;{FIRST}<br>\n&nbsp;&nbsp;{SECOND}<br>
<table border=1><tr><td><p>项目名称</p></td><td>总投资</td></tr><tr><td>泉口纸制品项目</td><td>4.2亿元</td></tr></table>
</td></tr><tr><td>【打印】【关闭】</td></tr></table></td></tr></table>
</td></tr><tr><td>主办单位：青禾县人民政府</td></tr></table>"""
ACCOUNT = f"""<meta property="og:title" content="名单公布"><body><h1>名单公布</h1>
<em id="publish_time">2023-07-12 10:00</em><div id="js_content" style="visibility: hidden">
<section><section><p><span>{FIRST[:9]}</span><span>{FIRST[9:]}</span></p></section></section>
<section><p>{SECOND}</p></section></div><div>推荐阅读</div><div><a>阅读原文</a>阅读 1万</div>"""
SITE = f"""<title>名单公布_青禾网</title>
<script type="application/ld+json">{{"datePublished": "2023-07-12T10:00"}}</script>
<body class="main-nav-page"><header><nav><a>首页</a></nav></header><main><article><h1>名单公布</h1><p>{FIRST}</p>
<div class="ad-slot"><p>广告：总投资1亿元的楼盘，欢迎来电。</p></div><p>{SECOND}</p></article>
<section class="related"><h3>相关阅读</h3><a>邻县项目开工</a></section></main><footer>版权所有</footer>"""


@pytest.mark.parametrize(("page", "table"), [(GOVERNMENT, True), (ACCOUNT, False), (SITE, False)])
def test_of_every_kind_of_page_the_article_is_read_whole_and_nothing_else(page, table):
    told = web.read(f"<html><head><meta charset=utf-8>{page}</body></html>".encode(), "html")
    rows = ["项目名称 | 总投资", "泉口纸制品项目 | 4.2亿元"] if table else []
    assert told["text"].splitlines() == ["名单公布", FIRST, SECOND, *rows]
    assert told["title"] == "名单公布"
    assert told["published"] == "2023-07-12"


def test_a_paragraph_is_no_furniture_for_a_word_that_furniture_has():
    told = [
        "3.聚乳酸3D打印耗材项目，7200万元，工艺包验收没有通过。",
        "全县关闭小化工企业37家，腾出的地块建云汀打印机基地项目。",
        "打印、扫描设备产业园项目总投资3亿元，已经动工。",
        "相关链接：澄江储能电池项目总投资5亿元，是去年签约的项目。",
    ]
    head = "<meta charset=utf-8><title>名单</title><body><div title='header'><p>总投资99亿元的页眉项目</p></div>"
    page = f"<html>{head}<div>"
    page += f"<p>{FIRST}</p><p>{SECOND}</p>{''.join(f'<p>{each}</p>' for each in told)}"
    page += "<p>南坡光学镜片项目尚未开工。（责任编辑：李明）</p><p>【打印本页】</p>"
    page += "<p>相关阅读</p><p>总投资8亿元的旧闻</p>"
    found = web.read(f"{page}</div></body></html>".encode(), "html")["text"].splitlines()
    assert found == ["名单", FIRST, SECOND, *told, "南坡光学镜片项目尚未开工。"]


def test_a_page_with_a_broken_byte_is_read_and_one_of_broken_bytes_is_not():
    page = making.html()
    end = page.rindex("达效".encode("gbk"))
    assert LAST[:9] in web.read(page[:end] + b"\xff" + page[end:], "html")["text"]
    with pytest.raises(Trouble, match="encoding"):
        web.read(b"<html>" + b"\xff\x00" * 500, "html")
