"""A morning: the mail's one link on a phone without signing in, and the inbox with its bell."""

import email
import email.policy
import re

import pytest
from django.db import connection

from tracker.tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the demonstration is a file: the run on SQLite has seen it"
)
WHO, TO, INBOX = "gaoxin-liaison", "shuzi@gaoxin.example", "/admin/projects_notices/notice/"
MINE = "SELECT count(*) FROM projects_notices_notice n JOIN zones_user u ON u.id = n.user_id WHERE u.username = ? AND "


def count(site, condition):
    return site.rows(MINE + condition, WHO)[0][0]


def links(site):
    """What the mail to the liaison offers without signing in, by its words."""
    for file in (site.database.parent / "mail").glob("*.eml"):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if message["To"] == TO:
            text = message.get_body(("plain",)).get_content()
            return re.findall(r"(签收|答复)（不用登录）：https?://[^/]+(/\S+)", text)
    raise AssertionError(f"no mail to {TO}")


def test_the_links_of_a_mail_acknowledge_and_answer_on_a_phone_without_signing_in(visit, site):
    (_, receive), (_, answer) = links(site)[:2]
    visitor = visit(WHO, PHONE)
    visitor.open(receive)
    visitor.follow(visitor.page.get_by_role("button", name="签收"))
    assert visitor.shows("已签收")
    visitor.open(receive)
    assert visitor.shows("不必再点")
    visitor.open(answer)
    page = visitor.page
    page.get_by_label("原因类别").select_option("money")
    page.get_by_label("原因", exact=True).fill("放款推迟")
    page.get_by_label("已采取的措施").fill("已与银行对接")
    page.get_by_label("预计恢复日期").fill("2023-08-31")
    visitor.follow(page.get_by_role("button", name="提交答复"))
    assert visitor.shows("已答复")
    assert site.rows("SELECT count(*) FROM projects_notices_linkuse") == [(2,)]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_bell_counts_what_is_unread_and_leads_to_where_it_is_answered(visit, site, size):
    visitor = visit(WHO, size)
    visitor.sign_in()
    bell = visitor.page.locator(".tk-bell b")
    unread = count(site, "read_at IS NULL")
    assert bell.inner_text() == str(unread)
    visitor.follow(visitor.page.locator(".tk-bell"))
    visitor.follow(visitor.page.locator("td.field-linked a").first)
    assert INBOX not in visitor.page.url
    assert bell.inner_text() == str(unread - 1)


def test_all_are_read_at_once_and_the_settings_are_kept(visit, site):
    visitor = visit(WHO, PHONE)
    visitor.sign_in()
    visitor.open(INBOX)
    visitor.follow(visitor.page.get_by_role("button", name="全部标为已读"))
    assert not visitor.page.locator(".tk-bell b").count()
    assert count(site, "read_at IS NULL") == 0
    visitor.follow(visitor.page.get_by_role("link", name="通知设置"))
    visitor.page.get_by_label("议定事项").uncheck()
    visitor.page.get_by_label("每日汇总时间").select_option("09:00")
    visitor.follow(visitor.page.get_by_role("button", name="保存"))
    assert visitor.shows("已保存")
    assert not visitor.page.get_by_label("议定事项").is_checked()
    assert visitor.page.get_by_label("红色预警").is_disabled()
