"""Letters: the list by what is to be done about them, and the page of one, made for a phone."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from projects.admin import acts, columns
from projects.admin.filters import ChoiceFilter, Choices, PlaceFilter
from projects.admin.telling import user_of
from projects.alerts.admin import todo, writing
from projects.alerts.admin.lettering import ACCEPT, ISSUE, ON_LETTERS, RECEIVE, REPLY, SUBMIT, LetterForm
from projects.alerts.letters import drafting, issuing, selecting, telling
from projects.alerts.letters.holding import may_draft
from projects.alerts.models import Alert, Letter, LetterEvent, LetterFile, LetterKind, LetterReply
from projects.files import serving
from projects.forms.fields import DayInput, HourInput
from projects.papers import DRAFT
from zones import clock
from zones.models import Department
from zones.models.versioned import StaleVersion
from zones.scoped.admin import NO_SUCH_ROW, ScopedAdmin, WriteRefused

State = Letter.State
MOST: Final = 200  # units to choose from
COUNTED: Final = ("going", State.SUBMITTED.value, State.ISSUED.value, "overdue", State.REPLIED.value)
FIRST: Final = (ISSUE, SUBMIT, REPLY, ACCEPT)  # acts that the page is there for
TONES: Final = {
    State.DRAFT: "grey",
    State.SUBMITTED: "warn",
    State.REPLIED: "warn",
    State.RETURNED: "warn",
    State.WITHDRAWN: "grey",
    State.DROPPED: "grey",
}
ROWS: Final = {"grounds": 6, "demands": 4}
HELP: Final = {
    "grounds": "一行一段；预警的说明、规则、数据和截止月",
    "demands": "一行一段",
    "reply_by": "从起草次日按工作日推算，可以修改",
}


class DraftedForm(forms.ModelForm):
    """The text of a draft. What a letter cannot go out with is said at its field."""

    class Meta:
        model = Letter
        fields = (*drafting.TEXTS, *drafting.OF_TALK)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.kind == LetterKind.TALK and "grounds" in self.fields:
            self.fields["grounds"].label = "事由（触发依据）"
        for name, field in self.fields.items():
            field.help_text = HELP.get(name, "")
            field.required = field.required or name in drafting.OF_TALK
            field.widget = _widget(name, field)

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors:
            try:
                drafting.check(self.instance)
            except ValidationError as wrong:
                self.add_error(None, wrong)


def _widget(name: str, field: forms.Field) -> forms.Widget:
    if name in ROWS:
        return UnfoldAdminTextareaWidget(attrs={"rows": ROWS[name]})
    if isinstance(field, forms.DateField):
        return DayInput()
    if isinstance(field, forms.TimeField):
        return HourInput()
    most = getattr(field, "max_length", None)
    return UnfoldAdminTextInputWidget(attrs={"maxlength": most} if most else {})


# ---- Filters -----------------------------------------------------------------------------------------
class StateFilter(ChoiceFilter):
    """Those in hand, unless others are asked for."""

    title = "状态"
    parameter_name = "state"
    default = "going"
    all_option = None
    offered: Choices = list(selecting.STATES.items())

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return selecting.in_state(rows, chosen)


class KindFilter(ChoiceFilter):
    """By kind."""

    title = "文种"
    parameter_name = "kind"
    offered: Choices = list(LetterKind.choices)

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(kind=chosen)


class WhoFilter(ChoiceFilter):
    """By whose turn it is."""

    title = "待办"
    parameter_name = "who"
    offered: Choices = [
        *(("mine", "发给我的"), ("issue", "待我签发"), ("accept", "待我审核"), ("record", "待补约谈记录"))
    ]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return WHOSE[chosen](rows, request.user)


WHOSE: Final = {
    "mine": selecting.of_person,
    "issue": selecting.to_issue,
    "accept": selecting.to_accept,
    "record": selecting.to_record,
}


class UnitFilter(ChoiceFilter):
    """By the unit to which it is addressed."""

    title = "责任单位"
    parameter_name = "unit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        units = Department.objects.visible_to(request.user).filter(active=True).order_by("zone__path", "name")
        return [(str(unit.pk), str(unit)) for unit in units[:MOST]]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(department=chosen)


class YearFilter(ChoiceFilter):
    """By the year of its number."""

    title = "年份"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        rows = Letter.objects.visible_to(request.user).exclude(year=None).order_by("-year")
        return [(str(year), f"{year}年") for year in rows.values_list("year", flat=True).distinct()]

    def select(self, request: HttpRequest, rows: Any, chosen: str) -> Any:
        return rows.filter(year=chosen)


# ---- The screen --------------------------------------------------------------------------------------
@admin.register(Letter)
class LetterAdmin(acts.ActsMixin, ScopedAdmin):
    """Letters, the latest first. Drafts are for those who work on them; issued ones for all who read the zone."""

    acts = ON_LETTERS
    form = DraftedForm
    change_form_outer_before_template = "projects_alerts/letter.html"
    change_form_outer_after_template = "projects_alerts/letter_paper.html"
    list_before_template = "projects_alerts/letters_head.html"
    list_display = ("title_shown", "addressed", "of", "until", "state_shown", "issued")
    list_display_links = ("title_shown",)
    list_filter = (StateFilter, KindFilter, WhoFilter, UnitFilter, YearFilter, PlaceFilter)
    list_filter_sheet = True
    list_select_related = ("zone", "head__zone", "project__zone", "department", "issued_by", "drafted_by")
    list_per_page = 50
    search_fields = ("title", "subject", "addressee", "grounds", "project__initials", "prefix")
    search_help_text = "按标题、主送单位、项目名称或拼音首字母、依据中的文字查找"
    readonly_fields = ("reached",)

    class Media:
        css = {"all": ("tracker/minutes.css", "tracker/letter.css")}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return obj.is_draft and may_draft(request.user, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or not self.has_change_permission(request, obj):
            return ("reached",)
        return (*drafting.TEXTS, *(drafting.OF_TALK if obj.kind == LetterKind.TALK else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is not None and self.has_change_permission(request, obj) else ("reached",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in self.get_fields(request, obj)}
        try:
            drafting.edit(obj, told, by=user_of(request), expected_version=form.seen_version)
        except StaleVersion:
            raise
        except ValidationError as error:
            raise WriteRefused("；".join(error.messages)) from error

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return HttpResponseRedirect(telling.page(obj))

    def after_act(self, row: Any) -> str:
        return telling.page(row)

    # ---- List
    @display(description="函件", ordering="title")
    def title_shown(self, letter: Letter) -> SafeString:
        shown = columns.cell(letter.title, letter.code or letter.get_kind_display())
        return format_html("{} {}", shown, columns.mark("演示", "demo")) if letter.is_demo else shown

    @display(description="主送单位", ordering="department__name")
    def addressed(self, letter: Letter) -> str:
        return letter.addressee

    @display(description="项目", ordering="project__name")
    def of(self, letter: Letter) -> SafeString | str:
        return columns.project_link(letter.project) if letter.project else letter.subject

    @display(description="反馈时限", ordering="reply_by")
    def until(self, letter: Letter) -> SafeString | str:
        shown = format_html('<span class="whitespace-nowrap">{}</span>', f"{letter.reply_by:%Y-%m-%d}")
        if not letter.is_unanswered:
            return shown
        tone = "tk-late" if letter.reply_by < clock.today() else ""
        left = columns.days_left(letter.reply_by, clock.today())
        return columns.cell(shown, format_html('<span class="{} whitespace-nowrap">{}</span>', tone, left))

    @display(description="状态", ordering="state")
    def state_shown(self, letter: Letter) -> SafeString:
        shown = columns.mark(letter.get_state_display(), TONES.get(State(letter.state), "plain"))
        late = letter.is_unanswered and letter.reply_by < clock.today()
        return format_html("{} {}", shown, columns.mark("逾期", "warn")) if late else shown

    @display(description="签发", ordering="issued_on")
    def issued(self, letter: Letter) -> SafeString | str:
        return columns.cell(letter.issued_by, f"{letter.issued_on:%Y-%m-%d}") if letter.issued_on else columns.NOTHING

    @display(description="联系人")
    def reached(self, letter: Letter) -> str:
        return f"{letter.contact} {letter.phone}".strip()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        rows, where = Letter.objects.visible_to(request.user), reverse("admin:projects_alerts_letter_changelist")
        counts = [(selecting.STATES[code], selecting.in_state(rows, code), {"state": code}) for code in COUNTED]
        counts += [
            (label, WHOSE[code](selecting.in_state(rows, "going"), request.user), {"who": code})
            for code, label in WhoFilter.offered
        ]
        numbers = [(label, found.count(), f"{where}?{urlencode(asked)}") for label, found, asked in counts]
        context = {"letter_counts": [each for each in numbers if each[1]], **(extra_context or {})}
        return super().changelist_view(request, context)

    # ---- Page
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("draft/", view(writing.page), name="projects_alerts_letter_draft"),
            path("<int:pk>/word/", view(self.word_view), name="projects_alerts_letter_word"),
            *serving.addresses(self, LetterFile),
            *super().get_urls(),
        ]

    def word_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The Word file, of an issued letter the one that was issued."""
        letter = self.get_queryset(request).filter(pk=pk).first()
        if letter is None:
            raise Http404(NO_SUCH_ROW)
        try:
            data = issuing.word_of(letter)
        except ValidationError as spoilt:
            messages.error(request, "；".join(spoilt.messages))
            return HttpResponseRedirect(telling.page(letter))
        name = letter.code or f"（{DRAFT}）"
        return serving.download(BytesIO(data), f"{letter.title}{name}.docx", serving.WORD)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        letter = kwargs.get("obj")
        if letter is not None:
            context.update(self._followed(request, letter))
        return super().render_change_form(request, context, *args, **kwargs)

    def _followed(self, request: HttpRequest, letter: Letter) -> dict[str, Any]:
        """All that is known of it, and what the person may do now; a constant number of statements."""
        user = request.user
        events = LetterEvent.objects.visible_to(user).filter(letter=letter).select_related("by").order_by("-pk")
        alerts = Alert.objects.visible_to(user).filter(letters=letter).select_related("project", "zone")
        late = Alert.objects.visible_to(user).open().filter(subject_key=letter.subject_key).first()
        offered = [act for act in ON_LETTERS if (act.fits is None or act.fits(letter)) and act.allows(request, letter)]
        return {
            "letter": letter,
            "letter_state": self.state_shown(letter),
            "letter_until": columns.deadline(letter.reply_by, clock.today()),
            "letter_alerts": [(self._light(alert), alert) for alert in alerts.worst_first()],
            "letter_over": issuing.said_of(over) if (over := issuing.closed_since(letter)) else "",
            "letter_missing": _missing(letter) if letter.is_draft else "",
            "letter_late": late,
            "letter_replies": self._replies(request, letter),
            "letter_talks": list(letter.talks.select_related("by").order_by("-pk")),
            "letter_events": events,
            "letter_acts": [
                (act.title, acts.act_url(act.name, letter), act in FIRST) for act in offered if act is not RECEIVE
            ],
            "letter_word": reverse("admin:projects_alerts_letter_word", args=[letter.pk]),
            "receiving": self._receiving(request, letter) if RECEIVE in offered else None,
            "blocks": issuing.paper_of(letter),
        }

    def _light(self, alert: Alert) -> SafeString:
        return columns.light(alert.level, alert.label, alert.colour)

    def _replies(self, request: HttpRequest, letter: Letter) -> list[tuple[LetterReply, SafeString]]:
        files: dict[int, list[LetterFile]] = {}
        for file in LetterFile.objects.visible_to(request.user).filter(reply__letter=letter, removed_at=None):
            files.setdefault(file.reply_id, []).append(file)
        rows = LetterReply.objects.visible_to(request.user).filter(letter=letter).select_related("by", "decided_by")
        return [(row, serving.listed(files.get(row.pk, []))) for row in rows.order_by("-number")]

    def _receiving(self, request: HttpRequest, letter: Letter) -> dict[str, Any]:
        """The form and the address of 签收: one touch."""
        form = LetterForm(project=letter.project, user=request.user, row=letter)
        return {"url": acts.act_url(RECEIVE.name, letter), "form": form}


def _missing(letter: Letter) -> str:
    """What must be mended before it can go out, in one sentence."""
    try:
        drafting.check(letter)
    except ValidationError as wrong:
        return "；".join(wrong.messages)
    return ""


# ---- 我的待办 ------------------------------------------------------------------------------------------
def works(user: Any) -> Iterator[todo.Work]:
    """What of letters waits for the person. A constant number of statements."""
    rows = Letter.objects.visible_to(user)
    mine = selecting.of_person(rows, user)
    yield _work("待签收的函件", mine.filter(state=State.ISSUED))
    yield _work("待反馈的函件", mine.filter(state__in=(State.RECEIVED, State.RETURNED)))
    yield _work("待签发的函件", selecting.to_issue(rows, user))
    yield _work("待审核的函件反馈", selecting.to_accept(rows, user))
    yield _work("待补的约谈记录", selecting.to_record(rows, user))
    yield _work("我起草的函件", rows.filter(state=State.DRAFT, drafted_by=user.pk))
    found = selecting.to_write_of(user)
    total = found.count()
    first = found.select_related("project", "zone", "rule").order_by("answer_by", "pk")[: todo.MOST] if total else []
    yield todo.Work("逾期未答复、可发函的预警", total, [_to_write(alert) for alert in first])


def _work(title: str, rows: Any) -> todo.Work:
    total = rows.count()
    first = rows.select_related("project").order_by("reply_by", "pk")[: todo.MOST] if total else []
    return todo.Work(title, total, [_item(row) for row in first])


def _item(row: Letter) -> todo.Item:
    by = row.reply_by if row.is_unanswered else None
    why = " · ".join((row.code or row.get_kind_display(), row.get_state_display(), f"主送{row.addressee}"))
    return todo.Item(what=row.title, why=why, url=telling.page(row), by=by)


def _to_write(alert: Alert) -> todo.Item:
    mark = columns.light(alert.level, alert.label, alert.colour)
    return todo.Item(
        what=f"起草函件：{alert.subject}", why=alert.sentence, url=writing.url([alert]), by=alert.answer_by, mark=mark
    )


todo.offer(works)
