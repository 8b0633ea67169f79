"""A wrong setting stops the product with one sentence that names it; every setting is explained in one table."""

import ast
import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

# A child for each command, of a process that has imported everything.
IN_TURN = """
import json, os, sys
import django, manage
django.setup()
for command in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        sys.argv = ["manage.py", *command]
        sys.exit(manage.main())
    print(f"→ {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}", flush=True)
"""


def said(*command: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *(command if command[0] == "-c" else ("manage.py", *command))],
        cwd=settings.BASE_DIR,
        env=os.environ | {"PYTHONUTF8": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("DEBUG", "yes"),
        ("DATABASE_URL", "mysql://x"),
        ("EMAIL_URL", "smtp://mail.example.cn:port"),
        ("CELERY_BROKER_URL", "localhost:6379"),
        ("SITE_URL", "https://"),
        ("LOG_FORMAT", "xml"),
        ("TRACKER_TODAY", "昨天"),
        ("TRACKER_VAR", "/proc/nowhere"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(name, value):
    code, words = said("check", **{name: value})
    assert code == 1
    assert words.startswith("设置有误：")
    assert name in words
    assert len(words.splitlines()) == 1


def test_an_empty_address_means_its_default(tmp_path):
    code, words = said("check", TRACKER_VAR=str(tmp_path), DATABASE_URL="", EMAIL_URL="", CELERY_BROKER_URL="")
    assert code == 0, words


def test_a_database_without_tables_is_said_plainly(tmp_path):
    commands = [["demo"], ["demo", "--summary"], ["scan_alerts"], ["send_notices"]]
    asked = json.dumps([[*command, "--format", "json"] for command in commands])
    here = {"TRACKER_VAR": str(tmp_path), "DATABASE_URL": "", "TRACKER_DEMO": "true", "DEBUG": "true"}
    code, words = said("-c", IN_TURN, asked, **here)
    assert code == 0, words
    answers = re.findall(r"(.*?)→ (\d+)\n", words, re.DOTALL)
    for command, (answer, ended) in zip(commands, answers, strict=True):
        assert ended == "1", (command, answer)
        assert '"error"' in answer, (command, answer)
        assert "migrate" in answer, (command, answer)
        assert "Traceback" not in answer, (command, answer)


def test_a_value_that_contradicts_the_others_is_refused_with_what_to_do():
    code, words = said("check", SECRET_KEY="short")
    assert code == 1
    assert "SECRET_KEY 太短" in words
    assert "token_urlsafe" in words


# ---- docs/settings.md ------------------------------------------------------------------------------
def read_by_the_product():
    """Every variable that tracker/settings.py reads, and whether it may stand in a file."""
    tree = ast.parse((settings.BASE_DIR / "tracker" / "settings.py").read_text(encoding="utf-8"))
    readers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    by_file = {name for name, node in readers.items() if name == "secret" or "secret" in _called(node)}
    inside = {id(call) for node in readers.values() for call in ast.walk(node)}
    found = {}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and id(node) not in inside):
        reader = ast.unparse(call.func)
        if reader in readers:
            places = [argument.arg for argument in readers[reader].args.args]
            name = call.args[places.index("name")]
        elif reader.startswith("env.") and call.args:
            name = call.args[0]
        else:
            continue
        if isinstance(name, ast.Constant):
            found[name.value] = reader in by_file
    return found


def _called(function):
    return {node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and hasattr(node.func, "id")}


def explained(section):
    """The rows of a table of docs/settings.md: cells by name."""
    text = (settings.BASE_DIR / "docs" / "settings.md").read_text(encoding="utf-8")
    part = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| `")]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells] for cells in rows}


def test_every_setting_is_explained_and_nothing_else_is():
    read = read_by_the_product()
    assert {"SECRET_KEY", "DATABASE_URL", "LOG_FORMAT", "TRACKER_TODAY"} <= set(read), (
        "the reading of the file is blind"
    )
    assert set(explained("The product")) == set(read)


def test_the_table_says_which_settings_may_stand_in_a_file():
    told = {name: cells[2] == "yes" for name, cells in explained("The product").items()}
    assert told == read_by_the_product()


def test_what_compose_and_the_scripts_read_is_explained():
    base = settings.BASE_DIR
    compose = re.findall(r"\$\{(\w+)", (base / "docker-compose.yml").read_text(encoding="utf-8"))
    scripts = "".join(
        file.read_text(encoding="utf-8") for file in [*base.glob("bin/lib/*.py"), base / "tracker/gunicorn.py"]
    )
    read = re.findall(r"""environ(?:\.get\(|\[)"([A-Z_]+)"(?!\] =)""", scripts)
    known = {
        name
        for section in ("The product", "Web server and containers", "Scripts and tests")
        for name in explained(section)
    }
    assert set(compose) | set(read) - {"PATH", "HOME"} <= known


def test_every_check_that_the_table_names_exists_and_every_check_is_named():
    text = (settings.BASE_DIR / "docs" / "settings.md").read_text(encoding="utf-8")
    code = (settings.BASE_DIR / "tracker" / "checks.py").read_text(encoding="utf-8")
    assert set(re.findall(r"\b[EWI]0\d\d\b", text)) == set(re.findall(r"tracker\.([EWI]\d+)", code))
