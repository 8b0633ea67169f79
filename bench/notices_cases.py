"""Sends and composes for bench/notices.py: one order, one process, its answer one line of JSON."""

import json
import resource
import smtplib
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import django

LINES: Final = 67  # notices of one person: 300 people and 20,000 alerts


def main() -> None:
    order, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    django.setup()
    from django.conf import settings

    settings.EMAIL_PORT = port
    told = {"fill": fill, "floor": floor, "send": send, "compose": compose}[order](count)
    sys.stdout.write(json.dumps(told) + "\n")


def fill(count: int) -> dict[str, Any]:
    """So many people with an address, appointed in one zone."""
    from django.core.management import call_command

    from zones.models import Appointment, User, Zone

    call_command("migrate", run_syncdb=True, verbosity=0)
    zone = Zone.objects.create(code="bz", kind="zone", name="测算经济技术开发区", short_name="测算区")
    people = [User(username=f"p{n}", display_name=f"第{n}人", email=f"p{n}@example.com") for n in range(count)]
    User.objects.bulk_create(people)
    Appointment.objects.bulk_create(
        Appointment(user=each, zone=zone, role="liaison", starts=date(2020, 1, 1)) for each in people
    )
    return {}


def leave(people: int, each: int, name: str) -> None:
    from projects.notices import inbox
    from projects.notices.inbox import Draft
    from zones.models import User, Zone

    zone = Zone.objects.get()
    keys = list(User.objects.order_by("pk").values_list("pk", flat=True)[:people])
    sentence = "东部传感器产业园项目截至6月底完成投资12亿元，低于序时进度20.0个百分点，已达红色预警标准"
    inbox.leave(
        Draft(pk, f"{name}:{n}", "red" if n % 3 else "yellow", f"{sentence}（{n}）", "/admin/", zone_id=zone.pk)
        for pk in keys
        for n in range(each)
    )


def send(count: int) -> dict[str, Any]:
    """Messages of one line each, by one sender: the seconds, and how memory grew after the first tenth."""
    from projects.notices import composing, delivering

    leave(count, 1, "send")
    composing.compose()
    sent, seconds, effort, peaks = 0, 0.0, 0.0, []
    for share in (count // 10, count):
        begun, computed = time.perf_counter(), time.process_time()
        sent += delivering.deliver(limit=share).sent
        seconds += time.perf_counter() - begun
        effort += time.process_time() - computed
        peaks.append(peak())
    return {"sent": sent, "seconds": seconds, "effort": effort, "grown": peaks[-1] - peaks[0], "peak": peaks[-1]}


def floor(count: int) -> dict[str, Any]:
    """The same bytes by a bare loop of the standard library, over one connection."""
    from django.conf import settings

    from projects.notices.models import Delivery

    rows = [(address, bytes(payload)) for address, payload in Delivery.objects.values_list("address", "payload")]
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", settings.EMAIL_PORT, local_hostname="localhost") as line:
        for address, payload in rows[:count]:
            line.sendmail("tracker@example.com", [address], payload)
    return {"sent": len(rows[:count]), "seconds": time.perf_counter() - begun}


def compose(people: int) -> dict[str, Any]:
    """Digests: seconds for all, and statements of one person with few notices and with ten times as many."""
    from projects.notices import composing
    from zones.models import User

    found = list(User.objects.order_by("pk").values_list("pk", flat=True)[:2])
    leave(1, LINES * 10, "many")
    many = statements(lambda: composing.compose_for(found[0]))
    leave(1, LINES, "few")
    few = statements(lambda: composing.compose_for(found[0]))
    leave(people, LINES, "compose")
    before, begun = peak(), time.perf_counter()
    written = composing.compose()
    return {
        "written": written,
        "seconds": time.perf_counter() - begun,
        "few": few,
        "many": many,
        "grown": peak() - before,
    }


def statements(work: Callable[[], Any]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as context:
        work()
    return len(context)


def peak() -> float:
    """Megabytes that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
