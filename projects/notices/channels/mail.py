"""Mail: the frozen bytes of a message, one open connection, and what an answer of the server means."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
import time
from email.header import Header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email
from django.utils.timezone import localtime

from projects.notices.channels.base import DEADLINE, Channel, ChannelDown, NotNow, Refused
from projects.notices.models import Delivery

# Replies that speak of our own account at the server, not of the person addressed.
OUR_OWN_FAULT = frozenset({530, 534, 535, 538})
NO_SUCH_ADDRESS = frozenset({550, 551, 553})  # RFC 5321 §4.2.3
HARDLY = frozenset({552, 554})  # a full mailbox, a filter: sometimes gone in an hour
LONGEST_REASON = 300


class Letter(mail.EmailMultiAlternatives):
    """A message that is the same, byte for byte, each time it is built from the same delivery."""

    boundary = ""

    def message(self, *args: Any, **kwargs: Any) -> Any:
        message = super().message(*args, **kwargs)
        # Django folds a long subject before its first word; with the name of the header it knows how much room is left.
        message.replace_header("Subject", Header(str(self.subject), "utf-8", header_name="Subject").encode())
        if message.is_multipart():
            message.set_boundary(self.boundary)
        return message


def letter(delivery: Delivery) -> Letter:
    """The message of a delivery, with its own Message-ID and date."""
    headers = {
        "Message-ID": delivery.message_id,
        "Date": format_datetime(localtime(delivery.created_at)),
        "List-Id": f"<notices.{delivery.message_id.rpartition('@')[2].rstrip('>')}>",  # RFC 2919: what a rule sorts by
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    message = Letter(delivery.subject, delivery.text, to=[delivery.address], headers=headers)
    message.boundary = "=_" + hashlib.sha256(delivery.message_id.encode()).hexdigest()[:40]
    if delivery.html:
        message.attach_alternative(delivery.html, "text/html")
    return message


class Mail(Channel):
    """Mail by whatever backend Django is set to."""

    code = Delivery.Channel.MAIL.value

    def __init__(self) -> None:
        self.backend: Any = None

    def build(self, delivery: Delivery) -> bytes:
        _check_address(delivery.address)
        try:
            return bytes(letter(delivery).message().as_bytes(linesep="\r\n"))
        except ValueError as error:
            raise Refused(f"收件地址或内容无法用于邮件（{_words(str(error))}）") from error

    def open(self) -> None:
        if self.backend is not None:
            return
        try:
            backend = mail.get_connection(fail_silently=False)
            backend.open()
        except Exception as error:
            # Whatever goes wrong here concerns no single message.
            raise _unreachable(error) from error
        self.backend = backend

    def close(self) -> None:
        backend, self.backend = self.backend, None
        if backend is None:
            return
        try:
            backend.close()
        except OSError:
            return  # it was broken, which is why it is closed

    def send(self, delivery: Delivery, payload: bytes) -> None:
        _check_address(delivery.address)
        self.open()
        try:
            if isinstance(self.backend, EmailBackend):
                _Dialogue(self.backend.connection).send(delivery.address, payload)
            elif self.backend.send_messages([_Frozen(delivery.address, payload)]) != 1:
                raise NotNow("邮件服务没有接收")
        except _Answer as answer:
            if answer.code == 421:  # the server says that it hangs up
                self.close()
            raise _judge(answer) from answer
        except smtplib.SMTPNotSupportedError as error:
            self.close()
            raise Refused(f"收件地址无法用于这台邮件服务器（{_words(str(error))}）") from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotNow(f"发送中断（{_told(error)}）", broke=True) from error
        except NotNow:
            self.close()
            raise


def _check_address(address: str) -> None:
    """Raises Refused for what no server should be shown; part of it might be a command."""
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(f"收件地址无法用于邮件（{_words(address)}）") from error


# ---- What is said to the server ------------------------------------------------------------------------
class _Answer(Exception):
    """The server said no: at which step, with which code and words."""

    def __init__(self, step: str, code: int, words: bytes) -> None:
        super().__init__(step)
        self.step, self.code, self.words = step, code, words


class _Dialogue:
    """One message over an open connection, as `smtplib.SMTP.sendmail` does it; but whoever calls knows how far it got,
    the whole has a deadline, and after a refusal the connection stays good for the next message.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.ends = time.monotonic() + DEADLINE
        self.patience = connection.timeout if isinstance(connection.timeout, int | float) else DEADLINE

    def send(self, address: str, payload: bytes) -> None:
        """Raises _Answer, NotNow (doubtful) once the content has left, OSError before."""
        line, sender = self.connection, sanitize_address(settings.DEFAULT_FROM_EMAIL, "utf-8")
        self._hurry()
        line.ehlo_or_helo_if_needed()
        size = [f"size={len(payload)}"] if line.has_extn("size") else []
        self._expect("MAIL", line.mail(sender, size), {250})
        self._expect("RCPT", line.rcpt(sanitize_address(address, "utf-8")), {250, 251})
        self._hurry()
        try:
            code, words = line.data(payload)
        except smtplib.SMTPDataError as error:
            # It did not want to see the content.
            self._expect("DATA", (error.smtp_code, error.smtp_error), set())
        except (OSError, smtplib.SMTPException) as error:
            reason = f"内容已发出，没有等到回音（{_told(error)}），将用同一编号再发"
            raise NotNow(reason, doubtful=True, broke=True) from error
        else:
            self._expect("DATA", (code, words), {250})

    def _expect(self, step: str, answer: tuple[int, Any], wanted: set[int]) -> None:
        code, words = answer
        if code in wanted:
            self._hurry()
            return
        if code == -1:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        if code != 421:
            self._hurry()
            self.connection.rset()
        raise _Answer(step, code, words if isinstance(words, bytes) else str(words).encode())

    def _hurry(self) -> None:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if self.connection.sock is not None:
            self.connection.sock.settimeout(min(left, self.patience))


class _Frozen(mail.EmailMessage):
    """The bytes of a message for a backend that is no server: a folder, the console, the tests' outbox."""

    def __init__(self, address: str, payload: bytes) -> None:
        super().__init__(to=[address])
        self.payload = payload

    def message(self, *args: Any, **kwargs: Any) -> Any:
        headers = BytesHeaderParser(_class=_Bytes).parsebytes(self.payload)
        headers.payload = self.payload
        return headers


class _Bytes(Message):
    """The headers of a message to be asked, and its bytes as they are."""

    payload = b""

    def as_bytes(self, unixfrom: bool = False, policy: Any = None, linesep: str = "\n") -> bytes:
        return self.payload if linesep == "\r\n" else self.payload.replace(b"\r\n", b"\n")


# ---- What it means ---------------------------------------------------------------------------------------
def _unreachable(error: Exception) -> ChannelDown:
    """The connection could not be opened. A password that is refused or a certificate that is none mends no waiting."""
    code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else ""
    ours = code in OUR_OWN_FAULT or isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError)
    return ChannelDown(f"邮件服务连接不上（{_told(error)}）", code, ours=ours)


def _judge(answer: _Answer) -> Exception:
    """After RFC 5321 §4.2.1, 4yz is to be tried again and 5yz is final, but for what speaks of us or hardly passes."""
    code, words = answer.code, f"{answer.code} {_words(answer.words)}"
    if code in OUR_OWN_FAULT:
        return ChannelDown(f"邮件服务不让发信（{words}）", code, ours=True)
    if answer.step == "MAIL" and code not in HARDLY:
        return ChannelDown(f"发件地址被拒绝（{words}）", code, ours=code >= 500)
    reason = f"收件地址被拒绝（{words}）" if answer.step == "RCPT" else f"邮件被拒收（{words}）"
    if code in HARDLY:
        return NotNow(reason, code, slow=True)
    if 500 <= code <= 599:
        return Refused(reason, code, address=answer.step == "RCPT" and code in NO_SUCH_ADDRESS)
    return NotNow(reason, code)


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"
    return f"{type(error).__name__} {_words(str(error))}".strip()


def _words(text: bytes | str) -> str:
    """One short line of whatever a server said; it may hold any character, but NUL fits into no database."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(words.replace("\0", " ").split())[: LONGEST_REASON - 60]
