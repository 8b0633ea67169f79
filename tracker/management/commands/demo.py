"""`manage.py demo`: fill an empty database with the demonstration set, and say what is in it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from tracker import demonstration
from zones.commands import AnsweringCommand


class Command(AnsweringCommand):
    help = "把演示数据写入空数据库（可重复执行，不重复写入）；--summary 只报告现有内容"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--reports", type=Path, metavar="DIR", help="改读这个目录里的报道（*.txt、*.md）")
        parser.add_argument("--summary", action="store_true", help="不写入，只报告数量、账号和值得一看的页面")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["summary"]:
            self._fill(options["reports"])
        found = demonstration.summary()
        if self.as_json:
            self.answer(found)
        elif options["summary"]:
            self.stdout.write(demonstration.as_text(found))
        else:
            self.stdout.write(f"演示数据已就绪：项目 {found['projects']} 个；账号、密码见 manage.py demo --summary")

    def _fill(self, reports: Path | None) -> None:
        try:
            demonstration.fill(reports=reports, say=None if self.as_json else self.stdout.write)
        except demonstration.Refused as refusal:
            self.refuse("refused", str(refusal))
