"""Dirty ledgers as offices send them, made up, with the truth of every cell: what reading them is measured by.

`make` gives a file and its truth, `score` compares with it what was understood; `python -m bench.ledger_maker examples
DIR` writes the examples of `fixtures/ledgers/`. The files are made without looking at the reader, and stay so.
"""

from bench.ledger_maker.making import KEPT, MORE, layout_of, make
from bench.ledger_maker.scoring import score
from bench.ledger_maker.truth import Truth

__all__ = ["KEPT", "MORE", "Truth", "layout_of", "make", "score"]
