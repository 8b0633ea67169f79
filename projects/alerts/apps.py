"""The room where rules meet facts."""

from datetime import timedelta

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "projects.alerts"
    label = "projects_alerts"
    verbose_name = "预警"

    def ready(self) -> None:
        from projects.alerts import cases, measures, tasks, truth
        from projects.alerts.letters.cases import LETTER
        from projects.alerts.letters.measure import LetterReplyDue
        from projects.jobs.kinds import Kind, register
        from projects.notices import truth as truths
        from projects.standings import marking

        # A national register takes long; a zone takes seconds.
        limit = timedelta(hours=2)
        register(Kind(tasks.SCAN, "判定预警", tasks.scan_alerts, limit, by_hand=True))
        register(Kind(tasks.HELP, "协助判定预警", tasks.help_scan, limit))
        cases.register(LETTER)
        measures.register(LetterReplyDue())
        truths.register(truth.PREFIX, truth.still_true, to_do=truth.to_do)
        truths.register(truth.EXEMPTION, set, to_do=truth.exemption_to_do)
        truths.register(truth.LETTER, truth.letter_holds, to_do=truth.letter_to_do)
        # What people decide of an alert is judged by, too.
        marking.watch("projects_alerts_exemption")
        of_alert = "(SELECT a.project_id FROM projects_alerts_alert a WHERE a.id = {row}.alert_id)"
        marking.watch("projects_alerts_closing", of_alert)
