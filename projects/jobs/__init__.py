"""Background jobs: the database is the queue, Celery only wakes.

A room says in `ready()` what a kind of job does (`kinds.register`); `tracker/schedule.py` says when. `posting.post`
asks for a job, `ticking.tick` adds what is due and takes back what was left lying, `working.work` does it.
"""
