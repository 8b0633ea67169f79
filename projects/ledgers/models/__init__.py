"""What is stored of ledgers."""

from projects.ledgers.models.dispatch import Dispatch
from projects.ledgers.models.layout import Layout
from projects.ledgers.models.ledger import Ledger, LedgerRow, Part

__all__ = ["Dispatch", "Layout", "Ledger", "LedgerRow", "Part"]
