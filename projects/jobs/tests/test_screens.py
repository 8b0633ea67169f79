"""The page of jobs: who sees what of them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from projects.jobs.models import Job, Tick
from projects.jobs.posting import key_of, post
from projects.jobs.working import work

pytestmark = pytest.mark.django_db
JOBS = "/admin/projects_jobs/job/"
HIDDEN = "（含其他区域，不显示）"


def page_of(town, client, who, **query):
    return town.sign_in(client, who).get(JOBS, query).content.decode()


def done(kind, outcome, **values):
    return Job.objects.create(kind=kind, key=key_of(kind, values.get("zone")), state="done", outcome=outcome, **values)


def test_a_coordinator_sees_the_jobs_of_her_zone_and_what_came_of_them(deed, town, client):
    post("deed", by=town.chen, zone=town.east)
    work()
    page = page_of(town, client, "chen")
    for words in ("试办", "高新区", "陈项目办", "完成", "做完第 1 次"):
        assert words in page, words
    assert "做完第 1 次" in client.get(f"{JOBS}{Job.objects.get().pk}/change/").content.decode()


@pytest.mark.parametrize("who", ["viewer", "zhang", "system", "nobody"])
def test_who_runs_nothing_and_answers_for_nothing_has_no_such_page(town, client, who):
    assert town.sign_in(client, who).get(JOBS).status_code == 403
    assert "后台任务" not in client.get("/admin/").content.decode()


def test_a_stranger_finds_neither_the_row_nor_its_page(deed, town, client):
    job = post("deed", by=town.chen, zone=town.east)
    assert "陈项目办" not in page_of(town, client, "wang")
    assert client.get(f"{JOBS}{job.pk}/change/").status_code == 404
    assert town.sign_in(client, "chief").get(f"{JOBS}{job.pk}/change/").status_code == 200


@pytest.mark.parametrize("who", ["chen", "chief"])
def test_what_came_of_a_job_for_all_zones_is_not_for_a_part_of_them(town, client, who):
    done("scan", "120个项目，其中3个落后")
    page = page_of(town, client, who)
    assert "全部区域" in page
    assert HIDDEN in page
    assert "120个项目" not in page
    assert "120个项目" not in client.get(f"{JOBS}{Job.objects.get().pk}/change/").content.decode()
    assert "120个项目" in page_of(town, client, "root")


def test_why_a_job_failed_is_told_to_all_who_see_it(deed, town, client):
    Job.objects.create(kind="of-old", key="x")
    work()
    page = page_of(town, client, "chen")
    assert "系统里没有这种任务" in page
    assert "有 1 项任务失败，以后也没有做成过" in page


def test_routine_that_went_well_stays_out_of_the_way(town, client):
    done("scan", "判过了", zone=town.east)
    done("send", "发过了", zone=town.east)
    assert "发过了" not in page_of(town, client, "chen")
    assert "发过了" in page_of(town, client, "chen", kind="all")
    assert "判过了" not in page_of(town, client, "chen", kind="send")
    assert "判过了" not in page_of(town, client, "chen", state="failed")


def test_a_background_that_stands_still_is_said(town, client):
    assert "后台还没有运行过" in page_of(town, client, "chen")
    Tick.objects.create(at=Now() - timedelta(minutes=42))
    assert "后台已有 42 分钟没有运行" in page_of(town, client, "chen")
    Tick.objects.update(at=Now())
    page = page_of(town, client, "chen")
    assert "没有运行" not in page
    assert "还没有后台任务" in page


def test_thirty_jobs_cost_as_many_statements_as_three(town, client, django_assert_num_queries):
    def some(count, begin=0):
        for n in range(begin, begin + count):
            done("scan", "好", zone=town.east, asked_by=town.chen, slot=datetime(2023, 1, 1, tzinfo=UTC) + timedelta(n))

    some(3)
    page_of(town, client, "chen")
    with CaptureQueriesContext(connection) as three:
        client.get(JOBS)
    some(27, begin=3)
    with django_assert_num_queries(len(three)):
        client.get(JOBS)
