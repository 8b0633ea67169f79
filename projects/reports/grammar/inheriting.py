"""What stands in the head of a section or in a total holds for the projects under it. Working-copy offsets."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict

from projects.reports.grammar import sections, steps
from projects.reports.grammar.batches import period_words
from projects.reports.grammar.events import EVENT_STEP
from projects.reports.grammar.page import Page
from projects.reports.grammar.patterns import pattern
from projects.reports.grammar.records import NamedProject, Read, StatedTotal

_EXAMPLE = re.compile(
    r"(?:有|包括|其中|以|为)(?:总?投资[^,。;]{1,14}的)?(?:[^,。;]{0,60}(?:、|和|及|与)(?:总?投资[^,。;]{1,14}的)?)?$"
)
_SUBJECT = re.compile(r"(?:(?:计划)?总?投资[^的]{1,14}的|由[^的]{4,40}的)?$")
_ABOUT = pattern(
    "which projects the next sentence picks from",
    r"(?:本[期次批]|此次|新|集中|[一二三四]季度)(?P<w>签约|开工|动工|投产|竣工)的?(?:\d+个)?项目",
    "本期开工的项目同样蓄势待发。其中",
    "本期开工的项目",
    code="C7",
)


def inherit(page: Page, records: list[NamedProject], figures: list[StatedTotal]) -> None:
    """What stands in the head of a section, or in the total that a project is an example of, holds for it."""
    rows = sections.lines_of_rows(page, records)
    counted: dict[int, list[StatedTotal]] = defaultdict(list)
    for total in figures:
        if total.batch:
            counted[page.paragraph_at(total.start)[0]].append(total)
    for one in records:
        if one.batch is None and (labelled := _line_label(page, one)):
            one.batch = labelled
        if one.batch is None and (told := _among(page, one)):
            one.batch = told
        head = sections.head(page, one, rows) if one.row or (one.listed and not one.batch) else None
        if head is None and one.batch is None and sections.is_line(page, one.start):
            above = sections.head(page, one, rows)
            head = above if above and _OPENS_LIST.search(page.text[slice(*above)].rstrip()) else None
        if head:
            _take_head(page, one, head)
        paragraph, sentence = page.paragraph_at(one.start)[0], page.sentence_at(one.start)[0]
        if not _is_example(page.text, sentence, one):
            continue
        before = [t for t in counted[paragraph] if t.start < one.start]
        if one.batch or (one.status and one.status.value in steps.ENDED):
            # A round told elsewhere may be that of a part of the list only: 第七期的3个刚刚签下.
            round_ = before[-1].period if before and before[-1].start >= sentence else None
            if round_ and round_.start >= paragraph:
                one.period = one.period or round_
            continue
        if not one.status and (new := re.search("新上", page.text[sentence : one.start])):
            one.status = Read("新上", sentence + new.start(), sentence + new.end())
            continue
        # What a project does by itself says more than being counted, unless a round of the activity counts it.
        if before and (one.status is None or before[-1].period):
            one.batch, one.period = before[-1].batch, one.period or before[-1].period
            if one.status is None and one.batch:
                done = [s for s in steps.find(page.text, one.batch.start, one.batch.end) if s.asserted]
                if done and page.text.endswith(("集中", "现场", "当天", "正式"), 0, one.batch.start):
                    one.status, one.status_own = Read(done[-1].status, done[-1].start, done[-1].end), False


_LINE_LABEL = pattern(
    "a line that its batch opens",
    r"\s*(?:[一二三]、|\d[.、]|\([一二三1-3]\))?“?(?P<w>签约|开工|动工|投产|竣工)(?:一批”?(?:项目)?[:—]|类?项目[:—]|类(?:项目)?(?:共|有)?\d+[个项])",
    "签约一批:东川光伏支架项目,计划投资3.2亿元",
    "签约一批:",
    code="C7",
)


_OPENS_LIST = pattern(
    "a head that the lines below belong to",
    r"其中:$|一批”?(?:项目)?[(:]?(?:共|计)?\d+[个项][):]?$",
    "(二)开工一批(2个)",
    "一批(2个)",
    code="C7",
)
_COUNTED_LABEL = pattern(
    "a batch and its count that open a run of names",
    r"(?P<w>签约|开工|动工|投产|竣工)(?:一批”?)?(?:项目|类)(?:共|有)?\d+[个项](?:项目)?:",
    "其中签约项目2个:1.砚塘光伏支架项目",
    "签约项目2个:",
    code="C7",
)


def _line_label(page: Page, one: NamedProject) -> Read[str] | None:
    """签约一批:A项目,计划投资3.2亿元…;B项目,…: everything in the line is of the batch that opens it."""
    start = page.paragraph_at(one.start)[0]
    within = list(_COUNTED_LABEL.finditer(page.text, start, one.start))
    label = within[-1] if within else _LINE_LABEL.match(page.text, start, one.start)
    ended = one.status is not None and one.status.value in steps.ENDED
    return Read(EVENT_STEP[label["w"]][0], *label.span("w")) if label and not ended else None


def _among(page: Page, one: NamedProject) -> Read[str] | None:
    """本期开工的项目蓄势待发。其中,…A…: what the sentence before is about holds for those that 其中 picks out."""
    start, _ = page.sentence_at(one.start)
    if not page.text.startswith("其中", start) or (one.status and one.status.value in steps.ENDED):
        return None
    at = bisect_left(page.sentences, (start, 0)) - 1
    if at < 0 or page.paragraph_at(page.sentences[at][0]) != page.paragraph_at(start):
        return None
    begin, end = page.sentences[at]
    about = _ABOUT.search(page.text, begin, end)
    step = steps.find(page.text, about.start("w"), about.end("w") + 8) if about else []
    return Read(EVENT_STEP[about["w"]][0], *about.span("w")) if about and step else None


_CLASS = pattern(
    "a sentence about the projects of one batch",
    r"(?:在|此次|本次|本[期批次]|新)*(?P<w>签约|开工|投产|竣工)的?(?:\d+个)?项目(?:中|里|当中|方面),",
    "签约项目中,天泽县引进的车桥项目投资额最大",
    "签约项目中,",
    code="C7",
)


def of_classes(page: Page, named: list[NamedProject]) -> None:
    """Each mention in a sentence about the projects of one batch is of it, whatever the ceremony was for."""
    for one in named:
        said = one.batch is not None and (one.status is None or one.status_own)
        if one.listed or said or not (told := _of_class(page, one)):
            continue
        one.batch = told
        if one.status is None or not one.status_own:
            status = EVENT_STEP[page.text[told.start : told.end]][1]
            one.status, one.status_own = Read(status, told.start, told.end), False
            one.dates = [day for day in one.dates if day.own]


def _of_class(page: Page, one: NamedProject) -> Read[str] | None:
    """签约项目中,A…;B…: what the sentence opens with holds for all it names."""
    ended = one.status is not None and one.status.value in steps.ENDED
    about = None if ended else _CLASS.match(page.text, page.sentence_at(one.start)[0], one.start)
    return Read(EVENT_STEP[about["w"]][0], *about.span("w")) if about else None


def _take_head(page: Page, one: NamedProject, head: tuple[int, int]) -> None:
    """A row takes what the head of its section says; a step of its own says more."""
    said = one.status
    state = steps.state(page.text, *head)
    stopped = False
    if state and said and said.value == "前期手续":
        stopped = state[0] == "未开工" or state[0] in steps.ENDED
    if state and (said is None or stopped):
        one.status, one.status_own = Read(*state), False
    named = [] if state and state[0] == "未开工" else [s for s in steps.find(page.text, *head) if s.told]
    listed = any(step.label for step in named[-1:])
    ended = said is not None and said.value in steps.ENDED and said.value != "停工"
    begins = one.row or sections.is_line(page, one.start)
    if begins and one.batch is None and (said is None or (listed and not ended)) and named:
        one.batch = Read(named[-1].batch, named[-1].start, named[-1].end)
        step = named[-1]
        done = page.text.endswith("已", 0, step.start) if step.label else step.counted
        if said is None and state is None and done:
            one.status, one.status_own = Read(named[-1].status, named[-1].start, named[-1].end), False
        if one.period is None and (periods := period_words(page.text, *head)):
            one.period = periods[-1]


def _is_example(text: str, sentence: int, one: NamedProject) -> bool:
    """Whether the words before a name make it one of those that a total counts: 其中,总投资8亿元的A…;B…."""
    lead = text[sentence : one.start]
    if _EXAMPLE.search(lead[-60:]):
        return True
    among = re.search(r"其中[,:]?(?P<rest>(?:(?!其中).)*)$", lead)
    return bool(
        among
        and _SUBJECT.match(re.split(r"[;、,:]", among["rest"])[-1])
        and not steps.find(lead, max(among.start("rest"), lead.rfind(";") + 1), len(lead))
    )
