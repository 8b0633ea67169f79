"""An office's own layout, learnt from an example, offered beside those that are shipped."""

import json
import zipfile
from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from projects import facts
from projects.intake.opening import read_sheets
from projects.ledgers.exporting import dispatching, examples, forms, giving
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.exporting.telling import When
from projects.ledgers.models import Dispatch, Layout
from projects.ledgers.tests.exporting.test_own import GROUPS, ROWS, book
from projects.models import Project
from projects.tests import filling

JULY = When(2023, 7)
OUTLETS = "/admin/projects_ledgers/layout/outlets/"
TABLES = "/admin/projects_ledgers/dispatch/tables/"


@pytest.fixture
def shown(town):
    """Five projects and an example of the superior's table, with somebody else's projects in it."""
    for number in range(5):
        made = filling.project(town.east, f"我区第{number}号智能工厂", plan=10_000_000 * (number + 1), done=None)
        facts.record(made, "reported", date(2023, 7, 9), amount=1_000_000 * (number + 1), words=f"做到{number}层")
    town.layout = examples.learn(town.east, "市里的表", book(ROWS, GROUPS), "市里.xlsx", by=town.chen)
    return town


def given(town, **asked):
    rows = forms.projects_of(town.east, JULY)
    found = giving.give(str(town.layout.pk), Asked(town.east, JULY), rows, **asked)
    with found.file as file:
        return found, file.read()


def test_an_example_is_filled_in_with_our_projects_in_its_own_style_and_nothing_of_its_own_is_left(shown):
    found, data = given(shown)
    title, _, heads, *rows, total, foot = read_sheets(data, "表.xlsx")[0].rows
    assert (found.title, found.count, title[0]) == ("高新区2023年7月重点项目进度表", 5, "高新区2023年7月重点项目进度表")
    assert heads[6] == "1-7月累计完成投资"
    assert [row[:2] for row in rows] == [(number + 1, f"我区第{number}号智能工厂") for number in range(5)]
    assert rows[1][4:9] == (2_000, None, 200, 0.1, "做到1层")
    assert (total[0], total[4], total[6]) == ("合计：5 个", 15_000, 1_500)
    assert foot[0].startswith("填报人：张三")
    archive = zipfile.ZipFile(BytesIO(data))
    whole = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<f>IF(E8=0,"",G8/E8)</f><v>0.1</v>' in whole
    assert "#REF!" not in whole
    seen = json.dumps([row for sheet in read_sheets(data, "表.xlsx") for row in sheet.rows], ensure_ascii=False)
    assert not [name for name in ("甲光", "乙晶", "丙能", "N-甲", "5.2亿", "HYPERLINK") if name in seen]
    columns, listed, look = giving.table(
        str(shown.layout.pk), Asked(shown.east, JULY), forms.projects_of(shown.east, JULY)
    )
    assert (columns[6].heading, look.title) == (("1-7月累计完成投资",), title[0])
    assert [row[6] for row in listed] == [1_000_000 * number for number in range(1, 6)]
    Project.objects.all().update(terminated_on=date(2023, 1, 1))
    _, data = given(shown)
    assert read_sheets(data, "表.xlsx")[0].rows[3][1:8] == (None,) * 7


def test_the_command_and_the_record_know_it_by_its_name(shown, tmp_path, capsys):
    out = tmp_path / "市里.xlsx"
    call_command("export_ledger", zone="zzgx", layout="市里的表", month="2023-07", out=str(out), format="json")
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["layout"]) == (5, "市里的表")
    assert read_sheets(out.read_bytes(), "a.xlsx")[0].rows[3][1] == "我区第0号智能工厂"
    with pytest.raises(CommandError, match="没有"):
        call_command("export_ledger", zone="zzjk", layout="市里的表", month="2023-07", out=str(out))
    asked = Asked(shown.east, JULY)
    told = {"recipient": "市发改委", "sent_on": date(2023, 7, 10), "by": shown.chen}
    sent = dispatching.send(str(shown.layout.pk), asked, **told)
    assert (sent.layout, len(sent.figures)) == ("市里的表", 5)
    assert dispatching.send(str(shown.layout.pk), asked, **told).pk == sent.pk
    with pytest.raises(ValidationError, match="只能用于"):
        dispatching.send(str(shown.layout.pk), Asked(shown.west, JULY), **told | {"by": None})
    assert Dispatch.objects.count() == 1


def test_the_office_uploads_an_example_corrects_what_it_was_understood_as_and_exports_with_it(shown, client):
    shown.sign_in(client, "chen")
    sent = {"zone": shown.east.pk, "name": "省里的表", "example": SimpleUploadedFile("省.xlsx", book(ROWS, GROUPS))}
    page = client.post(OUTLETS, sent, follow=True)
    layout = Layout.objects.get(name="省里的表")
    text = page.content.decode()
    assert "请核对每一列的含义" in text
    assert "甲光电子产业园项目" in text
    corrected = {"version": layout.version, "meaning.11": "problem", "meaning.10": "national_code", "year": "2023"}
    where = f"/admin/projects_ledgers/layout/{layout.pk}/outlet/"
    assert "按这样填" in client.post(where, corrected, follow=True).content.decode()
    assert "又有了改动" in client.post(where, corrected, follow=True).content.decode()
    first = Project.objects.get(name="我区第0号智能工厂")
    facts.raise_problem(first, title="用电未落实", category="utilities", raised_on=date(2023, 7, 1))
    asked = {"zone": shown.east.pk, "month": "2023-07", "layout": layout.pk}
    assert "我区第4号智能工厂" in client.get(TABLES, asked).content.decode()
    file = b"".join(client.get(f"{TABLES}file/", asked | {"internal": "1"}).streaming_content)
    assert read_sheets(file, "a.xlsx")[0].rows[3][11] == "用电未落实"
    assert "内部资料 陈项目办" in zipfile.ZipFile(BytesIO(file)).read("xl/worksheets/sheet1.xml").decode()
    kept = layout.example.storage.exists(layout.example.name)
    assert kept
    client.post(f"{where}remove/")
    assert not Layout.objects.filter(pk=layout.pk).exists()


def test_what_is_no_example_is_refused_with_a_sentence(shown, client):
    csv, broken, good = "项目名称,总投资\n甲项目,3".encode(), b"PK\x03\x04nonsense", book(ROWS, GROUPS)
    for who, name, file, data, said in (
        ("chen", "表", "表.csv", csv, "样表应为 .xlsx"),
        ("chen", "表", "表.xlsx", broken, "打不开"),
        ("chen", "t1", "表.xlsx", good, "不能与系统自带的样式同名"),
        ("chen", "市里的表", "表.xlsx", good, "已有同名的导出样式"),
        ("viewer", "表", "表.xlsx", good, ""),
    ):
        sent = {"zone": shown.east.pk, "name": name, "example": SimpleUploadedFile(file, data)}
        page = shown.sign_in(client, who).post(OUTLETS, sent)
        assert page.status_code == (400 if said else 403), said
        assert said in page.content.decode()
    assert Layout.objects.count() == 1


def test_a_foreign_office_sees_nothing_of_it(shown, client):
    shown.sign_in(client, "wang")
    where = f"/admin/projects_ledgers/layout/{shown.layout.pk}/outlet/"
    for path in (where, f"{where}remove/"):
        assert client.post(path, {"version": "1"}).status_code == 404
    asked = {"zone": shown.west.pk, "month": "2023-07", "layout": shown.layout.pk}
    assert "市里的表" not in client.get(TABLES, asked).content.decode()
    assert client.get(f"{TABLES}file/", asked).status_code == 404
