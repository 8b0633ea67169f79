"""Where a report does not agree with itself. It is told, never repaired."""

from __future__ import annotations

from collections.abc import Iterator

from projects import money
from projects.reports.grammar import merging
from projects.reports.grammar.batches import BatchList
from projects.reports.grammar.page import Page
from projects.reports.grammar.records import Difference, NamedProject, Read, StatedTotal
from projects.reports.grammar.words import amount_role

WORDS = {"sign": "签约", "start": "开工", "produce": "投产"}


def find(
    page: Page, lists: list[BatchList], records: list[NamedProject], figures: list[StatedTotal]
) -> list[Difference]:
    """Every place where the report contradicts itself or cannot be read."""
    return [*_counts(lists), *_sums(figures), *_unreadable(page), *merging.possible_duplicates(records)]


def _unreadable(page: Page) -> Iterator[Difference]:
    """An investment with lost digits (".6亿元") is told, never guessed at."""
    for found in money.find(page.text):
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
