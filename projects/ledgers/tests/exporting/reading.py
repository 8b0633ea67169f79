"""Reading back what was given out."""

import csv
import io

import python_calamine as calamine


def body(answer):
    """The bytes of a download."""
    assert answer.status_code == 200, answer.status_code
    assert answer["Content-Disposition"].startswith("attachment"), answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    return b"".join(answer.streaming_content)


def rows(data, sheet=0):
    """The rows of an Excel file."""
    return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python()


def lines(data):
    """The lines of a csv file, each a dict by its headings."""
    assert data.startswith(b"\xef\xbb\xbf"), "Excel would not read it as UTF-8"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
