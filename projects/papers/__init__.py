"""Papers that an office puts out, by GB/T 9704: their blocks, their Word file, and how they are frozen when issued."""

from projects.papers.blocks import DRAFT, NUMERALS, Block, Kind, day, flat, hour, paragraphs, stopped
from projects.papers.frozen import freeze, frozen
from projects.papers.word import write

__all__ = [
    "DRAFT",
    "NUMERALS",
    "Block",
    "Kind",
    "day",
    "flat",
    "freeze",
    "frozen",
    "hour",
    "paragraphs",
    "stopped",
    "write",
]
