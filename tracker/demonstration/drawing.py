"""The picture of a building site that the demonstration shows as a photo: drawn here, and it says 演示 across."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

SIZE: Final = (640, 400)
SKY, GROUND, STEEL, CRANE, WORDS = "#cfe0ee", "#b89b72", "#5b6670", "#d97706", "#b91c1c"
GLYPHS: Final = (
    "0000 0040 3040 17fe 0402 03fc 4040 7040 07fc 0644 17fc 1644 1644 27fc 2190 670c",  # 演
    "0000 0000 3ffc 0000 0000 0000 7ffe 0180 0180 1998 1188 318c 2184 6186 0180 0700",  # 示
)
"""Sixteen rows of sixteen dots each: no machine is sure to have a Chinese font."""
DOT: Final = 7  # pixels


def site() -> bytes:
    """A steel frame, a crane and the two characters, as PNG; always the same bytes."""
    image = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 310, 640, 400), fill=GROUND)
    for x in range(60, 361, 75):
        pen.rectangle((x, 130, x + 9, 330), fill=STEEL)
    for y in range(130, 331, 62):
        pen.rectangle((60, y, 369, y + 7), fill=STEEL)
    pen.rectangle((480, 50, 492, 330), fill=CRANE)
    pen.rectangle((300, 62, 600, 70), fill=CRANE)
    pen.line((330, 70, 330, 118), fill=CRANE, width=3)
    for at, glyph in enumerate(GLYPHS):
        for x, y in _dots(glyph):
            left, top = 110 + (at * 17 + x) * DOT, 8 + y * DOT
            pen.rectangle((left, top, left + DOT - 1, top + DOT - 1), fill=WORDS)
    kept = BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _dots(glyph: str) -> Iterator[tuple[int, int]]:
    for y, row in enumerate(glyph.split()):
        for x in range(16):
            if int(row, 16) >> (15 - x) & 1:
                yield x, y
