"""The officials' screens of reports: what was read, where it does not agree, and the page on which it is checked."""

from projects.reports.admin import parts, reports, review

__all__ = ["parts", "reports", "review"]
