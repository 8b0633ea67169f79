"""建设起止年限: stated as it is written, and no deadline."""

from datetime import date

import pytest

from projects.ledgers.tests.making import differences, imported, previewed, sheet
from projects.models import Claim, Milestone, Project

pytestmark = pytest.mark.django_db
HEADS = ("序号", "项目名称", "总投资", "建设起止年限", "计划开工时间")


def test_years_become_what_is_planned_with_their_precision_and_promise_nothing(town):
    told = sheet(
        ("青禾轴承产业园项目", 52000, "2023-2025"), ("云岭储能项目", 8000, "2023年3月至2024年6月"), heads=HEADS
    )
    ledger, _ = imported(town.east, told)
    stated = Claim.objects.filter(certainty="planned").order_by("pk").values_list("field", "first", "last", "precision")
    assert list(stated) == [
        ("started", date(2023, 1, 1), date(2023, 12, 31), "year"),
        ("completion", date(2025, 1, 1), date(2025, 12, 31), "year"),
        ("started", date(2023, 3, 1), date(2023, 3, 31), "month"),
        ("completion", date(2024, 6, 1), date(2024, 6, 30), "month"),
    ]
    assert not Milestone.objects.filter(planned__isnull=False).exists()
    sentences = {each[5] for row in ledger.rows.all() for each in row.differences if each[0] == "build_period"}
    assert sentences == {"只写到年，不作为节点期限", "只写到月，不作为节点期限"}
    assert differences(previewed(town.east, told)) == []


def test_a_column_of_its_own_says_it_better_and_another_edition_that_differs_is_shown(town):
    first = sheet(("青禾轴承产业园项目", 52000, "2023-2025", "2023.6"), heads=HEADS)
    imported(town.east, first)
    assert set(Claim.objects.filter(certainty="planned").values_list("field", "precision")) == {
        ("started", "month"),
        ("completion", "year"),
    }
    again = previewed(town.east, sheet(("青禾轴承产业园项目", 52000, "2023-2026"), heads=HEADS, title="另一张表"))
    told = [each for each in differences(again) if each[1] == "build_period"]
    assert told == [(4, "build_period", "conflict", "2025年", "计划竣工 2026年")]
    assert Project.objects.count() == 1
