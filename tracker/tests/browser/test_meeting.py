"""A meeting as it is run in Chromium: wholly by keyboard; without a network, signed out, by two at once, and over."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import expect

from tracker.tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the demonstration is a file: the run on SQLite has seen it"
)
WHO, ZONE = "gaoxin-coordinator", "zzgx"
MEETINGS = "/admin/projects_meetings/meeting/"
FOUND = """SELECT m.id FROM projects_meetings_meeting m JOIN zones_zone z ON z.id = m.zone_id
    WHERE z.code = ? AND m.held_on = ? AND m.kind = 'weekly' AND m.state IN ('preparing', 'running')"""
TOLD = """SELECT u.words, p.amount FROM projects_progress p JOIN projects_meetings_meeting m USING (source_id)
    JOIN projects_meetings_update u ON u.progress_id = p.id WHERE m.id = ? AND p.current ORDER BY u.place"""
WORDS = "SELECT place, words FROM projects_meetings_update WHERE meeting_id = ? AND words <> '' ORDER BY place"
STATE = "SELECT state FROM projects_meetings_meeting WHERE id = ?"


class Screen:
    """The page of a meeting in one window; every key that is pressed and field that is filled is counted."""

    def __init__(self, visitor, pk):
        self.visitor, self.pk, self.page = visitor, pk, visitor.page
        self.acts = 0
        visitor.open(f"{MEETINGS}{pk}/run/")
        self.page.locator(".item").first.wait_for()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        self.acts += 1
        return self

    def write(self, words, *leaving):
        """Fill the field in which the caret stands, and leave it."""
        self.page.keyboard.type(words)
        for key in leaving:
            self.page.keyboard.press(key)
        self.acts += 1
        return self

    def go(self, place):
        return self.press(*str(place), "Enter")

    @property
    def row(self):
        return self.page.locator(".item.open")

    @property
    def data(self):
        return json.loads(self.page.locator("#meeting-data").text_content())

    def saved(self, words="已全部保存"):
        expect(self.page.locator("#saved")).to_have_text(re.compile(words))
        return self

    def forgive(self, *expected):
        """What the browser complains of while a connection is missing is meant to be."""
        assert [each for each in self.visitor.wrong if not any(word in each for word in expected)] == []
        self.visitor.wrong.clear()


@pytest.fixture
def meeting(visit, site):
    """Opens the meeting of a day by its form, unless the demonstration has it, and gives windows on it."""

    def on(day, who=WHO, size=DESKTOP):
        visitor = visit(who, size)
        visitor.sign_in()
        if not site.rows(FOUND, ZONE, day):
            visitor.open(f"{MEETINGS}add/")
            visitor.page.locator("[name=held_on]").fill(day)
            visitor.follow(visitor.page.get_by_role("button", name="保存", exact=True))
        return Screen(visitor, site.rows(FOUND, ZONE, day)[0][0])

    return on


def test_a_whole_monday_runs_by_keyboard_without_a_page_load(meeting, site):
    screen = meeting("2023-07-10")
    page, loads = screen.page, []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    if site.rows(STATE, screen.pk) == [("preparing",)]:
        screen.press("s")
    page.get_by_text("进行中").wait_for()

    before = screen.data["rows"][0]["money"]["last"]["amount"]
    screen.acts = 0
    screen.go(1).write("主体结构封顶，开始砌筑", "Tab").write(str(before // 10_000 + 100))
    assert screen.acts <= 4
    expect(screen.row.locator(".field-amount .said")).to_contain_text("增加 100万元")
    screen.press("Control+Enter").press("Shift+Tab").write("完成桩基").saved()
    assert ("主体结构封顶，开始砌筑", before + 1_000_000) in site.rows(TOLD, screen.pk)

    screen.press("Escape")
    screen.acts = 0
    screen.press("d").write("自然资源局完成土地组卷上报", "Enter").write("zgj", "Enter").press("Enter")
    screen.write("xmb", "Enter").write("7-20", "Enter")
    assert screen.acts <= 6
    card = screen.row.locator(".card:not(.waiting)")
    expect(card).to_contain_text("资规局")
    expect(card).to_contain_text("2023-07-20")

    screen.press("p").write("临时用电未接入", "Enter").write("sd", "Enter").press("Control+Enter").saved()
    expect(screen.row.locator(".context")).to_contain_text("临时用电未接入")
    screen.press("Escape", "m").write("fd", "Enter").press("Enter").saved()
    screen.press("Escape", "Control+z")
    expect(page.locator("#toast")).to_contain_text("已撤销")

    screen.press("/").write("slsw").press("Escape")
    screen.press("l")
    expect(page.get_by_role("dialog")).to_contain_text("自然资源局完成土地组卷上报")
    screen.press("Escape", "?")
    expect(page.get_by_role("dialog")).to_contain_text("按序号跳到")
    screen.press("Escape")
    screen.visitor.look()

    screen.press("e").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("主体结构封顶，开始砌筑")
    assert site.rows(STATE, screen.pk) == [("closed",)]
    assert loads == []


def test_nothing_on_the_page_keeps_anybody_out(meeting):
    """By the rules of axe-core, whatever lies open."""
    rules = Axe()
    screen = meeting("2023-07-01")
    found = {}
    for name, keys in {
        "list": (),
        "row": ("5", "Enter"),
        "sheet": ("Escape", "d"),
        "keys": (*["Escape"] * 3, "?"),
    }.items():
        for key in keys:
            screen.page.keyboard.press(key)
        told = rules.run(screen.page).response
        assert told["passes"]
        found[name] = [each["id"] for each in told["violations"] if each["impact"] in ("serious", "critical")]
    assert not any(found.values()), found


def test_three_rows_typed_without_a_network_become_three_progress_and_a_lost_answer_none_more(meeting, site):
    screen = meeting("2023-07-07")
    lost = []

    def lose(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    screen.visitor.context.set_offline(True)
    for place in (4, 5, 6):
        screen.press("Escape", "Escape").go(place).write(f"断网时写下第{place}行")
    expect(screen.page.locator("#bars")).to_contain_text("连不上服务器")
    screen.saved("3 处未保存")
    assert site.rows(TOLD, screen.pk) == []
    screen.page.route("**/run/save/**", lose)
    screen.visitor.context.set_offline(False)
    screen.saved()
    assert lost == [200]
    assert site.rows(TOLD, screen.pk) == [(f"断网时写下第{place}行", None) for place in (4, 5, 6)]
    progress = (
        "SELECT count(*) FROM projects_progress p JOIN projects_meetings_meeting m USING (source_id) WHERE m.id = ?"
    )
    assert site.rows(progress, screen.pk) == [(3,)]
    screen.forgive("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")


def test_what_is_typed_without_a_network_outlives_the_page(meeting, site):
    screen = meeting("2023-07-07")
    screen.page.route("**/run/save/**", lambda route: route.abort())
    screen.go(8).write("没来得及保存").press("Escape").saved("1 处未保存")
    screen.page.on("dialog", lambda asked: asked.accept())  # the browser asks before it leaves
    screen.page.reload()
    screen.page.unroute("**/run/save/**")
    screen.saved()
    assert (8, "没来得及保存") in site.rows(WORDS, screen.pk)
    screen.forgive("ERR_FAILED")


def test_two_in_one_row_are_told_and_lose_nothing(meeting, site):
    one, other = meeting("2023-07-06"), meeting("2023-07-06")
    for screen in (one, other):
        screen.go(1)
    other.visitor.context.set_offline(True)
    other.write("后写的一段")
    one.write("先写的一段").saved()
    other.visitor.context.set_offline(False)
    conflict = other.row.locator(".conflict")
    expect(conflict).to_contain_text("先写的一段")
    assert site.rows(WORDS, one.pk) == [(1, "先写的一段")]
    conflict.get_by_role("button", name="两段都留").press("Enter")
    other.saved()
    expect(one.row.locator("textarea").first).to_have_value("先写的一段\n后写的一段")
    other.forgive("ERR_INTERNET_DISCONNECTED")


def test_who_is_signed_out_while_typing_signs_in_beside_and_it_is_saved_once(meeting, site):
    screen = meeting("2023-07-05")
    screen.visitor.context.clear_cookies()
    screen.go(2).write("登录过期时写的").press("Escape")
    with screen.visitor.context.expect_page() as opened:
        screen.page.get_by_role("link", name="重新登录").click()
    beside = opened.value
    beside.locator("input[name=username]").fill(WHO)
    beside.locator("input[name=password]").fill(screen.visitor.account["password"])
    beside.get_by_role("button", name="登录").click()
    beside.wait_for_url("**/admin/")
    screen.saved()
    assert site.rows(WORDS, screen.pk) == [(2, "登录过期时写的")]
    screen.forgive("403", "/admin/login/")


def test_a_meeting_that_was_ended_takes_nothing_more_and_what_was_typed_can_be_copied(meeting, site):
    late, running = meeting("2023-07-04"), meeting("2023-07-04")
    late.visitor.context.set_offline(True)
    late.go(3).write("会后才连上").press("Escape")
    running.press("s")
    running.page.get_by_text("进行中").wait_for()
    running.press("e").press("Enter")
    expect(running.page.get_by_role("dialog")).to_contain_text("修改和下载纪要")
    late.visitor.context.set_offline(False)
    expect(late.page.locator("#bars")).to_contain_text("没有来得及保存")
    late.page.get_by_role("button", name="复制未保存的内容").click()
    expect(late.page.get_by_label("未保存的内容").locator("textarea")).to_have_value(re.compile("会后才连上"))
    assert site.rows(WORDS, late.pk) == []
    late.forgive("ERR_INTERNET_DISCONNECTED", "422", "Unprocessable")


def test_a_liaison_on_a_phone_writes_his_own_rows_and_reads_the_others(meeting, site):
    meeting("2023-07-02")
    screen = meeting("2023-07-02", "gaoxin-liaison", PHONE)
    rows = screen.data["rows"]
    own = next(row for row in rows if row["writable"])
    other = next(row for row in rows if not row["writable"])
    screen.page.locator(f"#head-{own['id']}").tap()
    screen.row.get_by_label("本周进展").fill("二层浇筑完成")
    screen.saved()
    screen.page.locator(f"#head-{other['id']}").tap()
    expect(screen.row.get_by_label("本周进展")).not_to_be_editable()
    assert site.rows(WORDS, screen.pk) == [(own["place"], "二层浇筑完成")]
    screen.visitor.look()
