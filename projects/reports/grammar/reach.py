"""Where a report speaks of a project. Working-copy offsets."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace

from projects.reports.grammar import steps
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import NamedProject
from projects.reports.grammar.sections import ABOUT
from projects.reports.grammar.words import THING

_THIS = r"(?:该|此|这[一个条座家项])"
_FOLLOW = pattern(
    "a sentence that goes on about the project",
    r"(?:(?:据|记者)[^,。]{0,8}(?:了解|介绍|悉)到?,?|目前,?|得知)?(?:"
    rf"{_THIS}(?:(?:[^。;,的]{{0,12}}、)?(?:总共|一共)?(?:花了|总?投资|占地|概算|造价|投入)[^。;的]{{1,30}}的)?"
    rf"[㐀-鿿]{{0,4}}?{THING}|"
    r"因[^。;,]{2,16},(?:开工|动工|投产|竣工|工期|目前|现)|项目|园区|产业园|其(?!中|他|它|余)|它(?!们|山)|"
    r"[^。;,]{2,14}不同,(?:该|这[个座条家]|这里)|"
    rf"总?投资[^。;,的]{{1,14}}的{THING}(?=\d|[今明去]年|预计|将|已|目前|力争)|"
    r"这是[^。;]{0,16}(?:项目|工程),|我们(?:力争|争取|计划|预计|准备)|"
    rf"(?:总?投资|占地)[^。;,的]{{1,14}}的{_THIS}|"
    r"这[个座条家项][^,。;]{2,24}?的(?:“[^”]{1,12}”)?(?:项目|园区|产业园|基地|工程|工厂|生产线|车间|中心)|"
    r"(?:目前|现|眼下|截至目前|当前),?(?:正(?!式)|已(?!有|经有|累计)|土地|用地|设备|厂房|各项|施工|桩基|基础|围墙|钢结构|\d+(?:号|#|—|-))|[一二三首]期|主体|建成后|投产后|达产后|全部(?:建成|投产|达产)|"
    r"(?:(?:预计|计划|力争|争取|将|拟|于)*(?:20\d\d年|[今明去]年|\d{1,2}月|年[底内初])[^,。;的]{0,12}?,?)(?:正式|顺利|全面|实现|可|即可|完成|主体|厂房|一期|基本|如期)*"
    r"(?:开工|动工|奠基|竣工|完工|建成|投产|投用|封顶|试生产|试产|投入|设备|主体|达产))",
    "该项目总投资3亿元",
    "该项目",
    code="F4",
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the report speaks of a project: its own words, and the sentences that go on about it."""

    before: tuple[int, int]
    own: tuple[int, int]
    more: tuple[int, int]
    said: tuple[int, int] = (0, 0)  # what somebody of the project says right before he is named
    pointed: tuple[int, int] = (0, 0)  # what is said of 前者 or 后者, where that is the project


def find(page: Page, records: list[NamedProject]) -> list[Reach]:
    """The reach of every record, in their order."""
    reaches = [_reach(page, records, at) for at in range(len(records))]
    _share(page, records, reaches)
    _point(page, records, reaches)
    return reaches


def _reach(page: Page, records: list[NamedProject], at: int) -> Reach:
    one = records[at]
    text = page.text
    sentence, sentence_end = page.sentence_at(one.start)
    stop = records[at + 1].start if at + 1 < len(records) else len(text)
    group = text.find(";", one.end, sentence_end)
    while 0 <= group < sentence_end and _FOLLOW.match(text, group + 1):
        group = text.find(";", group + 1, sentence_end)
    own_end = min(stop, group if group >= 0 else sentence_end)
    if counted := _COUNTED_OTHERS.search(text, one.end, own_end):
        own_end = counted.start()
    # Where nothing is said of the name yet, the clause goes on with its list: A项目(3亿元),B项目开工.
    other = _OTHER_SUBJECT.search(text, one.end, own_end)
    if other and steps.state(text, one.end, other.start()):
        own_end = other.start()
    aside = _BRACKET.match(text, one.end) if one.row else None
    if one.row and ABOUT.match(text, page.paragraph_at(one.start)[0]):
        own_end = min(stop, _section_end(page, one))
    elif one.row and sentence_end <= (aside.end() if aside else one.end) + 1:
        own_end = min(stop, _rows_end(page, one))
    before = max(sentence, *(text.rfind(mark, sentence, one.start) + 1 for mark in ",。;:\n"))
    if _AGREED.match(text, before, one.start) or _SETTLES.match(text, one.end):
        before = sentence
    if at and (aside := _BRACKET.match(text, records[at - 1].end, one.start)):
        before = max(before, aside.end())
    if at and records[at - 1].end > before:
        before = _joint(text, records[at - 1].end, one.start) or records[at - 1].end
    more = own_end, _goes_on(page, one, own_end, stop)
    own, more = _of_its_phase(text, one, (one.end, own_end), more)
    return Reach((before, one.start), own, more, _said(page, one, records[at - 1].end if at else 0))


_PHASE_OF_NAME = re.compile(r"(?P<p>[一二三四五])期[)项目工程]*$")
_PHASE_SAID = pattern(
    "a clause about one phase",
    r"(?<=[,。;])(?P<p>[一二三四五])期(?!三个一批|“)",
    "是今年最大的项目。一期早已达产,二期总投资14亿元",
    "一期",
    code="F6",
)


def _of_its_phase(
    text: str, one: NamedProject, own: tuple[int, int], more: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """N二期…。一期2021年投产,二期总投资14亿元: what is told of another phase is left out, up to its own."""
    named = _PHASE_OF_NAME.search(text, max(one.start, one.end - 8), one.end)
    told = list(_PHASE_SAID.finditer(text, own[0], max(own[1], more[1]))) if named else []
    other = next((m for m in told if named and m["p"] != named["p"]), None)
    if named is None or other is None:
        return own, more
    again = next((m for m in told if m.start() > other.start() and m["p"] == named["p"]), None)
    if again is None:
        return (own[0], min(own[1], other.start())), (other.start(), other.start())
    if again.start() < own[1]:
        return (again.start(), own[1]), more
    return (own[0], min(own[1], other.start())), (again.start(), more[1])


_SPEAKER = pattern(
    "somebody of the project who was quoted before",
    r"(?:项目)?(?:部)?(?:负责人|总?经理|总工|指挥长)[^,。;]{0,12}(?:说|介绍|告诉|表示|坦言)",
    "氟橡胶密封件项目负责人夏侯某说",
    "项目负责人夏侯某说",
    code="F4",
)


def _said(page: Page, one: NamedProject, floor: int) -> tuple[int, int]:
    """“我们8月16日开的工。”…项目负责人某某说: the quotation right before the sentence."""
    sentence = page.sentence_at(one.start)[0]
    at = bisect_left(page.sentences, (sentence, 0)) - 1
    if at < 0 or not _SPEAKER.match(page.text, one.end):
        return 0, 0
    begin, end = page.sentences[at]
    quoted = page.text.endswith("”", begin, end) and page.text.startswith("“", begin)
    return (begin, end) if quoted and begin >= floor else (0, 0)


_SETTLES = pattern(
    "what is said of a project that was signed in the same sentence",
    r"(?:正式|成功|顺利)*(?:落户|落地|花落)(?!后|的|率|以来)",
    "正式落户滨海新城",
    "正式落户",
    code="D5",
)
_COUNTED_OTHERS = pattern(
    "a clause on projects that are counted, after one by its name",
    r"[,;](?:其余|其他|另外|另有|剩余|还有|全[市县区]|[未已][^,。;]{0,6}的)[^,。;\d]{0,8}\d+[个项](?!一批)[^,。;]{0,6}项目",
    "砚塘工业园提速,未开工的7个项目均已明确时间",
    ",未开工的7个项目",
    code="G9",
)
_OTHER_SUBJECT = pattern(
    "a clause with a subject and a step of its own",
    r"[,;](?!该|其|此|这|项目|园区|[一二三首]期|主体|\d|[一二三四五六七八九十]+[号个栋座条]|全部|配套|同时|目前|现|预计|计划|已|总|占|由|建|将|可|两|各)"
    r"[^,。;:]{5,24}?(?:项目|产业园|工业园|基地|电站|公路|学校|医院|[一二三四]期)"
    r"(?:已|正在|全线|顺利|正式|建成|竣工|投产|开工|封顶|完工|动工|加快)",
    "抽水蓄能电站前期工作加快推进,标准化厂房三期建成投用",
    ",标准化厂房三期建成",
    code="E5",
)
_BRACKET = re.compile(r"\([^()]*\)")
_LINES_BELOW = 8


def _section_end(page: Page, one: NamedProject) -> int:
    """The end of what stands below the heading about the project."""
    at = bisect_left(page.paragraphs, (one.end, 0))
    for start, _ in page.paragraphs[at : at + _LINES_BELOW]:
        if _SECTION.match(page.text, start):
            return start
    return page.paragraphs[at : at + _LINES_BELOW][-1][1] if at < len(page.paragraphs) else one.end


_SECTION = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}、|下一步|[^\n]{0,8}(?:20\d\d年))")
_MARK = 8  # characters of a mark before the name that a row opens with
_AGREED = pattern(
    "what an agreement just signed is to build",
    r"(?:计划|拟|将|双方|共同|合作|预计)*(?:总?投资|出资)[^,。;]{1,12}(?:元)?(?:建设|新建|兴建|打造|实施)$",
    "拟投资12亿元建设",
    "拟投资12亿元建设",
    code="E3",
)
_DETAIL = pattern(
    "a line of details below the name of a row",
    r"\s*(?:(?:计划|概算|估算|项目|预计)?(?:总?投资|占地|用地)|项目(?:概况|简介|内容|规模|地点)|建设|位于|由[^。]{2,40}(?:公司|集团)|主要|(?:最新|目前|当前|项目)?(?:进展|进度)|目前|已|现|该项目|会议(?:听取|指出|认为)[^。\n]{0,20}。(?:该|此|这个)?项目|两个项目|责任|进展|投资方|投资单位|看点|亮点|工期|地址|地点|业主|规模|产能|状态|简介|内容|开工时间|备注)",
    "总投资4.2亿元,设床位600张。",
    "总投资",
    code="C8",
)


def _rows_end(page: Page, one: NamedProject) -> int:
    """The end of the row's own line, or of the lines of details right below it."""
    start, end = page.paragraph_at(one.start)
    if end > one.end + 3:
        return end
    at = bisect_left(page.paragraphs, (start + 1, 0))
    for begin, last in page.paragraphs[at : at + 4]:
        if not _DETAIL.match(page.text, begin, last):
            break
        end = last
    return end


def _goes_on(page: Page, one: NamedProject, begin: int, stop: int) -> int:
    """End of the sentences after this one, in the same paragraph, that speak of "该项目"; a row has its line."""
    end = begin
    head, last = page.paragraph_at(max(begin - 1, 0))
    if one.row and one.start - head <= _MARK and head <= one.start and "|" not in page.text[head:last]:
        return max(begin, min(last, stop))
    first = bisect_left(page.sentences, (begin, 0))
    aside = 0
    for at in range(first, len(page.sentences)):
        s, e = page.sentences[at]
        if s >= min(stop, last):
            break
        if (
            _FOLLOW.match(page.text[s:e].lstrip("“ "))
            or _FOLLOW_ON.search(page.text, s, min(e, stop))
            or _by_brand(page, one, s)
        ):
            end, aside = min(e, stop), 0
        elif (aside := aside + 1) > _ASIDE or e > stop or _OTHERS.search(page.text, s, e):
            break
    return _in_next(page, end, last, stop)


_PRICED = pattern(
    "the money of what the sentence is about",
    r"[“ ]*(?:总?投资|造价)[^,。;的]{1,14}的",
    "总投资2.6亿元的天浩10月中旬动工",
    "总投资2.6亿元的",
    code="F4",
)
_BRAND = 2  # characters


def _by_brand(page: Page, one: NamedProject, at: int) -> bool:
    """总投资2.6亿元的天浩…: the project is called by what its name begins with."""
    priced = _PRICED.match(page.text, at)
    return priced is not None and page.text.startswith(page.text[one.start : one.start + _BRAND], priced.end())


_NEXT = pattern(
    "a paragraph that goes on about the project of the one before",
    rf"[㐀-鿿]{{1,4}}:(?:[^。\n]{{0,16}}。)?(?:这个|该|此)?{THING}(?!\d)|"
    rf"[^\n]{{0,120}}?[,:。“”](?:总?投资[^,。;的]{{1,14}}的)?(?:该|这[一个座条]|这(?=项目))[㐀-鿿]{{0,4}}?{THING}|"
    rf"[“ ]*(?:(?:该|这[个一]){THING}|项目(?=总|占地|由|自|于|建成|分|计划|[㐀-鿿]{{0,4}}负责人)|"
    r"(?:根据|按照)(?:协议|合同|规划),|"
    r"[^”\n]{2,40}”[^,。;]{0,4}项目(?:负责人|经理|总工))",
    "该项目总投资3亿元",
    "该项目",
    code="F4",
)


def _in_next(page: Page, end: int, last: int, stop: int) -> int:
    """The paragraphs right behind that go on about the one project that was told of before."""
    at = bisect_left(page.paragraphs, (last, 0))
    for begin, close in page.paragraphs[at : at + _ASIDE + 1]:
        if close > stop or not _NEXT.match(page.text, begin) or _MANY.search(page.text, begin, close):
            break
        end = close
    return end


_MANY = re.compile(r"\d[个项][^,。;]{0,8}项目|项目\d+个|全[省市县区]")


_FOLLOW_ON = pattern(
    "a clause that goes on about the project",
    r"[,;”](?:(?:该|这个|此)(?:项目|园|基地|工程)|项目(?=总|计划|占|由|建成后|于))|(?:[,;:”]|把|让|使|[,;:”]总?投资[^,。;的]{1,14}的)(?:该|此|这[一个条座家项]|这(?=项目))[㐀-鿿]{0,4}?"
    + THING,
    "挖掘机来回穿梭,该项目计划总投资12.8亿元",
    ",该项目",
    code="F4",
)
_ASIDE = 2  # sentences on the site and its people, before one that goes on about the project
_OTHERS = quick(r"[个项]项目|全[省市县区]|我[省市县区]|今年以来|近年来|截[至止]|公司|企业|集团")


_OF_TWO = re.compile("(?<![与和比跟同像将把对])(?:(?P<former>前者)|后者)")
_POINTS = 300  # characters at most from the two names to 前者


def _point(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """A、B…。前者…,后者…: each clause is said of its own, and of no other."""
    starts = [one.start for one in records]
    told = list(_OF_TWO.finditer(page.text))
    for at, match in enumerate(told):
        last = bisect_left(starts, match.start()) - 1
        if last < 1 or match.start() - records[last].end > _POINTS or records[last].key == records[last - 1].key:
            continue
        after = told[at + 1].start() if at + 1 < len(told) else len(page.text)
        stop = min(page.sentence_at(match.start())[1], after)
        of = last - 1 if match["former"] else last
        reaches[of] = replace(reaches[of], pointed=(match.end(), stop))
        for near in (last - 1, last):
            own, more = reaches[near].own, reaches[near].more
            own, more = (own[0], min(own[1], match.start())), (more[0], max(more[0], min(more[1], match.start())))
            reaches[near] = replace(reaches[near], own=own, more=more)


def _share(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """ "A和投资5亿元的B开工建设": what is said after B is said of A as well; what leads up to A leads up to B."""
    for at in range(len(records) - 2, -1, -1):
        between = page.text[records[at].end : records[at + 1].start]
        joined = 0 < len(between) < 24 and not re.search(r"[,。;:!?\n]", between)
        if joined and not records[at].listed and _joint(page.text, records[at].end, records[at + 1].start) is None:
            reaches[at] = replace(reaches[at], own=reaches[at + 1].own, more=reaches[at + 1].more)
    for at in range(1, len(records)):
        if reaches[at].own == reaches[at - 1].own:
            reaches[at] = replace(reaches[at], before=reaches[at - 1].before)


def _joint(text: str, left: int, right: int) -> int | None:
    """Between "A年底前竣工、" and "B开工": each has its own predicate. None where nothing is said of the left one."""
    for step in reversed(steps.find(text, left, right)):
        if not step.label and (mark := re.match(r"[、和及与]", text[step.end : right])):
            return step.end + mark.end()
    return None
