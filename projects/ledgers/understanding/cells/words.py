"""Cells of words: names, yes and no, permits, codes."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from stdnum.cn import uscc

from projects import names
from projects.glyphs import fold
from projects.intake.opening import Cell
from projects.ledgers.understanding.cells.basics import (
    CACHED,
    About,
    Reader,
    formula_error,
    is_empty,
    is_finite,
    remembering,
    shown,
    word_set,
)
from projects.ledgers.understanding.results import Value


def texts(about: About) -> Reader:
    """A column of words, as they are."""

    def text(cell: str, plain: str) -> Value:
        return Value(cell, cell.strip())

    def other(cell: Cell) -> Value:
        return Value(cell, shown(cell))

    return remembering(text, other)


def serials(about: About) -> Reader:
    """A column of row numbers."""

    def other(cell: Cell) -> Value:
        return Value(
            cell, int(cell) if isinstance(cell, float) and is_finite(cell) and cell.is_integer() else shown(cell)
        )

    return remembering(
        lambda cell, plain: Value(cell, int(plain) if re.fullmatch("[0-9]{1,9}", plain) else plain), other
    )


_AMONG: Final = re.compile(r"\A\s*其中\s*[:：、]\s*")


def project_names(about: About) -> Reader:
    """A column of names of projects."""

    def read(cell: Cell) -> Value:
        if not isinstance(cell, str):
            return Value(cell, None, f"“{shown(cell)}”不是项目名称：请核对是否错列", wrong=True)
        plain = fold(cell).strip()
        if is_empty(plain):
            return Value(cell)
        if error := formula_error(cell, plain):
            return error
        name = names.tidy(_AMONG.sub("", cell))
        if len(name) > 300:
            return Value(cell, None, f"“{shown(cell)}”过长（超过300字），不像项目名称：请核对", wrong=True)
        if not re.search(r"[^\W\d_]", name):
            return Value(cell, None, f"“{shown(cell)}”不是项目名称：请核对是否错列", wrong=True)
        return Value(cell, name)

    return read


def name_lists(about: About) -> Reader:
    """A column of units or persons."""

    def text(cell: str, plain: str) -> Value:
        parts = [part.strip(" ：:。.") for part in re.split(r"[、,，;；/\r\n|]+|(?<=[局委办会司院部])\s+", cell)]
        return Value(cell, tuple(dict.fromkeys(part for part in parts if part and not is_empty(part))) or None)

    return remembering(text)


_YES: Final = word_set(
    "是 √ ✓ ✔ Y YES TRUE T 有 已 1 对 涉及 需要 已完成 完成 已办结 办结 已办 已取得 取得 已获批 V ■ ●"
)
_NO: Final = word_set(
    "否 × ✗ ✘ X N NO FALSE F 无 未 0 不 没有 不涉及 不需要 未完成 未办结 未办 未取得 未获批 □ ○ 〇 尚未 暂无"
)
_STARTED: Final = re.compile(
    r"(?:项目)?(?:已|已经|正式|全面)?(?:开工|在建|施工|入库|纳统|入统|投产|竣工|完工|建成|销号|办结|解决|通过)(?:建设|中)?[。!]?"
)
_NOT_YET: Final = re.compile(r"(?:尚未|暂未|还未|没有|未|否|待|拟|计划|正在(?:申报|办理|准备)).{0,12}")


def flags(about: About) -> Reader:
    """A column of yes and no."""
    known: dict[str, Value] = {}

    def text(cell: str, plain: str) -> Value:
        bare = plain.replace(" ", "").upper()
        if bare in _YES or _STARTED.fullmatch(bare):
            return Value(cell, True)
        if bare in _NO or re.fullmatch(r"(?:尚|暂|还)?未[^0-9]{1,4}", bare):
            return Value(cell, False)
        if _NOT_YET.fullmatch(bare):
            return Value(cell, False, f"“{shown(cell)}”：按“否”读入")
        if re.match(r"已|[0-9.年月日/-]{4,}(?:已|正式)?(?:开工|入库|投产|竣工|办结)?\Z", bare) and len(bare) <= 20:
            return Value(cell, True, f"“{shown(cell)}”：按“是”读入")
        return Value(cell, None, f"“{shown(cell)}”看不出是或否，只保留原文")

    def read(cell: Cell) -> Value:
        if isinstance(cell, bool):
            return Value(cell, cell)
        if isinstance(cell, date):
            return Value(cell, True, f"“{shown(cell)}”：按“是”读入")
        if not isinstance(cell, str):
            return Value(cell, bool(cell)) if cell in (0, 1) else text(shown(cell), shown(cell))._replace(raw=cell)
        value = known.get(cell)
        if value is None:
            plain = fold(cell).strip()
            # "无" answers 是否, where anywhere else it leaves the cell empty.
            value = Value(cell) if is_empty(plain) and plain.upper() not in _NO else text(cell, plain)
            if len(known) < CACHED:
                known[cell] = value
        return value

    return read


_STATES: Final = (
    ("不涉及", re.compile("不涉及|无需|不需要|不需|免")),
    ("未开始", re.compile("未开始|未启动|未申报")),
    ("办理中", re.compile("未办|未取得|未完成|未批|办理中|正在|在办|审批中|公示|待|未|否|×")),
    ("已办结", re.compile("已|办结|完成|取得|通过|批复|√|✓|是|有")),
)
_DOCUMENT: Final = re.compile(
    r"(?:手续)?(?:批复)?文?号[:：]?\s*(?P<number>[^\s,，;；。]{3,60})|(?P<bare>[^\s,，;；。:：]{1,20}[〔\[【（(]\d{4}[〕\]】）)][^\s,，;；。]{0,4}\d+号?)"
)


def permits(about: About) -> Reader:
    """A column of permits: how far each is, and its number."""

    def text(cell: str, plain: str) -> Value:
        document = _DOCUMENT.search(cell)
        number = (document["number"] or document["bare"]) if document else ""
        said = plain[: document.start()] if document and document.start() else "" if document else plain
        state = next((name for name, words in _STATES if words.search(said)), "")
        if not state and number:
            return Value(cell, ("已办结", number))
        if not state and re.search("[0-9]{6,}|[0-9]{4}[年./-]", plain):
            return Value(cell, ("已办结", plain), f"“{shown(cell)}”：按已办结读入")
        if not state:
            return Value(cell, None, f"“{shown(cell)}”看不出办到哪一步，只保留原文")
        return Value(cell, (state, number) if number else (state,))

    def other(cell: Cell) -> Value:
        if isinstance(cell, bool):
            return Value(cell, ("已办结",) if cell else ("办理中",))
        if isinstance(cell, date):
            return Value(cell, ("已办结", shown(cell)))
        return Value(cell, None, f"“{shown(cell)}”看不出办到哪一步，只保留原文")

    return remembering(text, other)


_NATIONAL: Final = re.compile(r"[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}")


def credit_codes(about: About) -> Reader:
    """A column of 统一社会信用代码; a wrong one is kept."""

    def text(cell: str, plain: str) -> Value:
        code = re.sub(r"[\s-]", "", plain).upper()
        if uscc.is_valid(code):
            return Value(cell, code)
        return Value(cell, code[:40], f"“{shown(cell)}”不符合统一社会信用代码的校验规则：按原文保留，请核对")

    return remembering(text, _lost_digits)


def _lost_digits(cell: Cell) -> Value:
    if isinstance(cell, float) or (isinstance(cell, int) and abs(cell) > 10**15):
        return Value(cell, None, f"“{shown(cell)}”被Excel存成了数字，末几位可能已丢失：请按文本重新填写", wrong=True)
    return Value(cell, shown(cell), f"“{shown(cell)}”不是完整的代码：按原文保留，请核对")


def national_codes(about: About) -> Reader:
    """A column of 项目代码; one of another form is kept."""

    def text(cell: str, plain: str) -> Value:
        code = re.sub(r"\s", "", plain.replace("—", "-").replace("–", "-").replace("－", "-"))
        if _NATIONAL.fullmatch(code):
            return Value(cell, code)
        if re.fullmatch("[0-9]{20}", code):
            whole = f"{code[:4]}-{code[4:10]}-{code[10:12]}-{code[12:14]}-{code[14:]}"
            return Value(cell, whole, f"“{shown(cell)}”：按{whole}读入")
        return Value(cell, code[:60], f"“{shown(cell)}”不是24位项目代码：按原文保留，请核对")

    return remembering(text, _lost_digits)


def phones(about: About) -> Reader:
    """A column of telephone numbers."""
    return remembering(lambda cell, plain: Value(cell, " ".join(plain.split())), lambda cell: Value(cell, shown(cell)))
