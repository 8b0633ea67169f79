"""What a row says beside its figures decides what they mean: not started, carried over, up to which day, whose."""

from datetime import date

import pytest

from projects import facts
from projects.ledgers.tests.making import imported, previewed, sheet
from projects.models import Claim, Milestone, Progress, Project

pytestmark = pytest.mark.django_db
WAN = 10_000
NAME = "甲醇储运项目"
EITHER = ("序号", "项目名称", "总投资", "开工/计划开工时间", "形象进度", "年度累计完成投资")


def sentences(ledger, *codes):
    return [each[5] for row in ledger.rows.all() for each in row.differences if each[0] in codes]


def test_figures_up_to_a_day_are_kept_up_to_that_day(town):
    heads = ("序号", "项目名称", "年度累计完成投资", "形象进度")
    made = sheet((NAME, 1800, "打桩"), heads=heads, title="2023年重点项目进度表（截至6月25日）")
    ledger, _ = imported(town.east, made)
    assert list(Progress.objects.values_list("up_to", "amount", "words")) == [(date(2023, 6, 25), 1800 * WAN, "打桩")]
    assert sentences(ledger, "year_done") == ["截至2023年6月25日"]
    assert imported(town.east, made)[1].nothing
    imported(town.east, sheet((NAME, 1900), heads=heads, title="2023年重点项目进度表（截至6月28日）"))
    imported(town.east, sheet((NAME, 2000, "主体"), heads=heads, title="2023年6月重点项目进度表"))
    fallen = previewed(town.east, sheet((NAME, 1950), heads=heads, title="2023年6月重点项目进度表"))
    assert sentences(fallen, "year_done") == ["比原来报的少：确认无误的，请勾选“确认无误”"]
    assert list(Progress.objects.order_by("up_to").values_list("up_to", "amount")) == [
        (date(2023, 6, 25), 1800 * WAN),
        (date(2023, 6, 28), 1900 * WAN),
        (date(2023, 6, 30), 2000 * WAN),
    ]


def test_what_was_spent_before_the_year_is_shown_and_without_a_plan_it_is_said_not_to_be_kept(town):
    heads = ("序号", "项目名称", "2023年度计划投资", "2022年底累计完成投资")
    ledger, _ = imported(town.east, sheet((NAME, 4000, 22000), ("乙烯储运项目", None, 900), heads=heads))
    assert Project.objects.get(name=NAME).plans.get().carried == 22000 * WAN
    told = [
        (each[4], each[5]) for row in ledger.rows.order_by("number") for each in row.differences if each[0] == "carried"
    ]
    assert told == [
        ("2.2亿元", "随2023年度计划登记为截至2022年底累计完成"),
        ("900万元", "没有2023年度计划，截至2022年底累计完成没有登记"),
    ]


@pytest.mark.parametrize(
    ("start", "words", "spent", "done"),
    [
        ("2023年5月", "未开工，正在办理用地手续", None, False),
        ("2023年二季度", "前期手续办理中", None, False),
        ("2023年5月", "尚未动工", 0, False),
        ("2023年5月", "主体结构施工", None, True),
        ("2023年5月", None, 300, True),
        ("2023年5月", "打桩", None, True),
    ],
)
def test_a_day_that_may_be_planned_is_when_it_was_done_only_where_the_row_says_so(town, start, words, spent, done):
    imported(town.east, sheet((NAME, 12000, start, words, spent), heads=EITHER))
    step = Milestone.objects.get(kind="started")
    assert (step.done, bool(step.planned)) == (done, not done)
    assert set(Claim.objects.filter(field="started").values_list("certainty", flat=True)) == {
        "actual" if done else "planned"
    }


def test_a_day_of_which_nothing_says_whether_it_was_planned_is_not_kept_without_a_word(town):
    ledger, _ = imported(town.east, sheet((NAME, 12000, "2023年5月"), heads=EITHER))
    assert not Milestone.objects.exists()
    assert sentences(ledger, "start_on") == [
        "看不出是已开工还是计划开工，没有读入：请加“是否开工”一列，或在形象进度里写明"
    ]
    ends = sheet((NAME, "2023年5月", "主体"), heads=("序号", "项目名称", "竣工/计划竣工时间", "形象进度"))
    assert sentences(previewed(town.east, ends), "completion_on")[0].startswith("看不出是已竣工还是计划竣工")
    plain = sheet(("乙烯储运项目", 12000, "2023年5月"), heads=("序号", "项目名称", "总投资", "开工时间"))
    imported(town.east, plain)
    assert Milestone.objects.get().done
    refuted = sheet(
        ("丙烯储运项目", 900, "2023年5月", "未开工"), heads=("序号", "项目名称", "总投资", "开工时间", "形象进度")
    )
    imported(town.east, refuted)
    assert not Milestone.objects.get(project__name="丙烯储运项目").done


def test_a_name_without_the_full_name_of_the_company_is_asked_about_and_another_phase_is_named(town):
    project = facts.create(name="航天宏图信息技术股份有限公司中原智慧地球数据工厂项目", zone=town.east)
    facts.create(name="英维克中部地区研发生产基地（二期）", zone=town.east)
    rows = ("航天宏图中原智慧地球数据工厂", 60000), ("英维克中部地区研发生产基地", 5000), ("地球数据工厂", 900)
    ledger = previewed(town.east, sheet(*rows, heads=("序号", "项目名称", "总投资")))
    asked, phase, other = ledger.rows.order_by("number")
    assert (asked.kind, asked.match["near"][0]["pk"]) == ("conflict", project.pk)
    assert (phase.kind, phase.match["why"]) == ("new", "与“英维克中部地区研发生产基地（二期）”期次不同，新建档案")
    assert other.kind == "new"
