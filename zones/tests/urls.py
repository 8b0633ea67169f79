"""The admin and a throw-away endpoint, to test the bases on real models."""

from django.contrib import admin
from django.urls import include, path
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from zones.models import Department, Zone
from zones.scoped.api import ScopedSlugRelatedField, ScopedViewSet
from zones.scoped.filters import StrictFilterSet


class DepartmentSerializer(serializers.ModelSerializer):
    zone = ScopedSlugRelatedField("code", model=Zone)

    class Meta:
        model = Department
        fields = ["id", "zone", "name"]


class DepartmentFilter(StrictFilterSet):
    class Meta:
        model = Department
        fields = ["name", "active"]


class DepartmentViewSet(ScopedViewSet):
    queryset = Department.objects.order_by("pk")
    serializer_class = DepartmentSerializer
    filterset_class = DepartmentFilter

    def filter_queryset(self, queryset):
        from django_filters.rest_framework import DjangoFilterBackend

        return DjangoFilterBackend().filter_queryset(self.request, queryset, self)


router = SimpleRouter()
router.register("departments", DepartmentViewSet)

urlpatterns = [path("admin/", admin.site.urls), path("api/", include(router.urls))]
