"""Stated values: kept with their place, chosen, mirrored, told where they differ."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from projects import claims
from projects.dates import DateSpan
from projects.matching import Register
from projects.models import Claim, Company, Project, Source
from projects.money import Amount

pytestmark = pytest.mark.django_db
YI = 100_000_000


def reread(project):
    return Project.objects.get(pk=project.pk)


@pytest.fixture
def ledger(town):
    return Source.objects.create(kind=Source.Kind.LEDGER, title="七月台账", zone=town.east)


def test_the_first_amount_is_mirrored_and_a_second_waits_beside_it(project, report, ledger):
    first, _ = claims.assert_claim(
        project, "amount", Amount(30 * YI, 50 * YI, "CNY", "about"), source=report, span=(3, 9)
    )
    second, new = claims.assert_claim(project, "amount", Amount(40 * YI, 40 * YI), source=ledger)
    assert new
    assert first.chosen
    assert not second.chosen
    assert (reread(project).investment_low, reread(project).investment_high) == (30 * YI, 50 * YI)
    assert claims.disagreements(project) == [[first, second]]


def test_choosing_the_other_moves_the_mirror_and_leaves_one_chosen(project, report, ledger):
    claims.assert_claim(project, "amount", Amount(30 * YI, 50 * YI, "CNY", "about"), source=report)
    second, _ = claims.assert_claim(project, "amount", Amount(40 * YI, 40 * YI), source=ledger)
    claims.choose(second)
    assert reread(project).investment == Amount(40 * YI, 40 * YI)
    assert Claim.objects.get(chosen=True) == second


def test_saying_it_again_at_the_same_place_changes_nothing(project, report):
    first = claims.assert_claim(project, "amount", Amount(YI, YI), source=report, span=(3, 9))
    assert claims.assert_claim(project, "amount", Amount(YI, YI), source=report, span=(3, 9)) == (first[0], False)
    assert Claim.objects.count() == 1


def test_foreign_money_stands_beside_yuan_and_is_never_added(project, report):
    claims.assert_claim(project, "amount", Amount(YI, YI), source=report, span=(3, 9))
    claims.assert_claim(project, "amount", Amount(30_000_000, 30_000_000, "USD", "about"), source=report, span=(10, 19))
    stored = reread(project)
    assert stored.investment_high == YI
    assert stored.foreign == Amount(30_000_000, 30_000_000, "USD", "about")


def test_an_old_copy_of_the_project_puts_no_old_name_back(project, report):
    stale = reread(project)
    project.name = "西部激光产业园项目"
    project.save()
    claims.assert_claim(stale, "amount", Amount(YI, YI), source=report)
    assert reread(project).key == project.key


def test_the_name_that_is_no_longer_chosen_is_still_known(project, report, town):
    former = project.name
    claims.assert_claim(project, "name", former, source=report)
    claims.choose(claims.assert_claim(project, "name", "西部激光产业园项目", source=report)[0])
    assert reread(project).name == "西部激光产业园项目"
    assert Register.for_zone(town.east).find(former).pk == project.pk


def test_a_company_is_found_again_by_its_name(project, report, ledger, town):
    claims.assert_claim(project, "company", "东部传感器有限公司", source=report)
    assert reread(project).company == Company.objects.get(zone=town.east)
    claims.assert_claim(project, "company", "东部传感器 有限公司", source=ledger)
    assert Company.objects.count() == 1
    assert claims.disagreements(project) == []


def test_days_keep_their_precision_and_whether_they_are_planned(project, report):
    span = DateSpan(date(2023, 7, 1), date(2023, 9, 30), "quarter")
    claim, _ = claims.assert_claim(project, "started", span, certainty="planned", source=report, span=(1, 5))
    assert (claim.first, claim.last, claim.precision) == (span.first, span.last, "quarter")
    assert "2023年" in claim.shown
    assert not project.milestones.exists(), "a statement is no fact"


def test_what_a_person_typed_is_not_overwritten_by_the_first_report(project, report, town):
    project.company = Company.objects.create(zone=town.east, name="手填有限公司")
    project.save()
    company, _ = claims.assert_claim(project, "company", "东部传感器有限公司", source=report)
    name, _ = claims.assert_claim(project, "name", "传感器二号项目", source=report)
    assert not company.chosen
    assert not name.chosen
    assert (reread(project).company.name, reread(project).name) == ("手填有限公司", "东部传感器产业园项目")


def test_a_company_that_the_zone_above_keeps_is_not_doubled(project, report, town):
    kept = Company.objects.create(zone=town.city, name="东部传感器有限公司")
    claims.assert_claim(project, "company", "东部传感器有限公司", source=report)
    assert reread(project).company == kept


def test_a_namesake_of_a_neighbour_is_another_company(project, report, town):
    Company.objects.create(zone=town.west, name="东部传感器有限公司")
    claims.assert_claim(project, "company", "东部传感器有限公司", source=report)
    assert reread(project).company.zone == town.east


def test_withdrawing_brings_back_what_was_chosen_before(project, report):
    first, _ = claims.assert_claim(project, "amount", Amount(YI, YI), source=report, span=(0, 2))
    second, _ = claims.assert_claim(project, "amount", Amount(2 * YI, 2 * YI), source=report, span=(4, 6))
    second = claims.choose(second)
    claims.withdraw([second], instead=[first.pk], before=claims.typed(project))
    assert reread(project).investment_high == YI
    assert list(project.claims.values_list("pk", "chosen")) == [(first.pk, True)]
    with pytest.raises(ValidationError, match="已经撤回"):
        claims.choose(second)
    claims.withdraw([project.claims.get()], before=claims.typed(project))
    assert (reread(project).investment, project.claims.count()) == (None, 0)
