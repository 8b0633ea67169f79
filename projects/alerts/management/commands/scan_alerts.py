"""manage.py scan_alerts: what the nightly task does, now."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from projects.alerts.scan import Outcome, Overtaken, ScanRefused, scan
from zones import clock
from zones.commands import AnsweringCommand

# Before the oldest record that an office could bring along.
EARLIEST = 1990


class Command(AnsweringCommand):
    help = "判定各项目的预警：更新态势，发出、调整、解除预警，并留下通知"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="日期", help="判定哪一天，如 2023-07-10；不填为今天")
        parser.add_argument("--zone", metavar="区域", help="只判定这个区域及其下级，填代号、全称或简称；不填为全部")
        parser.add_argument("--dry-run", action="store_true", help="只查看结果，不写入")
        parser.add_argument("--whole", action="store_true", help="全部重新判定，不只是有变化的")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            day = _day(options["as_of"])
            zone = self.zone(options["zone"]) if options["zone"] is not None else None
            outcome = scan(day, zone, options["dry_run"], whole=options["whole"])
        except ScanRefused as refusal:
            self.refuse(refusal.code, str(refusal))
        except Overtaken as overtaken:
            self.refuse("overtaken", str(overtaken))
        if self.as_json:
            self.answer(as_data(outcome))
        else:
            self.stdout.write(as_text(outcome))


def as_data(outcome: Outcome) -> dict[str, Any]:
    """The outcome for programs. `judged_month` is the latest; where zones report on different days there are more."""
    months = [day.isoformat() for day in sorted(outcome.judged_months)]
    data = {
        "as_of": outcome.as_of.isoformat(),
        "judged_month": months[-1][:7] if months else None,
        "judged_months": [month[:7] for month in months],
        "zones": outcome.zones,
        **outcome.counts,
        "not_judged_reasons": dict(sorted(outcome.reasons.items())),
        "written": outcome.written,
        "note": outcome.note,
        "waiting": outcome.waiting,
        "bad_rules": outcome.bad_rules,
    }
    alerts = sorted(outcome.alerts, key=lambda alert: (-alert.severity, alert.opened_on, alert.code))
    names = ("project", "project_id", "code", "zone", "rule", "level", "label", "sentence", "held")
    data["alerts"] = [
        {**{name: getattr(each, name) for name in names}, "opened_on": each.opened_on.isoformat()} for each in alerts
    ]
    return data


def as_text(outcome: Outcome) -> str:
    """The outcome for people."""
    months = "、".join(f"{day.year}年{day.month}月" for day in sorted(outcome.judged_months)) or "无"
    standing = "，".join(f"{outcome.labels[code]}{n}条" for code, n in sorted(outcome.open.items())) or "没有预警"
    lines = [
        f"判定日期{outcome.as_of:%Y-%m-%d}，投资数据判定到{months}。"
        f"{outcome.zones}个区域，{outcome.projects}个项目，其中{outcome.judged}个作了判定。",
        f"现有：{standing}。",
        f"本次：新发{outcome.opened}条，加重{outcome.worsened}条，减轻{outcome.eased}条，"
        f"解除{outcome.closed}条，不变{outcome.unchanged}条；通知{outcome.notices}条。" + _rests(outcome),
    ]
    lines += [f"未判定：{outcome.reasons[code]}（{n}个项目）" for code, n in outcome.not_judged.most_common()]
    lines += [*outcome.bad_rules, *filter(None, [outcome.waiting, outcome.note])]
    worst = sorted(outcome.alerts, key=lambda alert: (-alert.severity, alert.opened_on, alert.code))
    return "\n".join([*lines, *(f"· {each.label}　{each.sentence}" for each in worst)])


def _rests(outcome: Outcome) -> str:
    if not outcome.rested and not outcome.resumed:
        return ""
    return f"暂停判定{outcome.rested}条，恢复判定{outcome.resumed}条。"


def _day(text: str | None) -> date:
    if not text:
        return clock.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        message = f"“{text}”不是日期：请写成 2023-07-10 这样的形式"
        raise ScanRefused("bad_date", message) from None
    if day.year < EARLIEST:
        raise ScanRefused("bad_date", f"{text} 过早：系统只判定 {EARLIEST} 年以后的日子")
    return day
