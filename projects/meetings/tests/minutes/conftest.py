"""A Monday meeting of the east in which things were told and decided, ready to be closed."""

from datetime import date, time

import pytest

from projects import facts
from projects.meetings import closing, deciding, opening
from projects.meetings.models import Arrangement, Decision, Meeting, Topic
from projects.models import Progress
from projects.notices.tests.conftest import sink as sink
from zones.models import Department

MONDAY = date(2023, 7, 10)


@pytest.fixture(autouse=True)
def _monday(settings):
    settings.TRACKER_TODAY = MONDAY


@pytest.fixture
def units(town):
    return {name: Department.objects.create(zone=town.east, name=name) for name in ("企业服务局", "行政审批局")}


@pytest.fixture
def meeting(town, units):
    """Three projects: one of which was told much, one that only got a decision, one of which nothing was said."""
    Arrangement.objects.create(
        zone=town.east,
        starts_at=time(9),
        place="管委会三楼会议室",
        chair="高主任",
        present="经济发展局张三\n企业服务局李四",
        distribution="管委会领导，各局办",
    )
    told, decided, _ = [facts.create(name=name, zone=town.east) for name in ("传感器项目", "物流园项目", "软件园项目")]
    held, _ = opening.open_meeting(town.east, MONDAY, by=town.chen)
    held = opening.start(held, by=town.chen)
    row = held.updates.get(project=told)
    row.words, row.next_step = "主体封顶\n二次结构施工", "8月底完成外墙"
    row.progress, _ = facts.record(
        told, Progress.Channel.WEEKLY, MONDAY, amount=123_456_700, percent=45, source=held.source, by=town.zhang
    )
    row.save()
    facts.reach(told, "topped_out", date(2023, 7, 6), source=held.source, by=town.zhang)
    facts.raise_problem(told, title="北侧线杆未迁改", category="utilities", raised_on=MONDAY, source=held.source)
    Topic.objects.create(
        meeting=held, title="线杆迁改费用", text="由财政先行垫付", department=units["企业服务局"], state="approved"
    )
    about = {"lead": town.east_office, "helpers": list(units.values()), "person": town.zhang}
    deciding.decide(held, "7月20日前完成线杆迁改", project=told, deadline=date(2023, 7, 20), by=town.chen, **about)
    deciding.decide(held, "=1+1 办理用地手续", project=decided, by=town.chen)
    held.remarks = "各单位要逐项销号。"
    held.save(update_fields=["remarks"])
    return Meeting.objects.get(pk=held.pk)


@pytest.fixture
def minutes(town, meeting):
    """The draft of its minutes."""
    return closing.close(meeting, town.chen)


def states():
    return list(Decision.objects.order_by("number").values_list("state", flat=True))
