"""What the page, the API and the command do with a ledger: open it, answer, correct, choose, compare, confirm, undo.

Each function that changes something takes who does it (`by`, None for the system) and the version of the ledger that he
saw (`expected`, None where nobody looked), raises StaleVersion when it has moved on, and ValidationError with a Chinese
sentence for whatever cannot be. Whether `by` may write in the ledger's zone is checked here.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from projects.intake import receiving
from projects.intake.models import Upload
from projects.intake.opening import Cell, Sheet, read_sheets
from projects.intake.refusals import Refused
from projects.jobs.kinds import Stopping
from projects.jobs.models import Job
from projects.jobs.posting import post
from projects.ledgers import importing, progress, storing, telling, undoing
from projects.ledgers.importing import Done, Stopped
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.meant import NEW
from projects.ledgers.models import Layout, Ledger, LedgerRow
from projects.ledgers.understanding import UNITS, Understood, summing
from projects.models import Project, Source
from zones import clock
from zones.models import User, Zone
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may
from zones.scoped.querysets import under

SYNCHRONOUS: Final = 1_500  # rows that are compared or imported at once; more are left to a worker
State = Ledger.State
NOT_YOURS: Final = "您没有权限处理这份台账"
SUMMARY: Final = "这是汇总表，没有项目名称一列，不导入项目"
SUMMARY_BESIDE: Final = "工作表“{name}”是汇总表，没有导入"
NO_TABLE: Final = "没有认出台账的表头：请指明表头在第几行，或改用带“项目名称”一列的表格"
KNOWN: Final = "这份台账以前传过"
STOPPED: Final = "已按要求停止，没有导入"
NOT_DONE: Final = "上次导入没有做完，没有写入，可以再导入"


# ---- Opening -------------------------------------------------------------------------------------------
def open_upload(upload: Upload, data: bytes) -> Ledger:
    """Read a file that was sent: the ledger, understood; where nothing is to be asked, a job is left that compares it.
    The same bytes in the same zone are the same ledger. Raises Refused.
    """
    sheets = read_sheets(data, upload.name)
    zone = _zone_told(upload)

    def then(ledger: Ledger, new: bool) -> None:
        outcome = ledger.outcome if new else f"{KNOWN}：{ledger.get_state_display()}"
        if new and ledger.state == State.COMPARING:
            _ask(ledger, "compare_ledger", upload.sent_by)
        receiving.done(
            upload, outcome[:500], zone=zone, source=ledger.source, format=upload.name.rpartition(".")[2][:10]
        )

    return open_sheets(sheets, upload.name, data, zone, by=upload.sent_by, upload=upload, then=then)[0]


def _zone_told(upload: Upload) -> Zone:
    code = upload.told.get("zone")
    zones = receiving.writable_zones(upload.sent_by) if upload.sent_by else Zone.objects.within(upload.zone)
    found = zones.filter(code=code).first() if code else upload.zone
    if found is None:
        raise Refused("unknown_zone", f"没有代号为“{code}”、由您维护的区域，请重新选择。")
    return found


def open_sheets(
    sheets: Sequence[Sheet],
    name: str,
    data: bytes | str,
    zone: Zone,
    *,
    by: User | None,
    upload: Upload | None = None,
    told: Mapping[str, Any] | None = None,
    then: Callable[[Ledger, bool], None] = lambda ledger, new: None,
) -> tuple[Ledger, bool]:
    """Keep sheets that were read as a ledger of the zone; it, and whether it is new. It is understood, and compared
    nowhere yet: its state is then COMPARING, or ASKING. `data` are the bytes of the file, or their SHA-256; `told` is
    what is known of it beforehand.
    """
    digest = data if isinstance(data, str) else hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        # One after the other in a zone, so that a file that is sent twice at once is one ledger.
        Zone.objects.select_for_update(no_key=True).get(pk=zone.pk)
        same = Ledger.objects.filter(zone=zone, sha256=digest).exclude(state__in=(State.UNDONE, State.DROPPED))
        if known := same.first():
            then(known, False)
            return known, False
        source = Source.objects.create(kind=Source.Kind.LEDGER, title=name[:200], zone=zone)
        ledger = Ledger(source=source, zone=zone, upload=upload, file_name=name[:255], sha256=digest, sent_by=by)
        ledger.on, ledger.told = clock.today(), dict(told or {})
        read = understand(ledger, sheets)
        ledger.save()
        storing.keep(ledger, sheets)
        _date_source(ledger)
        then(ledger, True)
    ledger.read = read  # type: ignore[attr-defined]
    return ledger, True


def understand(ledger: Ledger, sheets: Sequence[Sheet]) -> Understood:
    """Understand the sheets, and note on the ledger what that tells, without saving it."""
    read = storing.understood(ledger, sheets)
    ledger.about = storing.about(sheets, read)
    tables = [table for table in read.tables if table.about == "projects"]
    asked = storing.questions(ledger)
    ledger.state = (
        State.COMPARING if tables and not asked else State.ASKING if tables or not read.tables else State.DROPPED
    )
    ledger.all_rows = sum(len(table.rows) for table in tables)
    ledger.done_rows, ledger.stopping, ledger.judged, ledger.counts = 0, False, "", {}
    _note_sums(ledger, read)
    if not tables:
        told = _what_sums_say(ledger) if read.tables else [NO_TABLE]
        ledger.outcome = "；".join([*told, *read.remarks])[:500]
    elif asked:
        ledger.outcome = f"读到 {ledger.all_rows} 行，有 {len(asked)} 个问题要先回答：{asked[0]['text']}"[:500]
    else:
        ledger.outcome = f"读到 {ledger.all_rows} 行，正在比对"
    return read


def _note_sums(ledger: Ledger, read: Understood) -> None:
    """Keep what tables of sums come to, and beside tables of projects that they are not imported."""
    beside = any(table.about == "projects" for table in read.tables)
    for told, table in zip(ledger.about["tables"], read.tables, strict=True):
        if table.about == "summary":
            told["lines"], told["sums"] = summing.sums(table)
            if beside:
                ledger.about["remarks"].append(SUMMARY_BESIDE.format(name=table.sheet or table.title))


def _what_sums_say(ledger: Ledger) -> Iterator[str]:
    yield SUMMARY
    for table in ledger.about["tables"]:
        figures = "，".join(f"{heading} {shown}" for _, heading, shown in table["sums"][:6])
        name = table["title"] or table["sheet_name"] or "表"
        yield f"{name}共 {table['lines']} 行" + (f"，合计：{figures}" if figures else "")


def _date_source(ledger: Ledger) -> None:
    """The source is called and dated as the ledger says of itself."""
    table = next((table for table in ledger.about["tables"] if table["year"]), None)
    values: dict[str, Any] = {"title": str(ledger)[:200]}
    values["publisher"] = next((table["office"] for table in ledger.about["tables"] if table["office"]), "")[:100]
    if table:
        first = date(table["year"], table["month"] or 1, 1)
        values |= {"date_first": first, "date_last": _month_end(table["year"], table["month"] or 12)}
    Source.objects.filter(pk=ledger.source_id).update(**values)


def _month_end(year: int, month: int) -> date:
    from projects import plans

    return plans.month_end(year, month)


def begin_again(
    ledger: Ledger, *, by: User | None, table: str = "", meanings: Mapping[str, str] | None = None
) -> Ledger:
    """Another ledger of the same file, with what was told of the first, whose import was taken back or that was put
    aside. `meanings` are told besides, of columns by their `key`, of a table or of all: so a table of sums turns out
    to be one of projects. Raises ValidationError for a ledger that is neither.
    """
    _entitled(ledger, by)
    _check(meanings, None, None, None)
    if ledger.state not in (State.UNDONE, State.DROPPED):
        raise ValidationError(f"这份台账{ledger.get_state_display()}，不用重新开始")
    told = {name: copy.deepcopy(value) for name, value in ledger.told.items()}
    for key in [each["key"] for each in ledger.about.get("tables", ()) if table in ("", each["key"])]:
        each = told.setdefault("tables", {}).setdefault(key, {})
        each["meanings"] = {**each.get("meanings", {}), **(meanings or {})}
    sheets = storing.sheets_of(ledger)
    new, fresh = open_sheets(
        sheets, ledger.file_name, ledger.sha256, ledger.zone, by=by, upload=ledger.upload, told=told
    )
    if fresh and new.state == State.COMPARING:
        _again(new, by)
    return new


# ---- Answering and correcting --------------------------------------------------------------------------
def answer(
    ledger: Ledger,
    *,
    by: User | None,
    expected: int | None = None,
    table: str = "",
    meanings: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    year: int | None = None,
    month: int | None = None,
    headings: tuple[int, Sequence[tuple[int, int]]] | None = None,
    plan_reason: str | None = None,
) -> Ledger:
    """Answer questions, or correct what was understood, of a table (its `key` in `about["tables"]`; "" of all).

    `meanings` and `units` are by the `key` of a column in `about`; `units` under "" is the unit of all columns that say
    none; `headings` = (index of a sheet, [(first, last row of the headings)]); `plan_reason` is why plans are changed.
    What is said of headings and units is remembered for the zone. Compares anew: at once, or by a worker (the state is
    then COMPARING).
    """
    _check(meanings, units, year, month)
    with _changing(ledger, by, expected) as held:
        tables = [each for each in held.about.get("tables", ()) if table in ("", each["key"])]
        if table and not tables:
            raise ValidationError("没有这张表，请刷新后再试")
        for each in tables:
            told = held.told.setdefault("tables", {}).setdefault(each["key"], {})
            for name, values in (("meanings", meanings), ("units", units)):
                if values:
                    told[name] = {**told.get(name, {}), **values}
            told |= {name: value for name, value in (("year", year), ("month", month)) if value is not None}
        if headings is not None:
            held.told.setdefault("headings", {})[str(headings[0])] = [list(each) for each in headings[1]]
        if plan_reason is not None:
            held.told["plan_reason"] = plan_reason.strip()[:300]
        storing.remember(held, tables, {"meanings": meanings or {}, "units": units or {}}, by)
    return _again(ledger, by)


def _check(
    meanings: Mapping[str, str] | None, units: Mapping[str, str] | None, year: int | None, month: int | None
) -> None:
    if any(code and code not in MEANINGS for code in (meanings or {}).values()):
        raise ValidationError("没有这种列，请从列表里选择")
    if any(unit not in UNITS for unit in (units or {}).values()):
        raise ValidationError("单位只能是元、万元或亿元")
    if year is not None and not 1990 <= year <= 2100:
        raise ValidationError("年份应在 1990 到 2100 之间")
    if month is not None and not 1 <= month <= 12:
        raise ValidationError("月份应在 1 到 12 之间")


def correct_cell(
    ledger: Ledger, sheet: int, number: int, column: int, value: Cell, *, by: User | None, expected: int | None = None
) -> LedgerRow | None:
    """Put another value in place of a cell's (by index of the sheet, row as Excel shows it, column from 0); the row as
    it is judged now. The file itself stays as it was sent.
    """
    if isinstance(value, str) and len(value) > 2000:
        raise ValidationError("内容太长：一格最多 2000 字")
    with _changing(ledger, by, expected) as held:
        sheets = held.about.get("sheets", [])
        if not (
            0 <= sheet < len(sheets) and 1 <= number <= sheets[sheet]["rows"] and 0 <= column < sheets[sheet]["columns"]
        ):
            raise ValidationError("没有这一格，请刷新后再试")
        cells = [each for each in held.told.get("cells", []) if each[:3] != [sheet, number, column]]
        held.told["cells"] = [*cells, [sheet, number, column, storing.plain_cell(value)]]
    row = ledger.rows.filter(sheet=sheet, number=number).first()
    if row is None:  # in the headings, or beside the table
        _again(ledger, by)
        return None
    return _row_again(ledger, row, by)


def exclude_row(row: LedgerRow, *, out: bool, by: User | None, expected: int | None = None) -> LedgerRow:
    """Leave a row out of the import, or take it in again."""
    return _decide(row, "out", out or None, by, expected)


def accept_row(row: LedgerRow, *, sure: bool, by: User | None, expected: int | None = None) -> LedgerRow:
    """Say that what is questioned in a row (a cumulative figure that fell) is right all the same."""
    return _decide(row, "sure", sure or None, by, expected)


def choose_match(row: LedgerRow, choice: int | str, *, by: User | None, expected: int | None = None) -> LedgerRow:
    """Say which project a row means: a key, "new" for a new file, "" to leave it to the system again."""
    if isinstance(choice, int):
        writable = Project.objects.all() if by is None else Project.objects.writable_by(by)
        if not writable.filter(pk=choice, withdrawn_at=None).exists():
            raise ValidationError("没有这个项目，或不归您维护")
    elif choice not in ("", NEW):
        raise ValidationError("请选择一个项目，或选择新项目")
    return _decide(row, "choice", choice or None, by, expected)


def _decide(row: LedgerRow, name: str, value: Any, by: User | None, expected: int | None) -> LedgerRow:
    ledger = row.ledger
    with _changing(ledger, by, expected) as held:
        rows = held.told.setdefault("rows", {})
        told = {**rows.get(f"{row.sheet}:{row.number}", {}), name: value}
        rows[f"{row.sheet}:{row.number}"] = {key: kept for key, kept in told.items() if kept is not None}
    return _row_again(ledger, row, by)


def _row_again(ledger: Ledger, row: LedgerRow, by: User | None) -> LedgerRow:
    """Compare a row anew: with all others where they are few, else with those of its project."""
    if ledger.all_rows <= SYNCHRONOUS or ledger.state != State.READY:
        _again(ledger, by)
    else:
        tally = importing.preview_again(ledger, _read(ledger), row, by=by)
        ledger.counts, ledger.judged = tally.as_dict(), tally.judged
        ledger.outcome = previewed(ledger)
        ledger.save()
    return ledger.rows.filter(sheet=row.sheet, number=row.number).first() or row


def forget(ledger: Ledger, layout: int, *, by: User | None, expected: int | None = None) -> Ledger:
    """Forget what is remembered of headings of this ledger (`layout`, a key). One that is still open is compared anew;
    what was said of the ledger itself stays.
    """
    prints = [table["fingerprint"] for table in ledger.about.get("tables", ())]
    rows = Layout.objects.all() if by is None else Layout.objects.writable_by(by)
    kept = rows.filter(pk=layout, purpose=Layout.Purpose.READ, fingerprint__in=prints)
    if not kept.exists():
        raise ValidationError("没有这条记住的说明，请刷新后再试")
    if not ledger.is_open:
        kept.delete()
        return ledger
    with _changing(ledger, by, expected):
        kept.delete()
    return _again(ledger, by)


# ---- Comparing -----------------------------------------------------------------------------------------
def compare(ledger: Ledger, *, by: User | None, expected: int | None = None) -> Ledger:
    """Compare anew with the facts as they are now."""
    with _changing(ledger, by, expected):
        pass
    return _again(ledger, by)


def _again(ledger: Ledger, by: User | None) -> Ledger:
    """Understand and compare anew: at once, or by a worker."""
    sheets = storing.sheets_of(ledger)
    read = understand(ledger, sheets)
    ledger.save()
    _date_source(ledger)
    if ledger.state in (State.ASKING, State.DROPPED):
        ledger.rows.all().delete()
    elif ledger.all_rows > SYNCHRONOUS:
        _ask(ledger, "compare_ledger", by)
    else:
        ledger.read = read  # type: ignore[attr-defined]
        _compare(ledger, by)
    return ledger


def _ask(ledger: Ledger, kind: str, by: User | None, **parameters: Any) -> None:
    """Leave a job for a worker."""
    ledger.job = post(kind, by=by, zone=ledger.zone, parameters={"ledger": ledger.pk, **parameters})
    ledger.save(update_fields=["job"])


def _compare(ledger: Ledger, by: User | None, stopping: Stopping = lambda: False) -> None:
    read = _read(ledger)
    try:
        tally = importing.preview(ledger, read, by=by, stopping=_stopper(ledger, stopping), told=_teller(ledger))
    except Stopped:
        ledger.refresh_from_db()
        ledger.state, ledger.outcome, ledger.stopping = State.DROPPED, STOPPED, False
    else:
        ledger.counts, ledger.judged = tally.as_dict(), tally.judged
        ledger.state, ledger.outcome = State.READY, previewed(ledger)
        ledger.done_rows = ledger.all_rows = sum(tally.counts.values())
    ledger.save()


def _read(ledger: Ledger) -> Understood:
    """What the ledger says, as it was understood just now, or understood again."""
    known = ledger.__dict__.pop("read", None)
    return known or storing.understood(ledger, storing.sheets_of(ledger))


def previewed(ledger: Ledger) -> str:
    """What an import would do, in one sentence."""
    words = (
        ("new", "新增"),
        ("changed", "有变化"),
        ("unchanged", "无变化"),
        ("conflict", "有冲突"),
        ("wrong", "有错误"),
    )
    counts = [f"{word} {ledger.counts[kind]} 行" for kind, word in words if ledger.counts.get(kind)]
    left = ledger.counts.get("left_out")
    told = "、".join([*counts, *([f"不导入 {left} 行"] if left else [])]) or "没有项目"
    doubtful = ledger.counts.get("doubtful")
    return f"已比对：{told}{f'；{doubtful} 行有存疑的内容' if doubtful else ''}"


def compared(job: Job, stopping: Stopping) -> str:
    """What a job does that `compare` asked for."""
    ledger = _of(job)
    if ledger is None or ledger.state != State.COMPARING:
        return ledger.outcome if ledger else "没有这份台账"
    _compare(ledger, job.asked_by, stopping)
    if ledger.all_rows > SYNCHRONOUS:
        telling.tell(ledger, job.asked_by)
    return ledger.outcome


def may_stop(ledger: Ledger) -> bool:
    """Whether a worker that is at it can be asked to end: not while it writes into a database of one writer."""
    writing = ledger.state == State.IMPORTING and ledger.job is not None and ledger.job.state == Job.State.RUNNING
    return ledger.is_busy and not (writing and connection.vendor != "postgresql")


def stop(ledger: Ledger, *, by: User | None) -> Ledger:
    """Ask the worker that is at it to come to an end; nothing of an import that was stopped is written. Where no worker
    is at it any more, the ledger is as it was before.
    """
    _entitled(ledger, by)
    if ledger.is_busy and not may_stop(ledger):
        raise ValidationError(f"{progress.importing()}；写完后可以撤销整次导入")
    with transaction.atomic():
        held = Ledger.objects.select_for_update(no_key=True, of=("self",)).select_related("job").get(pk=ledger.pk)
        if held.is_busy and held.job and not held.job.is_at_work:
            began = held.state == State.IMPORTING
            held.state, held.outcome = (State.READY, NOT_DONE) if began else (State.DROPPED, STOPPED)
            held.stopping = False
            held.save()
        elif held.is_busy:
            Ledger.objects.filter(pk=ledger.pk).update(stopping=True)
    ledger.refresh_from_db()
    return ledger


def drop(ledger: Ledger, *, by: User | None, expected: int | None = None) -> Ledger:
    """Put the ledger aside: it will not be imported."""
    with _changing(ledger, by, expected) as held:
        held.state, held.outcome = State.DROPPED, "不导入"
        held.rows.all().delete()
    return ledger


# ---- Importing -----------------------------------------------------------------------------------------
def confirm(
    ledger: Ledger,
    *,
    by: User | None,
    expected: int | None = None,
    only_good: bool = False,
    approve_plans: bool = False,
) -> Ledger:
    """Import it, in one transaction: at once, or by a worker (the state is then IMPORTING). `approve_plans`: new plans
    hold from today (only who may approve). Where the facts have moved since the preview so that something else would be
    written, it is refused, and compared anew.
    """
    with _changing(ledger, by, expected) as held:
        if held.state != State.READY:
            raise ValidationError("请先回答问题并完成比对，再导入")
        if held.all_rows > SYNCHRONOUS:
            held.state, held.outcome, held.done_rows = State.IMPORTING, progress.importing(), 0
            _ask(held, "import_ledger", by, options={"only_good": only_good, "approve_plans": approve_plans})
    if ledger.state == State.READY:
        _import(ledger, by, only_good=only_good, approve_plans=approve_plans)
    return ledger


def _import(
    ledger: Ledger,
    by: User | None,
    *,
    stopping: Stopping = lambda: False,
    told: progress.Telling = progress.nobody,
    **options: Any,
) -> Done:
    """Raises ValidationError as `importing.write` does."""
    read = _read(ledger)
    asked = _stopper(ledger, stopping)
    try:
        return importing.write(ledger, read, by=by, previewed=ledger.judged, stopping=asked, told=told, **options)
    except ValidationError as refused:
        ledger.refresh_from_db()
        if not isinstance(refused, StaleVersion) and ledger.state == State.IMPORTING:
            ledger.state, ledger.outcome, ledger.stopping = State.READY, "；".join(refused.messages)[:500], False
            ledger.save()
        if getattr(refused, "code", "") == "moved":
            _again(ledger, by)
        raise


def imported(job: Job, stopping: Stopping) -> str:
    """What a job does that `confirm` asked for."""
    ledger = _of(job)
    if ledger is None or ledger.state != State.IMPORTING:
        return ledger.outcome if ledger else "没有这份台账"
    try:
        with progress.past_the_transaction(ledger) as told:
            _import(ledger, job.asked_by, stopping=stopping, told=told, **job.parameters["options"])
    except ValidationError:
        ledger.refresh_from_db()
    telling.tell(ledger, job.asked_by)
    return ledger.outcome


def undo(ledger: Ledger, *, by: User | None, expected: int | None = None) -> Ledger:
    """Take the whole import back: at once, or by a worker (`is_being_undone` until then). ValidationError names what
    was built on it.
    """
    _entitled(ledger, by)
    with _imported(ledger, expected) as held:
        if held.is_being_undone:
            raise ValidationError("后台正在撤销这次导入，请等它结束")
        if held.all_rows > SYNCHRONOUS:
            _ask(held, Ledger.UNDO_JOB, by)
        else:
            undoing.undo(held, by=by)
    ledger.refresh_from_db()
    return ledger


def undone(job: Job) -> str:
    """What a job does that `undo` asked for; all of it or nothing. What was built on the import meanwhile is told."""
    ledger = _of(job)
    if ledger is None or ledger.state != State.IMPORTED:
        return ledger.outcome if ledger else "没有这份台账"
    try:
        with _imported(ledger) as held:
            undoing.undo(held, by=job.asked_by)
    except ValidationError as refused:
        told = f"没有撤销：{'；'.join(refused.messages)}"
        telling.tell(ledger, job.asked_by, told, event=f"undo:{job.pk}")
        return told
    ledger.refresh_from_db()
    telling.tell(ledger, job.asked_by)
    return ledger.outcome


@contextmanager
def _imported(ledger: Ledger, expected: int | None = None) -> Iterator[Ledger]:
    """The imported ledger, held while its import is taken back."""
    rows = Ledger.objects.select_for_update(no_key=True, of=("self",)).select_related("zone", "source", "job")
    with transaction.atomic():
        held = rows.get(pk=ledger.pk)
        if expected is not None and held.version != expected:
            raise StaleVersion(held)
        if held.state != State.IMPORTED:
            raise ValidationError("只有已导入的台账可以撤销")
        yield held


# ---- What all share ------------------------------------------------------------------------------------
@contextmanager
def _changing(ledger: Ledger, by: User | None, expected: int | None) -> Iterator[Ledger]:
    """The ledger, held while what is told of it changes, and stored with another version."""
    _entitled(ledger, by)
    with transaction.atomic():
        held = Ledger.objects.select_for_update(no_key=True, of=("self",)).select_related("job").get(pk=ledger.pk)
        if expected is not None and held.version != expected:
            raise StaleVersion(held)
        if held.is_busy and held.job and held.job.is_at_work:
            raise ValidationError("后台正在处理这份台账，请等它结束，或先停止")
        if not (held.is_open or held.is_busy):  # a worker that died left it busy
            raise ValidationError(f"这份台账{held.get_state_display()}，不能再改")
        ledger.refresh_from_db()
        yield ledger
        ledger.save()


def _entitled(ledger: Ledger, by: User | None) -> None:
    if by is not None and not may(by, Action.WRITE, ledger.zone):
        raise ValidationError(NOT_YOURS)


def _of(job: Job) -> Ledger | None:
    rows = Ledger.objects.select_related("zone", "source", "sent_by")
    return rows.filter(pk=job.parameters.get("ledger")).first()


def _stopper(ledger: Ledger, stopping: Stopping) -> Stopping:
    def asked() -> bool:
        return stopping() or Ledger.objects.filter(pk=ledger.pk, stopping=True).exists()

    return asked


def _teller(ledger: Ledger) -> Callable[[int], None]:
    def told(done: int) -> None:
        Ledger.objects.filter(pk=ledger.pk).update(done_rows=done)

    return told


def visible(by: Any) -> Any:
    """The zones into which a person may import."""
    from zones.permissions import paths

    return Zone.objects.filter(under("", paths(by, Action.WRITE)), active=True)
