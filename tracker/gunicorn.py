"""How the web process runs: ``gunicorn --config python:tracker.gunicorn tracker.wsgi``.

Listens on 127.0.0.1:8000 unless ``--bind`` says otherwise. ``WEB_CONCURRENCY`` is the number of processes.
"""

import os
import sys
from pathlib import Path
from typing import Final

DEFAULT_PROCESSES: Final = 2


def processes(text: str) -> int:
    """The number in ``WEB_CONCURRENCY``; ends the program with one sentence when it is none."""
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    sys.exit(f"设置有误：WEB_CONCURRENCY={text!r}：应为大于 0 的整数")


workers = processes(os.environ.get("WEB_CONCURRENCY") or str(DEFAULT_PROCESSES))
threads = 4
# The code is loaded once and shared; a wrong setting ends the program at once instead of one process after another.
preload_app = True
timeout = 60
graceful_timeout = 20
keepalive = 5
# A process that grows is replaced; the jitter keeps two from being replaced together.
max_requests = 5000
max_requests_jitter = 500
# gunicorn beats its heart by touching a file: never on a disk that may be slow, and never on a read-only one.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
# The product writes one line per request itself, with the person and without the query.
accesslog = None
