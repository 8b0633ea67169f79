"""Endpoints of meetings: what is on them, what was decided, what became of it, and the minutes."""
