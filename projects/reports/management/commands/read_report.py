"""read_report: press reports into mentions and totals, for review or, with --accept, into claims."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from projects import dates
from projects.reports import exchange
from projects.reports.desk import Outcome, dry, take_in
from projects.reports.documents import RefusedReport, load


class Command(BaseCommand):
    help = "读取报道（.txt、.md），登记其中的项目和数据"
    # A dry run needs no database at all.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="报道文件")
        parser.add_argument("--zone", help="报道所属区域：代号、名称或简称")
        parser.add_argument("--published", help="报道发表日期，如 2023-01-30")
        parser.add_argument("--accept", action="store_true", help="直接采纳，不等审核")
        parser.add_argument("--dry-run", action="store_true", help="只读取，不写入")
        parser.add_argument("--format", choices=["text", "json"], default="text", help="输出格式")

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = [self._one(Path(name), options) for name in options["files"]]
        failed = [o for o in outcomes if o.error and o.error.code != "no_project"]
        if failed or not any(o.found for o in outcomes):
            # Every failure has been told above, file by file.
            raise SystemExit(1)

    def _one(self, path: Path, options: dict[str, Any]) -> Outcome:
        try:
            outcome = self._read(path, options)
        except RefusedReport as error:
            outcome = Outcome(error=error)
        except DatabaseError as error:
            outcome = Outcome(error=RefusedReport("database", f"数据库不可用，“{path.name}”没有写入：{error}"))
        self._tell(path, outcome, options["format"])
        return outcome

    def _read(self, path: Path, options: dict[str, Any]) -> Outcome:
        document = load(path)
        published = _published(options["published"])
        if options["dry_run"]:
            return dry(document, zone=options["zone"], published=published)
        return take_in(document, zone=options["zone"], published=published, accept=options["accept"])

    def _tell(self, path: Path, outcome: Outcome, style: str) -> None:
        if style == "json":
            self.stdout.write(json.dumps(_as_json(path, outcome), ensure_ascii=False))
        elif outcome.error:
            self.stderr.write(outcome.error.message)
        else:
            self.stdout.write("\n".join(_as_text(path, outcome)))


def _published(text: str | None) -> dates.DateSpan | None:
    if text is None:
        return None
    try:
        return dates.read(text)
    except dates.UnreadableDate as error:
        raise RefusedReport("bad_date", f"发表日期“{text}”读不懂：{error}") from None


def _as_json(path: Path, outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {"file": str(path)}
    if outcome.reading:
        told |= exchange.as_dict(outcome.reading)
    if outcome.accepted:
        told["accepted"] = outcome.accepted.as_dict()
    if outcome.error:
        told["error"] = {"code": outcome.error.code, "message": outcome.error.message}
    return told


def _as_text(path: Path, outcome: Outcome) -> list[str]:
    reading = outcome.reading
    if reading is None:
        return []
    lines = [f"{path.name}：项目 {len(reading.mentions)} 个，数据 {len(reading.figures)} 条，{outcome.done}"]
    lines += [f"  {_line(project)}" for project in exchange.as_dict(reading)["projects"]]
    lines += [f"  {'待处理' if d.open else '已核对'}：{d.sentence}" for d in reading.differences]
    return lines


BATCHES = {"sign": "签约一批", "start": "开工一批", "produce": "投产一批"}


def _line(project: dict[str, Any]) -> str:
    period = f"第{project['period']}期" if project["period"] else ""
    batch = f"{period}{BATCHES.get(project['batch'], '')}"
    words = (project["name"], batch, project["investment_text"], project["status"])
    return "，".join(word for word in words if word)


__all__ = ["Command", "CommandError"]
