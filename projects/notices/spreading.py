"""What outlets tell: a group one message each working morning and the urgent ones at once, a person by an app the same.

A group hears of alerts of its zone and below, as whoever may look at the zone reads them; never what concerns one
person's work or the running of the system. Each step is told once by each outlet (`Told`).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import time
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import models, transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse

from projects.notices import absences, hours, truth
from projects.notices.channels import service
from projects.notices.channels.base import Refused
from projects.notices.channels.service import inbox
from projects.notices.channels.words import left_out
from projects.notices.composing import DEMO, NEWS, cannot_be_built
from projects.notices.groups import worst_first
from projects.notices.hours import Moment
from projects.notices.models import Delivery, Notice, Preference
from projects.notices.outlets import ChatAccount, Outlet, Told
from projects.standings.among import listed
from zones.models import User

log = logging.getLogger(__name__)

FOR_GROUPS: Final = ("red", "orange", "yellow", "worsened", "eased", "closed")
OF_ALERTS: Final = "alert:"  # how the keys of their notices begin
LINES: Final = 50  # of one message, however much the service takes


def spread(moment: Moment | None = None) -> int:
    """Write what is due to groups and, by apps, to persons; returns how many messages, each one transaction."""
    moment = moment or hours.now()
    outlets = list(Outlet.objects.filter(enabled=True).order_by("pk"))
    away = absences.substitutes(moment.day) if outlets else {}
    return sum(_spread(outlet, moment, away) for outlet in outlets)


def _spread(outlet: Outlet, moment: Moment, away: dict[int, int]) -> int:
    """Nobody waits for an outlet for which it fails."""
    try:
        return _to_persons(outlet, moment, away) if outlet.to_persons else int(_to_group(outlet.pk, moment))
    except AnyDatabaseError:
        raise
    except Exception:
        log.exception("nothing could be written for outlet %s", outlet.pk)
        return 0


# ---- Groups ----------------------------------------------------------------------------------------------
@transaction.atomic
def _to_group(pk: int, moment: Moment) -> bool:
    outlet = _locked(pk)
    if outlet is None or moment.is_quiet(Preference()):
        return False
    morning = outlet.digest and moment.reached(outlet.digest_at) and outlet.digested_on != moment.day
    if not (morning or outlet.urgent):
        return False
    news = _seen_by_group(outlet).filter(created_at__gt=Now() - NEWS).filter(created_at__gt=outlet.since)
    rows = _now(news, moment, outlet.digest_at if morning else None)
    if not _write(outlet, None, _first_of_each(_untold(rows, outlet, None))):
        return False
    if morning:
        Outlet.objects.filter(pk=pk).update(digested_on=moment.day)
    return True


def _locked(pk: int) -> Outlet | None:
    # Whoever holds the row composes for it; the other passes by. SQLite has one writer at a time anyway.
    rows = Outlet.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("zone")
    return rows.filter(pk=pk, enabled=True).first()


def _seen_by_group(outlet: Outlet) -> models.QuerySet[Notice]:
    """Notices of alerts that everybody may read who may look at the zone."""
    path: Any = outlet.zone.path
    here = Q(zone__path__startswith=path) & (Q(project=None) | Q(project__zone__path__startswith=path))
    rows: models.QuerySet[Notice] = Notice.objects.filter(here, hold=None, project__withdrawn_at=None)
    return rows.filter(kind__in=FOR_GROUPS, key__startswith=OF_ALERTS)


# ---- Persons ---------------------------------------------------------------------------------------------
def _to_persons(outlet: Outlet, moment: Moment, away: dict[int, int]) -> int:
    accounts = list(ChatAccount.objects.filter(outlet=outlet, user__is_active=True).select_related("user"))
    reached = {each.user_id for each in accounts} - away.keys()
    owners = reached | {absent for absent, substitute in away.items() if substitute in reached}
    rows = Notice.objects.filter(user__in=listed(sorted(owners)), read_at=None, hold=None, inbox_only=False)
    news = _untold(rows.filter(created_at__gt=Now() - NEWS), outlet, OuterRef("user"))
    awaited = set(news.order_by().values_list("user", flat=True).distinct())
    awaited |= {away[each] for each in awaited & away.keys()}
    wishes = hours.wishes(reached & awaited)
    due = [each for each in accounts if each.user_id in wishes]
    return sum(_to_person(outlet, each, moment, wishes[each.user_id]) for each in due)


@transaction.atomic
def _to_person(outlet: Outlet, account: ChatAccount, moment: Moment, wish: Preference) -> bool:
    rows = ChatAccount.objects.select_for_update(skip_locked=True, no_key=True)
    if moment.is_quiet(wish) or not rows.filter(pk=account.pk).exists():
        return False
    user = account.user
    served = Delivery.objects.filter(user=user, channel=outlet.code, morning=moment.day)
    morning = outlet.digest and moment.reached(wish.digest_at)
    morning = morning and not served.exclude(state=Delivery.State.SUPERSEDED).exists()
    if not (morning or outlet.urgent):
        return False
    news = _seen_by(user).filter(read_at=None, inbox_only=False, created_at__gt=Now() - NEWS)
    untold = _untold(_now(news, moment, wish.digest_at if morning else None), outlet, user)
    return _write(outlet, user, _first_of_each(untold), account.account, moment.day if morning else None)


def _seen_by(user: User) -> models.QuerySet[Notice]:
    rows: models.QuerySet[Notice] = Notice.objects.visible_to(user).mine(user)
    return rows


def _now(news: models.QuerySet[Notice], moment: Moment, hour: time | None) -> models.QuerySet[Notice]:
    """What is told now: the urgent, and with a digest of that hour what was left before it."""
    until = moment.beginning(hour) if hour else None
    if hour and until is None:
        return news
    return news.filter(Q(urgent=True) | Q(created_at__lte=until)) if until else news.filter(urgent=True)


# ---- What has been told ------------------------------------------------------------------------------------
def _untold(rows: models.QuerySet[Notice], outlet: Outlet, user: User | OuterRef | None) -> models.QuerySet[Notice]:
    same = Told.objects.filter(outlet=outlet, user=user, key=OuterRef("key"), delivery__isnull=False)
    return rows.filter(~Exists(same))


def _first_of_each(rows: models.QuerySet[Notice]) -> list[Notice]:
    """One notice of each step that still holds, the worst first."""
    first = list(rows.order_by().values("key").annotate(first=Min("pk")).values_list("first", flat=True))
    found = list(Notice.objects.filter(pk__in=listed(first)).select_related("project"))
    holding = truth.holding(notice.key for notice in found)
    return sorted((notice for notice in found if notice.key in holding), key=worst_first)


def still_told(delivery: Delivery) -> tuple[int, list[int]]:
    """How many steps a message carries, and the keys of the rows (`Told`) of those that may still be told."""
    outlet = Outlet.objects.select_related("zone").filter(told__delivery=delivery.pk).first()
    if outlet is None:
        return 0, []
    seen = _seen_by(delivery.user) if delivery.user else _seen_by_group(outlet)
    rows = Told.objects.filter(delivery=delivery.pk).annotate(seen=Exists(seen.filter(pk=OuterRef("notice"))))
    lines = list(rows.order_by("pk").values_list("pk", "key", "seen"))
    holding = truth.holding(key for _, key, visible in lines if visible)
    return len(lines), [pk for pk, key, visible in lines if visible and key in holding]


def address_of(delivery: Delivery) -> str:
    """Where a message goes today: the account that its reader has in the app, empty if he has none any more."""
    if delivery.user is None:
        return delivery.address
    key = delivery.channel.partition(":")[2]
    rows = ChatAccount.objects.filter(outlet=key, user=delivery.user)
    return rows.values_list("account", flat=True).first() or ""


def write_again(delivery: Delivery, left: list[int]) -> Delivery | None:
    """Another message of what is left of one that said too much. The rest stays with the old one."""
    rows = Told.objects.filter(pk__in=listed(left), delivery=delivery.pk)
    notices = sorted(Notice.objects.filter(pk__in=rows.values("notice")).select_related("project"), key=worst_first)
    outlet = Outlet.objects.select_related("zone").filter(told__delivery=delivery.pk).first()
    rows.update(delivery=None)
    if outlet is None or not _write(outlet, delivery.user, notices, address_of(delivery), delivery.morning):
        return None
    return Delivery.objects.filter(channel=delivery.channel, user=delivery.user_id).order_by("-pk").first()


# ---- One message -------------------------------------------------------------------------------------------
def _write(
    outlet: Outlet, user: User | None, notices: Sequence[Notice], address: str = "", morning: Any = None
) -> bool:
    """Store a message with the bytes that are sent; whether there was anything to say."""
    if not notices:
        return False
    delivery = Delivery.objects.create(
        user=user,
        channel=outlet.code,
        address=address or outlet.name,
        message_id=f"msg_{uuid.uuid4().hex}",
        subject=_subject(outlet, user, notices),
        text=_text(user, notices),
        morning=morning,
    )
    rows = [Told(outlet=outlet, user=user, key=notice.key, notice=notice) for notice in notices]
    Told.objects.bulk_create(rows, ignore_conflicts=True, batch_size=400)
    for start in range(0, len(rows), 400):
        keys = [row.key for row in rows[start : start + 400]]
        Told.objects.filter(outlet=outlet, user=user, key__in=keys, delivery=None).update(delivery=delivery)
    _freeze(outlet, delivery)
    return True


def _freeze(outlet: Outlet, delivery: Delivery) -> None:
    try:
        delivery.payload = service(outlet).build(delivery)
    except Refused as refusal:
        delivery.state, delivery.last_error = Delivery.State.FAILED, str(refusal)[:300]
    except Exception as error:
        log.exception("delivery %s cannot be built", delivery.pk)
        delivery.last_error = cannot_be_built(error)
    delivery.save(update_fields=["payload", "state", "last_error"])


def _subject(outlet: Outlet, user: User | None, notices: Sequence[Notice]) -> str:
    """Where, and numbers: "高新区：红色预警 2 条、黄色预警 3 条"."""
    marks = DEMO if settings.TRACKER_DEMO or any(_is_demo(notice) for notice in notices) else ""
    marks += "【急】" if any(notice.urgent for notice in notices) else ""
    numbers: dict[str, int] = {}
    for notice in notices:
        numbers[notice.kind_label] = numbers.get(notice.kind_label, 0) + 1
    said = "、".join(f"{label} {count} 条" for label, count in numbers.items())
    return f"{marks}{'三个一批' if user else outlet.zone}：{said}"[:200]


def _text(user: User | None, notices: Sequence[Notice]) -> str:
    written: list[str] = []
    for label, members in groupby(notices[:LINES], key=lambda notice: notice.kind_label):
        written.append(f"【{label}】")
        for number, notice in enumerate(members, 1):
            mark = DEMO if _is_demo(notice) and "演示" not in notice.sentence else ""
            sentence = " ".join(notice.sentence.split())
            written += [f"{number}. {mark}{sentence}", f"   {settings.SITE_URL}{notice.path}"]
    if len(notices) > LINES:
        written.append(left_out(len(notices) - LINES))
    return "\n".join([*written, f"查看全部：{inbox() if user else settings.SITE_URL + reverse('admin:index')}"])


def _is_demo(notice: Notice) -> bool:
    return notice.project is not None and notice.project.is_demo


def let_go(outlet: Outlet) -> int:
    """The outlet is used no more: what waits for it is not sent; how many messages."""
    rows = Delivery.objects.filter(channel=outlet.code, state=Delivery.State.WAITING)
    return rows.update(state=Delivery.State.SUPERSEDED, last_error="这个聊天工具已不再启用")
