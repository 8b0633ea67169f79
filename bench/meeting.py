"""bin/bench meeting: the page of the weekly meeting, saving a row, and the minutes, for zones of several sizes.

The zone is the scan's: every tenth project behind by 20 points, twelve targets and twelve returns each. The web server
is the one that serves the product; a real Chromium tells when the page can be used.
"""

import http.client
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import chromium
import psycopg
from common import ROOT, Failure

from bench.databases import EMPTY, Databases, server
from bench.filling import HERE, fill
from bench.options import MeetingOptions, progress
from bench.rows import Row, amount, exactly, number
from bench.scanners import Scanners, scanners
from bench.served.counting import STATEMENTS
from bench.servers import Server

DAY: Final = "2023-12-31"
FILLED, COPY = "filled", "copy"
LEAST: Final = 2_000  # rows that filling makes sensibly
ZONE, ELSEWHERE = 20, 21
PROJECTS_FIRST: Final = "SELECT id FROM projects_project ORDER BY id LIMIT %s"
READY: Final = "() => document.querySelector('#agenda .item.current') !== null"
REPEATED: Final = 20
DECISIONS: Final = 40


@dataclass(frozen=True)
class Held:
    """A meeting that is going on: who runs it, and its rows."""

    meeting: int
    rows: list[int]
    user: int
    session: str
    csrf: str
    day: str

    @property
    def page(self) -> str:
        return f"/admin/projects_meetings/meeting/{self.meeting}/run/"

    @property
    def cookie(self) -> str:
        return f"sessionid={self.session}; csrftoken={self.csrf}"


def run(options: MeetingOptions) -> Iterator[Row]:
    """All figures. Raises Failure for a wrong answer, and where there is no Chromium."""
    program = chromium.find()
    if program is None:
        raise Failure("找不到 Chromium：请安装 chromium 后重新运行。")
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        databases = stack.enter_context(server(folder))
        progress("建立数据库……")
        databases.create_empty()
        log = folder / "scanner.log"
        forked = stack.enter_context(scanners(databases.environment(EMPTY), log, databases.process))
        yield from Bench(options, databases, forked, folder, program).rows()


class Bench:
    """One run."""

    def __init__(
        self, options: MeetingOptions, databases: Databases, forked: Scanners, folder: Path, program: str
    ) -> None:
        self.options = options
        self.databases = databases
        self.scanners = forked
        self.folder = folder
        self.program = program

    def rows(self) -> Iterator[Row]:
        progress("生成项目……")
        self.databases.create(FILLED, EMPTY)
        fill(self.databases.connection(FILLED), max(LEAST, 2 * max(self.options.projects)))
        with psycopg.connect(**self.databases.connection(FILLED), autocommit=True) as connection:
            connection.execute((HERE / "scan.sql").read_bytes())
        self.scanners.load(FILLED, "bp", "yinchuan", DAY)
        statements: dict[int, int] = {}
        for size in self.options.projects:
            progress(f"{size} 个项目的会议……")
            self._zone_of(size)
            yield from self._of_size(size, statements)
            self.databases.drop(COPY)
        if len(statements) > 1:
            least, most = min(statements), max(statements)
            case = f"page, statements, {most} projects against {least}"
            yield amount(case, statements[most], "statements", statements[least], 1)

    def _zone_of(self, size: int) -> None:
        """A zone with so many projects, and nobody else to judge."""
        self.databases.create(COPY, FILLED)
        with psycopg.connect(**self.databases.connection(COPY), autocommit=True) as connection:
            own = [row[0] for row in connection.execute(PROJECTS_FIRST, [size])]
            connection.execute("UPDATE projects_project SET zone_id = %s WHERE NOT id = ANY(%s)", [ELSEWHERE, own])
            connection.execute("UPDATE projects_project SET zone_id = %s WHERE id = ANY(%s)", [ZONE, own])
            connection.execute("VACUUM (ANALYZE)")
        self.scanners.scan(COPY, DAY)

    def _of_size(self, size: int, statements: dict[int, int]) -> Iterator[Row]:
        bound = size == min(self.options.projects)
        held = Held(**self._ask("open", str(ZONE), str(DECISIONS)))
        if len(held.rows) != size:
            raise Failure(f"议程应有 {size} 个项目，实有 {len(held.rows)} 个。")
        environment = self.databases.environment(COPY) | {"TRACKER_TODAY": DAY}
        served = Server("django_application", "settings", environment, self.folder)
        try:
            served.wait()
            opened, statements[size] = page(served.port, held)
            yield number(f"page, {size} projects: server", opened, "ms", 150 if bound else None)
            yield number(f"page, {size} projects: statements", statements[size], "statements")
            usable = self._in_browser(served.port, held)
            yield number(f"page, {size} projects: usable in the browser", usable, "ms", 1000 if bound else None)
            yield number(f"saving a row, {size} projects: server", save(served.port, held), "ms", 50)
        finally:
            served.service.stop()
        after = self._ask("close", str(held.meeting))
        yield exactly(f"minutes, {size} projects: decisions", after["decisions"], "decisions", DECISIONS)
        yield number(f"minutes, {size} projects: drafted and set", after["seconds"], "s", 3 if bound else None)

    def _ask(self, *order: str) -> dict[str, Any]:
        environment = self.databases.environment(COPY) | {"TRACKER_TODAY": DAY}
        command = [sys.executable, "-X", "utf8", "-m", "bench.meeter", *order]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"会议没有准备好：\n{done.stderr[-2000:]}")
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def _in_browser(self, port: int, held: Held) -> float:
        """Milliseconds from asking for the page until its first row is chosen, which comes last: then every key works.
        As it is opened every Monday: the files of the page are in the browser, its data is not.
        """
        from playwright.sync_api import sync_playwright

        address = f"http://127.0.0.1:{port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=self.program, args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(viewport={"width": 1920, "height": 1080})
            context.add_cookies(
                [
                    {"name": name, "value": value, "url": address}
                    for name, value in (("sessionid", held.session), ("csrftoken", held.csrf))
                ]
            )
            opened = context.new_page()
            taken = []
            for _ in range(6):
                begun = time.monotonic()
                opened.goto(address + held.page, wait_until="commit")
                opened.wait_for_function(READY)
                taken.append(1000 * (time.monotonic() - begun))
            browser.close()
        return statistics.median(taken[1:])


def page(port: int, held: Held) -> tuple[float, int]:
    """Milliseconds of the server for the page, and its statements."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    taken, counted = [], set()
    for _ in range(REPEATED):
        begun = time.monotonic()
        connection.request("GET", held.page, headers={"Cookie": held.cookie})
        answer = connection.getresponse()
        body = answer.read()
        taken.append(1000 * (time.monotonic() - begun))
        if answer.status != http.client.OK or b"meeting-data" not in body:
            raise Failure(f"会议页面没有打开（{answer.status}）")
        counted.add(int(answer.headers[STATEMENTS]))
    connection.close()
    return statistics.median(taken[3:]), max(counted)


def save(port: int, held: Held) -> float:
    """Milliseconds of the server for a row with words and money, each save of another row."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    taken, heard = [], 0
    for turn, row in enumerate(held.rows[:REPEATED]):
        told = {"words": f"完成第 {turn + 1} 段", "percent": str(turn)}
        body = {"do": "fill", "key": str(uuid4()), "user": held.user, "update": row, "told": told, "base": {}}
        begun = time.monotonic()
        connection.request("POST", f"{held.page}save/?after={heard}", json.dumps(body), headers=_writing(held))
        answer = connection.getresponse()
        said = json.loads(answer.read())
        taken.append(1000 * (time.monotonic() - begun))
        if answer.status != http.client.OK or set(said["written"]) != set(told):
            raise Failure(f"没有保存（{answer.status}）：{said}")
        heard = said["at"]
    connection.close()
    return statistics.median(taken[3:])


def _writing(held: Held) -> Mapping[str, str]:
    return {"Cookie": held.cookie, "X-CSRFToken": held.csrf, "Content-Type": "application/json"}
