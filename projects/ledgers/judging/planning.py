"""What a row says of the year's plan."""

from __future__ import annotations

from typing import Any

from projects import money
from projects.ledgers.judging.identity import Identity
from projects.ledgers.judging.works import CHANGED, CONFLICT, NEW, NOTE, plainly
from projects.ledgers.known import Plan
from projects.ledgers.said import Spot
from projects.models import AnnualPlan
from projects.money import Amount
from projects.plans import cutting


class Planning(Identity):
    """The year's plan and its months. A plan that is there already is never written over."""

    def plan(self) -> None:
        years: dict[int, dict[str, Any]] = {}
        for spot in self.said.plan:
            code, value, column = spot.column.meaning, spot.value, spot.column
            if not isinstance(value, Amount) or value.currency != "CNY":
                self.add(spot, NOTE, "", plainly(value), "不是人民币，没有读入")
                continue
            year = self._month_of_row()[0] or (column.year and column.year + (code == "carried"))
            if not year:
                continue
            told = years.setdefault(year, {"months": {}, "sums": {}})
            if code == "month_plan" and spot.column.month:
                told["months"][spot.column.month] = spot
            elif code == "plan_to_date" and spot.column.month:
                told["sums"][spot.column.month] = spot
            else:
                told.setdefault(code, spot)
        for year, told in sorted(years.items()):
            self._plan_of(year, told)

    def _plan_of(self, year: int, told: dict[str, Any]) -> None:
        whole, carried = told.get("annual_plan"), told.get("carried")
        months = sorted({*told["months"], *told["sums"]})
        first = whole or next(
            (told[name][month] for month in months for name in ("months", "sums") if month in told[name]), None
        )
        if first is None:
            if carried is not None and carried.value.high:
                self._not_carried(carried, year, f"没有{year}年度计划")
            return
        sums = _sums(told["months"], told["sums"])
        if whole is None and sums.get(12) is None:
            if carried is not None:
                self._not_carried(carried, year, f"没有{year}年度计划")
            self.add(first, NOTE, "", "", "只有部分月份的计划，没有年度计划，没有读入")
            return
        amount = whole.value.high if whole else sums[12]
        targets = cutting.even_targets(amount) if not sums else _targets(amount, sums)
        if sums and (faults := cutting.faults(amount, targets)):
            self.add(first, CONFLICT, "", money.show(amount), f"逐月计划没有读入：{next(iter(faults.values()))}")
            return
        self._edition(first, year, amount, targets if sums else None, carried)

    def _not_carried(self, carried: Spot, year: int, why: str) -> None:
        """Say that what was spent before the year is not kept, and why."""
        told = money.show(carried.value.high)
        self.add(carried, NOTE, "", told, f"{why}，截至{year - 1}年底累计完成没有登记")

    def _edition(self, spot: Spot, year: int, amount: int, targets: list[int] | None, before: Spot | None) -> None:
        carried = before.value.high if before else None
        held, new, reason = self.known.plans.get(year), f"{year}年 {money.show(amount)}", ""
        method = AnnualPlan.Method.TYPED if targets else AnnualPlan.Method.EVEN
        whole = targets or cutting.even_targets(amount)
        if held is None:
            self.add(spot, NEW, "", new, "登记为草稿，批准后生效")
        elif held.withdrawn:
            reason = "上一版已作废，按台账重新登记"
            self.add(spot, NEW, "", new, reason)
        elif held.amount == amount and (targets is None or held.targets == targets):
            if None not in (carried, held.carried) and carried != held.carried:
                shown = money.show(held.carried or 0), money.show(carried or 0)
                self.add(spot, CONFLICT, *shown, f"截至{year - 1}年底累计完成与计划里的结转不一致，没有改动")
            elif before is not None and held.carried is None:
                self._not_carried(before, year, f"{year}年度计划已登记而没有写结转，要写请另拟一版")
            return
        else:
            old = f"{year}年 {money.show(held.amount)}"
            what = "年度计划" if held.amount != amount else "逐月分解"
            if not self.judge.reason:
                standing = "已批准" if held.approved else "已登记"
                self.add(spot, CONFLICT, old, new, f"{what}与{standing}的第{held.edition}版不一致：调整计划须写明原因")
                return
            reason = self.judge.reason
            self.add(spot, CHANGED, old, new, f"{what}有调整，另拟第{held.edition + 1}版：{reason}"[:200])
        if before is not None:
            old = money.show(held.carried) if held and held.carried is not None else ""
            kind = CHANGED if old and held and held.carried != carried else NEW
            sentence = f"随{year}年度计划登记为截至{year - 1}年底累计完成"
            self.add(before, kind, old, money.show(before.value.high), sentence)
        self.work.drafts[year] = (amount, whole, carried, method, reason)
        edition = held.edition + 1 if held else 1
        self.known.plans[year] = Plan(edition, amount, carried, whole, False, False)


def _sums(months: dict[int, Spot], sums: dict[int, Spot]) -> dict[int, int]:
    """Cumulative yuan by month, as far as the months are told without a gap from January."""
    found: dict[int, int] = {}
    total = 0
    for month in range(1, 13):
        if month in sums:
            total = sums[month].value.high
        elif month in months:
            total += months[month].value.high
        else:
            if not found and not months:
                continue  # only sums are told, and begin later
            if not any(later > month for later in (*months, *sums)):
                break
        found[month] = total
    return found


def _targets(amount: int, sums: dict[int, int]) -> list[int]:
    """Twelve cumulative targets: as told, and evenly from there to the plan."""
    last = max(sums)
    told = [sums.get(month, 0) for month in range(1, last + 1)]
    if last == 12:
        return told
    left, months = amount - told[-1], 12 - last
    return told + [told[-1] + left * each // months for each in range(1, months + 1)]
