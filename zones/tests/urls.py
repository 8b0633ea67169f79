"""The admin alone, to test the bases on the ground's own models."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]
