"""The officials' screens of the room."""

from projects.intake.admin import uploads

__all__ = ["uploads"]
