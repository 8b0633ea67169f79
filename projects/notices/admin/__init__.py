"""The officials' screens of notices."""

from projects.notices.admin import absences, deliveries, holds, inbox, operations, outlets

__all__ = ["absences", "deliveries", "holds", "inbox", "operations", "outlets"]
