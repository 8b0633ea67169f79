"""The room where rules meet facts."""

from datetime import timedelta

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "projects.alerts"
    label = "projects_alerts"
    verbose_name = "预警"

    def ready(self) -> None:
        from projects.alerts import tasks
        from projects.jobs.kinds import Kind, register

        # A national register takes long; a zone takes seconds.
        limit = timedelta(hours=2)
        register(Kind(tasks.SCAN, "判定预警", tasks.scan_alerts, limit, by_hand=True))
