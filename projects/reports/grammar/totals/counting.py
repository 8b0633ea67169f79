"""Which numbers count projects, of what kind and batch, and which are parts of a total."""

from __future__ import annotations

import re

from projects.reports.grammar import steps
from projects.reports.grammar.batches import period_words
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import Read, StatedTotal
from projects.reports.grammar.totals.figures import keep_amount
from projects.reports.grammar.totals.ledger import Ledger, total_of, walled
from projects.reports.grammar.words import BATCHES, NUMBER, number

_THEN_PROJECT = re.compile(r"^[^,。;:、\d()]{0,24}?项目(?!部|办|组|管理|单位)")
_AFTER_PROJECT = quick(r"(?:项目|建清单|期清单|备清单)”?[(:]?(?:共[计有]?|有|达到?|只有|总数|数|为)?$")
_AFTER_STEP = quick(r"(?:签约|开工|动工|投产|竣工|建成|签下|奠基)(?:了|项目|一批”?|类)?(?:的)?[(:]?(?:共|有)?$")
_PART = re.compile(
    r"^(?:[,。;、:()]|$|\d|总?投资|共|的|外资|内资|里|当中|已|均已|未|没|尚|——|完成|年度|合计|要|将|停工|占|[开动]工|破土|竣工|完工|建成|投产|投用|达[效产])"
)
# A part of the total before it, told by the words left ("未开工的9个") or right ("9个未开工") of the number.
_SUB = tuple(
    (name, re.compile(rf"{left}的?(?:项目)?(?:只有|仅有)?$"), re.compile(rf"^(?:项目)?{right}(?!(?:建设|的)?有?\d)"))
    for name, left, right in (
        ("not_started", r"(?:尚?未|没有|没)(?:能)?[开动]工(?:建设)?", r"(?:尚|还)?(?:未|没有|没)(?:能)?[开动]工"),
        (
            "started",
            r"(?:已(?:经|有)?(?:转化|实质性)?(?:开工|动工|破土)(?:建设)?|实际开工|真正开工|动起来)",
            r"(?:均)?(?:已(?:经)?(?:实质性)?|实质性)[开动]工",
        ),
        ("produced", r"已(?:经)?(?:建成投产|投产|竣工|完工|建成)", r"(?:均)?已(?:经)?(?:建成)?投产"),
        ("at_capacity", r"(?:已)?(?:达效|达产)", r"(?:均|全部)?(?:已经|已)?(?:达[效产](?!率)|达到设计产能)"),
    )
)
_BACK = quick(r"(?:项目)?(?:尚?未开工的?|已开工的?)?(?:里|当中|之中)")
_HOPED = pattern(
    "a count that is only hoped for",
    r"(?:力争|争取|确保)[^,。;:\d]{0,14}$",
    "力争签约项目",
    "力争签约项目",
    code="T5",
)
_LIKENED = pattern(
    "a count that is only likened to another",
    r"[^。;]{0,12}(?:胜过|不如|顶得上|抵得上|好过)",
    "亿元项目落地,胜过100个协议在天上飞",
    "亿元项目落地,胜过",
    code="T5",
)
_KIND_OF_COUNT = pattern(
    "what kind the projects are that the next number counts",
    rf"(?:[^,。;:、\d]{{1,8}}(?<!总投资))项目{NUMBER}[个项]",
    "产业链项目546个",
    "产业链项目546个",
    code="G1",
)
_KEPT = quick(r"已?(?:经)?(?:履约|落地|入库|纳统|入统|注册)$")
_NO_BATCH = re.compile(r"续建|在建|前期|储备|谋划|在库|结转")
_BARE_NAMES = {
    "开工": "started",
    "动工": "started",
    "投产": "produced",
    "建成": "produced",
    "竣工": "produced",
    "破土": "started",
    "完工": "produced",
    "投用": "produced",
    "待建": "not_started",
}
_STEP_BEHIND = pattern(
    "a part of the total, its step behind it",
    r"(?:项目)?(?:实现|完成)?(?P<w>开工|动工|破土|投产|建成|竣工|完工|投用)(?=[,、;。)(]|$)",
    "92个重点项目中已有81个动工、23个竣工",
    "动工",
    code="G9",
)
_PART_BEFORE = re.compile(r"(?:[,、:;中里]|^)(?P<now>其中|至今|目前|截[至止]目前|现)?,?(?P<have>已经?有?|有)?$")
_BARE_STEP = pattern(
    "a part of the total told by a word alone",
    r"(?:^|[,、:;中里])(?:其中|截[至止]目前|目前|到目前|现|现已|已有|累计)?,?(?P<w>开工|动工|破土|投产|建成|竣工|完工|投用|待建)$",
    "48个产业项目,开工",
    ",开工",
    code="G9",
)
_PARTS = re.compile(r"项目(?:中|里|当中|之中)")
_OWN_MONEY = re.compile(r"[、,(]?(?:总?投资|\d[\d.]*[亿万]元?)")
_BARE_STARTED = re.compile(r"开工(?:建设)?$")
_STEP_ONLY = re.compile(
    r"[的了有“”:,、(\s]|共计|(?<!公)共|项目|个|(?:集中|分批|上台|协调|申报|新)?(?:签约|开工|动工|投产|竣工|建成|签下|奠基)(?:一批|类)?"
)


_TOGETHER = pattern(
    "what a few that were named do together",
    r"项目(?:[都均]是|双双|同[日时步])(?![^。;]{0,30}\d[\d.]*[亿万])",
    "两个项目都是今年签约、开工的快手",
    "项目都是",
    code="C9",
)
_BEHIND_NAMES = re.compile(r"(?:^|[,。;])[对将把][^,。;]{3,}、[㐀-鿿]{3,12}(?<!项目)$")
_GOING = re.compile(r"已(?!开工|投产|竣工|建成|达|签)|正在")
_FEW = 4


def _is_of_named(before: str, after: str, value: int) -> bool:
    """A、B2个项目实行日调度, 两个项目都是…; 52个项目中,51个已铺开: nothing that is counted anew."""
    few = value <= _FEW and (_TOGETHER.match(after) or (after.startswith("项目") and _BEHIND_NAMES.search(before)))
    return bool(few) or (before.endswith("项目中,") and bool(_GOING.match(after)))


def take_count(
    page: Page, start: int, end: int, match: re.Match[str], walls: list[tuple[int, int]], ledger: Ledger
) -> None:
    text = page.text
    value = number(match.group("n"))
    before, after = text[start : match.start()], text[match.end() : end]
    if (
        value is None
        or match.group("n") == "一"
        or before.endswith(("第", "前", "几", ".", "净增", "多", "减", "减少", "增加"))
        or _KEPT.search(before)
        or _HOPED.search(before)
        or _LIKENED.match(after)
        or not _counts(before, after, ledger)
        or _is_of_named(before, after, value)
    ):
        return
    if _KIND_OF_COUNT.match(after):
        return
    place = Read(value, match.start(), match.start() + len(match.group("n")))
    if re.match(r"(?:项目)?(?:总?投资|计划投资)?分别", after) and value <= 4:
        return
    back = _BACK.match(after)
    known = any(one.count and one.count.value == value for one in ledger.made)
    if (
        back
        and (known or "开工" in back.group() or not re.match("项目[里当之]", after))
        and not before.endswith(("计划新开工的", "计划开工的", "应开工的"))
    ):
        if _WAITING.search(before) and ledger.current and ledger.current.not_started is None:
            ledger.current.not_started = place
        ledger.waiting = "未开工" in back.group()
        ledger.batch = _batch(text, start, match, end, ledger)
        ledger.open = False
        return
    if _of_earlier(before, place, ledger) or _sub_count(text, start, before, after, place, ledger):
        return
    total = StatedTotal(start=match.start(), end=match.end(), count=place)
    total.filter = "" if walled(walls, match.start() - 1, match.start()) else _filter(text, start, match.start(), after)
    total.filter = total.filter or ledger.size_class
    total.batch = _batch(text, start, match, end, ledger)
    told = period_words(text, start, match.start())
    total.period = told[-1] if told else _round(page, match.start(), ledger)
    ledger.whole += [total] if match.start() < ledger.until and total.period is None else []
    if ledger.pending:
        keep_amount(total, ledger.pending)
    if ledger.waiting:
        total.not_started, total.batch = place, None
    ledger.pending, ledger.size_class = None, ""
    ledger.current, ledger.batch, ledger.open = total, total.batch, True
    ledger.made.append(total)


_STRETCH = pattern(
    "a stretch of time that is no round",
    r"以来|累计|历次|往期|近年|去年|今年(?![春夏秋冬\d]|[一二三四]季度)|[上下]半年|全年|[1前][\d一二三四五六七八九十]?[—-]?\d{0,2}个?月(?!\d)|20\d\d年(?!\d|第)",
    "全年实施重点项目85个",
    "全年",
    code="D1",
)
_HERE = re.compile(r"[本此这][期次届批轮]|第[一二三四五六七八九十\d]{1,3}[期次批]")


def of_a_stretch(page: Page, at: int) -> bool:
    """今年以来…38个, 全年…85个: said of a stretch of time and not of a round."""
    told = list(_STRETCH.finditer(page.text, page.sentence_at(at)[0], at))
    return bool(told) and not _HERE.search(page.text, told[-1].end(), at)


def _round(page: Page, at: int, ledger: Ledger) -> Read[int] | None:
    """The round of a count that is told in its sentence behind it, or in the sentences before."""
    if of_a_stretch(page, at):
        return None
    return ledger.before if at < ledger.until else ledger.period


_WAITING = pattern(
    "a count of what waits",
    r"未[开动]工的?$",
    "未开工的",
    "未开工的",
    code="G9",
)
_ROUND_ONLY = pattern(
    "a count told by its round alone",
    r"第[一二三四五六七八九十\d]{1,3}[期次批](?:“?三个一批”?)?项目(?:共|有)?",
    "第十三期项目",
    "第十三期项目",
    code="D1",
)
_MEANT = pattern(
    "a count of what is planned",
    r"计划新?(?P<w>开工|动工|签约|投产|竣工)的?$",
    "计划新开工的",
    "计划新开工的",
    code="G9",
)
_DUE = pattern(
    "a count of what was due",
    r"应(?:当)?[开动]工$",
    "章源区应开工",
    "应开工",
    code="G9",
)
_WITHIN = pattern(
    "a part of the total in whose clause it stands",
    r"[个项][^,。;:、\d]{0,10}项目(?:已|实际|现已|仅|只|才)?(?P<w>开工|动工|投产|建成|竣工|完工)$",
    "47个新开工项目开工",
    "个新开工项目开工",
    code="G9",
)
_SO_MANY = re.compile(rf"(?:的|了|项目)?(?:有|共)?{NUMBER}[个项]")
_SO_FAR = pattern(
    "how far a batch is that was counted before",
    r"(?P<b>签约|开工|投产|竣工)(?:一批”?(?:项目)?|的?项目)(?:中|里|当中)?,?(?:目前|现|均|至今)?已(?:经)?(?:实质性|全部|转化)?"
    r"(?P<w>开工|动工|投产|达效|达产|竣工|建成)的?$",
    "开工一批已开工",
    "开工一批已开工",
    code="G9",
)
_PART_NAMES = _BARE_NAMES | {"达效": "at_capacity", "达产": "at_capacity"}


def _of_earlier(before: str, place: Read[int], ledger: Ledger) -> bool:
    """开工一批已开工45个, of a batch whose total the report has stated: a part of that total."""
    told = _SO_FAR.search(before)
    home = total_of(ledger, BATCHES[told["b"]], place.value) if told else None
    if told is None or home is None:
        return False
    if getattr(home, _PART_NAMES[told["w"]]) is None:
        setattr(home, _PART_NAMES[told["w"]], place)
    ledger.current, ledger.open = home, True
    return True


def _counts(before: str, after: str, ledger: Ledger) -> bool:
    """Whether this number counts projects."""
    then = _THEN_PROJECT.match(after)
    if then and not re.search(
        r"子项目|企业|公司|单位|指标|问题|会场|方面|人|家|^月|行动|体系|环节|阶段|领域(?!项目)|部门", then.group()
    ):
        return True
    if _AFTER_PROJECT.search(before):
        return True
    if "三个一批" in before and re.match(r"[、,]\d[\d.]*[亿万]元", after) and ledger.current is None:
        return True
    if _BACK.match(after) and re.search(r"开工|签约|投产", before[-6:] + after[:6]):
        return True
    if re.search(r"全[区县市省州]共有?$", before) and "项目" in before and re.match("[,。;]", after):
        return True
    fits = bool(_PART.match(after)) and not re.search(
        r"(?:事项|工作|问题|企业|公司|政策|岗位|会议|平台)(?:[共达有])?$", before
    )
    return fits and (
        ledger.current is not None
        or ledger.waiting
        or ledger.broken_down
        or bool(_AFTER_STEP.search(before))
        or bool(ledger.size_class)
    )


def _sub_count(text: str, start: int, before: str, after: str, place: Read[int], ledger: Ledger) -> bool:
    """已开工14个, 77个未开工: a part of the total before, not a total of its own."""
    current = ledger.current
    if current is None:
        return False
    if re.match(r"(?:项目)?的", after):
        return False
    if current.count and current.count.value < place.value and "以上" in current.filter:
        current = next((t for t in reversed(ledger.made) if "以上" not in t.filter), current)
    for name, left, right in _SUB:
        if (left.search(before) or right.match(after)) and getattr(current, name) is None:
            setattr(current, name, place)
            return True
    within = _WITHIN.search(before) if current.start >= start else None
    if within and current.count and current.count.value >= place.value and current.end > start + within.start():
        name = _BARE_NAMES[within["w"]]
        if getattr(current, name) is None:
            setattr(current, name, place)
            return True
    said = _BARE_STEP.search(before)
    among = (
        said
        and (current.start >= start or before.startswith("其中"))
        and "签约" not in text[current.end : start + len(before)]
    )
    open_to = current.batch is None or (current.batch.value == "sign" and bool(_PARTS.match(text, current.end + 1)))
    if said and among and open_to and current.count and current.count.value >= place.value:
        name = _BARE_NAMES[said["w"]]
        if not _OWN_MONEY.match(after) and getattr(current, name) is None:
            setattr(current, name, place)
            return True
    behind = _STEP_BEHIND.match(after)
    lead = _PART_BEFORE.search(before) if behind and current.start >= start else None
    if behind and lead and current.count and current.count.value >= place.value:
        name = _BARE_NAMES[behind["w"]]
        signed = current.batch is not None and current.batch.value == "sign"
        since = signed and (lead["now"] or lead["have"] or current.started is not None)
        alone = current.batch is None and "签约" not in text[current.end : start + len(before)]
        if (since or alone) and getattr(current, name) is None:
            setattr(current, name, place)
            return True
    whole = current.batch is None and current.count is not None and current.count.value >= place.value
    rated = re.match(r"^[,、(]?\d+(?:\.\d+)?%", after)
    if _BARE_STARTED.search(before) and whole and rated and current.started is None:
        current.started = place
        return True
    return False


def _filter(text: str, start: int, at: int, after: str) -> str:
    clause = re.split(r"[,。;:、()\n]", text[start:at])[-1]
    clause = re.sub(r"^.*?投资[^的]{1,14}元(?:人民币)?的", "", clause)
    clause = re.sub(r"^.*三个一批”?|(?:此次|全[省市县区])", "", clause)
    words = _STEP_ONLY.sub("", clause)
    words = re.sub(
        r"^(?:[对将把]|针对|[一二三四]是|新增|上半年|(?:实地|集中|现场)?(?:观摩|考察|调研|查看|察看)了?|按[^,]{1,4}|20\d\d年|据统计|列入|我[省市县区]|本[次期批]|其中|有|共|以及|和|及|与|另有|另外|还有|今年|以来|下半年|全省这一期|该[区县市]|本次活动|涉及|纳入|"
        r"组织|谋划|实施|拿出|推出|安排|[㐀-鿿]{2,8}(?:开发区|高新区|经开区|示范区|集聚区))+",
        "",
        words,
    )
    words = re.sub(r"第[一二三四五六七八九十\d]{1,3}[期次批]|已纳入|已列入|^[省市]$", "", words)
    words = re.sub(r"^[㐀-鿿]{2,4}(?:市|县|区|旗)(?=$|新|重|省|产|工|亿|在|集)", "", words)
    kind = re.match(r"(?:个|项)?(?P<k>外资|内资)", after)
    if kind:
        return kind.group("k")
    if then := re.match(r"(?!的?项目)([^,。;:、\d()]{2,16}?)项目", after):
        kind_told = re.sub(r"“?三个一批”?", "", then.group(1))
        words = words or ("" if kind_told in BATCHES else kind_told)
    return "" if words.endswith("等") or words.isdigit() else words[:24]


def _batch(text: str, start: int, match: re.Match[str], end: int, ledger: Ledger) -> Read[str] | None:
    """The step named beside the count; else that of the total it is a part of."""
    if _DUE.search(text, start, match.start()):
        return None
    near = [s for s in steps.find(text, start, match.start()) if s.told]
    clause = max(start, *(text.rfind(mark, start, match.start()) + 1 for mark in ",。;:、"))
    own = [s for s in near if s.start >= clause]
    if own:
        return _read(own[-1])
    if _ROUND_ONLY.fullmatch(text, clause, match.start()):
        return None
    if meant := _MEANT.search(text, clause, match.start()):
        return Read(BATCHES[meant["w"]], *meant.span("w"))
    if _NO_BATCH.search(text, clause, match.start()) or _NO_BATCH.match(text, match.end()):
        return None
    stop = next((i for i in range(match.end(), end) if text[i] in ",。;:、"), end)
    if parts := _PARTS.search(text, match.end(), stop):
        stop = parts.start()
    later = [s for s in steps.find(text, match.end(), stop) if (s.told or s.label) and not _SO_MANY.match(text, s.end)]
    if later:
        both = len(later) > 1 and later[1].batch != later[0].batch and later[1].start - later[0].end <= 1
        return None if both else _read(later[0])
    if steps.find(text, match.end(), stop):
        return None
    since = ledger.current.start if ledger.current else start
    between = [s for s in near if s.start >= since and not s.counted]
    if between:
        return _read(between[-1])
    return None if _OWN_SUBJECT.match(text, start, match.end() + 12) else ledger.batch


_OWN_SUBJECT = pattern(
    "a count that opens its sentence with what it counts",
    rf"(?:全[省市县区])?{NUMBER}[个项](?:省市|省|市|县|区)?(?:级|重点|重大)+(?:建设)?项目|"
    rf"(?:全[省市县区年]|今年|共)*(?:实施|安排|谋划|列入|推进|建设|储备)(?:了)?[^,。;:\d]{{0,10}}项目{NUMBER}[个项]",
    "45个市重点项目完成投资98.5亿元",
    "45个市重点项目",
    code="G1",
)


def _read(step: steps.Step) -> Read[str]:
    return Read(step.batch, step.start, step.end)
