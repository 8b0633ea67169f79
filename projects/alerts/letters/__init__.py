"""Letters that an office writes from alerts: drafted here, issued by a leader, replied to by whoever stands for the
project, and closed by the reply that the office accepts.
"""
