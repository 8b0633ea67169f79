"""What a ledger's page shows: the sheet as it was with what its columns and cells mean, or rows by their kind.

A page holds some fifty rows, and costs a constant number of statements.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from projects.intake.opening import Cell
from projects.jobs import watch
from projects.ledgers import desk, storing
from projects.ledgers.admin import acting, around
from projects.ledgers.admin.cells import text
from projects.ledgers.meanings import MEANINGS, label
from projects.ledgers.meant import NEW
from projects.ledgers.models import Ledger, LedgerRow
from projects.ledgers.understanding import UNITS
from projects.models import Project
from zones.permissions import Action, may
from zones.scoped.admin import can_write

Kind = LedgerRow.Kind
ROWS: Final = 50  # of the sheet on a page
CARDS: Final = 20
NUMBERS: Final = frozenset({"serial", "money", "percent", "count", "area", "number"})
FIGURE: Final = re.compile(r"-?[0-9][0-9,.]*%?")
FIRST_SHEETS, FIRST_ROWS = 3, 12
SURE: Final = 0.9  # a column below this is to be looked at
KEY: Final = frozenset({"name", "company", "investment", "annual_plan", "year_done", "progress"})
SHEET, DOUBTFUL = "sheet", "doubtful"
ONLY: Final = (
    *(("", "全部行"), (DOUBTFUL, "只看有存疑"), (str(Kind.WRONG), "只看有错误"), (str(Kind.CHANGED), "只看有变化")),
    *((str(Kind.CONFLICT), "只看有冲突"), (str(Kind.NEW), "只看新增")),
)
KEPT: Final = ("show", "page", "table", "only")  # what of the address a form leads back to
TABS: Final = (Kind.NEW, Kind.CHANGED, Kind.UNCHANGED, Kind.CONFLICT, Kind.WRONG)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists of the page."""

    code: str
    label: str
    count: int | None
    url: str
    here: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell: as it was sent or corrected, and what is doubtful about it."""

    index: int
    letter: str
    heading: str
    text: str
    doubt: str = ""
    wrong: bool = False
    corrected: bool = False
    number: bool = False
    means: str = ""
    code: str = ""
    change: str = ""

    @property
    def is_name(self) -> bool:
        return self.code == "name"

    @property
    def is_key(self) -> bool:
        """Whether a phone shows it without being asked."""
        return self.code in KEY or bool(self.doubt or self.change) or self.corrected


class Page:
    """All that the template wants of one ledger, for one person."""

    def __init__(self, request: HttpRequest, ledger: Ledger) -> None:
        self.request, self.ledger, self.query = request, ledger, request.GET
        self.tables = [table for table in ledger.about.get("tables", ()) if table["about"] == "projects"]
        wanted = self.query.get("table", "")
        self.table = next((t for t in self.tables if t["key"] == wanted), self.tables[0] if self.tables else None)
        self.corrected = {tuple(each[:3]): each[3] for each in ledger.told.get("cells", [])}

    # ---- The whole -------------------------------------------------------------------------------------
    def context(self) -> dict[str, Any]:
        ledger = self.ledger
        by = self.request.user
        writes = can_write(self.request, ledger)
        return {
            "ledger": ledger,
            "page": self,
            "writes": writes,
            "open": ledger.is_open and writes,
            "urls": {name: self._act_url(name) for name in acting.NAMES},
            "state_url": reverse("admin:projects_ledgers_ledger_state", args=[ledger.pk]),
            "questions": list(self._questions()),
            "lost": not self.tables and ledger.state == Ledger.State.ASKING,
            "raw_sheets": self._raw_sheets(),
            "errors": around.errors(ledger),
            "remembered": around.remembered(self.request, ledger) if writes else [],
            "sums": around.sums(ledger),
            "summary": desk.SUMMARY,
            "may_stop": desk.may_stop(ledger),
            "blind": ledger.state == Ledger.State.IMPORTING and connection.vendor != "postgresql",
            "nobody": ledger.is_busy and watch.is_late(watch.tick_age()),
            "tabs": self.tabs,
            "show": self.show,
            "will": self.will,
            "approves": may(by, Action.APPROVE, ledger.zone),
            "pending": self.pending,
            "meanings": list(MEANINGS.values()),
            "units": UNITS,
            "new": NEW,
            **self._list(),
        }

    def _act_url(self, name: str) -> str:
        url = reverse(f"admin:projects_ledgers_ledger_{name}", args=[self.ledger.pk])
        kept = self._kept((*KEPT, "row"))
        return f"{url}?{kept}" if kept else url

    def _kept(self, names: Iterable[str], **more: Any) -> str:
        query = QueryDict(mutable=True)
        for name in names:
            if value := self.query.get(name):
                query[name] = value
        for name, value in more.items():
            query[name] = str(value)
        return query.urlencode()

    def _questions(self) -> Iterable[dict[str, Any]]:
        """What is asked, once where all tables of the file ask the same."""
        asked = storing.questions(self.ledger)
        by_table = [[(q["code"], q["text"]) for q in asked if q["table"] == t["key"]] for t in self.tables]
        same = len(self.tables) > 1 and all(
            table["fingerprint"] == self.tables[0]["fingerprint"] and each == by_table[0]
            for table, each in zip(self.tables, by_table, strict=True)
        )
        for question in asked[: len(by_table[0])] if same else asked:
            table = next(table for table in self.tables if table["key"] == question["table"])
            code, column = question["code"], question["column"]
            name = {"meaning": f"meaning.{column}", "heading": "named"}.get(code, code)
            if code == "unit" and column is not None:
                name = f"unit.{column}"
            choices = [(each, _choice(code, each, table["columns"])) for each in question["choices"]]
            of = {"table": "" if same else table["key"], "sheet": "" if same else table["sheet_name"]}
            yield {**question, "name": name, "choices": choices, **of}

    def _raw_sheets(self) -> list[tuple[str, list[tuple[int, list[str]]]]]:
        """The first rows of each sheet, where no table was found in them, to show which rows are the headings."""
        if self.tables or self.ledger.state != Ledger.State.ASKING:
            return []
        found = []
        for index, sheet in enumerate(self.ledger.about.get("sheets", ())[:FIRST_SHEETS]):
            rows = storing.rows_of(self.ledger, index, 1, FIRST_ROWS)
            found.append((sheet["name"], [(number, [text(cell) for cell in cells]) for number, cells in rows]))
        return found

    # ---- Tabs and what is to be done -------------------------------------------------------------------
    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Rows by kind, as they were stored with the rows."""
        return self.ledger.counts

    @property
    def compared(self) -> bool:
        """Whether there are rows to show."""
        return bool(self.counts) and self.ledger.state not in (Ledger.State.ASKING, Ledger.State.DROPPED)

    @cached_property
    def show(self) -> str:
        """Which list stands on the page."""
        wanted = self.query.get("show", SHEET)
        codes = {*Kind.values, DOUBTFUL, SHEET}
        return wanted if wanted in codes and (self.compared or wanted == SHEET) else SHEET

    @property
    def tabs(self) -> list[Tab]:
        if not self.compared:
            return []
        listed: list[tuple[str, str, int | None]] = [(SHEET, "表格", None)]
        listed += [(str(kind), str(kind.label), self.counts.get(kind, 0)) for kind in TABS]
        listed += [(str(kind), str(kind.label), n) for kind in (Kind.LEFT_OUT,) if (n := self.counts.get(kind, 0))]
        listed.append((DOUBTFUL, "有存疑", self.counts.get("doubtful", 0)))
        one = bool(self.query.get("row"))
        return [
            Tab(code, words, number, f"?{self._kept(('table',), show=code)}", code == self.show and not one)
            for code, words, number in listed
        ]

    @cached_property
    def pending(self) -> int:
        """Rows of which nobody has said what project they mean."""
        if self.ledger.state != Ledger.State.READY:
            return 0
        return self.rows.filter(kind=Kind.CONFLICT, project=None).count()

    @property
    def will(self) -> str:
        """What an import would do, in one sentence."""
        count = self.counts.get
        told = [f"新增 {n} 行的项目" for n in [count(Kind.NEW, 0)] if n]
        told += [f"更新 {n} 行的项目" for n in [count(Kind.CHANGED, 0)] if n]
        says = "、".join(told) or "没有要写入的内容"
        rest = [f"{n} 行没有变化" for n in [count(Kind.UNCHANGED, 0)] if n]
        settled = count(Kind.CONFLICT, 0) - self.pending
        rest += [f"{settled} 行有冲突的内容不改动、其余照常写入" for _ in [0] if settled > 0]
        rest += [f"{n} 行不导入" for n in [count(Kind.LEFT_OUT, 0)] if n]
        return "；".join([f"将{says}" if told else says, *rest]) + "。空格不会抹去已有的数据；导入后可以整次撤销。"

    # ---- Lists -----------------------------------------------------------------------------------------
    @property
    def rows(self) -> QuerySet[LedgerRow]:
        return self.ledger.rows.order_by("sheet", "number")

    def _list(self) -> dict[str, Any]:
        if wanted := self.query.get("row"):
            sheet, _, number = wanted.partition(":")
            if sheet.isdecimal() and number.isdecimal() and len(wanted) < 12:
                rows = list(self.rows.filter(sheet=int(sheet), number=int(number)).select_related("project"))
                if rows:
                    return {"cards": self._cards(rows, whole=True), "single": True, "back": f"?{self._kept(KEPT)}"}
        if self.show == SHEET:
            return self._sheet() if self.table else {}
        rows_of = self.rows.filter(doubtful=True) if self.show == DOUBTFUL else self.rows.filter(kind=self.show)
        total = rows_of.count()
        at, pages = self._page(total, CARDS)
        rows = list(rows_of.select_related("project")[at * CARDS : (at + 1) * CARDS])
        return {"cards": self._cards(rows), **self._pager(at, pages, total, "行")}

    def _page(self, total: int, each: int) -> tuple[int, int]:
        """Which page is asked for, from 0, and how many there are."""
        words = self.query.get("page", "")
        pages = max(1, -(-total // each))
        at = int(words) - 1 if words.isdecimal() and len(words) < 7 else 0
        return min(max(at, 0), pages - 1), pages

    def _pager(self, at: int, pages: int, total: int, word: str) -> dict[str, Any]:
        def url(number: int) -> str:
            return f"?{self._kept(('show', 'table', 'only'), page=number + 1)}"

        return {
            "pages": pages,
            "at": at + 1,
            "total": total,
            "previous": url(at - 1) if at else "",
            "next": url(at + 1) if at + 1 < pages else "",
        }

    # ---- The sheet -------------------------------------------------------------------------------------
    def _sheet(self) -> dict[str, Any]:
        table: dict[str, Any] = self.table or {}
        first, last = table["last_heading"] + 1, table["last"]
        mine = self.rows.filter(sheet=table["sheet"], number__range=(first, last))
        kinds = {number: kind for kind, numbers in table["marked"].items() for number in numbers}
        if self.only:
            mine = self._only(mine)
            at, pages = self._page(total := mine.count(), ROWS)
            stored = {row.number: row for row in mine[at * ROWS : (at + 1) * ROWS]}
            found = self._raw(list(stored.values()))
            raw = [(number, tuple(found.get((table["sheet"], number), ()))) for number in stored]
        else:
            at, pages = self._page(total := max(0, last - first + 1), ROWS)
            start = first + at * ROWS
            count = min(ROWS, last - start + 1)
            raw = storing.rows_of(self.ledger, table["sheet"], start, count)
            stored = {row.number: row for row in mine.filter(number__range=(start, start + count))}
        lines = [self._line(table, number, cells, kinds.get(number, ""), stored.get(number)) for number, cells in raw]
        return {
            "table": table,
            "filters": self._filters() if self.compared else [],
            "about": _about(table),
            "columns": [self._column(column) for column in table["columns"]],
            "lines": [line for line in lines if line],
            "others": list(self._others()),
            "plan_reason": self.ledger.told.get("plan_reason", ""),
            **self._pager(at, pages, total, "行"),
        }

    def _others(self) -> Iterable[tuple[str, str]]:
        """The tables of the file, each by a name of its own."""
        titles = [table["title"] or table["sheet_name"] for table in self.tables]
        names = titles if len(set(titles)) == len(titles) else [table["sheet_name"] for table in self.tables]
        for number, (table, name) in enumerate(zip(self.tables, names, strict=True), start=1):
            yield table["key"], name if names.count(name) == 1 else f"{name}（{number}）"

    @cached_property
    def only(self) -> str:
        """Which rows of the sheet are shown: those of a kind, the doubtful ones, "" for all."""
        wanted = self.query.get("only", "")
        return wanted if self.compared and wanted in dict(ONLY) else ""

    def _only(self, rows: QuerySet[LedgerRow]) -> QuerySet[LedgerRow]:
        return rows.filter(doubtful=True) if self.only == DOUBTFUL else rows.filter(kind=self.only)

    def _filters(self) -> list[Tab]:
        told = [(code, words, self.counts.get(code, 0) if code else None) for code, words in ONLY]
        return [
            Tab(code, words, count, f"?{self._kept(('table',), **({'only': code} if code else {}))}", code == self.only)
            for code, words, count in told
            if count != 0 or code == self.only
        ]

    def _line(
        self, table: dict[str, Any], number: int, cells: Sequence[Cell], kind: str, row: LedgerRow | None
    ) -> dict[str, Any] | None:
        shown = [self._cell(table, column, number, cells, row) for column in table["columns"]]
        if not any(cell.text for cell in shown):
            return None
        said = list(dict.fromkeys(cell.text for cell in shown if cell.text))
        # A group's line may hold its sums.
        words = "：".join(said) if kind == "note" or (kind == "group" and len(said) < 3) else ""
        place = f"{table['sheet']}:{number}"
        return {
            "number": number,
            "kind": kind,
            "words": words,
            "cells": shown,
            "row": row,
            "url": f"?{self._kept(('table',), row=place)}#row-{number}" if row else "",
        }

    def _cell(
        self,
        table: dict[str, Any],
        column: dict[str, Any],
        number: int,
        cells: Sequence[Cell],
        row: LedgerRow | None,
        *,
        compared: bool = True,
    ) -> Shown:
        index, letter = column["index"], column["letter"]
        place = table["sheet"], number, index
        value = self.corrected[place] if place in self.corrected else cells[index] if index < len(cells) else None
        doubt, wrong = next(((said, bad) for at, said, bad in (row.doubts if row else ()) if at == letter), ("", False))
        change = ""
        for _, at, kind, old, new, sentence in row.differences if row and compared and not wrong else ():
            if at == letter and kind == Kind.CONFLICT:
                doubt = "；".join(filter(None, [doubt, _against(old, new, sentence)]))
            elif at == letter and row and row.kind == Kind.CHANGED and kind in (Kind.NEW, Kind.CHANGED):
                change = _against(old, new, sentence) if old else f"将写入“{new}”{sentence and f'：{sentence}'}"
        heading = column["heading"][-1] if column["heading"] else ""
        means = label(column["meaning"]) if column["meaning"] else ""
        corrected, code = place in self.corrected, column["meaning"]
        is_number = code in MEANINGS and MEANINGS[code].shape in NUMBERS and bool(FIGURE.fullmatch(text(value)))
        return Shown(index, letter, heading, text(value), doubt, wrong, corrected, is_number, means, code, change)

    def _column(self, column: dict[str, Any]) -> dict[str, Any]:
        likely = [code for code in (column["meaning"], *column["others"], "") if code is not None]
        meaning = MEANINGS.get(column["meaning"])
        return {
            **column,
            "words": " · ".join(column["heading"]) or "（没有标题）",
            "likely": [(code, label(code)) for code in dict.fromkeys(likely)],
            "whole": self.query.get("column") == str(column["index"]),
            "more": f"?{self._kept(KEPT, column=column['index'])}#column-{column['index']}",
            "percent": round(100 * column["confidence"]),
            # What goes nowhere needs nobody's look.
            "sure": column["confidence"] >= SURE or bool(meaning and not meaning.goes),
            "is_money": bool(meaning and meaning.shape == "money"),
            "left": bool(meaning and not meaning.goes),
        }

    # ---- Rows ------------------------------------------------------------------------------------------
    def _cards(self, rows: Sequence[LedgerRow], *, whole: bool = False) -> list[dict[str, Any]]:
        raw = self._raw(rows)
        seen = self._seen(rows)
        return [self._card(row, raw.get((row.sheet, row.number), ()), seen, whole=whole) for row in rows]

    def _raw(self, rows: Sequence[LedgerRow]) -> dict[tuple[int, int], Sequence[Cell]]:
        """The cells of rows, a part of the file being opened once."""
        by_part: dict[tuple[int, int], list[int]] = defaultdict(list)
        for row in rows:
            by_part[row.sheet, (row.number - 1) // storing.ROWS].append(row.number)
        found: dict[tuple[int, int], Sequence[Cell]] = {}
        for (sheet, _), numbers in by_part.items():
            first = min(numbers)
            for number, cells in storing.rows_of(self.ledger, sheet, first, max(numbers) - first + 1):
                found[sheet, number] = cells
        return found

    def _seen(self, rows: Sequence[LedgerRow]) -> dict[int, str]:
        """Projects that the person may see, among those that rows mean."""
        keys = {row.project_id for row in rows if row.project_id}
        return dict(Project.objects.visible_to(self.request.user).filter(pk__in=keys).values_list("pk", "name"))

    def _card(self, row: LedgerRow, raw: Sequence[Cell], seen: Mapping[int, str], *, whole: bool) -> dict[str, Any]:
        tables = [table for table in self.tables if table["sheet"] == row.sheet]
        table = next((t for t in tables if t["last_heading"] < row.number <= t["last"]), None)
        columns = table["columns"] if table else ()
        cells = [self._cell(table or {}, column, row.number, raw, row, compared=False) for column in columns]
        told = self.ledger.told.get("rows", {}).get(f"{row.sheet}:{row.number}", {})
        by_letter = {cell.letter: cell for cell in cells}
        differences = [
            self._difference(each, by_letter)
            for each in row.differences
            if each[2] != "wrong" or each[1] not in by_letter  # the cell says so itself
        ]
        place = f"{row.sheet}:{row.number}"
        find = self.query.get("find", "") if self.query.get("row") == place else ""
        return {
            "row": row,
            "kind": row.get_kind_display(),
            "place": place,
            "url": f"?{self._kept(('table',), row=place)}#row-{row.number}",
            "sheet_name": table["sheet_name"] if table and len(self.ledger.about.get("sheets", ())) > 1 else "",
            "why": row.match.get("why", ""),
            "project": seen.get(row.project_id or 0, ""),
            "project_url": reverse("admin:projects_project_change", args=[row.project_id])
            if row.project_id in seen
            else "",
            "near": row.match.get("near", []),
            "found": list(acting.search(self.request.user, self.ledger, find)[: acting.MANY]) if find else [],
            "find": find,
            "unsaid": row.kind == Kind.CONFLICT and row.project_id is None and not row.created,
            "choice": told.get("choice", ""),
            "out": bool(told.get("out")),
            "sure": bool(told.get("sure")),
            "questioned": any(each["kind"] == "conflict" and each["letter"] for each in differences),
            "differences": differences,
            "doubts": [cell for cell in cells if cell.doubt],
            "cells": [cell for cell in cells if cell.text or cell.means] if whole else [],
        }

    @staticmethod
    def _difference(told: Sequence[Any], cells: Mapping[str, Shown]) -> dict[str, Any]:
        code, letter, kind, old, new, sentence = told
        return {
            "label": label(code) if code in MEANINGS else code,
            "letter": letter,
            "cell": cells.get(letter),
            "kind": kind,
            "old": old,
            "new": new,
            "sentence": sentence,
        }


def _against(old: str, new: str, sentence: str) -> str:
    """A value of the ledger against the one that is there, in one sentence."""
    told = f"现有“{old}”，台账“{new}”" if old and new else ""
    return "：".join(filter(None, [told, sentence]))


def _about(table: Mapping[str, Any]) -> str:
    """What the table says of itself, in one line."""
    name, year, month, unit = table["sheet_name"], table["year"], table["month"], table["unit"]
    when = (f"{year}年" if year else "") + (f"{month}月" if month else "")
    told = (f"工作表“{name}”" if name else "", table["office"], when, f"单位：{unit}" if unit else "")
    return " · ".join(filter(None, told))


def _choice(code: str, choice: str, columns: Sequence[Mapping[str, Any]]) -> str:
    """One of the answers to a question, in words."""
    if code == "meaning":
        return label(choice)
    column = next((each for each in columns if code == "heading" and str(each["index"]) == choice), None)
    return f"{column['letter']}列“{' · '.join(column['heading'])}”" if column else choice
