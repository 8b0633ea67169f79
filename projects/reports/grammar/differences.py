"""Where a report does not agree with itself. It is told, never repaired."""

from __future__ import annotations

import re
from collections.abc import Iterator

from projects import money
from projects.reports.grammar import merging, sections
from projects.reports.grammar.batches import BatchList
from projects.reports.grammar.intents import amount_role
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import Difference, NamedProject, Read, StatedTotal

_TOTAL_BEHIND = re.compile(r"[,、]?(?:计划|预计|合计|累计|共计?|总计)*(?:总投资|投资总额|总额|投资)(?:为|共|达)*")
WORDS = {"sign": "签约", "start": "开工", "produce": "投产"}


def find(
    page: Page, lists: list[BatchList], records: list[NamedProject], figures: list[StatedTotal]
) -> list[Difference]:
    """Every place where the report contradicts itself or cannot be read."""
    items = [*_counts(lists), *_rows(page, records), *_items(page, lists, records)]
    return [*items, *_sums(figures), *_unreadable(page), *merging.possible_duplicates(records)]


def _unreadable(page: Page) -> Iterator[Difference]:
    """An investment with lost digits (".6亿元") is told, never guessed at."""
    for found in page.money:
        before = page.text[max(0, found.start - 16) : found.start]
        if found.amount is None and amount_role(before) in ("total", "annual", "completed"):
            printed = page.printed(found.start, found.end)
            sentence = f"金额“{printed}”读不出数来，已留空，请核对原文。"
            yield Difference("unreadable_amount", sentence, printed, "", ((found.start, found.end),), open=True)


def _counts(lists: list[BatchList]) -> Iterator[Difference]:
    for made in lists:
        if made.count is None or made.open or made.count.value == len(made.items):
            continue
        label = f"{WORDS[made.batch.value]}一批" if made.batch else "项目"
        sentence = f"“{label}”写明{made.count.value}个，实际列出{len(made.items)}个，请核对原文。"
        spans = ((made.count.start, made.count.end), (made.start, made.end))
        yield Difference("count_mismatch", sentence, str(made.count.value), str(len(made.items)), spans, open=True)


def _rows(page: Page, records: list[NamedProject]) -> Iterator[Difference]:
    """A section whose head says how many, against the rows below it."""
    for label, count, rows in sections.counts(page, records):
        if count.value != len(rows):
            sentence = f"“{WORDS[label.batch]}一批”写明{count.value}个，实际列出{len(rows)}个，请核对原文。"
            spans = ((count.start, count.end), (rows[0].start, rows[-1].end))
            yield Difference("count_mismatch", sentence, str(count.value), str(len(rows)), spans, open=True)


def _items(page: Page, lists: list[BatchList], records: list[NamedProject]) -> Iterator[Difference]:
    """The amounts of a list's items against the total stated behind the list."""
    by_start = {one.start: one.amount for one in records}
    for made in lists:
        priced = [a for item in made.items if (a := item.amount or by_start.get(item.start))]
        total = _total_behind(page, made)
        if not priced or total is None or any(a.value.currency != "CNY" for a in priced):
            continue
        low, high = sum(a.value.low for a in priced), sum(a.value.high for a in priced)
        rough = any(a.value.qualifier for a in priced)
        declared = made.count.value if made.count else len(made.items)
        if len(priced) == len(made.items) == declared and not made.open:
            fits = _near(total.value, low, high, rough=rough)
        else:
            fits = low <= total.value.high or _near(total.value, low, high, rough=rough)
        if not fits:
            stated, found = money.show_amount(total.value), money.show(low)
            sentence = f"名单中写明投资额的{len(priced)}个项目合计{found}，名单后的总投资写为{stated}，请核对原文。"
            spans = ((total.start, total.end), *((a.start, a.end) for a in priced))
            yield Difference("item_sum_mismatch", sentence, stated, found, spans, open=True)


def _total_behind(page: Page, made: BatchList) -> Read[money.Amount] | None:
    """ "…、C项目,总投资9.7亿元": the amount behind the last item, of the list as a whole."""
    end = page.sentence_at(made.start)[1]
    words = _TOTAL_BEHIND.match(page.text, made.end, end)
    found = next(iter(money.find(page.text[words.end() : end])), None) if words else None
    if words is None or found is None or found.amount is None or found.start > 0 or found.amount.currency != "CNY":
        return None
    return Read(found.amount, words.end() + found.start, words.end() + found.end)


def _near(stated: money.Amount, low: int, high: int, *, rough: bool) -> bool:
    margin = stated.low // 100 if rough or stated.qualifier else 0
    return low - margin <= stated.high and stated.low <= high + margin


def missing_bracket(made: BatchList, run: int, period: Read[int] | None) -> Difference:
    """The last run of a list has no period bracket. Open when nothing else in the report tells the period."""
    label = f"{WORDS[made.batch.value]}一批" if made.batch else "名单"
    spans = ((made.items[-run].start, made.items[-1].end),)
    if period is None:
        sentence = f"“{label}”最后{run}个项目没有注明期数，期数留空，请核对。"
        return Difference("missing_bracket", sentence, "", str(run), spans, open=True)
    sentence = (
        f"“{label}”最后{run}个项目没有注明期数；文中第{period.value}期{label}正是{run}个，按第{period.value}期登记。"
    )
    return Difference("missing_bracket", sentence, str(run), str(run), (*spans, (period.start, period.end)))


def _sums(figures: list[StatedTotal]) -> Iterator[Difference]:
    """A whole against its three batches: count and money."""
    batches = _one_of_each(figures)
    if len(batches) < 3:
        return
    count = sum(t.count.value for t in batches if t.count)
    whole = _whole(figures, batches, count)
    if whole is None or whole.amount is None or not all(t.amount for t in batches):
        return
    if whole.count and whole.count.value != count:
        spans = tuple((t.count.start, t.count.end) for t in (whole, *batches) if t.count)
        sentence = f"文中写明共{whole.count.value}个项目，三个一批合计{count}个，请核对原文。"
        yield Difference("count_sum_mismatch", sentence, str(whole.count.value), str(count), spans, open=True)
    stated = whole.amount.value
    listed = [t.amount.value.low for t in batches if t.amount]
    found = sum(listed)
    terms = " + ".join(money.show(v) for v in listed)
    spans = tuple((a.start, a.end) for a in (whole.amount, *(t.amount for t in batches if t.amount)))
    fits = _fits(stated, found)
    end = "相符" if fits else "不符，请核对"
    sentence = f"三个一批合计 {terms} = {money.show(found)}，文中总投资写为{money.show_amount(stated)}，{end}。"
    code = "sum_reconciled" if fits else "sum_mismatch"
    if found != stated.low or stated.qualifier:
        yield Difference(code, sentence, money.show_amount(stated), money.show(found), spans, open=not fits)


def _whole(figures: list[StatedTotal], batches: list[StatedTotal], count: int) -> StatedTotal | None:
    """The total that the three batches are parts of: of the same count, or the only one before them that is near it."""
    wholes = [t for t in figures if t.batch is None and t.count and t.amount and not t.filter]
    if same := [t for t in wholes if t.count and t.count.value == count]:
        return same[0]
    first = min(t.start for t in batches)
    near = [t for t in wholes if t.start < first and t.count and abs(t.count.value - count) <= max(2, count // 10)]
    return near[0] if len(near) == 1 else None


def _one_of_each(figures: list[StatedTotal]) -> list[StatedTotal]:
    """The three batches of the widest scope that states them all with an amount."""
    found = []
    for batch in ("sign", "start", "produce"):
        named = [t for t in figures if t.batch and t.batch.value == batch and t.count and t.amount and not t.filter]
        if named:
            found.append(max(named, key=lambda t: t.count.value if t.count else 0))
    return found


def _fits(stated: money.Amount, found: int) -> bool:
    """Whether a sum fits a stated amount: exactly, or for 约 / 近 / 超 within one per cent."""
    low, high = stated.low, stated.high
    if stated.qualifier in ("about", "near", "over", "under"):
        margin = low // 100
        return low - margin <= found <= high + margin
    return low <= found <= high
