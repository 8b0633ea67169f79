"""When things happen by themselves. Hours are those of Asia/Shanghai.

Every message expires before its successor is due, so a broker that was down for a weekend does not
replay the weekend: a late run does today's work once, because the tasks ask the business day themselves.
"""

from celery.schedules import crontab

BEAT_SCHEDULE = {
    "scan alerts": {
        "task": "projects.alerts.tasks.scan_alerts",
        "schedule": crontab(hour=5, minute=30),
        "options": {"expires": 20 * 3600},
    },
    "send notices": {
        "task": "projects.notices.tasks.send_notices",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
}
