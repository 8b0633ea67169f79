"""bin/demo: an empty database becomes the demonstration, and the product runs on it.

Everything lives under var/; ``--check`` uses a folder of its own there and removes it, so it disturbs neither a
running demonstration nor another check.
"""

import argparse
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import checking
from common import ROOT, Failure, manage, say, sweep, table
from services import Service, listen, start_web, start_worker, stop_all

DAY = "2023-07-10"
VAR = ROOT / "var"
BATCHES = {"sign": "签约一批", "start": "开工一批", "produce": "投产一批"}
REPLACED = ("DJANGO_SETTINGS_MODULE", "GUNICORN_CMD_ARGS", "PYTHONPATH")


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        check(options) if options.check else stay(options)
    except Failure as failure:
        sys.exit(f"✗ {failure}")
    except KeyboardInterrupt:
        sys.exit("已中断。")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/demo", description="建库、装入演示数据、读入报道、判别预警、发送通知，并启动系统。"
    )
    parser.add_argument("--check", action="store_true", help="全部做一遍并逐项核对，然后停止；不影响正在运行的演示")
    parser.add_argument("--reports", metavar="目录", type=Path, help="改读这个目录里的报道（*.txt）")
    parser.add_argument("--port", metavar="端口", type=int, help="网站的端口；默认用 8000 起第一个空闲的")
    options = parser.parse_args()
    if options.reports:
        options.reports = options.reports.resolve()
        if not any(options.reports.glob("*.txt")):
            parser.exit(1, f"✗ {options.reports} 里没有报道（*.txt）。\n")
    return options


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


# ---- Two ways to run -----------------------------------------------------------------------------
def stay(options: argparse.Namespace) -> None:
    """Fill the demonstration's database, start, and run until Ctrl-C; a process that dies ends it all."""
    with only_one(), listen(options.port) as server:
        environment = settings(VAR, server)
        fill(environment, options.reports)
        with running(environment, server, VAR / "log") as services:
            say_where(environment, summary(environment))
            wait(services)


def check(options: argparse.Namespace) -> None:
    """Do everything once in a folder of its own, verify it, leave nothing behind."""
    VAR.mkdir(exist_ok=True)
    sweep(VAR, "check")
    folder = VAR / f"check-{os.getpid()}"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = stack.enter_context(listen(options.port or 0))
        environment = settings(folder, server)
        fill(environment, options.reports)
        facts = summary(environment)
        checking.check_mails(folder / "mail", facts)
        check_repeat(environment, folder, options.reports, facts)
        _web, worker = stack.enter_context(running(environment, server, folder / "log"))
        checking.check_web(environment["SITE_URL"], facts)
        checking.check_worker(environment["SITE_URL"], folder / "demo.sqlite3", facts, worker)
        say("正在停止……")
    say("全部通过。")


def check_repeat(environment: dict[str, str], folder: Path, reports: Path | None, facts: dict[str, Any]) -> None:
    """Once more changes no row and sends no mail."""
    database = folder / "demo.sqlite3"
    before, mails = checking.contents(database), checking.mails(folder / "mail")
    say("再来一遍，应当什么也不变……")
    fill(environment, reports, quiet=True)
    checking.check_same(before, checking.contents(database))
    if checking.mails(folder / "mail") != mails:
        raise Failure("第二遍又发出了邮件。")
    if summary(environment) != facts:
        raise Failure("第二遍之后，统计数字变了。")


# ---- Settings ------------------------------------------------------------------------------------
def settings(folder: Path, server: socket.socket) -> dict[str, str]:
    """The environment of the demonstration: every variable of the product set, none left over from the shell."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "BEHIND_PROXY": "false",
        "CELERY_BROKER_URL": "filesystem://",
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "DEBUG": "false",
        "DEFAULT_FROM_EMAIL": "三个一批项目跟踪（演示） <tracker@localhost>",
        "EMAIL_URL": f"file://{folder / 'mail'}",
        "JOB_LEASE_SECONDS": "60",
        "LOG_FORMAT": "line",
        "LOG_LEVEL": "INFO",
        "NOTICE_LEASE_SECONDS": "180",
        "OPERATORS": "",
        "SECRET_KEY": secret_key(folder / "secret_key"),
        "SITE_URL": f"http://127.0.0.1:{server.getsockname()[1]}",
        "STORM_GUARD": "false",
        "TICK_SECONDS": "60",
        "TRACKER_DEMO": "true",
        "TRACKER_STATIC": "",
        "TRACKER_TODAY": DAY,
        "TRACKER_VAR": str(folder),
        "WEBHOOK_NETWORKS": "",
    }
    # A secret may also come as NAME_FILE, and both at once are refused.
    replaced = {*REPLACED, *own, *(f"{name}_FILE" for name in own)}
    return {name: value for name, value in os.environ.items() if name not in replaced} | own


def secret_key(file: Path) -> str:
    """Made once, so that people stay signed in when the demonstration is started again."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50))
    return file.read_text()


@contextmanager
def only_one() -> Iterator[None]:
    """One demonstration at a time on one database."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure("演示已经在运行：请先在那个窗口按 Ctrl-C 停止。") from None
        yield


# ---- Steps ---------------------------------------------------------------------------------------
def fill(environment: dict[str, str], reports: Path | None, quiet: bool = False) -> None:
    """Tables, reference data, reports, the demonstration set, one scan, one delivery."""
    chosen = ["--reports", str(reports)] if reports else []
    steps = [
        ("建立或更新数据库结构", ["migrate", "--no-input", "--verbosity", "0"]),
        ("装入基础数据、报道和演示数据", ["demo", *chosen]),
        (f"判别预警（{DAY}）", ["scan_alerts"]),
        ("发送通知", ["send_notices"]),
    ]
    for title, command in steps:
        if not quiet:
            say(f"{title}……")
        printed = manage(environment, *command)
        if not quiet and printed.strip():
            print("\n".join(f"    {line}" for line in printed.rstrip().splitlines()), flush=True)


def summary(environment: dict[str, str]) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(manage(environment, "demo", "--summary", "--format", "json"))
    return facts


@contextmanager
def running(environment: dict[str, str], server: socket.socket, logs: Path) -> Iterator[tuple[Service, Service]]:
    """The web server and the worker, both ready; both stopped at the end, however it comes."""
    say("启动网站和后台任务……")
    services: list[Service] = []
    try:
        services.append(start_web(environment, server, logs))
        services.append(start_worker(environment, logs))
        server.close()
        web, worker = services
        web.wait_until("网站启动", lambda: checking.healthy(environment["SITE_URL"]))
        worker.wait_until("后台任务启动", lambda: " ready." in worker.said())
        yield web, worker
    finally:
        stop_all(services)


def wait(services: tuple[Service, Service]) -> None:
    try:
        while True:
            for service in services:
                if service.ended():
                    raise Failure(service.complaint())
            time.sleep(0.5)
    except KeyboardInterrupt:
        print(flush=True)
        say("正在停止……")


def say_where(environment: dict[str, str], facts: dict[str, Any]) -> None:
    """Address, accounts, numbers, and what to look at first."""
    site = environment["SITE_URL"]
    entries = [
        (BATCHES.get(entry["batch"], entry["batch"]), entry["period"] or "期次不详", f"{entry['count']} 项")
        for entry in facts["entries"]
    ]
    accounts = [("角色", "区域", "用户名", "密码")]
    accounts += [
        (a.get("label", a["role"]), a.get("zone") or "", a["username"], a["password"]) for a in facts["accounts"]
    ]
    print(f"\n  地址  {site}    演示日  {DAY}（周一）\n\n  账号（密码只用于演示）\n{table(accounts)}\n")
    alerts = facts["alerts"]
    print(
        f"  项目 {facts['projects']} 个，黄灯 {alerts['yellow']} 个，红灯 {alerts['red']} 个，邮件 {facts['mails']} 封"
    )
    print(f"  （邮件在 {VAR / 'mail'}）\n\n  入批\n{table(entries)}\n\n  先看这三处")
    print(table([(look["title"], site + look["path"]) for look in facts["look_at"]]))
    print("\n  按 Ctrl-C 停止。", flush=True)


if __name__ == "__main__":
    main()
