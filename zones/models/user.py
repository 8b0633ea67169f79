"""People who sign in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q

from zones.models.department import Department
from zones.models.versioned import Versioned
from zones.models.zone import ancestors_of
from zones.permissions import BUSINESS_ROLES, Action, forget, paths
from zones.scoped.querysets import ScopedManager, ScopedQuerySet, under


class UserQuerySet(ScopedQuerySet):
    """People, reached by where they work and where they are appointed."""

    def visible_to(self, user: Any) -> UserQuerySet:
        """Himself, people of the zones he may read, and those who are appointed above these zones.

        A leader of the city can stand for a project of one of its zones, so the zone must be able to name him.
        Who administers accounts or permissions also sees people who have no place yet.
        """
        reach = sorted({p for action in User.read_actions for p in paths(user, action)})
        if not reach:
            return self.none()
        if "/" in reach:
            return self
        return self.filter(pk__in=User._base_manager.filter(self._seen_from(user, reach)).values("pk"))

    def writable_by(self, user: Any) -> UserQuerySet:
        """Accounts that he administers: of his zones, or not placed anywhere yet; never a superuser's."""
        reach = paths(user, Action.ADMINISTER_ACCOUNTS)
        if not reach:
            return self.none()
        if "/" in reach:
            return self
        mine = User._base_manager.filter(is_superuser=False).filter(_placed_in(reach) | _unplaced())
        return self.filter(pk__in=mine.exclude(_placed_outside(reach)).values("pk"))

    def _seen_from(self, user: Any, reach: list[str]) -> Q:
        above = {a for p in reach for a in ancestors_of(p)}
        seen = Q(pk=user.pk) | _placed_in(reach)
        seen |= Q(appointments__zone__path__in=above, appointments__role__in=BUSINESS_ROLES)
        administers = paths(user, Action.ADMINISTER_ACCOUNTS) or paths(user, Action.ADMINISTER_PERMISSIONS)
        return seen | _unplaced() if administers else seen


class AccountManager(ScopedManager.from_queryset(UserQuerySet), UserManager):
    """Creates accounts that may open the officials' screens, which are the whole product."""

    use_in_migrations = False

    def create_user(
        self, username: str, email: str | None = None, password: str | None = None, **extra_fields: Any
    ) -> Any:
        extra_fields.setdefault("is_staff", True)
        return super().create_user(username, email, password, **extra_fields)


class User(Versioned, AbstractUser):
    """A person who signs in. What he may do stands in his appointments, not here."""

    zone_lookup: ClassVar[str] = "department__zone"
    read_actions: ClassVar[tuple[str, ...]] = (
        Action.READ,
        Action.ADMINISTER_ACCOUNTS,
        Action.ADMINISTER_PERMISSIONS,
        Action.READ_AUDIT,
    )
    write_actions: ClassVar[tuple[str, ...]] = (Action.ADMINISTER_ACCOUNTS,)

    display_name = models.CharField("姓名或称呼", max_length=60, blank=True)
    post = models.CharField("职务", max_length=60, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="users", verbose_name="所在单位"
    )
    phone = models.CharField("电话", max_length=30, blank=True)
    is_demo = models.BooleanField("演示", default=False)

    objects = AccountManager()

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def full_label(self) -> str:
        """Name and post with the unit, as on a list of people: "张三（高新区发改局 科长）"."""
        place = " ".join(str(part) for part in (self.department, self.post) if part)
        return f"{self}（{place}）" if place else str(self)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        forget(self)
        super().refresh_from_db(*args, **kwargs)

    def save_checked(self, expected_version: int, **kwargs: Any) -> None:
        super().save_checked(expected_version, **kwargs)
        self._forget_typed_password()

    def _forget_typed_password(self) -> None:
        # AbstractBaseUser.save, which save_checked passes by, would tell the validators of a new password.
        self._password = None


def _placed_in(reach: list[str]) -> Q:
    return under("department__zone", reach) | under("appointments__zone", reach)


def _placed_outside(reach: list[str]) -> Q:
    away = User._base_manager.filter(Q(appointments__isnull=False) & ~under("appointments__zone", reach))
    posted = Q(department__isnull=False) & ~under("department__zone", reach)
    return Q(pk__in=away.values("pk")) | posted


def _unplaced() -> Q:
    return Q(department__isnull=True, appointments__isnull=True)
