"""The room of what is done in the background."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "projects.jobs"
    label = "projects_jobs"
    verbose_name = "后台任务"
