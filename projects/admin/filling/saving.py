"""What was asked of the cards: to save, to submit, to take back, to drop a photo. Each card by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from projects import facts
from projects.admin.filling.cards import Card, cards, judge
from projects.returns import pictures
from zones.models.versioned import StaleVersion

MOST_PHOTOS: Final = 9  # at once


def carry_out(request: HttpRequest, month: date, posted: dict[int, Card]) -> None:
    """Carry out the button that was pressed; each card of `posted` is replaced by what became of it."""
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
        judge(card)


def _save(request: HttpRequest, month: date, card: Card, *, submit: bool, alone: bool) -> Card:
    """Save a card, and submit it if that is asked; whatever is refused stays on it with the reason."""
    files = request.FILES.getlist(f"{card.form.prefix}-photo")
    if card.form.is_blank and not card.row.pk and not files and not (submit and alone):
        return card
    if not card.form.is_valid():
        card.errors = [f"{card.form.fields[name].label}：{e}" for name, each in card.form.errors.items() for e in each]
        card.unsaved = True
        judge(card)
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
            taken_on = forms.DateField(required=False, label="拍摄日期").clean(day)
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


def tell(request: HttpRequest, month: date, posted: Iterable[Card]) -> None:
    """What became of the cards, in one message for what went well and one for what did not."""
    for said in ("已上报", "已保存", "已撤回，可以修改后重新上报", "照片已删除"):
        count = sum(card.said == said for card in posted)
        if count:
            messages.success(request, f"{month.month}月月报：{said} {count} 个项目")
    failed = [str(card.project) for card in posted if card.errors or card.lines]
    if failed:
        messages.error(request, f"{len(failed)} 个项目没有完成，原因见下面各项目：{'、'.join(failed[:5])}")
