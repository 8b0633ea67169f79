"""What the open page asks: to carry out a decision, what others decided since, and which projects can be meant.

Every answer is JSON, also a refusal: whoever sees a page instead knows that he is signed out. A command says what its
sender saw (`seen`: the last step on the mention; `expected`: what was proposed; `event`: what is to be undone) and is
refused as stale on anything else, so that sending it twice does it once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token

from projects.matching import near
from projects.models import Project
from projects.reports import acceptance, reconciling, rereading, review, undoing
from projects.reports.admin.review import rows
from projects.reports.models import Mention, MentionEvent, Report
from zones.scoped.admin import can_write

LARGEST: Final = 64 * 1024  # bytes of one command
LONGEST_SEARCH: Final = 100
MOST_FOUND: Final = 12
UNREADABLE: Final = "发送的内容不完整，请刷新页面后重试"
NOT_YOURS: Final = "您没有权限审核这篇报道，没有保存"
GONE: Final = "报道重新读取过，这一条已经不在了，没有保存"
NO_PROJECT: Final = "这个项目不归您维护，或者不在这篇报道可以说到的区域，没有保存"


class Refused(Exception):
    """A command that cannot be carried out: its status and what to say."""

    def __init__(self, status: int, said: str, *, code: str = "", **more: Any) -> None:
        super().__init__(said)
        self.status, self.told = status, {"said": said, "code": code, **more}


@dataclass(frozen=True, slots=True)
class Asked:
    """One command: who gives it, on which report; `body` is the rest."""

    user: Any
    report: Report
    body: dict[str, Any]

    def mention(self, name: str = "pk") -> Mention:
        """A mention of the report. Raises Refused when it is not there any more."""
        found = self.report.mentions.filter(pk=_whole_number(self.body.get(name))).first()
        if found is None:
            raise Refused(404, GONE, code="gone")
        found.report = self.report
        return found

    def as_seen(self) -> Mention:
        """The mention, held, if nothing has happened to it since the person saw it. Raises Refused otherwise."""
        acceptance.wait_for_others(self.report.zone)
        mention = self.mention()
        last = mention.events.select_related("by").order_by("-pk").first()
        if last and last.pk != _whole_number(self.body.get("seen")):
            who = "您" if last.by_id == self.user.pk else str(last.by or "系统")
            said = f"“{mention.name}”刚才已由{who}{last.get_what_display()}，没有再改"
            raise Refused(409, said, code="stale", own=last.by_id == self.user.pk)
        return mention

    def project(self) -> Project:
        """The project that was chosen, if the report can speak of it and the person may write it."""
        ours = Project.objects.writable_by(self.user).filter(near(self.report.zone))
        found = ours.filter(pk=_whole_number(self.body.get("project"))).first()
        if found is None:
            raise Refused(422, NO_PROJECT, code="invalid")
        return found

    def text(self, name: str) -> str:
        value = self.body.get(name)
        return value if isinstance(value, str) else ""


# ---- Deciding ------------------------------------------------------------------------------------------
def save(request: HttpRequest, report: Report) -> JsonResponse:
    """Carry out one command, and answer with what has changed since the page last heard."""
    if request.method != "POST":
        return JsonResponse({"said": UNREADABLE}, status=405)
    try:
        told, status = _carried_out(_asked(request, report)), 200
    except Refused as refusal:
        told, status = refusal.told, refusal.status
    return JsonResponse(told | _since(request, report), status=status)


def _carried_out(asked: Asked) -> dict[str, Any]:
    do = asked.body.get("do")
    if not isinstance(do, str) or do not in COMMANDS:
        raise Refused(400, UNREADABLE)
    try:
        with transaction.atomic():
            return COMMANDS[do](asked)
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {}
        errors = {name: messages[0] for name, messages in fields.items()}
        raise Refused(422, error.messages[0], code="invalid", errors=errors) from error


def _accept(asked: Asked) -> dict[str, Any]:
    mention = asked.as_seen()
    _require_expected(asked, mention)
    return _said(mention, review.accept(mention, by=asked.user))


def _require_expected(asked: Asked, mention: Mention) -> None:
    """What was accepted meanwhile may have changed what is proposed: then the person is to look again."""
    expected = asked.body.get("expected")
    found = review.proposal(mention, review.register_for(asked.report, asked.user))
    if expected != {"kind": found.kind, "project": found.project_pk}:
        raise Refused(409, f"“{mention.name}”的建议刚才变了，请再看一眼：{found.why}", code="stale")


def _adopt(asked: Asked) -> dict[str, Any]:
    mention = asked.as_seen()
    return _said(mention, review.adopt(mention, asked.project(), by=asked.user))


def _new(asked: Asked) -> dict[str, Any]:
    mention = asked.as_seen()
    return _said(mention, review.adopt_as_new(mention, by=asked.user)[1])


def _refuse(asked: Asked) -> dict[str, Any]:
    mention = asked.as_seen()
    review.refuse(mention, reason=asked.text("reason"), by=asked.user)
    return {"said": f"“{mention.name}”不采纳，原因留在报道里"}


def _correct(asked: Asked) -> dict[str, Any]:
    mention = asked.as_seen()
    told = asked.body.get("told")
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise Refused(400, UNREADABLE)
    review.correct(mention, told, by=asked.user)
    return {"said": f"“{mention.name}”已更正，原文仍然留着"}


def _join(asked: Asked) -> dict[str, Any]:
    mention, into = asked.as_seen(), asked.mention("into")
    review.join(mention, into, by=asked.user)
    return {"said": f"“{mention.name}”已并入本文的“{into.name}”"}


def _certain(asked: Asked) -> dict[str, Any]:
    done = review.accept_certain(asked.report, by=asked.user)
    left = asked.report.mentions.filter(state__in=acceptance.OPEN).count()
    rest = f"，还有 {left} 条要逐条看" if left else "，没有剩下的"
    return {"said": f"{done.sentence}{rest}"}


def _undo(asked: Asked) -> dict[str, Any]:
    """A step that is on the page, whoever took it: with its press of a button, or `alone`."""
    steps = MentionEvent.objects.filter(mention__report=asked.report).exclude(what=MentionEvent.What.UNDONE)
    step = steps.select_related("undone_by").filter(pk=_whole_number(asked.body.get("event"))).first()
    if step is None:
        raise Refused(409, "没有可以撤销的步骤", code="stale")
    if step.undone_by:
        raise Refused(409, undoing.UNDONE, code="stale", own=step.undone_by.by_id == asked.user.pk)
    said = review.undo(asked.report, by=asked.user, step=step, whole=asked.body.get("alone") is not True)
    return {"said": said, "about": f"m{step.mention_id}"}


def _take(asked: Asked) -> dict[str, Any]:
    mention = asked.as_seen()
    rereading.take(mention, by=asked.user)
    return {"said": f"“{mention.name}”已采用重新读取的结果"}


def _dismiss(asked: Asked) -> dict[str, Any]:
    mention = asked.as_seen()
    rereading.dismiss(mention, by=asked.user)
    return {"said": f"“{mention.name}”保持原样"}


def _answer(asked: Asked) -> dict[str, Any]:
    held = asked.report.figures.select_for_update(no_key=True)
    figure, text = held.filter(pk=_whole_number(asked.body.get("pk"))).first(), asked.text("text")
    if figure is None:
        raise Refused(404, GONE, code="gone")
    if rows.answered(figure) != (_whole_number(asked.body.get("seen")) or 0):
        own = figure.answered_by_id == asked.user.pk and figure.answer == text.strip()
        said = f"这个总数刚才已由{figure.answered_by or '系统'}说明，没有再改"
        raise Refused(409, said, code="stale", own=own)
    figure.report = asked.report
    reconciling.answer(figure, text, by=asked.user)
    return {"said": "核对说明已记录"}


def _settle(asked: Asked) -> dict[str, Any]:
    difference = asked.report.differences.filter(pk=_whole_number(asked.body.get("pk"))).first()
    if difference is None:
        raise Refused(404, GONE, code="gone")
    if not difference.open:
        own = difference.resolved_by_id == asked.user.pk
        raise Refused(409, f"{review.SETTLED}，没有再改", code="stale", own=own)
    review.settle(difference, resolution=asked.text("text"), by=asked.user)
    return {"said": "处理意见已记录，原文没有改动"}


COMMANDS: Final[dict[str, Callable[[Asked], dict[str, Any]]]] = {
    "accept": _accept,
    "adopt": _adopt,
    "new": _new,
    "refuse": _refuse,
    "correct": _correct,
    "join": _join,
    "certain": _certain,
    "undo": _undo,
    "take": _take,
    "dismiss": _dismiss,
    "answer": _answer,
    "settle": _settle,
}


def _said(mention: Mention, done: acceptance.Accepted) -> dict[str, Any]:
    written = {"入批": done.entries, "数据": done.claims, "节点": done.reached}
    told = "，".join(f"{words} {number} 条" for words, number in written.items() if number)
    known = "新项目" if done.created else "已有项目"
    return {"said": f"“{mention.name}”已采纳为{known}{'：' if told else ''}{told}"}


# ---- What others decided -------------------------------------------------------------------------------
def changes(request: HttpRequest, report: Report) -> JsonResponse:
    """What was decided after step `after`, and everything if the report was read again since `shape`."""
    return JsonResponse(_since(request, report))


def _since(request: HttpRequest, report: Report) -> dict[str, Any]:
    user: Any = request.user
    request.__dict__.pop("_scoped_rows", None)
    report = Report.objects.select_related("zone", "source").get(pk=report.pk)  # it may have been read again
    told = rows.Rows(report, user, writes=can_write(request, report))
    after, shape = _whole_number(request.GET.get("after")) or 0, request.GET.get("shape", "")
    return {"user": {"id": user.pk, "name": str(user)}, "csrf": get_token(request), **told.since(after, shape)}


# ---- Which projects can be meant -----------------------------------------------------------------------
def search(request: HttpRequest, report: Report) -> JsonResponse:
    """Projects whose name, other name, code or initials hold the text, of those that the person may write."""
    text = request.GET.get("text", "").strip()[:LONGEST_SEARCH]
    if not text:
        return JsonResponse({"projects": []})
    like = Q(name__icontains=text) | Q(code__icontains=text) | Q(initials__icontains=text)
    ours = Project.objects.writable_by(request.user).filter(near(report.zone))
    also = Q(pk__in=ours.filter(aliases__name__icontains=text, aliases__withdrawn_at=None).values("pk"))
    found = rows.named(ours.filter(like | also).order_by("name", "pk"))[:MOST_FOUND]
    return JsonResponse({"projects": [rows.project_row(row) for row in found]})


# ---- Reading -------------------------------------------------------------------------------------------
def _asked(request: HttpRequest, report: Report) -> Asked:
    if len(request.body) > LARGEST:
        raise Refused(413, "填写的内容过大，没有保存，请删减", code="invalid")
    try:
        body = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()  # halves of characters, which no database keeps
        sender = body["user"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refused(400, UNREADABLE) from error
    user: Any = request.user
    if sender != user.pk:
        # Decided by one, sent by another: it is not to be signed with his name.
        raise Refused(409, f"现在登录的是{user}，刚才的处理属于别的账号，没有保存", code="other_user")
    if not can_write(request, report):
        raise Refused(403, NOT_YOURS, code="not_yours")
    return Asked(user, report, body)


def _whole_number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
