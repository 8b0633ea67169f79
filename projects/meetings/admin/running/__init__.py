"""开会: the page on which a meeting is held, and what it asks while it is open. See `static/tracker/meeting/`."""

from projects.meetings.admin import pages
from projects.meetings.admin.pages import Page
from projects.meetings.admin.running import answering, showing

pages.register(Page("run", showing.page, button="开会", over="会议记录", order=10))
pages.register(Page("changes", answering.changes, route="run/changes"))
pages.register(Page("choices", answering.choices, route="run/choices"))
pages.register(Page("save", answering.save, route="run/save"))
