"""The room where files come in."""

from datetime import timedelta

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "projects.intake"
    label = "projects_intake"
    verbose_name = "文件接收"

    def ready(self) -> None:
        from projects.intake import clearing
        from projects.jobs.kinds import Kind, register

        register(Kind(clearing.CLEAR, "清理未能读取的文件", clearing.clear, timedelta(minutes=30)))
