"""What is only meant to happen: the words before a step or an amount that make it a plan, and those after a step."""

from __future__ import annotations

import re
from typing import Final

from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.words import ADVERBS, AMOUNT_ROLES

_CLAUSE: Final = re.compile(r"[,。;:!?\n]")
_LOOKS_BACK = 60  # characters; a clause may hold a long name between "确保" and "投产"

# A single character is a modal only where it is no part of a word: 供应, 急需, 许可, 虚拟, 储能, 主要, 目前.
_MODAL: Final = (
    r"(?:未|没有|没|将|(?<!虚)拟|即将|计划|预计|预期|力争|争取|力促|准备|有望|尚待|(?<![主重需])要|为[^,。;]{0,8}|推动|推进|加快|"
    r"确保|保证|尽快|尽早|及早|早日|待|等|(?<![许认])可|(?<![储产智功节热光性动效氢电核新])能|才能|后才|下半年|明年|年内|"
    r"(?<![上\d份个])月底前?|(?<![去前\d])年底前?|(?<=今)年底前?|(?:(?<=\d日)|(?<=十日)|(?<![目日此先提]))前(?!年)|最快|最迟|最晚|延期|申请|下个?月|下周|达到?|到|(?<![供响对适效反])应当?|(?<![急供所必])需|必须|须|"
    r"目标)"
)
# Between the modal and its step: a date with 于 or 在, adverbs, and the steps before this one (竣工投产, 建成并投产).
_BETWEEN: Final = (
    r"(?:[\d.〇零一二三四五六七八九十年月日号上中下旬底末初前之以内季度半于在到至、并和或再]|实质性|全面|全部|正式|集中|开始|基本|以|就|进入|进行|通[水电气车汽]|"
    r"顺利|如期|按期|按时|提早|尽快|尽早|早日|率先|陆续|相继|实现|完成|主体|建成|竣工|完工|投产|投用|开工建设|开工|签约|封顶|"
    r"达产|达效)*"
)
_NOT_YET: Final = quick(_MODAL + _BETWEEN + r"$")
_DONE: Final = re.compile(rf"已(?:经|于|在|全部|基本|建成|竣工|[\d.年月日号上中下旬底末初]|{ADVERBS})*$")
_MEANT: Final = quick(
    r"原定|原计划|原来说|原先说|原本|本应|本该|意愿|明年|后年(?![产加收营税利均纳销])|力争|争取|力促|预计|预期|(?<!年度)计划|确保|有望|(?:拟|将|应当?|须|必须)(?:于|在)|须在"
)
_SINCE: Final = pattern(
    "a span of time that is over",
    r"从[^,。;]*到",
    "从签约到",
    "从签约到",
    code="E10",
)
_DAY_FIRST: Final = pattern(
    "a clause that opens with a day",
    r"(?:今年|明年|后年|20\d\d年|\d{1,2}月|年[底内]|[一二三四]季度|[上下]半年)(?!.*已)",
    "12月底正式投产",
    "12月",
    code="E9",
)
_AIM_WITH_DAY: Final = quick(
    r"按照?计划$|要(?:加快|抓紧|尽快|确保)|要[于在][^,。;]{0,8}\d月|(?:力争|争取|力促|预计|预期|(?<!年度)计划|确保|有望|将[于在]|拟)(?!总?投资)[^,。;]{0,8}"
    r"(?:今年|明年|年[底内]|\d月|季度|半年|国庆|春节|五一)"
)
_PUSHED: Final = pattern(
    "a clause on what is pushed on",
    r"(?:[一二三四五六]是)?(?:重点|全力|积极|大力|加力|持续)?(?:推动|推进|促进|促成|抓好)(?=.{4})",
    "推动云岭轴承、泉口铸件等项目竣工",
    "推动",
    code="E3",
)
_HAPPENED: Final = re.compile("[已了]|成功|先后|陆续|相继")
_PLANNED_MONEY: Final = re.compile(r"(?:计划|预计)(?:总?投资|完成|用地)")

# 投产后年产值…, 达到开工条件: the step is named on the way to something else. 开工后已… asserts it.
_ONWARD: Final = re.compile(
    r"(?:建设|竣工|建成|完工|投产|投用|运营|使用|达产|达效|并|、)*"
    r"(?:的?[一二三]期(?:项目|工程)?(?:的)?基础上|(?:之|以)?后(?!,?已|续|期)|(?:预计|还|约|尚)?需(?=\d)|的?(?:条件|时间|日期|意愿|意向|手续|准备|许可|标准|前提|情况)|(?:之|以)?前(?!期|景|往|来))"
)


def planned(text: str, at: int) -> bool:
    """Whether the clause before this place only plans what stands here: 拟于8月, 力争年底前, 将于2023年10月竣工."""
    clause = _clause(text, at)
    if (meant := _NOT_YET.search(clause)) and not (meant.group().startswith("到") and _SINCE.search(clause)):
        return True
    if _DAY_FIRST.match(clause) and _goes_on_meaning(text, at - len(clause)):
        return True
    if _PUSHED.match(clause) and not _HAPPENED.search(clause):
        return True
    return not _DONE.search(clause) and bool(_MEANT.search(_PLANNED_MONEY.sub("", clause)))


def _goes_on_meaning(text: str, start: int) -> bool:
    """Whether the clause before this one sets an aim with its day: 力争10月底前完成设备安装,12月底投产."""
    before = text[max(0, start - _LOOKS_BACK) : start]
    return bool(before.endswith((",", "、")) and _AIM_WITH_DAY.search(_CLAUSE.split(before[:-1])[-1]))


def in_passing(text: str, end: int) -> bool:
    """Whether the words after a step say that it is only the condition of something else."""
    return bool(_ONWARD.match(text, end))


def _clause(text: str, at: int) -> str:
    return _CLAUSE.split(text[max(0, at - _LOOKS_BACK) : at])[-1]


# A target says when it is to be met; "确保项目推进" does not make a plan of the clause behind it.
_AIM: Final = quick(
    r"力争|争取|力促|确保|保证|目标|有望|尚未|尚需|还需|仍需|预计(?!总?投资)|(?<!年度)计划(?!总?投资|的\d)|年度计划(?=完成)"
)
_AIM_BEFORE: Final = quick(rf"(?:[需须]|将|可|(?<![供响对适效反])应当?|未|(?<!虚)拟|明年|后年){_BETWEEN}$")
_AIM_OF_LIST: Final = re.compile(
    r"(?:力争|争取|力促|确保)(?=[^。;]{0,12}(?:年底|年内|月底|季度|半年|今年|全年|\d月))(?![^。;]*(?:已|目前|截至|累计))"
)
_DONE_MONEY: Final = re.compile(r"已(?:经|累计|实际|共)*(?:完成|投入)[^,。;:、\d]{0,8}$")
_LACKING: Final = re.compile(r"尚未|尚需|还需|仍需|未[^,。;:、]{0,4}$|明年|后年")
_OF_YEAR: Final = re.compile(r"今年|全年|年度|本年|当年|年内|(?P<y>20\d\d)年(?![\d底上下前]|[一二三四]季)")
_OF_LESS: Final = re.compile(r"季度|半年|\d月|月[底份末]|本月|年底|期间|还|再")
_MONEY_END: Final = re.compile(r"\d[\d.]*[余多]?[万亿]?[元美]")


def amount_role(before: str, year: int | None = None) -> str | None:
    """What the amount after these words is: total, annual, completed, other; None when nothing says.

    What is only to be completed is the annual plan where it is said of the year, and else nothing that we keep.
    `year` is that of the report: the plan of a later year is not its annual plan.
    """
    near = before.rstrip(": ")[-16:]
    role = next((role for role, words in AMOUNT_ROLES if words.search(near)), None)
    return _target(before, year) or role if role == "completed" else role


def _target(before: str, year: int | None) -> str | None:
    """ "annual" or "other" where the words before an amount only set a target; None where it is done."""
    said = re.split(r"[。;!?\n]", before[-_LOOKS_BACK:])[-1]
    clause = re.split(r"[,:、]", _MONEY_END.split(said)[-1])[-1]
    if _LACKING.search(clause):
        return "other"
    if _DONE_MONEY.search(clause):
        return None
    aimed = _AIM.search(clause) or _AIM_BEFORE.search(re.split(r"完成|投入", clause)[0])
    if not aimed:
        return "other" if _AIM_OF_LIST.search(said) else None
    of_year = _OF_YEAR.search(clause)
    if not of_year or _OF_LESS.search(clause):
        return "other"
    later = of_year["y"] and year and int(of_year["y"]) > year
    return "other" if later else "annual"
