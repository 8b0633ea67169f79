"""审核: the page on which a report is checked, and what it asks while it is open. See `static/tracker/review/`."""

from projects.reports.admin import pages
from projects.reports.admin.review import answering, showing

pages.register("review", "review", showing.page)
pages.register("changes", "review/changes", answering.changes)
pages.register("search", "review/search", answering.search)
pages.register("save", "review/save", answering.save)
