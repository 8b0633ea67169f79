"""Measurements of the product: `bin/bench NAME`. Nothing in here is part of the product."""
