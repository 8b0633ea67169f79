"""The room where people are told."""

from datetime import timedelta

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "projects.notices"
    label = "projects_notices"
    verbose_name = "通知"

    def ready(self) -> None:
        from projects.jobs.kinds import Kind, register
        from projects.notices import confirming, operators, tasks
        from projects.notices.delivering import BUDGET

        # A round ends by itself after its budget, but for the message in hand.
        limit = timedelta(seconds=BUDGET) + timedelta(minutes=2)
        register(Kind(tasks.SEND, "发送通知", tasks.send_notices, limit))
        operators.watch()
        confirming.watch()
