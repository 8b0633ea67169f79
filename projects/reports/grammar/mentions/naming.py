"""Where a project name begins and ends in running text."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from projects import names
from projects.reports.grammar import items as lists
from projects.reports.grammar import steps
from projects.reports.grammar.items import Item
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import NamedProject, Read
from projects.reports.grammar.words import ADVERB, COUNTED, HEAD, NUMBER, ROLES, is_generic, is_vague

LONGEST_NAME = 120
SHORTEST_NAME = 4
_STOP = "，,。;:!?\n、"
_SAID_OF = re.compile(r"项目(?:\([^()]{1,10}\)|[一二三四五六]期)*(?=是|系|属于|作为|成为|入选|列入|被)")
_PREDICATE = pattern(
    "what a name is followed by at once",
    r"(?:已|作为|为什么|现在|是(?=[㐀-鿿])|正(?!大)|将(?!军)|拟(?=[于在建投])|即将|举行|进行|传来|目前|现(?!代|场)|要(?!素)|均|双双|成功|顺利|正式|集中|全面|于|因(?!子)|计划(?=[于在今明\d])|预计|尚未|暂未|仍|[今去明]年|\d{1,2}月|\d{4}年|[上下]半年|[上下本][月周]|"
    r"在[^,。;]{1,16}(?:举行|签约|开工|奠基|动工|落户))",
    "总投资22亿元的溯河算力枢纽已列入储备库",
    "已",
)
_PLACE_OF = pattern(
    "where something is, not what it is",
    r"(?:落户|位于|坐落|入驻|选址|地处|毗邻|紧邻|进驻|迁入|搬入|布局)(?:在|于)?$",
    "项目落户",
    "落户",
    code="F2",
)
_RANKED = pattern(
    "what something is among others, and not what it is called",
    r"(?:作为|是|成为|系)[^,。;]{0,12}(?:最[大高长早]|首[个家座条]|第一|唯一|领先|一流)[^,。;]{0,4}的$|"
    r"(?:这[一个条座家项]|该|此)(?:总|计划)?投资[^,。;的]{1,14}的$",
    "作为全县最大的",
    "作为全县最大的",
    code="F4",
)
_MADE = pattern(
    "what something is to become",
    r"(?:打造|建设|发展|培育|建)成为?(?:了)?(?:[^,。;的]{0,10}的)?$|(?:成为|打造为|升级为)(?:[^,。;的]{0,10}的)?$",
    "将把该基地打造成华中地区最大的",
    "打造成华中地区最大的",
    code="F4",
)
NO_BEGINNING = pattern(
    "how no name begins",
    r"(?:\d+层|(?:20\d\d)?年[底初末内中]|20\d\d年(?:\d|[上下]半年|[一二三四]季度)|[一二三四五]期|\d+(?:至|-|—|、)?\d*(?:号|#)|规划建设|配套建设|建设(?=“)|第[一二三四五六七八九十\d]+[条座台套]|序号|眼下|利用|它|公司(?!总部)|企业(?:新增|新建|还|已|正|将|计划|投资|的)|在(?!线)|以(?![岭太])|为(?!民)|等|并(?!州)|且|而|是|从|让|使|给|向(?!阳|日)|其|各|没|剩下|剩余|[一二三四]是|全[年市县区省]|累计|列入|列举|增补|以下|上报|新上|竣工|续建|"
    r"调[出入]|建议|坚持|设立|因|由|按|经(?![开济贸])|同(?![心仁德济兴])|与|和(?![平谐县田顺静硕政])|及|或|还|又|也|都|已|未(?!来)|将|要|需|可(?![降视穿再口])|能(?!源|量)|如(?![皋东意])|若|即|若干|之|所|"
    r"首[个批条座台套栋幢款]|上述|前述|个别|部分|多个|各类|疫情|目前|现有|原有|落户|位于|入驻|坐落|选址|本[市县区省期次]|我[市县区省]|该|此|这|那|某|除(?![尘湿雾冰草臭险锈杂铁磷砷氟虫霜]))",
    "在麓岭铁路专用线",
    "在",
)
SENTENCE = pattern(
    "words of a sentence that no name holds",
    r"会场|设在|刷新|几[处个家]|处处|遍地|将(?=在|于|投资|建设|建成)|要(?=加快|于|在|抓|确保|尽快|按|严|完)|加快|抓紧|尽快|(?:好|喜)消息|喜讯|快讯|捷报|播报|看点|亮点|完成|季度|[今去明]年|(?<!\d)\d{1,2}月(?!龄)|回乡|返乡|企业家|董事长|总经理|缓缓|亿元|万元|步伐|坚定|申报|第[一二三四五]批|说到|正式|演出|公布|写在|个是|[园地心城目区港]是|首个|项目(?=首|一号|\d+[号#])|[了着吗呢吧把让您我你他她它们]|宣布|还准备|立项|累计|列举|上报|没有|建议|设立|一步|一[同起]为|培土|积极|推动|推进(?![器剂系])|(?<!自)被(?!服|褥|动|套|子)|表示|介绍|要求|强调|指出|认为|围绕|按照|根据|针对|关于|为了|进行|开展|负责|出席|举行|召开|"
    r"租[赁用]|补充|人员|共计|参与|实地|询问|作为|须为|适用|受理|更名|整个|一批(?!$)|"
    r"暨|%|分别|揭牌|博览会|推介会|洽谈会|大会|调研|市长|县长|区长|书记|主任|领导|一行|记者|如何|怎样|什么|怎么|只有|不(?!锈|饱|夜|老|织|间|同)|就是|都是|(?<![成恒首花新宜丰古帝京陪江大])都(?![市江匀昌城会])|也(?!门)|很|更加|非常|已(?:经)?(?=[建开投完竣])|正在|即将|尚未|至今|"
    r"(?:截至|截止)|以来|之[后前]|(?:上午|下午|昨日|今日|近日|日前)",
    "大家都在议论云岭项目",
    "都",
)
NAME = (
    r"(?:项目|产业园|科技园|工业园|物流园|创业园|示范园|园区|基地|中心|综合体|生产线|工厂|广场|医院|学校|产业城|电站)"
    r"(?:\([^()]{1,10}\)|[一二三四五六]期)?(?:项目)?"
)


def record(page: Page, item: Item) -> NamedProject:
    """A new record for the name at this place. A bracket that tells its amount is no part of a name."""
    end = item.start + len(lists.MONEY_BRACKET.sub("", page.text[item.start : item.end]).rstrip())
    name, key, company = _named(page.printed(item.start, end))
    made = NamedProject(name=name, key=key, start=item.start, end=end)
    if item.amount:
        made.keep_total(item.amount)
    if item.tag and item.tag_span and (batch := ROLES.get(item.tag[1])):
        made.batch = Read(batch, *item.tag_span)
    if company:
        at = page.text.find(names.tidy(page.text[item.start : end])[: len(company)], item.start, end)
        made.company = Read(company, max(at, item.start), max(at, item.start) + len(company))
    return made


@lru_cache(maxsize=1024)
def _named(printed: str) -> tuple[str, str, str | None]:
    """Name, key and company: one project is named again and again."""
    name = names.tidy(printed)
    return name, names.key(name), names.company_of(name)


_COUNTS = re.compile(rf"(?:{NUMBER}{COUNTED}|[多数几]个|若干|众多)[^(]*项目$|[的有]?(?:该|此|这些|其)")
_COUNTED_THINGS = re.compile(rf"(?:建设|新建|购置|新增|建成|配套)?{NUMBER}(?:{COUNTED}|条|座|栋|幢|套|台|间|所|家)")
_SOME = pattern(
    "a number of things in a name",
    r"(?<![第\d])[\d两三四五六七八九十]+(?:所|家|处|座|栋|幢)(?=[㐀-鿿])|(?<![第\d万千百])(?:[一两三四五六七八九十]|\d{1,2})条(?=[㐀-鿿]{0,8}线)",
    "城区3所幼儿园",
    "3所",
    code="T5",
)
_OF_PLACE = pattern(
    "the projects of a place, and no name",
    r"[㐀-鿿]{2,10}(?:县|(?<![超夜门菜花])市|(?<!小)镇|(?<!水)乡|开发区|高新区|经开区)(?:重点|重大|产业|工业|建设|民生|招商引资|工程)*项目",
    "砚塘县项目集中开工活动举行",
    "砚塘县项目",
    code="T5",
)
HELD_THERE = pattern(
    "what is done at a place",
    r"(?:成功|正式|隆重|顺利|集中)*(?:签约|签订|举行|召开|奠基|揭牌|启动|开幕)",
    "某项目在泉口工业园区成功签约",
    "成功签约",
    code="F2",
)
_STRONG = re.compile(r"(?:项目|工程)(?:\([^()]{1,10}\)|[一二三四五六]期)*$")
_OF_BUILDER = pattern(
    "the site of a builder, and no name",
    r"(?:[一二三四五六七八九十]局|[公分]司|集团|[设规]计院|指挥部|专班)项目$",
    "中建五局项目",
    "五局项目",
    code="F1",
)
_BUILDING = re.compile(r"(?:车间|厂房|楼|仓库|宿舍|食堂|锅炉房)$")
_BOTH = pattern(
    "what is said of both that were named",
    r"双双|分别|均|都|两家|两个|同(?:日|时|步|期|天)|一[同并]|[,,]?(?:总?投资|投资额|概算|造价)(?:额)?(?:分别|依次|均)",
    "和滨湖九年一贯制学校同日开工",
    "同日",
    code="C2",
)
_ASIDE = re.compile(r"[(“][^()“”]*[)”]")


def _clause_start(page: Page, end: int) -> int:
    """Where the stretch without a stop begins that ends here; stops in brackets and quotes are parts of it."""
    text, marks = page.text, page.marks
    least, depth, closed = max(0, end - LONGEST_NAME), 0, end
    at = bisect_left(marks, end) - 1
    while at >= 0 and marks[at] >= least:
        place = marks[at]
        char = text[place]
        depth += (char in ")”") - (char in "(“")
        if depth == 1 and char in ")”":
            closed = place + 1
        if char in "。!?;\n":
            return closed if depth > 0 else place + 1
        if depth < 0 or (depth == 0 and (char in _STOP or char in "—|") and not lists.inside_number(text, place)):
            return place + 1
        at -= 1
    return least


def name_before(page: Page, end: int) -> Item | None:
    """The project name that ends exactly here, if one does."""
    text = page.text
    opens = _clause_start(page, end)
    if end - opens < SHORTEST_NAME:
        return None
    begin = lists.skip_lead(text, opens, end)
    begin = lists.unjoined(text, begin, end, weak=bool(_BOTH.match(text, end)))[-1][0]
    begin = _past_zone(text, _past_class(text, lists.past_de(text, begin, end), end), end)
    if _RANKED.search(text, max(0, begin - 24), begin):
        return None
    if _PLACE_OF.search(text[max(0, begin - 5) : begin]) or _MADE.search(text, max(0, begin - 16), begin):
        return None
    name = text[begin:end]
    if len(name) < SHORTEST_NAME or not lists.ends_like_name(name) or is_generic(name):
        return None
    if _OF_PLACE.fullmatch(name) or _COUNTS.search(name) or _COUNTED_THINGS.match(name) or _SOME.search(name):
        return None
    bare = _ASIDE.sub("", name)
    if "“" in bare or "”" in bare:
        return None
    if text.endswith("在", 0, begin) and HELD_THERE.match(text, end) and not _STRONG.search(name):
        return None
    if _OF_BUILDER.search(name) or (_BUILDING.search(name) and text.endswith("项目", 0, begin)):
        return None
    if ("的" in bare and not lists.OF_KIND.match(name)) or SENTENCE.search(bare) or NO_BEGINNING.match(name):
        return None
    return Item(begin, end)


_ZONE_FIRST = pattern(
    "the development zone that a project is in, before its name",
    r"(?:[㐀-鿿]{2,6}[市县区])?[㐀-鿿]{0,8}?(?:先进制造业|经济技术|高新技术产业|经济)开发区(?=.{6})",
    "泉口县先进制造业开发区中兴精密紧固件产业园",
    "泉口县先进制造业开发区",
    code="F2",
)


def _past_zone(text: str, begin: int, end: int) -> int:
    """Past the full name of a development zone, where what is left is a name by itself."""
    zone = _ZONE_FIRST.match(text, begin, end)
    rest = text[zone.end() : end] if zone else ""
    return zone.end() if zone and lists.ends_like_name(rest) and not is_vague(rest) else begin


def _past_class(text: str, begin: int, end: int) -> int:
    """Past 省重点项目, 第四期开工项目: the class that a name is called by stands before it."""
    cut = text.find("项目", begin, end - 6)
    if cut < 0 or not is_vague(text[begin : cut + 2]):
        return begin
    return lists.skip_lead(text, cut + 2, end)


HEADS = re.compile(rf"{HEAD}(?:项目|工程|\([^()]{{1,10}}\)|[一二三四五六]期)*")
_HEAD = re.compile(rf"{HEAD}(?:\([^()]{{1,10}}\)|[一二三四五六]期)?")
_NEXT_NAME = quick(
    rf"(?:和|及|与|以及)(?:计划|预计)?总?投资|等(?={NUMBER}{COUNTED}|[^、]{{0,8}}(?:项目|企业|公司)|$)|为代表"
)


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
    for head in HEADS.finditer(clause):
        if head.start() > 1 and _PREDICATE.match(clause, head.end()):
            return begin + head.end()
    if again := _NEXT_NAME.search(clause):
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
        return begin + len(re.sub(rf"{ADVERB}$", "", text[begin : step.start]))
    if heads := [found.end() for found in _HEAD.finditer(clause) if found.start() > 1]:
        return begin + heads[-1]
    return begin + len(clause) if 4 <= len(clause) <= 40 else None


def is_caption(page: Page, at: int) -> bool:
    """A short line without a stop: a headline or the words under a picture."""
    start, end = page.paragraph_at(at)
    return end - start < 30 and not re.search(r"[。;,?]", page.text[start:end])


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
