"""Mail: a delivery as a message, one open connection, and what an answer of the server means."""

from __future__ import annotations

import hashlib
import smtplib
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime
from typing import Any

from django.core import mail
from django.utils.timezone import localtime

from projects.notices.models import Delivery

# Replies that speak of our own account at the server, not of the person addressed.
OUR_OWN_FAULT = frozenset({530, 534, 535, 538})
TOO_BIG = 552
LONGEST_REASON = 300


class ChannelDown(Exception):
    """Nothing can be sent just now, to whomever: no connection, no permission at the server. Worth another try."""


class NotNow(Exception):
    """This message was not taken now. Worth another try."""


class Refused(Exception):
    """This message will never be taken."""


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
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    message = Letter(delivery.subject, delivery.text, to=[delivery.address], headers=headers)
    message.boundary = "=_" + hashlib.sha256(delivery.message_id.encode()).hexdigest()[:40]
    if delivery.html:
        message.attach_alternative(delivery.html, "text/html")
    return message


@dataclass
class Line:
    """A connection to the mail server, opened when first needed and again after trouble."""

    backend: Any = None

    def open(self) -> None:
        """Raises ChannelDown."""
        if self.backend is not None:
            return
        backend = mail.get_connection(fail_silently=False)
        try:
            backend.open()
        except Exception as error:
            # Whatever goes wrong here concerns no single message.
            raise ChannelDown(f"邮件服务连接不上（{_told(error)}）") from error
        self.backend = backend

    def close(self) -> None:
        backend, self.backend = self.backend, None
        if backend is None:
            return
        try:
            backend.close()
        except OSError:
            return  # it was broken, which is why it is closed

    def send(self, message: mail.EmailMessage) -> None:
        """Send one message to one person. Raises ChannelDown, NotNow or Refused; the line is closed then."""
        self.open()
        try:
            taken = self.backend.send_messages([message])
        except Exception as error:
            self.close()
            raise judge(error) from error
        if taken != 1:
            self.close()
            raise NotNow("邮件服务没有接收")


def judge(error: Exception) -> Exception:
    """What an error while sending means: ChannelDown, NotNow or Refused, with the reason in Chinese.

    After RFC 5321 §4.2.1: 4yz is to be tried again, 5yz is final.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()), (450, b""))
        return _judge_reply(code, f"收件地址被拒绝（{code} {_words(reply)}）")
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code != TOO_BIG:
        return ChannelDown(f"发件地址被拒绝（{_told(error)}）")
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return Refused(f"收件地址或内容无法用于邮件（{_words(str(error))}）")
    if isinstance(error, smtplib.SMTPResponseException):
        return _judge_reply(error.smtp_code, f"邮件被拒收（{_told(error)}）")
    if isinstance(error, OSError):
        return NotNow(f"发送中断（{_told(error)}）")
    return NotNow(f"系统错误（{_told(error)}）")


def _judge_reply(code: int, reason: str) -> Exception:
    if code in OUR_OWN_FAULT:
        return ChannelDown(reason)
    return Refused(reason) if 500 <= code <= 599 else NotNow(reason)


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"
    return f"{type(error).__name__} {_words(str(error))}".strip()


def _words(text: bytes | str) -> str:
    """One short line of whatever a server said; it may hold any character, but NUL fits into no database."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(words.replace("\0", " ").split())[: LONGEST_REASON - 60]
