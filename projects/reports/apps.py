"""The room where press reports become mentions, figures and, once reviewed, claims."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "projects.reports"
    label = "projects_reports"
    verbose_name = "报道"
