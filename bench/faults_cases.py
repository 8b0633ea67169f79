"""What is done to the senders on one database, and what must hold after it. Prints one JSON row per check.

Runs as a process of its own: `python -m bench.faults_cases FOLDER [--short]`, its database in DATABASE_URL. Senders,
scanners and schedulers are forked processes (bench/faults_forker.py); the mail server is in this one.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import django
import postgres
from common import ROOT, Failure

from bench.faults_sink import Sink
from bench.rows import Row, exactly, number

DAY: Final = "2023-07-10"
LEASE: Final = 2  # seconds, in place of three minutes
PROJECTS: Final = 150


class Forker:
    """Starts processes and tells how they ended."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        command = [sys.executable, "-X", "utf8", "-m", "bench.faults_forker"]
        with log.open("ab") as words:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                text=True,
            )
        self.log = log
        self._read()

    def start(self, what: str, settings: dict[str, Any] | None = None, /, **order: Any) -> int:
        hurt = {name: order.pop(name) for name in ("shift", "poison", "die") if name in order}
        pid: int = self._ask(do=what, settings=settings or {}, **hurt, **({"with": order} if order else {}))["pid"]
        return pid

    def ended(self, pid: int) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        code: int | None = self._ask(do="status", pid=pid)["code"]
        return code

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            os.kill(pid, signal.SIGCONT)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()

    def _ask(self, **order: Any) -> dict[str, Any]:
        assert self.process.stdin  # noqa: S101  (a pipe was asked for)
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout  # noqa: S101
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"进程没有启动：\n{self.log.read_text()[-2000:]}")
        told: dict[str, Any] = json.loads(line)
        return told


class Bench:
    """One run on one database."""

    def __init__(self, folder: Path, short: bool) -> None:
        from django.db import connection

        self.folder, self.short = folder, short
        self.vendor = connection.vendor
        self.sink = Sink()
        self.sink.start()
        self.mail = {"EMAIL_PORT": self.sink.port, "TRACKER_TODAY": DAY, "NOTICE_LEASE_SECONDS": LEASE}
        self._here(**self.mail, STORM_GUARD=False)
        self.forker = Forker(dict(os.environ), folder / "processes.log")
        self.random = random.Random(7)  # noqa: S311  (the same every time)
        self.running: list[int] = []
        self.server: subprocess.Popen[bytes] | None = None

    def _here(self, **values: Any) -> None:
        from django.conf import settings

        for name, value in values.items():
            setattr(settings, name, date.fromisoformat(value) if name == "TRACKER_TODAY" else value)

    # ---- The world
    def build(self) -> None:
        """A zone with people, each with an address, and projects that are behind."""
        from projects import facts
        from projects.alerts import presets
        from projects.models import Assignment, Progress
        from zones.models import Appointment, User, Zone

        zone = Zone.objects.create(code="fz", kind="zone", name="演练经济技术开发区", short_name="演练区")
        self.zone = zone
        people = [User(username=f"p{n}", display_name=f"第{n}人", email=f"p{n}@example.com") for n in range(300)]
        keeper = User(username="keeper", display_name="系统管理员", email="keeper@example.com")
        User.objects.bulk_create([*people, keeper])
        self.people, self.keeper = list(User.objects.filter(username__startswith="p").order_by("pk")), keeper
        since = date(2020, 1, 1)
        roles = [Appointment(user=each, zone=zone, role="liaison", starts=since) for each in self.people]
        keeper = User.objects.get(username="keeper")
        self.keeper = keeper
        Appointment.objects.bulk_create([*roles, Appointment(user=keeper, zone=zone, role="system", starts=since)])
        presets.load_scheme(zone, "yinchuan", None)
        self.projects = []
        even = [1_200_000 * month // 12 for month in range(1, 13)]
        for n in range(24 if self.short else PROJECTS):
            project = facts.create(name=f"演练项目{n}", zone=zone)
            plan = facts.plan_year(project, 2023, 1_200_000, even)
            facts.approve_plan(plan, on=date(2023, 1, 10))
            facts.record(project, Progress.Channel.REPORTED, date(2023, 6, 30), amount=0)
            for person in (self.people[2 * n % 300], self.people[(2 * n + 1) % 300]):
                facts.assign(project, Assignment.Role.LIAISON, user=person, starts=since)
            self.projects.append(project)

    def leave(self, count: int, first: int = 0, each: int = 1) -> None:
        """Notices for so many people; each is named in brackets."""
        from projects.notices import inbox
        from projects.notices.inbox import Draft

        inbox.leave(
            Draft(user.pk, f"t:{n}", "red", f"落后了[T{user.pk}x{n}]", "/admin/")
            for user in self.people[first : first + count]
            for n in range(each)
        )

    def clean(self) -> None:
        """No notice, no message, everybody well."""
        from projects.notices.models import (
            ChannelState,
            Delivery,
            DeliveryAttempt,
            Hold,
            Notice,
            SuspendedAddress,
            Told,
        )

        for pid in self.running:
            self.forker.kill(pid)
        self.running = []
        Notice.objects.update(delivery=None, hold=None)
        Delivery.objects.update(superseded_by=None)
        for model in (Told, DeliveryAttempt, Delivery, Notice, Hold, SuspendedAddress, ChannelState):
            model._base_manager.all().delete()
        self.sink.behave()

    def start(self, what: str = "send", settings: dict[str, Any] | None = None, /, **order: Any) -> int:
        pid = self.forker.start(what, {**self.mail, "STORM_GUARD": False, **(settings or {})}, **order)
        self.running.append(pid)
        return pid

    # ---- Waiting and judging
    def wait(self, what: str, true: Callable[[], Any], seconds: float = 60) -> float:
        """How long it took; raises Failure if it never came."""
        begun = time.monotonic()
        while not true():
            if time.monotonic() - begun > seconds:
                raise Failure(f"等了 {seconds:.0f} 秒：{what}；{dict(self.states())}\n{self._words()}")
            time.sleep(0.02)
        return time.monotonic() - begun

    def wait_for_end(self, *pids: int) -> list[int]:
        codes: dict[int, int | None] = {}

        def over() -> bool:
            codes.update({pid: self.forker.ended(pid) for pid in pids})
            return None not in codes.values()

        self.wait("进程结束", over, 120)
        return [code for code in codes.values() if code is not None]

    def states(self) -> Counter[str]:
        from projects.notices.models import Delivery

        return Counter(Delivery.objects.values_list("state", flat=True))

    def done(self) -> bool:
        """Everything is in a message, and every message has come to its end."""
        from projects.notices.models import Notice

        states = self.states()
        return not states["waiting"] and not states["claimed"] and not Notice.objects.waiting().exists()

    def let_pauses_pass(self) -> None:
        """Time goes by, for whoever waits to try again."""
        from django.db import OperationalError
        from django.db.models.functions import Now

        from projects.notices.models import ChannelState, Delivery

        # On SQLite the senders write without pause, and whoever only watches may have to wait for his turn.
        with suppress(OperationalError):
            Delivery.objects.filter(state="waiting").update(due_at=Now())
            ChannelState.objects.exclude(probe_at=None).update(probe_at=Now())

    def wait_until_done(self, seconds: float = 60) -> float:
        def done() -> bool:
            self.let_pauses_pass()
            return self.done()

        return self.wait("全部送达", done, seconds)

    def judge(self, case: str, extras: int | None = 0, spared: set[str] = frozenset()) -> Iterator[Row]:  # type: ignore[assignment]
        """Lost, extra and different messages, of what was left for people."""
        from projects.notices.models import Notice

        carried: dict[str, set[str]] = defaultdict(set)
        contents: dict[str, set[str]] = defaultdict(set)
        taken_by_now = list(self.sink.taken)
        for taken in taken_by_now:
            contents[taken.message_id].add(taken.digest)
            for token in taken.tokens:
                carried[token].add(taken.message_id)
        wanted = {
            f"T{user}x{key[2:]}" for user, key in Notice.objects.filter(key__startswith="t:").values_list("user", "key")
        }
        yield exactly(f"{case}: lost", len(wanted - spared - carried.keys()), "notices", 0)
        twice = len(taken_by_now) - len(contents)
        if extras is not None:
            yield number(f"{case}: extra, the same message again", twice, "messages", extras)
        else:
            yield number(f"{case}: extra, the same message again", twice, "messages")
        other = sum(len(digests) > 1 for digests in contents.values()) + sum(len(ids) > 1 for ids in carried.values())
        yield exactly(f"{case}: told in two different messages", other, "notices", 0)

    def _words(self) -> str:
        return self.forker.log.read_text(errors="replace")[-1500:]

    def close(self) -> None:
        for pid in self.running:
            self.forker.kill(pid)
        self.forker.close()
        self.sink.stop()
        if self.server:
            self.server.send_signal(signal.SIGINT)
            self.server.wait()


# ---- The checks: numbers are those of the list ---------------------------------------------------
def snapshot() -> tuple[Any, ...]:
    """Everything that a scan writes for people, without keys and times."""
    from projects.alerts.models import Alert, AlertEvent
    from projects.notices.models import Notice

    alerts = sorted(Alert.objects.values_list("subject_key", "rule__code", "level", "closed_on", "sentence"))
    events = sorted(AlertEvent.objects.values_list("alert__subject_key", "alert__rule__code", "step", "kind"))
    notices = sorted(Notice.objects.filter(key__startswith="alert:").values_list("user", "key", "sentence"))
    return alerts, events, notices


def forget_alerts(bench: Bench) -> None:
    from projects.alerts.models import Alert, AlertEvent, ScanPart, ScanRun
    from projects.models import Standing, StandingMonth

    bench.clean()
    for model in (AlertEvent, Alert, ScanPart, ScanRun, StandingMonth, Standing):
        model._base_manager.all().delete()
    from django.core.management import call_command  # noqa: F401


def scans_at_once(bench: Bench) -> Iterator[Row]:
    """1, 2: four scans begin together; a scan is killed at any point and begun again."""
    forget_alerts(bench)
    begun = time.monotonic()
    codes = bench.wait_for_end(bench.start("scan", day=DAY))
    took = time.monotonic() - begun
    clean = snapshot()
    count = len(bench.projects)
    forget_alerts(bench)
    codes += bench.wait_for_end(*(bench.start("scan", day=DAY) for _ in range(4)))
    together = snapshot()
    yield exactly("1 four scans at once: alerts", len({row[0] for row in together[0]}), "projects", count)
    yield exactly("1 four scans at once: same rows as one scan", int(together == clean), "", 1)
    yield exactly("1 four scans at once: exceptions", sum(code != 0 for code in codes), "processes", 0)
    forget_alerts(bench)
    kills = 3 if bench.short else 20
    for _ in range(kills):
        pid = bench.start("scan", day=DAY)
        time.sleep(bench.random.uniform(0, took))
        bench.forker.kill(pid)
    bench.wait_for_end(bench.start("scan", day=DAY))
    yield exactly(f"2 scan killed {kills} times: same rows as one scan", int(snapshot() == clean), "", 1)


def killed_senders(bench: Bench) -> Iterator[Row]:
    """3: three senders, one of them killed again and again."""
    bench.clean()
    people, kills = (40, 5) if bench.short else (300, 20)
    bench.leave(people)
    bench.sink.pause = 0.02
    senders = [bench.start() for _ in range(3)]
    for turn in range(kills):
        # Spread over the whole of it, each at any point of a message.
        bench.wait("发送", lambda wanted=turn * people // (kills + 1): len(bench.sink.taken) > wanted, 90)
        time.sleep(bench.random.uniform(0, 0.05))
        place = bench.random.randrange(3)
        bench.forker.kill(senders[place])
        senders[place] = bench.start()
    last = time.monotonic()
    bench.wait_until_done(90)
    yield from bench.judge(f"3 three senders, {kills} killed", extras=kills)
    yield number("3 done after the last kill", time.monotonic() - last, "s", LEASE + 60)


def killed_before_noting(bench: Bench) -> Iterator[Row]:
    """4: killed between the server's 250 and the row that says so."""
    from projects.notices.models import Delivery

    bench.clean()
    bench.leave(1)
    bench.wait_for_end(bench.start(die=True))
    bench.start()
    bench.wait_until_done()
    yield from bench.judge("4 killed between 250 and the database", extras=1)
    yield exactly("4 copies taken", len(bench.sink.taken), "messages", 2)
    delivery = Delivery.objects.get()
    yield exactly("4 attempts written down", delivery.tries.count(), "attempts", 2)
    yield exactly("4 sent once", int(delivery.state == "sent"), "", 1)


def frozen_sender(bench: Bench) -> Iterator[Row]:
    """5: stopped for three leases after the server took the message, then woken."""
    from projects.notices.models import Delivery, DeliveryAttempt

    bench.clean()
    bench.leave(10)
    sleeper = bench.start()
    bench.sink.after_data, bench.sink.once, bench.sink.sender = "freeze", True, sleeper
    bench.wait("停住", lambda: bench.sink.taken)
    time.sleep(0.5)
    frozen = Delivery.objects.filter(state="claimed").get()
    bench.start()
    bench.wait_until_done()
    time.sleep(max(0.0, (1 if bench.short else 3) * LEASE - 1))
    os.kill(sleeper, signal.SIGCONT)
    time.sleep(1)
    yield from bench.judge("5 sender stopped for three leases", extras=1)
    outcomes = list(DeliveryAttempt.objects.filter(delivery=frozen).values_list("outcome", flat=True))
    yield exactly("5 its late finish changed rows", int(outcomes != ["lost", "sent"]), "rows", 0)


def broker_gone(bench: Bench) -> Iterator[Row]:
    """6, 21: the broker is emptied, killed, away; who presses a button gets his answer, and people their mail."""
    from django.conf import settings
    from django.db import transaction

    from projects.jobs.models import Job
    from projects.jobs.posting import post

    bench.clean()
    Job._base_manager.all().delete()
    bench.leave(20)
    trouble = 0
    broker = settings.CELERY_BROKER_URL
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    begun = time.monotonic()
    try:
        with transaction.atomic():
            post("send")
    except Exception:
        trouble += 1
    finally:
        settings.CELERY_BROKER_URL = broker
    answered = time.monotonic() - begun
    bench.start("jobs")
    took = bench.wait_until_done()
    yield exactly("21 broker away when a job is asked for: exceptions", trouble, "", 0)
    yield number("21 the person waits", answered, "s", 5)
    yield number("21 sent all the same", took, "s", 60)
    yield from bench.judge("21 broker away")
    if os.environ.get("FAULTS_REDIS"):
        yield from redis_killed(bench)


def redis_killed(bench: Bench) -> Iterator[Row]:
    """6: with a worker and its scheduler, Redis is emptied and killed without a file while mails go out."""
    import private_redis
    import redis

    from projects.jobs.models import Job

    bench.clean()
    Job._base_manager.all().delete()
    with private_redis.private_server(Path(os.environ["FAULTS_REDIS"])) as server:
        environment = {
            **os.environ,
            "CELERY_BROKER_URL": f"{server.url}/0",
            "TICK_SECONDS": "1",
            "JOB_LEASE_SECONDS": "2",
            "EMAIL_URL": f"smtp://127.0.0.1:{bench.sink.port}",
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "STORM_GUARD": "false",
            "TRACKER_TODAY": DAY,
        }
        command = [sys.executable, "-m", "celery", "-A", "tracker", "worker", "--beat", "--concurrency", "1"]
        with (bench.folder / "worker.log").open("wb") as log:
            worker = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            bench.sink.pause = 0.05
            bench.leave(100)
            bench.wait("开始发送", lambda: bench.sink.taken, 90)
            redis.Redis.from_url(server.url).flushall()
            assert server.process  # noqa: S101
            server.process.kill()
            server.process.wait()
            shutil.rmtree(server.folder / "appendonlydir", ignore_errors=True)
            time.sleep(2)
            server.start()
            bench.leave(100, first=100)
            took = bench.wait_until_done(150)
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        yield from bench.judge("6 Redis emptied and killed")
        yield number("6 done after Redis came back", took, "s", 120)


def no_broker(bench: Bench) -> Iterator[Row]:
    """7: nobody but `run_jobs`."""
    from projects.jobs.models import Job

    bench.clean()
    Job._base_manager.all().delete()
    bench.leave(40 if bench.short else 300)
    bench.start("jobs")
    yield number("7 run_jobs alone: all sent", bench.wait_until_done(), "s", 60)
    yield from bench.judge("7 run_jobs alone")


def database_gone(bench: Bench) -> Iterator[Row]:
    """8: the server stops at once and comes back; SQLite is locked by another."""
    bench.clean()
    bench.leave(40 if bench.short else 300)
    bench.sink.pause = 0.02
    senders = [bench.start() for _ in range(2)]
    bench.wait("开始发送", lambda: len(bench.sink.taken) > 5)
    with locked_out(bench, 2 if bench.short else 10):
        pass
    bench.wait_until_done(90)
    yield from bench.judge("8 database away", extras=2)
    yield exactly("8 processes that ended", sum(bench.forker.ended(pid) is not None for pid in senders), "", 0)


@contextmanager
def locked_out(bench: Bench, seconds: float) -> Iterator[None]:
    from django.db import connection, connections

    name = str(connection.settings_dict["NAME"])
    if bench.vendor == "sqlite":
        import sqlite3

        with sqlite3.connect(name, isolation_level=None, timeout=30) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds if bench.short else 30)
            other.execute("ROLLBACK")
        other.close()
        yield
        return
    folder = Path(str(connection.settings_dict["HOST"]))
    process = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    connections.close_all()
    os.kill(process, signal.SIGQUIT)  # immediate
    if bench.server:
        bench.server.wait()
    time.sleep(seconds)
    programs = postgres.find()
    assert programs  # noqa: S101
    postgres.OPTIONS = durable()  # type: ignore[assignment]
    identity = postgres.own_user(folder)
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    bench.server = postgres.start(programs, folder, identity)

    def answers() -> bool:
        with suppress(Exception):
            connection.ensure_connection()
            return True
        return False

    bench.wait("数据库恢复", answers, 30)
    yield


def durable() -> tuple[str, ...]:
    """As in service: what was committed stands when the server is killed."""
    return tuple(each for each in postgres.OPTIONS if not each.startswith(("synchronous_commit", "full_page_writes")))


def server_down(bench: Bench) -> Iterator[Row]:
    """9: the mail server is away for six hours."""
    from django.db.models import F

    from projects.notices import sending
    from projects.notices.models import ChannelState, Delivery

    bench.clean()
    people = 40 if bench.short else 300
    bench.sink.stop()
    step = timedelta(minutes=15)
    rounds = 24
    for turn in range(rounds):
        if turn % 3 == 0:
            bench.leave(people, each=1 + turn // 3)
        sending.send_notices()
        past: dict[str, Any] = {name: F(name) - step for name in ("created_at", "due_at", "expires_at")}
        Delivery.objects.update(**past)
        ChannelState.objects.exclude(probe_at=None).update(probe_at=F("probe_at") - step)
    failed = bench.states()["failed"]
    tried = sum(Delivery.objects.values_list("attempts", flat=True))
    bench.sink.start()
    bench.let_pauses_pass()
    begun = time.monotonic()
    while not bench.done():
        sending.send_notices()
        bench.let_pauses_pass()
    each = Counter(taken.recipient for taken in bench.sink.taken if taken.recipient.startswith("p"))
    yield exactly("9 mail server away six hours: given up", failed, "messages", 0)
    yield number("9 attempts in six hours", tried, "attempts", rounds)
    yield number("9 mails to one person afterwards", max(each.values()), "mails", 1)
    yield number("9 all sent after", time.monotonic() - begun, "s", 60)
    yield from bench.judge("9 mail server away")


def dropped_after_data(bench: Bench) -> Iterator[Row]:
    """10: the connection is gone after the content."""
    from projects.notices.models import Notice

    bench.clean()
    bench.leave(5)
    bench.sink.after_data, bench.sink.once = "drop", True
    bench.start()
    bench.wait_until_done()
    yield from bench.judge("10 dropped after DATA", extras=1)
    yield exactly("10 in the inbox", Notice.objects.filter(key__startswith="t:").count(), "notices", 5)


def hanging_server(bench: Bench) -> Iterator[Row]:
    """11: no answer for one recipient."""
    bench.clean()
    bench.leave(10)
    bench.sink.stalled = {"p0@example.com"}
    begun = time.monotonic()
    bench.start()
    bench.wait("其余送达", lambda: len(bench.sink.taken) >= 9)
    yield number("11 server hangs at one recipient: others served", time.monotonic() - begun, "s", 60)
    bench.sink.stalled = set()
    bench.wait_until_done()
    yield from bench.judge("11 server hangs")


def refusals(bench: Bench) -> Iterator[Row]:
    """12: one recipient is refused for good, one for now."""
    from projects.notices.models import Delivery

    bench.clean()
    bench.leave(20)
    bench.sink.replies = {"p0@example.com": "550 no such user", "p1@example.com": "451 try later"}
    bench.start()
    bench.wait("第一轮", lambda: len(bench.sink.taken) >= 18)
    bench.wait("被拒绝", lambda: bench.states()["failed"] == 1)
    state = dict(Delivery.objects.filter(address__in=bench.sink.replies).values_list("address", "state"))
    yield exactly("12 refused for good: given up at once", int(state["p0@example.com"] == "failed"), "", 1)
    bench.sink.replies = {"p0@example.com": "550 no such user"}
    bench.wait_until_done()
    spared = {f"T{bench.people[0].pk}x0"}
    yield from bench.judge("12 one 550, one 451", spared=spared)


def no_permission(bench: Bench) -> Iterator[Row]:
    """13: the password is refused; the server has no TLS although it must."""
    from projects.notices.models import Notice

    for case, sign, settings in (
        ("535", "535 5.7.8 bad credentials", {"EMAIL_HOST_USER": "u", "EMAIL_HOST_PASSWORD": "p"}),
        ("no STARTTLS", "", {"EMAIL_USE_TLS": True}),
    ):
        bench.clean()
        bench.leave(10)
        bench.sink.auth = sign
        pid = bench.start("send", settings)
        bench.wait("报告管理员", lambda: Notice.objects.filter(key__startswith="channel:").exists())
        time.sleep(1)
        bench.forker.kill(pid)
        yield exactly(f"13 {case}: said in clear", bench.sink.commands.count("MAIL"), "messages", 0)
        states = bench.states()
        yield exactly(
            f"13 {case}: kept", states["waiting"] + states["claimed"], "messages", len(states) and states.total()
        )
        yield exactly(f"13 {case}: told to who can mend it", Notice.objects.filter(user=bench.keeper).count(), "", 1)
        bench.sink.auth = ""
        bench.start()
        bench.wait_until_done()
        yield from bench.judge(f"13 {case}, mended")


def chat_services(bench: Bench) -> Iterator[Row]:
    """14: seven outlets on a bad day of their services; a redirect, a private address, a key that was revoked."""
    from projects.notices.channels import SERVICES, sealing
    from projects.notices.models import Delivery, Notice
    from projects.notices.outlets import ChatAccount, Outlet
    from projects.notices.tests.fakes import SECRET, WHSEC, Fake

    forget_alerts(bench)
    fake = Fake(accounts=("zhangsan",), stall=60.0, per_minute=10_000).start()
    allowed = {"WEBHOOK_NETWORKS": ["127.0.0.1/32"]}
    person = bench.people[0]
    outlets = {}
    for kind in SERVICES:
        secret = {"webhook": WHSEC, "wecom_robot": ""}.get(kind, SECRET)
        sealed = {"url_sealed": sealing.seal(fake.url(kind)), "secret_sealed": sealing.seal(secret)}
        app = {"app_id": "corp", "agent_id": "1"} if kind in Outlet.APPS else {}
        outlets[kind] = Outlet.objects.create(kind=kind, name=kind, zone=bench.zone, **sealed, **app)
        if app:
            ChatAccount.objects.create(outlet=outlets[kind], user=person, account="zhangsan")
    wrong = {
        "revoked": {"kind": "wecom_robot", "url": fake.root + "/cgi-bin/webhook/send?key=revoked"},
        "inside": {"kind": "webhook", "url": "https://10.255.255.1/hook"},
    }
    for name, more in wrong.items():
        sealed = {"url_sealed": sealing.seal(more.pop("url")), "secret_sealed": sealing.seal(WHSEC)}
        outlets[name] = Outlet.objects.create(name=name, zone=bench.zone, **sealed, **more)
    bench.wait_for_end(bench.start("scan", day=DAY))
    bench.leave(5, first=295)
    fake.bad = [
        *({"errcode": -1, "code": -1, "errmsg": "busy"}, 429, 302, 500, "cut", "cut_after", "huge", 503),
        *([] if bench.short else ["stall"]),
        *({"errcode": 45009, "code": 11232}, {"errcode": 130101, "code": 99991400}, "cut_after", 302, 429),
    ]
    begun = time.monotonic()
    bench.start("send", allowed)
    others = {user.email for user in bench.people[295:]}
    bench.wait("邮件送达", lambda: others <= {taken.recipient for taken in bench.sink.taken})
    times = [taken.at for taken in bench.sink.taken]
    yield number("14 chat services ill: all mails out, after the first", max(times) - min(times), "s", 60)
    sound = [outlet.code for name, outlet in outlets.items() if name not in wrong]

    def all_sent() -> bool:
        bench.let_pauses_pass()
        return Delivery.objects.filter(channel__in=sound, state="sent").count() == len(sound)

    bench.wait("聊天工具送达", all_sent, 120)
    yield number("14 all seven services served after", time.monotonic() - begun, "s", 120)
    bodies = defaultdict(set)
    for asked in fake.taken:
        asked_for = {name: value for name, value in asked.data.items() if name not in ("timestamp", "sign")}
        bodies[asked.path].add(json.dumps(asked_for, sort_keys=True))
    yield exactly("14 lost", len(sound) - len(bodies), "messages", 0)
    yield exactly("14 told in two different messages", sum(len(each) > 1 for each in bodies.values()), "messages", 0)
    yield number("14 extra, the same message again", len(fake.taken) - len(bodies), "messages", 2)
    yield exactly("14 redirects followed", sum(asked.path == "/elsewhere" for asked in fake.asked), "requests", 0)
    theirs = Delivery.objects.filter(channel__in=[outlets[name].code for name in wrong])
    kept = theirs.filter(state__in=["waiting", "claimed"]).count()
    yield exactly("14 key revoked, private address: kept", kept, "messages", len(wrong))
    keys = [f"channel:{outlets[name].code}:" for name in wrong]

    def told() -> int:
        bench.let_pauses_pass()
        notices = Notice.objects.filter(user=bench.keeper)
        return sum(notices.filter(key__startswith=key).exists() for key in keys)

    with suppress(Failure):
        bench.wait("报告管理员", lambda: told() == len(keys), 30)
    yield exactly("14 told to who can mend it", told(), "outlets", len(keys))
    bench.clean()
    for model in (ChatAccount, Outlet):
        model._base_manager.all().delete()
    fake.stop()


def two_schedulers(bench: Bench) -> Iterator[Row]:
    """15: two schedulers and a hand, through ten minutes."""
    from projects.jobs.models import Job
    from projects.jobs.posting import post

    bench.clean()
    Job._base_manager.all().delete()
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    ticks = [bench.start("tick", begun=now.isoformat(), minutes=10) for _ in range(2)]
    post("scan")
    codes = bench.wait_for_end(*ticks)
    slots = Counter(Job.objects.exclude(slot=None).values_list("kind", "slot"))
    yield exactly("15 two schedulers: jobs beyond one per moment", sum(slots.values()) - len(slots), "jobs", 0)
    yield exactly("15 exceptions", sum(code != 0 for code in codes), "", 0)
    bench.wait_for_end(bench.start("scan", day=DAY))
    before = snapshot()
    bench.wait_for_end(bench.start("scan", day=DAY), bench.start("scan", day=DAY))
    yield exactly("15 alerts and notices more after more scans", int(snapshot() != before), "", 0)
    Job._base_manager.all().delete()


def wrong_clocks(bench: Bench) -> Iterator[Row]:
    """16: three senders of which one is an hour fast and one an hour slow; a morning on which everything is late."""
    from projects.alerts.models import ScanRun
    from projects.notices.models import Hold, Notice

    bench.clean()
    bench.leave(30 if bench.short else 200)
    for shift in (0, 3600, -3600):
        bench.start(shift=shift)
    bench.wait_until_done()
    yield from bench.judge("16 clocks an hour off", extras=0)
    forget_alerts(bench)
    ScanRun.objects.create(as_of=date(2023, 7, 9), finished_at=datetime.now(UTC), counts={})
    bench.wait_for_end(bench.start("scan", {"STORM_GUARD": True}, day=DAY))
    left = Notice.objects.filter(key__startswith="alert:")
    yield exactly("16 storm: held for confirmation", int(left.exclude(hold=None).count() == left.count() > 0), "", 1)
    yield exactly("16 storm: asked for it", Notice.objects.filter(key__startswith="hold:").count(), "notices", 1)
    yield exactly("16 storm: holds", Hold.objects.filter(state="held").count(), "", 1)


def long_silence(bench: Bench) -> Iterator[Row]:
    """17: nobody looked for three days."""
    from django.db.models.functions import Now
    from django.test import Client

    from projects.jobs.models import Job, Tick
    from projects.jobs.ticking import tick

    bench.clean()
    Job._base_manager.all().delete()
    tick(wake=False)
    Job.objects.update(state="done", slot=Now() - timedelta(days=3), due_at=Now() - timedelta(days=3))
    Job.objects.update(started_at=Now() - timedelta(days=3))
    Tick.objects.update(at=Now() - timedelta(days=3))
    codes = [Client().get(page).status_code for page in ("/healthz/jobs", "/healthz/alerts")]
    yield exactly("17 three days of silence: monitors that cry", codes.count(503), "of 2", 2)
    tick(wake=False)
    new = Job.objects.filter(state="waiting")
    yield exactly("17 scans made up for", new.filter(kind="scan").count(), "jobs", 1)
    Job._base_manager.all().delete()


def poisoned(bench: Bench) -> Iterator[Row]:
    """18: a notice that no template can write."""
    from projects.notices.models import Delivery, Notice

    bench.clean()
    people = 40 if bench.short else 150
    bench.leave(people)
    bad = f"T{bench.people[0].pk}x0"
    bench.start(poison=bad)
    bench.wait("其余送达", lambda: len(bench.sink.taken) >= people - 1)
    bench.wait_until_done()
    yield from bench.judge("18 poison", spared={bad})
    dead = Delivery.objects.filter(state="failed")
    yield exactly("18 dead", dead.count(), "messages", 1)
    yield exactly("18 after", dead.get().tries.count(), "tries", 5)
    yield exactly("18 told to who can mend it", Notice.objects.filter(key__startswith="failed:").count(), "", 1)


def no_longer_so(bench: Bench) -> Iterator[Row]:
    """19: the alert is over, the person has moved, the account is closed, while the message waits."""
    from projects.alerts.models import Alert
    from projects.notices import composing
    from projects.notices.models import Notice
    from zones.models import Appointment, User

    forget_alerts(bench)
    bench.wait_for_end(bench.start("scan", day=DAY))
    composing.compose()
    waiting = bench.states()["waiting"]
    over = bench.projects[0]
    Alert.objects.filter(project=over).update(closed_on=date(2023, 7, 10), closed_reason="已恢复")
    moved, closed = bench.people[2], bench.people[4]
    Appointment.objects.filter(user=moved).update(ends=date(2022, 1, 1))
    User.objects.filter(pk=closed.pk).update(is_active=False)
    bench.start()
    bench.wait_until_done()
    told = {taken.recipient for taken in bench.sink.taken}
    gone = {moved.email, closed.email, *(each.email for each in bench.people[:2])}
    Appointment.objects.filter(user=moved).update(ends=None)
    User.objects.filter(pk=closed.pk).update(is_active=True)
    yield exactly("19 sent to whom it no longer concerns", len(told & gone), "mails", 0)
    yield exactly("19 sent to the others", len(told), "mails", waiting - len(gone))
    yield exactly("19 not sent, and why", bench.states()["superseded"], "messages", len(gone))
    yield exactly("19 in the inbox still", int(Notice.objects.filter(user=closed).exists()), "", 1)


def flapping(bench: Bench) -> Iterator[Row]:
    """20: a figure is corrected to and fro around the threshold."""
    from projects import facts
    from projects.alerts.models import Alert
    from projects.alerts.scan import scan
    from projects.models import Progress
    from projects.notices.models import Notice

    forget_alerts(bench)
    project = bench.projects[0]
    for turn in range(10):
        amount = 0 if turn % 2 == 0 else 600_000
        facts.record(project, Progress.Channel.REPORTED, date(2023, 6, 30), amount=amount)
        scan(date.fromisoformat(DAY), listing=False)
    rule = {
        "project": project,
        "rule__code": Alert.objects.filter(project=project).values_list("rule__code", flat=True)[0],
    }
    opened = Notice.objects.filter(project=project, key__contains=":opened:", user=bench.people[0])
    yield number("20 figure to and fro, ten scans: told of as opened", opened.count(), "notices", 1)
    yield number("20 open at once", Alert.objects.open().filter(**rule).count(), "alerts", 1)


CHECKS: Final[tuple[Callable[[Bench], Iterator[Row]], ...]] = (
    scans_at_once,
    killed_senders,
    killed_before_noting,
    frozen_sender,
    broker_gone,
    no_broker,
    database_gone,
    server_down,
    dropped_after_data,
    hanging_server,
    refusals,
    no_permission,
    chat_services,
    two_schedulers,
    wrong_clocks,
    long_silence,
    poisoned,
    no_longer_so,
    flapping,
)


def main() -> None:
    folder, *more = sys.argv[1:]
    only = [name for name in more if name != "--short"]
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    bench = Bench(Path(folder), "--short" in more)
    try:
        bench.build()
        for check in CHECKS:
            if only and check.__name__ not in only:
                continue
            begun = time.monotonic()
            for row in check(bench):
                say(**asdict(row))
            bench.clean()
            sys.stderr.write(f"· {check.__name__} {time.monotonic() - begun:.1f} s\n")
    except Failure as failure:
        say(failure=str(failure))
    finally:
        bench.close()


def say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
