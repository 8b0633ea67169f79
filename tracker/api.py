"""The root of the REST API, and its document."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import include, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from projects.alerts import api as alerts
from projects.api import (
    figures,
    milestones,
    photos,
    plans,
    problems,
    projects,
    registers,
    returns,
    rounds,
    schedules,
    sources,
)
from projects.ledgers import api as ledgers
from projects.meetings.api import decisions, meetings, updates
from projects.notices import api as notices
from projects.reports import api as reports
from tracker import api_errors
from tracker.statistics_api import Statistics
from zones import api as zones
from zones.scoped.api.refusals import Refused

router = SimpleRouter(use_regex_path=False)
router.register("zones", zones.Zones)
router.register("departments", zones.Departments)
router.register("projects", projects.Projects)
router.register("companies", registers.Companies)
router.register("aliases", registers.Aliases)
router.register("assignments", registers.Assignments)
router.register("series", rounds.SeriesList)
router.register("periods", rounds.Periods)
router.register("entries", rounds.Entries)
router.register("milestones", milestones.Milestones)
router.register("milestone-changes", milestones.MilestoneChanges)
router.register("suspensions", milestones.Suspensions)
router.register("plans", plans.Plans)
router.register("schedule-templates", schedules.Templates)
router.register("progress", figures.ProgressList)
router.register("returns", returns.Returns)
router.register("return-events", returns.ReturnEvents)
router.register("return-photos", photos.Photos)
router.register("standings", figures.Standings)
router.register("standing-months", figures.StandingMonths)
router.register("problems", problems.Problems)
router.register("problem-events", problems.ProblemEvents)
router.register("sources", sources.Sources)
router.register("claims", sources.Claims)
router.register("rules", alerts.Rules)
router.register("alerts", alerts.Alerts)
router.register("alert-events", alerts.Events)
router.register("answers", alerts.Answers)
router.register("exemptions", alerts.Exemptions)
router.register("letters", alerts.Letters)
router.register("letter-replies", alerts.LetterReplies)
router.register("scans", alerts.Scans)
router.register("reports", reports.Reports)
router.register("mentions", reports.Mentions)
router.register("figures", reports.Figures)
router.register("differences", reports.Differences)
router.register("uploads", reports.Uploads)
router.register("ledgers", ledgers.Ledgers)
router.register("ledger-rows", ledgers.Rows)
router.register("dispatches", ledgers.Dispatches)
router.register("meetings", meetings.Meetings)
router.register("updates", updates.Updates)
router.register("topics", meetings.Topics)
router.register("decisions", decisions.Decisions)
router.register("decision-events", decisions.DecisionEvents)
router.register("minutes", meetings.MinutesList)
router.register("notices", notices.Notices)
router.register("channels", notices.Channels)


@extend_schema(exclude=True)
class Unknown(APIView):
    """What is no address of the API, or lacks its last slash: redirected, what is written would get lost on the way."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Refused("not_found", f"没有这个地址。地址都以 / 结尾，可用的见 {reverse('api-root')}")

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}  # no method is allowed, and none is refused


class Root(APIView):
    """各接口的地址。"""

    @extend_schema(responses={200: {"type": "object", "additionalProperties": {"type": "string"}}})
    def get(self, request: Request) -> Response:
        lists = {prefix: reverse(f"{name}-list") for prefix, _, name in router.registry}
        alone = ("me", "statistics", "tables", "schema", "docs")
        single: dict[str, Any] = {name: reverse(f"api-{name}") for name in alone}
        return Response(lists | single)


class Docs(SpectacularSwaggerSplitView):
    """The document as a page."""

    url_name = "api-schema"
    http_method_names: ClassVar = ["get", "head"]  # a page has no form for the answer to OPTIONS


urlpatterns = [
    path("", Root.as_view(), name="api-root"),
    path("me/", zones.Me.as_view(), name="api-me"),
    path("statistics/", Statistics.as_view(), name="api-statistics"),
    path("projects/export/", ledgers.ProjectExport.as_view({"get": "export"}), name="api-project-export"),
    path("tables/", ledgers.Tables.as_view(), name="api-tables"),
    path("tables/file/", ledgers.TableFile.as_view(), name="api-table-file"),
    path("schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("docs/errors", api_errors.page, name="api-errors"),
    path("docs/", Docs.as_view(), name="api-docs"),
    path("", include(router.urls)),
    path("<path:rest>", Unknown.as_view(), name="api-unknown"),
]
