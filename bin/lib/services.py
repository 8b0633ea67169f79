"""The two processes of the demonstration: the web server, and one Celery worker with beat."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from common import ROOT, Failure

STOP_SECONDS = 20


class Service:
    """A process with a group and a log of its own, so that it can be stopped with all its children."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, fds: Sequence[int] = ()
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "utf8", "-m", *command],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=fds,
            )

    def ended(self) -> bool:
        return self.process.poll() is not None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def complaint(self) -> str:
        tail = "\n".join(f"    {line}" for line in self.said().splitlines()[-12:])
        return f"{self.name}意外退出（代码 {self.process.returncode}），日志末尾：\n{tail}"

    def wait_until(self, what: str, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until ``ready()``; raise Failure when the process ends first or time runs out."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.ended():
                raise Failure(self.complaint())
            if time.monotonic() > deadline:
                raise Failure(f"等了 {seconds:.0f} 秒，{what}仍未完成；日志见 {self.log}")
            time.sleep(0.2)

    def ask_to_stop(self) -> None:
        if not self.ended():
            self.process.terminate()

    def stop(self) -> None:
        """Wait for a clean end, then end whatever is left of the group."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def stop_all(services: Sequence[Service]) -> None:
    """Stop them together; a second Ctrl-C must not leave one of them running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for service in services:
        service.ask_to_stop()
    for service in services:
        service.stop()


def listen(port: int | None) -> socket.socket:
    """A listening socket on this machine: the port asked for, or the first free one from 8000 on.

    The socket itself is handed to the web server, so no other process can take the port in between.
    """
    candidates = range(8000, 8100) if port is None else [port]
    for candidate in candidates:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", candidate))
            server.listen(128)
        except (OSError, OverflowError):
            server.close()
        else:
            return server
    if port is None:
        raise Failure("8000 至 8099 端口都被占用：请用 --port 指定一个空闲端口。")
    raise Failure(f"端口 {port} 不能使用：请换一个端口，或不加 --port 由程序自己找。")


def start_web(environment: Mapping[str, str], server: socket.socket, logs: Path) -> Service:
    fd = server.fileno()
    command = ["gunicorn", "tracker.wsgi", "--bind", f"fd://{fd}", "--workers", "1", "--threads", "4"]
    command += ["--graceful-timeout", "5", "--no-control-socket", "--access-logfile", "-"]
    return Service("网站", command, environment, logs / "web.log", fds=[fd])


def start_worker(environment: Mapping[str, str], logs: Path) -> Service:
    command = ["celery", "-A", "tracker", "worker", "--beat", "--concurrency", "1", "--loglevel", "INFO"]
    return Service("后台任务", command, environment, logs / "worker.log")
