"""我的待办: the month's returns stand beside what alerts want of a person."""

from typing import Any

import pytest

from projects import facts
from projects.alerts.admin import todo
from projects.alerts.tests.conftest import JUNE, Make
from projects.models import Assignment

pytestmark = pytest.mark.django_db


def titles(user: Any) -> dict[str, int]:
    return {work.title: work.count for work in todo.of(user)}


def test_a_return_waits_for_its_liaison_and_then_for_the_office(town: Any, project: Make) -> None:
    made = project(plan=1_200_000)
    project("别人的项目", plan=1_200_000)
    facts.assign(made, Assignment.Role.LIAISON, user=town.zhang)
    assert titles(town.zhang) == {"待填报的月报": 1}
    assert titles(town.chen) == {}
    row, _ = facts.fill_return(made, JUNE, {"this_month": 500_000, "year_to_date": 500_000}, by=town.zhang)
    assert titles(town.zhang) == {"待填报的月报": 1}
    facts.submit_return(row, note="首次填报，含上半年全部投资", by=town.zhang)
    assert (titles(town.zhang), titles(town.chen)) == ({}, {"待审核的月报": 1})
    facts.review_return(row, by=town.chen)
    assert titles(town.chen) == {}


def test_the_page_opens_with_its_lines(town: Any, project: Make, client: Any) -> None:
    facts.assign(project(plan=1_200_000), Assignment.Role.LIAISON, user=town.zhang)
    client.force_login(town.zhang)
    page = client.get("/admin/projects_alerts/alert/todo/").content.decode()
    assert "待填报的月报" in page
    assert "/admin/projects/return/fill/" in page


@pytest.mark.parametrize(("where", "marked"), [("todo/", "我的待办"), ("", "预警")])
def test_the_side_bar_marks_the_line_of_the_page_and_no_other(town: Any, client: Any, where: str, marked: str) -> None:
    client.force_login(town.zhang)
    page = client.get(f"/admin/projects_alerts/alert/{where}")
    lines = [line for group in page.context["sidebar_navigation"] for line in group["items"]]
    assert [line["title"] for line in lines if line["active"]] == [marked]
