"""Where notices are left: the inbox of a person. What stands here was told, whatever becomes of the mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now

from projects.notices import truth
from projects.notices.groups import group_of, is_mandatory
from projects.notices.models import Notice, Preference
from projects.standings.among import listed
from zones import bulk
from zones.models import User

CHUNK = 400  # rows per statement: below the number of variables that every SQLite takes


@dataclass(frozen=True)
class Draft:
    """A notice to be left. `key` says which event it is: the same key never reaches the same person twice.

    `kind` is a key of `projects.notices.models.KINDS`, or a short Chinese word. `todo` says that the person is to do
    something about it (see `truth.register`), and has him reminded until it is done; `replies` names what of it he
    may do by a link in the mail (see `replying.register`). `path` is a link within the site,
    such as /admin/projects/project/12/change/; anything else raises ValueError, as does an empty key or sentence.
    """

    user_id: int
    key: str
    kind: str
    sentence: str
    path: str
    project_id: int | None = None
    zone_id: int | None = None
    urgent: bool = False
    todo: bool = False
    replies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A browser reads // and /\ as the beginning of another host.
        if not self.path.startswith("/") or self.path[1:2] in {"/", "\\"}:
            raise ValueError(f"not a path of this site: {self.path!r}")
        # The database would refuse these on one engine and, ignoring conflicts, drop them in silence on the other.
        if not self.key or not self.kind or not self.sentence:
            raise ValueError("a notice needs a key, a kind and a sentence")


def leave(drafts: Iterable[Draft], *, hold: int | None = None) -> int:
    """Put the drafts into the inboxes and return how many are new. Those that are there already stay as they are.
    Under a `hold` (its key, see `confirming`) nobody sees them yet.

    Opens no transaction of its own, so that an event and its notices are written together or not at all. When two
    writers leave the same draft at once there is still one notice, but both may count it.
    """
    wanted = {(draft.user_id, draft.key): draft for draft in drafts}
    if not wanted:
        return 0
    silent = _unwanted(wanted.values())
    rows = [_notice(draft, hold, silent) for draft in wanted.values()]
    if bulk.copies(rows):
        return bulk.insert_unknown(rows)
    return sum(_leave_chunk(chunk, hold, silent) for chunk in _chunks(list(wanted.values())))


def _unwanted(drafts: Iterable[Draft]) -> dict[int, set[str]]:
    """The groups of which people have said that the inbox is enough. One statement."""
    chosen = Preference.objects.exclude(inbox_only=[]).filter(user__in=listed(sorted({d.user_id for d in drafts})))
    return {user_id: set(codes) for user_id, codes in chosen.values_list("user", "inbox_only")}


# ---- What becomes of them ------------------------------------------------------------------------------
def unread_count(user: Any, most: int | None = None) -> int:
    """How many notices the person has not read, of his own and of those he stands in for; not counted past `most`."""
    return Notice.objects.visible_to(user).mine(user).unread().order_by()[:most].count()


def mark_read(notices: Any, *, by: User | None = None) -> int:
    """Mark the unread ones of a queryset as read now; returns how many were unread. `by` is who read them."""
    return _unordered(notices).filter(read_at=None).update(read_at=Now(), **_acting(by))


def mark_done(notices: Any, *, by: User | None = None) -> int:
    """已办: mark those of a queryset that are not done as done now, and as read; returns how many there were."""
    rows = _unordered(notices).filter(done_at=None)
    return rows.update(done_at=Now(), read_at=Coalesce("read_at", Now()), **_acting(by))


def settle(user: Any) -> int:
    """Mark as done what asked the person for something that was answered meanwhile, by whomever; how many."""
    waiting = Notice.objects.visible_to(user).mine(user).unfinished()
    keys = dict(_unordered(waiting).values_list("pk", "key"))
    return len(settled(keys))


def settled(unfinished: Mapping[int, str]) -> set[int]:
    """Of unfinished notices, the key of each by its pk, those that were answered meanwhile; they are marked as done."""
    left = truth.to_do(unfinished.values()) if unfinished else set()
    done = {pk for pk, key in unfinished.items() if key not in left}
    if done:
        rows = Notice.objects.filter(pk__in=listed(sorted(done)), done_at=None)
        rows.update(done_at=Now(), read_at=Coalesce("read_at", Now()))
    return done


def _unordered(notices: Any) -> Any:
    return notices.order_by()


def _acting(by: User | None) -> dict[str, Any]:
    """Who did it in the place of another."""
    if by is None:
        return {}
    field = Notice._meta.get_field("acted_by")
    return {"acted_by": Case(When(~Q(user_id=by.pk), then=Value(by.pk)), default=F("acted_by"), output_field=field)}


def _leave_chunk(drafts: list[Draft], hold: int | None, silent: dict[int, set[str]]) -> int:
    known = set(
        Notice.objects.filter(
            user_id__in={draft.user_id for draft in drafts}, key__in={draft.key for draft in drafts}
        ).values_list("user_id", "key")
    )
    new = [_notice(draft, hold, silent) for draft in drafts if (draft.user_id, draft.key) not in known]
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _notice(draft: Draft, hold: int | None, silent: dict[int, set[str]]) -> Notice:
    unwanted = group_of(draft.kind).code in silent.get(draft.user_id, ()) and not is_mandatory(draft)
    return Notice(
        user_id=draft.user_id,
        key=draft.key,
        kind=draft.kind,
        sentence=draft.sentence,
        path=draft.path,
        project_id=draft.project_id,
        zone_id=draft.zone_id,
        urgent=draft.urgent,
        todo=draft.todo,
        replies=",".join(draft.replies),
        inbox_only=unwanted,
        hold_id=hold,
    )


def _chunks(drafts: list[Draft]) -> Iterator[list[Draft]]:
    for start in range(0, len(drafts), CHUNK):
        yield drafts[start : start + CHUNK]
