"""manage.py open_meeting: a zone's meeting of a day, with its agenda."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count

from projects.meetings import opening
from projects.meetings.models import Meeting, Update
from zones.commands import AnsweringCommand


class Command(AnsweringCommand):
    help = "建立一次会议并生成议程；这一天已有同类会议的，只显示那一次会议"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--zone", metavar="区域", required=True, help="开会的区域，填代号、全称或简称")
        parser.add_argument("--date", metavar="日期", required=True, help="会议日期，如 2023-07-10")
        parser.add_argument(
            "--kind",
            choices=Meeting.Kind.values,
            default=Meeting.Kind.WEEKLY.value,
            help="类别：weekly 周例会（默认），joint 联审联批会，special 专题会，tour 观摩会",
        )
        parser.add_argument("--subject", metavar="主题", default="", help="专题会、联审联批会的主题")

    def handle(self, *args: Any, **options: Any) -> None:
        zone, day = self.zone(options["zone"]), self._day(options["date"])
        try:
            meeting, new = opening.open_meeting(zone, day, kind=options["kind"], subject=options["subject"])
        except ValidationError as error:
            self.refuse("refused", "；".join(error.messages))
        counted = dict(meeting.updates.order_by().values_list("section").annotate(n=Count("pk")))
        if self.as_json:
            self.answer(_as_data(meeting, new, counted))
        else:
            self.stdout.write(_as_text(meeting, new, counted))

    def _day(self, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.refuse("bad_date", f"“{text}”不是日期：请写成 2023-07-10 这样的形式")


def _as_data(meeting: Meeting, new: bool, counted: dict[str, int]) -> dict[str, Any]:
    return {
        "meeting": meeting.pk,
        "name": str(meeting),
        "new": new,
        "zone": meeting.zone.code,
        "kind": meeting.kind,
        "held_on": meeting.held_on.isoformat(),
        "number": meeting.number,
        "state": meeting.state,
        "projects": sum(counted.values()),
        "sections": {section: counted.get(section, 0) for section in Update.Section.values},
    }


def _as_text(meeting: Meeting, new: bool, counted: dict[str, int]) -> str:
    head = f"{'已建立' if new else '此前已建立'}：{meeting}（{meeting.held_on:%Y-%m-%d}，编号 {meeting.pk}）"
    parts = [f"{Update.Section(code).label} {counted[code]} 个" for code in Update.Section.values if code in counted]
    return f"{head}\n议程：{'，'.join(parts) or '还没有列入项目'}"
