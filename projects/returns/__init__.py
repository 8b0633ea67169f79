"""The month's return as numbers: what is checked, what is known beforehand, who is late."""
