"""import_ledger: spreadsheets as offices send them into facts."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from projects.intake import limits
from projects.intake.opening import Sheet, read_sheets
from projects.intake.refusals import Refused
from projects.ledgers import answering, desk, importing
from projects.ledgers.exporting import own
from projects.ledgers.meanings import label
from projects.ledgers.models import Ledger, LedgerRow
from projects.ledgers.understanding import UNITS
from zones.commands import NO_DATABASE, AnsweringCommand, first_line
from zones.models import Zone

EXAMPLES = """例：
  import_ledger 台账.xlsx --zone zzgx --dry-run          只试读、比对，看看会改动什么
  import_ledger 台账.xlsx --zone zzgx                    导入
  import_ledger 1月.xlsx 2月.xlsx --zone zzgx            按顺序导入，读不了的逐个说明，其余照读
  import_ledger 台账.csv --zone zzgx --unit 万元 --year 2023 --month 6    回答表里没有写明的单位、年份和月份
  import_ledger 台账.xlsx --zone zzgx --answer D=自开工累计完成投资 --answer 台账!J=    回答表头的问题，留空只保留原文
  import_ledger 台账.xlsx --zone zzgx --match 7=新项目 --match 9=ZZGX-0001 --match 12=不导入    选定各行是哪个项目
  import_ledger 台账.xlsx --zone zzgx --only-good        有错误的行不导入，其余照常导入

能读 .xlsx、.xls、.ods 和 .csv，表头可以有标题行、合并单元格和多层，单位可以写在表头、角上或单元格里。
同一份台账再导入一次没有变化。要回答的问题没有回答、有错误的行、或应写入而没有写入时，以非零状态退出。"""
SHOWN = 10  # rows of each kind that a dry run tells
PAGE = "也可以在页面“上传台账”里上传，逐个回答、逐行选定"
WALL = 300.0  # seconds that reading a large file may take


class Command(AnsweringCommand):
    help = "导入台账（.xlsx、.xls、.ods、.csv）：认出表头，与现有数据比对，一次写入"
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", metavar="文件", help="台账文件，可以有多个，按顺序导入")
        parser.add_argument("--zone", metavar="区域", help="台账所属区域：代号、名称或简称；不填则按报送单位认")
        parser.add_argument("--dry-run", action="store_true", help="只比对，不写入")
        parser.add_argument("--only-good", action="store_true", help="有错误或待选定的行不导入，其余照常导入")
        parser.add_argument("--accept-doubtful", action="store_true", help="比原来少的累计数等存疑的数也按台账写入")
        parser.add_argument("--approve-plans", action="store_true", help="台账里的年度计划即为已下达的计划，今天起生效")
        parser.add_argument("--plan-reason", metavar="原因", default="", help="与已有计划不一致时的调整原因")
        parser.add_argument("--unit", choices=UNITS, help="没有写明单位的金额的单位")
        parser.add_argument("--year", type=int, metavar="年", help="台账是哪一年的")
        parser.add_argument("--month", type=int, metavar="月", help="完成数截至哪一个月")
        told = "某一列的含义或单位：列=含义，可写明工作表（台账!D=总投资）；留空只保留原文；可以用多次"
        parser.add_argument("--answer", action="append", default=[], metavar="列=含义", help=told)
        told = "某一行是哪个项目：行号=项目编号、行号=新项目 或 行号=不导入；可以用多次"
        parser.add_argument("--match", action="append", default=[], metavar="行=项目", help=told)
        parser.add_argument("--all", action="store_true", help=f"逐行列出，不只列每类的前 {SHOWN} 行")

    def handle(self, *args: Any, **options: Any) -> None:
        good = [self._one(Path(name), options) for name in options["files"]]
        if not all(good):
            # Every failure has been told above, file by file.
            raise SystemExit(1)

    def _one(self, path: Path, options: dict[str, Any]) -> bool:
        told: dict[str, Any] = {"file": str(path)}
        try:
            self._import(path, options, told)
        except (Refused, OSError) as error:
            sentence = error.sentence if isinstance(error, Refused) else f"“{path.name}”打不开：{error.strerror}"
            told["errors"] = [sentence]
        except ValidationError as refused:
            told["errors"] = refused.messages
        except DatabaseError as error:
            told["errors"] = [f"{NO_DATABASE}，“{path.name}”没有写入：{first_line(error)}"]
        self._tell(path, told, every=options["all"])
        return not told.get("errors")

    def _import(self, path: Path, options: dict[str, Any], told: dict[str, Any]) -> None:
        data = path.read_bytes()
        self._bar(path, "读取")
        sheets = read_sheets(data, path.name, wall=WALL, rows=limits.ROWS_OF_COMMAND)
        with transaction.atomic():
            zone = self._zone(options["zone"], sheets, path)
            ledger, new = desk.open_sheets(sheets, path.name, data, zone, by=None, told=_beforehand(options))
            if not new and ledger.state == Ledger.State.IMPORTED:
                told |= {"outcome": f"{desk.KNOWN}并已导入，没有变化", "unchanged": True}
                return
            ledger.told |= _beforehand(options)
            if options["unit"]:
                tables = ledger.about["tables"]
                ledger.told["tables"] = {table["key"]: {"units": {"": options["unit"]}} for table in tables}
            answering.columns(ledger, options["answer"])
            answering.rows(ledger, options["match"])
            self._compared(path, ledger, sheets, options, told)
            if not options["dry_run"]:
                own.keep_original(ledger, data)
            if options["dry_run"]:
                transaction.set_rollback(True)

    def _compared(
        self, path: Path, ledger: Ledger, sheets: tuple[Sheet, ...], options: dict[str, Any], told: dict[str, Any]
    ) -> None:
        read = desk.understand(ledger, sheets)
        told |= _about(ledger)
        tables = ledger.about["tables"]
        if asked := [answering.asked(each, table) for table in tables for each in table["questions"]]:
            raise ValidationError([f"{len(asked)} 个问题要先回答（{PAGE}）：", *asked])
        if not any(table.about == "projects" for table in read.tables):
            raise ValidationError([desk.SUMMARY if read.tables else desk.NO_TABLE, *read.remarks])

        def progress(done: int) -> None:
            self._bar(path, "导入" if not options["dry_run"] else "比对", done, ledger.all_rows)

        if options["dry_run"]:
            tally = importing.preview(ledger, read, by=None, told=progress)
            told |= {"counts": tally.as_dict(), "differences": _differences(ledger), "outcome": "仅比对，没有写入"}
            told["errors"] = tally.wrong if not options["only_good"] else []
            return
        good, approve = options["only_good"], options["approve_plans"]
        try:
            done = importing.write(ledger, read, by=None, only_good=good, approve_plans=approve, told=progress)
        except ValidationError as refused:
            hint = f"用 --match 行号=项目编号、行号=新项目 或 行号=不导入 选定；{PAGE}"
            raise ValidationError([*refused.messages, hint]) from refused
        told |= {"counts": done.tally.as_dict(), "written": done.as_dict(), "outcome": done.sentence}
        told |= {"ledger": ledger.pk, "left": done.tally.wrong}

    def _zone(self, text: str | None, sheets: tuple[Sheet, ...], path: Path) -> Zone:
        if text:
            return self.zone(text)
        from projects.ledgers.understanding import understand
        from zones import clock

        tables = understand(sheets, on=clock.today(), name=path.name).tables
        for said in (name for table in tables for name in (table.office, table.title) if name):
            found = list(Zone.objects.named(said)[:2])
            if len(found) == 1:
                return found[0]
        raise ValidationError("认不出是哪个区域的台账，请用 --zone 指定")

    # ---- Telling -----------------------------------------------------------------------------------
    def _bar(self, path: Path, what: str, done: int = 0, of: int = 0) -> None:
        """A bar on a terminal; nothing in a pipe."""
        if self.as_json or not sys.stderr.isatty():
            return
        filled = 30 * done // of if of else 0
        self.stderr.write(f"\r{path.name} {what} [{'#' * filled}{' ' * (30 - filled)}] {done}/{of} 行", ending="")
        self.stderr.flush()

    def _tell(self, path: Path, told: dict[str, Any], *, every: bool) -> None:
        if self.as_json:
            self.answer(told)
            return
        if sys.stderr.isatty():
            self.stderr.write("")
        for line in _lines(path, told, every=every):
            self.stdout.write(line)
        for line in told.get("errors", ()):
            self.stderr.write(f"{path.name}：{line}")


def _beforehand(options: dict[str, Any]) -> dict[str, Any]:
    """What the options answer."""
    told: dict[str, Any] = {name: options[name] for name in ("year", "month") if options[name]}
    if options["plan_reason"].strip():
        told["plan_reason"] = options["plan_reason"].strip()
    if options["accept_doubtful"]:
        told["sure"] = True
    return told


def _about(ledger: Ledger) -> dict[str, Any]:
    """What was understood, for people and programs."""
    return {
        "tables": [
            {
                **{name: table[name] for name in ("sheet_name", "title", "office", "year", "month", "unit", "about")},
                "rows": table["last"] - table["last_heading"],
                "columns": [
                    {
                        **{name: column[name] for name in ("letter", "meaning", "unit", "year", "month")},
                        "heading": "·".join(column["heading"]),
                        "label": label(column["meaning"]),
                    }
                    for column in table["columns"]
                ],
                "questions": [question["text"] for question in table["questions"]],
            }
            for table in ledger.about["tables"]
        ],
        "remarks": ledger.about["remarks"],
    }


def _differences(ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    """What each row would change, by kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in ledger.rows.exclude(kind=LedgerRow.Kind.UNCHANGED).order_by("sheet", "number"):
        told = {"row": row.number, "name": row.name, "why": row.match.get("why", ""), "differences": row.differences}
        told |= {"near": row.match.get("near", []), "doubts": row.doubts}
        found.setdefault(row.kind, []).append(told)
    return found


def _lines(path: Path, told: dict[str, Any], *, every: bool) -> list[str]:
    known = f"（台账编号 {told['ledger']}）" if told.get("ledger") else ""
    lines = [f"{path.name}：{told['outcome']}{known}"] if told.get("outcome") else []
    for table in told.get("tables", ()):
        when = f"{table['year']}年" if table["year"] else ""
        when += f"{table['month']}月" if table["month"] else ""
        sheet = f"工作表“{table['sheet_name']}”" if table["sheet_name"] else "表格"
        summary = "，汇总表，不导入" if table["about"] == "summary" else ""
        words = [f"  {sheet}", table["title"], when, f"{table['rows']} 行"]
        lines.append(f"{'，'.join(word for word in words if word)}{summary}")
        meant = [f"{each['letter']} {each['heading']}→{each['label']}" for each in table["columns"] if each["meaning"]]
        lines += [f"    {'；'.join(meant[at : at + 5])}" for at in range(0, len(meant), 5)]
    lines += [f"  提示：{remark}" for remark in told.get("remarks", ())]
    if counts := told.get("counts"):
        kinds = [(LedgerRow.Kind(kind).label, counts[kind]) for kind in LedgerRow.Kind.values]
        kinds.append(("其中有存疑的内容", counts["doubtful"]))
        lines.append(f"  {'，'.join(f'{name} {number} 行' for name, number in kinds if number)}")
    for kind, rows in told.get("differences", {}).items():
        lines.append(f"  {LedgerRow.Kind(kind).label}：")
        shown = rows if every else rows[:SHOWN]
        lines += [f"    {line}" for row in shown for line in _row(row)]
        lines += [f"    ……共 {len(rows)} 行（--all 逐行列出）"] if len(rows) > len(shown) else []
    lines += [f"  没有导入：{sentence}" for sentence in told.get("left", ())]
    return lines


def _row(row: dict[str, Any]) -> list[str]:
    head = f"第{row['row']}行 {row['name']}" + (f"（{row['why']}）" if row["why"] else "")
    near = [f"  可能是：{each['code']} {each['name']}（{each['why']}）" for each in row["near"]]
    doubts = [f"  {letter} 存疑：{sentence}" for letter, sentence, wrong in row["doubts"] if not wrong]
    return [head, *near, *(f"  {_difference(each)}" for each in row["differences"]), *doubts]


def _difference(each: list[Any]) -> str:
    code, letter, _, old, new, sentence = each
    moved = f"{old} → {new}" if old else new
    return "：".join(part for part in (f"{letter} {label(code)}".strip(), moved, sentence) if part)
