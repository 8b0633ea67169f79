"""倒排工期: templates down the tree, days by the calendar, and everything promised at once."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from projects import facts
from projects.models import MilestoneChange, ScheduleTemplate, TemplateStep
from projects.plans.schedule import LaidStep, lay_back
from projects.tests.screens import act, errors, messages
from tracker.demonstration import reference
from zones.models import WorkdayOverride

TARGET = date(2023, 12, 29)


def template(zone, code="upgrade", **more):
    made = ScheduleTemplate.objects.create(
        zone=zone, code=code, **{"name": "技改项目", "project_kind": "技改", "anchor": "produced", **more}
    )
    steps = [("permit", "", 60), ("started", "", 40), ("other", "设备到货", 20), ("trial", "", 10)]
    for kind, label, offset in steps:
        TemplateStep.objects.create(template=made, kind=kind, label=label, offset=offset)
    return made


@pytest.fixture
def office(town, client):
    return town.sign_in(client, "chen")


def told(made, **more):
    return {"template": str(made.pk), "target": TARGET.isoformat(), "reason": "", **more}


def laid_out(page, **changed):
    """What the page would send back."""
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent |= {"laid": form.data["laid"]} | changed
    return {name: value for name, value in sent.items() if value not in (None, "", False)}


# ---- days --------------------------------------------------------------------------------------------
def test_steps_are_laid_back_over_holidays_and_exceptions_in_two_statements(town, django_assert_num_queries):
    made = template(town.east)
    WorkdayOverride.objects.create(date=date(2023, 12, 28), is_working=False, note="停电检修")
    with django_assert_num_queries(2):
        laid = lay_back(made, TARGET)
    assert laid == [
        ("permit", "", date(2023, 10, 7)),  # a Saturday, made up for 国庆
        ("started", "", date(2023, 11, 2)),
        ("other", "设备到货", date(2023, 11, 30)),
        ("trial", "", date(2023, 12, 14)),
        ("produced", "", TARGET),
    ]


def test_the_nearest_template_of_a_code_counts_unless_it_is_switched_off(town):
    above, own = template(town.province), template(town.east)
    template(town.west, code="other")
    assert ScheduleTemplate.objects.offered_in(town.east_park) == [own]
    assert ScheduleTemplate.objects.offered_in(town.city) == [above]
    ScheduleTemplate.objects.filter(pk=own.pk).update(active=False)
    assert ScheduleTemplate.objects.offered_in(town.east) == []


def test_the_templates_that_come_with_the_product_run_in_order(town):
    for _ in range(2):
        reference.fill_schedules()
    found = list(ScheduleTemplate.objects.all())
    assert {row.anchor for row in found} == {"produced", "completed"}
    assert len(found) >= 3
    for row in found:
        offsets = [step.offset for step in row.steps.all()]
        assert offsets == sorted(offsets, reverse=True)
        assert "参考" in row.source


# ---- the page ----------------------------------------------------------------------------------------
def test_a_schedule_is_laid_back_looked_at_edited_and_promised_once(office, town, project):
    made = template(town.province)
    page = office.post(act(project, "schedule"), told(made))
    assert [row.name for row in page.context["form"].rows] == ["手续办结", "开工", "设备到货", "试生产", "投产"]
    assert not project.milestones.exists(), "nothing is promised before it was looked at"
    sent = laid_out(page, day_1="2023-11-01")
    del sent["take_0"]
    for _ in range(2):
        done = office.post(act(project, "schedule"), sent, follow=True)
    assert "没有变化" in messages(done)[-1]
    promised = dict(project.milestones.values_list("kind", "planned"))
    assert promised.keys() == {"started", "other", "trial", "produced"}
    assert promised["started"] == date(2023, 11, 1)
    assert {change.by for change in MilestoneChange.objects.all()} == {town.chen}
    assert MilestoneChange.objects.count() == 4


def test_a_promise_that_moves_needs_a_reason_and_what_is_done_is_left(office, town, project):
    facts.promise(project, "produced", date(2023, 10, 31))
    facts.reach(project, "started", date(2023, 6, 1))
    facts.promise(project, "permit", date(2023, 6, 30))
    page = office.post(act(project, "schedule"), told(template(town.east)))
    rows = {row.name: row for row in page.context["form"].rows}
    assert (rows["开工"].done, rows["投产"].moves, rows["投产"].before) == (True, True, date(2023, 10, 31))
    sent = laid_out(page)
    refused = office.post(act(project, "schedule"), sent)
    assert any("“投产”此前承诺 2023-10-31，现排到 2023-12-29" in error for error in errors(refused))
    assert project.milestones.count() == 3, "all or nothing"
    past = office.post(act(project, "schedule"), sent | {"day_3": "2023-07-03"})
    assert "这一天已经过去" in past.content.decode()
    done = office.post(act(project, "schedule"), sent | {"reason": "设备延期"}, follow=True)
    assert messages(done)[-1] == "已承诺 2 个节点，已调整 2 个节点"
    produced = project.milestones.get(kind="produced")
    assert (produced.planned, produced.baseline) == (TARGET, date(2023, 10, 31))
    assert project.milestones.get(kind="started").planned is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"template": ""}, "请选择模板"),
        ({"template": "foreign"}, "选择"),
        ({"target": ""}, "必填"),
        ({"target": "0001-01-02"}, "太早"),
    ],
)
def test_what_cannot_be_laid_back_is_refused(office, town, project, changed, words):
    foreign, made = template(town.west), template(town.east)
    changed = {name: str(foreign.pk) if value == "foreign" else value for name, value in changed.items()}
    page = office.post(act(project, "schedule"), told(made) | changed)
    assert any(words in error for error in errors(page))
    assert not project.milestones.exists()


def test_a_step_twice_or_none_at_all_is_no_schedule(project):
    twice = [LaidStep("started", "", TARGET)] * 2
    for steps, words in ((twice, "出现了两次"), ([], "至少选一个")):
        with pytest.raises(ValidationError, match=words):
            facts.lay_schedule(project, steps)


def test_the_office_writes_its_own_template_and_takes_a_step_out(office, town):
    from projects.tests.screens import typed

    above = template(town.province)
    where = "/admin/projects/scheduletemplate/"
    assert f"{where}{above.pk}/change/" in office.get(where).content.decode()
    own = template(town.east)
    page = office.get(f"{where}{own.pk}/change/")
    sent = typed(page, name="本区技改")
    formset = page.context["inline_admin_formsets"][0].formset
    for form in formset.forms:
        sent |= {form.add_prefix(name): form[name].value() for name in form.fields if form[name].value() is not None}
    sent[f"{formset.prefix}-0-DELETE"] = "on"
    sent[f"{formset.prefix}-1-kind"] = "produced"
    refused = office.post(f"{where}{own.pk}/change/", sent)
    assert "这是模板的目标节点" in refused.content.decode()
    sent[f"{formset.prefix}-1-kind"] = "started"
    answer = office.post(f"{where}{own.pk}/change/", sent)
    assert answer.status_code == 302, answer.context["errors"]
    own.refresh_from_db()
    assert (own.name, own.steps.count()) == ("本区技改", 3)
