"""Exports the list of projects in a process of its own, or writes the same cells barely: python -m bench.exporter WHAT.

`product KIND OUT` writes the file as the screen hands it out; `cells OUT` keeps its cells aside; `floor CELLS OUT`
writes them with XlsxWriter and nothing around them. The answer is a line of JSON: seconds, MB at first and at most.
"""

import json
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import processors


def main() -> None:
    what, *rest = sys.argv[1:]
    prepare: dict[str, Callable[..., Callable[[], int]]] = {"product": product, "cells": cells, "floor": floor}
    run = prepare[what](*rest)
    start, begun = processors.memory("VmRSS"), time.monotonic()
    count = run()
    seconds = time.monotonic() - begun
    answer = {"seconds": seconds, "start": start / 1024, "peak": processors.memory("VmHWM") / 1024, "cells": count}
    sys.stdout.write(json.dumps(answer) + "\n")


def product(kind: str, out: str) -> Callable[[], int]:
    screen, request = prepared(kind)

    def run() -> int:
        from projects.ledgers.exporting import lists

        answer: Any = lists.export(screen, request)
        with open(out, "wb") as file:
            for block in answer.streaming_content:
                file.write(block)
        return Path(out).stat().st_size

    return run


def cells(out: str) -> Callable[[], int]:
    """The cells of the list's file, with its headings, money as the file has it."""
    screen, request = prepared("xlsx")

    def run() -> int:
        from projects.ledgers.exporting import lists
        from projects.papers.sheets import Kind

        columns, rows = lists.table_of(screen, screen.get_changelist_instance(request), "万元")
        powers = [10_000 if column.kind is Kind.MONEY else 0 for column in columns]
        count = 0
        with open(out, "wb") as file:
            pickle.dump([column.heading[-1] for column in columns], file)
            for row in rows:
                told = [v / p if p and isinstance(v, int) else v for v, p in zip(row, powers, strict=True)]
                pickle.dump(told, file)
                count += len(told)
        return count

    return run


def prepared(kind: str) -> tuple[Any, Any]:
    """The screen of the projects, and a request of somebody who sees them all, as a worker has them ready."""
    import django

    django.setup()
    from django.contrib import admin
    from django.test import RequestFactory

    from projects.ledgers.exporting import lists
    from projects.models import Project
    from zones.models import User

    user, _ = User.objects.get_or_create(username="bench-export", defaults={"is_superuser": True, "is_staff": True})
    request = RequestFactory().get("/", {lists.AS: kind} if kind == "csv" else {})
    request.user = user
    return admin.site._registry[Project], request


def floor(kept: str, out: str) -> Callable[[], int]:
    import xlsxwriter

    def run() -> int:
        book = xlsxwriter.Workbook(out, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet()
        count = 0
        for at, row in enumerate(unpickled(kept)):
            sheet.write_row(at, 0, row)
            count += len(row)
        book.close()
        return count

    return run


def unpickled(kept: str) -> Iterator[list[Any]]:
    with open(kept, "rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301  (written a moment ago by ourselves)
            except EOFError:
                return


if __name__ == "__main__":
    main()
