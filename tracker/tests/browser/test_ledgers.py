"""A ledger in Chromium, by script and without: upload, answer, correct a column and a cell, confirm, undo."""

import pytest
from django.db import connection
from playwright.sync_api import expect

from tracker.tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the demonstration is a file: the run on SQLite has seen it"
)
PAGE = "/admin/projects_ledgers/ledger/upload/"
LEDGER = """高新区2023年6月重点项目台账
序号,项目名称,建设单位,总投资,2023年计划,1-6月累计完成投资,主要进展
1,{0}轴承产业园项目,{0}轴承有限公司,52000,12000,5600,主体结构施工
2,{0}储能电池项目,{0}能源有限公司,约8.5亿元,20000,看合同,设备安装
"""
WORDS = (
    "SELECT words FROM projects_progress JOIN projects_project ON projects_project.id = project_id "
    "WHERE name LIKE ? ORDER BY words"
)
PROJECTS = "SELECT name FROM projects_project WHERE name LIKE ? AND withdrawn_at IS NULL ORDER BY name"


def sheet(place, last="主要进展"):
    data = LEDGER.format(place).replace("主要进展", last).encode("gb18030")
    return {"name": f"{place}台账.csv", "mimeType": "text/csv", "buffer": data}


def test_a_ledger_is_sent_questioned_corrected_confirmed_and_taken_back(visit, site):
    visitor = visit("gaoxin-coordinator", DESKTOP)
    page = visitor.page
    visitor.sign_in()
    visitor.open(PAGE)
    page.locator("input[type=file]").set_input_files([sheet("云岭")])
    page.get_by_role("button", name="上传 1 个文件").click()
    line = page.locator("#tk-uploads li")
    expect(line).to_have_count(1)
    site.work()
    expect(line).to_contain_text("个问题要先回答")
    visitor.follow(line.get_by_role("link", name="预览"))

    page.get_by_label("万元", exact=True).first.check()
    visitor.follow(page.get_by_role("button", name="回答后继续"))
    tabs = page.get_by_label("各类行")
    expect(tabs).to_contain_text("新增 1")
    expect(tabs).to_contain_text("有错误 1")
    column = page.get_by_label("G列“主要进展”的含义")
    assert column.input_value() == ""
    column.focus()
    column.select_option(label="形象进度")
    visitor.follow(page.get_by_role("button", name="按这样重新读取"))
    assert column.input_value() == "progress"

    expect(page.locator(".tk-all-errors li")).to_contain_text(["F列“1-6月累计完成投资”为“看合同”"])
    visitor.follow(page.get_by_role("link", name="只看有错误 1"))
    assert page.locator("tr[data-number]").count() == 1
    visitor.follow(page.get_by_role("link", name="全部行"))
    visitor.follow(page.get_by_role("button", name="确认导入"))
    assert visitor.shows("没有导入")
    assert site.rows(PROJECTS, "云岭%") == []
    page.get_by_role("region", name="表格内容").focus()
    page.keyboard.press("n")
    expect(page.locator("td:focus")).to_contain_text("约8.5亿元")
    page.keyboard.press("n")
    expect(page.locator("td:focus")).to_contain_text("没有读入")
    page.keyboard.press("Enter")
    page.keyboard.type("9000")
    visitor.press("Enter")
    expect(page.locator("td:focus")).to_have_text("1-6月累计完成投资9000")
    expect(tabs).to_contain_text("有错误 0")
    visitor.follow(page.get_by_role("button", name="确认导入"))
    assert visitor.shows("新增项目 2 个")
    assert site.rows(WORDS, "云岭%") == [("主体结构施工",), ("设备安装",)]
    assert site.rows(PROJECTS, "云岭%") == [("云岭储能电池项目",), ("云岭轴承产业园项目",)]

    page.get_by_text("撤销整次导入").click()
    visitor.follow(page.get_by_role("button", name="确认撤销"))
    assert visitor.shows("已撤销")
    assert site.rows(PROJECTS, "云岭%") == []


def test_without_a_script_on_the_phone_all_of_it_goes_and_a_page_that_is_old_does_nothing(visit, site):
    visitor = visit("gaoxin-coordinator", PHONE | {"java_script_enabled": False})
    page = visitor.page
    page.goto(f"{site.address}/admin/login/?next={PAGE}")
    page.locator("input[name=username]").fill(visitor.username)
    page.locator("input[name=password]").fill(visitor.account["password"])
    page.get_by_role("button", name="登录").click()
    page.locator("input[type=file]").set_input_files(
        [sheet("松岭", "其他情况")]
    )  # other headings: nothing is remembered of them
    page.get_by_role("button", name="上传", exact=True).click()
    page.get_by_text("已收到 1 个文件").wait_for()
    site.work()
    page.goto(site.address + PAGE)
    page.get_by_role("link", name="预览").first.click()
    page.get_by_label("万元", exact=True).first.check()
    page.get_by_role("button", name="回答后继续").click()
    page.get_by_role("link", name="有错误").last.click()
    page.get_by_role("button", name="不导入这一行").click()
    expect(page.get_by_label("各类行")).to_contain_text("不导入 1")
    page.get_by_role("link", name="回到表格，确认导入").click()
    old = page.url
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("新增项目 1 个").first).to_be_visible()
    page.go_back()
    if page.get_by_role("button", name="确认导入").count():
        page.get_by_role("button", name="确认导入").click()
        expect(page.get_by_text("刚才的操作没有做")).to_be_visible()
    page.goto(old)
    page.get_by_text("撤销整次导入").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.get_by_text("已撤销整次导入").first).to_be_visible()
    assert site.rows(PROJECTS, "松岭%") == []
