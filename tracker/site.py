"""The admin site."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    """The theme's site, but that the list of all screens is made only where it is looked at: our menu is the sidebar's,
    and asking every screen for its permissions takes an eighth of a page.
    """

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """All screens of all apps that the person may see, or those of one app."""
        return SimpleLazyObject(lambda: super(Site, self).get_app_list(request, app_label))
