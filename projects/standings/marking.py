"""Whoever writes a fact, by whatever door, marks the project: the next scan looks at it again.

Triggers, because there are many doors and a forgotten one would be an alert that nobody gets: a verb, an import of a
million rows, a correction by hand on the database. They are put there after every `migrate`, as they are now.
"""

# ruff: noqa: S608  (names of our own tables; nothing here comes from outside)

from __future__ import annotations

from typing import Any, Final

from django.db import connections

WATCHED: Final[dict[str, str]] = {}
"""SQL that gives the key of the project, of {row}, by table."""
_NAME: Final = "tracker_marks"
_EVENTS: Final = {"insert": "NEW", "update": "NEW", "delete": "OLD"}


def watch(table: str, project: str = "{row}.project_id") -> None:
    """Rows of `table` are facts of the project whose key `project` gives, as SQL of `{row}`; null is none."""
    WATCHED[table] = project


def install(using: str) -> None:
    """Put the triggers there. To be called when all tables are."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for table, project in WATCHED.items():
            if table in tables:
                for statement in _statements(connection.vendor, table, project):
                    cursor.execute(statement)


def _statements(vendor: str, table: str, project: str) -> list[str]:
    if vendor == "postgresql":
        return [each for event in _EVENTS for each in _of_statement(table, event, project)]
    return [each for event, row in _EVENTS.items() for each in _of_row(table, event, project.format(row=row))]


def _mark(condition: str) -> str:
    # Also where the mark is there already: a scan that is taking it away at this moment would else not be waited for,
    # and the fact be judged by nobody.
    return f"UPDATE projects_standing SET stale = true WHERE project_id {condition}"


def _of_row(table: str, event: str, project: str) -> list[str]:
    name = f"{_NAME}_{table}_{event}"
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {_mark(f'= ({project})')}; END",
    ]


def _of_statement(table: str, event: str, project: str) -> list[str]:
    """One statement for all rows that a statement wrote."""
    name = f"{_NAME}_{table}_{event}"
    written = "OLD" if event == "delete" else "NEW"
    keys = f"IN (SELECT {project.format(row='written')} FROM written)"
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {_mark(keys)}; RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} REFERENCING {written} TABLE AS written "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


def after_migrate(using: str, **kwargs: Any) -> None:
    """The listener of `post_migrate`."""
    install(using)


def _through(table: str, key: str) -> str:
    """The project of the row of `table` that `key` of {row} points at."""
    return f"(SELECT behind.project_id FROM {table} behind WHERE behind.id = {{row}}.{key})"


for _table in (
    *("projects_annualplan", "projects_progress", "projects_milestone", "projects_suspension", "projects_entry"),
    *("projects_problem", "projects_assignment", "projects_return"),
):
    watch(_table)
watch("projects_project", "{row}.id")
watch("projects_monthlytarget", _through("projects_annualplan", "plan_id"))
watch("projects_milestonechange", _through("projects_milestone", "milestone_id"))
watch("projects_returnevent", _through("projects_return", "monthly_return_id"))
