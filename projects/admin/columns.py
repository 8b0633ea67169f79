"""How values look on the core's screens: lights, money, percentages, deadlines, marks."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from projects import dates, money, plans
from projects.models import Project, Source, Standing

NOTHING: Final = "—"
UNSEEN_SOURCE: Final = "上级来源"
# Colour is never alone: who cannot tell red from green sees the shape, and the words say it.
SHAPES: Final = {"green": "●", "blue": "◇", "yellow": "▲", "orange": "◆", "red": "■", "": "○"}
COLOURS: Final = {"green": "#15803d", "": "#94a3b8"}
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3,8}")
PADDED: Final = re.compile(r"\.(\d*?)0+(?=\D)")


def light(code: str, label: str = "", colour: str = "") -> SafeString:
    """A light as shape, colour and words."""
    shown = colour if COLOUR.fullmatch(colour) else COLOURS.get(code, "#b45309")
    words = label or ("正常" if code == "green" else code) or "未判定"
    return format_html(
        '<span class="tk-light"><span class="tk-shape" style="color:{}" aria-hidden="true">{}</span>{}</span>',
        shown,
        SHAPES.get(code, "▲"),
        words,
    )


def light_of(standing: Standing | None) -> SafeString:
    """The light of a project; not judged where nothing stands."""
    return light(standing.light, standing.light_label, standing.colour) if standing else light("")


def mark(words: str, tone: str = "plain") -> SafeString:
    """A small mark behind a name: 演示, 停缓建."""
    return format_html('<span class="tk-mark tk-mark-{}">{}</span>', tone, words)


def marks(project: Project, *, suspended: bool) -> SafeString:
    """The marks of a project."""
    found = [("演示", "demo")] if project.is_demo else []
    if project.terminated_on:
        found.append(("已终止", "grey"))
    elif suspended:
        found.append(("停缓建", "warn"))
    return format_html_join("", " {}", ((mark(words, tone),) for words, tone in found))


def brief(yuan: int | None) -> str:
    """Yuan in the unit an official would use, to two decimals: "4.8亿元"; an exact figure stands on the page."""
    if yuan is None:
        return NOTHING
    return PADDED.sub(lambda m: f".{m[1]}" if m[1] else "", money.show(yuan, places=2))


def invested(project: Project) -> str:
    """Total investment as stated, foreign money beside it and never added."""
    parts = [money.show_amount(project.investment)] if project.investment else []
    if project.foreign:
        parts.append(("另有" if parts else "") + money.show_amount(project.foreign))
    return "，".join(parts) or NOTHING


def percent(part: int | None, whole: int | None) -> str:
    """part ÷ whole with one decimal; "—" where it means nothing."""
    if part is None or not whole:
        return NOTHING
    return f"{100 * part / whole:.1f}%"


def lag(hundredths: int | None) -> str:
    """Percentage points × 100 behind, in words."""
    if hundredths is None:
        return NOTHING
    points = f"{abs(hundredths) / 100:.1f} 个百分点"
    if hundredths == 0:
        return "持平"
    return f"落后 {points}" if hundredths > 0 else f"超前 {points}"


def points(hundredths: int) -> str:
    """The same without the unit, for a column that names it: "落后 35.0", "超前 2.5"."""
    return lag(hundredths).removesuffix(" 个百分点")


def cell(first: Any, second: Any = "", marked: Any = "") -> SafeString:
    """A cell of two lines, the second one smaller; one block on a phone's card as well."""
    small = format_html('<span class="tk-sub">{}</span>', second) if second else ""
    return format_html('<span class="tk-cell">{} {}{}</span>', first, marked, small)


def days_left(deadline: date | None, today: date) -> str:
    """How far a deadline is."""
    if deadline is None:
        return ""
    left = (deadline - today).days
    if left < 0:
        return f"逾期 {-left} 天"
    return f"还有 {left} 天" if left else "今天到期"


def deadline(day: date | None, today: date) -> SafeString | str:
    """A deadline with the days left, marked when it has passed."""
    if day is None:
        return ""
    tone = "tk-late" if day < today else "tk-muted"
    return format_html('{} <span class="{}">{}</span>', f"{day:%Y-%m-%d}", tone, days_left(day, today))


def source_link(source: Source | None, otherwise: str = NOTHING) -> SafeString | str:
    """A source by its title, one click away; invented ones say so. Only for who may see it: see `sourced`."""
    if source is None:
        return otherwise
    url = reverse("admin:projects_source_change", args=[source.pk])
    link = format_html('<a class="tk-link" href="{}">{}</a>', url, source.title)
    return format_html("{} {}", link, mark("演示", "demo")) if source.is_demo else link


def project_link(project: Project | None) -> SafeString | str:
    """The project's name, leading to its page."""
    if project is None:
        return NOTHING
    url = reverse("admin:projects_project_change", args=[project.pk])
    demo = mark("演示", "demo") if project.is_demo else ""
    return format_html('<a class="tk-link" href="{}">{}</a> {}', url, project.name, demo)


def days(first: date | None, last: date | None) -> str:
    """Days as officials write them: a day, a whole month, or from–to."""
    if first is None and last is None:
        return NOTHING
    whole_month = first and last and first.day == 1 and last == plans.month_end(first.year, first.month)
    precision = "day" if first == last else "month" if whole_month else "range"
    return dates.show(dates.DateSpan(first, last, precision))


def page(name: str, *args: Any) -> str:
    """The address of one of the core's screens: page("project_change", 3)."""
    return reverse(f"admin:projects_{name}", args=args)
