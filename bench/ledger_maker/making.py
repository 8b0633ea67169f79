"""Random dirty ledgers whose every cell is known: `make`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from random import Random
from typing import Final

from bench.ledger_maker import words
from bench.ledger_maker.columns import Choices, columns
from bench.ledger_maker.invented import Project, projects
from bench.ledger_maker.layouts import LAYOUTS, Layout
from bench.ledger_maker.others import as_ods, as_xls
from bench.ledger_maker.paper import Paper, as_csv, as_xlsx
from bench.ledger_maker.sheets import Sheet
from bench.ledger_maker.truth import TableTruth, Truth

KEPT: Final[tuple[tuple[str, int], ...]] = tuple(
    (code, 100 * at + each) for at, code in enumerate(LAYOUTS, start=1) for each in (1, 2, 3)
)  # three ledgers of each layout, always the same
_BOOKS: Final = {".xlsx": as_xlsx, ".ods": as_ods, ".xls": as_xls}
MORE: Final = range(10_000, 10_200)  # for a longer look: `layout_of` says which layout each is


def layout_of(seed: int) -> str:
    """One layout after the other."""
    return list(LAYOUTS)[seed % len(LAYOUTS)]


def make(seed: int, layout: str) -> tuple[bytes, Truth]:
    """A ledger and what it says. The same for the same seed. Raises KeyError for a layout that is not there."""
    rng = Random(f"{layout}/{seed}")  # noqa: S311
    return made(rng, LAYOUTS[layout], choose(rng, LAYOUTS[layout]), seed)


def choose(rng: Random, layout: Layout) -> Choices:
    """How this office keeps it."""
    ending = rng.choice(layout.endings)
    group_by = rng.choice(layout.grouped)
    month = rng.randint(2, 12)
    told = rng.choice(layout.units)
    return Choices(
        year=rng.randint(2021, 2025),
        month=month,
        count=rng.randint(8, 40) if layout.projects else 5,
        unit=rng.choices(("万元", "亿元", "元"), (8, 2, 0 if told == "absent" else 1))[0],
        told=told,
        ending=ending,
        encoding=rng.choice(("utf-8-sig", "gb18030", "utf-8")),
        group_by=group_by,
        grouping="merged" if group_by in ("district",) and ending == ".xlsx" and rng.random() < 0.5 else "rows",
        total=rng.choices(("last", "first", ""), (6, 2, 2))[0],
        months=rng.randint(1, min(month, 4)) if layout.pairs else 0,
        dirt=rng.choice((0.08, 0.2, 0.35)),
        framed=layout.projects and ending == ".xlsx" and rng.random() < 0.12,
        merged_heads=rng.random() < 0.85,
        numbered=rng.random() < 0.1,
        again=rng.random() < 0.1,
        year_told=rng.random() < 0.92,
        sheets=2 if layout.projects and ending == ".xlsx" and rng.random() < 0.25 else 1,
        guide=rng.choice(("", "", "", "first", "last")) if ending == ".xlsx" else "",
        lists=ending == ".xlsx" and rng.random() < 0.15,
        hidden=ending == ".xlsx" and rng.random() < 0.15,
        signed=rng.random() < 0.6,
        blank_rows=rng.random() < 0.2,
        pooled=ending == ".xlsx" and layout.projects and rng.random() < 0.12,
    )


@dataclass
class _File:
    papers: list[Paper]
    tables: list[TableTruth]
    left_out: list[int]
    traps: list[str]


def made(rng: Random, layout: Layout, chosen: Choices, seed: int, name: str = "") -> tuple[bytes, Truth]:
    """A ledger with everything decided."""
    file = _File([], [], [], [])
    if chosen.guide == "first":
        _aside(file, _guide())
    pool = projects(rng, chosen.count, chosen.year)
    standing = columns(rng, layout, chosen)
    sheet_names = _sheet_names(rng, chosen)
    size = -(-len(pool) // chosen.sheets)
    for at, sheet_name in enumerate(sheet_names):
        part = pool[at * size : (at + 1) * size]
        sheet = Sheet(rng, layout, chosen, standing, sheet_name, len(file.papers))
        file.tables.append(sheet.fill(_sorted(part, chosen)))
        file.papers.append(sheet.paper)
        file.traps += sheet.traps
    if chosen.guide == "last":
        _aside(file, _guide())
    if chosen.lists:
        _aside(file, _lists())
    told = Truth(
        name or f"{layout.code}-{seed}{chosen.ending}", layout.code, seed,
        date(chosen.year, chosen.month, 25) + timedelta(days=rng.randint(0, 12)),
        tuple(file.tables), tuple(file.left_out), tuple(file.traps),
    )  # fmt: skip
    if chosen.ending == ".csv":
        return as_csv(file.papers[0], chosen.encoding), told
    return _BOOKS[chosen.ending](file.papers), told


def _sheet_names(rng: Random, chosen: Choices) -> Sequence[str]:
    if chosen.sheets == 2:
        return rng.choice(
            (("续建项目", "新开工项目"), ("工业", "服务业"), (f"{chosen.month}月(1)", f"{chosen.month}月(2)"))
        )
    return (rng.choice(("Sheet1", "台账", f"{chosen.month}月", "汇总表", "项目台账")),) if chosen.loose else ("台账",)


def _sorted(part: Sequence[Project], chosen: Choices) -> list[tuple[str, list[Project]]]:
    """The projects of a sheet by group; one group without a name where there are none."""
    if not chosen.group_by:
        return [("", list(part))]

    def key(project: Project) -> str:
        return project.nature if chosen.group_by == "nature" else project.words[chosen.group_by]

    return [(name, list(each)) for name, each in groupby(sorted(part, key=key), key)]


def _aside(file: _File, paper: Paper) -> None:
    file.left_out.append(len(file.papers))
    file.papers.append(paper)


def _guide() -> Paper:
    """What every office is sent with the form."""
    paper = Paper("填表说明", widths={0: 90.0})
    lines = (
        "填表说明", "1.项目名称：填写立项批复或备案证上的名称，不得使用简称。",
        "2.总投资、年度计划投资、完成投资：单位为万元，保留整数。",
        "3.建设起止年限：填写“开工年-竣工年”，如2023-2025。", "4.形象进度：填写截至月底的工程进度，不超过50字。",
        "5.请于每月25日前报送项目办，联系电话：0000-1234567。",
    )  # fmt: skip
    for row, line in enumerate(lines):
        paper.put(row, 0, line, "title" if row == 0 else "note")
    return paper


def _lists() -> Paper:
    paper = Paper("字典", hidden=True, widths={0: 12.0, 1: 12.0, 2: 12.0})
    listed = ("建设性质", "新开工", "续建", "竣工投产", "预备"), ("是否", "是", "否"), ("责任单位", *words.DEPARTMENTS)
    for column, values in enumerate(listed):
        for row, value in enumerate(values):
            paper.put(row, column, value, "text")
    return paper
