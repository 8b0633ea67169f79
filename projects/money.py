"""The only reader of amounts of money.

An amount is whole units of its currency; yuan are integers everywhere, never floats. 万元 and 亿元 are ways of writing.
What cannot be read exactly is refused with a sentence saying what to write instead: a damaged ".8亿元" is not 0.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from projects.glyphs import fold

LARGEST: Final = 2**63 - 1  # what a database column of 64 bits holds

CURRENCIES: Final[dict[str, str]] = {
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "HKD": "港元",
    "JPY": "日元",
    "GBP": "英镑",
    "KRW": "韩元",
    "TWD": "新台币",
    "SGD": "新加坡元",
    "AUD": "澳元",
    "CAD": "加元",
    "CHF": "瑞士法郎",
    "MOP": "澳门元",
}
_CODE_OF: Final = {word: code for code, word in CURRENCIES.items()} | {
    "人民币": "CNY",
    "元人民币": "CNY",
    "圆": "CNY",
    "元整": "CNY",
    "圆整": "CNY",
    "美金": "USD",
    "港币": "HKD",
    "日圆": "JPY",
    "台币": "TWD",
    "新台币元": "TWD",
    "新元": "SGD",
    "澳大利亚元": "AUD",
    "加拿大元": "CAD",
    "澳门币": "MOP",
}

QUALIFIERS: Final[dict[str, str]] = {
    "": "",
    "about": "约",
    "near": "近",
    "over": "超",
    "under": "不足",
    "planned": "计划",
}
_BEFORE: Final[dict[str, str]] = {
    **dict.fromkeys(("大约", "大概", "约为", "约"), "about"),
    **dict.fromkeys(("将近", "接近", "近"), "near"),
    **dict.fromkeys(("不低于", "不少于", "不小于", "超过", "突破", "高于", "大于", "至少", "超", "逾", "过"), "over"),
    **dict.fromkeys(("不超过", "不高于", "不大于", "不足", "不到", "低于", "少于", "小于", "最多"), "under"),
    **dict.fromkeys(("计划", "预计", "规划", "概算", "估算", "拟"), "planned"),
}
_AFTER: Final[dict[str, str]] = {
    **dict.fromkeys(("及以上", "(含)以上", "以上"), "over"),
    **dict.fromkeys(("及以下", "(含)以下", "以下", "以内"), "under"),
    **dict.fromkeys(("左右", "上下"), "about"),
}
_MORE: Final[dict[str, str]] = {"余": "over", "多": "over", "来": "about"}
_POWERS: Final[dict[str, int]] = {
    "": 0,
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "十亿": 9,
    "百亿": 10,
    "千亿": 11,
    "万亿": 12,
}
_DIGITS: Final = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
_FORMAL: Final = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟两", "一二三四五六七八九十百千二")


class UnreadableAmount(ValueError):
    """A text that is not an amount of money; the message is for officials and says what to write instead."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in whole units of `currency` (yuan for CNY); `low` and `high` differ only for a range.

    `qualifier` is one of "", about, near, over, under, planned.
    """

    low: int
    high: int
    currency: str = "CNY"
    qualifier: str = ""

    def __post_init__(self) -> None:
        """Refuse what no text can mean.

        Raises:
            ValueError: low above high, a negative or oversized figure, an unknown currency or qualifier.
        """
        if not 0 <= self.low <= self.high <= LARGEST:
            raise ValueError(f"no such amount: {self.low}..{self.high}")
        if self.currency not in CURRENCIES or self.qualifier not in QUALIFIERS:
            raise ValueError(f"unknown currency or qualifier: {self.currency!r} {self.qualifier!r}")


@dataclass(frozen=True, slots=True)
class FoundAmount:
    """An amount inside a running text; `text` is `whole[start:end]`, with its qualifier and unit.

    `amount` is None where money is written but cannot be read ("总投资亿元", ".8亿元").
    """

    amount: Amount | None
    start: int
    end: int
    text: str


# --- the grammar --------------------------------------------------------------------------------------------------


def _any(words: Iterable[str]) -> str:
    """An alternation of words, longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_NUMERALS = "零〇一二两三四五六七八九十百千半廿壹贰叁肆伍陆柒捌玖拾佰仟几数"
# Possessive: a number is never read in part, and a damaged text costs no backtracking.
_NUMBER = rf"(?:零?[0-9]++(?:,[0-9]++)*+(?:\.[0-9]*+)?|[{_NUMERALS}][{_NUMERALS}点]*+)"
_POWER = rf"(?:{_any(filter(None, _POWERS))})"
# "5万元件" are components and "2023元旦" is a holiday.
_COIN = rf"(?:{_any(_CODE_OF)})(?!旦|件|器件|素|宵)"
_PLAN = rf"(?:{_any(word for word, meaning in _BEFORE.items() if meaning == 'planned')})"
_LEAD = rf"(?:{_any(_BEFORE)})"
_TRAIL = rf"(?:{_any(_AFTER)})"
_DASH = r"\s?(?:-|–|—{1,2}|~|至|到)\s?"


def _figure(name: str) -> str:
    """The pattern of one figure: number, 余/多, power, the rest of a mixed writing (3亿5千万), coin."""
    return (
        rf"(?P<{name}number>{_NUMBER})(?P<{name}more>[余多来])?\s{{0,2}}"
        rf"(?:(?P<{name}power>{_POWER})(?P<{name}rest>(?:{_NUMBER}{_POWER})*(?:{_NUMBER}(?=\s?{_COIN}))?))?"
        rf"(?P<{name}odd>[余多])?(?:\s{{0,3}}(?P<{name}coin>{_COIN}))?"
    )


_SIGN = r"(?:人民币|¥)"
_WHOLE = re.compile(
    rf"(?:{_PLAN}(?={_LEAD}))?(?P<lead>{_LEAD})?\s*{_SIGN}?\s*(?:{_figure('l')}{_DASH})?{_figure('h')}\s*(?P<trail>{_TRAIL})?"
)
# In running text a figure is found alone; ranges and qualifiers are looked for on both sides of it afterwards.
_IN_TEXT = re.compile(rf"(?P<bare>(?:万亿|亿|万){_COIN})|{_figure('h')}")
_MONEY = re.compile(f"[万亿{''.join({word[-1] for word in _CODE_OF if word[-1] != '整'})}]")  # in all that is money
_REST = re.compile(rf"(?P<number>{_NUMBER})(?P<power>{_POWER})?")
_LEFT_OF = re.compile(
    # 签约, 节约, 最近, 不足 … : the characters before decide whether the word is a qualifier at all.
    # 年度计划30亿元 is the plan of the year, not a planned amount.
    rf"(?:{_PLAN}(?={_LEAD}))?(?:(?<![年度]){_PLAN}|(?<![签履集节违契续预合条公制])约|(?<![最附远])近|(?<![经通不])过|(?!约|近|过|{_PLAN}){_LEAD})?\s{{0,2}}{_SIGN}?\s{{0,2}}\Z"
)
_RIGHT_OF = re.compile(rf"\s?(?P<trail>{_TRAIL})")
_BETWEEN = re.compile(_DASH)
# "总投资40亿的产业园": 元 may be missing after a word that promises money.
_PROMISED = re.compile(
    r"(?:投资|资金|总额|金额|总投|出资|注资|增资|融资|概算|造价|资本)(?:额|规模|总额)?"
    rf"(?:为|达到?|共|计|将|了|:|\s|{_LEAD})*\Z"
    r"|[0-9一二三四五六七八九十](?:个|项)(?:项目)?[,、(]\Z|[0-9][万亿]元?[、和及]\Z"  # 签约5个,28.1亿; 6500万、1.3亿
)
_MEASURED = re.compile(
    r"[余多]?\s?[吨只双件平㎡立米亩个台套辆头羽株棵人户次家条把块片颗粒千瓦度升公斤克箱瓶盒包张支根标方座m%级]"
)
_UPWARD = re.compile(r"(?<!以)上[十百千]\Z")  # 上百亿元
_PER_UNIT = re.compile(r"\s?(?:GDP|产值|工业|能耗|级|增加值)")  # 万元GDP能耗, 亿元级
_DAMAGE_LEFT = re.compile(r"(?:[.*×□■−负]|(?<=[0-9])\s?[/x]|(?<![^\s,;:。!?(])-|(?<=[0-9]\.)\s)\Z")


# --- reading ------------------------------------------------------------------------------------------------------


def read(text: str, *, unit: str | None = None) -> Amount:
    """Read a text that is one amount, such as a cell: "约465亿元", "30—50亿元", "1,200.00万元", "3000万美元".

    Args:
        text: the whole text is the amount.
        unit: "元", "万元", "亿元", "万美元" …, used when the text names none (a column heading says it).

    Raises:
        UnreadableAmount: no unit, lost digits, a negative, a part of a yuan, a figure beyond 64 bits …
        ValueError: `unit` is not a unit.
    """
    plain = fold(text).strip()
    if re.match(r"[-−负]", plain):
        raise UnreadableAmount(f"“{text}”是负数：金额不能小于零，调减请在说明中写明")
    match = _WHOLE.fullmatch(plain)
    if not match:
        raise UnreadableAmount(f"“{text}”不是能读懂的金额：请写成“5363.47万元”或“12.5亿元”这样的数字加单位")
    power, code = _unit(unit)
    return _range(match, text, power, code, match["lead"] or "", match["trail"] or "")


def _unit(unit: str | None) -> tuple[str | None, str]:
    """Power and currency of a unit's name; (None, "CNY") without one."""
    if unit is None:
        return None, "CNY"
    match = re.fullmatch(rf"({_POWER})?({_COIN})", fold(unit).strip())
    if not match:
        raise ValueError(f"not a unit of money: {unit!r}")
    return match[1] or "", _CODE_OF[match[2]]


def _range(match: re.Match[str], text: str, power: str | None, code: str, lead: str, trail: str) -> Amount:
    """The amount of a match of `_WHOLE`, where `power` and `code` stand in for a unit the text does not name."""
    if match["hcoin"]:
        power, code = "", _CODE_OF[match["hcoin"]]
    elif match["hpower"]:
        power = ""
    elif power is None:
        raise UnreadableAmount(f"“{text}”没有写单位：请写明是元、万元还是亿元")
    if match["lcoin"] and _CODE_OF[match["lcoin"]] != code:
        raise UnreadableAmount(f"“{text}”前后币种不同：请分开填写")
    high = _whole_units(match, "h", power, text)
    borrowed = "" if match["lcoin"] or match["lpower"] else (match["hpower"] or power)
    low = _whole_units(match, "l", borrowed, text) if match["lnumber"] else high
    if low > high:
        raise UnreadableAmount(f"“{text}”前一个数大于后一个数：请按从小到大写，并各写单位")
    more = match["lmore"] or match["hmore"] or match["lodd"] or match["hodd"] or ""
    return Amount(low, high, code, _qualifier(lead, more, trail))


def _qualifier(lead: str, more: str, trail: str) -> str:
    """One qualifier for all that was said; what limits the figure tells more than that it is planned."""
    said = [_AFTER.get(trail.strip(), ""), _MORE.get(more, ""), _BEFORE.get(lead, "")]
    said.sort(key=lambda word: word in ("", "planned"))
    return next(filter(None, said), "")


def _whole_units(match: re.Match[str], name: str, power: str, text: str) -> int:
    """One figure of a match in whole units of its currency."""
    own = match[f"{name}power"]
    total = _value(match[f"{name}number"], own or power, text)
    rest = match[f"{name}rest"] or ""
    if rest and total != total.to_integral_value():
        raise UnreadableAmount(f"“{text}”混用了小数和单位：请写成一个数")
    smallest = Decimal(1).scaleb(_POWERS[own or power])
    for part in _REST.finditer(rest):
        value = _value(part["number"].lstrip("零〇") or "零", part["power"] or "", text)
        if not 0 < value < smallest:
            raise UnreadableAmount(f"“{text}”的单位没有从大到小：请写成一个数")
        total, smallest = total + value, Decimal(1).scaleb(_POWERS[part["power"] or ""])
    if total != total.to_integral_value():
        raise UnreadableAmount(f"“{text}”不是整元：请精确到元（万元最多四位小数，亿元最多八位小数）")
    if total > LARGEST:
        raise UnreadableAmount(f"“{text}”过大：请核对单位")
    return int(total)


def _value(number: str, power: str, text: str) -> Decimal:
    """The value of a number with a power, exactly."""
    value = _arabic(number, text) if number[0].isascii() else _chinese(number, text)
    if number[0].isascii() and value >= 10 and power in ("百", "千", "十万", "千万", "十亿", "百亿", "千亿"):
        raise UnreadableAmount(f"“{text}”的单位“{power}”不合常规：请用万元或亿元写")
    return value.scaleb(_POWERS[power])


def _arabic(number: str, text: str) -> Decimal:
    """The value of "1,200.50"; refuses lost digits and commas that separate no thousands."""
    if "," in number and not re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", number):
        raise UnreadableAmount(f"“{text}”的逗号位置不对：请去掉逗号")
    digits = number.replace(",", "")
    if digits.endswith(".") or re.match(r"0[0-9]", digits):
        raise UnreadableAmount(f"“{text}”的数字不完整：请核对原件后补全")
    if len(digits) > 25:
        raise UnreadableAmount(f"“{text[:40]}”过大或小数位过多：请核对单位")
    return Decimal(digits)


def _chinese(number: str, text: str) -> Decimal:
    """The value of 十二点五, 两, 半, 千; refuses 十几, 数十, 二三."""
    if number == "半":
        return Decimal("0.5")
    whole, _, decimals = number.translate(_FORMAL).partition("点")
    if len(whole) > 15 or len(decimals) > 8 or ("点" in number and not decimals):
        raise UnreadableAmount(f"“{text[:40]}”的数字不完整：请改写成阿拉伯数字")
    import cn2an  # slow to load, and amounts are seldom written in Chinese

    try:
        value = cn2an.cn2an(f"一{whole}" if whole[0] in "百千" else whole, "strict")
        return Decimal(f"{value}." + ("".join(_DIGITS[char] for char in decimals) or "0"))
    except (ValueError, KeyError, IndexError):
        raise UnreadableAmount(f"“{text}”的数不确定：请改写成阿拉伯数字") from None


# --- finding ------------------------------------------------------------------------------------------------------


def find(text: str) -> list[FoundAmount]:
    """All amounts of a running text, in order and without overlap.

    Money whose figure is lost or cannot be read is found with `amount` None. Quantities (15万吨, 300亩) are no money,
    nor are units standing alone in a heading ("单位：万元").
    """
    plain = fold(text)
    found: list[FoundAmount] = []
    if not _MONEY.search(plain):
        return found
    last: re.Match[str] | None = None
    for match in _IN_TEXT.finditer(plain):
        before, last = last, match
        if not (match["bare"] or match["hcoin"] or match["hpower"]):
            continue
        first = before if _is_range(plain, before, match) else match
        if first and _is_money(plain, first.start(), match):
            if found and found[-1].end > first.start():  # its lower end looked like an amount by itself
                found.pop()
            found.append(_found(text, plain, first.start(), match, found[-1].end if found else 0))
    return found


def _is_range(plain: str, low: re.Match[str] | None, high: re.Match[str]) -> bool:
    """Whether two neighbouring figures are the ends of a range; "由5亿元到8亿元" is a change, not a range."""
    if low is None or low["bare"] or high["bare"] or not _BETWEEN.fullmatch(plain, low.end(), high.start()):
        return False
    if low["hcoin"] and low["hcoin"] != high["hcoin"]:
        return False
    return plain[max(0, low.start() - 1) : low.start()] not in ("由", "从", "第")


def _is_money(plain: str, start: int, match: re.Match[str]) -> bool:
    """Whether a figure of a running text is money at all."""
    before, after = plain[max(0, start - 14) : start], match.end()
    if match["bare"]:
        heading = before.endswith("(") and plain[after : after + 1] == ")"
        return not heading and not _PER_UNIT.match(plain, after) and not re.search(r"单位\s?[:为]?\s?\Z", before)
    if match["hcoin"]:
        # 三元 is a kind of battery, 一元 a kind of leadership: small numerals with a bare 元 are words.
        return bool(match["hpower"] or match["hnumber"][0].isascii() or re.search("[百千佰仟拾]", match["hnumber"]))
    if (match["hpower"] or "") not in ("万", "亿", "千万", "百万", "万亿", "百亿", "千亿"):
        return False
    return not _MEASURED.match(plain, after) and bool(_PROMISED.search(before))


def _found(text: str, plain: str, start: int, match: re.Match[str], floor: int) -> FoundAmount:
    """The amount whose figures stand at `start` to the end of `match`, widened by its qualifiers."""
    end, window = match.end(), max(floor, start - 8)
    # Searching with bounds instead of in a slice: what stands before the window still counts for look-behinds.
    damage = _DAMAGE_LEFT.search(plain, window, start)
    start = damage.start() if damage else start
    left = _LEFT_OF.search(plain, window, start)
    wide = left.start() if left and plain[left.start() : start].strip() else start
    right = _RIGHT_OF.match(plain, end)
    end = right.end() if right else end
    doubtful = damage or match["bare"] or _UPWARD.search(plain, window, start + 1)
    amount = None if doubtful or _broken_comma(text, start, end) else _amount_or_none(plain[wide:end])
    return FoundAmount(amount, wide, end, text[wide:end])


def _broken_comma(text: str, start: int, end: int) -> bool:
    """ "9，300万元" may be 9 and 300万元: a full-width comma separates thousands among full-width digits only."""
    return text.find("，", start, end) > 0 and bool(re.search(r"[0-9]，", text[start:end]))


@lru_cache(maxsize=4096)
def _amount_or_none(plain: str) -> Amount | None:
    """What `read` makes of an amount cut out of a text."""
    try:
        return read(plain)
    except UnreadableAmount:
        return None


# --- showing ------------------------------------------------------------------------------------------------------


def show(yuan: int, unit: str = "auto", places: int | None = None) -> str:
    """Write integer yuan: "465亿元", "5363.47万元", "1200元"; exactly, unless `places` asks for rounding.

    Args:
        yuan: may be negative (a difference).
        unit: "元", "万元", "亿元", or "auto": 亿元 from one 亿 on where four decimals say it exactly.
        places: decimals to show, rounded half up.

    Raises:
        ValueError: `unit` is none of these.
    """
    unit = _best_unit(yuan, places) if unit == "auto" else unit
    return _number(yuan, unit, places) + unit


def _best_unit(yuan: int, places: int | None) -> str:
    """The unit in which an official would write this figure."""
    if abs(yuan) >= 10**8 and (places is not None or yuan % 10**4 == 0):
        return "亿元"
    return "万元" if abs(yuan) >= 10**4 else "元"


def _number(yuan: int, unit: str, places: int | None = None) -> str:
    """The figure in the unit, without it."""
    if unit not in ("元", "万元", "亿元"):
        raise ValueError(f"not a unit to show money in: {unit!r}")
    value = Decimal(yuan).scaleb(-_POWERS[unit[:-1]])
    if places is not None:
        return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def show_amount(amount: Amount) -> str:
    """Write an amount with qualifier and currency: "约465亿元", "30—50亿元", "3000万美元"; `read` gives it back."""
    coin = CURRENCIES[amount.currency]
    low, high = show(amount.low).removesuffix("元"), show(amount.high).removesuffix("元")
    if amount.low == amount.high:
        return f"{QUALIFIERS[amount.qualifier]}{high}{coin}"
    if low[-1:] == high[-1:] and not high[-1:].isdigit():
        low = low[:-1]
    elif amount.low:
        low += coin
    return f"{QUALIFIERS[amount.qualifier]}{low}—{high}{coin}"
