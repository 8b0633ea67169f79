"""The only reader of names: how they are cleaned, compared, searched, and what they tell by themselves."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from projects.glyphs import fold

_HAN: Final = r"\u3400-\u9fff〇"
_NUMERAL: Final = "一二三四五六七八九十"
# Converted pages print the reading behind a character: 項(xiàng)目.
_READING = re.compile(rf"(?<=[{_HAN}])[(（]\s*[a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜɑ]{{1,6}}\s*[)）]")
_BULLET = re.compile(
    rf"\A(?:[0-9]{{1,3}}\s?(?:、|[.．](?![0-9])|[)）])|[(（](?:[0-9]{{1,3}}|[{_NUMERAL}]{{1,3}})[)）]"
    rf"|[{_NUMERAL}]{{1,3}}、|[\u2460-\u2473•●■◆▪]|[-*·]\s)\s*"
)
_BREAK = re.compile(rf"(?<=[{_HAN}])\s*[\r\n\t\u2028]\s*|\s*[\r\n\t\u2028]\s*(?=[{_HAN}])")
_BARE = re.compile("[A-Za-z\u4e00-\u9fff]+")  # nothing to tidy, and no character that stands for another
_GAP = re.compile(rf"(?<=[{_HAN}，。、；：（）“”《》])\s+(?=[{_HAN}，。、；：（）“”《》])")

_ROLE = r"(?:集中)?(?P<role>(?:签约|履约|开工|投产|竣工|达产|达效)+)"
_TAG = re.compile(rf"(?:第?(?P<number>[{_NUMERAL}]{{1,3}}|[0-9]{{1,3}})(?:期|批|次))?{_ROLE}(?:一批)?项目")
_BRACKETS = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_LEAD = re.compile(r"\A(?:计划)?(?:总)?投资[约超近]?[0-9.]+余?[亿万]美?元(?:以上)?的")
_TAIL = re.compile(r"(?:建设工程|工程建设|工程|建设|等)\Z")

_MARK = re.compile(
    rf"(?P<phase>第?(?:[0-9]+|[{_NUMERAL}]+|首))期|(?P<area>[东西南北]区)(?=[()一二三四五第项工]|\Z)|(?P<digits>[0-9]+(?:\.[0-9]+)?)"
)
_COMPANY = re.compile(
    r"[^、，,;；。:：!！?？“”\s]{2,40}?(?:有限责任公司|有限公司|股份公司|集团公司|合伙企业[(（]有限合伙[)）]|(?<![总分子市本该我各])公司)"
    r"(?:[^、，,;；。:：\s公司]{2,8}分公司)?"
)
_PROJECT_ENDS: Final = (
    "项目|工程|园区?|基地|中心|平台|综合体|产线|总部|工厂|学校|学院|医院|车间|市场|小镇|街区|大厦|广场|枢纽|码头|机场|电站|泵站"
    "|酒店|公寓|云仓|仓库|厂房|厂区|大道|公路|管网|水库|示范区|起步区|校区|孵化器"
)
_PROJECT_END = re.compile(rf"(?:{_PROJECT_ENDS}|(?<=..)(?:(?<!香)港|(?<![项诸禹邹韩])城|厂|线))\Z")
_SUFFIX = re.compile(rf"(?:\([^()]*\)|第?(?:[0-9]{{1,2}}|[{_NUMERAL}首])期|[东西南北A-Z]区)+\Z")


def tidy(name: str) -> str:
    """The name as printed, on one line, without list mark, page noise (項(xiàng)目) and blanks between Chinese."""
    name = _READING.sub("", name).strip()
    name = _BULLET.sub("", name)
    name = _GAP.sub("", _BREAK.sub("", name))
    return " ".join(name.split()).strip(" ;；。，,")


def _plain(name: str) -> str:
    """The tidy name in simplified characters and plain letters; ② and ㎡ become what they stand for."""
    folded = fold(name)
    if _BARE.fullmatch(folded):
        return folded  # as most are
    return fold(unicodedata.normalize("NFKC", tidy(fold(name))))


@lru_cache(maxsize=4096)
def key(name: str) -> str:
    """What two writings of one name have in common: no punctuation, no 项目, no final 工程, 建设 or 等, lower case.

    Equal keys mean the same name; the key itself is not for people.
    """
    plain = re.sub(r"\s+", "", _plain(name))
    plain = _LEAD.sub("", _BRACKETS.sub(lambda match: "" if _TAG.fullmatch(match[1]) else match[0], plain))
    plain = re.sub(r"[\W_]+", "", plain).lower()
    bare = plain.replace("项目", "")
    return _TAIL.sub("", bare) or bare or plain


@lru_cache(maxsize=4096)
def marks(name: str) -> tuple[str, ...]:
    """The numbers and phases in a name, sorted: "2000", "1期", "西区". Names whose marks differ are never the same.

    2500吨 and 2000吨, 一期 and 二期 differ in one character and are different projects.
    """
    plain = _BRACKETS.sub(lambda match: "" if _TAG.fullmatch(match[1]) else match[0], _plain(name))
    return tuple(sorted(_mark(match) for match in _MARK.finditer(_LEAD.sub("", plain))))


def _mark(match: re.Match[str]) -> str:
    if match["phase"]:
        phase = match["phase"].removeprefix("第")
        return f"{phase.lstrip('0') or 0}期" if phase.isdecimal() else f"{_number(phase)}期"
    return match["area"] or match["digits"]


def _number(text: str) -> int:
    """The value of a counting number up to 99 in Arabic or Chinese numerals; 首 is the first."""
    if text.isdecimal():
        return int(text)
    if text == "首":
        return 1
    tens, ten, ones = text.rpartition("十")
    return (10 * (_NUMERAL.find(tens[-1:]) + 1 if tens else 1) if ten else 0) + (
        _NUMERAL.index(ones[-1]) + 1 if ones else 0
    )


def likeness(a: str, b: str) -> float:
    """How likely two names mean one project, 0 to 1.

    1 for equal keys; 0 where the marks differ; 0.85 to 0.95 where one name contains the other and is at least 60 % of
    it; else the share of common characters.
    """
    return likeness_of_keys(key(a), key(b)) if marks(a) == marks(b) else 0.0


def likeness_of_keys(left: str, right: str) -> float:
    """The same of the keys of two names whose marks are equal."""
    if not left or not right:
        return 0.0
    if left == right:
        return 1.0
    short, long = sorted((left, right), key=len)
    share = len(short) / len(long)
    if short in long and len(short) >= 4 and share >= 0.6:
        return 0.85 + (share - 0.6) / 4
    return fuzz.ratio(left, right) / 100


def company_of(name: str) -> str | None:
    """The full company name that a project's name begins with (河南某某科技有限公司…), or None."""
    clean = tidy(name)
    match = _COMPANY.match(clean)
    return match[0] if match else None


def looks_like_project(name: str) -> bool:
    """Whether a name ends as project names do: 项目, 园, 基地, 生产线 …, with or without (一期) or 西区 behind."""
    plain = re.sub(r"\s+", "", _plain(name))
    if _PROJECT_END.search(plain):
        return True
    return bool(_PROJECT_END.search(_SUFFIX.sub("", plain)))


def initials(name: str) -> str:
    """The first letters of the reading, for searching: 智慧产业园二期 → zhcyyeq. Letters and digits stay."""
    # Its dictionaries would be a sixth of the start of every process, and few ever ask.
    from pypinyin.seg import mmseg, simpleseg

    words = (word for part in simpleseg.seg(_plain(name)) for word in mmseg.seg.cut(part))
    return re.sub(r"[\W_]+", "", "".join(map(_letters, words))).lower()


@lru_cache(maxsize=8192)
def _letters(word: str) -> str:
    """The first letters of one of the words that pypinyin reads by; names are made of few."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(word, style=Style.FIRST_LETTER))


def batch_tag(text: str) -> tuple[int | None, str] | None:
    """The round and role in a tag such as "(第五期签约开工项目)" → (5, "签约开工"); the round is None where unsaid.

    The tag may stand alone or in brackets in a name. "(一期)" is a phase of building and no tag.
    """
    plain = re.sub(r"\s+", "", fold(text))
    for candidate in (plain, *_BRACKETS.findall(plain)):
        match = _TAG.fullmatch(candidate)
        if match:
            return (_number(match["number"]) if match["number"] else None), match["role"]
    return None
