"""Every address of the product. Errors answer by templates/400.html, 403.html, 404.html and 500.html."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from tracker import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", admin.site.urls),
]
