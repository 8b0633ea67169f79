"""Decisions near their deadline and past it, judged by the scan and told to those who have to do them."""

from datetime import date

import pytest

from projects import facts
from projects.alerts import presets
from projects.alerts.cases import Shard
from projects.alerts.models import Alert
from projects.alerts.scan import scan
from projects.meetings import following
from projects.meetings.cases import DECISION
from projects.meetings.models import Decision
from projects.notices.models import Notice

pytestmark = pytest.mark.django_db
JULY = [date(2023, 7, day) for day in range(1, 32)]


@pytest.fixture(autouse=True)
def _duban(town):
    presets.load_scheme(town.province, "duban", None)


@pytest.fixture
def judged(settings):
    """Scans a day and gives the open alert's level and sentence."""

    def scan_on(day):
        settings.TRACKER_TODAY = day
        scan(day)
        alert = Alert.objects.open().filter(subject_key__startswith="decision:").first()
        return (alert.level, alert.sentence.partition("：")[2]) if alert else ("", "")

    return scan_on


@pytest.mark.parametrize(
    ("day", "level"), [("2023-07-11", ""), ("2023-07-12", "blue"), ("2023-07-14", "blue"), ("2023-07-15", "red")]
)
def test_blue_two_days_before_and_red_from_the_first_day_late(town, decided, judged, day, level):
    decided()
    assert judged(date.fromisoformat(day))[0] == level


def test_a_decision_ends_with_its_project(town, decided, judged):
    decision = decided()
    assert judged(JULY[16])[0] == "red"
    facts.terminate(decision.project, on=JULY[16], reason="投资方退出", by=town.chen)
    assert judged(JULY[17]) == ("", "")
    assert Alert.objects.get(subject_key=f"decision:{decision.pk}").closed_on == JULY[17]


def test_the_alert_says_it_in_one_sentence_and_leads_the_leading_unit_to_it(town, decided, judged, client):
    decision = decided()
    level, sentence = judged(JULY[16])
    assert (level, sentence) == (
        "red",
        "应于2023年7月14日前办结，至今未办结，已超过时限3天（红色预警：超过时限1天及以上）。",
    )
    alert = Alert.objects.open().get()
    assert (alert.project, alert.department) == (decision.project, town.east_office)
    assert alert.subject == f"{decision.meeting}议定事项1“协调供水管线迁改”"
    assert Notice.objects.filter(user=town.zhang, kind="red").count() == 1
    town.sign_in(client, "zhang")
    page = client.get(f"/admin/projects_alerts/alert/{alert.pk}/change/").content.decode()
    assert f"/admin/projects_meetings/decision/{decision.pk}/change/" in page


def test_the_person_is_told_wherever_he_works(town, decided, judged):
    decided(person=town.chief, project=None)
    judged(JULY[14])
    assert set(Notice.objects.filter(kind="red").values_list("user__username", flat=True)) == {"zhang", "chen", "chief"}


def test_an_agreed_extension_is_judged_by_and_told_beside_the_first_promise(town, decided, judged, today):
    decision = decided()
    following.ask_extension(decision, date(2023, 7, 20), reason="等待停水批复", by=town.zhang)
    assert judged(JULY[14])[0] == "red"
    today("2023-07-15")
    following.agree(decision, by=town.gao)
    assert judged(JULY[14])[0] == ""
    assert judged(JULY[20]) == (
        "red",
        "首次时限2023年7月14日，经同意延期至2023年7月20日，至今未办结，已超过时限1天（红色预警：超过时限1天及以上）。",
    )


def test_who_asked_for_closing_in_time_is_not_behind_and_who_asked_late_stays_as_late_as_he_was(
    town, decided, judged, today
):
    decision = decided()
    following.ask_closing(decision, "已完成", by=town.zhang)
    assert judged(JULY[20])[0] == ""
    following.refuse(decision, reason="现场未接通", by=town.chen)
    assert judged(JULY[20])[0] == "red"
    following.ask_closing(decision, "已接通", by=town.zhang)
    assert judged(JULY[27])[1].startswith("应于2023年7月14日前办结，2023年7月21日申请销号时已超过时限7天，待核实")
    following.agree(decision, by=town.chen)
    assert judged(JULY[27])[0] == ""
    assert Alert.objects.get().closed_reason == "已于2023年7月28日销号"


def test_what_is_revoked_or_without_a_deadline_or_not_issued_is_behind_by_no_rule(town, decided, judged):
    decided("草拟", draft=True)
    decided("没有时限", deadline=None)
    revoked = decided("撤销的")
    assert judged(JULY[20])[0] == "red"
    following.revoke(revoked, reason="项目调整", by=town.gao)
    assert judged(JULY[20])[0] == ""


def test_a_day_of_the_past_is_judged_by_what_had_been_told_by_then(town, decided, today):
    decision = decided()
    following.ask_extension(decision, date(2023, 7, 20), reason="等待批复", by=town.zhang)
    today("2023-07-18")
    following.agree(decision, by=town.gao)
    today("2023-07-25")
    following.ask_closing(decision, "已完成", by=town.zhang)
    following.agree(decision, by=town.chen)
    day = date(2023, 7, 16)
    assert list(DECISION.shards(town.east, day, whole=True)) == [[decision.pk]]
    outcome = scan(day, dry_run=True)
    assert [each.sentence.partition("：")[2] for each in outcome.alerts] == [
        "应于2023年7月14日前办结，至今未办结，已超过时限2天（红色预警：超过时限1天及以上）。"
    ]
    assert Decision.objects.get().promised == date(2023, 7, 14)


def test_a_shard_costs_the_same_for_many_as_for_few(town, decided, django_assert_num_queries):
    def read():
        shard = Shard(DECISION, sorted(Decision.objects.values_list("pk", flat=True)), date(2023, 7, 20))
        assert len(shard.cases) == Decision.objects.count()

    decided()
    with django_assert_num_queries(4):
        read()
    for number in range(3):
        decided(f"又一项{number}", project=None)
    with django_assert_num_queries(4):
        read()
