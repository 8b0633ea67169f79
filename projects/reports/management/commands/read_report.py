"""read_report: press reports into mentions and totals, for review or, with --accept, into claims."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from projects import dates
from projects.models import Batch
from projects.reports import exchange
from projects.reports.desk import Outcome, dry, take_in
from projects.reports.documents import RefusedReport, load
from projects.reports.grammar import NamedProject
from zones.commands import NO_DATABASE, AnsweringCommand, first_line

EXAMPLES = """例：
  read_report 报道.txt --zone zzgx --dry-run            只试读，看看读到什么
  read_report 报道.txt --zone zzgx                      登记，等项目办在“报道”页面审核
  read_report *.docx *.pdf *.html --zone zzgx           各种格式一起读，读不了的逐个说明，其余照读
  read_report *.txt --zone zzgx --accept --format json  登记并采纳，每个文件输出一行

能读 .docx、带文字的 .pdf、.txt、.md 和保存的网页 .html、.mhtml；旧版 .doc、.wps 和扫描件请按提示另存。
同一篇报道再读一次不会重复登记。文件读不了、区域认不出或一个项目也没有读到时，以非零状态退出。"""


class Command(AnsweringCommand):
    help = "读取报道（.docx、.pdf、.txt、.html 等），登记其中的项目和数据，等待审核或直接采纳"
    examples = EXAMPLES
    # A dry run needs no database at all.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", metavar="文件", help="报道文件，可以有多个")
        parser.add_argument(
            "--zone", metavar="区域", help="报道所属区域：代号、名称或简称；不填则从报道里认，认不出会说明"
        )
        parser.add_argument("--published", metavar="日期", help="报道发表日期，如 2023-01-30；不填则按报道里写的日期")
        parser.add_argument("--accept", action="store_true", help="直接采纳，不等审核；拿不准的仍留待人工辨认")
        parser.add_argument("--dry-run", action="store_true", help="只试读，不写入，也不需要数据库")

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
            outcome = Outcome(
                error=RefusedReport("database", f"{NO_DATABASE}，“{path.name}”没有写入：{first_line(error)}")
            )
        self._tell(path, outcome)
        return outcome

    def _read(self, path: Path, options: dict[str, Any]) -> Outcome:
        document = load(path)
        published = _published(options["published"])
        if options["dry_run"]:
            return dry(document, zone=options["zone"], published=published)
        return take_in(document, zone=options["zone"], published=published, accept=options["accept"])

    def _tell(self, path: Path, outcome: Outcome) -> None:
        if self.as_json:
            self.answer(_as_json(path, outcome))
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
    told = exchange.as_dict(reading)["projects"]
    lines += [f"  {_line(project, one)}" for project, one in zip(told, reading.mentions, strict=True)]
    lines += [f"  提示：{outcome.remark}"] if outcome.remark else []
    lines += [f"  {'待处理' if d.open else '提示'}：{d.sentence}" for d in reading.differences]
    return lines


def _line(project: dict[str, Any], one: NamedProject) -> str:
    """Name, list, amount, status. A step that is merely stated ("开工建设") is a status and no list."""
    period = f"第{project['period']}期" if project["period"] else ""
    listed = f"{period}{Batch(project['batch']).label}" if one.entered else ""
    words = (project["name"], listed, project["investment_text"], project["status"])
    return "，".join(word for word in words if word)
