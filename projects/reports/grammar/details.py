"""What the report says of each named project: amount, status, dates, company, period. Working-copy offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from projects import dates, money
from projects.reports.grammar import steps
from projects.reports.grammar.batches import PERIOD
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import NamedProject, Read, StatedDate, StatedTotal
from projects.reports.grammar.words import COUNTED, NUMBER, amount_role, number

_COMPANY = re.compile(
    r"(?:由|投资方(?:是|为|系)?|业主(?:单位)?(?:是|为)|建设单位(?:是|为)?)(?P<c>[^,。;:]{2,60}?(?:公司|集团|研究院))(?=投资|开发|建设|出资|合资|组建|兴建|承建|[,。;]|$)"
)
_PAYER = re.compile(r"(?<=[,。;])(?P<c>[㐀-鿿()]{2,24}(?:公司|集团))出资")
_OWN_TOTAL = re.compile(rf"{NUMBER}{COUNTED}[^,。;]{{0,12}}项目|项目{NUMBER}{COUNTED}")
_FOLLOW = re.compile(r"(?:该|此|这个|这一)?项目|园区|其|一期|首期")
_PHASE = re.compile(r"(?P<p>[一二三四五六首]期)[^,。;、]{0,6}$")
_BEFORE = (
    ("谋划", re.compile(r"谋划|规划建设|拟建")),
    ("新上", re.compile(r"新上")),
    ("在谈", re.compile(r"洽谈|在谈|(?:力争|争取|拟|意向)签约")),
)
_ONE_OF = re.compile(r"(?P<w>签约|开工|动工|投产)项目之一")
_ZONE_HEAD = re.compile(
    r"(?:[㐀-鿿]{2,10}?(?:开发区|高新区|示范区|经开区|集聚区)|[㐀-鿿]{2,3}?[县市区])(?=[㐀-鿿\dA-Za-z“]{4})"
)
_EVENT = re.compile(r"集中(?P<w>开工|动工|签约|投产|竣工)")
_EVENT_STEP = {
    "签约": ("sign", "已签约", "signed"),
    "开工": ("start", "已开工", "started"),
    "动工": ("start", "已开工", "started"),
    "投产": ("produce", "已投产", "produced"),
    "竣工": ("produce", "已竣工", "completed"),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the report speaks of a project: its own words, and the sentences that go on about it."""

    before: tuple[int, int]
    own: tuple[int, int]
    more: tuple[int, int]


def describe(page: Page, records: list[NamedProject], on: dates.DateSpan | None) -> None:
    """Fill in what the words around each record say of it."""
    reaches = [_reach(page, records, at) for at in range(len(records))]
    _share(page, records, reaches)
    together = _together(page, records, reaches)
    for one, reach in zip(records, reaches, strict=True):
        if not one.listed:
            _period(page, one, reach)
            if id(one) not in together:
                _amounts(page, one, reach)
            _status(page, one, reach)
            _dates(page, one, reach, on)
        if not one.company:
            _company(page, one, reach)
    _distribute(page, records, reaches)
    _same_day(page, records, reaches)
    _event(page, records, on)
    _ceremony(page, records, on)
    for one in records:
        _zone(page, one)


def _reach(page: Page, records: list[NamedProject], at: int) -> Reach:
    one = records[at]
    text = page.text
    sentence, sentence_end = page.sentence_at(one.start)
    stop = records[at + 1].start if at + 1 < len(records) else len(text)
    group = min((i for i in range(one.end, sentence_end) if text[i] == ";"), default=sentence_end)
    own_end = min(stop, group)
    if one.row and sentence_end <= one.end + 1:
        own_end = min(stop, page.paragraph_at(one.start)[1])
    before = max(sentence, *(text.rfind(mark, 0, one.start) + 1 for mark in ",。;:\n"))
    if at and records[at - 1].end > before:
        before = records[at - 1].end
    return Reach((before, one.start), (one.end, own_end), (own_end, _goes_on(page, own_end, stop)))


def _goes_on(page: Page, begin: int, stop: int) -> int:
    """End of the sentences after this one, in the same paragraph, that speak of "该项目"."""
    end = begin
    last = page.paragraph_at(max(begin - 1, 0))[1]
    for s, e in page.sentences:
        if s < begin:
            continue
        if s >= min(stop, last) or not _FOLLOW.match(page.text[s:e].lstrip("“ ")):
            break
        end = min(e, stop)
    return end


def _share(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """ "A和投资5亿元的B开工建设": what is said after B is said of A as well; what leads up to A leads up to B."""
    for at in range(len(records) - 2, -1, -1):
        between = page.text[records[at].end : records[at + 1].start]
        joined = 0 < len(between) < 24 and not re.search(r"[,。;:!?\n]", between)
        if joined and not records[at].listed:
            reaches[at] = Reach(reaches[at].before, reaches[at + 1].own, reaches[at + 1].more)
    for at in range(1, len(records)):
        if reaches[at].own == reaches[at - 1].own:
            reaches[at] = Reach(reaches[at - 1].before, reaches[at].own, reaches[at].more)


def _together(page: Page, records: list[NamedProject], reaches: list[Reach]) -> set[int]:
    """Projects named together: an amount after the last of them is their sum, and nobody's own."""
    found: set[int] = set()
    for at in range(len(records) - 1):
        if reaches[at].own != reaches[at + 1].own or records[at].listed or reaches[at].own[0] < records[at + 1].end:
            continue
        for one in records[at : at + 2]:
            found.add(id(one))
            if one.amount and one.amount.start >= one.end and not _bracketed(page.text, one):
                one.amount = None
    return found


def _bracketed(text: str, one: NamedProject) -> bool:
    """N(4.5亿元): the amount is the item's own."""
    return bool(
        one.amount and text[one.end : one.amount.start].strip() in ("(", "") and one.amount.start - one.end <= 1
    )


def _period(page: Page, one: NamedProject, reach: Reach) -> None:
    """作为第五期“三个一批”开工项目: a period said of the project itself."""
    if one.period:
        return
    sentence = page.sentence_at(one.start)[0]
    within = re.search(
        r"第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,3})[期次批][^,。;]{0,14}(?:中|里|内),?$",
        page.text[sentence : one.start],
    )
    if within and (value := number(within.group("n"))):
        one.period = Read(value, sentence + within.start(), sentence + within.end("n") + 1)
        labels = steps.find(page.text, sentence + within.start(), one.start)
        if labels and one.batch is None:
            one.batch = Read(labels[-1].batch, labels[-1].start, labels[-1].end)
        return
    for start, end in (reach.own, reach.before):
        for m in PERIOD.finditer(page.text, start, end):
            role = re.match(r"“?三个一批”?(签约|开工|投产)项目", page.text[m.end() :])
            if role and (value := number(m.group("n"))):
                one.period, one.period_role = Read(value, m.start(), m.end()), role.group(1)
                one.batch = one.batch or Read(
                    _EVENT_STEP[role.group(1)][0], m.end() + role.start(1), m.end() + role.end(1)
                )
                return


def _amounts(page: Page, one: NamedProject, reach: Reach) -> None:
    text = page.text
    for start, end in (reach.own, reach.more):
        if counted := _OWN_TOTAL.search(text, start, end):
            end = counted.start()
        for found in money.find(text[start:end]):
            s, e = start + found.start, start + found.end
            before = text[start:s]
            if found.amount is None:
                continue
            value = Read(found.amount, s, e)
            if _PHASE.search(before):
                one.parts.append(value)
                if _only_phase(text, one, before):
                    one.amount = one.amount or value
                continue
            role = amount_role(before) or ("total" if re.search(r"(?:^|[,:(])$", before) else None)
            if before.endswith("调整为") and role is None:
                role, one.amount = "total", None
            _keep(one, role, value)


def _only_phase(text: str, one: NamedProject, before: str) -> bool:
    """一期总投资4亿元 with nothing said of a whole: the only figure there is."""
    return bool(re.search(r"[一首]期总投资[约为]?$", before)) and one.amount is None


def _keep(one: NamedProject, role: str | None, value: Read[money.Amount]) -> None:
    if role == "annual":
        one.annual_plan = one.annual_plan or value
    elif role == "completed":
        one.completed = one.completed or value
    elif role == "total":
        one.amount = one.amount or value


def _distribute(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """A和B分别涉资7亿元和4亿元: amounts in the order of the names."""
    groups: dict[tuple[int, int], list[NamedProject]] = {}
    for one, reach in zip(records, reaches, strict=True):
        if not one.listed and reach.own[1] > reach.own[0]:
            groups.setdefault(reach.own, []).append(one)
    for (start, end), group in groups.items():
        words = page.text.find("分别", start, end)
        if len(group) < 2 or words < 0:
            continue
        found = [f for f in money.find(page.text[words:end]) if f.amount]
        if len(found) >= len(group):
            for one, amount in zip(group, found, strict=False):
                if amount.amount:
                    one.amount = Read(amount.amount, words + amount.start, words + amount.end)


def _status(page: Page, one: NamedProject, reach: Reach) -> None:
    text = page.text
    if m := _ONE_OF.search(text, *reach.own):
        batch, status, _ = _EVENT_STEP[m.group("w")]
        one.batch, one.status = Read(batch, m.start("w"), m.end("w")), Read(status, m.start("w"), m.end("w"))
        return
    found = steps.state(text, *reach.own) or steps.state(text, *reach.more)
    if found and one.status is None:
        one.status = Read(*found)
    if one.status is None:
        one.status = _status_before(text, reach)
    _batch_of_steps(text, one, reach)


def _status_before(text: str, reach: Reach) -> Read[str] | None:
    for status, words in _BEFORE:
        if m := words.search(text, *reach.before):
            return Read(status, m.start(), m.end())
    asserted = [s for s in steps.find(text, *reach.before) if s.asserted]
    if asserted:
        return Read(asserted[-1].status, asserted[-1].start, asserted[-1].end)
    return None


def _batch_of_steps(text: str, one: NamedProject, reach: Reach) -> None:
    """The last step the words assert; a project that is only being built, planned or stopped is in no batch."""
    if one.batch:
        return
    found = [s for s in (*steps.find(text, *reach.before), *steps.find(text, *reach.own)) if s.asserted]
    if found and one.status and one.status.value in {s.status for s in found}:
        last = next(s for s in reversed(found) if s.status == one.status.value)
        one.batch = Read(last.batch, last.start, last.end)


def _dates(page: Page, one: NamedProject, reach: Reach, on: dates.DateSpan | None) -> None:
    text = page.text
    begin = page.sentence_at(one.start)[0]
    places = [p for part in (reach.before, reach.own, reach.more) for p in steps.dated(text, *part)]
    for found in _with_years(dates.find(text[begin : reach.more[1]], on=on), text[begin : reach.more[1]]):
        s, e = begin + found.start, begin + found.end
        following = [p for p in places if p[0] >= e]
        if "以来" in text[s : e + 2] or found.span.precision == "range":
            continue
        if not following or re.search(r"截至|以来|[。;]", text[max(begin, s - 3) : s] + text[e : following[0][0]]):
            continue
        place, role, planned = following[0]
        if s >= one.end and place - e > 16:
            continue
        if s < one.start and not _leads(text, e, one.start):
            continue
        future = planned or _after(found.span, on) or found.partial.startswith("+")
        certainty = "planned" if future else "actual"
        if not any(d.role == role for d in one.dates):
            one.dates.append(StatedDate(role, certainty, found.span, s, e, found.partial))


def _with_years(found: list[dates.FoundDate], text: str) -> list[dates.FoundDate]:
    """明年5月建成、8月投产: the second month is of the same year as the first."""
    made: list[dates.FoundDate] = []
    for one in found:
        before = made[-1] if made else None
        if before and one.start - before.end <= 6 and re.fullmatch(r"\d{1,2}月", one.text) and before.span.first:
            near = text[before.end : one.start]
            if not re.search(r"[。;]", near):
                read = dates.read(f"{before.span.first.year}年{one.text}")
                one = replace(one, span=read, partial="")
        made.append(one)
    return made


def _after(span: dates.DateSpan, on: dates.DateSpan | None) -> bool:
    return bool(span.first and on and on.last and span.first > on.last)


def _leads(text: str, end: int, name: int) -> bool:
    """Whether a date before the name opens the sentence for it: no other step in between."""
    between = [step for step in steps.find(text, end, name) if step.asserted]
    return name - end < 60 and all(re.match(r"(?:总投资|[^,。;]{0,4}$|的)", text[step.end : name]) for step in between)


def _same_day(page: Page, records: list[NamedProject], reaches: list[Reach]) -> None:
    """A投产…;B同日开工: the day of the one is the day of the other."""
    for at, (one, reach) in enumerate(zip(records, reaches, strict=True)):
        if not at or not one.batch or "同日" not in page.text[slice(*reach.own)]:
            continue
        day = next((d for d in records[at - 1].dates if d.certainty == "actual"), None)
        role = {"sign": "signed", "start": "started", "produce": "produced"}[one.batch.value]
        if day and not any(d.role == role for d in one.dates):
            one.dates.append(replace(day, role=role))


def _zone(page: Page, one: NamedProject) -> None:
    """A zone printed at the head of the name."""
    head = _ZONE_HEAD.match(page.text[one.start : one.end])
    if head and one.zone is None:
        end = one.start + head.end()
        one.zone = Read(page.printed(one.start, end), one.start, end)


def _company(page: Page, one: NamedProject, reach: Reach) -> None:
    for start, end in (reach.own, reach.more):
        if not one.listed and (m := _COMPANY.search(page.text, start, end) or _PAYER.search(page.text, start, end)):
            one.company = Read(page.printed(m.start("c"), m.end("c")), m.start("c"), m.end("c"))
            return


def _event(page: Page, records: list[NamedProject], on: dates.DateSpan | None) -> None:
    """A report of one ceremony (集中开工): its step and its day belong to every project named after it."""
    text = page.text
    opening = page.sentences[:2]
    found = next((m for s, e in opening if (m := _EVENT.search(text, s, e))), None)
    if not found or re.search(r"(?:签约|开工|投产)一批|三个一批", text):
        return
    batch, status, role = _EVENT_STEP[found.group("w")]
    begin = page.sentence_at(found.start())[0]
    days = [d for d in dates.find(text[begin : found.start()], on=on) if "日" in d.text]
    for one in records:
        if one.start < found.start() or one.batch:
            continue
        if one.status and one.status.value not in ("在建", status):
            continue
        one.batch, one.status = Read(batch, *found.span("w")), Read(status, *found.span("w"))
        if days and not any(d.role == role for d in one.dates):
            day = days[-1]
            one.dates.append(StatedDate(role, "actual", day.span, begin + day.start, begin + day.end, day.partial))


def _ceremony(page: Page, records: list[NamedProject], on: dates.DateSpan | None) -> None:
    """上台签约的14个项目是…: the day of the activity that the report opens with is the day of what was done there."""
    for start, end in page.sentences[:2]:
        held = re.search(r"活动|仪式|举行|集中", page.text[start:end])
        day = next((d for d in dates.find(page.text[start:end], on=on) if "日" in d.text), None)
        if not held or not day:
            continue
        for one in records:
            together = one.listed or (one.status and page.text[: one.status.start].endswith("集中"))
            done = together and one.batch and one.status and one.status.start > start and not one.dates
            if done and one.batch and one.status and one.status.value in ("已签约", "已开工", "已投产"):
                role = {"sign": "signed", "start": "started", "produce": "produced"}[one.batch.value]
                one.dates.append(StatedDate(role, "actual", day.span, start + day.start, start + day.end, day.partial))
        return


def inherit(page: Page, records: list[NamedProject], figures: list[StatedTotal]) -> None:
    """What stands in the head of a section, or in the total that a project is an example of, holds for it."""
    for one in records:
        head = _section_head(page, one.start) if one.row or (one.listed and not one.batch) else None
        if head and one.status is None and (found := steps.state(page.text, *head)):
            one.status = Read(*found)
        if one.row and one.batch is None and head and one.status is None:
            named = [s for s in steps.find(page.text, *head) if not s.planned]
            if named:
                one.batch = Read(named[-1].batch, named[-1].start, named[-1].end)
        if one.batch or one.status:
            continue
        lead = page.text[max(page.sentence_at(one.start)[0], one.start - 60) : one.start]
        if re.search(
            r"(?:有|包括|其中|以|为)(?:总?投资[^,。;]{1,14}的)?(?:[^,。;]{0,60}、(?:总?投资[^,。;]{1,14}的)?)?$", lead
        ):
            paragraph, sentence = page.paragraph_at(one.start)[0], page.sentence_at(one.start)[0]
            if new := re.search("新上", page.text[sentence : one.start]):
                one.status = Read("新上", sentence + new.start(), sentence + new.end())
                continue
            before = [t for t in figures if paragraph <= t.start < one.start and t.batch]
            if before and before[-1].batch:
                one.batch = before[-1].batch


def _section_head(page: Page, at: int) -> tuple[int, int] | None:
    """The nearest paragraph above that ends in a colon or dash and is not itself a row."""
    for start, end in reversed(page.paragraphs):
        line = page.text[start:end].rstrip()
        if end <= at and (
            line.endswith(":") or (len(line) < 30 and steps.find(page.text, start, end) and "。" not in line)
        ):
            return start, end
    return None
