"""How much of a file is read at all. Beyond any of these it is refused, with a sentence that says what to do."""

from __future__ import annotations

from typing import Final

MEGABYTE: Final = 1024 * 1024

# What is sent
FILE: Final = 20 * MEGABYTE
TEXT: Final = 2 * MEGABYTE  # of one article, in UTF-8: no report is a book, and reading one as one takes minutes
PAGES: Final = 500  # of a PDF
ROWS: Final = 20_000  # of a sheet
ROWS_OF_COMMAND: Final = 120_000  # of a sheet that a command reads, with so many times the memory and time:
MORE: Final = 4
COLUMNS: Final = 200

# What is in an archive such as a docx
MEMBERS: Final = 200
UNPACKED: Final = 200 * MEGABYTE
RATIO: Final = 100  # unpacked to packed, of all members together

# What the process may use that reads it
MEMORY: Final = 512 * MEGABYTE  # of address space; the readers themselves take 70 of it
SECONDS: Final = 30  # of the processor
WALL: Final = 60.0  # seconds by the clock
ANSWER: Final = 128 * MEGABYTE  # all cells of the largest sheet
