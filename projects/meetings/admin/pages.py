"""Pages that stand on the meeting's own address, `/admin/projects_meetings/meeting/<pk>/<name>/`.

Each is written in a module of its own and registers itself here when that is imported; the meeting's screen
(`meetings`) gives them their addresses and shows their buttons. The view is given a meeting that the person may see:
to anybody else it is not there (404).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from projects.meetings.models import Meeting
from zones.scoped.admin import NO_SUCH_ROW

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page, or one address that a page asks. `view(request, meeting, **rest)` answers it; `rest` is what `route`
    names beside the meeting. With a `button` it is offered in the list and on the meeting's page: of a meeting that
    `fits`, to those whom `allowed` names. Of a meeting that is over the button says `over`, if that is given.
    """

    name: str
    view: View
    route: str = ""
    button: str = ""
    over: str = ""
    fits: Callable[[Meeting], bool] = lambda meeting: True
    allowed: Callable[[HttpRequest, Meeting], bool] = lambda request, meeting: True
    order: int = 50


_registered: dict[str, Page] = {}


def register(page: Page) -> None:
    """Give the page its address, named `admin:projects_meetings_meeting_<name>`: `<pk>/<route or name>/`."""
    _registered[page.name] = page


def url(name: str, meeting: Meeting | int, **rest: Any) -> str:
    """The address of a registered page."""
    pk = meeting if isinstance(meeting, int) else meeting.pk
    return reverse(f"admin:projects_meetings_meeting_{name}", kwargs={"pk": pk, **rest})


def offered(request: HttpRequest, meeting: Meeting) -> list[tuple[str, str]]:
    """Addresses and titles of the pages to offer to the person, in their order."""
    shown = sorted((page for page in _registered.values() if page.button), key=lambda page: page.order)
    fitting = (page for page in shown if page.fits(meeting) and page.allowed(request, meeting))
    over = meeting.is_over
    return [(url(page.name, meeting), (page.over if over else "") or page.button) for page in fitting]


def addresses(screen: Any) -> list[URLPattern]:
    """The address patterns of all registered pages."""
    return [_address(screen, page) for page in _registered.values()]


def _address(screen: Any, page: Page) -> URLPattern:
    def view(request: HttpRequest, pk: int, **rest: Any) -> HttpResponse:
        rows = Meeting.objects.visible_to(request.user).select_related("zone")
        meeting = rows.filter(pk=pk).first()
        if meeting is None:
            raise Http404(NO_SUCH_ROW)
        return page.view(request, meeting, **rest)

    name = f"projects_meetings_meeting_{page.name}"
    return path(f"<int:pk>/{page.route or page.name}/", screen.admin_site.admin_view(view), name=name)
