"""What is typed into a row, read: texts, amounts in 万元, a percentage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from projects import money
from projects.forms.fields import MoneyField
from projects.meetings.models.update import WORDS

TEXTS: Final = ("words", "next_step", "help_wanted")
MONEY: Final = ("amount", "total")
FIGURES: Final = (*MONEY, "percent")
FIELDS: Final = (*TEXTS, *FIGURES)
LABELS: Final = {
    "words": "本周进展",
    "next_step": "下周计划",
    "help_wanted": "需协调事项",
    "amount": "年内累计完成投资",
    "total": "自开工累计完成投资",
    "percent": "形象进度",
}
_AMOUNT: Final = MoneyField(required=False, max_length=40)
_PERCENT: Final = forms.IntegerField(
    required=False,
    min_value=0,
    max_value=100,
    error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "请填 0 到 100 的整数"),
)
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # what Word leaves behind and no database keeps


def read(typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the cells say, by the names of `FIELDS`: texts, yuan, percent; and for each that cannot be read, why.

    An empty cell is "" or None. What is no such name is passed over.
    """
    values: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for name in FIELDS:
        if name not in typed:
            continue
        try:
            values[name] = _read(name, typed[name])
        except ValidationError as error:
            refused[name] = error.messages[0]
    return values, refused


def shown(values: Mapping[str, Any]) -> dict[str, str]:
    """The values as they stand in their cells; `read` gives them back exactly."""
    return {name: _shown(name, value) for name, value in values.items()}


def fitting(name: str, text: str) -> str:
    """A text as it is kept. Raises ValidationError for one that is too long."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > WORDS:
        raise ValidationError(
            f"{LABELS[name]}不能超过 {WORDS} 字，现有 {len(text)} 字，没有保存。请删减后再保存，长材料请作为附件上传"
        )
    return text


def _read(name: str, typed: Any) -> Any:
    if name in TEXTS:
        return fitting(name, str(typed or ""))
    text = str(typed if typed is not None else "").strip()
    if name in MONEY:
        return _AMOUNT.clean(text)
    return _PERCENT.clean(text.removesuffix("%").removesuffix("％").strip())


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    return money.show(value, "万元").removesuffix("万元") if name in MONEY else str(value)
