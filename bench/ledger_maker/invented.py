"""Projects that nobody builds, whose figures fit together: the sums of months, years and totals agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from stdnum.cn import uscc

from bench.ledger_maker import words

WAN: Final = 10_000
NATURES: Final = ("续建", "新开工", "竣工投产", "预备")


@dataclass(frozen=True)
class Project:
    """Amounts in yuan; `months` are what was done from January to December of `year`."""

    words: dict[str, str]
    year: int
    nature: str
    investment: int
    annual_plan: int
    last_year_done: int
    months: tuple[int, ...]
    days: dict[str, date]
    land: float
    started: bool
    entered: bool

    def done(self, month: int) -> int:
        """From January to the end of that month."""
        return sum(self.months[:month])

    def percent(self, month: int) -> float:
        """Of the year's plan, in points with two decimals."""
        return round(100 * self.done(month) / self.annual_plan, 2)


def projects(rng: Random, count: int, year: int) -> Sequence[Project]:
    """Different in name and company, whatever the count."""
    combined = [(brand, product) for brand in words.BRANDS for product in words.PRODUCTS]
    return [_project(rng, number, *pair, year) for number, pair in enumerate(rng.sample(combined, count))]


def _project(rng: Random, number: int, brand: str, product: tuple[str, str, str, str], year: int) -> Project:
    nature = rng.choices(NATURES, (5, 3, 2, 1))[0]
    begun = {"续建": year - rng.randint(1, 2), "竣工投产": year - 2, "新开工": year, "预备": year + 1}[nature]
    ended = year if nature == "竣工投产" else max(begun + rng.randint(1, 3), year + 1)
    investment = rng.choice((12, 23, 35, 52, 68, 80, 105, 120, 150, 236, 300, 465, 800, 1200)) * 1000 * WAN
    plan = int(investment * rng.uniform(0.15, 0.4) / (500 * WAN)) * 500 * WAN
    before = 0 if nature in ("新开工", "预备") else int(investment * rng.uniform(0.1, 0.4) / (100 * WAN)) * 100 * WAN
    months = [0 if nature == "预备" else int(plan / 12 * rng.uniform(0.5, 1.3) / 100_000) * 100_000 for _ in range(12)]
    return Project(
        _told(rng, number, brand, product, year),
        year, nature, investment, plan, before, tuple(months),
        {
            "start": date(begun, rng.randint(1, 6) if nature == "新开工" else rng.randint(1, 12), rng.randint(1, 28)),
            "finish": date(ended, rng.randint(7, 12), rng.randint(1, 28)),
            "produced": date(ended + 1, rng.randint(1, 6), rng.randint(1, 28)),
        },
        float(rng.randint(18, 460)), nature != "预备", nature in ("续建", "竣工投产"),
    )  # fmt: skip


def _told(rng: Random, number: int, brand: str, product: tuple[str, str, str, str], year: int) -> dict[str, str]:
    what, trade, category, content = product
    code = f"91419{rng.randint(100, 999)}MA{rng.randint(10**6, 10**7 - 1)}"[:17]
    departments = rng.sample(words.DEPARTMENTS, rng.choices((1, 2), (4, 1))[0])
    roads = rng.choice(("云栈大道", "望岫路", "青禾路", "石埠三街")), rng.choice(("经六路", "纬九路", "工业二路"))
    project = f"{str(year)[2:]}{rng.randint(1, 12):02}-419{rng.randint(100, 999)}-04-01-{rng.randint(10**5, 10**6 - 1)}"
    ending = "" if what.endswith(("工程", "园", "基地")) else "项目"
    return {
        "name": f"{brand}{what}{ending}",
        "company": f"青岚{brand}{trade}有限公司",
        "credit_code": code + uscc.calc_check_digit(code),
        "national_code": project,
        "department": rng.choice("、,，/").join(departments),
        "district": rng.choice(words.DISTRICTS),
        "address": f"{roads[0]}与{roads[1]}交叉口{rng.choice('东西南北')}侧",
        "category": category,
        "importance": rng.choice(("省重点", "市重点", "区重点", "储备项目")),
        "content": content,
        "leader": rng.choice(words.LEADERS),
        "contact": rng.choice(words.CONTACTS),
        "phone": f"1380000{rng.randint(1000, 9999)}",
        "batch": rng.choice(("签约一批", "开工一批", "投产一批")),
        "period": f"第{rng.choice('五六七八九')}期",
        "problem": rng.choice(words.PROBLEMS),
        "request": rng.choice(words.REQUESTS),
        "note": rng.choice(words.NOTES),
        "serial": str(number + 1),
    }  # fmt: skip
