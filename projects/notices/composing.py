"""From notices to messages: everything that waits for a person goes into one message, written once."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse

from projects.notices.inbox import CHUNK
from projects.notices.models import KINDS, Delivery, Notice, NoticeQuerySet
from zones.models import User

# News is news for a week. Who gets an address later is not sent the past; it stands in his inbox.
NEWS = timedelta(days=7)
LINES = 50  # of one message; the rest is one link away
HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
DEMO = "【演示】"


@dataclass(frozen=True)
class Line:
    """One notice in a message."""

    sentence: str
    link: str


@dataclass(frozen=True)
class Group:
    """The notices of one kind: how many there are, and those that are written out."""

    label: str
    count: int
    lines: list[Line]


def compose() -> int:
    """Write one message for everybody who has news; returns how many. Notices that are read or old need none.

    Each person is one short transaction; two composers at once write one message between them.
    """
    return sum(compose_for(user_id) for user_id in list(awaited_by()))


def awaited_by() -> models.QuerySet[Any, int]:
    """Ids of the people who are to be written to."""
    reachable = _news().filter(user__is_active=True).exclude(user__email="")
    return reachable.order_by("user_id").values_list("user_id", flat=True).distinct()


def without_address() -> int:
    """How many people have news that no mail can bring: no address, or an account that is closed."""
    stranded = _news().filter(Q(user__is_active=False) | Q(user__email=""))
    return stranded.order_by().values("user_id").distinct().count()


def _news() -> NoticeQuerySet:
    rows: NoticeQuerySet = Notice.objects.waiting().filter(created_at__gt=Now() - NEWS)
    return rows


@transaction.atomic
def compose_for(user_id: int) -> bool:
    """Write one message for one person; whether there was anything to write."""
    user = _locked(user_id)
    notices = sorted(_news_of(user), key=_rank) if user else []
    if not user or not notices:
        return False
    delivery = _write(user, notices)
    keys = [notice.pk for notice in notices]
    for start in range(0, len(keys), CHUNK):
        Notice.objects.filter(pk__in=keys[start : start + CHUNK]).update(delivery=delivery)
    return True


def _locked(user_id: int) -> User | None:
    # Whoever holds the person's row composes for him; the other passes by. SQLite has one writer at a time anyway.
    people = User.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=user_id, is_active=True)
    return people.exclude(email="").first()


def _news_of(user: User) -> NoticeQuerySet:
    """What he may still read today: an appointment may have ended since the notice was left."""
    return _news().visible_to(user).filter(user=user).select_related("project")


def _rank(notice: Notice) -> tuple[bool, int, str, int]:
    order = list(KINDS)
    place = order.index(notice.kind) if notice.kind in order else len(order)
    return not notice.urgent, place, notice.kind_label, notice.pk


def _write(user: User, notices: list[Notice]) -> Delivery:
    context = {
        "greeting": user.display_name or user.post or user.username,
        "total": len(notices),
        "groups": _groups(notices),
        "left_out": max(0, len(notices) - LINES),
        "inbox": settings.SITE_URL + reverse("admin:projects_notices_notice_changelist"),
        "site": settings.UNFOLD["SITE_TITLE"],
        "demo": settings.TRACKER_DEMO,
    }
    return Delivery.objects.create(
        user=user,
        address=user.email,
        message_id=f"<{uuid.uuid4().hex}@{_host()}>",
        subject=subject(notices),
        text=render_to_string("notices/mail.txt", context),
        html=render_to_string("notices/mail.html", context),
    )


def subject(notices: list[Notice]) -> str:
    """Marks and numbers: "【演示】三个一批：红色预警 2 条、黄色预警 3 条"."""
    marks = DEMO if settings.TRACKER_DEMO or any(_is_demo(notice) for notice in notices) else ""
    marks += "【急】" if any(notice.urgent for notice in notices) else ""
    numbers: dict[str, int] = {}
    for notice in notices:
        numbers[notice.kind_label] = numbers.get(notice.kind_label, 0) + 1
    said = "、".join(f"{label} {count} 条" for label, count in numbers.items())
    return " ".join(f"{marks}三个一批：{said}".split())[:200]


def _groups(notices: list[Notice]) -> list[Group]:
    """By kind, in the order of urgency; the most urgent are written out, all are counted."""
    groups, written = [], 0
    for (urgent, label), members in groupby(notices, key=lambda notice: (notice.urgent, notice.kind_label)):
        found = list(members)
        shown = found[: max(0, LINES - written)]
        written += len(shown)
        groups.append(Group(label + "（急）" * urgent, len(found), [_line(notice) for notice in shown]))
    return groups


def _line(notice: Notice) -> Line:
    sentence = " ".join(notice.sentence.split())
    if _is_demo(notice) and "演示" not in sentence:
        sentence = DEMO + sentence
    return Line(sentence, settings.SITE_URL + notice.path)


def _is_demo(notice: Notice) -> bool:
    return notice.project is not None and notice.project.is_demo


def _host() -> str:
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return host if HOST.fullmatch(host) else "localhost"
