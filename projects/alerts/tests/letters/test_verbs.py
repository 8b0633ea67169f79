"""A letter from its alert to the reply that closes it: who does what, in which order, and what is refused."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from docx import Document

from conftest import person
from projects import facts
from projects.alerts import answering
from projects.alerts.letters import drafting, issuing, replying, selecting
from projects.alerts.models import Alert, AlertAnswer, Letter, LetterReply
from projects.alerts.tests.conftest import MONDAY, on
from projects.notices import inbox
from projects.notices.models import Notice
from zones.models.versioned import StaleVersion

from .conftest import SLIP, SOON, draft, figure, sent, told

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def steps(letter: Letter) -> list[str]:
    return list(letter.events.order_by("pk").values_list("what", flat=True))


def test_the_reply_that_is_accepted_answers_the_alert_and_ends_the_letter(town: Any, head: Any, red: Alert) -> None:
    letter = draft(red, town)
    assert draft(red, town) == letter
    assert not Notice.objects.filter(kind="督办函").exists()
    issuing.submit(letter, by=town.chen)
    assert told("督办函") == {"gao"}
    letter = issuing.issue(letter, by=town.gao)
    assert (letter.code, letter.reply_by, letter.state) == ("郑高新督〔2023〕1号", SOON, "issued")
    assert told("督办函") == {"gao", "zhang", "chen"}
    replying.receive(letter, by=town.zhang)
    first = replying.reply(letter, by=town.zhang, **SLIP, files=[("批复.pdf", PDF), ("再传.pdf", PDF)])
    assert replying.reply(letter, by=town.zhang, **SLIP, files=[("批复.pdf", PDF)]) == first
    assert first.files.count() == 1
    replying.send_back(letter, by=town.chen, reason="没有写明节点")
    assert not AlertAnswer.objects.exists()
    replying.reply(letter, by=town.zhang, **SLIP | {"plan": "7月15日、7月20日两个节点"})
    done = replying.accept(letter, by=town.chen)
    assert (done.state, done.done_on) == ("done", MONDAY)
    assert replying.accept(letter, by=town.chen).version == done.version
    answer = AlertAnswer.objects.get()
    assert (answer.alert, answer.by, answer.plan) == (red, town.zhang, "7月15日、7月20日两个节点")
    red.refresh_from_db()
    assert (red.answered, red.acknowledged_by) == (True, town.zhang)
    assert list(letter.replies.values_list("number", "state")) == [(1, "returned"), (2, "accepted")]
    assert steps(letter) == [
        *("drafted", "submitted", "issued", "received"),
        *("replied", "returned", "replied", "accepted"),
    ]


def test_numbers_count_by_kind_and_year_and_no_draft_or_withdrawal_leaves_a_gap(
    town: Any, head: Any, red: Alert, settings: Any
) -> None:
    first = sent(red, town)
    issuing.withdraw(first, by=town.gao, reason="主送单位有误")
    issuing.drop(draft(red, town), by=town.chen, reason="不再需要")
    codes = [sent(red, town, kind).code for kind in ("supervision", "reminder")]
    settings.TRACKER_TODAY = date(2024, 1, 3)
    head.supervision = "郑高新督字"
    head.save()
    codes.append(sent(red, town).code)
    assert codes == ["郑高新督〔2023〕2号", "郑高新提〔2023〕1号", "郑高新督字〔2024〕1号"]
    first.refresh_from_db()
    assert (first.code, first.state) == ("郑高新督〔2023〕1号", "withdrawn")
    with pytest.raises(ValidationError, match="已撤回，不能反馈"):
        replying.reply(first, by=town.zhang, **SLIP)


def test_what_was_issued_stays_as_it_is_and_another_file_in_its_place_is_noticed(
    town: Any, head: Any, red: Alert
) -> None:
    letter = sent(red, town)
    assert issuing.issue(letter, by=town.gao).number == 1
    with pytest.raises(ValidationError, match="待签收，不能修改"):
        drafting.edit(letter, {"title": "另一件"}, by=town.chen)
    data = issuing.word_of(letter)
    head.organ = "另一单位"
    head.save()
    assert issuing.word_of(Letter.objects.get()) == data
    Document().save(letter.document.path)
    with pytest.raises(ValidationError, match="与签发时不一致"):
        issuing.word_of(letter)


def test_a_letter_goes_out_whole_by_another_than_its_writer_and_as_it_was_read(
    town: Any, head: Any, red: Alert, settings: Any
) -> None:
    talk = drafting.draft([red], kind="talk", head=head, by=town.chen)
    with pytest.raises(ValidationError, match="请填写约谈地点；请填写约谈人；请填写被约谈人"):
        issuing.submit(talk, by=town.chen)
    letter = draft(red, town)
    seen = letter.version
    with pytest.raises(ValidationError, match="请填写要求") as refused:
        drafting.edit(letter, {"demands": " ".strip()}, by=town.chen)
    assert set(refused.value.error_dict) == {"demands"}
    drafting.edit(letter, {"demands": "限期整改"}, by=town.chen)
    with pytest.raises(StaleVersion):
        issuing.issue(letter, by=town.gao, expected_version=seen)
    own = drafting.draft([red], kind="reminder", head=head, by=town.gao)
    person("gao2", "副主任", "leader", town.east)
    with pytest.raises(ValidationError, match="请由其他领导签发"):
        issuing.issue(own, by=town.gao)
    settings.TRACKER_TODAY = date(2023, 7, 14)
    with pytest.raises(ValidationError, match="反馈时限应在今天之后"):
        issuing.issue(letter, by=town.gao)


def test_an_alert_that_is_closed_starts_no_letter_and_one_that_closes_meanwhile_is_asked_about(
    town: Any, head: Any, red: Alert
) -> None:
    waiting, going = draft(red, town), sent(red, town, "reminder")
    with pytest.raises(ValidationError, match="预警还没有全部解除"):
        replying.finish(going, by=town.chen, reason="已补齐数据")
    figure(red, 60_000_000)
    on()
    red.refresh_from_db()
    assert red.closed_on == MONDAY
    with pytest.raises(ValidationError, match="“甲项目”的预警已于 2023-07-10 解除，不能再起草函件"):
        drafting.draft([red], kind="talk", head=head, by=town.chen)
    with pytest.raises(ValidationError, match="所涉预警已解除：“甲项目”红色预警（2023-07-10 解除）。仍要发出"):
        issuing.issue(waiting, by=town.gao)
    assert issuing.issue(waiting, by=town.gao, sure=True).state == "issued"
    assert replying.finish(going, by=town.chen, reason="已补齐数据").state == "done"
    replying.reply(waiting, by=town.zhang, **SLIP)
    assert replying.accept(waiting, by=town.chen).state == "done"
    assert not AlertAnswer.objects.exists()


def test_alerts_of_one_unit_stand_in_one_letter_and_others_do_not(town: Any, head: Any, red: Alert, project: Any):
    other = project("乙项目", plan=100_000_000, done=0)
    on()
    second = Alert.objects.get(project=other)
    with pytest.raises(ValidationError, match="没有共同的责任单位，请分开起草"):
        drafting.draft([red, second], kind="reminder", head=head, by=town.chen)
    facts.assign(other, "unit", department=town.east_office)
    letter = drafting.draft([red, second], kind="reminder", head=head, by=town.chen, department=town.east_office)
    assert (letter.project, letter.zone, letter.alerts.count()) == (None, town.east, 2)
    assert letter.subject == "甲项目、乙项目"
    assert letter.grounds.startswith("1．甲项目")
    replying.reply(issuing.issue(letter, by=town.gao), by=town.zhang, **SLIP)
    replying.accept(letter, by=town.chen)
    assert {answer.alert_id for answer in AlertAnswer.objects.all()} == {red.pk, second.pk}


@pytest.mark.parametrize(
    ("words", "name", "says"),
    [
        ({"cause": " "}, "cause", "请写明原因"),
        ({"plan": ""}, "plan", "请写明整改计划"),
        ({"responsible": ""}, "responsible", "请写明责任人"),
        ({"measures": "长" * 1001}, "measures", "不能超过 1000 字，现有 1001 字"),
        ({"category": "weather"}, "category", "请选择原因类别"),
        ({"expected_on": date(2023, 7, 9)}, "expected_on", "应在今天之后一年以内"),
        ({"files": [("a.pdf", b"MZ")]}, "files", "读不懂这个文件"),
    ],
)
def test_a_slip_that_will_not_do_is_refused_at_its_field_and_leaves_nothing(
    town: Any, head: Any, red: Alert, words: dict[str, Any], name: str, says: str
) -> None:
    letter = sent(red, town)
    with pytest.raises(ValidationError, match=says) as refused:
        replying.reply(letter, by=town.zhang, **{**SLIP, **words})
    assert set(refused.value.error_dict) == {name}
    assert not LetterReply.objects.exists()


def test_nobody_accepts_his_own_slip_nor_one_whose_day_has_passed(
    town: Any, head: Any, red: Alert, settings: Any
) -> None:
    letter = sent(red, town)
    replying.reply(letter, by=town.chen, **SLIP | {"expected_on": SOON})
    with pytest.raises(ValidationError, match="不能审核本人填报的反馈"):
        replying.accept(letter, by=town.chen)
    settings.TRACKER_TODAY = date(2023, 7, 14)
    with pytest.raises(ValidationError, match="预计恢复日期已过，请退回"):
        replying.accept(letter, by=town.root)
    assert not answering.latest_answer(red)


def test_what_was_said_when_somebody_was_called_in_is_kept_and_what_is_missing_stands_on_the_list(
    town: Any, head: Any, red: Alert, settings: Any
) -> None:
    letter = sent(red, town, "talk")
    assert (letter.talk_on, letter.reply_by) == (date(2023, 7, 12), date(2023, 7, 19))
    sentence = Notice.objects.filter(user=town.zhang, kind="约谈通知").get().sentence
    assert "2023年7月12日下午3:30在三楼会议室约谈张局长" in sentence
    rows = Letter.objects.visible_to(town.chen)
    assert not selecting.to_record(rows, town.chen).exists()
    settings.TRACKER_TODAY = date(2023, 7, 12)
    assert selecting.to_record(rows, town.chen).get() == letter
    words = {"held_on": date(2023, 7, 12), "talker": "高主任", "talked": "张局长", "matter": "进度滞后"}
    with pytest.raises(ValidationError, match="承诺期限不能早于约谈日期"):
        replying.record_talk(letter, by=town.chen, **words, pledge="抓紧", until=date(2023, 7, 11))
    told_of = {**words, "pledge": "月底前追平", "until": date(2023, 7, 31)}
    talk = replying.record_talk(letter, by=town.chen, **told_of)
    assert replying.record_talk(letter, by=town.chen, **told_of) == talk
    assert not selecting.to_record(rows, town.chen).exists()


def test_a_letter_waits_in_the_inbox_of_whoever_is_to_take_the_next_step(town: Any, head: Any, red: Alert) -> None:
    def waiting() -> set[str]:
        people = (town.gao, town.zhang, town.chen)
        for user in people:
            inbox.settle(user)
        rows = Notice.objects.unfinished().filter(key__startswith="letter:")
        return set(rows.values_list("user__username", flat=True))

    letter = draft(red, town)
    issuing.submit(letter, by=town.chen)
    assert waiting() == {"gao"}
    issuing.issue(letter, by=town.gao)
    assert waiting() == {"zhang"}
    replying.reply(letter, by=town.zhang, **SLIP)
    assert waiting() == {"chen"}
    replying.accept(letter, by=town.chen)
    assert waiting() == set()
