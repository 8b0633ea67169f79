"""The product's settings while it is measured: as in service, but nobody is turned away for asking too often."""

from tracker.settings import *  # noqa: F403

# The plain project signs in with DRF's own tokens; its table is made with the others, and the product never reads it.
INSTALLED_APPS += ["rest_framework.authtoken"]  # noqa: F405

# Requests are counted as in service, and there are never too many.
API_RATE = 1_000_000_000
