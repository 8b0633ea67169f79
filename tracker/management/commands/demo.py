"""`manage.py demo`: fill an empty database with the demonstration set, and say what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker import demonstration


class Command(BaseCommand):
    help = "把演示数据写入空数据库（可重复执行，不重复写入）；--summary 只报告现有内容"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reports", type=Path, metavar="DIR", help="改读这个目录里的报道（*.txt、*.md）")
        parser.add_argument("--summary", action="store_true", help="不写入，只报告数量、账号和值得一看的页面")
        parser.add_argument("--format", choices=["text", "json"], default="text", help="输出格式")

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options["format"] == "json"
        try:
            if not options["summary"]:
                demonstration.fill(reports=options["reports"], say=None if as_json else self.stdout.write)
            found = demonstration.summary()
        except demonstration.Refused as error:
            self._fail(str(error), as_json)
        self.stdout.write(json.dumps(found, ensure_ascii=False) if as_json else demonstration.as_text(found))

    def _fail(self, message: str, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"error": {"code": "refused", "message": message}}, ensure_ascii=False))
        raise CommandError(message)
