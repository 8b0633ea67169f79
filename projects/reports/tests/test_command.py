"""The command: files in, rows or JSON out, and a clear sentence for what is no report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import OperationalError

from projects.models import Claim, Entry, Project, Source
from projects.reports import acceptance
from projects.reports.models import Difference, Figure, Mention, Report
from projects.reports.tests import texts
from projects.reports.tests.helpers import dump, rounds, run

FIXTURES = Path(configured.BASE_DIR) / "fixtures" / "reports"


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(text: str | bytes = texts.ZONE, name: str = "r.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TRACKER_TODAY = "2023-07-10"


# ---- reading ---------------------------------------------------------------------------------------
def test_a_dry_run_needs_no_database_and_prints_one_object_a_file(file):
    code, told, _ = run(file(name="a.txt"), file(texts.BUREAU, "b.txt"), dry_run=True)
    assert code == 0
    assert [len(one["projects"]) for one in told] == [11, 4]
    assert {"file", "projects", "aggregates", "differences"} <= set(told[0])


def test_reading_stores_the_report_for_review_and_touches_no_project(town, file):
    code, _, _ = run(file(), zone="zzgx")
    assert code == 0
    assert (Report.objects.count(), Mention.objects.count()) == (1, 11)
    assert Figure.objects.exists()
    assert Difference.objects.filter(open=True).count() == 1
    assert not Project.objects.exists()


def test_a_zone_is_found_by_code_name_or_short_name_and_else_in_the_text(town, file):
    text = (
        "高新区青禾产业园建设加快。" * 2 + "总投资12亿元的青禾轴承产业园项目已经动工。郑州高新技术产业开发区抓紧推进。"
    )
    for zone in ("zzgx", "郑州高新技术产业开发区", "高新区", None):
        assert run(file(text), zone=zone)[0] == 0
    assert Report.objects.get().zone == town.east


def test_the_text_form_says_what_was_found_and_done(town, file):
    code, _, said = run(file(), zone="zzgx", format="text")
    assert code == 0
    assert "项目 11 个" in said
    assert "待审核" in said
    assert "待处理" in said
    assert "东湖总部基地及大数据中心项目，第3期开工一批" in said
    assert "开工一批" not in run(file(texts.BUREAU, "b.txt"), dry_run=True, format="text")[2]


def test_a_printed_date_is_the_reports_and_a_given_one_comes_first(town, file):
    run(file("高新区 2023年2月讯\n总投资12亿元的青禾轴承产业园项目已经动工。"), zone="zzgx")
    report = Report.objects.get()
    assert (str(report.published_first), report.published_inferred) == ("2023-02-01", False)
    run(file("总投资12亿元的青禾轴承产业园项目已经动工。"), zone="zzgx", published="2023-03-05")
    assert str(Report.objects.latest("pk").published_last) == "2023-03-05"


def test_the_help_is_chinese_but_for_the_names_of_options(capsys):
    with pytest.raises(SystemExit):
        call_command("read_report", "--help")
    told = re.sub(
        r"\{[^}]*\}|\[[^\]]*\]|-{1,2}[a-z][a-z-]*( [A-Z]+)?|manage\.py|read_report|Django", "", capsys.readouterr().out
    )
    assert "只试读" in told
    assert not re.findall(r"[A-Za-z]{4,}", re.sub("zzgx|json|text|docx|m?html", "", told))


# ---- accepting -------------------------------------------------------------------------------------
def test_a_report_goes_from_file_to_claims_in_one_command(town):
    rounds(town.province)
    path = FIXTURES / "zhengzhou-gaoxin-2023-01.txt"
    code, (told,), _ = run(path, zone="zzgx", accept=True)
    assert code == 0
    listed = Entry.objects.values_list("batch", flat=True)
    assert Project.objects.count() == 37
    assert (list(listed).count("start"), list(listed).count("produce")) == (24, 6)
    # Six are signed; five more were signed and started in one round.
    assert list(listed).count("sign") == 11
    assert told["accepted"]["created"] == 37
    assert Claim.objects.exclude(start=None).count() == Claim.objects.count()


def test_reading_and_accepting_again_changes_no_row(town):
    rounds(town.province)
    paths = sorted(FIXTURES.glob("*.txt"))
    run(*paths, zone="zzgx", accept=True)
    before = dump()
    code, told, _ = run(*paths, zone="zzgx", accept=True)
    assert code == 0
    assert dump() == before
    assert [one["accepted"]["created"] for one in told if "accepted" in one] == [0] * len(told_with(told))


def told_with(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in told if "accepted" in one]


def test_a_stored_report_can_be_accepted_by_reading_it_again(town, file):
    rounds(town.province)
    run(file(), zone="zzgx")
    run(file(), zone="zzgx", accept=True)
    assert Report.objects.count() == 1
    assert Project.objects.count() == 11


def test_the_same_text_in_another_encoding_is_the_same_report(town, file):
    run(file(texts.BUREAU), zone="zzgx")
    run(file(texts.BUREAU.encode("gb18030"), "gb.txt"), zone="zzgx")
    assert Report.objects.count() == 1


# ---- what is no report -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "r.txt", "empty"),
        (b" \n\n", "r.txt", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\xfa", "r.txt", "picture"),
        (b"\xff\xff\x81", "r.txt", "encoding"),
        (b"PK\x03\x04", "r.docx", "damaged"),
        (b"abc", "r.doc", "old_word"),
        (texts.NOTHING.encode(), "r.txt", "no_project"),
    ],
)
def test_what_is_no_report_fails_with_a_sentence_and_leaves_nothing(town, file, content, name, code):
    before = dump()
    exit_code, (told,), _ = run(file(content, name), zone="zzgx", accept=True)
    assert exit_code != 0
    assert told["error"]["code"] == code
    assert told["error"]["message"].endswith("。")
    assert dump() == before


def test_a_missing_file_fails_and_the_others_are_read(town, file, tmp_path):
    code, told, _ = run(tmp_path / "nowhere.txt", file(texts.BUREAU), zone="zzgx")
    assert code != 0
    assert told[0]["error"]["code"] == "not_found"
    assert Report.objects.count() == 1


def test_a_saved_page_is_read_as_its_text_and_a_broken_file_before_it_stops_nothing(town, file):
    page = f"<html><head><title>一</title></head><body><p>{texts.BUREAU.replace(chr(10), '</p><p>')}</p></body></html>"
    code, told, _ = run(file(b"%PDF-1.4", "a.pdf"), file(page, "b.html"), file(texts.BUREAU, "c.txt"), zone="zzgx")
    assert code != 0
    assert told[0]["error"]["code"] == "damaged"
    assert [one["name"] for one in told[1]["projects"]] == [one["name"] for one in told[2]["projects"]]
    assert {"file", "projects", "aggregates"} <= set(told[1])


def test_a_report_without_projects_among_others_is_told_and_is_no_failure(town, file):
    code, told, _ = run(file(texts.NOTHING, "a.txt"), file(texts.BUREAU, "b.txt"), zone="zzgx")
    assert code == 0
    assert told[0]["error"]["code"] == "no_project"


@pytest.mark.parametrize("zone", ["没有这个区", "zz", None])
def test_an_unknown_zone_is_refused_with_a_hint(town, file, zone):
    code, (told,), _ = run(file(), zone=zone)
    assert code != 0
    assert told["error"]["code"] == "unknown_zone"
    assert not Report.objects.exists()
    assert not Source.objects.exists()


def test_a_zone_misspelt_is_answered_with_the_nearest(town, file):
    _, (told,), _ = run(file(), zone="郑州高新技术开发区")
    assert "郑州高新技术产业开发区" in told["error"]["message"]


def test_a_date_that_cannot_be_read_is_refused(town, file):
    code, (told,), _ = run(file(), zone="zzgx", published="2023-02-30")
    assert code != 0
    assert told["error"]["code"] == "bad_date"


def test_a_failure_half_way_leaves_nothing(town, file, monkeypatch):
    rounds(town.province)
    takes = acceptance.Desk._claim

    def fails(self: Any, mention: Mention, project: Project, *rest: Any) -> None:
        takes(self, mention, project, *rest)
        if mention.name.startswith("海棠"):
            raise OperationalError("disk full")

    monkeypatch.setattr(acceptance.Desk, "_claim", fails)
    before = dump()
    code, (told,), _ = run(file(), zone="zzgx", accept=True)
    assert code != 0
    assert told["error"]["code"] == "database"
    assert dump() == before
