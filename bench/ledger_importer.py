"""Imports one ledger in a process of its own, or does what it is compared with: python -m bench.ledger_importer WHAT …

The answer is a line of JSON: seconds by the clock of each step, of the processor (with children), megabytes at most,
statements (every COPY is one), and `rows` in the tables that it wrote to.
"""

import json
import pickle
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import django

from bench import processors
from bench.ledger_import_book import FIELDS, LEADERS, LIAISONS, UNITS, ZONE

TODAY: Final = date(2023, 8, 10)
CODE: Final = "bz"
AT_ONCE: Final = 1000  # rows of a statement of the floor and of the bulk import
OWN: Final = ("projects_ledgers", "projects_intake", "projects_jobs", "projects_notices", "admin", "sessions")
"""Apps whose rows tell of an import, and are no facts."""


def main() -> None:
    what, *rest = sys.argv[1:]
    django.setup()
    from django.conf import settings

    settings.TRACKER_TODAY = TODAY
    told = Told()
    orders: dict[str, Callable[..., None]] = {"prepare": prepare, "page": page, "command": command}
    orders |= {"keep": keep, "floor": floor, "plain": plain}
    orders[what](told, *rest)
    sys.stdout.write(json.dumps(told.answer()) + "\n")


class Told:
    """What a run took."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self.statements = 0
        self.effort = 0.0
        self.more: dict[str, Any] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure a step."""
        from django.db import connection

        from zones import bulk

        copy = bulk._copy

        def counted(*arguments: Any) -> None:
            self.statements += 1
            copy(*arguments)

        bulk._copy = counted  # type: ignore[assignment]  # it counts, and does the same
        begun, effort = time.monotonic(), spent()
        try:
            with connection.execute_wrapper(self._count):
                yield
        finally:
            bulk._copy = copy
            self.steps[name] = time.monotonic() - begun
            self.effort += spent() - effort

    def _count(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.statements += 1
        return execute(*arguments)

    def answer(self) -> dict[str, Any]:
        peak = processors.memory("VmHWM") / 1024
        told = {"steps": self.steps, "seconds": sum(self.steps.values()), "effort": self.effort}
        return {**told, "statements": self.statements, "peak": peak, **self.more}


def spent() -> float:
    """Seconds of the processor of this process and of those that it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def counted() -> dict[str, int]:
    """Rows of every table with facts, and of the ledgers' own, by model."""
    from django.apps import apps

    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def facts() -> dict[str, int]:
    """Rows by model, without those that tell of imports."""
    from django.apps import apps

    told = {model._meta.label for model in apps.get_models() if model._meta.app_label in OWN} | {"projects.Source"}
    return {label: number for label, number in counted().items() if label not in told}


# ---- The product -----------------------------------------------------------------------------------
def prepare(told: Told) -> None:
    """A zone with the units and people that ledgers name, and who sends them in."""
    from zones.models import Appointment, Department, User, Zone

    zone = Zone.objects.create(code=CODE, kind="zone", name=ZONE, short_name="测算区")
    Department.objects.bulk_create(Department(zone=zone, name=name) for name in UNITS)
    names = ("项目办", *LEADERS, *LIAISONS)
    people = [User(username=f"p{at}", display_name=name) for at, name in enumerate(names)]
    User.objects.bulk_create(people)
    Appointment.objects.bulk_create(
        Appointment(user=each, zone=zone, role="coordinator" if at == 0 else "liaison", starts=date(2020, 1, 1))
        for at, each in enumerate(people)
    )


def command(told: Told, file: str) -> None:
    """By the command, in one go."""
    from io import StringIO

    from django.core.management import call_command

    before, out = facts(), StringIO()
    with told.step("import"):
        call_command("import_ledger", file, "--zone", CODE, "--format", "json", stdout=out)
    written = json.loads(out.getvalue())["written"]
    told.more = {"written": written, "changes": sum(facts().values()) - sum(before.values())}


def page(told: Told, file: str) -> None:
    """By the page: a file is sent, jobs read and compare it, a person confirms, a job writes."""
    from django.core.files.base import ContentFile

    from projects.intake import receiving
    from projects.jobs import working
    from projects.ledgers import desk
    from projects.ledgers.models import Ledger
    from zones.models import User, Zone

    zone, sender = Zone.objects.get(code=CODE), User.objects.get(username="p0")
    sent = ContentFile(Path(file).read_bytes(), name=Path(file).name)
    received = receiving.receive([sent], zone=zone, purpose="ledger", by=sender)
    with told.step("read"):
        working.work(received.new[0].job_id)
    ledger = Ledger.objects.select_related("zone", "source").get(upload=received.new[0])
    with told.step("compare"):
        working.work(ledger.job_id)
    ledger.refresh_from_db()
    ledger.zone = zone
    before = ledger.counts
    with told.step("import"):
        desk.confirm(ledger, by=sender)
        if ledger.state == Ledger.State.IMPORTING:
            working.work(ledger.job_id)
    ledger.refresh_from_db()
    if ledger.state != Ledger.State.IMPORTED:
        sys.exit(f"没有导入：{ledger.outcome}")
    told.more = {"counts": before}


# ---- What it is compared with ----------------------------------------------------------------------
def keep(told: Told, out: str) -> None:
    """Keep every row that the import wrote aside, in an order in which they can be written again. The database is left
    as it is some time later, when the planner knows its tables.
    """
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    models = [model for model in apps.get_models() if model._meta.app_label not in ("contenttypes", "auth", "zones")]
    models = [model for model in models if model._meta.label not in ("projects_jobs.Tick",)]
    # As the product does it: marks of facts find no standings to mark yet.
    models.sort(key=lambda model: model._meta.label == "projects.Standing")
    with open(out, "wb") as file:
        for model in models:
            rows = list(model._base_manager.values_list())
            names = [field.attname for field in model._meta.concrete_fields]
            if rows:
                pickle.dump((model._meta.label, names, rows), file)
                told.more[model._meta.label] = len(rows)


def floor(told: Told, file: str, kept: str) -> None:
    """The fastest public reader of the file, and the same rows by `bulk_create`; no cell is looked at."""
    import python_calamine
    from django.apps import apps
    from django.db import transaction

    tables = list(unpickled(kept))
    with told.step("read"):
        python_calamine.CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    with told.step("import"), transaction.atomic():
        for label, names, rows in tables:
            model = apps.get_model(label)
            made = [model(**dict(zip(names, row, strict=True))) for row in rows]
            model._base_manager.bulk_create(made, batch_size=AT_ONCE)
    told.more = {"rows": sum(len(rows) for _, _, rows in tables)}


def unpickled(kept: str) -> Iterator[tuple[str, list[str], list[tuple[Any, ...]]]]:
    with open(kept, "rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301  (written a moment ago by ourselves)
            except EOFError:
                return


def plain(told: Told, file: str, how: str) -> None:
    """django-import-export with one model of 20 columns. `how` is "confirmed", as its screen does it: a dry run of the
    file, and the file again; or "bulk", its fastest way, which shows nobody anything before or after.
    """
    from django.db import connection
    from import_export import resources  # type: ignore[import-untyped]
    from import_export.formats.base_formats import XLSX  # type: ignore[import-untyped]

    line = plain_model()
    with connection.schema_editor() as editor:
        editor.create_model(line)

    class Lines(resources.ModelResource):
        class Meta:
            model = line
            import_id_fields = ("name",)
            fields = FIELDS
            use_bulk = how == "bulk"
            batch_size = AT_ONCE
            skip_diff = how == "bulk"
            force_init_instance = how == "bulk"

    data = Path(file).read_bytes()
    for dry in (False,) if how == "bulk" else (True, False):
        with told.step("try" if dry else "import"):
            Lines().import_data(XLSX().create_dataset(data), dry_run=dry, raise_errors=True)
    told.more = {"rows": line._base_manager.count()}


def plain_model() -> Any:
    """A model that keeps a ledger's columns as they are. It needs an app, and no one of the product knows it."""
    from django.db import models

    money = ("investment", "carried", "plan", "month_done", "year_done", "total_done")
    columns: dict[str, Any] = {name: models.TextField(blank=True, null=True) for name in FIELDS}
    columns |= {name: models.DecimalField(max_digits=20, decimal_places=2, null=True) for name in money}
    columns |= {name: models.DateField(null=True) for name in ("started", "completion")}
    columns |= {"serial": models.IntegerField(), "name": models.CharField(max_length=300, unique=True)}
    meta = type("Meta", (), {"app_label": "sessions", "db_table": "bench_plainline"})
    return type("PlainLine", (models.Model,), {"__module__": __name__, "Meta": meta, **columns})


if __name__ == "__main__":
    main()
