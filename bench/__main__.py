"""bin/bench: measure one part of the product against a floor, in one run."""

import argparse
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from common import Failure

from bench import api, faults, ledgers, meeting, notices, reading, reports, scan
from bench.options import (
    FaultsOptions,
    LedgersOptions,
    MeetingOptions,
    NoticesOptions,
    Options,
    ReadingOptions,
    ReportsOptions,
    ScanOptions,
)
from bench.rows import Row, as_json, as_table


def main() -> None:
    run, as_lines = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        missed = show(run(), as_lines)
    except Failure as failure:
        sys.exit(f"✗ {failure}")
    except KeyboardInterrupt:
        sys.exit("已中断。")
    if missed:
        sys.exit(f"✗ 未达到目标：{'、'.join(missed)}")


def arguments() -> tuple[Callable[[], Iterator[Row]], bool]:
    """What to run, and whether its rows are for programs."""
    parser = ArgumentParser(
        prog="bin/bench",
        description="测量产品，同时测量基准；要用数据库的，用本机临时的 PostgreSQL。全部目标达到时返回 0，否则返回 1。",
    )
    benches = parser.add_subparsers(metavar="名称", required=True, help="测什么，各有自己的 --help：")
    shared = ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="每行输出一个 JSON 对象")
    of_api(benches.add_parser("api", parents=[shared], help="项目列表、单个项目、翻页"))
    of_scan(benches.add_parser("scan", parents=[shared], help="判定全部项目的预警"))
    of_meeting(benches.add_parser("meeting", parents=[shared], help="周例会的页面、保存和纪要"))
    of_reading(benches.add_parser("reading", parents=[shared], help="读报道读得准不准，按标注评分"))
    of_reports(benches.add_parser("reports", parents=[shared], help="读报道的速度和内存"))
    of_ledgers(benches.add_parser("ledgers", parents=[shared], help="认台账认得准不准，导入导出的速度和内存"))
    of_faults(benches.add_parser("faults", parents=[shared], help="通知在各种故障下不丢不重"))
    of_notices(benches.add_parser("notices", parents=[shared], help="发送和生成通知"))
    given = parser.parse_args()
    return lambda: given.run(given), given.json


def of_api(parser: ArgumentParser) -> None:
    rows = "项目数，默认 %(default)s；另测十分之一和十倍"
    parser.add_argument("--rows", metavar="N", type=whole, default=100_000, help=rows)
    parser.add_argument("--seconds", metavar="S", type=positive, default=2.0, help="每轮每项测几秒，默认 %(default)s")
    parser.set_defaults(run=lambda given: api.run(Options(given.rows, given.seconds)))


def of_scan(parser: ArgumentParser) -> None:
    sizes = "项目数，可以有几个，用逗号隔开，默认 %(default)s"
    parser.add_argument("--projects", metavar="N,…", type=several, default="10000,100000,1000000", help=sizes)
    sqlite = "SQLite 上的项目数，0 为不测，默认 %(default)s"
    parser.add_argument("--sqlite", metavar="N", type=whole_or_none, default=100_000, help=sqlite)
    rounds = "测几轮，取中位数，默认 %(default)s；超过二十万个项目时只测一轮"
    parser.add_argument("--rounds", metavar="N", type=int, choices=range(1, 10), default=3, help=rounds)
    parser.set_defaults(run=lambda given: scan.run(ScanOptions(given.projects, given.sqlite, given.rounds)))


def of_meeting(parser: ArgumentParser) -> None:
    sizes = "一个开发区的项目数，可以有几个，用逗号隔开，默认 %(default)s；目标以最小的为准"
    parser.add_argument("--projects", metavar="N,…", type=some, default="37,200,1000", help=sizes)
    parser.set_defaults(run=lambda given: meeting.run(MeetingOptions(given.projects)))


def of_reading(parser: ArgumentParser) -> None:
    scorer = "评分程序，报道和标注在它旁边，默认 %(default)s"
    parser.add_argument("--scorer", metavar="文件", type=Path, default=reading.SCORER, help=scorer)
    parser.add_argument("--verbose", action="store_true", help="列出读漏、多读、读错的")
    parser.set_defaults(run=lambda given: reading.run(ReadingOptions(given.scorer, given.verbose)))


def of_reports(parser: ArgumentParser) -> None:
    sizes = "报道共多少 MB，可以有几个，用逗号隔开，默认 %(default)s"
    parser.add_argument("--megabytes", metavar="N,…", type=some, default="1,10,100", help=sizes)
    texts = "用这个文件夹里的 .txt 生成报道，默认用测试用的报道"
    parser.add_argument("--texts", metavar="文件夹", type=folder, default=reports.CORPUS, help=texts)
    parser.set_defaults(run=lambda given: reports.run(ReportsOptions(given.megabytes, given.texts)))


def of_ledgers(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--seeds", metavar="甲-乙", type=span, default=range(0), help="另用这些种子生成台账，如 90000-90119"
    )
    parser.add_argument(
        "--projects", metavar="N", type=int, default=100_000, help="导出的项目数，0 为不测，默认 %(default)s"
    )
    rows = "导入的台账行数，可以有几个，用逗号隔开，0 为不测，默认 %(default)s"
    parser.add_argument("--rows", metavar="N,…", type=several_or_none, default="1000,10000,20000", help=rows)
    parser.set_defaults(run=lambda given: ledgers.run(LedgersOptions(given.seeds, given.projects, given.rows)))


def span(text: str) -> range:
    """ "90000-90119": the seeds from the first to the last."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def of_faults(parser: ArgumentParser) -> None:
    parser.add_argument("--short", action="store_true", help="每种故障少做几次")
    engines = "数据库，postgresql 或 sqlite，默认两种都做"
    parser.add_argument("--on", metavar="名称", choices=("postgresql", "sqlite"), help=engines)
    parser.add_argument("only", metavar="检查", nargs="*", help="只做这几项，按 bench/faults_cases.py 里的名称")
    parser.set_defaults(run=lambda given: faults.run(faults_options(given)))


def faults_options(given: argparse.Namespace) -> FaultsOptions:
    engines = (given.on,) if given.on else ("postgresql", "sqlite")
    return FaultsOptions(engines, given.short, tuple(given.only))


def of_notices(parser: ArgumentParser) -> None:
    deliveries = "到期的消息数，默认 %(default)s"
    parser.add_argument("--deliveries", metavar="N", type=whole, default=5_000, help=deliveries)
    rounds = "测几轮，取中位数，默认 %(default)s"
    parser.add_argument("--rounds", metavar="N", type=int, choices=range(1, 10), default=3, help=rounds)
    parser.set_defaults(run=lambda given: notices.run(NoticesOptions(given.deliveries, given.rounds)))


def whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1000:
        raise argparse.ArgumentTypeError(f"“{text}”应为不小于 1000 的整数")
    return int(text)


def whole_or_none(text: str) -> int:
    return whole(text) if text != "0" else 0


def folder(text: str) -> Path:
    if not any(Path(text).glob("*.txt")):
        raise argparse.ArgumentTypeError("这个文件夹里没有 .txt 文件")
    return Path(text).resolve()


def several(text: str) -> tuple[int, ...]:
    return tuple(sorted({whole(each) for each in text.split(",")}))


def several_or_none(text: str) -> tuple[int, ...]:
    return several(text) if text != "0" else ()


def some(text: str) -> tuple[int, ...]:
    numbers = text.split(",")
    if not all(each.isdecimal() and 0 < int(each) <= 10_000 for each in numbers):
        raise argparse.ArgumentTypeError(f"“{text}”应为 1 到 10000 的整数，用逗号隔开")
    return tuple(sorted(set(map(int, numbers))))


def positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 3600:
        raise argparse.ArgumentTypeError("应大于 0")
    return number


def show(rows: Iterator[Row], as_lines: bool) -> list[str]:
    """Print the rows; the cases that missed their aims."""
    kept = []
    for row in rows:
        kept.append(row)
        if as_lines:
            sys.stdout.write(as_json(row) + "\n")
            sys.stdout.flush()
    if not as_lines:
        sys.stdout.write(as_table(kept) + "\n")
    return [row.case for row in kept if row.ok is False]


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
