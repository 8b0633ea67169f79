"""The month's return: filling it in, submitting it, taking it back, reviewing it, sending it back, opening it again.

A reviewed return becomes facts in the same transaction and is locked by whatever door. Every step is kept with who,
when and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from projects import plans
from projects.facts.figures import keep, record
from projects.facts.locking import locked
from projects.facts.milestones import reach, undo
from projects.models import Milestone, Photo, Progress, Project, Return, ReturnEvent, Source
from projects.models.monthly import CLAIMS, FILLED
from projects.returns import checks, lateness, pictures
from projects.returns.known import known_of, told_of
from zones import clock
from zones.models import User
from zones.models.versioned import StaleVersion

What = ReturnEvent.What
Status = Return.Status
FIRST_YEAR: Final = 2000
LOCKED: Final = "已审核锁定，更正请先由领导批准重新打开"


# ---- Filling in ------------------------------------------------------------------------------------
@transaction.atomic
def fill_return(
    project: Project,
    month: date,
    figures: Mapping[str, Any],
    *,
    by: User | None = None,
    source: Source | None = None,
    expected: int | None = None,
) -> tuple[Return, bool]:
    """Save what is told of a month (any day of it): fields of `projects.models.monthly.FILLED`, money in yuan. The
    return, and whether anything changed; what `figures` does not name stays.

    `expected` is the version that the writer has read, 0 for none; left out, nobody asks. Raises StaleVersion when it
    is another one now, ValidationError for a month to come, for figures that cannot be, and for a return that is
    submitted or reviewed.
    """
    last = _month(month)
    locked(project)
    row = project.returns.filter(month=last).first() or Return(project=project, month=last)
    changed = {name: value for name, value in _tidy(figures).items() if getattr(row, name) != value}
    if row.pk and not changed:
        return row, False
    _expect(row, expected)
    _refuse_closed(row)
    for name, value in changed.items():
        setattr(row, name, value)
    # Where a part was invented, the whole stays marked as invented.
    row.source = source or (row.source if row.source and row.source.is_demo else None)
    row.full_clean(exclude=["project", "source"])
    row.save()
    _note(row, What.FILLED, by=by, values=_shown(row, changed))
    return row, True


@transaction.atomic
def submit_return(
    row: Return, *, note: str = "", by: User | None = None, on: date | None = None, expected: int | None = None
) -> Return:
    """Report the month (上报). Figures that follow from the others are filled in where none is told; `note` is put in
    the place of the note, where one is given. `on` is the day, today if left out.

    Raises ValidationError for what blocks by `projects.returns.checks`, by field, for what wants a note that is not
    there, and when it was submitted before; StaleVersion as `fill_return` does.
    """
    row = _locked(row)
    _expect(row, expected)
    _refuse_closed(row)
    day = _day(on)
    row.note = note.strip() or row.note
    _complete(row)
    _refuse(findings_of(row), row.note)
    row.status, row.returned_reason = Status.SUBMITTED, ""
    row.submitted_on, row.submitted_at, row.submitted_by = day, timezone.now(), by
    if row.late_days is None:
        row.late_days = lateness.late_days(row.project.zone.return_day, row.month, day)
    row.full_clean(exclude=["project", "source", "submitted_by"])
    row.save()
    _note(row, What.SUBMITTED, by=by, on=day, reason=row.note[:300], values=_shown(row))
    return row


@transaction.atomic
def take_back_return(row: Return, *, by: User, reason: str = "", expected: int | None = None) -> Return:
    """Undo one's own submission (撤回) while nobody has reviewed it.

    Raises ValidationError when it is not submitted, or was submitted by somebody else.
    """
    row = _locked(row)
    _expect(row, expected)
    _need(row, Status.SUBMITTED, "只有已报、未审的月报可以撤回")
    if row.submitted_by_id != by.pk:
        raise ValidationError(f"这份月报由{row.submitted_by or '他人'}上报，只能由其本人撤回；需要修改的请退回")
    row.status, row.late_days = Status.DRAFT, None
    row.submitted_on = row.submitted_at = row.submitted_by = None
    row.save()
    _note(row, What.TAKEN_BACK, by=by, reason=reason)
    return row


# ---- Reviewing -------------------------------------------------------------------------------------
@transaction.atomic
def review_return(
    row: Return, *, by: User | None = None, reason: str = "", on: date | None = None, expected: int | None = None
) -> Return:
    """Accept a submitted return (审核通过): it is locked, and becomes facts: progress by the 报表 channel up to the
    month's end, the statistics figure beside it, and the steps it claims. A return that was opened again replaces the
    facts it made before, which are kept; a step it no longer claims is taken back.

    Raises ValidationError when it is not submitted, when its month has not ended, and when its arithmetic no longer
    holds because an earlier month was corrected meanwhile.
    """
    row = _locked(row)
    _expect(row, expected)
    _need(row, Status.SUBMITTED, "只有已报的月报可以审核")
    day = _day(on)
    if day < row.month:
        raise ValidationError(f"{row.month.month}月还没有结束，{row.month:%m月%d日}起才能审核")
    blocked = checks.blocking(findings_of(row))
    if blocked:
        raise ValidationError([f"{finding.sentence}。请退回更正" for finding in blocked])
    before = row.events.filter(what=What.REVIEWED).last()
    row.status, row.reviewed_on, row.reviewed_at, row.reviewed_by = Status.REVIEWED, day, timezone.now(), by
    row.save()
    _note(row, What.REVIEWED, by=by, on=day, reason=reason, values=_shown(row))
    _become_facts(row, before.values if before else {}, by=by, on=day)
    return row


@transaction.atomic
def send_back_return(row: Return, *, reason: str, by: User | None = None, expected: int | None = None) -> Return:
    """Give a submitted return back to be mended (退回). Raises ValidationError without a reason, or when it is not
    submitted.
    """
    row = _locked(row)
    _expect(row, expected)
    if not reason.strip():
        raise ValidationError({"reason": "退回须写明原因"})
    _need(row, Status.SUBMITTED, "只有已报、未审的月报可以退回")
    row.status, row.returned_reason = Status.RETURNED, reason.strip()
    row.full_clean(exclude=["project", "source"])
    row.save()
    _note(row, What.SENT_BACK, by=by, reason=reason)
    return row


@transaction.atomic
def reopen_return(row: Return, *, reason: str, approver: User, expected: int | None = None) -> Return:
    """Open a reviewed return again by the word of `approver`, who is recorded. Its facts stand until it is reviewed
    anew. Raises ValidationError without a reason, or when it is not reviewed.
    """
    row = _locked(row)
    _expect(row, expected)
    if not reason.strip():
        raise ValidationError({"reason": "重新打开须写明原因"})
    _need(row, Status.REVIEWED, "只有已审的月报可以重新打开")
    row.status, row.returned_reason = Status.RETURNED, f"经{approver}批准重新打开：{reason.strip()}"[:300]
    row.reviewed_on = row.reviewed_at = row.reviewed_by = None
    row.save()
    _note(row, What.REOPENED, by=approver, reason=reason)
    return row


def findings_of(row: Return) -> list[checks.Finding]:
    """What the checks say of a return as it is stored, today."""
    photos = row.photos.filter(removed_at=None).count() if row.pk else 0
    known = known_of([row.project_id], row.month, clock.today())[row.project_id]
    return checks.check(told_of(row, photos), known)


# ---- Photos ----------------------------------------------------------------------------------------
@transaction.atomic
def add_photo(
    project: Project, month: date, data: bytes, *, taken_on: date | None = None, place: str = "", by: User | None = None
) -> Photo:
    """Put a picture to the return of a month, which is begun if there is none. Without `taken_on` the day that the
    camera wrote into the file counts. The same picture twice is one.

    Raises ValidationError for what is no picture, too large, or of a day to come, and for a submitted or reviewed
    return.
    """
    picture = pictures.read(data)
    day = taken_on or picture.taken_on
    if taken_on and taken_on > clock.today():
        raise ValidationError({"taken_on": "拍摄日期不能晚于今天"})
    locked(project)
    last = _month(month)
    row = project.returns.filter(month=last).first() or fill_return(project, last, {}, by=by)[0]
    _refuse_closed(row)
    known = row.photos.filter(digest=picture.digest, removed_at=None).first()
    if known:
        return known
    photo = Photo(monthly_return=row, digest=picture.digest, taken_on=day, place=place.strip(), uploaded_by=by)
    photo.full_clean(exclude=["monthly_return", "file", "thumbnail"])
    photo.file.save("", ContentFile(picture.full), save=False)
    photo.thumbnail.save("", ContentFile(picture.small), save=False)
    try:
        photo.save()
        _note(row, What.PHOTO_ADDED, by=by, reason=str(photo))
    except BaseException:
        _drop_files(photo)
        raise
    return photo


@transaction.atomic
def remove_photo(photo: Photo, *, by: User | None = None) -> None:
    """Take a picture away: its files go, its row tells that it was there. Raises ValidationError for a submitted or
    reviewed return.
    """
    row = _locked(photo.monthly_return)
    _refuse_closed(row)
    photo.refresh_from_db()
    if photo.removed_at:
        return
    photo.removed_at, photo.removed_by = timezone.now(), by
    photo.save(update_fields=["removed_at", "removed_by"])
    _note(row, What.PHOTO_REMOVED, by=by, reason=str(photo))
    transaction.on_commit(lambda: _drop_files(photo))


def _drop_files(photo: Photo) -> None:
    for file in (photo.file, photo.thumbnail):
        file.storage.delete(str(file.name))


# ---- Becoming facts --------------------------------------------------------------------------------
def _become_facts(row: Return, before: dict[str, Any], *, by: User | None, on: date) -> None:
    source = row.source or _source(row)
    teller = row.submitted_by or by
    told = {"amount": row.year_to_date, "total": row.since_start, "percent": row.percent, "words": row.words}
    keep(row.project, Progress.Channel.REPORTED, row.month, told, source=source, by=teller)
    if row.statistics is not None:
        record(row.project, Progress.Channel.STATISTICS, row.month, amount=row.statistics, source=source, by=teller)
    for kind in CLAIMS:
        if getattr(row, f"claims_{kind}"):
            reach(row.project, kind, getattr(row, f"{kind}_on"), by=teller, source=source, known_on=on)
        elif before.get(f"claims_{kind}"):
            _take_back_step(row, kind, source, by)


def _take_back_step(row: Return, kind: str, source: Source, by: User | None) -> None:
    """A step that this return had claimed and claims no more, unless another source has told it since."""
    step = Milestone.objects.filter(project=row.project_id, kind=kind, done=True).first()
    last = step.changes.order_by("pk").last() if step else None
    if step and last and last.source_id == source.pk:
        undo(step, reason=f"{_title(row)}更正，不再申报{CLAIMS[kind]}", by=by)


def _source(row: Return) -> Source:
    """The return of the month as the zone's document that the facts come from."""
    told: dict[str, Any] = {"kind": Source.Kind.PERSON, "title": _title(row), "zone": row.project.zone}
    found = Source.objects.filter(**told).order_by("pk").first()
    return found or Source.objects.create(**told, date_first=row.month.replace(day=1), date_last=row.month)


def _title(row: Return) -> str:
    return f"{row.month:%Y}年{row.month.month}月月报"


# ---- What all steps share --------------------------------------------------------------------------
def _month(day: date) -> date:
    if day.year < FIRST_YEAR:
        raise ValidationError({"month": f"月份应在 {FIRST_YEAR} 年以后"})
    if day.replace(day=1) > clock.today():
        raise ValidationError({"month": "不能填报以后的月份"})
    return plans.month_end(day.year, day.month)


def _day(on: date | None) -> date:
    today = clock.today()
    if on and on > today:
        raise ValidationError("日期不能晚于今天")
    return on or today


def _locked(row: Return) -> Return:
    locked(row.project)
    return Return.objects.select_related("project__zone", "submitted_by", "source").get(pk=row.pk)


def _expect(row: Return, expected: int | None) -> None:
    held = row.version if row.pk else 0
    if expected is not None and held != expected:
        raise StaleVersion(row)


def _refuse_closed(row: Return) -> None:
    if row.status == Status.REVIEWED:
        raise ValidationError(f"{_title(row)}{LOCKED}")
    if row.status == Status.SUBMITTED:
        raise ValidationError(f"{_title(row)}已上报，要修改请先撤回，或请项目办退回")


def _need(row: Return, status: str, otherwise: str) -> None:
    if row.status != status:
        raise ValidationError(f"{otherwise}；这份月报现在是“{row.get_status_display()}”")


def _tidy(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures as they are stored; a step that is not claimed has no day. KeyError for a field there is none of."""
    tidy = {name: value.strip() if isinstance(value, str) else value for name, value in figures.items()}
    if unknown := set(tidy) - set(FILLED):
        raise KeyError(f"no fields of a return: {unknown}")
    for kind in CLAIMS:
        if tidy.get(f"claims_{kind}") is False:
            tidy[f"{kind}_on"] = None
    return tidy


def _complete(row: Return) -> None:
    known = known_of([row.project_id], row.month, clock.today())[row.project_id]
    for name, value in checks.propose(told_of(row, 0), known).items():
        setattr(row, name, value)


def _refuse(findings: list[checks.Finding], note: str) -> None:
    """Raise ValidationError with every sentence under the first field it is about."""
    errors: dict[str, list[str]] = {}
    for finding in checks.blocking(findings):
        errors.setdefault(finding.fields[0], []).append(finding.sentence)
    for finding in checks.asking(findings, note):
        errors.setdefault("note", []).append(finding.sentence)
    if errors:
        raise ValidationError(errors)


def _shown(row: Return, names: Any = FILLED) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _note(
    row: Return,
    what: str,
    *,
    by: User | None,
    on: date | None = None,
    reason: str = "",
    values: dict[str, Any] | None = None,
) -> None:
    ReturnEvent.objects.create(
        monthly_return=row,
        what=what,
        on=on or clock.today(),
        by=by,
        reason=reason.strip()[:300],
        values=values or {},
    )
