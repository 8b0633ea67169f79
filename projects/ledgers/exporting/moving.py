"""The month that a table speaks of, moved on in its words: 2023年6月 → 2023年7月, 1-6月 → 1-7月, 2023.06 → 2023.07."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from projects.ledgers.exporting.telling import When

_DASH: Final = r"\s*(?:-|–|—{1,2}|~|～|至|到)\s*"
_DAY: Final = (
    r"(?P<dy>\d{4})(?P<d1>\s*年\s*|(?P<p>[.\-/]))(?P<dm>\d{1,2})"
    r"(?P<d2>(?(p)(?P=p)|\s*月\s*))(?P<dd>\d{1,2})(?P<d3>(?(p)|\s*日))"
)
_TIME: Final = re.compile(
    rf"(?P<filled>(?:填报|填表|报送|制表|上报|报表|编制)(?:日期|时间)\s*[:：]?\s*)?{_DAY}(?!\d)"
    rf"|(?<!\d)(?P<y>\d{{4}})(?P<sign>\s*年度?\s*)(?P<since>\d{{1,2}}\s*月?{_DASH})?(?P<m>\d{{1,2}})(?P<end>\s*月)"
    r"|(?<![\d.])(?P<py>20\d{2})(?P<point>[.\-/_])(?P<pm>\d{1,2})(?![\d.\-/])"
    r"|(?<!\d)(?P<cy>20\d{2})(?P<cm>0[1-9]|1[0-2])(?!\d)"
    rf"|(?<!\d)(?P<lsince>\d{{1,2}}\s*月?{_DASH})?(?P<lm>\d{{1,2}})(?P<lend>\s*月)(?!\d)"
    r"|(?<!\d)(?P<ly>(?:19|20)\d{2})(?P<lsign>\s*年)"
)


@dataclass(frozen=True, slots=True)
class Move:
    """From one month to another; `today` is the day of filling in. `alone`: a month without its year moves as well."""

    old: When
    new: When
    today: date
    alone: bool = True

    def __bool__(self) -> bool:
        return self.old != self.new

    def only_years(self) -> Move:
        """The same, but a month without its year stays."""
        return replace(self, alone=False)

    def words(self, text: str) -> str:
        """The text as it reads of the new month."""
        return _TIME.sub(self._put, text) if self else _TIME.sub(self._filled, text)

    def _filled(self, match: re.Match[str]) -> str:
        return self._put(match) if match["filled"] else match[0]

    def _put(self, match: re.Match[str]) -> str:
        old, new = self.old, self.new
        if match["dy"]:
            return self._day(match)
        if match["y"] or match["py"] or match["cy"]:
            year, month = int(match["y"] or match["py"] or match["cy"]), int(match["m"] or match["pm"] or match["cm"])
            if (year, month) != tuple(old):
                return match[0]
            if match["y"]:
                return f"{new.year}{match['sign']}{match['since'] or ''}{new.month}{match['end']}"
            padded = match["cm"] or match["pm"].startswith("0") or old.month > 9
            shown = f"{new.month:02}" if padded else str(new.month)
            return f"{new.year}{match['point'] or ''}{shown}"
        if match["lm"]:
            if not self.alone or int(match["lm"]) != old.month:
                return match[0]
            return f"{match['lsince'] or ''}{new.month}{match['lend']}"
        return f"{int(match['ly']) + new.year - old.year}{match['lsign']}"

    def _day(self, match: re.Match[str]) -> str:
        """A whole day: when it was filled in is today, the month's last day moves with it, any other stays."""
        day = self.today if match["filled"] else None
        said = (int(match["dy"]), int(match["dm"]), int(match["dd"]))
        last = self.old.last
        if day is None and said == (last.year, last.month, last.day):
            day = self.new.last
        if day is None:
            return match[0]
        wide = len(match["dm"]) == 2 and match["dm"][0] == "0"
        month, date_ = (f"{each:02}" if wide else str(each) for each in (day.month, day.day))
        return f"{match['filled'] or ''}{day.year}{match['d1']}{month}{match['d2']}{date_}{match['d3']}"
