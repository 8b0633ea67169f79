"""The room where press reports become mentions, figures and, once reviewed, claims."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "projects.reports"
    label = "projects_reports"
    verbose_name = "报道"

    def ready(self) -> None:
        from projects.jobs.kinds import Kind, register
        from projects.reports import tasks

        register(Kind(tasks.READ, "读取报道", tasks.read_upload, timedelta(minutes=10), by_hand=True))
