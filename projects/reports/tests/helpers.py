"""What the database tests of reports share."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.core.management import call_command

from projects.models import Period, Series
from projects.reports import acceptance, storing
from projects.reports.acceptance import Accepted
from projects.reports.documents import Document, digest
from projects.reports.grammar import read
from projects.reports.models import Report

SHARED = Path(configured.BASE_DIR).parent / "shared"
OURS = ("zones", "projects", "projects_intake", "projects_reports", "projects_notices", "projects_alerts")


def need(path: Path) -> None:
    """Skip where a thing that lies beside the project is missing; with REQUIRE_SHARED=1, as in CI, fail."""
    if path.exists():
        return
    missing = f"not on this machine: {path}"
    if os.environ.get("REQUIRE_SHARED") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def rounds(zone: Any, numbers: range = range(1, 10)) -> None:
    """The rounds that `zone` runs for all below it."""
    series = Series.objects.create(code="rounds", name="三个一批", zone=zone)
    for number in numbers:
        Period.objects.create(series=series, number=number)


def stored(text: str, zone: Any) -> Report:
    """The report as read and kept."""
    document = Document("r.txt", text, digest(text))
    return storing.store(document, read(text), zone)[0]


def accepted(text: str, zone: Any, by: Any = None) -> Accepted:
    """What accepting the text as a report of `zone` does."""
    return acceptance.accept(stored(text, zone), by=by)


def dump() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours."""
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


def run(*paths: Path, **options: Any) -> tuple[int, list[dict[str, Any]], str]:
    """The command's exit code, its JSON lines, and what it wrote to the error stream."""
    out, errors = StringIO(), StringIO()
    options.setdefault("format", "json")
    try:
        call_command("read_report", *map(str, paths), stdout=out, stderr=errors, **options)
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    told = [json.loads(line) for line in out.getvalue().splitlines()] if options["format"] == "json" else []
    return code, told, errors.getvalue() if told else out.getvalue() + errors.getvalue()
