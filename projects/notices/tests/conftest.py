"""A real mail server, a folder for mail files, a database that two threads can use at once, and drafts."""

import socket
from datetime import date

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, connections
from django.db.models.functions import Now

from projects import facts
from projects.notices import inbox
from projects.notices.inbox import Draft
from projects.notices.models import Delivery

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def _monday(settings):
    settings.TRACKER_TODAY = date(2023, 7, 10)
    settings.SITE_URL = "http://tracker.example"
    settings.DEFAULT_FROM_EMAIL = "三个一批项目跟踪 <tracker@example.com>"


class Sink:
    """What a mail server took, and what it is told to answer."""

    def __init__(self, port):
        self.mails, self.recipients, self.greetings = [], [], 0
        self.replies, self.after_data, self.hang_up = {}, "250 OK", False
        self.port, self.controller = port, None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.greetings += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope.content)
        self.recipients.append(list(envelope.rcpt_tos))
        if self.hang_up:
            server.transport.close()
        return self.after_data

    def start(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None


@pytest.fixture
def sink(settings):
    """A mail server that is up, and to which Django delivers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5
    server = Sink(port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def folder(settings, tmp_path):
    """A folder to which Django delivers."""
    settings.EMAIL_BACKEND = "projects.notices.channels.eml.EmlFileBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


@pytest.fixture
def project(town):
    return facts.create(name="东部传感器产业园项目", zone=town.east)


@pytest.fixture
def tell(town):
    """Leave a notice for somebody of the cast."""

    def leave(who, key="a1", **values):
        user = getattr(town, who) if isinstance(who, str) else who
        told = {"kind": "red", "sentence": f"项目落后了（{key}）。", "path": "/admin/", **values}
        return inbox.leave([Draft(user.pk, key, **told)])

    return leave


@pytest.fixture
def own_database(transactional_db, tmp_path):
    """A database that threads may use at once: the server as it is, or a file instead of the one in memory."""
    if connection.vendor != "sqlite":
        yield
        return
    file = tmp_path / "threads.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    memory, name = connections["default"], connection.settings_dict["NAME"]
    connections.settings["default"]["NAME"] = str(file)
    del connections["default"]
    yield
    connections["default"].close()
    connections.settings["default"]["NAME"] = name
    connections["default"] = memory


def come_due():
    """Let the pauses be over."""
    Delivery.objects.filter(state="waiting").update(due_at=Now())


def let_leases_expire():
    """Let the senders of claimed messages be gone for too long."""
    from datetime import timedelta

    Delivery.objects.filter(state="claimed").update(leased_until=Now() - timedelta(seconds=1))
