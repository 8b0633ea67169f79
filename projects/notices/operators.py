"""Who hears of what goes wrong with the telling: by a notice, as anybody hears of anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.urls import reverse

from projects.notices import inbox, truth
from projects.notices.inbox import Draft
from projects.notices.models import ChannelState, Delivery, Notice
from projects.notices.outlets import PREFIX as OUTLET
from projects.notices.outlets import Outlet
from zones import clock
from zones.models import Appointment, User
from zones.models.zone import ancestors_of
from zones.permissions import Role

KIND: Final = "系统运行"
PREFIX: Final = "channel"
ADDRESS: Final = "noaddress"
NO_ADDRESS: Final = "{}没有登记邮箱，预警和通知只能在系统内看到。请在用户页补登邮箱。"


def administrators() -> set[int]:
    """Who looks after the system, wherever: a channel is everybody's."""
    held = Appointment.objects.in_force(clock.today()).filter(role=Role.SYSTEM, user__is_active=True)
    return set(held.values_list("user", flat=True))


def administrators_of(user: User | None) -> set[int]:
    """Who administers the account; where that is nobody, all who look after the system."""
    return keepers(_places(user) if user else set())


def keepers(places: set[str]) -> set[int]:
    """Who administers one of the zones, by their paths; where that is nobody, all who look after the system."""
    above = {each for path in places for each in [*ancestors_of(path), path]}
    held = Appointment.objects.in_force(clock.today()).filter(role=Role.SYSTEM, user__is_active=True)
    return set(held.filter(zone__path__in=above).values_list("user", flat=True)) or administrators()


def _places(user: User) -> set[str]:
    found = set(Appointment.objects.filter(user=user).values_list("zone__path", flat=True))
    return found | ({user.department.zone.path} if user.department else set())


def tell_of_channel(state: ChannelState) -> int:
    """A channel is out of reach: once for each time that it goes down, to who can mend it."""
    since = state.down_since
    sentence = f"通知渠道“{state}”发不出消息：{state.trouble}。待发的消息都保留着，恢复后自动补发。"
    key = f"{PREFIX}:{state.pk}:{since:%Y%m%d%H%M%S}"
    path = reverse("admin:projects_notices_delivery_operating")
    return _leave(_keepers_of(state.pk), key, sentence, path)


def _keepers_of(channel: str) -> set[int]:
    """Who looks after an outlet's zone; of mail, who looks after the system wherever."""
    outlet = Outlet.objects.filter(pk=channel.partition(":")[2]).first() if channel.startswith(OUTLET) else None
    return keepers({outlet.zone.path}) if outlet else administrators()


def tell_of_failed(deliveries: Iterable[Delivery]) -> int:
    """Messages were given up: each administrator hears of it once a day, and finds all of them in the list."""
    day = clock.today()
    told = {person for delivery in deliveries for person in administrators_of(delivery.user)}
    return _leave(told, f"failed:{day:%Y-%m-%d}", "有消息最终未能送达，原因见“送达”列表。")


def tell_of_address(delivery: Delivery, reason: str) -> int:
    """An address has refused for good, again and again, and is written to no more."""
    sentence = (
        f"{delivery.user or delivery.address} 的地址 {delivery.address} 多次退信，已停用：{reason}。请核对后更正。"
    )
    return _leave(administrators_of(delivery.user), f"address:{delivery.channel}:{delivery.pk}", sentence)


def tell_of_no_address(people: Iterable[int]) -> int:
    """Who is to be written to and has no address at all: once, to who administers the account."""
    rows = User.objects.filter(pk__in=list(people), email="", is_active=True).select_related("department__zone")
    known = set(Notice.objects.filter(key__in=[f"{ADDRESS}:{user.pk}" for user in rows]).values_list("key", flat=True))
    new = [user for user in rows if f"{ADDRESS}:{user.pk}" not in known]
    return sum(
        _leave(administrators_of(user), f"{ADDRESS}:{user.pk}", NO_ADDRESS.format(user), _account(user)) for user in new
    )


def still_without(keys: Any) -> set[str]:
    """Of notices that somebody has no address those of which it is still so."""
    people = User.objects.filter(pk__in=[int(key.partition(":")[2]) for key in keys], email="", is_active=True)
    return {f"{ADDRESS}:{pk}" for pk in people.values_list("pk", flat=True)}


def still_down(keys: Any) -> set[str]:
    """Of notices that a channel was out of reach, those of which it still is."""
    down = ChannelState.objects.exclude(down_since=None)
    return {f"{PREFIX}:{state.pk}:{state.down_since:%Y%m%d%H%M%S}" for state in down} & set(keys)


def watch() -> None:
    """Answer for the keys of this room; called once."""
    truth.register(PREFIX, still_down)
    truth.register(ADDRESS, still_without)


def _account(user: User) -> str:
    return reverse("admin:zones_user_change", args=[user.pk])


def _leave(people: Iterable[int], key: str, sentence: str, path: str = "") -> int:
    path = path or reverse("admin:projects_notices_delivery_changelist")
    return inbox.leave(Draft(user_id=each, key=key, kind=KIND, sentence=sentence, path=path) for each in sorted(people))
