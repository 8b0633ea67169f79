"""Plans as numbers: cut down by month, laid back from a target day, and what was due by the end of a month."""

from projects.plans.cutting import even_targets
from projects.plans.due import Due, due_by, month_end

__all__ = ["Due", "due_by", "even_targets", "month_end"]
