"""Letters as subjects of rules: near their term, past it, with a reply that waits, withdrawn."""

from datetime import date
from typing import Any

import pytest

from projects.alerts import presets
from projects.alerts.letters import issuing, replying
from projects.alerts.models import Alert, Rule
from projects.alerts.tests.conftest import MONDAY, on
from projects.alerts.tests.episodes.conftest import kinds

from .conftest import SLIP, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _duban(town: Any, red: Alert) -> None:
    """The published scheme of what is followed up, and nothing else."""
    Rule.objects.all().update(enabled=False)
    presets.load_scheme(town.province, "duban", None)


def test_a_letter_is_blue_before_its_term_red_after_it_and_rests_while_a_reply_waits(
    town: Any, head: Any, red: Alert, settings: Any
) -> None:
    letter = sent(red, town)  # to be answered by Thursday, 13 July
    mine = Alert.objects.filter(subject_key=letter.subject_key)
    seen = []
    for day in (10, 11, 14):
        settings.TRACKER_TODAY = MONDAY.replace(day=day)
        on(settings.TRACKER_TODAY)
        seen.append([(row.level, row.project) for row in mine.filter(closed_on=None)])
    assert seen == [[], [("blue", red.project)], [("red", red.project)]]
    assert "郑高新督〔2023〕1号《关于甲项目预警事项的督办函》" in mine.get().sentence
    assert "应于2023年7月13日前反馈，至今未反馈，已超过时限1天" in mine.get().sentence
    replying.reply(letter, by=town.zhang, **SLIP)
    settings.TRACKER_TODAY = date(2023, 7, 17)
    on(date(2023, 7, 17))
    assert mine.get().level == "red"
    assert mine.get().evidence["value"] == "1/1"
    replying.accept(letter, by=town.chen)
    settings.TRACKER_TODAY = date(2023, 7, 18)
    on(date(2023, 7, 18))
    assert mine.get().closed_on == date(2023, 7, 18)
    assert kinds(mine.get()) == ["opened", "worsened", "closed"]


def test_a_letter_that_was_withdrawn_is_no_longer_judged(town: Any, head: Any, red: Alert, settings: Any) -> None:
    letter = sent(red, town)
    settings.TRACKER_TODAY = date(2023, 7, 14)
    on(date(2023, 7, 14))
    assert Alert.objects.open().filter(subject_key=letter.subject_key).count() == 1
    issuing.withdraw(letter, by=town.gao, reason="已另行发函")
    on(date(2023, 7, 14))
    assert not Alert.objects.open().filter(subject_key=letter.subject_key).exists()
