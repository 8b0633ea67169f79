"""Where a project name begins and ends in running text."""

from __future__ import annotations

import re

from projects import names
from projects.reports.grammar import items as lists
from projects.reports.grammar import steps
from projects.reports.grammar.items import Item
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import ADVERB, COUNTED, NUMBER, is_generic

LONGEST_NAME = 120
_STOP = "，,。;:!?\n、"
_SAID_OF = re.compile(r"项目(?:\([^()]{1,10}\)|[一二三四五六]期)*(?=是|系|属于|作为|成为|入选|列入|被)")
NAME = (
    r"(?:项目|产业园|科技园|工业园|物流园|创业园|示范园|园区|基地|中心|综合体|生产线|工厂|广场|医院|学校|产业城|电站)"
    r"(?:\([^()]{1,10}\)|[一二三四五六]期)?(?:项目)?"
)


def record(page: Page, item: Item) -> NamedProject:
    """A new record for the name at this place. A bracket that tells its amount is no part of a name."""
    end = item.start + len(lists.MONEY_BRACKET.sub("", page.text[item.start : item.end]).rstrip())
    name = names.tidy(page.printed(item.start, end))
    made = NamedProject(name=name, key=names.key(name), start=item.start, end=end)
    if item.amount:
        made.keep_total(item.amount)
    if company := names.company_of(name):
        at = page.text.find(names.tidy(page.text[item.start : end])[: len(company)], item.start)
        made.company = Read(company, max(at, item.start), max(at, item.start) + len(company))
    return made


def name_before(page: Page, end: int) -> Item | None:
    """The project name that ends exactly here, if one does."""
    text = page.text
    at, depth, closed = end, 0, end
    while at > max(0, end - LONGEST_NAME):
        char = text[at - 1]
        depth += (char in ")”") - (char in "(“")
        if depth == 1 and char in ")”":
            closed = at
        if char in "。!?;\n":
            at = closed if depth > 0 else at
            break
        if depth < 0 or (depth == 0 and (char in _STOP or char in "—|") and not lists.inside_number(text, at - 1)):
            break
        at -= 1
    begin = lists.skip_lead(text, at, end)
    begin = lists.unjoined(text, begin, end)[-1][0]
    name = text[begin:end]
    if len(name) < 4 or not lists.ends_like_name(name) or is_generic(name):
        return None
    if re.search(rf"{NUMBER}{COUNTED}[^(]*项目$|[的有]?(?:该|此|这些|其)", name) or re.match(
        rf"{NUMBER}{COUNTED}", name
    ):
        return None
    return Item(begin, end)


def name_end(text: str, begin: int) -> int | None:
    """Where the name that begins here ends: at the last head word of its clause that a predicate or a stop follows."""
    stop = begin
    depth = 0
    while stop < min(len(text), begin + 200) and (
        depth > 0 or text[stop] not in _STOP + ")" or lists.inside_number(text, stop)
    ):
        depth += (text[stop] in "(“") - (text[stop] in ")”")
        stop += 1
    clause = text[begin:stop]
    if again := re.search(
        rf"(?:和|及|与|以及)(?:计划|预计)?总?投资|等(?={NUMBER}{COUNTED}|[^、]{{0,8}}项目|$)|为代表", clause
    ):
        clause = clause[: again.start()]
    if said_of := _SAID_OF.search(clause):
        return begin + said_of.end()
    strong = [m.end() for m in re.finditer(r"项目(?:\([^()]{1,10}\)|[一二三四五六]期(?!投产))*", clause)]
    if strong:
        return begin + strong[-1]
    if lists.ends_like_name(clause):
        return begin + len(clause)
    step = next((s for s in steps.find(text, begin, begin + len(clause))), None)
    if step and step.start - begin >= 3:
        head = re.sub(rf"{ADVERB}$", "", text[begin : step.start])
        return begin + len(head)
    if heads := [m.end() for m in re.finditer(r"(?:园|基地|中心|城|港|综合体|工厂)", clause)]:
        return begin + heads[-1]
    return begin + len(clause) if 4 <= len(clause) <= 40 else None


def is_caption(page: Page, at: int) -> bool:
    """A short line without a stop: a headline or the words under a picture."""
    start, end = page.paragraph_at(at)
    return end - start < 30 and not re.search(r"[。;,]", page.text[start:end])


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
