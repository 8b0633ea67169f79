"""One round: compose what is news, send what is due, say what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from projects.notices import catching_up, composing, delivering, hours, operators, spreading
from projects.notices.models import Delivery


@dataclass(frozen=True)
class Summary:
    """A round in numbers: messages, except that `without_address` counts people."""

    composed: int
    sent: int
    retried: int
    failed: int
    superseded: int
    waiting: int
    without_address: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    def sentence(self) -> str:
        """The numbers as an official reads them."""
        told = (
            f"新生成 {self.composed} 封，发出 {self.sent} 封，稍后重试 {self.retried} 封，"
            f"未送达 {self.failed} 封，尚待发送 {self.waiting} 封。"
        )
        if self.superseded:
            told += f"{self.superseded} 封的内容已不再成立或收件人已无权查看，不再发送。"
        if self.without_address:
            told += f"{self.without_address} 人没有可用邮箱，只在系统内通知。"
        return told


def send_notices(stopping: Callable[[], bool] = lambda: False) -> Summary:
    """Compose and deliver. Safe to run at any time, by any number of processes; `stopping` ends it early."""
    composed = catching_up.gather() + composing.compose() + spreading.spread()
    tally = delivering.deliver(stopping=stopping)
    without = set(composing.without_address())
    operators.tell_of_no_address(without)
    return Summary(composed, tally.sent, tally.retried, tally.failed, tally.superseded, _waiting(), len(without))


def preview() -> Summary:
    """What a round would meet: messages to compose, messages not sent yet. Writes and sends nothing."""
    without = composing.without_address().count()
    return Summary(len(composing.due(hours.now())), 0, 0, 0, 0, _waiting(), without)


def _waiting() -> int:
    return Delivery.objects.open().count()
