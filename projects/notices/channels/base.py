"""What a channel is: builds a message once, sends its bytes, and says in three ways what went wrong.

See docs/notices.md. A channel knows nothing of queues, leases and repeated attempts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projects.notices.models import Delivery

DEADLINE = 45.0
"""Seconds in which one message has been sent or given up for now; a third of the lease, with room to spare."""


class Trouble(Exception):
    """Why a message was not sent: the message in Chinese, `code` as the service named it.

    `retry_after`: not before this, if the service said so.
    """

    def __init__(self, reason: str, code: int | str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.code = str(code)
        self.retry_after = retry_after


class ChannelDown(Trouble):
    """Nothing can be sent just now, to whomever. `ours`: waiting will not mend it, an operator must (password,
    certificate, a key that was revoked).
    """

    def __init__(
        self, reason: str, code: int | str = "", retry_after: timedelta | None = None, *, ours: bool = False
    ) -> None:
        super().__init__(reason, code, retry_after)
        self.ours = ours


class NotNow(Trouble):
    """This message was not taken now. `doubtful`: it may have been, nobody said. `broke`: the line broke or nobody
    answered, which counts against the channel when it happens again and again. `slow`: of the kind that hardly passes.
    """

    def __init__(
        self,
        reason: str,
        code: int | str = "",
        retry_after: timedelta | None = None,
        *,
        doubtful: bool = False,
        broke: bool = False,
        slow: bool = False,
    ) -> None:
        super().__init__(reason, code, retry_after)
        self.doubtful, self.broke, self.slow = doubtful, broke, slow


class Refused(Trouble):
    """This message will never be taken. `address`: because there is no such address."""

    def __init__(self, reason: str, code: int | str = "", *, address: bool = False) -> None:
        super().__init__(reason, code)
        self.address = address


@dataclass(frozen=True)
class Rate:
    """At most `number` messages in any stretch of `period`, all senders together: half of them at once, the others
    evenly after them.
    """

    number: int
    period: timedelta

    @property
    def burst(self) -> int:
        return max(1, self.number // 2)

    @property
    def interval(self) -> timedelta:
        return self.period / max(1, self.number - self.burst)


class Channel(ABC):
    """One way out. An object lives for one round of one sender and may keep a connection open."""

    code: str
    rate: Rate | None = None

    @abstractmethod
    def build(self, delivery: Delivery) -> bytes:
        """The bytes that are sent, now and at every further attempt. Raises Refused where it can never be sent;
        whatever else it raises counts as broken, and after five times the message is dead.
        """

    def open(self) -> None:
        """Get ready to send, before the lease is asserted. Raises ChannelDown."""
        return

    @abstractmethod
    def send(self, delivery: Delivery, payload: bytes) -> None:
        """Send the bytes to `delivery.address`, within DEADLINE. Raises ChannelDown, NotNow or Refused; whoever
        returns says that the service has taken it.
        """

    def close(self) -> None:
        """Let go of the connection. Raises nothing."""
        return
