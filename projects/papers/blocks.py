"""A paper as blocks, from its head to its foot: the same ones make the Word file and the preview on a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Final

FIRST: Final = re.compile(r"[一二三四五六七八九十]+、")
SECOND: Final = re.compile(r"（[一二三四五六七八九十]+）")
SENTENCE: Final = re.compile(r"(?<=。)")
LONGEST_HEADING: Final = 40  # characters before the first full stop; what is longer is text that begins with a number
NUMERALS: Final = "一二三四五六七八九十"
DRAFT: Final = "送审稿"
NOON: Final = 12


class Kind(StrEnum):
    """What a block is, by GB/T 9704-2012 §7, §10.1 (信函) and §10.3 (纪要)."""

    SIGN = "sign"  # 纪要标志, the red head
    NUMBER = "number"  # 第几次
    ORGAN = "organ"  # who puts it out, and the day
    HEAD = "head"  # 发文机关标志 of a letter
    CODE = "code"  # 发文字号
    TITLE = "title"
    ADDRESSEE = "addressee"  # 主送机关
    FIRST = "first"  # 一、
    SECOND = "second"  # （一）
    TEXT = "text"
    DUTY = "duty"  # who does a decided matter by when
    ANNEX = "annex"  # 附件说明
    PEOPLE = "people"  # 出席, 请假, 列席
    APPROVAL = "approval"  # 审定说明
    SIGNED = "signed"  # 发文机关署名
    DATED = "dated"  # 成文日期
    SHEET = "sheet"  # the title of an annex, on a page of its own
    ROW = "row"  # a line of a form: what is asked, and room for it
    IMPRINT = "imprint"  # 版记


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. `label` is set in another face before `text`: a heading that runs in, 出席, the organ."""

    kind: Kind
    text: str
    label: str = ""


# ---- Paragraphs --------------------------------------------------------------------------------------
def paragraphs(text: str) -> list[Block]:
    """One block a line; a line that begins with 一、 or （一） is a heading, or begins with one that runs in."""
    return [_paragraph(line.strip()) for line in text.splitlines() if line.strip()]


def _paragraph(line: str) -> Block:
    if FIRST.match(line) and len(line) <= LONGEST_HEADING:
        return Block(Kind.FIRST, line)
    if SECOND.match(line):
        head, *rest = SENTENCE.split(line, maxsplit=1)
        if len(head) <= LONGEST_HEADING:
            return Block(Kind.SECOND, "".join(rest), head)
    return Block(Kind.TEXT, line)


# ---- Words -------------------------------------------------------------------------------------------
def day(of: date) -> str:
    """A day as papers write it, in Arabic digits without leading zeros."""
    return f"{of.year}年{of.month}月{of.day}日"


def hour(at: time | None) -> str:
    """An hour as papers write it: 上午9:00, 下午3:30."""
    if at is None:
        return ""
    return f"上午{at.hour}:{at:%M}" if at.hour < NOON else f"下午{at.hour - NOON or NOON}:{at:%M}"


def flat(text: str) -> str:
    """Lines as one: "；" between them where the line before does not end a sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    ended = [line if line.endswith(tuple("。！？；，、：")) else f"{line}；" for line in lines[:-1]]
    return "".join([*ended, *lines[-1:]])


def stopped(text: str) -> str:
    """The text as one sentence or more, with a full stop behind it."""
    line = flat(text).rstrip("；，、,;.")
    return line if line.endswith(tuple("。！？")) or not line else f"{line}。"
