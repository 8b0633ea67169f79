"""The officials' screens of ledgers."""

from projects.ledgers.admin import dispatches, layouts, ledgers

__all__ = ["dispatches", "layouts", "ledgers"]
