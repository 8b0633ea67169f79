"""Every answer is what the document says of it, whoever asks and whatever is asked (by Schemathesis).

For each operation: cases at the edges of every parameter and field, and random ones, fitting and unfitting; the people
of the cast take turns. All of it is derived from the document, so the same document makes the same cases.
"""

import json
from contextlib import suppress
from itertools import cycle, product
from math import ceil

import hypothesis
import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from schemathesis import GenerationMode
from schemathesis.config import GenerationConfig, SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from projects.tests.returns.test_verbs import picture
from tracker.tests.safety.asking import ENDPOINTS, PLACES, ROOT, model_of
from zones.filters import ByPerson, WithinZone
from zones.models import ApiToken

AT_THE_EDGES, AT_RANDOM = 24, 5  # cases of each kind at most for an operation, fitting and unfitting ones each
SINGLE = ("", "me", "statistics", "tables")
PEOPLE = ("viewer", "zhang", "chen", "gao", "city_viewer", "system", "nobody", "reader")
CONFIG = {
    "generation": {"with-security-parameters": False},
    "checks": {
        # What fits the document may still name what is not there, or say what no rule allows; see `names_nothing`.
        "positive_data_acceptance": {"enabled": False},
        # Without a token everything is asked in test_order; here it would double every request.
        "ignored_auth": {"enabled": False},
        "negative_data_rejection": {
            "expected-statuses": ["400", "403", "404", "405", "406", "412", "413", "415", "428"]
        },
    },
}
# Parameters that name what may not be there, or go together with others alone.
NAMED = (WithinZone, ByPerson)
KEPT = {"GET /api/v1/dispatches/{id}/file/"}  # its files went with the test that wrote the world
BY_THEMSELVES = {"cursor", "page", "in_force", "as_of", "zone"}


def served():
    return json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(public=True)))


@pytest.fixture(scope="module")
def schema():
    loaded = schemathesis.openapi.from_dict(served(), config=SchemathesisConfig.from_dict(CONFIG))
    loaded.app = WSGIHandler()
    return loaded


def keeper(prefix):
    """Who has rows of an endpoint before him."""
    return "system" if PLACES[prefix].accounts else "chen"


@pytest.fixture
def keys(town, prefix):
    """Tokens of the people, again and again; where only the office sees anything, few others."""
    many = prefix in SINGLE or (PLACES[prefix].in_city and "city_viewer" in PLACES[prefix].of_city)
    names = PEOPLE if many else (keeper(prefix), "viewer", "reader")
    people = [(who, getattr(town, who, town.chen)) for who in names]
    return cycle([(who, ApiToken.issue(user, who, days=3, may_write=who != "reader")[1]) for who, user in people])


@pytest.fixture(autouse=True)
def _as_in_a_test(settings):
    """The bare handler would end the transaction of the test with the first request; Django's own client knows that."""
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    turns = (signals.request_started, signals.request_finished)
    for each in turns:
        each.disconnect(close_old_connections)
    yield
    for each in turns:
        each.connect(close_old_connections)


def cases(schema, operation, mode):
    """A fixed choice of cases for an operation."""
    every = list(
        schema.iter_coverage_cases(
            operation, generation_modes=[mode], generation_config=GenerationConfig(deterministic=True)
        )
    )
    step = ceil(len(every) / AT_THE_EDGES) or 1
    yield from every[::step]
    random = []

    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=AT_RANDOM,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def draw(case):
        random.append(case)

    with suppress(hypothesis.errors.Unsatisfiable):  # nothing unfitting can be sent to what takes nothing
        draw()
    yield from random


def names_nothing(case, filters):
    """Whether all that a case asks for follows from the document alone, and is text as people write it."""
    query = case.query or {}
    named = {name for name, each in filters.items() if isinstance(each, NAMED)} | BY_THEMSELVES
    words = [word for value in query.values() for word in (value if isinstance(value, list) else [value])]
    written = all(str(word).strip() and "\0" not in str(word) for word in words)
    return case.method == "GET" and not case.path_parameters and not named & set(query) and written


def emptied(case):
    """Whether what does not fit may fit by the time it arrives: of a form, werkzeug does not send what is empty."""
    return case.media_type == "multipart/form-data" and case.operation.path == f"{ROOT}uploads/"


class Rows:
    """Puts rows that are there into two cases of three, in the version that they have."""

    def __init__(self, town, prefix):
        self.turn = cycle([False, True, True])  # out of step with the eight people
        self.rows = cycle(PLACES[prefix].rows(model_of(ENDPOINTS[prefix]), town, keeper(prefix)).order_by("pk"))
        self.version = ENDPOINTS[prefix].version
        project = town.east.projects.filter(assignments__user=town.zhang).first()
        self.named = {"project": project.pk, "department": town.east_office.pk, "owner": "zhang"}

    def put_into(self, case):
        if not next(self.turn):
            return
        if isinstance(case.body, dict):
            case.body = case.body | {name: value for name, value in self.named.items() if name in case.body}
        if case.path_parameters:
            row = next(self.rows)
            row.refresh_from_db()
            case.path_parameters = dict.fromkeys(case.path_parameters, row.pk)
            if case.headers and "If-Match" in case.headers:
                case.headers["If-Match"] = f'"{getattr(row, self.version)}"'


@pytest.mark.parametrize("prefix", [*SINGLE, *ENDPOINTS])
def test_every_answer_is_as_the_document_has_it(town, keys, schema, prefix):
    operations = [each.ok() for each in schema.get_all_operations()]
    mine = [each for each in operations if each.path.removeprefix(ROOT).partition("/")[0] == prefix]
    rows = Rows(town, prefix) if prefix in ENDPOINTS else None
    filters = ENDPOINTS[prefix].filterset_class.base_filters if rows else {}
    accepted, failures = set(), []
    for operation, mode in product(mine, (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)):
        for case in cases(schema, operation, mode):
            who, key = next(keys)
            fits = mode is GenerationMode.POSITIVE
            if fits and rows:
                rows.put_into(case)
            also = [positive_data_acceptance] if fits and names_nothing(case, filters) else []
            try:
                answer = case.call_and_validate(
                    headers={"Authorization": f"Bearer {key}"},
                    additional_checks=also,
                    excluded_checks=[negative_data_rejection] if emptied(case) else [],
                )
                accepted |= {operation.label} if answer.status_code == 200 else set()
            except FailureGroup as found:
                failures.append((who, case.as_curl_command(), [str(each) for each in found.exceptions]))
    assert failures[:3] == [], f"{len(failures)} of them"
    assert accepted >= {operation.label for operation in mine if operation.method == "get"} - KEPT


WRITTEN = {
    "POST /api/v1/milestones/": {"kind": "permit", "planned": "2023-12-31"},
    "PATCH /api/v1/milestones/{id}/": {"planned": "2023-12-31", "reason": "雨季"},
    "POST /api/v1/projects/{id}/schedule/": {"steps": [{"kind": "permit", "day": "2024-01-31"}], "reason": "雨季"},
    "POST /api/v1/plans/": {"year": 2024, "amount": 50_000_000, "method": "s_curve", "carried": None},
    "POST /api/v1/plans/{id}/approve/": {},
    "POST /api/v1/plans/{id}/withdraw/": {"reason": "单位写错"},
    "POST /api/v1/progress/": {"channel": "weekly", "up_to": "2023-07-05", "amount": 50_000_000},
    "POST /api/v1/returns/": {"month": "2023-04-30", "this_month": 0, "year_to_date": 5_000_000},
    "PATCH /api/v1/returns/{id}/": {"percent": 40, "words": "主体封顶"},
    "POST /api/v1/returns/{id}/photos/": {"photo": picture(), "place": "1#楼"},
    "POST /api/v1/returns/{id}/reopen/": {"reason": "单位写错"},
    "POST /api/v1/returns/{id}/review/": {},
    "POST /api/v1/returns/{id}/send-back/": {"reason": "与入统数不符"},
    "POST /api/v1/returns/{id}/submit/": {"note": "补报"},
    "POST /api/v1/returns/{id}/take-back/": {},
    "POST /api/v1/problems/": {"title": "管线迁改", "category": "land", "department": None, "owner": None},
    "PATCH /api/v1/problems/{id}/": {"closing_note": "已办结", "closed_on": "2023-07-10"},
    "POST /api/v1/rules/load-scheme/": {"zone": "zzgx", "scheme": "wuhan"},
    "POST /api/v1/alerts/{id}/acknowledge/": {"note": "已知悉"},
    "POST /api/v1/alerts/{id}/answer/": {
        **{"category": "money", "cause": "放款推迟", "measures": "已对接银行"},
        **{"expected_on": "2023-12-31", "responsible": "李总"},
    },
    "POST /api/v1/alerts/{id}/exempt/": {"ends": "2023-07-31", "reason": "规划调整", "evidence": "会议纪要12号"},
    "POST /api/v1/alerts/{id}/ask-closing/": {"evidence": "已到场核实"},
    "POST /api/v1/alerts/{id}/approve-closing/": {"words": "属实"},
    "POST /api/v1/alerts/{id}/refuse-closing/": {"reason": "未完工"},
    "POST /api/v1/alerts/{id}/reopen/": {"reason": "与现场不符"},
    "POST /api/v1/exemptions/": {
        **{"rule": "late-start", "ends": "2023-07-31"},
        **{"reason": "规划调整", "evidence": "会议纪要12号"},
    },
    "POST /api/v1/exemptions/{id}/approve/": {"words": "同意"},
    "POST /api/v1/exemptions/{id}/refuse/": {"reason": "依据不足"},
    "POST /api/v1/exemptions/{id}/revoke/": {"reason": "条件已具备"},
    "POST /api/v1/letters/{id}/acknowledge/": {},
    "POST /api/v1/letters/{id}/reply/": {
        **{"category": "money", "cause": "放款推迟", "measures": "已对接银行", "plan": "月底前放款"},
        **{"expected_on": "2023-12-31", "responsible": "李总"},
    },
    "POST /api/v1/notices/{id}/read/": {},
    "POST /api/v1/notices/{id}/done/": {},
    "PATCH /api/v1/updates/{id}/": {"words": "二层梁板浇筑", "percent": 45, "help_wanted": ""},
    "POST /api/v1/decisions/{id}/receive/": {},
    "POST /api/v1/decisions/{id}/report/": {"note": "已现场踏勘"},
    "POST /api/v1/decisions/{id}/ask-extension/": {"deadline": "2023-07-31", "reason": "等待停水批复"},
    "POST /api/v1/decisions/{id}/ask-closing/": {"note": "已接通"},
    "POST /api/v1/decisions/{id}/agree/": {"note": "属实"},
    "POST /api/v1/decisions/{id}/refuse/": {"reason": "现场未接通"},
    "POST /api/v1/decisions/{id}/urge/": {"note": "本周完成"},
    "POST /api/v1/ledgers/{id}/answer/": {"units": {"": "万元"}, "year": 2023, "month": 6},
    "POST /api/v1/ledgers/{id}/compare/": {},
    "POST /api/v1/ledgers/{id}/confirm/": {"only_good": False},
    "POST /api/v1/ledgers/{id}/undo/": {},
    "POST /api/v1/ledgers/{id}/again/": {"table": "", "meanings": {}},
    "POST /api/v1/ledger-rows/{id}/decide/": {"sure": True},
    "POST /api/v1/dispatches/": {
        **{"zone": "zzgx", "layout": "t5", "month": "2023-05", "recipient": "市发改委", "sent_on": "2023-07-10"},
    },
    "POST /api/v1/uploads/": {"text": "总投资12亿元的青禾轴承产业园项目已经动工。", "zone": "zzgx"},
}
APPROVED = {
    "POST /api/v1/plans/{id}/approve/",
    "POST /api/v1/plans/{id}/withdraw/",
    "POST /api/v1/returns/{id}/reopen/",
    *(f"POST /api/v1/exemptions/{{id}}/{verb}/" for verb in ("approve", "refuse", "revoke")),
}
"""What a leader alone does."""
OF_ANOTHER = {"closed_on": None, "closings__state": "asked", "closings__asked_by__username": "zhang"}
READY = {
    "PATCH /api/v1/returns/{id}/": {"status": "draft"},
    "POST /api/v1/returns/{id}/photos/": {"status": "draft"},
    "POST /api/v1/returns/{id}/reopen/": {"status": "reviewed"},
    "POST /api/v1/returns/{id}/review/": {"status": "submitted"},
    "POST /api/v1/returns/{id}/send-back/": {"status": "submitted"},
    "POST /api/v1/returns/{id}/submit/": {"status": "draft"},
    "POST /api/v1/returns/{id}/take-back/": {"status": "submitted", "submitted_by__username": "chen"},
    "POST /api/v1/alerts/{id}/acknowledge/": {"closed_on": None},
    "POST /api/v1/alerts/{id}/answer/": {"closed_on": None},
    "POST /api/v1/alerts/{id}/exempt/": {"closed_on": None, "exemptions": None},
    "POST /api/v1/alerts/{id}/ask-closing/": {"closed_on": None, "closings": None},
    "POST /api/v1/alerts/{id}/approve-closing/": OF_ANOTHER,
    "POST /api/v1/alerts/{id}/refuse-closing/": OF_ANOTHER,
    "POST /api/v1/alerts/{id}/reopen/": {"settled_month__isnull": False},
    "POST /api/v1/exemptions/{id}/approve/": {"state": "asked"},
    "POST /api/v1/exemptions/{id}/refuse/": {"state": "asked"},
    "POST /api/v1/exemptions/{id}/revoke/": {"state": "approved"},
    "POST /api/v1/letters/{id}/acknowledge/": {"kind": "supervision"},
    "POST /api/v1/letters/{id}/reply/": {"kind": "reminder"},
    "POST /api/v1/ledgers/{id}/answer/": {"state": "ready"},
    "POST /api/v1/ledgers/{id}/compare/": {"state": "ready"},
    "POST /api/v1/ledgers/{id}/confirm/": {"state": "ready"},
    "POST /api/v1/ledgers/{id}/undo/": {"state": "imported"},
    "POST /api/v1/ledgers/{id}/again/": {"state": "dropped"},
    "POST /api/v1/ledger-rows/{id}/decide/": {"ledger__state": "ready"},
    "PATCH /api/v1/updates/{id}/": {"meeting__state": "running"},
    "POST /api/v1/decisions/{id}/receive/": {"matter": "迁改"},
    "POST /api/v1/decisions/{id}/report/": {"matter": "迁改"},
    "POST /api/v1/decisions/{id}/ask-extension/": {"matter": "供地"},
    "POST /api/v1/decisions/{id}/ask-closing/": {"matter": "清表"},
    "POST /api/v1/decisions/{id}/agree/": {"matter": "通水"},
    "POST /api/v1/decisions/{id}/refuse/": {"matter": "架桥"},
    "POST /api/v1/decisions/{id}/urge/": {"matter": "迁改"},
}
"""Rows to which this can be done; to all others of the endpoint otherwise."""


def test_every_form_that_is_accepted_is_answered_as_the_document_has_it(town, schema):
    operations = [each.ok() for each in schema.get_all_operations()]
    assert {each.label for each in operations if each.method != "get"} == set(WRITTEN)
    keys = {user: ApiToken.issue(user, "对接", days=3, may_write=True)[1] for user in (town.chen, town.gao)}
    for operation in operations:
        if operation.method == "get":
            continue
        prefix = operation.path.removeprefix(ROOT).partition("/")[0]
        rows, body = Rows(town, prefix), WRITTEN[operation.label]
        own = PLACES[prefix].rows(model_of(ENDPOINTS[prefix]), town, "chen")
        row = own.filter(**READY.get(operation.label, {})).order_by("pk").last()
        alone = ("uploads", "dispatches")  # which are of no project
        whole = operation.path == f"{ROOT}{prefix}/" and prefix not in alone
        named = {n: v for n, v in rows.named.items() if n == "project" or n in body} if whole else {}
        taken = operation.get_request_payload_content_types()  # a form first, then JSON, where both are
        case = operation.Case(
            path_parameters={"id": row.pk} if "{" in operation.path else {},
            headers={"If-Match": f'"{getattr(row, rows.version)}"'} if "{" in operation.path and rows.version else {},
            **({"body": body | named, "media_type": taken[-1]} if taken else {}),
        )
        key = keys[town.gao if operation.label in APPROVED else town.chen]
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {key}"})
        new = named or operation.path.endswith(("/photos/", "/again/")) or prefix == "dispatches"
        expected = 202 if prefix == "uploads" else 201 if new else 200
        assert answer.status_code == expected, (operation.label, answer.text)


def test_the_document_that_is_served_is_the_one_that_is_tested(caller):
    answer = caller("viewer").get(f"{ROOT}schema/")
    assert answer.json() == served()
