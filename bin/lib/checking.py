"""What ``bin/demo --check`` verifies, on the real web server, the real worker, the real files."""

import email
import email.policy
import http.cookiejar
import re
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from common import Failure, say
from services import Service

Rows = dict[str, list[tuple[Any, ...]]]
# That a scan ran, or that a sender looked, is news each time; everything else stays as it is.
JOURNALS = re.compile(r"(scan|run|tick|job|channelstate)s?$")


# ---- Rows ----------------------------------------------------------------------------------------
def contents(database: Path) -> Rows:
    """Every row of our own tables."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = [name for name in names if name.startswith(("zones_", "projects_")) and not JOURNALS.search(name)]
        rows = {name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for name in ours}
    connection.close()
    return rows


def check_same(before: Rows, after: Rows) -> None:
    changed = [name for name in after if after[name] != before.get(name)]
    if changed:
        raise Failure(f"第二遍改动了数据表：{'、'.join(changed)}。")


# ---- Mails ---------------------------------------------------------------------------------------
def mails(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("**/*.eml"))


def check_mails(folder: Path, facts: Mapping[str, Any]) -> None:
    """As many files as the numbers say, each a message with both texts and a link in each."""
    files = sorted(folder.glob("**/*.eml"))
    if not files or len(files) != facts["mails"]:
        raise Failure(f"应有 {facts['mails']} 封邮件，{folder} 里有 {len(files)} 封。")
    for file in files:
        check_mail(file)
    say(f"邮件 {len(files)} 封，格式正确。")


def check_mail(file: Path) -> None:
    with file.open("rb") as stream:
        message = email.message_from_binary_file(stream, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    for header in ("To", "From", "Subject", "Message-ID", "Date"):
        if not message[header]:
            raise Failure(f"邮件 {file.name} 没有 {header}。")
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        if body is None or "http://" not in body.get_content():
            raise Failure(f"邮件 {file.name} 的 {kind} 正文缺失或没有链接。")


# ---- Web -----------------------------------------------------------------------------------------
class Browser:
    """One person's browser: cookies, redirects, the form's token."""

    def __init__(self, site: str) -> None:
        self.site = site
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        # No proxy: the address is this machine, whatever the shell says.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def open(self, path: str, form: Mapping[str, str] | None = None) -> tuple[str, str]:
        """The final address and the page; raises Failure for anything but 200."""
        address = urljoin(self.site, path)
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.opener.open(address, data, timeout=30) as answer:
                return answer.geturl(), answer.read().decode("utf-8", errors="replace")
        except urllib.error.HTTPError as error:
            raise Failure(f"{address} 返回 {error.code}。") from error
        except OSError as error:
            raise Failure(f"{address} 打不开：{error}") from error

    def sign_in(self, username: str, password: str) -> str:
        """Sign in by the form and return the home page."""
        address, page = self.open("/admin/login/?next=/admin/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if not token:
            raise Failure("登录页没有表单。")
        form = {"csrfmiddlewaretoken": token[1], "username": username, "password": password, "next": "/admin/"}
        _, home = self.open(address, form)
        if 'name="password"' in home:
            raise Failure(f"账号 {username} 登录不了。")
        return home


def healthy(site: str) -> bool:
    try:
        Browser(site).open("/healthz")
    except Failure:
        return False
    return True


def check_web(site: str, facts: Mapping[str, Any]) -> None:
    """The login page and its style sheets; every account signs in and sees home; the things to look at open."""
    stranger = Browser(site)
    stranger.open("/readyz")
    _, page = stranger.open("/admin/login/")
    sheets = re.findall(r'<link[^>]+href="([^"]+\.css[^"]*)"', page)
    for sheet in sheets:
        stranger.open(sheet)
    if not sheets:
        raise Failure("登录页没有样式表。")
    for account in facts["accounts"]:
        Browser(site).sign_in(account["username"], account["password"])
    say(f"{len(facts['accounts'])} 个账号都能登录并打开首页。")
    check_look_at(site, facts)


def check_look_at(site: str, facts: Mapping[str, Any]) -> None:
    guide = next((a for a in facts["accounts"] if a["role"] == "coordinator"), facts["accounts"][0])
    browser = Browser(site)
    browser.sign_in(guide["username"], guide["password"])
    for look in facts["look_at"]:
        _, page = browser.open(look["path"])
        if 'name="password"' in page:
            raise Failure(f"“{look['title']}”（{look['path']}）要求重新登录。")
    say(f"值得一看的 {len(facts['look_at'])} 处都能打开。")


# ---- Worker --------------------------------------------------------------------------------------
def check_worker(site: str, database: Path, facts: Mapping[str, Any], worker: Service) -> None:
    """A scan that the coordinator asks for by the button is done by the worker, and nothing fails in the background."""
    guide = next(account for account in facts["accounts"] if account["role"] == "coordinator")
    browser = Browser(site)
    browser.sign_in(guide["username"], guide["password"])
    _, page = browser.open("/admin/projects_alerts/alert/")
    form = dict(re.findall(r'name="(csrfmiddlewaretoken|from|zone)" value="([^"]+)"', page))
    if form.keys() != {"csrfmiddlewaretoken", "from", "zone"}:
        raise Failure("预警页上没有“立即判定”。")
    _, page = browser.open("/admin/projects_alerts/scanrun/now/", form)
    if "已排队" not in page:
        raise Failure("点“立即判定”后没有回音。")
    worker.wait_until("后台判定", lambda: asked_job(database) in {"done", "failed"}, seconds=60)
    if asked_job(database) != "done" or failed_jobs(database):
        raise Failure("后台任务失败，日志末尾：\n" + "\n".join(worker.said().splitlines()[-12:]))
    say("网页上提出的判定已由后台完成。")


def asked_job(database: Path) -> str:
    """The state of the job that a person asked for."""
    return ask(database, "SELECT state FROM projects_jobs_job WHERE asked_by_id IS NOT NULL")


def failed_jobs(database: Path) -> int:
    return ask(database, "SELECT count(*) FROM projects_jobs_job WHERE state = 'failed'")


def ask(database: Path, question: str) -> Any:
    """The one value that answers, None if there is none."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None
