"""Doorbells."""

from celery import shared_task

from projects.notices import sending


@shared_task
def send_notices() -> None:
    """Send what is due. A second bell does no harm."""
    sending.send_notices()
