"""The form base outside the admin."""

import pytest
from django import forms

from zones.models import Department, Zone
from zones.scoped.forms import ScopedModelForm


class DepartmentForm(ScopedModelForm):
    class Meta:
        model = Department
        fields = ["zone", "name"]


class ZoneForm(ScopedModelForm):
    departments = forms.ModelMultipleChoiceField(queryset=Department.objects.all(), required=False)

    class Meta:
        model = Zone
        fields = ["parent"]


@pytest.fixture
def of(town, rf):
    def request_of(who):
        request = rf.get("/")
        request.user = getattr(town, who)
        return request

    return request_of


def test_a_form_offers_only_what_one_sees(town, of):
    assert set(DepartmentForm(request=of("chen")).fields["zone"].queryset) == {town.east, town.east_park}
    assert set(DepartmentForm(request=of("nobody")).fields["zone"].queryset) == set()


def test_a_foreign_choice_is_refused_like_a_missing_one(town, of):
    refused = [DepartmentForm({"zone": pk, "name": "局"}, request=of("chen")).errors for pk in (town.west.pk, 98765)]
    assert refused[0] == refused[1]
    assert "zone" in refused[0]


def test_a_value_out_of_sight_is_kept_and_one_in_the_address_is_not_shown(town, of):
    form = DepartmentForm({"zone": "", "name": "改"}, instance=town.west_office, request=of("chen"))
    assert form.is_valid()
    assert form.cleaned_data["zone"] == town.west
    fresh = DepartmentForm(initial={"zone": town.west.pk}, request=of("chen"))
    assert "经开区" not in str(fresh)


def test_members_out_of_sight_stay_when_the_others_change(town, of):
    form = ZoneForm(
        {"parent": "", "departments": []},
        instance=town.city,
        initial={"departments": [town.east_office, town.west_office]},
        request=of("chen"),
    )
    assert form.is_valid()
    assert set(form.cleaned_data["departments"]) == {town.west_office}
    assert form.cleaned_data["parent"] == town.province
