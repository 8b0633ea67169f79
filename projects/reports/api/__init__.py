"""Reports for other systems: what was read in them, and the files that are sent to be read."""

from projects.reports.api.reading import Differences, Figures, Mentions, Reports
from projects.reports.api.uploads import Uploads

__all__ = ["Differences", "Figures", "Mentions", "Reports", "Uploads"]
