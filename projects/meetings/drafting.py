"""The first draft of the minutes, from the record that closing froze. The office checks it and writes over it.

What is told is told in the words of those who told it; the draft adds numbers and order. Its parts stand in the order
of a real 纪要: the meeting; what became of the last decisions; the numbers; project by project the state and what is
wanted; the topics; what the leader stressed. The decisions are set from their own rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from projects import money, statistics
from projects.admin import columns
from projects.meetings.models import Arrangement, Decision, Meeting, Update
from projects.models import Phase
from projects.papers import NUMERALS, day, flat, hour, stopped

State = Decision.State
Section = Update.Section

LONGEST_TITLE: Final = 100
DEMO: Final = "（演示）"
HEARD: Final = {
    Meeting.Kind.WEEKLY: "调度项目",
    Meeting.Kind.JOINT: "会审项目",
    Meeting.Kind.SPECIAL: "研究项目",
    Meeting.Kind.TOUR: "观摩项目",
}
ROWS: Final = {
    Meeting.Kind.WEEKLY: "项目推进情况",
    Meeting.Kind.JOINT: "会审情况",
    Meeting.Kind.SPECIAL: "项目情况",
    Meeting.Kind.TOUR: "观摩情况",
}
BEHIND: Final = (Section.RED, Section.YELLOW)
TELLS: Final = ("words", "next_step", "help_wanted", "amount", "total", "percent", "reached", "problems")


@dataclass(frozen=True, slots=True)
class Draft:
    """The texts of the minutes, by the names of their columns."""

    title: str
    background: str
    body: str
    remarks: str
    distribution: str


def draft(meeting: Meeting) -> Draft:
    """The texts for a meeting that is closed."""
    arrangement = Arrangement.objects.filter(zone=meeting.zone_id).first()
    return Draft(
        title=f"{meeting}纪要"[:LONGEST_TITLE],
        background=_background(meeting),
        body="\n".join(_body(meeting)),
        remarks=meeting.remarks,
        distribution=arrangement.distribution if arrangement else "",
    )


# ---- The meeting -------------------------------------------------------------------------------------
def _background(meeting: Meeting) -> str:
    record = meeting.record
    when = f"{day(meeting.held_on)}{hour(meeting.starts_at)}"
    where = f"在{meeting.place}" if meeting.place else ""
    chaired = f"{when}，{meeting.chair}{where}主持召开" if meeting.chair else f"{when}，{where}召开"
    about = f"，专题研究{meeting.subject}" if meeting.subject else ""
    numbered = f"{meeting.zone}{meeting.year}年第{meeting.number}次{meeting.get_kind_display()}"
    parts = [
        f"听取上次会议以来{len(record['earlier'])}项议定事项落实情况" if record["earlier"] else "",
        f"{HEARD[Meeting.Kind(meeting.kind)]}{len(record['rows'])}个" if record["rows"] else "",
        f"研究议题{len(record['topics'])}个" if record["topics"] else "",
        f"议定事项{len(record['decisions'])}项" if record["decisions"] else "",
    ]
    heard = "，".join(filter(None, parts))
    listed = "（出席人员名单附后）" if meeting.present.strip() else ""
    return f"{chaired}{numbered}{about}{listed}。{f'会议{heard}。' if heard else ''}现将会议情况纪要如下。"


# ---- What was heard ----------------------------------------------------------------------------------
def _body(meeting: Meeting) -> list[str]:
    record = meeting.record
    is_weekly = meeting.kind == Meeting.Kind.WEEKLY
    parts = [
        ("上次议定事项落实情况", _of_earlier(record["earlier"])),
        ("总体情况", _of_numbers(record["numbers"], record["changes"]) if is_weekly else []),
        (ROWS[Meeting.Kind(meeting.kind)], _of_rows(record)),
        ("研究议题", _of_topics(record)),
    ]
    lines: list[str] = []
    for place, (title, told) in enumerate((title, told) for title, told in parts if told):
        lines += [f"（{NUMERALS[place]}）{title}", *told]
    return lines


def _of_earlier(earlier: list[dict[str, Any]]) -> list[str]:
    """How the decisions of earlier meetings stand; only those that are overdue are read out one by one."""
    if not earlier:
        return []
    states = Counter(State(each["state"]).label for each in earlier)
    overdue = [each for each in earlier if each["overdue"]]
    counted = "，".join(f"{state.label}{states[state.label]}项" for state in State if states[state.label])
    late = f"；其中逾期未办结{len(overdue)}项" if overdue else ""
    return [f"在办和新近办结的议定事项{len(earlier)}项：{counted}{late}。", *_listed(map(_overdue, overdue))]


def _overdue(each: dict[str, Any]) -> str:
    by = "，".join(filter(None, (each["lead"], f"时限{day(date.fromisoformat(each['deadline']))}")))
    return stopped(f"{flat(each['matter']).rstrip('。')}（{by}）")


def _of_numbers(numbers: dict[str, Any], changes: list[str]) -> list[str]:
    phases = "，".join(
        f"{phase.label}{numbers['phases'][phase.value]}个" for phase in Phase if numbers["phases"].get(phase.value)
    )
    lights = "、".join(
        f"{light['label'] or '正常'}{light['count']}个"
        for light in numbers["lights"]
        if light["code"] not in ("", "green")
    )
    on = day(date.fromisoformat(numbers["day"]))
    said = [
        f"截至{on}，在推进项目{numbers['projects']}个（{phases}）{f'，其中{lights}' if lights else ''}。",
        _of_money(numbers["investment"]),
        f"未销号问题{numbers['problems']}个。" if numbers["problems"] else "",
        f"与上次会议相比，{'；'.join(changes)}。" if changes else "",
    ]
    return ["".join(said)]


def _of_money(kept: dict[str, Any]) -> str:
    money_of = statistics.Investment(**{**kept, "months": [date.fromisoformat(month) for month in kept["months"]]})
    if not money_of.plan or not money_of.months:
        return ""
    share = columns.percent(money_of.done, money_of.plan)
    return (
        f"截至{money_of.months[-1].month}月底，有年度计划和完成数的{money_of.counted}个项目计划投资"
        f"{columns.brief(money_of.plan)}，完成投资{columns.brief(money_of.done)}，占年度计划的{share}，"
        f"与时序进度相比{_lag(money_of.lag_elapsed)}，与计划进度相比{_lag(money_of.lag_planned)}。"
    )


def _lag(hundredths: int | None) -> str:
    return columns.lag(hundredths).replace(" ", "")


# ---- Project by project ------------------------------------------------------------------------------
def _of_rows(record: dict[str, Any]) -> list[str]:
    """A paragraph for each project that is behind or of which something was told or decided; the rest by name."""
    decided = _numbers_by(record["decisions"], "project_id")
    stops = {stop["update"]: stop for stop in record["stops"]}
    told, silent = [], []
    for row in record["rows"]:
        points = decided.get(row["project"], [])
        if points or row["section"] in BEHIND or row["update"] in stops or any(row[name] for name in TELLS):
            told.append(_of_row(row, points, stops.get(row["update"])))
        else:
            silent.append(row["name"])
    lines = _listed(told)
    if silent:
        rest = "其余" if told else "列入议程的"
        lines.append(f"{rest}{len(silent)}个项目会上没有新的情况：{'、'.join(silent)}。")
    return lines


def _of_row(row: dict[str, Any], decided: list[int], stop: dict[str, Any] | None) -> str:
    section = Section(row["section"])
    why, invented = _why(row) if section in BEHIND else ("", False)
    marks = (["演示"] if invented else []) + ([section.label.removesuffix("项目")] if section in BEHIND else [])
    said = [
        stopped(why),
        stopped(row["words"]),
        _figures(row),
        _labelled("完成节点", "、".join(row["reached"])),
        _labelled("新提出问题", "；".join(row["problems"])),
        _labelled("下步计划", row["next_step"]),
        _labelled("需协调", row["help_wanted"]),
        f"观摩评分{stop['mean']}分，列第{stop['rank']}位。" if stop else "",
        _see(decided),
    ]
    mark = f"（{'，'.join(marks)}）" if marks else ""
    return f"{row['name']}{mark}：{''.join(said) or '会上没有新的情况。'}"


def _why(row: dict[str, Any]) -> tuple[str, bool]:
    """The gravest sentence of the agenda without the name that it begins with, and whether it is about 演示 data."""
    sentence = row["why"].partition("\n")[0].removeprefix(row["name"])
    return sentence.removeprefix(DEMO).removeprefix("："), sentence.startswith(DEMO)


def _figures(row: dict[str, Any]) -> str:
    parts = [
        f"年内累计完成投资{money.show(row['amount'])}" if row["amount"] is not None else "",
        f"自开工累计完成投资{money.show(row['total'])}" if row["total"] is not None else "",
        f"形象进度{row['percent']}%" if row["percent"] is not None else "",
    ]
    told = "，".join(filter(None, parts))
    return f"截至{day(date.fromisoformat(row['up_to']))}，{told}。" if told else ""


def _of_topics(record: dict[str, Any]) -> list[str]:
    decided = _numbers_by(record["decisions"], "topic")
    return _listed(
        f"{each['title']}{_by(each)}：{stopped(each['text']) or '会议进行了研究。'}"
        f"{_labelled('前期协调情况', each['tried'])}{_see(decided.get(each['id'], []))}"
        for each in record["topics"]
    )


def _by(topic: dict[str, Any]) -> str:
    named = "，".join(filter(None, (topic["project"], f"{topic['department']}提出" if topic["department"] else "")))
    return f"（{named}）" if named else ""


# ---- Words -------------------------------------------------------------------------------------------
def _numbers_by(decisions: list[dict[str, Any]], name: str) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for each in decisions:
        if each[name] is not None:
            found.setdefault(each[name], []).append(each["number"])
    return found


def _see(numbers: list[int]) -> str:
    return f"会议要求见议定事项第{'、'.join(map(str, numbers))}项。" if numbers else ""


def _labelled(label: str, text: str) -> str:
    return f"{label}：{stopped(text)}" if text.strip() else ""


def _listed(lines: Any) -> list[str]:
    return [f"{place}．{line}" for place, line in enumerate(lines, start=1)]
