"""The record of the month: what was sent to whom, when, with which figures, and how it differs from what was sent last.

The file is kept as it went out, and with it the figures of each project as they were then, so that what was corrected
later can be told from what was sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from projects import money
from projects.ledgers.exporting import forms, giving
from projects.ledgers.exporting.forms import Asked
from projects.ledgers.exporting.telling import Told
from projects.ledgers.models import Dispatch
from projects.models import Project
from projects.papers.frozen import SPOILT
from zones import clock
from zones.models import User
from zones.permissions import Action, may

FIGURES: Final = {
    "investment": "总投资",
    "annual_plan": "年度计划投资",
    "year_done": "年度累计完成投资",
    "month_done": "当月完成投资",
    "total_done": "自开工累计完成投资",
}
"""What is kept of each project, in yuan."""
STANDING: Final = ("investment", "annual_plan")  # what does not change from one month to the next by itself
NOT_ALLOWED: Final = "您没有权限登记这个区域的报送"
NOT_TO_COME: Final = "报送日期不能晚于今天"
NOT_BEFORE: Final = "报送日期不能早于报送月份的第一天"


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs of one project: `kind` is 新增, 退出 or 更正; `old` and `new` as they are shown."""

    kind: str
    name: str
    what: str
    old: str = ""
    new: str = ""


@transaction.atomic
def send(code: str, asked: Asked, *, recipient: str, sent_on: date, by: User | None, note: str = "") -> Dispatch:
    """Make the table of that form as Excel and keep it as sent. What was sent before with the same figures, on the same
    day, to the same, is not kept twice: a second click finds it. `by` is None for the system.

    Raises ValidationError where the person may not, for a form that there is not, and for a day that cannot be.
    """
    if by is not None and not may(by, Action.WRITE, asked.zone):
        raise ValidationError(NOT_ALLOWED)
    recipient, note = " ".join(recipient.split()), note.strip()
    if not recipient:
        raise ValidationError({"recipient": "请填写报送给哪个单位"})
    if sent_on > clock.today():
        raise ValidationError({"sent_on": NOT_TO_COME})
    if sent_on < asked.when.last.replace(day=1):
        raise ValidationError({"sent_on": NOT_BEFORE})
    if not code:
        raise ValidationError("填报模板不是报表，不能登记报送")
    figures: dict[str, dict[str, Any]] = {}

    def heard(told: Told) -> None:
        figures[str(told.project.pk)] = _figures(told)

    given = giving.give(code, asked, forms.projects_of(asked.zone, asked.when, by), heard=heard)
    with given.file as made:
        data = made.read()
    layout = giving.name_of(code)[:200] if giving.is_example(code) else code.upper()
    about = {"zone": asked.zone, "month": asked.when.last, "layout": layout, "recipient": recipient[:100]}
    same = Dispatch.objects.filter(**about, sent_on=sent_on, title=given.title[:200]).order_by("-pk").first()
    if same is not None and same.figures == figures:
        return same
    row = Dispatch(
        **about,
        title=given.title[:200],
        sent_on=sent_on,
        sent_by=by,
        note=note[:300],
        file_name=f"{given.title}.xlsx"[-255:],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        figures=figures,
    )
    row.file.save("", ContentFile(data), save=False)
    row.save()
    return row


def _figures(told: Told) -> dict[str, Any]:
    """The figures of a project, and those of the earlier months of the year as they are known now."""
    kept: dict[str, Any] = {name: told.cell(name) for name in FIGURES}
    months = {str(month): done for month in range(1, told.when.month) if (done := told.year_done(month)) is not None}
    return {"name": told.project.name, "code": told.project.code, **kept, "months": months}


def file_of(dispatch: Dispatch) -> bytes:
    """The very bytes that were sent. Raises ValidationError if they are gone or others."""
    try:
        with dispatch.file.open("rb") as kept:
            data: bytes = kept.read()
    except (FileNotFoundError, ValueError) as gone:
        raise ValidationError(SPOILT.format("报送的")) from gone
    if hashlib.sha256(data).hexdigest() != dispatch.sha256:
        raise ValidationError(SPOILT.format("报送的"))
    return data


def last_before(dispatch: Dispatch) -> Dispatch | None:
    """What was sent before it by the same form of the same zone: of the month before, or of this month earlier."""
    rows = Dispatch.objects.filter(zone=dispatch.zone_id, layout=dispatch.layout)
    earlier = rows.filter(Q(month__lt=dispatch.month) | Q(month=dispatch.month, pk__lt=dispatch.pk))
    return earlier.order_by("-month", "-pk").first()


def differences(dispatch: Dispatch, last: Dispatch) -> list[Difference]:
    """What differs from `last`: projects that came and went, with why, and figures that were corrected."""
    now, before = dispatch.figures, last.figures
    found = [_came(now[pk]) for pk in now if pk not in before]
    gone = [pk for pk in before if pk not in now]
    reasons = _reasons(gone)
    found += [Difference("退出", before[pk]["name"], reasons.get(pk, "不再属于本区域")) for pk in gone]
    for pk in now:
        if pk in before:
            found += _corrected(now[pk], before[pk], dispatch.month, last.month)
    return found


def _came(figures: Mapping[str, Any]) -> Difference:
    return Difference("新增", figures["name"], FIGURES["investment"], "", _shown(figures["investment"]))


def _reasons(gone: list[str]) -> dict[str, str]:
    """Why projects are no longer reported."""
    found = {}
    rows = Project.objects.filter(pk__in=[int(pk) for pk in gone]).values_list(
        "pk", "terminated_on", "terminated_reason", "withdrawn_at"
    )
    for pk, ended, reason, withdrawn in rows:
        if withdrawn:
            found[str(pk)] = "档案已撤销"
        elif ended:
            found[str(pk)] = f"{ended:%Y-%m-%d} 终止" + (f"：{reason}" if reason else "")
    return found


def _corrected(now: Mapping[str, Any], before: Mapping[str, Any], month: date, last: date) -> list[Difference]:
    """Figures of the month that was sent last which are others now."""
    if month == last:
        pairs = [(name, before[name], now[name], FIGURES[name]) for name in FIGURES]
    else:
        pairs = [(name, before[name], now[name], FIGURES[name]) for name in STANDING if month.year == last.year]
        if month.year != last.year:
            pairs = [("investment", before["investment"], now["investment"], FIGURES["investment"])]
        elif str(last.month) in now["months"]:
            done = now["months"][str(last.month)]
            pairs.append(("year_done", before["year_done"], done, f"1-{last.month}月累计完成投资"))
    return [
        Difference("更正", now["name"], what, _shown(old), _shown(new)) for _, old, new, what in pairs if old != new
    ]


def _shown(yuan: int | None) -> str:
    return "未报" if yuan is None else money.show(yuan)
