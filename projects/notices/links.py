"""The page behind a link in a message: one line, what can be done about it, one button. Nobody is signed in by it."""

from __future__ import annotations

from typing import Any, Final

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.forms import FileField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from projects.admin.acts import project_of
from projects.notices import inbox, replying
from projects.notices.models import LinkUse, Notice
from projects.notices.replying import Link, Unusable

TEMPLATE: Final = "notices/reply.html"
BY_LINK: Final = "{}（通过邮件链接办理）"
COUNTED: Final = {"username": "mail-link"}
"""Forged links are counted as wrong passwords are, for each place that they come from."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link is for; do it when the button is pressed."""
    if not AxesProxyHandler.is_allowed(request, COUNTED):
        return _answer(request, {"refusal": "无效的链接打开得太多，请 30 分钟后再试，或登录后办理"}, status=429)
    try:
        link = replying.opened(token)
    except Unusable as refusal:
        if refusal.forged:
            AxesProxyHandler.user_login_failed(sender=__name__, credentials=COUNTED, request=request)
        return _answer(request, {"refusal": str(refusal)}, status=404)
    request.user = link.user
    return _answer(request, _page(request, link))


def _page(request: HttpRequest, link: Link) -> dict[str, Any]:
    """What the page says, after it was done if it is to be done now."""
    shown = {"sentence": link.notice.sentence, "title": link.act.title, "person": link.user, "path": link.notice.path}
    if link.used:
        return {**shown, "done": f"您已于 {localtime(link.used.at):%Y-%m-%d %H:%M} {link.act.title}，不必再点"}
    if link.act.fits and not link.act.fits(link.row):
        return {**shown, "done": f"这件事已有变化，不再需要{link.act.title}"}
    if not link.act.allows(request, link.row):
        return {"refusal": f"{replying.GONE}：您现在没有{link.act.title}的权限"}
    posted = request.POST if request.method == "POST" else None
    form = link.act.form(posted, None, project=project_of(link.row), user=link.user, row=link.row)
    _bare(form, link)
    if posted is not None and form.is_valid():
        try:
            return {**shown, "done": _do(request, link, form)}
        except ValidationError as error:
            form.blame(error)
        except IntegrityError:  # pressed twice at the same time
            return {**shown, "done": f"您已{link.act.title}，不必再点"}
    return {**shown, "form": form, "button": link.act.button}


def _bare(form: Any, link: Link) -> None:
    """Without files, and without anything that was said before: who only has the mail sees only what it says."""
    for name, shown in list(form.fields.items()):
        if isinstance(shown, FileField):
            del form.fields[name]
        elif not shown.widget.is_hidden and shown.initial != str(link.user):
            shown.initial = None


@transaction.atomic
def _do(request: HttpRequest, link: Link, form: Any) -> str:
    """Do it as if he were signed in, and keep that it was done by a link."""
    with transaction.atomic():
        said = str(link.act.do(request, link.row, form))
        LinkUse.objects.create(user=link.user, notice=link.notice, act=link.act.name, said=said[:200])
    message = BY_LINK.format(link.act.title)
    LogEntry.objects.log_actions(link.user.pk, [link.row], CHANGE, change_message=message, single_object=True)
    inbox.mark_read(Notice.objects.filter(pk=link.notice.pk), by=link.user)
    inbox.settle(link.user)
    return said


def _answer(request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    answer = TemplateResponse(request, TEMPLATE, {**shown, "sign_in": reverse("admin:login")}, status=status)
    answer.headers["X-Robots-Tag"] = "noindex"
    # Not "no-referrer": then the button's request would have no origin that it can be checked by.
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer
