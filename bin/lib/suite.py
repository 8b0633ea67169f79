"""bin/test: the whole suite with pytest on SQLite, and what asks a database once more on a private PostgreSQL.

Takes pytest's arguments and gives them to both runs. The output ends with the summary of the last run; a run that
fails is the last, so that no green line stands below a red one.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import chromium
import office
import postgres
import private_redis
from common import ROOT, Failure, say

HELP = """用法：bin/test [--full] [--sqlite | --postgres] [pytest 的参数……]
在 SQLite 上运行全部测试，再在 PostgreSQL 上运行用到数据库的测试；--sqlite、--postgres 只运行其一。
--full 另用机器上的 LibreOffice 打开系统生成的 Word 文件，检查排出的版面。
PostgreSQL 和 Redis 由脚本自己临时启动，浏览器用机器上的 Chromium；没有的略去相应部分并说明。
环境变量 REQUIRE_POSTGRES=1、REQUIRE_REDIS=1、REQUIRE_BROWSER=1：没有 PostgreSQL、Redis、Chromium 就算失败；
REQUIRE_OFFICE=1：--full 时没有 LibreOffice 就算失败。
例：bin/test projects/tests/test_money.py -k 亿
"""
# By files: what a file sets up once is set up in one process. In the order of collection, the longest file first.
SPREAD = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
# A process that makes its tables by the migrations begins late. bin/demo --check makes them so on SQLite,
# bin/image on PostgreSQL; CI sees that the migrations and the models agree.
TABLES = "--nomigrations"
ALONE = ("-n", "--numprocesses", "--pdb", "-s", "--collect-only", "--co")


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(HELP, end="")
        return
    signal.signal(signal.SIGTERM, interrupt)
    full = "--full" in arguments
    arguments = [argument for argument in arguments if argument != "--full"]
    only = arguments.pop(0).removeprefix("--") if arguments[:1] in (["--sqlite"], ["--postgres"]) else ""
    try:
        if full:
            take_office()
        sys.exit(run(only, arguments))
    except Failure as failure:
        sys.exit(f"✗ {failure}")
    except KeyboardInterrupt:
        sys.exit("已中断。")


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run(only: str, arguments: list[str]) -> int:
    programs = None if only == "sqlite" else postgres.find()
    if programs is None and only != "sqlite":
        if only == "postgres" or os.environ.get("REQUIRE_POSTGRES") == "1":
            raise Failure("找不到 PostgreSQL 的程序（initdb、postgres）：请安装 postgresql 后重新运行。")
        say("找不到 PostgreSQL 的程序（initdb、postgres）：本次只在 SQLite 上测试，PostgreSQL 部分没有运行。")
    with broker() as redis:
        if only != "postgres":
            check_browser()
            say("在 SQLite 上测试……")
            code = pytest(arguments, database="", redis=redis)
            if code or programs is None:
                return code
        assert programs is not None
        say("在 PostgreSQL 上测试……")
        with postgres.private_server(programs) as address:
            return pytest(arguments, database=address, redis=redis)


@contextmanager
def broker() -> Iterator[str]:
    """The address of a Redis for the run; empty where this machine has none, and the tests on it are skipped."""
    program = private_redis.find()
    if program is None:
        if os.environ.get("REQUIRE_REDIS") == "1":
            raise Failure("找不到 Redis 的程序（redis-server）：请安装 redis-server 后重新运行。")
        say("找不到 Redis 的程序（redis-server）：本次略过要用 Redis 的测试。")
        yield ""
        return
    with private_redis.private_server(program) as server:
        yield server.url


def check_browser() -> None:
    """Say that the tests in the browser are skipped where this machine has none."""
    if chromium.find() is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            raise Failure("找不到浏览器（chromium）：请安装 chromium 后重新运行。")
        say("找不到浏览器（chromium）：本次略过在浏览器里的测试。")


def take_office() -> None:
    """Let the run look at papers in this machine's LibreOffice; say that it does not where there is none."""
    program = office.find()
    if program is None and os.environ.get("REQUIRE_OFFICE") == "1":
        raise Failure("找不到 LibreOffice（soffice）：请安装 libreoffice-writer 后重新运行。")
    if program is None:
        say("找不到 LibreOffice（soffice）：本次不检查 Word 文件排出的版面。")
    os.environ["TEST_OFFICE"] = program or ""


def pytest(arguments: list[str], database: str, redis: str) -> int:
    """One run; 0 when all passed. ``database`` is an address, or empty for SQLite in memory; so is ``redis``."""
    spread = [] if any(argument.startswith(ALONE) for argument in arguments) else SPREAD
    command = [sys.executable, "-X", "utf8", "-m", "pytest", TABLES, *spread, *arguments]
    environment = os.environ | {"TEST_DATABASE_URL": database, "TEST_REDIS_URL": redis}
    child = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        raise


if __name__ == "__main__":
    main()
