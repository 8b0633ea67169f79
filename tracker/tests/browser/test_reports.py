"""Reports are uploaded in Chromium: several at once, one of them broken; the lines tell it without a reload."""

import pytest
from django.db import connection
from playwright.sync_api import expect

from tracker.tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the demonstration is a file: the run on SQLite has seen it"
)
PAGE = "/admin/projects_reports/report/upload/"
REPORT = """高新区又一批项目开工

第六期“三个一批”活动举行。“开工一批”项目2个，总投资20亿元，分别为云岭轴承产业园项目、澄江储能电池项目。
"""
FILES = [
    {"name": "七月快讯.txt", "mimeType": "text/plain", "buffer": REPORT.encode("gb18030")},
    {"name": "附件.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 cut off"},
]
STATES = "SELECT name, state FROM projects_intake_upload ORDER BY id"


def test_two_files_are_sent_and_read_the_broken_one_is_told_and_the_review_is_one_click_away(visit, site):
    visitor = visit("gaoxin-coordinator", DESKTOP)
    page = visitor.page
    visitor.sign_in()
    visitor.open("/admin/projects_reports/report/")
    visitor.follow(page.locator("#main").get_by_role("link", name="上传报道"))
    assert visitor.shows("还没有上传过文件")
    page.locator("input[type=file]").set_input_files(FILES)
    page.get_by_role("button", name="上传 2 个文件").click()
    expect(page.locator("#tk-uploads li")).to_have_count(2)
    expect(page.locator("#tk-left")).to_have_text("还有 2 个没有读完")
    visitor.look()
    assert site.rows(STATES) == [("七月快讯.txt", "waiting"), ("附件.pdf", "waiting")]

    site.work()
    good, bad = (page.locator("#tk-uploads li", has_text=each["name"]) for each in FILES)
    expect(good).to_contain_text("读到项目2个、数据1条，待审核")
    expect(bad).to_contain_text("未能读取")
    expect(page.locator("#tk-left")).to_have_text("")
    visitor.look()

    page.locator("input[type=file]").set_input_files(FILES[:1])
    page.get_by_role("button", name="上传 1 个文件").click()
    expect(page.locator("#tk-refused")).to_contain_text("以前上传过，没有重复登记")
    assert len(site.rows(STATES)) == 2
    visitor.follow(good.get_by_role("link", name="审核"))
    assert visitor.shows("云岭轴承产业园项目")


def test_a_text_is_pasted_on_the_phone_without_a_script(visit, site):
    visitor = visit("gaoxin-coordinator", PHONE | {"java_script_enabled": False})
    page = visitor.page
    page.goto(f"{site.address}/admin/login/?next={PAGE}")
    page.locator("input[name=username]").fill(visitor.username)
    page.locator("input[name=password]").fill(visitor.account["password"])
    page.get_by_role("button", name="登录").click()
    page.get_by_text("没有文件，粘贴报道的文字").click()
    page.get_by_label("标题").fill("手机上的一篇")
    page.get_by_label("报道文字").fill(REPORT.replace("云岭", "松岭"))
    page.get_by_role("button", name="上传", exact=True).click()
    page.get_by_text("已收到 1 个文件").wait_for()
    line = page.locator("#tk-uploads li").first
    expect(line).to_contain_text("排队中")
    site.work()
    page.get_by_role("link", name="刷新").click()
    expect(line).to_contain_text("读到项目2个")
