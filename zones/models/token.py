"""Tokens by which other systems sign in as a person."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Now

from zones import clock
from zones.models.appointment import holding
from zones.models.user import User
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

PREFIX: Final = "sgyp_"  # so that a token in a log or a repository is recognised as one
LONGEST: Final = 366  # days


def digest_of(key: str) -> str:
    """What is stored of a key. It is random through and through, so one round of hashing is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


class ApiTokenQuerySet(ScopedQuerySet):
    """Tokens: one's own, and those of the accounts that one administers."""

    def visible_to(self, user: Any) -> ApiTokenQuerySet:
        if not getattr(user, "is_active", False):
            return self.none()
        administered = User.objects.writable_by(user).values("pk")
        return self.filter(Q(user=user.pk) | Q(user__in=administered))

    def writable_by(self, user: Any) -> ApiTokenQuerySet:
        """Who sees a token may revoke it."""
        return self.visible_to(user)

    def of_key(self, key: str) -> ApiTokenQuerySet:
        """The token with its user; `expired` by the database's clock; once for each `role` and zone `path` that the
        user holds today, and once with None if he holds none.
        """
        held = FilteredRelation("user__appointments", condition=holding(clock.today(), "user__appointments__"))
        rows = self.filter(digest=digest_of(key)).select_related("user").alias(held=held)
        return rows.annotate(expired=Q(expires_at__lte=Now()), role=F("held__role"), path=F("held__zone__path"))


class ApiToken(ScopedModel):
    """A way to sign in as `user` until `expires_at` or until it is revoked. The key is shown once and never stored."""

    zone_lookup: ClassVar[str] = "user__department__zone"

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens", verbose_name="用户")
    name = models.CharField("用途", max_length=60, help_text="哪个系统用它，如：市级平台同步")
    digest = models.CharField("摘要", max_length=64, unique=True, editable=False)
    hint = models.CharField("开头", max_length=12, editable=False)
    may_write = models.BooleanField("可以写入", default=False)
    created_at = models.DateTimeField("建立时间", db_default=Now())
    expires_at = models.DateTimeField("到期时间")
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True, editable=False)
    last_used_on = models.DateField("最近使用", null=True, blank=True, editable=False)

    objects = ScopedManager.from_queryset(ApiTokenQuerySet)()

    class Meta:
        verbose_name = "接口令牌"
        verbose_name_plural = "接口令牌"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name}（{self.hint}…）"

    @classmethod
    def issue(cls, user: User, name: str, *, days: int, may_write: bool = False) -> tuple[ApiToken, str]:
        """A new token and its key, which cannot be had again. Raises ValidationError for more than a year."""
        if not 1 <= days <= LONGEST:
            raise ValidationError({"days": f"有效期应为 1 到 {LONGEST} 天"})
        if not name.strip():
            raise ValidationError({"name": "请写明令牌给哪个系统用"})
        key = PREFIX + secrets.token_urlsafe(32)
        token = cls(user=user, name=name.strip()[:60], digest=digest_of(key), hint=key[:9], may_write=may_write)
        token.expires_at = Now() + timedelta(days=days)
        token.save()
        token.refresh_from_db()
        return token, key

    def revoke(self) -> None:
        """Let it be used no more. Again changes nothing."""
        type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=Now())
