"""Every address of the product. Errors answer by tracker/errors.py."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from projects.notices import links
from tracker import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("healthz", health.alive, name="healthz"),
    path("healthz/jobs", health.jobs, name="healthz_jobs"),
    path("healthz/alerts", health.alerts, name="healthz_alerts"),
    path("readyz", health.ready, name="readyz"),
    path("n/<str:token>/", links.reply, name="reply"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("tracker.api")),
]

handler400 = "tracker.errors.bad_request"
handler403 = "tracker.errors.forbidden"
handler404 = "tracker.errors.not_found"
handler500 = "tracker.errors.server_error"
