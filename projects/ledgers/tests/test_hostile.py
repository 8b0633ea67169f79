"""Files that mean harm, or are only odd, through the doors of the room: told in a sentence, and nobody else notices."""

import json
import re
import time
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from projects.intake.models import Upload
from projects.intake.tests import making
from projects.jobs import working
from projects.ledgers.models import Ledger
from projects.ledgers.tests.making import opened, previewed, sheet
from projects.ledgers.tests.test_pages import ask, send
from projects.models import Claim, Project
from zones.models import ApiToken

pytestmark = pytest.mark.django_db(transaction=True)
LEDGERS = "/admin/projects_ledgers/ledger/"
PART = "xl/worksheets/sheet1.xml"
ROWS = [("青禾轴承产业园项目", "青禾轴承有限公司", 52000, 12000, 5600), ("云岭储能项目", "云岭有限公司", 8000, 900, 80)]


def workbook(*rows, options=None, then=lambda book, page: None):
    """A ledger of these rows below a title and a head."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, options or {})
    page = book.add_worksheet("台账")
    for number, row in enumerate(sheet(*(rows or ROWS)).rows):
        page.write_row(number, 0, row)
    then(book, page)
    book.close()
    return out.getvalue()


def patched(before, after, **parts):
    """The ledger with something else in its sheet, and other parts besides."""
    data = workbook()
    with making.zipfile.ZipFile(BytesIO(data)) as archive:
        plain = archive.read(PART).decode()
    assert before in plain
    return making.changed(data, {PART: plain.replace(before, after, 1), **parts})


def empty_rows():
    """Formatted down to the last row of Excel, a thousand of the rows with cells."""
    rows = "".join(f'<row r="{at}" s="1"><c r="A{at}" s="1"/></row>' for at in [*range(50, 1050), 1_048_576])
    return patched("</sheetData>", f"{rows}</sheetData>")


def many_strings():
    told = "".join(f"<si><t>青禾{at}号</t></si>" for at in range(1_000_000))
    return making.changed(workbook(), {"xl/sharedStrings.xml": f'<sst count="1000000">{told}</sst>'.encode()})


def one_merge():
    return patched("</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>')


def many_merges():
    told = "".join(f'<mergeCell ref="A{at}:J{at + 1}"/>' for at in range(1, 200_001, 2))
    return patched("</sheetData>", f"</sheetData><mergeCells>{told}</mergeCells>")


FILES = {
    "formatted down to the last row": (empty_rows, "已比对：新增 2 行"),
    "16,384 columns": (lambda: patched("</row>", '<c r="XFD1"><v>1</v></c></row>'), "超过 20000 行或 200 列"),
    "the last cell of Excel": (
        lambda: patched("</sheetData>", '<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'),
        "超过 20000 行或 200 列",
    ),
    "a million strings": (many_strings, "没有认出表头"),
    "one merge over everything": (one_merge, "已比对：新增 2 行"),
    "a hundred thousand merges": (many_merges, "没有认出“项目名称”"),
    "a bomb": (lambda: making.changed(workbook(), {"xl/media/a.bmp": bytes(30 * 1024 * 1024)}), "大得不正常"),
    "another workbook's figures": (
        lambda: making.changed(workbook(), {"xl/externalLinks/externalLink1.xml": b"<a/>"}),
        "连着别的工作簿",
    ),
    "macros": (lambda: making.changed(workbook(), {"xl/vbaProject.bin": b"x"}), "带有宏"),
    "a definition": (lambda: patched("<worksheet", "<!DOCTYPE a><worksheet"), "不该有的外部定义"),
    "no workbook at all": (lambda: b"MZ\x90" + bytes(100), "是程序文件"),
}


def kilobytes(what):
    """Memory of this process as the kernel counts it."""
    return int(re.search(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text())[1])


def test_files_that_mean_harm_are_told_in_a_sentence_and_nobody_else_notices(town, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    town.sign_in(client, "chen")
    files = [(what, made(), sentence) for what, (made, sentence) in FILES.items()]
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on, not from the making of the files
    before = kilobytes("VmHWM")
    for what, data, sentence in files:
        told = {"zone": "zzgx", "files": SimpleUploadedFile(f"{what}.xlsx", data)}
        began = time.monotonic()
        assert client.post(f"{LEDGERS}upload/", told).status_code == 302
        working.work()
        assert time.monotonic() - began < 10, what
        upload = Upload.objects.latest("pk")
        assert not upload.is_open
        ledger = Ledger.objects.filter(upload=upload).first()
        said = ledger.outcome if ledger else upload.outcome
        assert sentence in said, what
        assert ledger or said.startswith("“")
        page = client.get(f"{LEDGERS}upload/").content.decode()
        assert escape(said) in page
    assert kilobytes("VmHWM") - before < 100 * 1024
    assert not Project.objects.exists()


def test_the_api_refuses_as_the_page_does(town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = Client(headers={"authorization": f"Bearer {ApiToken.issue(town.chen, '对接', days=3, may_write=True)[1]}"})
    file = SimpleUploadedFile("台账.xlsx", FILES["a definition"][0]())
    sent = client.post("/api/v1/uploads/", {"file": file, "zone": "zzgx", "purpose": "ledger"})
    working.work()
    told = client.get(sent.headers["Location"]).json()
    assert (told["state"], told["ledger"]) == ("refused", None)
    assert "不该有的外部定义" in told["outcome"]


def test_a_ledger_that_was_taken_back_is_read_once_more_over_the_api(town):
    client = Client(headers={"authorization": f"Bearer {ApiToken.issue(town.chen, '对接', days=3, may_write=True)[1]}"})
    sums = sheet(("溪口镇", 12, 52000), heads=("序号", "行政区", "项目数量", "总投资"))
    ledger = opened(town.east, sums)
    key = ledger.about["tables"][0]["columns"][1]["key"]
    address = f"/api/v1/ledgers/{ledger.pk}/again/"
    sent = {"headers": {"If-Match": f'"{ledger.version}"'}, "content_type": "application/json"}
    answer = client.post(address, json.dumps({"meanings": {key: "name"}}), **sent)
    assert answer.status_code == 201, answer.content.decode()
    assert (answer.json()["state"], answer.json()["counts"]["new"]) == ("ready", 1)
    ready = Ledger.objects.get(pk=answer.json()["id"])
    sent["headers"] = {"If-Match": f'"{ready.version}"'}
    refused = client.post(f"/api/v1/ledgers/{ready.pk}/again/", "{}", **sent)
    assert refused.status_code == 400
    assert "不用重新开始" in refused.content.decode()


def test_three_bad_rows_of_a_thousand_write_nothing_and_are_listed_until_only_the_good_are_wanted(town, client):
    town.sign_in(client, "chen")
    bad = {17: "待核", 500: "见附件", 999: "-20"}
    rows = [(f"青禾{at}号厂房项目", f"青禾{at}号有限公司", bad.get(at, 3000 + at)) for at in range(1, 1001)]
    ledger = previewed(town.east, sheet(*rows))
    listed = ask(client, ledger).context["errors"]
    assert [(row, said.partition("”为")[0]) for _, row, said in listed] == [
        (at + 3, f"第{at + 3}行 D列“总投资") for at in bad
    ]
    assert "没有导入" in send(client, ledger, "confirm")
    assert not Project.objects.exists()
    assert "新增项目 997 个" in send(client, ledger, "confirm", only_good="on")
    assert Project.objects.count() == Claim.objects.filter(field="amount").count() == 997


def test_what_is_in_cells_is_told_and_nothing_hidden_is_taken_in_silence(town, client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    town.sign_in(client, "chen")

    def odd(book, page):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for row, cell in ((3, "=SUM(1,2)"), (4, "=B9"), (5, "=1/0")):
            page.write_formula(row, 3, cell, None, {3: 52000, 4: "#REF!", 5: "#DIV/0!"}[row])
        page.write_string(2, 10, "盟旗编组")
        page.write_formula(4, 10, "=B9", None, "#REF!")  # in a column that means nothing to us
        page.write_boolean(6, 3, True)
        page.write_datetime(7, 3, date(2023, 7, 12), day)
        page.write_datetime(7, 7, date(2023, 3, 12), day)
        page.set_row(8, None, None, {"hidden": True})
        page.set_column("C:C", None, None, {"hidden": True})
        book.add_worksheet("旧表").hide()

    rows = [(f"青禾{at}号厂房项目", "青禾公司", 1000 * at) for at in range(1, 7)]
    data = workbook(*rows, options={"date_1904": True}, then=odd)
    client.post(f"{LEDGERS}upload/", {"zone": "zzgx", "files": SimpleUploadedFile("台账.xlsx", data)})
    working.work()
    ledger = Ledger.objects.get()
    listed = {row: said for _, row, said in ask(client, ledger).context["errors"]}
    assert set(listed) == {5, 6, 7, 8}
    assert all("“总投资”为" in said for said in listed.values())
    assert "是否" in listed[7]
    assert "日期" in listed[8]
    assert "有隐藏的第9行，C列，也读入了，请核对" in "".join(ledger.about["remarks"])
    doubts = {row.number: row.doubts for row in ledger.rows.filter(doubtful=True)}
    assert "这一行在表里是隐藏的" in doubts[9][0][1]
    assert "隐藏" in next(each["reason"] for each in ledger.about["tables"][0]["columns"] if each["letter"] == "C")
    assert "新增项目 2 个" in send(client, ledger, "confirm", only_good="on")
    amounts = Claim.objects.filter(field="amount").values_list("low", flat=True)
    assert sorted(amounts) == [60_000_000, 520_000_000]
