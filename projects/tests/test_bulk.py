"""Rows that are made and checked many at a time are what they would be one by one."""

import pytest
from django.core.exceptions import ValidationError

from projects.models import Claim, Milestone, MilestoneChange, Project, Source
from zones import bulk


def columns(row):
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_a_row_that_is_made_is_the_one_that_its_model_makes():
    source, project = Source(pk=7), Project(pk=3)
    make = bulk.maker(Claim, source=source, recorded_by=None)
    told = {"project": project, "field": "amount", "low": 5, "high": 6, "start": None}
    made, plain = make(**told), Claim(source=source, recorded_by=None, **told)
    assert columns(made) == columns(plain)
    assert (made.source, made.project, made.recorded_by) == (source, project, None)
    assert made._state.adding
    assert make(project=Project(pk=4)).project_id == 4
    assert columns(make(project=project)).keys() == columns(plain).keys()


def test_rows_that_are_made_share_no_value_that_can_change():
    make = bulk.maker(MilestoneChange, milestone=Milestone(pk=1))
    one, other = make(what="planned"), make(what="reached")
    one.before["planned"] = "2023-07-01"
    assert other.before == {}
    other.milestone = Milestone(pk=2)
    assert one.milestone.pk == 1


@pytest.mark.parametrize("wrong", [{"field": "nonsense"}, {"place": "台" * 1000}, {"certainty": ""}])
def test_what_one_row_refuses_many_refuse(wrong):
    def row(**values):
        return Claim(project=Project(pk=3), source=Source(pk=7), **{"field": "name", "text": "某项目", **values})

    exclude = ["project", "source", "recorded_by", "chosen_by", "withdrawn_by"]
    bulk.check([row(), row(text="另一项目")], exclude)
    bulk.check([], exclude)
    with pytest.raises(ValidationError) as alone:
        row(**wrong).clean_fields(exclude)
    with pytest.raises(ValidationError) as together:
        bulk.check([row(), row(**wrong), row(**wrong)], exclude)
    assert together.value.message_dict == alone.value.message_dict
