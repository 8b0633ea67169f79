"""The month in words moves on, and nothing else."""

from datetime import date

import pytest

from projects.ledgers.exporting.moving import Move
from projects.ledgers.exporting.telling import When

JULY = Move(When(2023, 6), When(2023, 7), date(2023, 8, 3))
NEXT_YEAR = Move(When(2023, 12), When(2024, 1), date(2024, 2, 3))


@pytest.mark.parametrize(
    ("move", "words", "moved"),
    [
        (JULY, "高新区2023年6月重点项目进度表", "高新区2023年7月重点项目进度表"),
        (JULY, "2023年1-6月累计（万元）", "2023年1-7月累计（万元）"),
        (JULY, "1—6月完成投资，6月形象进度", "1—7月完成投资，7月形象进度"),
        (JULY, "截至2023.06 / 2023-6 / 202306", "截至2023.07 / 2023-7 / 202307"),
        (JULY, "2023年5月 2022年6月 16月 6月30日前", "2023年5月 2022年6月 16月 6月30日前"),
        (JULY, "填报日期：2023年6月28日", "填报日期：2023年8月3日"),
        (JULY, "数据截至2023年6月30日", "数据截至2023年7月31日"),
        (JULY, "2023年计划投资 2022年底累计", "2023年计划投资 2022年底累计"),
        (JULY.only_years(), "6月形象进度 2023年6月", "6月形象进度 2023年7月"),
        (NEXT_YEAR, "2023年12月 1-12月 2023年计划 2022年底", "2024年1月 1-1月 2024年计划 2023年底"),
    ],
)
def test_the_month_of_a_table_moves_on_in_its_words(move, words, moved):
    assert move.words(words) == moved
