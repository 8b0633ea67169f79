"""The first draft of a letter, from the alerts that call for it. The office checks it and writes over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Length

from projects.alerts.letters.holding import What, held, require, step
from projects.alerts.models import Alert, Letter, Letterhead, LetterKind
from projects.alerts.models.letter import TEXT, TITLE
from projects.facts.locking import locked
from projects.models import Assignment
from projects.papers import stopped
from zones import clock
from zones.models import Department, User
from zones.models.zone import ancestors_of
from zones.permissions import Action, may, paths
from zones.scoped.querysets import under
from zones.workdays import Calendar

MOST: Final = 20  # alerts of one letter
NINE: Final = time(9)
TALK_AHEAD: Final = 2  # working days until somebody is called in
NO_HEAD: Final = "本区域还没有发文设置：请先在“发文设置”里填写发函单位和字号，再起草函件"
APART: Final = "所选预警不属于同一个项目，也没有共同的责任单位，请分开起草"
DEMANDS: Final = {
    LetterKind.REMINDER: (
        "请查明原因，采取有效措施，尽快赶上进度；需要协调解决的事项，请在反馈单中写明。\n请按时限签收并提交反馈单。"
    ),
    LetterKind.SUPERVISION: (
        "请立即组织研究，查明原因，倒排整改节点，明确责任人，限期整改到位。\n"
        "请按时限签收并提交反馈单；逾期未反馈或整改不到位的，将予以约谈。"
    ),
    LetterKind.TALK: (
        "请被约谈人准时参加，就原因、已采取的措施和整改计划作出说明，并带书面材料。\n约谈后请按时限提交反馈单。"
    ),
}
TEXTS: Final = ("addressee", "title", "subject", "grounds", "demands", "reply_by", "contact", "phone", "organ")
OF_TALK: Final = ("talk_on", "talk_at", "talk_place", "talker", "talked")
LATEST: Final = 366  # days ahead that a term may lie


# ---- Drafting ----------------------------------------------------------------------------------------
@transaction.atomic
def draft(
    alerts: Sequence[Alert], *, kind: str, head: Letterhead, by: User, department: Department | None = None
) -> Letter:
    """起草: a letter of the alerts of one project, or of one unit. The same draft asked for again is the same letter.

    Raises ValidationError for no alert or more than 20, one that is closed, alerts that do not belong together, a unit
    that none of them is of, and a head that does not cover them.
    """
    if not alerts:
        raise ValidationError("请至少选择一条预警")
    if len(alerts) > MOST:
        raise ValidationError(f"一件函件最多写 {MOST} 条预警，现选了 {len(alerts)} 条，请分开起草")
    if kind not in LetterKind.values:
        raise ValidationError({"kind": "请选择文种"})
    alerts = _held(alerts)
    units = units_of(alerts)
    if department is not None and department not in units:
        raise ValidationError({"department": "请在这些预警的责任单位中选择"})
    if not all(alert.place.path.startswith(head.zone.path) for alert in alerts):
        raise ValidationError({"head": "发函单位不管辖这些预警所在的区域，请重新选择"})
    if known := _same(alerts, kind, head, by, department):
        return known
    letter = _written(alerts, LetterKind(kind), head, department, by)
    step(letter, What.DRAFTED, by)
    letter.alerts.set(alerts)
    return letter


def heads_for(user: Any, alerts: Sequence[Alert]) -> list[Letterhead]:
    """The heads under which `user` may write of all the alerts, the highest of his own zones first."""
    if not alerts:
        return []
    first, *others = ({*ancestors_of(alert.place.path), alert.place.path} for alert in alerts)
    above = first.intersection(*others)
    rows = Letterhead.objects.filter(under("zone", paths(user, Action.WRITE)), zone__path__in=above)
    return list(rows.select_related("zone").order_by(Length("zone__path")))


def units_of(alerts: Sequence[Alert]) -> list[Department]:
    """The units that can be addressed: of one project those that stand for it, else those that all alerts have in
    common. Raises ValidationError for alerts that are neither of one project nor of one unit.
    """
    of_each = [_units(alert) for alert in alerts]
    together = len({alert.project_id for alert in alerts}) == 1 and alerts[0].project_id is not None
    if together:
        return list(dict.fromkeys(unit for units in of_each for unit in units))
    common = [unit for unit in of_each[0] if all(unit in units for units in of_each)]
    if not common and len(alerts) > 1:
        raise ValidationError(APART)
    return common


def may_write_of(user: Any, alert: Alert) -> bool:
    """Whether `user` drafts letters of the alert: the office of its zone, or of one above."""
    return may(user, Action.WRITE, alert)


def refuse_closed(alert: Alert) -> None:
    """Raise ValidationError for an alert that is closed."""
    if alert.closed_on:
        raise ValidationError(f"“{alert.subject}”的预警已于 {alert.closed_on:%Y-%m-%d} 解除，不能再起草函件")


def _units(alert: Alert) -> list[Department]:
    found = [alert.department] if alert.department else []
    if alert.project_id:
        held_by = Assignment.objects.in_force(clock.today()).filter(
            project=alert.project_id, role=Assignment.Role.UNIT, department__isnull=False
        )
        found += [row.department for row in held_by.select_related("department").order_by("pk") if row.department]
    return list(dict.fromkeys(found))


def _held(alerts: Sequence[Alert]) -> list[Alert]:
    """The alerts as they are stored now, their projects locked in order; none that is closed."""
    for project in sorted({alert.project for alert in alerts if alert.project}, key=lambda each: each.pk):
        locked(project)
    rows = Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).worst_first()
    found = list(rows.select_related("project__zone", "zone", "rule", "department"))
    for alert in found:
        refuse_closed(alert)
    return found


def _same(
    alerts: Sequence[Alert], kind: str, head: Letterhead, by: User, department: Department | None
) -> Letter | None:
    """The same draft of the same person, if he has it already."""
    mine = Letter.objects.drafts().filter(kind=kind, head=head, drafted_by=by, department=department)
    wanted = {alert.pk for alert in alerts}
    for letter in mine.filter(alerts=alerts[0]).prefetch_related("alerts"):
        if {alert.pk for alert in letter.alerts.all()} == wanted:
            return letter
    return None


# ---- Its text ----------------------------------------------------------------------------------------
def _written(
    alerts: Sequence[Alert], kind: LetterKind, head: Letterhead, department: Department | None, by: User
) -> Letter:
    today, calendar, first = clock.today(), Calendar(), alerts[0]
    one_project = len({alert.project_id for alert in alerts}) == 1
    project = first.project if one_project else None
    name = project.name if project else "、".join(dict.fromkeys(alert.subject for alert in alerts))
    talk_on = calendar.after(today, TALK_AHEAD) if kind == LetterKind.TALK else None
    within = getattr(head, f"{kind.value}_days")
    short = name if len(name) <= TITLE - 20 else f"{alerts[0].subject[: TITLE - 30]}等"
    return Letter(
        zone=project.zone if project else _lowest_common(alerts, head),
        head=head,
        kind=kind,
        project=project,
        department=department,
        is_demo=any(alert.is_demo for alert in alerts),
        addressee=department.name if department else _owner(first, name),
        title=f"关于{short}预警事项的{kind.label}",
        subject=name[:200],
        grounds=_grounds(alerts),
        demands=DEMANDS[kind],
        reply_by=calendar.after(talk_on or today, within),
        contact=head.contact or str(by),
        phone=head.phone,
        organ=head.organ,
        talk_on=talk_on,
        talk_at=NINE if talk_on else None,
        drafted_by=by,
        drafted_on=today,
    )


def _lowest_common(alerts: Sequence[Alert], head: Letterhead) -> Any:
    """The zone of the alerts, where they are of one; else that of the head, which covers them."""
    places = {alert.place.path: alert.place for alert in alerts}
    return next(iter(places.values())) if len(places) == 1 else head.zone


def _owner(alert: Alert, name: str) -> str:
    company = alert.project.company if alert.project else None
    return (company.name if company else name)[:100]


def _grounds(alerts: Sequence[Alert]) -> str:
    """Why the letter is written: of each alert its sentence, its rule, its figures and its month."""
    lines = [_ground(alert) for alert in alerts]
    listed = lines if len(lines) == 1 else [f"{place}．{line}" for place, line in enumerate(lines, start=1)]
    text = "\n".join(listed)
    return text if len(text) <= TEXT else f"{text[: TEXT - 1]}…"


def _ground(alert: Alert) -> str:
    evidence = alert.evidence
    shown = "，".join(f"{label}{value}" for label, value in evidence.get("shown", []))
    rule, basis = evidence.get("rule") or alert.rule.name, evidence.get("basis", "")
    parts = [
        f"规则：{rule}{f'（{basis}）' if basis else ''}",
        f"数据：{shown}" if shown else "",
        _until(evidence),
        f"{alert.label}自{alert.level_since.year}年{alert.level_since.month}月{alert.level_since.day}日起",
    ]
    return f"{stopped(alert.sentence)}{stopped('；'.join(filter(None, parts)))}"


def _until(evidence: Mapping[str, Any]) -> str:
    """The month that was judged, where the figures do not name it themselves."""
    month = evidence.get("month")
    if not month or any("月" in label or "截至" in label for label, _ in evidence.get("shown", [])):
        return ""
    last = date.fromisoformat(month)
    return f"数据截至{last.year}年{last.month}月"


# ---- Editing -----------------------------------------------------------------------------------------
@transaction.atomic
def edit(letter: Letter, words: Mapping[str, Any], *, by: User, expected_version: int | None = None) -> Letter:
    """修改: put what was typed into a draft. What was submitted stays so; its reader is told by the version.

    Raises StaleVersion, and ValidationError when it is issued, for a text that is missing or too long, and for a day
    that has passed.
    """
    letter = held(letter)
    require(letter, expected_version, Letter.DRAFTS, "修改")
    allowed = {*TEXTS, *(OF_TALK if letter.kind == LetterKind.TALK else ())}
    changed = [name for name in words if name in allowed and getattr(letter, name) != words[name]]
    if not changed:
        return letter
    for name in changed:
        setattr(letter, name, words[name])
    check(letter)
    letter.full_clean(exclude=["document"])
    labels = [str(Letter._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]
    step(letter, What.EDITED, by, "、".join(labels))
    return letter


def check(letter: Letter) -> None:
    """Raise ValidationError by field for what a letter cannot go out with."""
    today, wrong = clock.today(), {}
    for name, asked in _asked(letter):
        if not getattr(letter, name):
            wrong[name] = f"请填写{asked}"
    if not today <= letter.reply_by <= date.fromordinal(today.toordinal() + LATEST):
        wrong["reply_by"] = "反馈时限应在今天之后一年以内，请修改"
    if letter.talk_on and letter.kind == LetterKind.TALK:
        if letter.talk_on < today:
            wrong["talk_on"] = "约谈日期已过，请修改"
        elif letter.reply_by < letter.talk_on:
            wrong["reply_by"] = "反馈时限不能早于约谈日期"
    if wrong:
        raise ValidationError(wrong)


def _asked(letter: Letter) -> list[tuple[str, str]]:
    names = (*(each for each in TEXTS if each != "phone"), *(OF_TALK if letter.kind == LetterKind.TALK else ()))
    return [(name, str(Letter._meta.get_field(name).verbose_name)) for name in names]  # type: ignore[union-attr]
