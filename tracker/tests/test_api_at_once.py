"""The same thing sent many times at once writes one row, each sender on a connection of its own."""

from collections import Counter

import pytest
from django.test import Client

from projects import facts
from projects.models import Problem, Progress
from projects.tests.api.test_together import alone, everybody, meeting  # noqa: F401
from zones import clock
from zones.models import ApiToken

AT_ONCE = 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "told", "model"),
    [
        ("progress", {"channel": "weekly", "up_to": "2023-06-30", "amount": 48_000_000}, Progress),
        ("problems", {"title": "管线迁改", "category": "land", "raised_on": "2023-07-01"}, Problem),
    ],
)
def test_twenty_that_say_the_same_at_once_write_one_row(town, meeting, settings, path, told, model):  # noqa: F811
    settings.API_RATE = 0
    told["project"] = facts.create(name="气体传感器生产线项目", zone=town.east).pk
    token, key = ApiToken.issue(town.chen, "测试", days=1, may_write=True)
    ApiToken.objects.filter(pk=token.pk).update(last_used_on=clock.today())
    meeting()

    def write(at):
        client = Client(headers={"authorization": f"Bearer {key}"})
        answer = client.post(f"/api/v1/{path}/", told, "application/json")
        return answer.status_code, answer.json()["id"]

    answers = everybody(AT_ONCE, write)
    assert Counter(status for status, _ in answers) == {201: 1, 200: AT_ONCE - 1}
    assert len({pk for _, pk in answers}) == 1
    assert alone(lambda: model.objects.count()) == 1
