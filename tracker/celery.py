"""The Celery application. Broker and beat only wake; what is due stands in the database."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.signals import worker_ready

from tracker import starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

# Celery asks, at every loss of the broker, whether what is being done should be broken off. It should not.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning, message=r"\s*In Celery 5\.1 we introduced")

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def look_at_once(sender: Any, **kwargs: Any) -> None:
    """Whoever comes up, or comes back, begins with what was missed, and does not wait for the next tick."""
    sender.app.send_task("projects.jobs.tasks.tick", retry=False)


starting.attend(app)
