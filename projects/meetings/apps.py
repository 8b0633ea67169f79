"""The room where people meet."""

from datetime import timedelta

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "projects.meetings"
    label = "projects_meetings"
    verbose_name = "周例会"

    def ready(self) -> None:
        from projects.alerts import cases as subjects
        from projects.alerts import measures
        from projects.jobs.kinds import Kind, register
        from projects.meetings import filing, tasks, telling
        from projects.meetings.cases import DECISION
        from projects.meetings.measures import DecisionPastDeadline
        from projects.notices import truth

        register(Kind(tasks.OPEN, "生成会议议程", tasks.open_meetings, timedelta(minutes=30)))
        truth.register(filing.KEY, filing.still_wanted)
        truth.register(telling.KIND, set, to_do=telling.to_do)
        subjects.register(DECISION)
        measures.register(DecisionPastDeadline())
