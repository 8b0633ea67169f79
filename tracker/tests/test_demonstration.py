"""The demonstration set as a visitor finds it: filled, scanned, and not changed by filling it again."""

import io
import json
import re
import shutil
from contextlib import contextmanager
from datetime import date

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client, override_settings

from projects import statistics
from projects.alerts.models import Alert, AlertAnswer, AlertEvent, Closing, Exemption
from projects.models import (
    AnnualPlan,
    Claim,
    Entry,
    Milestone,
    MilestoneChange,
    Period,
    Photo,
    Problem,
    Progress,
    Project,
    Return,
    Source,
    Standing,
    Suspension,
)
from projects.notices.models import Notice
from projects.reports.documents import load
from projects.reports.grammar import read
from projects.reports.tests.helpers import SHARED, need
from tracker import demonstration
from tracker.demonstration import files
from tracker.tests.browser import site
from zones.models import Department, User

DAY = date(2023, 7, 10)
OURS = ("zones", "projects", "projects_notices", "projects_alerts", "projects_reports")
REAL = SHARED / "reports"
LONGEST_LOAN = 18


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker, tmp_path_factory):
    """The database once filled, scanned and mailed, for all tests of this module; taken back at its end."""
    fill = _in_a_file if connection.vendor == "sqlite" else _in_a_transaction
    with django_db_blocker.unblock(), fill(tmp_path_factory):
        yield


@contextmanager
def _in_a_file(temporary):
    """A copy of what the tests in the browser visit."""
    folder = temporary.mktemp("demonstration")
    shutil.copytree(site.filled(temporary), folder, dirs_exist_ok=True)
    memory, name = connections["default"], connection.settings_dict["NAME"]
    connections.settings["default"]["NAME"] = str(folder / site.DATABASE)
    del connections["default"]
    try:
        with override_settings(MEDIA_ROOT=folder / "media"):
            _hash_cheaply(json.loads((folder / site.ACCOUNTS).read_text(encoding="utf-8")))
            yield
    finally:
        connections["default"].close()
        connections.settings["default"]["NAME"] = name
        connections["default"] = memory


def _hash_cheaply(accounts):
    for account in accounts:
        User.objects.filter(username=account["username"]).update(password=make_password(account["password"]))


@contextmanager
def _in_a_transaction(temporary):
    photos = override_settings(MEDIA_ROOT=temporary.mktemp("media"))
    with _demonstration(), photos, transaction.atomic():
        demonstration.fill()
        call_command("scan_alerts", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(filled, db):
    """The filled database; what a test changes is taken back."""
    with _demonstration():
        yield


def _demonstration():
    # The same hasher as in every test: what one wrote the other must be able to check.
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return override_settings(TRACKER_DEMO=True, TRACKER_TODAY=DAY, PASSWORD_HASHERS=hashers)


def dump():
    """Every row of every table of ours."""
    with connection.cursor() as cursor:
        return {table: _rows(cursor, table) for table in _tables()}


def _tables():
    models = [model for label in OURS for model in apps.get_app_config(label).get_models(include_auto_created=True)]
    return sorted(model._meta.db_table for model in models)


def _rows(cursor, table):
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return sorted(cursor.fetchall(), key=repr)


# ---- Once and again ------------------------------------------------------------------------------
def test_filling_again_changes_no_row_of_any_table(demo):
    before = dump()
    demonstration.fill()
    after = dump()
    assert [table for table in before if before[table] != after[table]] == []


def test_a_second_scan_of_the_same_day_opens_nothing_and_tells_nobody(demo):
    told = io.StringIO()
    call_command("scan_alerts", format="json", stdout=told)
    found = json.loads(told.getvalue())
    assert {name: found[name] for name in ("opened", "worsened", "eased", "closed", "notices")} == {
        "opened": 0, "worsened": 0, "eased": 0, "closed": 0, "notices": 0,
    }  # fmt: skip


def test_what_people_changed_since_stays_as_they_left_it(demo):
    project = Project.objects.get(name="格力智慧物流中心项目")
    Project.objects.filter(pk=project.pk).update(name="智慧物流中心")
    Department.objects.filter(name="科技创新局（演示）").update(name="科技局")
    User.objects.filter(username="gaoxin-viewer").update(is_active=False)
    Period.objects.filter(number=2).update(venue="洛阳")
    before = dump()
    demonstration.fill()
    assert dump() == before


# ---- What is in it -------------------------------------------------------------------------------
def test_the_lists_of_the_zone_are_those_of_its_report(demo):
    found = {(row.batch, row.number): row.count for row in statistics.by_batch(_of_zone())}
    assert found == {
        ("sign", None): 6,
        ("start", 2): 1, ("start", 4): 1, ("start", 5): 8, ("start", 6): 5, ("start", 7): 9,
        ("produce", 1): 1, ("produce", 3): 3, ("produce", 5): 2,
    }  # fmt: skip


def test_sums_of_the_invented_totals_are_the_published_sums(demo):
    listed = _of_zone().exclude(name__contains="明晟")
    sums = {"sign": 0, "start": 0, "produce": 0}
    for entry in Entry.objects.one_per_project().filter(project__in=listed).select_related("project"):
        sums[entry.batch] += entry.project.investment_high
    assert sums == {"sign": 16_600_000_000, "start": 22_835_000_000, "produce": 7_040_000_000}


def test_signed_and_started_in_one_round_are_two_entries(demo):
    project = Project.objects.get(name="台湾茂丞总部项目")
    assert set(project.entries.values_list("batch", "period__number")) == {("sign", 5), ("start", 5)}


def test_there_are_lights_of_every_colour_and_alerts_of_every_measure(demo):
    lights = statistics.by_light(_of_zone())
    assert lights.get("green", 0) >= 5
    assert 4 <= lights.get("yellow", 0) <= 6
    assert 2 <= lights.get("red", 0) <= 4
    assert lights.get("", 0) >= 1
    measures = Alert._base_manager.filter(closed_on=None).values_list("rule__measure", flat=True)
    assert set(measures) == {"progress_gap", "months_since_planned_start", "months_since_start_without_entry"}


def test_the_judged_month_is_june(demo):
    judged = Standing.objects.filter(plan__isnull=False)
    assert set(judged.values_list("month", flat=True)) == {date(2023, 6, 30)}


def test_someone_with_an_address_is_told_of_each_level(demo):
    told = Notice._base_manager.exclude(user__email="").filter(user__is_active=True)
    assert {"yellow", "red"} <= set(told.values_list("kind", flat=True))


def test_one_project_stands_still_one_was_taken_out_and_one_promise_moved(demo):
    halted = Suspension.objects.get()
    assert (halted.ends, halted.project.name) == (None, "新建年产150万只气体传感器生产线项目")
    gone = Project.objects.get(terminated_on__isnull=False)
    assert gone.is_demo
    assert gone.entries.get().left_reason
    moved = Project.objects.get(name="台湾茂丞总部项目").milestones.get(kind="completed")
    assert (moved.baseline, moved.planned) == (date(2023, 12, 31), date(2024, 3, 31))


def test_a_project_without_dates_is_never_late(demo):
    project = Project.objects.get(name="河南省农用微生物创新中心项目")
    assert not project.milestones.exists()
    assert project.standing.light == ""


def test_june_is_returned_by_all_and_reviewed_but_for_one_late_and_one_sent_back(demo):
    june = Return.objects.filter(month=date(2023, 6, 30))
    assert (june.count(), june.filter(status="reviewed").count()) == (16, 14)
    late, back = june.get(status="submitted"), june.get(status="returned")
    assert (late.late_days, june.filter(late_days__gt=0).count()) == (7, 1)
    assert back.returned_reason
    before = Return.objects.filter(month__lt=date(2023, 6, 30))
    assert set(before.values_list("status", flat=True)) == {"reviewed"}
    assert before.count() == 5 * 16
    assert not Return.objects.filter(month__gt=date(2023, 6, 30)).exists()


def test_every_step_of_a_return_was_taken_on_its_day(demo):
    row = Return.objects.get(project__name="台湾茂丞总部项目", month=date(2023, 1, 31))
    assert list(row.events.values_list("what", "on", "by__username")) == [
        ("filled", date(2023, 1, 29), "gaoxin-liaison-2"),
        ("submitted", date(2023, 1, 29), "gaoxin-liaison-2"),
        ("reviewed", date(2023, 2, 3), "gaoxin-coordinator"),
    ]


def test_a_start_was_claimed_with_a_photo_that_is_there(demo):
    photo = Photo.objects.get()
    assert photo.monthly_return.claimed == ["开工 2023-05-16"]
    started = Milestone.objects.get(project=photo.monthly_return.project, kind="started")
    assert (started.done, started.actual_last) == (True, date(2023, 5, 16))
    with photo.thumbnail.open() as file:
        assert file.read(2) == b"\xff\xd8"


def test_plans_carry_on_are_cut_in_several_ways_and_two_have_a_second_edition(demo):
    plans = AnnualPlan.objects.filter(status="approved")
    assert set(plans.values_list("method", flat=True)) == {"even", "season", "s_curve"}
    assert plans.filter(carried__gt=0).count() >= 10
    changed = plans.filter(edition=2)
    assert all(plan.reason for plan in changed)
    grew = [plan.amount - plan.project.plans.get(edition=1).amount for plan in changed]
    assert sorted(growth > 0 for growth in grew) == [False, True]


def test_a_schedule_was_laid_back_around_the_promised_start(demo):
    project = Project.objects.get(name__contains="雄韬电源")
    days = {str(row): row.planned for row in project.milestones.filter(planned__isnull=False)}
    assert days["投产"] == date(2025, 3, 28)
    assert days["开工"] == date(2023, 8, 31)
    assert days["土地摘牌"] < days["手续办结"] < days["开工"] < days["封顶"] < days["投产"]


def test_alerts_of_july_were_answered_exempted_handed_in_and_went_up(demo):
    assert set(Alert.objects.filter(answered=True).values_list("project__name", flat=True)) == {
        "继元物联科技总部项目", "格力智慧物流中心项目", "基于物联网的柔性智能焊接共享车间技术研究与产业化项目",
    }  # fmt: skip
    exempted, asked = Exemption.objects.get(), Closing.objects.get()
    assert (exempted.state, exempted.alert.held, exempted.decided_by.username) == ("approved", "豁免", "gaoxin-leader")
    assert (asked.state, asked.alert.closed_on) == ("asked", None)
    risen = Alert.objects.get(rung__gt=0)
    assert (risen.project.name, risen.rung, risen.answered) == ("台湾茂丞总部项目", Alert.Rung.UNIT, False)
    assert risen.events.filter(kind="climbed").get().on == date(2023, 7, 7)


# ---- What is invented says so --------------------------------------------------------------------
@pytest.mark.parametrize("model", [AnnualPlan, Return, Progress, Problem, Suspension])
def test_every_plan_return_figure_problem_and_halt_has_a_source_that_says_demonstration(demo, model):
    rows = model._base_manager.all()
    assert rows.exists()
    assert set(rows.values_list("source__kind", flat=True)) == {Source.Kind.DEMO}


def test_every_promise_and_every_step_comes_from_a_report_or_says_demonstration(demo):
    told = MilestoneChange._base_manager.exclude(what=MilestoneChange.What.BASELINE)
    kinds = set(told.values_list("source__kind", flat=True))
    assert kinds <= {Source.Kind.DEMO, Source.Kind.REPORT}
    assert Source.Kind.DEMO in kinds


def test_promises_come_from_the_demonstration_alone(demo):
    promised = MilestoneChange._base_manager.filter(what=MilestoneChange.What.PLANNED)
    assert set(promised.values_list("source__kind", flat=True)) == {Source.Kind.DEMO}


def test_what_reports_say_is_not_marked_as_invented(demo):
    assert not Project.objects.filter(is_demo=True, claims__source__kind=Source.Kind.REPORT).exists()
    assert not Claim.objects.filter(source__kind=Source.Kind.DEMO).exclude(field__in=["name", "amount"]).exists()


def test_what_people_said_of_alerts_and_returns_says_demonstration(demo):
    said = [
        *AlertAnswer.objects.values_list("cause", flat=True),
        *AlertEvent.objects.exclude(note="").values_list("note", flat=True),
        *Exemption.objects.values_list("reason", flat=True),
        *Closing.objects.values_list("reason", flat=True),
        *Return.objects.exclude(words="").values_list("words", flat=True),
        *Return.objects.exclude(note="").values_list("note", flat=True),
        *Return.objects.exclude(returned_reason="").values_list("returned_reason", flat=True),
    ]
    assert len(said) > 10
    assert [words for words in said if "演示" not in words] == []


def test_people_and_units_are_named_by_post_and_marked(demo):
    for user in User.objects.all():
        assert user.is_demo
        assert user.display_name.endswith("（演示）")
        assert user.post
        assert user.email.endswith(".example")
    assert not Department.objects.exclude(name__endswith="（演示）").exists()


# ---- What a visitor is told ----------------------------------------------------------------------
def test_the_summary_has_the_shape_that_the_scripts_read(demo):
    told = io.StringIO()
    call_command("demo", summary=True, format="json", stdout=told)
    found = json.loads(told.getvalue())
    assert found["projects"] == Project.objects.live().count() > 37
    assert {frozenset(row) for row in found["entries"]} == {frozenset({"batch", "period", "count"})}
    assert found["alerts"]["yellow"] >= 4
    assert found["alerts"]["red"] >= 2
    assert isinstance(found["mails"], int)
    assert {frozenset(row) for row in found["accounts"]} == {
        frozenset({"role", "label", "username", "password", "zone"})
    }
    assert len(found["look_at"]) == 3


def test_there_is_one_account_for_every_role(demo):
    roles = {account["role"] for account in demonstration.summary()["accounts"]}
    assert roles == {"viewer", "liaison", "coordinator", "leader", "system", "security", "audit"}


def test_the_text_names_every_account_and_page(demo):
    told = io.StringIO()
    call_command("demo", summary=True, stdout=told)
    found = demonstration.summary()
    for words in (*(a["username"] for a in found["accounts"]), *(look["path"] for look in found["look_at"])):
        assert words in told.getvalue()


def test_a_password_that_was_changed_is_no_longer_printed(demo):
    user = User.objects.get(username="gaoxin-viewer")
    user.set_password("Another-2023-word")
    user.save()
    printed = {account["username"]: account["password"] for account in demonstration.summary()["accounts"]}
    assert printed["gaoxin-viewer"] == "（已修改）"


def test_everyone_who_is_printed_can_sign_in_and_sees_the_home_page(demo):
    for account in demonstration.summary()["accounts"]:
        form = {"username": account["username"], "password": account["password"], "next": "/admin/"}
        answer = Client().post("/admin/login/", form, follow=True)
        assert answer.status_code == 200, account
        assert answer.wsgi_request.user.username == account["username"]


def test_the_three_pages_open_for_the_project_office(demo):
    client = Client()
    client.force_login(
        User.objects.get(username="gaoxin-coordinator"), backend="django.contrib.auth.backends.ModelBackend"
    )
    looks = demonstration.summary()["look_at"]
    assert [client.get(look["path"]).status_code for look in looks] == [200, 200, 200]
    assert len({look["path"] for look in looks}) == 3
    assert not any(look["title"] in ("工作台", "项目", "预警规则") for look in looks), "the best pages are missing"


# ---- Our own words -------------------------------------------------------------------------------
def test_reports_in_our_own_words_share_no_run_of_text_with_the_real_ones():
    need(REAL)
    names = _names()
    runs = {run for real in REAL.glob("*.txt") for own in _own_reports() for run in _shared(own, load(real).text)}
    assert sorted(run for run in runs if len(_without_facts(run, names)) >= LONGEST_LOAN) == []


def _of_zone():
    return Project.objects.filter(zone__code="zzgx").live()


def _own_reports():
    return [file.read_text(encoding="utf-8") for file in sorted((files.folder() / "reports").glob("*.txt"))]


def _names():
    """Names of projects are facts and stand as they were printed."""
    named = [one for text in _own_reports() for one in read(text).mentions]
    return sorted({_plain(name) for one in named for name in (one.name, *one.aliases)}, key=len, reverse=True)


def _plain(text):
    """One spelling: no blanks, full-width brackets and commas."""
    return re.sub(r"\s", "", text).translate(str.maketrans("(),;:", "（），；："))


def _shared(own, real):
    """Stretches of `own` of `LONGEST_LOAN` characters that stand in `real`, joined where they overlap."""
    own, real = _plain(own), _plain(real)
    runs, at = [], 0
    while at + LONGEST_LOAN <= len(own):
        end = at + LONGEST_LOAN
        if own[at:end] not in real:
            at += 1
            continue
        while end < len(own) and own[at : end + 1] in real:
            end += 1
        runs.append(own[at:end])
        at = end
    return runs


def _without_facts(run, names):
    """The words that are left when names, rounds and marks of a list are taken out."""
    for name in names:
        run = run.replace(name, "")
    return re.sub(r"（第.{1,2}期.{2,4}项目）|、", "", run)
