"""The main room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProjectsConfig(AppConfig):
    name = "projects"
    label = "projects"
    verbose_name = "项目"

    def ready(self) -> None:
        from projects.standings import marking

        post_migrate.connect(marking.after_migrate, sender=self, dispatch_uid="projects.standings.marking")
