"""Projects and zones of many alerts at once."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.alerts import places
from projects.alerts.models import Alert
from projects.models import Project


def test_more_than_a_thousand_alerts_are_told_where_they_belong(town: Any) -> None:
    Project.objects.bulk_create(
        Project(code=f"P{number}", serial=number, name=f"项目{number}", zone=town.east) for number in range(1_001)
    )
    alerts = [Alert(project_id=pk) for pk in Project.objects.values_list("pk", flat=True)]
    alerts.append(Alert(zone_id=town.west.pk))
    places.fetch(alerts)
    with CaptureQueriesContext(connection) as queries:
        assert {alert.place for alert in alerts} == {town.east, town.west}
    assert not queries
