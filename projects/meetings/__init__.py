"""The weekly meeting: agenda, what is said and decided, minutes, and following what was decided until it is done."""
