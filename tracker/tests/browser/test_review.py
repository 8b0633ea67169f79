"""A report as it is checked in Chromium: wholly by keyboard; without a network, by two at once, and on a phone."""

import re
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from common import ROOT
from django.db import connection
from playwright.sync_api import expect

from tracker.tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the demonstration is a file: the run on SQLite has seen it"
)
WHO, ZONE = "gaoxin-coordinator", "zzgx"
LIST = "/admin/projects_reports/report/"
BEFORE = """第七期项目走访

2023年3月1日讯

“签约一批”共2个项目，分别为松麓医用影像设备制造产业园项目、松麓医学影像设备制造产业园项目。
"""
MAIN = """第八期项目集中亮相

2023年5月10日讯

“开工一批”共6个项目，分别为总投资12亿元的青禾轴承智能产线项目、格力智慧物流中心项目、松麓影像设备制造产业园项目、\
总投资6.5亿元的云汀激光雷达研发基地项目、晨屿商业街区提升项目，年度计划投资8亿元。

“签约一批”共3个项目，分别为总投资9亿元的衡岳伺服电机总部项目、北栖阀芯精密加工项目、总投资2亿元的云汀雷达二线项目。
"""
OTHER = """{day}日项目简报

2023年7月{day}日讯

总投资{day}亿元的南浔滤膜{day}号产线项目已经开工。总投资3亿元的东篱电机{day}号产线项目已经投产。
"""
READ = """
import sys
import django
django.setup()
from django.core.management import call_command
for name in sys.argv[1:]:
    call_command("read_report", name, zone="zzgx", accept="accepted" in name)
"""
MENTIONS = """SELECT m.name, m.state, p.name, p.investment_high FROM projects_reports_mention m
    LEFT JOIN projects_project p ON p.id = m.project_id WHERE m.report_id = ? ORDER BY m.start"""
STATES = "SELECT state FROM projects_reports_mention WHERE report_id = ? ORDER BY start"
FILES = "SELECT id, file_name FROM projects_reports_report"
EVENTS = "SELECT count(*) FROM projects_reports_mentionevent"


@pytest.fixture(scope="module")
def reports(site, tmp_path_factory):
    """Reports in our own words, read into the demonstration: pages by a word of their titles."""
    texts = {"accepted": BEFORE, "main": MAIN} | {f"other-{day}": OTHER.format(day=day) for day in range(3, 7)}
    folder = tmp_path_factory.mktemp("reports")
    files = [folder / f"{name}.txt" for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-X", "utf8", "-c", READ, *map(str, files)]
    done = subprocess.run(command, env=site.environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: pk for pk, file in site.rows(FILES) for name in texts if file == f"{name}.txt"}


class Screen:
    """The page of a review in one window."""

    def __init__(self, visitor, pk):
        self.visitor, self.pk, self.page = visitor, pk, visitor.page
        visitor.open(f"{LIST}{pk}/review/")
        self.card.wait_for()

    @property
    def card(self):
        return self.page.locator(".record.current")

    def at(self, name):
        expect(self.card.locator(".record-name")).to_have_text(name)
        return self

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def write(self, words, *leaving):
        self.page.keyboard.type(words)
        return self.press(*leaving)

    def told(self, words):
        expect(self.page.locator("#toast")).to_contain_text(words)
        return self

    def saved(self, words="已全部保存"):
        expect(self.page.locator("#saved")).to_have_text(re.compile(words))
        return self

    def forgive(self, *expected):
        """What the browser complains of while a connection is missing is meant to be."""
        assert [each for each in self.visitor.wrong if not any(word in each for word in expected)] == []
        self.visitor.wrong.clear()


@pytest.fixture
def screen(visit, reports):
    """Opens the review of a report for somebody."""

    def on(name, who=WHO, size=DESKTOP):
        visitor = visit(who, size)
        visitor.sign_in()
        return Screen(visitor, reports[name])

    return on


def test_a_whole_report_is_checked_by_keyboard_without_a_page_load(visit, site, reports):
    visitor = visit(WHO, DESKTOP)
    visitor.sign_in()
    visitor.open(LIST)
    visitor.follow(visitor.page.locator(f"a[href='{LIST}{reports['main']}/review/']", has_text="审核").last)
    screen = Screen(visitor, reports["main"])
    page, loads = screen.page, []
    page.on("framenavigated", lambda frame: loads.append(frame.url))

    # One key for a certain record, whichever it is; the words that it came from are lit.
    screen.at("青禾轴承智能产线项目")
    lit = set(page.locator("#words .own").all_text_contents())
    assert {"青禾轴承智能产线项目", "12亿元", "第八期", "“开工一批”"} <= lit
    screen.press("Enter").at("格力智慧物流中心项目").press("a").at("松麓影像设备制造产业园项目").saved()
    screen.press("u").told("已撤销").at("格力智慧物流中心项目").press("Enter").at("松麓影像设备制造产业园项目")

    # Two projects are as near: a person chooses.
    screen.press("Enter").told("请按数字选择")
    expect(screen.card.locator(".candidate")).to_have_count(2)
    screen.press("2").at("云汀激光雷达研发基地项目")

    # What was read wrong is put right in its place; what is typed wrong is said at the field.
    screen.press("e")
    amount = screen.card.locator("[name=amount]")
    amount.fill("很多")
    amount.press("Enter")
    expect(screen.card.locator(".error:visible")).to_contain_text("金额")
    expect(amount).to_be_focused()
    screen.forgive("422")
    amount.fill("6.8亿元")
    amount.press("Enter")
    expect(screen.card.locator(".corrected")).to_contain_text("原文“6.5亿元”")
    screen.press("Enter").at("晨屿商业街区提升项目").press("r", "1").at("衡岳伺服电机总部项目")

    # Another mention of the same project.
    screen.press("End", "Home", *["j"] * 7).at("云汀雷达二线项目").press("m").write("ytjg", "Enter").saved()
    screen.told("已并入本文的“云汀激光雷达研发基地项目”")

    screen.press("Shift+A")
    expect(page.get_by_role("dialog")).to_contain_text("2 条写得清楚")
    screen.press("Enter").told("没有剩下的")
    assert site.rows(MENTIONS, screen.pk)[2:] == [
        ("松麓影像设备制造产业园项目", "accepted", "松麓医学影像设备制造产业园项目", None),
        ("云汀激光雷达研发基地项目", "accepted", "云汀激光雷达研发基地项目", 680_000_000),
        ("晨屿商业街区提升项目", "refused", None, None),
        ("衡岳伺服电机总部项目", "accepted", "衡岳伺服电机总部项目", 900_000_000),
        ("北栖阀芯精密加工项目", "accepted", "北栖阀芯精密加工项目", None),
        ("云汀雷达二线项目", "joined", "云汀激光雷达研发基地项目", 680_000_000),
    ]

    # Totals are answered with the same key.
    expect(screen.card.locator(".counts")).to_contain_text("报道写明")
    screen.press("Enter").write("原文漏列一个，已核实", "Enter").told("核对说明已记录")
    answers = site.rows("SELECT answer FROM projects_reports_figure WHERE report_id = ? AND answer <> ''", screen.pk)
    assert answers == [("原文漏列一个，已核实",)]
    expect(page.locator(".log")).to_contain_text("撤销“采纳”")
    screen.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("撤销自己的上一步")
    screen.press("Escape")
    visitor.look()
    assert loads == []


def test_text_and_records_find_each_other_and_nothing_keeps_anybody_out(screen):
    """The second by the rules of axe-core, whatever lies open."""
    page = (review := screen("other-3")).page
    page.locator("#words .said", has_text="东篱电机").click()
    review.at("东篱电机3号产线项目")
    review.card.get_by_role("button", name="3亿元").click()
    expect(page.locator("#words .aim")).to_have_text("3亿元")
    page.locator(".record", has_text="南浔滤膜").hover()
    expect(page.locator("#words .lit").first).to_be_visible()
    review.visitor.look()
    rules, found = Axe(), {}
    states = {
        "record": (),
        "correct": ("e",),
        "merge": ("Escape", "m"),
        "refuse": ("Escape", "r"),
        "keys": ("Escape", "?"),
    }
    for name, keys in states.items():
        review.press(*keys)
        told = rules.run(page).response
        assert told["passes"]
        found[name] = [each["id"] for each in told["violations"] if each["impact"] in ("serious", "critical")]
    assert not any(found.values()), found


def test_what_is_decided_without_a_network_outlives_the_page_and_a_lost_answer_does_nothing_twice(screen, site):
    review, lost = screen("other-4"), []

    def lose(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    page = review.page
    page.route("**/review/**", lambda route: route.abort())
    review.press("Enter").at("东篱电机4号产线项目").saved("1 步未保存")
    expect(page.locator("#bars")).to_contain_text("连不上服务器")
    review.press("r", "1").saved("2 步未保存")
    ((before,),) = site.rows(EVENTS)
    page.on("dialog", lambda asked: asked.accept())  # the browser asks before it leaves
    # In this order: the page tries again by itself, and what it sends in between would be answered.
    page.route("**/review/save/**", lose)
    page.unroute("**/review/**")
    page.reload()
    review.saved()
    assert lost == [200]
    assert site.rows(STATES, review.pk) == [("accepted",), ("refused",)]
    assert site.rows(EVENTS) == [(before + 2,)]
    # ERR_ABORTED: what the page was sending by itself at the moment it was left.
    review.forgive("ERR_FAILED", "ERR_ABORTED", "409")


def test_what_another_decided_meanwhile_is_told_and_shown(screen, site):
    one, other = screen("other-5"), screen("other-5")
    one.press("Enter").at("东篱电机5号产线项目").saved()
    other.press("r", "2").told("没有再改")
    expect(other.page.locator(".record", has_text="南浔滤膜5号产线项目").first).to_contain_text("已采纳")
    assert site.rows(STATES, one.pk) == [("accepted",), ("waiting",)]
    other.forgive("409")


def test_on_a_phone_a_record_brings_its_sentence_and_who_may_only_read_is_offered_nothing(screen, site):
    review = screen("other-6", size=PHONE)
    expect(review.page.locator("#words")).not_to_be_visible()
    expect(review.card.locator(".sentences")).to_contain_text("总投资6亿元的南浔滤膜6号产线项目已经开工。")
    review.visitor.look()
    review.card.get_by_role("button", name="采纳为新项目").tap()
    review.at("东篱电机6号产线项目").told("已采纳为新项目")
    review.page.get_by_role("button", name="显示全文").tap()
    expect(review.page.locator("#words")).to_contain_text("6日项目简报")
    review.visitor.look()
    reader = screen("other-6", "gaoxin-viewer", PHONE)
    expect(reader.page.locator("#bars")).to_contain_text("您可以查看这篇报道")
    expect(reader.card.get_by_role("button", name="采纳")).to_have_count(0)
    reader.visitor.look()
    assert site.rows(STATES, review.pk) == [("accepted",), ("waiting",)]
