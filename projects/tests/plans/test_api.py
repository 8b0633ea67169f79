"""Plans and schedules for other systems."""

from datetime import date

import pytest

from projects import facts, plans
from projects.models import AnnualPlan, ScheduleTemplate, TemplateStep
from projects.tests import filling
from projects.tests.api.calling import post, refused, rows, url

EVEN = plans.even_targets(1200)


@pytest.fixture
def made(town):
    return filling.project(town.east, plan=None, done=None)


@pytest.fixture
def templates(town):
    """One of the province, one of the neighbour."""
    found = []
    for zone in (town.province, town.west):
        row = ScheduleTemplate.objects.create(zone=zone, code=f"t-{zone.code}", name="技改", project_kind="技改")
        TemplateStep.objects.create(template=row, kind="started", offset=100)
        found.append(row)
    return found


def told(project, **more):
    return {"project": project.pk, "year": 2023, "amount": 1200, **more}


def act(client, name, pk, what, body=None, etag=None):
    etag = client.get(url(name, pk)).headers.get("ETag", "") if etag is None else etag
    where = f"{url(name, pk)}{what}/"
    return client.post(where, body or {}, content_type="application/json", headers={"If-Match": etag} if etag else {})


# ---- plans -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("told_of", "targets", "method"),
    [
        ({}, EVEN, "even"),
        ({"method": "even", "first_month": 12}, [0] * 11 + [1200], "even"),
        ({"targets": [0] * 11 + [1200]}, [0] * 11 + [1200], "typed"),
    ],
)
def test_a_plan_is_drafted_by_targets_or_by_a_method(town, client, made, told_of, targets, method):
    town.sign_in(client, "chen")
    answers = [post(client, "plans", told(made, carried=300, **told_of)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    row = answers[0].json()
    assert [each["amount"] for each in row["targets"]] == targets
    assert (row["method"], row["carried"], row["status"], row["author"]) == (method, 300, "draft", "chen")
    assert client.get(answers[0]["Location"]).json() == row


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"targets": EVEN, "method": "even"}, "targets", "只写一个"),
        ({"targets": EVEN[:11]}, "targets", "12"),
        ({"targets": [*EVEN[:4], 0, *EVEN[5:]]}, "targets", "5月累计目标 0元，少于4月的 400元"),
        ({"method": "season"}, "season", "请选择季节方案"),
        ({"method": "typed"}, "method", "逐月填写须填满 12 个月"),
        ({"amount": None}, "amount", "null"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_field(town, client, made, wrong, field, words):
    _, fields = refused(post(town.sign_in(client, "chen"), "plans", told(made) | wrong), 400, "invalid")
    assert words in fields[field]
    assert not AnnualPlan.objects.exists()


def test_a_leader_approves_and_withdraws_in_the_version_he_has_read(town, client, made):
    plan = facts.plan_year(made, 2023, 1200, EVEN, by=town.chen)
    town.sign_in(client, "chen")
    refused(act(client, "plans", plan.pk, "approve"), 403, "forbidden")
    town.sign_in(client, "gao")
    refused(act(client, "plans", plan.pk, "approve", etag=""), 428, "version_required")
    approved = act(client, "plans", plan.pk, "approve")
    assert (approved.status_code, approved.json()["approved_by"]) == (200, "gao")
    assert approved.json()["in_force"]
    refused(act(client, "plans", plan.pk, "withdraw", {"reason": "写错"}, etag='"1"'), 412, "version_stale")
    refused(act(client, "plans", plan.pk, "withdraw", {"reason": " "}), 400, "invalid")
    withdrawn = act(client, "plans", plan.pk, "withdraw", {"reason": "单位写错"}).json()
    assert (withdrawn["status"], withdrawn["in_force"], withdrawn["withdrawn_by"]) == ("withdrawn", False, "gao")
    assert rows(client, "plans", status="withdrawn", method="typed")[0]["id"] == plan.pk


@pytest.mark.parametrize(("who", "status"), [("zhang", 403), ("gao", 403), ("viewer", 403), ("wang", 400)])
def test_a_plan_is_drafted_by_the_office_alone(town, client, made, who, status):
    facts.assign(made, "liaison", user=town.zhang)
    assert post(town.sign_in(client, who), "plans", told(made)).status_code == status


# ---- schedules ---------------------------------------------------------------------------------------
def test_templates_of_the_zones_above_are_read_with_their_steps(town, client, templates):
    found = rows(town.sign_in(client, "viewer"), "schedule-templates")
    assert [(row["id"], row["anchor"], row["steps"]) for row in found] == [
        (templates[0].pk, "produced", [{"kind": "started", "label": "", "offset": 100}])
    ]


def test_a_schedule_is_promised_from_a_template_and_again_changes_nothing(town, client, made, templates):
    town.sign_in(client, "chen")
    body = {"template": templates[0].pk, "target": "2023-12-29"}
    first, again = (act(client, "projects", made.pk, "schedule", body).json()["steps"] for _ in range(2))
    assert [(step["kind"], step["outcome"]) for step in first] == [("started", "promised"), ("produced", "promised")]
    assert {step["outcome"] for step in again} == {"unchanged"}
    moved = {"steps": [{"kind": "produced", "day": "2024-01-31"}]}
    _, fields = refused(act(client, "projects", made.pk, "schedule", moved), 400, "invalid")
    assert "“投产”此前承诺 2023-12-29" in fields["reason"]
    done = act(client, "projects", made.pk, "schedule", moved | {"reason": "设备延期"})
    assert done.json()["steps"][0]["outcome"] == "moved"
    assert made.milestones.get(kind="produced").planned == date(2024, 1, 31)


def test_a_foreign_template_answers_like_a_missing_one(town, client, made, templates):
    town.sign_in(client, "chen")
    said = [
        refused(act(client, "projects", made.pk, "schedule", {"template": pk, "target": "2023-12-29"}), 400, "invalid")
        for pk in (templates[1].pk, 987654)
    ]
    assert said[0] == said[1]
    body = {"template": templates[0].pk}
    assert "template 和 target" in refused(act(client, "projects", made.pk, "schedule", body), 400, "invalid")[1][""]
    assert not made.milestones.exists()


def test_what_is_wrong_with_one_of_several_steps_is_said_of_that_step(town, client, made):
    town.sign_in(client, "chen")
    body = {"steps": [{"kind": "started", "day": "2023-12-29"}, {"kind": "produced", "day": "1500-01-01"}]}
    assert set(refused(act(client, "projects", made.pk, "schedule", body), 400, "invalid")[1]) == {"steps.1.day"}
