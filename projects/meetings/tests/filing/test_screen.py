"""我的周报, 谁还没报 and 观摩 over HTTP: every card by itself, nothing typed is lost, nothing foreign is met."""

import json
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.meetings import filing, opening, saving, touring
from projects.meetings.admin import pages
from projects.meetings.models import Attachment, Mark, Meeting, Update
from projects.meetings.tests.filing.conftest import MONDAY, THURSDAY
from projects.models import Problem, Progress
from projects.tests.returns.test_verbs import picture
from projects.tests.screens import messages

WEEK, CHECK = "/admin/projects_meetings/update/week/", "/admin/projects_meetings/update/week/check/"
BLANK = dict.fromkeys(("words", "amount", "percent", "next_step", "help_wanted"), "")


@pytest.fixture
def zhang(town, client, mine):
    return town.sign_in(client, "zhang")


def card(project, *, base=BLANK, week=f"d{MONDAY}", key=None, **told):
    told = BLANK | {"base": json.dumps(base), "week": week, "key": str(key or uuid4())} | told
    return {f"p{project.pk}-{name}": value for name, value in told.items()}


def sent(*cards, tell="all", **more):
    data = {"rows": [next(iter(each)).split("-")[0][1:] for each in cards], "tell": tell}
    for each in cards:
        data |= each
    return data | more


def told(project):
    return Update.objects.select_related("progress").get(project=project)


def shown(page, project):
    return next(each for each in page.context["cards"] if each.project == project)


# ---- Telling ---------------------------------------------------------------------------------------
def test_a_week_is_told_from_the_phone_and_makes_one_figure_whose_source_is_the_meeting(town, zhang, mine):
    photo = SimpleUploadedFile("IMG_1.jpg", picture())
    typed = card(
        mine[0],
        **{"words": "主体结构封顶", "amount": "5300", "next_step": "砌筑", "help_wanted": "请协调临时用电"},
        **{"problem": "临时用电未接通", "category": "utilities", "deadline": "2023-07-20"},
    )
    page = zhang.post(WEEK, sent(typed, **{f"p{mine[0].pk}-photo": photo}), follow=True)
    assert messages(page) == ["已报送 1 个项目"]
    row = told(mine[0])
    assert (row.words, row.help_wanted, row.filed_by) == ("主体结构封顶", "请协调临时用电", town.zhang)
    assert row.filed_at
    progress = Progress.objects.get(source=row.meeting.source)
    assert (progress, progress.amount, progress.up_to) == (row.progress, 53_000_000, THURSDAY)
    problem = Problem.objects.get()
    assert (problem.title, problem.deadline, problem.source) == (
        "临时用电未接通",
        date(2023, 7, 20),
        row.meeting.source,
    )
    assert row.attachments.get().is_picture
    assert [each.is_told for each in page.context["cards"]] == [False, True]


def test_what_is_sent_again_under_its_number_is_written_once(town, zhang, mine):
    typed = sent(card(mine[0], words="封顶", amount="5300", problem="缺电", category="utilities"))
    for _ in range(2):
        assert zhang.post(WEEK, typed).status_code == 302
    assert Progress.objects.filter(source__meeting__isnull=False).count() == 1
    assert Problem.objects.count() == 1
    assert told(mine[0]).saves.count() == 2


def test_other_words_under_a_known_number_are_not_dropped_in_silence(zhang, mine):
    key = uuid4()
    zhang.post(WEEK, sent(card(mine[0], key=key, words="一层")))
    page = zhang.post(WEEK, sent(card(mine[0], key=key, words="二层", next_step="三层")))
    again = shown(page, mine[0])
    assert "填“一层”，您填的是“二层”" in again.lines[1]
    assert (told(mine[0]).words, told(mine[0]).next_step, again.typed["words"]) == ("一层", "三层", "二层")


def test_another_problem_under_a_known_number_is_not_dropped_in_silence(zhang, mine):
    key = uuid4()
    for problem in ("缺电", "缺电", "缺水"):
        zhang.post(WEEK, sent(card(mine[0], key=key, words="一层", problem=problem, category="utilities")))
    assert list(Problem.objects.order_by("pk").values_list("title", flat=True)) == ["缺电", "缺水"]


def test_words_of_several_lines_that_nobody_changed_are_not_asked_about(zhang, mine):
    zhang.post(WEEK, sent(card(mine[0], words="一层\r\n二层")))
    base = shown(zhang.get(WEEK), mine[0]).stored
    same = card(mine[0], base=base, **base | {"words": "一层\r\n二层"})
    assert zhang.post(WEEK, sent(same, card(mine[1], words="好"), tell=str(mine[1].pk))).status_code == 302


def test_one_bad_card_keeps_none_of_the_others_back_and_stays_as_it_was_typed(town, zhang, mine):
    page = zhang.post(WEEK, sent(card(mine[0], words="封顶"), card(mine[1], words="一" * 2001, amount="一千多")))
    assert told(mine[0]).filed_at
    assert not Update.objects.filter(project=mine[1]).exclude(words="").exists()
    bad = shown(page, mine[1])
    assert bad.errors["words"][0].startswith("本周进展不能超过 2000 字，现有 2001 字")
    assert "amount" in bad.errors
    assert bad.typed["amount"] == "一千多"
    assert "一" * 2001 in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "where", "sentence"),
    [
        ({}, "", "还没有报送：请写一句本周进展"),
        ({"percent": "120"}, "percent", "请填 0 到 100 的整数"),
        ({"words": "好", "category": "land"}, "problem", "请写明问题"),
        ({"words": "好", "problem": "缺地"}, "category", "请选择问题类别"),
        ({"words": "好", "problem": "缺地", "category": "land", "deadline": "2023-07-01"}, "deadline", "不能早于今天"),
        ({"words": "好", "problem": "缺地", "category": "land", "deadline": "月底"}, "deadline", "有效的日期"),
    ],
)
def test_what_cannot_be_told_so_is_said_at_its_cell_and_nothing_is_written(zhang, mine, typed, where, sentence):
    page = zhang.post(WEEK, sent(card(mine[0], **typed), tell=str(mine[0].pk)))
    assert sentence in shown(page, mine[0]).errors[where][0]
    assert (Meeting.objects.count(), Problem.objects.count()) == (0, 0)


def test_a_falling_figure_is_asked_about_and_kept_once_it_is_confirmed(zhang, mine):
    page = zhang.post(WEEK, sent(card(mine[0], words="停工", amount="4700")))
    again = shown(page, mine[0])
    assert "还少，这里应填从1月起的累计数" in again.doubts["amount"]
    assert (told(mine[0]).words, told(mine[0]).filed_at, again.typed["amount"]) == ("停工", None, "4700")
    zhang.post(WEEK, sent(card(mine[0], base=again.stored, week=again.for_week, words="停工", amount="4700", sure="1")))
    assert (told(mine[0]).progress.amount, bool(told(mine[0]).filed_at)) == (47_000_000, True)


def test_two_who_write_of_one_project_are_told_and_lose_nothing(town, zhang, mine):
    row = filing.row_of(filing.weeks_of(mine, THURSDAY)[mine[0].pk], mine[0])
    saving.fill(row, uuid4(), {"words": "陈写的"}, {}, town.chen)
    typed = card(mine[0], week=f"m{row.meeting_id}", words="张写的", next_step="砌筑")
    page = zhang.post(WEEK, sent(typed))
    again = shown(page, mine[0])
    assert "填“陈写的”，您填的是“张写的”" in again.lines[1]
    assert (told(mine[0]).words, told(mine[0]).next_step, again.typed["words"]) == ("陈写的", "砌筑", "张写的")
    zhang.post(WEEK, sent(card(mine[0], base=again.stored, week=again.for_week, **again.typed)))
    assert told(mine[0]).words == "张写的"


def test_what_was_typed_for_a_meeting_that_is_over_is_not_told_to_the_next_unasked(town, zhang, mine):
    row = filing.row_of(filing.weeks_of(mine, THURSDAY)[mine[0].pk], mine[0])
    opening.cancel(row.meeting, "防汛", by=town.chen)
    page = zhang.post(WEEK, sent(card(mine[0], week=f"m{row.meeting_id}", words="封顶")))
    again = shown(page, mine[0])
    assert "即报给 2023-07-24" in again.lines[0]
    assert again.typed["words"] == "封顶"
    assert Meeting.objects.count() == 1
    zhang.post(WEEK, sent(card(mine[0], week=again.for_week, words="封顶")))
    assert told_on(mine[0]) == date(2023, 7, 24)


def told_on(project):
    return Update.objects.exclude(words="").get(project=project).meeting.held_on


def test_what_nobody_asked_to_send_stays_on_the_page_and_says_so(zhang, mine):
    page = zhang.post(WEEK, sent(*(card(project, words="封顶") for project in mine), tell=str(mine[0].pk)))
    assert told(mine[0]).words == "封顶"
    other = shown(page, mine[1])
    assert (other.lines, other.typed["words"]) == (["这个项目填的内容还没有报送"], "封顶")
    assert not Update.objects.filter(project=mine[1], filed_at__isnull=False).exists()


def test_a_photo_that_is_none_is_refused_and_the_words_are_kept(zhang, mine):
    fake = SimpleUploadedFile("photo.jpg", b"%PDF-1.4 %%EOF")
    page = zhang.post(WEEK, sent(card(mine[0], words="封顶"), **{f"p{mine[0].pk}-photo": fake}))
    assert "照片“photo.jpg”没有保存" in shown(page, mine[0]).others[0]
    assert (told(mine[0]).words, Attachment.objects.count()) == ("封顶", 0)


def test_a_photo_can_be_taken_away_again(zhang, mine):
    zhang.post(
        WEEK, sent(card(mine[0], words="封顶"), **{f"p{mine[0].pk}-photo": SimpleUploadedFile("a.jpg", picture())})
    )
    photo = Attachment.objects.get()
    zhang.post(WEEK, {"rows": [mine[0].pk], "drop": photo.pk, **card(mine[0], words="封顶")})
    photo.refresh_from_db()
    assert photo.removed_at
    assert shown(zhang.get(WEEK), mine[0]).photos == []


# ---- What stands there -----------------------------------------------------------------------------
def test_a_card_holds_up_what_was_promised_and_the_figure_before(town, zhang, mine, settings):
    settings.TRACKER_TODAY = date(2023, 7, 10)
    last, _ = opening.open_meeting(town.east, date(2023, 7, 10), by=town.chen)
    saving.fill(last.updates.get(project=mine[0]), uuid4(), {"next_step": "完成砌筑"}, {}, town.chen)
    opening.start(last, by=town.chen)
    settings.TRACKER_TODAY = THURSDAY
    zhang.post(WEEK, sent(card(mine[0], amount="5300")))
    held_up = shown(zhang.get(WEEK), mine[0])
    assert held_up.promised == "完成砌筑"
    assert held_up.told_before == "上次 4800万元（截至7月7日）"
    assert (held_up.stored["amount"], held_up.plan) == ("5300", "年度计划 1.2亿元")


def test_checking_while_typing_says_what_saving_would_and_writes_nothing(zhang, mine):
    answer = zhang.post(CHECK, sent(card(mine[0], amount="4700", percent="x"))).json()
    assert "还少" in answer["doubts"]["amount"]
    assert answer["errors"] == {"percent": ["请填 0 到 100 的整数"]}
    answer = zhang.post(CHECK, sent(card(mine[0], amount="6000"))).json()
    assert answer["says"] == "比上次多 1200万元，占年度计划 50.0%"
    assert Meeting.objects.count() == 0


def test_the_script_gets_the_card_back(zhang, mine):
    answer = zhang.post(WEEK, sent(card(mine[0], words="封顶")), headers={"X-Requested-With": "week.js"}).json()
    assert 'data-told="1"' in answer["cards"][str(mine[0].pk)]


def test_the_page_costs_the_same_for_any_number_of_projects(town, zhang, mine):
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as asked:
            zhang.get(WEEK)
        counts.append(len(asked))
        for at in range(4):
            added = facts.create(name=f"新项目{number}{at}", zone=town.east)
            facts.assign(added, "liaison", user=town.zhang)
            filing.row_of(filing.weeks_of([added], THURSDAY)[added.pk], added)
    with CaptureQueriesContext(connection) as asked:
        zhang.get(WEEK)
    assert counts[1] == len(asked)


def test_his_to_do_list_has_the_weeks_that_are_wanted_soon(zhang, mine, settings):
    text = zhang.get("/admin/projects_alerts/alert/todo/").content.decode()
    assert "高新区周例会：2 个项目未报" in text
    zhang.post(WEEK, sent(*(card(project, words="封顶") for project in mine)))
    assert "个项目未报" not in zhang.get("/admin/projects_alerts/alert/todo/").content.decode()


# ---- Whose -----------------------------------------------------------------------------------------
def test_nobody_tells_of_a_project_that_is_not_his(town, client, mine, nobodys):
    typed = sent(card(mine[0], words="冒填"), card(nobodys, words="冒填"))
    town.sign_in(client, "li").post(WEEK, typed)
    assert not Update.objects.exists()
    town.sign_in(client, "zhang").post(WEEK, sent(card(nobodys, words="冒填"), tell=str(nobodys.pk)))
    assert not Update.objects.exists()
    assert client.post(CHECK, sent(card(nobodys, amount="1"))).status_code == 404
    for who in ("gao", "viewer", "system"):
        assert town.sign_in(client, who).get(WEEK).status_code == 403


def test_who_has_not_told_is_seen_and_asked_by_the_office_alone(town, client, mine, nobodys):
    meeting, _ = opening.open_meeting(town.east, MONDAY, by=town.chen)
    where = pages.url("missing", meeting)
    page = town.sign_in(client, "chen").get(where)
    assert [each.person for each in page.context["silent"]] == [town.zhang, None]
    assert where in client.get(WEEK).content.decode()
    assert messages(client.post(where, follow=True))[0].startswith("已提醒 1 人")
    assert messages(client.post(where, follow=True)) == ["今天都已提醒过，明天可以再催"]
    assert town.sign_in(client, "gao").get(where).status_code == 200
    assert client.post(where).status_code == 403
    answers = {who: town.sign_in(client, who).get(where).status_code for who in ("zhang", "viewer", "wang")}
    assert answers == {"zhang": 403, "viewer": 403, "wang": 404}


# ---- 观摩 ------------------------------------------------------------------------------------------
@pytest.fixture
def tour(town, mine, nobodys):
    made, _ = opening.open_meeting(town.east, THURSDAY, kind=Meeting.Kind.TOUR)
    for project in mine:
        touring.add_stop(made, project, by=town.chen)
    return made


def test_the_office_picks_stops_by_name_or_initials_and_puts_them_in_order(town, client, tour, nobodys):
    where, chen = pages.url("stops", tour), town.sign_in(client, "chen")
    chen.post(where, {"add": "1", "project": nobodys.initials[:3]})
    last = tour.updates.get(project=nobodys)
    chen.post(where, {"earlier": last.pk})
    assert [stop.update.project.name for stop in touring.stops(tour)] == ["传感器产业园", "无人项目", "智能装备园"]
    assert messages(chen.post(where, {"add": "1", "project": "西区项目"}, follow=True))[0].startswith(
        "没有找到“西区项目”"
    )
    chen.post(where, {"drop": last.pk})
    assert tour.updates.count() == 2


def test_leaders_give_points_and_only_the_office_sees_who_gave_which(town, client, tour):
    where, (first, second) = pages.url("stops", tour), tour.updates.order_by("place")
    gao = town.sign_in(client, "gao")
    gao.post(where, {"mark": first.pk, f"s{first.pk}-points": "93", f"s{first.pk}-words": "整洁"})
    page = gao.post(where, {"mark": second.pk, f"s{second.pk}-points": "120"})
    assert "请填 0 到 100 的整数" in page.content.decode()
    assert 'value="120"' in page.content.decode()
    town.sign_in(client, "chief").post(where, {"mark": first.pk, f"s{first.pk}-points": "90"})
    assert list(Mark.objects.values_list("by__username", "points")) == [("gao", 93), ("chief", 90)]
    text = town.sign_in(client, "viewer").get(where).content.decode()
    assert "均分 91.5（2 人）第 1 名" in text
    assert "整洁" not in text
    assert "整洁" in town.sign_in(client, "chen").get(where).content.decode()


def test_who_may_not_mark_or_order_cannot_and_another_zones_tour_is_not_there(town, client, tour):
    where, row = pages.url("stops", tour), tour.updates.first()
    attempts = [{"mark": row.pk, f"s{row.pk}-points": "99"}, {"drop": row.pk}, {"add": "1", "project": "无人项目"}]
    for who, status in (("zhang", 403), ("viewer", 403), ("wang", 404)):
        town.sign_in(client, who)
        assert [client.post(where, told).status_code for told in attempts] == [status] * 3
    assert town.sign_in(client, "gao").post(where, {"drop": row.pk}).status_code == 403
    assert (tour.updates.count(), Mark.objects.count()) == (2, 0)
