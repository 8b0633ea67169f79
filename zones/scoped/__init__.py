"""The one way that rows reach a person. Models import from here; screens from the modules inside."""

from zones.scoped.querysets import ScopedManager, ScopedModel, ScopedQuerySet

__all__ = ["ScopedManager", "ScopedModel", "ScopedQuerySet"]
