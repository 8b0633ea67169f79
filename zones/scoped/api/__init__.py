"""The base of every endpoint: the same rows, the same refusals, the same versions.

An endpoint declares a `rows.RowSerializer` (which columns), a `zones.scoped.filters.StrictFilterSet` (which
parameters) and `orders`, and for writing calls the verbs of its room inside `views.RowsViewSet.changing`.
"""
