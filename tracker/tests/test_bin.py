"""The scripts of bin/: what they say when a machine lacks something, and what they leave behind."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import checking
import common
import demo
import environment
import postgres
import private_redis
import psycopg
import pytest
import redis
import services
import suite
from common import Failure

from tracker.testing import OWN_VARIABLES

BIN = common.ROOT / "bin"


@pytest.fixture
def clone(tmp_path):
    """A clone that holds the scripts and nothing else; a blank in its path, as people have them."""
    root = tmp_path / "a clone"
    shutil.copytree(BIN, root / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(common.ROOT / name, root / name)
    return root


@pytest.fixture
def shim(tmp_path):
    """Put a shell script of one's own in place of every Python on the path."""

    def make(body: str) -> dict[str, str]:
        programs = tmp_path / "programs"
        programs.mkdir()
        for name in ("python", "python3", *(f"python3.{minor}" for minor in range(11, 15))):
            (programs / name).write_text(f"#!/bin/sh\n{body}\n")
            (programs / name).chmod(0o755)
        return {name: value for name, value in os.environ.items() if name != "PYTHON"} | {
            "PATH": f"{programs}:/usr/bin:/bin"
        }

    return make


def run(script: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([script, *arguments], cwd="/", env=env, capture_output=True, text=True, timeout=300)


# ---- What a machine may lack ---------------------------------------------------------------------
@pytest.mark.parametrize("name", ["demo", "test"])
def test_an_old_python_gives_one_sentence(clone, shim, name):
    done = run(clone / "bin" / name, env=shim("exit 1"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "需要 Python 3.11 或更高版本：请安装后重新运行，或用环境变量 PYTHON 指定其路径。\n"


def test_a_python_without_venv_gives_one_sentence(clone, shim):
    code = (
        "import sys, runpy; sys.modules['ensurepip'] = None; sys.argv = sys.argv[-2:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = run(clone / "bin" / "demo", env=shim(f'[ "$1" = -c ] && exit 0\nexec {sys.executable} -c "{code}" "$@"'))
    assert done.returncode == 1
    assert done.stderr == environment.VENV_MISSING + "\n"
    assert not (clone / ".venv").exists()


def test_an_index_out_of_reach_gives_one_sentence(clone):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    done = run(clone / "bin" / "demo", env=env | nowhere)
    assert done.returncode == 1
    assert done.stderr == environment.INDEX_UNREACHABLE + "\n"
    assert "Traceback" not in done.stdout


def test_a_folder_without_reports_is_said_plainly(tmp_path):
    done = run(BIN / "demo", "--reports", str(tmp_path))
    assert done.returncode == 1
    assert "没有报道" in done.stderr


def test_scripts_work_from_any_folder():
    done = run(BIN / "test", "--help")
    assert done.returncode == 0
    assert done.stdout.endswith(suite.HELP)


# ---- Installing once -----------------------------------------------------------------------------
def test_requirements_that_did_not_change_are_not_installed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "VENV", tmp_path)
    base, dev = tmp_path / "requirements.txt", tmp_path / "requirements-dev.txt"
    base.write_text("Django==5.2\n")
    dev.write_text("-r requirements.txt\npytest==9\n")
    for part in environment.parts(dev):
        environment.stamp(part).write_text(environment.fingerprint(part))
    assert environment.installed(base)
    assert environment.installed(dev)

    base.write_text("Django==5.3\n")
    assert not environment.installed(base)
    assert not environment.installed(dev), "the file that it includes has changed"


def test_a_second_run_waits_for_the_first(clone):
    code = (
        "import sys, time; sys.path.insert(0, 'bin/lib'); import environment\n"
        "with environment.only_one(): print('in', flush=True); time.sleep(float(sys.argv[1]))"
    )
    command = [sys.executable, "-X", "utf8", "-c", code]
    with subprocess.Popen([*command, "1.5"], cwd=clone, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert first.stdout.readline() == "in\n"
        started = time.monotonic()
        second = subprocess.run([*command, "0"], cwd=clone, capture_output=True, text=True, timeout=30)
    assert time.monotonic() - started > 1
    assert second.stdout.splitlines() == ["· 另一个任务正在准备运行环境，稍候……", "in"]


# ---- One environment -----------------------------------------------------------------------------
def test_demonstration_and_tests_know_every_variable_that_settings_read(tmp_path):
    text = (common.ROOT / "tracker" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'\b(?:env\.\w+|flag|names|fixed_day)\("([A-Z_]+)"', text))
    assert read <= set(OWN_VARIABLES)
    with services.listen(0) as server:
        made = demo.settings(tmp_path, server)
    assert read <= set(made)


def test_the_secret_key_is_made_once_and_can_be_read_by_settings(tmp_path):
    file = tmp_path / "secret_key"
    key = demo.secret_key(file)
    assert demo.secret_key(file) == key
    assert len(key) >= 50
    assert "$" not in key
    assert file.stat().st_mode & 0o077 == 0


# ---- Processes -----------------------------------------------------------------------------------
def test_a_service_that_dies_is_reported_with_its_last_words(tmp_path):
    service = services.Service("后台任务", ["no_such_module"], os.environ, tmp_path / "log")
    with pytest.raises(Failure, match=r"后台任务意外退出(?s:.)*no_such_module"):
        service.wait_until("启动", lambda: False)
    service.stop()


def test_a_service_is_stopped_with_its_children(tmp_path):
    child_code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    parent_code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child_code!r}])"
    (tmp_path / "parent_of_one.py").write_text(parent_code)
    service = services.Service(
        "父进程", ["parent_of_one"], os.environ | {"PYTHONPATH": str(tmp_path)}, tmp_path / "log"
    )
    service.wait_until("启动", lambda: service.said().endswith("\n"))
    child = int(service.said())
    service.ask_to_stop()
    service.stop()
    assert gone(child)


def gone(pid: int, seconds: float = 5) -> bool:
    """Ended, or waiting only for its new parent to take note."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat")
        if not common.alive(pid) or (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"):
            return True
        time.sleep(0.05)
    return False


def test_a_taken_port_is_passed_over_or_refused_by_name():
    with services.listen(None) as first, services.listen(None) as second:
        taken = first.getsockname()[1]
        assert second.getsockname()[1] > taken
        with pytest.raises(Failure, match=f"端口 {taken} 不能使用"):
            services.listen(taken)


def test_leftovers_of_a_killed_check_are_swept_and_living_ones_kept(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    for pid in (ended.pid, os.getpid()):
        (tmp_path / f"check-{pid}").mkdir()
    common.sweep(tmp_path, "check")
    assert [folder.name for folder in tmp_path.iterdir()] == [f"check-{os.getpid()}"]


# ---- What the check sees -------------------------------------------------------------------------
def test_a_mail_without_a_link_fails_the_check(tmp_path):
    (tmp_path / "1.eml").write_text(
        "From: a@x\nTo: b@x\nSubject: s\nMessage-ID: <1@x>\nDate: Mon, 10 Jul 2023 08:00:00 +0800\n\nno link\n"
    )
    with pytest.raises(Failure, match=r"1\.eml 的 plain 正文"):
        checking.check_mails(tmp_path, {"mails": 1})
    with pytest.raises(Failure, match="应有 2 封邮件"):
        checking.check_mails(tmp_path, {"mails": 2})


def test_a_changed_row_is_named_by_its_table():
    with pytest.raises(Failure, match="projects_alerts_alert"):
        checking.check_same({"projects_alerts_alert": [(1,)]}, {"projects_alerts_alert": [(1,), (2,)]})


def test_columns_line_up_under_chinese():
    assert common.table([("角色", "用户名"), ("leader", "gao")], indent="") == "角色    用户名\nleader  gao"


# ---- PostgreSQL ----------------------------------------------------------------------------------
def test_the_private_server_answers_and_is_gone_afterwards():
    programs = postgres.find()
    if programs is None:
        pytest.skip("no PostgreSQL programs on this machine")
    with postgres.private_server(programs) as address:
        folder = Path(address.removeprefix("postgres://tracker@/").removesuffix("/tracker"))
        with psycopg.connect(host=str(folder), user="tracker", dbname="tracker") as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    assert not folder.exists()


def test_a_required_server_that_is_missing_is_a_failure(monkeypatch):
    monkeypatch.setattr(postgres, "PLACES", ())
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("REQUIRE_POSTGRES", "1")
    with pytest.raises(Failure, match="请安装 postgresql"):
        suite.run("", [])


# ---- Redis ---------------------------------------------------------------------------------------
def test_the_private_redis_keeps_what_it_has_over_a_restart_and_is_gone_afterwards():
    program = private_redis.find()
    if program is None:
        pytest.skip("no Redis on this machine")
    with private_redis.private_server(program) as server, redis.Redis.from_url(server.url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        client.set("kept", "yes")
        server.stop()
        assert not server.answers()
        server.start()
        assert client.get("kept") == b"yes"
    assert not server.folder.exists()
    assert not server.answers()


def test_a_required_redis_that_is_missing_is_a_failure_and_one_that_is_not_is_said(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("REQUIRE_REDIS", raising=False)
    with suite.broker() as address:
        assert address == ""
    assert "本次略过要用 Redis 的测试" in capsys.readouterr().out
    monkeypatch.setenv("REQUIRE_REDIS", "1")
    with pytest.raises(Failure, match="请安装 redis-server"), suite.broker():
        pass


def test_a_free_socket_belongs_to_the_demonstration_before_the_server_starts():
    with services.listen(0) as server, socket.create_connection(server.getsockname(), timeout=2) as visitor:
        assert visitor.getpeername() == server.getsockname()


# ---- The browser ---------------------------------------------------------------------------------
def test_a_required_browser_that_is_missing_is_a_failure_and_one_that_is_not_is_said(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("REQUIRE_BROWSER", raising=False)
    suite.check_browser()
    assert "本次略过在浏览器里的测试" in capsys.readouterr().out
    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    with pytest.raises(Failure, match="请安装 chromium"):
        suite.check_browser()


# ---- LibreOffice ---------------------------------------------------------------------------------
def test_a_required_office_that_is_missing_is_a_failure_and_one_that_is_not_is_said(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("TEST_OFFICE", "")
    monkeypatch.delenv("REQUIRE_OFFICE", raising=False)
    suite.take_office()
    assert "本次不检查 Word 文件排出的版面" in capsys.readouterr().out
    monkeypatch.setenv("REQUIRE_OFFICE", "1")
    with pytest.raises(Failure, match="请安装 libreoffice-writer"):
        suite.take_office()
