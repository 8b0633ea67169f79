"""What the chat services have in common: a message frozen as JSON, an answer with a code of its own, keys that are
sealed, and for apps a token that is fetched, kept and fetched anew when it has run out.

HTTP 200 says nothing: only the service's own code 0 is success. What it means is said once per service, in `Codes`.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse

from projects.notices.channels import sealing, web
from projects.notices.channels.base import Channel, ChannelDown, NotNow, Rate, Refused
from projects.notices.channels.web import Answer
from projects.notices.channels.words import Line, Write, fitted, lines_of
from projects.notices.outlets import Outlet

if TYPE_CHECKING:
    from projects.notices.models import Delivery

JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
SHORT: Final = timedelta(minutes=1)
EARLY: Final = timedelta(minutes=5)  # a token is fetched anew so long before it runs out
LONGEST_WORDS: Final = 120
BLOTTED: Final = "……"
NOBODY: Final = "{}里没有这个账号，或它不在应用的可见范围内"
UNREADABLE: Final = "保存的密钥无法解读（SECRET_KEY 已更换），请重新填写地址和密钥"


@dataclass(frozen=True)
class Codes:
    """What a service's codes mean, each with what to do about it where a person must.

    `ours`: only who set it up can mend it. `busy`: too much at once, and how long to wait. `later`: it is ill itself.
    `nobody`: there is no such recipient. `never`: this very message. `stale`: the token has run out. A code that stands
    nowhere is tried a few times more.
    """

    ours: Mapping[int, str] = field(default_factory=dict)
    busy: Mapping[int, timedelta] = field(default_factory=dict)
    later: frozenset[int] = frozenset()
    nobody: frozenset[int] = frozenset()
    never: Mapping[int, str] = field(default_factory=dict)
    stale: frozenset[int] = frozenset()


class Service(Channel):
    """One outlet of one kind. `limit` in bytes of UTF-8 of what it says; `shown` how the service is called."""

    kind: ClassVar[Outlet.Kind]
    shown: ClassVar[str]
    codes: ClassVar[Codes]
    limit: ClassVar[int]
    rate: Rate | None = Rate(20, timedelta(minutes=1))

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.code = outlet.code
        self._url = self._secret = ""

    # ---- What is said
    def build(self, delivery: Delivery) -> bytes:
        title = delivery.subject
        if self.outlet.keyword and self.outlet.keyword not in title:
            title = f"{title}（{self.outlet.keyword}）"
        lines = lines_of(delivery.text) or [Line("查看全部通知", inbox())]
        try:
            message = self.message(delivery, title, lines)
        except ValueError as error:
            raise Refused(f"内容超出{self.shown}的长度限制") from error
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()

    @abstractmethod
    def message(self, delivery: Delivery, title: str, lines: list[Line]) -> dict[str, Any]:
        """What is sent, as JSON. Raises ValueError where it cannot be made short enough."""

    def cut(self, lines: list[Line], write: Write) -> str:
        """The lines as far as the service takes them."""
        return fitted(lines, write, self.limit)

    # ---- Sending
    def open(self) -> None:
        try:
            self._url, self._secret = sealing.unseal(self.outlet.url_sealed), sealing.unseal(self.outlet.secret_sealed)
        except sealing.Unreadable as error:
            raise ChannelDown(UNREADABLE, ours=True) from error

    def send(self, delivery: Delivery, payload: bytes) -> None:
        self.judge(self.asked(delivery, payload))

    @abstractmethod
    def asked(self, delivery: Delivery, payload: bytes) -> Answer:
        """The service's answer to the message."""

    # ---- What the answer means
    def judge(self, answer: Answer) -> dict[str, Any]:
        """The answer's content where the service has taken the message; else raises what its code means."""
        data = answer.data()
        code = self.code_of(data)
        if code is None:
            web.judge_status(answer, f"{self.shown}没有接收")
            raise NotNow(f"{self.shown}的答复无法识别", answer.status, doubtful=True, broke=True)
        if code == 0:
            return data
        raise self.meaning(code, self.words_of(data))

    def code_of(self, data: dict[str, Any]) -> int | None:
        """The service's own code; None where there is none."""
        found = data.get("errcode")
        return found if isinstance(found, int) else None

    def words_of(self, data: dict[str, Any]) -> str:
        """What the service says of it, short and without our keys."""
        said = " ".join(str(data.get("errmsg") or data.get("msg") or "").replace("\0", " ").split())
        for secret in filter(None, (self._url, self._secret, *self._url.replace("=", "/").split("/"))):
            if len(secret) >= 8:
                said = said.replace(secret, BLOTTED)
        return said.partition(", hint:")[0].partition(", more:")[0][:LONGEST_WORDS]

    def meaning(self, code: int, words: str) -> Exception:
        """What a code that is not 0 means."""
        codes, reason = self.codes, f"{self.shown}：{words or '没有说明'}（{code}）"
        if code in codes.ours:
            return ChannelDown(f"{codes.ours[code]}（{self.shown} {code} {words}）", code, ours=True)
        if code in codes.busy:
            return ChannelDown(f"发送过于频繁，稍后自动再发（{self.shown} {code}）", code, codes.busy[code])
        if code in codes.nobody:
            return Refused(f"{NOBODY.format(self.shown)}（{code} {words}）", code, address=True)
        if code in codes.never:
            return Refused(f"{codes.never[code]}（{self.shown} {code} {words}）", code)
        if code in codes.later or code in codes.stale:
            return NotNow(reason, code)
        return NotNow(reason, code, slow=True)


class Robot(Service):
    """Knows its group by its address, which is its key."""

    def asked(self, delivery: Delivery, payload: bytes) -> Answer:
        return web.ask(self.address(), self.body(payload), JSON)

    def address(self) -> str:
        """The address of this request."""
        return self._url

    def body(self, payload: bytes) -> bytes:
        """The body of this request."""
        return payload


class App(Service):
    """Writes to persons, as itself, under a token."""

    base: ClassVar[str]

    @property
    def root(self) -> str:
        """Where the service stands: the public one, or that of a private deployment."""
        return (self._url or self.base).rstrip("/")

    @abstractmethod
    def fetched(self) -> Answer:
        """The answer to a request for a token."""

    @abstractmethod
    def asked_with(self, token: str, payload: bytes) -> Answer:
        """The service's answer to the message."""

    def token_in(self, data: dict[str, Any]) -> tuple[str, int]:
        """The token and for how many seconds it holds."""
        return str(data.get("access_token") or ""), int(data.get("expires_in") or 0)

    def asked(self, delivery: Delivery, payload: bytes) -> Answer:
        """A token that has run out before its time is fetched anew, once."""
        answer = self.asked_with(self._token(), payload)
        if self.code_of(answer.data()) not in self.codes.stale:
            return answer
        self._forget()
        return self.asked_with(self._token(), payload)

    def _token(self) -> str:
        kept = Outlet.objects.filter(pk=self.outlet.pk, token_until__gt=Now()).values_list("token_sealed", flat=True)
        for sealed in kept:
            try:
                return sealing.unseal(sealed)
            except sealing.Unreadable:
                break
        return self._new_token()

    def _new_token(self) -> str:
        try:
            data = self.judge(self.fetched())
        except (NotNow, Refused) as trouble:  # whatever it is, it concerns every message
            ours = isinstance(trouble, Refused) or trouble.code in map(str, self.codes.stale)
            raise ChannelDown(str(trouble), trouble.code, trouble.retry_after, ours=ours) from trouble
        token, seconds = self.token_in(data)
        if not token:
            raise ChannelDown(f"{self.shown}没有给出令牌")
        until = Now() + max(timedelta(seconds=seconds) - EARLY, SHORT)
        Outlet.objects.filter(pk=self.outlet.pk).update(token_sealed=sealing.seal(token), token_until=until)
        return token

    def _forget(self) -> None:
        Outlet.objects.filter(pk=self.outlet.pk).update(token_sealed="", token_until=None)


def inbox() -> str:
    """Where everything stands."""
    return str(settings.SITE_URL + reverse("admin:projects_notices_notice_changelist"))
