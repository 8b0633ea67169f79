"""Opening files: encodings, and everything that is no report."""

from __future__ import annotations

from pathlib import Path

import pytest

from projects.reports.documents import LARGEST, RefusedReport, load
from projects.reports.grammar import read

TEXT = "总投资12亿元的云岭智能轴承项目已经动工。\n"


def refused(path: Path) -> str:
    with pytest.raises(RefusedReport) as caught:
        load(path)
    assert caught.value.message.endswith("。")
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_every_encoding_of_an_office_gives_the_same_project(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(TEXT.encode(encoding))
    document = load(path)
    (one,) = read(document.text).mentions
    assert one.name == "云岭智能轴承项目"
    assert document.text[one.start : one.end] == one.name


def test_offsets_count_what_a_plain_open_gives(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode("utf-8-sig"))
    with path.open(encoding="utf-8", newline="") as file:
        assert load(path).text == file.read()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\xfa")
    assert refused(path) == "encoding"


@pytest.mark.parametrize("content", [b"", b" \n\n\t", "\ufeff\u3000\n".encode()])
def test_a_file_without_words_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(content)
    assert refused(path) == "empty"


def test_a_missing_file_a_folder_and_another_format_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "r.pdf").write_bytes(b"%PDF-1.4")
    assert refused(tmp_path / "nowhere.txt") == "not_found"
    assert refused(tmp_path / "folder.txt") == "unreadable"
    assert refused(tmp_path / "r.pdf") == "unsupported_format"


def test_a_file_too_large_for_a_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(b"a" * (LARGEST + 1))
    assert refused(path) == "too_large"
