"""我的周报: the week of all of a person's projects, told on a phone in under a minute.

Every project is a card of its own, told by itself. The whole page is one form, so that it works without the script;
`static/tracker/week.js` sends a single card and gets that card back, and keeps what could not be sent until it can.
"""

from projects.meetings.admin.week.page import check, page

__all__ = ["check", "page"]
