"""The superior's monthly tables and the template, filled from the facts."""

import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import claims, facts, money
from projects.intake.opening import read_sheets
from projects.ledgers import desk, importing
from projects.ledgers.exporting import forms, giving
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.exporting.telling import When
from projects.ledgers.tests.exporting.reading import rows
from projects.ledgers.tests.making import differences
from projects.ledgers.understanding import understand
from projects.tests import filling

JUNE = When(2023, 6)


@pytest.fixture
def filled(town):
    """Three projects: one of everything, one with a range and a unit, one of which nothing is known."""
    full = filling.full(town.east, user=town.zhang, department=town.east_office)
    facts.reach(full, "started", date(2023, 5, 20))
    ranged = filling.project(town.east_park, "储能产业园（二期）", plan=36_000_000, done=None)
    claims.assert_claim(ranged, "amount", money.read("30—50亿元"), source=filling.source(town.east, "签约"))
    facts.record(ranged, "reported", date(2023, 6, 30), amount=9_000_000, total=15_500_000, words="=桩基\n施工")
    facts.record(ranged, "reported", date(2023, 4, 30), amount=1_000_000)
    filling.project(town.east, "未报项目", plan=None, done=None)
    filling.project(town.west, "外区项目")
    return town


def given(town, code, **asked):
    found = giving.give(code, Asked(town.east, JUNE, **asked), forms.projects_of(town.east, JUNE))
    with found.file as file:
        return file.read()


def by_heading(data, heads):
    """Each row of data as a dict by its heading; heads is the number of the row of headings."""
    found = rows(data)
    return [dict(zip(found[heads], row, strict=True)) for row in found[heads + 1 :]]


def test_t1_repeats_its_pair_for_every_month_and_adds_up(filled):
    data = given(filled, "T1", by="陈项目办")
    title, about, heads, first, *_ = rows(data)
    assert title[0] == "高新区2023年6月重点项目建设进度表"
    assert about[0] == "报送部门：郑州高新技术产业开发区"
    assert "单位：万元" in about
    pairs = [heads.index(f"{month}月形象进度") for month in range(1, 7)]
    assert pairs == list(range(7, 19, 2))
    assert [heads[at + 1] for at in pairs] == [f"{month}月实际完成投资" for month in range(1, 7)]
    told = {row["项目名称"]: row for row in by_heading(data, 2)}
    full = told[first[1]]
    # 4,000万 by May and nothing told for April: May alone is not known, June is the difference.
    assert (full["5月实际完成投资"], full["6月实际完成投资"]) == ("", 800)
    ranged = told["储能产业园（二期）"]
    assert (ranged["6月形象进度"], ranged["6月实际完成投资"], ranged["自开始累积完成投资"]) == ("=桩基\n施工", "", 1550)
    assert (full["总投资"], full["年计划投资"], full["存在问题"]) == (50000, 12000, "用地手续未办结0")
    assert "外区项目" not in told
    assert [row[4:6] for row in rows(data) if row[0] == "合计：3 个"] == [[550000, 15600]]


def test_every_form_that_is_shipped_is_understood_by_the_reader_of_ledgers_with_its_units(filled):
    for code in forms.SHIPPED:
        for unit in ("", "亿元"):
            data = given(filled, code, unit=unit)
            [table] = understand(read_sheets(data, f"{code}.xlsx"), on=date(2023, 7, 10)).tables
            assert not table.questions, (code, table.questions)
            assert (table.year, table.month) == (2023, 6)
            slots = [slot for slot, _ in forms._repeated(forms.shipped(code).columns, 6)]
            if code == "t12":
                assert table.about == "summary"
                continue
            meant = [column.meaning for column in table.columns]
            assert meant == [slot.means for slot in slots], code
            amounts = {
                column.meaning: row.cells[column.index].value
                for row in table.rows
                if row.kind == "data" and "智能" in str(row.cells[meant.index("name")].value)
                for column in table.columns
                if column.index in row.cells
            }
            assert amounts["investment"].high == 500_000_000, (code, unit)
            assert amounts["annual_plan"].high == 120_000_000, (code, unit)


def test_t12_counts_projects_by_unit_under_two_rows_of_headings(filled):
    found = rows(given(filled, "T12"))
    groups, heads = found[2], found[3]
    assert [word for word in groups if word] == [
        "责任单位",
        "项目总数",
        "开工项目",
        "建成项目",
        "续建项目",
        "前期研究项目",
    ]
    counts = {row[0]: dict(zip(heads, row, strict=True)) for row in found[4:]}
    assert counts["高新经发局"]["6月底前已开工数"] == 1
    assert counts["高新经发局"]["年内计划建成数"] == 1
    assert [row[1] for row in found if str(row[0]).startswith("合计")] == [3]


def test_the_command_writes_the_whole_file_or_leaves_the_old_one(filled, tmp_path, capsys):
    out = tmp_path / "T5.csv"
    out.write_text("旧的")
    call_command("export_ledger", zone="zzgx", layout="T5", month="2023-06", out=str(out), format="json")
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["month"], told["layout"]) == (3, "2023-06", "T5 项目投资完成情况表")
    text = out.read_text("utf-8-sig")
    assert text.startswith("项目名称,项目代码,项目工期,责任单位,建设单位,项目类型,总投资（亿元）,年度计划投资（万元）")
    assert ",5,12000,4800,40," in text
    for wrong in ({"layout": "T9"}, {"month": "2023-13"}, {"out": str(tmp_path / "T5.doc")}, {"zone": "无此区"}):
        with pytest.raises(CommandError, match=r"可用的有|应像 2023-06|结尾|没有“无此区”"):
            call_command("export_ledger", **{"zone": "zzgx", "layout": "T5", "out": str(out), **wrong})
    assert out.read_text("utf-8-sig") == text
    assert [each.name for each in tmp_path.iterdir()] == ["T5.csv"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"columns": []}, "各栏"),
        ({"columns": [{"heading": ["项目"], "means": "nonsense"}]}, "第1栏的含义“nonsense”"),
        ({"columns": [{"heading": ["项目"], "colour": "red"}]}, "第1栏"),
        ({"columns": [{"heading": ["数"], "count": "all"}]}, "按责任单位汇总"),
        ({"unit": "千元", "columns": [{"heading": ["项目"]}]}, "unit 应为"),
        ({"pages": 3, "columns": [{"heading": ["项目"]}]}, "没有“pages”"),
    ],
)
def test_a_form_that_is_wrong_is_refused_with_what_is_wrong(broken, said):
    with pytest.raises(ValidationError, match=said):
        forms.read({"name": "样", "title": "样", **broken})


# ---- There and back ------------------------------------------------------------------------------------------------
def sent_back(town, sheets):
    ledger, _ = desk.open_sheets(sheets, "填报.xlsx", str(sheets).encode(), town.east, by=town.chen)
    importing.preview(ledger, desk.understand(ledger, sheets), by=town.chen)
    return ledger


def test_the_template_sent_back_untouched_says_nothing_new_and_three_changed_cells_say_three_things(filled):
    [sheet, choices] = read_sheets(given(filled, ""), "填报.xlsx")
    assert choices.hidden
    same = sent_back(filled, (sheet, choices))
    assert differences(same) == [], differences(same)
    assert list(same.rows.values_list("kind", flat=True)) == ["unchanged"] * 3
    heads = next(row for row in sheet.rows if "项目名称" in row)
    told = [list(row) for row in sheet.rows]
    row = next(each for each in told if each[heads.index("项目名称")] == "储能产业园（二期）")
    row[heads.index("1-6月累计完成投资(万元)")] = 1000
    row[heads.index("6月形象进度")] = "主体施工"
    row[heads.index("产业类别")] = "先进制造业"
    changed = type(sheet)(sheet.name, tuple(map(tuple, told)), sheet.merged)
    found = differences(sent_back(filled, (changed, choices)))
    assert sorted(each[1] for each in found) == ["category", "progress", "year_done"]


def test_more_projects_cost_no_more_statements(filled):
    with CaptureQueriesContext(connection) as few:
        given(filled, "T1")
    filling.many(filled.east, 6, user=filled.zhang, department=filled.east_office)
    with CaptureQueriesContext(connection) as many:
        data = given(filled, "T1")
    assert "合计：9 个" in {row[0] for row in rows(data)}
    assert len(many) == len(few)
