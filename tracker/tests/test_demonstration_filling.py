"""Filling the demonstration in: where it refuses to, and with whose reports."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from projects.models import AnnualPlan, Project
from tracker import demonstration
from tracker.demonstration import files
from zones.models import User, Zone


@pytest.fixture
def empty(db, settings, tmp_path):
    settings.TRACKER_DEMO = True
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.TRACKER_TODAY = date(2023, 7, 10)


# ---- Where it must not go ------------------------------------------------------------------------
@pytest.mark.django_db
def test_outside_a_demonstration_it_is_refused():
    with pytest.raises(demonstration.Refused, match="TRACKER_DEMO=true"):
        demonstration.fill()
    assert not User.objects.exists()


def test_a_database_with_real_people_is_refused(empty):
    User.objects.create(username="real")
    with pytest.raises(demonstration.Refused, match="已有正式数据"):
        demonstration.fill()
    assert not Zone.objects.exists()


def test_a_database_with_real_zones_is_refused(empty):
    Zone.objects.create(code="real", kind="city", name="某市")
    with pytest.raises(demonstration.Refused, match="已有正式数据"):
        demonstration.fill()
    assert not User.objects.exists()


def test_an_account_that_only_bears_a_name_of_ours_does_not_open_the_door(empty):
    User.objects.create(username="gaoxin-coordinator")
    with pytest.raises(demonstration.Refused, match="已有正式数据"):
        demonstration.fill()


def test_the_command_says_why_it_refuses_and_fails(db):
    with pytest.raises(CommandError, match="TRACKER_DEMO=true"):
        call_command("demo")
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("demo", format="json", stdout=told)
    assert json.loads(told.getvalue())["error"]["code"] == "refused"


# ---- Reports of one's own ------------------------------------------------------------------------
@pytest.mark.skipif(connection.vendor != "sqlite", reason="that it can be filled in shows on both databases elsewhere")
def test_reports_of_another_folder_are_read_in_place_of_ours(empty, tmp_path):
    text = (files.folder() / "reports" / "zhengzhou-gaoxin-2023-01.txt").read_text(encoding="utf-8")
    (tmp_path / "a.txt").write_text(text.replace("格力智慧物流中心项目", "某某物流中心项目"), encoding="utf-8")
    lines = []
    demonstration.fill(reports=tmp_path, say=lines.append)
    assert Project.objects.filter(name="某某物流中心项目").exists()
    assert not AnnualPlan.objects.filter(project__name="某某物流中心项目").exists()
    assert not Project.objects.filter(zone__code="xinmi").exists()
    assert lines[-1] == "演示台账里有 1 个项目不在这些报道中，没有写入其计划和进展：格力智慧物流中心项目"


def test_a_report_of_an_unknown_zone_is_named_and_the_others_are_read(empty, tmp_path):
    (tmp_path / "1.txt").write_text("某某经济开发区签约项目2个。其中，甲纺织产业园项目投资3亿元，已经开工。\n")
    text = (files.folder() / "reports" / "xinmi-kegongxin-2020-06.txt").read_text(encoding="utf-8")
    (tmp_path / "2.txt").write_text(text, encoding="utf-8")
    lines = []
    demonstration.fill(reports=tmp_path, say=lines.append)
    assert lines[0].startswith("1.txt：没有读入。")
    assert "区域" in lines[0]
    assert lines[1].startswith("2.txt：项目 4 个")
    assert Project.objects.filter(zone__code="xinmi").count() == 4


def test_when_no_report_can_be_read_nothing_is_written(empty, tmp_path):
    (tmp_path / "1.txt").write_bytes(b"")
    with pytest.raises(CommandError, match="一篇报道也没有读成"):
        call_command("demo", reports=tmp_path, stdout=io.StringIO())
    assert not Zone.objects.exists()


@pytest.mark.parametrize(("make", "sentence"), [(False, "没有“.*”这个文件夹"), (True, "里没有报道")])
def test_a_folder_that_holds_no_report_is_refused(empty, tmp_path, make, sentence):
    folder = tmp_path / "reports"
    if make:
        folder.mkdir()
    with pytest.raises(demonstration.Refused, match=sentence):
        demonstration.fill(reports=folder)


# ---- Nothing yet ---------------------------------------------------------------------------------
def test_a_summary_of_an_empty_database_is_empty(empty):
    told = io.StringIO()
    call_command("demo", summary=True, stdout=told)
    assert "项目 0 个" in told.getvalue()
    assert "gaoxin-coordinator" not in told.getvalue()
