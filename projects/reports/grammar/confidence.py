"""How sure the reader is of a record, in per cent, and why not surer.

Every doubt has a cost; what is left of 100 is the confidence. The costs are set on labelled reports, so that of the
records at 90 or above at least 98 in 100 have name, amount, batch and period right.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from projects import money
from projects.reports.grammar import items as lists
from projects.reports.grammar.mentions.naming import SENTENCE
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import Difference, NamedProject
from projects.reports.grammar.totals.ledger import merged, walled
from projects.reports.grammar.words import is_vague

SENTENCES: Final = {
    "amount_unbound": "句中另有金额，未能确定是不是该项目的投资。",
    "amount_damaged": "金额缺字或读不出数来，请核对原文。",
    "amount_unit": "金额单位原文没有写全，请核对。",
    "amount_company": "同一金额可能属于企业，不是项目的投资。",
    "amount_shared": "同一金额可能是几个项目的合计。",
    "amount_phase": "只写了一期的投资，可能不是项目总投资。",
    "name_fused": "名称可能是两项并在一起。",
    "name_joined": "名称里有顿号或“和”“及”“与”，可能是几个项目。",
    "name_unlike": "名称不像项目名称。",
    "name_loose": "名称不带“项目”字样，是按句中的话认出的。",
    "name_vague": "名称笼统，可能是一类项目。",
    "name_masked": "名称有遮挡或缺字。",
    "name_long": "名称过长，可能带进了别的话。",
    "name_cut": "文字到文末中断，名称可能不全。",
    "name_twin": "与文中另一个项目的名称相近，可能是同一个项目。",
    "list_short": "所在名单写明的个数与列出的个数不符。",
    "period_inferred": "期数由上下文推断。",
    "batch_inferred": "批次由上下文推断。",
    "year_inferred": "年份由上下文推断。",
    "no_step": "没有读出签约、开工、投产或其他进展。",
    "only_named": "文中只提到名称，没有说金额、批次和进展。",
}
COSTS: Final = {
    "amount_damaged": 15, "amount_unbound": 11, "amount_unit": 4, "amount_company": 15,
    "amount_shared": 12, "amount_phase": 12,
    "name_fused": 25, "name_joined": 12, "name_unlike": 11,
    "name_loose": 11, "name_vague": 30, "name_masked": 15, "name_long": 15,
    "name_cut": 20, "name_twin": 12, "list_short": 4, "period_inferred": 4, "batch_inferred": 4, "year_inferred": 2,
    "only_named": 15, "no_step": 11,
}  # fmt: skip
_LEAST = 5
_TWO_NAMES = re.compile(r"(?:公司|集团).{2,40}(?:有限公司|集团)|项目.{4,}项目(?:\([^()]{1,10}\))?$|\)[^()]{6,}项目")
_MASKED = re.compile(r"[*×□■?]{1,}|[xX]{2,}|某某|某(?=公司|企业|集团)")
_OF_COMPANY = re.compile(r"(?:该公司|该企业|企业|公司|集团)(?:[^,。;:、]{0,12})$")


def weigh(page: Page, records: list[NamedProject], differences: list[Difference], *, year_inferred: bool) -> None:
    """Set the confidence and the doubts of every record; offsets are those of the working copy."""
    twins = {span for d in differences if d.code == "possible_duplicate" for span in d.spans}
    short = merged([span for d in differences if d.code == "count_mismatch" for span in d.spans[1:]])
    last = len(page.text.rstrip())
    shared = _shared(records)
    for one in records:
        found = [*_of_name(page, one, last), *_of_amount(page, one, shared), *_of_context(page, one)]
        if (one.start, one.end) in twins:
            found.append("name_twin")
        if walled(short, one.start, one.start + 1):
            found.append("list_short")
        if year_inferred and any(d.span.first and not d.partial for d in one.dates):
            found.append("year_inferred")
        one.doubts = tuple(found)
        one.confidence = max(_LEAST, 100 - sum(COSTS[code] for code in found))


def _of_name(page: Page, one: NamedProject, last: int) -> list[str]:
    name = page.text[one.start : one.end]
    bare = re.sub(r"[(“《][^()“”《》]*[)”》]", "", name)
    found = []
    if _TWO_NAMES.search(name):
        found.append("name_fused")
    elif re.search(r"、|以及|及(?!其)|(?<!共)和(?![平谐])|与", bare):
        found.append("name_joined")
    if (not lists.ends_like_name(name) and not one.row) or SENTENCE.search(bare):
        found.append("name_unlike")
    if one.loose:
        found.append("name_loose")
    if is_vague(name):
        found.append("name_vague")
    if _MASKED.search(name):
        found.append("name_masked")
    if len(name) > 45:
        found.append("name_long")
    if one.end >= last and not one.listed and not one.row:
        found.append("name_cut")
    return found


def _of_amount(page: Page, one: NamedProject, shared: set[int]) -> list[str]:
    found = []
    own = page.sentence_at(one.start)
    if one.amount is None:
        near = page.text[max(own[0], one.start - 12) : min(own[1], one.end + 40)]
        damaged = [f for f in money.find(near) if f.amount is None]
        if damaged:
            return ["amount_damaged"]
        known = {v.start for v in (one.foreign, one.annual_plan, one.completed) if v}
        loose = [f for f in page.amounts(one.end, min(own[1], one.end + 60)) if f.amount and f.start not in known]
        return ["amount_unbound"] if loose and not one.listed and one.foreign is None else []
    printed = page.text[one.amount.start : one.amount.end]
    if re.search(r"[亿万]$", printed) and not one.row:
        found.append("amount_unit")
    before = page.text[max(0, one.amount.start - 24) : one.amount.start]
    if (
        _OF_COMPANY.search(re.sub(r"(?:计划|预计)?(?:总?投资|出资)[^,。;:、]{0,3}$", "", before))
        and one.amount.start > one.end
    ):
        found.append("amount_company")
    if one.amount.start in shared:
        found.append("amount_shared")
    if re.search(r"[一首]期(?:总?投资)?[约为]?$", before):
        found.append("amount_phase")
    return found


def _of_context(page: Page, one: NamedProject) -> list[str]:
    found = []
    paragraph = page.paragraph_at(one.start)
    if one.period and not paragraph[0] <= one.period.start < paragraph[1]:
        found.append("period_inferred")
    if one.batch and not paragraph[0] <= one.batch.start < paragraph[1]:
        found.append("batch_inferred")
    said = (one.amount, one.foreign, one.batch, one.status, one.annual_plan, one.completed)
    if not any(said) and not one.dates:
        found.append("only_named")
    elif one.batch is None and one.status is None:
        found.append("no_step")
    return found


def _shared(records: list[NamedProject]) -> set[int]:
    """Where an amount starts that more than one record has."""
    starts = [one.amount.start for one in records if one.amount]
    return {start for start, times in Counter(starts).items() if times > 1}
