"""manage.py close_meeting: freeze a meeting's record and draft its minutes."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError

from projects.meetings import closing, issuing
from projects.meetings.models import Meeting, Minutes
from zones.commands import AnsweringCommand

DIGITS: Final = 18  # what fits into a key


class Command(AnsweringCommand):
    help = "结束会议：会议记录定格，并起草会议纪要；已结束的会议不变，只给出已有的纪要"
    examples = "例：manage.py close_meeting 12 --out 纪要.docx"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("meeting", metavar="会议编号", help="会议的编号，open_meeting 会给出")
        parser.add_argument("--out", metavar="文件", type=Path, help="把纪要存为 Word 文件")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = options["meeting"]
        meeting = Meeting.objects.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < DIGITS else None
        if meeting is None:
            self.refuse("unknown_meeting", f"没有编号为“{asked}”的会议，编号是一个整数，见会议的网址")
        try:
            minutes = closing.close(meeting, None)
            if options["out"]:
                options["out"].write_bytes(issuing.word_of(minutes))
        except ValidationError as error:
            self.refuse("refused", "；".join(error.messages))
        except OSError as error:
            self.refuse("not_written", f"会议已结束，但纪要文件没有写成：{error.strerror}（{options['out']}）")
        if self.as_json:
            self.answer(_as_data(minutes))
        else:
            self.stdout.write(_as_text(minutes))


def _as_data(minutes: Minutes) -> dict[str, Any]:
    record = minutes.meeting.record
    return {
        "meeting": minutes.meeting_id,
        "name": str(minutes.meeting),
        "state": minutes.meeting.state,
        "minutes": minutes.pk,
        "title": minutes.title,
        "projects": len(record["rows"]),
        "decisions": len(record["decisions"]),
        "doubts": closing.doubts(minutes),
        "path": issuing.page(minutes),
    }


def _as_text(minutes: Minutes) -> str:
    record = minutes.meeting.record
    said = [
        f"{minutes.meeting}{minutes.meeting.get_state_display()}：项目{len(record['rows'])}个，"
        f"议定事项{len(record['decisions'])}项，纪要“{minutes.title}”{'已签发' if minutes.issued_on else '待签发'}。",
        *(f"签发前请核对：{doubt}" for doubt in closing.doubts(minutes) if not minutes.issued_on),
    ]
    return "\n".join(said)
