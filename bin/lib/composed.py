"""Reads docker-compose.yml as far as it goes without an engine, and runs its services as it says.

A service runs in a folder that holds the image, with the image's user, environment and health check, the service's own
settings, secrets and volumes, and a root file system that cannot be written where the service says so.
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from common import Failure
from dockerfile import Image

VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:[-?])([^}]*))?\})")
NO_NEW_PRIVILEGES: Final = 38
NEW_NETWORK: Final = 0x40000000
SIOCSIFFLAGS, UP = 0x8914, 1
libc = ctypes.CDLL(None, use_errno=True)


# ---- Reading -------------------------------------------------------------------------------------
def services(file: Path, values: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services of a compose file, with ``values`` in place of its variables."""
    found: dict[str, dict[str, Any]] = filled(yaml.safe_load(file.read_text(encoding="utf-8"))["services"], values)
    return found


def filled(part: Any, values: Mapping[str, str]) -> Any:
    """Part of a compose file with its variables replaced; Failure where one must be set and is not."""
    if isinstance(part, dict):
        return {key: filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [filled(value, values) for value in part]
    return VARIABLE.sub(lambda found: value_of(found, values), part) if isinstance(part, str) else part


def value_of(found: re.Match[str], values: Mapping[str, str]) -> str:
    dollar, name, kind, words = found.groups()
    if dollar:
        return "$"
    if values.get(name) or not kind:
        return values.get(name, "")
    if kind == ":?":
        raise Failure(f"{name}：{words}")
    return words


def variables(file: Path) -> dict[str, str]:
    """The variables that an env file sets."""
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line.strip() and not line.startswith("#"))
    return dict(pairs)


def seconds(duration: str) -> float:
    """``90s`` or ``5m`` in seconds."""
    return float(duration[:-1]) * {"s": 1, "m": 60}[duration[-1]]


# ---- Running -------------------------------------------------------------------------------------
def leave_network() -> None:
    """A network of this process's own, with nothing in it but 127.0.0.1: every port is free, nobody is reached."""
    import fcntl
    import socket
    import struct

    if libc.unshare(NEW_NETWORK):
        raise Failure(f"不能建立单独的网络：{os.strerror(ctypes.get_errno())}")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", UP))


class House:
    """One prepared root file system that the product's services share, as they share image, volumes and secrets."""

    def __init__(self, image: Image, service: Mapping[str, Any], scratch: Path, secrets: Path) -> None:
        self.image = image
        self.scratch = scratch
        root = image.root
        (root / "etc" / "hosts").write_text("127.0.0.1 localhost db redis\n")
        (root / "dev" / "shm").mkdir(exist_ok=True)
        if service["read_only"]:
            mount("--bind", root, root)
            mount("-o", "remount,bind,ro", root)
        mount("-t", "proc", "proc", root / "proc")
        mount("-t", "tmpfs", "tmpfs", root / "run")
        mount("-t", "tmpfs", "tmpfs", root / "dev" / "shm")
        lend(secrets, root / "run" / "secrets", service["secrets"])
        for volume in service["volumes"]:
            name, target = volume.split(":")
            mount("--bind", self.volume(name, root / target.lstrip("/")), root / target.lstrip("/"))
        for words in service["tmpfs"]:
            target, _, options = words.partition(":")
            mount("-t", "tmpfs", "-o", f"mode=1777,{options}".rstrip(","), "tmpfs", root / target.lstrip("/"))

    def volume(self, name: str, like: Path) -> Path:
        """A new named volume belongs to whom the folder in the image belongs."""
        folder = self.scratch / "volumes" / name
        folder.mkdir(parents=True)
        shutil.copystat(like, folder)
        os.chown(folder, like.stat().st_uid, like.stat().st_gid)
        return folder

    def start(self, name: str, service: Mapping[str, Any]) -> "Running":
        command = self.image.entrypoint + (service.get("command") or self.image.command)
        return Running(name, command, self.environment(service), self.enter(service), self.scratch / f"{name}.log")

    def call(self, service: Mapping[str, Any], command: Sequence[str], extra: Mapping[str, str] | None = None) -> str:
        """What `docker compose exec` would print; Failure with its last words when it fails."""
        environment = self.environment(service) | dict(extra or {})
        return call(command, environment, self.enter(service))

    def environment(self, service: Mapping[str, Any]) -> dict[str, str]:
        given = {name: str(value) for name, value in (service.get("environment") or {}).items()}
        return {"HOME": "/var/lib/tracker", "HOSTNAME": os.uname().nodename, **self.image.environment, **given}

    def enter(self, service: Mapping[str, Any]) -> Callable[[], None]:
        """Step into the image as the service's user, who can gain nothing any more."""
        uid, gid = map(int, (service.get("user") or self.image.user).split(":"))
        root, folder = str(self.image.root), self.image.folder

        def step_in() -> None:
            os.chroot(root)
            os.chdir(folder)
            become(uid, gid)

        return step_in


def become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def mount(*words: str | Path) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"mount {' '.join(map(str, words))} 失败：{done.stderr.strip()}")


def lend(secrets: Path, target: Path, names: Sequence[str]) -> None:
    """The files as compose lends them: as they are, with owner and mode of this machine."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy2(secrets / name, target / name)


def call(command: Sequence[str | Path], environment: Mapping[str, str], enter: Callable[[], None]) -> str:
    done = subprocess.run(
        command, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, preexec_fn=enter
    )
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in (done.stderr + done.stdout).splitlines()[-12:])
        raise Failure(f"{' '.join(map(str, command))} 失败（代码 {done.returncode}）：\n{tail}")
    return done.stdout


class Running:
    """A service's process, with the log it writes."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        enter: Callable[[], None],
        log: Path,
    ) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=enter,
            )

    def wait_until(self, what: str, ready: Callable[[], bool], patience: float = 60) -> None:
        deadline = time.monotonic() + patience
        while not ready():
            if self.process.poll() is not None:
                raise Failure(f"{self.name} 意外退出（代码 {self.process.returncode}），日志末尾：\n{self.tail()}")
            if time.monotonic() > deadline:
                raise Failure(f"等了 {patience:.0f} 秒，{what}仍未完成，{self.name} 的日志末尾：\n{self.tail()}")
            time.sleep(0.2)

    def tail(self) -> str:
        return "\n".join(f"    {line[:400]}" for line in self.log.read_text(errors="replace").splitlines()[-12:])

    def stop(self, service: Mapping[str, Any]) -> float:
        """Stop as an engine does; the seconds it took. Failure when the service's grace was too short."""
        started = time.monotonic()
        self.process.send_signal(getattr(signal, service.get("stop_signal", "SIGTERM")))
        try:
            self.process.wait(seconds(service["stop_grace_period"]))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise Failure(f"{self.name} 没有在 {service['stop_grace_period']} 内停下来：\n{self.tail()}") from None
        return time.monotonic() - started
