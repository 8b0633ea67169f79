"""The page 我的周报 and what is asked of its cards over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from projects.admin.monthly import query_without_page, whole
from projects.admin.telling import user_of
from projects.files import LARGEST, TOO_LARGE
from projects.meetings import attachments, filing, saving
from projects.meetings.admin import pages
from projects.meetings.admin.week import cards as drawn
from projects.meetings.admin.week.cards import CELLS, LABELS, PROBLEM, Card
from projects.meetings.models import Meeting, Update
from projects.models import Problem
from zones import clock
from zones.permissions import Action, paths
from zones.scoped.querysets import may_write_somewhere

PER_PAGE: Final = 50
MEETINGS: Final = 5  # whose missing weeks are one link away
MOST_PHOTOS: Final = 9  # at once
LONGEST_TITLE: Final = 200
BY_SCRIPT: Final = "week.js"
NOT_YOURS: Final = "没有这个项目，或者它不是您填报的"
NOTHING_TOLD: Final = "还没有报送：请写一句本周进展，或填写年内累计完成投资"
TOLD: Final = "已报送"
UNTOLD: Final = "这个项目填的内容还没有报送"


# ---- The page ----------------------------------------------------------------------------------------
def page(screen: Any, request: HttpRequest) -> HttpResponse:
    """Show the week, or carry out what was asked of some of its cards."""
    mine = _mine(request)
    if request.method != "POST":
        return _shown(screen, request, mine, {})
    posted = {card.pk: card for card in drawn.cards(_asked(request, mine), request.POST)}
    for pk, card in posted.items():
        posted[pk] = _carry_out(request, card)
    if request.headers.get("X-Requested-With") == BY_SCRIPT:
        return JsonResponse({"cards": {str(card.pk): _html(request, card) for card in posted.values()}})
    _tell(request, posted.values())
    if not any(card.is_unfinished for card in posted.values()):
        return HttpResponseRedirect(request.get_full_path())
    return _shown(screen, request, mine, posted)


def check(request: HttpRequest) -> HttpResponse:
    """What is wrong or doubtful of a card as it is typed. Nothing is written."""
    found = drawn.cards(_asked(request, _mine(request)), request.POST)
    if not found:
        return JsonResponse({"error": NOT_YOURS}, status=404)
    drawn.judge(found[0])
    return JsonResponse({"errors": found[0].errors, "doubts": found[0].doubts, "says": drawn.gain(found[0])})


def _mine(request: HttpRequest) -> QuerySet[Any]:
    if not may_write_somewhere(Update, request.user):
        raise PermissionDenied
    return drawn.told_projects(filing.own_projects(request.user, clock.today()), clock.today())


def _asked(request: HttpRequest, mine: QuerySet[Any]) -> QuerySet[Any]:
    return mine.filter(pk__in=whole(request.POST.getlist("rows")))


# ---- Carrying out ------------------------------------------------------------------------------------
def _carry_out(request: HttpRequest, card: Card) -> Card:
    if "drop" in request.POST:
        return _drop(request, card)
    key = request.POST.get("tell", "all")
    if key == str(card.pk) or (key == "all" and _is_touched(request, card)):
        return _told(request, card)
    return _kept(request, card)


def _kept(request: HttpRequest, card: Card) -> Card:
    """A card that nobody asked to send: what is typed stays, and says that it is not told yet."""
    if _is_touched(request, card):
        card.lines = [UNTOLD]
    return card


def _is_touched(request: HttpRequest, card: Card) -> bool:
    changed = any(card.typed[name].strip() != card.stored[name] for name in CELLS)
    return changed or any(card.typed[name].strip() for name in PROBLEM) or bool(_files(request, card))


def _told(request: HttpRequest, card: Card) -> Card:
    """Tell a card: whatever is refused stays on it with the reason."""
    if not card.is_of(request.POST.get(f"{card.prefix}week", "")):
        day = f"{card.week.held_on:%Y-%m-%d}"
        card.lines = [f"原来的会议已结束或改期，您填的内容还没有报送。核对后再次报送，即报给 {day} 的{card.week.name}"]
        return card
    values, refused = saving.read({name: card.typed[name] for name in CELLS})
    problem, wrong = _problem(card)
    card.errors = {name: [sentence] for name, sentence in (refused | wrong).items()}
    if card.errors:
        return card
    anything = any(value not in ("", None) for value in values.values())
    if not anything and not problem and not _files(request, card):
        card.errors = {"": [NOTHING_TOLD]}
        return card
    try:
        return _written(request, card, values, problem, anything=anything)
    except ValidationError as error:
        card.errors = _by_cell(error)
        return card


def _written(
    request: HttpRequest, card: Card, values: dict[str, Any], problem: dict[str, Any], *, anything: bool
) -> Card:
    by, key = user_of(request), _key(request, card)
    with transaction.atomic():
        row = filing.row_of(card.week, card.project)
        answer = _filled(request, card, row, key, values)
        if problem:
            # Of its own words, too: a page that was gone back to may bring another problem under the same number.
            saving.raise_problem(row, uuid5(key, problem["title"]), by=by, **problem)
        if answer.is_complete and anything:
            filing.filed(row, by=by)
    refused = _add_photos(request, card, row)
    made = _anew(card)
    if answer.is_complete:
        made.said = TOLD if anything else "已保存"
        made.errors = {"": [*refused, *([] if anything or made.is_told else [NOTHING_TOLD])]}
        made.errors = made.errors if made.errors[""] else {}
        return made
    made.typed = {**made.typed, **{name: card.typed[name] for name in (*answer.conflicts, *answer.doubts)}}
    made.doubts, made.lines = answer.doubts, _conflicts(answer)
    made.errors = {"": refused} if refused else {}
    made.said = "其余内容已保存，还没有报送" if answer.written else ""
    return made


def _filled(request: HttpRequest, card: Card, row: Update, key: UUID, values: dict[str, Any]) -> saving.Answer:
    """Save the cells. A page that was gone back to sends a known number with other words: these are a save as well."""
    base, sure = _base(request, card), bool(request.POST.get(f"{card.prefix}sure"))
    answer = saving.fill(row, key, values, base, user_of(request), sure=sure)
    kept = all(value in (answer.values[name], base.get(name)) for name, value in values.items())
    if answer.is_complete and not kept:
        return saving.fill(row, uuid4(), values, base, user_of(request), sure=sure)
    return answer


def _conflicts(answer: saving.Answer) -> list[str]:
    if not answer.conflicts:
        return []
    found = ["有内容刚被他人修改，您填的还没有保存。核对后再次报送，即以您填的为准。"]
    for name, each in answer.conflicts.items():
        theirs, mine = (saving.shown({name: value})[name] or "（空）" for value in (each.theirs, each.mine))
        when = f" {timezone.localtime(each.at):%H:%M}" if each.at else ""
        found.append(f"{LABELS[name]}：{each.by}{when} 填“{theirs}”，您填的是“{mine}”")
    return found


def _problem(card: Card) -> tuple[dict[str, Any], dict[str, str]]:
    """The problem that is typed on the card, if one is; and what is wrong with it."""
    title, category, day = (card.typed[name].strip() for name in PROBLEM)
    if not title:
        return {}, {"problem": "请写明问题，或不选类别和时限"} if category or day else {}
    wrong = {}
    if len(title) > LONGEST_TITLE:
        wrong["problem"] = f"问题请用一句话写清，不超过 {LONGEST_TITLE} 字，现有 {len(title)} 字"
    if category not in Problem.Category.values:
        wrong["category"] = "请选择问题类别"
    try:
        deadline = forms.DateField(required=False).clean(day)
    except ValidationError as error:
        wrong["deadline"] = error.messages[0]
        return {}, wrong
    if deadline and deadline < clock.today():
        wrong["deadline"] = "希望解决的时限不能早于今天"
    return {"title": title, "category": category, "deadline": deadline}, wrong


def _by_cell(error: ValidationError) -> dict[str, list[str]]:
    """What a verb refused, by cell; what belongs to none stands for the whole card."""
    if not hasattr(error, "error_dict"):
        return {"": list(error.messages)}
    found: dict[str, list[str]] = {}
    for name, sentences in error.message_dict.items():
        cell = {"title": "problem"}.get(name, name)
        found.setdefault(cell if cell in LABELS else "", []).extend(sentences)
    return found


def _key(request: HttpRequest, card: Card) -> UUID:
    try:
        return UUID(request.POST.get(f"{card.prefix}key", ""))
    except ValueError:
        return uuid4()


def _base(request: HttpRequest, card: Card) -> dict[str, Any]:
    try:
        told = json.loads(request.POST.get(f"{card.prefix}base", ""))
    except ValueError:
        return {}
    return saving.read(told)[0] if isinstance(told, dict) else {}


def _anew(card: Card) -> Card:
    """The card as it stands now, under a number of its own."""
    return drawn.cards(drawn.told_projects(_one(card), clock.today()))[0]


def _one(card: Card) -> QuerySet[Any]:
    return type(card.project).objects.filter(pk=card.pk)


# ---- Photos ------------------------------------------------------------------------------------------
def _files(request: HttpRequest, card: Card) -> list[Any]:
    return request.FILES.getlist(f"{card.prefix}photo")


def _add_photos(request: HttpRequest, card: Card, row: Update) -> list[str]:
    """Keep the pictures that came with a card; what was refused, in sentences."""
    files, refused = _files(request, card), []
    for file in files[:MOST_PHOTOS]:
        try:
            if file.size > LARGEST:
                raise ValidationError(TOO_LARGE)
            attachments.attach(row, file.name, file.read(), by=user_of(request))
        except ValidationError as error:
            refused += [f"照片“{file.name[:60]}”没有保存：{message}" for message in error.messages]
    if len(files) > MOST_PHOTOS:
        refused.append(f"一次最多上传 {MOST_PHOTOS} 张照片，其余 {len(files) - MOST_PHOTOS} 张没有保存")
    return refused


def _drop(request: HttpRequest, card: Card) -> Card:
    photo = next((each for each in card.photos if str(each.pk) == request.POST["drop"]), None)
    if photo is None:
        return _kept(request, card)
    try:
        attachments.remove(photo, by=user_of(request))
    except ValidationError as refused:
        card.errors = {"": list(refused.messages)}
        return card
    card.photos.remove(photo)
    card.said = "照片已删除"
    return _kept(request, card)


# ---- What is shown -----------------------------------------------------------------------------------
def _tell(request: HttpRequest, posted: Iterable[Card]) -> None:
    """What became of the cards, in one message for what went well and one for what did not."""
    cards = list(posted)
    for said in (TOLD, "已保存", "照片已删除"):
        if count := sum(card.said == said for card in cards):
            messages.success(request, f"{said} {count} 个项目" if said != "照片已删除" else said)
    if failed := [str(card.project) for card in cards if card.is_unfinished]:
        messages.error(request, f"{len(failed)} 个项目没有报送，原因见下面各项目：{'、'.join(failed[:5])}")


def _html(request: HttpRequest, card: Card) -> str:
    return render_to_string("projects_meetings/week/card.html", _about_cards() | {"card": card}, request)


def _about_cards() -> dict[str, Any]:
    return {"labels": LABELS, "categories": drawn.CATEGORIES, "today": clock.today()}


def _shown(screen: Any, request: HttpRequest, mine: QuerySet[Any], posted: dict[int, Card]) -> HttpResponse:
    found = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    rest = [project for project in found.object_list if project.pk not in posted]
    made = {card.pk: card for card in drawn.cards(rest)} | posted
    on_page = [made[project.pk] for project in found.object_list if project.pk in made]
    on_page.sort(key=lambda card: (not card.is_unfinished, card.is_told))
    if untold := next((card for card in on_page if not card.is_told), None):
        untold.is_open = True
    context = {
        **screen.admin_site.each_context(request),
        **_about_cards(),
        "title": "我的周报",
        "cards": on_page,
        "found": found,
        "query": query_without_page(request),
        "weeks": list({card.week.key: card.week for card in on_page}.values()),
        "run": [(meeting, pages.url("missing", meeting)) for meeting in _run(request)],
        "told": sum(card.is_told for card in on_page),
        "unarranged": [project for project in found.object_list if project.pk not in made],
        "check_url": reverse("admin:projects_meetings_update_week_check"),
        "login_url": f"{reverse('admin:login')}?next={request.path}",
        "today": clock.today(),
    }
    return TemplateResponse(request, "projects_meetings/week/page.html", context)


def _run(request: HttpRequest) -> list[Meeting]:
    """The coming meetings that the person runs: there he sees who has not told."""
    if not paths(request.user, Action.RUN_MEETING):
        return []
    mine: Any = Meeting.objects.writable_by(request.user)
    coming = mine.going().filter(kind=Meeting.Kind.WEEKLY, held_on__gte=clock.today())
    return list(coming.select_related("zone").order_by("held_on", "pk")[:MEETINGS])
