"""What can be asked of the API, found by looking at it: endpoints, parameters, orders, forms."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import URLResolver
from django_filters import rest_framework as rest

from tracker import api
from tracker.tests.safety import world
from zones.scoped.querysets import under

ROOT = "/api/v1/"


@dataclass
class Place:
    """Where the rows of an endpoint belong, said here a second time, apart from the models."""

    lookups: tuple = ("project__zone",)
    inherited: bool = False  # rows of the zones above, and of none, can be read as well
    own: str = ""  # the column that names the only reader
    administered: bool = False  # those who administer accounts see it, too
    accounts: bool = False  # who looks after the system sees it
    readers: tuple = (*world.EAST_PEOPLE, *world.CITY_PEOPLE)
    in_city: bool = True  # those who look at the city, or lead it, see it
    of_city: tuple = world.CITY_PEOPLE  # who of them

    def rows(self, model, town, who):
        """The rows that a person of the cast should see."""
        rows = model._base_manager.all()
        user = getattr(town, who)
        if self.own:
            return rows.filter(**{self.own: user})
        in_city = (self.in_city and who in self.of_city) or (self.administered and who in world.ADMINISTRATORS)
        in_city = in_city or (self.accounts and who == "system")
        if not in_city and who not in self.readers:
            return rows.none()
        zone = town.city if in_city else town.east
        seen = Q()
        for lookup in self.lookups:
            seen |= under(lookup, [zone.path])
            if self.inherited:
                above = [zone.path[: at + 1] for at, sign in enumerate(zone.path) if sign == "/"]
                seen |= Q(**{f"{lookup}__path__in": above}) | Q(**{f"{lookup}__isnull": True})
        return rows.filter(pk__in=rows.filter(seen).values("pk"))


OF_REPORT = Place(("report__zone",))
OF_ZONE = Place(("zone",))
OF_ALERT = Place(("alert__project__zone", "alert__zone"))
PLACES = {
    "zones": Place(("",), administered=True),
    "departments": Place(("zone",), administered=True),
    "companies": Place(("zone", "projects__zone")),
    "projects": OF_ZONE,
    "aliases": Place(),
    "assignments": Place(),
    "series": Place(("zone",), inherited=True),
    "periods": Place(("series__zone",), inherited=True),
    "entries": Place(),
    "milestones": Place(),
    "milestone-changes": Place(("milestone__project__zone",)),
    "suspensions": Place(),
    "plans": Place(),
    "schedule-templates": Place(("zone",), inherited=True),
    "progress": Place(),
    "returns": Place(),
    "return-events": Place(("monthly_return__project__zone",)),
    "return-photos": Place(("monthly_return__project__zone",)),
    "standings": Place(),
    "standing-months": Place(),
    "problems": OF_ZONE,
    "problem-events": Place(("problem__zone",)),
    "sources": OF_ZONE,
    "claims": Place(),
    "rules": Place(("zone",), inherited=True),
    "alerts": Place(("project__zone", "zone")),
    "alert-events": OF_ALERT,
    "answers": OF_ALERT,
    "exemptions": Place(("project__zone", "zone")),
    "letters": OF_ZONE,
    "letter-replies": Place(("letter__zone",)),
    "scans": Place(("zone",), inherited=True),
    "reports": OF_ZONE,
    "mentions": OF_REPORT,
    "figures": OF_REPORT,
    "differences": OF_REPORT,
    "uploads": Place(("zone",), readers=("chen",), in_city=False),
    "ledgers": Place(("zone",), readers=("chen",), in_city=False),
    "ledger-rows": Place(("ledger__zone",), readers=("chen",), in_city=False),
    "dispatches": Place(("zone",), readers=("chen", "gao"), of_city=("chief",)),
    "meetings": OF_ZONE,
    "updates": Place(),
    "topics": Place(("meeting__zone",)),
    "decisions": Place(("project__zone", "meeting__zone")),
    "decision-events": Place(("decision__project__zone", "decision__meeting__zone")),
    "minutes": Place(("meeting__zone",)),
    "notices": Place(own="user"),
    "channels": Place(("zone",), accounts=True, readers=(), in_city=False),
}
"""By the prefix of the router. Whoever adds an endpoint says here whose its rows are."""

SINGLE = {"", "me/", "schema/", "docs/", "docs/errors", "statistics/", "<path:rest>"}
SINGLE |= {"projects/export/", "tables/", "tables/file/"}
"""Addresses beside the router's."""

ENDPOINTS = {prefix: viewset for prefix, viewset, _ in api.router.registry}


def routes():
    """Every pattern of the API that is not the router's."""
    for each in api.urlpatterns:
        if not isinstance(each, URLResolver):
            yield str(each.pattern)


def model_of(viewset):
    return viewset.queryset.model


def questions(viewset):
    """Parameters for a list: every filter with values that it takes, every order, both ways of turning pages."""
    yield {}
    yield {"page_size": "2"}
    yield {"page_size": "2", "page": "2"}
    yield {"cursor": "", "page_size": "3"}
    yield {"cursor": "", "ordering": "id", "page_size": "1"}
    for name in viewset.orders:
        yield {"ordering": f"-{name}"}
    for name, each in viewset.filterset_class.base_filters.items():
        for value in values_for(each):
            yield {name: value}


def values_for(each):
    """A value or two that a filter takes."""
    choices = each.extra.get("choices")
    if choices:
        return [str(value) for value, _ in list(choices)[:1]]
    if isinstance(each, rest.DateFilter):
        return ["2023-06-15"]
    if isinstance(each, rest.NumberFilter):
        return ["1"]
    return [world.CANARY, "zhang" if "person" in each.field_name else "zzgx" if "zone" in each.field_name else "智能"]
