import random
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import claims, facts
from projects.jobs import working
from projects.jobs.models import Job
from projects.ledgers import desk
from projects.ledgers.models import Layout, Ledger
from projects.ledgers.tests.making import HEADS, differences, imported, opened, previewed, sheet
from projects.models import AnnualPlan, Claim, Company, Milestone, Problem, Progress, Project, Source
from projects.money import Amount
from projects.notices.models import Notice
from zones.models import Department, StaleVersion

pytestmark = pytest.mark.django_db
WAN = 10_000
BEARINGS = (
    "青禾轴承产业园项目",
    "青禾轴承有限公司",
    52000,
    12000,
    5600,
    "主体结构施工",
    "2023-03-01",
    "经发局",
    "用电容量不足",
)
BATTERIES = ("澄江储能电池项目", "澄江能源有限公司", "约8.5亿元", 20000, 9000, "设备安装", None, "经发局", None)


@pytest.fixture
def office(town):
    return Department.objects.create(zone=town.east, name="经济发展局", short_name="经发局")


def told():
    """Every row that an import could have written, without the ledgers' own."""
    models = (Project, Claim, AnnualPlan, Progress, Milestone, Problem, Company)
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}


def test_a_row_becomes_a_project_with_claims_plan_progress_step_problem_and_people(town, office):
    ledger, done = imported(town.east, sheet(BEARINGS, BATTERIES))
    project = Project.objects.get(name=BEARINGS[0])
    assert (project.company.name, project.investment_high, project.phase) == (BEARINGS[1], 52000 * WAN, "started")
    plan = project.plans.get()
    assert (plan.amount, plan.status, plan.source.ledger) == (12000 * WAN, "draft", ledger)
    assert [target.amount // WAN for target in plan.targets.all()][:2] == [1000, 2000]
    figures = project.progress.get()
    assert (figures.amount, figures.up_to, figures.words) == (5600 * WAN, date(2023, 6, 30), "主体结构施工")
    assert project.milestones.get().actual_last == date(2023, 3, 1)
    assert project.problems.get().title == "用电容量不足"
    assert project.assignments.get().department == office
    places = dict(project.claims.values_list("field", "place"))
    assert places == {"name": "台账!B4", "company": "台账!C4", "amount": "台账!D4", "started": "台账!H4"}
    about = Project.objects.get(name=BATTERIES[0])
    assert (about.investment_high, about.investment_qualifier) == (85_000 * WAN, "about")
    assert done.sentence == "新增项目 2 个：数据 7 条，年度计划 2 个，进展 2 条，节点 1 个，其他 3 条"
    assert ledger.rows.filter(doubtful=True).get().doubts == [["D", "“约8.5亿元”：按约8.5亿元读入", False]]


def test_a_new_project_of_which_one_cell_is_not_read_is_new_with_a_doubt(town):
    ledger, done = imported(town.east, sheet((*BEARINGS[:6], "2023-09-01")))
    row = ledger.rows.get()
    assert (row.kind, row.doubtful, ledger.counts["conflict"]) == ("new", True, 0)
    assert "完成日期在今天以后，没有读入" in row.differences[-1][5]
    assert "冲突" not in done.sentence


def test_the_same_again_shuffled_and_with_blanks_writes_nothing(town, office):
    made = sheet(BEARINGS, BATTERIES)
    imported(town.east, made)
    before = told()
    rows = list(made.rows[3:])
    random.Random(1).shuffle(rows)
    for again in (made, replace(made, rows=(*made.rows[:3], *rows)), sheet(BEARINGS[:1], BATTERIES[:3])):
        _, done = imported(town.east, again)
        assert done.nothing, done.sentence
    assert told() == before


def test_a_later_month_updates_and_a_cumulative_figure_that_fell_is_questioned(town, office):
    imported(town.east, sheet(BEARINGS))
    later = ("1-7月累计完成投资" if head.startswith("1-6") else head for head in HEADS)
    made = sheet((*BEARINGS[:4], 5000, None), heads=tuple(later), title="高新区2023年7月重点项目台账")
    ledger = previewed(town.east, made)
    assert differences(ledger) == [(4, "year_done", "conflict", "", "5000万元")]
    assert "比截至6月底的 5600万元 还少" in ledger.rows.get().differences[0][5]
    desk.accept_row(ledger.rows.get(), sure=True, by=None)
    ledger.refresh_from_db()
    desk.confirm(ledger, by=None)
    assert Progress.objects.get(up_to=date(2023, 7, 10)).amount == 5000 * WAN


def test_a_figure_of_the_month_alone_is_added_to_the_month_before_where_that_is_known(town, office):
    imported(town.east, sheet(BEARINGS))
    heads = ("序号", "项目名称", "7月完成投资")
    ledger, _ = imported(town.east, sheet((BEARINGS[0], 400), (BATTERIES[0], 300), heads=heads, title="2023年7月报表"))
    assert Progress.objects.get(up_to=date(2023, 7, 10)).amount == 6000 * WAN
    assert (5, "month_done", "note", "", "300万元") in differences(ledger)


def test_what_a_plan_a_review_and_a_person_hold_is_never_written_over(town, office):
    imported(town.east, sheet(BEARINGS), approve_plans=True)
    project = Project.objects.get()
    row, _ = facts.fill_return(project, date(2023, 6, 30), {"this_month": 56_000_000, "year_to_date": 56_000_000})
    facts.review_return(facts.submit_return(row, note="补报"))
    person = Source.objects.create(kind="person", title="电话核实", zone=town.east)
    stated, _ = claims.assert_claim(project, "amount", Amount(60000 * WAN, 60000 * WAN), source=person)
    claims.choose(stated, by=town.chen)
    made = sheet((*BEARINGS[:2], 53000, 13000, 5800))
    ledger, _ = imported(town.east, made)
    assert [each[1:3] for each in differences(ledger)] == [
        ("investment", "conflict"),
        ("annual_plan", "conflict"),
        ("year_done", "conflict"),
    ]
    project.refresh_from_db()
    assert project.investment_high == 60000 * WAN
    assert project.plans.get().amount == 12000 * WAN
    assert project.progress.get(current=True).amount == 5600 * WAN
    assert {claim.high for claim in project.claims.filter(field="amount")} == {52000 * WAN, 53000 * WAN, 60000 * WAN}
    assert imported(town.east, made)[1].nothing
    ledger = desk.answer(previewed(town.east, made), by=None, plan_reason="年中调整")
    desk.confirm(ledger, by=None)
    assert project.plans.get(edition=2).reason == "年中调整"


def test_the_next_edition_of_an_offices_ledger_is_believed_and_a_strangers_stands_beside(town):
    imported(town.east, sheet(BEARINGS[:3]))
    other = sheet((BEARINGS[0], 54000), heads=("序号", "项目名称", "总投资"), title="市里的清单")
    imported(town.east, other)
    project = Project.objects.get()
    assert project.investment_high == 52000 * WAN
    imported(town.east, sheet((*BEARINGS[:2], 55000)))
    project.refresh_from_db()
    assert project.investment_high == 55000 * WAN
    assert project.claims.filter(field="amount").count() == 3


def test_three_bad_rows_of_a_thousand_refuse_all_and_are_listed(town):
    rows = [(f"第{number}号智能装备项目", None, 1000 + number) for number in range(1000)]
    for at in (7, 500, 998):
        rows[at] = (rows[at][0], None, "十几个亿吧")
    made = sheet(*rows)
    with pytest.raises(ValidationError) as refused:
        imported(town.east, made)
    assert len([line for line in refused.value.messages if line.startswith("第")]) == 3
    assert not Project.objects.exists()
    ledger, done = imported(town.east, made, only_good=True)
    assert (done.created, ledger.counts["wrong"], ledger.only_good) == (997, 3, True)
    assert ledger.rows.filter(kind="wrong", project=None).count() == 3


def test_ten_times_the_rows_are_asked_for_by_as_many_statements(town, office):
    def costs(first, number):
        rows = [(f"第{at}号智能装备项目", f"第{at}号有限公司", *BEARINGS[2:]) for at in range(first, first + number)]
        with CaptureQueriesContext(connection) as queries:
            imported(town.east, sheet(*rows))
        # SQLite stores some ten rows a statement.
        return sum(not query["sql"].startswith(("INSERT", "UPDATE")) for query in queries)

    costs(0, 3)
    assert costs(10, 60) == costs(100, 600)


def test_names_that_are_near_wait_for_a_person_and_a_code_decides(town):
    imported(town.east, sheet(BEARINGS[:3]))
    project = Project.objects.get()
    made = sheet(("青禾轴承产业园建设项目A区", None, 100), ("青禾轴承产业园（一期）项目", None, 200))
    ledger = previewed(town.east, made)
    near, new = ledger.rows.order_by("number")
    assert (near.kind, new.kind) == ("conflict", "new")
    assert near.match["near"][0]["pk"] == project.pk
    with pytest.raises(ValidationError, match="待选定"):
        desk.confirm(ledger, by=None)
    row = desk.choose_match(near, project.pk, by=None)
    assert (row.kind, row.project_id) == ("changed", project.pk)
    desk.confirm(Ledger.objects.get(pk=ledger.pk), by=None)
    assert project.aliases.get().name == "青禾轴承产业园建设项目A区"
    heads = ("序号", "项目名称", "编号", "总投资")
    coded = previewed(town.east, sheet(("完全不同的名字", project.code, 52000), heads=heads))
    assert coded.rows.get().project_id == project.pk


def test_a_question_is_asked_answered_once_and_remembered(town):
    made = sheet(BEARINGS[:4], unit="")
    ledger = opened(town.east, made, town.chen)
    assert ledger.state == "asking"
    with pytest.raises(ValidationError):
        desk.confirm(ledger, by=town.chen)
    stale = ledger.version
    ledger = desk.answer(ledger, by=town.chen, units={"": "万元"}, expected=ledger.version)
    assert ledger.state == "ready"
    with pytest.raises(StaleVersion):
        desk.confirm(ledger, by=town.chen, expected=stale)
    with pytest.raises(ValidationError, match="没有权限"):
        desk.confirm(ledger, by=town.zhang)
    desk.confirm(ledger, by=town.chen)
    assert Project.objects.get().investment_high == 52000 * WAN
    assert Layout.objects.get().changed_by == town.chen
    assert desk.compare(opened(town.east, made, town.chen), by=town.chen).counts["unchanged"] == 1


def test_cells_are_corrected_rows_left_out_and_moved_facts_refuse_the_import(town):
    ledger = previewed(town.east, sheet((BEARINGS[0], None, "十几个亿吧"), BATTERIES[:3]))
    assert desk.correct_cell(ledger, 0, 4, 3, 1234, by=None).kind == "new"
    desk.exclude_row(ledger.rows.get(number=5), out=True, by=None)
    ledger.refresh_from_db()
    assert (ledger.counts["new"], ledger.counts["left_out"]) == (1, 1)
    facts.create(name=BEARINGS[0], zone=town.east)
    with pytest.raises(ValidationError, match="预览以后有关项目的数据有了变化"):
        desk.confirm(ledger, by=None)
    ledger.refresh_from_db()
    assert (ledger.state, ledger.counts["changed"]) == ("ready", 1)
    desk.confirm(ledger, by=None)
    assert Project.objects.get().investment_high == 1234 * WAN


def test_a_row_of_a_large_ledger_is_judged_by_itself_and_the_whole_agrees(town, monkeypatch):
    rows = [(f"第{number}号智能装备项目", None, 1000 + number) for number in range(20)]
    older = facts.create(name="别的项目", zone=town.east)
    ledger = previewed(town.east, sheet(*rows, (rows[3][0], None, 7)))
    monkeypatch.setattr(desk, "SYNCHRONOUS", 5)
    assert ledger.rows.get(number=24).kind == "conflict"  # the same project twice
    desk.exclude_row(ledger.rows.get(number=7), out=True, by=None)
    assert desk.choose_match(ledger.rows.get(number=9), older.pk, by=None).kind == "changed"
    assert desk.correct_cell(Ledger.objects.get(), 0, 10, 3, "十几个亿吧", by=None).kind == "wrong"
    judged = Ledger.objects.get()
    assert judged.rows.get(number=24).kind == "new"
    monkeypatch.setattr(desk, "SYNCHRONOUS", 500)
    whole = desk.compare(Ledger.objects.get(), by=None)
    assert (judged.judged, judged.counts) == (whole.judged, whole.counts)


def test_an_import_is_taken_back_whole_and_can_be_made_again(town, office):
    older = facts.create(name=BATTERIES[0], zone=town.east)
    ledger, _ = imported(town.east, sheet(BEARINGS, BATTERIES))
    desk.undo(ledger, by=town.chen)
    older.refresh_from_db()
    assert not Project.objects.exclude(pk=older.pk).filter(withdrawn_at=None).exists()
    assert (older.company, older.investment_high, older.phase) == (None, None, "reserved")
    assert not Claim.objects.exists()
    assert not Progress.objects.filter(current=True).exists()
    assert not AnnualPlan.objects.exclude(status="withdrawn").exists()
    assert not Milestone.objects.exists()
    assert not Company.objects.exists()
    assert not older.assignments.exists()
    again = desk.confirm(desk.begin_again(ledger, by=town.chen), by=town.chen)
    assert (again.state, again.counts["new"], again.counts["changed"]) == ("imported", 1, 1)
    assert AnnualPlan.objects.filter(status="draft").count() == 2
    assert Problem.objects.filter(closed_on=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_who_takes_a_large_import_back_tells_what_was_built_on_it_meanwhile(town, monkeypatch):
    ledger, _ = imported(town.east, sheet(BEARINGS[:5]))
    monkeypatch.setattr(desk, "SYNCHRONOUS", 0)
    assert desk.undo(Ledger.objects.get(), by=town.chen).is_being_undone
    facts.record(Project.objects.get(), "weekly", date(2023, 7, 7), words="封顶", by=town.zhang)
    working.work()
    ledger.refresh_from_db()
    assert (ledger.state, ledger.is_being_undone) == ("imported", False)
    assert "没有撤销：此后张联络" in Notice.objects.get(user=town.chen, kind="台账").sentence
    assert Project.objects.get().withdrawn_at is None


def test_what_was_built_on_an_import_keeps_it_and_is_named(town):
    ledger, _ = imported(town.east, sheet(BEARINGS[:5]))
    project = Project.objects.get()
    facts.record(project, "weekly", date(2023, 7, 7), words="封顶", by=town.zhang)
    with pytest.raises(ValidationError) as refused:
        desk.undo(ledger, by=town.chen)
    assert "登记了进展" in refused.value.messages[0]
    assert Claim.objects.exists()


def test_a_worker_that_is_asked_to_stop_leaves_no_rows_and_the_file_can_be_begun_again(town):
    ledger = opened(town.east, sheet(BEARINGS, BATTERIES), town.chen)
    desk.stop(ledger, by=town.chen)
    job = Job.objects.create(kind="compare_ledger", key="k", zone=town.east, parameters={"ledger": ledger.pk})
    assert desk.compared(job, lambda: False) == "已按要求停止，没有导入"
    ledger.refresh_from_db()
    assert (ledger.state, ledger.rows.count()) == ("dropped", 0)
    assert desk.begin_again(ledger, by=town.chen).counts["new"] == 2


def test_a_project_that_has_ended_is_left_alone(town):
    imported(town.east, sheet(BEARINGS[:5]))
    facts.terminate(Project.objects.get(), on=date(2023, 7, 1), reason="企业放弃")
    before = told()
    ledger, _ = imported(town.east, sheet((*BEARINGS[:2], 99999)))
    assert "已于 2023-07-01 终止" in ledger.rows.get().differences[0][5]
    assert told() == before
