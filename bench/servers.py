"""The web servers that are measured: gunicorn, the same for all."""

from collections.abc import Mapping
from pathlib import Path

from common import Failure
from services import Service, listen

from bench.client import Connection, WrongAnswer

# One thread to a worker, so that each client has a process to itself; kept-alive connections need gthread.
GUNICORN = ("--workers", "2", "--worker-class", "gthread", "--threads", "1", "--keep-alive", "75")


class Server:
    """gunicorn with one of bench.served on a free port of this machine."""

    def __init__(self, application: str, settings: str, environment: Mapping[str, str], folder: Path) -> None:
        with listen(0) as socket:
            self.port: int = socket.getsockname()[1]
            command = ["gunicorn", f"bench.served.{application}:application", "--bind", f"fd://{socket.fileno()}"]
            command += [*GUNICORN, "--no-control-socket", "--graceful-timeout", "1", "--log-level", "warning"]
            own = {
                "DJANGO_SETTINGS_MODULE": f"bench.served.{settings}",
                "SITE_URL": f"http://127.0.0.1:{self.port}",
            }
            log = folder / f"{application}-{self.port}.log"
            self.service = Service(application, command, {**environment, **own}, log, fds=[socket.fileno()])

    def get(self, path: str, token: str = "") -> bytes:
        """The body of one answer. Raises Failure when it is not 200."""
        try:
            connection = Connection(self.port, path, token)
            try:
                return connection.ask()[1]
            finally:
                connection.close()
        except (WrongAnswer, OSError) as error:
            raise Failure(f"{self.service.name}（{path}）：{error}\n{self.last_words()}") from error

    def last_words(self) -> str:
        """The end of the log."""
        return "\n".join(f"    {line}" for line in self.service.said().splitlines()[-12:])

    def wait(self) -> None:
        """Wait for the first answer, whatever it is. Raises Failure with the log when the server ends before."""
        self.service.wait_until(f"{self.service.name} 启动", self._answers)

    def _answers(self) -> bool:
        try:
            self.get("/")
        except Failure as failure:
            return isinstance(failure.__cause__, WrongAnswer)
        return True
