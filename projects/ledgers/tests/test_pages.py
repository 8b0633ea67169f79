"""The page of a ledger: what it shows to whom, and what its forms do."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects import facts
from projects.intake.models import Upload
from projects.ledgers.models import Ledger
from projects.ledgers.tests.making import HEADS, opened, previewed, sheet
from projects.ledgers.tests.test_importing import BATTERIES, BEARINGS
from projects.models import Project

pytestmark = pytest.mark.django_db
LEDGERS = "/admin/projects_ledgers/ledger/"
BROKEN = ("白河冷链物流园项目", "白河物流有限公司", "5000（含设备3000）")


def page_of(ledger):
    return f"{LEDGERS}{ledger.pk}/change/"


def ask(client, ledger, **query):
    return client.get(page_of(ledger), query)


def send(client, ledger, act, **told):
    """Send one of the page's forms, as a person who sees the ledger as it is; the page that follows, in words."""
    told = {"version": Ledger.objects.get(pk=ledger.pk).version, **told}
    page = client.post(f"{LEDGERS}{ledger.pk}/{act}/", told, follow=True)
    assert page.status_code == 200, page.status_code
    return page.content.decode()


@pytest.fixture
def chen(town, client):
    return town.sign_in(client, "chen")


@pytest.fixture
def ledger(town):
    return previewed(town.east, sheet(BEARINGS, BATTERIES, BROKEN))


def test_who_does_not_keep_the_zone_finds_neither_page_nor_forms(town, ledger, client):
    for name, answer in (("wang", 404), ("viewer", 403), ("zhang", 403)):
        town.sign_in(client, name)
        assert ask(client, ledger).status_code == answer
        for act in ("confirm", "drop", "answer", "again"):
            assert client.post(f"{LEDGERS}{ledger.pk}/{act}/", {"version": 1}).status_code == 404
    ledger.refresh_from_db()
    assert ledger.state == Ledger.State.READY


def test_the_numbers_on_the_tabs_are_those_of_the_lists(chen, ledger):
    page = ask(chen, ledger)
    tabs = {tab.code: tab.count for tab in page.context["tabs"] if tab.count is not None}
    assert tabs == {"new": 2, "changed": 0, "unchanged": 0, "conflict": 0, "wrong": 1, "doubtful": 2}
    for code, count in tabs.items():
        assert len(ask(chen, ledger, show=code).context["cards"]) == count


def test_the_sheet_shows_each_cell_that_is_doubtful_with_what_it_becomes(chen, ledger):
    said = ask(chen, ledger).content.decode()
    assert "“约8.5亿元”：按约8.5亿元读入" in said
    assert "读不懂，没有读入：“5000(含设备3000)”" in said
    assert len(re.findall("tk-cell-wrong", said)) == 1


def test_a_page_that_is_old_does_nothing_and_says_so(chen, ledger):
    seen = ledger.version
    assert "不导入。" in send(chen, ledger, "row", sheet=0, number=6, do="out")
    for act, told in (("confirm", {}), ("drop", {}), ("cell", {"sheet": 0, "number": 4, "column": 3, "value": "1"})):
        assert "刚才的操作没有做" in send(chen, ledger, act, **told, version=seen)
    assert not Project.objects.filter(name=BEARINGS[0]).exists()
    assert "新增项目 2 个" in send(chen, ledger, "confirm")
    assert "刚才的操作没有做" in send(chen, ledger, "confirm", version=seen)
    assert Project.objects.filter(name=BEARINGS[0]).count() == 1


def test_a_row_is_given_another_project_by_its_code_or_by_words_that_several_have(chen, town, ledger):
    one, two = (facts.create(zone=town.east, name=f"云岭储能{word}项目", by=None) for word in ("一期", "二期"))
    row = {"sheet": 0, "number": 5, "do": "choose"}
    said = send(chen, ledger, "row", **row, words="云岭储能")
    assert one.code in said
    assert two.code in said
    assert "请在这一行里选定一个" in said
    for words in ("没有的名称", "\x00没有"):
        assert "没有编号或名称是" in send(chen, ledger, "row", **row, words=words)
    send(chen, ledger, "row", **row, words=two.code.lower())
    assert ledger.rows.get(number=5).project == two
    send(chen, ledger, "row", **row, choice="new")
    assert ledger.rows.get(number=5).project is None


def test_what_is_asked_is_answered_and_what_makes_no_sense_is_refused_in_one_sentence(chen, town):
    heads = tuple(head.replace("2023", "") for head in HEADS)
    ledger = opened(town.east, sheet(BEARINGS, title="台账", unit=None, heads=heads))
    page = ask(chen, ledger)
    assert page.context["questions"]
    table = ledger.about["tables"][0]["key"]
    assert "年份请填数字" in send(chen, ledger, "answer", table=table, year="今年")
    assert "年份应在 1990 到 2100 之间" in send(chen, ledger, "answer", table=table, year="3023")
    assert "没有这张表" in send(chen, ledger, "answer", table="9:9", year="2023")
    assert "已按您的说明重新读取" in send(chen, ledger, "answer", table=table, unit="万元", year="2023")
    ledger.refresh_from_db()
    assert ledger.state == Ledger.State.READY


def test_a_sheet_without_headings_shows_its_rows_until_somebody_says_which_they_are(chen, town):
    ledger = opened(town.east, sheet(("甲", "乙", 1), heads=("一", "二", "三", "四"), title="说明"))
    assert ask(chen, ledger).context["raw_sheets"]
    for told in ({"sheet": 0, "first": "三", "last": 3}, {"sheet": 7, "first": 1, "last": 1}, {"first": 4, "last": 3}):
        assert "请填表头的第一行和最后一行" in send(chen, ledger, "headings", **told)


def test_a_ledger_whose_import_was_taken_back_is_read_once_more(chen, town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    ledger = previewed(town.east, sheet(BEARINGS))
    kept = SimpleUploadedFile("台账.xlsx", b"these very bytes")
    about = {"zone": town.east, "purpose": "ledger", "name": "台账.xlsx", "size": 16}
    ledger.upload = Upload.objects.create(**about, file=kept, bundle=uuid4())
    ledger.save()
    assert "新增项目 1 个" in send(chen, ledger, "confirm")
    assert "已撤销整次导入" in send(chen, ledger, "undo")
    assert "已比对：新增 1 行" in send(chen, ledger, "again")
    assert Ledger.objects.filter(state=Ledger.State.READY).count() == 1
    assert Ledger.objects.filter(state=Ledger.State.READY).get().pk != ledger.pk


def test_a_page_of_any_list_costs_the_same(chen, town, django_assert_max_num_queries):
    rows = [(f"{BEARINGS[0]}{number}", None, f"约{number}亿元") for number in range(1, 61)]
    ledger = previewed(town.east, sheet(*rows))
    for query in ({}, {"page": 2}, {"show": "new"}, {"show": "doubtful", "page": 3}, {"row": "0:4"}):
        with django_assert_max_num_queries(25):
            page = ask(chen, ledger, **query)
        assert page.status_code == 200
