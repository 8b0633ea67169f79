"""watch_notices: the dead-man's switch, for cron. Says by its exit code, and by mail, when nobody is told any more.

It stands outside of everything that it watches: the database may be down, the queue stuck, the worker gone. What it
said last is kept in a file.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage

from tracker import health
from zones.commands import AnsweringCommand

AGAIN: Final = 6 * 3600  # seconds until the same trouble is said again
WORDS: Final = {
    "database": "数据库连不上",
    "oldest_due": "有消息等了半小时以上还没有发出",
    "last_scan": "今天早上没有判定预警",
    "last_round": "半小时以上没有人发送通知",
}


class Command(AnsweringCommand):
    help = "检查通知是否还在正常发出，不正常时给 OPERATORS 里的地址发一封邮件并以非零状态退出；供 cron 定时运行"
    # The database may be what is wrong.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        found = health.telling()
        said = "；".join(WORDS[name] for name in found["wrong"]) or "通知正常发出"
        mailed = self._mail(found, said)
        if self.as_json:
            self.answer({**found, "mailed": mailed})
        else:
            self.stdout.write(f"{said}。")
        if found["status"] != "ok":
            raise SystemExit(1)

    def _mail(self, found: dict[str, Any], said: str) -> bool:
        """Tell the operators what is news to them; whether it could be told. Bad: at once and every six hours. Good:
        once, when it was bad before.
        """
        bad, last = found["status"] != "ok", _last()
        if not settings.OPERATORS or (not bad and not last) or (bad and time.time() - last < AGAIN):
            return False
        subject = f"【告警】通知系统：{said}" if bad else "【恢复】通知系统恢复正常"
        body = f"{said}。\n\n{settings.SITE_URL}/healthz/alerts\n{json.dumps(found, ensure_ascii=False)}\n"
        try:
            EmailMessage(subject[:200], body, to=settings.OPERATORS).send()
        except Exception as error:
            self.stderr.write(f"告警邮件没有发出（{type(error).__name__}）：请检查 EMAIL_URL")
            return False
        _remember(time.time() if bad else 0.0)
        return True


def _file() -> Path:
    return Path(settings.VAR_DIR) / "watch_notices.json"


def _last() -> float:
    """When trouble was last mailed, in seconds since the epoch; 0 if all has been well since."""
    try:
        return float(json.loads(_file().read_text())["mailed_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0


def _remember(at: float) -> None:
    _file().write_text(json.dumps({"mailed_at": at}))
