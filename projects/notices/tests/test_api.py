"""One's own inbox for other systems."""

import pytest

from projects.notices.inbox import Draft, leave, mark_read
from projects.notices.models import Notice
from projects.tests.api.calling import ids, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _notices(town):
    leave(
        Draft(user.pk, f"k{number}", "red", f"第{number}条", "/admin/", urgent=number == 1, zone_id=town.east.pk)
        for user in (town.chen, town.wang, town.root)
        for number in (1, 2)
    )


@pytest.mark.parametrize(("who", "count"), [("chen", 2), ("root", 2), ("wang", 0), ("gao", 0)])
def test_one_reads_ones_own_as_long_as_one_reads_the_zone(town, client, who, count):
    told = rows(town.sign_in(client, who), "notices")
    assert len(told) == count
    assert set(Notice.objects.filter(pk__in=[row["id"] for row in told]).values_list("user__username", flat=True)) <= {
        who
    }


def test_the_inbox_is_filtered_by_what_is_new_and_urgent(town, client):
    town.sign_in(client, "chen")
    mark_read(Notice.objects.filter(user=town.chen, sentence="第2条"))
    assert [row["sentence"] for row in rows(client, "notices", unread="true")] == ["第1条"]
    assert ids(client, "notices", urgent="true") == ids(client, "notices", unread="true")
    assert len(ids(client, "notices", kind="red", zone="zzgx")) == 2
    assert ids(client, "notices", day_to="2020-01-01") == set()


def test_another_system_says_that_one_was_read_or_done_for_its_person_alone(town, client):
    town.sign_in(client, "chen")
    mine = Notice.objects.filter(user=town.chen).latest("pk")
    answer = client.post(f"/api/v1/notices/{mine.pk}/read/", {}, content_type="application/json")
    assert answer.status_code == 200, answer.content.decode()
    assert answer.json()["read_at"]
    assert client.post(f"/api/v1/notices/{mine.pk}/done/", {}, content_type="application/json").json()["done_at"]
    theirs = Notice.objects.filter(user=town.wang).latest("pk")
    assert client.post(f"/api/v1/notices/{theirs.pk}/done/", {}, content_type="application/json").status_code == 404
    assert Notice.objects.get(pk=theirs.pk).done_at is None
