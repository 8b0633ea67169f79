"""我的通知, and what became of the mails."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.notices.models import Delivery, Notice

LIST = "/admin/projects_notices/notice/"
DELIVERIES = "/admin/projects_notices/delivery/"


@pytest.fixture(autouse=True)
def _without_the_roof(settings):
    settings.UNFOLD = {"SITE_TITLE": "三个一批项目跟踪"}  # the menu belongs to the rooms above


def page(town, client, who, url):
    response = town.sign_in(client, who).get(url)
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("who", ["zhang", "chen", "gao", "viewer", "system", "security", "audit", "nobody", "root"])
def test_everybody_has_a_list_of_his_own(town, client, tell, who):
    tell(who, sentence="这是给本人的。")
    tell("li", sentence="这是给别人的。")
    status, text = page(town, client, who, LIST)
    assert status == 200
    assert "这是给本人的。" in text
    assert ("这是给别人的。" in text) is (who == "root")
    assert "有 <strong>1</strong> 条未读" in text


def test_an_empty_list_says_what_will_come(town, client):
    status, text = page(town, client, "zhang", LIST)
    assert status == 200
    assert "还没有通知" in text


def test_unread_come_first_and_can_be_filtered(town, client, tell):
    tell("zhang", "a1", sentence="第一条。")
    tell("zhang", "a2", sentence="第二条。")
    Notice.objects.filter(key="a2").update(read_at=Notice.objects.get(key="a2").created_at)
    _, text = page(town, client, "zhang", LIST)
    assert text.index("第一条。") < text.index("第二条。")
    _, unread = page(town, client, "zhang", f"{LIST}?read=no")
    assert "第一条。" in unread
    assert "第二条。" not in unread
    _, read = page(town, client, "zhang", f"{LIST}?read=yes&kind=red")
    assert "第一条。" not in read
    assert "第二条。" in read


def test_opening_a_notice_marks_it_as_read_and_leads_to_the_thing(town, client, tell):
    tell("zhang", path="/admin/projects/project/12/change/")
    notice = Notice.objects.get()
    response = town.sign_in(client, "zhang").get(f"{LIST}{notice.pk}/open/")
    assert (response.status_code, response["Location"]) == (302, "/admin/projects/project/12/change/")
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_looking_at_the_page_of_a_notice_marks_it_as_read(town, client, tell, project):
    tell("zhang", project_id=project.pk, zone_id=town.east.pk)
    notice = Notice.objects.get()
    status, text = page(town, client, "zhang", f"{LIST}{notice.pk}/change/")
    assert status == 200
    assert notice.sentence in text
    assert Notice.objects.get().read_at is not None


def test_many_are_marked_as_read_at_once_but_only_ones_own(town, client, tell):
    for key in ("a1", "a2"):
        tell("root", key)
    tell("zhang", "a1")
    chosen = list(Notice.objects.values_list("pk", flat=True))
    form = {"action": "mark_read", "_selected_action": chosen}
    response = town.sign_in(client, "root").post(LIST, form, follow=True)
    assert "已将 2 条通知标为已读" in response.content.decode()
    assert Notice.objects.get(user=town.zhang).read_at is None


def test_an_emergency_account_that_looks_does_not_read_for_another(town, client, tell):
    tell("zhang")
    notice = Notice.objects.get()
    town.sign_in(client, "root").get(f"{LIST}{notice.pk}/open/")
    assert Notice.objects.get().read_at is None


@pytest.mark.parametrize("who", ["li", "chen", "gao", "chief", "system"])
@pytest.mark.parametrize("way", ["open/", "change/"])
def test_the_notice_of_another_answers_like_one_that_is_not_there(town, client, tell, who, way):
    tell("zhang", zone_id=town.east.pk)
    notice = Notice.objects.get()
    client = town.sign_in(client, who)
    foreign, missing = client.get(f"{LIST}{notice.pk}/{way}"), client.get(f"{LIST}{notice.pk + 999}/{way}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert Notice.objects.get().read_at is None


def test_who_is_not_signed_in_is_asked_to(town, client, tell):
    tell("zhang")
    response = client.get(f"{LIST}{Notice.objects.get().pk}/open/")
    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_nothing_can_be_added_changed_or_deleted_by_hand(town, client, tell):
    tell("root")
    client = town.sign_in(client, "root")
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.get(f"{LIST}{Notice.objects.get().pk}/delete/").status_code == 403
    assert client.post(f"{LIST}{Notice.objects.get().pk}/change/", {"sentence": "改了"}).status_code == 403


def test_thirty_notices_cost_what_three_cost(town, client, tell, project):
    def cost():
        with CaptureQueriesContext(connection) as statements:
            assert client.get(LIST).status_code == 200
        return len(statements)

    town.sign_in(client, "zhang")
    for number in range(3):
        tell("zhang", f"k{number}", project_id=project.pk, zone_id=town.east.pk)
    few = cost()
    for number in range(3, 30):
        tell("zhang", f"k{number}", project_id=project.pk, zone_id=town.east.pk)
    assert cost() == few


def test_a_line_of_invented_data_is_marked(town, client, tell):
    from projects import facts

    made_up = facts.create(name="样板项目", zone=town.east, is_demo=True)
    tell("zhang", project_id=made_up.pk, sentence="样板项目落后。")
    _, text = page(town, client, "zhang", LIST)
    assert "【演示】样板项目落后。" in text


@pytest.fixture
def refused(town):
    return Delivery.objects.create(
        user=town.zhang,
        address="zhang@example.com",
        message_id="<1@x>",
        subject="三个一批：红色预警 2 条",
        text="内部正文",
        state="failed",
        last_error="收件地址被拒绝（550）",
    )


def test_an_administrator_of_accounts_sees_a_refused_address_and_not_what_was_written(town, client, refused):
    for url in (DELIVERIES, f"{DELIVERIES}{refused.pk}/change/"):
        status, text = page(town, client, "system", url)
        assert status == 200
        assert "zhang@example.com" in text
        assert "收件地址被拒绝（550）" in text
        assert "红色预警" not in text
        assert "内部正文" not in text


def test_the_recipient_reads_his_own_mail(town, client, refused):
    status, text = page(town, client, "zhang", f"{DELIVERIES}{refused.pk}/change/")
    assert status == 200
    assert "红色预警 2 条" in text
    assert "内部正文" in text


@pytest.mark.parametrize("who", ["li", "chen", "chief", "security", "audit"])
def test_the_mail_of_another_is_not_there(town, client, refused, who):
    assert page(town, client, who, f"{DELIVERIES}{refused.pk}/change/")[0] == 404
    assert "zhang@example.com" not in page(town, client, who, DELIVERIES)[1]


def test_one_registers_ones_own_absence_and_ends_it_and_nobody_elses(town, client):
    from projects.notices.models import Absence

    town.sign_in(client, "zhang")
    where = "/admin/projects_notices/absence/"
    form = {
        "user": town.zhang.pk,
        "substitute": town.chen.pk,
        "kind": "leave",
        "starts": "2023-07-10",
        "reason": "出差",
    }
    page = client.post(f"{where}add/", form).content.decode()
    assert "请填写结束日期" in page
    assert client.post(f"{where}add/", form | {"ends": "2023-07-14"}).status_code == 302
    absence = Absence.objects.get()
    assert (absence.user, absence.substitute, absence.by) == (town.zhang, town.chen, town.zhang)
    refused = client.post(
        f"{where}add/", form | {"user": town.chen.pk, "substitute": town.zhang.pk, "ends": "2023-07-14"}
    )
    assert "只能为本人登记" in refused.content.decode()
    end = {"action": "end", "_selected_action": [absence.pk]}
    assert "已结束 0 项" in town.sign_in(client, "chen").post(where, end, follow=True).content.decode()
    assert "已结束 1 项" in town.sign_in(client, "zhang").post(where, end, follow=True).content.decode()
    assert Absence.objects.get().taken_back_at is not None
    log = LogEntry.objects.get(object_id=str(absence.pk), change_message__contains="提前结束")
    assert log.user_id == town.zhang.pk


def test_settings_are_a_persons_own_and_what_he_must_know_cannot_be_switched_off(town, client):
    from projects.notices.models import Preference

    town.sign_in(client, "zhang")
    where, hours = f"{LIST}settings/", {"digest_at": "08:30", "quiet_from": "20:00", "quiet_until": "07:00"}
    page = client.post(where, hours | {"mailed": ["mild", "grave"]}).content.decode()
    assert "grave 不在可用的选项中" in page
    assert not Preference.objects.exists()
    assert client.post(where, hours | {"mailed": ["mild"]}).status_code == 302
    chosen = Preference.objects.get()
    assert (chosen.user, f"{chosen.digest_at:%H:%M}") == (town.zhang, "08:30")
    assert set(chosen.inbox_only) == {"better", "decision", "meeting", "other"}
    late = client.post(where, hours | {"digest_at": "07:30", "quiet_until": "08:00"}).content.decode()
    assert "应在每日汇总之前结束" in late


def test_all_are_read_at_once_and_one_is_said_to_be_done(town, client, tell):
    for key in ("a1", "a2"):
        tell("zhang", key, todo=True)
    tell("chen")
    town.sign_in(client, "zhang")
    assert client.get(f"{LIST}read/").status_code == 302
    assert Notice.objects.filter(read_at=None).count() == 3
    assert "已将 2 条通知标为已读" in client.post(f"{LIST}read/", follow=True).content.decode()
    chosen = Notice.objects.filter(key="a1", user=town.zhang).values_list("pk", flat=True)
    client.post(LIST, {"action": "mark_done", "_selected_action": list(chosen)})
    assert Notice.objects.unfinished().count() == 1
    assert Notice.objects.get(user=town.chen).read_at is None


def test_in_whose_place_one_is_told_is_said_of_the_reader_and_not_of_whoever_looked_before(town, client, tell):
    tell("zhang", sentence="这是张联络的。")
    page(town, client, "chen", LIST)
    _, text = page(town, client, "zhang", f"{LIST}{Notice.objects.get().pk}/change/")
    assert "这是张联络的。" in text
    assert "（代" not in text
