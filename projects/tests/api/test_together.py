"""Fifty at once with one version: one of them writes, the others are told."""

import sqlite3
import threading
from collections import Counter
from datetime import date

import pytest
from django.db import connection, connections
from django.test import Client

from projects import facts
from projects.models import Milestone, MilestoneChange, Problem
from projects.tests.api.calling import url
from zones import clock
from zones.models import ApiToken

WRITERS = 50
BESIDE = 10  # as many write another row of the project meanwhile, so that the order of the locks is tried as well


@pytest.fixture
def meeting(transactional_db, town, tmp_path, monkeypatch):
    """Where threads with connections of their own see the rows: a file, where the tests' database is in memory."""

    def opened():
        if connection.vendor == "sqlite":
            path = tmp_path / "meeting.sqlite3"
            with sqlite3.connect(path) as file:
                connection.connection.backup(file)
            file.close()
            monkeypatch.setitem(connections.settings["default"], "NAME", str(path))

    return opened


def everybody(number, act):
    """What `act(at)` returned or raised in each of the threads, which start together."""
    gate, told = threading.Barrier(number), {}

    def run(at):
        try:
            gate.wait(20)
            told[at] = act(at)
        except Exception as error:
            told[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [told.get(at) for at in range(number)]


def alone(look):
    """What `look` sees through a connection of its own."""
    seen = []
    thread = threading.Thread(target=lambda: (seen.append(look()), connections.close_all()))
    thread.start()
    thread.join(30)
    return seen[0]


@pytest.mark.django_db(transaction=True)
def test_of_fifty_writers_with_one_version_exactly_one_wins(town, meeting):
    project = facts.create(name="气体传感器生产线项目", zone=town.east)
    step = facts.approve(facts.promise(project, "started", date(2023, 6, 1)))
    problem = facts.raise_problem(project, title="缺电", category="utilities", raised_on=date(2023, 6, 1))
    token, key = ApiToken.issue(town.chen, "测试", days=1, may_write=True)
    ApiToken.objects.filter(pk=token.pk).update(last_used_on=clock.today())
    client = Client(headers={"authorization": f"Bearer {key}"})
    etags = {name: client.get(url(name, row.pk))["ETag"] for name, row in (("milestones", step), ("problems", problem))}
    meeting()

    def write(at):
        name, row, field = ("milestones", step, "planned") if at < WRITERS else ("problems", problem, "deadline")
        told = {field: f"2023-09-{1 + at % 30:02d}", "reason": f"第{at}人"}
        sent = {"authorization": f"Bearer {key}", "if-match": etags[name]}
        return name, Client(headers=sent).patch(url(name, row.pk), told, "application/json").status_code

    assert Counter(everybody(WRITERS + BESIDE, write)) == {
        ("milestones", 200): 1,
        ("milestones", 412): WRITERS - 1,
        ("problems", 200): 1,
        ("problems", 412): BESIDE - 1,
    }
    assert alone(lambda: Milestone.objects.get(pk=step.pk).version) == step.version + 1
    assert alone(lambda: MilestoneChange.objects.filter(milestone=step, reason__startswith="第").count()) == 1
    assert alone(lambda: Problem.objects.get(pk=problem.pk).events.filter(what="moved").count()) == 1
