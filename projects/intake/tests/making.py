"""Files as offices send them, and files that nobody should send, made byte by byte."""

import re
import zipfile
from io import BytesIO

from docx import Document

TITLE = "青禾县开发区：项目逐月对账 三批名单公布"
PARAGRAPHS = [
    "7月10日，第九期“三个一批”活动在青禾县开发区举行。开发区“签约一批”项目2个，总投资15亿元；“开工一批”项目3个，"
    "总投资21.6亿元；“投产一批”项目1个，总投资4.5亿元。",
    "“签约一批”2个，分别为云岭智能轴承项目、澄江储能电池项目。其中总投资12亿元的云岭智能轴承项目由云岭精工科技有限公司"
    "投资建设，计划2024年3月开工；总投资3亿元的澄江储能电池项目占地120亩，达产后年产值5亿元。",
    "北岗铸件产业园项目（一期）总投资8.6亿元，年度计划投资2.5亿元，截至6月底已完成投资1.2亿元。因土地手续未办完，"
    "南坡光学镜片项目尚未开工。",
]
ROWS = [
    ["序号", "项目名称", "所在乡镇", "总投资（万元）"],
    ["1", "泉口纸制品项目", "泉口镇", "42000"],
    ["2", "青禾冷链物流基地项目", "", "86000"],
    ["3", "丰原生物材料项目", "西关乡", "11500"],
]
LAST = "项目办负责人说，下一步要让签约项目早开工、开工项目早投产、投产项目早达效。"
TEXT = "\n".join([TITLE, *PARAGRAPHS, *(" | ".join(row) for row in ROWS), LAST]).replace("|  |", "| |") + "\n"


def docx():
    document = Document()
    document.sections[0].header.paragraphs[0].text = "总投资99亿元的页眉项目"
    document.add_heading(TITLE, 0)
    for paragraph in PARAGRAPHS:
        document.add_paragraph(paragraph)
    table = document.add_table(len(ROWS), len(ROWS[0]))
    for at, row in enumerate(ROWS):
        for cell, text in zip(table.rows[at].cells, row, strict=True):
            cell.text = text
    table.cell(1, 2).merge(table.cell(2, 2))
    document.add_paragraph(LAST)
    return saved(document)


def saved(document):
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def html(encoding="gb18030"):
    cells = [[f"<td>{cell}</td>" for cell in row] for row in ROWS]
    cells[1][2], cells[2][2] = "<td rowspan=2>泉口镇</td>", ""
    cells[2][1] = "<td>青禾冷链物流<br>\n基地项目</td>"
    table = "".join(f"<tr>{''.join(row)}</tr>\n" for row in cells)
    paragraphs = "\n".join(f"<p>　　{text.replace('。', '。' + chr(10))}</p>" for text in PARAGRAPHS)
    page = f"""<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>{TITLE}_青禾县人民政府</title><meta name="PubDate" content="2023-07-12 09:30">
<script>var a = "总投资99亿元的脚本项目";</script></head><body>
<ul class="nav"><li><a href="1">政务公开</a></li><li><a href="2">总投资50亿元的导航项目</a></li></ul>
<div class="wz">当前位置：<a href="/">首页</a> &gt; 新闻</div>
<div class="main"><h1>{TITLE}</h1><div class="info">发布时间：2023-07-12 来源：青禾发布 浏览次数：123</div>
<div id="zoom">{paragraphs}<table>{table}</table><p>{LAST}</p></div>
<div class="share">分享到：微信</div><div>上一篇：<a href="3">总投资8亿元的旧闻项目开工</a></div>
<div class="right"><h3>相关新闻</h3><ul><li><a href="4">投资30亿元的邻县项目签约</a></li></ul></div>
<div class="comments"><p>总投资7亿元的传言项目何时开工？大家都在等，希望有人回答一下。</p></div></div>
<div class="footer">版权所有 青禾县人民政府</div></body></html>"""
    return page.encode(encoding)


def mhtml():
    head = (
        b"From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    )
    return head + b"Content-Type: text/html; charset=gb2312\r\n\r\n" + html() + b"\r\n--b--\r\n"


# ---- PDF -------------------------------------------------------------------------------------------
WIDE, EM, LEADING = 36, 12, 20  # characters of a line, points of a character, points of a line


def pdf(*pages, extra=""):
    """Pages of (x, y from the top, text) and of (x0, y0, x1, y1) for rules; text in a font that is not embedded."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    objects.append(
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font"
        "/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>"
        "/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]"
        "/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>/DW 1000>>]>>"
    )
    kids = []
    for page in pages:
        stream = "\n".join(map(_drawn, page))
        objects.append(f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects)} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>"
    made, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    made += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}trailer\n"
    made += f"<</Size {len(places) + 1}/Root 1 0 R{extra}>>\nstartxref\n{made.index('xref')}\n%%EOF\n"
    return made.encode("latin-1")


PICTURE = "q 200 0 0 200 80 300 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q"


def _drawn(piece):
    if isinstance(piece, str):
        return piece
    if len(piece) == 4:
        x0, y0, x1, y1 = piece
        return f"0.5 w {x0} {842 - y0} m {x1} {842 - y1} l S"
    x, y, text = piece
    return f"BT /F1 {EM} Tf 1 0 0 1 {x} {842 - y} Tm <{text.encode('utf-16-be').hex()}> Tj ET"


def wrapped(text, y, *, wide=WIDE, left=80):
    """A paragraph with its first line indented. Quotation marks are drawn after their line, as many programs do."""
    pieces, at = [], 0
    while at < len(text):
        indent = 2 if at == 0 else 0
        line = text[at : at + wide - indent]
        at += wide - indent
        drawn = [(left + (indent + run.start()) * EM, y, run.group()) for run in re.finditer("[“”]|[^“”]+", line)]
        pieces += sorted(drawn, key=lambda piece: piece[2] in "“”")
        y += LEADING
    return pieces, y


def article():
    """The report on two pages, with a running head, a page number and a ruled table."""
    first, y = [(80, 130, TITLE.replace(" ", "　"))], 170
    for paragraph in PARAGRAPHS:
        lines, y = wrapped(paragraph, y)
        first += lines
    second, xs, top = [], (80, 130, 300, 390, 515), 100
    for at, row in enumerate(ROWS):
        second.append((80, top + at * 30, 515, top + at * 30))
        for left, cell in zip(xs, row, strict=False):
            for part, text in enumerate((cell[:8], cell[8:])):
                second.append((left + 4, top + at * 30 + 13 + 13 * part, text))
    bottom = top + len(ROWS) * 30
    second += [(80, bottom, 515, bottom), *((x, top, x, bottom) for x in xs)]
    lines, _ = wrapped(LAST, bottom + 40)
    pages = [first, second + lines]
    return pdf(*([(80, 40, "青禾县开发区简报"), *page, (290, 800, f"—{n}—")] for n, page in enumerate(pages, 1)))


# ---- Archives --------------------------------------------------------------------------------------
def changed(data, members=None, **told):
    """The archive with members replaced or added; `told` maps what is in [Content_Types].xml to what shall be."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        added = dict(members or {})
        for name in old.namelist():
            content = added.pop(name, old.read(name))
            if name == "[Content_Types].xml":
                for before, after in told.items():
                    content = content.replace(before.encode(), after.encode())
            new.writestr(name, content)
        for name, content in added.items():
            new.writestr(name, content)
    return file.getvalue()


def body(inner):
    """The main part of a document with this in its body."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<?xml version="1.0"?><w:document xmlns:w="{space}"><w:body>{inner}</w:body></w:document>'.encode()


# ---- One article in every format ---------------------------------------------------------------------
_BOUND_PAIR = re.compile("[A-Za-z0-9.,%×-]{2}")
_ENDING = "，。、；：”）！？"


def blocks(text):
    """Paragraphs as text, tables as lists of rows of equal length; rows have tabs or bars between their cells."""
    table = []
    for line in map(str.strip, text.splitlines()):
        cells = next((line.split(sign) for sign in ("\t", "|") if line.count(sign) >= 2), None)
        if cells:
            table.append([cell.strip() for cell in cells])
        elif line:
            yield from _squared(table)
            table = []
            yield line
    yield from _squared(table)


def _squared(table):
    if table:
        wide = max(map(len, table))
        yield [row + [""] * (wide - len(row)) for row in table]


def as_docx(text):
    document = Document()
    for at, block in enumerate(blocks(text)):
        if isinstance(block, str):
            document.add_paragraph(block) if at else document.add_heading(block, 0)
            continue
        table = document.add_table(len(block), len(block[0]))
        for line, row in zip(table.rows, block, strict=True):
            for cell, words in zip(line.cells, row, strict=True):
                cell.text = words
    return saved(document)


def as_html(text):
    def told(block):
        if isinstance(block, str):
            return f"<p>　　{block}</p>\n"
        rows = (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in block)
        return f"<table>{''.join(rows)}</table>\n"

    first, *rest = blocks(text)
    page = f"<html><head><meta charset=utf-8><title>{first}_青禾网</title></head><body><div class=nav><a>首页</a></div>"
    page += f"<div id=zoom><h1>{first}</h1>{''.join(map(told, rest))}</div><div class=footer>版权所有</div></body>"
    return f"{page}</html>".encode()


def broken(text, *, wide=WIDE, first=WIDE - 2):
    """The lines of a paragraph, ragged on the right: words, numbers, and marks that end something are not parted."""
    at, room = 0, first
    while at < len(text):
        end = min(at + room, len(text))
        while end < len(text) and (text[end] in _ENDING or _BOUND_PAIR.match(text, end - 1)):
            end -= 1
        yield text[at:end]
        at, room = end, wide


def as_pdf(text):
    """Headline, paragraphs with their first line indented, ruled tables; as many pages as it takes."""
    pages, y = [[]], 100

    def room(height):
        nonlocal y
        if y + height > 760:
            pages.append([])
            y = 100

    for at, block in enumerate(blocks(text)):
        if isinstance(block, str):
            for number, line in enumerate(broken(block, first=WIDE if at == 0 else WIDE - 2)):
                room(LEADING)
                pages[-1].append((80 if at == 0 or number else 80 + 2 * EM, y, line))
                y += LEADING
            y += 10 if at == 0 else 0
            continue
        each = 435 / len(block[0])
        letters = int((each - 8) // EM)
        for row in block:
            height = max(-(-len(cell) // letters) for cell in row) * 14 + 12
            room(height)
            lefts = [80 + each * column for column in range(len(row) + 1)]
            pages[-1] += [(80, y, 515, y), (80, y + height, 515, y + height)]
            pages[-1] += [(left, y, left, y + height) for left in lefts]
            for left, cell in zip(lefts, row, strict=False):
                for part, start in enumerate(range(0, len(cell), letters)):
                    pages[-1].append((left + 4, y + 16 + 14 * part, cell[start : start + letters]))
            y += height
        y += 30
    return pdf(*pages)


def as_wrapped(text):
    """Plain text as some programs give it: a line for a line on paper."""
    told = []
    for at, block in enumerate(blocks(text)):
        if isinstance(block, str):
            told += broken(f"　　{block}" if at else block, first=WIDE)
        else:
            told += map(" | ".join, block)
    return "\n".join(told).encode()
