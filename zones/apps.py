"""The ground of the house: who and where."""

from django.apps import AppConfig


class ZonesConfig(AppConfig):
    name = "zones"
    label = "zones"
    verbose_name = "区域与人员"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zones import checks  # noqa: F401  (registers the system checks)
