"""What bin/image tries on the image: the services of docker-compose.yml beside a private PostgreSQL and Redis."""

import http.client
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import composed
import postgres
from common import ROOT, Failure, say
from composed import House, Running
from dockerfile import Image

HOST: Final = urlsplit(composed.variables(ROOT / ".env.example")["SITE_URL"]).netloc
PASSWORD: Final = "First-Account-2026"
Services = Mapping[str, Mapping[str, Any]]


def hold(image: Image, services: Services, scratch: Path) -> None:
    """Run every service as the compose file says and check what it promises; Failure where one breaks its word."""
    check_clean(image)
    secrets = make_secrets(scratch)
    with database(services["db"], scratch, secrets), broker(services["redis"], scratch, secrets):
        house = House(image, services["web"], scratch, secrets)
        step("migrate：数据库结构建好", lambda: migrate(house, services["migrate"]))
        web = house.start("web", services["web"])
        check_web(house, web, services["web"])
        if answered("/healthz/jobs"):
            raise Failure("没有后台进程，/healthz/jobs 却说后台正常。")
        worker, beat = (house.start(name, services[name]) for name in ("worker", "beat"))
        check_background(house, services, worker, beat)
        for running in (beat, worker, web):
            say(f"{running.name}：{running.stop(services[running.name]):.1f} 秒内正常停止")


def step(title: str, act: Callable[[], object]) -> None:
    started = time.monotonic()
    act()
    say(f"{title}（{time.monotonic() - started:.1f} 秒）")


def make_secrets(scratch: Path) -> Path:
    """As an operator makes them: by bin/secrets."""
    script = scratch / "bin" / "secrets"
    script.parent.mkdir()
    shutil.copy2(ROOT / "bin" / "secrets", script)
    subprocess.run([script], check=True, stdout=subprocess.DEVNULL)
    return scratch / "secrets"


def check_clean(image: Image) -> None:
    """The image holds the product, and nothing of this machine or of a test."""
    app = image.root / "app"
    unwanted = [*app.rglob("tests"), *app.glob(".*"), app / "var", app / "bin", image.root / "run" / "machine.crt"]
    found = [str(path.relative_to(image.root)) for path in unwanted if path.exists()]
    if found:
        raise Failure(f"镜像里有不该有的文件：{'、'.join(found)}")
    if not (image.root / "etc" / "ssl" / "certs" / "ca-certificates.crt").exists():
        raise Failure("镜像里没有 CA 证书：不能核对邮件服务器的身份。")


@contextmanager
def database(service: Mapping[str, Any], scratch: Path, secrets: Path) -> Iterator[None]:
    """A private PostgreSQL with the service's user, password and name, answering where the service would."""
    programs = postgres.find()
    assert programs is not None
    folder = scratch / "database"
    folder.mkdir()
    identity = postgres.own_user(folder)
    settings, password = service["environment"], secrets / "database_password"
    options = ["-U", settings["POSTGRES_USER"], "--auth=scram-sha-256", f"--pwfile={password}"]
    secrets.chmod(0o755)
    postgres.run([programs / "initdb", "-D", folder / "data", *options, *postgres.encoding()], identity)

    def enter() -> None:
        composed.become(identity["user"], identity["group"])

    command: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder, "-c", "fsync=off"]
    environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
    server = Running("db", command, environment, enter, scratch / "db.log")
    try:
        # The image makes the database named in its settings; its health check knows when it is there.
        test = service["healthcheck"]["test"][1:]
        server.wait_until("PostgreSQL", lambda: works(test, environment))
        create = [programs / "createdb", "-h", "127.0.0.1", "-U", settings["POSTGRES_USER"], settings["POSTGRES_DB"]]
        composed.call(create, environment | {"PGPASSWORD": password.read_text()}, enter)
        say("db：健康检查通过")
        yield
    finally:
        server.process.send_signal(signal.SIGINT)
        server.process.wait()


def works(command: list[str], environment: Mapping[str, str]) -> bool:
    return (
        subprocess.run(command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        == 0
    )


@contextmanager
def broker(service: Mapping[str, Any], scratch: Path, secrets: Path) -> Iterator[None]:
    """This machine's Redis under the service's own command, its folders moved into the scratch folder."""
    folder = scratch / "broker"
    folder.mkdir()
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("redis" if "redis" in names else "nobody")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    places = {"/run/secrets": secrets, "/tmp": folder, "/data": folder}

    def moved(words: str) -> str:
        return re.sub("|".join(places), lambda found: str(places[found[0]]), words)

    environment = {"PATH": os.environ["PATH"]}
    command = [moved(words) for words in service["command"]]
    server = Running(
        "redis", command, environment, lambda: composed.become(entry.pw_uid, entry.pw_gid), scratch / "redis.log"
    )
    try:
        test = ["/bin/sh", "-c", moved(service["healthcheck"]["test"][1])]
        server.wait_until("Redis", lambda: works(test, environment))
        say("redis：健康检查通过")
        yield
    finally:
        server.process.terminate()
        server.process.wait()


def migrate(house: House, service: Mapping[str, Any]) -> None:
    running = house.start("migrate", service)
    if running.process.wait():
        raise Failure(f"migrate 失败（代码 {running.process.returncode}）：\n{running.tail()}")


def check_web(house: House, web: Running, service: Mapping[str, Any]) -> None:
    step("web：/readyz 回答 200", lambda: web.wait_until("/readyz", lambda: answered("/readyz")))
    check_people(web, service)
    step("web：镜像的健康检查通过", lambda: house.call(service, house.image.health))
    check = ["python", "manage.py", "check", "--deploy", "--database", "default", "--fail-level", "WARNING"]
    step("web：manage.py check --deploy 没有警告", lambda: house.call(service, check))
    check_page()
    step("web：首个管理员账号可建立并登录", lambda: check_account(house, service))


def check_people(running: Running, service: Mapping[str, Any]) -> None:
    """Every process of the service belongs to the service's user and can gain no rights."""
    uid = service["user"].split(":")[0]
    statuses = family(running.process.pid)
    for status in statuses:
        facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        if set(facts["Uid"].split()) != {uid} or facts["NoNewPrivs"] != "1" or int(facts["CapEff"], 16):
            raise Failure(f"{running.name} 有进程以不应有的身份运行：{facts['Name']}，Uid {facts['Uid']}")
    say(f"{running.name}：{len(statuses)} 个进程都属于用户 {uid}，不是 root，没有特权")


def family(session: int) -> list[str]:
    """The status of every process in a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                found.append((folder / "status").read_text())
        except OSError:
            continue
    return found


# ---- As the proxy in front asks ------------------------------------------------------------------
class Answer:
    def __init__(
        self, path: str, *, method: str = "GET", body: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        link = http.client.HTTPConnection("127.0.0.1", 8000, timeout=20)
        proxied = {"Host": HOST, "X-Forwarded-Proto": "https", "Accept-Encoding": "gzip", **(headers or {})}
        if body:
            proxied |= {"Content-Type": "application/x-www-form-urlencoded"}
        link.request(method, path, body.encode() or None, proxied)
        answer = link.getresponse()
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()
        link.close()

    def cookies(self) -> dict[str, str]:
        pairs = (cookie.split(";")[0].split("=", 1) for cookie in self.headers.get_all("Set-Cookie") or [])
        return dict(pairs)


def answered(path: str) -> bool:
    try:
        return Answer(path).status == 200
    except OSError:
        return False


def check_page() -> None:
    """The login page and every file it names; styles and scripts compressed, and kept by a browser for ever."""
    page = Answer("/admin/login/")
    names = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.body.decode()))
    if page.status != 200 or not any(name.endswith(".css") for name in names):
        raise Failure(f"登录页回答 {page.status}，样式表 {len(names)} 个。")
    for name in sorted(names):
        answer = Answer(name)
        kept = "immutable" in answer.headers.get("Cache-Control", "")
        packed = answer.headers.get("Content-Encoding") == "gzip"
        code = name.endswith((".css", ".js"))
        if answer.status != 200 or (code and not (kept and packed)):
            raise Failure(f"{name}：{answer.status}，{dict(answer.headers)}")
    say(f"web：登录页和它的 {len(names)} 个静态文件正常（压缩、长期缓存）")


def check_account(house: House, service: Mapping[str, Any]) -> None:
    command = ["python", "manage.py", "createsuperuser", "--noinput", "--username", "root", "--email", f"root@{HOST}"]
    house.call(service, command, {"DJANGO_SUPERUSER_PASSWORD": PASSWORD})
    form = Answer("/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.body.decode())
    assert token is not None
    cookies = "; ".join(f"{name}={value}" for name, value in form.cookies().items())
    body = urlencode({"csrfmiddlewaretoken": token[1], "username": "root", "password": PASSWORD, "next": "/admin/"})
    headers = {"Cookie": cookies, "Referer": f"https://{HOST}/admin/login/"}
    answer = Answer("/admin/login/", method="POST", body=body, headers=headers)
    session = answer.cookies().get("sessionid", "")
    home = Answer("/admin/", headers={"Cookie": f"sessionid={session}"})
    if answer.status != 302 or home.status != 200:
        raise Failure(f"登录后回答 {answer.status}、{home.status}。")


def check_background(house: House, services: Services, worker: Running, beat: Running) -> None:
    done = "后台任务做成，/healthz/jobs 回答 200"
    step(done, lambda: worker.wait_until("后台任务", lambda: answered("/healthz/jobs")))
    for running in (worker, beat):
        service = services[running.name]
        check_people(running, service)
        step(f"{running.name}：健康检查通过", partial(pass_check, house, running, service))


def pass_check(house: House, running: Running, service: Mapping[str, Any]) -> None:
    kind, *command = service["healthcheck"]["test"]
    command = ["/bin/sh", "-c", *command] if kind == "CMD-SHELL" else command

    def passes() -> bool:
        try:
            house.call(service, command)
        except Failure:
            return False
        return True

    running.wait_until("健康检查", passes)
