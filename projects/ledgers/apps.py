"""The room where spreadsheets become facts, and facts spreadsheets."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class LedgersConfig(AppConfig):
    name = "projects.ledgers"
    label = "projects_ledgers"
    verbose_name = "台账"

    def ready(self) -> None:
        from projects.jobs.kinds import Kind, register
        from projects.ledgers import tasks, telling
        from projects.notices import truth

        limit = timedelta(minutes=30)
        register(Kind(tasks.READ, "读取台账", tasks.read_upload, limit, by_hand=True))
        register(Kind(tasks.COMPARE, "比对台账", tasks.compare_ledger, limit, by_hand=True))
        register(Kind(tasks.IMPORT, "导入台账", tasks.import_ledger, limit, by_hand=True))
        register(Kind(tasks.UNDO, "撤销导入", tasks.undo_ledger, limit, by_hand=True))
        truth.register(telling.KEY, set)
