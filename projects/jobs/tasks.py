"""Doorbells: what the messages of the broker wake."""

from celery import shared_task

from projects.jobs import ticking, working


@shared_task
def tick() -> None:
    """Look at the timetable. A second bell does no harm."""
    ticking.tick()


@shared_task
def work(job_id: int) -> None:
    """Do one job, unless it is done or somebody is at it."""
    working.work(job_id)
