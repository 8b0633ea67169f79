"""Ledgers for other systems: sending one goes by the endpoint of uploads."""

from projects.ledgers.api.dispatches import Dispatches
from projects.ledgers.api.files import ProjectExport, TableFile, Tables
from projects.ledgers.api.ledgers import Ledgers
from projects.ledgers.api.rows import Rows

__all__ = ["Dispatches", "Ledgers", "ProjectExport", "Rows", "TableFile", "Tables"]
