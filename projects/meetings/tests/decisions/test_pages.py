"""The list and the page of decisions, 我的待办, 会议检索 and 会议统计."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.alerts.admin import todo
from projects.meetings import following
from projects.meetings.models import Decision, Meeting, Minutes
from zones.models import Department

pytestmark = pytest.mark.django_db
State = Decision.State
LIST = "/admin/projects_meetings/decision/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def see(town, client):
    """Opens a page as somebody of the cast and gives its text."""

    def open_page(who, path, /, **asked):
        town.sign_in(client, who)
        answer = client.get(path, asked)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    return open_page


def act(decision, name):
    return reverse(f"admin:projects_meetings_decision_{name}", args=[decision.pk])


def send(client, decision, name, **told):
    decision.refresh_from_db()
    return client.post(act(decision, name), {"version": decision.version, **told})


def test_the_page_offers_each_what_is_his_to_do(town, decided, see):
    decision = decided()
    page = f"{LIST}{decision.pk}/change/"

    def offered(who):
        text = see(who, page)
        found = [
            name
            for name in ("report", "ask-closing", "ask-extension", "agree", "urge", "revoke")
            if act(decision, name) in text
        ]
        return [*(["receive"] if 'id="receive"' in text else []), *found]

    assert offered("zhang") == ["receive", "report", "ask-closing", "ask-extension"]
    assert offered("chen") == ["report", "ask-closing", "ask-extension", "urge"]
    assert offered("gao") == ["urge", "revoke"]
    assert offered("viewer") == []
    following.ask_closing(decision, "已完成", by=town.zhang)
    assert "agree" in offered("chen")
    assert "agree" not in offered("zhang")


def test_a_liaison_does_it_all_by_the_page_and_the_office_agrees(town, decided, client):
    decision = decided()
    town.sign_in(client, "zhang")
    assert send(client, decision, "receive").url == f"{LIST}{decision.pk}/change/"
    told = {"note": "已踏勘", "files": [SimpleUploadedFile("踏勘.pdf", b"%PDF-1.4\n%%EOF")]}
    assert send(client, decision, "report", **told).status_code == 302
    text = client.get(f"{LIST}{decision.pk}/change/").content.decode()
    assert "已踏勘" in text
    assert "踏勘.pdf" in text
    wrong = {"note": "完成", "files": [SimpleUploadedFile("验收.pdf", b"MZ\x90 no document")]}
    assert "读不懂这个文件" in send(client, decision, "ask-closing", **wrong).content.decode()
    assert send(client, decision, "ask-closing", note="已接通").status_code == 302
    assert send(client, decision, "agree").status_code == 403
    town.sign_in(client, "chen")
    stale = client.post(act(decision, "agree"), {"version": 1, "note": ""}).content.decode()
    assert "该事项刚有变化，现为“申请销号”，请核对后再提交" in stale
    assert send(client, decision, "agree", note="属实").status_code == 302
    decision.refresh_from_db()
    assert decision.state == State.DONE


def test_another_zone_meets_nothing(town, decided, client):
    decision = decided()
    town.sign_in(client, "wang")
    assert client.get(f"{LIST}{decision.pk}/change/").status_code == 404
    assert client.get(act(decision, "report")).status_code == 404
    assert decision.matter not in client.get(LIST, {"state": "all"}).content.decode()
    assert decision.matter not in client.get(f"{LIST}search/", {"q": "管线"}).content.decode()
    assert client.get(f"{LIST}figures/", {"zone": "zzgx"}).status_code == 404


def test_the_list_shows_what_is_open_and_filters_by_what_one_asks(town, decided, see, today):
    decided("迁改管线")
    decided("清表", deadline=date(2023, 7, 31), lead=None, person=town.gao)
    decided("草拟的", draft=True)
    today("2023-07-20")
    every = ("迁改管线", "清表", "草拟的")

    def found(somebody="chen", /, **asked):
        text = see(somebody, LIST, **asked)
        return [matter for matter in every if matter in text]

    assert found() == ["迁改管线", "清表"]
    assert found(state="overdue") == ["迁改管线"]
    assert found(state="all") == list(every)
    assert found("zhang", state="all") == ["迁改管线", "清表"]
    assert found(unit=town.east_office.pk) == ["迁改管线"]
    assert found("gao", q="清") == ["清表"]
    assert found(state="all", year=2022) == []
    assert "清表" not in see("zhang", LIST, who="mine")
    assert "清表" in see("gao", LIST, who="mine")


def test_my_to_do_names_what_waits_for_me(town, decided):
    def titles(user):
        return {work.title: work.count for work in todo.of(user) if "议定" in work.title}

    decision = decided()
    assert titles(town.zhang) == {"待签收的议定事项": 1}
    following.receive(decision, by=town.zhang)
    assert titles(town.zhang) == {"我的议定事项": 1}
    following.ask_extension(decision, date(2023, 7, 28), reason="等待批复", by=town.zhang)
    assert (titles(town.zhang), titles(town.gao), titles(town.chen)) == ({}, {"待审批的议定事项": 1}, {})


def test_every_word_is_looked_for_in_decisions_and_minutes_and_marked(town, meeting, decided, see):
    decided("协调供水管线迁改", person=town.gao)
    decided("管线资料移交")
    minutes = Minutes.objects.create(meeting=meeting, title="例会纪要", body="会议研究了供水<管线>迁改事宜")
    text = see("chen", f"{LIST}search/", q=" 供水  管线 ")
    assert "协调<mark>供水</mark><mark>管线</mark>迁改" in text
    assert "资料移交" not in text
    assert "会议研究了<mark>供水</mark>&lt;<mark>管线</mark>&gt;迁改事宜" in text
    assert "例会纪要" not in see("zhang", f"{LIST}search/", q="供水")
    minutes.addenda.create(number=1, text="时限改为八月底", by=town.gao, on=date(2023, 7, 12))
    assert "例会纪要" in see("chen", f"{LIST}search/", q="八月底")
    assert "最多查 100 个字" in see("chen", f"{LIST}search/", q="字" * 101)


def test_the_page_of_the_year_reads_out_its_sentence(town, decided, see):
    other = Department.objects.create(zone=town.east, name="自然资源局")
    decided(lead=other)
    Meeting.objects.update(state=Meeting.State.ISSUED)
    text = see("chen", f"{LIST}figures/", year="2023", zone="zzgx")
    assert "2023年召开会议1次，议定事项1项，办结0项，办结率0.0%；未办结1项。" in text
    assert "自然资源局" in text
    assert "2023年会议统计" in see("chen", f"{LIST}figures/", year="1999")


def test_a_year_without_decisions_says_so(town, meeting, see):
    assert "这一年还没有下发的议定事项" in see("chen", f"{LIST}figures/")
