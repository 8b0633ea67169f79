"""What people see and do: the list, the alert's page, 我的待办, the unit's page, and the same over REST."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects import facts
from projects.alerts import closing, exempting
from projects.alerts.admin import todo
from projects.alerts.models import Alert, AlertAnswer, Exemption, Rule
from projects.alerts.tests.conftest import MONDAY, Make, on
from projects.alerts.tests.episodes.conftest import WORDS, kinds, say
from projects.alerts.tests.episodes.test_petitions import PROOF, REASON, SATURDAY, ask
from zones.models import ApiToken

pytestmark = pytest.mark.django_db
LIST = "/admin/projects_alerts/alert/"
FRIDAY = date(2023, 7, 14)


def page(alert: Alert) -> str:
    return f"{LIST}{alert.pk}/"


def buttons(client: Client, alert: Alert) -> list[str]:
    return [title for title, _ in client.get(f"{page(alert)}change/").context["alert_acts"]]


def typed(client: Client, url: str, **words: Any) -> dict[str, Any]:
    """The form of an act as its page sends it."""
    form = client.get(url).context["form"]
    return {**{name: form[name].value() or "" for name in form.fields}, **words}


# ---- The alert's page ----------------------------------------------------------------------------------
def test_an_answer_is_one_form_and_stands_on_the_page_with_who_and_when(town: Any, red: Alert, client: Client) -> None:
    town.sign_in(client, "zhang")
    assert "应答复：张联络（联络员）" in client.get(f"{page(red)}change/").content.decode()
    url, words = f"{page(red)}answer/", {**WORDS, "expected_on": "2023-08-31"}
    data = typed(client, url, **words)
    assert data["responsible"] == "李总"
    html = client.post(url, data, follow=True).content.decode()
    assert "已答复，不再上报" in html
    for shown in ("资金融资：银行放款推迟", "已与银行对接", "<dd>李总</dd>", "2023-07-10 张联络"):
        assert shown in html
    assert "没有变化" in client.post(url, data, follow=True).content.decode()
    assert (AlertAnswer.objects.count(), kinds(red)) == (1, ["opened", "answered"])


def test_who_has_not_seen_the_latest_step_is_told_it_and_keeps_what_he_typed(
    town: Any, red: Alert, client: Client
) -> None:
    town.sign_in(client, "zhang")
    url = f"{page(red)}answer/"
    data = typed(client, url, **{**WORDS, "expected_on": "2023-08-31"})
    say(red, town.chen, cause="资金未到位")
    html = client.post(url, data).content.decode()
    assert "这条预警刚有变化，现为红色预警、已签收，请核对后再答复（2023-07-10 答复）" in html
    assert "银行放款推迟" in html
    assert AlertAnswer.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("zhang", ["答复", "申请豁免", "申请销号"]),
        ("chen", ["答复", "申请豁免", "申请销号", "起草函件"]),
        ("gao", ["答复", "申请豁免", "申请销号"]),  # he leads the project
        ("chief", []),  # a leader of the city, to whom nobody has turned yet
        ("viewer", []),
    ],
)
def test_the_page_offers_what_one_may_do_now_and_nothing_else(
    town: Any, red: Alert, client: Client, who: str, offered: list[str]
) -> None:
    town.sign_in(client, who)
    assert buttons(client, red) == offered
    for name in ("answer", "exempt", "ask-closing"):
        assert client.get(f"{page(red)}{name}/").status_code == (200 if offered else 403)


def test_a_closing_is_decided_by_another_on_the_same_page_once(town: Any, red: Alert, client: Client) -> None:
    closing.ask(red, by=town.chen, evidence=PROOF)
    assert "批准销号" not in buttons(town.sign_in(client, "chen"), red)
    assert buttons(town.sign_in(client, "gao"), red)[-2:] == ["批准销号", "退回销号"]
    url = f"{page(red)}approve-closing/"
    data = typed(client, url, words="属实")
    for _ in range(2):
        assert client.post(url, data).status_code == 302
    assert kinds(red) == ["opened", "closing_asked", "closing_approved"]
    assert buttons(client, red) == ["撤销销号"]
    town.sign_in(client, "zhang")
    assert (buttons(client, red), client.get(f"{page(red)}reopen/").status_code) == ([], 403)


def test_a_leader_decides_of_an_exemption_and_takes_it_back(town: Any, red: Alert, client: Client) -> None:
    asked = ask(red, town.zhang)
    exemption = f"/admin/projects_alerts/exemption/{asked.pk}/"
    town.sign_in(client, "chen")
    assert client.get(f"{exemption}approve/").status_code == 403
    town.sign_in(client, "gao")
    assert buttons(client, red)[-2:] == ["批准豁免", "不予豁免"]
    data = typed(client, f"{exemption}approve/")
    exempting.refuse(asked, by=town.chief, reason="依据不足")
    assert "现为“未批准”" in client.post(f"{exemption}approve/", data).content.decode()
    again = ask(red, town.zhang, ends=date(2023, 7, 16))
    url = f"/admin/projects_alerts/exemption/{again.pk}/approve/"
    assert client.post(url, typed(client, url)).status_code == 302
    assert (Alert.objects.get().held, buttons(client, red)[-1]) == ("豁免", "撤销豁免")
    assert "豁免期间不催办" in client.get(f"{page(red)}change/").content.decode()


def test_a_project_is_exempted_beforehand_on_a_page_of_its_own_and_only_in_ones_zone(
    town: Any, rules: Any, project: Make, client: Client
) -> None:
    made, foreign = project("甲", plan=100, done=0), project("乙", zone=town.west)
    url, rule = "/admin/projects_alerts/exemption/add/", rules["progress-gap"].pk
    data = {"project": made.pk, "rule": rule, "starts": "2023-07-10", "ends": "2023-07-15", **REASON}
    town.sign_in(client, "chen")
    assert client.post(url, {**data, "project": foreign.pk}).status_code == 200
    assert "不能超过一年" in client.post(url, {**data, "ends": "2024-12-31"}).content.decode()
    assert client.post(url, data).status_code == 302
    assert (Exemption.objects.get().asked_by, Exemption.objects.get().subject_key) == (town.chen, f"project:{made.pk}")
    town.sign_in(client, "viewer")
    assert client.get(url).status_code == 403


# ---- The list ------------------------------------------------------------------------------------------
def test_every_count_above_the_list_is_the_lists_own_and_the_apis(
    town: Any, rules: Any, red: Alert, project: Make, client: Client, pass_to: Any
) -> None:
    Rule.objects.update(hold_days=2)
    for name, done in (("乙", 0), ("丙", 30), ("丁", 0)):
        project(name, plan=100, done=done)
    on()
    second, third = Alert.objects.exclude(pk=red.pk).order_by("pk")[:2]
    exempting.approve(ask(second, town.chen, date(2023, 8, 1)), by=town.gao)
    closing.ask(third, by=town.chen, evidence=PROOF)
    pass_to(FRIDAY)
    town.sign_in(client, "chen")
    key = ApiToken.issue(town.chen, "对接", days=3)[1]
    shown = client.get(LIST).context
    states = {label: number for label, number, _ in shown["alert_states_now"]}
    assert states == {"未签收": 4, "待答复": 3, "逾期未答复": 2, "待上报": 2, "豁免": 1, "申请销号": 1}
    for _, number, url in (*shown["alert_levels_now"], *shown["alert_states_now"]):
        assert client.get(url).context["cl"].result_count == number, url
    for code in ("unacknowledged", "unanswered", "late", "rising", "exempt", "closing"):
        there = client.get(LIST, {"state": code}).context["cl"].result_count
        answer = client.get("/api/v1/alerts/", {"state": code}, headers={"authorization": f"Bearer {key}"})
        assert answer.json()["count"] == there, code
    for chosen, names in (({"who": "mine"}, 0), ({"who": "zhang"}, 1), ({"who": "nobody"}, 3), ({"age": "7"}, 0)):
        assert client.get(LIST, chosen).context["cl"].result_count == names, chosen


# ---- 我的待办 --------------------------------------------------------------------------------------------
def works(user: Any) -> dict[str, int]:
    fresh = type(user).objects.get(pk=user.pk)
    return {work.title: work.count for work in todo.of(fresh)}


def test_everybody_finds_what_is_his_to_do_and_nothing_that_is_not(
    town: Any, rules: Any, red: Alert, project: Make, pass_to: Any, client: Client
) -> None:
    facts.raise_problem(
        red.project, title="征地", category="land", raised_on=MONDAY, owner=town.zhang, deadline=FRIDAY, by=town.chen
    )
    assert works(town.zhang) == {"待答复的预警": 1, "我负责的问题": 1, "待填报的月报": 1}
    assert works(town.gao) == {}  # he leads the project: it comes to him when nobody answers
    closing.ask(red, by=town.zhang, evidence=PROOF)
    asked = ask(red, town.chen)
    assert works(town.chen) == {"待审批的销号": 1}
    assert works(town.gao) == {"待审批的豁免": 1, "待审批的销号": 1}
    exempting.refuse(asked, by=town.gao, reason="依据不足")
    closing.refuse(red, by=town.gao, reason="未完工")
    pass_to(date(2023, 7, 19))
    assert works(town.gao)["上报到我的预警"] == 1
    assert "上报到我的预警" not in works(town.chief)
    pass_to(date(2023, 7, 24))
    assert works(town.chief) == {"上报到我的预警": 1}
    assert works(town.li) == works(town.wang) == works(town.viewer) == {}
    html = town.sign_in(client, "chief").get(f"{LIST}todo/").content.decode()
    assert "我的待办 <b" in html
    assert red.sentence in html
    assert "目前没有待办" in town.sign_in(client, "viewer").get(f"{LIST}todo/").content.decode()
    assert town.sign_in(client, "system").get(f"{LIST}todo/").status_code == 403


# ---- The unit's page -----------------------------------------------------------------------------------
def test_the_units_page_shows_its_projects_lights_alerts_and_problems_by_a_fixed_number_of_statements(
    town: Any, red: Alert, project: Make, client: Client
) -> None:
    unit = town.east_office
    facts.assign(red.project, "unit", department=unit)
    facts.raise_problem(red.project, title="征地", category="land", raised_on=MONDAY, department=unit, by=town.chen)
    town.sign_in(client, "viewer")
    url = f"{LIST}units/{unit.pk}/"
    with CaptureQueriesContext(connection) as one:
        shown = client.get(url)
    assert [number for _, number, _ in shown.context["numbers"]] == [1, 1, 1, 0, 0, 1, 0]
    html = shown.content.decode()
    for words in ("高新区经济发展局", "红色预警", "甲项目", "征地", red.sentence):
        assert words in html
    for at in range(5):
        facts.assign(project(f"新{at}", plan=100, done=0), "unit", department=unit)
    on()
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).context["numbers"][1][1] == 6
    assert len(many) <= len(one)
    for who in ("li", "system"):
        assert town.sign_in(client, who).get(url).status_code == 404


# ---- REST ----------------------------------------------------------------------------------------------
class Api:
    def __init__(self, user: Any) -> None:
        key = ApiToken.issue(user, "对接", days=3, may_write=True)[1]
        self.client = Client(headers={"authorization": f"Bearer {key}"})

    def post(self, path: str, version: int, **body: Any) -> Any:
        headers = {"if-match": f'"{version}"'}
        return self.client.post(f"/api/v1/{path}/", body, content_type="application/json", headers=headers)


def test_answers_closings_and_exemptions_go_the_same_way_over_rest(town: Any, red: Alert) -> None:
    zhang, chen, gao, row = Api(town.zhang), Api(town.chen), Api(town.gao), f"alerts/{red.pk}"
    answer = zhang.post(f"{row}/answer", 1, **{**WORDS, "expected_on": "2023-08-31"})
    assert (answer.status_code, answer.json()["answered"], answer.json()["answers"][0]["cause"]) == (
        *(200, True),
        "银行放款推迟",
    )
    assert zhang.post(f"{row}/answer", 1, **{**WORDS, "expected_on": "2023-08-31"}).status_code == 412
    assert "expected_on" in str(zhang.post(f"{row}/answer", 2, **{**WORDS, "expected_on": "2023-07-01"}).json())
    assert zhang.post(f"{row}/ask-closing", 2, evidence=PROOF).json()["steps"] == 3
    assert zhang.post(f"{row}/approve-closing", 3).status_code == 403
    assert chen.post(f"{row}/refuse-closing", 3, reason="未完工").json()["closed_on"] is None
    assert zhang.post(f"{row}/exempt", 4, ends=f"{SATURDAY}", **REASON).status_code == 200
    leave = zhang.client.get("/api/v1/exemptions/").json()["results"][0]
    assert (leave["state"], leave["alert"], leave["subject"]) == ("asked", red.pk, "甲项目")
    assert chen.post(f"exemptions/{leave['id']}/approve", 1).status_code == 403
    assert gao.post(f"exemptions/{leave['id']}/approve", leave["version"]).json()["state"] == "approved"
    assert zhang.client.get("/api/v1/alerts/", {"state": "exempt"}).json()["count"] == 1
    for lst, query in (("answers", {"alert": red.pk}), ("exemptions", {"in_force": "true", "person": "zhang"})):
        assert zhang.client.get(f"/api/v1/{lst}/", query).json()["count"] == 1
    assert Api(town.li).client.get("/api/v1/answers/").json()["count"] == 0
