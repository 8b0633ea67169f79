"""From notices to messages: each working morning one digest for each person, and the urgent ones at once.

A digest carries what is news, worst first, and repeats what is still to be done, with since when. It is written once.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.utils import parseaddr
from functools import cached_property
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import models, transaction
from django.db.models import Case, Exists, Max, Min, OuterRef, Q, When
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse

from projects.notices import absences, hours, inbox, replying, truth
from projects.notices.channels.base import Refused
from projects.notices.channels.mail import Mail
from projects.notices.groups import is_mandatory, worst_first
from projects.notices.hours import Moment
from projects.notices.models import Delivery, Notice, NoticeQuerySet, Preference, SuspendedAddress
from projects.standings.among import listed
from zones.models import User

log = logging.getLogger(__name__)

# News is news until the longest holidays are over. Who gets an address later is not sent the past.
NEWS: Final = timedelta(days=16)
LINES: Final = 200  # of one message; the rest is one link away
PAST: Final = "在发送之前已不再成立"
HOST: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
DEMO: Final = "【演示】"
REPEATED: Final = "尚未办结"


@dataclass(frozen=True)
class Line:
    """One notice in a message, with what can be done about it by a link."""

    sentence: str
    link: str
    acts: list[tuple[str, str]] = field(default_factory=list)
    since: date | None = None
    instead_of: str = ""


@dataclass(frozen=True)
class Group:
    """The notices of one kind: how many there are, and those that are written out."""

    label: str
    count: int
    lines: list[Line]


# ---- Who is to be written to -----------------------------------------------------------------------------
class Round:
    """The people who are written to in one round, and what has to be known of them all. A few statements."""

    def __init__(self, people: Iterable[int], moment: Moment) -> None:
        self.moment = moment
        self.people = sorted(set(people))

    @cached_property
    def wishes(self) -> dict[int, Preference]:
        """What they have chosen."""
        return hours.wishes(self.people)

    @cached_property
    def served(self) -> set[int]:
        """Who has this morning's digest."""
        return set(_digests(self.moment.day).filter(user__in=listed(self.people)).values_list("user", flat=True))

    @cached_property
    def away(self) -> dict[int, int]:
        """Who stands in for whom."""
        return absences.substitutes(self.moment.day)

    @cached_property
    def rights(self) -> absences.Rights:
        """What they may read."""
        return absences.Rights(self.people)

    def awaits_digest(self, user_id: int) -> bool:
        """Whether the hour of the person's digest has come, and he has none yet."""
        wish = self.wishes[user_id]
        return user_id not in self.served and self.moment.reached(wish.digest_at) and not self.moment.is_quiet(wish)


def compose(moment: Moment | None = None) -> int:
    """Write what is due at the moment (now, if left out); returns for how many people. Notices that are read or old
    need no message.

    Each person is one short transaction; two composers at once write one message between them.
    """
    moment = moment or hours.now()
    people = due(moment)
    this = Round(people, moment)
    return sum(_composed(user_id, this) for user_id in people)


def due(moment: Moment) -> list[int]:
    """Who may have something to be written at the moment, by key. A constant number of statements."""
    away = absences.substitutes(moment.day)
    news = _reachable(_news(), away).values("user").annotate(oldest=Min("created_at"), urgent=Max("urgent_now"))
    oldest, urgent = {}, set()
    for user_id, since, is_urgent in news.values_list("user", "oldest", "urgent"):
        oldest[user_id] = since
        if is_urgent or moment.at is None:
            urgent.add(user_id)
    pending = _reachable(Notice.objects.unfinished().filter(hold=None, day__lt=moment.day), away)
    waiting = set(pending.values_list("user", flat=True).distinct())
    this = Round({*oldest, *waiting, *away.values()}, moment)

    def awaits(pk: int, owner: int) -> bool:
        until = moment.beginning(this.wishes[pk].digest_at)
        known = owner in oldest and (until is None or oldest[owner] <= until)
        return this.awaits_digest(pk) and (known or owner in waiting)

    pairs = [(pk, owner) for owner in {*oldest, *waiting} for pk in {owner, away.get(owner, owner)}]
    return sorted({pk for pk, owner in pairs if owner in urgent or awaits(pk, owner)})


def awaited_by() -> models.QuerySet[Any, int]:
    """Ids of the people for whom there is news that some message can bring, now or in their next digest."""
    people: models.QuerySet[Any, int] = _reachable(_news(), {}).order_by("user_id").values_list("user_id", flat=True)
    return people.distinct()


def _reachable(rows: Any, away: dict[int, int]) -> Any:
    """Notices of people who can be written to, or in whose place somebody else is."""
    can = Q(user__is_active=True) & ~Q(user__email="") & ~_suspended()
    urgent = Case(When(urgent=True, then=1), default=0, output_field=models.IntegerField())
    found = rows.filter(can | Q(user__in=list(away)) if away else can)
    return found.order_by().annotate(urgent_now=urgent)


def without_address() -> models.QuerySet[Any, int]:
    """Ids of the people for whom there is news that no mail can bring: no address, or one that is suspended, or a
    closed account.
    """
    stranded = _news().filter(Q(user__is_active=False) | Q(user__email="") | _suspended())
    return stranded.order_by("user_id").values_list("user_id", flat=True).distinct()


def _news() -> NoticeQuerySet:
    rows: NoticeQuerySet = Notice.objects.waiting().filter(created_at__gt=Now() - NEWS)
    return rows


def _suspended() -> Exists:
    return Exists(SuspendedAddress.objects.filter(channel=Mail.code, address=OuterRef("user__email")))


# ---- One person ------------------------------------------------------------------------------------------
def _composed(user_id: int, this: Round) -> bool:
    """The same as `compose_for`; but nobody waits for a person for whom it fails."""
    try:
        return compose_for(user_id, this)
    except AnyDatabaseError:
        raise
    except Exception:
        log.exception("no message could be written for user %s", user_id)
        return False


@transaction.atomic
def compose_for(user_id: int, this: Round | None = None) -> bool:
    """Write for one person what is due now; whether there was anything to write."""
    this = this or Round([user_id], hours.now())
    user = _locked(user_id)
    if user is None:
        return False
    this.rights.give(user)
    # Asked once more under the person's lock.
    digest = this.awaits_digest(user_id) and not _digests(this.moment.day).filter(user=user).exists()
    news = list(_told_now(user, this, digest=digest))
    older = _unfinished(user, this, besides=news) if digest else []
    done = inbox.settled({each.pk: each.key for each in [*news, *older] if each.todo}) if digest else set()
    notices = _still_true(user, [each for each in news if each.pk not in done])
    repeated = _repeated(user, [each for each in older if each.pk not in done], besides=notices)
    if not notices and not repeated:
        return False
    morning = this.moment.day if digest else None
    for some, told in _sound(user, notices, repeated):
        more = repeated if morning else []
        _put(some, _write(user, some, more, told, morning=morning), more)
        morning = None
    return True


def _told_now(user: User, this: Round, *, digest: bool) -> Iterable[Notice]:
    """What is told him now: in a digest all that was left before its hour, else what is urgent."""
    wish, moment = this.wishes[user.pk], this.moment
    rows = _news_of(user, this)
    if moment.at is None:
        return rows
    quiet, until = moment.is_quiet(wish), moment.beginning(wish.digest_at)
    found = list(rows if digest else rows.filter(urgent=True))
    if quiet:
        return [notice for notice in found if notice.urgent and is_mandatory(notice)]
    return [notice for notice in found if notice.urgent or until is None or notice.created_at <= until]


def _unfinished(user: User, this: Round, *, besides: Sequence[Notice]) -> list[Notice]:
    """What he has had to do since before today, but for the news."""
    rows = told_to(user, this.away).unfinished().filter(day__lt=this.moment.day)
    known = {each.pk for each in besides}
    return [each for each in rows.select_related("project", "user") if each.pk not in known]


def _repeated(user: User, older: list[Notice], *, besides: Sequence[Notice]) -> list[Notice]:
    """What he still has to do: of each thing the latest notice, his own before another's, with the day of the first."""
    told = {each.path for each in besides}
    latest: dict[str, Notice] = {}
    first: dict[str, date] = {}
    for notice in sorted(older, key=lambda each: (each.user_id == user.pk, each.pk)):
        if notice.path not in told:
            latest[notice.path] = notice
            first[notice.path] = min(notice.day, first.get(notice.path, notice.day))
    for path, notice in latest.items():
        notice.since = first[path]  # type: ignore[attr-defined]
    return sorted(latest.values(), key=worst_first)


def _still_true(user: User, news: list[Notice]) -> list[Notice]:
    """Those that hold, worst first. Those that do not are put away as a message that is not sent."""
    news.sort(key=worst_first)
    holding = truth.holding(notice.key for notice in news)
    past = [notice for notice in news if notice.key not in holding]
    if past:
        _put(past, _create(user, state=Delivery.State.SUPERSEDED, subject=subject(past), last_error=PAST))
    return [notice for notice in news if notice.key in holding]


def _put(notices: list[Notice], delivery: Delivery, repeated: Sequence[Notice] = ()) -> None:
    Notice.objects.filter(pk__in=listed([notice.pk for notice in notices])).update(delivery=delivery)
    if repeated:
        Notice.objects.filter(pk__in=listed([notice.pk for notice in repeated])).update(reminder=delivery)


def _digests(day: date) -> models.QuerySet[Delivery]:
    """The digests by mail of a morning; what an outlet tells is beside them."""
    return Delivery.objects.filter(morning=day, channel=Mail.code).exclude(state=Delivery.State.SUPERSEDED)


def _locked(user_id: int) -> User | None:
    # Whoever holds the person's row composes for him; the other passes by. SQLite has one writer at a time anyway.
    return _mailed().select_for_update(skip_locked=True, no_key=True).filter(pk=user_id).first()


def _mailed() -> models.QuerySet[User]:
    """People to whom a mail can be written."""
    blocked = SuspendedAddress.objects.filter(channel=Mail.code, address=OuterRef("email"))
    return User.objects.filter(is_active=True).exclude(email="").exclude(Exists(blocked)).order_by()


def _news_of(user: User, this: Round) -> NoticeQuerySet:
    """What he may still read today and was not told: an appointment may have ended since the notice was left."""
    rows: NoticeQuerySet = told_to(user, this.away).waiting().filter(created_at__gt=Now() - NEWS)
    return rows.select_related("project", "user")


def told_to(user: User, away: dict[int, int]) -> NoticeQuerySet:
    """What is told to him: his own, and that of those he stands in for; while he is `away` what his substitute may not
    read, or all if nothing can be written to that one.
    """
    rows: NoticeQuerySet = Notice.objects.visible_to(user).mine(user)
    stand_in = _mailed().filter(pk=away[user.pk]).first() if user.pk in away else None
    if stand_in is None:
        return rows
    taken = Notice.objects.visible_to(stand_in).filter(user=user)
    return rows.exclude(pk__in=taken.order_by().values("pk"))


# ---- One message -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Written:
    """What a message says."""

    subject: str
    text: str
    html: str


def _sound(user: User, notices: list[Notice], repeated: list[Notice]) -> list[tuple[list[Notice], Written | None]]:
    """The notices by message, each with its words: all in one, but for each that cannot be written and must not take
    the others with it. Of `repeated` those that cannot be written are left out.
    """
    told = _tried(user, notices, repeated)
    if told or len(notices) + len(repeated) <= 1:
        return [(notices, told)]
    repeated[:] = [notice for notice in repeated if _tried(user, [], [notice])]
    sound = [notice for notice in notices if _tried(user, [notice])]
    first = [(sound, _tried(user, sound, repeated))] if sound or repeated else []
    return [*first, *(([notice], None) for notice in notices if notice not in sound)]


def _tried(user: User, notices: list[Notice], repeated: Sequence[Notice] = ()) -> Written | None:
    try:
        return written(user, notices, repeated)
    except AnyDatabaseError:
        raise
    except Exception:
        log.exception("a message to user %s cannot be built", user.pk)
        return None


def _write(
    user: User, notices: list[Notice], repeated: Sequence[Notice], told: Written | None, *, morning: date | None
) -> Delivery:
    """Store the message with the bytes that are sent. One that cannot be built is stored without them, to be tried."""
    at_night = any(notice.urgent and is_mandatory(notice) for notice in notices)
    delivery = _create(user, morning=morning, at_night=at_night)
    try:
        _put_into(delivery, told or written(user, notices, repeated))
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


def fill(delivery: Delivery, notices: list[Notice], repeated: Sequence[Notice] = ()) -> None:
    """Give the message its words and its bytes, unsaved. Raises Refused, or whatever a template raises."""
    _put_into(delivery, written(delivery.user, sorted(notices, key=worst_first), repeated))


def _put_into(delivery: Delivery, told: Written) -> None:
    delivery.subject, delivery.text, delivery.html = told.subject, told.text, told.html
    delivery.payload = Mail().build(delivery)


def cannot_be_built(error: Exception) -> str:
    """The reason, for who may see the list of messages; the rest is in the log."""
    return f"内容无法生成（{type(error).__name__}），详情见日志"


def written(user: Any, notices: Sequence[Notice], repeated: Sequence[Notice] = ()) -> Written:
    """What a message of these notices says to the person; `repeated` is what he was told before and has yet to do."""
    notices = _once(user, notices)
    groups = _groups(user, notices, repeated)
    total = len(notices) + len(repeated)
    context = {
        "greeting": user.display_name or user.post or user.username,
        "news": len(notices),
        "repeated": len(repeated),
        "groups": groups,
        "left_out": total - sum(len(group.lines) for group in groups),
        "preheader": _preheader([*notices, *repeated]),
        "inbox": settings.SITE_URL + reverse("admin:projects_notices_notice_changelist"),
        "wishes": settings.SITE_URL + reverse("admin:projects_notices_preference"),
        "site": settings.UNFOLD["SITE_TITLE"],
        "demo": settings.TRACKER_DEMO,
        "by_link": any(line.acts for group in groups for line in group.lines),
        "life": replying.LIFE.days,
    }
    text = render_to_string("notices/mail.txt", context)
    return Written(subject(notices, repeated), text, render_to_string("notices/mail.html", context))


def _once(user: Any, notices: Sequence[Notice]) -> list[Notice]:
    """Of each step one notice: his own, before that of somebody he stands in for who is told the same."""
    first: dict[str, Notice] = {}
    for notice in sorted(notices, key=lambda each: each.user_id != user.pk):
        first.setdefault(notice.key, notice)
    return [notice for notice in notices if first[notice.key] is notice]


# ---- Its subject -----------------------------------------------------------------------------------------
COLOURS: Final = {"red": "红", "worsened": "升级", "orange": "橙", "yellow": "黄"}
POINTS: Final = re.compile(r"(?:落后|低于|滞后)[^，。；]{0,16}?(\d+)(?:\.\d+)?个百分点")
LATE: Final = re.compile(r"(?:逾期|超期|晚)[^，。；\d]{0,4}(\d+)(天|个整月|个月)")
LEGAL: Final = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,4}(?:省|市|县|区))|(?:股份|集团)?(?:有限)?(?:责任)?公司.*$|(?:建设)?项目.*$"
)
NAMED: Final = 8  # characters of a project's name in a subject


def subject(notices: Sequence[Notice], repeated: Sequence[Notice] = ()) -> str:
    """The point first: "2红3黄：华锐装备落后35点，另有待办4项". An invented one is marked, an urgent one as well."""
    every = [*notices, *repeated]
    marks = DEMO if settings.TRACKER_DEMO or any(_is_demo(notice) for notice in every) else ""
    marks += "【急】" if any(notice.urgent for notice in notices) else ""
    numbers = {sign: sum(notice.kind == kind for notice in notices) for kind, sign in COLOURS.items()}
    coloured = "".join(f"{number}{sign}" for sign, number in numbers.items() if number)
    rest = len(notices) - sum(numbers.values())
    head = coloured or (f"{rest}条通知" if rest > 1 else notices[0].kind_label if notices else f"{len(repeated)}项待办")
    tail = [f"另有{rest}条通知"] if coloured and rest else []
    tail += [f"待办{len(repeated)}项"] if notices and repeated else []
    said = "，".join([f"{head}：{_point(every[0])}", *tail])
    return " ".join(f"{marks}{said}".split())[:200]


def _point(notice: Notice) -> str:
    """Who, and how far behind, in a few characters; where the sentence has no such figure, how it begins."""
    sentence = " ".join(notice.sentence.split())
    name = _short(notice.project.name) if notice.project else ""
    if name and (behind := POINTS.search(sentence)):
        return f"{name}落后{behind[1]}点"
    if name and (late := LATE.search(sentence)):
        return f"{name}逾期{late[1]}{late[2]}"
    return _cut(sentence, 24)


def _short(name: str) -> str:
    """A project as people call it: without its city, its legal form, and that it is a project."""
    return _cut(LEGAL.sub("", name) or name, NAMED)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _preheader(notices: Sequence[Notice]) -> str:
    """What a mailbox shows beside the subject: the first sentences."""
    return _cut("；".join(" ".join(notice.sentence.split()) for notice in notices[:2]), 120)


# ---- Its lines -------------------------------------------------------------------------------------------
def _groups(user: Any, notices: Sequence[Notice], repeated: Sequence[Notice]) -> list[Group]:
    """By kind, worst first, and what is repeated after them; the worst are written out, all are counted."""
    parts = [
        (label + "（急）" * urgent, list(members))
        for (urgent, label), members in groupby(notices, key=lambda notice: (notice.urgent, notice.kind_label))
    ]
    groups, written = [], 0
    for label, found in [*parts, *([(REPEATED, list(repeated))] if repeated else [])]:
        shown = found[: max(0, LINES - written)]
        written += len(shown)
        groups.append(Group(label, len(found), [_line(notice, user) for notice in shown]))
    return groups


def _line(notice: Notice, user: Any) -> Line:
    sentence = " ".join(notice.sentence.split())
    if _is_demo(notice) and "演示" not in sentence:
        sentence = DEMO + sentence
    instead_of = "" if notice.user_id == user.pk else str(notice.user)
    link = settings.SITE_URL + notice.path
    return Line(sentence, link, replying.offered(notice, user), getattr(notice, "since", None), instead_of)


def _is_demo(notice: Notice) -> bool:
    return notice.project is not None and notice.project.is_demo


def _host() -> str:
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return host if HOST.fullmatch(host) else "localhost"
