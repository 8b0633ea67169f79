"""Projects named in running sentences, told by the words around the name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects import money, names
from projects.reports.grammar import items as lists
from projects.reports.grammar import steps
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.items import Item
from projects.reports.grammar.mentions.naming import NAME, is_caption, name_before, name_end, record
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import ADVERBS, BATCHES, COUNTED, NUMBER, ROLES, is_generic

_AMOUNT_DE = re.compile(r"(?:人民币)?(?:建设|打造|兴建|新建|投建)?的(?=\S{3})")
_INVEST = re.compile(
    r"(?:计划|预计|拟)*(?:总投资|投资总额|投资额?|总额|出资|投)(?:额)?(?:分别)?(?:为|达到?|约|共|由|是)*$"
)
_ROLE = re.compile(
    r"(?P<period>第[一二三四五六七八九十\d]{1,3}期)?“?三个一批”?(?P<role>已?签约|已?开工|已?投产|已?竣工)项目(?:——|:|,|——“)"
)
_PROGRESS = (
    r"(?:进展顺利|正在|目前|建设现场|施工现场|占地|位于|主体|"
    r"现已|已经|已完成|已办理|加快|建设进度|完成投资|累计完成|处于|因|由[^,。]{2,20}投资)"
)
_BUILDS = re.compile(r"(?:新?上马?|建设|兴建)(?P<n>[^,。;、的]{3,24}?项目)")
# No word of this list is the beginning of two others together: the match stays linear.
_ADVERB = (
    r"(?:\d+(?:#|号)楼|主体|结构|尚未|暂未|仍未|未|即将|将|计划|拟|预计|可|正|应当?|须|必须|需|待|力争|争取|力促|确保|有望|"
    r"截[至止]目前|目前|现(?!代)|被|予以|依法|自愿|主动|"
    rf"[今明]年|[一二三四]季度|[上下]半年|[年月]底|年内|[上中下]旬|前|[\d年月日]|{ADVERBS})*"
)
_ADVERBS = re.compile(rf"{_ADVERB}(?:[在从自][^,。]{{1,12}}|于[^,。]{{1,10}})?{_ADVERB}")
_ENDED = re.compile("封顶|停工|暂停|终止|清退|退出|调出|缓建|暂缓")


def of_amounts_before(page: Page) -> Iterator[NamedProject]:
    """总投资X亿元的N."""
    text = page.text
    for amount in money.find(text):
        taken = _AMOUNT_DE.match(text, amount.end)
        if amount.amount is None or not taken or amount_role(text[max(0, amount.start - 16) : amount.start]) != "total":
            continue
        begin = taken.end()
        begin += len(re.match(r"(?:其中|该|这个)?", text[begin:]).group())  # type: ignore[union-attr]
        end = name_end(text, begin)
        if end and not re.match(rf"\s*{NUMBER}{COUNTED}", text[end : end + 8]):
            name = text[begin:end]
            if not re.match(rf"{NUMBER}{COUNTED}", name) and not is_generic(name) and len(name) >= 3:
                yield record(page, Item(begin, end, Read(amount.amount, amount.start, amount.end)))


def of_roles(page: Page) -> Iterator[NamedProject]:
    """作为第N期“三个一批”开工项目,某园…; a company so called stands for its project."""
    text = page.text
    for m in _ROLE.finditer(text):
        word = m.group("role").removeprefix("已")
        start, end = m.end(), _clause_end(text, m.end())
        clause = text[start:end]
        strong = re.search(r"^.{2,40}?项目(?:\([^()]{1,10}\))?", clause)
        company = re.match(r"[^,。;]{4,30}?有限(?:责任)?公司", clause)
        weak = re.match(r"[^,。;]{2,30}(?:产业园|科技园|基地|中心)(?:\([^()]{1,10}\))?", clause)
        if named := strong or company or weak:
            begin = lists.skip_lead(text, start, start + named.end())
            one = record(page, Item(begin, start + named.end()))
            one.batch = Read(BATCHES[word], m.start("role"), m.end("role"))
            if m.group("role").startswith("已"):
                one.status = Read(f"已{word}", m.start("role"), m.end("role"))
            if m.group("period") and (tag := names.batch_tag(f"({m.group('period')}{word}项目)")) and tag[0]:
                one.period, one.period_role = Read(tag[0], m.start("period"), m.end("period")), word
            yield one


def _clause_end(text: str, at: int) -> int:
    return next((i for i in range(at, len(text)) if text[i] in ",。;!?\n"), len(text))


def of_amounts_after(page: Page) -> Iterator[NamedProject]:
    """N(,)总投资X; N共X; N:投资X."""
    text = page.text
    for amount in money.find(text):
        if amount.amount is None or _AMOUNT_DE.match(text, amount.end):
            continue
        before = text[max(0, amount.start - 30) : amount.start]
        lead = _INVEST.search(before) or re.search(r"(?:共|,投资|:)$", before)
        end = amount.start - (len(before) - lead.start()) if lead else amount.start
        if lead is None and not re.match(r"[)、,。;]", text[amount.end : amount.end + 1] or "。"):
            continue
        while end > 0 and text[end - 1] in ",:(":
            end -= 1
        if item := name_before(page, end):
            yield record(page, Item(item.start, item.end, Read(amount.amount, amount.start, amount.end)))


def of_tags(page: Page) -> Iterator[NamedProject]:
    """N(第六期签约项目)因…: a name with its period bracket, outside any list."""
    text = page.text
    for m in re.finditer(r"\(第[一二三四五六七八九十\d]{1,3}[期次批](?:签约开工|签约|开工|投产|竣工)项目\)", text):
        item, tag = name_before(page, m.start() - text.endswith("、", 0, m.start())), names.batch_tag(m.group())
        if item and tag and tag[0] is not None:
            one = record(page, item)
            one.period, one.period_role = Read(tag[0], m.start(), m.end()), tag[1]
            if batch := ROLES.get(tag[1]):
                one.batch = Read(batch, m.start(), m.end())
            yield one


def of_subjects(page: Page) -> Iterator[NamedProject]:
    """A clause that opens with a full project name and says how it is getting on."""
    text = page.text
    for m in re.finditer(rf"项目(?:\([^()]{{1,10}}\)|[一二三四五六]期)?(?={_PROGRESS})", text):
        item = None if is_caption(page, m.start()) else name_before(page, m.end())
        if item and item.end - item.start >= 8 and text[item.start - 1 : item.start] in (*",。;:!?\n—“”", ""):
            yield record(page, item)


def of_plans(page: Page) -> Iterator[NamedProject]:
    """谋划N,占地…."""
    for m in re.finditer(
        r"(?:谋划|拟建|规划建设)(?:[^,。;、的]{2,12}的)?(?P<n>[^,。;、的\d]{6,40}?项目)(?=[,。;])", page.text
    ):
        if (item := name_before(page, m.end())) and item.start >= m.start("n"):
            yield record(page, item)


def of_investors(page: Page) -> Iterator[NamedProject]:
    """N由某公司投资; 某公司合资X亿元上N."""
    text = page.text
    for m in re.finditer(
        r"(?:\([^()]*\))?由[^,。;]{4,60}?(?:公司|集团)[^,。;]{0,30}?(?:投资|合资|出资|建设|兴建)", text
    ):
        if item := name_before(page, m.start()):
            yield record(page, item)
    for amount in money.find(text):
        built = _BUILDS.match(text, amount.end)
        if amount.amount and built and not is_generic(built.group("n")):
            value = Read(amount.amount, amount.start, amount.end)
            yield record(page, Item(built.start("n"), built.end("n"), value))


def of_steps(page: Page) -> Iterator[NamedProject]:
    """N正式开工."""
    text = page.text
    places = [s.start for s in steps.find(text, 0, len(text)) if not s.label and not s.counted]
    places += [m.start() for m in _ENDED.finditer(text)]
    for place in sorted(places):
        if is_caption(page, place):
            continue
        sentence = page.sentence_at(place)[0]
        clause = max(sentence, *(text.rfind(mark, 0, place) + 1 for mark in ",。;:\n"))
        for head in re.finditer(NAME, text[clause:place]):
            end = clause + head.end()
            if _ADVERBS.fullmatch(text[end:place]) and (item := name_before(page, end)):
                yield record(page, item)
                break


def of_pronouns(page: Page) -> Iterator[NamedProject]:
    """走进某基地,…。该项目总投资X: the first name of the sentence before is what 该项目 means."""
    for at, (start, end) in enumerate(page.sentences):
        opens = re.compile(r"[“ ]*(?:该|此|这个|这一)?项目[^,。;]{0,12}投资").match(page.text, start, end)
        if not opens or not at or page.paragraph_at(start) != page.paragraph_at(page.sentences[at - 1][0]):
            continue
        before, stop = page.sentences[at - 1]
        for head in re.finditer(NAME, page.text[before:stop]):
            if item := name_before(page, before + head.end()):
                yield record(page, item)
                break
