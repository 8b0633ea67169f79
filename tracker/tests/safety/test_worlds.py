"""What the west has never shows in what the east reads: not its words, and not by any difference."""

import pytest
from django.db import connection

from tracker.middleware import Statements
from tracker.tests.safety import world
from tracker.tests.safety.asking import ENDPOINTS, PLACES, ROOT, model_of, questions
from tracker.tests.safety.world import CANARY, MISSING

SINGLE = (
    *("", "me/", "schema/", "docs/", "docs/errors", "statistics/", "statistics/?as_of=2023-06-30", "nowhere/"),
    "tables/",
    *("statistics/?as_of=2023-05-15", "statistics/?zone=zzgx", "statistics/?zone=zzgx-park", "statistics/?zone=qqqq"),
)
WORDLESS = {"projects.Milestone"}  # a step has a name of its own only where it is none of the usual ones
THEIRS_ALONE = {"notices", "uploads", "channels", "ledgers", "ledger-rows"}  # the person's, the office's, the keepers'


def addresses(town, who, prefixes):
    """Everything that one can read: lists by every parameter, each row that one sees, a few that one does not."""
    for prefix in prefixes:
        viewset = ENDPOINTS[prefix]
        for query in questions(viewset):
            yield f"{prefix}/", query
        rows = PLACES[prefix].rows(model_of(viewset), town, who)
        for pk in [*rows.order_by("pk").values_list("pk", flat=True)[:3], MISSING]:
            yield f"{prefix}/{pk}/", {}
        yield f"{prefix}/", {"nonsense": "1"}
        yield f"{prefix}/", {"ordering": "nonsense"}
    for path in SINGLE:
        yield path, {}


def read(caller, town, who, prefixes):
    """Every answer to him, with its headers and the number of statements it took."""
    someone, answers = caller(who), {}
    for path, query in addresses(town, who, prefixes):
        statements = Statements()
        with connection.execute_wrapper(statements):
            answer = someone.get(f"{ROOT}{path}", query)
        shown = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        answers[path, *query.items()] = (*world.said(answer), shown, statements.count)
    return answers


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("who", ["zhang"])
def test_two_worlds_that_differ_in_the_west_alone_read_the_same_in_the_east(town, caller, who, half):
    prefixes = sorted(ENDPOINTS)[half::2]
    before = read(caller, town, who, prefixes)
    world.stir(town)
    after = read(caller, town, who, prefixes)
    assert {path: (before[path], after[path]) for path in before if before[path] != after[path]} == {}
    assert [path for path, answer in after.items() if CANARY in str(answer) and CANARY not in str(path)] == []
    assert len(before) > 20 * len(prefixes)


def test_what_was_planted_in_the_west_is_what_the_city_reads(town, caller):
    planted, chief = world.plant(town), caller("chief")
    models = {model_of(viewset)._meta.label for viewset in ENDPOINTS.values()}
    assert models - {label for label, _ in planted} <= WORDLESS
    answers = {prefix: chief.get(f"{ROOT}{prefix}/?page_size=200") for prefix in ENDPOINTS}
    assert {answer.status_code for answer in answers.values()} == {200}
    silent = {prefix for prefix, answer in answers.items() if CANARY not in answer.content.decode()}
    assert silent <= THEIRS_ALONE
