"""What a row says was achieved."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from projects import dates, money, plans
from projects.ledgers.judging.identity import Identity
from projects.ledgers.judging.works import CHANGED, CONFLICT, NEW, NOTE, plainly
from projects.ledgers.known import Figures
from projects.ledgers.said import WORDS, Spot
from projects.models import Progress
from projects.money import Amount

UNLIKELY: Final = 3  # so many times the year's plan is a slip of the unit rather than a success


class Achieved(Identity):
    """Figures and words up to the end of months, by channel. A reviewed month is locked."""

    def figures(self) -> None:
        told: dict[tuple[str, int, int], dict[str, Spot]] = {}
        months: dict[tuple[str, int, int], Spot] = {}
        for spot in self.said.figures:
            code = spot.column.meaning
            when = self._when(spot)
            if when is None:
                continue
            channel = Progress.Channel.STATISTICS if code.startswith("stats_") else Progress.Channel.REPORTED
            key = str(channel), *when
            if code in WORDS:
                told.setdefault(key, {}).setdefault(WORDS[code], spot)
            elif not isinstance(spot.value, Amount) or spot.value.currency != "CNY":
                self.add(spot, NOTE, "", plainly(spot.value), "不是人民币，没有读入")
            elif code in ("month_done", "stats_month"):
                months[key] = spot
            else:
                told.setdefault(key, {})["total" if code == "total_done" else "amount"] = spot
        left: dict[tuple[str, int], list[tuple[int, Spot]]] = {}
        for key in sorted({*told, *months}):
            alone = months.get(key)
            if self._month(key, told.get(key, {}), alone) and alone is not None:
                left.setdefault(key[:2], []).append((key[2], alone))
        for at, spots in left.items():
            sums = [key[2] for key, values in told.items() if key[:2] == at and "amount" in values]
            self._left(spots, max((month for month in sums if month >= spots[-1][0]), default=None))

    def _left(self, spots: list[tuple[int, Spot]], summed: int | None) -> None:
        """Months that cannot be added up, all of them in one sentence; `summed` is a later month whose sum is told."""
        names = "、".join(f"{month}月" for month, _ in spots)
        told = f"{names}的数没有单独登记：截至{summed}月的累计数里已有"
        if summed is None:
            told = f"不知道截至{spots[0][0] - 1}月底的累计数，{names}的数没有加进去"
        self.add(spots[0][1], NOTE, "", "、".join(plainly(spot.value) for _, spot in spots), told)

    def _when(self, spot: Spot) -> tuple[int, int] | None:
        """The year and month up to which it holds. Words without any are of the month in which they came."""
        year, month = self._month_of_row()
        year, month = year or spot.column.year, month or spot.column.month
        if spot.column.meaning in WORDS:
            table, on = self.said.table.table, self.judge.on
            year, month = year or table.year or on.year, month or table.month or on.month
        return (year, month) if year and month else None

    def _month(
        self,
        key: tuple[str, int, int],
        spots: dict[str, Spot],
        alone: Spot | None,
    ) -> bool:
        """Tell a month; whether the figure of it alone is left over."""
        channel, year, month = key
        anyone = alone or next(iter(spots.values()))
        if date(year, month, 1) > self.judge.today:
            if any(not isinstance(spot.value, Amount) or spot.value.high for spot in (*spots.values(), alone) if spot):
                self.add(anyone, NOTE, "", "", f"{year}年{month}月还没有到，没有读入")
            return False
        values: dict[str, Any] = {}
        for name, spot in spots.items():
            value = _figure(name, spot.value)
            if value is None:
                self.add(spot, CONFLICT, "", str(spot.value), "形象进度应在 0 到 100 之间，没有读入")
            elif value != "":
                values[name] = value
        left = False
        if alone and "amount" not in values:
            before = self._before(channel, year, month)
            if before is None:
                left = True
            else:
                values["amount"], spots = before + alone.value.high, {**spots, "amount": alone}
        if values:
            self._tell(key, values, spots)
        return left

    def _before(self, channel: str, year: int, month: int) -> int | None:
        """The year's figure up to the month before."""
        if month == 1:
            return 0
        held = self.known.progress.get((channel, year, month - 1))
        return held.amount if held else None

    def _tell(self, key: tuple[str, int, int], values: dict[str, Any], spots: dict[str, Spot]) -> None:
        channel, year, month = key
        held, told_by = self.known.progress.get(key), f"{year}年{month}月"
        up_to = self._up_to(year, month, held, values)
        if up_to is not None:
            # Of another day of the month nothing is corrected; it is a figure of its own.
            held, told_by = held if held and held.up_to == up_to else None, dates.show(dates.read(up_to))
        locked = channel == Progress.Channel.REPORTED and (year, month) in self.known.reviewed
        told: dict[str, Any] = {}
        for name, value in values.items():
            old = getattr(held, name) if held else None
            if value == old or (name == "total" and old is None and value == self._derived(year, held)):
                continue
            shown = _shown(name, old), _shown(name, value)
            doubt = self._doubt(key, name, value, held, locked)
            if doubt:
                self.add(spots[name], CONFLICT, *shown, doubt)
                continue
            told[name] = value
            kind = NEW if old in (None, "") else CHANGED
            self.add(spots[name], kind, *shown, f"截至{told_by}" if kind == NEW else f"更正截至{told_by}的数")
        if not told:
            return
        up_to = up_to or (held.up_to if held else min(plans.month_end(year, month), self.judge.today))
        empty = {"amount": None, "total": None, "percent": None, "words": ""}
        self.work.tellings[channel, up_to] = {**empty, **self.work.tellings.get((channel, up_to), {}), **told}
        kept = held or Figures(up_to)
        for name, value in told.items():
            setattr(kept, name, value)
        kept.source = self.judge.source
        self.known.progress[key] = kept

    def _derived(self, year: int, held: Figures | None) -> int | None:
        """The sum since the project began that follows from what is known: a ledger that we gave out says it."""
        plan = self.known.plans.get(year)
        if held is None or held.amount is None or plan is None or plan.carried is None:
            return None
        return held.amount + plan.carried

    def _up_to(self, year: int, month: int, held: Figures | None, values: dict[str, Any]) -> date | None:
        """The day up to which the table says that its figures hold (截至6月25日), or the end of the month where what is
        known is of an earlier day and less; None where it is the day of what is known, if anything is.
        """
        table, end = self.said.table.table, plans.month_end(year, month)
        if table.day is None or (table.year, table.month) != (year, month) or any(self._month_of_row()):
            sums = values.keys() & {"amount", "total"}
            grown = held is not None and any(values[name] > (getattr(held, name) or 0) for name in sums)
            return end if held is not None and held.up_to < end <= self.judge.today and grown else None
        return min(end.replace(day=min(table.day, end.day)), self.judge.today)

    def _doubt(self, key: tuple[str, int, int], name: str, value: Any, held: Figures | None, locked: bool) -> str:
        """Why a figure is not written; "" if it may be."""
        channel, year, month = key
        if locked:
            return f"{year}年{month}月的月报已审核锁定，没有改动：更正请先由领导批准重新打开"
        if name not in ("amount", "total") or self.sure:
            return ""
        if held and getattr(held, name) is not None:
            ours = held.source == self.judge.source or held.source in self.judge.around.earlier
            if not ours:
                return "与已有的数不一致，没有改动：确认以台账为准的，请勾选“确认无误”"
            if value < getattr(held, name):
                return "比原来报的少：确认无误的，请勾选“确认无误”"
        for earlier in range(month if held is None else month - 1, 0, -1):
            row = self.known.progress.get((channel, year, earlier))
            figure = getattr(row, name) if row else None
            if figure is not None:
                if value < figure:
                    return f"累计数比截至{earlier}月底的 {money.show(figure)} 还少：确认无误的，请勾选“确认无误”"
                break
        plan = self.known.plans.get(year)
        if name == "amount" and plan and plan.amount and not plan.withdrawn and value > UNLIKELY * plan.amount:
            return (
                f"是年度计划 {money.show(plan.amount)} 的 {UNLIKELY} 倍以上，请核对单位；确认无误的，请勾选“确认无误”"
            )
        return ""


def _figure(name: str, value: Any) -> Any:
    """A figure as progress keeps it; None for what it cannot be, "" for nothing."""
    if name in ("amount", "total"):
        return value.high
    if name == "percent":
        return round(value) if isinstance(value, (int, float)) and 0 <= value <= 100 else None
    return str(value).strip()


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if name in ("amount", "total"):
        return money.show(value)
    return f"{value}%" if name == "percent" else str(value)[:100]
