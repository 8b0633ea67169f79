"""月报填报: one month of all of a person's projects on one screen.

Every project is a card of its own, saved and submitted by itself: what is wrong with one keeps none of the others
back, and what is typed stays on the page until it is saved. The whole page is one form, so that it works without the
script; `static/tracker/returns.js` sends a single card and gets that card back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, ExpressionWrapper, FilteredRelation, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from projects import facts, plans
from projects.admin import columns
from projects.forms.returns import MONEY, ReturnForm, in_ten_thousands
from projects.models import Assignment, Photo, Project, Return
from projects.returns import checks, lateness, pictures
from projects.returns.checks import Finding, Known
from projects.returns.known import known_of, last_month, told_of
from zones import clock
from zones.models import Department
from zones.models.versioned import StaleVersion
from zones.scoped.querysets import may_write_somewhere

PER_PAGE: Final = 50
MONTHS: Final = 12
MOST_PHOTOS: Final = 9  # at once
BY_SCRIPT: Final = "returns.js"
NO_RETURN: Final = "none"
STATUSES: Final = ((NO_RETURN, "未报"), *((s.value, s.label) for s in Return.Status if s != Return.Status.DRAFT))
NOT_YOURS: Final = "没有这个项目，或者它不是您填报的"


@dataclass(slots=True)
class Cell:
    """One amount on a card: its field, what stood there last month, what could be filled in, what is wrong."""

    bound: Any
    last: str = ""
    proposed: str = ""
    wrong: bool = False


@dataclass(slots=True)
class Card:
    """A project's return on the screen."""

    project: Any
    row: Return
    form: ReturnForm
    known: Known
    before: Return | None
    photos: list[Photo]
    due_on: date
    today: date
    may_take_back: bool = False
    unsaved: bool = False
    said: str = ""
    errors: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    proposed: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> int:
        return self.project.pk

    @property
    def state(self) -> str:
        """The status in words; a draft that has been saved says so."""
        return "未报（已存草稿）" if self.row.pk and self.row.status == Return.Status.DRAFT else self.status

    @property
    def status(self) -> str:
        return str(self.row.get_status_display())

    @property
    def is_open(self) -> bool:
        return self.row.is_open

    @property
    def is_unfinished(self) -> bool:
        """Whether something of it has still to be read or saved."""
        return bool(self.unsaved or self.errors or self.lines)

    @property
    def due(self) -> str:
        """When it is, or was, due."""
        if self.row.late_days:
            return f"迟报 {self.row.late_days} 天"
        if self.row.late_days == 0:
            return "按时上报"
        if not self.project.owed:
            return "本月不要求报"
        return f"截止 {self.due_on:%m月%d日}，{columns.days_left(self.due_on, self.today)}"

    @property
    def is_late(self) -> bool:
        return bool(self.row.late_days) or (
            self.row.late_days is None and self.project.owed and self.due_on < self.today
        )

    @property
    def plan(self) -> str:
        return columns.brief(self.known.plan)

    @property
    def rate(self) -> str:
        return columns.percent(self.row.year_to_date, self.known.plan)

    @property
    def cells(self) -> list[Cell]:
        wrong = {name for finding in self.findings if finding.kind != checks.Kind.SAYS for name in finding.fields}
        wrong |= set(self.form.errors) if self.form.is_bound else set()
        return [
            Cell(bound, self._last(bound.name), self._proposed(bound.name), bound.name in wrong)
            for bound in self.form.amounts
        ]

    @property
    def figures(self) -> list[tuple[str, str]]:
        """The amounts of a return that is no longer open, to read."""
        values = [(str(self.form[name].label), getattr(self.row, name)) for name in MONEY]
        return [(label, columns.NOTHING if value is None else f"{in_ten_thousands(value)}") for label, value in values]

    def _last(self, name: str) -> str:
        value = getattr(self.before, name) if self.before else None
        if value is None and name == "year_to_date":
            value = self.known.last
        if value is None and name == "since_start":
            value = self.known.since
        return "" if value is None else in_ten_thousands(value)

    def _proposed(self, name: str) -> str:
        return in_ten_thousands(self.proposed[name]) if name in self.proposed else ""


# ---- The page --------------------------------------------------------------------------------------
def page(screen: Any, request: HttpRequest) -> HttpResponse:
    """Show the month, or carry out what was asked of some of its cards."""
    if not may_write_somewhere(Return, request.user):
        raise PermissionDenied
    month = month_asked(request)
    if request.method != "POST":
        found = _page(request, month)
        return _shown(screen, request, month, found, cards(request, month, found.object_list))
    posted = _posted(request, month)
    _carry_out(request, month, posted)
    if request.headers.get("X-Requested-With") == BY_SCRIPT:
        return JsonResponse({"cards": {str(card.key): _html(request, month, card) for card in posted.values()}})
    _tell(request, month, posted.values())
    if not any(card.is_unfinished for card in posted.values()):
        return HttpResponseRedirect(request.get_full_path())
    found = _page(request, month)
    others = [project for project in found.object_list if project.pk not in posted]
    rest = {card.key: card for card in cards(request, month, others)} | posted
    on_page = [rest.pop(project.pk) for project in found.object_list]
    # What is unfinished is shown even where the filter of the address no longer selects it.
    return _shown(screen, request, month, found, [*(card for card in rest.values() if card.is_unfinished), *on_page])


def check(request: HttpRequest) -> HttpResponse:
    """What the checks say of a card as it is typed, and what could be filled in. Nothing is written."""
    if not may_write_somewhere(Return, request.user):
        raise PermissionDenied
    posted = _posted(request, month_asked(request))
    if not posted:
        return JsonResponse({"error": NOT_YOURS}, status=404)
    card = next(iter(posted.values()))
    _judge(card)
    return JsonResponse(
        {
            "findings": [
                {"kind": each.kind, "sentence": each.sentence, "fields": each.fields} for each in card.findings
            ],
            "proposed": {name: in_ten_thousands(value) for name, value in card.proposed.items()},
            "errors": {name: [str(e) for e in each] for name, each in card.form.errors.items()},
        }
    )


def month_asked(request: HttpRequest) -> date:
    """The last day of the month in the address, or of the month that is to be filled in now."""
    offered = months(clock.today())
    asked = request.GET.get("month", "")
    return next((day for day in offered if f"{day:%Y-%m}" == asked), lateness.month_to_fill(clock.today()))


def months(today: date) -> list[date]:
    """The last days of the month that runs and of the twelve before it, the latest first."""
    first = [plans.month_end(today.year, today.month)]
    for _ in range(MONTHS):
        first.append(last_month(first[-1]))
    return first


# ---- Whose projects --------------------------------------------------------------------------------
def of_month(projects: QuerySet[Project], month: date) -> QuerySet[Any]:
    """Projects that are alive in the month, each with its return of the month (`filed`) and whether it owes one."""
    condition = Q(returns__month=month)
    return (
        projects.filter(lateness.alive_in(month))
        .annotate(filed=FilteredRelation("returns", condition=condition))
        .annotate(owed=ExpressionWrapper(lateness.owes(month), output_field=BooleanField()))
        .select_related("zone")
    )


def narrowed(rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """By the status and the unit of the address; what is not offered selects nothing."""
    status, unit = request.GET.get("status", ""), request.GET.get("unit", "")
    if status == NO_RETURN:
        rows = rows.filter(Q(filed=None) | Q(filed__status=Return.Status.DRAFT))
    elif status:
        rows = rows.filter(filed__status=status)
    if unit:
        seen = Department.objects.visible_to(request.user).filter(pk=unit if unit.isdecimal() else None)
        held = Assignment.objects.in_force(clock.today()).filter(department__in=seen.values("pk"))
        rows = rows.filter(pk__in=held.values("project"))
    return rows


def units(request: HttpRequest, projects: QuerySet[Any]) -> QuerySet[Department]:
    """The units that stand for some of the projects."""
    held = Assignment.objects.in_force(clock.today()).filter(project__in=projects.order_by().values("pk"))
    return Department.objects.visible_to(request.user).filter(pk__in=held.values("department")).select_related("zone")


def paged(rows: QuerySet[Any], request: HttpRequest) -> Page[Any]:
    """The page of the address."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def _mine(request: HttpRequest, month: date) -> QuerySet[Any]:
    rows = of_month(Project.objects.writable_by(request.user), month)
    return rows.order_by("-owed", "zone__path", "serial", "pk")


def _page(request: HttpRequest, month: date) -> Page[Any]:
    return paged(narrowed(_mine(request, month), request), request)


def cards(request: HttpRequest, month: date, projects: Iterable[Any], posted: Any = None) -> list[Card]:
    """The cards of the projects; typed ones where `posted` holds what was sent. A constant number of statements."""
    found = list(projects)
    keys = [project.pk for project in found]
    today = clock.today()
    rows = returns_of(keys, month)
    before = returns_of(keys, last_month(month))
    known = known_of(keys, month, today) if keys else {}
    photos = photos_of(rows.values())
    made = []
    for project in found:
        row = rows.get(project.pk) or Return(project=project, month=month)
        form = ReturnForm(
            posted if row.is_open else None, row=row, done=known[project.pk].done, prefix=f"p{project.pk}"
        )
        card = Card(
            project=project,
            row=row,
            form=form,
            known=known[project.pk],
            before=before.get(project.pk),
            photos=photos.get(row.pk, []),
            due_on=lateness.due_day(project.zone.return_day, month),
            today=today,
            may_take_back=row.status == Return.Status.SUBMITTED and row.submitted_by_id == request.user.pk,
        )
        if posted is not None and not row.is_open:
            _overtaken(request, card)
        elif posted is None and row.pk and row.is_open:
            _judge(card)
        elif posted is None and row.is_open:
            card.proposed = checks.propose(told_of(row, 0), card.known)
        made.append(card)
    return made


def returns_of(project_ids: Iterable[int], month: date) -> dict[int, Return]:
    """The returns of the projects for a month, by project."""
    rows = Return.objects.filter(project__in=list(project_ids), month=month)
    return {row.project_id: row for row in rows.select_related("submitted_by", "reviewed_by")}


def whole(keys: list[str]) -> list[int]:
    """The keys among what was sent, no more than stand on a page."""
    return [int(key) for key in keys[:PER_PAGE] if key.isdecimal() and len(key) < 19]


def photos_of(rows: Iterable[Return]) -> dict[int, list[Photo]]:
    """The pictures of returns that are there, by return."""
    found: dict[int, list[Photo]] = {}
    for photo in Photo.objects.filter(monthly_return__in=[row.pk for row in rows], removed_at=None):
        found.setdefault(photo.monthly_return_id, []).append(photo)
    return found


def _judge(card: Card) -> None:
    """What the checks say of what stands on the card."""
    count = len(card.photos)
    if card.form.is_bound:
        card.form.is_valid()
        told = card.form.told(card.row.month, count)
    else:
        told = told_of(card.row, count)
    card.findings = checks.check(told, card.known)
    card.proposed = checks.propose(told, card.known)


# ---- Carrying out ----------------------------------------------------------------------------------
def _posted(request: HttpRequest, month: date) -> dict[int, Card]:
    """The cards that were sent, as far as they are the person's to write."""
    projects = _mine(request, month).filter(pk__in=whole(request.POST.getlist("rows")))
    return {card.key: card for card in cards(request, month, projects, request.POST)}


def _carry_out(request: HttpRequest, month: date, posted: dict[int, Card]) -> None:
    asked = next((name for name in ("save", "submit", "take_back", "drop") if name in request.POST), "save")
    key = request.POST.get(asked, "all")
    if asked == "drop":
        _drop(request, month, posted, key)
        return
    for each in list(posted):
        if key not in ("all", str(each)):
            _keep_typed(posted[each])
            continue
        if asked == "take_back":
            posted[each] = _take_back(request, month, posted[each])
        elif posted[each].is_open:
            posted[each] = _save(request, month, posted[each], submit=asked == "submit", alone=key != "all")


def _keep_typed(card: Card) -> None:
    """A card that nobody asked to save: what is typed stays, and says that it is not saved."""
    if card.form.is_bound and card.form.has_changed():
        card.unsaved = True
        _judge(card)


def _save(request: HttpRequest, month: date, card: Card, *, submit: bool, alone: bool) -> Card:
    """Save a card, and submit it if that is asked; whatever is refused stays on it with the reason."""
    files = request.FILES.getlist(f"{card.form.prefix}-photo")
    if card.form.is_blank and not card.row.pk and not files and not (submit and alone):
        return card
    if not card.form.is_valid():
        card.errors = [f"{card.form.fields[name].label}：{e}" for name, each in card.form.errors.items() for e in each]
        card.unsaved = True
        _judge(card)
        return card
    try:
        row, changed = facts.fill_return(
            card.project, month, card.form.figures, by=_user(request), expected=card.form.cleaned_data["version"] or 0
        )
    except StaleVersion:
        return _conflicting(request, month, card)
    except ValidationError as refused:
        card.errors, card.unsaved = list(refused.messages), True
        return card
    refused_photos = _add_photos(request, card, month, files)
    if not submit:
        said = "已保存" if changed or files else "没有变化"
        return _anew(request, month, card, said=said, errors=refused_photos)
    try:
        facts.submit_return(row, by=_user(request))
    except ValidationError as refused:
        return _anew(request, month, card, said="已保存，没有上报", errors=[*refused_photos, *refused.messages])
    return _anew(request, month, card, said="已上报", errors=refused_photos)


def _conflicting(request: HttpRequest, month: date, card: Card) -> Card:
    """Somebody saved in the meantime: the typed text stays, and what differs is said."""
    made = cards(request, month, [card.project], request.POST)[0]
    if not made.is_open:
        return made
    made.lines, made.unsaved = made.form.conflict(), True
    made.form.refresh_version()
    return made


def _overtaken(request: HttpRequest, card: Card) -> None:
    """A return that was closed while the page was open: what was typed stays to be read beside what is stored."""
    form = ReturnForm(request.POST, row=card.row, done=card.known.done, prefix=card.form.prefix)
    files = request.FILES.getlist(f"{form.prefix}-photo")
    if form.is_blank and not files:
        return
    row = card.row
    if row.status == Return.Status.REVIEWED:
        who, what, then = row.reviewed_by, "审核通过", "更正请先由领导批准重新打开"
    else:
        who, what, then = row.submitted_by, "上报", "要改请由上报人撤回，或请项目办退回"
    done = f"已被{'您本人' if who == request.user else who or '他人'}{what}"
    if lost := form.unkept():
        card.lines = [f"{done}，您填的内容没有保存；{then}", *lost]
    elif not files:
        card.said = f"{done}，与您填的相同"
    if files:
        card.errors.append(f"{done}，您选的 {len(files)} 张照片没有保存；{then}")


def _anew(request: HttpRequest, month: date, card: Card, *, said: str, errors: list[str]) -> Card:
    made = cards(request, month, [card.project])[0]
    made.said, made.errors = said, errors
    return made


def _take_back(request: HttpRequest, month: date, card: Card) -> Card:
    if not card.row.pk:
        return card
    try:
        facts.take_back_return(card.row, by=_user(request))
    except ValidationError as refused:
        return _anew(request, month, card, said="", errors=list(refused.messages))
    return _anew(request, month, card, said="已撤回，可以修改后重新上报", errors=[])


def _add_photos(request: HttpRequest, card: Card, month: date, files: list[Any]) -> list[str]:
    """Keep the pictures that came with a card; what was refused, in sentences."""
    refused: list[str] = []
    day = request.POST.get(f"{card.form.prefix}-taken_on", "")
    place = request.POST.get(f"{card.form.prefix}-place", "")[:100]
    for file in files[:MOST_PHOTOS]:
        try:
            taken_on = django_forms.DateField(required=False, label="拍摄日期").clean(day)
            data = b"" if file.size > pictures.LARGEST else file.read()
            if not data and file.size:
                raise ValidationError(pictures.TOO_LARGE)
            facts.add_photo(card.project, month, data, taken_on=taken_on, place=place, by=_user(request))
        except ValidationError as error:
            refused += [f"照片“{file.name[:60]}”没有保存：{message}" for message in error.messages]
    if len(files) > MOST_PHOTOS:
        refused.append(f"一次最多上传 {MOST_PHOTOS} 张照片，其余 {len(files) - MOST_PHOTOS} 张没有保存")
    return refused


def _drop(request: HttpRequest, month: date, posted: dict[int, Card], key: str) -> None:
    for each, card in list(posted.items()):
        photo = next((photo for photo in card.photos if str(photo.pk) == key), None)
        if photo is None:
            _keep_typed(card)
            continue
        try:
            facts.remove_photo(photo, by=_user(request))
        except ValidationError as refused:
            card.errors += refused.messages
            continue
        # Only the picture goes: what is typed on the card stays.
        made = cards(request, month, [card.project], request.POST)[0]
        made.said = "照片已删除"
        _keep_typed(made)
        posted[each] = made


def _user(request: HttpRequest) -> Any:
    return request.user


# ---- What is shown ---------------------------------------------------------------------------------
def _tell(request: HttpRequest, month: date, posted: Iterable[Card]) -> None:
    """What became of the cards, in one message for what went well and one for what did not."""
    for said in ("已上报", "已保存", "已撤回，可以修改后重新上报", "照片已删除"):
        count = sum(card.said == said for card in posted)
        if count:
            messages.success(request, f"{month.month}月月报：{said} {count} 个项目")
    failed = [str(card.project) for card in posted if card.errors or card.lines]
    if failed:
        messages.error(request, f"{len(failed)} 个项目没有完成，原因见下面各项目：{'、'.join(failed[:5])}")


def _html(request: HttpRequest, month: date, card: Card) -> str:
    return render_to_string("admin/projects/returns/card.html", {"card": card, "month": month}, request)


def _shown(screen: Any, request: HttpRequest, month: date, found: Page[Any], made: list[Card]) -> HttpResponse:
    mine = _mine(request, month)
    context = {
        **screen.admin_site.each_context(request),
        "title": "月报填报",
        "month": month,
        "months": months(clock.today()),
        "cards": made,
        "found": found,
        "statuses": STATUSES,
        "status": request.GET.get("status", ""),
        "units": units(request, mine),
        "unit": request.GET.get("unit", ""),
        "query": query_without_page(request),
        "late": None,
        "any_open": any(card.is_open for card in made),
        "check_url": columns.page("return_check"),
    }
    return TemplateResponse(request, "admin/projects/returns/fill.html", context)


def query_without_page(request: HttpRequest) -> str:
    """The filters of the address, ready for the link to another page."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()
