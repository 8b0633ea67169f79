"""The roof of the house."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AdminConfig(admin.AdminConfig):
    """The admin, on our own site."""

    default = False
    default_site = "tracker.site.Site"


class TrackerConfig(AppConfig):
    name = "tracker"
    label = "tracker"
    verbose_name = "三个一批项目跟踪"

    def ready(self) -> None:
        from projects.admin import filters
        from tracker import checks, lights, panels  # noqa: F401  (checks register themselves)

        panels.register()
        filters.offer_lights(lights.choices)
