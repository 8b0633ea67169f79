"""Opening files: what the room of reports adds to `projects.intake`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from projects.intake import limits
from projects.reports.documents import RefusedReport, digest, load
from projects.reports.grammar import read
from projects.reports.models import Report
from projects.reports.tests.helpers import stored

TEXT = "总投资12亿元的云岭智能轴承项目已经动工。\n"


def refused(path: Path) -> str:
    with pytest.raises(RefusedReport) as caught:
        load(path)
    assert caught.value.message.endswith("。")
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_every_encoding_of_an_office_gives_the_same_project_and_the_same_document(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(TEXT.encode(encoding))
    document = load(path)
    (one,) = read(document.text).mentions
    assert one.name == "云岭智能轴承项目"
    assert document.text[one.start : one.end] == one.name
    assert document.sha256 == digest(TEXT)


def test_blanks_and_line_ends_make_no_other_report() -> None:
    assert digest("\ufeff总投资 12亿元\r\n\r\n云岭项目\u3000") == digest("总投资12亿元\n云岭项目")
    assert digest("总投资12亿元") != digest("总投资1.2亿元")


def test_an_upgrade_lets_reports_of_before_be_known_by_the_new_digest_and_loses_none(town: Any) -> None:
    upgrade = import_module("projects.reports.migrations.0003_digest_without_blanks")
    texts = {"a": TEXT, "b": f"\n{TEXT}", "c": TEXT.replace("12", "13")}
    for number, (old, text) in enumerate(texts.items()):
        report = stored(f"总投资{number + 1}亿元的北岗铸件项目已经动工。", town.east)
        Report.objects.filter(pk=report.pk).update(sha256=old, text=text)
    upgrade.without_blanks(apps, None)
    known = Report.objects.order_by("pk").values_list("sha256", flat=True)
    assert list(known) == [digest(texts["a"]), "b", digest(texts["c"])]


def test_offsets_count_what_a_plain_open_gives(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode("utf-8-sig"))
    with path.open(encoding="utf-8", newline="") as file:
        assert load(path).text == file.read()


def test_a_file_that_is_missing_a_folder_empty_another_format_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "r.doc").write_bytes(b"{\\rtf")
    (tmp_path / "empty.txt").write_bytes("\ufeff\u3000\n".encode())
    (tmp_path / "large.txt").write_bytes(bytes(limits.FILE + 1))
    found = {name: refused(tmp_path / name) for name in ("no.txt", "folder.txt", "r.doc", "empty.txt", "large.txt")}
    assert found == {
        "no.txt": "not_found",
        "folder.txt": "unreadable",
        "r.doc": "old_word",
        "empty.txt": "empty",
        "large.txt": "too_large",
    }
