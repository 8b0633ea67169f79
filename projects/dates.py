"""The only reader of dates.

Officials write dates with a precision: "2023年6月底", "2023.6", "今年三季度". A date is a span with first and last
day; a deadline is the last day. Relative words are resolved against the date of the document, or stay relative.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from projects.finding import near
from projects.glyphs import fold

QUARTERS: Final = "一二三四"
PRECISIONS: Final = frozenset({"day", "tendays", "month", "quarter", "half", "year", "range", "unknown"})


class UnreadableDate(ValueError):
    """A text that is not a date; the message is for officials and says what to write instead."""


@dataclass(frozen=True, slots=True)
class DateSpan:
    """The days a date may mean. An open end is None; with both None the date is unknown.

    `precision` is one of `PRECISIONS`; `relative` keeps the words that could not be resolved ("明年3月").
    """

    first: date | None
    last: date | None
    precision: str
    relative: str = ""

    def __post_init__(self) -> None:
        """Refuse what no text can mean.

        Raises:
            ValueError: first after last, or an unknown precision.
        """
        if self.precision not in PRECISIONS or (self.first and self.last and self.first > self.last):
            raise ValueError(f"no such span: {self.first}..{self.last} ({self.precision})")

    @property
    def deadline(self) -> date | None:
        """The last day, on which what is promised must be done; None when open or unknown."""
        return self.last

    def iso(self) -> str:
        """The exchange form: 2023-06-30, 2023-06, 2023-Q3, 2023-H2, 2023, 2021-01-01/2023-12-31; "" when unknown."""
        day = self.first or self.last
        if day is None:
            return ""
        if self.precision == "range":
            return f"{self.first.isoformat() if self.first else '..'}/{self.last.isoformat() if self.last else '..'}"
        forms = {
            "day": day.isoformat(),
            "quarter": f"{day.year:04}-Q{_quarter_of(day)}",
            "half": f"{day.year:04}-H{1 if day.month <= 6 else 2}",
            "year": f"{day.year:04}",
        }
        return forms.get(self.precision, f"{day.year:04}-{day.month:02}")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date inside a running text; `text` is `whole[start:end]`.

    `partial` is the exchange form of a date whose year stays unknown ("--01-28", "--06", "--H2", next year "+1-12"),
    else "". An impossible date ("2023年2月30日") is found with an unknown span.
    """

    span: DateSpan
    start: int
    end: int
    text: str
    partial: str = ""


# --- spans --------------------------------------------------------------------------------------------------------


def _quarter_of(day: date) -> int:
    return (day.month + 2) // 3


def _months(year: int, first: int, last: int, precision: str) -> DateSpan:
    """The span of whole months of a year."""
    return DateSpan(date(year, first, 1), date(year, last, monthrange(year, last)[1]), precision)


def _tendays(year: int, month: int, part: str) -> DateSpan:
    """上旬, 中旬 or 下旬 of a month."""
    first = {"上": 1, "中": 11, "下": 21}[part]
    last = monthrange(year, month)[1] if part == "下" else first + 9
    return DateSpan(date(year, month, first), date(year, month, last), "tendays")


def _day(day: date) -> DateSpan:
    return DateSpan(day, day, "day")


def _unknown(words: str) -> DateSpan:
    return DateSpan(None, None, "unknown", words)


# --- the grammar --------------------------------------------------------------------------------------------------

_Words = dict[str, str]

_CN: Final = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "元": 1, "首": 1}
_SHIFTS: Final = {"今年": 0, "本年": 0, "明年": 1, "来年": 1, "后年": 2, "去年": -1, "上年": -1, "前年": -2}
_NEAR: Final = {"今": 0, "本": 0, "这": 0, "当": 0, "明": 1, "下": 1, "后": 2, "昨": -1, "上": -1, "前": -2}

# Holidays of one day every year, and those of the moon: month and day of each year from 2015 to 2035, as the calendar
# of the package `holidays` has them.
_FIXED_FEASTS: Final = {"元旦": (1, 1), "五一": (5, 1), "七一": (7, 1), "国庆": (10, 1), "十一": (10, 1)}
_MOON_FEASTS: Final = {
    "春节": "219 208 128 216 205 125 212 201 122 210 129 217 206 126 213 203 123 211 131 219 208",
    "端午": "620 609 530 618 607 625 614 603 622 610 531 619 609 528 616 605 624 612 601 620 610",
    "中秋": "927 915 1004 924 913 1001 921 910 929 917 1006 925 915 1003 922 912 1001 919 908 927 916",
}
_MOON_FROM: Final = 2015
_SEASONS: Final = {"春": 3, "夏": 6, "秋": 9}

_NOT_AFTER_NUMBER = r"(?<![0-9.〇零一二三四五六七八九十百两几数])"
_MONTH_NO = r"(?:[0-9]{1,2}|十[一二]?|[一二三四五六七八九元])"
_DAY_NO = r"(?:[0-9]{1,2}|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
# 年产 is a capacity, 投产后年产值 no 后年, 底层 a floor, 初步设计 a drawing, 内资 capital.
_EDGE = r"(?:底(?![层部座线价商盘])|末(?!端)|初(?![步审设级中次稿具见始期]))"
_INSIDE = r"内(?![部外资陆蒙控涵容环科])"
_YEAR = (
    r"(?:(?<![0-9.])(?:(?P<y4>(?:19|20)[0-9]{2})|(?P<y2>[0-9]{2}))\s?年(?!产(?![值业能]))度?"
    r"|(?P<yc>[一二][〇零一二三四五六七八九]{3})年(?!产(?![值业能]))度?"
    r"|(?P<ry>今年|本年|明年|来年|后年(?![产加收营税利均纳销可新])|去年|上年|前年)度?)(?!同期|同比)"
)
_MONTH = (
    rf"(?P<m>{_MONTH_NO})\s?月(?![龄饼])份?"
    rf"(?:[^\S\n]?(?P<d>{_DAY_NO})\s?[日号]|(?P<part>[上中下])旬|(?P<medge>{_EDGE}))?"
)
_QUARTER = rf"(?:第?(?P<q>[一二三四1-4首])季度(?P<qedge>{_EDGE})?|(?<![0-9A-Za-z])Q(?P<ql>[1-4])(?![0-9A-Za-z]))"
_HALF = r"(?P<h>[上下])半年"
_RUN = r"前(?P<run>[二两三23])个?季度"
_YEAR_EDGE = rf"年?(?P<yedge>{_EDGE}|{_INSIDE})"
_MIDYEAR = r"(?:年中(?![国央期标小学间])|中(?=[前投竣完可试]))(?P<mid>)"
_FEAST_TIME = (
    r"[”’]?(?:国际)?(?:劳动)?节?(?:(?P<feasttime>期间|(?:小长|长)?假(?:期|日)?|前后|之?后(?![勤备续期]))"
    r"|(?P<eve>[之以]?前(?![往来后期沿夕])|前夕))?"
)
# 五一路 and 李国庆 are no holidays.
_FEAST = (
    r"[“‘]?(?P<feast>元旦|春节|端午|中秋|国庆(?=[节前期假长小后当之”’])"
    r"|[五七]一(?=[”’节前期假劳小])|(?<=[“‘])十一(?=[”’]))" + _FEAST_TIME
)
_FEAST_OF_YEAR = (
    r"的?[“‘]?(?P<feast>元旦|春节|端午|中秋|国庆(?![0-9路门街])|[五七]一(?![路村街])"
    r"|(?<=[“‘])十一(?=[”’]))" + _FEAST_TIME
)
_SEASON = r"(?P<season>[春夏秋])(?:[季天]|(?=[,，。;；、)）建投竣完开可全正]))"
_IN_YEAR = rf"(?:{_MONTH}|{_QUARTER}|{_HALF}|{_RUN}|{_MIDYEAR}|{_FEAST_OF_YEAR}|{_SEASON}|{_YEAR_EDGE})"
_ASOF = r"(?P<asof>截[至止]到?)?\s?"
_SUFFIX = r"(?:(?P<before>(?<=[日号底末])[之以]?前(?![往来后期沿]))|(?P<since>以来|至今|起(?![重动草步点])))?"
_TO = r"\s?(?:-|–|—{1,2}|~|至|到)\s?"
_NEARBY = re.compile(r"[^。;!?\n]{0,8}")
_NOT_A_QUANTITY = r"(?!\s?[亿万元%吨个亩项年])"

# Each with what a text must hold, to hold such a date: most texts hold nothing of most forms.
_BEFORE_SIGN: Final = 20  # characters at most that a date has before it
_FORMS: Final = tuple(
    (re.compile(signs), re.compile(form))
    for signs, form in (
        # 2023.6.5, 2023-06, 2023/6/5; 20230605
        (
            r"[-/.]",
            r"(?<![0-9.\-/])(?P<y4>(?:19|20)[0-9]{2})(?P<sep>[-/.])(?P<m>1[0-2]|0?[1-9])"
            rf"(?:(?P=sep)(?P<d>[0-9]{{1,2}}))?(?![0-9])(?![-/.][0-9]){_NOT_A_QUANTITY}",
        ),
        (
            "[0-9]{8}",
            r"(?<![0-9.\-/])(?P<y4>(?:19|20)[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12][0-9]|3[01])"
            rf"(?![0-9.]){_NOT_A_QUANTITY}",
        ),
        # 2021-2023年, 2021年至2023年
        (
            r"[-–—~至到]\s?(?:19|20)[0-9]{2}\s?年",
            rf"(?<![0-9.\-/])(?P<y4>(?:19|20)[0-9]{{2}})\s?年?{_TO}"
            r"(?P<z4>(?:19|20)[0-9]{2})\s?年(?!产(?![值业能]))度?(?!\s?[0-9])",
        ),
        # 3-5月, 2022年3月至6月; 5月11日至12日
        (
            rf"[-–—~至到]\s?{_MONTH_NO}\s?月",
            rf"(?:{_YEAR}\s?|{_NOT_AFTER_NUMBER})(?P<m>{_MONTH_NO})\s?月?份?{_TO}"
            rf"(?P<m2>{_MONTH_NO})\s?月份?(?!\s?[0-9龄饼])",
        ),
        (
            rf"[-–—~至到]\s?{_DAY_NO}\s?[日号]",
            rf"(?:{_YEAR}\s?|{_NOT_AFTER_NUMBER})(?P<m>{_MONTH_NO})\s?月\s?(?P<d>{_DAY_NO})\s?[日号]?{_TO}"
            rf"(?P<d2>{_DAY_NO})\s?[日号]",
        ),
        ("年", rf"{_ASOF}{_YEAR}(?:\s?{_IN_YEAR})?{_SUFFIX}"),
        ("[QH]", r"(?<![0-9])(?P<y4>(?:19|20)[0-9]{2})-?(?:Q(?P<ql>[1-4])|H(?P<hl>[12]))(?![0-9A-Za-z])"),
        ("月|Q|季度|半年", rf"{_ASOF}(?:{_NOT_AFTER_NUMBER}{_MONTH}|{_QUARTER}|{_HALF}|{_RUN}){_SUFFIX}"),
        # 三年内 is a duration, 每年底 a habit, 当年底 the end of somebody else's year.
        (
            "年底|年末|年初|年内",
            rf"{_ASOF}(?<![0-9〇零一二三四五六七八九十百两几数多当同每次翌往历年])年(?P<yedge>{_EDGE}|{_INSIDE}){_SUFFIX}",
        ),
        (
            "上月|本月|下月|这月|上个月|本个月|下个月|这个月",
            rf"{_ASOF}(?P<rm>(?<!以)上|本|下|这)个?月"
            rf"(?:(?P<part>[上中下])旬|(?P<medge>{_EDGE})|(?P<d>{_DAY_NO})[日号])?{_SUFFIX}",
        ),
        ("元旦|春节|端午|中秋|国庆|五一|七一|十一", rf"{_ASOF}{_FEAST}"),
        ("周|星期", r"(?P<rw>(?<![以加])上|本|这|下)个?(?:周|星期)(?P<wd>[一二三四五六日天])(?![期次])"),
        (
            "天前|天之前|天以前|周前|个月前|个月之前|个月以前|个多月前",
            rf"(?<![0-9.提])(?P<ago>[0-9]{{1,2}}|{_DAY_NO}|两)(?P<unit>天|周|个多?月)[之以]?前(?![往来后期沿])",
        ),
        (
            "月底|月末|月初",
            rf"{_ASOF}(?<![0-9〇零一二三四五六七八九十两几数个每当元正腊冬])月(?P<medge>{_EDGE}){_SUFFIX}",
        ),
        ("季度", r"(?P<rq>本|(?<!以)上|下)季度"),
        (
            "今|明|昨|截|前天",
            r"(?P<rd>[今明昨])[日天](?!头条|之)|(?<![目之以此日])(?P<rdb>前)天|截[至止]到?(?P<now>目前|今(?!年))",
        ),
    )
)


def _number(text: str) -> int:
    """The value of 1–99 in Arabic or Chinese numerals."""
    if text.isdigit() and text.isascii():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (10 * _CN.get(tens, 1) if ten else 0) + (_CN[ones] if ones else 0)


def _own_year(words: _Words) -> int | None:
    """The year as written, if one is; 08年 is 2008 and 98年 is 1998."""
    if "y4" in words:
        return int(words["y4"])
    if "yc" in words:
        return int("".join(str(_CN[char]) for char in words["yc"]))
    if "y2" in words:
        return int(words["y2"]) + (2000 if int(words["y2"]) <= 50 else 1900)
    return None


# --- from words to spans ------------------------------------------------------------------------------------------


def _in_year(words: _Words, year: int) -> DateSpan:
    """The closed span that the words mean in a year.

    Raises:
        ValueError: no such month or day.
    """
    if "z4" in words:
        return DateSpan(date(year, 1, 1), date(int(words["z4"]), 12, 31), "range")
    if "m" in words:
        return _in_month(words, year, _number(words["m"]))
    if "run" in words:
        return _months(year, 1, 3 * _number(words["run"]), "range")
    if "feast" in words:
        return _feast(words, year)
    if "season" in words:
        return _months(year, _SEASONS[words["season"]], _SEASONS[words["season"]] + 2, "range")
    if "mid" in words:
        return _months(year, 6, 6, "month")
    quarter = _number(words.get("q") or words.get("ql") or "0")
    if quarter:
        return _months(year, *_quarter_months(quarter, words.get("qedge")))
    if "h" in words or "hl" in words:
        return _months(year, *((1, 6) if words.get("h") == "上" or words.get("hl") == "1" else (7, 12)), "half")
    if "yedge" in words:
        month = 1 if words["yedge"] == "初" else 12
        return _months(year, month, month, "month")
    return _months(year, 1, 12, "year")


def _feast(words: _Words, year: int) -> DateSpan:
    """The day of a holiday; its month where the words mean the days around it or after it.

    Raises:
        ValueError: a holiday of the moon in a year that the table does not hold.
    """
    if known := _FIXED_FEASTS.get(words["feast"]):
        month, day = known
    else:
        days = _MOON_FEASTS[words["feast"]].split()
        if not 0 <= year - _MOON_FROM < len(days):
            raise ValueError(f"no {words['feast']} known of {year}")
        month, day = divmod(int(days[year - _MOON_FROM]), 100)
    return _months(year, month, month, "month") if "feasttime" in words else _day(date(year, month, day))


def _quarter_months(quarter: int, edge: str | None) -> tuple[int, int, str]:
    """First month, last month and precision of a quarter, or of its first or last month (三季度末)."""
    if edge:
        month = 3 * quarter - (2 if edge == "初" else 0)
        return month, month, "month"
    return 3 * quarter - 2, 3 * quarter, "quarter"


def _in_month(words: _Words, year: int, month: int) -> DateSpan:
    """The closed span that the words mean in a month."""
    if "m2" in words:
        return _months(year, month, _number(words["m2"]), "range")
    if "d2" in words:
        return DateSpan(date(year, month, _number(words["d"])), date(year, month, _number(words["d2"])), "range")
    if "d" in words:
        return _day(date(year, month, _number(words["d"])))
    if "part" in words:
        return _tendays(year, month, words["part"])
    return _months(year, month, month, "month")


def _resolve(words: _Words, ref: DateSpan | None, printed: str) -> DateSpan:
    """The span of the words; unknown, with the words kept, where the document's date is needed and says too little."""
    year = _own_year(words)
    closed = _in_year(words, year) if year is not None else _relative(words, ref)
    return _open(words, closed) if closed else _unknown(printed)


def _relative(words: _Words, ref: DateSpan | None) -> DateSpan | None:
    """The closed span of words without a year, seen from the document's date."""
    first, last = (ref.first, ref.last) if ref else (None, None)
    if first is None or last is None:
        if not _COUNTED_BACK & words.keys():
            _in_year(words, 2020)  # even without a year, 2月30日 does not exist
        return None
    if {"rd", "rdb", "now"} & words.keys():
        shift = _NEAR[words.get("rd") or words.get("rdb", "今")]
        return _day(last + timedelta(days=shift)) if first == last else None
    if "rw" in words or "ago" in words:
        return _counted_back(words, first, last)
    if "rm" in words or ("medge" in words and "m" not in words):
        return _near_month(words, first, last)
    if "rq" in words:
        return _near_quarter(words, first, last)
    if "ry" in words or "yedge" in words:
        shift = _SHIFTS[words.get("ry", "今年")]
        return _in_year(words, first.year + shift) if first.year == last.year else None
    return _nearest(words, first, last)


_COUNTED_BACK: Final = {"rw", "ago"}
_WEEKDAYS: Final = "一二三四五六日天"


def _counted_back(words: _Words, first: date, last: date) -> DateSpan | None:
    """上周四, 三天前, 两个月前: counted in days or months from the document's day."""
    if "rw" in words:
        monday = last - timedelta(days=last.weekday()) + timedelta(weeks=_NEAR[words["rw"]])
        return _day(monday + timedelta(days=min(6, _WEEKDAYS.index(words["wd"])))) if first == last else None
    count = _number(words["ago"])
    if "月" in words["unit"]:
        months = last.year * 12 + last.month - 1 - count
        return _months(months // 12, months % 12 + 1, months % 12 + 1, "month") if _one_month(first, last) else None
    days = count * (7 if words["unit"] == "周" else 1)
    return _day(last - timedelta(days=days)) if first == last else None


def _one_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _near_month(words: _Words, first: date, last: date) -> DateSpan | None:
    """上月, 本月底, 月底: counted from the month of the document."""
    if not _one_month(first, last):
        return None
    months = first.year * 12 + first.month - 1 + _NEAR[words.get("rm", "本")]
    return _in_month(words, months // 12, months % 12 + 1)


def _near_quarter(words: _Words, first: date, last: date) -> DateSpan | None:
    """上季度, 本季度: counted from the quarter of the document."""
    if (first.year, _quarter_of(first)) != (last.year, _quarter_of(last)):
        return None
    quarters = first.year * 4 + _quarter_of(first) - 1 + _NEAR[words["rq"]]
    return _months(quarters // 4, *_quarter_months(quarters % 4 + 1, None))


def _nearest(words: _Words, first: date, last: date) -> DateSpan:
    """The year that brings "1月28日" closest to the document's date; of two as close, the earlier.

    Raises:
        ValueError: a day that no year has.
    """
    spans = list(_possible(words, range(first.year - 4, last.year + 5)))
    if not spans:
        raise ValueError("no such day in any year")
    return min(spans, key=lambda span: (_distance(span, first, last), span.first or first))


def _possible(words: _Words, years: range) -> Iterator[DateSpan]:
    """The spans in those years in which the day exists (29 February)."""
    for year in years:
        try:
            yield _in_year(words, year)
        except ValueError:
            continue


def _distance(span: DateSpan, first: date, last: date) -> int:
    """Days between a closed span and the document's date."""
    after = (span.first - last).days if span.first else 0
    before = (first - span.last).days if span.last else 0
    return max(0, after, before)


def _open(words: _Words, span: DateSpan) -> DateSpan:
    """The span after what is said around it: 截至…底 is a day, …前 and 年内 have no first day, …以来 no last one."""
    at_end = {"底", "末"} & {words.get("medge"), words.get("yedge"), words.get("qedge")}
    if "asof" in words and at_end and span.last:
        return _day(span.last)
    if "eve" in words and span.last:
        return DateSpan(None, span.last - timedelta(days=1), "day")
    if "before" in words or words.get("yedge") == "内":
        return replace(span, first=None)
    if "since" in words and span.precision != "range":
        return replace(span, last=None)
    return span


def _partial(words: _Words) -> str:
    """The exchange form of words without a year: --01-28, --06, --Q3, --H2; next year +1-12; "" where there is none."""
    alone = {"rm", "rq", "rd", "rdb", "now", "rw", "ago"} & words.keys() or words.get("feast") in _MOON_FEASTS
    if alone or ("medge" in words and "m" not in words):
        return ""
    shift = _SHIFTS[words.get("ry", "今年")]
    inner = _in_year(words, 2000) if "d" not in words else None
    if "eve" in words and inner and inner.last:
        form = f"{inner.last - timedelta(days=1):%m-%d}"
    elif inner is None:
        day = words.get("d2") or words["d"]
        form = f"{_number(words['m']):02}-{_number(day):02}"
    elif inner.precision == "range":
        form = f"{inner.last:%m}" if inner.last else ""
    else:
        form = inner.iso()[5:]
    return f"{shift:+}-{form}".rstrip("-") if shift else f"--{form}" if form else ""


# --- reading and finding ------------------------------------------------------------------------------------------


def _reference(on: DateSpan | date | None) -> DateSpan | None:
    """The document's date as a closed span; None when it is unknown."""
    if on is None or isinstance(on, date):
        return None if on is None else _day(date(on.year, on.month, on.day))
    first, last = on.first or on.last, on.last or on.first
    return DateSpan(first, last, on.precision) if first else None


def read(text: str | date, *, on: DateSpan | date | None = None) -> DateSpan:
    """Read a text that is one date, such as a cell: "2023年6月底", "2023.6", "20230605", "今年三季度", "2021-2023年".

    Args:
        text: the whole text is the date; a date is taken as it is.
        on: the date of the document, against which "今年" and "1月28日" are resolved. Without it they stay relative.

    Raises:
        UnreadableDate: no date, or one that does not exist (2023年2月30日).
    """
    if isinstance(text, date):
        return _day(date(text.year, text.month, text.day))
    plain = fold(text).strip()
    if plain in ("不详", "未知"):
        return _unknown("")
    found = _scan(_spelled_out(plain), _reference(on))
    if len(found) != 1 or (found[0].end - found[0].start) != len(_spelled_out(plain)):
        hint = "“前”字前面请写明日或“底”，例如" if plain.endswith("前") else "请写成2023年6月30日、2023年6月或"
        raise UnreadableDate(f"“{text}”不是能读懂的日期：{hint}2023-06-30")
    span = found[0].span
    if span.precision == "unknown" and not span.relative:
        raise UnreadableDate(f"“{text}”不是存在的日期：请核对月和日")
    return replace(span, relative=text.strip()) if span.relative else span


def _spelled_out(plain: str) -> str:
    """A cell may say less than a sentence must: "2023", "202306", "98年", a time after the day."""
    plain = re.sub(r"(?<=[0-9])[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\Z", "", plain)
    plain = re.sub(r"\A((?:19|20)[0-9]{2})(0[1-9]|1[0-2])\Z", r"\1-\2", plain)
    plain = re.sub(r"\A((?:19|20)[0-9]{2}(?:-(?:19|20)[0-9]{2})?)\Z", r"\1年", plain)
    year = re.match(r"([0-9]{2})年", plain)
    return f"{_own_year({'y2': year[1]})}{plain[2:]}" if year else plain


def find(text: str, *, on: DateSpan | date | None = None) -> list[FoundDate]:
    """All dates of a running text, in order and without overlap; `on` is the date of the document, if known.

    Capacities (年产), durations (三年内, 6个月) and figures that look like dates (2023.6亿元) are none.
    """
    return [replace(each, text=text[each.start : each.end]) for each in _scan(fold(text), _reference(on))]


def _scan(plain: str, ref: DateSpan | None) -> list[FoundDate]:
    """The dates of a folded text; neighbours joined by 至 are one range."""
    found: list[FoundDate] = []
    before: _Words = {}
    for match in _matches(plain):
        words = {name: value for name, value in match.groupdict().items() if value is not None}
        if found and _NEARBY.fullmatch(plain, found[-1].end, match.start()):
            words = _inherited(before, words) | words
        before = words
        joined = _joined(plain, found[-1], match, words) if found else None
        if joined:
            found[-1] = joined
        else:
            found.append(_found(match, words, ref))
    return found


def _matches(plain: str) -> Iterator[re.Match[str]]:
    """The longest match at the leftmost place, again and again."""
    found = (near(signs, _BEFORE_SIGN, form, plain) for signs, form in _FORMS)
    all_matches = [match for matches in found for match in matches if _is_date(match)]
    end = 0
    for match in sorted(all_matches, key=lambda match: (match.start(), -match.end())):
        if match.start() >= end:
            end = match.end()
            yield match


def _is_date(match: re.Match[str]) -> bool:
    """Two digits before 年 are a year only as 08年, or with something of a year behind: "20年" is a duration."""
    words = match.groupdict()
    if words.get("m") and not _has_year(words) and not 1 <= _number(words["m"]) <= 12:
        return False
    if not words.get("y2") or words["y2"][0] == "0":
        return True
    return any(words.get(name) for name in ("m", "q", "ql", "h")) or words.get("yedge") in ("底", "末")


def _inherited(before: _Words, words: _Words) -> _Words:
    """The year that a month takes over from the date just before it: "明年5月建成、8月投产"."""
    if "m" not in words or "m" not in before or _has_year(words) or _number(words["m"]) < _number(before["m"]):
        return {}
    return {name: before[name] for name in ("y4", "yc", "y2", "ry") if name in before}


def _found(match: re.Match[str], words: _Words, ref: DateSpan | None) -> FoundDate:
    """One date with its place; the span of one that does not exist is unknown."""
    printed = match[0]
    start = match.start() + len(printed) - len(printed.lstrip())
    printed = printed.strip()
    try:
        span = _resolve(words, ref, printed if printed.startswith(words.get("ry", "")) else words["ry"] + printed)
        partial = _partial(words) if span.precision == "unknown" else ""
    except ValueError:
        span, partial = _unknown(""), ""
    return FoundDate(span, start, match.end(), printed, partial)


def _has_year(words: Mapping[str, str | None]) -> bool:
    return any(words.get(name) for name in ("y4", "yc", "y2", "ry"))


def _joined(plain: str, left: FoundDate, match: re.Match[str], words: _Words) -> FoundDate | None:
    """Two dates with 至 between them as one range; the right one may leave its year to the left one."""
    if not left.span.first or not left.span.last or not re.fullmatch(_TO, plain[left.end : match.start()]):
        return None
    right = _found(match, words, left.span).span
    if not right.first or not right.last or right.first < left.span.first:
        return None
    span = DateSpan(left.span.first, right.last, "range")
    return FoundDate(span, left.start, match.end(), plain[left.start : match.end()])


# --- showing ------------------------------------------------------------------------------------------------------


def show(span: DateSpan) -> str:
    """Write a span as officials do: 2023年6月30日, 2023年6月, 2023年三季度, 2023年6月底前; `read` gives it back."""
    if span.first and span.last:
        return _show_range(span.first, span.last) if span.precision == "range" else _show_from(span.first, span)
    if span.first:
        return f"{_show_from(span.first, span)}以来"
    if span.last:
        month = f"{span.last.year}年{span.last.month}月"
        return f"{month}底前" if span.precision == "month" else f"{month}{span.last.day}日前"
    return span.relative or "不详"


def _show_from(first: date, span: DateSpan) -> str:
    """A span that begins on a day, at its precision."""
    year = f"{first.year}年"
    forms = {
        "month": f"{first.month}月",
        "tendays": f"{first.month}月{'上中下'[min(2, first.day // 10)]}旬",
        "quarter": f"{QUARTERS[_quarter_of(first) - 1]}季度",
        "half": f"{'上' if first.month <= 6 else '下'}半年",
        "year": "",
    }
    return year + forms.get(span.precision, f"{first.month}月{first.day}日")


def _show_range(first: date, last: date) -> str:
    """A range by years, months or days, whichever says it."""
    if last.day != monthrange(last.year, last.month)[1] or first.day != 1:
        return f"{_show_from(first, _day(first))}至{_show_from(last, _day(last))}"
    if (first.month, last.month) == (1, 12):
        return f"{first.year}年至{last.year}年"
    return f"{first.year}年{first.month}月至{last.year}年{last.month}月"
