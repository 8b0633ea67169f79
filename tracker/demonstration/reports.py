"""The reports: read, stored and accepted through the same door as `read_report --accept`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from projects import dates
from projects.reports.desk import Outcome, take_in
from projects.reports.documents import SUFFIXES, RefusedReport, load
from tracker.demonstration import files
from tracker.demonstration.guard import Refused


def read_all(folder: Path | None, tell: Callable[[str], Any]) -> None:
    """Read every report of the folder (None: our own), and tell of each what became of it.

    A report that cannot be read is told and passed over. Raises `Refused` when that befalls all of them.
    """
    tasks = _own() if folder is None else _of(folder)
    done = [_one(path, told, tell) for path, told in tasks]
    if not any(done):
        raise Refused(f"{folder or '演示报道'}：一篇报道也没有读成，没有写入任何数据")


def _own() -> list[tuple[Path, dict[str, Any]]]:
    rows = files.load("demonstration/reports.json")["reports"]
    place = files.folder() / "reports"
    told = [{**row, "published": dates.read(row["published"])} for row in rows]
    return [(place / each.pop("file"), each) for each in told]


def _of(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    if not folder.is_dir():
        raise Refused(f"没有“{folder}”这个文件夹")
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not found:
        raise Refused(f"“{folder}”里没有报道（*.txt、*.md）")
    return [(path, {}) for path in found]


def _one(path: Path, told: dict[str, Any], tell: Callable[[str], Any]) -> bool:
    """Whether the report could be read; one that names no project was."""
    try:
        outcome = take_in(load(path), **{"accept": True, **told})
    except RefusedReport as refusal:
        hint = "可用 manage.py read_report 单独读入。" if refusal.code == "unknown_zone" else ""
        tell(f"{path.name}：没有读入。{refusal.message}{hint}")
        return False
    tell(f"{path.name}：{_became(outcome)}")
    return True


def _became(outcome: Outcome) -> str:
    if outcome.reading is None or not outcome.found:
        return "没有提到项目，未登记"
    became = outcome.accepted.sentence if outcome.accepted else outcome.done
    return f"项目 {len(outcome.reading.mentions)} 个，数据 {len(outcome.reading.figures)} 条；{became}"
