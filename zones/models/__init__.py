"""What is stored about zones and people."""

from zones.models.appointment import Appointment, Role
from zones.models.department import Department
from zones.models.token import ApiToken
from zones.models.user import User
from zones.models.versioned import StaleVersion, Versioned
from zones.models.workday import WorkdayOverride
from zones.models.zone import Zone, ZoneName

__all__ = [
    "ApiToken",
    "Appointment",
    "Department",
    "Role",
    "StaleVersion",
    "User",
    "Versioned",
    "WorkdayOverride",
    "Zone",
    "ZoneName",
]
