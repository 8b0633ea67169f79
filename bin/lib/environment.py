"""Makes .venv beside manage.py and installs a requirements file into it. Standard library only.

Run by python.sh as ``environment.py requirements.txt``. What is installed is remembered by a hash of the
requirements, so a second run installs nothing; a lock makes two runs at once wait for each other.
Installation goes through uv where it can be had, else through pip. Every failure is one plain sentence.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

VENV_MISSING = (
    "缺少 Python 的 venv 模块：请先安装 python3-venv（Debian/Ubuntu：apt-get install python3-venv），再重新运行。"
)
INDEX_UNREACHABLE = "连不上软件包索引：请检查网络，或检查 pip 的索引地址和代理设置，再重新运行。"
UNREACHABLE = re.compile(
    r"ConnectionError|NewConnectionError|Connection (refused|reset|aborted)|timed out|Max retries"
    r"|Name or service not known|failure in name resolution|ProxyError|SSLError|dns error|error sending request"
    r"|Could not fetch URL",
    re.IGNORECASE,
)


class SetupError(Exception):
    """Setting up failed; the message is the sentence for whoever called the script."""


def main() -> None:
    try:
        with only_one():
            prepare(ROOT / sys.argv[1])
    except SetupError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"无法准备运行环境：{error.strerror}（{error.filename}）。")
    except KeyboardInterrupt:
        sys.exit("已中断。")


@contextmanager
def only_one() -> Iterator[None]:
    """Wait until no other run is setting up; the lock goes with the process, however it ends."""
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个任务正在准备运行环境，稍候……")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(requirements: Path) -> None:
    """Make .venv where there is none that works, and install what is not yet installed."""
    if not works():
        make()
    if installed(requirements):
        return
    say(f"正在安装 {requirements.name} 所列的软件包（首次需要一两分钟）……")
    install(requirements)
    for part in parts(requirements):
        stamp(part).write_text(fingerprint(part))


def works() -> bool:
    """Whether .venv has a Python that is new enough and a pip: not half made, not from a removed Python."""
    code = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return PYTHON.exists() and run(str(PYTHON), "-I", "-c", code).returncode == 0


def make() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise SetupError(VENV_MISSING)
    say("正在创建 .venv……")
    done = run(sys.executable, "-m", "venv", "--clear", str(VENV))
    if done.returncode:
        raise SetupError(VENV_MISSING if "ensurepip" in done.stdout else f"无法创建 .venv：{last_line(done.stdout)}")


def parts(requirements: Path) -> list[Path]:
    """The file and the files it includes with ``-r``."""
    included = re.findall(r"^-r\s+(\S+)", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    return [requirements, *(part for name in included for part in parts(requirements.parent / name))]


def fingerprint(requirements: Path) -> str:
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts(requirements))).hexdigest()


def stamp(requirements: Path) -> Path:
    return VENV / f".installed-{requirements.stem}"


def installed(requirements: Path) -> bool:
    mark = stamp(requirements)
    return mark.exists() and mark.read_text() == fingerprint(requirements)


def install(requirements: Path) -> None:
    """With uv, which takes seconds; with pip where uv cannot be had or does not know the way to the index."""
    if get_uv():
        command = (str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON), "-r", str(requirements))
        done = run(*command, extra=uv_index())
        if done.returncode == 0:
            return
    done = run(*pip("install", "-r", str(requirements)))
    if done.returncode:
        raise failure(done.stdout)


def get_uv() -> bool:
    if run(str(PYTHON), "-m", "uv", "--version").returncode == 0:
        return True
    done = run(*pip("install", "uv"))
    if done.returncode and UNREACHABLE.search(done.stdout):
        raise SetupError(INDEX_UNREACHABLE)
    return done.returncode == 0


def uv_index() -> dict[str, str]:
    """uv does not read pip's configuration: tell it of a mirror that pip has been told of."""
    if "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ:
        return {}
    mirror = os.environ.get("PIP_INDEX_URL") or run(*pip("config", "get", "global.index-url")).stdout.strip()
    return {"UV_DEFAULT_INDEX": mirror} if re.fullmatch(r"https?://\S+", mirror) else {}


def pip(*arguments: str) -> list[str]:
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--retries", "1", *arguments]


def failure(output: str) -> SetupError:
    if UNREACHABLE.search(output) or "from versions: none" in output:
        return SetupError(INDEX_UNREACHABLE)
    return SetupError(f"安装软件包失败：{last_line(output)}")


def last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["没有输出"])[-1]


def run(*command: str, extra: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command, its two outputs together."""
    environment = os.environ | {"PYTHONUTF8": "1", "PIP_NO_INPUT": "1"} | (extra or {})
    return subprocess.run(
        command, env=environment, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def say(message: str) -> None:
    print(f"· {message}", flush=True)


if __name__ == "__main__":
    main()
