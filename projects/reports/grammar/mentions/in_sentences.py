"""Projects named in running sentences, told by the words around the name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects import names
from projects.finding import near
from projects.reports.grammar import items as lists
from projects.reports.grammar import steps
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.items import Item
from projects.reports.grammar.mentions.naming import (
    HEADS,
    NAME,
    NO_BEGINNING,
    SENTENCE,
    is_caption,
    name_before,
    name_end,
    record,
)
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import ADVERBS, BATCHES, COUNTED, HEAD, NUMBER, ROLES, THING, is_generic, is_vague

_AMOUNT_DE = re.compile(
    r"(?:人民币)?(?:\([^()]{2,20}元\))?(?:[,、](?:总?占地|用地|总?建筑面积)[^,。;、的]{1,14}(?:亩|平方米|公里))?(?:建设|打造|兴建|新建|投建)?的(?=\S{3})"
)
_INVEST = re.compile(
    r"(?:计划|预计|意向|拟|概算|估算|规划|设计|动态|静态|固定资产|分别|依次|将|需|共|一共|合计)*"
    r"(?:总投资|投资总额|投资规模|总造价|概算|投资额?|总额|出资|投)(?:额|规模)?(?:分别)?(?:为|达到?|约|共|由|是|在|从|原来|的)*$"
)
_EACH = pattern(
    "an amount of each", r"[均都各](?:为|达到?|在|超过?|过)*", "总投资都超过5亿元的甲项目和乙项目", "都超过", code="A12"
)
_ROLE = re.compile(
    r"(?P<period>第[一二三四五六七八九十\d]{1,3}期)?“?三个一批”?(?P<role>已?签约|已?开工|已?投产|已?竣工)项目(?:——|:|,|——“)"
)
_PROGRESS = (
    r"(?:进展顺利|正在|目前|建设现场|施工现场|占地|位于|主体|"
    r"现已|已经|已完成|已办理|加快|建设进度|完成投资|累计完成|处于|因|由[^,。]{2,20}投资)"
)
_BUILDS = pattern(
    "an amount, and what it builds",
    rf"(?:人民币)?,?(?:用于|来|,)?(?:新?上马?|建设|兴建|新建|投建|扩建|改造|打造|实施|建起|建成|开发)了?(?:一[座个条处])?(?P<n>[^,。;、的]{{3,30}}?{HEAD}(?:项目|工程|[一二三]期|\([^()]{{1,8}}\))*)(?=[,。;、]|$|并|正)",
    "拟投资12亿元建设内河航运装备制造基地,达产后",
    "建设内河航运装备制造基地",
    code="A1",
)
# No word of this list is the beginning of two others together: the match stays linear.
_ADVERB = (
    r"(?:\d+(?:#|号)楼|主体|结构|尚未|暂未|仍未|未|即将|将|计划|拟|预计|可|正|应当?|须|必须|需|待|力争|争取|力促|确保|有望|"
    r"截[至止]目前|目前|现(?!代)|被|予以|依法|自愿|主动|"
    rf"[今明]年|[一二三四]季度|[上下]半年|[年月]底|年内|[上中下]旬|前|[\d年月日]|{ADVERBS})*"
)
_ADVERBS = re.compile(rf"{_ADVERB}(?:[在从自][^,。]{{1,12}}|于[^,。]{{1,10}})?{_ADVERB}")
_ENDED = re.compile("封顶|停工|暂停|终止|清退|退出|调出|缓建|暂缓")


_POINTED = re.compile(r"其中|该|这个")
_PHASE_FIRST = pattern(
    "a name that its phase opens",
    r"[一二三四五六]期[^,。;、]{3,30}(?:项目|工程|生产线|基地)$",
    "三期2万吨高性能铝箔项目",
    "三期2万吨高性能铝箔项目",
    code="F6",
)


_RENAMED = pattern(
    "a new name for an old one",
    r"“(?P<a>[^“”,。;]{4,40})”(?:已|正式|现)*更名为“(?P<b>[^“”,。;]{4,40})”",
    "“泉口静脉产业园”更名为“泉口循环经济产业园(一期)”",
    "“泉口静脉产业园”更名为“泉口循环经济产业园(一期)”",
    code="F3",
)


def of_renamed(page: Page) -> Iterator[NamedProject]:
    """“A”更名为“B”: one project, called B."""
    for told in _RENAMED.finditer(page.text):
        if item := lists.parse(page, *told.span("b")):
            one = record(page, Item(item.start, item.end))
            one.aliases.append(names.tidy(page.printed(*told.span("a"))))
            yield one


_POINTED_MONEY = pattern(
    "the money of what was named before",
    r"(?:这[一个条座家项]|该|此)(?:计划|协议)?总?投资(?:约|达|超)?$",
    "这个投资",
    "这个投资",
    code="F4",
)


def of_amounts_before(page: Page) -> Iterator[NamedProject]:
    """总投资X亿元的N."""
    text = page.text
    for amount in page.money:
        taken = _AMOUNT_DE.match(text, amount.end)
        before = text[max(0, amount.start - 16) : amount.start]
        if _POINTED_MONEY.search(before):
            continue
        damaged = amount.amount is None and "投资" in before[-8:]
        if not taken or not (damaged or amount_role(before) == "total"):
            continue
        begin = taken.end()
        if pointed := _POINTED.match(text, begin):
            begin = pointed.end()
        end = name_end(text, begin)
        if end and not re.match(rf"\s*{NUMBER}{COUNTED}", text[end : end + 8]):
            name = text[begin:end]
            bare = re.sub(r"[(“][^()“”]*[)”]", "", name)
            phased = _PHASE_FIRST.match(name)
            if SENTENCE.search(bare) or (NO_BEGINNING.match(name) and not phased) or is_vague(name):
                continue
            nick = re.fullmatch(r"“[^“”]*”", name) and not lists.ends_like_name(name.strip("“”"))
            if not re.match(rf"{NUMBER}{COUNTED}", name) and not is_generic(name) and len(name) >= 3 and not nick:
                value = Read(amount.amount, amount.start, amount.end) if amount.amount else None
                every = _EACH.search(text[max(0, amount.start - 10) : amount.start + 1])
                parts = _joined(text, begin, end) if every else lists.unjoined(text, begin, end)
                each = len(parts) == 1 or bool(every)
                for s, e in parts:
                    yield record(page, Item(s, e, value if each else None))


def _joined(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """The names that 、 and 和 join to this one: 总投资均达5000万元的甲项目、乙项目."""
    found = lists.unjoined(text, begin, end)
    while text.startswith("、", found[-1][1]) and (stop := name_end(text, found[-1][1] + 1)):
        found += lists.unjoined(text, found[-1][1] + 1, stop)
    return found


_PRICED = re.compile(r"\((?:总?投资|计划投资)?[约近超]?[\d.]")
_IN_BRACKET = pattern(
    "a name at the head of a clause, its amount in a bracket",
    r"(?:^|(?<=[,。;:、!?\n])|(?<=\)[和与及]))(?P<n>[^,。;:、!?\n()|]{4,30})\((?:总?投资|计划投资)?[约近超]?[\d.]+(?:余)?[亿万]美?元\)",
    "航空润滑油脂基地(9.6亿元)3月动工",
    "航空润滑油脂基地(9.6亿元)",
    code="A4",
    flags=re.MULTILINE,
)


def of_bracketed_amounts(page: Page) -> Iterator[NamedProject]:
    """N(9.6亿元)3月动工: a name that may end in any way, where it ends as names do or others like it stand beside."""
    found = list(near(_PRICED, 30, _IN_BRACKET, page.text))
    for told in found:
        item = lists.parse(page, told.start("n"), told.end())
        name = page.text[item.start : item.end] if item else ""
        if item is None or item.amount is None or len(name) < 4 or is_vague(name) or SENTENCE.search(name):
            continue
        beside = any(other is not told and abs(other.start() - told.start()) < 120 for other in found)
        if lists.ends_like_name(name) or beside:
            yield record(page, item)


def of_roles(page: Page) -> Iterator[NamedProject]:
    """作为第N期“三个一批”开工项目,某园…; a company so called stands for its project."""
    text = page.text
    for m in _ROLE.finditer(text):
        if _IS_OF_ROUND.search(text, max(0, m.start() - 10), m.start()):
            continue
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


_IS_OF_ROUND = pattern(
    "what a project is, and not what it is called",
    r"(?:是|系|属于|列入|入选|纳入)(?:全?[省市县区]|我[省市县区])?(?:的|级)?$",
    "项目是省",
    "是省",
    code="D1",
)


def _clause_end(text: str, at: int) -> int:
    return next((i for i in range(at, len(text)) if text[i] in ",。;!?\n"), len(text))


def of_amounts_after(page: Page) -> Iterator[NamedProject]:
    """N(,)总投资X; N共X; N:投资X."""
    text = page.text
    for amount in page.money:
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
            shared = lead and ("分别" in lead.group() or "依次" in lead.group())
            value = None if shared else Read(amount.amount, amount.start, amount.end)
            yield record(page, Item(item.start, item.end, value))


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
        r"(?:\([^()]*\))?由[^,。;]{2,60}?(?:公司|集团)[^,。;]{0,30}?(?:投资|合资|出资|建设|兴建)", text
    ):
        if item := name_before(page, m.start()):
            yield record(page, item)
    for amount in page.money:
        built = _BUILDS.match(text, amount.end)
        before = text[max(0, amount.start - 16) : amount.start]
        invested = amount_role(before) == "total" or before.endswith(("以", "斥资", "拿出", "耗资"))
        if amount.amount and built and invested and not is_vague(built.group("n")):
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
        clause = max(sentence, *(text.rfind(mark, sentence, place) + 1 for mark in ",。;:\n"))
        for head in re.finditer(NAME, text[clause:place]):
            end = clause + head.end()
            if _ADVERBS.fullmatch(text[end:place]) and (item := name_before(page, end)):
                if not is_vague(text[item.start : item.end]):
                    yield record(page, item)
                break


_GOES_ON_ABOUT = pattern(
    "the next sentence about the same project",
    r"[“ ]*(?:据[^,。]{0,8}(?:了解|介绍|悉),?)?(?:该|此|这[个一条座家])?(?:(?:总?投资|占地)[^。;的]{1,30}的)?"
    r"[㐀-鿿]{0,4}?(?:项目|园区|产业园|园|基地|中心|工程|线|车间|楼|厂|工厂|装置|道路|物流港|港|城)[^,。;]{0,24}?(?:,[^,。;]{0,16})?(?:总?投资|概算|占地)",
    "该园总投资8.9亿元",
    "该园总投资",
    code="F4",
)


_POINTS_BACK = pattern(
    "the next sentence that points back at a project",
    r"[“ ]*(?:据[^,。]{0,8}(?:了解|介绍|悉),?|(?:由于|因|受)[^,。;]{2,16},)?(?:该|此|这[一个条座家项处])"
    rf"(?:(?:总?投资|占地)[^。;的]{{1,30}}的)?[㐀-鿿]{{0,4}}?(?P<t>{THING})",
    "这个投资18亿元的产业园去年10月动工",
    "这个投资18亿元的产业园",
    code="F4",
)


def of_pronouns(page: Page) -> Iterator[NamedProject]:
    """走进某基地,…。该项目总投资X: the first name of the sentence before is what 该项目 means."""
    text = page.text
    for at, (start, end) in enumerate(page.sentences):
        opens, points = _GOES_ON_ABOUT.match(text, start, end), _POINTS_BACK.match(text, start, end)
        told = points and (steps.state(text, points.end(), end) or _PAID.search(text, points.start(), end))
        if not at or not (opens or told):
            continue
        apart = page.paragraph_at(start) != page.paragraph_at(page.sentences[at - 1][0])
        if apart and not points:
            continue
        before, stop = page.sentences[at - 1]
        for head in HEADS.finditer(text, before, stop):
            item = name_before(page, head.end())
            name = text[item.start : item.end] if item else ""
            if item and not is_vague(name) and (opens or (points and _is_such(name, points["t"]))):
                yield record(page, item)
                break


_PAID = pattern(
    "the money that something is built with",
    r"(?:总?投资|概算|造价)[^,。;]{0,6}\d[\d.]*[亿万]",
    "该园投资8.9亿元",
    "投资8.9亿",
    code="F4",
)


def _is_such(name: str, thing: str) -> bool:
    """该项目 may be anything, 该产业园 only what is called so."""
    return thing in ("项目", "工程") or name.endswith(thing)
