"""Projects named as the subject or the object of a clause: a full name, and words of this field about it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from projects.reports.grammar import steps
from projects.reports.grammar.items import Item
from projects.reports.grammar.mentions.naming import SHORTEST_NAME, is_caption, name_before, record
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import NamedProject
from projects.reports.grammar.words import HEADS, is_vague

_PHASE = r"(?:\([^()]{1,10}\)|改[建造]|扩建|迁建|提质|扩能|[一二三四五六]期(?:工程|项目)?|工程|项目)"
# A phase that stands for the project; its letter comes first, as that of every head does.
_PHASES = (rf"{n}期(?<=[㐀-鿿A-Za-z\d]{{4}}{n}期)(?<![第分本该前两各上目十同]{n}期)" for n in "一二三四五六七")
_NAME = pattern(
    "a word that ends a name",
    rf"(?:{'|'.join((*HEADS, *_PHASES))})(?:(?<=期)(?:工程|项目)?|(?<!期){_PHASE}{{0,3}})",
    "泉口仓储迁建项目一期工程正在施工",
    "项目一期工程",
    code="F6",
)
_TOLD = pattern(
    "what is said of a project by name",
    r"[,:]?(?:(?:计划|预计|概算|估算|规划|固定资产|项目|设计|建设)*(?:总?投资|投资额|用地|占地|总用地|总占地|建筑面积|总建筑面积|年(?:屠宰|加工|处理|出栏)|同步启动|"
    r"建设面积|年产|产能|工期)|位于|坐落|选址|落户|落地|由[^,。;]{2,40}?(?:投资|建设|承建|出资|实施|兴建|打造|开发)|主要(?:建设|生产|从事|包括|产品|"
    r"用于)|建设(?:内容|规模|地点|工期|周期|单位|进度|现场)|[一二三首]期|[0-9A-Za-z]{1,3}(?:#|号|座|栋|幢)|主体|桩基|地基|基础(?:施工|工程)|厂房|设备|钢结构|土建|"
    r"场地|施工|进展|进入|处于|呢|主楼|主桥|突破|基坑|正(?:在|加|进行|紧)|仍(?:在)?|还(?:在|未|没)|经(?![济营])|目前|现(?:已|在|正|处)|已|均已|即将|预计|计划|力争|争取|力促|确保|有望|将|拟|尚|暂[未缓停]|未|仍|至今|因|受|"
    r"可[年实]|达产|建成|投产|全部|全面|累计|完成|截[至止]|土地|暂时|自(?=\d)|从(?=\d)|于|近日|日前|[昨今][日天]|同[日时期]|当[天日]|\d{1,4}年|\d{1,2}月|[去今明]年|"
    r"[上下]半年|[上本下这]周|上个?月|下个?月|年[内底初]|[一二三四]季度|顺利|正式|成功|集中|率先|提前|如期|举行|奠基|开工|动工|破土|封顶|竣工|投用|投入|签约|签订|"
    r"入驻|获批|获得|核准|备案|取得|办理|通过|停工|停建|缓建|终止|取消|退出|调[出入整]|滞后|进度|实现|是(?!否)|系|属于|被|列入|入选|总工期|"
    r"建设|规划|设计|拥有|领取|送电|投运|通车|验收|推迟|延[期后迟]|顺延|搁置|原定|原计划|首(?![都府位届])|从(?!事)|连日|迎来|传来|点火|[上下]线|进场|克服|开[足启]|掀|再|又|也|签(?=[订下])|打下|打桩|抢|热火|建成|投资方|资方|业主|企业|用地|作为|为什么|为何|发出|由[^,。;]{1,4}色|场平|能评|环评|审批|手续|规划|方案|租赁|电力|道路|选址|资金|股东|施工|共(?:分|建|计)|分[两二三]|一次性|需|面积|原来|黄了|怎么(?!样的)|什么时候|何时|要(?=加快|抓|于|在|确保|尽快|按|完)|投资商|连续|予以|仅|只用|用时|历时|好几|没(?:有)?动静|停了|的(?:桩机|塔吊|厂房|车间|工人|主体|施工|围墙|项目部|工地|建设者)|试[机车产运]|负责人|经理)",
    "天泽县冷链枢纽项目概算投资7.35亿元",
    "项目概算投资",
    code="A2",
)
_BUILT = pattern(
    "what is said of something that is being built",
    r"(?:计划|预计|概算|估算|规划|固定资产)*总?投资|占地|用地|主体|封顶|在建|正在(?:建设|施工|安装|调试|加紧|紧张)|施工|"
    r"填筑|路基|铺设|浇筑|架设|合龙|贯通|并网|(?:加快|抓紧|推进)建设|建设中|设备(?:安装|调试|进场)|土建|桩基|钢结构|(?:停|缓)建|停工|装修|试运[行营]|试[生投]?产|调试|进展(?:怎么样|如何)|停了|没有?动静|未(?:取得|批复|到位|获批)|验收|送电|投运|浇铸|点火|摘牌|土地成交|来函|招标|[上下]线|启用|[^,。;、]{0,4}(?:概算|投资(?:额|总额)?)为?\d|领取|完成[^,。;]{2,10}(?:拆除|施工|建设|浇筑|吊装|改造|安装)",
    "北岭国际商贸城主体施工",
    "主体",
    code="E4",
)
_DONE_TO = pattern(
    "what an office does with a project",
    r"(?:不再实施|洽谈|签下|签订|签署|对接|取消|终止|停止|暂停|暂缓|推进|推动|实施|启动|新上|新建|谋划|引进|引来|迎来|承接|签约|签下|开工|投产|竣工|建成|落地|建设|建起|建好|打造|扩建|实施|储备|盯紧|抓好|加快|就|"
    r"包括|例如|比如|(?:签约|签下|开工|动工|建成|投产|引进|停建|缓建|终止|落户)的|走进|来到|走访|查看|察看|参观|观摩|调研|视察|对|把|将|至|到|在)(?:了)?$",
    "经研究,决定不再实施",
    "不再实施",
    code="E2",
)
_AFTER_OBJECT = pattern(
    "what follows a project that something is done with",
    r"(?:的?(?:建设|施工|开工|投产|签约|落地|前期|审批|手续|调出|列入|移出|现场|工地|展板|深入|进行|洽谈|达成|一事|合作|发出|予以|给予|亮[红黄])|[,。;!?]|$)",
    "走进云岭轴承项目现场",
    "现场",
    code="E3",
)
_AT_SITE = pattern(
    "the place where something is being built, or the talk about it",
    r"(?:项目)?(?:建设|施工)?(?:现场|工地|展板)|(?:项目)?(?:深入|进行)[^,。;]{0,8}(?:洽谈|对接|磋商|谈判)|(?:项目)?(?:签约|合作)|(?:项目)?建设,[^,。;]{0,4}总?投资\d",
    "在麓岭铁路专用线建设现场",
    "建设现场",
    code="E3",
)
_LONGER = pattern(
    "a word that a name is only part of",
    r"(?:[、和及与](?!.{2,30}(?:项目|工程|园|中心|基地))|部(?!分)|组(?!织)|办(?!理)|库|经理|化|名单|清单|台账|管理|法人|审批|为王|单位|类|等(?![待候])|所|之)",
    "云岭轴承项目部",
    "部",
    code="T5",
)
_OPENS = pattern(
    "how a sentence comes to its subject",
    r"(?:^|[。;!?\n”])(?:(?:再|又|还)?(?:比如|例如|像|如|有)|而|其中|至于|问|答|那么)?[:,]?$",
    "。再比如",
    "。再比如",
    code="F4",
)
_VENUE = pattern(
    "a place where another project is told of next",
    r"(?:内|里)?,(?:由[^,。;]{2,24}|占地|总?投资)[^,。;的]{1,14}的(?=[^,。;]{2,30}(?:项目|生产线|产业园|基地))",
    "走进石川县高端装备产业园,投资6.5亿元的鑫海机床项目正在施工",
    ",投资6.5亿元的",
    code="F2",
)
_STEP_FIRST = pattern(
    "a clause that opens with a step",
    r"(?:签约|开工|动工|投产|竣工|封顶)(?!企业|客商|单位|仪式|项目|一批|率)",
    "签约两年多了还是一片荒地",
    "签约",
    code="E2",
)
_PUT_UP = pattern(
    "what a firm puts up",
    r"(?:建起|建成|投建|新建|扩建)了?$",
    "把老车间推倒重来,建起",
    "建起",
    code="E4",
)
_PLANT = re.compile(r"(?:工厂|产业园|生产线|基地)(?:[一二三]期)?$")
_LONG = 9  # characters
_FULL = 7  # characters; a shorter name with a site may be that of a kind
_DETAIL_LINE = pattern(
    "a line that only describes",
    r"\s*[●▶·•-]?\s*(?:看点|亮点|(?:主要)?(?:建设)?(?:内容|规模|产品)|简介|概况|地址|地点):",
    "看点:全自动化车间",
    "看点:",
    code="C8",
)
_STRONG = re.compile(rf"(?:项目{_PHASE}*|[一二三四五六七]期)$")


def find(page: Page, known: list[NamedProject]) -> Iterator[NamedProject]:
    """N + what is said of it (概算投资…, 至今未能开工); 推进 N 建设; not where one of `known` stands."""
    text = page.text
    starts = [one.start for one in known]
    for head in _NAME.finditer(text):
        end = _without_phase(text, head)
        at = bisect_left(starts, end)
        if at and known[at - 1].end > end - SHORTEST_NAME:
            continue
        if _DETAIL_LINE.match(text, page.paragraph_at(head.start())[0]):
            continue
        if is_caption(page, head.start()) or not (item := name_before(page, end)):
            continue
        if _is_subject(text, item) or _is_object(page, item) or _is_site(page, item):
            one = record(page, item)
            one.loose = not _STRONG.search(text[item.start : item.end])
            yield one


_PHASE_LAST = quick(r"(?<=项目)[一二三]期(?:工程|项目)?$")
_ANY_PHASE = re.compile("[一二三四]期")


def _without_phase(text: str, head: re.Match[str]) -> int:
    """…项目一期已投产,二期在建: the phases are parts of one project; its name ends before them."""
    phase = _PHASE_LAST.search(head.group())
    other = phase and _ANY_PHASE.search(text, head.end(), head.end() + 80)
    return head.start() + phase.start() if phase and other and other.group() != phase.group()[:2] else head.end()


def _is_subject(text: str, item: Item) -> bool:
    """Whether the words behind the name say something that is said of projects."""
    end, name = item.end, text[item.start : item.end]
    if text.startswith("——", end) or _VENUE.match(text, end):
        return False
    end += text.startswith("”", end) and text[item.start - 1] == "“"
    rest = re.match(r"(?:\([^()]{1,60}\))?[^。;!?\n]{0,60}", text[end : end + 130])
    words = rest.group() if rest else ""
    if bracket := re.match(r"\([^()]{1,60}\)", words):
        words = words[bracket.end() :]
    clause = re.split(r"[,、:]", words.lstrip(",:"))[0]
    if _STRONG.search(name):
        topic = words.startswith(",") and _OPENS.search(text[max(0, item.start - 8) : item.start])
        told = topic or _TOLD.match(words)
        return bool(told) and not is_vague(name) and not _LONGER.match(text, end)
    if is_vague(name):
        return False
    if _IS_LISTED.match(words):
        return True
    if (len(name) >= 8 or _SHORT.search(name)) and _is_built(text, item, words):
        return True
    if not _TOLD.match(words):
        return False
    if words.startswith((",", "、", ":")):
        why = clause.startswith(("因", "由于"))
        return bool(
            _BUILT.match(clause) or _STEP_FIRST.match(clause) or (why and steps.state(text, end, end + len(words)))
        )
    at = end + len(text[end : end + 130].split(clause)[0]) if clause else end
    return bool(
        _BUILT.search(clause) or any(not (s.label or s.counted) for s in steps.find(text, at, at + len(clause)))
    )


_IS_LISTED = pattern(
    "that something is on a list of the activity",
    r",?(?:是|系|为|属于)[^,。;]{0,20}(?:签约|开工|投产|竣工)(?:一批”?)?的?项目(?=[,。;]|$)",
    "海岭中央厨房,是第十一期的签约项目",
    ",是第十一期的签约项目",
    code="D5",
)
_SHOWN = pattern(
    "one of several that are shown or told of in turn",
    r"(?:第[一二三四五六七八九]个|最后一个|[往向][东南西北][^,。;]{0,12},|不远处,?)(?:便|就)?是$",
    "往北走不到两公里,是",
    "往北走不到两公里,是",
    code="F4",
)
_FIGURED = pattern(
    "money or a milestone that projects have",
    r"(?:总?投资|出资|概算|预算|造价)[^,。;、]{0,6}\d[\d.]*[亿万]|\d[\d.]*[亿万]元的?(?:投资|盘子)|封顶|破土|奠基|开工|动工|竣工|投产|点火|试生产|试运行|"
    r"通车|投用|投运|停工|缓建|停建|叫停|建成|开建|投入\d|施工许可|还在打桩|吊装|交付使用|花了\d[\d.]*[亿万]",
    "洵口智能灌溉装备园是另一番光景:5.5亿元的投资,围墙砌了两年",
    "5.5亿元的投资",
    code="A2",
)
_SHORT = re.compile(r".{4,}(?:园|基地|厂|场|仓|大厦|车间|综合体)$")
_VISITED = pattern(
    "a visit to what is being built",
    r"(?:走进|来到|深入|察看|查看|观摩|视察|抵达)了?(?:[^,。;的]{0,8}的)?$",
    "观摩团走进刚刚投用的",
    "观摩团走进刚刚投用的",
    code="F4",
)
_OTHER_NEXT = pattern(
    "a sentence that opens with another name",
    r"(?!该|此|这)[^,。;:]{4,24}项目",
    "百味源复合调味品二期项目的无尘车间里",
    "百味源复合调味品二期项目",
    code="F2",
)
_SITE = re.compile(r".{4,}(?:产业园|包装园|装备园|[^业公游]园|基地|厂|线|仓|物流港|枢纽|综合体)$")
_SEVERAL = re.compile(r"企业|公司|集团|[个等]项目|\d+[家个]|推行|推出|推广|实行|落实|优化|出台|完善|深化")


def _is_built(text: str, item: Item, words: str) -> bool:
    """A long name, and behind it in the same sentence money or a milestone, said of nothing else."""
    name = text[item.start : item.end]
    if name.endswith("工程") or not re.match(
        r"[,:]?(?!的(?!门口)|等|和|与|及|、|管委会|负责|主任|[钻机设服]|产业)", words
    ):
        return False
    found = _FIGURED.search(words)
    return found is not None and not _SEVERAL.search(words[: found.start()])


_SITE_OF = pattern(
    "the place where something is being built, whatever leads to it",
    r"的?(?:项目)?(?:建设|施工|扩建|改造)(?:现场|工地)|的[^,。;的]{0,6}(?:车间|厂房|生产线)(?:里|内)|工地|现场(?=[,。;看见]|内)",
    "是永兴医药包装材料产业园的施工现场",
    "的施工现场",
    code="E4",
)


def _is_site(page: Page, item: Item) -> bool:
    """永兴医药包装材料产业园的施工现场: what has a site is being built."""
    name = page.text[item.start : item.end]
    return len(name) >= _FULL and not is_vague(name) and bool(_SITE_OF.match(page.text, item.end))


def _is_object(page: Page, item: Item) -> bool:
    """Whether an office does something with what is plainly the name of a project."""
    text = page.text
    name = text[item.start : item.end]
    lead = text[max(0, item.start - 12) : item.start]
    if is_vague(name):
        return False
    if _VENUE.match(text, item.end):
        return False
    if _VISITED.search(lead) and _STRONG.search(name) and len(name) >= _LONG and text.startswith((",", "。"), item.end):
        return True
    if _VISITED.search(lead) and _SITE.search(name) and text[item.end : item.end + 1] in (",", "。", ";"):
        stop = page.paragraph_at(item.start)[1]
        if text[item.end] == "。" and _OTHER_NEXT.match(text, item.end + 1, stop):
            return False
        return bool(steps.state(text, item.end, stop) or _FIGURED.search(text, item.end, stop))
    if _PUT_UP.search(lead) and len(name) >= _LONG and _PLANT.search(name):
        return bool(_AFTER_OBJECT.match(text, item.end))
    if _SHOWN.search(text[max(0, item.start - 24) : item.start]) and _SITE.search(name):
        return True
    if not _DONE_TO.search(lead):
        return False
    return bool(_AFTER_OBJECT.match(text, item.end) if _STRONG.search(name) else _AT_SITE.match(text, item.end))
