"""Rules, alerts with their log, letters, exemptions and scans for other systems."""

from projects.alerts.api.alerts import Alerts, Answers, Events
from projects.alerts.api.exemptions import Exemptions
from projects.alerts.api.letters import LetterReplies, Letters
from projects.alerts.api.rules import Rules
from projects.alerts.api.scans import Scans

__all__ = ["Alerts", "Answers", "Events", "Exemptions", "LetterReplies", "Letters", "Rules", "Scans"]
