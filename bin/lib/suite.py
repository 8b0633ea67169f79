"""bin/test: the whole suite with pytest, on SQLite and then on a private PostgreSQL.

Takes pytest's arguments and gives them to both runs. The output ends with the summary of the last run; a run that
fails is the last, so that no green line stands below a red one.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

import postgres
from common import ROOT, Failure, say

HELP = """用法：bin/test [--sqlite | --postgres] [pytest 的参数……]
在 SQLite 和 PostgreSQL 上各运行一遍全部测试；--sqlite、--postgres 只运行其一。
PostgreSQL 由脚本自己临时启动；机器上没有时只运行 SQLite 并说明。
环境变量 REQUIRE_POSTGRES=1：没有 PostgreSQL 就算失败。
例：bin/test projects/tests/test_money.py -k 亿
"""
ALONE = ("-n", "--numprocesses", "--pdb", "-s", "--collect-only", "--co")


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(HELP, end="")
        return
    signal.signal(signal.SIGTERM, interrupt)
    only = arguments.pop(0).removeprefix("--") if arguments[:1] in (["--sqlite"], ["--postgres"]) else ""
    try:
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
    if only != "postgres":
        say("在 SQLite 上测试……")
        code = pytest(arguments, database="")
        if code or programs is None:
            return code
    assert programs is not None
    say("在 PostgreSQL 上测试……")
    with postgres.private_server(programs) as address:
        return pytest(arguments, database=address)


def pytest(arguments: list[str], database: str) -> int:
    """One run; 0 when all passed. ``database`` is an address, or empty for SQLite in memory."""
    spread = [] if any(argument.startswith(ALONE) for argument in arguments) else ["-n", "auto"]
    command = [sys.executable, "-X", "utf8", "-m", "pytest", *spread, *arguments]
    environment = os.environ | {"TEST_DATABASE_URL": database}
    child = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        raise


if __name__ == "__main__":
    main()
