"""A ledger given back in the layout it came in."""

import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.exceptions import ValidationError

from projects import facts
from projects.intake.opening import read_sheets
from projects.ledgers import desk, importing, storing
from projects.ledgers.exporting import own
from projects.ledgers.exporting.telling import When
from projects.ledgers.models import Ledger
from projects.ledgers.tests.making import differences
from projects.models import Project

FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "ledgers"
JUNE, JULY = When(2023, 6), When(2023, 7)


def answered(ledger, sheets, when):
    """Answer what is asked: every unit is 万元, the month is known."""
    for _ in range(3):
        for asked in storing.questions(ledger):
            told = ledger.told.setdefault("tables", {}).setdefault(asked["table"], {})
            if asked["code"] in ("year", "month"):
                told["year"], told["month"] = when
            elif asked["code"] == "unit":
                [table] = [each for each in ledger.about["tables"] if each["key"] == asked["table"]]
                keys = [each["key"] for each in table["columns"] if each["index"] == asked["column"]] or [""]
                told.setdefault("units", {})[keys[0]] = "万元"
            else:
                told.setdefault("meanings", {})
        desk.understand(ledger, sheets)


def imported(zone, data, name, by=None):
    """The ledger of a file, with its questions answered and what is questioned in it accepted, imported."""
    sheets = read_sheets(data, name)
    ledger, new = desk.open_sheets(sheets, name, data, zone, by=by, told={"sure": True})
    assert new
    answered(ledger, sheets, JUNE)
    read = desk.understand(ledger, sheets)
    assert not storing.questions(ledger), storing.questions(ledger)
    ledger.save()
    importing.write(ledger, read, by=by, only_good=True)
    own.keep_original(ledger, data)
    return Ledger.objects.get(pk=ledger.pk)


def written(zone, given):
    """What importing a file once more would write: the differences that are no conflicts and no notes."""
    sheets = read_sheets(given.data, given.name)
    ledger, _ = desk.open_sheets(sheets, given.name, given.data + b"", zone, by=None, told={"sure": True})
    answered(ledger, sheets, given.when)
    importing.preview(ledger, desk.understand(ledger, sheets), by=None)
    return [each for each in differences(ledger) if each[2] in ("new", "changed")]


def test_an_example_of_old_excel_given_back_and_imported_again_changes_nothing(town):
    name = "t06-yilan.xls"
    ledger = imported(town.east, (FIXTURES / name).read_bytes(), name)
    for when in (JUNE, JULY):
        given = own.give(ledger, when, by=None)
        assert given.name == "t06-yilan.xlsx"
        assert own.PLAIN.format(ending=".xls", now="Excel") in given.report.remarks
        assert "写入后读出来不一样，请打开核对" not in given.report.kept
        assert written(town.east, given) == [], when


# ---- A ledger with all that an office puts into one ----------------------------------------------------------------
HEADS = ("序号", "项目名称", "建设单位", "总投资", "年度计划投资", "6月完成投资", "1-6月累计完成投资", "完成比例")
HEADS += ("6月形象进度", "实际开工时间", "内部编号", "备注")


def book(rows, groups):
    """A workbook with merged titles, groups with sums, formulas, a hidden column, notes and a signature line."""
    made = BytesIO()
    with xlsxwriter.Workbook(made) as out:
        sheet = out.add_worksheet("6月")
        title = out.add_format({"bold": True, "font_size": 20, "align": "center", "bg_color": "#FFEE99"})
        money = out.add_format({"num_format": "#,##0.00", "border": 1, "font_name": "仿宋"})
        share, day = out.add_format({"num_format": "0.0%"}), out.add_format({"num_format": "yyyy/m/d"})
        sheet.merge_range(0, 0, 0, 11, "高新区2023年6月重点项目进度表", title)
        sheet.write(1, 0, "报送单位：高新区管委会")
        sheet.write(1, 11, "单位：万元")
        sheet.write_row(2, 0, HEADS)
        sheet.set_column(10, 10, 8, None, {"hidden": True})
        sheet.set_column(1, 1, 33)
        at, number, sums = 3, 1, []
        for group, some in groups:
            head = at
            sheet.merge_range(head, 0, head, 1, f"{group}（{len(some)}个）")
            for row in some:
                at += 1
                sheet.write(at, 0, number)
                number += 1
                for column, cell in enumerate(rows[row], start=1):
                    if isinstance(cell, date):
                        sheet.write_datetime(at, column, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(at, column, cell)
                    elif cell is not None:
                        sheet.write_number(at, column, cell, money)
                worth = rows[row][5] / rows[row][3]
                sheet.write_formula(at, 7, f'=IF(E{at + 1}=0,"",G{at + 1}/E{at + 1})', share, worth)
            for column in (3, 4, 5, 6):
                letter = "ABCDEFGH"[column]
                total = sum(rows[row][column - 1] for row in some if not isinstance(rows[row][column - 1], str))
                sheet.write_formula(head, column, f"=SUM({letter}{head + 2}:{letter}{at + 1})", money, total)
            sums.append(head + 1)
            at += 1
        sheet.merge_range(at, 0, at, 1, f"合计：{number - 1} 个")
        for column in (4, 5, 6):
            letter = "ABCDEFGH"[column]
            whole = sum(row[column - 1] for row in rows.values() if not isinstance(row[column - 1], str))
            sheet.write_formula(at, column, "=" + "+".join(f"{letter}{each}" for each in sums), money, whole)
        sheet.write(at + 1, 0, "填报人：张三    填报日期：2023年6月28日")
        sheet.write_comment(4, 1, "这里是批注")
        sheet.conditional_format(4, 7, at - 1, 7, {"type": "cell", "criteria": "<", "value": 0.4})
        sheet.print_area(0, 0, at + 1, 11)
        sheet.repeat_rows(0, 2)
        sheet.set_landscape()
        sheet.set_paper(8)
    return made.getvalue()


def row(name, total, plan, month, done, day, note=""):
    return (name, f"{name[:4]}有限公司", total, plan, month, done, None, "桩基施工", day, f"N-{name[0]}", note)


ROWS = {
    "a": row("甲光电子产业园项目", 50_000, 12_000, 800, 4_800, date(2023, 3, 1), "=HYPERLINK(1)"),
    "b": row("乙晶新材料生产基地", "约5.2亿元", 24_000, 900, 9_600, date(2022, 5, 1)),
    "c": row("丙能储能装备项目", 30_000, 6_000, 500, 3_000, date(2022, 8, 1)),
}
GROUPS = [("一、先进制造业", "ab"), ("二、现代服务业", "c")]


@pytest.fixture
def ours(town):
    """The ledger, imported, its projects of two categories, and what came since."""
    town.data = book(ROWS, GROUPS)
    town.ledger = imported(town.east, town.data, "重点项目6月.xlsx")
    town.by_name = {each.name[0]: each for each in Project.objects.filter(zone=town.east)}
    Project.objects.filter(name__startswith=("丙")).update(category="modern_services")
    return town


def sheet_of(given):
    return read_sheets(given.data, given.name)[0]


def since(ours):
    """Two reports for July, a project of the first group, and one that ended."""
    kinds = [value for value, _ in Project._meta.get_field("category").choices]
    for at, letter in enumerate("甲乙丙"):
        Project.objects.filter(pk=ours.by_name[letter].pk).update(category=kinds[at // 2])
    for letter, amount, words in (("甲", 56_000_000, "主体施工"), ("乙", 110_000_000, "=设备+1")):
        facts.record(ours.by_name[letter], "reported", date(2023, 7, 10), amount=amount, words=words)
    new = facts.create(name="丁辰机器人项目", zone=ours.east)
    Project.objects.filter(pk=new.pk).update(category=kinds[0])
    return new


def test_what_came_since_stands_in_the_office_s_own_workbook(ours):
    since(ours)
    given = own.give(ours.ledger, JULY, by=None, watermark="内部资料 张三&李四")
    found = sheet_of(given)
    title, _, heads, first, *data, second, last, total, foot = found.rows
    assert (given.name, found.name, title[0]) == ("重点项目7月.xlsx", "7月", "高新区2023年7月重点项目进度表")
    assert heads[5:9] == ("7月完成投资", "1-7月累计完成投资", "完成比例", "7月形象进度")
    assert (first[0], first[3:7]) == ("一、先进制造业（3个）", (50_000, 36_000, 2_200, 16_600))
    assert data[0][:7] == (1, "甲光电子产业园项目", "甲光电子有限公司", 50_000, 12_000, 800, 5_600)
    assert data[1][3:9] == ("约5.2亿元", 24_000, 1_400, 11_000, pytest.approx(11 / 24), "=设备+1")
    assert data[2] == (3, "丁辰机器人项目", *[None] * 10)
    assert (second[0], last[:2], last[5:7], last[9]) == (
        *("二、现代服务业（1个）", (4, "丙能储能装备项目"), (None, None)),
        date(2022, 8, 1),
    )
    assert (total[0], total[4:7]) == ("合计：4 个", (42_000, 2_200, 16_600))
    assert foot[0].endswith("填报日期：2023年7月10日")
    assert data[0][10:] == ("N-甲", "=HYPERLINK(1)")
    report = given.report
    assert report.added == ["丁辰机器人项目"]
    assert report.kept == {
        "7月没有报“当月完成投资”，留空": ["F9"],
        "7月没有报“年度累计完成投资”，留空": ["G9"],
        "7月没有报“形象进度”，留空": ["I9"],
    }
    assert [(each.place, each.old, each.new) for each in report.changes if each.heading == "年度累计完成投资"] == [
        *(("G5", "4800", "5600"), ("G6", "9600", "11000"), ("G9", "3000", "")),
    ]
    assert [each for each in report.remarks if "K列“内部编号”" in each]


def test_styles_formulas_notes_and_print_set_up_stay_and_follow_their_cells(ours):
    since(ours)
    given = own.give(ours.ledger, JULY, by=None, watermark="内部资料 张三&李四")
    old, new = (zipfile.ZipFile(BytesIO(data)) for data in (ours.data, given.data))
    for part in ("xl/styles.xml", "xl/theme/theme1.xml", "xl/sharedStrings.xml"):
        assert new.read(part) == old.read(part), part
    sheet = new.read("xl/worksheets/sheet1.xml").decode()
    for said in (
        *("<f>SUM(G5:G7)</f><v>16600</v>", "<f>SUM(G9:G9)</f>", "<f>G4+G8</f><v>16600</v>"),
        *('<f>IF(E7=0,"",G7/E7)</f>', '<mergeCell ref="A8:B8"/>', 'sqref="H5:H9"', 'hidden="1"'),
        *('paperSize="8" orientation="landscape"', "内部资料 张三&amp;&amp;李四", 'width="33.7109375"'),
    ):
        assert said in sheet, said
    style = dict(re.findall(r'<c r="([A-Z]+\d+)" s="(\d+)"', sheet))
    assert style["E7"] == style["E6"] != style["J6"] == style["J7"]
    assert "<f>=" not in sheet
    assert "HYPERLINK" not in re.sub("<t[^>]*>[^<]*</t>", "", sheet)
    book = new.read("xl/workbook.xml").decode()
    assert "'7月'!$A$1:$L$11" in book
    assert "'7月'!$1:$3" in book
    assert 'ref="B5"' in new.read("xl/comments1.xml").decode()
    again = own.give(imported_again(ours, given), JULY, by=None)
    assert again.report.changed == 0


def imported_again(ours, given):
    """The ledger that was given back, imported: it says nothing new."""
    assert written(ours.east, given) == []
    ledger = Ledger.objects.order_by("-pk").first()
    importing.write(ledger, desk.understand(ledger, storing.sheets_of(ledger)), by=None, only_good=True)
    own.keep_original(ledger, given.data)
    return Ledger.objects.get(pk=ledger.pk)


def test_a_month_to_the_right_is_added_for_each_month_that_came(town):
    ledger = imported(town.east, (FIXTURES / "t01-jindu.xlsx").read_bytes(), "t01-jindu.xlsx")
    project = Project.objects.get(name="绿垚无人机整机及飞控系统项目")
    for month, amount in ((6, 10_000_000), (7, 13_000_000)):
        facts.record(
            project, "reported", date(2023, month, 10 if month == 7 else 30), amount=amount, words=f"{month}层"
        )
    given = own.give(ledger, JULY, by=None)
    found = sheet_of(given)
    heads = found.rows[2]
    assert heads[6:14] == tuple(f"{month}月{what}" for month in (4, 5, 6, 7) for what in ("形象进度", "实际完成投资"))
    row = next(row for row in found.rows if row[1] == project.name)
    assert row[12:14] == ("7层", 300)
    assert "A1:U1" in zipfile.ZipFile(BytesIO(given.data)).read("xl/worksheets/sheet1.xml").decode()
    assert written(town.east, given) == []
    with pytest.raises(ValidationError, match="不能跨年"):
        own.give(ledger, When(2024, 1), by=None)


def test_who_ended_keeps_his_row_and_is_told_and_what_is_not_imported_is_not_given_back(ours):
    facts.terminate(ours.by_name["丙"], on=date(2023, 7, 5), reason="企业撤资")
    given = own.give(ours.ledger, JULY, by=ours.chen)
    assert given.report.left == ["丙能储能装备项目（2023-07-05 终止：企业撤资）"]
    assert sheet_of(given).rows[7][5:7] == (500, 3_000)
    Ledger.objects.filter(pk=ours.ledger.pk).update(state="dropped")
    ours.ledger.refresh_from_db()
    with pytest.raises(ValidationError, match="只有已导入的台账"):
        own.give(ours.ledger, JULY, by=None)


def test_a_csv_comes_back_as_csv_with_formulas_harmless_and_a_lost_original_as_a_plain_workbook(ours, town):
    text = "项目名称,2023年度计划投资（万元）,1-6月累计完成投资（万元）,备注\n戊泰物流园项目,1000,300,'=1+1\n"
    ledger = imported(town.east, text.encode(), "2023年6月.csv")
    given = own.give(ledger, JULY, by=None)
    assert given.name == "2023年7月.csv"
    assert given.data.decode("utf-8-sig").splitlines()[0].split(",")[2] == "1-7月累计完成投资（万元）"
    assert given.data.decode("utf-8-sig").splitlines()[1].endswith("'=1+1")
    ours.ledger.upload.file.delete()
    given = own.give(Ledger.objects.get(pk=ours.ledger.pk), JUNE, by=None)
    assert own.LOST in given.report.remarks
    assert sheet_of(given).rows[4][1] == "甲光电子产业园项目"


def test_several_problems_in_a_cell_and_a_sum_that_follows_from_others_say_nothing_new(town):
    made = BytesIO()
    with xlsxwriter.Workbook(made) as out:
        sheet = out.add_worksheet("台账")
        heads = ("项目名称", "2022年底累计完成投资", "2023年计划投资", "1-6月累计完成投资", "自开工累计完成投资")
        sheet.write_row(0, 0, [*(f"{each}（万元）" if at else each for at, each in enumerate(heads)), "存在问题"])
        sheet.write_row(1, 0, ["己方港口项目", 500, 1000, 300, None, "用地未批"])
        sheet.write_row(2, 0, ["庚方码头项目", 200, 1000, 400, None, None])
    ledger = imported(town.east, made.getvalue(), "台账2023年6月.xlsx")
    first, second = Project.objects.filter(zone=town.east).order_by("pk")
    facts.raise_problem(first, title="用电未接通", category="utilities", raised_on=date(2023, 7, 1))
    facts.record(first, "reported", date(2023, 7, 10), amount=3_500_000)
    given = own.give(ledger, JULY, by=None)
    rows = sheet_of(given).rows
    assert rows[1][1:] == (500, 1000, 350, 850, "用地未批；用电未接通")
    assert rows[2][:5] == (second.name, 200, 1000, None, None)
    assert written(town.east, given) == []
