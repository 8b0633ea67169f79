"""What the page of a report shows: its text with what was read marked in it, and the values beside it, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from projects import dates, money
from projects.models import Batch, Claim
from projects.reports.models import Difference, Figure, Mention, Report
from projects.reports.storing import amount_of, span_of

LONGEST_SHOWN = 200_000  # characters of a report on one page
LABELS = {
    "batch": "批次",
    "period": "期次",
    "amount": "总投资",
    "foreign": "外资",
    "annual_plan": "年度计划投资",
    "completed": "已完成投资",
    "count": "项目数",
    "started": "已开工",
    "not_started": "未开工",
    "produced": "已投产",
    "at_capacity": "已达效",
    "rate": "比率",
    "as_of": "截至",
    "completed_until": "截至",
    "status": "状态",
    "company": "企业",
    "zone": "区域",
}
MONEY = ("amount", "foreign", "annual_plan", "completed")
CERTAINTIES = {"planned": "计划", "actual": ""}
DATE_FIELDS = {"completed": Claim.Field.COMPLETION}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text. `marks` are CSS classes; `anchor` is set where a mention begins."""

    text: str
    marks: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A value in words, and as printed. `field` names it among the values of its row, with its place in the text;
    `corrected` says who wrote it in place of what is printed.
    """

    label: str
    words: str
    printed: str = ""
    field: str = ""
    start: int = 0
    end: int = 0
    corrected: str = ""


Place = tuple[int, int, str]


def parts(
    report: Report, mentions: Iterable[Mention], figures: Iterable[Figure], differences: Iterable[Difference]
) -> Iterator[Part]:
    """The text cut at every place where something read begins or ends. Plain strings: the template escapes them."""
    text = report.text[:LONGEST_SHOWN].removeprefix("\ufeff")
    offset = report.text.startswith("\ufeff")
    anchors: dict[int, str] = {}
    places = [*_mentioned(mentions, anchors), *_stated(figures), *_doubtful(differences)]
    moved = [(start - offset, end - offset, kind) for start, end, kind in places]
    cuts = sorted({0, len(text), *(at for s, e, _ in moved for at in (s, e) if 0 < at < len(text))})
    opened = sorted(moved)
    live: list[Place] = []
    for begin, end in pairwise(cuts):
        while opened and opened[0][0] <= begin:
            live.append(opened.pop(0))
        live = [place for place in live if place[1] > begin]
        yield Part(text[begin:end], " ".join(sorted({kind for *_, kind in live})), anchors.get(begin + offset, ""))


def _mentioned(mentions: Iterable[Mention], anchors: dict[int, str]) -> Iterator[Place]:
    for one in mentions:
        anchors.setdefault(one.start, anchor(one))
        yield one.start, one.end, "said-name"
        yield from _places(one.stated, "said-value", skip=("zone", "company"))


def _stated(figures: Iterable[Figure]) -> Iterator[Place]:
    for one in figures:
        yield from _places(one.stated, "said-total")


def _doubtful(differences: Iterable[Difference]) -> Iterator[Place]:
    for one in differences:
        if one.open:
            yield from ((start, end, "said-doubt") for start, end in one.spans)


def _places(stated: dict[str, Any], kind: str, skip: tuple[str, ...] = ()) -> Iterator[Place]:
    for name, value in stated.items():
        if name not in skip:
            for one in value if isinstance(value, list) else [value]:
                yield one["start"], one["end"], kind


def anchor(mention: Mention) -> str:
    return f"mention-{mention.pk}"


def batch_words(one: Mention | Figure) -> str:
    """第5期 签约一批、开工一批; nothing for a mention that stands in no list."""
    batches = one.batches if isinstance(one, Mention) else filter(None, (one.batch,))
    period = f"第{one.period}期" if one.period else ""
    labels = "、".join(str(Batch(batch).label) for batch in batches)
    return f"{period} {labels}".strip() if labels or isinstance(one, Figure) else ""


def lines(one: Mention | Figure, report: Report) -> list[Line]:
    """Every value that holds of a mention or total, beside its batch."""
    told = one.told if isinstance(one, Mention) else one.stated
    return [line for line in all_lines(told, report) if line.field not in ("batch", "period")]


def all_lines(told: dict[str, Any], report: Report) -> list[Line]:
    """Every value of `stated` or `told`, in the order of the labels; days come last."""
    found = [_line(LABELS[name], name, name, told[name], report) for name in LABELS if name in told]
    return found + [_line(*_day_names(day), "as_of", day, report) for day in told.get("dates", [])]


def date_field(day: dict[str, Any]) -> str:
    """How a day is named among the values of its mention."""
    return f"{day['certainty']}-{day['role']}"


def amount(figure: Figure) -> str:
    """The total investment of a total, in words, without going to the text."""
    stated = figure.stated.get("amount")
    return _words("amount", stated) if stated else ""


def _line(label: str, field: str, name: str, stated: dict[str, Any], report: Report) -> Line:
    """`name` says how the value is put into words."""
    start, end = stated["start"], stated["end"]
    printed = report.said(start, end)
    correction = stated.get("correction")
    corrected = f"原文“{printed}”，由{correction['name']}于{correction['on']}更正" if correction else ""
    return Line(label, _words(name, stated), printed, field, start, end, corrected)


def _day_names(day: dict[str, Any]) -> tuple[str, str]:
    role = DATE_FIELDS.get(day["role"], day["role"])
    return f"{CERTAINTIES[day['certainty']]}{Claim.Field(role).label}", date_field(day)


def _words(name: str, stated: dict[str, Any]) -> str:
    value = stated["value"]
    if name in MONEY:
        return money.show_amount(amount_of(value))
    if name in ("as_of", "completed_until"):
        return dates.show(span_of(value))
    if name == "batch":
        return str(Batch(value).label) + ("" if stated.get("entered", True) else "（只说做了什么，不是入批）")
    if name == "period":
        return f"第{value}期"
    if name == "rate":
        return f"{stated.get('kind') or ''}{value}%"
    return f"{value}个" if isinstance(value, int) else str(value)


def doubts(mention: Mention) -> list[str]:
    """Why the reader is not sure of the mention, in sentences."""
    from projects.reports.grammar import confidence  # late, as a process that shows no mention needs no patterns

    return [confidence.SENTENCES.get(code, code) for code in mention.doubts]


def published(report: Report) -> str:
    """The report's date in words; a year guessed from its words says so."""
    if report.published_first is None and report.published_last is None:
        return "不详"
    span = dates.DateSpan(report.published_first, report.published_last, report.published_precision)
    return f"{dates.show(span)}（推断）" if report.published_inferred else dates.show(span)
