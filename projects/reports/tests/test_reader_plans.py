"""What is only planned is not read as done: steps, dates and amounts."""

from __future__ import annotations

from datetime import date

import pytest

from projects.dates import DateSpan
from projects.reports.grammar import NamedProject, Reading, read

ON = DateSpan(date(2023, 6, 21), date(2023, 6, 21), "day")
NAME = "总投资5亿元的青禾轴承产业园项目"


def only(text: str, on: DateSpan | None = ON) -> NamedProject:
    (one,) = read(text, published=on).mentions
    return one


def told(one: NamedProject) -> tuple[str | None, str | None, list[tuple[str, str, str]]]:
    """Status, batch and dates."""
    days = [(d.role, d.certainty, d.partial or d.span.iso()) for d in one.dates]
    return one.status.value if one.status else None, one.batch.value if one.batch else None, days


def millions(one: NamedProject) -> tuple[int | None, int | None, int | None]:
    """Total, annual plan and completed, in millions of yuan."""
    read_ = (one.amount, one.annual_plan, one.completed)
    return tuple(r and r.value.low // 10**6 for r in read_)  # type: ignore[return-value]


# ---- steps -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("将于2023年10月竣工投产", [("produced", "planned", "2023-10")]),
        ("即将竣工投产", []),
        ("将于2023年10月开工建设", [("started", "planned", "2023-10")]),
        ("拟于8月开工", [("started", "planned", "2023-08")]),
        ("应于6月投产", [("produced", "planned", "2023-06")]),
        ("须在9月底前开工", [("started", "planned", "2023-09")]),
        ("需9月底前开工", [("started", "planned", "2023-09")]),
        ("力争年底前投产", [("produced", "planned", "2023-12")]),
        ("力争在2023年底前全面建成并投产", [("produced", "planned", "2023-12")]),
        ("确保9月开工", [("started", "planned", "2023-09")]),
        ("争取早日投产", []),
        ("预计2024年3月竣工、5月投产", [("completed", "planned", "2024-03"), ("produced", "planned", "2024-05")]),
        ("计划8月开工、2024年10月建成投产", [("started", "planned", "2023-08"), ("produced", "planned", "2024-10")]),
        ("须在8月底前完成场地平整、9月开工", [("started", "planned", "2023-09")]),
    ],
)
def test_a_step_behind_a_modal_is_planned(words: str, days: list[tuple[str, str, str]]) -> None:
    # What is to be started on a day has not been started; of any other step nothing follows.
    status = "未开工" if any(role == "started" for role, _, _ in days) else None
    assert told(only(f"{NAME}{words}。")) == (status, None, days)


@pytest.mark.parametrize(
    "words",
    ["2023年10月开工", "于2023年10月开工建设", "8月底前开工", "年底开工"],
)
def test_a_step_after_the_day_of_the_report_is_planned_without_a_modal(words: str) -> None:
    status, batch, ((_, certainty, _),) = told(only(f"{NAME}{words}。"))
    assert (status, batch, certainty) == ("未开工", None, "planned")


def test_a_step_that_is_done_stands_beside_one_that_is_to_come() -> None:
    one = only(f"{NAME}2022年12月签约,2023年3月开工建设,2024年6月建成投产。")
    assert told(one) == (
        "已开工",
        "start",
        [("signed", "actual", "2022-12"), ("started", "actual", "2023-03"), ("produced", "planned", "2024-06")],
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("应急车间已投产", "已投产"),
        ("目前开工建设", "已开工"),
        ("已于2023年5月开工", "已开工"),
        ("现已建成投产", "已投产"),
        ("开工后已投入2000万元", "已开工"),
    ],
)
def test_what_is_done_stays_done(words: str, status: str) -> None:
    assert told(only(f"计划{NAME}{words}。"))[0] == status


@pytest.mark.parametrize(
    "words",
    [
        "投产后年产值可达8亿元",
        "建成投产后年产值可达8亿元",
        ",项目投产以后年产轴承300万套",
        "签约后加快办理手续",
        ",已具备开工条件",
        "投产前还要验收",
    ],
)
def test_a_step_on_the_way_to_something_else_asserts_nothing(words: str) -> None:
    assert told(only(f"{NAME}{words}。"))[1:] == (None, [])
    assert told(only(f"{NAME}{words}。"))[0] in (None, "前期手续")


def test_the_year_of_a_yield_is_no_year_after_next() -> None:
    assert told(only(f"{NAME}签约后两个月办好手续,投产后年产值8亿元,已开工。", None)) == ("已开工", "start", [])


@pytest.mark.parametrize(
    ("opening", "words", "days"),
    [
        ("2023年6月21日讯:", "将于2023年10月竣工", [("completed", "planned", "2023-10")]),
        ("2023年6月21日讯:", "即将竣工投产", []),
        ("6月21日电 ", "开工建设", []),
        ("6月20日,", "即将开工建设", []),
        ("6月20日,", "开工建设", [("started", "actual", "2023-06-20")]),
        ("2024年6月,", "将建成投产", [("produced", "planned", "2024-06")]),
    ],
)
def test_the_dateline_and_the_day_of_the_news_are_no_days_of_a_plan(
    opening: str, words: str, days: list[tuple[str, str, str]]
) -> None:
    assert told(only(f"{opening}{NAME}{words}。"))[2] == days


@pytest.mark.parametrize("on", [ON, None])
def test_until_now_is_not_the_day_of_a_step(on: DateSpan | None) -> None:
    assert told(only("青禾轴承产业园项目截至目前已开工建设。", on)) == ("已开工", "start", [])


def test_a_ceremony_that_is_announced_starts_nothing() -> None:
    text = "7月10日,全市重大项目集中开工仪式将在临溪区举行。"
    assert told(only(f"{text}{NAME}占地200亩。")) == (None, None, [])


def test_two_projects_with_their_own_predicates_do_not_share_them() -> None:
    text = "确保青禾轴承产业园项目年底前竣工、澄江储能电池项目9月底前开工。"
    assert [(m.name, told(m)[2]) for m in read(text, published=ON).mentions] == [
        ("青禾轴承产业园项目", [("completed", "planned", "2023-12")]),
        ("澄江储能电池项目", [("started", "planned", "2023-09")]),
    ]


# ---- amounts ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "annual", "completed"),
    [
        ("今年计划完成投资2亿元", 200, None),
        ("全年计划完成投资3亿元", 300, None),
        ("预计全年完成投资3亿元", 300, None),
        ("2023年目标完成投资2亿元", 200, None),
        ("计划今年完成3亿元", 300, None),
        ("2024年计划完成投资2亿元", None, None),
        ("明年计划完成投资2亿元", None, None),
        ("三季度计划完成投资8000万元", None, None),
        ("三季度计划投资8000万元", None, None),
        ("计划完成投资2亿元", None, None),
        ("力争年底前完成投资2亿元", None, None),
        ("力争年底前主体封顶,完成投资2亿元", None, None),
        ("力争上半年完成投资1亿元,下半年完成投资2亿元", None, None),
        ("尚需完成投资2亿元", None, None),
        ("今年尚未完成投资2亿元的目标", None, None),
        ("计划投资3亿元建厂房,已完成投资2亿元", None, 200),
        ("年度计划投资3亿元,完成投资2亿元", 300, 200),
        ("2023年计划完成投资2亿元,目前已完成投资1.2亿元", 200, 120),
        ("预计全年完成投资3亿元,已累计完成投资2亿元", 300, 200),
        ("1-5月完成投资1亿元,累计完成投资2亿元", None, 200),
        ("已投入2000万元", None, 20),
    ],
)
def test_a_target_is_no_money_spent(words: str, annual: int | None, completed: int | None) -> None:
    assert millions(only(f"{NAME},{words}。")) == (500, annual, completed)


def totals(text: str) -> list[tuple[int | None, int | None]]:
    reading = read(text, published=ON)
    return [
        (f.annual_plan and f.annual_plan.value.low // 10**8, f.completed and f.completed.value.low // 10**8)
        for f in reading.figures
    ]


def test_a_target_of_a_total_is_no_money_spent() -> None:
    assert totals("开工项目24个,总投资50亿元,全年计划完成投资20亿元,截至5月底已完成投资9亿元。") == [(20, 9)]
    assert totals("开工项目24个,总投资50亿元,力争年底前完成投资20亿元。") == [(None, None)]
    assert totals("全市重点项目计划完成投资1500亿元。") == []


@pytest.mark.parametrize(
    ("text", "until"),
    [
        (f"{NAME},截至2023年5月底,已完成投资1.9亿元。", date(2023, 5, 31)),
        (f"截至2023年5月底,{NAME}已完成投资1.9亿元。", date(2023, 5, 31)),
        (f"{NAME}2023年1-5月完成投资1.9亿元。", date(2023, 5, 31)),
        (f"{NAME}2022年完成投资1.9亿元。", date(2022, 12, 31)),
        (f"{NAME}截至目前已完成投资1.9亿元。", date(2023, 6, 21)),
        (f"{NAME},2023年3月开工,已完成投资1.9亿元。", None),
    ],
)
def test_a_completed_amount_says_until_when_it_holds(text: str, until: date | None) -> None:
    one = only(text)
    assert millions(one)[2] == 190
    assert (one.completed_until and one.completed_until.value.last) == until
    if one.completed_until:
        assert "2" in text[one.completed_until.start : one.completed_until.end] or "目前" in text


def test_the_date_of_an_amount_goes_with_it_when_two_mentions_become_one() -> None:
    text = f"{NAME}进展顺利。截至2023年5月底,青禾轴承产业园项目已完成投资1.9亿元。"
    reading: Reading = read(text, published=ON)
    (one,) = reading.mentions
    assert one.completed_until is not None
    assert text[one.completed_until.start : one.completed_until.end] == "截至2023年5月底"
