"""Small ledgers for tests, as the intake would read them."""

from itertools import count

from projects.intake.opening import Sheet
from projects.ledgers import desk, importing

HEADS = (
    "序号",
    "项目名称",
    "建设单位",
    "总投资",
    "2023年度计划投资",
    "1-6月累计完成投资",
    "6月形象进度",
    "实际开工时间",
    "责任单位",
    "存在问题",
)
_NUMBER = count()


def sheet(*rows, heads=HEADS, title="高新区2023年6月重点项目台账", unit="单位：万元"):
    """A sheet with a title, its unit in the corner, a head and rows; each row without its serial number."""
    width = len(heads)
    lines = [(title, *[None] * (width - 1)), (*[None] * (width - 1), unit), heads]
    lines += [(number, *row, *[None] * (width - 1 - len(row))) for number, row in enumerate(rows, start=1)]
    return Sheet("台账", tuple(lines))


def opened(zone, made, by=None, name="台账.xlsx"):
    """The ledger of a file that holds this sheet; every one is another file."""
    data = str(next(_NUMBER)).encode()
    ledger, _ = desk.open_sheets([made], name, data, zone, by=by)
    return ledger


def imported(zone, made, *, by=None, **options):
    """The ledger, imported without a preview, and what was written."""
    ledger = opened(zone, made, by)
    return ledger, importing.write(ledger, desk.understand(ledger, [made]), by=by, **options)


def previewed(zone, made, by=None):
    """The ledger, compared."""
    return desk.compare(opened(zone, made, by), by=by)


def differences(ledger):
    """(row, meaning, kind, old, new) of every difference."""
    rows = ledger.rows.order_by("sheet", "number")
    return [(row.number, code, kind, old, new) for row in rows for code, _, kind, old, new, _ in row.differences]
