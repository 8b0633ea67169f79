"""The demonstration set: what an empty database is filled with so that a newcomer sees the product work.

Zones, rounds and rules are published facts; reports come from `fixtures/reports/`; everything else is invented and
marked 演示. `fill` may be run again at any time: it adds what is missing and never touches what is there.
"""

from tracker.demonstration.filling import fill
from tracker.demonstration.guard import Refused
from tracker.demonstration.overview import as_text, summary

__all__ = ["Refused", "as_text", "fill", "summary"]
