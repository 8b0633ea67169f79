"""A workbook with other values in it: where references go, what formulas come to, and what is not let in."""

import zipfile
from io import BytesIO

import pytest
import xlsxwriter

from projects.intake.formats.formulas import Workings
from projects.intake.formats.refs import Axis, Insertion, Shift, move_formula, shift_formula
from projects.intake.opening import read_sheets
from projects.intake.refilling import Changes, Sum, refill
from projects.intake.refusals import Refused

GROWN = {"表": Shift(Axis([Insertion(9, 9, 2)], [5]), Axis([Insertion(3, 3, 1)]))}


@pytest.mark.parametrize(
    ("formula", "row", "moved"),
    [
        ("SUM(E5:E9)", 20, "SUM(F5:F10)"),  # one is gone, two come behind the last
        ("SUM(B9:D9)", 9, "SUM(B8:E8)"),  # its own row does not grow
        ("A4+$C$6*2", 20, "A4+$C$5*2"),
        ("A5+1", 20, "#REF!+1"),
        ('IF(D6="E5:E9","A5",表!D6)', 20, 'IF(E5="E5:E9","A5",表!E5)'),
        ("SUM(E:E)+SUM(9:9)", 20, "SUM(F:F)+SUM(8:8)"),
        ("别的!E9+LOG10(1)", 20, "别的!E9+LOG10(1)"),
    ],
)
def test_references_follow_their_cells(formula, row, moved):
    assert shift_formula(formula, "表", GROWN, row) == moved


def test_a_copied_formula_speaks_of_its_own_row_and_a_renamed_sheet_keeps_its_references():
    assert move_formula("$A$1+B2*C$3", 2, 1) == "$A$1+C4*D$3"
    assert move_formula("A1", -1, 0) == "#REF!"
    assert shift_formula("'6月'!A1", "表", {}, 0, {"6月": "7月 新"}) == "'7月 新'!A1"


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("SUM(A1:A3)/2+10%", 3.1),
        ('IF(B1=0,"",A1/B1)', None),
        ("IF(A1>0,ROUND(A2/3,2),1/0)", 0.67),
        ("IFERROR(A1/B1,7)", 7.0),
        ("SUBTOTAL(9,A1:A4)", 12.0),
        ("A5+1", None),  # leads back to itself
        ("VLOOKUP(A1,B:C,2,0)", None),
        ("-(A1-A2)*2", 2.0),
        ("AVERAGE(A1:A3)+A4", 8.0),
    ],
)
def test_what_ledgers_work_out_is_worked_out_and_nothing_else(formula, value):
    cells = {(1, 1): 1.0, (2, 1): 2.0, (3, 1): 3.0, (4, 1): "=SUM(A1:A3)", (5, 1): "=A6", (6, 1): "=A5"}
    found = Workings(cells | {(9, 9): f"={formula}"}, {}).value(9, 9)
    assert found == (None if value is None else pytest.approx(value))


def made(write):
    book = BytesIO()
    with xlsxwriter.Workbook(book) as out:
        write(out.add_worksheet("表"))
    return book.getvalue()


def test_shared_formulas_and_a_sum_that_would_lose_its_rows_stay_right():
    data = made(lambda sheet: [sheet.write_row(row, 0, [row + 1, 10]) for row in range(4)])
    parts = {name: zipfile.ZipFile(BytesIO(data)).read(name) for name in zipfile.ZipFile(BytesIO(data)).namelist()}
    body = parts["xl/worksheets/sheet1.xml"].decode()
    for row in range(1, 5):
        said = '<f t="shared" ref="C1:C4" si="0">A1*B1</f>' if row == 1 else '<f t="shared" si="0"/>'
        body = body.replace(f'<c r="B{row}"><v>10</v></c>', f'<c r="B{row}"><v>10</v></c><c r="C{row}">{said}</c>')
    body = body.replace(
        "</sheetData>", '<row r="5"><c r="C5"><f>SUM(C1:C4)</f></c><c r="D5"><f>C2</f></c></row></sheetData>'
    )
    parts["xl/worksheets/sheet1.xml"] = body.encode()
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as out:
        for name, part in parts.items():
            out.writestr(name, part)
    shift = Shift(Axis([Insertion(4, 4, 1)], [1, 2]))
    told = {(3, 1): 7, (3, 2): 3, (4, 3): Sum(91), (4, 4): None}
    found = refill(kept.getvalue(), "a.xlsx", {0: Changes(shift, told)}, {})
    [sheet] = read_sheets(found.data, "a.xlsx")
    assert sheet.rows == ((3, 10, 30), (4, 10, 40), (7, 3, 21), (None, None, 91))
    assert (0, (4, 3), "kept") in found.formulas


@pytest.mark.parametrize("hostile", ['<!DOCTYPE a [<!ENTITY b "c">]>', "\x00"])
def test_a_file_that_is_not_read_is_not_filled_in_either(hostile):
    data = BytesIO()
    with zipfile.ZipFile(BytesIO(made(lambda sheet: sheet.write(0, 0, 1)))) as old, zipfile.ZipFile(data, "w") as out:
        for name in old.namelist():
            part = old.read(name).decode()
            out.writestr(name, part.replace("<worksheet", f"{hostile}<worksheet", 1) if "sheet1" in name else part)
    with pytest.raises(Refused, match=r"伪造|打不开"):
        refill(data.getvalue(), "a.xlsx", {0: Changes(Shift(), {(1, 1): 2})}, {})
