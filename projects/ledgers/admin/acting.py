"""What a ledger's page sends: answers, corrections, decisions on rows, confirming, taking back.

Every one is a plain form in front of one function of `desk`. It says which version of the ledger its sender saw, so
that a second click, or somebody else's change in between, does nothing and is told. What is done leads back to where
the page stood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from projects.ledgers import desk
from projects.ledgers.models import Ledger, LedgerRow
from projects.matching import near
from projects.models import Project
from zones.models.versioned import StaleVersion
from zones.scoped.admin import NO_SUCH_ROW, can_write

STALE: Final = "页面打开以后，这份台账又有了改动，刚才的操作没有做；下面是现在的情况，请核对后再做"
MISSING: Final = "没有这一行，请刷新后再试"
MANY: Final = 12  # projects that a search offers
FOUND: Final = "“{words}”对应几个项目，请在这一行里选定一个"
NONE_FOUND: Final = "没有编号或名称是“{words}”、由您维护的项目，请换个说法"


class Elsewhere(Exception):
    """Leads to another place of the page than where the form stood."""

    def __init__(self, **query: str) -> None:
        super().__init__()
        self.query = query


@dataclass(frozen=True, slots=True)
class Sent:
    """One form."""

    ledger: Ledger
    by: Any
    told: QueryDict

    @property
    def seen(self) -> int:
        """The version that the sender saw. Something else than a number is none that ever was."""
        return self.number("version", 0)

    def text(self, name: str) -> str:
        return self.told.get(name, "").replace("\x00", "").strip()  # PostgreSQL keeps no such sign

    def number(self, name: str, otherwise: int = -1) -> int:
        words = self.text(name)
        return int(words) if words.isdecimal() and len(words) < 10 else otherwise

    def row(self) -> LedgerRow:
        """The row of which the form speaks. Keys change whenever rows are compared; places do not."""
        rows = self.ledger.rows.filter(sheet=self.number("sheet"), number=self.number("number"))
        row = rows.first()
        if row is None:
            raise ValidationError(MISSING)
        row.ledger = self.ledger
        return row


Act = Callable[[Sent], str]
_acts: dict[str, Act] = {}


def _act(name: str) -> Callable[[Act], Act]:
    def keep(act: Act) -> Act:
        _acts[name] = act
        return act

    return keep


# ---- What each does ------------------------------------------------------------------------------------
@_act("answer")
def _answer(sent: Sent) -> str:
    key = sent.text("table")
    # Of all tables, where they ask the same: their columns are alike.
    tables = [each for each in sent.ledger.about.get("tables", ()) if each["about"] == "projects"]
    table = next((each for each in tables if key in ("", each["key"])), None)
    if table is None:
        raise ValidationError("没有这张表，请刷新后再试")
    meanings, units = _columns(sent, table)
    if unit := sent.text("unit"):
        units[""] = unit
    told: dict[str, Any] = {"table": key, "meanings": meanings, "units": units}
    for name, word in (("year", "年份"), ("month", "月份")):
        if words := sent.text(name):
            told[name] = sent.number(name)
            if told[name] < 0:
                raise ValidationError(f"{word}请填数字，如 {2023 if name == 'year' else 7}，而不是“{words[:20]}”")
            if told[name] == table[name] and "asked" not in sent.told:
                del told[name]
    reason = sent.text("plan_reason")
    if "plan_reason" in sent.told and reason != sent.ledger.told.get("plan_reason", ""):
        told["plan_reason"] = reason
    if not (meanings or units or told.keys() - {"table", "meanings", "units"}):
        return "没有要改的，仍按原来的读入。"
    desk.answer(sent.ledger, by=sent.by, expected=sent.seen, **told)
    return f"已按您的说明重新读取：{sent.ledger.outcome}。"


def _columns(sent: Sent, table: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What is said of columns otherwise than it is understood; columns of one key go together."""
    meanings: dict[str, str] = {}
    units: dict[str, str] = {}
    asked = "asked" in sent.told  # an answer to a question counts, though it be what was guessed
    for column in table["columns"]:
        for name, kept, told in (("meaning", "meaning", meanings), ("unit", "unit", units)):
            chosen = sent.told.get(f"{name}.{column['index']}")
            if chosen is not None and (asked or chosen != column[kept]) and (chosen or name == "meaning"):
                told[column["key"]] = chosen
    if named := sent.text("named"):  # the column of names, of several that may be
        meanings |= {column["key"]: "name" for column in table["columns"] if str(column["index"]) == named}
    return meanings, units


@_act("headings")
def _headings(sent: Sent) -> str:
    first, last = sent.number("first"), sent.number("last")
    sheets = sent.ledger.about.get("sheets", [])
    sheet = sent.number("sheet")
    if not (0 <= sheet < len(sheets) and 1 <= first <= last <= sheets[sheet]["rows"]) or last - first > 5:
        raise ValidationError("请填表头的第一行和最后一行，如 3 和 4（与 Excel 左边的行号相同）")
    desk.answer(sent.ledger, by=sent.by, expected=sent.seen, headings=(sheet, [(first, last)]))
    return f"已按指明的表头重新读取：{sent.ledger.outcome}。"


@_act("cell")
def _cell(sent: Sent) -> str:
    place = sent.number("sheet"), sent.number("number"), sent.number("column")
    desk.correct_cell(sent.ledger, *place, sent.text("value") or None, by=sent.by, expected=sent.seen)
    return f"第{place[1]}行已改，原文件没有动：{sent.ledger.outcome}。"


@_act("row")
def _row(sent: Sent) -> str:
    row, do = sent.row(), sent.text("do")
    if do in ("out", "in"):
        desk.exclude_row(row, out=do == "out", by=sent.by, expected=sent.seen)
        return f"第{row.number}行{'不导入' if do == 'out' else '照常导入'}。"
    if do in ("sure", "unsure"):
        desk.accept_row(row, sure=do == "sure", by=sent.by, expected=sent.seen)
        return f"第{row.number}行{'已确认无误' if do == 'sure' else '恢复为待核对'}。"
    if do != "choose":
        raise ValidationError(MISSING)
    desk.choose_match(row, _choice(sent, row), by=sent.by, expected=sent.seen)
    return f"第{row.number}行已选定。"


def _choice(sent: Sent, row: LedgerRow) -> int | str:
    """The project that was ticked, or the only one that is called as was typed."""
    words = sent.text("words")
    if not words:
        chosen = sent.text("choice")
        return int(chosen) if chosen.isdecimal() and len(chosen) < 18 else chosen
    found = list(search(sent.by, sent.ledger, words)[:2])
    if not found:
        raise ValidationError(NONE_FOUND.format(words=words[:40]))
    if len(found) > 1:
        raise Elsewhere(row=f"{row.sheet}:{row.number}", find=words[:60])
    return found[0].pk


@_act("forget")
def _forget(sent: Sent) -> str:
    desk.forget(sent.ledger, sent.number("layout"), by=sent.by, expected=sent.seen)
    return "已不再记住，以后同样的表头由系统识别。"


@_act("compare")
def _compare(sent: Sent) -> str:
    desk.compare(sent.ledger, by=sent.by, expected=sent.seen)
    return f"已重新比对：{sent.ledger.outcome}。"


@_act("confirm")
def _confirm(sent: Sent) -> str:
    told = {name: name in sent.told for name in ("only_good", "approve_plans")}
    desk.confirm(sent.ledger, by=sent.by, expected=sent.seen, **told)
    if sent.ledger.is_busy:
        return "正在导入，行数较多，由后台完成；可以离开这一页，完成后会通知您。"
    sent.ledger.refresh_from_db()
    return f"已导入：{sent.ledger.outcome}。"


@_act("undo")
def _undo(sent: Sent) -> str:
    desk.undo(sent.ledger, by=sent.by, expected=sent.seen)
    if sent.ledger.is_being_undone:
        return "正在撤销，行数较多，由后台完成；可以离开这一页，完成后会通知您。"
    return f"{sent.ledger.outcome}。"


@_act("drop")
def _drop(sent: Sent) -> str:
    desk.drop(sent.ledger, by=sent.by, expected=sent.seen)
    return "这份台账不导入，项目库没有改动。"


@_act("stop")
def _stop(sent: Sent) -> str:
    desk.stop(sent.ledger, by=sent.by)
    return "已要求停止，后台正在收尾；停下的导入不写入任何内容。"


@_act("again")
def _again(sent: Sent) -> str:
    """The same file once more, after its import was taken back or it was put aside; of a table of sums that is one of
    projects, which column names them.
    """
    key, named = sent.text("table"), sent.text("named")
    table = next((each for each in sent.ledger.about.get("tables", ()) if each["key"] == key), {"columns": ()})
    meanings = {column["key"]: "name" for column in table["columns"] if str(column["index"]) == named}
    new = desk.begin_again(sent.ledger, by=sent.by, table=key, meanings=meanings)
    raise Elsewhere(ledger=str(new.pk))


NAMES: Final = tuple(_acts)


def search(user: Any, ledger: Ledger, words: str) -> Any:
    """Projects that a row of the ledger may mean: the one of this code, else those with these words in their name."""
    words = words.replace("\x00", "")[:60]
    ours = Project.objects.writable_by(user).filter(near(ledger.zone), withdrawn_at=None)
    exact = ours.filter(code__iexact=words)
    return exact if exact.exists() else ours.filter(name__icontains=words).order_by("name", "pk")


# ---- Addresses -----------------------------------------------------------------------------------------
def addresses(screen: Any) -> list[URLPattern]:
    """`<pk>/<act>/` for each, and how far a worker is."""
    wrap = screen.admin_site.admin_view
    found = [
        path(f"<int:pk>/{name}/", wrap(require_POST(_door(act))), name=f"projects_ledgers_ledger_{name}")
        for name, act in _acts.items()
    ]
    return [*found, path("<int:pk>/state/", wrap(_state), name="projects_ledgers_ledger_state")]


def _found(request: HttpRequest, pk: int) -> Ledger:
    ledger = Ledger.objects.visible_to(request.user).select_related("zone", "source", "upload").filter(pk=pk).first()
    if ledger is None:
        raise Http404(NO_SUCH_ROW)
    return ledger


def _door(act: Act) -> Callable[[HttpRequest, int], HttpResponse]:
    def answer(request: HttpRequest, pk: int) -> HttpResponse:
        ledger = _found(request, pk)
        if not can_write(request, ledger):
            raise PermissionDenied(desk.NOT_YOURS)
        query = request.GET.copy()
        try:
            messages.success(request, act(Sent(ledger, request.user, request.POST)))
        except Elsewhere as elsewhere:
            pk = int(elsewhere.query.pop("ledger", pk))
            query.update(elsewhere.query)
            if "find" in elsewhere.query:
                messages.info(request, FOUND.format(words=elsewhere.query["find"]))
        except StaleVersion:
            messages.warning(request, f"{STALE}。")
        except ValidationError as refused:
            for sentence in refused.messages[:1]:
                messages.error(request, f"{sentence}。")
        return HttpResponseRedirect(_back(request, pk, query))

    return answer


def _back(request: HttpRequest, pk: int, query: QueryDict) -> str:
    url = reverse("admin:projects_ledgers_ledger_change", args=[pk])
    place = f"#row-{number}" if (number := request.POST.get("number", "")).isdecimal() else ""
    return f"{url}{'?' if query else ''}{query.urlencode()}{place}"


def _state(request: HttpRequest, pk: int) -> JsonResponse:
    """How far the worker is."""
    ledger = _found(request, pk)
    told = {"busy": ledger.is_busy, "percent": ledger.percent, "outcome": ledger.outcome, "rows": ledger.done_rows}
    return JsonResponse(told)
