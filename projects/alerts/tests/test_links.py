"""One link in a mail: it shows one line, does one thing once for one person, and nothing by being opened."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from projects import facts
from projects.alerts.answering import answer
from projects.alerts.models import Alert, AlertAnswer, AlertEvent
from projects.alerts.tests.conftest import MONDAY, on
from projects.notices import composing, replying
from projects.notices.models import Delivery, LinkUse, Notice
from tracker import logs
from zones.models import Appointment, User

SLIP = {
    **{"category": "money", "cause": "放款推迟", "measures": "已对接银行"},
    **{"expected_on": "2023-08-31", "responsible": "张联络"},
}


@pytest.fixture
def mail(town, rules, project):
    """The mail to 张联络 about an alert that he owes an answer to."""
    facts.assign(project(plan=100, done=30), "liaison", user=town.zhang)
    on()
    composing.compose()
    return Delivery.objects.get(user=town.zhang)


def links(mail):
    """The addresses in the mail: 签收 and 答复."""
    found = re.findall(r"(签收|答复)（不用登录）：https?://[^/]+(/\S+)", mail.text)
    assert len(found) == 2
    return dict(found)


def words(page):
    return page.content.decode()


def typed(page):
    """The form as the page has it."""
    return dict(re.findall(r'name="(steps|csrfmiddlewaretoken)" value="([^"]*)"', words(page)))


def stored():
    return Alert.objects.get().steps, LinkUse.objects.count(), AlertEvent.objects.count()


def test_opening_a_link_changes_nothing_and_shows_no_more_than_the_mail_had(mail, client):
    before = stored()
    for title, link in links(mail).items():
        page = client.get(link)
        assert client.head(link).status_code == page.status_code == 200
        assert Alert.objects.get().sentence in words(page)
        assert f"<h1>{title}</h1>" in words(page)
        # The next page, and a proxy's log of it, hear where the reader was, but not by which link.
        assert page.headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in page.headers["Cache-Control"]
    assert stored() == before
    assert "sessionid" not in client.cookies
    assert Notice.objects.filter(read_at__isnull=False).count() == 0


def test_one_button_acknowledges_in_the_persons_name_and_keeps_that_it_was_by_link(mail, client, town):
    link = links(mail)["签收"]
    done = client.post(link, typed(client.get(link)))
    assert "已签收" in words(done)
    alert = Alert.objects.get()
    assert (alert.acknowledged, alert.acknowledged_by) == (True, town.zhang)
    assert LinkUse.objects.get().user == town.zhang
    assert "通过邮件链接办理" in LogEntry.objects.filter(object_id=str(alert.pk)).latest("pk").change_message
    again = client.get(link)
    assert "不必再点" in words(again)
    assert "<button" not in words(again)
    client.post(link, {"steps": alert.steps, "note": "再签"})
    assert AlertEvent.objects.filter(kind="acknowledged").count() == LinkUse.objects.count() == 1
    assert client.get("/admin/").status_code == 302  # nobody was signed in by it


def test_an_answer_is_typed_on_the_page_and_ends_what_was_to_be_done(mail, client, town):
    link = links(mail)["答复"]
    empty = client.post(link, typed(client.get(link)))
    assert "必填" in words(empty)
    assert AlertAnswer.objects.count() == 0
    done = client.post(link, typed(client.get(link)) | SLIP)
    assert "已答复" in words(done)
    assert AlertAnswer.objects.get().by == town.zhang
    assert Notice.objects.get(user=town.zhang).done_at is not None


def test_what_has_changed_since_the_page_was_opened_is_said_and_the_text_is_kept(mail, client, town):
    link = links(mail)["答复"]
    form = typed(client.get(link)) | SLIP
    answer(Alert.objects.get(), by=town.chen, **SLIP | {"expected_on": date(2023, 8, 31)})
    page = words(client.post(link, form))
    assert "刚有变化" in page
    assert "放款推迟" in page
    assert AlertAnswer.objects.get().by == town.chen


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda town: User.objects.filter(pk=town.zhang.pk).update(is_active=False), "账号已停用，或不再负责"),
        (lambda town: Appointment.objects.filter(user=town.zhang).update(zone=town.west), "不再负责"),
        (lambda town: Appointment.objects.filter(user=town.zhang).update(role="viewer"), "没有签收的权限"),
    ],
)
def test_a_link_of_who_may_not_do_it_any_more_says_so_and_nothing_of_the_thing(mail, client, town, change, said):
    change(town)
    page = client.get(links(mail)["签收"])
    assert said in words(page)
    assert "/admin/login/" in words(page)
    assert Alert.objects.get().project.name not in words(page)
    client.post(links(mail)["签收"], {"steps": 1})
    assert not LinkUse.objects.exists()


def test_an_alert_that_is_over_is_not_answered(mail, client):
    Alert.objects.update(closed_on=MONDAY, closed_reason="已恢复")
    page = client.get(links(mail)["答复"])
    assert "不再需要答复" in words(page)
    assert "<form" not in words(page)


def test_a_link_is_good_for_two_weeks_and_for_nothing_else(mail, client, town, time_machine):
    notice = Notice.objects.get(user=town.zhang)
    foreign = replying.address(notice.pk, town.chen.pk, "acknowledge")
    other = replying.address(notice.pk, town.zhang.pk, "exempt")
    for link in (foreign, other):
        assert "不能再用" in words(client.get(link))
    from django.utils import timezone

    time_machine.move_to(timezone.now() + replying.LIFE + timedelta(hours=1))
    page = client.get(links(mail)["签收"])
    assert "链接已过期" in words(page)
    assert "/admin/login/" in words(page)
    assert Alert.objects.get().project.name not in words(page)


def test_who_tries_links_that_nobody_made_is_shut_out_for_a_while(mail, client, settings):
    settings.AXES_FAILURE_LIMIT = 3
    link = links(mail)["签收"]
    for _ in range(3):
        page = client.get(f"{link[:-3]}xx/")
    assert page.status_code == 429
    assert client.get(link).status_code == 429
    assert Alert.objects.get().project.name not in words(client.get(link))


def test_a_machine_cannot_press_the_button_without_having_opened_the_page(mail):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post(links(mail)["签收"], {"steps": 1}).status_code == 403
    assert not LinkUse.objects.exists()


def test_what_makes_a_link_work_is_in_no_log(mail, client, caplog):
    from django.test import Client

    for title, link in links(mail).items():
        client.get(link)
        Client(enforce_csrf_checks=True).post(link, {"steps": 1})
        token = link.strip("/").rpartition("/")[2]
        written = [logs.PlainLine().format(record) for record in caplog.records]
        assert any("/n/" in line for line in written), title
        assert not any(token in line for line in written)
