"""The roof: settings, schedule, addresses, and the Celery application that Django must load."""

from tracker.celery import app as celery_app

__all__ = ["celery_app"]
