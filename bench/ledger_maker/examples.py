"""The examples of `fixtures/ledgers/`: a ledger per layout, of an invented zone in June 2023, always the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from bench.ledger_maker.columns import Choices
from bench.ledger_maker.layouts import LAYOUTS
from bench.ledger_maker.making import made
from bench.ledger_maker.truth import Truth

_PLAIN: Final = Choices(
    year=2023, month=6, count=16, unit="万元", told="corner", dirt=0.06, loose=False, typos=0.0, group_by=""
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """`traps` say, for the table in README, what is hard about it besides single cells."""

    file: str
    layout: str
    about: str
    traps: str
    chosen: Choices


EXAMPLES: Final = (
    Example(
        "t01-jindu.xlsx", "T1", "重点项目建设进度表，4—6月形象进度和完成投资成对向右排",
        "单位只在右上角；每月一对列；末行合计；标题和报送部门各占一行合并单元格",
        replace(_PLAIN, count=20, months=3, group_by="nature"),
    ),
    Example(
        "t01-jindu-7yue.xlsx", "T1", "同一张表的下一个月：同样的项目，多7月一对列",
        "与上一份对比，应只有更新；累计数增加", replace(_PLAIN, count=20, months=4, group_by="nature", month=7),
    ),
    Example(
        "t02-taizhang.xlsx", "T2", "重点建设项目台账，两行标题",
        "“2023年计划”下面分“投资”“主要建设内容”；“2022年底累计完成投资”",
        replace(_PLAIN, count=24, dirt=0.1),
    ),
    Example(
        "t03-diaodu.csv", "T3", "项目调度管理，系统导出的 csv（GB18030）",
        "没有合并单元格；单位在标题里；是否开工；费用三列没有对应的字段",
        replace(_PLAIN, count=14, told="heading", ending=".csv", encoding="gb18030", total=""),
    ),
    Example(
        "t04-zhongda.xlsx", "T4", "重大项目报表，按建设性质分组",
        "分组行“一、续建项目（N个）”，有的带小计数；牵头单位一格几个，用“、”“,”“/”分开；完成比例",
        replace(_PLAIN, count=26, told="heading", group_by="nature", dirt=0.12),
    ),
    Example(
        "t05-daochu.csv", "T5", "系统导出的 csv（UTF-8 带 BOM），总投资是亿元，其余是万元",
        "一行里两种单位；项目代码",
        replace(_PLAIN, count=18, told="mixed", ending=".csv", total=""),
    ),
    Example(
        "t06-yilan.xls", "T6", "项目一览表，旧版 Excel（xls），每格自带单位",
        "金额是文字“5.2亿元”“约1200万元”；辖区纵向合并；手机号是数",
        replace(_PLAIN, count=20, told="cell", group_by="district", grouping="merged", dirt=0.15, ending=".xls"),
    ),
    Example(
        "t07-yuebao.xlsx", "T7", "“四个一批”项目月报表",
        "“1-6月完成投资额”；标题带月份；末行注和填报人；工作表“填表说明”不是台账",
        replace(_PLAIN, count=22, told="heading", guide="first", dirt=0.1),
    ),
    Example(
        "t08-gongye.ods", "T8", "工业项目推进台账（ods），手续一列一项",
        "“项目建设手续”合并在九列之上；经纬度；计划和实际开工时间；隐藏的“字典”工作表",
        replace(_PLAIN, count=15, told="heading", lists=True, dirt=0.12, ending=".ods"),
    ),
    Example(
        "t09-zijin.xlsx", "T9", "按行政区的投资完成情况统计表", "每行是一个辖区的合计，不是项目：不能当作项目读入",
        replace(_PLAIN, count=5),
    ),
    Example(
        "t10-shenpi.xlsx", "T10", "审批服务任务表，“先行用地”下分三列",
        "两行标题；三种面积；标题重复一遍（打印分页抄下来的）",
        replace(_PLAIN, count=18, told="heading", again=True, group_by="district", dirt=0.1),
    ),
    Example(
        "t11-jieneng.xlsx", "T11", "节能审查台账，两行标题不合并，第一行写组名，后面空着",
        "“#当量值”“#等价值”；拟投产和实际投产时间；日期写法不一；标题下一行是列号",
        replace(_PLAIN, count=16, told="heading", merged_heads=False, numbered=True, dirt=0.35, total=""),
    ),
    Example(
        "t12-tongbao.xlsx", "T12", "按责任单位的推进情况通报表",
        "每行是一个单位的合计，不是项目；“计划数”在三个组里各有一列",
        replace(_PLAIN, count=8),
    ),
)  # fmt: skip


def example(file: str) -> tuple[bytes, Truth]:
    """An example and its truth. Raises KeyError for a file that is none."""
    found = {each.file: each for each in EXAMPLES}[file]
    return made(Random("2023"), LAYOUTS[found.layout], found.chosen, 2023, found.file)  # noqa: S311


def write(folder: Path) -> Iterator[Path]:
    """All examples and their README."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for each in EXAMPLES:
        data, truth = example(each.file)
        (folder / each.file).write_bytes(data)
        lines.append(_line(each, truth))
        yield folder / each.file
    (folder / "README.md").write_text(_README.format("\n".join(lines)), encoding="utf-8")
    yield folder / "README.md"


def _line(each: Example, truth: Truth) -> str:
    cells = "；".join(trap.replace("\n", "⏎").replace("|", "\\|") for trap in truth.traps[:6])
    rows = sum("data" in row.kinds for table in truth.tables for row in table.rows)
    return f"| {each.file} | {each.layout} | {rows} | {each.about} | {each.traps} | {cells} |"


_README: Final = """# Example ledgers

One per layout of ledgers that offices keep, all invented: the zone 青岚云栈经济开发区, its companies, people and
projects do not exist. Written by `python -m bench.ledger_maker examples fixtures/ledgers`, the same bytes every time;
nothing here is edited by hand. `bench.ledger_maker.examples.example` gives the truth of every cell.

| File | Layout | Rows | What it is | What is hard about it | Some of its cells |
|---|---|---|---|---|---|
{}
"""
