"""The room where people are told."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "projects.notices"
    label = "projects_notices"
    verbose_name = "通知"
