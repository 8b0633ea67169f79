"""The minutes' page: who sees it, who edits it, and what a closed or issued meeting still takes."""

import re

import pytest

from projects.meetings import closing, issuing
from projects.meetings.models import Minutes


def hidden(page):
    """What the form carries unseen."""
    found = re.findall(r'<input type="hidden" name="(seen_\w+|version)"[^>]*?value="([^"]*)"', page)
    return {name: value.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&") for name, value in found}


def typed(minutes, **told):
    values = {name: getattr(minutes, name) or "" for name in closing.TEXTS}
    return {**values, **{name: getattr(minutes.meeting, name) for name in closing.PEOPLE}, **told}


@pytest.fixture
def url(minutes):
    return issuing.page(minutes)


def test_the_office_edits_and_the_paper_follows(town, client, minutes, url):
    town.sign_in(client, "chen")
    page = client.get(url).content.decode()
    assert "（送审稿）" in page
    assert "签发前请核对：议定事项第2项没有责任单位和责任人" in page
    answer = client.post(url, {**typed(minutes, body="（一）进展\n完成<b>主体</b>", absent="王五"), **hidden(page)})
    assert answer.headers["location"] == url
    page = client.get(url).content.decode()
    assert "<span>（一）进展</span>" in page
    assert "完成&lt;b&gt;主体&lt;/b&gt;" in page
    assert "<span>请假：</span><span>王五</span>" in page


def test_a_second_editor_keeps_his_text_and_is_told(town, client, minutes, url):
    town.sign_in(client, "chen")
    seen = hidden(client.get(url).content.decode())
    closing.edit(minutes, {"background": "对方写的"}, by=town.chen)
    page = client.post(url, {**typed(minutes, background="我写的"), **seen}).content.decode()
    assert "已修改并保存了这条记录" in page
    assert "我写的" in page
    assert Minutes.objects.get().background == "对方写的"


def test_a_leader_issues_from_the_page_and_then_nothing_can_be_saved(town, client, minutes, url):
    town.sign_in(client, "chen")
    page = client.get(url).content.decode()
    assert url.replace("change", "issue") not in page
    assert client.post(url.replace("change", "issue"), {"version": minutes.version}).status_code == 403
    seen = hidden(page)
    town.sign_in(client, "gao")
    assert 'name="body"' not in client.get(url).content.decode()
    form = client.get(url.replace("change", "issue")).content.decode()
    assert "签发后2项议定事项随即下发" in form
    answer = client.post(url.replace("change", "issue"), {"version": hidden(form)["version"]}, follow=True)
    assert "已签发，议定事项2项已下发" in answer.content.decode()
    town.sign_in(client, "chen")
    assert client.post(url, {**typed(minutes, title="改"), **seen}).status_code == 403
    assert client.post(url.replace("change", "take-up"), {"reason": "改"}, follow=True).context is not None
    assert Minutes.objects.get().meeting.state == "issued"
    town.sign_in(client, "gao")
    answer = client.post(url.replace("change", "add"), {"text": "第1项应为7月25日"}, follow=True)
    assert "第1项应为7月25日" in answer.content.decode()


def test_drafts_are_for_those_who_work_on_them_and_issued_minutes_for_the_zone(town, client, minutes, url):
    parts = [url, url.replace("change", "word"), url.replace("change", "table")]
    ways = {"chen": 200, "gao": 200, "chief": 200, "zhang": 404, "viewer": 404, "wang": 404, "li": 404}
    for who, status in ways.items():
        town.sign_in(client, who)
        answers = [client.get(part).status_code for part in parts]
        # The admin answers a missing row by leading to the list.
        assert all(answer == status for answer in answers), (who, answers)
    issuing.issue(minutes, town.gao)
    for who in ("zhang", "viewer"):
        town.sign_in(client, who)
        assert [client.get(part).status_code for part in parts] == [200, 200, 200]
    town.sign_in(client, "wang")
    assert [client.get(part).status_code for part in parts] == [404, 404, 404]


def test_downloads_are_files_of_their_kind_with_a_chinese_name(town, client, minutes, url):
    town.sign_in(client, "chen")
    word = client.get(url.replace("change", "word"))
    assert word.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in word.headers["Cache-Control"]
    assert "filename*=utf-8''" in word.headers["Content-Disposition"]
    assert b"".join(word.streaming_content)[:2] == b"PK"
    table = client.get(url.replace("change", "table"))
    assert b"".join(table.streaming_content)[:2] == b"PK"
    closing.reopen(minutes.meeting, "漏记", town.chen)
    assert client.get(url.replace("change", "word")).status_code == 404
    assert "会议继续进行" in client.get(url).content.decode()


def test_the_meeting_is_ended_on_its_page_and_leads_to_the_minutes(town, client, meeting):
    end = f"/admin/projects_meetings/meeting/{meeting.pk}/close/"
    town.sign_in(client, "zhang")
    assert client.post(end).status_code == 403
    town.sign_in(client, "chen")
    assert "已记录议定事项2项；2个项目没有填写进展" in client.get(end).content.decode()
    answer = client.post(end, follow=True)
    minutes = Minutes.objects.get()
    assert issuing.page(minutes) in answer.content.decode()
    way = f"/admin/projects_meetings/meeting/{meeting.pk}/minutes/"
    assert client.get(way).headers["location"] == issuing.page(minutes)
    town.sign_in(client, "zhang")
    assert "纪要还没有签发" in client.get(way, follow=True).content.decode()


def test_what_waits_to_be_issued_stands_on_the_leaders_list_of_things_to_do(town, client, minutes, url):
    todo = "/admin/projects_alerts/alert/todo/"
    for who, waits in (("gao", True), ("chief", True), ("chen", False), ("viewer", False)):
        town.sign_in(client, who)
        assert ("待签发的纪要" in client.get(todo).content.decode()) is waits, who
    issuing.issue(minutes, town.gao)
    town.sign_in(client, "gao")
    assert "待签发的纪要" not in client.get(todo).content.decode()
