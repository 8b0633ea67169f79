from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from zones.checks import check_screens, problems
from zones.models import Department, User
from zones.scoped.admin import ScopedAdmin, ScopedTabularInline


def codes(screen_class):
    return [error.id for error in problems(screen_class(Department, admin.site))]


def test_every_registered_screen_of_ours_is_in_order():
    assert check_screens(None) == []


def test_a_screen_outside_the_base_is_an_error_with_a_hint():
    (error,) = problems(ModelAdmin(Department, admin.site))
    assert error.id == "zones.E001"
    assert "ScopedAdmin" in error.hint


def test_a_screen_that_would_not_check_the_version_is_an_error():
    class Careless(ScopedAdmin):
        checks_version = False

    class InList(ScopedAdmin):
        list_editable = ("name",)

    class OtherTemplate(ScopedAdmin):
        change_form_before_template = "other.html"

    assert [codes(screen) for screen in (Careless, InList, OtherTemplate)] == [["zones.E002"]] * 3


def test_a_way_around_the_doors_is_an_error():
    class Raw(ScopedAdmin):
        raw_id_fields = ("zone",)

    class Loose(TabularInline):
        model = User

    class Tight(ScopedTabularInline):
        model = User

    class WithLoose(ScopedAdmin):
        inlines = (Loose, Tight)

    assert codes(Raw) == ["zones.E003"]
    assert codes(WithLoose) == ["zones.E004"]
