"""The facts of the main room for other systems."""
