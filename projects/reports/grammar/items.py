"""Cutting lists into items, and an item into its name, its amount and its period bracket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from projects import money, names
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import Read
from projects.reports.grammar.words import ends_name

TAG = re.compile(r"\(第[一二三四五六七八九十\d]{1,3}[期次批](?:签约开工|签约|开工|投产|竣工)?(?:项目)?\)\s*$")
_BATCH_TAG = pattern(
    "a bracket that tells the batch of the name before it",
    r"\((?:属)?(?P<w>签约|开工|投产|竣工)(?:一批|类|项目)\)\s*$",
    "岭南热管理系统项目(开工一批)",
    "(开工一批)",
    code="D2",
)
_TAG_FIRST = re.compile(r"\s*" + TAG.pattern.removesuffix(r"\s*$"))
MONEY_BRACKET = re.compile(r"\([^()]*(?:投资|[亿万]美?元)[^()]*\)\s*$")
_LEAD = re.compile(
    r"^(?:\([^()]*[日讯电]\)|(?:世界|中国|民营|央企)[㐀-鿿]{0,2}500强(?:企业)?|[●•◆▪■○◇▶▷▲△★☆※]|其中|\d{1,2}(?:[—\-~]\d{1,2})?日(?:\([^()]*\))?\s+|\d{1,2}月\d{1,2}日|第[一二三四五六七八九十\d]{1,3}[期次批](?:签约|开工|投产)?的|[㐀-鿿]{2,6}[市县区镇]的|[壹贰叁肆伍陆柒捌玖拾]{1,2}[·、.]|以及|代表[是为]|在(?![线建])|赴|到(?!位)|[㐀-鿿]{2,3}(?<!华)为(?=[㐀-鿿]{6})|目前|今年以来|去年以来|今年|近日|日前|据了解|据统计|(?:主要)?包括|分别[为是]|有(?![效序力关望机色轨限])|以及|把|将(?![军来相])|以(?![岭太])|及|与|即|如|像|另有|还有|"
    r"决定|经研究|不再|已(?=[经开签落])|均|也|还(?!原)|又|先后|位于|坐落于|(?:总投资|投资)?规模|涉及|像|就|其(?![中他它余])|(?<=[有外再])一个(?:是)?|第[一二三四五六七八九]个(?:就|便)?是|如期|同时|重点(?:加快|推进|抓好|推动|盯紧|实施|建设)|加快|抓好|推动|实现|引来|迎来|承接|同意|盯紧|作为|是|为|由|对|在建的|另投|推进(?![器剂系])|实施|引进(?!人才|外)|建好|这个|该|[(（]?[一二三四五六七八九十]{1,3}[)、.]|\(\d{1,2}\)|\d{1,2}[、.)](?=\D)|[\s:,、;。——“《])+"
)
# What leads up to a name in running text: 与某县, 与某公司就, 记者在, 集中开工活动在, 一行先后来到.
_OWNER = re.compile(
    "|".join(
        (
            r"^[^、,()“]{0,40}?(?:举行|举办)了?(?=.{4})",
            r"^[^、,()“]{0,24}?(?:\d|[二三四五六七八九十])[个项][^、,()“]{0,12}项目[中里],?(?=.{4})",
            r"^(?:开发区|园区|[^、,()]{0,12}(?:[市区县局委]|集团))(?:与|和(?![平谐县田顺静硕政泽])|同(?![时步样比期日])|对)(?=.{4})",
            r"^[^、,()“]{0,14}?(?:与|和|同|跟)[^、,()“]{1,14}就(?=.{4})",
            r"^(?:\d{1,2}日)?与[^、,()“]{2,16}?(?:签约|签订|签署|合作建设)(?:了)?(?=.{4})",
            r"^[^、,()“]{2,40}?(?:与|和|同)[^、,()“]{2,24}?(?:签约|签订|签署|签下|洽谈|对接|商谈|磋商|共建)(?:了|的)?(?=.{4})",
            r"^(?:网友|问|主持人)?:?(?:听说|据说|请问|想问(?:一下)?|网传)(?=.{4})",
            r"^(?:会议)?(?:听取|研究|审议|通报|介绍|汇报)了(?=.{4})",
            r"^[^、,()“]{0,24}?基础上,?(?:再|又|新|继续|投资)*(?:建设|新建|兴建|实施|上马)(?=.{4})",
            r"^(?:记者|笔者)(?:在|从|来到|走进)(?=.{4})",
            r"^[^、,()“]*?(?:活动|仪式|[㐀-鿿]会|会议)(?:在|于)(?=.{4})",
            r"^(?:强?降雨|暴雨|大雨|台风|洪水|疫情)[导]?致(?=.{4})",
            r"^[^、,()“]{0,30}?(?:签约|签下|驶出|驶入|落子|落在|首站是|看到的是|要数|当数|当属|莫过于|参观的是|来自|关注|等到|提到|问起|说起|至于)(?:了|的)?(?=.{4})",
            r"^[㐀-鿿]{2,8}?(?:还|又|先后|随后|一行)?(?:来到|走进|前往|深入|到|赴)(?=.{4})",
        )
    )
)
_CLAUSE_DE = re.compile(
    r"^.*?(?:投资|出资|新上|新建|建设|打造|引进|签[约订署]|开工|动工|投产|规划|谋划|主导|牵头|在建|位于[^的]*|亩|平方米|元|所在|有|以上|首个|实施|审批|合作|共建|合资|落户)的(?=.{3})"
)
# Parts of names as well: 储备库, 对接平台. They cut a name with 了, 的 or an adverb, or as its first word.
_NOUN_VERBS = r"(?:推进|谋划|对接|策划|储备)"
_FIRST_VERBS = r"(?:推进(?![器剂系])|谋划|策划|对接(?!平台|中心)|储备(?![库粮肉仓站林地金资中基]))"
_VERBS = (
    r"(?:实施|新上|取消|终止|暂停|停止|调研|察看|查看|视察|参观|观摩(?![团会组])|驻足于?|落地|上马(?![村镇乡路街])|签下|启动|签约|"
    r"(?<!人才)引进|洽谈|开工(?:建设)?|投产|建成(?!区)|竣工|走进|走访|来到|位于)"
)
_WHEN = (
    r"(?:(?:今年|明年|来年|本年|\d{4}年)?(?:[一二三四]季度|[上下]半年|年底|年内|年末|(?:\d{1,2}|[一二三四五六七八九十]{1,2})月"
    r"(?:份|底|末|初|\d{1,2}日|[上中下]旬)?|月底|近期)|今年|明年)"
)
_ADVERBIAL = r"(?:力争|正在|将|积极|加快|全力|新|已|成功|集中|正|拟|先后|陆续|重点|大力|主动|着力)"
_VERB = re.compile(
    rf"^(?:[^、,()“]{{0,8}}?{_ADVERBIAL}*{_VERBS}|[^、,()“]{{0,8}}?{_ADVERBIAL}+{_NOUN_VERBS}"
    rf"|[^、,()“]{{0,8}}?{_NOUN_VERBS}(?=[了的])|{_FIRST_VERBS})了?的?(?=.{{4}})"
)
_MODALS = r"(?:力争|争取|力促|确保|保证|计划|预计|即将|拟|有望)"
_AIM = re.compile(
    rf"^(?:{_WHEN}[前内],?|(?:[要须应]|必须|全力|积极)?{_MODALS}(?:[于在]?{_WHEN}[前内]?,?)?|{_WHEN}(?={_MODALS}))+(?=.{{4}})"
)
_PHASE_AMOUNT = re.compile(r"[一二三四五六首]期(?:[^,。;(项]{0,2})?(?:总?投资)?$")
_STRONG_END = re.compile(r"(?:项目|工程|[一二三四五六]期)(?:\([^()]{1,10}\)|[一二三四五六]期)*$")
LONGEST_ITEM = 200  # what is longer is running text without marks, not a name
_BRACKET_AHEAD = pattern(
    "an amount in a bracket before its name",
    r"\s*\([^()]{0,8}\d[^()]{0,8}元\)(?=.{3})",
    "(6.5亿元)槿河建材园",
    "(6.5亿元)",
    code="A4",
)
OF_KIND = re.compile("基于|面向|用于")
_MONEY = re.compile("[元亿万]")
_OPEN, _CLOSE = "(“《", ")”》"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list, in offsets of the working copy."""

    start: int
    end: int
    amount: Read[money.Amount] | None = None
    tag: tuple[int | None, str] | None = None
    tag_span: tuple[int, int] | None = None


def pieces(text: str, start: int, end: int, marks: str = "、") -> list[tuple[int, int]]:
    """Stretches between the marks that stand outside brackets and quotes."""
    found, begin, depth = [], start, 0
    for mark in _marks(marks).finditer(text, start, end):
        char, at = mark.group(), mark.start()
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        elif not depth and not inside_number(text, at):
            found.append((begin, at))
            begin = at + 1
    found.append((begin, end))
    return [(s, e) for s, e in found if text[s:e].strip()]


@cache
def _marks(marks: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(_OPEN + _CLOSE + marks)}]")


def inside_number(text: str, at: int) -> bool:
    """The comma of 1,3丙二醇 ends nothing."""
    return text[at] == "," and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


def untagged(text: str) -> str:
    """The item's words without the brackets behind its name that give its period and its amount."""
    for _ in range(2 if ")" in text else 0):
        text = TAG.sub("", MONEY_BRACKET.sub("", text))
    return text.rstrip("、 ")


@lru_cache(maxsize=4096)
def ends_like_name(text: str) -> bool:
    return ends_name(untagged(text).rstrip("等 "))


def listed(text: str, start: int, end: int, declared: int | None = None) -> list[tuple[int, int]]:
    """The items of a list. A 、 or 及 inside one name does not cut it: see `_rejoin` and `unjoined`."""
    commas = pieces(text, start, end, ",")
    if len(commas) > 1 and all(ends_like_name(text[s:e]) for s, e in commas):
        if not _both_marks(text, start, end, len(commas), declared):
            return commas
        return _rejoin(
            text, [part for s, e in pieces(text, start, end, "、,") for part in unjoined(text, s, e)], declared
        )
    cut = [part for s, e in _with_tags(text, pieces(text, start, end)) for part in unjoined(text, s, e)]
    if declared is not None and len(cut) < declared and cut:
        cut = cut[:-1] + unjoined(text, *cut[-1], weak=True)
    if cut and declared is not None and len(cut) == declared - 1 and (last := _LAST_OF.search(text, *cut[-1])):
        cut = [*cut[:-1], (cut[-1][0], last.start()), (last.end(), cut[-1][1])]
    return _rejoin(text, cut, declared)


def _both_marks(text: str, start: int, end: int, commas: int, declared: int | None) -> bool:
    """A项目、B项目(第一期签约项目),C园、D项目(…): the comma parts the runs, and 、 the items of each."""
    both = pieces(text, start, end, "、,")
    named = sum(ends_like_name(text[s:e]) for s, e in both)
    return len(both) > commas and named * 5 >= len(both) * 4 and commas != declared


def _with_tags(text: str, cut: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A、(第五期签约项目)、B: a bracket that a stray mark cuts off belongs to the item before it."""
    made: list[tuple[int, int]] = []
    for s, e in cut:
        tag = _TAG_FIRST.match(text, s, e)
        if tag and made:
            made[-1] = (made[-1][0], tag.end())
            s = tag.end()
        if text[s:e].strip():
            made.append((s, e))
    return made


_LAST_OF = pattern(
    "the last of a list, with its place",
    r"(?<=[㐀-鿿]{4})(?:和|及|与|以及)(?=[㐀-鿿]{2,6}[市县区镇乡]的[^、]{4,})",
    "虹光区的华锐新能源汽车线束和平原新区的博雅数据中心一期",
    "和",
    code="C2",
)
_JOINT = quick(r"[(“《]|[)”》]|以及|及(?!其)|和|与")


def unjoined(text: str, start: int, end: int, *, weak: bool = False) -> list[tuple[int, int]]:
    """Split "A项目及B项目"; "总部基地及大数据中心项目" is one name unless the declared count asks for two (`weak`)."""
    depth = 0
    if not _JOINT.search(text, start, end):
        return [(start, end)]
    for match in _JOINT.finditer(text[start:end]):
        if match.group() in _OPEN:
            depth += 1
        elif match.group() in _CLOSE:
            depth -= 1
        elif not depth:
            left, right = text[start : start + match.start()], text[start + match.end() : end]
            ended = ends_like_name(left) if weak or match.group() == "以及" else _STRONG_END.search(untagged(left))
            apart = (ended and ends_like_name(right)) or re.match(r"(?:计划|预计)?总?投资[^的]{1,14}的", right)
            if apart:
                rest = unjoined(text, start + match.end(), end, weak=weak)
                return [(start, start + match.start()), *rest]
    return [(start, end)]


def _rejoin(text: str, cut: list[tuple[int, int]], declared: int | None) -> list[tuple[int, int]]:
    """Glue "线圈、磁芯元件项目" together again where most items end like a name and this one does not."""
    if declared is not None and len(cut) <= declared:
        return cut
    named = sum(ends_like_name(text[s:e]) for s, e in cut)
    if named * 5 < len(cut) * 3:
        return cut
    joined: list[tuple[int, int]] = []
    surplus = len(cut) - declared if declared is not None else len(cut)
    open_from: int | None = None
    for s, e in cut:
        begin = s if open_from is None else open_from
        if surplus > 0 and not ends_like_name(text[s:e]) and (s, e) != cut[-1] and not money.find(text[s:e]):
            open_from, surplus = begin, surplus - 1
            continue
        joined.append((begin, e))
        open_from = None
    return joined


def parse(page: Page, start: int, end: int) -> Item | None:
    """An item's name with the amount that stands directly before or after it; None when no name is left."""
    text = page.text
    if end - start > 2 * LONGEST_ITEM:
        return None
    tag = tag_span = None
    amount: Read[money.Amount] | None = None
    for _ in range(2 if ")" in text[start:end] else 0):
        if match := TAG.search(text[start:end]):
            tag, tag_span = names.batch_tag(match.group().strip()), (start + match.start(), start + match.end())
            end = start + len(text[start : start + match.start()].rstrip("、 "))
        if match := _BATCH_TAG.search(text[start:end]):
            tag, tag_span = (None, match["w"]), (start + match.start(), start + match.end())
            end = start + match.start()
        if match := MONEY_BRACKET.search(text[start:end]):
            amount = _bracketed(text, start + match.start(), end) or amount
            end = start + match.start()
    if ahead := _BRACKET_AHEAD.match(text, start, end):
        amount, start = _bracketed(text, start, ahead.end()) or amount, ahead.end()
    start = _past(text, start, end, (_LEAD, _OWNER))
    priced = money.find(text[start:end]) if _MONEY.search(text, start, end) else []
    for found in priced:
        s, e = start + found.start, start + found.end
        before, after = text[start:s], text[e:end]
        if found.amount is None or _PHASE_AMOUNT.search(before):
            continue
        value = Read(found.amount, s, e)
        if taken := re.match(r"(?:人民币)?(?:[,、][^的]{1,16})?(?:建设|打造|兴建|新建|投建)?的", after):
            if amount_role(before) in ("total", None):
                amount, start = value, e + taken.end()
        elif re.search(r"(?:[,:(]|^|\S)$", before) and re.match(r"[)\s]*$", after) and amount is None:
            cleaned = re.sub(r"[,:(\s]*(?:计划|预计)?(?:总投资|投资额?|总额)?[为达约]?$", "", before)
            if cleaned and amount_role(before) in ("total", None):
                amount, end = value, start + len(cleaned)
                break
    start = skip_lead(text, start, end)
    end = start + len(text[start:end].rstrip(" 等,。;”\t\u3000"))
    if not 2 <= end - start <= LONGEST_ITEM:
        return None
    return Item(start, end, amount, tag, tag_span)


def _bracketed(text: str, start: int, end: int) -> Read[money.Amount] | None:
    """The total in the bracket behind a name; a damaged one is none."""
    for found in money.find(text[start:end]):
        if amount_role(text[start : start + found.start]) in ("total", None):
            place = start + found.start, start + found.end
            return Read(found.amount, *place) if found.amount else None
    return None


def skip_lead(text: str, start: int, end: int) -> int:
    """Where the name begins, past "其中", "今年新上的", "开发区与", "力争签约"."""
    return _past(text, start, end, (_LEAD, _AIM, _LEAD, _OWNER, _CLAUSE_DE, _VERB, _LEAD))


def past_de(text: str, start: int, end: int) -> int:
    """Past 泉口开发区的, 去年落户的: a name holds a 的 in quotes, in brackets and in 基于…的 only."""
    if text.find("的", start, end) < 0 or OF_KIND.match(text, start):
        return start
    depth, after = 0, start
    for at in range(start, end - 3):
        depth += (text[at] in _OPEN) - (text[at] in _CLOSE)
        if text[at] == "的" and depth <= 0:
            after = at + 1
    return skip_lead(text, after, end) if after > start else start


def _past(text: str, start: int, end: int, leads: tuple[re.Pattern[str], ...]) -> int:
    part = text[start:end]
    for lead in leads:
        match = lead.match(part) if lead is not _CLAUSE_DE or "的" in part else None
        if match and 0 < match.end() < len(part):
            start, part = start + match.end(), part[match.end() :]
    # “一颗豆”植物蛋白基地: a quote that closes inside the name belongs to it.
    opened = text[start - 1 : start] == "“" and text.count("”", start, end) > text.count("“", start, end)
    return start - opened
