"""Forms that offer a person only what he may see, and that never overwrite what another has changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from zones.models.versioned import Versioned
from zones.scoped.querysets import is_scoped, visible_rows

if TYPE_CHECKING:  # the mixins stand before a form of whatever kind
    _ModelForm = forms.ModelForm
    _FormSet = forms.BaseInlineFormSet
else:
    _ModelForm = _FormSet = object

MISSING_VERSION = "页面缺少版本号，请刷新后重新填写"
NOTHING = "（空）"
UNSEEN = "（不在您的查看范围内）"


class HiddenState(forms.CharField):
    """What the page remembers of the row as it was opened. Never counts as a change."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ScopedFormMixin(_ModelForm):
    """Limits choices to what `request.user` may see. A value he cannot see stays as it is and cannot be changed."""

    request: Any = None

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        if request is not None:
            self.request = request
        super().__init__(*args, **kwargs)
        self._kept: dict[str, list[Any]] = {}
        if self.request is not None:
            self._limit_choices()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        self._put_back_unseen(cleaned)
        return cleaned

    def _limit_choices(self) -> None:
        for name, field in _choosers(self.fields):
            if not is_scoped(field.queryset.model):
                continue
            field.queryset = field.queryset.visible_to(self.request.user)
            if isinstance(field, forms.ModelMultipleChoiceField):
                self._keep_unseen(name, field)
            else:
                self._freeze_unseen(name, field)

    def _freeze_unseen(self, name: str, field: Any) -> None:
        current = _pk(self.get_initial_for_field(field, name))
        if current is None or not self._is_stored(name, current) or self._sees(field.queryset.model, current):
            return
        # Disabled, the field takes the stored value whatever is posted; left as it was, it would be emptied.
        field.queryset = field.queryset.model._base_manager.filter(pk=current)
        field.disabled = True

    def _keep_unseen(self, name: str, field: Any) -> None:
        current = [_pk(value) for value in self.get_initial_for_field(field, name) or []]
        unseen = [pk for pk in current if self._is_stored(name, None) and not self._sees(field.queryset.model, pk)]
        if unseen:
            self._kept[name] = unseen

    def _put_back_unseen(self, cleaned: dict[str, Any]) -> None:
        for name, unseen in self._kept.items():
            if name in cleaned:
                chosen = [row.pk for row in cleaned[name]]
                field: Any = self.fields[name]
                cleaned[name] = field.queryset.model._base_manager.filter(pk__in=[*chosen, *unseen])

    def _is_stored(self, name: str, value: Any) -> bool:
        """Whether the value comes from the row and not from the address, where anybody can write anything."""
        instance = getattr(self, "instance", None)
        if instance is None or instance._state.adding or name not in {f.name for f in instance._meta.get_fields()}:
            return False
        return value is None or getattr(instance, instance._meta.get_field(name).attname, None) == value

    def _sees(self, model: type[models.Model], pk: Any) -> bool:
        """Remembered per request, because the rows of an inline share a few values."""
        known = self.request.__dict__.setdefault("_scoped_seen", {})
        if (model, pk) not in known:
            known[model, pk] = visible_rows(model, self.request.user).filter(pk=pk).exists()
        return known[model, pk]


class EditStateMixin(ScopedFormMixin):
    """Refuses a save from a page that was opened before somebody else saved, and says what changed.

    The form carries `seen_version` and, only in order to explain a conflict, the values as they were
    opened. What was typed stays; fields that the person had not touched take the other's value; saving once
    more is then a decision made with open eyes.
    """

    checks_version = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._is_guarded():
            self.fields["seen_version"] = HiddenState(initial=str(self.instance.version))
            self.fields["seen_values"] = HiddenState(initial=json.dumps(self._stored_values()))

    @property
    def seen_version(self) -> int:
        """The version the page was opened with."""
        return int(self.cleaned_data["seen_version"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        refusal = getattr(self.request, "_write_refused", None)
        if refusal and self.checks_version:
            raise ValidationError(refusal)
        if self._is_guarded():
            self._check_version()
        return cleaned

    def _is_guarded(self) -> bool:
        return self.checks_version and isinstance(self.instance, Versioned) and not self.instance._state.adding

    def _check_version(self) -> None:
        seen = self.data.get(self.add_prefix("seen_version"), "")
        if not seen.isdecimal():
            raise ValidationError(MISSING_VERSION, code="stale")
        if int(seen) != self.instance.version:
            lines = self._conflict_lines()
            self._take_over()
            raise ValidationError(lines, code="stale")

    def _conflict_lines(self) -> list[str]:
        head = f"{self._last_editor()}已修改并保存了这条记录，您填写的内容还没有保存。核对后再次保存，即以本页为准。"
        return [head, *(self._conflict_line(bound) for bound in self._editable() if self._other_changed(bound))]

    def _other_changed(self, bound: BoundField) -> bool:
        return bound.field.has_changed(self._was(bound), self._stored(bound))

    def _i_changed(self, bound: BoundField) -> bool:
        return bound.field.has_changed(self._was(bound), bound.data)

    def _conflict_line(self, bound: BoundField) -> str:
        was, theirs, mine = (self._show(bound, v) for v in (self._was(bound), self._stored(bound), bound.data))
        end = f"我的“{mine}”" if self._i_changed(bound) else "我没有改，已采用对方的"
        return f"{bound.label}：原值“{was}”，对方“{theirs}”，{end}"

    def _take_over(self) -> None:
        """Prepare the page for a second, deliberate save."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for bound in self._editable():
            if not self._i_changed(bound) and not isinstance(bound.field.widget, forms.MultiWidget):
                _put(data, bound.html_name, self._stored(bound))
        data[self.add_prefix("seen_version")] = str(self.instance.version)
        data[self.add_prefix("seen_values")] = json.dumps(self._stored_values())
        self.data = data

    def _editable(self) -> list[BoundField]:
        return [
            self[name]
            for name, field in self.fields.items()
            if not isinstance(field, HiddenState | forms.FileField) and not field.disabled
        ]

    def _stored_values(self) -> dict[str, Any]:
        return {bound.name: self._stored(bound) for bound in self._editable()}

    def _stored(self, bound: BoundField) -> Any:
        value = bound.field.prepare_value(self.get_initial_for_field(bound.field, bound.name))
        if isinstance(value, list | tuple | models.QuerySet):
            return [str(_pk(item)) for item in value]
        return "" if value is None else value if isinstance(value, bool) else str(value)

    def _was(self, bound: BoundField) -> Any:
        try:
            return json.loads(self.data.get(self.add_prefix("seen_values"), "{}")).get(bound.name, self._stored(bound))
        except (ValueError, AttributeError):
            return self._stored(bound)

    def _show(self, bound: BoundField, value: Any) -> str:
        if isinstance(bound.field, forms.ModelChoiceField):
            return self._show_rows(bound.field, value)
        if isinstance(value, bool) or isinstance(bound.field, forms.BooleanField):
            return "是" if value in (True, "True", "on", "true") else "否"
        labels = {str(key): label for key, label in getattr(bound.field, "choices", None) or [] if key != ""}
        values = value if isinstance(value, list) else [value]
        return "、".join(str(labels.get(str(v), v)) for v in values if v not in (None, "")) or NOTHING

    def _show_rows(self, field: Any, value: Any) -> str:
        wanted = [v for v in (value if isinstance(value, list) else [value]) if v not in (None, "")]
        try:
            found = [str(row) for row in field.queryset.filter(pk__in=wanted)]
        except (ValueError, TypeError):
            found = []
        return "、".join(found) or (UNSEEN if wanted else NOTHING)

    def _last_editor(self) -> str:
        kind = ContentType.objects.get_for_model(self.instance, for_concrete_model=False)
        entry = (
            LogEntry.objects.filter(content_type=kind, object_id=str(self.instance.pk)).select_related("user").first()
        )
        return f"{entry.user} 于 {localtime(entry.action_time):%m月%d日 %H:%M} " if entry else "他人"


class VersionedKeyInput(forms.HiddenInput):
    """The key of an inline row together with the version it was opened with."""

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        key = super().render(name, value, attrs, renderer)
        return key + format_html(
            '<input type="hidden" name="{}-seen_version" value="{}">', name.rpartition("-")[0], self.version
        )


class VersionedFormSetMixin(_FormSet):
    """Inline rows that carry their version, so that a row edited elsewhere in the meantime is not overwritten."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        key = form.fields.get(self._pk_field.name) if hasattr(self, "_pk_field") else None
        if key is not None:
            # Django offers every row of the table here, and so would tell which foreign keys exist.
            key.queryset = self.queryset
        if key is not None and isinstance(form.instance, Versioned) and not form.instance._state.adding:
            key.widget = VersionedKeyInput(form.instance.version)

    def clean(self) -> None:
        super().clean()
        for form in self.initial_forms:
            if isinstance(form.instance, Versioned) and form.has_changed():
                self._check(form)

    def _check(self, form: Any) -> None:
        seen = form.data.get(form.add_prefix("seen_version"), "")
        if not seen.isdecimal():
            raise ValidationError(MISSING_VERSION, code="stale")
        if int(seen) != form.instance.version:
            raise ValidationError(f"“{form.instance}”这一行刚被他人修改，请刷新页面后重新填写这一行", code="stale")


class ScopedModelForm(ScopedFormMixin, forms.ModelForm):
    """A model form for pages outside the admin: `ScopedModelForm(request=request, …)`."""


def _choosers(fields: dict[str, forms.Field]) -> list[tuple[str, Any]]:
    return [(name, field) for name, field in fields.items() if isinstance(field, forms.ModelChoiceField)]


def _pk(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value if value != "" else None


def _put(data: Any, name: str, value: Any) -> None:
    if isinstance(value, bool):
        data.pop(name, None)
        if value:
            data[name] = "on"
    elif isinstance(value, list):
        data.setlist(name, value)
    else:
        data[name] = value
