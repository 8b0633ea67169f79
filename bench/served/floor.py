"""The least that can answer: one WSGI function, the ORM's `values()`, fast JSON. Nobody is asked who he is.

/list?phase=started&path=/bp/            50 rows and the count, up to 10,000
/uncounted?phase=started&path=/bp/       50 rows
/one?id=7                                one row
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

import django
import orjson

django.setup()

from bench.served.columns import ORDER, OWN, RELATED_COLUMNS, selected  # noqa: E402
from bench.served.counting import counted  # noqa: E402
from projects.models import Project  # noqa: E402

COUNTED = 10_000


def listed(question: dict[str, str]) -> dict[str, Any]:
    rows = selected(question["phase"], question["path"])
    count = rows[: COUNTED + 1].count()
    return {"count": min(count, COUNTED), "count_capped": count > COUNTED, **uncounted(question)}


def uncounted(question: dict[str, str]) -> dict[str, Any]:
    rows = selected(question["phase"], question["path"]).order_by(*ORDER)
    return {"results": list(rows.values(*OWN, **RELATED_COLUMNS)[:50])}


def one(question: dict[str, str]) -> dict[str, Any]:
    return Project.objects.filter(pk=question["id"]).values(*OWN, "content", "terminated_reason", **RELATED_COLUMNS)[0]


ANSWERS: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "/list": listed,
    "/uncounted": uncounted,
    "/one": one,
}


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = orjson.dumps(ANSWERS[environ["PATH_INFO"]](dict(parse_qsl(environ["QUERY_STRING"]))))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


application = counted(answer)
