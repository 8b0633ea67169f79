"""A private Redis for one test run: in a folder of its own, on a free port of this machine, gone afterwards."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from common import Failure


def find() -> Path | None:
    """The server's program; None when this machine has none."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


class Server:
    """A Redis that keeps what it is given, as one in service should: it may be stopped and started again."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 15) -> None:
        """Start, and wait until it answers. Raises Failure with its last words."""
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        command: list[str | Path] = [self.program]
        for name, value in options.items():
            command += [f"--{name}", value]
        with (self.folder / "log").open("ab") as log:
            # A session of its own: Ctrl-C reaches pytest first, and the server when the run is over.
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + seconds
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                words = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise Failure(f"Redis 没有启动：\n{words}")
            time.sleep(0.02)

    def answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process = None


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def private_server(program: Path) -> Iterator[Server]:
    """A server that answers, gone with all that it kept at the end."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-redis-"))
    server = Server(program, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
