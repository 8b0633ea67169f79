"""bin/bench api: the list of projects, one project, and walking by cursor, against a bare floor and a plain viewset.

All are served by the same gunicorn from the same database; two clients ask without pause. Each group of requests is
asked in turns, round after round, so that its ratios hold on a busy machine as well.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from common import manage
from services import Service, stop_all

from bench import processors
from bench.clients import Clients, Measured, Request, clients
from bench.databases import EMPTY, Databases, server
from bench.filling import fill
from bench.options import Options, progress
from bench.rows import Row, exactly, latency, number, rate
from bench.servers import Server

ROUNDS: Final = 5
PAGE: Final = 50
DEPTH: Final = 500 * PAGE
COUNTED: Final = 10_000
API: Final = "/api/v1/projects/"
MAIN, SMALL, BIG = "main", "small", "big"
HERE: Final = "FROM projects_project p JOIN zones_zone z ON z.id = p.zone_id WHERE z.path LIKE %s"


@dataclass(frozen=True)
class Reader:
    """Somebody who may read one zone and all below it, and asks for all of it."""

    name: str
    code: str
    path: str

    @property
    def username(self) -> str:
        return f"bench-{self.name.split()[0]}"


READERS: Final = (
    Reader("zone", "bp-c4-z3", "/bp/bp-c4/bp-c4-z3/"),
    Reader("city", "bp-c1", "/bp/bp-c1/"),
    Reader("province", "bp", "/bp/"),
)
PROVINCE: Final = READERS[-1]
SMALLEST: Final = Reader("smallest zone", "bp-c18-z10", "/bp/bp-c18/bp-c18-z10/")


def run(options: Options) -> Iterator[Row]:
    """All figures, in the order in which they are measured. Raises Failure for a wrong answer."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        bench = Bench(options, stack.enter_context(server(folder)), stack, folder)
        yield from bench.fill()
        bench.start()
        yield from bench.lists()
        yield from bench.statements()
        yield from bench.capped()
        yield from bench.one()
        yield from bench.cursor()
        yield from bench.scale()


class Bench:
    """One run: its databases, its servers, its clients."""

    def __init__(self, options: Options, databases: Databases, stack: ExitStack, folder: Path) -> None:
        self.options = options
        self.databases = databases
        self.stack = stack
        self.folder = folder
        self.sizes = {MAIN: options.rows, SMALL: options.rows // 10, BIG: options.rows * 10}
        self.tokens: dict[tuple[str, str], str] = {}

    # ---- Rows and servers
    def fill(self) -> Iterator[Row]:
        progress("建立数据库……")
        self.databases.create_empty()
        for name, rows in self.sizes.items():
            progress(f"生成 {rows:,} 个项目……")
            begun = time.monotonic()
            self.databases.create(name, EMPTY)
            fill(self.databases.connection(name), rows)
            yield number(f"filling {rows:,} projects", time.monotonic() - begun, "s")
            self._issue_tokens(name)

    def start(self) -> None:
        progress("启动网站……")
        services: list[Service] = []
        self.stack.callback(stop_all, services)

        def serve(application: str, settings: str, database: str) -> Server:
            server = Server(application, settings, self.databases.environment(database), self.folder)
            services.append(server.service)
            return server

        self.floor = serve("floor", "settings", MAIN)
        self.plain = serve("django_application", "plain_settings", MAIN)
        self.products = {name: serve("django_application", "settings", name) for name in self.sizes}
        for started in (self.floor, self.plain, *self.products.values()):
            started.wait()
        self.clients: Clients = self.stack.enter_context(clients(self.databases.process))

    def _issue_tokens(self, database: str) -> None:
        environment = self.databases.environment(database)
        for reader in (SMALLEST, *READERS):
            printed = manage(environment, "create_token", reader.username, "--format", "json")
            self.tokens[database, reader.name] = json.loads(printed)["token"]

    # ---- Figures
    def lists(self) -> Iterator[Row]:
        """Fifty projects of a phase, the largest investment first, and how many there are."""
        for reader in READERS:
            progress(f"按条件排序的列表（{reader.username}）……")
            expected = self.listed(reader)
            asked = urlencode({"phase": "started", "path": reader.path})
            floor, uncounted, plain, product = self._measure(
                Request("floor", self.floor, f"/list?{asked}", expected),
                Request("uncounted floor", self.floor, f"/uncounted?{asked}", expected),
                Request("plain", self.plain, f"/api/projects/?{asked}", expected, self._plain(reader)),
                self._product(MAIN, reader, list_path(reader), expected),
            )
            case = f"list, {reader.name}"
            yield rate(f"{case}: against plain", product.rate, plain.rate, 1.0)
            yield rate(f"{case}: against floor", product.rate, floor.rate, 3.0)
            for percent in (50, 95):
                of_product, of_plain, of_floor = (m.milliseconds(percent) for m in (product, plain, floor))
                yield latency(f"{case}: p{percent} against plain", of_product, of_plain)
                yield latency(f"{case}: p{percent} against floor", of_product, of_floor)
            yield from effort(case, product, floor)
            yield rate(f"{case}: plain against floor", plain.rate, floor.rate)
            yield rate(f"{case}: floor against uncounted floor", floor.rate, uncounted.rate)

    def statements(self) -> Iterator[Row]:
        """Statements of a list with sign-in, whatever its length."""
        for reader in READERS:
            found = set[int]()
            for size in (10, PAGE):
                expected = self.listed(reader)[:size]
                [measured] = self._measure(self._product(MAIN, reader, list_path(reader, size), expected), brief=True)
                found |= measured.statements
            yield number(f"statements of a list, {reader.name}", max(found), "", 4)
            yield exactly(f"statements at 10 and {PAGE} rows, {reader.name}", max(found) - min(found), "", 0)

    def capped(self) -> Iterator[Row]:
        """A count beyond the limit stops there and says so."""
        path = f"{API}?{urlencode({'page_size': PAGE})}"
        answer = json.loads(self.products[BIG].get(path, self.tokens[BIG, PROVINCE.name]))
        yield exactly("count of all projects, capped", answer["count"], "", min(COUNTED, self.sizes[BIG]))
        yield exactly("count says that it is capped", int(answer["count_capped"]), "", int(self.sizes[BIG] > COUNTED))

    def one(self) -> Iterator[Row]:
        """One project with all its columns."""
        progress("单个项目……")
        pk = self.options.rows // 2
        floor, plain, product = self._measure(
            Request("floor", self.floor, f"/one?id={pk}", (pk,)),
            Request("plain", self.plain, f"/api/projects/{pk}/", (pk,), self._plain(PROVINCE)),
            self._product(MAIN, PROVINCE, f"{API}{pk}/", (pk,)),
        )
        yield rate("one project: against floor", product.rate, floor.rate, 3.0)
        yield rate("one project: against plain", product.rate, plain.rate)
        yield latency("one project: p95 against floor", product.milliseconds(95), floor.milliseconds(95))
        yield from effort("one project", product, floor)

    def cursor(self) -> Iterator[Row]:
        """The page after 500 pages against the first."""
        progress("按游标翻页……")
        for reader in READERS:
            first, deep = self._measure(*self._ends(MAIN, reader, PAGE))
            yield rate(f"cursor, {reader.name}: deep page against first", deep.rate, first.rate, 1.2)

    def scale(self) -> Iterator[Row]:
        """A hundred times the projects."""
        progress(f"{self.sizes[SMALL]:,} 个和 {self.sizes[BIG]:,} 个项目……")
        for reader in (SMALLEST, *READERS):
            # Whoever has few projects among the few gets shorter pages: both answers have to be of one length.
            size = max(1, min(PAGE, self._total(SMALL, reader) // 2))
            few, many = self._ends(SMALL, reader, size), self._ends(BIG, reader, size)
            first_few, deep_few, first_many, deep_many = self._measure(*few, *many)
            case = f"cursor, {reader.name}, {self.sizes[BIG]:,} against {self.sizes[SMALL]:,}"
            yield rate(f"{case}: first page", first_many.rate, first_few.rate, 1.3)
            yield rate(f"{case}: deep page", deep_many.rate, deep_few.rate, 1.3)
            yield from effort(f"{case}: first page", first_many, first_few)
            yield from effort(f"{case}: deep page", deep_many, deep_few)

    # ---- Requests
    def _measure(self, *requests: Request, brief: bool = False) -> list[Measured]:
        return self.clients.measure(requests, 0.1 if brief else self.options.seconds, 1 if brief else ROUNDS)

    def _product(self, database: str, reader: Reader, path: str, expected: tuple[int, ...]) -> Request:
        product, token = self.products[database], self.tokens[database, reader.name]
        return Request(f"{reader.username}，{self.sizes[database]:,} 个项目", product, path, expected, token)

    def _plain(self, reader: Reader) -> str:
        query = "SELECT t.key FROM authtoken_token t JOIN zones_user u ON u.id = t.user_id WHERE u.username = %s"
        return str(self.databases.column(MAIN, query, reader.username)[0])

    def _total(self, database: str, reader: Reader) -> int:
        return int(self.databases.column(database, f"SELECT count(*) {HERE}", f"{reader.path}%")[0])

    def _ends(self, database: str, reader: Reader, size: int) -> tuple[Request, Request]:
        """The first page by cursor, and one that lies 500 pages behind, or the last full one."""
        depth = max(0, min(DEPTH, self._total(database, reader) - size))
        return self._page(database, reader, size, 0), self._page(database, reader, size, depth)

    def _page(self, database: str, reader: Reader, size: int, depth: int) -> Request:
        """The page that begins behind `depth` rows, reached from page to page as a client would."""
        query = f"SELECT p.id {HERE} ORDER BY p.id DESC OFFSET %s LIMIT %s"
        expected = self.databases.column(database, query, f"{reader.path}%", depth, size)
        product, token = self.products[database], self.tokens[database, reader.name]
        behind = ""
        while depth:
            step = depth % PAGE or PAGE
            following = json.loads(product.get(cursor_path(behind, step), token))["next"]
            behind = parse_qs(urlsplit(following).query)["cursor"][0]
            depth -= step
        return self._product(database, reader, cursor_path(behind, size), expected)

    def listed(self, reader: Reader) -> tuple[int, ...]:
        """The ids that a list has to show, asked of the database itself."""
        order = "ORDER BY p.investment_high DESC NULLS LAST, p.id LIMIT %s"
        query = f"SELECT p.id {HERE} AND p.phase = 'started' {order}"
        return self.databases.column(MAIN, query, f"{reader.path}%", PAGE)


def list_path(reader: Reader, size: int = PAGE) -> str:
    asked: dict[str, Any] = {"phase": "started", "zone": reader.code, "ordering": "-investment", "page_size": size}
    return f"{API}?{urlencode(asked)}"


def cursor_path(behind: str, size: int) -> str:
    return f"{API}?{urlencode({'cursor': behind, 'page_size': size})}"


def effort(case: str, product: Measured, floor: Measured) -> Iterator[Row]:
    """Processor time, where the machine tells it: the ratio that a busy machine does not spoil."""
    if processors.known():
        yield latency(f"{case}: processor time against floor", product.effort, floor.effort)
