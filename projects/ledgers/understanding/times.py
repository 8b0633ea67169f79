"""The year and month that a ledger is about, as its title, its sheet and its headings say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from projects.glyphs import fold

_MONTHS: Final = {char: at for at, char in enumerate("〇一二三四五六七八九十")} | {"十一": 11, "十二": 12}
_NO: Final = r"1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十]"
_YEAR: Final = re.compile(
    r"(?<![0-9.])(?P<y>20[0-9]{2}|199[0-9])\s*"
    r"(?:年|(?=[.\-_/](?:1[0-2]|0?[1-9])(?![0-9]))|(?=(?:1[0-2]|0[1-9])(?![0-9]))|(?![0-9.%亿万元个]))"
)
_MONTH: Final = re.compile(rf"(?:(?:0?1|一)\s*月?\s*(?:-|–|—{{1,2}}|~|至|到)\s*)?(?<![0-9])(?P<m>{_NO})\s*月(?!度)")
_DOTTED: Final = re.compile(r"(?<![0-9.])20[0-9]{2}(?:[.\-_/](?P<m>1[0-2]|0?[1-9])|(?P<two>1[0-2]|0[1-9]))(?![0-9])")
_QUARTER: Final = re.compile(r"(?:第?(?P<q>[一二三四1-4])季度|(?P<h>[上下])半年)")
_UP_TO: Final = re.compile(rf"截[至止]到?\s*(?:20[0-9]{{2}}\s*年)?\s*(?:{_NO})\s*月\s*(?P<d>[0-9]{{1,2}})\s*[日号]")
_FILLED: Final = re.compile(r"(?:填报|填表|报送|制表|打印|导出|更新)(?:时间|日期)[:：].{0,20}")


@dataclass(frozen=True, slots=True)
class When:
    """A year and a month; None where unsaid. `day` is that of the month up to which something holds: 截至6月25日."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


def said_in(text: str) -> When:
    """What one text says: `2023年1-7月重点项目进度表`, `2023.7`, `上半年`. Two different ones say nothing."""
    plain = _FILLED.sub("", fold(text))
    years = {int(match["y"]) for match in _YEAR.finditer(plain)}
    months = {_number(match["m"]) for match in _MONTH.finditer(plain)} or {
        int(match["m"] or match["two"]) for match in _DOTTED.finditer(plain)
    }
    if not months and (match := _QUARTER.search(plain)):
        months = {3 * (_number(match["q"])) if match["q"] else 6 if match["h"] == "上" else 12}
    days = {int(match["d"]) for match in _UP_TO.finditer(plain)} if len(months) == 1 else set()
    day = days.pop() if len(days) == 1 else None
    return When(years.pop() if len(years) == 1 else None, months.pop() if len(months) == 1 else None, day)


def _number(text: str) -> int:
    return int(text) if text.isascii() else _MONTHS[text]
