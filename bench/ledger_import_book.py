"""A ledger of any number of rows, as an office keeps it: title, unit in the corner, 20 columns, a few dirty cells, a
sum below. The same for the same number and month; of the next month it has other figures and one row more in a hundred.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

import xlsxwriter

HERE: Final = Path(__file__).parent
YEAR: Final = 2023
ZONE: Final = "测算经济技术开发区"
UNITS: Final = tuple(f"{name}局" for name in ("经济发展", "招商", "自然资源", "住建", "环保", "科技", "交通", "水利"))
LEADERS: Final = tuple(f"{name}建国" for name in "赵钱孙李周吴郑王冯陈")
LIAISONS: Final = tuple(f"{name}{given}" for name in "褚卫蒋沈韩杨朱秦" for given in ("小满", "知白", "予安", "望舒"))
NATURES: Final = ("续建", "新开工", "竣工投产")
PROGRESS: Final = ("主体施工", "设备安装", "场地平整", "桩基施工完成60%", "1号车间封顶，2号车间基础施工", "装修收尾")
PROBLEMS: Final = ("用地指标未落实", "10kV线路未迁改", "资金紧张", "施工许可证正在办理", *[None] * 8)
FIELDS: Final = (
    *("serial", "name", "company", "nature", "trade", "content", "investment", "carried", "plan", "month_done"),
    *("year_done", "total_done", "progress", "started", "completion", "unit", "leader", "liaison", "phone", "problem"),
)
"""The columns by the names that a plain model gives them, in the order of the ledger."""
STAGES: Final = ("", "一期", "二期", "三期")
STEP: Final = 7919
AROUND: Final = 4  # rows beside those of projects: title, unit, headings, sum
Line = tuple[Any, ...]


def heads(month: int) -> tuple[str, ...]:
    """The headings of the ledger."""
    return (
        *("序号", "项目名称", "建设单位", "建设性质", "产业类别", "建设内容及规模", "总投资"),
        *(f"截至{YEAR - 1}年底累计完成投资", f"{YEAR}年度计划投资", f"{month}月完成投资", f"1-{month}月累计完成投资"),
        *("自开工累计完成投资", f"{month}月形象进度", "实际开工时间", "计划竣工时间"),
        *("责任单位", "包联领导", "联络员", "联系电话", "存在问题"),
    )


def lines(rows: int, month: int) -> Iterator[Line]:
    """The rows of data; money in 万元."""
    words = {kind: texts for kind, *texts in map(str.split, (HERE / "words.txt").read_text("utf-8").splitlines())}
    firsts = [a + b for a in words["syllable"] for b in words["syllable"]]
    pairs = len(firsts) * len(words["thing"])
    for number in range(rows):
        # A prime that divides no number of pairs runs through all of them before it meets one again.
        first, thing = divmod(number * STEP % pairs, len(words["thing"]))
        name = f"{firsts[first]}{words['thing'][thing]}{STAGES[number // pairs]}"
        rng = Random(number)  # noqa: S311
        yield _line(rng, number, name, f"河南{firsts[first]}{rng.choice(words['trade'])}有限公司", month)


def _line(rng: Random, number: int, name: str, company: str, month: int) -> Line:
    nature = rng.choice(NATURES)
    investment = rng.randint(20, 1200) * 100
    plan = round(investment * rng.uniform(0.15, 0.4), -1)
    carried = round(investment * rng.uniform(0.1, 0.4)) if nature != "新开工" else 0
    months = [round(plan / 12 * rng.uniform(0.6, 1.2)) for _ in range(12)]
    begun = date(YEAR if carried == 0 else YEAR - 1, rng.randint(1, 5), rng.randint(1, 28))
    ends = date(YEAR + rng.randint(1, 2), rng.randint(1, 12), 28)
    done = sum(months[:month])
    unit, leader, liaison = rng.choice(UNITS), rng.choice(LEADERS), rng.choice(LIAISONS)
    words = (f"新建厂房{rng.randint(2, 30)}万平方米", rng.choice(PROGRESS), rng.choice(PROBLEMS))
    dirty = rng.random()
    return (
        *(number + 1, name, company, nature, rng.choice(("装备制造", "新材料", "电子信息", "食品加工")), words[0]),
        f"约{investment}" if dirty < 0.02 else investment,
        *(carried, plan, months[month - 1], done, carried + done),
        f"{words[1]}（{month}月）" if rng.random() < 0.5 else words[1],
        f"{begun.year}.{begun.month}.{begun.day}" if 0.02 <= dirty < 0.1 else begun,
        *(ends, unit, leader, liaison, f"1380000{rng.randint(1000, 9999)}", words[2]),
    )


def write(file: Path, rows: int, month: int, copy: str = "") -> None:
    """Write the ledger. `copy` makes it another file with the same rows."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"comments": copy})
    sheet = book.add_worksheet("台账")
    sheet.write(0, 0, f"{ZONE}{YEAR}年{month}月重点项目台账")
    sheet.write(1, len(FIELDS) - 1, "单位：万元")
    sheet.write_row(2, 0, heads(month))
    at, total = 3, 0
    for at, line in enumerate(lines(rows, month), start=3):
        sheet.write_row(at, 0, line)
        total += line[8]
    sheet.write_row(at + 1, 0, ("合计", *[None] * 7, total))
    book.close()


def write_plain(file: Path, rows: int, month: int) -> None:
    """Write the same rows as an importer wants them who knows no ledger: one row of names, every cell typed."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, FIELDS)
    for at, line in enumerate(lines(rows, month), start=1):
        sheet.write_row(at, 0, [_typed(name, cell) for name, cell in zip(FIELDS, line, strict=True)])
    book.close()


def _typed(name: str, cell: Any) -> Any:
    if isinstance(cell, str) and name == "investment":
        return int(cell.removeprefix("约"))
    if isinstance(cell, str) and name == "started":
        return date(*map(int, cell.split(".")))
    return cell
