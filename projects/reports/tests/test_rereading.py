"""Reading again with another grammar: what nobody has looked at changes, the rest is proposed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from projects.models import Project
from projects.money import Amount
from projects.reports import reconciling, rereading, review
from projects.reports.grammar import NamedProject, Read, Reading, read
from projects.reports.models import Mention, Report
from projects.reports.tests import texts
from projects.reports.tests.helpers import dump, rounds, stored
from zones import clock

YI = 100_000_000


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.TRACKER_TODAY = "2023-07-10"


@pytest.fixture
def report(town: Any) -> Report:
    rounds(town.province)
    return stored(texts.ZONE, town.east)


@pytest.fixture
def better(monkeypatch: Any) -> Any:
    """A grammar of another day: it finds 20亿元 for every project, not the last one, and no 智谷."""

    def read_better(text: str, **told: Any) -> Reading:
        reading = read(text, **told)
        reading.mentions = [_dearer(one) for one in reading.mentions[:-1] if "智谷" not in one.name]
        return reading

    monkeypatch.setattr(rereading, "read", read_better)
    monkeypatch.setattr(rereading.storing, "READER", "newer")


def _dearer(one: NamedProject) -> NamedProject:
    return replace(one, amount=Read(Amount(20 * YI, 20 * YI), one.start, one.end))


def test_the_same_grammar_changes_no_row(report):
    before = dump()
    assert rereading.reread(report).sentence == "重新读取，没有变化"
    assert dump() == before


def test_what_nobody_decided_on_is_replaced_and_the_rest_is_proposed_once(town, report, better):
    first, second, third = report.mentions.order_by("start")[:3]
    project, _ = review.adopt_as_new(first, by=town.chen)
    review.refuse(second, reason="外区项目", by=town.chen)
    kept, last = report.mentions.get(name__contains="智谷"), report.mentions.order_by("start").last()
    review.correct(kept, {"period": "2"}, by=town.chen)
    done = rereading.reread(report)
    assert (done.changed, done.proposed, done.gone) == (7, 3, 1)
    assert not Mention.objects.filter(pk=last.pk).exists()
    third.refresh_from_db()
    assert third.stated["amount"]["value"]["high"] == 20 * YI
    first.refresh_from_db()
    assert "amount" not in first.stated
    assert rereading.told(first) == [{"label": "总投资", "now": "", "again": "20亿元"}]
    kept.refresh_from_db()
    assert rereading.told(kept)[0]["again"] == "没有再读到"
    with pytest.raises(ValidationError, match="没有再读到"):
        rereading.take(kept, by=town.chen)
    rereading.dismiss(kept, by=town.chen)

    rereading.take(first, by=town.chen)
    project.refresh_from_db()
    assert (project.investment_high, project.claims.filter(field="amount").count()) == (20 * YI, 1)
    assert rereading.reread(report).sentence == "重新读取，没有变化", "what was dismissed is not proposed again"
    review.undo(report, by=town.chen)
    project.refresh_from_db()
    assert (project.investment_high, project.withdrawn_at) == (None, None)
    first.refresh_from_db()
    assert "amount" not in first.stated
    assert first.proposed["stated"]["amount"]
    for _ in range(4):  # the dismissal, the correction, the refusal, the new file
        review.undo(report, by=town.chen)
    assert not Project.objects.visible_to(town.chen).exists()


def test_an_answer_to_a_total_stays_and_a_doubt_that_was_settled_is_settled(town, report, better):
    line = next(line for line in reconciling.lines(report) if line.open)
    reconciling.answer(line.figure, "漏列1个", by=town.chen)
    review.settle(report.differences.filter(open=True).first(), resolution="原文如此", by=town.chen)
    told = list(report.differences.values("code", "sentence", "resolution", "open"))
    rereading.reread(report)
    assert list(report.differences.values("code", "sentence", "resolution", "open")) == told
    assert report.figures.get(answer="漏列1个").answered_by == town.chen


def test_the_command_reads_what_an_older_grammar_read(report, better):
    def run(**options: Any) -> list[dict[str, Any]]:
        out = StringIO()
        call_command("reread_reports", format="json", stdout=out, **options)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    before = dump()
    (told,) = run(dry_run=True, zone=report.zone.code)
    assert (told["changed"], told["gone"]) == (9, 2)
    assert dump() == before
    assert run() == [told]
    assert run() == []


# ---- totals --------------------------------------------------------------------------------------------
LISTED = """临溪高新区 2023年2月讯

临溪高新区第七期“三个一批”投产项目3个，总投资10亿元。“投产一批”项目3个，分别为青禾轴承产业园项目（第七期投产项目）、澄江储能电池项目（第七期投产项目）。

其中服务业项目9个。"""


def test_a_total_stands_beside_what_is_listed_accepted_and_recorded_until_somebody_answers(
    town, django_assert_max_num_queries
):
    rounds(town.province)
    report = stored(LISTED, town.east)
    figure = report.figures.filter(batch="produce").order_by("start").first()
    figure.scope = f"{town.east} 第7期 投产一批"
    figure.period, figure.count = 7, 3
    figure.save()

    def line(user: Any = town.chen) -> reconciling.Line:
        return next(line for line in reconciling.lines(report, user) if line.figure == figure)

    assert (line().wanted["count"], line().listed["count"], line().accepted["count"]) == (3, 2, 0)
    assert line().open
    reconciling.answer(figure, "漏列1个，已向经发局核实", by=town.chen)
    assert not line().open
    for mention in report.mentions.all():
        review.adopt_as_new(mention, by=town.chen)
    with django_assert_max_num_queries(9):
        now = line()
    assert now.open, "the numbers changed since the answer"
    assert (now.accepted["count"], now.recorded["count"]) == (2, 2)
    assert now.sentence.startswith("报道称第7期投产3个")
    assert "文中列名2个，少1个" in now.sentence
    assert "台账中第7期投产项目2个，少1个（截至2023-02-28）" in now.sentence
    assert line(town.li).recorded is None or not line(town.li).recorded["count"]
    assert clock.today() == date(2023, 7, 10)


def test_a_total_of_what_the_database_does_not_know_is_not_compared(report):
    figure = report.figures.first()
    figure.filter = "服务业"
    figure.save()
    line = reconciling.lines(report)[0]
    assert (line.recorded, line.open) == (None, False)
    assert "不能核对" in line.sentence


def test_what_somebody_looked_at_and_took_back_is_proposed_as_well_so_that_no_undo_brings_old_words_back(
    town, report, better
):
    mention = report.mentions.order_by("start").first()
    review.correct(mention, {"period": "2"}, by=town.chen)
    review.undo(report, by=town.chen)
    before = {**mention.stated}
    rereading.reread(report)
    mention.refresh_from_db()
    assert mention.stated == before
    assert mention.proposed["stated"]["amount"]["value"]["low"] == 20 * YI
    taken = rereading.take(mention, by=town.chen)
    assert (taken.state, taken.stated["amount"]["value"]["low"]) == (Mention.State.WAITING, 20 * YI)
