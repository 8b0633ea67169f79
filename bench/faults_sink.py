"""A mail server that remembers what it took, and that behaves as badly as it is told to."""

import hashlib
import os
import re
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Final

TOKEN: Final = re.compile(r"\[(\w+)\]")


@dataclass(frozen=True)
class Taken:
    """A message that was answered with 250, or of which the answer was kept back."""

    recipient: str
    content: bytes
    at: float

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.content, policy=policy.default)["Message-ID"])

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def tokens(self) -> set[str]:
        """The notices that it carries: each sentence ends with its name in brackets."""
        body = message_from_bytes(self.content, policy=policy.default).get_body(("plain",))
        return set(TOKEN.findall(body.get_content())) if body else set()


@dataclass
class Sink:
    """`replies` to RCPT by address; `after_data` what becomes of a message: "take", "drop", "hang", "freeze" (stop the
    sender before it hears that the message was taken). `auth` is the answer to a password. `pause` in seconds.
    """

    replies: dict[str, str] = field(default_factory=dict)
    stalled: set[str] = field(default_factory=set)
    after_data: str = "take"
    once: bool = False
    auth: str = ""
    pause: float = 0.0
    sender: int = 0
    keep: bool = True
    count: int = 0
    taken: list[Taken] = field(default_factory=list)
    port: int = 0
    commands: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Listen, on the same port as before if it listened before."""
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", self.port))
        self._socket.listen(64)
        self.port = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def stop(self) -> None:
        """Go away, with all connections."""
        for each in [self._socket, *self._open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def behave(self) -> None:
        """Forget everything that was said and done."""
        self.replies, self.stalled, self.after_data, self.once = {}, set(), "take", False
        self.auth, self.pause, self.sender = "", 0.0, 0
        self.taken, self.commands = [], []

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 sink\r\n")
            recipient = ""
            while line := lines.readline():
                command = line.decode("latin-1").strip()
                verb = command[:4].upper()
                self.commands.append(verb)
                if verb == "EHLO":
                    offer = "250-AUTH PLAIN\r\n" if self.auth else ""
                    connection.sendall(f"250-sink\r\n{offer}250 SIZE 10000000\r\n".encode())
                elif verb == "AUTH":
                    connection.sendall(f"{self.auth}\r\n".encode())
                elif verb == "RCPT":
                    recipient = command.partition("<")[2].rstrip(">")
                    if recipient in self.stalled:
                        time.sleep(60)
                    connection.sendall(f"{self.replies.get(recipient, '250 ok')}\r\n".encode())
                elif verb == "DATA":
                    connection.sendall(b"354 go on\r\n")
                    if not self._take(connection, lines, recipient):
                        return
                elif verb == "QUIT":
                    connection.sendall(b"221 bye\r\n")
                    return
                else:
                    connection.sendall(b"250 ok\r\n")

    def _take(self, connection: socket.socket, lines: object, recipient: str) -> bool:
        content = bytearray()
        while (line := lines.readline()) != b".\r\n":  # type: ignore[attr-defined]
            if not line:
                return False
            content += line.removeprefix(b".")
        if self.pause:
            time.sleep(self.pause)
        self.count += 1
        if self.keep:
            self.taken.append(Taken(recipient, bytes(content), time.monotonic()))
        what, self.after_data = self.after_data, "take" if self.once else self.after_data
        if what == "drop":
            return False
        if what == "hang":
            time.sleep(60)
            return False
        if what == "freeze":
            os.kill(self.sender, signal.SIGSTOP)
        connection.sendall(b"250 taken\r\n")
        return True


def main() -> None:
    """A sink that takes everything, in a process of its own: prints its port, and at the end of stdin what it took."""
    sink = Sink(keep=False)
    sink.start()
    sys.stdout.write(f"{sink.port}\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        sys.stdout.write(f"{sink.count}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
