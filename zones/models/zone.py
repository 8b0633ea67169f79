"""The tree of zones and their dated names."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, ProtectedError, Q, Value
from django.db.models.functions import Concat, Substr

from zones import clock
from zones.models.versioned import Versioned
from zones.permissions import Action
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

# Lower case only: SQLite compares prefixes without regard to case, and the path must mean the same everywhere.
CODE = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


def in_force(day: date) -> Q:
    """Names in use on `day`: from the first day of use up to, not including, the day it was given up."""
    return Q(Q(valid_from=None) | Q(valid_from__lte=day)) & Q(Q(valid_to=None) | Q(valid_to__gt=day))


class ZoneQuerySet(ScopedQuerySet):
    """Zones by name and by place in the tree."""

    def within(self, zone: Zone) -> ZoneQuerySet:
        """`zone` and everything below it."""
        return self.filter(path__startswith=zone.path)

    def named(self, text: str, on: date | None = None) -> ZoneQuerySet:
        """Zones that bear, or ever bore, the full or short name `text`; with `on`, only if they bore it that day."""
        text = text.strip()
        if not text:
            return self.none()
        names = ZoneName.objects.filter(Q(name=text) | Q(short_name=text), zone=OuterRef("pk"))
        return self.filter(Exists(names.filter(in_force(on)) if on else names))

    def delete(self) -> tuple[int, dict[str, int]]:
        rows: Any = self
        raise ProtectedError("区域不能删除，只能停用", set(rows))


class Zone(Versioned, ScopedModel):
    """A node of the tree province → city → county → development zone → park. Never deleted; its names are dated."""

    class Kind(models.TextChoices):
        PROVINCE = "province", "省"
        CITY = "city", "市"
        COUNTY = "county", "县（市、区）"
        ZONE = "zone", "开发区"
        PARK = "park", "园区"

        @property
        def rank(self) -> int:
            return list(type(self)).index(self)

    zone_lookup: ClassVar[str] = ""
    read_actions: ClassVar[tuple[str, ...]] = (
        Action.READ,
        Action.ADMINISTER_ACCOUNTS,
        Action.ADMINISTER_PERMISSIONS,
        Action.READ_AUDIT,
    )
    write_actions: ClassVar[tuple[str, ...]] = (Action.ADMINISTER_ACCOUNTS,)

    code = models.CharField(
        "代号",
        max_length=40,
        unique=True,
        validators=[RegexValidator(CODE, "代号只能用小写字母、数字和短横线")],
        help_text="小写字母、数字和短横线，如 zzgx；用在网址和导入文件里",
    )
    kind = models.CharField("类别", max_length=16, choices=Kind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级区域"
    )
    path = models.CharField("路径", max_length=255, unique=True, editable=False)
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True)
    national_code = models.CharField("行政区划代码", max_length=12, blank=True, help_text="GB/T 2260 代码或统计扩展码")
    return_day = models.PositiveSmallIntegerField(
        "月报截止日",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="每月几日报送截止；不填为当月最后一天",
    )
    active = models.BooleanField("启用", default=True)
    is_demo = models.BooleanField("演示", default=False)

    objects = ScopedManager.from_queryset(ZoneQuerySet)()

    class Meta:
        verbose_name = "区域"
        verbose_name_plural = "区域"
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                condition=Q(return_day=None) | Q(return_day__range=(1, 31)),
                name="zones_zone_return_day",
                violation_error_message="月报截止日应在 1 到 31 之间",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def ancestor_paths(self) -> list[str]:
        """Paths of the zones above, the highest first, this one left out."""
        return ancestors_of(self.path)

    def clean(self) -> None:
        super().clean()
        self._check_place()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, keeping `path` of this zone and of all below it, and the dated name that is in force."""
        with transaction.atomic():
            before = None if self._state.adding else _stored_path(self.pk)
            self._check_place()
            self.path = f"{self._stored_parent_path()}{self.code}/"
            super().save(*args, **_with_path(kwargs))
            if before and before != self.path:
                self._carry_descendants(before)
            self._keep_current_name()

    def save_checked(self, expected_version: int, **kwargs: Any) -> None:
        with transaction.atomic():
            self._claim(expected_version)
            self.save(**kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ProtectedError("区域不能删除，只能停用", {self})

    def rename(self, name: str, short_name: str = "", *, on: date) -> None:
        """Bear a new name from `on`; the old one stays on record. Raises ValidationError for a day to come."""
        if on > clock.today():
            raise ValidationError({"valid_from": "更名日期不能晚于今天"})
        with transaction.atomic():
            current = self.names.filter(in_force(on)).first()
            if current and current.valid_from == on:
                raise ValidationError({"valid_from": "这一天已经更过名"})
            if current:
                ZoneName.objects.filter(pk=current.pk).update(valid_to=on)
            after = current.valid_to if current else None
            ZoneName.objects.create(zone=self, name=name, short_name=short_name, valid_from=on, valid_to=after)
            self.refresh_from_db(fields=["name", "short_name", "version"])

    def name_on(self, day: date) -> str:
        """The full name the zone bore on `day`; the present one if nothing is known of that day."""
        found = self.names.filter(in_force(day)).values_list("name", flat=True).first()
        return found or self.name

    def _check_place(self) -> None:
        if not CODE.match(self.code):
            raise ValidationError({"code": "代号只能用小写字母、数字和短横线"})
        if not self.parent:
            return
        if self.pk and f"/{self.code}/" in self.parent.path:
            raise ValidationError({"parent": "上级区域不能是自己或自己的下级"})
        if self.Kind(self.parent.kind).rank >= self.Kind(self.kind).rank:
            raise ValidationError({"parent": "上级区域的层级应高于本区域"})

    def _stored_parent_path(self) -> str:
        # Not `self.parent.path`: the parent in memory may have moved since it was read.
        if not self.parent_id:
            return "/"
        return _stored_path(self.parent_id)

    def _carry_descendants(self, before: str) -> None:
        # Two steps would clash with the unique path only if a target existed, which codes (unique) rule out.
        Zone.objects.filter(path__startswith=before).exclude(pk=self.pk).update(
            path=Concat(Value(self.path), Substr(F("path"), len(before) + 1))
        )

    def _keep_current_name(self) -> None:
        current = self.names.filter(in_force(clock.today())).first()
        if current is None:
            ZoneName.objects.bulk_create([ZoneName(zone=self, name=self.name, short_name=self.short_name)])
        elif (current.name, current.short_name) != (self.name, self.short_name):
            ZoneName.objects.filter(pk=current.pk).update(name=self.name, short_name=self.short_name)


class ZoneName(ScopedModel):
    """A name that a zone bears from one day up to another. `valid_to` is the first day it is no longer used."""

    zone_lookup: ClassVar[str] = "zone"
    read_actions: ClassVar[tuple[str, ...]] = Zone.read_actions
    write_actions: ClassVar[tuple[str, ...]] = Zone.write_actions

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="names", verbose_name="区域")
    name = models.CharField("名称", max_length=100, db_index=True)
    short_name = models.CharField("简称", max_length=40, blank=True, db_index=True)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True, help_text="从这一天起不再使用")

    class Meta:
        verbose_name = "名称沿革"
        verbose_name_plural = "名称沿革"
        ordering = ["zone_id", F("valid_from").asc(nulls_first=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lt=F("valid_to")),
                name="zones_zonename_from_before_to",
                violation_error_message="停用日期应晚于启用日期",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.zone_id and self._overlapping().exists():
            raise ValidationError("这段时间与该区域的另一个名称重叠")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self._mirror()

    def _overlapping(self) -> models.QuerySet[ZoneName]:
        others = ZoneName.objects.filter(zone_id=self.zone_id).exclude(pk=self.pk)
        if self.valid_to:
            others = others.filter(Q(valid_from=None) | Q(valid_from__lt=self.valid_to))
        if self.valid_from:
            others = others.filter(Q(valid_to=None) | Q(valid_to__gt=self.valid_from))
        return others

    def _mirror(self) -> None:
        """Write the name of today on the zone itself, so that lists need no join."""
        current = ZoneName.objects.filter(in_force(clock.today()), zone_id=self.zone_id).first()
        if current:
            Zone.objects.filter(pk=self.zone_id).exclude(name=current.name, short_name=current.short_name).update(
                name=current.name, short_name=current.short_name, version=F("version") + 1
            )


def ancestors_of(path: str) -> list[str]:
    """Paths above `path`, the highest first: "/a/b/c/" gives "/a/" and "/a/b/"."""
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]


def _stored_path(pk: int) -> str:
    return Zone.objects.filter(pk=pk).values_list("path", flat=True).get()


def _with_path(kwargs: dict[str, Any]) -> dict[str, Any]:
    if kwargs.get("update_fields") is not None:
        kwargs["update_fields"] = {*kwargs["update_fields"], "path"}
    return kwargs
