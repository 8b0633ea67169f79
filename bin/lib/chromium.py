"""The Chromium of this machine, for the tests that use the product in a browser."""

import shutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The program; None when this machine has none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)
