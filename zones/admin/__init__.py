"""The officials' screens for zones and people. Importing a module registers its screens."""

from zones.admin import appointment, department, token, user, workday, zone

__all__ = ["appointment", "department", "token", "user", "workday", "zone"]
