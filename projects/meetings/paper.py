"""Minutes as a sheet of paper: what stands on it from the red head to the imprint, in the order of a real 纪要.

The same blocks make the Word file and the preview on the page. They are read from the text of the minutes and from the
record that closing froze, never from rows that may have changed since.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from projects.meetings.models import Meeting, Minutes
from projects.papers import DRAFT, NUMERALS, Block, Kind, day, flat, paragraphs, stopped

LONGEST_SIGN: Final = 17  # characters that a red head holds in one line
SENT_TO: Final = "分送："  # also in admin/projects/paper.html


def blocks(minutes: Minutes, *, issued_on: date | None = None, issuer: str = "") -> list[Block]:
    """The whole paper. With `issued_on` and `issuer` it is the one that goes out, without them a draft."""
    meeting, record = minutes.meeting, minutes.meeting.record
    organ = record.get("organ") or str(meeting.zone)
    return [
        Block(Kind.SIGN, sign(meeting, organ)),
        Block(Kind.NUMBER, f"{meeting.year}年第{meeting.number}次" + ("" if issued_on else f"（{DRAFT}）")),
        Block(Kind.ORGAN, day(issued_on) if issued_on else "　　年　　月　　日", f"{organ}项目办"),
        Block(Kind.TITLE, minutes.title),
        *paragraphs(minutes.background),
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


# ---- Parts -------------------------------------------------------------------------------------------
def _content(minutes: Minutes) -> list[Block]:
    body = paragraphs(minutes.body)
    if minutes.remarks.strip():
        place = sum(block.kind == Kind.SECOND for block in body)
        head = f"（{NUMERALS[place]}）会议强调" if place < len(NUMERALS) else "会议强调"
        body += [Block(Kind.SECOND, "", head), *paragraphs(minutes.remarks)]
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
