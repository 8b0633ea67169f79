"""How an office writes a value: the printed cell, and what it truly means."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from bench.ledger_maker.paper import Printed
from bench.ledger_maker.truth import CellTruth, Days, Money, Percent

POWERS: Final = {"元": 0, "万元": 4, "亿元": 8}
_NOTHING: Final = ("-", "/", "—", "——", "无", "", "待定")
_WIDE: Final = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
_NUMERALS: Final = "零一二三四五六七八九"


@dataclass(frozen=True)
class Cell:
    """What to print, in which number format, and the truth of it."""

    printed: Printed
    truth: CellTruth
    shape: str = ""


def plainly(printed: Printed, value: object, shape: str = "", also: tuple[object, ...] = ()) -> Cell:
    """A cell that can be known."""
    return Cell(printed, CellTruth(printed, value, also), shape)  # type: ignore[arg-type]


def doubtful(printed: Printed, why: str, shape: str = "") -> Cell:
    """A cell that nobody can know."""
    return Cell(printed, CellTruth(printed, None, doubtful=True, why=why), shape)


def nothing(rng: Random) -> Cell:
    """What stands for nothing."""
    return plainly(rng.choice(_NOTHING) or None, None)


# --- money --------------------------------------------------------------------------------------------------------


def figure(yuan: int, unit: str) -> Decimal:
    """So many 元, 万元 or 亿元, exactly."""
    return Decimal(yuan).scaleb(-POWERS[unit]).normalize() + 0


def number(yuan: int, unit: str) -> int | float:
    """As Excel keeps it."""
    value = figure(yuan, unit)
    return int(value) if value == value.to_integral_value() else float(value)


def text_of(value: Decimal) -> str:
    return f"{value:f}"


def money(rng: Random, yuan: int, unit: str, dirt: float) -> Cell:
    """An amount in a column whose unit is known."""
    if yuan == 0:
        return plainly(0, Money(0, 0)) if rng.random() < 0.6 else nothing(rng)
    if rng.random() >= dirt:
        return plainly(number(yuan, unit), Money(yuan, yuan), rng.choice(("", "#,##0.00", "0.00", "#,##0")))
    write = rng.choice(_SURE_MONEY if rng.random() < 0.8 else _TRAPS)
    return write(rng, yuan, unit)


def with_unit(rng: Random, yuan: int, dirt: float) -> Cell:
    """An amount that says its own unit."""
    if yuan == 0:
        return nothing(rng)
    if rng.random() < dirt / 2:
        return _about(rng, yuan, "")
    unit = "亿元" if yuan >= 10**8 and rng.random() < 0.7 else "万元"
    shown = text_of(figure(yuan, unit))
    return plainly(f"{shown}{unit[0] if rng.random() < 0.25 else unit}", Money(yuan, yuan))


def _as_text(rng: Random, yuan: int, unit: str) -> Cell:
    value = figure(yuan, unit)
    written = [
        text_of(value),
        f"{value:,f}",
        text_of(value).translate(_WIDE),
        f"{value:f} ",
        f" {value:f}",
        f"{value:.2f}",
    ]
    exact = [
        each for each in written if Decimal(each.strip().replace(",", "").replace("，", "").replace("．", ".")) == value
    ]
    return plainly(rng.choice(exact), Money(yuan, yuan))


def _own_unit(rng: Random, yuan: int, unit: str) -> Cell:
    other = rng.choice(("亿元", "亿", "万元", "元", "万"))
    shown = text_of(figure(yuan, other if other.endswith("元") else f"{other}元"))
    return plainly(f"{shown}{rng.choice(('', '', chr(10), ' '))}{other}", Money(yuan, yuan))


def _about(rng: Random, yuan: int, unit: str) -> Cell:
    """With a qualifier; in the column's unit or, with "" or by chance, in its own."""
    own = "" if unit and rng.random() < 0.5 else rng.choice(("亿元", "万元"))
    shown = text_of(figure(yuan, own or unit))
    before, after, meant = rng.choice(
        (("约", "", "about"), ("大约", "", "about"), ("", "左右", "about"), ("近", "", "near"), ("超", "", "over"),
         ("不低于", "", "over"), ("", "以上", "over"), ("不足", "", "under"))
    )  # fmt: skip
    return plainly(f"{before}{shown}{own}{after}", Money(yuan, yuan, meant))


def _between(rng: Random, yuan: int, unit: str) -> Cell:
    high = yuan + max(yuan // 5 // 10**6, 1) * 10**6
    low, top = text_of(figure(yuan, unit)), text_of(figure(high, unit))
    own = rng.choice(("", unit))
    return plainly(f"{low}{rng.choice('-—~至')}{top}{own}", Money(yuan, high))


def _dollars(rng: Random, yuan: int, unit: str) -> Cell:
    millions = rng.choice((1200, 3000, 5000))
    return plainly(f"{millions}万美元", Money(millions * 10_000, millions * 10_000, currency="USD"))


def _spelled(rng: Random, yuan: int, unit: str) -> Cell:
    digit = rng.randint(2, 9)
    power, zeros = rng.choice((("千万", 7), ("亿", 8), ("百万", 6)))
    return plainly(f"{_NUMERALS[digit]}{power}元", Money(digit * 10**zeros, digit * 10**zeros))


_SURE_MONEY: Final[tuple[Callable[[Random, int, str], Cell], ...]] = (
    _as_text, _as_text, _as_text, _own_unit, _own_unit, _about, _about, _between, _dollars, _spelled,
)  # fmt: skip


def _in_yuan(rng: Random, yuan: int, unit: str) -> Cell:
    return doubtful(number(yuan * 10_000, unit), "比其余的大一万倍，应是按元填的")


def _other_scale(rng: Random, yuan: int, unit: str) -> Cell:
    if unit == "亿元":
        return doubtful(number(yuan, "万元"), "亿元列里写了万元的数")
    if yuan < 10**8:  # too near to what may be meant
        return _in_yuan(rng, yuan, unit)
    return doubtful(number(yuan, "亿元"), f"{unit}列里写了亿元的数")


def _letter(rng: Random, yuan: int, unit: str) -> Cell:
    return doubtful(rng.choice(("12OO", "l500", "3200?", "1200.", "12,00", "2.5.6")), "数字写坏了")


def _words_for_money(rng: Random, yuan: int, unit: str) -> Cell:
    return doubtful(rng.choice(("正在核算", "未批", "详见附件", "同上")), "不是数")


def _negative(rng: Random, yuan: int, unit: str) -> Cell:
    return doubtful(-abs(number(yuan, unit)), "负数")


def _two_figures(rng: Random, yuan: int, unit: str) -> Cell:
    return doubtful(rng.choice(("3.5亿元/2.1亿元", "一期2亿元，二期3亿元", "5000（含设备3000）")), "一格里有两个数")


_TRAPS: Final = (_in_yuan, _other_scale, _letter, _words_for_money, _negative, _two_figures)
TRAPS: Final = {each.__name__.strip("_"): each for each in _TRAPS} | {
    each.__name__.strip("_"): each for each in _SURE_MONEY
}


# --- dates --------------------------------------------------------------------------------------------------------


def _month(day: date, *, sure_first: bool = True) -> Days:
    last = date(day.year, day.month, monthrange(day.year, day.month)[1])
    return Days(date(day.year, day.month, 1) if sure_first else None, last)


def day(rng: Random, on: date, year: int, dirt: float, *, planned: bool) -> Cell:
    """A date in a ledger of `year`. Planned ones are written by the month, or by less."""
    if rng.random() < dirt * 0.25:
        return undated(rng)
    if on.year == year and planned and rng.random() < dirt:
        return _in_this_year(rng, on)
    if rng.random() < (0.65 if planned else 0.35):
        return _month_cell(rng, on, dirt)
    return _day_cell(rng, on, dirt)


def undated(rng: Random) -> Cell:
    """No date in a column of dates."""
    if rng.random() < 0.4:
        return nothing(rng)
    printed = rng.choice(("未开工", "未开工", "正在办理手续", "已开工", "2023年2月30日", "2023.13", "视手续情况"))
    return doubtful(printed, "不是日期")


def _in_this_year(rng: Random, on: date) -> Cell:
    end = date(on.year, 12, 31)
    return rng.choice(
        (
            plainly(f"{on.month}月", _month(on)),
            plainly(f"{on.month}月底", _month(on, sure_first=False)),
            plainly(f"{on.month}月底前", _month(on, sure_first=False)),
            plainly("年底", Days(None, end)),
            plainly("年底前", Days(None, end)),
            plainly("三季度", Days(date(on.year, 7, 1), date(on.year, 9, 30))),
            plainly("下半年", Days(date(on.year, 7, 1), end)),
        )
    )


def _month_cell(rng: Random, on: date, dirt: float) -> Cell:
    year, month, whole = on.year, on.month, _month(on)
    if rng.random() >= dirt:
        return plainly(rng.choice((f"{year}年{month}月", f"{year}.{month}", f"{year}-{month:02}")), whole)
    if rng.random() < 0.3:
        typed = float(f"{year}.{month}")
        if month in (1, 10):
            return doubtful(typed, "2023.1是1月还是10月看不出来")
        return plainly(typed, whole)
    written: tuple[Cell, ...] = (
        plainly(f"{year}年{month}月底", _month(on, sure_first=False)),
        plainly(f"{year}/{month}", whole),
        plainly(f"{year}.{month:02}", whole),
        plainly(f"{year}年 {month}月", whole),
        plainly(f"{year}年\n{month}月", whole),
        plainly(year * 100 + month, whole),
        plainly(f"{year}．{month}".translate(_WIDE), whole),
        plainly(f"{str(year)[2:]}年{month}月", whole),
        plainly(date(year, month, 1), Days(date(year, month, 1), None), 'yyyy"年"m"月"'),
        plainly(f"{year}年", Days(date(year, 1, 1), date(year, 12, 31))),
        plainly(f"{year}年{month}月份", whole),
    )
    return rng.choice(written)


def _day_cell(rng: Random, on: date, dirt: float) -> Cell:
    span = Days(on, on)
    if rng.random() >= dirt:
        return plainly(on, span, rng.choice(("yyyy-mm-dd", "yyyy/m/d", 'yyyy"年"m"月"d"日"')))
    return rng.choice(
        (
            plainly(f"{on:%Y-%m-%d}", span),
            plainly(f"{on.year}.{on.month}.{on.day}", span),
            plainly(f"{on.year}年{on.month}月{on.day}日", span),
            plainly(f"{on.year}/{on.month}/{on.day} ", span),
            plainly(int(f"{on:%Y%m%d}"), span),
            plainly(f"{on:%Y%m%d}", span),
            plainly((on - date(1899, 12, 30)) // timedelta(days=1), span),
        )
    )


def years(rng: Random, first: date, last: date, dirt: float) -> Cell:
    """起止年限."""
    whole = Days(date(first.year, 1, 1), date(last.year, 12, 31))
    months = Days(_month(first).first, _month(last).last)
    if rng.random() >= dirt:
        return plainly(f"{first.year}-{last.year}" if first.year != last.year else f"{first.year}年", whole)
    if rng.random() < 0.12:
        return doubtful(rng.choice(("24个月", "3年", "一年半")), "没有起止年份")
    return rng.choice(
        (
            plainly(f"{first.year}/{last.year}", whole) if first.year != last.year else plainly(first.year, whole),
            plainly(f"{first.year}—{last.year}年", whole)
            if first.year != last.year
            else plainly(str(first.year), whole),
            plainly(f"{first.year}年-{last.year}年", whole),
            plainly(f"{first.year}-{first.month:02} 至 {last.year}-{last.month:02}", months),
            plainly(f"{first.year}.{first.month:02}-{last.year}.{last.month:02}", months),
            plainly(f"{first.year}年{first.month}月至{last.year}年{last.month}月", months),
            plainly(f"{first.year}.{first.month}\n-{last.year}.{last.month}", months),
            plainly(f"{first.year}～{last.year}", whole),
        )
    )


# --- percents and flags -------------------------------------------------------------------------------------------


def percent(rng: Random, points: float, style: str, dirt: float) -> Cell:
    """In the column's style: a fraction shown by Excel as a percent, points, or text."""
    value = Percent(points)
    if rng.random() < dirt * 0.15:
        return nothing(rng)
    if style == "fraction" and rng.random() < dirt * 0.1 and points > 2:
        return plainly(points, value)  # points among fractions
    if style == "text" or rng.random() < dirt * 0.3:
        shown = rng.choice((f"{points:g}%", f"{points:.2f}%", f"{points:g}％", f"{points:g} %"))
        return plainly(shown, value)
    if style == "fraction":
        return plainly(round(points / 100, 4), value, "0.00%")
    return plainly(points, value)


def flag(rng: Random, heading: str, yes: bool, style: int) -> Cell:
    """是否开工, 是否入库: yes and no in one of a column's ways."""
    thing = "入库" if "库" in heading else "入统" if "统" in heading else "开工"
    yeses: tuple[tuple[str, str], ...] = (
        ("是", "否"),
        (f"已{thing}", f"未{thing}"),
        ("√", "×"),
        ("是", "否"),
        (f"已{thing}", f"尚未{thing}"),
    )
    if "是否" not in heading:
        yeses = ((f"已{thing}", f"未{thing}"), (f"已{thing}", f"尚未{thing}"), (f"已{thing}", f"未{thing}"))
    ways = yeses[style % len(yeses)]
    printed = ways[0 if yes else 1]
    return plainly(printed, printed, also=(yes,))
