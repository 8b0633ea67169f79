"""What is answered in words, beside a command, of columns and rows: J=年度计划投资, 台账!J=万元, 12=新项目."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError

from projects import matching
from projects.ledgers import storing
from projects.ledgers.meanings import MEANINGS, label
from projects.ledgers.meant import NEW
from projects.ledgers.models import Ledger
from projects.ledgers.understanding import UNITS
from projects.models import Project

_PLACE: Final = re.compile(r"(?:(?P<sheet>.+)[!！])?(?P<letter>[A-Za-z]{1,3})?(?P<row>[0-9]{1,7})?\Z")
_TEXT_ONLY: Final = frozenset(("", "只保留原文", "原文"))
_NEW: Final = frozenset(("新项目", "新增", NEW))
_OUT: Final = frozenset(("不导入", "out"))
_CODES: Final = {each.label: code for code, each in MEANINGS.items()}

Tables = list[dict[str, Any]]


def columns(ledger: Ledger, answers: Sequence[str]) -> None:
    """Tell the ledger what columns mean, or the unit of one, and remember it for the zone as the page does.

    Raises ValidationError for a column that is not there or stands in several tables, and for a word that is none.
    """
    for answer in answers:
        place, _, word = answer.partition("=")
        found, word = _PLACE.match(place.strip()), word.strip()
        if found is None or not found["letter"] or "=" not in answer:
            raise ValidationError(
                f"“{answer}”看不懂：请写成 列=含义，如 D=年度累计完成投资、D=万元 或 D=（只保留原文）"
            )
        tables = _tables(ledger, answer, found["sheet"], found["row"], found["letter"])
        unit, code = word in UNITS, _code(word)
        if not unit and code is None:
            raise ValidationError(f"没有“{word}”这种列：{_offered(tables, found['letter'])}")
        name, value = ("units", word) if unit else ("meanings", code)
        for table in tables:
            key = _column(table, found["letter"])["key"]
            told = ledger.told.setdefault("tables", {}).setdefault(table["key"], {})
            told[name] = {**told.get(name, {}), key: value}
            storing.remember(ledger, [table], {name: {key: value}}, None)


def rows(ledger: Ledger, answers: Sequence[str]) -> None:
    """Tell the ledger which project rows mean, or that they are left out. Raises ValidationError for a row that is not
    there and a project that is not one of the zone's.
    """
    for answer in answers:
        place, _, word = answer.partition("=")
        found, word = _PLACE.match(place.strip()), word.strip()
        if found is None or found["letter"] or not found["row"] or not word:
            raise ValidationError(f"“{answer}”看不懂：请写成 行号=项目编号、行号=新项目 或 行号=不导入")
        table, *others = _tables(ledger, answer, found["sheet"], found["row"], None)
        if others:
            raise ValidationError(f"第{found['row']}行在多张工作表里都有：请写成 {table['sheet_name']}!{answer}")
        told: dict[str, Any] = (
            {"out": True} if word in _OUT else {"choice": NEW if word in _NEW else _project(ledger, word)}
        )
        ledger.told.setdefault("rows", {})[f"{table['sheet']}:{int(found['row'])}"] = told


def asked(question: Mapping[str, Any], table: Mapping[str, Any]) -> str:
    """A question with what answers it: --answer D=年度累计完成投资."""
    text, column = str(question["text"]), question["column"]
    if column is None:
        option = "answer 列=项目名称" if question["code"] == "heading" else question["code"]
        return f"{text}（--{option}）"
    letter = next(each["letter"] for each in table["columns"] if each["index"] == column)
    if question["code"] == "meaning":
        words = [label(code) for code in question["choices"] if code]
        return (
            f"{text}（{'、'.join(f'--answer {letter}={word}' for word in words[:3])}，只保留原文用 --answer {letter}=）"
        )
    return f"{text}（{'、'.join(f'--answer {letter}={choice}' for choice in question['choices'])}）"


def _tables(ledger: Ledger, answer: str, sheet: str | None, row: str | None, letter: str | None) -> Tables:
    """The tables that a place is in; of a column that several tables have, those that ask for it."""
    tables: Tables = [
        table
        for table in ledger.about["tables"]
        if (sheet is None or table["sheet_name"] == sheet)
        and (row is None or table["first_heading"] <= int(row) <= table["last"])
        and (letter is None or _column(table, letter))
    ]
    if letter:
        waiting = [table for table in tables if _is_asked(table, letter)]
        tables = waiting or tables
        if len({_column(table, letter)["key"] for table in tables}) > 1:
            example = f"{tables[0]['sheet_name']}!{letter}{tables[0]['last_heading']}"
            raise ValidationError(f"{letter}列在多张表里都有：请写明工作表或表头所在的行，如 {example}")
    if not tables:
        raise ValidationError(f"“{answer}”所说的{'列' if letter else '行'}不在任何一张表里，请核对")
    return tables


def _column(table: Mapping[str, Any], letter: str) -> dict[str, Any]:
    return next((each for each in table["columns"] if each["letter"] == letter.upper()), {})


def _is_asked(table: Mapping[str, Any], letter: str) -> bool:
    index = _column(table, letter)["index"]
    return any(question["column"] == index for question in table["questions"])


def _code(word: str) -> str | None:
    if word in _TEXT_ONLY:
        return ""
    return word if word in MEANINGS else _CODES.get(word)


def _offered(tables: Tables, letter: str) -> str:
    for table in tables:
        column = _column(table, letter)
        likely = [column["meaning"], *column["others"]]
        likely += [code for each in table["questions"] if each["column"] == column["index"] for code in each["choices"]]
        words = [label(code) for code in dict.fromkeys(likely) if code in MEANINGS]
        if words:
            return f"可以填{'、'.join(words)}，或留空只保留原文"
    return "请填页面上列出的含义，如 总投资、年度计划投资，或留空只保留原文"


def _project(ledger: Ledger, word: str) -> int:
    projects = Project.objects.filter(matching.near(ledger.zone))
    found = list(projects.filter(code__iexact=word)[:2]) or list(projects.filter(name=word)[:2])
    if len(found) != 1:
        raise ValidationError(f"{'有多个' if found else '没有'}项目叫“{word}”：请写项目编号，或写“新项目”")
    return int(found[0].pk)
