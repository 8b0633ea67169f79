"""Projects called after the place they are in: 泉口冷链云仓正进行温控测试."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects.reports.grammar import places, steps
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.items import Item
from projects.reports.grammar.mentions.naming import HELD_THERE, SENTENCE, is_caption, record
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern, quick
from projects.reports.grammar.records import NamedProject
from projects.reports.grammar.words import HEAD, is_vague

_SHORTEST = 6
_LOOKS_ON = 80
_THERE = ("落户", "入驻", "位于")
_WITHIN = ("县", "市", "区", "·", "年")
_BODY = re.compile(
    rf"(?:(?!的)[㐀-鿿A-Za-z\d“”()·\-/+]){{2,22}}?(?:{HEAD}|(?<=[㐀-鿿]{{4}})(?<![第分本该前两各上])[一二三四五六七]期)(?:[一二三四五六七]期|[A-Z东西南北]区|项目|工程|\([^()]{{1,8}}\)){{0,2}}"
)
_NO_PROJECT = pattern(
    "what is called after a place and is no project",
    r"..(?:[县市区镇]|本地|当地|实际|去年|今年|高新区|经开区|经济|高新技术|开发区|新区|管委|公安|法院|检察|海关|税务|财政|统计|日报|晚报|电视|大学|政府|人民政府|党|商会|籍|人|干部|群众|全域|全[县市区])",
    "泉口县人民医院",
    "泉口县",
    code="T4",
)
_FIGURE = pattern(
    "an amount or a state of what is being built, in the sentence of its name",
    r"(?:停了|停着|喊停|叫停|停产|停摆|停滞|中止|中断|打完了?桩|打桩|桩基|围墙|验收|测试|调试|吊装|浇铸|落成|"
    r"启用|交付|封顶|主体|土建|安装|进场|平整|征地|环评|能评|备案|核准|审批|招标|中标|首作|首台|首批|首片|下线|出产品|量产|达产)",
    "泉口冷链云仓正进行最后的温控测试",
    "测试",
    code="E4",
)


def of_places(page: Page) -> Iterator[NamedProject]:
    """A name that begins with the name of a place in the report, in a sentence of steps or money."""
    text = page.text
    stems = places.stems(text)
    if not stems:
        return
    for at in sorted(at for stem in stems for at in _all(text, stem)):
        if text[at - 1 : at] in _WITHIN or _NO_PROJECT.match(text, at) or is_caption(page, at):
            continue
        body = _BODY.match(text, at + places.STEM)
        if body is None or SENTENCE.search(body.group()):
            continue
        end = body.end()
        start = at - (text[at - 1 : at] == "“" and "”" in body.group())
        name = text[start:end]
        held = text.endswith("在", 0, start) and HELD_THERE.match(text, end)
        if (held or text.endswith(_THERE, 0, start)) and not name.endswith(("项目", "工程")):
            continue
        if len(name) >= _SHORTEST and not (is_vague(name) or _OFFICE.search(name)) and _is_told(page, start, end):
            one = record(page, Item(start, end))
            one.loose = not name.endswith("项目")
            yield one


def _all(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


_OFFICE = quick(
    r"(?:服务|政务|会展|文化|体育|招商|监测|指挥|交易|招标|党群|活动|管理|审批|招待)中心$|会议中心$|学校$|学院$|医院$|大学$|广场$|酒店$|公园$|机场$|商会$|法院$"
)


def _is_told(page: Page, start: int, end: int) -> bool:
    """Whether its sentence tells a step, a state or an investment behind the name or right before it."""
    text = page.text
    line, stop = page.paragraph_at(start)[1], page.sentence_at(start)[1]
    stop = min(max(stop, min(line, end + _LOOKS_ON)), end + 2 * _LOOKS_ON)
    if steps.state(text, end, stop) or _FIGURE.search(text, end, min(stop, end + 60)):
        return True
    return any(
        found.amount and amount_role(text[max(end, found.start - 16) : found.start]) in ("total", None)
        for found in page.amounts(end, min(stop, end + 40))
    )
