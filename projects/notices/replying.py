"""What can be done by one link in a message, without signing in: whose it is, for which notice, and for how long.

A link is good for one person, one notice and one act. Opening it changes nothing, as programs open links, too; a button
does. Whatever the person may not do when signed in he may not do by a link either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse

from projects.admin.acts import Act
from projects.notices.models import LinkUse, Notice
from zones.models import User
from zones.scoped.querysets import visible_rows

PAGE: Final = re.compile(r"/(\w+)/(\w+)/(\d+)/change/$")
ADDRESS: Final = re.compile(r"(/n/)[\w.-]+")
SALT: Final = "projects.notices.replying"
LIFE: Final = timedelta(days=14)
GONE: Final = "这个链接不能再用了"
EXPIRED: Final = f"链接已过期（有效期 {LIFE.days} 天）"

_acts: dict[type[models.Model], dict[str, Act]] = {}


class Unusable(Exception):
    """The link leads nowhere, and why, in a sentence that says nothing of the thing. `forged`: nobody here made it."""

    def __init__(self, reason: str, *, forged: bool = False) -> None:
        super().__init__(reason)
        self.forged = forged


@dataclass(frozen=True)
class Link:
    """A link that was opened: whose, for which notice of which row, to do what. `used` is when it was, if it was."""

    user: User
    notice: Notice
    row: Any
    act: Act
    used: LinkUse | None


def register(model: type[models.Model], *acts: Act) -> None:
    """Let notices that lead to the page of such a row offer these acts by their names (`Draft.replies`)."""
    _acts.setdefault(model, {}).update({act.name: act for act in acts})


def offered(notice: Any, user: Any) -> list[tuple[str, str]]:
    """What the person may do about a notice by a link: the words and the address of each. No statement."""
    acts = _acts_of(notice.path) if notice.replies else {}
    names = [name for name in notice.replies.split(",") if name in acts]
    return [(acts[name].title, settings.SITE_URL + address(notice.pk, user.pk, name)) for name in names]


def address(notice_id: int, user_id: int, name: str) -> str:
    """The address of a link, signed."""
    return reverse("reply", args=[_signer().sign_object([user_id, notice_id, name])])


def masked(text: str) -> str:
    """The text of a message without what makes its links work: whoever may look at it is not the one they are for."""
    return ADDRESS.sub(r"\1…", text)


def opened(token: str) -> Link:
    """What a link stands for. Raises Unusable for one that is forged, over, or whose person may not do it any more."""
    user_id, notice_id, name = _read(token)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    notice = Notice.objects.visible_to(user).mine(user).filter(pk=notice_id).first() if user else None
    if user is None or notice is None:
        raise Unusable(f"{GONE}：您的账号已停用，或不再负责这件事")
    model, pk = _row_of(notice.path)
    act = _acts.get(model, {}).get(name) if model else None
    row = visible_rows(model, user).filter(pk=pk).first() if model and act else None
    if act is None or row is None:
        raise Unusable(f"{GONE}：您已看不到这件事，或它已撤回")
    used = LinkUse.objects.filter(user=user, notice=notice, act=name).first()
    return Link(user, notice, row, act, used)


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=SALT, sep=".")  # a colon ends a link in some readers of mail


def _read(token: str) -> tuple[int, int, str]:
    try:
        user_id, notice_id, name = _signer().unsign_object(token, max_age=LIFE)
        return int(user_id), int(notice_id), str(name)
    except signing.SignatureExpired as error:
        raise Unusable(EXPIRED) from error
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Unusable("链接不完整：请从邮件里完整复制，或登录后办理", forged=True) from error


def _acts_of(path: str) -> dict[str, Act]:
    model, _ = _row_of(path)
    return _acts.get(model, {}) if model else {}


def _row_of(path: str) -> tuple[type[models.Model] | None, str]:
    """The kind of row whose page it is, and its key."""
    found = PAGE.search(path)
    if found is None:
        return None, ""
    names = {(model._meta.app_label, model._meta.model_name): model for model in _acts}
    return names.get((found[1], found[2])), found[3]
