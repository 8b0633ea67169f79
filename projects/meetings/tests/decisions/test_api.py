"""Other systems at the API: a week told, a decision answered, and what is refused."""

import json
from datetime import date

import pytest
from django.test import Client

from projects import facts
from projects.meetings.models import Decision, Meeting, Saved, Update
from projects.models import Assignment, Progress
from zones.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(town, meeting, project):
    facts.assign(project, Assignment.Role.LIAISON, user=town.zhang)
    return Update.objects.create(meeting=meeting, project=project, place=1)


def signed(who):
    _, key = ApiToken.issue(who, "对接", days=3, may_write=True)
    return Client(headers={"authorization": f"Bearer {key}"})


def send(who, method, path, version, **body):
    content = (json.dumps(body), "application/json")
    return signed(who).generic(method, f"/api/v1/{path}", *content, headers={"If-Match": f'"{version}"'})


def test_a_week_is_told_by_its_liaison_and_makes_one_progress_of_the_meeting(town, row):
    facts.record(row.project, Progress.Channel.REPORTED, date(2023, 6, 30), amount=20_000_000)
    answer = send(town.zhang, "PATCH", f"updates/{row.pk}/", 1, words="主体封顶", amount=30_000_000)
    told = answer.json()
    assert (answer.status_code, told["words"], told["amount"], told["filed_by"]) == (
        200,
        "主体封顶",
        30_000_000,
        "zhang",
    )
    progress = Progress.objects.get(channel="weekly")
    assert (told["progress"], progress.source) == (progress.pk, row.meeting.source)
    assert send(town.zhang, "PATCH", f"updates/{row.pk}/", 1, words="又一句").status_code == 412
    slip = send(town.zhang, "PATCH", f"updates/{row.pk}/", told["version"], amount=3_000)
    assert (slip.status_code, slip.json()["code"]) == (422, "unprocessable")
    progress.refresh_from_db()
    assert progress.amount == 30_000_000


def test_a_meeting_that_is_over_takes_nothing_any_more(town, row):
    Meeting.objects.update(state=Meeting.State.CLOSED)
    answer = send(town.chen, "PATCH", f"updates/{row.pk}/", 1, words="晚了")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "会议已结束，不能再修改" in answer.json()["detail"]
    assert not Saved.objects.exists()
    row.refresh_from_db()
    assert row.words == ""


def test_who_looks_or_has_other_projects_tells_nothing(town, row, decided):
    Assignment.objects.all().delete()
    for who, status in [(town.zhang, 403), (town.viewer, 403), (town.li, 404)]:
        assert send(who, "PATCH", f"updates/{row.pk}/", 1, words="不是我的").status_code == status
    decision = decided(person=town.chen, lead=None)
    assert (
        send(town.viewer, "POST", f"decisions/{decision.pk}/report/", decision.version, note="看看").status_code == 403
    )
    assert send(town.gao, "POST", f"decisions/{decision.pk}/receive/", decision.version).status_code == 403


def test_a_decision_is_answered_and_agreed_to_by_another(town, decided):
    decision = decided()
    path = f"decisions/{decision.pk}"

    def step(who, name, **body):
        decision.refresh_from_db()
        return send(who, "POST", f"{path}/{name}/", decision.version, **body)

    assert step(town.zhang, "receive").json()["state"] == "received"
    asked = step(town.zhang, "ask-extension", deadline="2023-07-28", reason="等待停水批复").json()
    assert (asked["state"], asked["deadline"], asked["asked_deadline"]) == ("extension", "2023-07-14", "2023-07-28")
    assert step(town.chen, "agree").status_code == 403
    agreed = step(town.gao, "agree", note="同意").json()
    assert (agreed["deadline"], agreed["promised"]) == ("2023-07-28", "2023-07-14")
    assert [event["what"] for event in agreed["events"]] == ["issued", "received", "extension", "extended"]
    wrong = step(town.zhang, "ask-extension", deadline="2023-07-20", reason="再等")
    assert (wrong.status_code, wrong.json()["errors"]) == (
        400,
        [{"field": "deadline", "detail": "应晚于现在的完成时限 2023-07-28"}],
    )
    late = signed(town.viewer).get("/api/v1/decisions/", {"overdue": "true"}).json()
    assert late["count"] == 0
    assert Decision.objects.get().deadline == date(2023, 7, 28)
