"""One heading: what it is called apart from months, years and units, and what that may mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from projects.glyphs import fold
from projects.ledgers.meanings import MEANINGS
from projects.ledgers.understanding.results import POWERS

LONGEST: Final = 60  # characters of a heading; what is longer is a paragraph
_LIKE: Final = 75.0  # of 100, from which two headings are spelling mistakes of each other
_SLIP: Final = 0.62  # how surely a heading of money means what it says, where one letter would make it another

_MONEY_UNIT: Final = r"(?:人民币[:：]?)?(?P<unit>亿元|百万元|万元|千元|元|亿|万)"
_UNIT_IN: Final = re.compile(rf"(?:(?:金额|计量|投资)?单位[:：]?)?{_MONEY_UNIT}(?:[、,，/;；].*)?")
_OTHER_UNIT: Final = re.compile(
    r"(?:单位[:：]?)?(?:亩|公顷|%|％|平方米|万平方米|㎡|m2|m²|万㎡|个|人|名|吨|万吨|吨标准煤|万吨标准煤|家|项|天|月|公里|度|千瓦时|万千瓦时)"
)
_HINT: Final = re.compile(
    r".*(?:可?多选|单选|必填|选填|填写|下拉|选择|位代码|位|如有|格式|是/否|是否|√|注[:：]|详见|见附|保留|例如|如[:：]).*"
)
_BRACKET: Final = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")
_TAIL_UNIT: Final = re.compile(r"(?<=.)[:,，]?(?:单位[:：]?)?(?P<unit>亿元|百万元|万元|千元)$|单位[:：](?P<bare>元)$")
_LEAD: Final = re.compile(r"^(?:[#*★☆·※]+|[0-9]{1,2}[、.](?=[^0-9])|[(（][0-9一二三四五六七八九十]{1,2}[)）])+")
_SPACE: Final = re.compile(r"[\s　]+")

_DASH: Final = r"(?:-|–|—{1,2}|~|至|到)"
_NO: Final = r"1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十]"
_WHEN: Final = re.compile(
    r"(?=[0-9截X×_Mmn一二三四五六七八九十N])(?P<asof>截[至止]到?)?(?P<year>(?:(?<![0-9])(?P<y>(?:19|20)[0-9]{2})|[X×_]{2,4})年(?:度|年(?=[底末]))?)?(?:"
    rf"(?P<since>(?<![0-9])(?:0?1|一)月?份?{_DASH})(?:(?P<sm>{_NO})|[XMmN×_]{{1,2}})月份?[底末]?"
    r"|(?<=年)(?P<end>(?:12月)?[底末])"
    rf"|(?<![0-9])(?:(?P<m>{_NO})|[XMmN×_]{{1,2}})月份?(?:(?P<edge>[底末])|(?P<d>[0-9]{{1,2}})[日号])?"
    r"|)"
)
_CN: Final = {char: at for at, char in enumerate("〇一二三四五六七八九十")} | {"十一": 11, "十二": 12}
# What begins with the year, as months; other quarters and halves have no column of ours.
_SINCE: Final = (
    (re.compile("上半年"), "1-6月"),
    (re.compile("(?<![前二三四2-4])(?:第?[一1]|首)季度"), "1-3月"),
    (re.compile("前三个?季度"), "1-9月"),
)
# What is written in several ways, in one.
_ALIKE: Final = (
    (re.compile("累积"), "累计"),
    (re.compile("(投.|.资)(?:金额|额度|额)"), r"\1"),
    (re.compile("(?:当月|本月|该月|月度)(?!底|末)"), "月"),
    (re.compile("(?:当年|本年度?|今年度?|全年|年度)(?!底|末)"), "年"),
    (re.compile("(?:已|实际)完成"), "完成"),
    (re.compile("(?:去年|上年度?|上一年度?)(?:年)?[底末]"), "年底"),
    (re.compile("(?<=.)情况$"), ""),
)
_SIGNS: Final = re.compile(r"[^\w%]+|_|[和及与的或](?!\Z)")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, taken apart. `key` is its name without months, years and units; `plain` the same without brackets.

    `since` says that its figures add up from January on, `end` that they hold at the end of `year`; `day` is that of
    `month` up to which they hold, where one is named.
    """

    key: str
    plain: str
    unit: str = ""
    other_unit: str = ""
    year: int | None = None
    month: int | None = None
    since: bool = False
    end: bool = False
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """What a heading may mean and how surely, 0 to 1."""

    meaning: str
    confidence: float
    how: str


def text_of(cell: object) -> str:
    """The words of a cell of a heading on one line; a number is its digits."""
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return _SPACE.sub("", str(cell))


def unit_name(word: str) -> str:
    """One of `POWERS` of how it is abbreviated; "" of what is none of them."""
    return {"亿": "亿元", "万": "万元"}.get(word, word if word in POWERS else "")


@lru_cache(maxsize=4096)
def take_apart(text: str) -> Heading:
    """The parts of a heading, written on one line: `2023年1-7月累计完成投资(万元)`."""
    plain = _LEAD.sub("", _SPACE.sub("", fold(text[: 4 * LONGEST])))
    unit, other, without = "", "", plain
    for bracket in _BRACKET.finditer(plain):
        inside = bracket[1]
        if match := _UNIT_IN.fullmatch(inside):
            unit = unit or unit_name(match["unit"])
        elif match := _OTHER_UNIT.fullmatch(inside):
            other = other or match[0].removeprefix("单位").lstrip(":：")
        elif inside and not _HINT.fullmatch(inside):
            continue
        without = without.replace(bracket[0], "", 1)
    if tail := _TAIL_UNIT.search(without):
        unit = unit or (tail["unit"] or tail["bare"])
        without = without[: tail.start()]
    full, when = _without_times(without)
    bare, _ = _without_times(_BRACKET.sub("", without))
    return Heading(full or bare, bare or full, unit, other, *when)


def _without_times(text: str) -> tuple[str, tuple[int | None, int | None, bool, bool, int | None]]:
    """The key of a text, and the year, month, whether since January or at the end of the year, and the day."""
    year: int | None = None
    month: int | None = None
    day: int | None = None
    since = end = False

    def replace(match: re.Match[str]) -> str:
        nonlocal year, month, since, end, day
        year = int(match["y"]) if match["y"] else year
        if match["end"]:
            month, end = 12, True
            return "年底"
        month = _number(match["sm"] or match["m"]) if match["sm"] or match["m"] else month
        day = int(match["d"]) if match["d"] else day
        if match["since"]:
            since = True
            return "至月"
        if match["m"] or match[0].rstrip("底末份").endswith("月"):
            return "截至月" if match["asof"] else "月底" if match["edge"] else "月"
        return f"{match['asof'] or ''}年" if match["year"] else match[0]

    for pattern, word in _SINCE:
        text = pattern.sub(word, text)
    key = _WHEN.sub(replace, text)
    for pattern, word in _ALIKE:
        key = pattern.sub(word, key)
    key = _SIGNS.sub("", key)
    key = re.sub("年+(?=年)|月+(?=月)", "", key)
    key = re.sub("^年至月|^年(?=月)", lambda match: match[0].removeprefix("年"), key)
    return key.lower(), (year, month, since, end, day)


def _number(text: str) -> int:
    return int(text) if text.isascii() else _CN[text]


# --- what it may mean ---------------------------------------------------------------------------------------------


def _lexicon() -> dict[str, tuple[str, int]]:
    """Every synonym as a key, with its code and its rank among the synonyms of that meaning."""
    words: dict[str, tuple[str, int]] = {}
    for code, meaning in MEANINGS.items():
        for rank, synonym in enumerate(meaning.synonyms):
            for key in (take_apart(synonym).key, take_apart(synonym).plain):
                words.setdefault(key, (code, rank))
    return words


LEXICON: Final = _lexicon()
_KEYS: Final = [key for key in LEXICON if len(key) >= 3]
_MONEY_KEYS: Final = [key for key, (code, _) in LEXICON.items() if MEANINGS[code].shape == "money" and len(key) >= 2]

_STAGE: Final = (
    ("sign", "签约|签订协议"),
    ("perform", "履约"),
    ("land", "供地|拿地|摘牌"),
    ("trial", "试生产|试运行|试投产"),
    ("capacity", "达产|达效"),
    ("produce", "投产|投运|投用"),
    ("top", "封顶"),
    ("completion", "竣工|完工|建成"),
    ("start", "开工|动工"),
    ("stats", "入库|入统|纳统"),
)
# What a heading is about when it is none that is known: the first that fits.
_TOPICS: Final = (
    ("photos", "照片|图片"),
    ("phone", "(?:电话|手机|联系方式)(?:号码?)?$"),
    ("wanted", "(?:协调|解决|请求|上级).*(?:问题|事项)"),
    ("problem", "(?:存在|制约|困难|主要).*问题|问题$|困难$"),
    ("leader", "领导$|(?:包联|包保|分包|挂钩|挂包|联系).*领.$"),
    ("responsible", "(?:责任|负责)人$"),
    ("liaison", "联[系络][人员]$"),
    ("other_units", "(?:配合|协办|协同).*(?:单位|部门|科室)$"),
    ("unit", "(?:责任|牵头|主管|包联|包保|服务|推进|分管).*(?:单位|部门|科室|局委|局办)$"),
    ("company", "(?:建设|投资|业主|法人|实施).*(?:单位|主体|企业|公司)$"),
    ("new_land_area", "新增.*用地.*面积"),
    ("early_land_area", "先行用地.*面积"),
    ("land_area", "(?:用地|占地|土地).*面积"),
    ("building_area", "建筑面积"),
    ("national_code", "项目.*代码$"),
    ("credit_code", "信用代码"),
    ("build_period", "起[止至]|建设年限|工期|周期$"),
    ("place", "(?:建设|项目|选址|所在).*(?:地址|地点|位置)|选址"),
    ("zone", "(?:所属|所在).*(?:区|县|镇|乡|街道|园|办)|^[乡镇街区县]{1,2}(?:街道|办|道办)"),
    ("importance", "[省市区县].*重点|重点.*(?:级别|层级|等级)"),
    ("nature", "性质$"),
    ("content", "建设(?:内容|规模)"),
    ("next_step", "下(?:一?步|周|月).*(?:计划|打算|安排|工作)"),
    ("annual_target", "年.*(?:形象进度|工作目标|建设任务)"),
    ("progress", "形象进度|(?:项目|建设|工程|工作).*(?:进展|进度)"),
    ("permits", "手续.*办理|前期(?:手续|工作)"),
    ("funding", "资金.*来源"),
    ("phase", "(?:项目|建设|推进).*阶段"),
    ("category", "(?:产业|行业).*(?:类别|类型|分类)"),
)
_DAY: Final = re.compile("时间|日期|年月|时限|节点|[0-9月]底前")
_STATE: Final = re.compile("是否|状态|^已|与否")
_STATE_OF: Final = {"start": "started", "completion": "completed", "produce": "produced", "stats": "stats_entered"}
_RATE: Final = re.compile("率|比例|占比|占年|占总|百分比|%$|投资进度$|计划进度$")
_PLANNED: Final = re.compile("计划|目标|任务|安排|拟|预计|预期")
_DONE: Final = re.compile("完成|累计")
_SINCE_START: Final = re.compile("自?开工|自?开始|开建|项目累计|总累计|建设以来")
_SINCE_JANUARY: Final = re.compile("至月|年.*累计|累计.*年|年初|以来|年完成|年内|月至今|月累计|月末累计|月底累计")
_STATISTICS: Final = re.compile("入统|统计(?!周?期|时)|入库|纳统")
# A month below 2023年完成投资 is that month alone, as long as nothing says that it adds up.
_IN_MONTH: Final = re.compile("^年(?![底末初])(?:(?!累计|截至|以来).)*(?<!至)月$")
_YIELDS: Final = (("tax", "税"), ("profit", "利润"), ("sales", "产值|(?:营业|销售|经营).*收入|营收|销售额"))


@lru_cache(maxsize=4096)
def guesses(levels: tuple[str, ...]) -> tuple[Guess, ...]:
    """What a heading of one or more levels may mean, the surest first."""
    best: dict[str, Guess] = {}
    own = _own(levels)
    for text, trust in _readings(levels):
        heading = take_apart(text)
        # 2023年完成投资（6月） is of the month or up to it, where no row of months says which.
        alone = len(levels) == 1 and bool(_IN_MONTH.search(heading.key))
        for guess in _in_month_or_up_to_it(heading) if alone else _of(heading):
            # What a group adds to a heading that speaks for itself is less sure than the heading.
            doubtful = guess.how == "rule" and trust == 1.0 and own not in ("", guess.meaning)
            surer = Guess(guess.meaning, round(guess.confidence * (0.75 if doubtful else trust), 3), guess.how)
            if surer.confidence > best.get(guess.meaning, Guess("", 0.0, "")).confidence:
                best[guess.meaning] = surer
    return tuple(sorted(best.values(), key=lambda guess: -guess.confidence))


def _in_month_or_up_to_it(heading: Heading) -> Iterable[Guess]:
    for guess in _of(heading):
        if guess.how == "rule" and guess.meaning in _UP_TO:
            yield Guess(guess.meaning, 0.6, "either")
            yield Guess(_UP_TO[guess.meaning], 0.59, "either")
        else:
            yield guess


_UP_TO: Final = {"month_done": "year_done", "stats_month": "stats_done"}


def _own(levels: tuple[str, ...]) -> str:
    """What the lowest level of several means by itself, when it is long enough to say so."""
    if len(levels) < 2 or len(take_apart(levels[-1]).key) < 4:
        return ""
    alone = max(_of(take_apart(levels[-1])), key=lambda guess: guess.confidence, default=None)
    return alone.meaning if alone and alone.confidence >= 0.55 and alone.how != "either" else ""


def _readings(levels: tuple[str, ...]) -> Iterable[tuple[str, float]]:
    """The levels joined, the lowest alone, and the rest where the lowest says nothing but a unit."""
    said = [level for level in levels if level]
    if not said:
        return
    yield "".join(said), 1.0
    if len(said) > 1:
        heading = take_apart(said[-1])
        yield said[-1], 0.93 if len(heading.key) > 2 else 0.85
        if not heading.key or _UNIT_IN.fullmatch(heading.key):
            yield "".join(said[:-1]), 1.0
        if len(said) > 2:
            yield "".join(said[-2:]), 0.97


def _of(heading: Heading) -> Iterable[Guess]:
    if heading.key in LEXICON:
        yield Guess(LEXICON[heading.key][0], 0.99, "exact")
    elif heading.plain in LEXICON and not _opposed(heading.plain, heading.key, _OPPOSITES):
        yield Guess(LEXICON[heading.plain][0], 0.96, "exact")
    if not heading.key:
        return
    ruled = list(_by_rule(heading))
    meant = {guess.meaning for guess in ruled}
    slips = {} if heading.key in LEXICON or heading.plain in LEXICON or len(heading.key) < 4 else slips_of(heading.key)
    if slips.keys() - meant and any(guess.how == "rule" for guess in ruled):
        # One letter away from the name of something else: 计划姿投资 may be 计划总投资 or 计划投资.
        yield from (Guess(code, _SLIP, f"like {MEANINGS[code].label}") for code in slips.keys() - meant)
        ruled = [Guess(guess.meaning, min(guess.confidence, _SLIP), "slip") for guess in ruled]
    yield from ruled
    if len(heading.key) >= 3 and heading.key not in LEXICON and all(guess.how == "either" for guess in ruled):
        yield from _alike(heading.key)
        if heading.plain in heading.key and heading.plain != heading.key:
            # 竣工时间（计划） is written 计划竣工时间 elsewhere.
            yield from _alike(heading.key.replace(heading.plain, "", 1) + heading.plain)


def _by_rule(heading: Heading) -> Iterable[Guess]:
    """Headings that are put together from parts: 计划 or 实际, 月 or 累计, 开工 or 竣工."""
    key = heading.key
    if key.endswith(("数", "数量")) and "指数" not in key:
        yield Guess("count", 0.9, "rule")
        return
    stage = next((code for code, words in _STAGE if re.search(words, key)), "")
    if stage in _STATE_OF and re.fullmatch(dict(_STAGE)[stage], key):
        yield Guess(_STATE_OF[stage], 0.8, "rule")
    elif stage and _STATE.search(key) and not _DAY.search(key) and stage in _STATE_OF:
        yield Guess(_STATE_OF[stage], 0.9, "rule")
    elif stage and _DAY.search(key):
        planned, actual = bool(_PLANNED.search(key)), "实际" in key or key.startswith("已")
        both = planned and (actual or len(re.findall(dict(_STAGE)[stage], key)) > 1)
        yield Guess(
            f"{stage}_{'on' if both or not (planned or actual) else 'planned' if planned else 'actual'}", 0.92, "rule"
        )
    elif "投资" in key or "完成" in key or heading.unit or re.search("累计$|收入|产值|税|利润", key):
        yield from _of_money(heading)
    elif stage and len(key) <= 8 and re.search("计划|拟|预计|实际", key):
        yield Guess(f"{stage}_{'actual' if '实际' in key else 'planned'}", 0.8, "rule")
    for code, words in _TOPICS:
        if re.search(words, key):
            yield Guess(code, 0.72, "rule")
            break


def _of_money(heading: Heading) -> Iterable[Guess]:
    key = heading.key
    if _RATE.search(key):
        yield Guess("funded_rate" if "到位" in key else "done_rate", 0.9, "rule")
        return
    done = _DONE.search(key.replace("计划完成", "计划"))
    if of_yields := next((code for code, words in _YIELDS if re.search(words, key)), ""):
        yield Guess(of_yields, 0.85, "rule")
        return
    if re.search("时间|时限|内容|比|进展|进度|主体|单位|方$|人$|问题|来源|增减|差额|[净调核][增减]", key) or (
        "目标" in key and "投资" not in key
    ):
        return
    if re.search("季|半年", key) or (done and re.search("预计|预期|力争|剩余|未完", key)):
        return  # a part of the year, or what is not spent yet: nobody's but the office's own
    if re.search("总投|投资总|投资规模|总计划", key) and not done:
        yield Guess("investment", 0.9 if "投资" in key else 0.7, "rule")
    elif _STATISTICS.search(key) and (done or "投资" in key):
        monthly = _IN_MONTH.search(key) or ("月" in key and not _SINCE_JANUARY.search(key))
        yield Guess("stats_month" if monthly else "stats_done", 0.85, "rule")
    elif _PLANNED.search(key) and not done and re.search("投资|完成|[年月]", key):
        whole = "month_plan" if "月" in key else "annual_plan"
        yield Guess("plan_to_date" if re.search("至月|累计", key) else whole, 0.9, "rule")
    elif done:
        yield from _of_completed(heading)


def _of_completed(heading: Heading) -> Iterable[Guess]:
    """Money that was spent: in a month, since January, since the start; what does not say which may be any."""
    key = heading.key
    if _IN_MONTH.search(key):
        yield Guess("month_done", 0.9, "rule")
    elif heading.end or re.search("年底|年末|以前年|年以前", key):
        yield Guess("carried", 0.9, "rule")
    elif re.search("上年|去年|上一年", key):
        yield Guess("carried", 0.6, "past")
    elif re.search("[本每上]周|^周|周完成", key):
        yield Guess("week_done", 0.85, "rule")
    elif "截至月" in key or (
        not _SINCE_JANUARY.search(key) and not _SINCE_START.search(key) and "累计" in key and "月" not in key
    ):
        yield Guess("year_done", 0.6, "either")
        yield Guess("total_done", 0.59, "either")
    elif _SINCE_START.search(key):
        yield Guess("total_done", 0.9, "rule")
    elif heading.since or _SINCE_JANUARY.search(key):
        yield Guess("year_done", 0.9, "rule")
    elif "月" in key:
        yield Guess("month_done", 0.9, "rule")
    elif "投资" in key:
        yield Guess("year_done", 0.6, "either")
        yield Guess("month_done", 0.59, "either")
        yield Guess("total_done", 0.58, "either")


def _alike(key: str) -> Iterable[Guess]:
    """Meanings whose names differ from the key by a slip of the pen, or stand within it."""
    for word, score, _ in process.extract(key, _KEYS, scorer=fuzz.ratio, score_cutoff=_LIKE, limit=4):
        if _opposed(word, key):
            continue
        yield Guess(LEXICON[word][0], round(0.86 * score / 100, 3), f"like {MEANINGS[LEXICON[word][0]].label}")
    if len(key) >= 5:
        for word in _KEYS:
            if len(word) >= 4 and word in key and not _opposed(word, key):
                yield Guess(LEXICON[word][0], round(0.6 + 0.15 * len(word) / len(key), 3), "within")


@lru_cache(maxsize=4096)
def slips_of(key: str) -> dict[str, str]:
    """The meanings of money whose name is one slip of the pen away from a key, each with that name."""
    near = process.extract(key, _MONEY_KEYS, scorer=OSA.distance, score_cutoff=1, limit=None)
    # 计划投资 with a letter more is another name; of a long name a letter more is a slip.
    return {LEXICON[word][0]: word for word, _, _ in reversed(near) if len(word) == len(key) or len(word) >= 7}


def _forms(text: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, text.split()))


_OPPOSITES: Final = _forms(
    "划|拟|预|目标 季|半 实|际 累|计完 月 年 否 率|比例|占 总 新增 先行 底 照片 停|缓|复工 上 下 其他 周"
)
# A slip of the pen may spoil these; as one word more or less they turn the meaning.
_TURNING: Final = _forms("时间|日期 人 单位|部门 代码 行业 面积 类 领导 数 问题")


def _opposed(one: str, other: str, words: tuple[re.Pattern[str], ...] = ()) -> bool:
    """Whether one has a word that turns the meaning and the other lacks it: 计划开工时间 is not 实际开工时间."""
    words = words or (_OPPOSITES if len(one) == len(other) else _OPPOSITES + _TURNING)
    return any(bool(word.search(one)) != bool(word.search(other)) for word in words)


def is_known(text: str) -> bool:
    """Whether a short text is a heading, to the letter."""
    heading = take_apart(text)
    return heading.key in LEXICON or heading.plain in LEXICON
