"""The chat services as they behave, bad days included: one server on this machine that answers like all of them.

It checks what they check (key, token, signature, keyword, length, number in a minute) and answers in their words, with
HTTP 200 whatever is wrong where they do. `bad` is what becomes of the next requests, one after the other.
"""

import base64
import hmac
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SECRET = "SEC" + "s" * 40
KEY = "11111111-2222-3333-4444-abcdefabcd99"
WHSEC = "whsec_" + base64.b64encode(b"k" * 32).decode()
SELF_SIGNED = Path(__file__).with_name("self_signed.pem")
HOUR = 3600


@dataclass
class Asked:
    """A request, as it came."""

    path: str
    query: dict
    headers: dict
    body: bytes

    @property
    def data(self):
        return json.loads(self.body or b"{}")


@dataclass
class Fake:
    """`keyword` and `signed` are the robots' security settings; `accounts` whom the apps know."""

    bad: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    taken: list = field(default_factory=list)
    keyword: str = ""
    signed: bool = True
    accounts: tuple = ("zhangsan",)
    tokens: int = 0
    expired: set = field(default_factory=set)
    stall: float = 30.0
    per_minute: int = 20
    tls: bool = False

    def start(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                fake.answer(self)

            do_GET = do_POST

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(SELF_SIGNED)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.root = f"http{'s' * self.tls}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def url(self, kind):
        """The address of a robot or webhook here; of an app the root."""
        paths = {
            "wecom_robot": f"/cgi-bin/webhook/send?key={KEY}",
            "dingtalk_robot": f"/robot/send?access_token={KEY}",
            "feishu_robot": f"/open-apis/bot/v2/hook/{KEY}",
            "webhook": "/hook",
        }
        return self.root + paths.get(kind, "")

    # ---- Answering
    def answer(self, line):
        parts = urlsplit(line.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = line.rfile.read(int(line.headers.get("Content-Length") or 0))
        asked = Asked(parts.path, query, {name.lower(): value for name, value in line.headers.items()}, body)
        self.asked.append(asked)
        bad = self.bad.pop(0) if self.bad else None
        if asked.path == "/hook" and (bad == "huge" or isinstance(bad, dict)):
            bad = 503  # whatever comes with 2xx is success there
        if bad == "cut":
            line.connection.close()
            line.close_connection = True
        elif bad == "cut_after":  # taken, and nobody hears of it
            self.served(asked)
            line.connection.close()
            line.close_connection = True
        elif bad == "stall":
            time.sleep(self.stall)
        elif bad == "drip":
            self._drip(line)
        elif isinstance(bad, int):
            headers = {"Location": f"{self.root}/elsewhere"} if 300 <= bad < 400 else {}
            headers |= {"Retry-After": "90"} if bad == 429 else {}
            self._say(line, bad, b"<html>no</html>", headers)
        elif bad == "huge":
            self._say(line, 200, b"x" * 1_000_000)
        else:
            self._say(line, 200, json.dumps(bad or self.served(asked)).encode())

    def _say(self, line, status, content, headers=None):
        try:
            line.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
                line.send_header(name, value)
            line.end_headers()
            line.wfile.write(content)
        except OSError:
            pass  # who asked has gone

    def _drip(self, line):
        try:
            while True:
                line.wfile.write(b"H")
                line.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    # ---- What each service says
    def served(self, asked):
        path = asked.path
        if path == "/cgi-bin/webhook/send":
            return self._wecom_robot(asked)
        if path == "/robot/send":
            return self._dingtalk_robot(asked)
        if path.startswith("/open-apis/bot/v2/hook/"):
            return self._feishu_robot(asked)
        if path == "/hook":
            return self._webhook(asked)
        if path in ("/cgi-bin/gettoken", "/gettoken"):
            right = asked.query.get("corpsecret", asked.query.get("appsecret")) == SECRET
            return (
                self._token("access_token", "expires_in") if right else {"errcode": 40001, "errmsg": "invalid secret"}
            )
        if path.endswith("/tenant_access_token/internal"):
            right = asked.data["app_secret"] == SECRET
            return (
                self._token("tenant_access_token", "expire") if right else {"code": 10014, "msg": "app secret invalid"}
            )
        return self._app(asked)

    def _token(self, name, until):
        self.tokens += 1
        return {"errcode": 0, "code": 0, name: f"token-{self.tokens}", until: 7200}

    def _wecom_robot(self, asked):
        if asked.query.get("key") != KEY:
            return {"errcode": 93000, "errmsg": f"invalid webhook url {KEY}, hint: [1], from ip: 1.2.3.4"}
        if len(asked.data["markdown"]["content"].encode()) > 4096:
            return {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
        return self._take(asked, {"errcode": 0, "errmsg": "ok"}, {"errcode": 45009, "errmsg": "api freq out of limit"})

    def _dingtalk_robot(self, asked):
        stamp = asked.query.get("timestamp", "")
        sign = base64.b64encode(hmac.digest(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), "sha256")).decode()
        if self.signed and (asked.query.get("sign") != sign or abs(int(stamp) / 1000 - time.time()) > HOUR):
            return {"errcode": 310000, "errmsg": "sign not match, more: [https://ding-doc.dingtalk.com]"}
        if self.keyword not in asked.data["markdown"]["text"]:
            return {"errcode": 310000, "errmsg": "keywords not in content"}
        too_fast = {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        return self._take(asked, {"errcode": 0, "errmsg": "ok"}, too_fast)

    def _feishu_robot(self, asked):
        if not asked.path.endswith(KEY):
            return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
        told = asked.data
        signing = f"{told.get('timestamp')}\n{SECRET}".encode()
        if self.signed and told.get("sign") != base64.b64encode(hmac.digest(signing, b"", "sha256")).decode():
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        if not isinstance(told["content"]["post"]["zh_cn"]["content"], list) or len(asked.body) > 20_000:
            return {"code": 9499, "msg": "Bad Request"}
        if self.keyword not in asked.body.decode():
            return {"code": 19024, "msg": "Key Words Not Found"}
        return self._take(asked, {"code": 0, "msg": "success"}, {"code": 11232, "msg": "frequency limited"})

    def _app(self, asked):
        wecom, dingtalk = asked.path.startswith("/cgi-bin/"), asked.path.startswith("/topapi/")
        code = "errcode" if wecom or dingtalk else "code"
        token = asked.query.get("access_token") or asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token in self.expired or token != f"token-{self.tokens}":
            stale = 99991663 if code == "code" else 42001
            return {code: stale, "errmsg": "access_token expired", "msg": "Invalid access token"}
        told = asked.data
        who = told.get("touser") or told.get("userid_list") or told.get("receive_id")
        if who not in self.accounts:
            return {"errcode": 81013} if wecom else {"errcode": 33012} if dingtalk else {"code": 230013, "msg": "no"}
        if dingtalk and len(json.dumps(told["msg"], ensure_ascii=False).encode()) > 2048:
            return {"errcode": 400002, "errmsg": "msg too long"}
        if wecom and len(told["text"]["content"].encode()) > 2048:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        return self._take(asked, {code: 0}, {"errcode": 45009})

    def _webhook(self, asked):
        name, stamp = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
        signed = f"{name}.{stamp}.".encode() + asked.body
        sign = base64.b64encode(hmac.digest(b"k" * 32, signed, "sha256")).decode()
        return self._take(asked, {}, {}) if asked.headers["webhook-signature"] == f"v1,{sign}" else {"wrong": "sign"}

    def _take(self, asked, ok, too_many):
        if len(self.taken) >= self.per_minute:
            return too_many
        self.taken.append(asked)
        return ok
