"""What is named in a body must be one's own: a foreign id, or a foreign person, answers like one that is not there."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from projects.models import Project
from tracker.tests.safety import world
from tracker.tests.safety.asking import ROOT
from tracker.tests.safety.world import MISSING, said

# Bodies that are accepted; what they name is set by `own`.
ACCEPTED = {
    "milestones": {"project": None, "kind": "permit", "planned": "2023-12-31"},
    "plans": {"project": None, "year": 2024, "amount": 50_000_000},
    "progress": {"project": None, "channel": "weekly", "up_to": "2023-07-05", "amount": 50_000_000},
    "returns": {"project": None, "month": "2023-04-30", "year_to_date": 5_000_000},
    "problems": {"project": None, "title": "管线迁改", "category": "land", "department": None, "owner": None},
    "exemptions": {
        **{"project": None, "rule": "no-stats-entry", "ends": "2023-07-31"},
        **{"reason": "规划调整", "evidence": "会议纪要12号"},
    },
}
NAMING = {"project", "department", "owner"}
PLAIN = {
    *(
        "kind",
        "label",
        "planned",
        "done",
        "actual_first",
        "actual_last",
        "reason",
        "channel",
        "up_to",
        "amount",
        "total",
    ),
    *(
        "percent",
        "words",
        "sure",
        "title",
        "category",
        "raised_on",
        "deadline",
        "solution",
        "major",
        "closed_on",
        "closing_note",
    ),
    "note",
    *("month", "this_month", "year_to_date", "since_start", "building", "installation", "equipment", "other"),
    *("statistics", "claims_started", "started_on", "claims_topped_out", "topped_out_on", "claims_produced"),
    "produced_on",
    *("year", "targets", "method", "season", "first_month", "carried"),
    *("cause", "measures", "plan", "expected_on", "responsible", "help_needed"),
    *("rule", "starts", "ends", "evidence"),
    *("next_step", "help_wanted"),
    *("template", "target", "steps"),  # a template: projects/tests/plans/test_api.py
    *("zone", "scheme", "replace"),  # a zone: projects/alerts/tests/test_api.py
    *("photo", "taken_on", "place"),
    *("file", "text", "published", "purpose"),  # and a zone: projects/reports/tests/test_upload.py
    *("table", "meanings", "units", "plan_reason", "only_good"),
    *("layout", "unit", "recipient", "sent_on"),
    *("out", "means", "choice"),  # a project: projects/ledgers/tests/test_api.py
}


def forms():
    """Each operation that takes a body, with the names in it."""
    document = SchemaGenerator().get_schema(public=True)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                form = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
                yield method, path.removeprefix(ROOT), set(form["properties"])


def own(town, prefix):
    project = Project.objects.filter(zone=town.east, assignments__user=town.zhang).order_by("pk").last()
    named = {"project": project.pk, "department": town.east_office.pk, "owner": town.zhang.username}
    return {name: named.get(name, value) for name, value in ACCEPTED[prefix].items()}


def foreign(town, name):
    """Pairs of what is there and not his, and of what is nowhere."""
    match name:
        case "project":
            return Project.objects.filter(zone=town.west).first().pk, MISSING
        case "department":
            return town.west_office.pk, MISSING
        case "owner":
            return town.li.username, "qq"


def test_every_form_is_known_here():
    naming = {path.rstrip("/") for _, path, names in forms() if names & NAMING}
    assert naming == set(ACCEPTED)
    assert {name for _, _, names in forms() for name in names} == NAMING | PLAIN
    assert {name for names in ACCEPTED.values() for name in names} >= NAMING


@pytest.mark.parametrize("who", ["zhang", "chen"])
@pytest.mark.parametrize("prefix", ACCEPTED)
def test_what_is_foreign_in_a_body_answers_like_what_is_missing_and_writes_nothing(town, caller, prefix, who):
    someone, before = caller(who), world.dump()
    for name in NAMING & set(ACCEPTED[prefix]):
        theirs, none = foreign(town, name)
        answers = [
            said(someone.send("POST", f"{ROOT}{prefix}/", own(town, prefix) | {name: value}), value)
            for value in (theirs, none)
        ]
        assert answers[0] == answers[1]
        assert answers[0][0] == 400
    assert world.dump() == before


@pytest.mark.parametrize(
    ("who", "prefix"), [*(("chen", each) for each in ACCEPTED), ("zhang", "progress"), ("zhang", "problems")]
)
def test_the_same_body_with_what_is_his_is_accepted(town, caller, prefix, who):
    answer = caller(who).send("POST", f"{ROOT}{prefix}/", own(town, prefix))
    assert answer.status_code == 201, answer.content.decode()
    assert caller(who).get(answer.headers["Location"]).json() == answer.json()


@pytest.mark.parametrize("username", ["root", "nobody", "system", "wang"])
def test_who_is_nobody_in_the_zone_cannot_be_named(town, caller, username):
    answer = caller("chen").send("POST", f"{ROOT}problems/", own(town, "problems") | {"owner": username})
    assert answer.status_code == 400, answer.content.decode()
