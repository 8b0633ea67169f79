"""Minutes as a sheet of paper: what stands on it from the red head to the imprint, in the order of a real 纪要.

The same blocks make the Word file and the preview on the page. They are read from the text of the minutes and from the
record that closing froze, never from rows that may have changed since.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from projects.meetings.models import Meeting, Minutes

FIRST: Final = re.compile(r"[一二三四五六七八九十]+、")
SECOND: Final = re.compile(r"（[一二三四五六七八九十]+）")
SENTENCE: Final = re.compile(r"(?<=。)")
LONGEST_HEADING: Final = 40  # characters before the first full stop; what is longer is text that begins with a number
LONGEST_SIGN: Final = 17  # characters that a red head holds in one line
NUMERALS: Final = "一二三四五六七八九十"
DRAFT: Final = "送审稿"
SENT_TO: Final = "分送："


class Kind(StrEnum):
    """What a block is, by GB/T 9704-2012 §7 and §10.3."""

    SIGN = "sign"  # 纪要标志, the red head
    NUMBER = "number"  # 第几次
    ORGAN = "organ"  # who puts it out, and the day
    TITLE = "title"
    FIRST = "first"  # 一、
    SECOND = "second"  # （一）
    TEXT = "text"
    DUTY = "duty"  # who does a decided matter by when
    ANNEX = "annex"  # 附件说明
    PEOPLE = "people"  # 出席, 请假, 列席
    APPROVAL = "approval"  # 审定说明
    IMPRINT = "imprint"  # 版记


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. `label` is set in another face before `text`: a heading that runs in, 出席, the organ."""

    kind: Kind
    text: str
    label: str = ""


def blocks(minutes: Minutes, *, issued_on: date | None = None, issuer: str = "") -> list[Block]:
    """The whole paper. With `issued_on` and `issuer` it is the one that goes out, without them a draft."""
    meeting, record = minutes.meeting, minutes.meeting.record
    organ = record.get("organ") or str(meeting.zone)
    return [
        Block(Kind.SIGN, sign(meeting, organ)),
        Block(Kind.NUMBER, f"{meeting.year}年第{meeting.number}次" + ("" if issued_on else f"（{DRAFT}）")),
        Block(Kind.ORGAN, day(issued_on) if issued_on else "　　年　　月　　日", f"{organ}项目办"),
        Block(Kind.TITLE, minutes.title),
        *_paragraphs(minutes.background),
        *_content(minutes),
        *_decided(record.get("decisions", [])),
        *_annexes(record.get("annexes", [])),
        *_people(meeting),
        *_approval(issuer, issued_on),
        *_imprint(minutes, organ, issued_on),
    ]


def sign(meeting: Meeting, organ: str) -> str:
    """The red head: "郑州高新技术产业开发区周例会纪要", by the short name where the full one is too long for a line."""
    head = f"{organ}{meeting.get_kind_display()}纪要"
    return head if len(head) <= LONGEST_SIGN else f"{meeting.zone}{meeting.get_kind_display()}纪要"


def day(of: date) -> str:
    """A day as papers write it, in Arabic digits without leading zeros."""
    return f"{of.year}年{of.month}月{of.day}日"


# ---- Parts -------------------------------------------------------------------------------------------
def _content(minutes: Minutes) -> list[Block]:
    body = _paragraphs(minutes.body)
    if minutes.remarks.strip():
        place = sum(block.kind == Kind.SECOND for block in body)
        head = f"（{NUMERALS[place]}）会议强调" if place < len(NUMERALS) else "会议强调"
        body += [Block(Kind.SECOND, "", head), *_paragraphs(minutes.remarks)]
    return [Block(Kind.FIRST, "一、会议内容"), *body] if body else []


def _decided(decisions: list[dict[str, Any]]) -> list[Block]:
    if not decisions:
        return []
    found = [Block(Kind.FIRST, "二、议定事项")]
    for each in decisions:
        about = f"{each['project']}：" if each["project"] else ""
        found.append(Block(Kind.TEXT, f"{each['number']}．{about}{stopped(each['matter'])}"))
        found.append(Block(Kind.DUTY, duty(each)))
    return [*found, Block(Kind.TEXT, "以上事项办结后，由责任单位申请销号，项目办核实验收后销号。")]


def duty(decision: dict[str, Any]) -> str:
    """Who does it by when: "责任单位：高新经发局；协办单位：企业服务局；责任人：张三；完成时限：2023年7月20日。"."""
    deadline = decision["deadline"]
    parts = [
        ("责任单位", decision["lead"] or ("" if decision["person"] else "待明确")),
        ("协办单位", "、".join(decision["helpers"])),
        ("责任人", decision["person"]),
        ("完成时限", day(date.fromisoformat(deadline)) if deadline else "未定"),
    ]
    return "；".join(f"{label}：{words}" for label, words in parts if words) + "。"


def _annexes(names: list[str]) -> list[Block]:
    if len(names) == 1:
        return [Block(Kind.ANNEX, names[0], "附件：")]
    return [
        Block(Kind.ANNEX, f"{place}．{name}", "附件：" if place == 1 else "")
        for place, name in enumerate(names, start=1)
    ]


def _people(meeting: Meeting) -> list[Block]:
    told = (("出席", meeting.present), ("请假", meeting.absent), ("列席", meeting.sitting_in))
    return [Block(Kind.PEOPLE, flat(names), f"{label}：") for label, names in told if names.strip()]


def _approval(issuer: str, issued_on: date | None) -> list[Block]:
    return [Block(Kind.APPROVAL, f"（本纪要经{issuer}审定签发）")] if issued_on else []


def _imprint(minutes: Minutes, organ: str, issued_on: date | None) -> list[Block]:
    to = flat(minutes.distribution)
    lines = [Block(Kind.IMPRINT, stopped(to), SENT_TO)] if to else []
    lines.append(Block(Kind.IMPRINT, f"{day(issued_on)}印发" if issued_on else "", f"{organ}项目办"))
    return [*lines, Block(Kind.IMPRINT, f"共印{minutes.copies}份")] if minutes.copies else lines


def _paragraphs(text: str) -> list[Block]:
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
def flat(text: str) -> str:
    """Lines as one: "；" between them where the line before does not end a sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    ended = [line if line.endswith(tuple("。！？；，、：")) else f"{line}；" for line in lines[:-1]]
    return "".join([*ended, *lines[-1:]])


def stopped(text: str) -> str:
    """The text as one sentence or more, with a full stop behind it."""
    line = flat(text).rstrip("；，、,;.")
    return line if line.endswith(tuple("。！？")) or not line else f"{line}。"
