"""notices_status: what waits, what was given up, and how the channels do."""

from __future__ import annotations

from typing import Any

from projects.notices import watching
from projects.notices.models import Hold
from projects.notices.watching import Queue
from zones.commands import AnsweringCommand


class Command(AnsweringCommand):
    help = "查看各通知渠道的待发、积压、未送达和停用情况；只读，不写入也不发送"

    def handle(self, *args: Any, **options: Any) -> None:
        queues = watching.queues()
        age, held = watching.round_age(), Hold.objects.filter(state=Hold.State.HELD).count()
        if self.as_json:
            told = [_as_data(queue) for queue in queues]
            seconds = None if age is None else round(age.total_seconds())
            self.answer({"channels": told, "last_round_age_seconds": seconds, "held": held})
            return
        for queue in queues:
            self.stdout.write(_as_text(queue))
        looked = "从未发送过" if age is None else f"上一轮发送在 {round(age.total_seconds())} 秒前"
        self.stdout.write(f"{looked}；待确认的通知 {held} 批。")


def _as_data(queue: Queue) -> dict[str, Any]:
    told = queue.as_dict()
    instants = ("down_since", "probe_at", "suspended_at")
    return {**told, **{name: told[name].isoformat() if told[name] else None for name in instants}}


def _as_text(queue: Queue) -> str:
    oldest = "" if queue.oldest_due_seconds is None else f"，最早一条已等 {queue.oldest_due_seconds} 秒"
    said = f"{queue.name}：{queue.state}；待发 {queue.waiting} 条{oldest}；近期未送达 {queue.dead} 条"
    if queue.suspended_at:
        said += f"；由 {queue.suspended_by or '命令'} 停用：{queue.suspended_reason}"
    elif queue.down_since:
        said += f"；连续失败 {queue.failures} 次：{queue.trouble}"
    return said + (f"；停用的地址 {queue.suspended_addresses} 个" if queue.suspended_addresses else "") + "。"
