"""What docker-compose.yml, the Dockerfile and their settings promise to an operator.

That they keep it when they run is tried by bin/image.
"""

import http.server
import re
import subprocess
import sys
import threading

import composed
import dockerfile
import image
import pytest
import yaml
from common import Failure
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tracker import gunicorn, probe
from tracker.settings import names, secret, with_password

BASE = settings.BASE_DIR
COMPOSE = yaml.safe_load((BASE / "docker-compose.yml").read_text(encoding="utf-8"))
EXAMPLE = composed.variables(BASE / ".env.example")
SERVICES = composed.services(BASE / "docker-compose.yml", EXAMPLE)
PRODUCT = ("migrate", "web", "worker", "beat")
LASTING = [name for name in SERVICES if name != "migrate"]


def explained():
    """Every name that docs/settings.md explains."""
    text = (BASE / "docs" / "settings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE))


# ---- Compose -------------------------------------------------------------------------------------
def test_the_services_are_the_ones_that_the_product_needs():
    assert set(SERVICES) == {*PRODUCT, "db", "redis"}
    assert "name" not in COMPOSE


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_not_root_and_cannot_become_it_or_write_where_it_should_not(name):
    service = SERVICES[name]
    assert service["user"] not in ("root", "0", "0:0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_logs_cannot_fill_the_disk(name):
    options = SERVICES[name]["logging"]["options"]
    assert set(options) == {"max-size", "max-file"}


@pytest.mark.parametrize("name", LASTING)
def test_what_should_last_is_started_again_and_watched(name):
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    checked = service.get("healthcheck", {}).get("test")
    # web has no check of its own: the image's is made for it.
    assert checked or (name == "web" and "HEALTHCHECK" in {step.name for step in steps()})


def test_migrations_run_once_and_before_everything_that_needs_them():
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_only_the_web_is_published_and_only_on_this_machine():
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["web"]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    assert SERVICES["db"]["networks"] == SERVICES["redis"]["networks"] == ["inner"]


def test_the_broker_keeps_what_it_is_given_and_asks_for_a_password():
    command = SERVICES["redis"]["command"][-1]
    for words in ("--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction", "requirepass"):
        assert words in command
    assert "queue:/data" in SERVICES["redis"]["volumes"]


def test_every_volume_and_secret_that_is_used_is_declared():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    lent = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(COMPOSE["volumes"])
    assert lent == set(COMPOSE["secrets"])


def test_no_secret_stands_in_the_environment():
    for name, service in SERVICES.items():
        for key, value in service["environment"].items() if "environment" in service else ():
            if re.search("SECRET|PASSWORD", key):
                assert key.endswith("_FILE"), (name, key)
                assert value.removeprefix("/run/secrets/") in service["secrets"]


@pytest.mark.parametrize("name", PRODUCT)
def test_every_variable_of_the_product_is_explained(name):
    given = {key.removesuffix("_FILE") for key in SERVICES[name]["environment"]}
    assert given <= explained()


def test_a_worker_is_given_the_time_that_its_soft_shutdown_takes():
    assert SERVICES["worker"]["stop_signal"] == "SIGQUIT"
    grace = composed.seconds(SERVICES["worker"]["stop_grace_period"])
    assert grace > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 10


def test_the_web_is_given_the_time_to_answer_what_it_was_asked():
    assert composed.seconds(SERVICES["web"]["stop_grace_period"]) > gunicorn.graceful_timeout


def test_a_name_that_must_be_set_is_asked_for():
    with pytest.raises(Failure, match=r"SITE_URL：请在 \.env 中填写 SITE_URL"):
        composed.services(BASE / "docker-compose.yml", {})


# ---- .env.example --------------------------------------------------------------------------------
def test_the_example_names_what_compose_asks_for_and_nothing_else():
    asked = set(re.findall(r"\$\{(\w+)", (BASE / "docker-compose.yml").read_text(encoding="utf-8")))
    assert set(EXAMPLE) == asked


def test_every_name_of_the_example_is_explained():
    text = (BASE / ".env.example").read_text(encoding="utf-8")
    offered = {name.removesuffix("_FILE") for name in re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.MULTILINE)}
    assert len(offered) > len(EXAMPLE)
    assert offered <= explained()


def test_the_example_holds_no_secret():
    assert not [name for name in EXAMPLE if re.search("SECRET|PASSWORD|EMAIL_URL|DATABASE_URL|BROKER", name)]


# ---- Image ---------------------------------------------------------------------------------------
def steps():
    return list(dockerfile.read(BASE / "Dockerfile"))


def test_the_image_runs_as_nobody_in_particular():
    users = [step.words for step in steps() if step.name == "USER"]
    assert users == ["10001:10001"]
    assert SERVICES["web"]["user"] == users[-1]


def test_the_image_is_made_of_what_is_in_the_repository():
    kept = dockerfile.Ignores(BASE / ".dockerignore").kept(BASE)
    names_kept = {str(file.relative_to(BASE)) for file in kept}
    assert {
        "manage.py",
        "requirements.txt",
        "tracker/settings.py",
        "locale/zh_Hans/LC_MESSAGES/django.mo",
    } <= names_kept
    assert not [name for name in names_kept if re.search(r"(^|/)(tests|__pycache__|\.[^/]+|var|secrets)(/|$)", name)]


@pytest.fixture
def context(tmp_path):
    """A tree with a few files, a .dockerignore of its own, and what is kept of it."""

    def kept(ignore: str, *files: str) -> set[str]:
        for file in files:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).touch()
        (tmp_path / ".dockerignore").write_text(ignore)
        found = dockerfile.Ignores(tmp_path / ".dockerignore").kept(tmp_path)
        return {str(file.relative_to(tmp_path)) for file in found}

    return kept


def test_the_last_line_that_fits_decides_what_is_kept_out(context):
    kept = context("*\n!a\na/*.log\n**/tests\n", "a/b.py", "a/b.log", "a/c/d.log", "a/c/tests/e.py", ".env", "f/a")
    assert kept == {"a/b.py", "a/c/d.log"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("FROM debian:bookworm-slim\nADD x /y\n", "第 2 行：不认识的指令"),
        ("RUN true\n", "第 1 行：FROM 之前"),
        ("FROM alpine\n", "第 1 行：只认识 debian:bookworm-slim"),
        ("FROM debian:bookworm-slim\nENV A=$B\n", "第 2 行：这里不能用变量"),
        ("FROM debian:bookworm-slim\nCOPY --link a b\n", "第 2 行：不认识的写法"),
        ("FROM debian:bookworm-slim\nCMD gunicorn\n", "第 2 行：应写成"),
        ("FROM debian:bookworm-slim\n\n# said aside\nUSER \\\n  tracker\n", "第 4 行：用户应写成"),
    ],
)
def test_an_instruction_that_is_not_understood_is_refused_and_never_skipped(tmp_path, text, complaint):
    file = tmp_path / "Dockerfile"
    file.write_text(text)
    build = dockerfile.Build(tmp_path, tmp_path, lambda root: root.mkdir(), {}, {})
    with pytest.raises(Failure, match=complaint):
        build.carry_out(file)


def test_instructions_of_several_stages_become_one_image(tmp_path):
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "a.txt").write_text("a")
    file = tmp_path / "Dockerfile"
    file.write_text(
        "FROM debian:bookworm-slim AS first\nENV A=1 B='two words'\nWORKDIR /app\nCOPY a.txt ./\n"
        'FROM debian:bookworm-slim\nCOPY --from=first /app /srv/app\nENV A=2\nUSER 5:6\nCMD ["sleep", "9"]\n'
        'HEALTHCHECK --interval=3s CMD ["true"]\n'
    )
    build = dockerfile.Build(tmp_path / "context", tmp_path, lambda root: root.mkdir(), {}, {})
    made = build.carry_out(file)
    assert (made.root / "srv" / "app" / "a.txt").read_text() == "a"
    assert not (made.root / "app").exists()
    assert made.environment["A"] == "2"
    assert "B" not in made.environment
    assert build.stages["first"].environment["B"] == "two words"
    assert (made.user, made.command, made.health) == ("5:6", ["sleep", "9"], ["true"])


@pytest.mark.parametrize(("program", "package"), [("debootstrap", "debootstrap"), ("redis-server", "redis-server")])
def test_a_machine_that_lacks_a_program_is_told_which(tmp_path, monkeypatch, program, package):
    for other in {"debootstrap", "redis-server"} - {program}:
        (tmp_path / other).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(Failure, match=f"找不到 {program}：请先安装（apt-get install {package}）"):
        image.prepare(image.arguments([]))


def test_who_is_not_root_is_told_so(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(Failure, match="需要 root 权限"):
        image.prepare(image.arguments([]))


# ---- Secrets -------------------------------------------------------------------------------------
@pytest.fixture
def file_of(tmp_path, monkeypatch):
    """Put a secret into a file and name it in the environment."""

    def write(name: str, content: bytes | str) -> None:
        file = tmp_path / name.lower()
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        monkeypatch.setenv(f"{name}_FILE", str(file))

    return write


def test_a_secret_comes_from_a_file_as_well_as_from_the_environment(file_of, monkeypatch):
    monkeypatch.setenv("ONE", "1")
    file_of("TWO", "  with blanks inside and $ \n")
    assert secret("ONE") == "1"
    assert secret("TWO") == "with blanks inside and $"
    assert secret("THREE") == ""


@pytest.mark.parametrize(
    ("content", "complaint"), [("", "文件是空的"), (" \n", "文件是空的"), (b"\xff\xfe", "不是 UTF-8 文本")]
)
def test_a_file_without_a_secret_is_named(file_of, content, complaint):
    file_of("ONE", content)
    with pytest.raises(ImproperlyConfigured, match=f"ONE_FILE=.*{complaint}"):
        secret("ONE")


def test_a_file_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("ONE_FILE", "/nowhere/one")
    with pytest.raises(ImproperlyConfigured, match="ONE_FILE=/nowhere/one：不能读取这个文件"):
        secret("ONE")


def test_a_secret_in_both_places_is_refused_and_not_repeated(file_of, monkeypatch):
    file_of("ONE", "hidden")
    monkeypatch.setenv("ONE", "hidden")
    with pytest.raises(ImproperlyConfigured, match="ONE 与 ONE_FILE 不能同时设置") as refusal:
        secret("ONE")
    assert "hidden" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("postgres://tracker@db:5432/tracker", "postgres://tracker:p%40%2F%3A@db:5432/tracker"),
        ("postgres://tracker@/run/pg/tracker?a=b", "postgres://tracker:p%40%2F%3A@/run/pg/tracker?a=b"),
        ("redis://redis:6379/0", "redis://:p%40%2F%3A@redis:6379/0"),
        ("redis://[::1]:6379/0", "redis://:p%40%2F%3A@[::1]:6379/0"),
        ("sqlite:////var/tracker.sqlite3", "sqlite:////var/tracker.sqlite3"),
        ("filesystem://", "filesystem://"),
    ],
)
def test_a_password_of_its_own_joins_the_address_of_a_server(file_of, url, whole):
    file_of("PASSWORD", "p@/:\n")
    assert with_password(url, "PASSWORD") == whole


def test_a_password_in_two_places_is_refused_and_not_repeated(monkeypatch):
    monkeypatch.setenv("PASSWORD", "second")
    with pytest.raises(ImproperlyConfigured, match=r"地址里已有密码.*PASSWORD") as refusal:
        with_password("postgres://tracker:first@db/tracker", "PASSWORD")
    assert not re.search("first|second", str(refusal.value))


def test_celery_reaches_a_broker_whose_password_is_a_file(file_of, celery_address):
    file_of("REDIS_PASSWORD", "from a file")
    assert celery_address() == "redis://:from%20a%20file@redis:6379/0"


@pytest.fixture
def celery_address(monkeypatch):
    """The broker that a process with compose's environment really turns to: Celery reads that variable by itself."""
    code = "from tracker.celery import app; print(app.connection_for_write().as_uri(include_password=True))"

    def ask() -> str:
        monkeypatch.setenv("CELERY_BROKER_URL", "redis://redis:6379/0")
        return subprocess.run(
            [sys.executable, "-c", code], cwd=BASE, capture_output=True, text=True, check=True
        ).stdout.strip()

    return ask


def test_an_empty_list_means_its_default(monkeypatch):
    monkeypatch.setenv("ONE", "")
    assert names("ONE", default="a, b") == ["a", "b"]


def test_secrets_are_made_once_and_closed_to_others(tmp_path):
    script = tmp_path / "bin" / "secrets"
    script.parent.mkdir()
    script.write_text((BASE / "bin" / "secrets").read_text())
    first = subprocess.run(["sh", script], capture_output=True, text=True, check=True)
    made = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert all(re.fullmatch("[0-9a-f]{96}", made[name]) for name in made if name != "email_url")
    assert len(set(made.values())) == len(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    # Users inside containers have other numbers than anybody outside.
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()} == {0o644}
    again = subprocess.run(["sh", script], capture_output=True, text=True, check=True)
    assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == made
    assert "已生成" in first.stdout
    assert again.stdout.count("保持不变") == len(made)


# ---- Web process and probe -----------------------------------------------------------------------
@pytest.mark.parametrize("text", ["many", "0", "-1", "２", "1.5"])
def test_a_wrong_number_of_processes_is_said_in_one_sentence(text):
    with pytest.raises(SystemExit, match=r"设置有误：WEB_CONCURRENCY=.*应为大于 0 的整数"):
        gunicorn.processes(text)


@pytest.fixture
def site(monkeypatch):
    """A web server with one answer for every question; remembers which host and path were asked for."""
    asked = []
    started = []

    def serve(status: int) -> int:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.headers["Host"], self.path))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"said")

            def log_message(self, *words):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return server.server_port

    monkeypatch.setenv("SITE_URL", "https://tracker.example.gov.cn:8443")
    yield serve, asked
    for server in started:
        server.shutdown()
        server.server_close()


def test_the_probe_asks_for_the_site_by_its_own_name(site):
    serve, asked = site
    probe.main(serve(200))
    assert asked == [("tracker.example.gov.cn:8443", "/readyz")]


def test_the_probe_says_what_is_wrong_when_the_site_is_not_ready(site):
    serve, _ = site
    with pytest.raises(SystemExit, match="/readyz: 503 said"):
        probe.main(serve(503))


def test_the_probe_says_that_nobody_answers():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        free = server.server_port
    with pytest.raises(SystemExit, match=r"/readyz: .*refused"):
        probe.main(free)
