"""manage.py run_jobs: what the scheduler and a worker do, in this process and without a broker."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from projects.jobs.kinds import Stopping
from projects.jobs.models import Job
from projects.jobs.ticking import Ticked, tick
from projects.jobs.working import work
from zones.commands import NO_DATABASE, AnsweringCommand, first_line


class Command(AnsweringCommand):
    help = "检查有没有到期的后台任务并在本进程里做完，不需要消息队列，可与定时进程同时运行；有任务失败时以非零状态退出"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--loop",
            nargs="?",
            type=float,
            const=float(settings.TICK_SECONDS),
            metavar="秒",
            help=f"一直运行，每隔若干秒检查一次（默认 {settings.TICK_SECONDS}）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        every = options["loop"]
        if every is not None and not every > 0:
            self.refuse("bad_loop", "--loop 的间隔须大于 0 秒")
        if every is not None:
            self._stay(every)
        elif any(job.state == Job.State.FAILED for job in self._once()):
            raise SystemExit(1)

    def _once(self, stopping: Stopping = lambda: False) -> list[Job]:
        ticked = tick(wake=False)
        taken = work(stopping=stopping)
        if self.as_json:
            self.answer(_as_data(ticked, taken))
        else:
            self.stdout.write(_as_text(ticked, taken))
        return taken

    def _stay(self, seconds: float) -> None:
        """Round after round until SIGTERM or Ctrl-C; the job in hand is asked to come to an end."""
        stop = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not stop.is_set():
                # A database that went away for a moment comes back on a new connection.
                close_old_connections()
                self._round(stop)
                stop.wait(seconds)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _round(self, stop: threading.Event) -> None:
        try:
            self._once(stop.is_set)
        except DatabaseError as error:
            message = f"{NO_DATABASE}，稍后再试：{first_line(error)}"
            if self.as_json:
                self.answer({"error": {"code": "database", "message": message}})
            else:
                self.stderr.write(message)


def _as_data(ticked: Ticked, taken: list[Job]) -> dict[str, Any]:
    jobs = [
        {
            "id": job.pk,
            "kind": job.kind,
            "zone": job.zone.code if job.zone else None,
            "state": job.state,
            "attempts": job.attempts,
            "outcome": job.outcome,
        }
        for job in taken
    ]
    counts = {"added": ticked.added, "taken_back": ticked.taken_back, "given_up": ticked.given_up}
    return {**counts, "jobs": jobs, "waiting": _waiting()}


def _as_text(ticked: Ticked, taken: list[Job]) -> str:
    head = f"新到期 {ticked.added} 项，收回中断的 {ticked.taken_back} 项，放弃 {ticked.given_up} 项；"
    head += f"执行 {len(taken)} 项，尚有 {_waiting()} 项等待。"
    return "\n".join([head, *(f"· {job}　{job.get_state_display()}　{job.outcome}" for job in taken)])


def _waiting() -> int:
    return Job.objects.filter(state=Job.State.WAITING).count()
