"""The made ledgers: the examples are what the maker makes, and a ledger whose questions are answered is read whole."""

import re
import unicodedata
import zipfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings

from bench.ledger_maker import layout_of, make, score
from bench.ledger_maker.examples import write
from bench.ledger_maker.scoring import codes_of
from bench.ledger_maker.truth import Money
from projects.intake.opening import read_sheets
from projects.ledgers.understanding import Answers, Told, understand

EXAMPLES = Path(settings.BASE_DIR) / "fixtures/ledgers"
# A unit that nobody wrote, of all columns or of some, or that most cells name themselves; a year; since when; a slip of
# the pen in a heading of money.
ASKING = (40001, 40049, 40060, 40080, 40087, 40095, 40122)


def content(data):
    """What an archive holds, however it was packed; of another file its bytes."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_examples_are_what_the_maker_makes(tmp_path):
    made = {path.name: content(path.read_bytes()) for path in write(tmp_path)}
    kept = {path.name: content(path.read_bytes()) for path in EXAMPLES.iterdir()}
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []


def answered(table, truth):
    """What somebody says who knows the ledger: the unit, the year, the month, what one column means."""
    told = next(each for each in truth.tables if each.index == table.sheet_index)
    columns = {column.index: column for column in told.columns}
    keys = {column.index: column.key for column in table.columns}
    meanings, units, days = {}, {}, {}
    for question in table.questions:
        if question.code == "meaning":
            right = codes_of(columns[question.column].meaning)
            meanings[keys[question.column]] = next(code for code in question.choices if code in (*right, ""))
        elif question.code == "unit":
            said = [column.unit for at, column in columns.items() if question.column in (None, at) and column.unit]
            units[keys.get(question.column, "")] = said[0] if said else "元"  # the maker has no truth of such a column
        else:
            days[question.code] = getattr(told, question.code) or truth.on.year
    return Answers(meanings, units, days.get("year"), days.get("month"))


def with_units(truth):
    """The truth for who knows the unit: figures that nobody could know from the file alone are known then."""
    tables = []
    for table in truth.tables:
        asks = {column.index: column.unit for column in table.columns if column.asks == "unit"}
        rows = [
            replace(row, cells={at: known(cell, asks.get(at)) for at, cell in row.cells.items()}) for row in table.rows
        ]
        tables.append(replace(table, rows=tuple(rows)))
    return replace(truth, tables=tuple(tables))


def known(cell, unit):
    figure = unicodedata.normalize("NFKC", str(cell.printed)).strip().replace(",", "")
    bare = cell.doubtful and cell.why in ("", "没有单位") and re.fullmatch(r"[0-9]+(\.[0-9]+)?", figure)
    if not unit or not bare:
        return cell
    yuan = int(Decimal(figure) * {"元": 1, "万元": 10**4, "亿元": 10**8}[unit])
    return replace(cell, value=Money(yuan, yuan), doubtful=False)


@pytest.mark.parametrize("seed", ASKING)
def test_a_ledger_whose_questions_are_answered_is_read_without_a_wrong_amount_or_another_question(seed):
    data, truth = make(seed, layout_of(seed))
    sheets = read_sheets(data, truth.name)
    asked = understand(sheets, on=truth.on)
    answers = {table.key: answered(table, truth) for table in asked.tables}
    assert any(table.questions for table in asked.tables)
    read = understand(sheets, on=truth.on, told=Told(tables=answers))
    assert [question.text for table in read.tables for question in table.questions] == []
    told = score(read, with_units(truth))
    cells = Counter(told["cells"])
    assert (told["amounts"], cells["silent"], cells["missed"]) == ([], 0, 0)
    assert set(told["columns"]) == {"right"}
    assert cells["right"] >= 0.8 * cells.total()
