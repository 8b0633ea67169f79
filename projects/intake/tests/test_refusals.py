"""What is not read: one sentence that names the file and says what to do, and a parent that does not notice."""

import os
import resource
import signal
import sys
import tempfile
import threading
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from projects.intake import limits, refusals, sandbox
from projects.intake.formats import archives, lines, pdf, word
from projects.intake.opening import Refused, read_text
from projects.intake.refusals import Trouble
from projects.intake.tests import making

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCX = making.docx()
ENCRYPTED = OLE + "EncryptedPackage".encode("utf-16-le")
MACROS = {"wordprocessingml.document.main+xml": "ms-word.document.macroEnabled.main+xml"}
LOCKED = "/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + "41" * 32 + ">/U<" + "42" * 32 + ">>>/ID[<00><00>]"


def refused(data, name, **how):
    with pytest.raises(Refused) as caught:
        read_text(data, name, **how)
    assert caught.value.sentence.startswith("“")
    assert caught.value.sentence.endswith("。")
    return caught.value


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("报道.txt", b"", "empty"),
        ("报道.txt", "\ufeff \n\u3000\n".encode(), "empty"),
        ("报道.txt", b"\x00\x01\x02\xff\xfe", "encoding"),
        ("整本书.txt", "总投资12亿元的云岭智能轴承项目已经动工。\n".encode() * 40_000, "too_long"),
        ("报道.docx", b"x" * (50 * limits.MEGABYTE), "too_large"),
        ("报道.doc", OLE + "WordDocument".encode("utf-16-le"), "old_word"),
        ("报道.wps", OLE, "wps"),
        ("台账.et", OLE, "et"),
        ("台账.xls", OLE, "sheet"),
        ("通知.ofd", b"PK\x03\x04", "ofd"),
        ("照片.jpg", b"\xff\xd8\xff\xe0", "picture"),
        ("照片.docx", b"\xff\xd8\xff\xe0", "picture"),
        ("一批.zip", b"PK\x03\x04", "archive"),
        ("工具.exe", b"MZ\x90", "program"),
        ("报道.docx", ENCRYPTED, "encrypted"),
        ("报道.doc", ENCRYPTED, "encrypted"),
        ("报道", b"text", "unsupported_format"),
    ],
)
def test_what_needs_no_parsing_is_refused_with_what_to_do_instead(name, data, code):
    found = refused(data, name)
    assert found.code == code
    assert name in found.sentence


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("报道.docx", b"%PDF-1.7", "其实是PDF 文件；请把文件名的结尾改为 .pdf"),
        ("报道.pdf", "<!DOCTYPE html><html>".encode("utf-16"), "其实是网页；请把文件名的结尾改为 .html"),
        ("报道.txt", b"<html><body>", "其实是网页"),
        ("网页.html", "只有一段话，没有标签。".encode(), "其实是纯文本"),
        ("报道.pdf", making.mhtml(), "其实是单个文件的网页"),
    ],
)
def test_a_wrong_ending_is_told_with_what_the_file_is(name, data, told):
    assert told in refused(data, name).sentence


def test_a_name_that_reaches_for_folders_or_hides_its_ending_is_told_plainly():
    found = refused(b"", "../../etc\\a\u202e\x00" + "很长的名字" * 40 + ".txt")
    assert len(found.sentence) < 120
    assert not set("\x00\u202e/\\") & set(found.sentence)


# ---- Archives: looked through before they are parsed -----------------------------------------------
def _many():
    return making.changed(DOCX, {f"word/media/{n}.png": b"x" for n in range(200)})


def _lying():
    """A member of 300 MB that says it has 100 bytes."""
    data = making.changed(DOCX, {"word/media/a.bin": os.urandom(1000)})
    at = data.rindex(b"word/media/a.bin") - 46
    return data[: at + 24] + (100).to_bytes(4, "little") + data[at + 28 :]


def _nested():
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.txt", "a")
    return making.changed(DOCX, {"word/media/a.png": inner.getvalue()})


def _locked():
    data = bytearray(DOCX)
    for at, mark, flags in (
        (data.index(b"PK\x03\x04"), b"PK\x03\x04", 6),
        (data.index(b"PK\x01\x02"), b"PK\x01\x02", 8),
    ):
        assert data[at : at + 4] == mark
        data[at + flags] |= 1
    return bytes(data)


def _sheet():
    return making.changed(DOCX, None, **{"wordprocessingml.document.main+xml": "spreadsheetml.sheet.main+xml"})


def _plain_archive():
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
    return file.getvalue()


TRAPS = {
    "bomb": making.changed(DOCX, {"word/media/a.bmp": bytes(30 * limits.MEGABYTE)}),
    "too many members": _many(),
    "lying about its size": _lying(),
    "an archive within": _nested(),
    "an object within": making.changed(DOCX, {"word/embeddings/oleObject1.bin": b"x"}),
    "a password": _locked(),
    "macros by their type": making.changed(DOCX, None, **MACROS),
    "macros by their part": making.changed(DOCX, {"word/vbaProject.bin": b"x"}),
    "a definition": making.changed(DOCX, {"word/document.xml": b'<?xml version="1.0"?><!DOCTYPE a><a/>'}),
    "a definition in another part": making.changed(DOCX, {"a.xml": '<!ENTITY a "b">'.encode("utf-16")}),
    "a link to another workbook": making.changed(DOCX, {"xl/externalLinks/externalLink1.xml": b"<a/>"}),
    "a sheet": _sheet(),
    "an archive": _plain_archive(),
    "cut off": DOCX[: len(DOCX) // 2],
    "a byte turned": DOCX[:900] + bytes([DOCX[900] ^ 255]) + DOCX[901:],
}
CODES = "bomb bomb damaged embedded embedded encrypted macro macro doctype doctype external wrong_extension archive"


@pytest.mark.parametrize(("trap", "code"), zip(TRAPS, [*CODES.split(), "damaged", "damaged"], strict=True))
def test_an_archive_that_is_no_plain_document_is_refused_before_it_is_parsed(trap, code):
    with pytest.raises(Trouble) as caught:
        archives.opened(TRAPS[trap], "docx")
    assert caught.value.code == code


def test_a_document_without_words_and_one_with_a_book_in_it_are_refused():
    with pytest.raises(Trouble, match="empty"):
        word.read(making.saved(Document()), "docx")
    with pytest.raises(Trouble, match="too_long"):
        lines.text_of("总投资12亿元的云岭智能轴承项目已经动工。" for _ in range(40_000))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (making.pdf([making.PICTURE]), "scan"),
        (making.pdf([]), "empty"),
        (making.pdf(making.wrapped(making.LAST, 100)[0], extra=LOCKED), "encrypted"),
        (b"%PDF-1.7\n" + bytes(2000), "damaged"),
        (making.pdf(*[[] for _ in range(501)]), "too_many_pages"),
    ],
)
def test_a_pdf_without_text_or_that_does_not_open_says_why(data, code):
    with pytest.raises(Trouble, match=code):
        pdf.read(data, "pdf")


# ---- The child ------------------------------------------------------------------------------------
def test_a_file_that_needs_too_much_memory_costs_the_parent_none():
    page = b"<html><body>" + b"<p>" * 6_500_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(page, "网页.html").code == "too_heavy"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # kilobytes


@pytest.mark.parametrize(("signal_sent", "code"), [(signal.SIGKILL, "interrupted"), (signal.SIGSTOP, "too_slow")])
def test_a_child_that_dies_or_hangs_is_told_and_leaves_nothing_behind(signal_sent, code):
    seen = []

    def strike():
        while not seen:
            for pid in _children():
                os.kill(pid, signal_sent)
                seen.append(pid)
            time.sleep(0.002)

    striker = threading.Thread(target=strike)
    striker.start()
    assert refused(DOCX, "报道.docx", wall=1).code == code
    striker.join()
    assert not Path(f"/proc/{seen[0]}").exists()


def _children():
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = each.read_text().rpartition(")")[2].split()
            if int(told[1]) == os.getpid() and b"intake.child" in each.with_name("cmdline").read_bytes():
                yield int(each.parent.name)
        except OSError:
            continue


@pytest.mark.parametrize("answer", [b"", b"\xff\xfe\x00", b"[]", b'{"read": 1}', b'{"refused": "?", "told": {}}'])
def test_rubbish_from_a_child_is_no_answer(answer):
    with tempfile.TemporaryFile() as told:
        told.write(answer)
        with pytest.raises(Trouble, match="damaged"):
            sandbox._answer(told)


def test_the_child_can_neither_reach_the_network_nor_write_a_file(tmp_path):
    script = (
        "import socket, json, sys; from projects.intake import child; child._confine(); told = []\n"
        f"for do in (lambda: socket.create_connection(('127.0.0.1', 9)), lambda: open({str(tmp_path / 'a')!r}, 'w')):\n"
        "    try:\n        do()\n    except PermissionError as error:\n        told.append(str(error))\n"
        "print(json.dumps({'read': {'told': told, 'names': sorted(__import__('os').environ)}}))"
    )
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as grumbled:
        assert sandbox._run([sys.executable, "-E", "-s", "-c", script], given, told, grumbled, 10) == 0
        answer = sandbox._answer(told)
    network, file = answer["told"]
    assert network.startswith("socket.")
    assert file == "open"
    assert not {"SECRET_KEY", "DATABASE_URL", "HOME"} & set(answer["names"])
    assert not (tmp_path / "a").exists()


def test_every_refusal_is_one_sentence_that_says_what_to_do():
    assert refusals.OF_SHEETS.keys() <= refusals.SENTENCES.keys()
    for code, sentence in [*refusals.SENTENCES.items(), *refusals.OF_SHEETS.items()]:
        assert sentence.startswith("“{name}”"), code
        assert sentence.endswith("。"), code
        assert "请" in sentence, code
        assert sentence.count("。") == 1, code
