"""报表导出 and 报送记录: what was sent stays as it was sent, and the next one says what differs."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from projects import facts
from projects.ledgers.exporting import dispatching
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.exporting.telling import When
from projects.ledgers.models import Dispatch
from projects.ledgers.tests.exporting.reading import body, lines, rows
from projects.models import Project
from projects.tests import filling

TABLES = "/admin/projects_ledgers/dispatch/tables/"
RECORDS = "/admin/projects_ledgers/dispatch/"


@pytest.fixture
def filled(town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    town.stays = filling.project(town.east, "留下的项目", done=48_000_000)
    facts.record(town.stays, "reported", filling.MAY, amount=40_000_000)
    town.goes = filling.project(town.east, "终止的项目", done=None)
    filling.project(town.west, "外区项目")
    return town


def sent(town, month, on, code="t4"):
    asked = Asked(town.east, When(2023, month), by=str(town.chen))
    return dispatching.send(code, asked, recipient="市发改委", sent_on=on, by=town.chen)


def test_the_next_month_says_who_came_who_left_and_what_was_corrected_with_both_figures(filled):
    may = sent(filled, 5, date(2023, 6, 5))
    assert dispatching.last_before(may) is None
    facts.record(filled.stays, "reported", filling.MAY, amount=42_000_000)
    facts.terminate(filled.goes, on=date(2023, 6, 20), reason="投资方撤资")
    filling.project(filled.east, "新来的项目", done=None)
    june = sent(filled, 6, date(2023, 7, 5))
    assert dispatching.last_before(june) == may
    found = {(each.kind, each.name): (each.what, each.old, each.new) for each in dispatching.differences(june, may)}
    assert found == {
        ("新增", "新来的项目"): ("总投资", "", "未报"),
        ("退出", "终止的项目"): ("2023-06-20 终止：投资方撤资", "", ""),
        ("更正", "留下的项目"): ("1-5月累计完成投资", "4000万元", "4200万元"),
    }
    again = sent(filled, 6, date(2023, 7, 6))
    assert dispatching.last_before(again) == june
    assert dispatching.differences(again, june) == []


def test_the_very_bytes_are_given_again_and_spoilt_ones_are_refused(filled, client):
    sent_one = sent(filled, 6, date(2023, 7, 5))
    kept = dispatching.file_of(sent_one)
    facts.record(filled.goes, "reported", filling.JUNE, amount=1_000_000)
    url = f"{RECORDS}{sent_one.pk}/file/"
    assert body(filled.sign_in(client, "chen").get(url)) == kept
    assert {who: filled.sign_in(client, who).get(url).status_code for who in ("viewer", "wang", "gao")} == {
        **{"viewer": 404, "wang": 404, "gao": 200},
    }
    sent_one.file.storage.delete(sent_one.file.name)
    sent_one.file.storage.save(sent_one.file.name, ContentFile(kept + b"!"))
    answer = filled.sign_in(client, "chen").get(url, follow=True)
    assert "不一致或已丢失" in answer.content.decode()


def test_the_page_shows_the_first_rows_downloads_and_keeps_what_was_sent(filled, client):
    filled.sign_in(client, "chen")
    asked = {"zone": filled.east.pk, "month": "2023-06", "layout": "t4", "unit": "亿元"}
    page = client.get(TABLES, asked).content.decode()
    assert "高新区2023年6月重大项目报表" in page
    assert "留下的项目" in page
    assert "外区项目" not in page
    excel = rows(body(client.get(f"{TABLES}file/", asked)))
    assert excel[2][4] == "2023年度计划投资(亿元)"
    told = lines(body(client.get(f"{TABLES}file/", {**asked, "as": ".csv"})))
    assert [row["2023年度计划投资(亿元)"] for row in told] == ["1.2", "1.2"]
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    wrong = client.post(f"{TABLES}?{query}", {"recipient": "市发改委", "sent_on": "2023-07-11"})
    assert dispatching.NOT_TO_COME in wrong.content.decode()
    assert not Dispatch.objects.exists()
    answer = client.post(f"{TABLES}?{query}", {"recipient": " 市发改委 ", "sent_on": "2023-07-10"}, follow=True)
    shown = answer.content.decode()
    assert "这是这个样式的第一次报送" in shown
    [kept] = Dispatch.objects.all()
    assert (kept.recipient, kept.layout, kept.sent_by, kept.month) == ("市发改委", "T4", filled.chen, filling.JUNE)
    assert kept.figures[str(filled.stays.pk)] | {"code": ""} == {
        **{"name": "留下的项目", "code": "", "investment": None, "annual_plan": 120_000_000, "year_done": 48_000_000},
        **{"month_done": 8_000_000, "total_done": None, "months": {"5": 40_000_000}},
    }
    assert client.get(RECORDS).status_code == 200


def test_who_may_not_write_the_zone_sends_nothing_and_sees_no_foreign_zone(filled, client):
    asked = {"zone": filled.east.pk, "month": "2023-06", "layout": "t4"}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    filled.sign_in(client, "viewer")
    assert "登记报送" not in client.get(TABLES, asked).content.decode()
    assert client.post(f"{TABLES}?{query}", {"recipient": "市", "sent_on": "2023-07-10"}).status_code == 403
    assert "留下的项目" not in filled.sign_in(client, "wang").get(TABLES, asked).content.decode()
    assert client.get(f"{TABLES}file/", asked).status_code == 404
    assert filled.sign_in(client, "nobody").get(TABLES).status_code == 403
    with pytest.raises(ValidationError, match="没有权限"):
        dispatching.send(
            "t4", Asked(filled.east, When(2023, 6)), recipient="市", sent_on=date(2023, 7, 1), by=filled.wang
        )
    assert not Dispatch.objects.exists()
    assert Project.objects.count() == 3
