"""豁免 and 销号: asked for by one, decided by another, each step with a name; and what the scan makes of them."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from projects import facts
from projects.alerts import closing, exempting
from projects.alerts.models import Alert, AlertEvent, Exemption, Rule
from projects.alerts.tests.conftest import JUNE, MONDAY, Make, on
from projects.alerts.tests.episodes.conftest import figure, kinds, say, told
from projects.models import Standing
from zones.models.versioned import StaleVersion

pytestmark = pytest.mark.django_db
SATURDAY, SUNDAY = date(2023, 7, 15), date(2023, 7, 16)
REASON = {"reason": "规划调整", "evidence": "管委会会议纪要〔2023〕12号"}
PROOF = "已补齐入库数据，经项目办到场核实"


def ask(alert: Alert, by: Any, ends: date = SATURDAY) -> Exemption:
    return exempting.ask(alert, by=by, ends=ends, **REASON)


# ---- 豁免 ----------------------------------------------------------------------------------------------
def test_an_exempted_alert_rests_on_the_list_and_ends_by_itself(town: Any, red: Alert, pass_to: Any) -> None:
    asked = ask(red, town.zhang)
    assert told("申请豁免") == {"gao"}
    exempting.approve(asked, by=town.gao, words="同意")
    alert = Alert.objects.get()
    assert (alert.held, alert.level, alert.closed_on, alert.look_on) == ("豁免", "red", None, SUNDAY)
    alert = pass_to(SATURDAY)
    assert (alert.rung, alert.held, Standing.objects.get().light) == (0, "豁免", "red")
    assert alert.sentence.startswith("甲项目经批准豁免至2023年7月15日，保留2023年7月10日判定的红色预警")
    alert = pass_to(SUNDAY)
    assert (alert.held, alert.answer_by) == ("", date(2023, 7, 19))
    assert kinds(alert) == ["opened", "exemption_asked", "exemption_approved", "exemption_over"]
    assert AlertEvent.objects.get(kind="exemption_approved").by == town.gao


def test_a_revoked_exemption_leaves_the_alert_awake_with_a_new_term(town: Any, red: Alert, pass_to: Any) -> None:
    exemption = exempting.approve(ask(red, town.chen), by=town.gao)
    pass_to(date(2023, 7, 12))
    exempting.revoke(exemption, by=town.gao, reason="条件已具备")
    alert = Alert.objects.get()
    assert (alert.held, alert.answer_by, alert.look_on) == ("", date(2023, 7, 17), date(2023, 7, 12))
    assert pass_to(date(2023, 7, 13)).held == ""
    assert exempting.revoke(exemption, by=town.gao, reason="条件已具备").version == 3
    assert kinds(alert)[-1] == "exemption_revoked"


def test_a_project_exempted_beforehand_gets_no_alert_by_that_rule_alone(
    town: Any, rules: Any, project: Make, pass_to: Any
) -> None:
    made = project(plan=100, done=0)
    days = {"starts": MONDAY, "ends": SATURDAY}
    asked = exempting.ask_ahead(made, "progress-gap", by=town.chen, **days, **REASON)
    assert exempting.ask_ahead(made, "progress-gap", by=town.chen, **days, **REASON) == asked
    assert on().opened == 1  # asked for is not approved
    exempting.refuse(asked, by=town.gao, reason="依据不足")
    other = project("乙", plan=100, done=0)
    exempting.approve(exempting.ask_ahead(other, "progress-gap", by=town.chen, **days, **REASON), by=town.gao)
    outcome = on()
    assert (outcome.opened, outcome.not_judged["exempted"]) == (0, 1)
    pass_to(SUNDAY)
    assert Alert.objects.filter(project=other).count() == 1


def test_nobody_approves_what_he_asked_for_himself_and_nothing_is_decided_twice(town: Any, red: Alert) -> None:
    asked = ask(red, town.gao)
    with pytest.raises(ValidationError, match="不能审批本人的申请"):
        exempting.approve(asked, by=town.gao)
    refused = exempting.refuse(asked, by=town.chief, reason="依据不足")
    assert exempting.refuse(asked, by=town.chief, reason="依据不足") == refused
    with pytest.raises(ValidationError, match="未批准，不能再审批"):
        exempting.approve(asked, by=town.root)
    assert kinds(red) == ["opened", "exemption_asked", "exemption_refused"]
    assert told("预警豁免") == {"gao"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"ends": date(2023, 7, 9)}, "不能早于今天"),
        ({"ends": date(2024, 12, 31)}, "不能超过一年"),
        ({"evidence": " "}, "请写明佐证"),
        ({"reason": "长" * 1001}, "不能超过 1000 字，现有 1001 字"),
    ],
)
def test_an_exemption_without_end_reason_or_evidence_is_refused_in_words(
    town: Any, red: Alert, words: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        exempting.ask(red, by=town.chen, **{"ends": SATURDAY, **REASON, **words})
    assert not Exemption.objects.exists()


# ---- 销号 ----------------------------------------------------------------------------------------------
def close(alert: Alert, town: Any) -> Alert:
    closing.ask(alert, by=town.zhang, evidence=PROOF)
    closing.approve(alert, by=town.chen, words="属实")
    return Alert.objects.get(pk=alert.pk)


def test_a_closing_that_is_approved_holds_for_its_month_and_then_the_same_alert_is_issued_again(
    town: Any, red: Alert, pass_to: Any, settings: Any
) -> None:
    alert = close(red, town)
    assert (alert.closed_on, alert.settled_month, alert.look_on) == (MONDAY, JUNE, date(2023, 7, 31))
    assert alert.closed_reason == f"经陈项目办批准销号：{PROOF}"
    assert Standing.objects.get().light == "green"
    alert = pass_to(date(2023, 7, 30))
    assert (alert.closed_on, Alert.objects.count()) == (MONDAY, 1)
    settings.TRACKER_TODAY = date(2023, 7, 31)
    facts.record(alert.project, "reported", date(2023, 7, 31), amount=0)
    alert = pass_to(date(2023, 7, 31))
    assert (alert.closed_on, alert.settled_month, Alert.objects.count()) == (None, None, 1)
    assert (alert.level_since, alert.acknowledged) == (date(2023, 7, 31), False)
    assert kinds(alert) == ["opened", "closing_asked", "closing_approved", "reissued"]
    assert "销号后仍未恢复，再次发出" in AlertEvent.objects.get(kind="reissued").sentence


def test_what_gets_graver_than_was_approved_is_issued_again_at_once(
    town: Any, rules: Any, project: Make, pass_to: Any
) -> None:
    project(plan=100, done=30)
    on()
    alert = Alert.objects.get()
    close(alert, town)
    pass_to(date(2023, 7, 11))
    assert Alert.objects.get().closed_on == MONDAY
    figure(alert, 0)
    assert (pass_to(date(2023, 7, 12)).closed_on, Alert.objects.get().level) == (None, "red")


def test_what_recovers_after_a_closing_and_falls_behind_later_is_another_alert(
    town: Any, red: Alert, pass_to: Any
) -> None:
    close(red, town)
    figure(red, 60)
    assert pass_to(date(2023, 7, 11)).settled_month is None
    figure(red, 0)
    pass_to(date(2023, 7, 12))
    assert (Alert.objects.count(), Alert.objects.open().count()) == (2, 1)


def test_an_approval_is_taken_back_with_a_reason_and_the_alert_is_open_again(town: Any, red: Alert) -> None:
    close(red, town)
    with pytest.raises(ValidationError, match="须写明原因"):
        closing.reopen(red, by=town.gao, reason="")
    closing.reopen(red, by=town.gao, reason="现场与材料不符")
    alert = Alert.objects.get()
    assert (alert.closed_on, alert.settled_month, Standing.objects.get().light) == (None, None, "red")
    assert closing.reopen(alert, by=town.gao, reason="现场与材料不符").steps == alert.steps
    event = AlertEvent.objects.get(kind="reopened")
    assert (event.by, event.note) == (town.gao, "现场与材料不符")
    assert told("撤销销号") == {"zhang", "chen"}
    assert (on().opened, Alert.objects.count()) == (0, 1)


def test_a_refused_closing_leaves_the_alert_open_and_says_why(town: Any, red: Alert) -> None:
    closing.ask(red, by=town.zhang, evidence=PROOF)
    with pytest.raises(ValidationError, match="不能审批本人的申请"):
        closing.approve(red, by=town.zhang)
    closing.refuse(red, by=town.gao, reason="现场未完工")
    assert (Alert.objects.get().closed_on, AlertEvent.objects.get(kind="closing_refused").note) == (None, "现场未完工")
    assert told("预警销号") == {"zhang"}


def test_an_alert_that_worsened_since_is_not_closed_by_the_old_evidence(
    town: Any, rules: Any, project: Make, pass_to: Any
) -> None:
    project(plan=100, done=30)
    on()
    alert = Alert.objects.get()
    closing.ask(alert, by=town.zhang, evidence=PROOF)
    figure(alert, 0)
    pass_to(date(2023, 7, 11))
    with pytest.raises(ValidationError, match="申请后已加重为红色预警"):
        closing.approve(alert, by=town.chen)


def test_every_act_of_a_page_that_is_out_of_date_is_refused(town: Any, red: Alert) -> None:
    say(red, town.zhang)
    for act in (
        lambda: say(red, town.chen, expected_steps=1),
        lambda: exempting.ask(red, by=town.chen, ends=SATURDAY, expected_steps=1, **REASON),
        lambda: closing.ask(red, by=town.chen, evidence=PROOF, expected_steps=1),
    ):
        with pytest.raises(StaleVersion):
            act()
    assert kinds(red) == ["opened", "answered"]


# ---- No escape -----------------------------------------------------------------------------------------
def test_a_project_moved_to_where_the_rule_holds_as_well_keeps_its_alert(town: Any, red: Alert) -> None:
    red.project.zone = town.west
    red.project.save()
    assert (on().closed, Alert.objects.open().count(), kinds(red)) == (0, 1, ["opened"])


def test_moved_to_where_a_rule_of_the_same_code_holds_the_same_alert_is_judged_by_that(
    town: Any, project: Make
) -> None:
    _two_rules(town, west_code="progress-gap")
    alert = _moved(town, project)
    on()
    alert.refresh_from_db()
    assert (alert.rule.zone, alert.closed_on, Alert.objects.count()) == (town.west, None, 1)
    assert kinds(alert) == ["opened", "taken_over"]


def test_moved_to_where_no_such_rule_holds_the_alert_rests_until_somebody_approves_its_closing(
    town: Any, project: Make, pass_to: Any
) -> None:
    _two_rules(town, west_code="another")
    alert = _moved(town, project)
    for _ in range(2):
        assert on().closed == 0
    alert.refresh_from_db()
    assert (alert.held, alert.level, kinds(alert)) == ("已移交", "red", ["opened", "rested"])
    assert "已移交经开区，原规则“投资进度落后”在当地不适用" in alert.sentence
    closing.ask(alert, by=town.li, evidence=PROOF)
    closing.approve(alert, by=town.wang)
    on()
    assert Alert.objects.get(pk=alert.pk).closed_on == MONDAY


def _two_rules(town: Any, west_code: str) -> None:
    from projects.alerts.tests.conftest import load_rules

    rule = load_rules(town.east)["progress-gap"]
    Rule.objects.exclude(pk=rule.pk).delete()
    Rule.objects.create(
        **{name: getattr(rule, name) for name in ("name", "measure", "parameters", "levels", "days_to_answer")},
        zone=town.west,
        code=west_code,
        enabled=west_code == "progress-gap",
    )


def _moved(town: Any, project: Make) -> Alert:
    made = project(plan=100, done=0)
    on()
    made.zone = town.west
    made.save()
    return Alert.objects.get()


def test_ending_the_project_closes_the_alert_with_the_name_and_the_reason(town: Any, red: Alert) -> None:
    facts.terminate(red.project, on=MONDAY, reason="投资方退出", by=town.chen)
    assert on().closed == 1
    event = AlertEvent.objects.get(kind="closed")
    assert (event.by, event.note, event.get_kind_display()) == (town.chen, "投资方退出", "解除")


def test_a_rule_switched_off_closes_its_alerts_with_the_name_of_who_last_changed_it(
    town: Any, rules: Any, red: Alert
) -> None:
    from django.contrib.admin.models import CHANGE, LogEntry

    Rule.objects.filter(pk=red.rule_id).update(enabled=False)
    LogEntry.objects.log_actions(town.chief.pk, Rule.objects.filter(pk=red.rule_id), CHANGE, "停用", single_object=True)
    assert on().closed == 1
    event = AlertEvent.objects.get(kind="closed")
    assert (event.by, event.sentence) == (town.chief, "规则已停用，或已由就近区域的规则代替，预警解除。")


def test_a_deadline_that_is_moved_leaves_the_alert_open_and_a_name(town: Any, rules: Any, project: Make) -> None:
    made = project("丙")
    milestone = facts.promise(made, "started", date(2023, 3, 31), by=town.chen)
    milestone.baseline = date(2023, 3, 31)
    milestone.save()
    on()
    facts.replan(milestone, date(2023, 12, 31), reason="征地未完成", by=town.chen)
    assert on().closed == 0
    from projects.alerts.behind import grounds

    alert = Alert.objects.get()
    assert alert.closed_on is None
    assert any("陈项目办" in ground.note and "征地未完成" in ground.note for ground in grounds(alert, town.gao))
