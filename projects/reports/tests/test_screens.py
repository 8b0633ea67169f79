"""The officials' screens of reports."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Project
from projects.reports import acceptance
from projects.reports.models import Mention, Report
from projects.reports.tests import texts
from projects.reports.tests.helpers import accepted, dump, rounds, stored

LIST = "/admin/projects_reports/report/"
EVIL = "<script>alert(1)</script>"


def page_of(report: Report) -> str:
    return f"{LIST}{report.pk}/change/"


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TRACKER_TODAY = "2023-07-10"


@pytest.fixture
def report(town: Any) -> Report:
    rounds(town.province)
    return stored(texts.ZONE, town.east)


# ---- seeing ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["zhang", "chen", "gao", "viewer", "chief"])
def test_who_reads_the_zone_sees_the_list_and_the_page(town, client, report, who):
    town.sign_in(client, who)
    assert "临溪高新区项目建设再提速" in client.get(LIST).content.decode()
    page = client.get(page_of(report))
    assert page.status_code == 200
    assert "实际列出2个" in page.content.decode()


@pytest.mark.parametrize("who", ["li", "wang", "system", "security", "audit"])
def test_a_report_of_the_neighbours_answers_exactly_like_a_missing_one(town, client, report, who):
    town.sign_in(client, who)
    foreign, missing = (client.get(f"{LIST}{pk}/change/") for pk in (report.pk, report.pk + 999))
    assert foreign.status_code == missing.status_code != 200
    assert "临溪" not in client.get(LIST).content.decode()


def test_the_list_counts_what_waits_and_each_filter_shows_what_is_counted(town, client, report):
    done = stored("总投资12亿元的青禾轴承产业园项目已经动工。", town.east)
    acceptance.accept(done, by=town.chen)
    Mention.objects.filter(report=done).update(proposed={"name": "青禾轴承产业园二期项目"})
    again = stored("总投资3亿元的澄江储能电池项目已经动工。", town.east)
    acceptance.accept(again, by=town.chen)
    # As reading again leaves it where nothing is proposed any more: written in bulk, not as an empty column.
    kept = again.mentions.get()
    Mention.objects.bulk_update([kept], ["proposed"])
    town.sign_in(client, "chen")
    rows = {row.pk: row for row in client.get(LIST).context["cl"].queryset}
    counted = {"mention": "mention_n", "proposal": "proposal_n", "doubt": "doubt_n", "total": "total_n"}
    assert [getattr(rows[report.pk], name) for name in counted.values()] == [11, None, 1, 6]
    assert [getattr(rows[done.pk], name) for name in counted.values()] == [None, 1, None, None]
    for asked, name in counted.items():
        (shown,) = client.get(f"{LIST}?pending={asked}").context["cl"].queryset
        assert [pk for pk, row in rows.items() if getattr(row, name)] == [shown.pk], asked
        over_rest = {"mention": "waiting", "proposal": "proposed", "doubt": "disagreeing", "total": "untold"}[asked]
        told = client.get("/api/v1/reports/", {over_rest: "true"}).json()["results"]
        assert [row["id"] for row in told] == [shown.pk]
    for query, expected in (("any", {report.pk, done.pk}), ("none", {again.pk}), ("无", set())):
        found = {row.pk for row in client.get(f"{LIST}?pending={query}").context["cl"].queryset}
        assert found == expected


def test_the_page_marks_every_mention_in_the_text(town, client, report):
    page = town.sign_in(client, "chen").get(page_of(report)).content.decode()
    for one in report.mentions.all():
        assert f'id="mention-{one.pk}"' in page
        assert f'href="#mention-{one.pk}"' in page


def test_the_marked_text_is_the_text_of_the_report(town, client, report):
    page = town.sign_in(client, "chen").get(page_of(report))
    parts = page.context["parts"]
    assert "".join(part.text for part in parts) == report.text


def test_a_byte_order_mark_moves_no_mark(town, client):
    report = stored("\ufeff" + texts.BUREAU, town.east)
    parts = town.sign_in(client, "chen").get(page_of(report)).context["parts"]
    named = {part.text for part in parts if "said-name" in part.marks}
    assert {m.name for m in report.mentions.all() if "棉纺" not in m.name} <= named


def test_the_text_of_a_report_is_never_run(town, client):
    text = f"{EVIL}总投资12亿元的{EVIL}青禾轴承产业园项目已经动工。\n“开工一批”项目3个，分别为{EVIL}项目、甲乙项目。"
    report = stored(text, town.east)
    town.sign_in(client, "chen")
    for address in (page_of(report), LIST, "/admin/projects_reports/mention/", "/admin/projects_reports/difference/"):
        page = client.get(address).content.decode()
        assert EVIL not in page
    assert "&lt;script&gt;" in client.get(page_of(report)).content.decode()


@pytest.mark.parametrize("what", ["mention", "difference", "figure"])
def test_the_lists_across_reports_open_and_show_only_ones_own(town, client, report, what):
    stored("总投资12亿元的西岭制药产业园项目已经动工，总投资9亿元。西岭项目共9个，总投资8亿元。", town.west)
    page = town.sign_in(client, "chen").get(f"/admin/projects_reports/{what}/")
    assert page.status_code == 200
    assert "西岭" not in page.content.decode()
    row = page.context["cl"].queryset[0]
    assert client.get(f"/admin/projects_reports/{what}/{row.pk}/change/").status_code == 200


def test_a_long_report_costs_no_more_statements_than_a_short_one(town, client, report):
    short = stored("“开工一批”共1个项目，为总投资12亿元的青禾轴承产业园项目，已开工1个。", town.east)
    town.sign_in(client, "chen")
    costs = []
    for one in (short, report):
        with CaptureQueriesContext(connection) as caught:
            client.get(page_of(one))
        costs.append(len(caught))
    assert costs[1] <= costs[0]


@pytest.mark.parametrize("what", ["report", "mention", "difference", "figure"])
def test_no_list_reads_the_texts_of_the_reports(town, client, report, what):
    town.sign_in(client, "chen")
    with CaptureQueriesContext(connection) as caught:
        page = client.get(f"/admin/projects_reports/{what}/")
    assert page.context["cl"].result_count
    assert not [query["sql"] for query in caught if '"projects_reports_report"."text"' in query["sql"]]


def test_the_list_of_totals_shows_the_sum_in_words(town, client, report):
    page = town.sign_in(client, "chen").get("/admin/projects_reports/figure/").content.decode()
    amounts = [figure for figure in report.figures.all() if figure.amount_low]
    assert amounts
    assert "亿元" in page


# ---- accepting -------------------------------------------------------------------------------------
def accept_address(report: Report) -> str:
    return f"{LIST}{report.pk}/accept/"


def test_the_project_office_accepts_and_is_told_what_happened(town, client, report):
    page = town.sign_in(client, "chen").post(accept_address(report), follow=True)
    assert Project.objects.count() == 11
    assert "新项目 11 个" in page.content.decode()
    assert "打开项目" in page.content.decode()
    assert not Mention.objects.filter(state=Mention.State.WAITING).exists()
    assert set(report.source.claims.values_list("recorded_by", flat=True)) == {town.chen.pk}


def test_pressing_twice_changes_nothing(town, client, report):
    town.sign_in(client, "chen").post(accept_address(report))
    before = dump()
    page = client.post(accept_address(report), follow=True)
    assert dump() == before
    assert "没有变化" in page.content.decode()


@pytest.mark.parametrize(
    ("who", "answer"), [("zhang", 403), ("gao", 403), ("viewer", 403), ("chief", 403), ("wang", 404), ("li", 404)]
)
def test_who_may_not_write_the_zone_cannot_accept(town, client, report, who, answer):
    town.sign_in(client, who)
    before = dump()
    assert client.post(accept_address(report)).status_code == answer
    page = client.get(page_of(report))
    assert "采纳</button>" not in page.content.decode()
    assert {k: v for k, v in dump().items() if k != "zones.User"} == {
        k: v for k, v in before.items() if k != "zones.User"
    }


def test_accepting_is_never_a_mere_visit(town, client, report):
    assert town.sign_in(client, "chen").get(accept_address(report)).status_code == 405
    assert not Project.objects.exists()


def test_accepting_wants_the_token_of_the_form(town, report):
    from django.test import Client

    client = town.sign_in(Client(enforce_csrf_checks=True), "chen")
    assert client.post(accept_address(report)).status_code == 403
    assert not Project.objects.exists()


def test_nothing_is_left_to_accept_once_all_is_accepted(town, client, report):
    accepted(texts.ZONE, town.east)
    page = town.sign_in(client, "chen").get(page_of(report)).content.decode()
    assert "采纳</button>" not in page


def test_a_project_kept_by_the_zone_above_is_not_linked_for_who_may_not_see_it(town, client):
    from datetime import date

    from projects import facts
    from zones.models import Appointment, User

    facts.create(name="青禾轴承产业园项目", zone=town.east)
    report = stored("总投资12亿元的青禾轴承产业园项目已经动工。", town.east_park)
    accepted("总投资12亿元的青禾轴承产业园项目已经动工。", town.east_park)
    keeper = User.objects.create(username="park", display_name="园区", is_staff=True)
    Appointment.objects.create(user=keeper, zone=town.east_park, role="viewer", starts=date(2020, 1, 1))
    assert "打开项目" in town.sign_in(client, "chen").get(page_of(report)).content.decode()
    assert "打开项目" not in town.sign_in(client, keeper).get(page_of(report)).content.decode()
