"""The one HTTP client: asks once, follows nothing, waits no longer than it must, and knows to whom it is connected.

An address is checked where it is connected to: the name is looked up once, every address it has is judged, and the
connection is made to one of these very addresses, so that a second answer of the name server changes nothing (DNS
rebinding). The environment's proxies are not used: they would connect to wherever they like.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from projects.notices.channels.base import ChannelDown, NotNow, Refused

CONNECT: Final = 5.0  # seconds for one address
WHOLE: Final = 10.0  # seconds for everything; the web server's own patience is longer, and DEADLINE too
MOST: Final = 64 * 1024  # bytes of an answer; what a service has to say is one line
PAUSE: Final = timedelta(minutes=1)  # after "too many" without a word for how long
LONGEST_PAUSE: Final = timedelta(hours=6)
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last four bytes

SELF: Final = "这个地址指向本系统所在的服务器，通知不能发给自己"
INSIDE: Final = "{host} 指向内网或本机的地址 {ip}，通知不能发到那里；确需发送的，请运维人员写进设置 WEBHOOK_NETWORKS"
PLAIN: Final = "地址须以 https:// 开头；只有设置 WEBHOOK_NETWORKS 允许的内网地址可以用 http://"
MALFORMED: Final = "地址不完整，应像 https://域名/路径 这样"
WITH_ACCOUNT: Final = "地址里不能写用户名和密码"
CERTIFICATES: Final = {
    10: "证书已过期",
    18: "证书是自签名的",
    19: "证书链里有自签名的证书",
    20: "证书的签发机构不受信任",
    62: "证书与域名不符",
}
"""By OpenSSL's verification code (X509_V_ERR_…)."""

OURS: Final = frozenset({401, 403, 404, 405, 410})  # we are not known there, or nobody is
LATER: Final = frozenset({408, 425})


class NotAllowed(Exception):
    """The address may not be asked; the message says why, in Chinese."""


@dataclass(frozen=True)
class Target:
    """Where a request goes."""

    secure: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Answer:
    """What came back: at most `MOST` bytes of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def data(self) -> dict[str, Any]:
        """The JSON object that it is; empty if it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def retry_after(self) -> timedelta:
        """What the service asks to wait (RFC 9110 §10.2.3, in seconds), within reason."""
        asked = self.headers.get("retry-after", "").strip()
        return min(timedelta(seconds=int(asked)), LONGEST_PAUSE) if asked.isdecimal() and len(asked) < 9 else PAUSE


# ---- Who may be asked ----------------------------------------------------------------------------------
def target_of(url: str) -> Target:
    """The parts of an address. Raises NotAllowed for what is none, or says more than it should."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host.encode("idna")
    except (ValueError, UnicodeError) as error:
        raise NotAllowed(MALFORMED) from error
    if parts.scheme not in {"https", "http"} or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise NotAllowed(MALFORMED)
    if parts.username is not None or parts.password is not None:
        raise NotAllowed(WITH_ACCOUNT)
    if host == settings.OWN_HOST.lower() and not _loopback_is_allowed(host):
        raise NotAllowed(SELF)
    secure = parts.scheme == "https"
    path = parts.path or "/"
    return Target(secure, host, port or (443 if secure else 80), f"{path}?{parts.query}" if parts.query else path)


def looked_up(target: Target) -> list[tuple[int, Any]]:
    """Families and socket addresses of a target, each of which may be connected to.

    Raises NotAllowed if one of them may not, OSError if the name has none.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    for *_, where in found:
        _permit(target, str(where[0]))
    return [(family, where) for family, _, _, _, where in found]


def check(url: str) -> None:
    """Raises NotAllowed if nothing may ever be sent there, as far as can be told now: a name that is not known at this
    moment is judged when it is.
    """
    target = target_of(url)
    with suppress(OSError):
        looked_up(target)


def _permit(target: Target, address: str) -> None:
    ip = ipaddress.ip_address(address.partition("%")[0])
    meant = _meant(ip)
    if any(each in network for each in {ip, meant} for network in _networks() if each.version == network.version):
        return
    if meant.is_loopback or meant.is_unspecified:
        raise NotAllowed(SELF)
    if not meant.is_global or meant.is_multicast or meant.is_reserved:
        raise NotAllowed(INSIDE.format(host=target.host, ip=ip))
    if not target.secure:
        raise NotAllowed(PLAIN)


def _meant(ip: Any) -> Any:
    """The IPv4 address that an IPv6 one stands for, else itself."""
    if ip.version == 4:
        return ip
    if ip in NAT64:
        return ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1] or ip


def _networks() -> list[Any]:
    return [ipaddress.ip_network(each, strict=False) for each in settings.WEBHOOK_NETWORKS]


def _loopback_is_allowed(host: str) -> bool:
    with suppress(ValueError):
        ip = ipaddress.ip_address(host)
        return ip.is_loopback and any(ip in network for network in _networks() if network.version == ip.version)
    return False


# ---- Asking --------------------------------------------------------------------------------------------
def ask(url: str, body: bytes | None, headers: Mapping[str, str], *, harmless: bool = False) -> Answer:
    """Send one request (POST with a body, else GET) and give back what came.

    Raises ChannelDown where nothing left the house, and for a redirect; NotNow, doubtful, where the request left and
    no answer came. A `harmless` request may be repeated, so it leaves no doubt: always ChannelDown.
    """
    target, ends = _target(url), time.monotonic() + WHOLE
    with _connected(target, ends) as line, _hung_up(line, ends):
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = line
        try:
            connection.request("GET" if body is None else "POST", target.path, body, {**headers, **_own(target)})
            response = connection.getresponse()
            content = response.read(MOST)
        except (OSError, http.client.HTTPException) as error:
            reason = f"{target.host} 没有回音（{told(error, ends)}）"
            if harmless:
                raise ChannelDown(reason) from error
            raise NotNow(f"{reason}，可能已收到，将原样再发", doubtful=True, broke=True) from error
        finally:
            connection.close()
    answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
    if 300 <= answer.status < 400:
        raise ChannelDown(f"{target.host} 要求跳转到别处，没有跟随；请填写最终的地址", answer.status, ours=True)
    return answer


def judge_status(answer: Answer, words: str) -> None:
    """What an HTTP status means where the service has no code of its own. Raises ChannelDown, NotNow or Refused for
    whatever is not 2xx.
    """
    status = answer.status
    if 200 <= status < 300:
        return
    reason = f"{words}（HTTP {status}）"
    if status == 429:
        raise ChannelDown(f"发送过于频繁，对方要求稍后再试（HTTP {status}）", status, answer.retry_after)
    if status in OURS:
        raise ChannelDown(f"{reason}，请核对地址和密钥", status, ours=True)
    if status >= 500:
        waits = answer.retry_after if "retry-after" in answer.headers else None
        raise NotNow(reason, status, waits, doubtful=status != 503, broke=True)
    if status in LATER:
        raise NotNow(reason, status)
    raise Refused(reason, status)


def _own(target: Target) -> dict[str, str]:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = target.port == (443 if target.secure else 80)
    return {"Host": host if usual else f"{host}:{target.port}", "Connection": "close"}


def _target(url: str) -> Target:
    try:
        return target_of(url)
    except NotAllowed as refusal:
        raise ChannelDown(str(refusal), ours=True) from refusal


@contextmanager
def _connected(target: Target, ends: float) -> Iterator[Any]:
    """A connection to one of the addresses, secured where it is to be. Raises ChannelDown."""
    try:
        places = looked_up(target)
    except NotAllowed as refusal:
        raise ChannelDown(str(refusal), ours=True) from refusal
    except OSError as error:
        raise ChannelDown(f"找不到服务器 {target.host}（{told(error, ends)}）") from error
    line = _first_of(target, places, ends)
    try:
        _not_ourselves(line)
        if target.secure:
            line.settimeout(max(0.1, min(CONNECT, ends - time.monotonic())))
            line = ssl.create_default_context().wrap_socket(line, server_hostname=target.host)
        line.settimeout(max(0.1, ends - time.monotonic()))
        yield line
    except ssl.SSLCertVerificationError as error:
        named = CERTIFICATES.get(error.verify_code, error.verify_message)
        raise ChannelDown(f"{target.host} 的证书有问题：{named}，没有发送", error.verify_code, ours=True) from error
    except ssl.SSLError as error:
        raise ChannelDown(f"与 {target.host} 不能建立加密连接（{told(error, ends)}）", ours=True) from error
    except OSError as error:
        raise ChannelDown(f"{target.host} 连接中断（{told(error, ends)}）") from error
    finally:
        line.close()


def _first_of(target: Target, places: list[tuple[int, Any]], ends: float) -> socket.socket:
    failed: OSError = OSError("no address")
    for family, where in places:
        line = socket.socket(family, socket.SOCK_STREAM)
        line.settimeout(max(0.1, min(CONNECT, ends - time.monotonic())))
        try:
            line.connect(where)
        except OSError as error:
            line.close()
            failed = error
        else:
            return line
    raise ChannelDown(f"连接不上 {target.host}（{told(failed, ends)}）") from failed


def _not_ourselves(line: socket.socket) -> None:
    """An address of this very machine, by whatever name; a loopback address has passed by permission only."""
    mine, theirs = line.getsockname()[0], line.getpeername()[0]
    if mine == theirs and not ipaddress.ip_address(theirs.partition("%")[0]).is_loopback:
        raise ChannelDown(SELF, ours=True)


@contextmanager
def _hung_up(line: Any, ends: float) -> Iterator[None]:
    """However slowly an answer drips, it ends in time: a timeout of a socket is only that of its next byte."""

    def cut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)  # below TLS, which another thread is reading

    timer = threading.Timer(max(0.1, ends - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def told(error: Exception, ends: float) -> str:
    """One short phrase for what went wrong on the line."""
    if isinstance(error, TimeoutError) or time.monotonic() >= ends:
        return "等待超时"
    if isinstance(error, ConnectionRefusedError):
        return "对方拒绝连接"
    if isinstance(error, ConnectionError | http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "对方中断了连接"
    if isinstance(error, socket.gaierror):
        return "域名不能解析"
    return type(error).__name__
