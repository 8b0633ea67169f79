"""The demonstration as people use it: in Chromium at a desk and on a phone, and read page by page."""

import pytest
from django.db import connection

from tracker.tests.browser.visitor import DESKTOP, PHONE
from tracker.tests.browser.walking import walk
from tracker.tests.reading import english, scripts_of_its_own

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the demonstration is a file: the run on SQLite has seen it"
)
NAME, PART, INITIALS = "台湾茂丞总部项目", "茂丞总部", "twmczb"
SENTENCE = "应完成50.0%，实际15.0%，落后35.0个百分点"
SIZES = pytest.mark.parametrize(
    ("size", "who"), [(DESKTOP, "gaoxin-coordinator"), (PHONE, "gaoxin-leader")], ids=["desk", "phone"]
)


# ---- In the browser --------------------------------------------------------------------------------------
@SIZES
def test_a_wrong_password_is_answered_in_chinese(visit, size, who):
    visitor = visit(who, size)
    visitor.open("/admin/login/")
    visitor.sign_in_with("wrong-password")
    assert visitor.shows("用户名或密码不对")
    visitor.sign_in_with(visitor.account["password"])
    assert visitor.page.title().startswith("工作台")


@SIZES
def test_a_project_is_found_its_alert_read_and_acknowledged(visit, size, who):
    visitor = visit(who, size)
    page = visitor.page
    visitor.sign_in()
    for words in (PART, INITIALS):
        visitor.open("/admin/projects/project/")
        visitor.search(words)
        assert page.locator("#result_list tr.data-row").count() == 1
    visitor.follow(page.get_by_role("link", name=NAME))
    visitor.follow(page.locator("#panel-alerts a", has_text=SENTENCE))
    assert visitor.shows(SENTENCE)

    page.get_by_label("备注").fill("本周到现场核实")
    visitor.follow(page.get_by_role("button", name="签收"))
    assert visitor.shows("签收：本周到现场核实")
    assert page.get_by_role("button", name="签收").count() == 0

    visitor.sign_out()
    visitor.open("/admin/")
    assert page.locator("input[name=password]").is_visible()


def test_a_liaison_tells_progress_on_the_phone(visit):
    visitor = visit("gaoxin-liaison", PHONE)
    page = visitor.page
    visitor.sign_in()
    visitor.follow(page.locator("#mine").get_by_role("link", name="填报进展").first)
    visitor.follow(page.get_by_role("button", name="提交"))
    assert visitor.shows("请至少填写一项")
    page.get_by_label("形象进度", exact=True).fill("主体结构已到三层，下周浇筑四层")
    visitor.follow(page.get_by_role("button", name="提交"))
    assert visitor.shows("主体结构已到三层，下周浇筑四层")


def test_a_photo_does_not_write_its_name_into_the_place_where_it_was_taken(visit):
    visitor = visit("gaoxin-liaison", PHONE)
    visitor.sign_in()
    visitor.open("/admin/projects/return/fill/")
    card = visitor.page.locator(".tk-return:visible").first
    card.locator("summary").click()
    card.get_by_label("加照片").set_input_files({"name": "IMG_1.png", "mimeType": "image/png", "buffer": b"x"})
    assert card.get_by_label("拍摄地点").input_value() == ""
    card.get_by_role("button", name="保存").click()
    card.get_by_text("照片“IMG_1.png”没有保存").wait_for()


def test_a_month_is_filled_in_without_scripts(visit):
    visitor = visit("gaoxin-liaison", PHONE | {"java_script_enabled": False})
    page = visitor.page
    page.goto(f"{visitor.site.address}/admin/login/?next=/admin/projects/return/fill/")
    page.locator("input[name=username]").fill(visitor.username)
    page.locator("input[name=password]").fill(visitor.account["password"])
    page.get_by_role("button", name="登录").click()
    card = page.locator(".tk-return:visible").first
    card.get_by_label("情况说明").fill("现场停工，设备封存")
    card.get_by_role("button", name="保存").click()
    page.get_by_text("已保存 1 个项目").wait_for()


def test_signing_in_and_searching_need_no_mouse(visit):
    visitor = visit("gaoxin-coordinator", DESKTOP)
    keyboard = visitor.page.keyboard
    visitor.open("/admin/login/")
    visitor.tab_to("input[name=username]")
    keyboard.type(visitor.username)
    keyboard.press("Tab")
    keyboard.type(visitor.account["password"])
    visitor.press("Enter")
    visitor.tab_to("a", "项目")
    visitor.press("Enter")
    keyboard.press("/")
    keyboard.type(INITIALS)
    visitor.press("Enter")
    visitor.tab_to("a", NAME)
    visitor.press("Enter")
    assert visitor.page.title().startswith(NAME)


@pytest.mark.parametrize("who", ["gaoxin-coordinator", "gaoxin-system"])
def test_every_list_fits_a_phone_and_is_quiet(visit, who):
    visitor = visit(who, PHONE)
    visitor.sign_in()
    links = visitor.page.locator("#nav-sidebar-inner a, #nav-sidebar a").evaluate_all(
        "links => links.map(link => link.pathname)"
    )
    lists = dict.fromkeys(links)
    assert len(lists) > 4
    for path in lists:
        visitor.open(path)


# ---- By its links ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "of_each", "of_each_query"),
    [
        ("gaoxin-coordinator", 2, 1),
        ("gaoxin-leader", 1, 0),
        ("gaoxin-liaison", 1, 0),
        ("gaoxin-system", 2, 1),
        ("gaoxin-security", 2, 1),
        ("gaoxin-audit", 1, 0),
    ],
)
def test_no_page_shows_an_english_word_or_runs_a_script_of_its_own_and_every_link_leads_somewhere(
    site, who, of_each, of_each_query
):
    reader = site.reader(who)
    found = {}
    for page in walk(lambda path: reader.open(path)[1], of_each=of_each, of_each_query=of_each_query):
        wrong = [*map(str, english(page.html, site.names)), *scripts_of_its_own(page.html)]
        if wrong:
            found[page.path] = wrong
    assert found == {}
