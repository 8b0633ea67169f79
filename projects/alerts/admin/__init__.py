"""The officials' screens of alerts, letters, exemptions, rules and scans."""

from projects.alerts.admin.alert import AlertAdmin
from projects.alerts.admin.exemption import ExemptionAdmin
from projects.alerts.admin.letter import LetterAdmin
from projects.alerts.admin.letterhead import LetterheadAdmin
from projects.alerts.admin.rule import RuleAdmin
from projects.alerts.admin.run import ScanRunAdmin

__all__ = ["AlertAdmin", "ExemptionAdmin", "LetterAdmin", "LetterheadAdmin", "RuleAdmin", "ScanRunAdmin"]
