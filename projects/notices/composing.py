"""From notices to messages: everything that waits for a person goes into one message, written once."""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse

from projects.notices import truth
from projects.notices.channels.base import Refused
from projects.notices.channels.mail import Mail
from projects.notices.models import KINDS, Delivery, Notice, NoticeQuerySet, SuspendedAddress
from projects.standings.among import listed
from zones.models import User

log = logging.getLogger(__name__)

# News is news for a week. Who gets an address later is not sent the past; it stands in his inbox.
NEWS = timedelta(days=7)
LINES = 50  # of one message; the rest is one link away
PAST = "在发送之前已不再成立"
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
    return sum(_composed(user_id) for user_id in list(awaited_by()))


def awaited_by() -> models.QuerySet[Any, int]:
    """Ids of the people who are to be written to."""
    reachable = _news().filter(user__is_active=True).exclude(user__email="").exclude(_suspended())
    return reachable.order_by("user_id").values_list("user_id", flat=True).distinct()


def without_address() -> int:
    """How many people have news that no mail can bring: no address, one that is suspended, or a closed account."""
    stranded = _news().filter(Q(user__is_active=False) | Q(user__email="") | _suspended())
    return stranded.order_by().values("user_id").distinct().count()


def _news() -> NoticeQuerySet:
    rows: NoticeQuerySet = Notice.objects.waiting().filter(created_at__gt=Now() - NEWS)
    return rows


def _suspended() -> Exists:
    return Exists(SuspendedAddress.objects.filter(channel=Mail.code, address=OuterRef("user__email")))


def _composed(user_id: int) -> bool:
    """The same as `compose_for`; but nobody waits for a person for whom it fails."""
    try:
        return compose_for(user_id)
    except AnyDatabaseError:
        raise
    except Exception:
        log.exception("no message could be written for user %s", user_id)
        return False


@transaction.atomic
def compose_for(user_id: int) -> bool:
    """Write one message for one person; whether there was anything to write."""
    user = _locked(user_id)
    news = sorted(_news_of(user), key=_rank) if user else []
    holding = truth.holding(notice.key for notice in news)
    notices = [notice for notice in news if notice.key in holding]
    past = [notice for notice in news if notice.key not in holding]
    if user and past:
        _put(past, _create(user, state=Delivery.State.SUPERSEDED, subject=subject(past), last_error=PAST))
    if not user or not notices:
        return False
    for some in _sound(user, notices):
        _put(some, _write(user, some))
    return True


def _put(notices: list[Notice], delivery: Delivery) -> None:
    Notice.objects.filter(pk__in=listed([notice.pk for notice in notices])).update(delivery=delivery)


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


# ---- One message -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Written:
    """What a message says."""

    subject: str
    text: str
    html: str


def _sound(user: User, notices: list[Notice]) -> list[list[Notice]]:
    """The notices by message: all in one, but for each that cannot be written and must not take the others with it."""
    if len(notices) == 1 or _can_be_written(user, notices):
        return [notices]
    sound = [notice for notice in notices if _can_be_written(user, [notice])]
    return [*([sound] if sound else []), *([notice] for notice in notices if notice not in sound)]


def _can_be_written(user: User, notices: list[Notice]) -> bool:
    try:
        written(user, notices)
    except AnyDatabaseError:
        raise
    except Exception:
        log.exception("a message to user %s cannot be built", user.pk)
        return False
    return True


def _write(user: User, notices: list[Notice]) -> Delivery:
    """Store the message with the bytes that are sent. One that cannot be built is stored without them, to be tried."""
    delivery = _create(user)
    try:
        fill(delivery, notices)
    except AnyDatabaseError:
        raise
    except Refused as refusal:
        delivery.state, delivery.last_error = Delivery.State.FAILED, str(refusal)[:300]
    except Exception as error:
        log.exception("delivery %s cannot be built", delivery.pk)
        delivery.last_error = cannot_be_built(error)
    delivery.save(update_fields=["subject", "text", "html", "payload", "state", "last_error"])
    return delivery


def _create(user: User, **values: Any) -> Delivery:
    message_id = f"<{uuid.uuid4().hex}@{_host()}>"
    return Delivery.objects.create(user=user, address=user.email, message_id=message_id, **values)


def fill(delivery: Delivery, notices: list[Notice]) -> None:
    """Give the message its words and its bytes, unsaved. Raises Refused, or whatever a template raises."""
    told = written(delivery.user, sorted(notices, key=_rank))
    delivery.subject, delivery.text, delivery.html = told.subject, told.text, told.html
    delivery.payload = Mail().build(delivery)


def cannot_be_built(error: Exception) -> str:
    """The reason, for who may see the list of messages; the rest is in the log."""
    return f"内容无法生成（{type(error).__name__}），详情见日志"


def written(user: Any, notices: list[Notice]) -> Written:
    """What a message of these notices says to the person."""
    context = {
        "greeting": user.display_name or user.post or user.username,
        "total": len(notices),
        "groups": _groups(notices),
        "left_out": max(0, len(notices) - LINES),
        "inbox": settings.SITE_URL + reverse("admin:projects_notices_notice_changelist"),
        "site": settings.UNFOLD["SITE_TITLE"],
        "demo": settings.TRACKER_DEMO,
    }
    text = render_to_string("notices/mail.txt", context)
    return Written(subject(notices), text, render_to_string("notices/mail.html", context))


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
