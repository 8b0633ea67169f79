"""The room where rules meet facts."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "projects.alerts"
    label = "projects_alerts"
    verbose_name = "预警"
