"""Pages on which a person tells or decides something of a project. Each is one small form in front of one verb of
`projects.facts` or `projects.claims`; which ones there are is said in `telling` and `deciding`.

Who may not see the row gets the answer of a missing one; who may not write it is refused. What was typed is kept.
Sending twice tells the same fact once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from projects import forms
from projects.admin import columns
from projects.models import Project
from zones.permissions import Action, may
from zones.scoped.admin import NO_SUCH_ROW, can_write, require_writable

TERMINATED: Final = "该项目已终止，不能再填报"
Done = SafeString | str


@dataclass(frozen=True, slots=True)
class Act:
    """One such page: its name in the address, its title and button, its form and what it does.

    `by` names the actions that open it, any of which will do; left out, whoever may write the row may do it, and that
    includes the liaison of the project. `fits` says of which rows it is offered, `noted` puts it into the project's own
    change log as well, and `after_the_end` lets the verb itself answer for a project that has ended. A form that says
    `only_shown` is looked at again before anything is done.
    """

    name: str
    title: str
    button: str
    form: type[forms.FactForm]
    do: Callable[[HttpRequest, Any, Any], Done]
    hint: Callable[[Any], str] | None = None
    by: tuple[Action, ...] = ()
    fits: Callable[[Any], bool] | None = None
    noted: bool = False
    after_the_end: bool = False
    template: str = "admin/projects/act.html"

    def allows(self, request: HttpRequest, row: Any) -> bool:
        """Whether the person may do this to the row."""
        if not self.by:
            return can_write(request, row)
        return any(may(request.user, action, row) for action in self.by)


def project_of(row: Any) -> Project | None:
    """The project that a row is, or is of; None for what is of no project, such as a meeting."""
    return row if isinstance(row, Project) else getattr(row, "project", None)


def act_url(name: str, row: Any) -> str:
    """The address of an act on a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def offered(request: HttpRequest, acts: tuple[Act, ...], row: Any) -> dict[str, str]:
    """Addresses of those of the acts that the person may do to the row, by name; none of a project that has ended."""
    project = project_of(row)
    if project and project.terminated_on:
        return {}
    fitting = [act for act in acts if act.fits is None or act.fits(row)]
    return {act.name: act_url(act.name, row) for act in fitting if act.allows(request, row)}


if TYPE_CHECKING:  # the mixin stands before a screen
    _Screen: Any = object
else:
    _Screen = object


# ---- The page --------------------------------------------------------------------------------------
class ActsMixin(_Screen):
    """Adds the pages of `acts` to a screen. They come before the screen's own addresses."""

    acts: tuple[Act, ...] = ()
    change_form_outer_before_template: str | None = "admin/projects/acts_head.html"

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None:
            titles = {act.name: act.title for act in self.acts}
            found = offered(request, self.acts, row)
            context["act_links"] = [(titles[name], url) for name, url in found.items()]
        return super().render_change_form(request, context, *args, **kwargs)

    def after_act(self, row: Any) -> str:
        """The page to which an act on `row` leads: its project's, or its own where it has none."""
        project = project_of(row)
        return columns.page("project_change", project.pk) if project else columns.page("problem_change", row.pk)

    def get_urls(self) -> list[URLPattern]:
        return [*(self._address(act) for act in self.acts), *super().get_urls()]

    def _address(self, act: Act) -> URLPattern:
        screen: Any = self

        def view(request: HttpRequest, pk: int) -> HttpResponse:
            return _page(screen, act, request, pk)

        name = f"{screen.opts.app_label}_{screen.opts.model_name}_{act.name}"
        return path(f"<int:pk>/{act.name}/", screen.admin_site.admin_view(view), name=name)


def _page(screen: Any, act: Act, request: HttpRequest, pk: int) -> HttpResponse:
    row = screen.get_queryset(request).filter(pk=pk).first()
    if row is None:
        raise Http404(NO_SUCH_ROW)
    if not act.allows(request, row):
        raise PermissionDenied
    project = project_of(row)
    posted, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = act.form(posted, files, project=project, user=request.user, row=row)
    back = screen.after_act(row)
    if posted is not None and _done(screen, act, request, row, form):
        return HttpResponseRedirect(back)
    context = {**screen.admin_site.each_context(request), **_context(act, row, form), "back": back}
    return TemplateResponse(request, act.template, context)


def _done(screen: Any, act: Act, request: HttpRequest, row: Any, form: forms.FactForm) -> bool:
    """Whether the act was carried out; if not, the form says why."""
    if form.project and form.project.terminated_on and not act.after_the_end:
        form.add_error(None, TERMINATED)
    if not form.is_valid() or getattr(form, "only_shown", False):
        return False
    try:
        with transaction.atomic():
            said = act.do(request, row, form)
            if not act.by:
                require_writable(request, [row])
            screen.log_change(request, row, act.title)
            if act.noted:
                screen.log_change(request, row.project, f"{act.title}：{row}")
    except ValidationError as error:
        form.blame(error)
        return False
    messages.success(request, said)
    return True


def _context(act: Act, row: Any, form: forms.FactForm) -> dict[str, Any]:
    return {
        "title": act.title,
        "act": act,
        "row": row,
        "project": form.project,
        "form": form,
        "hint": act.hint(row) if act.hint else "",
    }
