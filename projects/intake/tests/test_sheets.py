"""Ledgers as offices send them: typed cells, merged heads, and files that are none."""

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter

from projects.intake.formats import sheets
from projects.intake.opening import Merged, Refused, read_sheets, read_text
from projects.intake.refusals import Trouble
from projects.intake.tests import making

ROWS = (("项目名称", "总投资", "开工"), ("云岭轴承项目", 120000, "是"), ("澄江电池项目", 4200.5, None))


def xlsx(*cells):
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet, day = book.add_worksheet("台账"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.merge_range("A1:C1", "青禾县开发区项目台账")
    for at, row in enumerate(ROWS, 1):
        sheet.write_row(at, 0, row)
    sheet.write_datetime(4, 0, date(2023, 7, 12), day)
    sheet.write_boolean(4, 1, True)
    for row, column, value in cells:
        sheet.write(row, column, value)
    book.add_worksheet("旧表").hide()
    book.close()
    return file.getvalue()


def test_a_workbook_gives_typed_cells_merged_ranges_and_hidden_sheets():
    first, second = read_sheets(xlsx(), "台账.xlsx")
    assert (first.name, first.hidden, second.name, second.hidden) == ("台账", False, "旧表", True)
    assert first.rows == (("青禾县开发区项目台账", None, None), *ROWS, (date(2023, 7, 12), True, None))
    assert isinstance(first.rows[2][1], int)
    assert first.merged == (Merged(0, 0, 0, 2),)


def test_hidden_rows_and_columns_and_failed_formulas_are_told_of_their_sheet():
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    book.add_worksheet("封面").write(0, 0, "说明")
    sheet = book.add_worksheet("台账")
    for at, row in enumerate(ROWS):
        sheet.write_row(at, 0, row)
    sheet.write_formula(2, 1, f"=SUM({'B9,' * 2000}B1)", None, "#REF!")
    sheet.set_row(1, None, None, {"hidden": True})
    sheet.set_column("C:D", None, None, {"hidden": True})
    book.close()
    cover, ledger = read_sheets(file.getvalue(), "台账.xlsx")
    assert (cover.hidden_rows, cover.hidden_columns) == ((), ())
    assert (ledger.hidden_rows, ledger.hidden_columns) == ((1,), (2, 3))
    assert ledger.rows[2] == (ROWS[2][0], "#REF!", None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_file_is_one_sheet_in_every_encoding_and_with_every_delimiter(encoding, delimiter):
    text = "\r\n".join(delimiter.join(row) for row in (("项目", "说明"), ("甲", '"一,二\n三"'), ("=1+1", "-1")))
    (sheet,) = sheets.read(text.encode(encoding), "csv")["sheets"]
    assert sheet["rows"] == [["项目", "说明"], ["甲", "一,二\n三"], ["=1+1", "-1"]]


@pytest.mark.parametrize("cell", [(0, 200, "x"), (20_000, 0, "x"), (0, 16_383, "x")])
def test_a_cell_beyond_the_limits_is_found_before_room_is_made_for_it(cell):
    with pytest.raises(Trouble, match="too_many_cells"):
        sheets.read(xlsx(cell), "xlsx")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("台账.xlsx", making.docx(), "wrong_extension"),
        ("台账.docx", b"", "empty"),
        ("报道.docx", b"x", "not_a_sheet"),
        ("台账.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "et"),
        ("台账.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_what_is_no_ledger_is_refused_with_what_to_do(name, data, code):
    with pytest.raises(Refused) as caught:
        read_sheets(data, name)
    assert caught.value.code == code


def test_a_ledger_sent_as_a_report_is_told_so():
    with pytest.raises(Refused, match="是表格"):
        read_text(xlsx(), "台账.xlsx")
