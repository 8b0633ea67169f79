"""What the open page asks: to save what was typed, what others changed since, and what can be chosen from.

Every answer is JSON, also a refusal: whoever sees a page instead knows that he is signed out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token

from projects.meetings import closing, opening, rows, saving
from projects.meetings.admin.running import forms
from projects.meetings.admin.running.showing import heading, last_save
from projects.meetings.models import Decision, Meeting, Saved, Update
from zones.models import Department, User
from zones.models.versioned import StaleVersion
from zones.permissions import Action, may

MOST: Final = 2000  # people or units to choose from
LARGEST: Final = 1024 * 1024  # bytes of one save
OVER: Final = "over"
NOT_YOURS: Final = "这个项目不是您填报的，没有保存"
NOT_RUNNING: Final = "只有项目办可以做这一步，没有保存"
GONE: Final = "这一行已不在本次会议的议程里，没有保存"
ENDED: Final = "该项目已终止，不能再填报，没有保存"
UNREADABLE: Final = "保存的内容不完整，请刷新页面后重试"
ON_ROWS: Final = frozenset({"fill", "reach", "problem"})
"""Saves that who may write the row may make; all others are for who runs the meeting."""


class Refused(Exception):
    """A command that cannot be carried out: its status and what to say."""

    def __init__(self, status: int, said: str, *, code: str = "", **more: Any) -> None:
        super().__init__(said)
        self.status, self.told = status, {"said": said, "code": code, **more}


@dataclass(frozen=True, slots=True)
class Asked:
    """One command: who gives it, in which meeting, of which row, under which key; `body` is the rest."""

    user: Any
    meeting: Meeting
    key: UUID
    body: dict[str, Any]

    def row(self) -> Update:
        """The row that it is about, which the person may write."""
        return self.written(_whole_number(self.body.get("update")))

    def live_row(self) -> Update:
        """The same, of a project that goes on."""
        found = self.row()
        if found.project.terminated_on:
            raise Refused(422, ENDED, code="invalid")
        return found

    def written(self, pk: int | None) -> Update:
        """The row with that key, which the person may write."""
        found = (
            Update.objects.visible_to(self.user)
            .filter(meeting=self.meeting)
            .select_related("meeting__source", "project", "progress")
            .filter(pk=pk)
            .first()
        )
        if found is None:
            raise Refused(404, GONE, code="gone")
        if not Update.objects.writable_by(self.user).filter(pk=found.pk).exists():
            raise Refused(403, NOT_YOURS, code="not_yours")
        return found

    def row_or_none(self) -> Update | None:
        return self.row() if self.body.get("update") else None

    def decision(self) -> Decision:
        self.require_running()
        rows_ = Decision.objects.visible_to(self.user).filter(meeting=self.meeting)
        found = rows_.filter(pk=_whole_number(self.body.get("decision"))).first()
        if found is None:
            raise Refused(404, "这条议定事项已被删除，没有保存", code="gone")
        return found

    def require_running(self) -> None:
        if not may(self.user, Action.RUN_MEETING, self.meeting):
            raise Refused(403, NOT_RUNNING, code="not_yours")

    def typed(self, name: str) -> dict[str, Any]:
        value = self.body.get(name)
        return value if isinstance(value, dict) else {}

    def form(self, form_class: type[forms.Command], row: Update | None = None) -> dict[str, Any]:
        """What the form makes of `told`. Raises Refused with the sentences by field."""
        form = form_class(self.typed("told"), user=self.user, row=row)
        if not form.is_valid():
            raise Refused(422, _first(form.errors), code="invalid", errors=_sentences(form.errors))
        return form.cleaned_data


# ---- Saving --------------------------------------------------------------------------------------------
def save(request: HttpRequest, meeting: Meeting) -> JsonResponse:
    """Carry out one command, and answer with what has changed since the page last heard."""
    if request.method != "POST":
        return JsonResponse({"said": UNREADABLE}, status=405)
    try:
        asked = _asked(request, meeting)
        told = _carried_out(asked)
    except Refused as refusal:
        return JsonResponse(refusal.told | _since(request, meeting, _after(request)), status=refusal.status)
    return JsonResponse(told | _since(request, meeting, _after(request), own=asked.key if "row" in told else None))


def _carried_out(asked: Asked) -> dict[str, Any]:
    do = asked.body.get("do")
    if not isinstance(do, str) or do not in COMMANDS:
        raise Refused(400, UNREADABLE)
    try:
        with transaction.atomic():
            return COMMANDS[do](asked)
    except StaleVersion as stale:
        raise Refused(422, stale.messages[0], code="stale") from stale
    except ValidationError as error:
        over = not Meeting.objects.filter(pk=asked.meeting.pk).going().exists()
        errors = error.message_dict if hasattr(error, "error_dict") else {}
        raise Refused(
            422, f"{error.messages[0]}", code=OVER if over else "invalid", errors=_sentences(errors)
        ) from error


def _fill(asked: Asked) -> dict[str, Any]:
    row = asked.live_row()
    told, refused = saving.read(asked.typed("told"))
    base, _ = saving.read(asked.typed("base"))
    answer = saving.fill(row, asked.key, told, base, asked.user, sure=bool(asked.body.get("sure")))
    values = saving.shown(answer.values)
    return {
        # Nothing else of the row changes by what is typed into it.
        "row": {"id": row.pk, "values": values, **_touched(asked)},
        "values": values,
        "written": list(answer.written),
        "errors": refused,
        "doubts": answer.doubts,
        "conflicts": _conflicts({name: (each, _cell(name, each.theirs)) for name, each in answer.conflicts.items()}),
    }


def _touched(asked: Asked) -> dict[str, Any]:
    last = Saved.objects.filter(key=asked.key).select_related("by").first()
    return {"touched": rows.touched(last)} if last else {}


def _note(asked: Asked) -> dict[str, Any]:
    asked.require_running()
    told = {name: str(text) for name, text in asked.typed("told").items()}
    base = {name: str(text) for name, text in asked.typed("base").items()}
    noted = saving.note(asked.meeting, asked.key, told, base, asked.user)
    conflicts = _conflicts({name: (each, each.theirs) for name, each in noted.conflicts.items()})
    return {"values": noted.values, "written": list(noted.written), "errors": {}, "doubts": {}, "conflicts": conflicts}


def _decide(asked: Asked) -> dict[str, Any]:
    asked.require_running()
    row = asked.row_or_none()
    told = asked.form(forms.DecisionForm, row)
    matter = told.pop("matter")
    decision = saving.decide(asked.meeting, asked.key, matter, asked.user, update=row, **told)
    return {"said": f"已记录议定事项第 {decision.number} 条", "made": decision.pk}


def _revise(asked: Asked) -> dict[str, Any]:
    decision = asked.decision()
    told = asked.form(forms.DecisionForm)
    told.pop("topic")
    version = asked.body.get("version")
    expected = version if isinstance(version, int) and not _seen(asked, "revise") else None
    saving.revise(decision, asked.key, asked.user, expected_version=expected, **told)
    return {"said": f"已修改议定事项第 {decision.number} 条"}


def _drop(asked: Asked) -> dict[str, Any]:
    asked.require_running()
    if not _seen(asked, "drop"):
        saving.drop(asked.decision(), asked.key, asked.user)
    return {"said": "已删除一条议定事项"}


def _problem(asked: Asked) -> dict[str, Any]:
    row = asked.live_row()
    problem = saving.raise_problem(row, asked.key, by=asked.user, **asked.form(forms.ProblemForm, row))
    return {"said": f"已登记问题：{problem}"}


def _step(asked: Asked) -> dict[str, Any]:
    row = asked.live_row()
    told = asked.form(forms.StepForm, row)
    kind, label = told["step"]
    milestone = saving.reach(row, asked.key, kind, told["when"], asked.user, label=label)
    return {"said": f"已记录：{milestone}完成"}


def _undo(asked: Asked) -> dict[str, Any]:
    last = saving.last_of(asked.meeting, asked.user)
    if last and last.do in ON_ROWS:
        asked.written(last.update_id)
    elif last:
        asked.require_running()
    undone = saving.undo(asked.meeting, asked.key, asked.user)
    if refused := undone.told.get(saving.REFUSED):
        return {"said": f"{refused}；再按一次撤销更早的一步"}
    of = f"{undone.update.project}：" if undone.update else ""
    return {"said": f"已撤销 {of}{UNDONE[undone.do]}"}


def _start(asked: Asked) -> dict[str, Any]:
    asked.require_running()
    opening.start(asked.meeting, by=asked.user)
    return {"said": "会议已开始"}


def _close(asked: Asked) -> dict[str, Any]:
    asked.require_running()
    closing.close(asked.meeting, asked.user)
    return {"said": "会议已结束，纪要已起草"}


COMMANDS: Final[dict[str, Callable[[Asked], dict[str, Any]]]] = {
    "fill": _fill,
    "note": _note,
    "decide": _decide,
    "revise": _revise,
    "drop": _drop,
    "problem": _problem,
    "step": _step,
    "undo": _undo,
    "start": _start,
    "close": _close,
}
UNDONE: Final = {
    "fill": "填写的内容",
    "note": "会议记录",
    "decide": "记录的议定事项",
    "revise": "议定事项的修改",
    "drop": "议定事项的删除",
    "problem": "登记的问题（已销号）",
    "reach": "节点完成",
}


# ---- What others changed -------------------------------------------------------------------------------
def changes(request: HttpRequest, meeting: Meeting) -> JsonResponse:
    """What was saved after `after`: the rows as they stand now, decisions, the meeting itself."""
    return JsonResponse(_since(request, meeting, _after(request)))


def _since(request: HttpRequest, meeting: Meeting, after: int, *, own: UUID | None = None) -> dict[str, Any]:
    """`own` is the save that is answered for already."""
    user: Any = request.user
    meeting = Meeting.objects.visible_to(user).select_related("zone").get(pk=meeting.pk)
    told: dict[str, Any] = {
        "at": last_save(meeting),
        "user": {"id": user.pk, "name": str(user)},
        "csrf": get_token(request),
        "state": meeting.state,
    }
    since = Saved.objects.filter(meeting=meeting, pk__gt=after).exclude(key=own)
    saves = list(since.values_list("update", flat=True))
    if saves:
        told["rows"] = rows.of(meeting, user, [pk for pk in set(saves) if pk])
    if saves or (own is None and meeting.state != request.GET.get("state")):
        told["decisions"] = rows.decisions_of(meeting, user)
        told["meeting"] = heading(user, meeting)
    return told


def choices(request: HttpRequest, meeting: Meeting) -> JsonResponse:
    """Units and people that can be named, with the initials of their readings."""
    user: Any = request.user
    units = Department.objects.visible_to(user).filter(active=True).order_by("zone__path", "name")
    people = User.objects.visible_to(user).filter(is_active=True).select_related("department").order_by("username")
    return JsonResponse(
        {
            "units": rows.choices(units[:MOST], lambda unit: unit.name, str),
            "people": rows.choices(people[:MOST], lambda person: person.full_label, str),
        }
    )


# ---- Reading -------------------------------------------------------------------------------------------
def _asked(request: HttpRequest, meeting: Meeting) -> Asked:
    if len(request.body) > LARGEST:
        raise Refused(413, "一次保存的内容过大，没有保存，请删减")
    try:
        body = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()  # halves of characters, which no database keeps
        key = UUID(str(body["key"]))
        sender = body["user"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused(400, UNREADABLE) from error
    user: Any = request.user
    if sender != user.pk:
        # Typed by one, sent by another: it is not to be signed with his name.
        raise Refused(409, f"现在登录的是{user}，刚才的内容由别的账号填写，没有保存", code="other_user")
    return Asked(user, meeting, key, body)


def _seen(asked: Asked, do: str) -> bool:
    return Saved.objects.filter(key=asked.key, meeting=asked.meeting, do=do).exists()


def _after(request: HttpRequest) -> int:
    return _whole_number(request.GET.get("after")) or 0


def _whole_number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _conflicts(found: dict[str, tuple[Any, str]]) -> dict[str, dict[str, str]]:
    return {
        name: {"theirs": theirs, "by": each.by, "at": each.at.isoformat() if each.at else ""}
        for name, (each, theirs) in found.items()
    }


def _cell(name: str, value: Any) -> str:
    return saving.shown({name: value})[name]


def _sentences(errors: Any) -> dict[str, str]:
    return {name: str(each[0]) for name, each in errors.items()}


def _first(errors: Any) -> str:
    return next(str(each[0]) for each in errors.values())
