"""月报填报 and 月报审核 over HTTP: every project by itself, nothing typed is lost, nothing foreign is met."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects import facts
from projects.models import Photo, Progress, Return
from projects.tests import filling
from projects.tests.returns.test_verbs import JUNE, MAY, MILLION, filled, picture, reported
from projects.tests.screens import messages
from zones.models import Appointment
from zones.permissions import Role

FILL, CHECK, REVIEW = (f"/admin/projects/return/{name}/?month=2023-06" for name in ("fill", "fill/check", "review"))


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def mine(town):
    """Three projects of the liaison, with May reviewed: 4000万元 of the year."""
    made = [filling.project(town.east, f"装备园{at}", done=None) for at in range(3)]
    for project in made:
        facts.assign(project, "liaison", user=town.zhang)
        facts.assign(project, "unit", department=town.east_office)
        facts.review_return(reported(project, MAY, 40 * MILLION))
    return made


def typed(project, version=0, **told):
    return {f"p{project.pk}-{name}": value for name, value in {"version": str(version), **told}.items()}


def sent(*rows, **button):
    data = {"rows": [key.split("-")[0][1:] for row in rows for key in list(row)[:1]]}
    for row in rows:
        data |= row
    return data | button


def test_one_bad_row_keeps_none_of_the_others_back_and_stays_as_it_was_typed(town, client, mine):
    good, bad, unreadable = mine
    rows = [
        typed(good, this_month="800", year_to_date="4800"),
        typed(bad, this_month="800", year_to_date="4700", words="打到一半"),
        typed(unreadable, year_to_date="一千多"),
    ]
    page = town.sign_in(client, "zhang").post(FILL, sent(*rows, submit="all"))
    assert Return.objects.get(project=good, month=JUNE).status == "submitted"
    assert Return.objects.get(project=bad, month=JUNE).status == "draft"
    assert not unreadable.returns.filter(month=JUNE).exists()
    text = page.content.decode()
    assert "不等于上月累计 4000万元 + 本月完成 800万元 = 4800万元，少 100万元" in text
    assert 'value="一千多"' in text
    assert "打到一半" in text
    assert any("已上报 1 个项目" in each for each in messages(page))
    assert any("2 个项目没有完成" in each for each in messages(page))


def test_what_is_left_to_do_stands_first(town, client, mine):
    reviewed, unreported, sent_back = mine
    facts.review_return(reported(reviewed, JUNE, 48 * MILLION, this_month=8 * MILLION))
    facts.send_back_return(reported(sent_back, JUNE, 48 * MILLION, this_month=8 * MILLION), reason="缺说明")
    page = town.sign_in(client, "zhang").get(FILL)
    shown = [(card.project, card.is_folded) for card in page.context["cards"]]
    assert shown == [(sent_back, False), (unreported, False), (reviewed, True)]
    assert "已审，年内 4800万元（40.0%）" in page.content.decode()


def test_what_nobody_asked_to_save_stays_on_the_page_and_says_so(town, client, mine):
    rows = [typed(mine[0], this_month="1", year_to_date="4001"), typed(mine[1], words="还没打完")]
    page = town.sign_in(client, "zhang").post(FILL, sent(*rows, save=str(mine[0].pk)))
    assert Return.objects.filter(month=JUNE).get().project == mine[0]
    assert "还没打完" in page.content.decode()
    assert "填写的内容还没有保存" in page.content.decode()


def test_a_stale_save_keeps_the_typed_text_says_what_changed_and_may_then_be_saved(town, client, mine):
    project = mine[0]
    row = filled(project, year=48 * MILLION)
    facts.fill_return(project, JUNE, {"year_to_date": 49 * MILLION}, by=town.chen)
    town.sign_in(client, "zhang")
    page = client.post(FILL, sent(typed(project, row.version, year_to_date="4777"), save="all"))
    text = page.content.decode()
    assert "自年初累计：现为“4900”，您填的是“4777”" in text
    assert 'value="4777"' in text
    row.refresh_from_db()
    assert row.year_to_date == 49 * MILLION
    card = next(card for card in page.context["cards"] if card.key == project.pk)
    again = client.post(FILL, sent(typed(project, card.form["version"].value(), year_to_date="4777"), save="all"))
    assert again.status_code == 302
    row.refresh_from_db()
    assert row.year_to_date == 47_770_000


@pytest.mark.parametrize("way", ["save", "submit"])
def test_a_return_that_somebody_else_submitted_meanwhile_says_who_and_keeps_what_was_typed(town, client, mine, way):
    project, other, third = mine
    row = filled(project, this_month=8 * MILLION, year=48 * MILLION)
    facts.submit_return(row, by=town.chen)
    rows = [
        typed(project, row.version, this_month="777", year_to_date="4800", words="<b>二层</b>"),
        typed(other, this_month="1", year_to_date="4001"),
        typed(third, words="还没打完"),
    ]
    page = town.sign_in(client, "zhang").post(f"{FILL}&status=none", sent(*rows, **{way: str(project.pk)}))
    card = next(card for card in page.context["cards"] if card.key == project.pk)
    assert card.lines == [
        f"已被{town.chen}上报，您填的内容没有保存；要改请由上报人撤回，或请项目办退回",
        "本月完成：现为“800”，您填的是“777”",
        "形象进度：现为“（空）”，您填的是“<b>二层</b>”",
    ]
    text = page.content.decode()
    assert "&lt;b&gt;二层&lt;/b&gt;" in text
    assert 'value="4001"' in text
    assert "还没打完" in text
    assert any("1 个项目没有完成" in each for each in messages(page))
    row.refresh_from_db()
    assert (row.this_month, row.status) == (8 * MILLION, "submitted")


def test_what_is_typed_on_a_closed_card_is_not_lost_when_another_card_is_saved(town, client, mine):
    row = reported(mine[0], year=48 * MILLION, this_month=8 * MILLION)
    facts.review_return(row, by=town.chen)
    rows = [typed(mine[0], year_to_date="4777"), typed(mine[1], this_month="1", year_to_date="4001")]
    page = town.sign_in(client, "zhang").post(FILL, sent(*rows, save=str(mine[1].pk)))
    text = page.content.decode()
    assert f"已被{town.chen}审核通过，您填的内容没有保存" in text
    assert "自年初累计：现为“4800”，您填的是“4777”" in text
    assert Return.objects.get(project=mine[1], month=JUNE).year_to_date == 40_010_000


def test_the_same_figures_submitted_by_somebody_else_are_no_loss(town, client, mine):
    row = reported(mine[0], year=48 * MILLION, this_month=8 * MILLION, percent=35)
    told = typed(mine[0], row.version - 1, this_month="800", year_to_date="4800.00万元")
    answer = town.sign_in(client, "zhang").post(FILL, sent(told, submit="all"))
    assert answer.status_code == 302


def test_a_card_is_checked_as_it_is_typed_by_the_same_sentences_and_nothing_is_written(town, client, mine):
    town.sign_in(client, "zhang")
    with CaptureQueriesContext(connection) as seen:
        told = client.post(CHECK, sent(typed(mine[0], this_month="-800", statistics="x"))).json()
    assert told["proposed"] == {"year_to_date": "3200"}
    assert "statistics" in told["errors"]
    told = client.post(CHECK, sent(typed(mine[0], this_month="800", year_to_date="4700"))).json()
    found = {each["kind"]: each for each in told["findings"]}
    assert "少 100万元" in found["blocks"]["sentence"]
    assert found["blocks"]["fields"] == ["this_month", "year_to_date"]
    assert not Return.objects.filter(month=JUNE).exists()
    assert not [q for q in seen if not q["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))]


def test_a_card_sent_by_the_script_comes_back_alone(town, client, mine):
    town.sign_in(client, "zhang")
    told = client.post(
        FILL,
        sent(typed(mine[0], this_month="800", year_to_date="4800"), submit=str(mine[0].pk)),
        headers={"X-Requested-With": "returns.js"},
    ).json()
    assert list(told["cards"]) == [str(mine[0].pk)]
    assert "已上报" in told["cards"][str(mine[0].pk)]


def test_one_submits_and_takes_back_what_one_submitted(town, client, mine):
    town.sign_in(client, "zhang")
    client.post(FILL, sent(typed(mine[0], this_month="800", year_to_date="4800"), submit="all"))
    page = client.post(FILL, {"rows": mine[0].pk, "take_back": mine[0].pk}, follow=True)
    assert Return.objects.get(month=JUNE).status == "draft"
    assert any("已撤回" in each for each in messages(page))


def test_another_ones_projects_are_neither_shown_nor_written(town, client, mine):
    foreign = filling.project(town.west, "经开厂房", done=None)
    unassigned = filling.project(town.east, "无人厂房", done=None)
    page = town.sign_in(client, "zhang").get(FILL)
    assert {card.key for card in page.context["cards"]} == {project.pk for project in mine}
    for project in (foreign, unassigned):
        client.post(FILL, sent(typed(project, year_to_date="1"), save="all"))
        assert client.post(CHECK, sent(typed(project, year_to_date="1"))).status_code == 404
    assert not Return.objects.filter(project__in=(foreign, unassigned)).exists()
    assert town.sign_in(client, "gao").get(FILL).status_code == 403


def test_who_has_nothing_to_fill_in_is_told_so(town, client):
    page = town.sign_in(client, "zhang").get(FILL)
    assert "本月没有需要您填报的项目" in page.content.decode()


def test_more_projects_cost_no_more_statements(town, client, mine):
    def cost(url):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    reported(mine[0], year=48 * MILLION, this_month=8 * MILLION)
    town.sign_in(client, "chen")
    few = {url: cost(url) for url in (FILL, REVIEW)}
    for _ in range(3):
        project = filling.project(town.east, done=None)
        facts.assign(project, "unit", department=town.east_office)
        facts.add_photo(project, JUNE, picture())
        reported(project)
    assert {url: cost(url) for url in few} == few


# ---- Photos ----------------------------------------------------------------------------------------
def test_a_photo_is_sent_with_the_card_and_served_to_who_may_see_the_project_alone(town, client, mine):
    town.sign_in(client, "zhang")
    file = SimpleUploadedFile("../../x.exe", picture(), content_type="text/html")
    bad = SimpleUploadedFile("x.jpg", b"<script>", content_type="image/jpeg")
    row = typed(mine[0], taken_on="2023-06-20", place="1号厂房")
    page = client.post(FILL, sent(row, save="all") | {f"p{mine[0].pk}-photo": [file, bad]})
    photo = Photo.objects.get()
    assert (photo.taken_on, photo.place, photo.uploaded_by) == (date(2023, 6, 20), "1号厂房", town.zhang)
    assert "照片“x.jpg”没有保存：这不是能读懂的照片" in page.content.decode()
    url = reverse("admin:projects_return_photo", args=[photo.pk])
    answer = client.get(url)
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    answers = {who: town.sign_in(client, who).get(url).status_code for who in ("gao", "li", "system")}
    assert answers == {"gao": 200, "li": 404, "system": 404}
    client.logout()
    assert client.get(url).status_code == 302
    town.sign_in(client, "zhang").post(FILL, {"rows": mine[0].pk, "drop": photo.pk})
    assert client.get(url).status_code == 404


# ---- Reviewing -------------------------------------------------------------------------------------
def test_many_are_accepted_at_once_each_by_itself_in_the_version_that_was_read(town, client, mine):
    rows = [reported(project, year=48 * MILLION, this_month=8 * MILLION) for project in mine]
    versions = {f"version-{row.pk}": row.version for row in rows} | {f"version-{rows[1].pk}": 1}
    data = {"review": [row.pk for row in rows], "checked": "1", **versions}
    page = town.sign_in(client, "chen").post(REVIEW, data, follow=True)
    assert [Return.objects.get(pk=row.pk).status for row in rows] == ["reviewed", "submitted", "reviewed"]
    assert messages(page) == ["审核通过 2 份月报", f"{mine[1]}：刚被他人修改，请重新核对后再审核"]
    assert Progress.objects.filter(up_to=JUNE).count() == 2


def test_one_is_sent_back_with_a_reason_and_the_others_stay(town, client, mine):
    first, second = (reported(project, year=48 * MILLION, this_month=8 * MILLION) for project in mine[:2])
    town.sign_in(client, "chen")
    data = {"back": first.pk, "review": [second.pk], f"version-{first.pk}": first.version}
    page = client.post(REVIEW, data, follow=True)
    assert "退回须写明原因" in messages(page)[0]
    client.post(REVIEW, data | {f"reason-{first.pk}": "与入统数不符"})
    assert [Return.objects.get(pk=row.pk).status for row in (first, second)] == ["returned", "submitted"]
    assert "与入统数不符" in town.sign_in(client, "zhang").get(FILL).content.decode()


def test_who_may_not_review_decides_nothing_and_a_foreign_return_is_not_met(town, client, mine):
    row = reported(mine[0], year=48 * MILLION, this_month=8 * MILLION)
    data = {"one": row.pk, f"version-{row.pk}": row.version}
    assert town.sign_in(client, "zhang").post(REVIEW, data).status_code == 403
    town.sign_in(client, "wang").post(REVIEW, data)
    row.refresh_from_db()
    assert row.status == "submitted"


def test_what_is_refused_stays_on_the_page_with_what_was_typed_and_the_rest_is_done(town, client, mine):
    good, stale, waiting = (reported(project, year=48 * MILLION, this_month=8 * MILLION) for project in mine)
    read = stale.version
    facts.send_back_return(stale, reason="先被退回", by=town.gao)
    data = {
        **{f"version-{row.pk}": row.version for row in (good, waiting)},
        f"version-{stale.pk}": read,
        f"reason-{stale.pk}": '与"入统数"不符',
        f"reason-{waiting.pk}": "照片不清",
    }
    town.sign_in(client, "chen")
    page = client.post(f"{REVIEW}&status=submitted", data | {"review": [good.pk, stale.pk], "checked": "1"})
    lines = {line.project: line for line in page.context["lines"]}
    assert Return.objects.get(pk=good.pk).status == "reviewed"
    assert set(lines) == {mine[1], mine[2]}
    assert lines[mine[1]].typed.refused == "刚被他人修改，请重新核对后再审核"
    text = page.content.decode()
    assert "您填的退回原因没有用上：与&quot;入统数&quot;不符" in text
    assert 'value="照片不清"' in text


def test_a_refused_send_back_keeps_its_reason_and_every_other_reason_and_tick(town, client, mine):
    long, other, ticked = (reported(project, year=48 * MILLION, this_month=8 * MILLION) for project in mine)
    data = {f"version-{row.pk}": row.version for row in (long, other, ticked)}
    data |= {f"reason-{long.pk}": "长" * 301, f"reason-{other.pk}": "另一条", "review": [ticked.pk], "back": long.pk}
    page = town.sign_in(client, "chen").post(REVIEW, data)
    text = page.content.decode()
    assert f'value="{"长" * 301}"' in text
    assert 'value="另一条"' in text
    assert f'name="review" value="{ticked.pk}" checked' in text
    assert not Return.objects.filter(month=JUNE).exclude(status="submitted").exists()
    page = client.post(REVIEW, data | {f"reason-{long.pk}": "数不符"})
    assert Return.objects.get(pk=long.pk).status == "returned"
    assert 'value="另一条"' in page.content.decode()
    assert 'value="数不符"' not in page.content.decode()


def test_a_row_one_may_not_review_is_refused_like_a_missing_one_and_the_others_are_done(town, client, mine):
    row = reported(mine[0], year=48 * MILLION, this_month=8 * MILLION)
    seen = reported(filling.project(town.west, "经开厂房", done=None), year=48 * MILLION, this_month=8 * MILLION)
    Appointment.objects.create(user=town.chen, zone=town.west, role=Role.VIEWER, starts=JUNE)
    data = {f"version-{each.pk}": each.version for each in (row, seen)} | {"checked": "1"}
    town.sign_in(client, "chen")
    page = client.post(REVIEW, data | {"review": [seen.pk, row.pk]}, follow=True)
    assert messages(page) == ["审核通过 1 份月报", "1 份月报没有找到，或者不归您审核，请刷新后再办"]
    page = client.post(REVIEW, data | {"review": [seen.pk]}, follow=True)
    missing = client.post(REVIEW, data | {"review": [9_999_999]}, follow=True)
    assert messages(page) == messages(missing) == ["1 份月报没有找到，或者不归您审核，请刷新后再办"]
    assert [Return.objects.get(pk=each.pk).status for each in (row, seen)] == ["reviewed", "submitted"]


def test_a_leader_opens_a_reviewed_return_again_and_a_coordinator_does_not(town, client, mine):
    row = facts.review_return(reported(mine[0], year=48 * MILLION, this_month=8 * MILLION))
    url = reverse("admin:projects_return_reopen", args=[row.pk])
    assert town.sign_in(client, "chen").get(url).status_code == 403
    assert url in town.sign_in(client, "gao").get(REVIEW).content.decode()
    client.post(url, {"reason": "单位写错"})
    row.refresh_from_db()
    assert row.status == "returned"
    page = client.get(reverse("admin:projects_return_change", args=[row.pk])).content.decode()
    assert "单位写错" in page


@pytest.mark.parametrize(
    ("asked", "count"), [({"status": "submitted"}, 1), ({"status": "none"}, 2), ({"late": "1"}, 1), ({"unit": "0"}, 0)]
)
def test_the_list_is_narrowed_by_status_lateness_and_unit(town, client, mine, asked, count):
    reported(mine[0], year=48 * MILLION, this_month=8 * MILLION)
    page = town.sign_in(client, "chen").get(REVIEW, {"month": "2023-06", **asked})
    assert len(page.context["lines"]) == count
    assert "未分派" not in page.content.decode()
