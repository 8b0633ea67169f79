"""export_ledger: the ledger of a zone, or one of the superior's tables, as a file."""

from __future__ import annotations

import os
import shutil
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from projects.intake.refusals import Refused
from projects.ledgers.exporting import examples, forms, giving, own
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.models import Ledger
from projects.papers.sheets import POWERS
from zones.commands import AnsweringCommand

EXAMPLES = """例：
  export_ledger --zone zzgx --out 台账.xlsx                             填报模板：全部项目，可改后用 import_ledger 导回
  export_ledger --zone zzgx --layout T1 --month 2023-06 --out T1.xlsx   上级要的月报表
  export_ledger --zone zzgx --layout T5 --unit 亿元 --out T5.csv        按扩展名写成 CSV
  export_ledger --zone zzgx --layout 市里的月报 --out 月报.xlsx           本单位自己的版式，按样表的式样
  export_ledger --ledger 12 --month 2023-07 -o 台账.xlsx                 已导入的台账按原样更新到 7 月

样式有 T1、T4、T5、T7、T12，和“报表版式”里自己上传的。不写月份为最近一个应报的月份。文件写好后才替换原来的。"""


class Command(AnsweringCommand):
    help = "导出一个区域的台账（Excel 或 CSV）：填报模板，或上级要的月报表"
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--zone", default="", metavar="区域", help="代号、名称或简称，含下级区域")
        which.add_argument("--ledger", type=int, metavar="编号", help="已导入的台账，按它原来的样子更新")
        parser.add_argument("--out", "-o", required=True, metavar="文件", help="写到哪里，.xlsx 或 .csv")
        parser.add_argument(
            "--layout", metavar="样式", default="", help="T1、T4、T5、T7、T12 或自己的版式名称；不写为填报模板"
        )
        parser.add_argument("--month", metavar="年-月", default="", help="如 2023-06")
        parser.add_argument("--unit", choices=list(POWERS), default="", help="金额的单位，不写为样式自己的")
        parser.add_argument("--no-new", action="store_true", help="与 --ledger 同用：不加上导入以后新建的项目")

    def handle(self, *args: Any, **options: Any) -> None:
        out = Path(options["out"])
        if out.suffix.lower() not in giving.WRITERS:
            self.refuse("format", f"“{out.name}”应以 .xlsx 或 .csv 结尾")
        try:
            if options["ledger"] is not None:
                self._give_back(out, options)
            else:
                self._give(out, options)
        except Refused as refused:
            self.refuse(refused.code, refused.sentence)
        except ValidationError as refusal:
            self.refuse("layout", "；".join(refusal.messages))
        except OSError as error:
            self.refuse("file", f"“{out}”写不进去：{error.strerror}")

    def _give_back(self, out: Path, options: dict[str, Any]) -> None:
        """An imported ledger in the layout it came in."""
        ledger = Ledger.objects.select_related("zone", "upload").filter(pk=options["ledger"]).first()
        if ledger is None:
            self.refuse("ledger", f"没有编号为 {options['ledger']} 的台账")
        when = giving.month(options["month"]) if options["month"] else own.usual_month(ledger)
        given = own.give(ledger, when, by=None, adding=not options["no_new"])
        if given.ending != out.suffix.lower():
            self.refuse(
                "format", f"“{ledger.file_name}”更新后是 {given.ending} 文件，“{out.name}”请以 {given.ending} 结尾"
            )
        _put(BytesIO(given.data), out)
        report = given.report
        if self.as_json:
            self.answer(
                {"file": str(out), "ledger": ledger.pk, "month": f"{when.last:%Y-%m}", "changed": report.changed}
                | {"added": report.added, "left": report.left, "sentences": report.sentences()}
                | {"changes": [asdict(each) for each in report.changes]}
            )
            return
        self.stdout.write(f"{given.name}：已写入 {out}")
        for sentence in report.sentences():
            self.stdout.write(f"  {sentence}")

    def _give(self, out: Path, options: dict[str, Any]) -> None:
        """The template, or a table that a superior wants."""
        zone = self.zone(options["zone"])
        when = giving.month(options["month"]) if options["month"] else own.latest(zone)
        asked = Asked(zone, when, options["unit"])
        code = options["layout"]
        if code and code.lower() not in forms.SHIPPED and (layout := examples.named(code, zone)) is not None:
            code = str(layout.pk)
        elif giving.is_example(code):
            self.refuse("layout", f"没有名为“{code}”的样式")
        given = giving.give(code, asked, forms.projects_of(zone, when), out.suffix.lower())
        with given.file as made:
            _put(made, out)
        told = {"file": str(out), "layout": given.name, "zone": zone.code, "rows": given.count}
        told |= {"month": f"{when.last:%Y-%m}", "made_at": f"{timezone.localtime():%Y-%m-%d %H:%M:%S}"}
        if self.as_json:
            self.answer(told)
        else:
            self.stdout.write(f"{given.title}：{given.count} 行，已写入 {out}")
            for remark in given.remarks:
                self.stdout.write(f"  {remark}")


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
