"""The room where files come in."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "projects.intake"
    label = "projects_intake"
    verbose_name = "文件接收"
