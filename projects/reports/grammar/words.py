"""The field's vocabulary: steps, statuses, roles of an amount, and words that end or never make a name."""

from __future__ import annotations

import re
from typing import Final

BATCHES: Final = {"签约": "sign", "开工": "start", "投产": "produce", "竣工": "produce"}
ROLES: Final = {"签约": "sign", "开工": "start", "签约开工": "start", "投产": "produce", "竣工": "produce", "": ""}

NUMBER: Final = r"(?:\d{1,6}|[一二两三四五六七八九十百千]{1,7})"
COUNTED: Final = r"(?:个|项)"
HEAD: Final = (
    r"(?:项目|产业园|工业园|科技园|示范园|创新园|物流园|孵化园|创业园|科创园|园区|产业城|智慧城|商贸城|科技城|新城|"
    r"综合体|生产线|总部港|企业港|智慧港|信息港|数据港|基地|中心|平台|工厂|车间|工程|医院|学校|学院|校区|市场|街区|乐园|"
    r"公园|小镇|广场|风电场|水库|机场|码头|处理厂|铁路|高速公路|大桥|隧道|管网|电站|电厂|枢纽|数据湖|大厦|博览园|园|谷|港)"
)
SUFFIX: Final = r"(?:[\(][^()]{1,10}[\)]|[一二三四五六七八九十]期|项目|工程){0,3}"
NAME_END: Final = re.compile(HEAD + SUFFIX + r"$")

# What an amount is, told by the words directly before it. Order matters: the narrow ones first.
_NOT_INVESTMENT: Final = (
    r"(?:产值|收入|利税|税收|税金|纳税|贷款|融资|奖补|资金|出口|进口|进出口|补助|补贴|到位|成交额|销售|销售额|费用|"
    r"增加值|生产总值|消费|利润|固定资产投资|固投|外资|创汇|兑现|金额达|节约|拿出)"
)
AMOUNT_ROLES: Final = tuple(
    (role, re.compile(words + r"[^,。;:、\d]{0,6}$"))
    for role, words in (
        ("other", _NOT_INVESTMENT),
        ("annual", r"(?:年度计划|年度投资|当年计划|当年|年计划投资|年度目标|本年计划|今年计划)(?:总?投资|完成)?"),
        ("other", r"(?:季度|半年)(?:计划|预计|拟)(?:总?投资)"),
        ("completed", r"(?:(?:已|累计|共|总计)完成(?:总?投资)?|完成(?:总?投资)|完成|(?:已|累计)投入)"),
        ("total", r"(?:总投资|投资总额|计划投资|投资额|投资|总额|出资|涉资|合资|合同盘子|合同金额|协议金额|投|共)"),
    )
)

# Adverbs that stand between a subject and its step.
ADVERBS: Final = r"(?:已经|已|均已|正式|顺利|同日|同时|日前|昨日|也|率先|全面|当天|当日|集中|成功|相继|陆续)"
ADVERB: Final = rf"{ADVERBS}*"
STEPS: Final = (
    ("produce", "已投产", "produced", re.compile(r"建成投产|点火投产|正式投产|投产(?!一批|达效率)")),
    ("produce", "已竣工", "completed", re.compile(r"竣工(?!一批)|建成(?!投|后|以来|的|集|具|区)")),
    ("produce", "已投用", "in-use", re.compile(r"(?:建成)?投用|投入使用|投入运营|正式运营")),
    (
        "start",
        "已开工",
        "started",
        re.compile(r"(?:拿地即)?开工(?:建设|奠基|仪式|培土)?(?!一批|率|项目|前)|动工|奠基|破土"),
    ),
    ("sign", "已签约", "signed", re.compile(r"签约(?!一批|率|开工|项目)|签[订署](?=[^,。;]{0,60}(?:协议|合同))|签下")),
)
TROUBLES: Final = (
    ("终止", re.compile(r"依法清退|清退|终止|退出|取消(?!二期|一期|三期)")),
    ("暂停", re.compile(r"暂取消|暂停|暂缓|缓建")),
    ("停工", re.compile(r"停工(?!停产)")),
    ("调出", re.compile(r"调出")),
)
STATES: Final = (
    (
        "未开工",
        re.compile(
            r"(?:尚未|暂未|仍未|未|没有|没)(?:能)?(?:实质性)?开工|严阵以待|即将开工|为(?:项目)?开工[^,。;]{0,6}(?:准备|冲刺)|(?:后|才)[^,。;]{0,4}才能进(?:地|场)|重新选址"
        ),
    ),
    (
        "前期手续",
        re.compile(r"开工前[^,。;]{0,6}手续|前期手续|办理[^,。;]{0,10}手续|完善[^,。;]{0,10}手续|完成[^,。;]{0,6}申报"),
    ),
    ("试生产", re.compile(r"试生产|试投产|试产")),
    ("已达效", re.compile(r"(?:已|实现)达效|(?:已|实现)达产")),
    ("设备安装", re.compile(r"设备(?:正在|正|在)?安装|安装(?:调试)?设备")),
    ("已封顶", re.compile(r"封顶")),
    ("已投用", re.compile(r"(?:^|(?<=,)|已)入驻(?!企业|率)")),
    ("在建", re.compile(r"正在建设|建设中|在建")),
    ("在谈", re.compile(r"洽谈|在谈")),
    ("谋划", re.compile(r"谋划|规划建设|拟建")),
    ("滞后", re.compile(r"滞后")),
)
GENERIC: Final = re.compile(
    r"三个一批|一批|积极|推动|在谈|促进|加快|推进|新增|更多|所有|全部|每|重大|重点|产业|工业|省市|省级|市级|县级|全省|全市|全县|全区|在建|新建|续建|开工|签约|投产|竣工|民生|社会|"
    r"事业|基础设施|基础|设施|科技|创新|优质|高质量|好|大|小|新|类|转型|发展|制造业|制造|先进|现代|战略性?|新兴|服务业|农业|"
    r"外资|内资|招商|引进|建设|改造|投资|计划|总|的|该|这个|此|本|各|类|个|专项|储备|谋划|前期|落地|亿元以上|项目|园区|"
    r"开发区|高新区|基地|平台|中心|工程|龙头|企业|总部|生产线|车间|工厂|智能|园|[“”\"'\d.,一二三四五六七八九十两]"
)


def is_generic(name: str) -> bool:
    """Whether the words name a kind of project ("重点工业项目"), not one project."""
    kind = re.search(
        r"(?:的|重大|重点|亿元以上|三个一批”?|第.{1,3}[期批次]|签约|开工|投产|招商)(?:产业|工业|建设|民生|投资)*项目$",
        name,
    )
    return bool(kind) or len(GENERIC.sub("", name)) < 2


def number(text: str) -> int | None:
    """A count in digits or Chinese numerals."""
    if text.isdigit():
        return int(text)
    return _chinese(text)


_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}


def _chinese(text: str) -> int | None:
    total = digit = 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        elif char in _DIGITS:
            digit = _DIGITS[char]
        else:
            return None
    return total + digit or None
