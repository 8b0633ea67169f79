"""The way out: any list as it is seen, the superior's tables, a template to fill in, and what was sent each month."""
