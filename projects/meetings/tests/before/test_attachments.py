"""What a file is its content says; what cannot be taken is refused in one sentence, and nothing is kept of it."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from docx import Document
from PIL import Image

from projects.files import LARGEST, read, serving
from projects.meetings import attachments, opening
from projects.meetings.models import Attachment, Decision, DecisionEvent, Meeting

from .conftest import MONDAY

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(kind: str = "PNG") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(kept, kind)
    return kept.getvalue()


def word() -> bytes:
    kept = io.BytesIO()
    Document().save(kept)
    return kept.getvalue()


def archive(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return kept.getvalue()


def compound(*streams: str) -> bytes:
    """A compound file as far as it is looked at: its mark, and a directory that names the streams."""
    entries = [name.encode("utf-16-le").ljust(64, b"\0").ljust(128, b"\0") for name in ("Root Entry", *streams)]
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + b"".join(entries)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def meeting(project: Any, town: Any) -> Meeting:
    project("甲项目")
    return opening.open_meeting(town.east, MONDAY)[0]


def kept(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "data", "ending"),
    [
        ("批复.PDF", PDF, "pdf"),
        ("方案", word(), "docx"),
        ("台账.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        ("老文件.doc", compound("WordDocument", "Workbook"), "doc"),
        ("老表.xls", compound("Workbook", "WordDocument"), "xls"),
        ("现场.png", picture("WEBP"), "jpg"),
    ],
)
def test_content_says_what_a_file_is(name: str, data: bytes, ending: str) -> None:
    assert read(name, data).ending == ending


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", b"", "文件是空的"),
        ("a.pdf", b"x" * (LARGEST + 1), "不能超过 12 兆"),
        ("合同.pdf", word(), "文件名以“.pdf”结尾，内容却是Word 文档（.docx）"),
        ("照片.jpg", PDF, "内容却是PDF 文件"),
        ("工具.pdf", b"MZ\x90\x00" + b"\0" * 200, "读不懂这个文件"),
        ("网页.doc", b"<html><script>alert(1)</script></html>", "读不懂这个文件"),
        ("压缩.zip", archive("a.txt"), "读不懂这个文件"),
        ("坏.docx", b"PK\x03\x04broken", "文件已损坏"),
        ("半截.pdf", PDF[:20], "PDF 文件不完整"),
        ("宏.docx", archive("word/document.xml", "word/vbaProject.bin"), "带有宏"),
        ("密.docx", compound("EncryptedPackage"), "加了密码"),
        ("图.png", b"\x89PNG\r\n\x1a\nnothing", "不是能读懂的照片"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_one_sentence(name: str, data: bytes, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as refusal:
        read(name, data)
    assert len(refusal.value.messages) == 1


def test_the_same_file_is_kept_once_under_a_name_that_is_only_a_name(meeting: Meeting, town: Any, tmp_path: Path):
    update = meeting.updates.get()
    first = attachments.attach(update, "../../etc\\现场<1>\n照片.PNG", picture(), by=town.zhang)
    again = attachments.attach(update, "现场.png", picture(), by=town.zhang)
    assert again == first
    assert first.name == "现场1照片.jpg"
    assert first.file.name.startswith("meetings/")
    assert len(kept(tmp_path)) == 2
    assert Image.open(first.file.path).format == "JPEG"


def test_a_removed_file_leaves_its_row_and_can_be_sent_again(
    meeting: Meeting, town: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    update = meeting.updates.get()
    row = attachments.attach(update, "现场.png", picture(), by=town.zhang)
    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove(row, by=town.chen)
    assert kept(tmp_path) == []
    assert (Attachment.objects.get().removed_by, row.removed_at is None) == (town.chen, False)
    assert attachments.attach(update, "现场.png", picture(), by=town.zhang).pk != row.pk


def test_a_closed_meeting_takes_and_loses_no_files(meeting: Meeting, town: Any, tmp_path: Path) -> None:
    row = attachments.attach(meeting.updates.get(), "批复.pdf", PDF, by=town.zhang)
    Meeting.objects.update(state=Meeting.State.CLOSED)
    for late in (
        lambda: attachments.attach(meeting.updates.get(), "现场.png", picture(), by=town.zhang),
        lambda: attachments.remove(row, by=town.zhang),
    ):
        with pytest.raises(ValidationError, match="不能再修改"):
            late()
    assert len(kept(tmp_path)) == 1


def test_evidence_of_a_decision_stays(meeting: Meeting, town: Any) -> None:
    decision = Decision.objects.create(meeting=meeting, number=1, matter="限期搬迁")
    step = DecisionEvent.objects.create(decision=decision, what="reported", on=MONDAY, by=town.zhang)
    row = attachments.attach(step, "回执.pdf", PDF, by=town.zhang)
    with pytest.raises(ValidationError, match="佐证材料不能删除"):
        attachments.remove(row, by=town.zhang)


def test_files_are_handed_to_who_may_see_the_row_and_as_what_they_are(meeting: Meeting, town: Any, client: Client):
    update = meeting.updates.get()
    photo = attachments.attach(update, "现场.png", picture(), by=town.zhang)
    paper = attachments.attach(update, "批复.pdf", PDF, by=town.zhang)
    town.sign_in(client, "viewer")
    shown, small, sent = (
        client.get(where) for where in (serving.url(photo), serving.url(photo, small=True), serving.url(paper))
    )
    assert [answer["Content-Type"] for answer in (shown, small, sent)] == ["image/jpeg"] * 2 + ["application/pdf"]
    assert shown["Content-Disposition"].startswith("inline")
    assert sent["Content-Disposition"] == "attachment; filename*=utf-8''%E6%89%B9%E5%A4%8D.pdf"
    assert {answer["X-Content-Type-Options"] for answer in (shown, small, sent)} == {"nosniff"}
    assert client.get(serving.url(paper, small=True)).status_code == 404
    town.sign_in(client, "li")
    assert {client.get(serving.url(each)).status_code for each in (photo, paper)} == {404}
