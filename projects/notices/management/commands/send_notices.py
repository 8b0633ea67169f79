"""send_notices: one mail per person with what is news to him, and once more what could not be sent before."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.db import Error as AnyDatabaseError
from django.db import close_old_connections

from projects.notices import sending
from zones.commands import NO_DATABASE, AnsweringCommand, first_line

EVERY = 60.0


class Command(AnsweringCommand):
    help = "发送到期的通知；有邮件最终未能送达时以非零状态退出"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--loop", nargs="?", type=float, const=EVERY, metavar="秒", help="一直运行，每隔若干秒发送一次（默认 60）"
        )
        parser.add_argument("--dry-run", action="store_true", help="只看有多少要发，不写入也不发送")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["loop"] is not None and (options["dry_run"] or not options["loop"] > 0):
            self.refuse("bad_loop", "--loop 的间隔须大于 0 秒，且不能与 --dry-run 同时使用")
        if options["loop"] is not None:
            self._stay(options["loop"])
        elif self._once(dry_run=options["dry_run"]):
            raise SystemExit(1)

    def _once(self, *, dry_run: bool = False, stopping: Callable[[], bool] = lambda: False) -> bool:
        """One round; returns whether something went wrong for good."""
        try:
            summary = sending.preview() if dry_run else sending.send_notices(stopping)
        except AnyDatabaseError as error:
            self._complain("database", f"{NO_DATABASE}，通知没有发送：{first_line(error)}")
            return True
        if self.as_json:
            self.answer(summary.as_dict())
        else:
            self.stdout.write(_foreseen(summary) if dry_run else summary.sentence())
        if summary.failed and not self.as_json:
            self.stderr.write(f"有 {summary.failed} 封邮件未能送达，原因见“送达”列表。")
        return bool(summary.failed)

    def _complain(self, code: str, message: str) -> None:
        if self.as_json:
            self.answer({"error": {"code": code, "message": message}})
        else:
            self.stderr.write(message)

    def _stay(self, seconds: float) -> None:
        """Round after round until SIGTERM or Ctrl-C; the message in hand is finished first."""
        stop = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not stop.is_set():
                # A database that went away for a moment comes back on a new connection.
                close_old_connections()
                self._once(stopping=stop.is_set)
                stop.wait(seconds)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _foreseen(summary: sending.Summary) -> str:
    return f"将新生成 {summary.composed} 封；另有 {summary.waiting} 封尚待发送。没有写入，也没有发送。"
