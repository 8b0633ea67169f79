"""Rules as data, alerts as episodes, what people ask for of them, and the scans that wrote them."""

from projects.alerts.models.alert import (
    EXEMPTED,
    LIVE,
    MOVED,
    REMARK,
    WORDS,
    WORST_FIRST,
    Alert,
    AlertAnswer,
    AlertEvent,
    AlertQuerySet,
)
from projects.alerts.models.letter import (
    Letter,
    LetterEvent,
    LetterFile,
    Letterhead,
    LetterKind,
    LetterReply,
    Talk,
)
from projects.alerts.models.petition import Closing, Exemption, Petition
from projects.alerts.models.rule import Rule, measure_choices
from projects.alerts.models.scan import ScanPart, ScanRun

__all__ = [
    "EXEMPTED",
    "LIVE",
    "MOVED",
    "REMARK",
    "WORDS",
    "WORST_FIRST",
    "Alert",
    "AlertAnswer",
    "AlertEvent",
    "AlertQuerySet",
    "Closing",
    "Exemption",
    "Letter",
    "LetterEvent",
    "LetterFile",
    "LetterKind",
    "LetterReply",
    "Letterhead",
    "Petition",
    "Rule",
    "ScanPart",
    "ScanRun",
    "Talk",
    "measure_choices",
]
