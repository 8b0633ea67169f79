"""Plans as numbers: cut down by month, and laid back from a target day."""

from projects.plans.cutting import even_targets
from projects.plans.months import month_end

__all__ = ["even_targets", "month_end"]
