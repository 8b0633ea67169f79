"""The page, the command and the API give the same files, to who may see what is in them."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from projects.intake.opening import read_sheets
from projects.ledgers.exporting import own
from projects.ledgers.models import Dispatch, Ledger
from projects.ledgers.tests.exporting.reading import body, lines, rows
from projects.ledgers.tests.exporting.test_own import FIXTURES, GROUPS, ROWS, book, imported
from projects.tests import filling
from zones.models import ApiToken

API = "/api/v1"


@pytest.fixture
def ours(town):
    """A ledger that was imported, with its three projects."""
    town.ledger = imported(town.east, book(ROWS, GROUPS), "重点项目6月.xlsx")
    filling.project(town.west, "西区项目")
    return town


def asks(user, **headers):
    """Somebody at the API."""
    _, key = ApiToken.issue(user, "对接", days=3, may_write=True)
    return Client(headers={"Authorization": f"Bearer {key}", **headers})


def test_the_updated_ledger_is_looked_at_and_downloaded_by_the_office_alone(ours, client):
    page = f"/admin/projects_ledgers/dispatch/ledger/{ours.ledger.pk}/"
    ours.sign_in(client, "chen")
    change = client.get(f"/admin/projects_ledgers/ledger/{ours.ledger.pk}/change/").content.decode()
    assert page in change
    shown = client.get(page, {"month": "2023-07", "adding": "on"}).content.decode()
    assert "7月没有报“年度累计完成投资”，留空" in shown
    assert "重点项目7月.xlsx" in shown
    file = body(client.get(f"{page}file/", {"month": "2023-07", "internal": "on"}))
    assert read_sheets(file, "a.xlsx")[0].rows[0][0] == "高新区2023年7月重点项目进度表"
    assert client.get(f"{page}file/", {"month": "2023-17"}).status_code == 404
    for who, status in (("wang", 404), ("viewer", 404)):
        assert ours.sign_in(client, who).get(page).status_code == status
        assert client.get(f"{page}file/", {"month": "2023-07"}).status_code == status
    chen = asks(ours.chen, Accept="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer = chen.get(f"{API}/ledgers/{ours.ledger.pk}/export/", {"month": "2023-07", "adding": "false"})
    assert [sheet.rows for sheet in read_sheets(body(answer), "a.xlsx")] == [
        sheet.rows for sheet in read_sheets(own.give(ours.ledger, own.When(2023, 7), by=None).data, "a.xlsx")
    ]
    assert asks(ours.wang).get(f"{API}/ledgers/{ours.ledger.pk}/export/").status_code == 404
    for wrong in ({"month": "2023-13"}, {"adding": "yes"}, {"nonsense": "1"}):
        assert chen.get(f"{API}/ledgers/{ours.ledger.pk}/export/", wrong).json()["status"] == 400


def test_the_command_imports_a_file_and_gives_it_back_in_its_own_style(town, tmp_path, capsys):
    call_command("import_ledger", str(FIXTURES / "t07-yuebao.xlsx"), zone="zzgx", only_good=True)
    assert "台账编号" in capsys.readouterr().out
    ledger = Ledger.objects.get()
    out = tmp_path / "out.xlsx"
    call_command("export_ledger", ledger=ledger.pk, month="2023-06", out=str(out), format="json")
    told = json.loads(capsys.readouterr().out)
    assert (told["ledger"], told["month"], told["changed"]) == (ledger.pk, "2023-06", 0)
    before, after = (read_sheets(Path(file).read_bytes(), "a.xlsx") for file in (FIXTURES / "t07-yuebao.xlsx", out))
    assert [(sheet.name, sheet.rows[:6], sheet.merged) for sheet in after] == [
        (sheet.name, sheet.rows[:6], sheet.merged) for sheet in before
    ]
    for wrong, said in ((out.with_suffix(".csv"), "请以 .xlsx 结尾"), (out, "没有编号为 999")):
        number = ledger.pk if "csv" in said or "xlsx" in said else 999
        with pytest.raises(CommandError, match=said):
            call_command("export_ledger", ledger=number, month="2023-06", out=str(wrong))


def test_the_api_gives_the_list_the_tables_and_what_was_sent(ours):
    chen, wang = asks(ours.chen), asks(ours.wang)
    told = lines(body(chen.get(f"{API}/projects/export/", {"as": "csv", "ordering": "name", "text": "项目"})))
    assert [row["项目·名称"] for row in told] == ["丙能储能装备项目", "甲光电子产业园项目"]
    excel = rows(body(chen.get(f"{API}/projects/export/", {"unit": "亿元"})))
    assert (excel[0][0], "单位：亿元" in excel[1]) == ("项目", True)
    assert chen.get(f"{API}/projects/export/", {"page": "2"}).json()["code"] == "unknown_parameter"
    assert "甲光电子产业园项目" not in body(wang.get(f"{API}/projects/export/", {"as": "csv"})).decode()
    assert {"t1", "t12", "template"} <= {row["layout"] for row in chen.get(f"{API}/tables/").json()}
    asked = {"zone": "zzgx", "layout": "t5", "month": "2023-06"}
    table = body(chen.get(f"{API}/tables/file/", asked | {"as": "csv"})).decode("utf-8-sig")
    assert "甲光电子产业园项目" in table
    for wrong in ({"layout": "t9"}, {"zone": "zzjk"}, {"month": "6"}, {"as": "pdf"}):
        assert chen.get(f"{API}/tables/file/", asked | wrong).json()["status"] == 400
    sent = asked | {"recipient": "市发改委", "sent_on": "2023-07-10"}
    first, again = (chen.post(f"{API}/dispatches/", sent, "application/json") for _ in range(2))
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    row = Dispatch.objects.get()
    assert (row.sent_by, row.month, row.layout) == (ours.chen, date(2023, 6, 30), "T5")
    with row.file.open("rb") as kept:
        assert body(chen.get(f"{API}/dispatches/{row.pk}/file/")) == kept.read()
    assert wang.get(f"{API}/dispatches/{row.pk}/file/").status_code == 404
    assert wang.post(f"{API}/dispatches/", sent, "application/json").status_code == 400
    assert asks(ours.viewer).post(f"{API}/dispatches/", sent, "application/json").status_code == 403
