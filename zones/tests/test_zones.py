from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from zones.models import StaleVersion, Zone, ZoneName

CHANGE = date(2022, 4, 7)


@pytest.fixture
def xinmi(town):
    return Zone.objects.create(
        code="xinmi", kind="zone", name="新密市产业集聚区", short_name="集聚区", parent=town.city
    )


def test_a_path_spells_the_way_from_the_province(town):
    assert town.east_park.path == "/henan/zhengzhou/zzgx/zzgx-park/"
    assert town.east.ancestor_paths == ["/henan/", "/henan/zhengzhou/"]


def test_moving_a_zone_carries_everything_below_it(town):
    other = Zone.objects.create(code="luoyang", kind="city", name="洛阳市", parent=town.province)
    town.east.parent = other
    town.east.save()
    town.east_park.refresh_from_db()
    assert town.east_park.path == "/henan/luoyang/zzgx/zzgx-park/"
    assert set(Zone.objects.within(other)) == {other, town.east, town.east_park}


def test_a_child_saved_after_its_parent_moved_does_not_bring_the_old_path_back(town):
    park = Zone.objects.select_related("parent").get(pk=town.east_park.pk)
    town.city.code = "zz"
    town.city.save()
    park.save()
    assert park.path == "/henan/zz/zzgx/zzgx-park/"


@pytest.mark.parametrize("code", ["ZZGX", "zz/gx", "zz_gx", "", "-zz", "高新"])
def test_a_code_is_lower_case_letters_digits_and_hyphens(town, code):
    with pytest.raises(ValidationError, match="小写字母"):
        Zone.objects.create(code=code, kind="zone", name="某区", parent=town.city)


def test_a_zone_cannot_lie_within_itself_or_below_a_lower_kind(town):
    town.city.parent = town.east
    with pytest.raises(ValidationError, match="自己的下级"):
        town.city.save()
    with pytest.raises(ValidationError, match="层级"):
        Zone.objects.create(code="wrong", kind="city", name="某市", parent=town.east)


def test_a_zone_is_never_deleted(town):
    with pytest.raises(ProtectedError):
        town.east_park.delete()
    with pytest.raises(ProtectedError):
        Zone.objects.filter(pk=town.east_park.pk).delete()
    assert Zone.objects.filter(pk=town.east_park.pk).exists()


def test_a_renamed_zone_keeps_its_old_name(xinmi):
    xinmi.rename("新密市先进制造业开发区", "先进制造业区", on=CHANGE)
    assert (xinmi.name, xinmi.short_name) == ("新密市先进制造业开发区", "先进制造业区")
    assert xinmi.name_on(date(2022, 4, 6)) == "新密市产业集聚区"
    assert xinmi.name_on(CHANGE) == "新密市先进制造业开发区"


def test_a_zone_is_found_by_every_name_it_ever_bore(xinmi):
    xinmi.rename("新密市先进制造业开发区", on=CHANGE)
    for text in ("新密市产业集聚区", "集聚区", " 新密市先进制造业开发区 "):
        assert Zone.objects.named(text).get() == xinmi
    assert not Zone.objects.named("新密市产业集聚区", on=CHANGE).exists()
    assert Zone.objects.named("新密市产业集聚区", on=date(2020, 6, 1)).get() == xinmi
    assert not Zone.objects.named("").exists()


def test_a_rename_between_two_names_splits_the_time_and_leaves_the_present_name(xinmi):
    xinmi.rename("今名", on=CHANGE)
    xinmi.rename("中间名", on=date(2021, 1, 1))
    assert xinmi.name == "今名"
    assert [xinmi.name_on(date(y, 6, 1)) for y in (2020, 2021, 2023)] == ["新密市产业集聚区", "中间名", "今名"]


def test_a_zone_is_not_renamed_ahead_of_time_nor_twice_a_day(xinmi, settings):
    settings.TRACKER_TODAY = CHANGE
    with pytest.raises(ValidationError, match="不能晚于今天"):
        xinmi.rename("未来名", on=date(2022, 4, 8))
    xinmi.rename("今名", on=CHANGE)
    with pytest.raises(ValidationError, match="已经更过名"):
        xinmi.rename("再名", on=CHANGE)


def test_correcting_a_slip_in_the_name_is_not_a_renaming(xinmi):
    xinmi.name = "新密市产业集聚区（改正）"
    xinmi.save()
    assert [n.name for n in xinmi.names.all()] == ["新密市产业集聚区（改正）"]


def test_two_names_of_a_zone_do_not_overlap(xinmi):
    xinmi.rename("今名", on=CHANGE)
    with pytest.raises(ValidationError, match="重叠"):
        ZoneName(zone=xinmi, name="又名", valid_from=date(2022, 1, 1), valid_to=CHANGE).full_clean()


def test_the_database_refuses_a_name_that_ends_before_it_begins(xinmi):
    with pytest.raises(IntegrityError), transaction.atomic():
        ZoneName.objects.create(zone=xinmi, name="反", valid_from=CHANGE, valid_to=CHANGE)


def test_the_database_refuses_a_return_day_that_no_month_has(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Zone.objects.filter(pk=town.east.pk).update(return_day=32)


def test_the_second_of_two_editors_is_told(town):
    mine, theirs = (type(town.east_office).objects.get(pk=town.east_office.pk) for _ in range(2))
    theirs.name = "新名"
    theirs.save_checked(theirs.version)
    mine.name = "我的名"
    with pytest.raises(StaleVersion, match="刚被他人修改"):
        mine.save_checked(mine.version)
    mine.refresh_from_db()
    assert (mine.name, mine.version) == ("新名", 2)


def test_a_plain_save_raises_the_version_and_never_puts_an_old_one_back(town):
    old = type(town.east_office).objects.get(pk=town.east_office.pk)
    town.east_office.save_checked(1)
    town.east_office.save(update_fields=["name"])
    old.save()
    assert old.version == 4


def test_update_checked_writes_only_the_named_columns(town):
    town.east_office.update_checked(1, name="新名")
    town.east_office.refresh_from_db()
    assert (town.east_office.name, town.east_office.short_name, town.east_office.version) == ("新名", "高新经发局", 2)
    with pytest.raises(StaleVersion):
        town.east_office.update_checked(1, name="再改")


def test_a_zone_moved_by_two_editors_is_moved_once(town):
    town.east.return_day = 25
    town.east.save_checked(town.east.version)
    with pytest.raises(StaleVersion):
        town.east.save_checked(town.east.version - 1)
