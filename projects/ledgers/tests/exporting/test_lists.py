"""Any list of the screens as a file."""

import re
import zipfile
from io import BytesIO

import pytest
from django.contrib import admin

from projects.glyphs import as_written, harmless
from projects.intake.opening import read_sheets
from projects.ledgers.tests.exporting.reading import body, lines, rows
from projects.models import Project
from projects.papers import sheets
from projects.tests import filling

LIST = "/admin/projects/project/export/"
HOSTILE = ["=1+1", "+1+2", "-cmd|x", "@SUM(1)", "\t=1", "＝1", " =x", "'=1", "''", "'-5", "-", "-12.5", "普通'名"]


@pytest.fixture
def filled(town):
    town.made = filling.many(town.east, 5, user=town.zhang, department=town.east_office)
    filling.project(town.west, "西区项目")
    return town


def listed(client, town, who, **asked):
    return lines(body(town.sign_in(client, who).get(LIST, {"export_as": "csv", **asked})))


def test_a_list_has_the_rows_filters_words_and_order_of_the_screen_for_each_person(filled, client):
    seen = {who: [row["项目·编号"] for row in listed(client, filled, who)] for who in ("chen", "wang", "chief")}
    assert sorted(seen["chen"]) == [each.code for each in filled.made]
    assert len(seen["wang"]) == 1
    assert len(seen["chief"]) == 6
    assert [row["项目·名称"] for row in listed(client, filled, "chief", q="西区")] == ["西区项目"]
    filled.sign_in(client, "chen")
    for asked in ({"o": "-2"}, {"light": "red"}, {"o": "4", "q": "智能"}):
        screen = re.findall(r"ZZGX-\d{4}", client.get(LIST.replace("export/", ""), asked).content.decode())
        assert screen
        assert [row["项目·编号"] for row in listed(client, filled, "chen", **asked)] == list(dict.fromkeys(screen))


def test_every_list_is_had_as_a_file_by_who_may_see_it_and_by_nobody_else(filled, client):
    for who in ("chen", "nobody"):
        filled.sign_in(client, who)
        for model in admin.site._registry:
            where = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            page = client.get(where).status_code
            for kind in ("xlsx", "csv"):
                answer = client.get(f"{where}export/", {"export_as": kind})
                assert (answer.status_code == 200) == (page == 200), (who, where, page, answer.status_code)
                if answer.status_code == 200:
                    assert body(answer), where
    client.logout()
    assert client.get(LIST).status_code == 302


def test_excel_has_amounts_as_numbers_in_the_unit_asked_for_and_is_ready_to_print(filled, client):
    data = body(filled.sign_in(client, "chen").get(LIST, {"export_unit": "亿元", "q": filled.made[0].name}))
    title, about, groups, heads, first, total, signature = rows(data)
    assert (title[0], about[-2]) == ("项目", "单位：亿元")
    assert about[0].startswith("导出：陈项目办 2023-07-10")
    found = dict(zip([group or head for group, head in zip(groups, heads, strict=True)], first, strict=True))
    by_head = dict(zip(heads, first, strict=True))
    assert (by_head["金额"], by_head["完成"], by_head["计划"], by_head["完成率"]) == (5, 0.48, 1.2, 40)
    assert found["落后时序（百分点，超前为负）"] == 10
    assert total[0] == "合计：1 条"
    assert signature[0].startswith("制表人：陈项目办")
    book = zipfile.ZipFile(BytesIO(data))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    for said in ('orientation="landscape"', 'fitToHeight="0"', 'paperSize="8"', "内部资料 陈项目办", 'ySplit="4"'):
        assert said in sheet, said
    assert '<mergeCell ref="B3:D3"/>' in sheet
    assert "<f>SUBTOTAL(9,G5:G5)</f>" in sheet
    assert '<autoFilter ref="A4:' in sheet
    assert "$3:$4</definedName>" in book.read("xl/workbook.xml").decode()


def test_what_looks_like_a_formula_stays_text_and_is_read_back_as_it_was(filled, client):
    for project, name in zip(filled.made, HOSTILE, strict=False):
        Project.objects.filter(pk=project.pk).update(name=name)
    answer = filled.sign_in(client, "chen").get(LIST, {"export_as": "csv", "o": "2"})
    data = body(answer)
    told = lines(data)
    assert {row["项目·名称"] for row in told} == {harmless(name) for name in HOSTILE[:5]}
    assert all(row["项目·名称"].startswith("'") for row in told)
    [sheet] = read_sheets(data, "项目.csv")
    assert {row[1] for row in sheet.rows[1:]} == set(HOSTILE[:5])
    excel = body(client.get(LIST, {"o": "2"}))
    assert "=1+1" in {row[1] for row in rows(excel)}
    assert "<f>1+1" not in zipfile.ZipFile(BytesIO(excel)).read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("text", HOSTILE)
def test_the_sign_before_a_formula_is_put_only_where_needed_and_comes_off_again(text):
    assert as_written(harmless(text)) == text
    assert (harmless(text) == text) == (text in ("''", "-", "-12.5", "普通'名"))
    assert as_written("'-5") == "-5"


def test_a_sheet_keeps_what_was_typed_to_the_character():
    typed = ["<&>\"'", "_x0041_", "两\n行", " 空格 ", "a\x00b\x0b", "😀𬭚", "x" * 40_000]
    columns = [sheets.Column(("字",)), sheets.Column(("数",), sheets.Kind.MONEY, total=True)]
    made = sheets.workbook(columns, iter([(text, at) for at, text in enumerate(typed)]), sheets.Look("表"))
    read = [row[0] for row in rows(made.read())[2:-1]]
    assert read == [*typed[:4], "ab", typed[5], "x" * 32_767]
