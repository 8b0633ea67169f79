"""Filling in, submitting, reviewing, opening again: what each step writes and refuses."""

from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from projects import facts
from projects.models import Milestone, Photo, Progress, Return, ReturnEvent, Source, Standing
from projects.returns import lateness, pictures
from projects.tests import filling
from zones.models.versioned import StaleVersion

JUNE, MAY, APRIL = date(2023, 6, 30), date(2023, 5, 31), date(2023, 4, 30)
MILLION = 1_000_000


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def made(town):
    return filling.project(town.east, done=None)


def picture(colour="white", size=(40, 30), **how):
    kept = BytesIO()
    Image.new("RGB", size, colour).save(kept, **({"format": "JPEG"} | how))
    return kept.getvalue()


def filled(project, month=JUNE, year=5 * MILLION, by=None, **more):
    told = {"year_to_date": year, "this_month": year if month.month == 1 else None} | more
    return facts.fill_return(project, month, told, by=by)[0]


def reported(project, month=JUNE, year=5 * MILLION, by=None, **more):
    return facts.submit_return(filled(project, month, year, by, **{"this_month": year} | more), by=by)


def said(refused):
    return "；".join(refused.value.messages)


def test_a_reviewed_return_becomes_facts_of_the_month(town, made):
    facts.add_photo(made, JUNE, picture(), by=town.zhang)
    row = reported(
        made, year=6 * MILLION, by=town.zhang, since_start=20 * MILLION, statistics=5 * MILLION, percent=35,
        words="基础完工", claims_started=True, started_on=date(2023, 6, 8),
    )  # fmt: skip
    assert not Progress.objects.exists()
    row = facts.review_return(row, by=town.chen)
    told = Progress.objects.get(channel="reported")
    assert (told.up_to, told.amount, told.total, told.percent, told.words) == (
        JUNE, 6 * MILLION, 20 * MILLION, 35, "基础完工",
    )  # fmt: skip
    assert (told.recorded_by, told.source.title, told.source.kind) == (town.zhang, "2023年6月月报", "person")
    assert Progress.objects.get(channel="statistics").amount == 5 * MILLION
    step = Milestone.objects.get(kind="started")
    assert (step.done, step.actual_first) == (True, date(2023, 6, 8))
    assert Standing.objects.get(project=made).done == 6 * MILLION
    assert [event.what for event in row.events.all()] == ["filled", "photo_added", "filled", "submitted", "reviewed"]
    assert row.events.last().values["year_to_date"] == 6 * MILLION


def test_invented_figures_stay_marked_as_invented(town, made):
    demo = Source.objects.create(kind=Source.Kind.DEMO, title="演示台账", zone=town.east)
    row, _ = facts.fill_return(made, JUNE, {"this_month": 1, "year_to_date": 1}, source=demo)
    facts.fill_return(made, JUNE, {"percent": 5})
    facts.review_return(facts.submit_return(row))
    assert Progress.objects.get().source == demo


def test_a_reviewed_month_is_locked_by_whatever_door(town, made):
    row = facts.review_return(reported(made))
    doors = [
        lambda: facts.fill_return(made, JUNE, {"percent": 5}),
        lambda: facts.submit_return(row),
        lambda: facts.take_back_return(row, by=town.chen),
        lambda: facts.send_back_return(row, reason="有误"),
        lambda: facts.add_photo(made, JUNE, picture()),
        lambda: facts.record(made, "reported", JUNE, amount=1),
        lambda: facts.record(made, "reported", date(2023, 6, 20), amount=1),
    ]
    for door in doors:
        with pytest.raises(ValidationError, match="已审"):
            door()
    facts.record(made, "weekly", JUNE, amount=1)
    assert Standing.objects.get(project=made).done == 5 * MILLION, "the reviewed figure is believed before the weekly"


def test_a_month_opened_again_with_approval_replaces_its_facts_and_keeps_the_old(town, made):
    facts.add_photo(made, JUNE, picture())
    row = facts.review_return(
        reported(made, words="封顶", claims_topped_out=True, topped_out_on=JUNE, since_start=9 * MILLION)
    )
    with pytest.raises(ValidationError, match="须写明原因"):
        facts.reopen_return(row, reason=" ", approver=town.gao)
    row = facts.reopen_return(row, reason="单位写错", approver=town.gao)
    assert (row.status, row.returned_reason) == ("returned", "经高主任批准重新打开：单位写错")
    assert Progress.objects.get().current, "what was reviewed holds until it is reviewed anew"
    row = reported(made, year=4 * MILLION, words="", claims_topped_out=False, since_start=None)
    facts.review_return(row)
    assert sorted(Progress.objects.values_list("amount", "words", "total", "current")) == [
        (4 * MILLION, "", None, True),
        (5 * MILLION, "封顶", 9 * MILLION, False),
    ]
    step = Milestone.objects.get(kind="topped_out")
    assert not step.done
    assert "不再申报封顶" in step.changes.last().reason
    assert ReturnEvent.objects.get(what="reopened").by == town.gao


def test_figures_that_follow_are_filled_in_and_wrong_ones_are_named_by_field(town, made):
    facts.review_return(reported(made, MAY, 40 * MILLION, since_start=90 * MILLION))
    row = facts.submit_return(filled(made, year=48 * MILLION, building=48 * MILLION))
    assert (row.this_month, row.since_start) == (8 * MILLION, 98 * MILLION)
    facts.take_back_return(facts.submit_return(filled_again(row, town), by=town.zhang), by=town.zhang)
    facts.fill_return(made, JUNE, {"this_month": 9 * MILLION, "building": 1, "claims_started": True})
    with pytest.raises(ValidationError) as refused:
        facts.submit_return(row)
    assert set(refused.value.message_dict) == {"this_month", "year_to_date", "started_on", "photos"}
    row.refresh_from_db()
    assert row.status == "draft"


def filled_again(row, town):
    """Sent back and mended: the first submission was nobody's to take back."""
    facts.send_back_return(row, reason="缺说明")
    return row


def test_what_is_unusual_is_submitted_with_a_note_alone(made):
    row = filled(made, year=70 * MILLION, this_month=70 * MILLION)
    with pytest.raises(ValidationError, match="超过年度计划 12000万元 的一半"):
        facts.submit_return(row)
    assert facts.submit_return(row, note="设备集中到货").note == "设备集中到货"


def test_the_opening_is_decembers_return_then_the_plans_then_the_last_total(town, made):
    row = filled(made, date(2023, 1, 31), MILLION, since_start=5 * MILLION)
    assert [each.code for each in facts.returns.findings_of(row) if "start" in each.code] == ["start_unchecked"]
    facts.record(made, "reported", date(2022, 11, 30), total=3 * MILLION)
    assert "截至2022-11-30填报" in said_of(row, "start")
    made.plans.update(carried=2 * MILLION)
    assert "2023年计划的结转数" in said_of(row, "start")
    december = reported(made, date(2022, 12, 31), MILLION, since_start=4 * MILLION)
    assert facts.returns.findings_of(row)[0].code == "parts_unchecked"
    assert december.status == "submitted"


def said_of(row, code):
    return next(each.sentence for each in facts.returns.findings_of(row) if each.code == code)


def test_an_earlier_month_corrected_meanwhile_keeps_the_next_from_being_accepted(town, made):
    may = facts.review_return(reported(made, MAY, 40 * MILLION))
    june = reported(made, JUNE, 48 * MILLION, this_month=8 * MILLION)
    facts.reopen_return(may, reason="多报", approver=town.gao)
    facts.review_return(reported(made, MAY, 39 * MILLION))
    with pytest.raises(ValidationError, match=r"上月累计 3900万元.*请退回更正"):
        facts.review_return(june)


def test_only_who_submitted_takes_back_and_what_is_sent_back_says_why(town, made):
    row = reported(made, by=town.zhang)
    with pytest.raises(ValidationError, match="由张联络上报"):
        facts.take_back_return(row, by=town.chen)
    assert facts.take_back_return(row, by=town.zhang).status == "draft"
    row = reported(made, by=town.zhang)
    with pytest.raises(ValidationError, match="退回须写明原因"):
        facts.send_back_return(row, reason=" ")
    assert facts.send_back_return(row, reason="与入统数相差太大").returned_reason == "与入统数相差太大"


def test_a_stale_save_writes_nothing_and_the_same_again_is_no_change(made):
    row = filled(made)
    with pytest.raises(StaleVersion):
        facts.fill_return(made, JUNE, {"percent": 9}, expected=0)
    assert facts.fill_return(made, JUNE, {"year_to_date": 5 * MILLION}, expected=0) == (row, False)
    facts.fill_return(made, JUNE, {"percent": 9}, expected=row.version)
    assert Return.objects.get().percent == 9


@pytest.mark.parametrize("month", [date(2023, 8, 1), date(1999, 12, 31)])
def test_a_month_to_come_or_long_past_is_refused(made, month):
    with pytest.raises(ValidationError):
        facts.fill_return(made, month, {"percent": 1})


def test_a_month_is_reviewed_when_it_has_ended(made):
    row = reported(made, date(2023, 7, 1))
    with pytest.raises(ValidationError, match="7月还没有结束，07月31日起才能审核"):
        facts.review_return(row)


# ---- Lateness --------------------------------------------------------------------------------------
def test_lateness_counts_the_first_submission_unless_it_was_taken_back(town, made):
    row = filled(made, this_month=5 * MILLION)
    row = facts.submit_return(row, by=town.zhang, on=JUNE)
    assert row.late_days == 0
    facts.send_back_return(row, reason="缺照片")
    row = facts.submit_return(row, by=town.zhang, on=date(2023, 7, 8))
    assert row.late_days == 0
    facts.take_back_return(row, by=town.zhang)
    assert facts.submit_return(row, by=town.zhang, on=date(2023, 7, 9)).late_days == 9


def test_what_is_due_is_told_as_it_stood_on_the_day_at_a_constant_cost(town, made):
    other = filling.project(town.east, plan=None, done=None)
    town.west.return_day = 5
    town.west.save()
    third = filling.project(town.west, done=None)
    facts.submit_return(filled(made, this_month=5 * MILLION), on=date(2023, 7, 3))
    keys = [made.pk, other.pk, third.pk]
    with CaptureQueriesContext(connection) as seen:
        due = lateness.returns_due(keys, date(2023, 7, 4))
    assert len(seen) <= 4
    assert (due[made.pk].month, due[made.pk].due_on, due[made.pk].submitted_on) == (JUNE, JUNE, date(2023, 7, 3))
    assert (due[third.pk].month, due[third.pk].due_on, due[third.pk].owed) == (MAY, date(2023, 6, 5), True)
    assert not due[other.pk].owed
    assert lateness.returns_due(keys, date(2023, 7, 2))[made.pk].submitted_on is None
    assert lateness.returns_due(keys, date(2023, 7, 5))[third.pk].month == JUNE


def test_units_and_people_are_counted_by_what_was_on_time(town):
    on_time, late, missing = (filling.project(town.east, done=None) for _ in range(3))
    for project in (on_time, late, missing):
        facts.assign(project, "unit", department=town.east_office)
    facts.assign(late, "liaison", user=town.zhang)
    for project, day in ((on_time, JUNE), (late, date(2023, 7, 1))):
        facts.submit_return(filled(project, this_month=5 * MILLION), on=day)
    units, people = lateness.punctuality(town.east.projects.all(), JUNE, date(2023, 7, 10))
    line = units[0]
    assert (line.name, line.on_time, line.late, line.missing, line.owed) == (str(town.east_office), 1, 1, 1, 3)
    assert [(each.name, each.owed) for each in people] == [("张联络", 1), ("未分派", 2)]
    assert lateness.punctuality(town.east.projects.all(), JUNE, JUNE)[0][0].owed == 1, "nothing is missing yet"


# ---- Photos ----------------------------------------------------------------------------------------
def test_a_picture_is_drawn_anew_and_keeps_nothing_of_the_camera(town, made, settings):
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2023:06:15 10:00:00"}
    exif[0x010F] = "手机牌子"
    photo = facts.add_photo(made, JUNE, picture(size=(4000, 3000), exif=exif), place="1号厂房", by=town.zhang)
    assert photo.taken_on == date(2023, 6, 15)
    assert str(photo) == "2023-06-15 1号厂房"
    with Image.open(photo.file) as kept, Image.open(photo.thumbnail) as small:
        assert (kept.format, max(kept.size), dict(kept.getexif()), max(small.size)) == ("JPEG", 2400, {}, 320)
    assert facts.add_photo(made, JUNE, picture(size=(4000, 3000), exif=exif)) == photo


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a" + b"\0" * 50, b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:300], b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(made, data, tmp_path):
    with pytest.raises(ValidationError, match="不是能读懂的照片"):
        facts.add_photo(made, JUNE, data)
    assert not Photo.objects.exists()
    assert list(tmp_path.rglob("*.jpg")) == []


def test_a_picture_of_too_many_bytes_or_pixels_is_refused(made):
    with pytest.raises(ValidationError, match="不能超过 12 兆"):
        facts.add_photo(made, JUNE, b"x" * (pictures.LARGEST + 1))
    bomb = BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    with pytest.raises(ValidationError, match="不是能读懂的照片"):
        facts.add_photo(made, JUNE, bomb.getvalue())


def test_a_removed_picture_loses_its_files_and_keeps_its_row(made, tmp_path, django_capture_on_commit_callbacks):
    photo = facts.add_photo(made, JUNE, picture())
    assert len(list(tmp_path.rglob("*.jpg"))) == 2
    with django_capture_on_commit_callbacks(execute=True):
        facts.remove_photo(photo)
    assert list(tmp_path.rglob("*.jpg")) == []
    assert Photo.objects.get().removed_at
