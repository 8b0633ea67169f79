"""The LibreOffice of this machine, for the tests that look at papers as they come out of it."""

import shutil

PROGRAMS = ("soffice", "libreoffice")


def find() -> str | None:
    """The program; None when this machine has none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)
