"""Returns over the API: the same verbs, versions and refusals."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects import facts
from projects.models import Photo, Return
from projects.returns import pictures
from projects.tests import filling
from projects.tests.returns.test_verbs import JUNE, MILLION, filled, picture, reported

RETURNS = "/api/v1/returns/"


@pytest.fixture
def made(town):
    project = filling.project(town.east, done=None)
    facts.assign(project, "liaison", user=town.zhang)
    return project


@pytest.fixture
def send(town, client):
    def _send(who, method, path, body=None, version=None):
        town.sign_in(client, who)
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return client.generic(method, f"{RETURNS}{path}", body, "application/json", headers=headers)

    import json

    return lambda who, method, path, body=None, version=None: _send(who, method, path, json.dumps(body or {}), version)


def test_a_month_goes_through_all_its_steps(send, made):
    told = {"project": made.pk, "month": "2023-06-15", "this_month": 5 * MILLION, "year_to_date": 5 * MILLION}
    answer = send("zhang", "POST", "", told)
    row = answer.json()
    assert (answer.status_code, row["month"], row["status"]) == (201, "2023-06-30", "draft")
    assert send("zhang", "POST", "", told).status_code == 200
    assert send("zhang", "POST", "", told | {"percent": 1}).json()["code"] == "conflict"
    steps = [
        ("zhang", "PATCH", "", {"percent": 40, "words": "封顶"}),
        ("zhang", "POST", "submit/", {}),
        ("zhang", "POST", "take-back/", {}),
        ("zhang", "POST", "submit/", {"note": "补报"}),
        ("chen", "POST", "send-back/", {"reason": "缺入统额"}),
        ("zhang", "PATCH", "", {"statistics": 4 * MILLION}),
        ("zhang", "POST", "submit/", {}),
        ("chen", "POST", "review/", {}),
        ("gao", "POST", "reopen/", {"reason": "单位写错"}),
    ]
    statuses = []
    for who, method, path, body in steps:
        answer = send(who, method, f"{row['id']}/{path}", body, row["version"])
        assert answer.status_code == 200, answer.content.decode()
        row = answer.json()
        statuses.append(row["status"])
    assert statuses == [
        *("draft", "submitted", "draft", "submitted", "returned", "returned", "submitted", "reviewed", "returned"),
    ]  # fmt: skip
    assert row["late_days"] == 10


def test_what_is_refused_is_named_by_field_and_changes_nothing(send, made, town):
    row = filled(made, year=5 * MILLION, this_month=6 * MILLION, building=1)
    answer = send("zhang", "POST", f"{row.pk}/submit/", {}, row.version)
    assert (answer.status_code, {each["field"] for each in answer.json()["errors"]}) == (400, {"year_to_date"})
    assert send("zhang", "PATCH", f"{row.pk}/", {"percent": 1}).status_code == 428
    assert send("zhang", "PATCH", f"{row.pk}/", {"percent": 1}, row.version + 1).status_code == 412
    assert send("li", "PATCH", f"{row.pk}/", {"percent": 1}, row.version).status_code == 404
    facts.fill_return(made, JUNE, {"year_to_date": 6 * MILLION, "building": None})
    row = facts.review_return(facts.submit_return(row))
    for who, path in (("zhang", "review/"), ("chen", "reopen/"), ("gao", "send-back/")):
        answer = send(who, "POST", f"{row.pk}/{path}", {"reason": "试试"}, row.version)
        assert answer.status_code == 403, path
    answer = send("chen", "PATCH", f"{row.pk}/", {"percent": 1}, row.version)
    assert (answer.status_code, "已审核锁定" in answer.json()["detail"]) == (400, True)
    assert Return.objects.get().percent is None


@pytest.fixture
def upload(town, client, settings, tmp_path):
    """Sends a form with a photo, as other systems do."""
    settings.MEDIA_ROOT = tmp_path

    def _upload(who, row, version=None, **told):
        town.sign_in(client, who)
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return client.post(f"{RETURNS}{row.pk}/photos/", told, headers=headers)

    return _upload


def site(colour="white"):
    return SimpleUploadedFile("../../现场.exe", picture(colour), "text/html")


def test_a_photo_is_sent_once_and_found_again(upload, made, town, client):
    row = filled(made, by=town.zhang)
    told = {"taken_on": "2023-06-20", "place": "1#楼"}
    answer = upload("zhang", row, row.version, photo=site(), **told)
    photo = answer.json()
    assert (answer.status_code, photo["monthly_return"], photo["month"]) == (201, row.pk, "2023-06-30")
    assert (photo["taken_on"], photo["place"], photo["uploaded_by"]) == ("2023-06-20", "1#楼", "zhang")
    assert client.get(answer.headers["Location"]).json() == photo
    again = upload("zhang", row, row.version, photo=site(), **told)
    assert (again.status_code, again.json()) == (200, photo)
    assert Photo.objects.count() == 1


def test_what_is_no_photo_or_not_his_to_send_is_refused_and_nothing_is_kept(upload, made, town, client, tmp_path):
    row = filled(made, by=town.zhang)

    def refused(who="zhang", version=row.version, **told):
        answer = upload(who, row, version, **({"photo": site()} | told))
        return answer.status_code, answer.json()["detail"]

    assert refused(version=None)[0] == 428
    assert refused(version=row.version + 1)[0] == 412
    assert [refused(who)[0] for who in ("li", "viewer")] == [404, 403]
    assert "不是能读懂的照片" in refused(photo=SimpleUploadedFile("a.jpg", b"<html>"))[1]
    assert "一次只能传一张" in refused(photo=[site(), site("red")])[1]
    assert refused(taken_on="2023-07-11") == (400, "拍摄日期不能晚于今天")
    for wrong in ({"photo": "x" * 9}, {"taken_on": "6月"}, {"surprise": "1"}):
        assert refused(**wrong)[0] == 400
    assert refused(photo=SimpleUploadedFile("a.jpg", b"x" * (pictures.LARGEST + 1)))[0] == 413
    seen = {"If-Match": f'"{row.version}"'}
    plain = client.post(f"{RETURNS}{row.pk}/photos/", b"{}", "application/json", headers=seen)
    assert (plain.status_code, "multipart/form-data" in plain.json()["detail"]) == (415, True)
    row = reported(made, by=town.zhang)
    assert refused(version=row.version)[0] == 400
    assert not Photo.objects.exists()
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


def test_a_list_is_narrowed_by_lateness_unit_and_status(send, made, town, client):
    other = filling.project(town.east, done=None)
    facts.assign(made, "unit", department=town.east_office)
    late = reported(made)
    filled(other)
    town.sign_in(client, "chen")
    for asked in ({"late": "true"}, {"unit": town.east_office.pk}, {"status": "submitted,reviewed"}):
        assert [row["id"] for row in client.get(RETURNS, asked).json()["results"]] == [late.pk], asked
