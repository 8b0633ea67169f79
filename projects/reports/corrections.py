"""What a person writes in place of what was read: how it is typed, kept, and put over the values of a mention.

Kept with the mention by field: {"value": as in `stated`, or None where it was taken away, "typed": the words, "by": id,
"name": who, "on": day}. Pure; the verb is `review.correct`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from projects import dates, money, names

LABELS: Final = {
    "name": "项目名称",
    "batch": "批次",
    "period": "期次",
    "amount": "总投资",
    "foreign": "外币投资",
    "annual_plan": "年度计划投资",
    "completed": "已完成投资",
    "status": "状态",
    "company": "企业",
    "zone": "区域",
    "signed": "签约时间",
    "started": "开工时间",
    "topped-out": "封顶时间",
    "completion": "竣工时间",
    "trial": "试生产时间",
    "produced": "投产时间",
    "in-use": "投用时间",
    "planned-started": "计划开工时间",
    "planned-completion": "计划竣工时间",
    "planned-produced": "计划投产时间",
}
"""The fields that can be corrected, in the order in which a form shows them."""
MONEY: Final = ("amount", "foreign", "annual_plan", "completed")
DAYS: Final = {
    "signed": ("signed", "actual"),
    "started": ("started", "actual"),
    "topped-out": ("topped-out", "actual"),
    "completion": ("completed", "actual"),
    "trial": ("trial", "actual"),
    "produced": ("produced", "actual"),
    "in-use": ("in-use", "actual"),
    "planned-started": ("started", "planned"),
    "planned-completion": ("completed", "planned"),
    "planned-produced": ("produced", "planned"),
}
"""The role and certainty of a day in `stated`, by field."""
COLUMNS: Final = {"name": "name", "batch": "batch", "period": "period", "status": "status", "zone": "zone_text"}
"""Fields that stand on the mention itself as well, so that lists and filters find them; the columns."""
BATCHES: Final = {"sign": "签约一批", "start": "开工一批", "produce": "投产一批"}
STATUSES: Final = (
    *(
        "在谈",
        "谋划",
        "已签约",
        "新上",
        "前期手续",
        "未开工",
        "已开工",
        "在建",
        "已封顶",
        "设备安装",
        "试生产",
        "已竣工",
    ),
    *("已投产", "已投用", "已达效", "停工", "暂停", "终止", "滞后", "调出", "调入", "调整"),
)
"""The words for where a project is, as the reader uses them."""
NUMERALS: Final = "一二三四五六七八九十"


class Unreadable(ValueError):
    """What was typed is not a value of the field; the message is for people."""


def read(field: str, typed: str, published: dates.DateSpan | None = None) -> Any:
    """The typed words as the value that `stated` holds of the field; None for none. Raises Unreadable."""
    typed = typed.strip()
    if not typed:
        return None
    if field in MONEY:
        return _money(field, typed)
    if field in DAYS:
        return _day(field, typed, published)
    if field == "batch":
        return _batch(typed)
    if field == "period":
        return _period(typed)
    if field == "status" and typed not in STATUSES:
        raise Unreadable(f"“{typed}”不是已知的状态，请从这些里选：{'、'.join(STATUSES)}")
    if field in ("name", "company"):
        typed = names.tidy(typed)
    if len(typed) > (300 if field in ("name", "company") else 100):
        raise Unreadable(f"{LABELS[field]}太长，请删减")
    return typed


def applied(stated: dict[str, Any], corrected: dict[str, Any], start: int, end: int) -> dict[str, Any]:
    """`stated` with the corrections over it. What has no place of its own stands at the name, from `start` to `end`."""
    if not corrected:
        return stated
    values = dict(stated)
    for field, kept in corrected.items():
        if field in DAYS:
            values["dates"] = _redated(values.get("dates", []), field, kept, start, end)
        elif field == "name" or kept["value"] is None:
            values.pop(field, None)
        else:
            place = values.get(field) or {"start": start, "end": end}
            values[field] = {**place, "value": kept["value"], "correction": kept, **_meaning(field)}
    return values


def shown(field: str, value: Any) -> str:
    """A value of `stated` as a person types it, for the form and for comparing."""
    if value is None:
        return ""
    if field in MONEY:
        return money.show_amount(money.Amount(**value))
    if field in DAYS:
        return dates.show(_span(value))
    return BATCHES.get(value, str(value)) if field == "batch" else str(value)


def _meaning(field: str) -> dict[str, Any]:
    """What is said of a value beside it: a person who names a list means it, and a status is the project's own."""
    return {"batch": {"entered": True}, "status": {"own": True, "part": False}}.get(field, {})


def _redated(days: list[Any], field: str, kept: Mapping[str, Any], start: int, end: int) -> list[Any]:
    role, certainty = DAYS[field]
    same = [day for day in days if (day["role"], day["certainty"]) == (role, certainty)]
    rest = [day for day in days if day not in same]
    if kept["value"] is None:
        return rest
    place = same[0] if same else {"start": start, "end": end}
    said = {"role": role, "certainty": certainty, "own": True, "part": False, "correction": kept}
    return [*rest, {**said, "value": kept["value"], "start": place["start"], "end": place["end"]}]


def _money(field: str, typed: str) -> dict[str, Any]:
    try:
        amount = money.read(typed)
    except money.UnreadableAmount as error:
        raise Unreadable(str(error)) from None
    if (amount.currency == "CNY") == (field == "foreign"):
        raise Unreadable(
            "这里只填外币，如3000万美元；人民币请填在“总投资”"
            if field == "foreign"
            else "这里只填人民币；外币请填在“外币投资”"
        )
    return {"low": amount.low, "high": amount.high, "currency": amount.currency, "qualifier": amount.qualifier}


def _day(field: str, typed: str, published: dates.DateSpan | None) -> dict[str, Any]:
    try:
        span = dates.read(typed, on=published)
    except dates.UnreadableDate as error:
        raise Unreadable(str(error)) from None
    if span.first is None and span.last is None:
        raise Unreadable(f"“{typed}”看不出是哪一天，请写成2023年6月或2023-06-30这样的日期")
    first, last = (day.isoformat() if day else None for day in (span.first, span.last))
    return {"first": first, "last": last, "precision": span.precision, "relative": span.relative}


def _batch(typed: str) -> str:
    found = [code for code, label in BATCHES.items() if typed in (code, label, label[:2])]
    if not found:
        raise Unreadable(f"“{typed}”不是批次，请选{'、'.join(BATCHES.values())}")
    return found[0]


def _period(typed: str) -> int:
    number = typed.removeprefix("第").removesuffix("期").removesuffix("次").strip()
    value = int(number) if number.isdecimal() else _numeral(number)
    if not 1 <= value <= 99:
        raise Unreadable(f"“{typed}”不是期次，请填数字，如 5")
    return value


def _numeral(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    if not text or any(len(part) > 1 or part not in NUMERALS for part in (tens, ones)):
        return 0
    return (10 * (NUMERALS.index(tens) + 1 if tens else 1) if ten else 0) + (NUMERALS.index(ones) + 1 if ones else 0)


def _span(plain: Mapping[str, Any]) -> dates.DateSpan:
    first, last = (date.fromisoformat(plain[end]) if plain[end] else None for end in ("first", "last"))
    return dates.DateSpan(first, last, plain["precision"], plain["relative"])
