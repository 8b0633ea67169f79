"""外出 and 交接: who answers for whom, and from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from projects.notices.models import Absence, remember_absences
from projects.standings.among import listed
from zones import clock
from zones.models import Appointment, User
from zones.permissions import Action, may, paths, remember

LONGEST: Final = timedelta(days=366)
Kind = Absence.Kind


@transaction.atomic
def arrange(
    user: User,
    substitute: User,
    *,
    by: User,
    starts: date,
    ends: date | None,
    kind: str = Kind.LEAVE,
    reason: str = "",
) -> Absence:
    """Let `substitute` be told in the place of `user` from one day to another, or for good. The same once more is the
    same. Who is away himself stands in for nobody, so that nothing is passed on from hand to hand.

    Raises ValidationError for days that do not fit, for a substitute who is away or may not read what `user` reads, and
    where one of the two has arranged otherwise.
    """
    # Both, in one order: what one of them arranges at the same time is seen.
    list(User.objects.select_for_update(no_key=True).filter(pk__in=[user.pk, substitute.pk]).order_by("pk"))
    same = Absence.objects.filter(taken_back_at=None, user=user, substitute=substitute, kind=kind)
    if known := same.filter(starts=starts, ends=ends).first():
        return known
    _check_days(kind, starts, ends)
    _check_substitute(user, substitute)
    _check_others(user, substitute, starts, ends)
    return Absence.objects.create(
        user=user, substitute=substitute, kind=kind, starts=starts, ends=ends, reason=reason.strip()[:100], by=by
    )


@transaction.atomic
def end(absence: Absence) -> Absence:
    """He is back: from today on all is his own again. What had not begun is taken back. Once it is over, more of it
    changes nothing.
    """
    row = Absence.objects.select_for_update(no_key=True).get(pk=absence.pk)
    today = clock.today()
    if row.taken_back_at or (row.ends and row.ends < today):
        return row
    if row.starts < today:
        row.ends = today - timedelta(days=1)
        row.save(update_fields=["ends"])
    else:
        Absence.objects.filter(pk=row.pk).update(taken_back_at=Now())
    row.refresh_from_db()
    return row


def of(user: User) -> Absence | None:
    """The absence of a person that holds today."""
    return Absence.objects.in_force(clock.today()).filter(user=user).select_related("substitute").first()


def substitutes(day: date) -> dict[int, int]:
    """Who stands in for whom on a day: the substitute by the key of who is away. One statement."""
    return dict(Absence.objects.in_force(day).values_list("user", "substitute"))


class Rights:
    """What people hold today and for whom they stand in, read at once for all of them: two statements."""

    def __init__(self, people: Iterable[int]) -> None:
        self._day = clock.today()
        keys = listed(sorted(people))
        self._held: dict[int, set[tuple[str, str]]] = defaultdict(set)
        appointments = Appointment.objects.in_force(self._day).filter(user__in=keys)
        for user_id, role, path in appointments.values_list("user", "role", "zone__path"):
            self._held[user_id].add((role, path))
        self._away: dict[int, dict[int, date]] = defaultdict(dict)
        rows = Absence.objects.in_force(self._day).filter(substitute__in=keys)
        for substitute, absent, since in rows.values_list("substitute", "user", "starts"):
            self._away[substitute][absent] = since

    def give(self, user: User) -> None:
        """Let one of them know his."""
        remember(user, self._day, self._held[user.pk])
        remember_absences(user, self._day, self._away[user.pk])


# ---- What does not fit -----------------------------------------------------------------------------------
def _check_days(kind: str, starts: date, ends: date | None) -> None:
    if kind == Kind.LEAVE and ends is None:
        raise ValidationError({"ends": "请填写结束日期；不再回来的请选“交接”"})
    if ends and ends < starts:
        raise ValidationError({"ends": f"不能早于开始日期 {starts:%Y-%m-%d}"})
    if ends and ends < clock.today():
        raise ValidationError({"ends": "结束日期已过，不必登记"})
    if starts > clock.today() + LONGEST or (ends and ends > starts + LONGEST):
        raise ValidationError({"ends": "只能登记一年以内的日期；不再回来的请选“交接”"})


def _check_substitute(user: User, substitute: User) -> None:
    if user.pk == substitute.pk:
        raise ValidationError({"substitute": "代办人不能是本人"})
    if not substitute.is_active:
        raise ValidationError({"substitute": f"{substitute}的账号已停用，请换一位"})
    unread = [
        path for path in paths(user, Action.READ) if not any(path.startswith(p) for p in paths(substitute, Action.READ))
    ]
    if unread or (not may(substitute, Action.READ) and not paths(substitute, Action.ADMINISTER_ACCOUNTS)):
        raise ValidationError(
            {"substitute": f"{substitute}看不到{user}负责区域的数据，不能代办，请换一位或先由安全管理员任职"}
        )


def _check_others(user: User, substitute: User, starts: date, ends: date | None) -> None:
    then = Absence.objects.filter(Q(ends=None) | Q(ends__gte=starts), taken_back_at=None)
    if ends:
        then = then.filter(starts__lte=ends)
    then = then.select_related("user", "substitute")
    if other := then.filter(user=user).first():
        raise ValidationError(f"这几天已有登记：{other}。请先结束原来的登记")
    if other := then.filter(user=substitute).first():
        raise ValidationError({"substitute": f"{substitute}这几天也不在（{other}），请换一位"})
    if other := then.filter(substitute=user).first():
        raise ValidationError(f"{user}这几天正代{other.user}办理（{other}），请先为{other.user}改换代办人")
