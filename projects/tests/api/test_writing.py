"""Writing milestones, progress and problems: by whom, in which version, and what the verbs refuse."""

from datetime import date

import pytest

from projects import facts
from projects.models import Milestone, MilestoneChange, Problem, ProblemEvent, Progress, Project
from projects.plans import even_targets
from projects.tests import filling
from projects.tests.api.calling import patch, post, refused, rows, url
from projects.tests.conftest import anew, kept_rows

LIAISON_AND_OFFICE = [("zhang", 200), ("chen", 200), ("root", 200), ("gao", 403), ("viewer", 403), ("chief", 403)]
OFFICE = [("zhang", 403), ("chen", 200), ("root", 200), ("gao", 403), ("viewer", 403), ("chief", 403)]


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker, lambda town: None) as town:
        yield town


@pytest.fixture
def town(kept, db):
    """The cast, written once for all tests of this module."""
    return anew(kept)


@pytest.fixture
def made(town):
    """A project of the east that the liaison stands for, started late."""
    project = facts.create(name="气体传感器生产线项目", zone=town.east)
    facts.assign(project, "liaison", user=town.zhang)
    facts.approve(facts.promise(project, "started", date(2023, 6, 1)))
    return project


@pytest.fixture
def step(made):
    return made.milestones.get()


@pytest.fixture
def problem(made):
    return facts.raise_problem(
        made, title="用地手续未办结", category="land", raised_on=date(2023, 6, 1), deadline=date(2023, 7, 1)
    )


# ---- Milestones: deadlines ---------------------------------------------------------------------------
def test_a_deadline_moves_and_leaves_its_mark(town, client, step):
    answer = patch(town.sign_in(client, "chen"), "milestones", step.pk, {"planned": "2023-09-30", "reason": "征地未完"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["baseline"], told["planned"], told["deadline"]) == ("2023-06-01", "2023-09-30", "2023-06-01")
    assert told["version"] == step.version + 1
    assert answer["ETag"] == client.get(url("milestones", step.pk))["ETag"]
    change = rows(client, "milestone-changes", milestone=step.pk)[0]
    assert (change["what"], change["by"], change["reason"]) == ("planned", "chen", "征地未完")
    assert (change["before"]["planned"], change["after"]["planned"]) == ("2023-06-01", "2023-09-30")


def test_a_step_without_a_deadline_gets_one_without_a_reason(town, client, made):
    step = facts.undo(facts.reach(made, "completed"), reason="误报")
    answer = patch(town.sign_in(client, "chen"), "milestones", step.pk, {"planned": "2023-09-30"})
    assert (answer.status_code, answer.json()["planned"]) == (200, "2023-09-30")


def test_the_same_deadline_again_changes_nothing(town, client, step):
    town.sign_in(client, "chen")
    answer = patch(client, "milestones", step.pk, {"planned": "2023-06-01", "reason": "再发一次"})
    assert (answer.status_code, answer.json()["version"]) == (200, step.version)
    assert step.changes.count() == 2


@pytest.mark.parametrize(("who", "status"), OFFICE)
def test_a_deadline_is_a_matter_of_the_office(town, client, step, who, status):
    told = {"planned": "2023-09-30", "reason": "征地未完"}
    answer = patch(town.sign_in(client, who), "milestones", step.pk, told)
    assert answer.status_code == status
    step.refresh_from_db()
    assert (step.planned == date(2023, 9, 30)) is (status == 200)


@pytest.mark.parametrize(("who", "status"), OFFICE)
def test_a_promise_is_a_matter_of_the_office(town, client, made, who, status):
    told = {"project": made.pk, "kind": "produced", "planned": "2023-12-31"}
    answer = post(town.sign_in(client, who), "milestones", told)
    assert answer.status_code == (201 if status == 200 else status)
    assert made.milestones.filter(kind="produced").exists() is (status == 200)


# ---- Milestones: done --------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "status"), LIAISON_AND_OFFICE)
def test_who_stands_for_the_project_tells_that_a_step_is_done(town, client, made, step, who, status):
    other = facts.promise(facts.create(name="旁人的项目", zone=town.east), "started", date(2023, 6, 1))
    town.sign_in(client, who)
    told = {"done": True, "actual_first": "2023-07-03", "actual_last": "2023-07-03"}
    assert patch(client, "milestones", step.pk, told).status_code == status
    assert patch(client, "milestones", other.pk, told).status_code == (403 if who == "zhang" else status)
    step.refresh_from_db()
    made.refresh_from_db()
    assert (step.done, made.phase == "started") == (status == 200, status == 200)


def test_a_step_done_in_a_month_or_on_an_unknown_day(town, client, made):
    town.sign_in(client, "zhang")
    month = {"actual_first": "2023-05-01", "actual_last": "2023-05-31"}
    answer = post(client, "milestones", {"project": made.pk, "kind": "completed", "done": True, **month})
    assert (answer.status_code, answer.json() | month) == (201, answer.json())
    assert answer["Location"] == url("milestones", answer.json()["id"])
    assert client.get(answer["Location"]).json() == answer.json()
    answer = post(client, "milestones", {"project": made.pk, "kind": "signed", "done": True, "reason": "据合同"})
    assert (answer.json()["done"], answer.json()["actual_first"], answer.json()["known_on"]) == (
        True,
        None,
        filling.TODAY,
    )
    assert MilestoneChange.objects.get(milestone=answer.json()["id"]).by == town.zhang


def test_what_was_done_by_mistake_is_taken_back(town, client, made):
    step = facts.reach(made, "signed", date(2023, 3, 1))
    answer = patch(town.sign_in(client, "zhang"), "milestones", step.pk, {"done": False, "reason": "误报"})
    assert (answer.status_code, answer.json()["done"], answer.json()["actual_last"]) == (200, False, None)
    assert step.changes.last().what == "undone"


def test_telling_a_new_step_again_is_answered_with_the_same_row(town, client, made):
    town.sign_in(client, "chen")
    told = {"project": made.pk, "kind": "other", "label": "送电", "planned": "2023-08-01"}
    first, second = post(client, "milestones", told), post(client, "milestones", told)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_a_step_that_is_there_is_not_changed_by_posting_it(town, client, made, step):
    town.sign_in(client, "chen")
    told = {"project": made.pk, "kind": "started", "done": True}
    sentence, _ = refused(post(client, "milestones", told), 409, "conflict")
    assert f"id 为 {step.pk}" in sentence
    step.refresh_from_db()
    assert not step.done
    assert step.changes.count() == 2


# ---- Milestones: refusals ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "told",
    [
        {},
        {"reason": "没有说要做什么"},
        {"planned": "2023-09-30", "done": True, "reason": "两件事"},
        {"planned": "2023-09-30", "actual_last": "2023-07-01", "reason": "不相干"},
        {"done": False, "actual_first": "2023-07-01", "actual_last": "2023-07-01", "reason": "不相干"},
        {"actual_first": "2023-07-01", "actual_last": "2023-07-01"},
    ],
)
def test_a_patch_is_one_act_on_a_step(town, client, step, told):
    sentence, _ = refused(patch(town.sign_in(client, "chen"), "milestones", step.pk, told), 400, "invalid")
    assert sentence.startswith("一次只做一件事")
    step.refresh_from_db()
    assert step.version == 3


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"planned": "2023-09-30"}, "reason", "须写明原因"),
        ({"planned": "2023年9月"}, "planned", "日期"),
        ({"planned": None, "reason": "x"}, "planned", "不能为 null"),
        ({"done": False, "reason": "没有完成过"}, "", "无需撤销"),
        ({"done": True, "actual_first": "2023-07-11", "actual_last": "2023-07-11"}, "actual_last", "不能晚于今天"),
        ({"done": True, "actual_first": "2023-07-01"}, "actual_last", "缺这一项"),
        ({"done": True, "actual_first": "2023-07-02", "actual_last": "2023-07-01"}, "actual_first", "不能晚于"),
        ({"done": True, "reason": "长" * 301}, "reason", "300"),
        ({"done": True, "known_on": "2023-07-01"}, "known_on", "没有这一项，可用的有：reason、planned、done"),
        ({"done": "true"}, "done", "布尔值"),
        ({"planned": "0203-09-30", "reason": "笔误"}, "planned", "1949 年到 2099 年"),
        ({"planned": "2023-9-30", "reason": "x"}, "planned", "日期格式"),
        ({"planned": "2023-02-30", "reason": "x"}, "planned", "日期"),
        ({"done": True, "reason": 5}, "reason", "字符串"),
    ],
)
def test_what_a_step_cannot_be_is_refused_by_name(town, client, step, told, field, words):
    _, fields = refused(patch(town.sign_in(client, "chen"), "milestones", step.pk, told), 400, "invalid")
    assert words in fields[field]
    step.refresh_from_db()
    assert step.version == 3


def test_a_done_step_has_no_new_deadline(town, client, made):
    town.sign_in(client, "chen")
    for planned in (None, date(2023, 6, 1)):
        step = facts.promise(made, "produced", planned) if planned else None
        step = facts.reach(made, "signed" if step is None else "produced", date(2023, 6, 2))
        answer = patch(client, "milestones", step.pk, {"planned": "2023-08-01", "reason": "改期"})
        assert "已完成" in refused(answer, 400, "invalid")[0]


def test_posting_does_not_take_back(town, client, made):
    told = {"project": made.pk, "kind": "started", "done": False, "reason": "误报"}
    assert "PATCH" in refused(post(town.sign_in(client, "chen"), "milestones", told), 400, "invalid")[0]


def test_another_step_needs_a_name(town, client, made):
    town.sign_in(client, "chen")
    told = {"project": made.pk, "kind": "other", "planned": "2023-08-01"}
    assert "须写名称" in refused(post(client, "milestones", told), 400, "invalid")[0]
    told |= {"kind": "signed", "label": "签约仪式"}
    assert refused(post(client, "milestones", told), 400, "invalid")[1] == {"label": "只有“其他”节点才写名称"}
    assert made.milestones.count() == 1


# ---- Versions ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["milestones", "problems"])
def test_writing_asks_for_the_version_that_was_read(town, client, step, problem, name):
    town.sign_in(client, "chen")
    row, told = {
        "milestones": (step, {"done": True}),
        "problems": (problem, {"closed_on": "2023-07-01", "closing_note": "已批"}),
    }[name]
    refused(patch(client, name, row.pk, told, etag=""), 428, "version_required")
    refused(patch(client, name, row.pk, told, etag="*"), 428, "version_required")
    for stale in ('"999"', '"x"', "3"):
        refused(patch(client, name, row.pk, told, etag=stale), 412, "version_stale")
    etag = client.get(url(name, row.pk))["ETag"]
    assert patch(client, name, row.pk, told, etag=etag).status_code == 200
    refused(patch(client, name, row.pk, told, etag=etag), 412, "version_stale")


def test_the_light_of_a_project_makes_no_version_stale(town, client, made, step):
    etag = town.sign_in(client, "chen").get(url("milestones", step.pk))["ETag"]
    Project.objects.filter(pk=made.pk).update(name="改了名的项目")
    assert client.get(url("milestones", step.pk))["ETag"] != etag
    assert patch(client, "milestones", step.pk, {"done": True}, etag=etag).status_code == 200


# ---- Progress ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "status"), LIAISON_AND_OFFICE)
def test_who_stands_for_the_project_tells_its_progress(town, client, made, who, status):
    other = facts.create(name="旁人的项目", zone=town.east)
    town.sign_in(client, who)
    told = {"project": made.pk, "channel": "weekly", "up_to": "2023-06-30", "amount": 5_000_000, "words": "封顶"}
    answer = post(client, "progress", told)
    assert answer.status_code == (201 if status == 200 else status)
    if status == 200:
        assert answer.json()["recorded_by"] == who
        assert client.get(answer["Location"]).json() == answer.json()
        assert made.standing.done == 5_000_000
    wanted = 403 if status == 403 or who == "zhang" else 201
    assert post(client, "progress", told | {"project": other.pk}).status_code == wanted


def test_progress_told_twice_is_there_once_and_told_otherwise_is_corrected(town, client, made):
    town.sign_in(client, "zhang")
    told = {"project": made.pk, "up_to": "2023-06-30", "amount": 5_000_000, "percent": 30}
    first, again = post(client, "progress", told), post(client, "progress", told)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = post(client, "progress", told | {"amount": 6_000_000, "sure": True}).json()
    assert (other["replaces"], other["percent"], other["current"]) == (first.json()["id"], 30, True)
    assert [row["amount"] for row in rows(client, "progress", current="true")] == [6_000_000]


def test_a_figure_that_looks_like_a_slip_is_asked_about(town, client, made):
    facts.approve_plan(facts.plan_year(made, 2023, 12_000_000, even_targets(12_000_000)), on=date(2023, 1, 5))
    facts.record(made, "reported", date(2023, 5, 31), amount=5_000_000)
    town.sign_in(client, "zhang")
    told = {"project": made.pk, "up_to": "2023-06-30"}
    for amount, words in ((48_000_000, "请核对单位"), (4_000_000, "还少")):
        sentence, fields = refused(post(client, "progress", told | {"amount": amount}), 422, "unprocessable")
        assert words in fields["amount"]
        assert "sure: true" in sentence
    assert Progress.objects.count() == 1
    assert post(client, "progress", told | {"amount": 4_000_000, "sure": True}).status_code == 201


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({}, "", "请至少填写一项"),
        ({"words": "   "}, "", "请至少填写一项"),
        ({"up_to": "2023-07-11", "amount": 1}, "up_to", "不能晚于今天"),
        ({"up_to": None, "amount": 1}, "up_to", "null"),
        ({"channel": "press", "amount": 1}, "channel", "合法"),
        ({"amount": -1}, "amount", "0"),
        ({"amount": 10**15 + 1}, "amount", "1000000000000000"),
        ({"amount": "5000000"}, "amount", "整数"),
        ({"amount": True}, "amount", "整数"),
        ({"sure": 1, "amount": 1}, "sure", "布尔值"),
        ({"amount": 1.5}, "amount", "整数"),
        ({"percent": 101}, "percent", "100"),
        ({"words": "长" * 1001}, "words", "1000"),
        ({"words": "a\x00b"}, "words", "空字符"),
        ({"amount": 1, "recorded_by": "gao"}, "recorded_by", "没有这一项"),
    ],
)
def test_progress_that_cannot_be_is_refused_by_name(town, client, made, told, field, words):
    answer = post(town.sign_in(client, "zhang"), "progress", {"project": made.pk, "up_to": "2023-06-30"} | told)
    sentence, fields = refused(answer, 400, "invalid")
    assert words in (fields[field] if field else sentence)
    assert not Progress.objects.exists()


# ---- Problems ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "status"), LIAISON_AND_OFFICE)
def test_who_stands_for_the_project_raises_and_settles_its_problems(town, client, made, problem, who, status):
    town.sign_in(client, who)
    told = {"project": made.pk, "title": "缺电", "category": "utilities", "department": town.east_office.pk}
    answer = post(client, "problems", told | {"owner": "chen", "deadline": "2023-08-01", "solution": "协调供电"})
    assert answer.status_code == (201 if status == 200 else status)
    if status == 200:
        row = answer.json()
        assert (row["raised_on"], row["department"], row["owner"]) == (filling.TODAY, town.east_office.pk, "chen")
        assert (row["recorded_by"], row["zone"], row["overdue"]) == (who, "zzgx", False)
    moves = [
        {"deadline": "2023-08-01", "reason": "等批复"},
        {"closed_on": "2023-07-10", "closing_note": "已批"},
        {"closed_on": None, "reason": "误销"},
    ]
    assert [patch(client, "problems", problem.pk, each).status_code for each in moves] == [status] * 3
    events = list(problem.events.values_list("what", flat=True))
    assert events == (["raised", "moved", "closed", "reopened"] if status == 200 else ["raised"])


def test_a_problem_told_again_while_open_is_there_once(town, client, made):
    town.sign_in(client, "zhang")
    told = {"project": made.pk, "title": " 缺电 ", "category": "utilities", "raised_on": "2023-07-01"}
    first, again = post(client, "problems", told), post(client, "problems", told)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert client.get(first["Location"]).json() == first.json()


def test_a_problem_shows_its_way(town, client, problem):
    town.sign_in(client, "chen")
    assert client.get(url("problems", problem.pk)).json()["overdue"] is True
    patch(client, "problems", problem.pk, {"deadline": "2023-08-01", "reason": "等批复"})
    answer = patch(client, "problems", problem.pk, {"closed_on": "2023-07-10", "closing_note": "已批"})
    told = answer.json()
    assert (told["closed_by"], told["closing_note"], told["overdue"]) == ("chen", "已批", False)
    way = [(row["what"], row["note"]) for row in rows(client, "problem-events", problem=problem.pk, ordering="id")]
    assert way == [("raised", ""), ("moved", "等批复"), ("closed", "已批")]


def test_a_company_s_problem_is_settled_by_the_office(town, client, made):
    company = made.zone.companies.create(name="某公司")
    problem = Problem.objects.create(
        zone=town.east, company=company, title="用工不足", category="labour", raised_on=date(2023, 6, 1)
    )
    told = {"closed_on": "2023-07-01", "closing_note": "已招满"}
    assert patch(town.sign_in(client, "zhang"), "problems", problem.pk, told).status_code == 403
    assert patch(town.sign_in(client, "chen"), "problems", problem.pk, told).status_code == 200


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"reason": "没有说要做什么"},
        {"deadline": "2023-08-01", "closed_on": "2023-07-01", "closing_note": "已批"},
        {"deadline": "2023-08-01", "closing_note": "已批"},
        {"closed_on": "2023-07-01", "closing_note": "已批", "reason": "又撤销"},
        {"closed_on": None, "closing_note": "已批"},
    ],
)
def test_a_patch_is_one_act_on_a_problem(town, client, problem, told):
    sentence, _ = refused(patch(town.sign_in(client, "chen"), "problems", problem.pk, told), 400, "invalid")
    assert sentence.startswith("一次只做一件事")
    assert problem.events.count() == 1


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"deadline": "2023-08-01"}, "reason", "须写明原因"),
        ({"deadline": "2023-05-31", "reason": "改早"}, "deadline", "不能早于提出日期"),
        ({"deadline": None, "reason": "不定"}, "deadline", "null"),
        ({"closed_on": "2023-07-11", "closing_note": "已批"}, "closed_on", "不能晚于今天"),
        ({"closed_on": "2023-05-01", "closing_note": "已批"}, "", "不能早于提出日期"),
        ({"closed_on": "2023-07-01"}, "", "须写明如何解决"),
        ({"closed_on": None, "reason": "误销"}, "", "尚未销号"),
        ({"closed_on": None}, "reason", "须写明原因"),
    ],
)
def test_what_a_problem_cannot_be_is_refused_by_name(town, client, problem, told, field, words):
    _, fields = refused(patch(town.sign_in(client, "chen"), "problems", problem.pk, told), 400, "invalid")
    assert words in fields[field]
    assert problem.events.count() == 1


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"title": ""}, "title", "空"),
        ({"title": "长" * 201}, "title", "200"),
        ({"category": "weather"}, "category", "合法"),
        ({"raised_on": "2023-07-11"}, "raised_on", "不能晚于今天"),
        ({"deadline": "2023-06-01"}, "deadline", "不能早于提出日期"),
        ({"department": True}, "department", "没有这个责任单位"),
        ({"owner": "nemo"}, "owner", "没有这个人员"),
        ({"owner": "a\x00"}, "owner", "没有这个人员"),
        ({"owner": "gone"}, "owner", "没有这个人员"),
    ],
)
def test_a_problem_that_cannot_be_is_refused_by_name(town, client, made, told, field, words):
    answer = post(town.sign_in(client, "zhang"), "problems", {"project": made.pk, **PROBLEM, **told})
    _, fields = refused(answer, 400, "invalid")
    assert words in fields[field]
    assert not Problem.objects.exists()


# ---- Other people's rows in what is sent ---------------------------------------------------------------
PROBLEM = {"title": "缺电", "category": "utilities", "raised_on": "2023-07-01"}
PROGRESS = {"up_to": "2023-06-30", "amount": 1}
STEP = {"kind": "started", "done": True}


@pytest.mark.parametrize(("name", "told"), [("problems", PROBLEM), ("progress", PROGRESS), ("milestones", STEP)])
@pytest.mark.parametrize("who", ["zhang", "chen", "viewer"])
def test_a_foreign_project_in_a_body_reads_like_a_missing_one(town, client, name, told, who):
    foreign = facts.create(name="西部项目", zone=town.west)
    town.sign_in(client, who)
    keys = [foreign.pk, 98765, 2**70, -1, "1", None]
    answers = [refused(post(client, name, told | {"project": key}), 400, "invalid") for key in keys]
    assert answers[0] == answers[1] == answers[2] == answers[3] == answers[4]
    assert answers[0][1] == {"project": "没有这个项目"}
    assert set(answers[5][1]) == {"project"}


def test_foreign_people_and_units_in_a_body_read_like_missing_ones(town, client, made):
    town.sign_in(client, "chen")
    for field, foreign, missing in (("department", town.west_office.pk, 98765), ("owner", "wang", "nemo")):
        told = [post(client, "problems", PROBLEM | {"project": made.pk, field: key}) for key in (foreign, missing)]
        assert refused(told[0], 400, "invalid") == refused(told[1], 400, "invalid")
    assert not Problem.objects.exists()


def test_a_project_that_has_ended_takes_nothing_more(town, client, made, step, problem):
    facts.terminate(made, on=date(2023, 7, 1), reason="企业放弃投资")
    town.sign_in(client, "chen")
    answers = [
        post(client, name, told | {"project": made.pk})
        for name, told in (("problems", PROBLEM), ("progress", PROGRESS), ("milestones", STEP | {"kind": "signed"}))
    ]
    answers += [patch(client, "milestones", step.pk, {"done": True})]
    answers += [patch(client, "problems", problem.pk, {"closed_on": "2023-07-01", "closing_note": "已批"})]
    assert {refused(answer, 400, "invalid")[0] for answer in answers} == {"该项目已终止，不能再填报"}
    assert (Progress.objects.count(), Milestone.objects.count(), ProblemEvent.objects.count()) == (0, 1, 1)


def test_writing_takes_no_parameters(town, client, made):
    town.sign_in(client, "chen")
    answer = client.post(f"{url('progress')}?dry_run=true", {"project": made.pk, **PROGRESS}, "application/json")
    refused(answer, 400, "unknown_parameter")
    assert not Progress.objects.exists()


@pytest.mark.parametrize(
    "name", ["companies", "assignments", "entries", "schedule-templates", "standings", "claims", "projects"]
)
def test_what_is_not_written_here_says_so(town, client, made, name):
    refused(post(town.sign_in(client, "root"), name, {"name": "x"}), 405, "method_not_allowed")
