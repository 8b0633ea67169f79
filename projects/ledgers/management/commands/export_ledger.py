"""export_ledger: the ledger of a zone, or one of the superior's tables, as a file."""

from __future__ import annotations

import os
import shutil
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from projects import standings
from projects.ledgers.exporting import forms, giving
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.exporting.telling import When
from projects.papers.sheets import POWERS
from zones import clock
from zones.commands import AnsweringCommand
from zones.models import Zone

EXAMPLES = """例：
  export_ledger --zone zzgx --out 台账.xlsx                             填报模板：全部项目，可改后用 import_ledger 导回
  export_ledger --zone zzgx --layout T1 --month 2023-06 --out T1.xlsx   上级要的月报表
  export_ledger --zone zzgx --layout T5 --unit 亿元 --out T5.csv        按扩展名写成 CSV

样式有 T1、T4、T5、T7、T12。不写月份为最近一个应报的月份。文件写好后才替换原来的。"""


class Command(AnsweringCommand):
    help = "导出一个区域的台账（Excel 或 CSV）：填报模板，或上级要的月报表"
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--zone", required=True, metavar="区域", help="代号、名称或简称，含下级区域")
        parser.add_argument("--out", required=True, metavar="文件", help="写到哪里，.xlsx 或 .csv")
        parser.add_argument("--layout", metavar="样式", default="", help="T1、T4、T5、T7 或 T12；不写为填报模板")
        parser.add_argument("--month", metavar="年-月", default="", help="如 2023-06")
        parser.add_argument("--unit", choices=list(POWERS), default="", help="金额的单位，不写为样式自己的")

    def handle(self, *args: Any, **options: Any) -> None:
        zone, out = self.zone(options["zone"]), Path(options["out"])
        if out.suffix.lower() not in giving.WRITERS:
            self.refuse("format", f"“{out.name}”应以 .xlsx 或 .csv 结尾")
        try:
            when = giving.month(options["month"]) if options["month"] else _latest(zone)
            asked = Asked(zone, when, options["unit"])
            given = giving.give(options["layout"], asked, forms.projects_of(zone, when), out.suffix.lower())
            with given.file as made:
                _put(made, out)
        except ValidationError as refusal:
            self.refuse("layout", "；".join(refusal.messages))
        except OSError as error:
            self.refuse("file", f"“{out}”写不进去：{error.strerror}")
        told = {"file": str(out), "layout": given.name, "zone": zone.code, "rows": given.count}
        told |= {"month": f"{when.last:%Y-%m}", "made_at": f"{timezone.localtime():%Y-%m-%d %H:%M:%S}"}
        if self.as_json:
            self.answer(told)
        else:
            self.stdout.write(f"{given.title}：{given.count} 行，已写入 {out}")


def _latest(zone: Zone) -> When:
    day = standings.judged_month(zone.return_day, clock.today())
    return When(day.year, day.month)


def _put(made: IO[bytes], out: Path) -> None:
    """Write beside it first: a file that somebody reads is either the old or the new one."""
    kept, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(kept, "wb") as file:
            shutil.copyfileobj(made, file)
        os.chmod(name, 0o640)
        os.replace(name, out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
