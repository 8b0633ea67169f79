"""A paper as a Word file, by GB/T 9704-2012 党政机关公文格式: §5 and §7 the page, §10.1 the 信函, §10.3 the 纪要.

A4, head 37 mm, binding edge 28 mm, 版心 156 × 225 mm; text in 3号 (16 pt) 仿宋, 22 lines of 28 characters; title 2号
小标宋; levels 黑体, 楷体, 仿宋; page numbers 4号 宋体 between dashes, odd right and even left; the imprint at the foot
of the last page. A letter has the name of its organ in red over a double line, another line at the foot of its first
page, and no number there. The faces are named as offices have them; a reader without them is told by what to replace
them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from math import floor
from typing import Any, Final

from django.utils import timezone
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from projects.papers.blocks import Block, Kind

SONG, FANG, HEI, KAI, ROMAN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
INSTEAD: Final = {
    SONG: "方正小标宋_GBK,FZXiaoBiaoSong-B05S,小标宋体,华文中宋,STZhongsong,Noto Serif CJK SC,宋体",
    FANG: "仿宋,FangSong,FangSong_GB2312,华文仿宋,STFangsong,Noto Serif CJK SC,宋体",
    HEI: "SimHei,华文黑体,STHeiti,Noto Sans CJK SC",
    KAI: "楷体,KaiTi,KaiTi_GB2312,华文楷体,STKaiti,Noto Serif CJK SC,宋体",
    ROMAN: "SimSun,华文宋体,STSong,Noto Serif CJK SC",
}
RED: Final = RGBColor(0xE6, 0, 0)
TEXT, SMALL, HEADLINE = 16.0, 14.0, 22.0  # 3号, 4号, 2号, in points
LEFT, WIDTH, LINES, CHARACTERS = Mm(28), Mm(156), 22, 28
PITCH: Final = Mm(225).pt / LINES
GRID: Final = round(PITCH * 20)  # twips
# 28 characters of 16 points are 2 mm wider than the 版心, so each gives a little. Not by a grid of characters, of which
# readers make different things.
CLOSER: Final = floor((WIDTH.pt / CHARACTERS - TEXT) * 20)  # twips
LARGEST_SIGN: Final = 48.0
LINE: Final = Mm(170)  # the red double lines of a letter, wider than the text
ASKED: Final = Mm(46)  # the left column of a form
SHORT: Final = 3  # lines of a form that wants no more room than its words
OVER: Final = -(LINE - WIDTH) // 2
THICK, THIN = 8, 6  # lines of the imprint, in eighths of a point: 0.35 and 0.25 mm
UNPRINTABLE: Final = re.compile(r"[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Face:
    """How the paragraphs of a kind are set. Distances in points, indents in characters of the face's size."""

    name: str
    font: str = FANG
    size: float = TEXT
    align: ALIGN = ALIGN.JUSTIFY
    line: float = PITCH
    before: float = 0
    after: float = 0
    first: float = 2
    left: float = 0
    right: float = 0
    outline: int | None = None
    red: bool = False
    keep: bool = False


FACES: Final = {
    Kind.SIGN: Face("{}标志", SONG, LARGEST_SIGN, ALIGN.CENTER, line=60, before=Mm(35).pt, first=0, red=True),
    Kind.NUMBER: Face("{}次数", align=ALIGN.CENTER, before=PITCH, first=0),
    Kind.ORGAN: Face("制发单位", align=ALIGN.LEFT, before=PITCH / 2, first=0),
    Kind.TITLE: Face("{}标题", SONG, HEADLINE, ALIGN.CENTER, 36, before=2 * PITCH, after=PITCH, first=0, outline=0),
    Kind.FIRST: Face("一级标题", HEI, outline=1, keep=True),
    Kind.SECOND: Face("二级标题", KAI, outline=2),
    Kind.HEAD: Face("{}头", SONG, LARGEST_SIGN, ALIGN.CENTER, line=48, first=0, red=True),
    Kind.CODE: Face("{}字号", align=ALIGN.RIGHT, before=TEXT * 7 / 8, first=0),
    Kind.ADDRESSEE: Face("主送单位", align=ALIGN.LEFT, first=0),
    Kind.TEXT: Face("{}正文"),
    Kind.DUTY: Face("责任和时限"),
    Kind.ANNEX: Face("附件说明", align=ALIGN.LEFT, first=-3, left=5),
    Kind.PEOPLE: Face("出席人员", align=ALIGN.LEFT, first=-3, left=5, keep=True),
    Kind.APPROVAL: Face("审定说明", before=PITCH),
    Kind.SIGNED: Face("发文单位署名", align=ALIGN.RIGHT, before=2 * PITCH, first=0, right=2, keep=True),
    Kind.DATED: Face("成文日期", align=ALIGN.RIGHT, first=0, right=4),
    Kind.SHEET: Face("附表标题", SONG, HEADLINE, ALIGN.CENTER, 36, after=PITCH / 2, first=0, keep=True),
    Kind.ROW: Face("附表文字", size=SMALL, align=ALIGN.LEFT, line=24, first=0),
    Kind.IMPRINT: Face("版记", size=SMALL, align=ALIGN.LEFT, line=24, first=0, left=1),
}
LABELS: Final = {Kind.SECOND: KAI, Kind.PEOPLE: HEI, Kind.TEXT: HEI}  # the face of a label; else that of the paragraph
SPACED: Final = (Kind.ANNEX, Kind.PEOPLE)  # an empty line before the first of them


def write(blocks: list[Block], called: str) -> bytes:
    """The Word file of a paper; `called` is what it is, 纪要 or 函, by which its faces are named."""
    document = Document()
    kinds = {block.kind for block in blocks}
    _page(document)
    _faces(document, called)
    _numbers(document)
    if Kind.HEAD in kinds:
        _letterhead(document, next(block.text for block in blocks if block.kind == Kind.HEAD), called)
    previous = None
    for kind, group in groupby((b for b in blocks if b.kind not in (Kind.IMPRINT, Kind.HEAD)), lambda b: b.kind):
        if kind == Kind.ROW:
            _form(document, list(group), called)
            continue
        for block in group:
            paragraph = _paragraph(document, block, called)
            if kind in SPACED and kind != previous:
                paragraph.paragraph_format.space_before = Pt(PITCH)
            previous = kind
    if Kind.IMPRINT in kinds:
        _imprint(document, [block for block in blocks if block.kind == Kind.IMPRINT], called)
    _about(document, next((block.text for block in blocks if block.kind == Kind.TITLE), ""))
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


# ---- The page ----------------------------------------------------------------------------------------
def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(37), LEFT
    section.bottom_margin, section.right_margin = Mm(297 - 37 - 225), Mm(210 - 28 - 156)
    section.footer_distance = Mm(297 - 37 - 225 - 7) - Pt(SMALL * 1.2)  # its dashes 7 mm below the 版心
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is not None:
        section._sectPr.remove(grid)
    section._sectPr.append(parse_xml(f'<w:docGrid {nsdecls("w")} w:type="lines" w:linePitch="{GRID}"/>'))
    document.settings.odd_and_even_pages_header_footer = True
    # The template asks Word to open the file as one of an older version, in Japanese.
    settings = document.settings.element
    mode = settings.find(f".//{qn('w:compatSetting')}[@{qn('w:name')}='compatibilityMode']")
    mode.set(qn("w:val"), "15")
    settings.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")


def _letterhead(document: Any, organ: str, called: str) -> None:
    """The red head of a letter in the first page's margin, and the red lines below it and at the foot of the page."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header_distance = Mm(30)
    head = section.first_page_header.paragraphs[0]
    head.style = document.styles[FACES[Kind.HEAD].name.format(called)]
    _run(head, organ, size=min(LARGEST_SIGN, LINE.pt / max(len(organ), 1) - 0.5))
    _red_line(head, "bottom", "thickThinSmallGap", 11)
    foot = section.first_page_footer.paragraphs[0]
    foot.paragraph_format.line_spacing_rule, foot.paragraph_format.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)
    foot.paragraph_format.space_after = max(Mm(20) - section.footer_distance, Pt(0))
    _red_line(foot, "top", "thinThickSmallGap", 0)


def _red_line(paragraph: Paragraph, side: str, kind: str, space: int) -> None:
    """A red double line of 170 mm along the paragraph."""
    line = f'<w:{side} w:val="{kind}" w:sz="24" w:space="{space}" w:color="E60000"/>'
    _add_in_order(paragraph._p.get_or_add_pPr(), f"<w:pBdr {nsdecls('w')}>{line}</w:pBdr>")
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = OVER


def _numbers(document: Any) -> None:
    """— 1 — in 4号: on the right of odd pages, on the left of even ones, one character from the edge."""
    section = document.sections[0]
    for footer, align in ((section.footer, ALIGN.RIGHT), (section.even_page_footer, ALIGN.LEFT)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        space = paragraph.paragraph_format
        space.left_indent = space.right_indent = Pt(SMALL)
        space.line_spacing_rule, space.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(SMALL * 1.2)
        _run(paragraph, "— ", ROMAN, SMALL)
        field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>')
        number = _run(paragraph, "1", ROMAN, SMALL)._r
        field.replace(field[0], number)
        paragraph._p.append(field)
        _run(paragraph, " —", ROMAN, SMALL)


# ---- Faces -------------------------------------------------------------------------------------------
def _faces(document: Any, called: str) -> None:
    normal = document.styles["Normal"]
    _set_font(normal.element.get_or_add_rPr(), FANG)
    normal.font.size = Pt(TEXT)
    language = document.styles.element.find(".//" + qn("w:lang"))
    if language is not None:
        language.set(qn("w:eastAsia"), "zh-CN")
    for face in FACES.values():
        _add_style(document, face, called)
    _instead(document)


def _add_style(document: Any, face: Face, called: str) -> None:
    style = document.styles.add_style(face.name.format(called), WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    _set_font(style.element.get_or_add_rPr(), face.font)
    style.font.size, style.font.color.rgb = Pt(face.size), RED if face.red else None
    if face.size == TEXT:
        closer = parse_xml(f'<w:spacing {nsdecls("w")} w:val="{CLOSER}"/>')
        style.element.rPr.find(qn("w:sz")).addprevious(closer)
    space = style.paragraph_format
    space.alignment = face.align
    space.line_spacing_rule, space.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(floor(face.line * 20) / 20)
    space.space_before, space.space_after = Pt(face.before), Pt(face.after)
    space.keep_with_next, space.widow_control = face.keep, False
    character = WIDTH.pt / CHARACTERS if face.size == TEXT else face.size
    space.left_indent, space.first_line_indent = Pt(face.left * character), Pt(face.first * character)
    if face.right:
        space.right_indent = Pt(face.right * character)
    properties = style.element.get_or_add_pPr()
    # Latin letters and digits keep to the grid, too.
    for name in ("autoSpaceDE", "autoSpaceDN"):
        _add_in_order(properties, f'<w:{name} {nsdecls("w")} w:val="0"/>')
    if face.outline is not None:
        _add_in_order(properties, f'<w:outlineLvl {nsdecls("w")} w:val="{face.outline}"/>')


# What may stand behind these, in the order that the schema of WordprocessingML asks for (ISO/IEC 29500-1 §17.3.1).
BEHIND: Final = {
    "autoSpaceDE": ("autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind", "jc", "outlineLvl"),
    "autoSpaceDN": ("bidi", "adjustRightInd", "snapToGrid", "spacing", "ind", "jc", "outlineLvl"),
    "outlineLvl": (),
    "pBdr": ("shd", "tabs", "autoSpaceDE", "autoSpaceDN", "spacing", "ind", "jc", "outlineLvl"),
}


def _add_in_order(properties: Any, xml: str) -> None:
    element = parse_xml(xml)
    behind = {qn(f"w:{name}") for name in BEHIND[element.tag.rpartition("}")[2]]}
    after = next((child for child in properties if child.tag in behind), None)
    properties.append(element) if after is None else after.addprevious(element)


def _set_font(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{name}"), font)


def _instead(document: Any) -> None:
    """Name the faces that may stand for those that a machine has not."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/></w:font>'
        for name, others in INSTEAD.items()
    )
    table = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    table._blob = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'.encode()


# ---- Paragraphs --------------------------------------------------------------------------------------
def _paragraph(document: Any, block: Block, called: str) -> Paragraph:
    paragraph: Paragraph = document.add_paragraph(style=FACES[block.kind].name.format(called))
    if block.kind == Kind.ORGAN:
        paragraph.paragraph_format.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
        _run(paragraph, f"{block.label}\t{block.text}")
        _underline(paragraph)
    elif block.kind == Kind.SIGN:
        _run(paragraph, block.text, size=min(LARGEST_SIGN, WIDTH.pt / max(len(block.text), 1) - 0.5))
    else:
        if block.label:
            _run(paragraph, block.label, LABELS.get(block.kind, ""))
        _run(paragraph, block.text, FANG if block.kind == Kind.SECOND else "")
        # A heading alone in its line belongs to what follows it.
        paragraph.paragraph_format.keep_with_next = True if block.kind == Kind.SECOND and not block.text else None
    if block.kind == Kind.ANNEX and not block.label:
        paragraph.paragraph_format.first_line_indent = Pt(0)
    if block.kind == Kind.SHEET:
        paragraph.paragraph_format.page_break_before = True
    return paragraph


def _form(document: Any, rows: list[Block], called: str) -> None:
    """Lines of a form between rules: what is asked on the left, what is answered, or room for it, on the right."""
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    widths = (ASKED, WIDTH - ASKED)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in rows:
        line = table.add_row()
        line.height = Pt(30 if row.text or len(rows) <= SHORT else 56)
        for cell, text, width in zip(line.cells, (row.label, row.text), widths, strict=True):
            cell.width = width
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            cell.paragraphs[0].style = document.styles[FACES[Kind.ROW].name.format(called)]
            _run(cell.paragraphs[0], text)


def _run(paragraph: Paragraph, text: str, font: str = "", size: float | None = None) -> Any:
    run = paragraph.add_run(UNPRINTABLE.sub("", text))
    if font:
        _set_font(run._r.get_or_add_rPr(), font)
    if size:
        run.font.size = Pt(int(size * 2) / 2)
    return run


def _underline(paragraph: Paragraph) -> None:
    """The red line that parts the head from the text, as wide as the 版心."""
    _add_in_order(
        paragraph._p.get_or_add_pPr(),
        f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="12" w:space="4" w:color="E60000"/></w:pBdr>',
    )


def _imprint(document: Any, lines: list[Block], called: str) -> None:
    """The imprint between its lines, at the foot of the page on which the text ends (§7.4).

    Lines above and below are 0.35 mm, those between 0.25 mm; what stands below the last has none.
    """
    framed = [line for line in lines if line.label]
    table = document.add_table(rows=0, cols=1)
    for place, line in enumerate([*framed, *(line for line in lines if not line.label)]):
        cell = table.add_row().cells[0]
        _rule(cell, THICK if place in (0, len(framed)) else THIN, "top" if place <= len(framed) else "")
        if place == len(framed) - 1:
            _rule(cell, THICK, "bottom")
        _imprinted(document, cell.paragraphs[0], line)
    _sink(document, table)


def _imprinted(document: Any, paragraph: Paragraph, line: Block) -> None:
    paragraph.style = document.styles[FACES[Kind.IMPRINT].name]
    space = paragraph.paragraph_format
    space.right_indent = Pt(SMALL)
    if line.label.endswith("："):
        space.left_indent, space.first_line_indent = Pt(4 * SMALL), Pt(-3 * SMALL)
        _run(paragraph, f"{line.label}{line.text}")
    elif line.label:
        space.tab_stops.add_tab_stop(WIDTH - Pt(SMALL), WD_TAB_ALIGNMENT.RIGHT)
        _run(paragraph, f"{line.label}\t{line.text}")
    else:
        paragraph.alignment = ALIGN.RIGHT
        _run(paragraph, line.text)


def _rule(cell: Any, eighths: int, side: str) -> None:
    """A line along a side of the cell, so many eighths of a point thick."""
    if side:
        properties = cell._tc.get_or_add_tcPr()
        borders = properties.find(qn("w:tcBorders"))
        if borders is None:
            borders = parse_xml(f"<w:tcBorders {nsdecls('w')}/>")
            properties.append(borders)
        line = f'<w:{side} {nsdecls("w")} w:val="single" w:sz="{eighths}" w:space="0" w:color="000000"/>'
        borders.append(parse_xml(line))


def _sink(document: Any, table: Any) -> None:
    """Let the table float to the foot of its page, as wide as the 版心 to the point."""
    table.autofit = False
    properties = table._tbl.tblPr
    # Measured from the edge of the paper: what is as wide as the text and placed by it, LibreOffice does not let float.
    place = parse_xml(
        f'<w:tblpPr {nsdecls("w")} w:leftFromText="0" w:rightFromText="0" w:vertAnchor="margin" w:horzAnchor="page" '
        f'w:tblpX="{round(LEFT.pt * 20)}" w:tblpYSpec="bottom"/>'
    )
    properties.insert(0 if properties.find(qn("w:tblStyle")) is None else 1, place)
    sides = "".join(f'<w:{side} w:w="0" w:type="dxa"/>' for side in ("left", "right"))
    margins = parse_xml(f"<w:tblCellMar {nsdecls('w')}>{sides}</w:tblCellMar>")
    look = properties.find(qn("w:tblLook"))
    properties.append(margins) if look is None else look.addprevious(margins)
    # A floating table hangs on the paragraph behind it; that one takes as little room as it can.
    last = document.add_paragraph(style=FACES[Kind.IMPRINT].name)
    last.paragraph_format.line_spacing = Pt(1)


def _about(document: Any, title: str) -> None:
    about = document.core_properties
    about.title, about.language = UNPRINTABLE.sub("", title), "zh-CN"
    about.author = about.comments = about.keywords = ""
    about.created = about.modified = timezone.now()
