"""The Word file as LibreOffice sets it: pages, margins, red head. `bin/test --full` names the program."""

import os
import re
import shutil
import subprocess

import pytest
from PIL import Image

from projects.meetings import closing, issuing

OFFICE = os.environ.get("TEST_OFFICE", "")
WIDTH = 210  # mm

pytestmark = pytest.mark.skipif(not OFFICE, reason="asked for by bin/test --full, with LibreOffice on the machine")


@pytest.fixture
def rendered(town, minutes, tmp_path):
    """Issued minutes of several pages, converted by the real program."""
    pages = "\n".join(f"{n}．项目{n}：{'主体结构施工至第五层，正在进行钢结构吊装，' * 4}。" for n in range(1, 20))
    minutes = closing.edit(minutes, {"body": f"（一）项目推进情况\n{pages}", "copies": 30}, by=town.chen)
    file = tmp_path / "minutes.docx"
    file.write_bytes(issuing.word_of(issuing.issue(minutes, town.gao)))

    def convert(kind, ending):
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [OFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, done.stderr
        return tmp_path / f"minutes.{ending}"

    return convert


def test_it_opens_and_its_pages_are_those_of_the_standard(rendered):
    text = rendered("txt:Text (encoded):UTF8", "txt").read_text(encoding="utf-8-sig")
    said = (
        "周例会纪要",
        "2023年第1次",
        "一、会议内容",
        "19．项目19",
        "会议强调",
        "二、议定事项",
        "附件：",
        "出席：",
    )
    places = [text.index(words) for words in said]
    assert places == sorted(places)
    data = rendered("pdf", "pdf").read_bytes()
    sheets = re.findall(rb"/Type\s*/Page\b.*?/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", data, re.DOTALL)
    assert 4 <= len(sheets) <= 7
    assert {(round(float(wide)), round(float(high))) for wide, high in sheets} == {(595, 842)}


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="nothing on this machine draws a PDF (poppler-utils)")
def test_the_first_page_has_its_red_head_and_the_last_its_imprint_at_the_foot(rendered, tmp_path):
    subprocess.run(["pdftoppm", "-r", "50", "-png", rendered("pdf", "pdf"), tmp_path / "page"], timeout=60, check=True)
    first, *_, last = (ink(file) for file in sorted(tmp_path.glob("page*.png")))
    assert 27 <= min(x for x, _, _ in first) <= 30
    assert 180 <= max(x for x, _, _ in first) <= 185
    red = [y for _, y, (red, _, blue) in first if red > 180 and blue < 90]
    # 35 mm below the upper edge of the 版心, which is 37 mm below that of the paper, and the line below the head.
    assert 65 <= min(red) <= 95
    assert max(red) < 150
    rows = {round(y) for x, y, _ in last if 60 < x < 150}
    assert max(row for row in rows if row < 263) >= 245


def ink(file):
    """Where a page is not white, in millimetres, and of which colour."""
    with Image.open(file) as image:
        page = image.convert("RGB")
    dots = page.width / WIDTH  # per mm
    colours = ((x, y, page.getpixel((x, y))) for x in range(page.width) for y in range(page.height))
    return [(x / dots, y / dots, colour) for x, y, colour in colours if min(colour) < 128]
