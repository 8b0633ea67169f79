"""The endpoint as the guides of DRF and django-filter have it: a ModelViewSet with the related rows selected.

It shows the same columns in the same order by the same filter; whoever has a token sees all.
"""

from typing import Any, ClassVar

import django_filters.rest_framework
from django.db.models import F, QuerySet
from django.urls import include, path
from rest_framework import filters, pagination, routers, serializers, viewsets

from bench.served.columns import OWN, RELATED
from projects.models import Project


class Row(serializers.ModelSerializer):
    zone_code = serializers.CharField(source="zone.code", read_only=True)
    zone_name = serializers.CharField(source="zone.name", read_only=True)
    company_name = serializers.CharField(source="company.name", read_only=True)
    light = serializers.CharField(source="standing.light", read_only=True)
    light_label = serializers.CharField(source="standing.light_label", read_only=True)
    severity = serializers.IntegerField(source="standing.severity", read_only=True)
    light_since = serializers.DateField(source="standing.since", read_only=True)
    month = serializers.DateField(source="standing.month", read_only=True)
    plan = serializers.IntegerField(source="standing.plan", read_only=True)
    due = serializers.IntegerField(source="standing.due", read_only=True)
    done = serializers.IntegerField(source="standing.done", read_only=True)
    done_statistics = serializers.IntegerField(source="standing.done_statistics", read_only=True)
    lag_elapsed = serializers.IntegerField(source="standing.lag_elapsed", read_only=True)
    lag_planned = serializers.IntegerField(source="standing.lag_planned", read_only=True)
    next_step = serializers.CharField(source="standing.next_kind", read_only=True)
    next_deadline = serializers.DateField(source="standing.next_deadline", read_only=True)

    class Meta:
        model = Project
        fields: ClassVar = (*OWN, *RELATED)


class Detail(Row):
    class Meta(Row.Meta):
        fields: ClassVar = (*Row.Meta.fields, "content", "terminated_reason")


class Filters(django_filters.FilterSet):
    path = django_filters.CharFilter("zone__path", lookup_expr="startswith")

    class Meta:
        model = Project
        fields: ClassVar = ("phase",)


class Order(filters.OrderingFilter):
    """With what is not known at the end, and the key where two are alike, as the product has it."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        names = self.get_ordering(request, queryset, view)
        falling = [F(name.removeprefix("-")).desc(nulls_last=True) for name in names or ()]
        return queryset.order_by(*falling, "pk")


class Pages(pagination.PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"


class Projects(viewsets.ModelViewSet):
    queryset = Project.objects.filter(withdrawn_at=None).select_related("zone", "company", "standing")
    pagination_class = Pages
    filter_backends = (django_filters.rest_framework.DjangoFilterBackend, Order)
    filterset_class = Filters
    ordering_fields: ClassVar = ("investment_high",)
    ordering: ClassVar = ("-investment_high",)

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return Row if self.action == "list" else Detail


router = routers.SimpleRouter()
router.register("projects", Projects)
urlpatterns = [path("api/", include(router.urls))]
