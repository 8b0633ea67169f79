"""Where notices are left: the inbox of a person. What stands here was told, whatever becomes of the mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now

from projects.notices.models import Notice
from zones import bulk

CHUNK = 400  # rows per statement: below the number of variables that every SQLite takes


@dataclass(frozen=True)
class Draft:
    """A notice to be left. `key` says which event it is: the same key never reaches the same person twice.

    `kind` is a key of `projects.notices.models.KINDS`, or a short Chinese word. `path` is a link within the site,
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
    rows = [_notice(draft, hold) for draft in wanted.values()]
    if bulk.copies(rows):
        return bulk.insert_unknown(rows)
    return sum(_leave_chunk(chunk, hold) for chunk in _chunks(list(wanted.values())))


def unread_count(user: Any) -> int:
    """How many notices of his own the person has not read."""
    return Notice.objects.visible_to(user).filter(user_id=user.pk).unread().count()


def mark_read(notices: Any) -> int:
    """Mark the unread ones of a queryset as read now; returns how many were unread."""
    return notices.filter(read_at=None).update(read_at=Now())


def _leave_chunk(drafts: list[Draft], hold: int | None) -> int:
    known = set(
        Notice.objects.filter(
            user_id__in={draft.user_id for draft in drafts}, key__in={draft.key for draft in drafts}
        ).values_list("user_id", "key")
    )
    new = [_notice(draft, hold) for draft in drafts if (draft.user_id, draft.key) not in known]
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _notice(draft: Draft, hold: int | None) -> Notice:
    return Notice(
        user_id=draft.user_id,
        key=draft.key,
        kind=draft.kind,
        sentence=draft.sentence,
        path=draft.path,
        project_id=draft.project_id,
        zone_id=draft.zone_id,
        urgent=draft.urgent,
        hold_id=hold,
    )


def _chunks(drafts: list[Draft]) -> Iterator[list[Draft]]:
    for start in range(0, len(drafts), CHUNK):
        yield drafts[start : start + CHUNK]
