"""The admin site."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    """The theme's site, but that the list of all screens is made only where it is looked at: our menu is the sidebar's,
    and asking every screen for its permissions takes an eighth of a page. Every list can be had as a file.
    """

    exports = (
        ("xlsx", "万元", "Excel（金额按万元）"),
        ("xlsx", "亿元", "Excel（金额按亿元）"),
        ("xlsx", "元", "Excel（金额按元）"),
        ("csv", "万元", "CSV（金额按万元）"),
        ("csv", "元", "CSV（金额按元）"),
    )

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The addresses of all screens, that of each list's file before those of its rows."""
        return [*map(self._export_of, self._registry.values()), *super().get_urls()]

    def _export_of(self, screen: Any) -> URLPattern:
        def view(request: HttpRequest) -> HttpResponseBase:
            from projects.ledgers.exporting import lists  # only where it is asked for: it brings the writer of Excel

            return lists.export(screen, request)

        label, name = screen.opts.app_label, screen.opts.model_name
        return path(f"{label}/{name}/export/", self.admin_view(view), name=f"{label}_{name}_export")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """All screens of all apps that the person may see, or those of one app."""
        return SimpleLazyObject(lambda: super(Site, self).get_app_list(request, app_label))
