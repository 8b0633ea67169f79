"""Rounds of the activity, and which projects were listed in them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from projects import dates
from projects.models.project import Project
from projects.models.withdrawn import StandingManager, Withdrawable
from zones.models import Versioned
from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet


class Batch(models.TextChoices):
    """The three lists, in the order in which a project passes through them."""

    SIGN = "sign", "签约一批"
    START = "start", "开工一批"
    PRODUCE = "produce", "投产一批"

    @property
    def rank(self) -> int:
        return list(type(self)).index(self)


class Series(Versioned, ScopedModel):
    """A numbering of rounds. The zones below the one that runs it take part in it."""

    zone_lookup: ClassVar[str] = "zone"
    inherited: ClassVar[bool] = True

    code = models.SlugField("代号", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    zone = models.ForeignKey("zones.Zone", models.PROTECT, related_name="series", verbose_name="主办区域")

    class Meta:
        verbose_name = "活动"
        verbose_name_plural = "活动"
        ordering: ClassVar = ["zone__path", "code"]

    def __str__(self) -> str:
        return self.name


class PeriodQuerySet(ScopedQuerySet):
    """Rounds that a zone takes part in."""

    def for_zone(self, zone: Any) -> PeriodQuerySet:
        """Rounds of the zone's own series and of those above it, the highest authority first."""
        return self.filter(series__zone__path__in=[*zone.ancestor_paths, zone.path]).order_by(
            "series__zone__path", "series__code", "year", "number"
        )

    def numbered(self, zone: Any, number: int) -> Period | None:
        """第N期 as said in `zone` without naming the series: the round of the highest authority that counts so."""
        return self.for_zone(zone).filter(number=number, year=None).first()


class Period(Versioned, ScopedModel):
    """One round: 第N期, or 第N次 of a year. Its day may be known only roughly, or not at all."""

    zone_lookup: ClassVar[str] = "series__zone"
    inherited: ClassVar[bool] = True

    series = models.ForeignKey(Series, models.PROTECT, related_name="periods", verbose_name="活动")
    number = models.PositiveSmallIntegerField("期")
    year = models.PositiveSmallIntegerField("年度", null=True, blank=True, help_text="按年编号的活动填写")
    first = models.DateField("举办日期（最早）", null=True, blank=True)
    last = models.DateField("举办日期（最晚）", null=True, blank=True)
    venue = models.CharField("主会场", max_length=100, blank=True)

    objects = ScopedManager.from_queryset(PeriodQuerySet)()

    class Meta:
        verbose_name = "期次"
        verbose_name_plural = "期次"
        ordering: ClassVar = ["series", F("year").asc(nulls_first=True), "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["series", "year", "number"],
                name="projects_period_once",
                violation_error_message="该活动已有这一期",
            ),
            models.UniqueConstraint(
                fields=["series", "number"],
                condition=Q(year=None),
                name="projects_period_once_without_year",
                violation_error_message="该活动已有这一期",
            ),
            models.CheckConstraint(
                condition=Q(first=None) | Q(last=None) | Q(first__lte=F("last")),
                name="projects_period_days",
                violation_error_message="最晚日期不能早于最早日期",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="projects_period_number"),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.number}次" if self.year else f"第{self.number}期"


class EntryQuerySet(ScopedQuerySet):
    """Which list a project is on."""

    def effective(self, on: Any = None) -> EntryQuerySet:
        """Entries not left; with a day, those entered by then, as far as is known, and not left by then."""
        if on is None:
            return self.filter(left_on=None)
        rows = self.with_since()
        return rows.filter(Q(left_on=None) | Q(left_on__gt=on)).filter(Q(since=None) | Q(since__lte=on))

    def with_since(self) -> EntryQuerySet:
        """With `since`: the day of entering, as far as it is known."""
        return self.annotate(since=Coalesce("entered_on", "period__first", "source__date_first"))

    def one_per_project(self, on: Any = None) -> EntryQuerySet:
        """For each project its latest effective entry: of the last round held, and in one round the furthest batch.

        Without a round an entry is older than all that have one. So every project counts once.
        """
        best = Entry.objects.effective(on).filter(project=models.OuterRef("project")).order_by(*NEWEST_FIRST)
        return self.effective(on).filter(pk=models.Subquery(best.values("pk")[:1]))


RANK = models.Case(
    *(models.When(batch=batch, then=models.Value(batch.rank)) for batch in Batch),
    output_field=models.SmallIntegerField(),
)
# By the day the round was held, since numbers of different series say nothing of each other.
NEWEST_FIRST = (
    models.Case(models.When(period=None, then=models.Value(0)), default=models.Value(1)).desc(),
    Coalesce("period__last", "period__first", "entered_on").desc(nulls_last=True),
    F("period__number").desc(nulls_last=True),
    RANK.desc(),
    F("pk").desc(),
)


class Entry(Versioned, Withdrawable, ScopedModel):
    """A project is listed in a batch of a round. A promise, not a fact: 开工一批 does not mean started.

    A withdrawn entry was made by mistake and has left as well.
    """

    zone_lookup: ClassVar[str] = "project__zone"

    project = models.ForeignKey(Project, models.PROTECT, related_name="entries", verbose_name="项目")
    batch = models.CharField("批次", max_length=8, choices=Batch)
    period = models.ForeignKey(
        Period, models.PROTECT, null=True, blank=True, related_name="entries", verbose_name="期次"
    )
    role_text = models.CharField("原文身份", max_length=40, blank=True, help_text="如：第五期签约开工项目")
    entered_on = models.DateField("入批日期", null=True, blank=True)
    left_on = models.DateField("调出日期", null=True, blank=True, editable=False)
    left_reason = models.CharField("调出原因", max_length=300, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="经办人"
    )
    left_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="调出经办人"
    )
    source = models.ForeignKey(
        "projects.Source", models.PROTECT, null=True, blank=True, related_name="entries", verbose_name="来源"
    )
    start = models.PositiveIntegerField("原文起", null=True, editable=False)
    end = models.PositiveIntegerField("原文止", null=True, editable=False)

    objects = StandingManager.from_queryset(EntryQuerySet)()

    class Meta:
        verbose_name = "入批"
        verbose_name_plural = "入批"
        ordering: ClassVar = ["project_id", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "batch", "period"],
                condition=Q(period__isnull=False, left_on=None),
                name="projects_entry_once",
                violation_error_message="该项目已在这一期的这一批",
            ),
            models.UniqueConstraint(
                fields=["project", "batch"],
                condition=Q(period=None, left_on=None),
                name="projects_entry_once_without_period",
                violation_error_message="该项目已在这一批（期次不详）",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(left_on__isnull=False), name="projects_entry_withdrawn_has_left"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["period", "batch"], name="projects_entry_of_period"),
        ]

    def __str__(self) -> str:
        return f"{self.period or '期次不详'} {self.get_batch_display()}"

    @property
    def days(self) -> dates.DateSpan | None:
        """When the round was held, if that is known."""
        if self.period is None or (self.period.first is None and self.period.last is None):
            return None
        precision = "day" if self.period.first == self.period.last else "range"
        return dates.DateSpan(self.period.first, self.period.last, precision)
