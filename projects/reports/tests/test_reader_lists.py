"""Where names and lists begin and end, and whose an amount is."""

from __future__ import annotations

import pytest

from projects.reports.grammar import NamedProject, Reading, read


def names(text: str) -> list[str]:
    return [one.name for one in read(text).mentions]


def gist(reading: Reading) -> list[tuple[str, str | None, int | None, int | None]]:
    """Name, batch, period and total investment in millions of yuan."""
    return [
        (
            one.name,
            one.batch and one.batch.value,
            one.period and one.period.value,
            one.amount and one.amount.value.low // 10**6,
        )
        for one in reading.mentions
    ]


def open_codes(reading: Reading) -> list[str]:
    return [d.code for d in reading.differences if d.open]


# ---- names -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "中原粮油储备库扩建项目",
        "供销对接平台建设项目",
        "婚庆策划产业园项目",
        "船用推进器制造项目",
        "人才引进公寓项目",
        "临溪建成区管网改造项目",
        "将军路改造项目",
        "2023年高标准农田建设项目",
    ],
)
def test_a_verb_that_is_part_of_a_name_does_not_cut_it(name: str) -> None:
    assert names(f"“开工一批”项目2个,分别为{name}、澄江储能电池项目。")[0] == name


@pytest.mark.parametrize(
    "words",
    ["策划了的", "正在谋划的", "谋划建设的", "储备了", "积极对接", "已推进", "谋划", "开发区引进", "全市签约"],
)
def test_a_verb_before_a_name_is_no_part_of_it(words: str) -> None:
    assert names(f"“开工一批”项目2个,分别为{words}青禾轴承产业园项目、澄江储能电池项目。")[0] == "青禾轴承产业园项目"


@pytest.mark.parametrize(
    "words",
    ["力争年底前", "力争今年年底前", "确保", "三季度确保", "要确保", "力争2023年12月底前", "9月底前", "全力争取"],
)
def test_a_modal_and_its_date_are_no_part_of_a_name(words: str) -> None:
    assert names(f"{words}青禾轴承产业园项目竣工投产。") == ["青禾轴承产业园项目"]


@pytest.mark.parametrize(
    "text",
    [
        "澄江铝板带项目（总投资.8亿元）已经开工。",
        "“开工一批”项目2个,分别为澄江铝板带项目（总投资.8亿元）、南坡光学镜片项目（总投资2亿元）。",
        "“开工一批”项目2个,分别为澄江铝板带项目（计划总投资.8亿元人民币）、南坡光学镜片项目（总投资2亿元）。",
    ],
)
def test_a_bracket_with_a_damaged_amount_is_no_part_of_a_name(text: str) -> None:
    reading = read(text)
    assert gist(reading)[0] == ("澄江铝板带项目", "start", None, None)
    assert open_codes(reading) == ["unreadable_amount"]


def test_a_stray_mark_before_a_period_bracket_does_not_make_it_a_name() -> None:
    text = (
        "“开工一批”项目4个,分别为青禾轴承产业园项目、海棠物流园项目、（第五期签约项目）、"
        "华坪砖厂项目、南坡光学镜片项目（第六期开工项目）。"
    )
    reading = read(text)
    assert gist(reading) == [
        ("青禾轴承产业园项目", "start", 5, None),
        ("海棠物流园项目", "start", 5, None),
        ("华坪砖厂项目", "start", 6, None),
        ("南坡光学镜片项目", "start", 6, None),
    ]
    assert open_codes(reading) == []


# ---- numbered sections -----------------------------------------------------------------------------
SIGNED = [("青禾智能阀门项目", "sign", 5, 230), ("污水处理厂提标改造项目", "sign", 5, 400)]
STARTED = [("澄江储能电池项目", "start", 5, 800), ("南坡光学镜片项目", "start", 5, 150)]


@pytest.mark.parametrize("between", ["\n", "\n\n", ""])
def test_every_row_of_a_numbered_section_is_a_project_of_its_batch(between: str) -> None:
    rows = (
        "第五期签约一批（2个）",
        "（1）青禾智能阀门项目，投资方：河南青禾阀门有限公司，总投资2.3亿元，占地50亩。",
        "（2）污水处理厂提标改造项目，总投资4亿元。",
    )
    assert gist(read(between.join(rows))) == SIGNED
    assert read(between.join(rows)).mentions[0].company is not None


def test_sections_that_are_numbered_themselves_keep_apart() -> None:
    text = (
        "临溪县项目通报\n\n1. 第五期签约一批（2个）\n"
        "（1）青禾智能阀门项目，投资方：河南青禾阀门有限公司，总投资2.3亿元，年产阀门5万套\n"
        "（2）污水处理厂提标改造项目，总投资4亿元，日处理污水3万吨\n"
        "2. 第五期开工一批（2个）\n"
        "（1）澄江储能电池项目，总投资8亿元\n（2）南坡光学镜片项目，总投资1.5亿元\n"
    )
    reading = read(text)
    assert gist(reading) == SIGNED + STARTED
    assert all(one.entered for one in reading.mentions)
    assert open_codes(reading) == []
    assert open_codes(read(text.replace("开工一批（2个）", "开工一批（3个）"))) == ["count_mismatch"]


# ---- amounts of items ------------------------------------------------------------------------------
ITEMS = "云岭大道综合管廊项目（总投资12亿元）、青禾铝板带项目（总投资8.5亿元）、澄江物流园项目"


@pytest.mark.parametrize("head", ["开工一批项目分别是：", "“开工一批”项目3个，分别是："])
def test_an_amount_in_a_bracket_is_the_items_own(head: str) -> None:
    reading = read(f"{head}{ITEMS}，总投资9.7亿元。")
    assert [amount for *_, amount in gist(reading)] == [1200, 850, None]
    assert open_codes(reading) == ["item_sum_mismatch"]


@pytest.mark.parametrize(
    ("end", "codes"),
    [
        ("（总投资2亿元），总投资22.5亿元。", []),
        ("（总投资2亿元），总投资约22.6亿元。", []),
        ("（总投资2亿元），总投资25亿元。", ["item_sum_mismatch"]),
        ("（总投资2亿元），总投资20亿元。", ["item_sum_mismatch"]),
        ("，总投资25亿元。", []),
        ("（总投资2亿元）等，总投资25亿元。", []),
    ],
)
def test_the_items_are_compared_with_the_total_behind_them(end: str, codes: list[str]) -> None:
    assert open_codes(read(f"“开工一批”项目3个，分别是：{ITEMS}{end}")) == codes


def test_amounts_right_behind_their_names_are_their_own() -> None:
    text = "投产的项目有：青禾轴承产业园项目总投资8亿元、澄江储能电池项目总投资5亿元。"
    assert [amount for *_, amount in gist(read(text))] == [800, 500]


def test_the_amount_before_a_name_is_not_of_the_name_before_it() -> None:
    told = gist(read("南坡光学镜片项目开工建设,总投资5亿元的澄江储能电池项目竣工。"))
    assert [(name, amount) for name, _, _, amount in told] == [("南坡光学镜片项目", None), ("澄江储能电池项目", 500)]


# ---- semicolons ------------------------------------------------------------------------------------
ROWS = [("海棠光学玻璃项目", 800), ("云岭农机项目", 300), ("青禾轴承产业园项目", 250)]


@pytest.mark.parametrize("head", ["投产一批项目分别是：", "“投产一批”项目3个，分别为："])
@pytest.mark.parametrize("row", ["总投资{0}亿元的{1}", "{1}，总投资{0}亿元", "{1}（总投资{0}亿元）"])
def test_every_row_closed_by_a_semicolon_is_of_the_batch(head: str, row: str) -> None:
    text = head + "；".join(row.format(f"{amount / 100:g}", name) for name, amount in ROWS) + "。"
    reading = read(text)
    assert gist(reading) == [(name, "produce", None, amount) for name, amount in ROWS]
    assert open_codes(reading) == []
    assert all(one.entered for one in reading.mentions)


def test_a_row_of_a_semicolon_list_says_its_own_status_and_dates() -> None:
    first, second = read(
        "2023年7月5日讯\n\n“开工一批”项目2个，分别为：青禾轴承产业园项目，总投资8亿元，2023年5月开工；"
        "澄江储能电池项目，总投资3亿元，因资金问题停工。"
    ).mentions
    assert first.status is not None
    assert second.status is not None
    assert (first.status.value, first.status_own, second.status.value) == ("已开工", True, "停工")
    assert [(d.role, d.span.iso()) for d in first.dates] == [("started", "2023-05")]


def test_a_list_behind_a_semicolon_keeps_its_own_batch() -> None:
    text = (
        "签约项目2个，分别为青禾轴承产业园项目、澄江储能电池项目；开工项目2个，分别为南坡光学镜片项目、海棠物流园项目。"
    )
    assert [batch for _, batch, *_ in gist(read(text))] == ["sign", "sign", "start", "start"]


# ---- what is said of a project ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("青禾轴承产业园项目已终止。", "终止"),
        ("青禾轴承产业园项目被依法清退。", "终止"),
        ("青禾轴承产业园项目已调出。", "调出"),
        ("青禾轴承产业园项目调出三个一批项目库。", "调出"),
        ("将青禾轴承产业园项目清退出项目库。", "终止"),
        ("对青禾轴承产业园项目予以终止。", "终止"),
        ("总投资3亿元的青禾轴承产业园项目春节不停工。", None),
        ("总投资3亿元的青禾轴承产业园项目建立退出机制。", None),
    ],
)
def test_a_project_that_is_given_up_says_so(text: str, status: str | None) -> None:
    (one,) = read(text).mentions
    assert (one.name, one.status and one.status.value) == ("青禾轴承产业园项目", status)


@pytest.mark.parametrize("words", ["投资的", "投资3亿元建设的"])
def test_the_investor_before_a_name_is_its_company(words: str) -> None:
    (one,) = read(f"由河南青禾环保科技有限公司{words}临溪固废资源化项目总投资3亿元。").mentions
    assert one.company is not None
    assert (one.name, one.company.value) == ("临溪固废资源化项目", "河南青禾环保科技有限公司")


@pytest.mark.parametrize(
    "words",
    [
        "其中，总投资8亿元的青禾轴承产业园项目占地200亩；澄江储能电池项目总投资5亿元。",
        "其中：总投资8亿元的青禾轴承产业园项目、总投资5亿元的澄江储能电池项目。",
        "其中青禾轴承产业园项目总投资8亿元、澄江储能电池项目总投资5亿元。",
        "其中青禾轴承产业园项目主体封顶，总投资8亿元；澄江储能电池项目总投资5亿元。",
    ],
)
def test_the_examples_of_a_counted_total_are_of_its_batch_and_round(words: str) -> None:
    reading = read(f"第五期“三个一批”开工项目5个，总投资30亿元。{words}")
    assert gist(reading) == [("青禾轴承产业园项目", "start", 5, 800), ("澄江储能电池项目", "start", 5, 500)]


def test_a_project_that_dropped_out_is_not_of_the_batch_that_counts_it() -> None:
    one: NamedProject = read("第五期“三个一批”开工项目5个，其中青禾轴承产业园项目已终止。").mentions[0]
    assert (one.batch, one.status and one.status.value) == (None, "终止")


def test_the_place_of_a_status_begins_with_its_words() -> None:
    text = "总投资3亿元的青禾科技园占地30亩,入驻商户平稳经营。"
    (one,) = read(text).mentions
    assert one.status is not None
    assert text[one.status.start : one.status.end] == "入驻"
