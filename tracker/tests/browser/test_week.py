"""A liaison tells the week on a phone in Chromium: typed, checked, sent; without a network kept, and sent once."""

import pytest
from django.db import connection

from tracker.tests.browser.visitor import PHONE

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the demonstration is a file: the run on SQLite has seen it"
)
WHO, PAGE = "gaoxin-liaison", "/admin/projects_meetings/update/week/"
NAME = "郑州机械研究所有限公司高端装备制造产业园项目"  # 7200万元 of 1.8亿元 by the end of June
TOLD = """SELECT u.words, p.amount, count(*) FROM projects_meetings_update u
    LEFT JOIN projects_progress p ON p.id = u.progress_id LEFT JOIN projects_meetings_saved s ON s.update_id = u.id
    WHERE u.project_id = ? AND u.filed_at IS NOT NULL GROUP BY u.id"""


@pytest.fixture
def week(visit):
    visitor = visit(WHO, PHONE)
    visitor.sign_in()
    visitor.open(PAGE)
    return visitor


def first(week):
    """The card that stands open, and the project that it tells of."""
    card = week.page.locator(".tk-return[open][data-told='0']").first
    key = card.get_attribute("data-key")
    return week.page.locator(f"#week-{key}"), int(key)


def test_a_week_is_told_with_two_fields_and_a_button_and_the_next_card_opens(week, site):
    card = week.page.locator(".tk-return", has_text=NAME)
    if card.get_attribute("open") is None:
        card.locator("summary").first.click()
    amount = card.get_by_label("年内累计完成投资")
    card.get_by_label("本周进展").fill("主体结构封顶，开始砌筑")
    amount.fill("50")
    card.get_by_text("还少，这里应填从1月起的累计数").wait_for()
    assert card.get_by_label("已核对，数字无误").is_visible()
    amount.fill("9000")
    card.get_by_text("占年度计划 50.0%").wait_for()
    assert not card.get_by_label("已核对，数字无误").is_visible()
    card.locator("button[name=tell]").click()
    card.get_by_text("已报送").wait_for()
    assert site.rows(TOLD, card.get_attribute("data-key"))[0][:2] == ("主体结构封顶，开始砌筑", 90_000_000)
    assert first(week)[0].get_by_label("本周进展").is_visible()
    week.look()


def test_what_is_told_without_a_network_outlives_the_page_and_is_sent_once(week, site):
    card, project = first(week)
    week.context.route(
        f"**{PAGE}", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    card.get_by_label("本周进展").fill("断网时填的一句话")
    card.locator("button[name=tell]").click()
    week.page.get_by_text("没有网络，内容已存在本机").wait_for()
    assert site.rows(TOLD, project) == []
    week.page.reload()
    assert card.get_by_label("本周进展").input_value() == "断网时填的一句话"
    week.page.get_by_text("没有网络，内容已存在本机").wait_for()
    week.context.unroute(f"**{PAGE}")
    week.page.evaluate("window.dispatchEvent(new Event('online'))")
    card.get_by_text("已报送").wait_for()
    assert site.rows(TOLD, project) == [("断网时填的一句话", None, 1)]
    assert week.page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('week'))") == []
    assert all("请求失败" in each or "ERR_FAILED" in each for each in week.wrong)
    week.wrong.clear()


def test_who_is_signed_out_while_typing_loses_nothing(week, site):
    card, project = first(week)
    cookies = week.context.cookies()
    week.context.clear_cookies()
    card.get_by_label("本周进展").fill("登录过期时填的一句话")
    card.locator("button[name=tell]").click()
    week.page.get_by_role("link", name="重新登录").wait_for()
    week.context.add_cookies(cookies)
    week.page.evaluate("window.dispatchEvent(new Event('online'))")
    card.get_by_text("已报送").wait_for()
    assert site.rows(TOLD, project) == [("登录过期时填的一句话", None, 1)]
    assert all("403" in each for each in week.wrong)
    week.wrong.clear()


def test_what_is_typed_while_a_card_is_on_its_way_stays(week, site):
    card, project = first(week)
    week.page.evaluate(
        """() => {
            const send = window.fetch;
            const later = (go) => setTimeout(go, 600);
            window.fetch = async (...asked) => { await new Promise(later); return send(...asked); };
        }"""
    )
    words = card.get_by_label("本周进展")
    words.fill("先报的一句话")
    card.locator("button[name=tell]").click()
    words.press_sequentially("，后补的半句")
    card.locator("input[type=file]").set_input_files(
        {"name": "later.png", "mimeType": "image/png", "buffer": b"chosen while the card is on its way"}
    )
    card.get_by_text("报送后又填的内容还没有报送").wait_for()
    assert card.locator("input[type=file]").evaluate("each => each.files[0].name") == "later.png"
    assert words.input_value() == "先报的一句话，后补的半句"
    assert site.rows(TOLD, project)[0][0] == "先报的一句话"
