"""One client process: reads orders from stdin line by line, answers with one line of JSON each.

Bare sockets: a library that parses every header would cost more than the floor takes to answer, and would flatter
whatever is slower than the floor.
"""

import json
import socket
import sys
import time
from typing import Any

from bench.served.counting import STATEMENTS, WORKER

WARM_UP = 5
CONNECTIONS = 50
TIMEOUT = 60


class WrongAnswer(Exception):
    """The server did not answer what was expected; the message says why."""


class Connection:
    """One kept-alive connection that always asks the same."""

    def __init__(self, port: int, path: str, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sign_in = f"Authorization: Token {token}\r\n" if token else ""
        self.question = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n{sign_in}\r\n".encode()

    def ask(self) -> tuple[bytes, bytes]:
        """Head and body of the next answer. Raises WrongAnswer for anything but 200 with a length, OSError for none."""
        self.socket.sendall(self.question)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head, body = received[:end], received[end + 4 :]
        if not head.startswith(b"HTTP/1.1 200 "):
            raise WrongAnswer(f"{first_line(head)} {text(body)[:300]}")
        missing = int(header(head, "Content-Length")) - len(body)
        parts = [body]
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return head, b"".join(parts)

    def close(self) -> None:
        self.socket.close()

    def _more(self) -> bytes:
        received = self.socket.recv(1 << 18)
        if not received:
            raise ConnectionError("服务器关闭了连接")
        return received


def main() -> None:
    connection: Connection | None = None
    expected_body = b""
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if order["do"] == "open":
                connection, expected_body, answer = open_connection(order)
            else:
                assert connection is not None  # noqa: S101
                answer = go(connection, expected_body, order["seconds"])
                connection.close()
        except (WrongAnswer, OSError) as error:
            answer = {"failure": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def open_connection(order: dict[str, Any]) -> tuple[Connection, bytes, dict[str, Any]]:
    """A warm connection to a worker that no other client has, and the answer that it has to repeat."""
    for _ in range(CONNECTIONS):
        connection = Connection(order["port"], order["path"], order["token"])
        head, body = connection.ask()
        worker = int(header(head, WORKER))
        if worker not in order["avoid"]:
            check(body, order["expected"])
            for _ in range(WARM_UP):
                head, body = connection.ask()
            return connection, body, {"worker": worker, "statements": int(header(head, STATEMENTS))}
        connection.close()
    raise WrongAnswer("连不上另一个工作进程")


def check(body: bytes, expected: list[int]) -> None:
    """Raise WrongAnswer unless the body holds exactly the expected rows in their order."""
    answer = json.loads(body)
    rows = answer.get("results", [answer])
    found = [row["id"] for row in rows]
    if found != expected:
        raise WrongAnswer(f"应有 {len(expected)} 行：{expected[:5]}……；实有 {len(found)} 行：{found[:5]}……")


def go(connection: Connection, expected: bytes, seconds: float) -> dict[str, Any]:
    """Ask without pause for `seconds`; every answer must be the one that was checked, byte by byte."""
    latencies: list[float] = []
    begun = now = time.perf_counter()
    while now - begun < seconds:
        _, body = connection.ask()
        before, now = now, time.perf_counter()
        latencies.append(now - before)
        if body != expected:
            raise WrongAnswer("同一个问题，前后两次应答不同")
    return {"latencies": latencies, "seconds": now - begun}


def header(head: bytes, name: str) -> str:
    """The value of a header. Raises WrongAnswer when it is missing."""
    start = head.lower().find(f"\r\n{name}:".lower().encode())
    if start < 0:
        raise WrongAnswer(f"应答没有 {name}")
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return text(head[start:] if end < 0 else head[start:end]).strip()


def first_line(head: bytes) -> str:
    return text(head.split(b"\r\n")[0])


def text(received: bytes) -> str:
    return received.decode("utf-8", errors="replace")


if __name__ == "__main__":
    main()
