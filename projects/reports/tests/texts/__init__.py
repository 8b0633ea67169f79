"""Reports in our own words: invented places and firms, the language and the traps of the real ones."""

from __future__ import annotations

from pathlib import Path


def _text(name: str) -> str:
    with (Path(__file__).parent / f"{name}.txt").open(encoding="utf-8", newline="") as file:
        return file.read()


ZONE = _text("zone")
BUREAU = _text("bureau")
CEREMONY = _text("ceremony")
NOTHING = _text("nothing")
