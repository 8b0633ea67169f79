"""The page of a ledger: what it shows to whom, and what its forms do."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from projects import facts
from projects.intake.models import Upload
from projects.intake.opening import Sheet
from projects.jobs.models import Job
from projects.jobs.posting import post
from projects.ledgers import desk
from projects.ledgers.models import Ledger
from projects.ledgers.tests.making import HEADS, opened, previewed, sheet
from projects.ledgers.tests.test_importing import BATTERIES, BEARINGS
from projects.models import Project

pytestmark = pytest.mark.django_db
LEDGERS = "/admin/projects_ledgers/ledger/"
BROKEN = ("白河冷链物流园项目", "白河物流有限公司", "看合同")


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
    assert "读不懂，没有读入：“看合同”" in said
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


def test_all_errors_stand_on_the_page_at_once_and_the_sheet_shows_only_the_rows_that_are_asked_for(chen, town):
    wrong = [(f"{BROKEN[0]}{number}", None, f"待核实{number}") for number in (1, 2, 3)]
    ledger = previewed(town.east, sheet(BEARINGS, *wrong, BATTERIES))
    page = ask(chen, ledger)
    assert [(place, sentence.partition("不是")[0]) for place, _, sentence in page.context["errors"]] == [
        (f"0:{row}", f"第{row}行 D列“总投资”为“待核实{row - 4}”") for row in (5, 6, 7)
    ]
    for only, rows in (
        ("wrong", [5, 6, 7]),
        ("doubtful", [5, 6, 7, 8]),
        ("new", [4, 8]),
        ("nonsense", [4, 5, 6, 7, 8]),
    ):
        assert [line["number"] for line in ask(chen, ledger, only=only).context["lines"]] == rows
    assert [tab.code for tab in page.context["filters"]] == ["", "doubtful", "wrong", "new"]


def test_a_table_of_sums_comes_to_an_end_with_what_it_says_unless_somebody_knows_better(chen, town):
    sums = sheet(
        *(("溪口镇", 12, 52000, 9000), ("石埠镇", 3, 8000, 700)),
        heads=("序号", "行政区", "项目数量", "总投资", "年度计划投资"),
    )
    ledger = opened(town.east, sums)
    assert (ledger.state, ledger.outcome) == (
        Ledger.State.DROPPED,
        "这是汇总表，没有项目名称一列，不导入项目；"
        "高新区2023年6月重点项目台账共 2 行，合计：项目数量 15，总投资 6亿元，年度计划投资 9700万元",
    )
    page = ask(chen, ledger)
    assert [shown for _, _, shown in page.context["sums"][0]["table"]["sums"]] == ["15", "6亿元", "9700万元"]
    assert "溪口镇" in page.content.decode()
    said = send(chen, ledger, "again", table=ledger.about["tables"][0]["key"], named="1")
    assert "已比对：新增 2 行" in said
    assert Ledger.objects.filter(state=Ledger.State.READY).get().rows.filter(name="溪口镇").exists()


def test_what_is_remembered_of_headings_is_told_and_forgotten(chen, town):
    heads = tuple("盟旗编组" if head == "6月形象进度" else head for head in HEADS)
    first = opened(town.east, sheet((*BEARINGS, "主体封顶"), heads=heads))
    table = first.about["tables"][0]["key"]
    send(chen, first, "answer", table=table, **{"meaning.6": "progress"})
    second = previewed(town.east, sheet((*BATTERIES, "设备安装"), heads=heads))
    (told,) = ask(chen, second).context["remembered"]
    assert (told["said"], told["mine"]) == ("G列“盟旗编组”：形象进度", True)
    assert "没有这条记住的说明" in send(chen, second, "forget", layout=0)
    assert "已不再记住" in send(chen, second, "forget", layout=told["pk"])
    page = ask(chen, second)
    assert page.context["remembered"] == []
    assert next(column for column in page.context["columns"] if column["index"] == 6)["meaning"] == ""


def test_cells_that_change_something_say_what_is_there_now(chen, town):
    send(chen, previewed(town.east, sheet(BEARINGS)), "confirm")
    later = previewed(town.east, sheet((*BEARINGS[:4], 6800, "封顶"), title="高新区2023年6月台账"))
    (line,) = ask(chen, later, only=later.rows.get().kind).context["lines"]
    told = {cell.letter: cell.doubt or cell.change for cell in line["cells"] if cell.doubt or cell.change}
    assert "6800万元" in told["F"]


def test_a_guess_that_is_asked_about_is_confirmed_by_choosing_it(chen, town):
    heads = tuple("总投姿" if head == "总投资" else head for head in HEADS)
    ledger = opened(town.east, sheet(BEARINGS, heads=heads))
    (question,) = ask(chen, ledger).context["questions"]
    assert question["choices"] == [("investment", "总投资"), ("", "只保留原文")]
    table = ledger.about["tables"][0]["key"]
    # The dropdowns of the sheet hold the guess as well; that is no answer.
    assert "没有要改的" in send(chen, ledger, "answer", table=table, **{"meaning.3": "investment"})
    assert "已比对：新增 1 行" in send(chen, ledger, "answer", table=table, asked=1, **{question["name"]: "investment"})


def test_tables_that_ask_the_same_are_answered_at_once_and_a_year_that_was_guessed_is_confirmed(chen, town):
    one = sheet(BEARINGS, title="2022年6月台账", unit=None)
    two = Sheet("西区", sheet(BATTERIES, title="2022年6月台账", unit=None).rows)
    ledger = desk.open_sheets([one, two], "台账.xlsx", b"two tables", town.east, by=None)[0]
    asked = ask(chen, ledger).context["questions"]
    assert [(question["name"], question["table"]) for question in asked] == [("year", ""), ("unit", "")]
    assert asked[0]["choices"][0] == ("2022", "2022")
    assert "已比对：新增 2 行" in send(chen, ledger, "answer", table="", asked=1, year="2022", unit="万元")


def test_an_import_that_is_written_is_stopped_only_where_somebody_else_can_write_meanwhile(chen, town, ledger):
    job = post("import_ledger", by=None, zone=town.east, parameters={"ledger": ledger.pk})
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    Ledger.objects.filter(pk=ledger.pk).update(state=Ledger.State.IMPORTING, job=job)
    alone = connection.vendor != "postgresql"
    assert ("停止</button>" in ask(chen, ledger).content.decode()) is not alone
    said = send(chen, ledger, "stop")
    assert ("不能停止；写完后可以撤销整次导入" in said) is alone
    ledger.refresh_from_db()
    assert ledger.stopping is not alone
