"""What the columns of a table mean: by their headings, the values beneath, and each other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from rapidfuzz import fuzz

from projects.glyphs import fold
from projects.intake.opening import Cell
from projects.ledgers.meanings import MEANINGS, label
from projects.ledgers.understanding import headings
from projects.ledgers.understanding.cells import is_blank, is_empty
from projects.ledgers.understanding.results import POWERS, Answers, Column, Question

SURE: Final = 0.75  # below it money and names are asked for, not assumed
_LEAST: Final = 0.55  # below it a heading means nothing to us

_LONG: Final = 80
_NUMBERED: Final = re.compile(r"[约近超]?\s*[0-9][0-9,]*(?:\.[0-9]+)?\s*(?:[万亿]?[元亩%个项吨人]?|公顷|左右|余)*")
_DATED: Final = re.compile(
    r".*(?:[0-9]{2,4}\s*[年./-]\s*[0-9]{0,2}|[0-9]{1,2}\s*月|年[底初末]|季度|[上下]半年).*", re.DOTALL
)
_PERCENT: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\s*%")
_FLAG: Final = re.compile(
    r"[是否√×✓✗YN有无]|(?:已|未|尚未|正在)?(?:开工|入库|竣工|投产|办结|完成|销号|纳统|入统|取得|批复|竣工验收|在建|建成)|[01]"
)
_NATIONAL: Final = re.compile(r"[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}")
_CREDIT: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_PHONE: Final = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
# What a heading says one way and the values beneath another.
_INSTEAD: Final = {
    "started": "start_on",
    "start_on": "started",
    "start_actual": "started",
    "completed": "completion_on",
    "completion_on": "completed",
    "produced": "produce_on",
    "produce_on": "produced",
    "stats_entered": "stats_on",
    "stats_on": "stats_entered",
    "progress": "progress_percent",
    "progress_percent": "progress",
}
_FIGURES: Final = frozenset({"money", "number", "area", "count", "percent"})


@dataclass(slots=True)
class Draft:
    """A column while it is being recognised."""

    index: int
    levels: tuple[str, ...]
    heading: headings.Heading
    key: str
    samples: list[Cell]
    guesses: list[headings.Guess] = field(default_factory=list)
    meaning: str = ""
    confidence: float = 0.0
    reason: str = ""
    told: bool = False
    ambiguous: tuple[str, ...] = ()
    settled: bool = False  # known to be nothing of ours, or less than another column: not asked about
    before: int | None = None  # the column that says what holds where this one is blank

    @property
    def shape(self) -> str:
        return MEANINGS[self.meaning].shape if self.meaning else "text"

    @property
    def named(self) -> str:
        """The heading for a sentence."""
        return f"{letter(self.index)}列“{'·'.join(self.levels) or '（无标题）'}”"

    def column(self, unit: str, year: int | None, month: int | None) -> Column:
        others = dict.fromkeys([*self.ambiguous, *(guess.meaning for guess in self.guesses)])
        others.pop(self.meaning, None)
        return Column(
            self.index,
            letter(self.index),
            self.levels,
            self.key,
            self.meaning,
            unit if self.shape == "money" else "",
            year,
            month,
            round(self.confidence, 2),
            self.reason,
            tuple(others)[:4],
        )


def letter(index: int) -> str:
    """The letters of a column as Excel shows them: 0 → A, 26 → AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def drafts(levels: Sequence[tuple[str, ...]], samples: Mapping[int, list[Cell]]) -> list[Draft]:
    """The columns that have a heading or a value, each with its key; equal keys without months are numbered."""
    found: list[Draft] = []
    seen: dict[str, set[tuple[int | None, int | None]]] = {}
    for index, said in enumerate(levels):
        values = samples.get(index, [])
        if not said and not values:
            continue
        heading = headings.take_apart("".join(said))
        key, when = heading.key, (heading.year, heading.month)
        if key in seen and when in seen[key]:
            number = 2
            while when in seen.get(f"{key}#{number}", ()):
                number += 1
            key = f"{key}#{number}"
        seen.setdefault(key, set()).add(when)
        found.append(Draft(index, said, heading, key, values))
    return found


def fingerprint(columns: Sequence[Draft]) -> str:
    """The headings without months and years, a repeated pair once, so that next month's sheet has the same."""
    said = dict.fromkeys(f"{column.key}|{column.heading.unit}|{column.heading.other_unit}" for column in columns)
    return hashlib.sha256("\n".join(said).encode("utf-8", "replace")).hexdigest()[:32]


def recognise(columns: list[Draft], answers: Sequence[Answers]) -> None:
    """Give every column its meaning; of several answers the first that speaks of a column holds."""
    for column in columns:
        _guess(column)
        _weigh(column)
    _place_name(columns)
    _adjusted(columns)
    _either(columns)
    for column in columns:
        for answer in answers:
            if column.key in answer.meanings and answer.meanings[column.key] in ("", *MEANINGS):
                _tell(column, answer.meanings[column.key])
                break
    _once_each(columns)


def _tell(column: Draft, meaning: str) -> None:
    column.meaning, column.confidence, column.told, column.ambiguous = meaning, 1.0, True, ()
    column.reason = f"{column.named}由人指定为“{label(meaning)}”"


# --- one column ---------------------------------------------------------------------------------------------------


def _guess(column: Draft) -> None:
    """The likeliest meanings of the heading; without one, of the values."""
    column.guesses = [guess for guess in headings.guesses(column.levels) if guess.confidence >= 0.4]
    if (
        column.heading.key
        and fuzz.ratio(column.heading.key.replace("额", ""), "总投资") > 60
        and _fits("money", column.samples) > 0.7
    ):
        column.guesses.append(headings.Guess("investment", 0.6, "like 总投资"))
        column.guesses.sort(key=lambda guess: -guess.confidence)
    if not column.guesses or column.guesses[0].confidence < _LEAST:
        column.guesses = [*_by_values(column.samples), *column.guesses]
    if column.guesses and column.guesses[0].confidence >= _LEAST:
        best = column.guesses[0]
        column.meaning, column.confidence = best.meaning, best.confidence
        column.reason = _reason(column, best)
    else:
        column.reason = f"{column.named}没有认出，只保留原文"


def _by_values(samples: list[Cell]) -> list[headings.Guess]:
    """What values say by themselves: codes and telephone numbers have a shape of their own."""
    for meaning, form in (("credit_code", _CREDIT), ("national_code", _NATIONAL), ("phone", _PHONE)):
        if len(samples) >= 2 and _share(samples, lambda text, cell, form=form: bool(form.fullmatch(text))) >= 0.8:
            return [headings.Guess(meaning, 0.7, "values")]
    return []


def _reason(column: Draft, guess: headings.Guess) -> str:
    said, name = "·".join(column.levels), label(guess.meaning)
    if guess.how == "exact":
        return f"标题就是“{name}”" if said == name else f"标题“{said}”即“{name}”"
    if guess.how.startswith("like"):
        return f"标题“{said}”与“{guess.how.removeprefix('like ')}”的写法相近"
    if guess.how == "within":
        return f"标题“{said}”里有“{name}”的说法"
    if guess.how == "values":
        return f"下面的值像“{name}”"
    if guess.how == "slip":
        return f"从标题“{said}”的字样看是“{name}”，但与别的标题只差一个字"
    if guess.how == "past":
        return f"标题“{said}”说的是上年，不知是否累计，暂按“{name}”"
    if guess.how == "either":
        return f"标题“{said}”没有写明从什么时候算起，暂按“{name}”"
    return f"从标题“{said}”的字样看是“{name}”"


def _share(samples: list[Cell], test: object) -> float:
    """The share of values that pass a test of (folded text, cell); what says "nothing" is not counted."""
    tested = passed = 0
    for cell in samples:
        # What is long is no figure, date or code, whatever stands behind.
        text = "".join(fold(cell[:_LONG]).split()) if isinstance(cell, str) else str(cell)
        if isinstance(cell, str) and is_empty(text):
            continue
        tested += 1
        passed += bool(test(text, cell))  # type: ignore[operator]
    return passed / tested if tested else 1.0


def _fits(shape: str, samples: list[Cell]) -> float:
    """How many of the values beneath may be of a shape."""
    tests = {
        "percent": lambda text, cell: (
            _is_figure(cell) or bool(_PERCENT.search(text)) or bool(_NUMBERED.fullmatch(text))
        ),
        "date": lambda text, cell: _is_day(text, cell) or _is_wording(text),
        "period": lambda text, cell: isinstance(cell, date) or _is_day_number(cell) or bool(re.search("[0-9]", text)),
        "flag": lambda text, cell: isinstance(cell, bool) or bool(_FLAG.fullmatch(text)),
        "name": lambda text, cell: isinstance(cell, str) and len(text) >= 3,
        "names": lambda text, cell: isinstance(cell, str),
        "credit_code": lambda text, cell: bool(re.search("[0-9]{4}", text)),
        "national_code": lambda text, cell: bool(re.search("[0-9]{4}", text)),
    }
    if shape in ("money", "number", "area", "count"):
        return _share(
            samples, lambda text, cell: _is_figure(cell) or bool(re.search("[0-9一二三四五六七八九十百千]", text))
        )
    return _share(samples, tests[shape]) if shape in tests else 1.0


def _is_day(text: str, cell: Cell) -> bool:
    return isinstance(cell, date) or _is_day_number(cell) or bool(_DATED.fullmatch(text))


def _is_wording(text: str) -> bool:
    """未开工 and 正在办理 stand in columns of dates as well; 是 and 否 do not."""
    return len(text) >= 3 and not re.search("[0-9]", text)


def _is_figure(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _is_day_number(cell: Cell) -> bool:
    return _is_figure(cell) and (1950 <= cell < 2100 or 20_000 <= cell <= 73_050 or 195_001 <= cell < 21_001_231)  # type: ignore[operator]


def _weigh(column: Draft) -> None:
    """Let the values beneath confirm the heading, or turn it: 开工 over dates is a date, over 是 and 否 a state."""
    if len([cell for cell in column.samples if not is_blank(cell)]) < 2 or not column.meaning:
        return
    fits = _fits(column.shape, column.samples)
    other = _INSTEAD.get(column.meaning, "")
    fits_other = (
        _share(column.samples, _is_day)
        if column.shape == "flag"
        else _fits(MEANINGS[other or "remark"].shape, column.samples)
    )
    if other and (fits < 0.4 or other == "progress_percent") and fits_other >= 0.7:
        if other == "progress_percent" and not _share(column.samples, _looks_percent) >= 0.7:
            return
        column.reason = f"标题像“{label(column.meaning)}”，下面的值是“{label(other)}”"
        column.guesses.append(headings.Guess(column.meaning, column.confidence / 2, "values"))
        column.meaning, column.confidence = other, min(column.confidence, 0.85)
    elif fits < 0.3:
        column.confidence *= 0.6
        column.reason += "，但下面的值不像"
        if column.confidence < _LEAST and column.shape not in ("money", "name"):
            column.meaning = ""


def _looks_percent(text: str, cell: Cell) -> bool:
    return (_is_figure(cell) and 0 <= cell <= 100) or bool(_PERCENT.fullmatch(text))  # type: ignore[operator]


# --- columns among each other -------------------------------------------------------------------------------------


def _place_name(columns: list[Draft]) -> None:
    """A heading that is nearly 项目名称, or none at all, over long words beside 序号 is the name."""
    if any(column.meaning == "name" and column.confidence >= SURE for column in columns):
        return
    serial = next((column.index for column in columns if column.meaning == "serial"), -1)
    for column in columns:
        like = next((guess for guess in column.guesses if guess.meaning == "name"), None)
        if not (like or not column.levels) or column.index not in (serial + 1, serial + 2):
            continue
        words = [cell for cell in column.samples if isinstance(cell, str) and len(cell.strip()) >= 4]
        if len(words) >= 0.7 * max(1, len(column.samples)) and len(set(words)) >= 0.8 * len(words) and words:
            column.meaning, column.confidence = "name", 0.85 if like else 0.6
            column.reason = (
                f"{column.named}紧挨序号，下面是各不相同的名称" if not like else f"{column.reason or ''}，又紧挨序号"
            )
            return


def _either(columns: list[Draft]) -> None:
    """累计完成投资 alone may be of the year or since the start: what the other columns say decides, or a person."""
    said = {column.meaning for column in columns if column.confidence >= SURE}
    for column in columns:
        unclear = [guess.meaning for guess in column.guesses if guess.how == "either"]
        if column.meaning not in unclear or column.confidence >= SURE:
            continue
        left = [meaning for meaning in unclear if meaning not in said]
        if len(left) == 1 and len(unclear) == 2:
            column.meaning, column.confidence = left[0], 0.85
            taken = next(meaning for meaning in unclear if meaning != left[0])
            column.reason = f"另有一列是“{label(taken)}”，这一列便是“{label(left[0])}”"
        else:
            column.ambiguous = tuple(unclear)
        said.add(column.meaning)


_AFTER: Final = re.compile("(?:调整|调|变更|修订|修正)后")
_CHANGED: Final = re.compile("(?:增减|差额|差值|[净调核][增减])(?:额|数|量|值)?$")


def _adjusted(columns: list[Draft]) -> None:
    """Of a plan and the plan after 调整 the adjusted one is in force, and the first one where it is blank; how much was
    added is neither.
    """
    for column in columns:
        if column.shape in ("money", "text") and _CHANGED.search(column.heading.key):
            column.settled, column.meaning, column.confidence = True, "", 0.5
            column.reason = f"{column.named}是增减的数，只保留原文"
    for column in columns:
        if not _AFTER.search(column.heading.key) or not column.meaning or column.shape not in ("money", "date"):
            continue
        for other in columns:
            same = (other.meaning, other.heading.year) == (column.meaning, column.heading.year)
            if other is column or not same or _AFTER.search(other.heading.key):
                continue
            column.before = other.index
            other.settled, other.meaning, other.confidence = True, "", 0.5
            other.reason = f"{column.named}是调整后的，以它为准；{column.named}空着的行按这一列读入"


def _once_each(columns: list[Draft]) -> None:
    """Of two columns that mean the same of the same month one holds; of the other the words are kept."""
    held: dict[tuple[str, int | None, int | None], Draft] = {}
    for column in sorted(
        columns, key=lambda column: (not column.told, -column.confidence, _rank(column), column.index)
    ):
        if not column.meaning or MEANINGS[column.meaning].repeats:
            continue
        when = (column.meaning, column.heading.year, column.heading.month)
        if when not in held:
            held[when] = column
            continue
        first = held[when]
        if column.told:
            continue
        column.settled = first.told  # what a person chose leaves nothing to ask about the other
        money = MEANINGS[column.meaning].shape == "money" and MEANINGS[column.meaning].goes
        column.ambiguous = (column.meaning,) if (money and not first.told) or column.meaning == "name" else ()
        column.guesses = [headings.Guess(column.meaning, column.confidence, "twice"), *column.guesses]
        column.reason = f"{first.named}已是“{label(column.meaning)}”，这一列只保留原文"
        column.meaning, column.confidence = "", 0.5


def _rank(column: Draft) -> int:
    """How near the heading is to the plainest name of its meaning."""
    code, rank = headings.LEXICON.get(column.heading.key, ("", 99))
    return rank if code == column.meaning else 99


def questions(columns: Sequence[Draft], *, summary: bool) -> list[Question]:
    """What a person must say of the meaning of columns of money, of days and of the name."""
    asked: list[Question] = []
    names = [column for column in columns if column.meaning == "name"]
    if not names and not summary:
        likely = [column for column in columns if any(isinstance(cell, str) for cell in column.samples)]
        text = "没有认出“项目名称”：请指出哪一列是项目名称"
        asked.append(Question("heading", None, text, tuple(str(column.index) for column in likely)))
    for column in columns:
        if column.told or (column.settled and not column.meaning):
            continue
        if not column.meaning and not column.ambiguous and _is_money(column):
            text = f"{column.named}像是金额，没有认出是哪一项：请选定"
            asked.append(Question("meaning", column.index, text, _MONEYS))
            continue
        choices = column.ambiguous or ((column.meaning,) if column.meaning else ())
        goes = any(MEANINGS[code].goes and MEANINGS[code].shape in ("money", "name", "date") for code in choices)
        unsure = column.ambiguous or (column.meaning and column.confidence < SURE)
        if goes and unsure and column.samples:
            more = [guess.meaning for guess in column.guesses]
            codes = tuple(dict.fromkeys([*choices, *more, ""]))
            words = "、".join(f"“{label(code)}”" for code in codes if code)
            asked.append(Question("meaning", column.index, f"{column.named}可能是{words}：请选定", codes))
    return asked


_MONEYS: Final = ("investment", "annual_plan", "month_done", "year_done", "total_done", "")


def _is_money(column: Draft) -> bool:
    """Whether a column nobody knows holds money: its heading has a unit, speaks of it or nearly does, and figures stand
    below.
    """
    key = column.heading.key
    words = re.search("投|资(?!料|质)|额$|金额|费用?$|款$|完.$|.成$", key)
    said = bool(column.heading.unit or words or headings.slips_of(key))
    figures = [
        cell for cell in column.samples if _is_figure(cell) or (isinstance(cell, str) and _NUMBERED.fullmatch(cell))
    ]
    return bool(said and figures and len(figures) >= 0.5 * len(column.samples))


def with_units(
    columns: Sequence[Draft], answers: Sequence[Answers], corner: str, nearby: str
) -> dict[int, tuple[str, str]]:
    """The unit of every column of money, with the sentence of doubt where it is that of its neighbours; "" unknown.

    A person's answer holds; then the heading, the corner or title, what was remembered, and the other columns.
    """
    moneys = [column for column in columns if column.shape == "money"]
    own = {column.heading.unit for column in moneys if column.heading.unit}
    units: dict[int, tuple[str, str]] = {}
    for column in moneys:
        told_now, *rest = answers
        told = told_now.units.get(column.key) or (told_now.units.get("") if not column.heading.unit else None)
        remembered = next((each.units.get(column.key) or each.units.get("") for each in rest if each.units), None)
        if told or (remembered and not (column.heading.unit or corner)):
            unit = told or remembered or ""
            lone = f"这一列的单位多写在格里，这一格没有写，按{unit}读入" if name_their_own(column) else ""
            units[column.index] = unit, lone
        elif column.heading.unit or corner:
            units[column.index] = column.heading.unit or corner, ""
        elif nearby or (len(own) == 1 and _plausible(column, next(iter(own)))):
            unit = nearby or next(iter(own))
            told_so = f"这一列没有写单位，按{'上一张表' if nearby else '同表其他列'}的{unit}读入"
            if not MEANINGS[column.meaning].goes:  # of what goes nowhere it is enough to say so once
                column.reason, told_so = f"{column.reason}；{told_so}", ""
            units[column.index] = unit, told_so
        else:
            units[column.index] = "", ""
    return units


def name_their_own(column: Draft) -> bool:
    """Whether most cells of a column without a unit of its own name theirs, so that a bare figure may be of any."""
    named = sum(isinstance(cell, str) and bool(re.search("[万亿]", cell[:_LONG])) for cell in column.samples)
    return not column.heading.unit and named > 0.5 * len(column.samples)


_USUAL: Final = {"investment": (10**6, 5 * 10**11), "": (10**4, 10**12)}  # yuan


def usual(meaning: str) -> tuple[int, int]:
    """Yuan between which a figure of a project usually lies."""
    return _USUAL.get(meaning, _USUAL[""])


def _plausible(column: Draft, unit: str) -> bool:
    """Whether the figures of a column are of a size that a project has, in this unit."""
    figures = sorted(float(cell) for cell in column.samples if _is_figure(cell) and cell)  # type: ignore[arg-type]
    if not figures:
        return True
    middle = figures[len(figures) // 2] * POWERS[unit]
    low, high = usual(column.meaning)
    return low <= middle <= high
