import pytest

from zones.models import Appointment, Department

pytestmark = pytest.mark.urls("zones.tests.urls")
URL = "/api/departments/"


def test_a_list_holds_only_rows_of_ones_zones(town, client):
    assert [row["zone"] for row in town.sign_in(client, "zhang").get(URL).json()] == ["zzgx"]
    assert [row["zone"] for row in town.sign_in(client, "chief").get(URL).json()] == ["zzgx", "zzjk"]


@pytest.mark.parametrize("who", ["nobody", "gone"])
def test_who_has_no_right_gets_nothing(town, client, who):
    answer = town.sign_in(client, who).get(URL)
    assert answer.status_code in (401, 403) or answer.json() == []


def test_a_foreign_id_answers_exactly_like_a_missing_one(town, client):
    town.sign_in(client, "chen")
    foreign, missing = (client.get(f"{URL}{pk}/") for pk in (town.west_office.pk, 98765))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_a_foreign_code_answers_exactly_like_a_missing_one(town, client):
    town.sign_in(client, "chen")
    foreign, missing = (client.post(URL, {"zone": code, "name": "越界局"}) for code in ("zzjk", "nope"))
    assert foreign.status_code == missing.status_code == 400
    assert foreign.content.replace(b"zzjk", b"nope") == missing.content
    assert not Department.objects.filter(name="越界局").exists()


def test_a_coordinator_writes_in_his_zone_and_nowhere_else(town, client):
    Appointment.objects.create(user=town.chen, zone=town.city, role="viewer", starts="2020-01-01")
    town.sign_in(client, "chen")
    assert client.post(URL, {"zone": "zzgx", "name": "新局"}).status_code == 201
    assert client.post(URL, {"zone": "zzjk", "name": "越界局"}).status_code == 403
    moved = client.patch(f"{URL}{town.east_office.pk}/", {"zone": "zzjk"}, content_type="application/json")
    assert moved.status_code == 403
    town.east_office.refresh_from_db()
    assert town.east_office.zone == town.east
    foreign = client.patch(f"{URL}{town.west_office.pk}/", {"name": "改"}, content_type="application/json")
    assert foreign.status_code == 403
    assert not Department.objects.filter(name__in=["越界局", "改"]).exists()


@pytest.mark.parametrize("who", ["zhang", "viewer", "gao"])
def test_readers_do_not_write(town, client, who):
    town.sign_in(client, who)
    assert client.post(URL, {"zone": "zzgx", "name": "新局"}).status_code == 403


def test_nothing_is_deleted(town, client):
    assert town.sign_in(client, "chen").delete(f"{URL}{town.east_office.pk}/").status_code == 405


def test_an_unknown_parameter_is_refused_with_the_known_ones(town, client):
    answer = town.sign_in(client, "chen").get(URL, {"nmae": "x"})
    assert answer.status_code == 400
    assert answer.json() == {"nmae": ["没有这个筛选项，可用的有：active、name"]}


def test_known_parameters_and_paging_pass(town, client):
    town.sign_in(client, "chief")
    assert len(client.get(URL, {"name": "经开区招商局", "page": "1"}).json()) == 1
