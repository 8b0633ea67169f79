"""What is said of the API: docs/api.md, run as it stands; the OpenAPI document; the page of the codes of errors."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from drf_spectacular.generators import SchemaGenerator

from tracker.api_errors import ADVICE
from tracker.tests.browser.site import running
from zones.scoped.problems import CODES, DOCUMENT

PAGE = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```(?:json|text)\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
CUT = "--8<--"
# What another demonstration, or another day, says otherwise.
MASKS = (
    (re.compile(r'"\d+\.[0-9a-f]{8}"'), '"VERSION"'),
    (re.compile(r'"(id|department|project)": ?\d+'), r'"\1": NUMBER'),
)
WRITES = ("post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document():
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(document):
    for path, item in document["paths"].items():
        yield from ((path, method, each) for method, each in item.items() if method in ("get", *WRITES))


# ---- docs/api.md ---------------------------------------------------------------------------------------
def masked(text):
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text.strip()


def test_every_command_of_the_page_answers_what_the_page_shows(tmp_path_factory):
    if connection.vendor != "sqlite":
        pytest.skip("the demonstration is a file: the other run has seen it")
    if not shutil.which("curl") and os.environ.get("REQUIRE_BROWSER") != "1":
        pytest.skip("no curl on this machine")
    blocks = BLOCK.findall(PAGE)
    script = "".join(f"{command}\nprintf '\\n{CUT}\\n'\n" for command, _ in blocks)
    with running(tmp_path_factory) as site:
        here = {"TRACKER": site.address, "DATABASE_URL": f"sqlite:///{site.database}", "TRACKER_TODAY": "2023-07-10"}
        here["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            env=os.environ | here,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    answers = [masked(answer) for answer in done.stdout.split(CUT)[:-1]]
    assert answers == [masked(shown) for _, shown in blocks]
    assert sum(bool(shown) for _, shown in blocks) >= 8


def test_the_page_lists_every_code_with_its_status():
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| \S", PAGE, re.MULTILINE)
    assert sorted((code, int(status)) for status, code in rows) == sorted((code, CODES[code][0]) for code in CODES)


def test_the_page_lists_everything_that_can_be_written(document):
    told = set(re.findall(r"`(POST|PATCH) (/[^`]+)`", PAGE))
    offered = {
        (method.upper(), path.removeprefix("/api/v1")) for path, method, _ in operations(document) if method in WRITES
    }
    assert told == offered


# ---- OpenAPI -------------------------------------------------------------------------------------------
def test_the_document_is_valid_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml"))


def test_the_document_is_openapi_3_1_and_every_operation_is_described_in_chinese(document):
    assert document["openapi"].startswith("3.1")
    english = [
        (method, path)
        for path, method, each in operations(document)
        if not re.search(r"[\u4e00-\u9fff]", each.get("summary", ""))
    ]
    assert english == []


def test_every_operation_says_how_it_refuses(document):
    for path, method, each in operations(document):
        told = set(each["responses"])
        assert {"400", "401", "403", "429", "503"} <= told, (method, path)
        assert ("404" in told) is ("{" in path or "page" in str(each.get("parameters"))), (method, path)
        if method == "patch" or path.endswith("acknowledge/"):
            assert {"412", "428"} <= told, (method, path)


@pytest.mark.django_db
def test_the_document_is_for_those_who_are_signed_in(town, client):
    assert client.get("/api/v1/schema/").status_code == client.get("/api/v1/docs/").status_code == 401
    town.sign_in(client, "viewer")
    assert client.get("/api/v1/schema/").json()["info"]["title"] == "三个一批项目跟踪"
    page = client.get("/api/v1/docs/").content.decode()
    assert not re.search(r'(src|href)="(https?:)?//', page)


# ---- Codes ---------------------------------------------------------------------------------------------
def test_the_page_of_the_codes_tells_everybody_what_to_do_about_each(client):
    assert ADVICE.keys() == CODES.keys()
    answer = client.get(DOCUMENT)
    page = answer.content.decode()
    assert answer.status_code == 200
    for code, (status, title) in CODES.items():
        assert f'id="{code}"' in page
        assert f"{title} <span>{status}</span>" in page
    assert client.post(DOCUMENT).status_code == 405


@pytest.mark.django_db
def test_a_refusal_leads_to_its_code_on_the_page(client):
    kind = client.get("/api/v1/me/").json()["type"]
    page, code = kind.split("#")
    assert f'id="{code}"' in client.get(page).content.decode()
