"""Reports, and what was read in them, for other systems."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Project
from projects.reports import acceptance
from projects.reports.models import Mention, MentionEvent, Report
from projects.reports.tests import texts
from projects.reports.tests.helpers import accepted, rounds, stored
from projects.tests.api.calling import ids, refused, rows, url
from projects.tests.conftest import anew, kept_rows

OTHER = """临溪高新区 2023年2月讯

全省第二期“三个一批”活动举行。“开工一批”项目2个，分别为青禾轴承产业园项目、澄江储能电池项目。
"""
PARTS = ("mentions", "figures", "differences")


def three_reports(town):
    """One accepted by 陈项目办, one waiting, and one of the west."""
    rounds(town.province)
    acceptance.accept(stored(texts.ZONE, town.east), by=town.chen)
    stored(OTHER, town.east)
    accepted(OTHER, town.west)


@pytest.fixture(scope="module")
def written(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, three_reports) as town:
        yield town


@pytest.fixture
def chen(written, db, client, settings):
    settings.TRACKER_TODAY = "2023-07-10"
    return anew(written).sign_in(client, "chen")


@pytest.fixture
def report(chen):
    return Report.objects.earliest("pk")


def test_a_list_leaves_the_text_out_and_one_report_tells_everything(chen, report):
    assert {"text", "mentions"}.isdisjoint(rows(chen, "reports")[0])
    told = chen.get(url("reports", report.pk)).json()
    assert told["text"] == report.text
    assert [len(told[part]) for part in PARTS] == [
        *(report.mentions.count(), report.figures.count(), report.differences.count()),
    ]
    assert min(len(told[part]) for part in PARTS) > 0
    for part in PARTS:
        listed = {row["id"]: row for row in rows(chen, part, report=report.pk)}
        assert listed == {row["id"]: row for row in told[part]}
    first = told["mentions"][0]
    assert report.text[first["start"] : first["end"]].replace("\n", "") == first["name"]
    assert first["decided_by"] == "chen"


@pytest.mark.parametrize(
    ("part", "params", "holds"),
    [
        ("mentions", {"state": "accepted"}, lambda row: row["state"] == "accepted"),
        ("mentions", {"state": "waiting,unclear"}, lambda row: row["state"] != "accepted"),
        ("mentions", {"batch": "start,produce"}, lambda row: row["batch"] in ("start", "produce")),
        ("mentions", {"period": "8"}, lambda row: row["period"] == 8),
        ("mentions", {"text": "储能"}, lambda row: "储能" in row["name"]),
        ("mentions", {"person": "chen"}, lambda row: row["decided_by"] == "chen"),
        ("mentions", {"decided_from": "2023-07-10"}, lambda row: row["decided_on"] is not None),
        ("mentions", {"published_to": "2023-01-31"}, lambda row: row["state"] == "accepted"),
        ("figures", {"batch": "start"}, lambda row: row["batch"] == "start"),
        ("figures", {"count_min": "3"}, lambda row: (row["count"] or 0) >= 3),
        ("figures", {"amount_min": "1000000000"}, lambda row: (row["amount_high"] or 0) >= 1_000_000_000),
        ("figures", {"text": "开工"}, lambda row: "开工" in row["scope"] + row["filter"]),
        ("differences", {"open": "true"}, lambda row: row["open"]),
        ("differences", {"open": "false"}, lambda row: not row["open"]),
        ("differences", {"text": "实际列出"}, lambda row: "实际列出" in row["sentence"]),
    ],
)
def test_a_parameter_selects_what_it_says(chen, part, params, holds):
    expected = {row["id"] for row in rows(chen, part) if holds(row)}
    assert ids(chen, part, **params) == expected
    assert expected


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, 2),
        ({"zone": "zzgx"}, 2),
        ({"zone": "zzgx-park"}, 0),
        ({"waiting": "true"}, 1),
        ({"disagreeing": "true"}, 1),
        ({"pending": "false"}, 0),
        ({"batch": "start"}, 2),
        ({"batch": "start", "period": "2"}, 1),
        ({"batch": "produce", "period": "2"}, 0),
        ({"period": "2"}, 1),
        ({"dated": "true", "published_from": "2023-02-28"}, 1),
        ({"content": "轴承产业园"}, 1),
        ({"text": "轴承产业园"}, 0),
        ({"read_to": "2020-01-01"}, 0),
    ],
)
def test_reports_are_found_by_what_they_say(chen, params, found):
    assert len(ids(chen, "reports", **params)) == found


def test_reports_are_found_by_the_project_they_name(chen, report):
    named = report.mentions.exclude(project=None).first().project
    foreign = Project.objects.filter(zone__code="zzjk").first()
    assert ids(chen, "reports", project=named.pk) == {report.pk}
    assert len(ids(chen, "mentions", project=named.pk)) == 1
    assert ids(chen, "reports", project=foreign.pk) == ids(chen, "mentions", project=foreign.pk) == set()


def test_a_mention_names_no_project_that_the_reader_may_not_see(chen, report):
    mention = report.mentions.exclude(project=None).first()
    mention.project = Project.objects.filter(zone__code="zzjk").first()
    mention.notes = [
        {"code": "alike", "projects": [mention.project_id]},
        {"code": "no_step", "words": "开工", "why": "无"},
    ]
    mention.save()
    told = chen.get(url("mentions", mention.pk)).json()
    assert (told["project"], told["project_name"]) == (None, None)
    assert told["notes"] == [{"code": "no_step", "words": "开工", "why": "无"}]


def test_a_round_that_is_no_number_is_refused(chen):
    assert "period" in refused(chen.get(url("mentions"), {"period": "八"}), 400, "invalid")[1]


def test_more_rows_cost_no_more_statements(chen, report):
    def cost(path):
        with CaptureQueriesContext(connection) as seen:
            assert chen.get(path).status_code == 200
        return len(seen)

    paths = [f"{url(part)}?page_size={{}}" for part in (*PARTS, "reports")]
    assert [cost(path.format(1)) for path in paths] == [cost(path.format(50)) for path in paths]
    assert max(cost(path.format(50)) for path in paths) <= 5  # a session takes one more than a token
    many = cost(url("reports", report.pk))
    MentionEvent.objects.filter(mention__report=report).delete()
    Mention.objects.filter(report=report).exclude(pk=report.mentions.first().pk).delete()
    assert cost(url("reports", report.pk)) == many
