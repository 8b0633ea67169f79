"""A letter as a sheet of paper: 信函 by GB/T 9704-2012 §10.1, its fields in the order of the field's own letters
(编号、主送、项目、触发依据、要求、反馈时限、联系人、发函单位和日期、签收), and the slip on which it is replied to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from projects.alerts.models import Letter, LetterKind
from projects.models import Problem
from projects.papers import DRAFT, Block, Kind, day, hour, paragraphs, stopped

CALLED: Final = "函"
RECEIPT: Final = ("签收单位", "签收人", "签收日期")
SLIP: Final = ("原因（分类）", "已采取的措施", "整改计划（节点、责任人）", "预计恢复日期", "请求协调事项", "佐证")
RECORD: Final = ("时间", "约谈人", "被约谈人", "事由", "表态和承诺", "期限")
LINE: Final = 20  # characters of a title in one line
PARTED: Final = re.compile("项目|事项|公司|中心|园|[）、的]")
BLANK: Final = "　　年　　月　　日"


def blocks(letter: Letter, *, code: str = "", issued_on: date | None = None) -> list[Block]:
    """The whole paper. With `code` and `issued_on` it is the one that goes out, without them a draft."""
    prefix = getattr(letter.head, letter.kind)
    return [
        Block(Kind.HEAD, letter.organ),
        Block(Kind.CODE, code or f"{prefix}〔　　〕　号（{DRAFT}）"),
        Block(Kind.TITLE, _lines(letter.title)),
        Block(Kind.ADDRESSEE, f"{letter.addressee}："),
        *_content(letter),
        Block(Kind.TEXT, f"{letter.contact}{f'，电话：{letter.phone}' if letter.phone else ''}。", "联系人："),
        *_annexes(letter),
        Block(Kind.SIGNED, letter.organ),
        Block(Kind.DATED, day(issued_on) if issued_on else BLANK),
        *(Block(Kind.ROW, "", label) for label in RECEIPT),
        *_slip(letter, code),
    ]


def _lines(title: str) -> str:
    """The title in lines of like length, parted where the words allow it rather than within one (GB/T 9704 §7.3.1)."""
    if len(title) <= LINE:
        return title
    middle = len(title) / 2
    at = min((found.end() for found in PARTED.finditer(title)), key=lambda each: abs(each - middle), default=0)
    return f"{title[:at]}\n{title[at:]}" if 0 < at <= LINE and len(title) - at <= LINE else title


def _content(letter: Letter) -> Iterator[Block]:
    is_talk = letter.kind == LetterKind.TALK
    yield Block(Kind.TEXT, stopped(letter.subject), "项目：")
    yield Block(Kind.FIRST, "一、约谈事由" if is_talk else "一、触发依据")
    yield from paragraphs(letter.grounds)
    if is_talk:
        yield Block(Kind.FIRST, "二、约谈安排")
        when = f"{day(letter.talk_on)}{hour(letter.talk_at)}" if letter.talk_on else ""
        for label, text in (
            ("时间：", when),
            ("地点：", letter.talk_place),
            ("约谈人：", letter.talker),
            ("被约谈人：", letter.talked),
        ):
            yield Block(Kind.TEXT, stopped(text) or "（待填写）", label)
    yield Block(Kind.FIRST, f"{'三' if is_talk else '二'}、要求")
    yield from paragraphs(letter.demands)
    yield Block(Kind.TEXT, f"{day(letter.reply_by)}前。", "反馈时限：")


def _annexes(letter: Letter) -> Iterator[Block]:
    if letter.kind == LetterKind.TALK:
        yield Block(Kind.ANNEX, "1．反馈单", "附件：")
        yield Block(Kind.ANNEX, "2．约谈记录")
    else:
        yield Block(Kind.ANNEX, "反馈单", "附件：")


def _slip(letter: Letter, code: str) -> Iterator[Block]:
    about = code or f"{letter.get_kind_display()}（{DRAFT}）"
    yield Block(Kind.SHEET, "反馈单")
    yield Block(Kind.TEXT, f"{about}　项目：{letter.subject}　请于{day(letter.reply_by)}前反馈")
    for label in SLIP:
        yield Block(Kind.ROW, "、".join(Problem.Category.labels) if label == SLIP[0] else "", label)
    if letter.kind == LetterKind.TALK:
        yield Block(Kind.SHEET, "约谈记录")
        for label in RECORD:
            yield Block(Kind.ROW, "", label)
