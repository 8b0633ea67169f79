"""The doors: the command, the API, a file that is sent and read by a worker."""

import json
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client

from projects import facts
from projects.intake import limits, receiving
from projects.intake.opening import read_sheets
from projects.intake.refusals import Refused
from projects.jobs import working
from projects.ledgers import desk
from projects.ledgers.models import Ledger
from projects.ledgers.tests.making import HEADS, sheet
from projects.models import Project
from projects.notices.models import Notice
from zones.models import ApiToken

FIXTURES = Path(settings.BASE_DIR) / "fixtures/ledgers"
ROW = ("青禾轴承产业园项目", "青禾轴承有限公司", 52000, 12000, 5600)


def workbook(*rows, heads=HEADS):
    """The bytes of a workbook with these rows below a title and a head."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet("台账")
    for number, row in enumerate(sheet(*rows, heads=heads).rows):
        page.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def command(*args):
    """Exit code, standard output and error of the command."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_ledger", *map(str, args), stdout=out, stderr=err)
    except SystemExit as ended:
        return ended.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.django_db
def test_the_command_imports_every_example_and_the_second_time_nothing(town):
    for path in sorted(FIXTURES.glob("t*")):
        told = [path, "--zone", "zzgx", "--only-good", "--unit", "万元", "--format", "json"]
        code, out, _ = command(*told)
        answer = json.loads(out)
        summary = all(table["about"] == "summary" for table in answer["tables"])
        assert code == (1 if summary else 0), (path.name, answer.get("errors"))
        if not summary:
            assert answer["written"]["created"] + answer["written"]["changed"] > 0, path.name
            assert json.loads(command(*told)[1])["unchanged"]


@pytest.mark.django_db
def test_the_command_says_what_it_needs_and_writes_nothing_in_a_dry_run(town, tmp_path):
    asked = command(FIXTURES / "t06-yilan.xls", "--zone", "zzgx")
    assert asked[0] == 1
    assert "是元、万元还是亿元" in asked[2]
    path = tmp_path / "台账.xlsx"
    path.write_bytes(workbook(ROW))
    code, out, err = command(path, "--zone", "zzgx", "--dry-run")
    assert (code, err) == (0, "")
    assert "总投资：5.2亿元" in out
    assert not Project.objects.exists()
    assert not Ledger.objects.exists()
    with pytest.raises(CommandError, match="没有“没有的区”这个区域"):
        command(path, "--zone", "没有的区")


@pytest.mark.django_db
def test_the_command_takes_answers_for_columns_and_projects_for_rows(town, tmp_path):
    ours = facts.create(name="青禾轴承产业园项目", zone=town.east)
    heads = ("序号", "项目名称", "总投资", "累计完成投资", "专项资金")
    rows = (("青禾轴承产业园智造项目", 52000, 5600, 30), ("青禾轴承产业园配套项目", 300, 20, 1), ("储能电池", 20, 5, 1))
    path = tmp_path / "台账.xlsx"
    path.write_bytes(workbook(*rows, heads=heads))
    told = (path, "--zone", "zzgx", "--month", "6")
    code, _, err = command(*told)
    assert code == 1
    assert "--answer D=自开工累计完成投资" in err
    assert "页面“上传台账”" in err
    told += ("--answer", "D=自开工累计完成投资", "--answer", "台账!E3=")
    code, out, err = command(*told, "--dry-run")
    assert f"可能是：{ours.code} 青禾轴承产业园项目" in out, err
    code, _, err = command(*told)
    assert code == 1
    assert "--match 行号=项目编号" in err
    told += ("--match", f"4={ours.code}", "--match", "台账!5=新项目", "--match", "6=不导入")
    code, _, err = command(*told)
    assert (code, err) == (0, "")
    assert sorted(Project.objects.values_list("name", flat=True)) == ["青禾轴承产业园配套项目", "青禾轴承产业园项目"]
    assert ours.progress.get().total == 5600 * 10_000
    for wrong, sentence in (
        (("--answer", "D=没有这种"), "没有“没有这种”这种列：可以填"),
        (("--answer", "Z=总投资"), "不在任何一张表里"),
        (("--match", "99=新项目"), "不在任何一张表里"),
        (("--match", "4=没有的项目"), "没有项目叫“没有的项目”"),
        (("--match", "新项目"), "看不懂"),
    ):
        path.write_bytes(workbook(*rows, ("又一个项目", len(wrong[1])), heads=heads))
        assert sentence in command(path, "--zone", "zzgx", *wrong)[2]


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_sent_is_read_by_a_worker_and_imported_through_the_api(town, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(desk, "SYNCHRONOUS", 0)
    client = Client(headers={"authorization": f"Bearer {ApiToken.issue(town.chen, '对接', days=3, may_write=True)[1]}"})
    file = ContentFile(workbook(ROW), name="台账.xlsx")
    sent = client.post("/api/v1/uploads/", {"file": file, "zone": "zzgx", "purpose": "ledger"})
    assert sent.status_code == 202, sent.content.decode()
    working.work()
    line = client.get(sent.headers["Location"]).json()
    address = f"/api/v1/ledgers/{line['ledger']}/"
    told = client.get(address).json()
    assert (told["state"], told["counts"]["new"]) == ("ready", 1)
    (row,) = client.get(f"/api/v1/ledger-rows/?ledger={told['id']}").json()["results"]
    assert row["differences"][0] == {
        **{"meaning": "name", "column": "B", "kind": "new", "old": "", "new": ROW[0], "sentence": ""},
    }
    assert post(client, f"{address}answer/", told, {"units": {"": "里"}}).status_code == 400
    assert client.post(f"{address}confirm/", "{}", "application/json").status_code == 428
    confirmed = post(client, f"{address}confirm/", told, {})
    assert confirmed.json()["state"] == "importing", confirmed.content.decode()
    working.work()
    told = client.get(address).json()
    assert (told["state"], Project.objects.get().investment_high) == ("imported", 520_000_000)
    assert Notice.objects.filter(user=town.chen, kind="台账").count() == 2
    assert post(client, f"{address}undo/", told, {}).json()["state"] == "imported"
    twice = post(client, f"{address}undo/", client.get(address).json(), {})
    assert (twice.status_code, "后台正在撤销这次导入" in twice.content.decode()) == (400, True)
    working.work()
    assert client.get(address).json()["state"] == "undone"
    assert Notice.objects.filter(user=town.chen, sentence__contains="已撤销整次导入").count() == 1
    assert Client().get(address).status_code == 401
    again = receiving.receive([file], zone=town.east, purpose="ledger", by=town.chen)
    assert len(again.known) == 1


def post(client, address, told, body):
    """Write in the version that was read."""
    return client.post(address, json.dumps(body), "application/json", headers={"If-Match": f'"{told["version"]}"'})


def test_a_command_reads_more_rows_than_a_page():
    data = ("名称\n" + "项目\n" * limits.ROWS).encode()
    with pytest.raises(Refused, match=f"超过 {limits.ROWS} 行"):
        read_sheets(data, "台账.csv")
    (page,) = read_sheets(data, "台账.csv", rows=limits.ROWS_OF_COMMAND)
    assert len(page.rows) == limits.ROWS + 1
