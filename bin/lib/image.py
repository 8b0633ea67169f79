"""bin/image: the image without an engine, and the product of docker-compose.yml running on it.

Carries out the Dockerfile on a bare Debian made by debootstrap, then runs migrate, web, worker and beat as the compose
file says, beside a private PostgreSQL and Redis, in a network of their own. Everything is removed in the end.
"""

import argparse
import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import composed
import postgres
import trial
from common import ROOT, Failure, say, sweep
from dockerfile import Build, Image

RELEASE = "bookworm"
SOURCES = "Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: main\nSigned-By: {keyring}\n"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
INDEX = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout", "cert")
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
ROOMY = 3 * 1024 * 1024  # kB of memory from which the work is done in memory
INSIDE = "--inside"
PREFIX = "tracker-image"


def main() -> None:
    options = arguments(sys.argv[1:])
    signal.signal(signal.SIGTERM, interrupt)
    try:
        work(options, Path(options.inside)) if options.inside else prepare(options)
    except Failure as failure:
        sys.exit(f"✗ {failure}")
    except KeyboardInterrupt:
        sys.exit(1 if options.inside else "已中断。")


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/image",
        description="不用容器引擎，在全新的 Debian 里照 Dockerfile 做出镜像，再照 docker-compose.yml 运行并核对。",
    )
    parser.add_argument("--root", metavar="目录", type=Path, help="在这个（空的）目录里做；默认在内存里做，做完即删")
    parser.add_argument("--keep", action="store_true", help="做完后保留镜像的根目录；须同时给出 --root")
    parser.add_argument(INSIDE, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.keep and not options.root:
        parser.error("--keep 须与 --root 同时使用")
    return options


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


# ---- Around: what is needed, and a place that goes away ------------------------------------------
def prepare(options: argparse.Namespace) -> None:
    """Do the work in processes and mounts of its own: however it ends, nothing of them is left."""
    if os.geteuid():
        raise Failure("bin/image 需要 root 权限（debootstrap、chroot、mount）：请用 root 运行。")
    for program, package in {"debootstrap": "debootstrap", "redis-server": "redis-server"}.items():
        if not shutil.which(program):
            raise Failure(f"找不到 {program}：请先安装（apt-get install {package}），再重新运行。")
    if not postgres.find():
        raise Failure("找不到 PostgreSQL 的程序（initdb、postgres）：请先安装 postgresql，再重新运行。")
    if options.root and options.root.exists() and any(options.root.iterdir()):
        raise Failure(f"{options.root} 不是空目录：请换一个目录。")
    own = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
    if subprocess.run([*own, "true"], stderr=subprocess.DEVNULL).returncode:
        raise Failure("这台机器不允许建立单独的挂载和进程空间（unshare）：请在虚拟机或实体机上以 root 运行。")
    with place(options) as scratch:
        inside = [sys.executable, "-X", "utf8", *sys.argv, INSIDE, str(scratch)]
        child = subprocess.Popen([*own, *inside], process_group=0)
        try:
            code = child.wait()
        except KeyboardInterrupt:
            # To the whole group: unshare itself turns a deaf ear while it waits.
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()
            raise
    if code:
        sys.exit(code)


@contextmanager
def place(options: argparse.Namespace) -> Iterator[Path]:
    # Not $TMPDIR: the users of the image and of the servers must reach it.
    sweep(Path("/tmp"), PREFIX)
    scratch = options.root.resolve() if options.root else Path(f"/tmp/{PREFIX}-{os.getpid()}")
    scratch.mkdir(mode=0o755, parents=True, exist_ok=bool(options.root))
    try:
        yield scratch
    finally:
        for entry in [] if options.keep else list(scratch.iterdir()):
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        if not options.root:
            scratch.rmdir()


def work(options: argparse.Namespace, scratch: Path) -> None:
    started = time.monotonic()
    if not options.root and memory() > ROOMY:
        composed.mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", scratch)
    example = composed.variables(ROOT / ".env.example")
    services = composed.services(ROOT / "docker-compose.yml", example | {"WEB_CONCURRENCY": "1"})
    image = build(scratch, services["web"]["build"]["args"])
    say(f"镜像做好了：{size(image.root)} MB，用时 {time.monotonic() - started:.0f} 秒")
    composed.leave_network()
    trial.hold(image, services, scratch)
    say(f"全部通过，共用时 {time.monotonic() - started:.0f} 秒。")


def memory() -> int:
    """kB that are free for use."""
    found = re.search(r"^MemAvailable:\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def size(root: Path) -> int:
    done = subprocess.run(["du", "-smx", root], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])


# ---- Building ------------------------------------------------------------------------------------
def build(scratch: Path, build_arguments: Mapping[str, str]) -> Image:
    suites = debian_suites()
    machine = machine_settings()
    steps = Build(ROOT, scratch, lambda root: bootstrap(root, suites), build_arguments, machine)
    image = steps.carry_out(ROOT / "Dockerfile")
    for stage in steps.stages.values():
        if stage is not image:
            shutil.rmtree(stage.root)
    return image


def debian_suites() -> dict[str, str]:
    """Where this machine gets its Debian from: addresses by suite."""
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
    )
    known = dict(line.split(" ", 1) for line in sorted(set(done.stdout.splitlines())))
    wanted = (RELEASE, f"{RELEASE}-updates", f"{RELEASE}-security")
    suites = {name: known[name] for name in wanted if known.get(name, "").startswith("http")}
    if RELEASE not in suites:
        raise Failure(f"这台机器的 apt 里没有 Debian {RELEASE} 的软件源：请在 Debian 12 上运行。")
    return suites


def bootstrap(root: Path, suites: Mapping[str, str]) -> None:
    """The equal of the engine's image: Debian's smallest set, with the same list of sources."""
    proxy = subprocess.run(
        ["apt-config", "shell", "http_proxy", "Acquire::http::Proxy"], capture_output=True, text=True
    )
    found = re.search(r"http_proxy='(.+)'", proxy.stdout)
    command: list[str | Path] = ["debootstrap", "--variant=minbase", RELEASE, root, suites[RELEASE]]
    done = subprocess.run(
        command,
        env=os.environ | ({"http_proxy": found[1]} if found else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in done.stdout.splitlines()[-8:])
        raise Failure(f"debootstrap 失败：请检查网络和 apt 的软件源。\n{tail}")
    (root / "etc" / "apt" / "sources.list").unlink()
    parts = [SOURCES.format(uri=uri, suites=suite, keyring=KEYRING) for suite, uri in suites.items()]
    (root / "etc" / "apt" / "sources.list.d" / "debian.sources").write_text("\n".join(parts))


def machine_settings() -> dict[str, str]:
    """This machine's way to the package index, lent to build steps and left in no image."""
    done = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True)
    settings = {name: value for name in PROXIES if (value := os.environ.get(name))}
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        # A folder of this machine is no index for the image.
        words = [word for word in str(ast.literal_eval(value)).split() if not word.startswith("file:")]
        if key in INDEX and words:
            settings[f"PIP_{key.replace('-', '_').upper()}"] = " ".join(words)
    return settings


if __name__ == "__main__":
    main()
