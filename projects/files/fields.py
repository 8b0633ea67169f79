"""Files in a form."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import INPUT_CLASSES

from projects.files.reading import ACCEPT, HELP, LARGEST, TOO_LARGE

MOST: Final = 5  # at once
HINT: Final = f"{HELP}，一次最多 {MOST} 个"
File = tuple[str, bytes]
"""A file as it was sent: its name and what is in it."""


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Files as pairs of name and content. What they are is decided by what is in them, where they are kept."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = FilesInput(attrs={"class": " ".join(INPUT_CLASSES), "accept": ACCEPT})
        super().__init__(label=label, widget=widget, required=False, help_text=HINT, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        sent = [each for each in (data if isinstance(data, list | tuple) else [data]) if each]
        if len(sent) > MOST:
            raise ValidationError(f"一次最多传 {MOST} 个文件")
        if any(each.size > LARGEST for each in sent):
            raise ValidationError(TOO_LARGE)
        return [(each.name, super(FilesField, self).clean(each, initial).read()) for each in sent]
