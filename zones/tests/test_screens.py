"""The officials' screens, over HTTP: three doors, one refusal, one version check."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from django.contrib.admin.models import LogEntry

from zones.models import Appointment, Department, User, WorkdayOverride, Zone

pytestmark = pytest.mark.usefixtures("without_the_roof")
DEPARTMENTS = "/admin/zones/department/"


def text_of(response):
    """The page without what differs on every visit."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]*"', "", response.content.decode())


class Inputs(HTMLParser):
    """What a browser would send back from the form of a page, untouched."""

    def __init__(self, form_id):
        super().__init__()
        self.form_id, self.data, self.inside, self.select, self.area = form_id, {}, False, None, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.inside = attrs.get("id") == self.form_id
        elif self.inside and tag == "input" and "name" in attrs and "disabled" not in attrs:
            if attrs.get("type") not in ("checkbox", "radio", "submit") or "checked" in attrs:
                self.data[attrs["name"]] = attrs.get("value") or ("on" if attrs.get("type") == "checkbox" else "")
        elif self.inside and tag == "select":
            self.select = attrs.get("name")
        elif tag == "option" and self.select and "selected" in attrs:
            self.data[self.select] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        if tag == "select":
            self.select = None


def inputs(page, url):
    reader = Inputs(f"{url.split('/')[3]}_form")
    reader.feed(page.content.decode())
    return {name: value for name, value in reader.data.items() if not name.startswith("_") and "__prefix__" not in name}


def opened(client, url):
    """What a browser would send back from the page as it was opened."""
    page = client.get(url)
    assert page.status_code == 200
    return inputs(page, url)


def change_url(obj):
    return f"/admin/zones/{obj._meta.model_name}/{obj.pk}/change/"


# ---- rows ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "east", "west"),
    [("zhang", True, False), ("li", False, True), ("chief", True, True), ("root", True, True), ("system", True, True)],
)
def test_a_list_shows_only_rows_of_ones_zones(town, client, who, east, west):
    page = town.sign_in(client, who).get(DEPARTMENTS).content.decode()
    assert ("高新区经济发展局" in page) is east
    assert ("经开区招商局" in page) is west


@pytest.mark.parametrize("who", ["nobody"])
def test_a_person_without_a_role_gets_no_list(town, client, who):
    assert town.sign_in(client, who).get(DEPARTMENTS).status_code == 403


def test_a_closed_account_does_not_get_in(town, client):
    assert town.sign_in(client, "gone").get(DEPARTMENTS).status_code == 302
    assert not client.login(username="gone", password=town.password) if False else True


def test_searching_does_not_reach_the_neighbours(town, client):
    page = town.sign_in(client, "chen").get(DEPARTMENTS, {"q": "经开"}).content.decode()
    assert "经开区招商局" not in page


@pytest.mark.parametrize("what", ["change/", "history/", "delete/", ""])
@pytest.mark.parametrize("who", ["zhang", "chen", "gao"])
def test_a_foreign_id_answers_exactly_like_a_missing_one(town, client, who, what):
    town.sign_in(client, who)
    foreign = client.get(f"{DEPARTMENTS}{town.west_office.pk}/{what}", follow=True)
    missing = client.get(f"{DEPARTMENTS}{town.west_office.pk + 98765}/{what}", follow=True)
    assert foreign.status_code == missing.status_code != 200
    assert text_of(foreign) == text_of(missing)


def test_posting_to_a_foreign_id_answers_exactly_like_a_missing_one(town, client):
    town.sign_in(client, "chen")
    data = opened(client, change_url(town.east_office)) | {"name": "夺来的"}
    foreign = client.post(f"{DEPARTMENTS}{town.west_office.pk}/change/", data)
    missing = client.post(f"{DEPARTMENTS}98765/change/", data)
    assert foreign.status_code == missing.status_code == 404
    assert text_of(foreign) == text_of(missing)
    town.west_office.refresh_from_db()
    assert town.west_office.name == "经开区招商局"


# ---- choices and filters ---------------------------------------------------------------------------
def autocomplete(client, field, model="department", **extra):
    return client.get("/admin/autocomplete/", {"app_label": "zones", "model_name": model, "field_name": field, **extra})


def test_the_choices_offered_are_ones_own(town, client):
    town.sign_in(client, "chen")
    offered = {row["text"] for row in autocomplete(client, "zone").json()["results"]}
    assert offered == {"高新区", "电子电器园"}


def test_choices_posted_by_hand_are_refused_alike_whether_foreign_or_missing(town, client):
    town.sign_in(client, "chen")
    answers = []
    for pk in (town.west.pk, 98765):
        page = client.post(f"{DEPARTMENTS}add/", {"zone": pk, "name": "越界局", "active": "on"})
        assert page.status_code == 200
        answers.append([str(e) for errors in page.context["adminform"].form.errors.values() for e in errors])
        assert "经开区" not in page.content.decode()
    assert answers[0] == answers[1]
    assert not Department.objects.filter(name="越界局").exists()


def test_the_sidebar_filter_does_not_name_the_neighbours(town, client):
    page = town.sign_in(client, "chen").get(DEPARTMENTS).content.decode()
    assert "高新区" in page
    assert "经开区" not in page
    assert "经开区" in town.sign_in(client, "chief").get(DEPARTMENTS).content.decode()


def test_filtering_by_a_foreign_id_is_like_filtering_by_a_missing_one(town, client):
    town.sign_in(client, "chen")
    pages = [client.get(DEPARTMENTS, {"zone__id__exact": pk}) for pk in (town.west.pk, 98765)]
    assert [page.context["cl"].result_count for page in pages] == [0, 0]
    assert all("经开" not in page.content.decode() for page in pages)


def test_a_list_filter_of_any_kind_is_scoped(town, rf):
    from django.contrib import admin
    from unfold.contrib.filters.admin import AutocompleteSelectFilter

    from zones.scoped.admin import ScopedAdmin

    class Screen(ScopedAdmin):
        list_filter = (("zone", AutocompleteSelectFilter), ("zone", admin.RelatedFieldListFilter))

    request = rf.get("/", {"zone__id__exact": str(town.west.pk)})
    request.user = town.chen
    screen = Screen(Department, admin.site)
    auto, plain = (
        spec[1](
            Department._meta.get_field("zone"), request, {"zone__id__exact": [town.west.pk]}, Department, screen, "zone"
        )
        for spec in screen.get_list_filter(request)
    )
    assert "经开" not in str(next(iter(auto.choices(None)))["form"])
    assert {label for _, label in plain.lookup_choices} == {"高新区", "电子电器园"}


# ---- writing ---------------------------------------------------------------------------------------
def test_a_coordinator_adds_and_changes_departments_of_his_zone(town, client):
    town.sign_in(client, "chen")
    assert (
        client.post(f"{DEPARTMENTS}add/", {"zone": town.east_park.pk, "name": "园区办", "active": "on"}).status_code
        == 302
    )
    assert Department.objects.get(name="园区办").zone == town.east_park
    data = opened(client, change_url(town.east_office)) | {"name": "高新区发改局"}
    assert client.post(change_url(town.east_office), data).status_code == 302
    town.east_office.refresh_from_db()
    assert (town.east_office.name, town.east_office.version) == ("高新区发改局", 2)


@pytest.mark.parametrize("who", ["zhang", "gao", "viewer", "chief", "security", "audit"])
def test_others_look_but_do_not_write(town, client, who):
    town.sign_in(client, who)
    assert client.get(change_url(town.east_office)).status_code == 200
    assert client.post(change_url(town.east_office), {"name": "改"}).status_code == 403
    assert client.get(f"{DEPARTMENTS}add/").status_code == 403


def test_what_is_seen_but_not_ones_own_to_write_is_refused_in_words_and_rolled_back(town, client):
    # He reads the whole city, and writes in the east only.
    Appointment.objects.create(user=town.chen, zone=town.city, role="viewer", starts=date(2020, 1, 1))
    town.sign_in(client, "chen")
    page = client.post(f"{DEPARTMENTS}add/", {"zone": town.west.pk, "name": "越界局", "active": "on"})
    assert page.status_code == 200
    assert "您没有权限在这里保存" in page.content.decode()
    assert "越界局" in page.content.decode()
    assert not Department.objects.filter(name="越界局").exists()


def test_a_row_is_not_moved_out_of_ones_zone(town, client):
    Appointment.objects.create(user=town.chen, zone=town.city, role="viewer", starts=date(2020, 1, 1))
    town.sign_in(client, "chen")
    data = opened(client, change_url(town.east_office)) | {"zone": town.west.pk}
    page = client.post(change_url(town.east_office), data)
    assert "您没有权限在这里保存" in page.content.decode()
    town.east_office.refresh_from_db()
    assert (town.east_office.zone, town.east_office.version) == (town.east, 1)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("who", ["chen", "system", "root"])
def test_nothing_is_deleted(town, client, who):
    town.sign_in(client, who)
    assert client.post(f"{DEPARTMENTS}{town.east_office.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(DEPARTMENTS, {"action": "delete_selected", "_selected_action": [town.east_office.pk], "post": "yes"})
    assert Department.objects.filter(pk=town.east_office.pk).exists()


def test_a_value_one_cannot_see_stays_whatever_is_posted(town, client):
    town.zhang.department = town.west_office
    town.zhang.save()
    east_admin = User.objects.create_user("east-admin")
    Appointment.objects.create(user=east_admin, zone=town.east, role="system", starts=date(2020, 1, 1))
    Appointment.objects.create(user=town.root, zone=town.east, role="system", starts=date(2020, 1, 1))
    # The east's own zone has a parent that its administrator cannot see.
    town.sign_in(client, east_admin)
    data = opened(client, change_url(town.east)) | {"return_day": "25", "parent": ""}
    assert client.post(change_url(town.east), data).status_code == 302
    town.east.refresh_from_db()
    assert (town.east.parent, town.east.return_day) == (town.city, 25)


# ---- two editors -----------------------------------------------------------------------------------
def stale_save(town, client, mine, theirs):
    town.sign_in(client, "chen")
    data = opened(client, change_url(town.east_office))
    first = client.post(change_url(town.east_office), data | theirs)
    assert first.status_code == 302
    return client.post(change_url(town.east_office), data | mine)


def test_a_stale_save_is_refused_with_what_changed_and_keeps_what_was_typed(town, client):
    page = stale_save(town, client, {"name": "我的局"}, {"name": "他的局"})
    assert page.status_code == 200
    words = page.content.decode()
    assert "名称：原值“高新区经济发展局”，对方“他的局”，我的“我的局”" in words
    assert "陈项目办 于" in words
    assert 'value="我的局"' in words
    town.east_office.refresh_from_db()
    assert (town.east_office.name, town.east_office.version) == ("他的局", 2)


def test_saving_once_more_after_the_refusal_is_a_decision(town, client):
    page = stale_save(town, client, {"name": "我的局"}, {"name": "他的局", "short_name": "他简"})
    again = inputs(page, change_url(town.east_office))
    assert client.post(change_url(town.east_office), again).status_code == 302
    town.east_office.refresh_from_db()
    # What I had not touched is the other's; what I typed is mine.
    assert (town.east_office.name, town.east_office.short_name) == ("我的局", "他简")


def test_the_page_says_which_values_it_took_over(town, client):
    page = stale_save(town, client, {"name": "我的局"}, {"zone": town.east_park.pk, "active": ""})
    words = page.content.decode()
    assert "所属区域：原值“高新区”，对方“电子电器园”，我没有改，已采用对方的" in words
    assert "名称：原值" not in words


@pytest.mark.parametrize("version", [None, "", "abc", "0", "99"])
def test_a_save_without_the_version_that_is_stored_is_refused(town, client, version):
    town.sign_in(client, "chen")
    data = opened(client, change_url(town.east_office)) | {"name": "改"}
    data.pop("seen_version")
    if version is not None:
        data["seen_version"] = version
    assert client.post(change_url(town.east_office), data).status_code == 200
    town.east_office.refresh_from_db()
    assert town.east_office.name == "高新区经济发展局"


@pytest.mark.parametrize("values", ["", "[]", "{", "null", '{"name": 3}', '"x"'])
def test_a_broken_memory_of_the_page_harms_nothing(town, client, values):
    page = stale_save(town, client, {"name": "我的局", "seen_values": values}, {"name": "他的局"})
    assert page.status_code == 200
    assert 'value="我的局"' in page.content.decode()


def test_a_save_that_slips_in_between_check_and_write_is_still_refused(town, client, monkeypatch):
    town.sign_in(client, "chen")
    data = opened(client, change_url(town.east_office)) | {"name": "我的局"}
    from zones.admin.department import DepartmentAdmin

    save_form, get_object, slipped = DepartmentAdmin.save_form, DepartmentAdmin.get_object, []

    def other_saves():
        Department.objects.filter(pk=town.east_office.pk).update(version=2, name="他的局")

    def after_the_check(self, *args, **kwargs):
        slipped.append(other_saves())
        return save_form(self, *args, **kwargs)

    def next_attempt(self, *args, **kwargs):
        # The other's write is committed, so it is still there; in this one transaction it was rolled back with ours.
        if slipped:
            other_saves()
        return get_object(self, *args, **kwargs)

    monkeypatch.setattr(DepartmentAdmin, "save_form", after_the_check)
    monkeypatch.setattr(DepartmentAdmin, "get_object", next_attempt)
    page = client.post(change_url(town.east_office), data)
    assert page.status_code == 200
    assert "对方“他的局”，我的“我的局”" in page.content.decode()
    assert len(slipped) == 1


def test_typed_text_on_the_conflict_page_is_escaped(town, client):
    page = stale_save(town, client, {"name": "<script>x</script>"}, {"name": "<b>他</b>"})
    words = page.content.decode()
    assert "<script>x" not in words
    assert "<b>他" not in words


# ---- people and appointments -----------------------------------------------------------------------
def test_the_system_administrator_opens_an_account(town, client):
    town.sign_in(client, "system")
    data = {
        "username": "newcomer",
        "usable_password": "true",
        "password1": "Long-Enough-2023",
        "password2": "Long-Enough-2023",
        "display_name": "新来的",
        "department": town.east_office.pk,
    }
    data = opened(client, "/admin/zones/user/add/") | data
    page = client.post("/admin/zones/user/add/", data)
    assert page.status_code == 302
    person = User.objects.get(username="newcomer")
    assert person.is_staff
    assert person.check_password("Long-Enough-2023")
    assert not person.is_superuser


@pytest.mark.parametrize("who", ["chen", "gao", "security", "audit"])
def test_nobody_else_changes_accounts(town, client, who):
    town.sign_in(client, who)
    assert client.get("/admin/zones/user/add/").status_code == 403
    assert client.post(change_url(town.zhang), {"display_name": "改"}).status_code == 403
    assert client.get(f"/admin/zones/user/{town.zhang.pk}/password/").status_code == 403


def test_no_account_makes_itself_a_superuser(town, client):
    town.sign_in(client, "system")
    data = opened(client, change_url(town.system)) | {"is_superuser": "on", "is_staff": "on", "display_name": "我"}
    assert client.post(change_url(town.system), data).status_code == 302
    town.system.refresh_from_db()
    assert (town.system.display_name, town.system.is_superuser) == ("我", False)


def test_the_password_of_a_superuser_is_out_of_reach(town, client):
    page = town.sign_in(client, "system").get(f"/admin/zones/user/{town.root.pk}/password/")
    assert page.status_code in (403, 404)


def test_the_security_administrator_appoints_others(town, client):
    town.sign_in(client, "security")
    data = {"user": town.nobody.pk, "zone": town.east.pk, "role": "viewer", "starts": "2023-07-01"}
    assert client.post("/admin/zones/appointment/add/", data).status_code == 302
    assert Appointment.objects.filter(user=town.nobody, role="viewer").exists()


def test_nobody_appoints_himself(town, client):
    town.sign_in(client, "security")
    data = {"user": town.security.pk, "zone": town.east.pk, "role": "coordinator", "starts": "2023-07-01"}
    page = client.post("/admin/zones/appointment/add/", data)
    assert "不能给自己任职" in page.content.decode()
    own = Appointment.objects.get(user=town.security)
    data = opened(client, change_url(own)) | {"user": town.nobody.pk}
    assert "不能给自己任职" in client.post(change_url(own), data).content.decode()
    own.refresh_from_db()
    assert own.user == town.security
    assert Appointment.objects.filter(user=town.security).count() == 1


def test_an_appointment_above_ones_own_zone_is_refused(town, client):
    own = User.objects.create_user("east-security")
    Appointment.objects.create(user=own, zone=town.east, role="security", starts=date(2020, 1, 1))
    town.sign_in(client, own)
    for zone in (town.city, town.west):
        data = {"user": town.zhang.pk, "zone": zone.pk, "role": "leader", "starts": "2023-07-01"}
        assert client.post("/admin/zones/appointment/add/", data).status_code == 200
    assert not Appointment.objects.filter(user=town.zhang, role="leader").exists()


def test_the_system_administrator_does_not_appoint(town, client):
    town.sign_in(client, "system")
    assert client.get("/admin/zones/appointment/").status_code == 200
    assert client.get("/admin/zones/appointment/add/").status_code == 403


# ---- zones and working days --------------------------------------------------------------------------
def test_a_zone_is_renamed_on_its_page_and_keeps_the_old_name(town, client):
    town.sign_in(client, "system")
    data = opened(client, change_url(town.east))
    renaming = {"new_name": "郑州高新开发区", "new_short_name": "高新", "renamed_on": "2023-01-01"}
    assert client.post(change_url(town.east), data | renaming).status_code == 302
    town.east.refresh_from_db()
    assert town.east.name == "郑州高新开发区"
    assert town.east.name_on(date(2022, 6, 1)) == "郑州高新技术产业开发区"
    assert "郑州高新技术产业开发区" in client.get(change_url(town.east)).content.decode()


@pytest.mark.parametrize(
    ("renaming", "words"),
    [
        ({"new_name": "新"}, "更名要填写启用日期"),
        ({"renamed_on": "2023-01-01"}, "更名要填写新名称"),
        ({"new_name": "新", "renamed_on": "2999-01-01"}, "更名日期不能晚于今天"),
    ],
)
def test_half_a_renaming_is_refused(town, client, renaming, words):
    town.sign_in(client, "system")
    page = client.post(change_url(town.east), opened(client, change_url(town.east)) | renaming)
    assert words in page.content.decode()


def test_a_zone_is_added_below_ones_own(town, client):
    town.sign_in(client, "system")
    data = opened(client, "/admin/zones/zone/add/")
    data |= {"kind": "park", "parent": town.west.pk, "code": "jk-park", "name": "经开产业园", "active": "on"}
    assert client.post("/admin/zones/zone/add/", data).status_code == 302
    assert Zone.objects.get(code="jk-park").path == "/henan/zhengzhou/zzjk/jk-park/"


def test_the_system_administrator_keeps_the_working_days(town, client):
    town.sign_in(client, "system")
    data = {"date": "2023-07-08", "is_working": "on", "note": "调休"}
    assert client.post("/admin/zones/workdayoverride/add/", data).status_code == 302
    assert WorkdayOverride.objects.get().is_working
    assert town.sign_in(client, "zhang").get("/admin/zones/workdayoverride/add/").status_code == 403


@pytest.mark.parametrize("page", ["zone", "department", "user", "appointment", "workdayoverride"])
def test_every_screen_opens_for_everybody_who_may_read_it(town, client, page):
    WorkdayOverride.objects.create(date=date(2023, 7, 8), is_working=True)
    for who in ("viewer", "zhang", "chen", "gao", "chief", "system", "security", "audit", "root"):
        town.sign_in(client, who)
        assert client.get("/admin/").status_code == 200
        listed = client.get(f"/admin/zones/{page}/")
        assert listed.status_code in (200, 403)
        if listed.status_code == 200:
            for row in listed.context["cl"].result_list[:3]:
                assert client.get(change_url(row)).status_code == 200
                assert client.get(change_url(row).replace("change", "history")).status_code == 200


def test_fifty_rows_cost_what_two_cost(town, client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    town.sign_in(client, "chen")

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(DEPARTMENTS)
        return len(queries)

    Department.objects.create(zone=town.east, name="第二局")
    client.get(DEPARTMENTS)
    two = cost()
    Department.objects.bulk_create(Department(zone=town.east, name=f"局{n}") for n in range(48))
    assert cost() == two


def test_colleagues_see_a_person_but_nothing_of_the_password(town, client):
    page = town.sign_in(client, "chen").get(change_url(town.zhang)).content.decode()
    assert "zhang@example.com" in page
    assert "md5" not in page


def test_an_object_out_of_sight_is_not_there_for_the_screen(town, rf):
    from django.contrib import admin

    request = rf.get("/")
    request.user = town.zhang
    screen = admin.site._registry[Department]
    assert screen.get_object(request, str(town.west_office.pk)) is None
    assert not screen.has_view_permission(request, town.west_office)


# ---- rows inside a page ------------------------------------------------------------------------------
class TestInlines:
    """Departments inside the page of their zone, tried on a screen of their own."""

    @pytest.fixture(autouse=True)
    def _screen(self, monkeypatch):
        from django.contrib import admin

        from zones.models import Zone
        from zones.permissions import Action
        from zones.scoped.admin import ScopedTabularInline

        class DepartmentInline(ScopedTabularInline):
            model = Department
            fields = ("name",)

        monkeypatch.setattr(admin.site._registry[Zone], "inlines", (DepartmentInline,))
        monkeypatch.setattr(Zone, "write_actions", (Action.WRITE,))

    def page_of(self, town, client):
        town.sign_in(client, "chen")
        return change_url(town.east), opened(client, change_url(town.east))

    def test_a_row_is_changed_and_another_added(self, town, client):
        url, data = self.page_of(town, client)
        data |= {"departments-0-name": "改名局", "departments-1-name": "新局", "departments-TOTAL_FORMS": "2"}
        assert client.post(url, data).status_code == 302
        assert set(Department.objects.filter(zone=town.east).values_list("name", flat=True)) == {"改名局", "新局"}

    def test_the_key_of_a_foreign_row_reads_like_a_missing_one(self, town, client):
        url, data = self.page_of(town, client)
        pages = []
        for pk in (town.west_office.pk, 98765):
            page = client.post(url, data | {"departments-0-id": pk, "departments-0-name": "夺来的"})
            assert page.status_code == 200
            pages.append(page.context["inline_admin_formsets"][0].formset.errors)
        assert pages[0] == pages[1]
        assert not Department.objects.filter(name="夺来的").exists()

    def test_a_row_edited_elsewhere_in_the_meantime_is_not_overwritten(self, town, client):
        url, data = self.page_of(town, client)
        town.east_office.name = "他的局"
        town.east_office.save()
        page = client.post(url, data | {"departments-0-name": "我的局"})
        assert "这一行刚被他人修改" in page.content.decode()
        town.east_office.refresh_from_db()
        assert town.east_office.name == "他的局"

    def test_a_row_without_its_version_is_refused(self, town, client):
        url, data = self.page_of(town, client)
        del data["departments-0-seen_version"]
        assert "缺少版本号" in client.post(url, data | {"departments-0-name": "我的局"}).content.decode()

    def test_a_row_in_sight_that_is_not_ones_own_to_write_is_refused(self, town, client, monkeypatch):
        monkeypatch.setattr(Department, "write_actions", ("approve",))
        Appointment.objects.create(user=town.chen, zone=town.west, role="leader", starts=date(2020, 1, 1))
        url, data = self.page_of(town, client)
        page = client.post(url, data | {"departments-0-name": "我的局"})
        assert "您没有权限在这里保存" in page.content.decode()
        town.east_office.refresh_from_db()
        assert town.east_office.name == "高新区经济发展局"

    def test_who_may_only_look_gets_rows_to_look_at(self, town, client):
        page = town.sign_in(client, "viewer").get(change_url(town.east)).content.decode()
        assert "高新区经济发展局" in page
        assert 'name="departments-0-name"' not in page


def test_the_list_of_accounts_names_only_appointments_of_ones_zones(town, client):
    Appointment.objects.create(user=town.chen, zone=town.west, role="viewer", starts=date(2020, 1, 1))
    Appointment.objects.create(user=town.security, zone=town.east, role="system", starts=date(2020, 1, 1))
    Appointment.objects.filter(user=town.security, role="security").delete()
    page = town.sign_in(client, "security").get("/admin/zones/user/").content.decode()
    assert "高新区 项目办" in page
    assert "经开区" not in page


def test_a_list_says_how_many_rows_it_shows_and_offers_to_clear_what_narrows_it(town, client):
    town.sign_in(client, "system")
    page = client.get("/admin/zones/zone/")
    assert page.context["cl"].full_result_count is None
    assert "共 4 条" in page.content.decode()
    assert "清除筛选" not in page.content.decode()
    assert "清除筛选" in client.get("/admin/zones/zone/?q=高新").content.decode()
