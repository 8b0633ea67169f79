"""One sheet of a made ledger: title, headings, groups, rows, sums and notes, with the truth of each cell."""

import re
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Final

from bench.ledger_maker import cells, words
from bench.ledger_maker.cells import Cell
from bench.ledger_maker.columns import Choices, Column, fill
from bench.ledger_maker.invented import Project
from bench.ledger_maker.layouts import Layout
from bench.ledger_maker.paper import Paper, Printed
from bench.ledger_maker.truth import DATES, MONEY, CellTruth, ColumnTruth, RowTruth, TableTruth

_WIDTHS: Final = {
    "name": 28.0, "content": 36.0, "progress_words": 24.0, "month_words": 20.0, "company": 22.0, "serial": 5.0,
    "problem": 20.0, "request": 20.0, "department": 16.0, "address": 18.0, "credit_code": 20.0, "national_code": 24.0,
}  # fmt: skip
_COUNTING: Final = "一二三四五六七八九十"
_OWN_UNIT: Final = re.compile("[元亿万]")


class Sheet:
    """A sheet that is being filled, from the first row down."""

    def __init__(
        self, rng: Random, layout: Layout, chosen: Choices, columns: Sequence[Column], name: str, index: int
    ) -> None:
        self.rng, self.layout, self.chosen, self.columns = rng, layout, chosen, columns
        self.index, self.title = index, ""
        self.paper = Paper(name)
        self.row = 0
        self.rows: list[RowTruth] = []
        self.traps: list[str] = []
        self.width = len(columns)
        self.salt = rng.random()

    def fill(self, groups: Sequence[tuple[str, list[Project]]]) -> TableTruth:
        """Everything from the title to the notes."""
        everyone = [project for _, part in groups for project in part]
        self._title()
        first = self.row + 1
        self._headings()
        last = self.row
        if self.chosen.numbered:
            self._numbers()
        if self.chosen.total == "first":
            self._sum(everyone, "total")
        for at, (name, part) in enumerate(groups):
            self._group(at, name, part)
        if self.chosen.total == "last":
            self._sum(everyone, "total")
        self._below()
        self._look(last)
        return self._truth(first, last)

    # --- above the rows ---------------------------------------------------------------------------------------

    def _title(self) -> None:
        title = self.layout.title
        told = " ".join(level for column in self.columns for level in column.levels)
        if not self.chosen.year_told:
            title = title.replace("{Y}年", "").replace("（截至", "（")
        month_wanted = any(column.meaning in ("month_done", "month_words", "year_done") for column in self.columns)
        if month_wanted and "{M}" not in title and f"{self.chosen.month}月" not in told:
            title += "（截至{M}月）"
        title = fill(title, self.chosen).replace("{office}", self.rng.choice((words.ZONE, "云栈经开区", "")))
        if self.chosen.told == "title":
            title += f"（单位：{self.chosen.unit}）"
        self.title = title
        if self.chosen.loose and self.rng.random() < 0.15:
            self._line(self.rng.choice(("附件2", "附件：", "附表1")), "left", 0, 0)
        self._line(title, "title", 0, self.width - 1)
        self.paper.heights[self.row - 1] = 36.0
        if self.chosen.told == "corner" or self.rng.random() < 0.5:
            self._corner()

    def _corner(self) -> None:
        office = self.rng.choice(words.OFFICES)
        right = ""
        if self.chosen.told == "corner":
            wordings = ("单位：{}", "单位:{}", "（单位：{}）", "金额单位：{}", "单位：{}、亩", "单 位：{}")
            right = self.rng.choice(wordings if self.chosen.loose else wordings[:1]).format(self.chosen.unit)
        middle = max(self.width - 3, 1)
        self.paper.put(self.row, 0, f"报送部门：{office}", "left")
        self.paper.merge(self.row, 0, self.row, middle - 1)
        if right:
            self.paper.put(self.row, middle, right, "right")
            self.paper.merge(self.row, middle, self.row, self.width - 1)
        self.row += 1

    def _line(self, text: str, style: str, left: int, right: int) -> None:
        self.paper.put(self.row, left, text, style)
        self.paper.merge(self.row, left, self.row, right)
        self.row += 1

    def _headings(self) -> None:
        """Merged across where a level is the same, and down where a column has fewer levels than others."""
        depth = max(len(column.levels) for column in self.columns)
        merging = self.chosen.merged_heads
        for at, column in enumerate(self.columns):
            for level in range(depth):
                self.paper.put(self.row + level, at, None, "head")
            for level, text in enumerate(column.levels):
                self._heading(at, level, text, merging)
            if merging:
                self.paper.merge(self.row + len(column.levels) - 1, at, self.row + depth - 1, at)
        for level in range(depth):
            self.paper.heights[self.row + level] = 32.0
        self.row += depth

    def _heading(self, at: int, level: int, text: str, merging: bool) -> None:
        path = self.columns[at].levels[: level + 1]
        inner = level < len(self.columns[at].levels) - 1
        if inner and at and self._path(at - 1, level) == path:
            return
        self.paper.put(self.row + level, at, text, "head")
        end = at
        while inner and end + 1 < self.width and self._path(end + 1, level) == path:
            end += 1
        if merging:
            self.paper.merge(self.row + level, at, self.row + level, end)

    def _path(self, at: int, level: int) -> tuple[str, ...]:
        levels = self.columns[at].levels
        return levels[: level + 1] if level < len(levels) - 1 else ()

    def _numbers(self) -> None:
        for at in range(self.width):
            self.paper.put(self.row, at, at + 1, "head")
        self._ends(("note", "heading", "blank", "group", ""))

    # --- rows -------------------------------------------------------------------------------------------------

    def _ends(
        self, kinds: tuple[str, ...], group: tuple[str, ...] = (), told: dict[int, CellTruth] | None = None
    ) -> None:
        self.row += 1
        self.rows.append(RowTruth(self.row, kinds, group, told or {}))

    def _group(self, at: int, name: str, part: Sequence[Project]) -> None:
        merged = self.chosen.grouping == "merged" and self._at(self.chosen.group_by) is not None
        if name and not merged:
            self._group_row(at, name, part)
        top = self.row
        for number, project in enumerate(part):
            if self.chosen.blank_rows and self.rng.random() < 0.08:
                self._ends(("blank", ""))
                merged = False
            if self.chosen.again and number == len(part) // 2 and at == 0:
                self._again()
                merged = False
            self._data(project, name if name and not merged else "")
        if name and merged:
            self._merge_down(top)
        if self.chosen.pooled and self.row - top >= 2 and at == 0:
            self._pool(self.row - 2)

    def _at(self, meaning: str) -> int | None:
        return next((at for at, column in enumerate(self.columns) if column.meaning == meaning), None)

    def _group_row(self, at: int, name: str, part: Sequence[Project]) -> None:
        style = self.rng.choice(("{n}、{name}项目（{count}个）", "{n}、{name}", "（{n}）{name}（{count}个）", "{name}"))
        text = style.format(n=_COUNTING[at % 10], name=name, count=len(part))
        for column in range(self.width):
            self.paper.put(self.row, column, None, "group")
        summed = self.rng.random() < 0.35
        place = self.rng.choice((0, 0, self._at("name") or 0))
        self.paper.put(self.row, place, text, "group")
        if summed:
            self._sums(part)
        elif place == 0:
            self.paper.merge(self.row, 0, self.row, self.width - 1)
        self._ends(("group",), (name,))

    def _again(self) -> None:
        """The headings once more."""
        top = self.row
        self._headings()
        self.rows += [RowTruth(number, ("note", "heading", "blank", "")) for number in range(top + 1, self.row + 1)]

    def _data(self, project: Project, group: str) -> None:
        told: dict[int, CellTruth] = {}
        for at, column in enumerate(self.columns):
            cell = self._cell(column, project)
            style = "number" if column.meaning in MONEY or column.meaning == "percent_done" else "text"
            self.paper.put(self.row, at, cell.printed, style, cell.shape)
            told[at] = self._known(column, cell)
            if told[at].doubtful or (
                column.meaning in MONEY and isinstance(cell.printed, str) and cell.printed.strip()
            ):
                why = f"（{told[at].why}）" if told[at].doubtful and told[at].why else ""
                self.traps.append(f"第{self.row + 1}行 {letter(at)}列“{cell.printed}”{why}")
        self._ends(("data",), (group,) if group else (), told)

    def _known(self, column: Column, cell: Cell) -> CellTruth:
        """What a cell is worth where nothing tells the unit of its column."""
        bare = isinstance(cell.printed, int | float) or not _OWN_UNIT.search(str(cell.printed or ""))
        if column.asks == "unit" and cell.truth.value is not None and bare:
            return CellTruth(cell.printed, None, doubtful=True)
        return cell.truth

    def _merge_down(self, top: int) -> None:
        """One cell for all rows of the group; the value stands in the first and is meant in all."""
        at = self._at(self.chosen.group_by)
        if at is None or self.row - top < 2:
            return
        self.paper.merge(top, at, self.row - 1, at)
        for row in range(top + 1, self.row):
            self.paper.cells[row, at] = None

    def _pool(self, top: int) -> None:
        """Two projects share one merged total: whose it is, nobody knows."""
        at = self._at("investment")
        if at is None or self.rows[-1].kinds != ("data",) or self.rows[-2].kinds != ("data",):
            return
        self.paper.merge(top, at, top + 1, at)
        self.paper.cells[top + 1, at] = None
        for row in (-2, -1):
            shared = CellTruth(self.paper.cells[top, at], None, doubtful=True, why="两个项目合用一个数")
            kept = self.rows[row]
            self.rows[row] = RowTruth(kept.number, kept.kinds, kept.group, {**kept.cells, at: shared})
        self.traps.append(f"第{top + 1}至{top + 2}行 {letter(at)}列：两个项目合用一个总投资")

    # --- sums and notes ---------------------------------------------------------------------------------------

    def _sum(self, everyone: Sequence[Project], style: str) -> None:
        text = self.rng.choice(("合计", "合 计", "合计：{} 个", "总计", "合计（{}个）")).format(len(everyone))
        for column in range(self.width):
            self.paper.put(self.row, column, None, style)
        name = self._at("name")
        place = name if name is not None and self.rng.random() < 0.3 else 0
        self.paper.put(self.row, place, text, style)
        if place == 0 and name == 1:
            self.paper.merge(self.row, 0, self.row, 1)
        self._sums(everyone)
        self._ends(("total",))

    def _sums(self, part: Sequence[Project]) -> None:
        for at, column in enumerate(self.columns):
            if column.meaning in MONEY and self.chosen.told != "cell":
                yuan = sum(_yuan(column, project, self.chosen.month) for project in part)
                self.paper.put(self.row, at, cells.number(yuan, column.unit), self.paper.styles[self.row, at])

    def _below(self) -> None:
        if self.rng.random() < 0.35:
            self._note("注：1.本表由各责任单位填报，数据截至月底。2.已竣工项目不再列入。")
        if self.chosen.signed:
            day = date(self.chosen.year, self.chosen.month, 28)
            self._note(f"填报人：王小满　　审核人：周明远　　填报日期：{day.year}年{day.month}月{day.day}日")

    def _note(self, text: str) -> None:
        self.paper.put(self.row, 0, text, "note")
        self.paper.merge(self.row, 0, self.row, min(self.width - 1, 8))
        self._ends(("note", ""))

    def _look(self, below: int) -> None:
        for at, column in enumerate(self.columns):
            self.paper.widths[at] = _WIDTHS.get(column.meaning, 11.0)
        self.paper.frozen = (below, 2)
        if self.chosen.hidden:
            hideable = [
                at for at, column in enumerate(self.columns) if column.meaning in ("other", "national_code", "note")
            ]
            self.paper.hidden_columns = tuple(hideable[:2])

    def _truth(self, first: int, last: int) -> TableTruth:
        known = tuple(self._column_truth(at, column) for at, column in enumerate(self.columns))
        seen = f"{self.title} {self.paper.name} {' '.join(level for column in self.columns for level in column.levels)}"
        month = self.chosen.month if f"{self.chosen.month}月" in seen else None
        years_seen = any(str(year) in seen for year in (self.chosen.year, self.chosen.year - 1))
        return TableTruth(
            self.paper.name, self.index, self.title, first, last, self.chosen.year, month, known, tuple(self.rows),
            self.layout.projects, years_seen,
        )  # fmt: skip

    def _column_truth(self, at: int, column: Column) -> ColumnTruth:
        year = self.chosen.year if column.meaning in ("annual_plan", "month_done", "year_done") else None
        month = column.month if column.meaning in ("month_done", "month_words") else None
        return ColumnTruth(
            at, column.levels, column.meaning, column.unit, year, month, column.spec.also, column.asks
        )  # fmt: skip

    # --- cells ------------------------------------------------------------------------------------------------

    def _cell(self, column: Column, project: Project) -> Cell:
        """An office writes a value of a project the same way each month."""
        kept = self.rng
        self.rng = Random(f"{self.salt}/{project.words['name']}/{column.spec}/{column.month}")  # noqa: S311
        try:
            return self._written(column, project)
        finally:
            self.rng = kept

    def _written(self, column: Column, project: Project) -> Cell:
        rng, meaning, dirt = self.rng, column.meaning, self.chosen.dirt
        if meaning in MONEY:
            return self._money(column, project)
        if meaning in DATES:
            return self._day(meaning, project)
        if meaning == "years":
            return cells.years(rng, project.days["start"], project.days["finish"], dirt)
        if meaning == "percent_done":
            style = ("fraction", "points", "text")[column.style % 3]
            return cells.percent(rng, project.percent(self.chosen.month), style, dirt)
        if meaning in ("status", "stats_entry"):
            return self._flag(column, project)
        if meaning == "land_area":
            return self._land(project)
        return self._text(column, project)

    def _money(self, column: Column, project: Project) -> Cell:
        yuan = _yuan(column, project, column.month or self.chosen.month)
        if self.chosen.told != "cell":
            return cells.money(self.rng, yuan, column.unit, self.chosen.dirt)
        if self.rng.random() < 0.04 and yuan:
            return cells.doubtful(cells.number(yuan, "万元"), "没有单位")
        return cells.with_unit(self.rng, yuan, self.chosen.dirt)

    def _day(self, meaning: str, project: Project) -> Cell:
        kind, _, planned = meaning.partition("_")
        on = project.days[{"start": "start", "finish": "finish", "produced": "produced"}[kind]]
        year, month = self.chosen.year, self.chosen.month
        if planned == "actual" and (on.year, on.month) > (year, month):
            return cells.undated(self.rng)
        return cells.day(self.rng, on, year, self.chosen.dirt, planned=planned == "planned")

    def _flag(self, column: Column, project: Project) -> Cell:
        yes = project.started if column.meaning == "status" else project.entered
        if "状态" in column.heading and column.meaning == "status" and "开工" not in column.heading:
            finished = project.nature == "竣工投产"
            return cells.plainly(*(("已竣工",) * 2 if finished else ("在建",) * 2 if yes else ("前期",) * 2))
        return cells.flag(self.rng, column.heading.replace("\n", ""), yes, column.style)

    def _land(self, project: Project) -> Cell:
        area = project.land
        if self.rng.random() < self.chosen.dirt * 0.5:
            printed = self.rng.choice((f"{area:g}亩", f"约{area:g}亩", f"{area:.1f}"))
            return cells.plainly(printed, printed, also=(area,))
        return cells.plainly(int(area), int(area))

    def _text(self, column: Column, project: Project) -> Cell:
        meaning, rng, dirty = column.meaning, self.rng, self.rng.random() < self.chosen.dirt
        if meaning == "other":
            return self._other(column, project)
        if meaning in ("progress_words", "month_words"):
            return _words(rng.choice(words.PROGRESS), dirty, rng)
        if meaning == "permit":
            return cells.plainly(*(rng.choice(words.PERMITS),) * 2)
        if meaning == "nature":
            return cells.plainly(
                project.nature + ("类" if column.style % 2 else ""), project.nature, also=(project.nature + "类",)
            )
        if not self.layout.projects and meaning in ("district", "department"):
            listed = words.DISTRICTS if meaning == "district" else words.DEPARTMENTS
            text = listed[int(project.words["serial"]) % len(listed)]
            return cells.plainly(text, text)
        text = project.words[meaning]
        if meaning == "serial":
            return cells.plainly(int(text), int(text), also=(text,))
        if meaning == "phone" and column.style % 2 and self.chosen.ending == ".xlsx":
            return cells.plainly(int(text), text, shape="0")
        if meaning == "department":
            return cells.plainly(text, tuple(re.split("[、,，/]", text)))
        if meaning == "period":
            return cells.plainly(text, text, also=(_COUNTING.index(text[1]) + 1,))
        if meaning == "name" and dirty:
            tag = rng.choice(("（第五期签约开工项目）", "(一期)", "（西区）", ""))
            return _words(text + tag, True, rng, also=(text,) if "第五期" in tag else ())
        return _words(text, dirty, rng)

    def _other(self, column: Column, project: Project) -> Cell:
        return cells.plainly(_other(column, project, self.rng), "", also=())


def _words(text: str, dirty: bool, rng: Random, also: tuple[object, ...] = ()) -> Cell:
    """A text, perhaps with blanks and breaks that mean nothing. What stands for nothing is nothing, or itself."""
    if text in ("", "无"):
        return cells.plainly(text or None, None, also=(text,))
    printed = text
    if dirty:
        half = len(text) // 2
        broken = f"{text[:half]}\n{text[half:]}" if len(text) >= 8 else text
        printed = rng.choice((f"{text} ", f" {text}", broken, f"{text}\n", f"　{text}"))
    return cells.plainly(printed, text, also=also)


def _yuan(column: Column, project: Project, month: int) -> int:
    return {
        "investment": project.investment,
        "annual_plan": project.annual_plan,
        "month_done": project.months[(column.month or month) - 1],
        "year_done": project.done(month),
        "total_done": project.last_year_done + project.done(month),
        "last_year_done": project.last_year_done,
    }[column.meaning]


def _other(column: Column, project: Project, rng: Random) -> Printed:
    """What stands in a column that the product has no place for."""
    heading = column.heading
    made: dict[str, Printed] = {
        "经度": round(113.5 + rng.random() / 4, 6), "纬度": round(34.7 + rng.random() / 4, 6), "省": "河南省",
        "市": "青岚市",
        "资金来源": rng.choice(words.FUNDS), "批准文件": f"云发改备〔{project.year}〕{rng.randint(1, 90)}号",
        "文号": f"云节能〔{project.year}〕{rng.randint(1, 90)}号", "节能审查机关": "青岚市发展和改革委员会",
        "月份": f"{project.year}-06",
        "节能审查批复时间": f"{project.year}-0{rng.randint(1, 9)}-15",
        "审核标识": rng.choice(("通过", "待审核", "未通过（照片不清）")),
        "操作": "查看", "大类": str(rng.randint(13, 41)), "小类": str(rng.randint(1310, 4190)),
        "年度工作目标": "完成土地组卷报批",
        "年计划形象进度": rng.choice(words.PROGRESS), "主要建设内容": "完成主体及设备安装", "用途分类": "工业",
        "形象进度照片": "见附件", "照片": "",
    }  # fmt: skip
    if heading in made:
        return made[heading]
    if heading.startswith("是否"):
        return rng.choice("是否")
    if any(word in heading for word in ("数", "指标", "面积")):
        return rng.randint(0, 40)
    if heading.startswith(("农转", "供地")):
        return rng.choice(("已办结", "未办结", f"{project.year}.5"))
    if heading.startswith("资金到位率"):
        return round(rng.uniform(20, 95), 1)
    return round(rng.uniform(0.1, 3000), 2)


def letter(at: int) -> str:
    """A, B … Z, AA: the column as Excel names it."""
    text = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        text = chr(65 + rest) + text
    return text
