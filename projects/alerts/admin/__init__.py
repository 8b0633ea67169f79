"""The officials' screens of alerts, exemptions, rules and scans."""

from projects.alerts.admin.alert import AlertAdmin
from projects.alerts.admin.exemption import ExemptionAdmin
from projects.alerts.admin.rule import RuleAdmin
from projects.alerts.admin.run import ScanRunAdmin

__all__ = ["AlertAdmin", "ExemptionAdmin", "RuleAdmin", "ScanRunAdmin"]
