"""reread_reports: reports that an older grammar read, read again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from projects.reports import rereading, storing
from projects.reports.desk import named_zone
from projects.reports.documents import RefusedReport
from projects.reports.models import Report
from zones.commands import AnsweringCommand

EXAMPLES = """例：
  reread_reports --dry-run               只看会有什么变化，不写入
  reread_reports --zone zzgx             重新读取一个区域及其下级的报道

没有人处理过的提及改为新的读法；处理过的不动，只在报道页提出建议。"""


class Command(AnsweringCommand):
    help = "用现在的读法重新读取以前读过的报道"
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--zone", metavar="区域", help="只读这个区域及其下级的报道：代号、名称或简称")
        parser.add_argument("--dry-run", action="store_true", help="只试读，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = Report.objects.exclude(read_by=storing.READER).order_by("pk")
        if options["zone"]:
            reports = reports.filter(zone__path__startswith=_zone(options["zone"]).path)
        keys = list(reports.values_list("pk", flat=True))
        for pk in keys:
            self._one(Report.objects.select_related("zone").get(pk=pk), dry=options["dry_run"])
        if not self.as_json:
            self.stdout.write(f"{'试读' if options['dry_run'] else '重新读取'}了 {len(keys)} 篇报道")

    def _one(self, report: Report, *, dry: bool) -> None:
        with transaction.atomic():
            done = rereading.reread(report)
            transaction.set_rollback(dry)
        if self.as_json:
            self.answer({"report": report.pk, "title": str(report), **done.as_dict()})
        else:
            self.stdout.write(f"{report}：{done.sentence}")


def _zone(text: str) -> Any:
    try:
        return named_zone(text, None)
    except RefusedReport as refused:
        raise CommandError(refused.message) from None
