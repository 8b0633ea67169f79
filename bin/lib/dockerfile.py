"""Carries out a Dockerfile without an engine: in folders, by chroot, as root on Debian.

A small honest interpreter: an instruction, an option or a form that it does not know is refused, never skipped.
What it does not imitate: layers, caches, and the isolation of a build step from this machine's network.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from common import Failure, say

BASE = "debian:bookworm-slim"
ROOT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HEALTHCHECK = re.compile(r"(?:--(?:interval|timeout|start-period|retries)=\S+\s+)*CMD\s+(\[.*\])")


@dataclass(frozen=True)
class Instruction:
    name: str
    words: str
    line: int

    def refuse(self, why: str) -> Failure:
        return Failure(f"Dockerfile 第 {self.line} 行：{why}：{self.name} {self.words}")


@dataclass
class Image:
    """A root file system and what is known of how to run it."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": ROOT_PATH})
    arguments: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def copy(self, root: Path) -> "Image":
        subprocess.run(["cp", "-a", "--reflink=auto", self.root, root], check=True)
        return replace(self, root=root, environment=dict(self.environment), arguments=dict(self.arguments))

    def inside(self, path: str) -> Path:
        """The place on this machine of a path in the image."""
        return self.root / os.path.normpath(os.path.join(self.folder, path)).lstrip("/")


def read(file: Path) -> Iterator[Instruction]:
    """The instructions of a Dockerfile; a line ended by a backslash goes on, comments in between do not count."""
    words, start = "", 0
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        start = start or number
        words += line.strip()
        if words.endswith("\\"):
            words = words[:-1]
            continue
        name, _, rest = words.partition(" ")
        yield Instruction(name, rest.strip(), start)
        words, start = "", 0


class Build:
    """Carries out the instructions one after the other; `image` is the stage that is being built."""

    def __init__(
        self,
        context: Path,
        scratch: Path,
        base: Callable[[Path], None],
        arguments: Mapping[str, str],
        machine: Mapping[str, str],
    ) -> None:
        self.context = context
        self.scratch = scratch
        self.base = base
        self.given = arguments
        self.machine = machine
        self.ignores = Ignores(context / ".dockerignore")
        self.stages: dict[str, Image] = {}
        self.image: Image | None = None

    def carry_out(self, file: Path) -> Image:
        """The image of the last stage."""
        doers = {
            "FROM": self.begin,
            "ARG": self.argument,
            "ENV": self.environment,
            "WORKDIR": self.folder,
            "USER": self.user,
            "COPY": self.copy,
            "RUN": self.run,
            "CMD": self.command,
            "ENTRYPOINT": self.entrypoint,
            "HEALTHCHECK": self.health,
            "EXPOSE": lambda step: None,
        }
        for step in read(file):
            if step.name not in doers:
                raise step.refuse("不认识的指令")
            if self.image is None and step.name != "FROM":
                raise step.refuse("FROM 之前不能有别的指令")
            started = time.monotonic()
            doers[step.name](step)
            took = time.monotonic() - started
            if took > 1:
                say(f"{step.name} {step.words[:80].rstrip()}（{took:.0f} 秒）")
        if self.image is None:
            raise Failure(f"{file} 里没有 FROM。")
        return self.image

    @property
    def now(self) -> Image:
        assert self.image is not None
        return self.image

    # ---- One method for each instruction ---------------------------------------------------------
    def begin(self, step: Instruction) -> None:
        found = re.fullmatch(r"(\S+)(?: AS (\S+))?", step.words)
        if not found:
            raise step.refuse("不认识的写法")
        origin, name = found[1], found[2] or str(len(self.stages))
        root = self.scratch / f"stage-{name}"
        if origin in self.stages:
            self.image = self.stages[origin].copy(root)
        elif origin == BASE:
            self.base(root)
            self.image = Image(root)
        else:
            raise step.refuse(f"只认识 {BASE} 和前面的阶段")
        self.stages[name] = self.image

    def argument(self, step: Instruction) -> None:
        name, _, default = step.words.partition("=")
        value = self.given.get(name, default)
        if name in self.given or default:
            self.now.arguments[name] = value

    def environment(self, step: Instruction) -> None:
        for pair in shlex.split(plain(step)):
            name, equals, value = pair.partition("=")
            if not equals:
                raise step.refuse("应写成 名称=值")
            self.now.environment[name] = value

    def folder(self, step: Instruction) -> None:
        place = self.now.inside(plain(step))
        place.mkdir(parents=True, exist_ok=True)
        self.now.folder = "/" + str(place.relative_to(self.now.root))

    def user(self, step: Instruction) -> None:
        if not re.fullmatch(r"\d+:\d+", step.words):
            raise step.refuse("用户应写成 数字:数字")
        self.now.user = step.words

    def copy(self, step: Instruction) -> None:
        words = shlex.split(plain(step))
        options = dict(word.removeprefix("--").partition("=")[::2] for word in words if word.startswith("--"))
        *sources, target = (word for word in words if not word.startswith("--"))
        if not sources or options.keys() - {"from", "chown"}:
            raise step.refuse("不认识的写法")
        owner = options.get("chown", "0:0")
        if not re.fullmatch(r"\d+:\d+", owner):
            raise step.refuse("所有者应写成 数字:数字")
        origin = self.stages.get(options["from"]) if "from" in options else None
        if "from" in options and origin is None:
            raise step.refuse("没有这个阶段")
        if len(sources) > 1 and not target.endswith("/"):
            raise step.refuse("有多个来源时，目标要以 / 结尾")
        for source in sources:
            where = origin.root / source.lstrip("/") if origin else self.context / source
            if not where.exists():
                raise step.refuse(f"没有 {source}")
            self.put(where, self.parcel(where, filtered=origin is None), target, owner)

    def parcel(self, source: Path, *, filtered: bool) -> Path:
        """What is copied; of the context, only what .dockerignore lets through."""
        if not filtered:
            return source
        parcel = Path(tempfile.mkdtemp(dir=self.scratch)) / source.name
        for file in self.ignores.kept(self.context):
            if file == source or source in file.parents:
                copy = parcel / file.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, copy, follow_symlinks=False)
        return parcel

    def put(self, source: Path, parcel: Path, target: str, owner: str) -> None:
        place = self.now.inside(target)
        if source.is_file():
            place = place / source.name if target.endswith("/") or place.is_dir() else place
            place.parent.mkdir(parents=True, exist_ok=True)
            made = [place]
            shutil.copy2(parcel, place, follow_symlinks=False)
        else:
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", f"{parcel}/.", place], check=True)
            made = [place / entry.name for entry in parcel.iterdir()]
        subprocess.run(["chown", "-hR", owner, *made], check=True)

    def run(self, step: Instruction) -> None:
        if step.words.startswith(("--", "[")):
            raise step.refuse("不认识的写法")
        script = f"cd {self.now.folder} && {step.words}"
        environment = {"HOME": "/root", **self.now.environment, **self.now.arguments}
        with self.lent() as lent:
            done = subprocess.run(
                ["chroot", f"--userspec={self.now.user}", self.now.root, "/bin/sh", "-c", script],
                env={**environment, **self.machine, **lent},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        if done.returncode:
            tail = "\n".join(f"    {line}" for line in done.stdout.splitlines()[-15:])
            raise Failure(f"Dockerfile 第 {step.line} 行的命令失败（代码 {done.returncode}）：\n{tail}")

    @contextmanager
    def lent(self) -> Iterator[dict[str, str]]:
        """What an engine lends to a step and takes back: processes, names of hosts; here also the machine's CAs."""
        root, certificates = self.now.root, self.machine.get("PIP_CERT", "")
        subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
        loans = [root / "etc" / "resolv.conf"]
        shutil.copy("/etc/resolv.conf", loans[0])
        if certificates:
            loans.append(root / "run" / "machine.crt")
            shutil.copy(certificates, loans[1])
        try:
            yield {"PIP_CERT": "/run/machine.crt"} if certificates else {}
        finally:
            subprocess.run(["umount", root / "proc"], check=True)
            for loan in loans:
                loan.unlink()

    def command(self, step: Instruction) -> None:
        self.now.command = listed(step, step.words)

    def entrypoint(self, step: Instruction) -> None:
        self.now.entrypoint = listed(step, step.words)

    def health(self, step: Instruction) -> None:
        found = HEALTHCHECK.fullmatch(step.words)
        if not found:
            raise step.refuse("不认识的写法")
        self.now.health = listed(step, found[1])


def plain(step: Instruction) -> str:
    """The words as they are: nothing in them stands for something else."""
    if "$" in step.words:
        raise step.refuse("这里不能用变量")
    return step.words


def listed(step: Instruction, words: str) -> list[str]:
    """A command in the form that no shell reads."""
    try:
        command = json.loads(words)
    except ValueError:
        command = None
    if not isinstance(command, list):
        raise step.refuse('应写成 ["程序", "参数"]')
    return [str(word) for word in command]


def leaf(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


class Ignores:
    """What a .dockerignore keeps out of the context: the last line that fits decides, as for an engine."""

    def __init__(self, file: Path) -> None:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        rules = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        self.rules = [(pattern(rule.removeprefix("!")), rule.startswith("!")) for rule in rules]
        self.tops = {rule[1:].split("/")[0] for rule in rules if rule.startswith("!")}

    def kept(self, context: Path) -> list[Path]:
        """Every file of the context that an image may hold."""
        tops = [path for path in context.iterdir() if not self.ignored(path.name) or path.name in self.tops]
        files = [file for top in tops for file in (top.rglob("*") if top.is_dir() else [top]) if leaf(file)]
        return [file for file in files if not self.ignored(str(file.relative_to(context)))]

    def ignored(self, path: str) -> bool:
        verdict = False
        names = path.split("/")
        above = ["/".join(names[:length]) for length in range(1, len(names) + 1)]
        for rule, wanted in self.rules:
            if any(rule.fullmatch(place) for place in above):
                verdict = not wanted
        return verdict


def pattern(rule: str) -> re.Pattern[str]:
    """A line of .dockerignore as a regular expression."""
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts: Sequence[str] = re.split(r"(\*\*/|\*\*|\*|\?)", rule.strip("/"))
    return re.compile("".join(known.get(part) or re.escape(part) for part in parts))
