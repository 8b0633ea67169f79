"""A kind of job of the test's own, in this process."""

from datetime import timedelta
from typing import Any

import pytest

from projects.jobs import kinds
from projects.jobs.kinds import Kind
from projects.notices.tests.conftest import own_database

__all__ = ["own_database"]


class Deed:
    """What the kind `deed` does: by turns what is put into `acts`, and nothing when they are used up."""

    def __init__(self) -> None:
        self.acts: list[Any] = []
        self.done: list[int] = []

    def __call__(self, job: Any, stopping: Any) -> str:
        act = self.acts.pop(0) if self.acts else None
        if act is not None:
            act(job, stopping)
        self.done.append(job.pk)
        return f"做完第 {job.attempts} 次"


@pytest.fixture
def deed(monkeypatch: Any) -> Deed:
    """A kind that lasts at most 5 s and is tried 3 times."""
    made = Deed()
    own = {"deed": Kind("deed", "试办", made, timedelta(seconds=5), attempts=3, by_hand=True)}
    monkeypatch.setattr(kinds, "_kinds", {**kinds._kinds, **own})
    return made
