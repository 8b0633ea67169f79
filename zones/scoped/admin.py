"""The base of every official's screen: three doors, one refusal, one version check.

The doors: rows (`get_queryset`), choices of related rows (form fields, autocomplete) and list filters. Whatever
is written is checked inside the transaction, before and after: both the row as it was and the row as it has
become must be writable by the person. Nothing is deleted.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms import BaseInlineFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from unfold import forms as unfold_forms
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.contrib.filters.admin.mixins import AutocompleteMixin
from unfold.fields import UnfoldAdminReadonlyField

from zones.models.versioned import StaleVersion, Versioned
from zones.scoped.forms import EditStateMixin, VersionedFormSetMixin
from zones.scoped.querysets import (
    ScopedQuerySet,
    is_scoped,
    may_read_somewhere,
    may_write_somewhere,
    visible_rows,
)

if TYPE_CHECKING:  # the mixins stand before classes of the theme, which has no types
    _Filter: Any = object
    _Screen: Any = object
else:
    _Filter = _Screen = object

OUTSIDE = "您没有权限在这里保存，请核对所属区域或负责的项目"
NO_SUCH_ROW = "没有这条记录"
FORM_STATE = "zones/form_state.html"


class WriteRefused(Exception):
    """The row, as it was or as it would become, is not the person's to write."""


# ---- Filters -------------------------------------------------------------------------------------
class ScopedChoices(_Filter):
    """Offers in a list filter only related rows that the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        if isinstance(self, AutocompleteMixin):
            return super().field_choices(field, request, model_admin)
        rows = visible_rows(field.related_model, request.user)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return [(row.pk, str(row)) for row in (rows.order_by(*ordering) if ordering else rows)]

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            # An autocomplete filter shows the label of whatever id stands in the address.
            for field in getattr(choice.get("form"), "fields", {}).values():
                if hasattr(field, "queryset"):
                    field.queryset = visible_rows(field.queryset.model, self.request.user)
            yield choice


class ScopedRelatedFilter(ScopedChoices, RelatedDropdownFilter):
    """The filter that every foreign key in `list_filter` gets."""


@cache
def scoped_filter(filter_class: type) -> type:
    """`filter_class` with its choices limited to what the person may see."""
    if issubclass(filter_class, ScopedChoices):
        return filter_class
    return type(f"Scoped{filter_class.__name__}", (ScopedChoices, filter_class), {})


# ---- What screens and inlines share ----------------------------------------------------------------
class ScopedFieldsMixin(_Screen):
    """Rows and related choices that the person may see."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.visible_to(request.user) if isinstance(rows, ScopedQuerySet) else rows.none()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self._offered(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = self._offered(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _offered(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> models.QuerySet[Any]:
        given = kwargs.get("queryset")
        if given is None:
            related = db_field.remote_field.model
            given = self.get_field_queryset(None, db_field, request)
            given = related._default_manager.get_queryset() if given is None else given
        return given.visible_to(request.user) if isinstance(given, ScopedQuerySet) else given


def can_read(request: HttpRequest, obj: models.Model) -> bool:
    """Whether the person may see this very row; asked once per request."""
    return _remember(request, "read", obj, lambda rows: rows.visible_to(request.user))


def can_write(request: HttpRequest, obj: models.Model) -> bool:
    """Whether the person may change this very row, as it is stored; asked once per request."""
    return _remember(request, "write", obj, lambda rows: rows.writable_by(request.user))


def _remember(request: HttpRequest, what: str, obj: models.Model, limit: Any) -> bool:
    known = request.__dict__.setdefault("_scoped_rows", {})
    key = (what, type(obj), obj.pk)
    if key not in known:
        rows = type(obj)._default_manager.get_queryset()
        known[key] = isinstance(rows, ScopedQuerySet) and limit(rows).filter(pk=obj.pk).exists()
    return known[key]


def require_writable(request: HttpRequest, objects: list[models.Model]) -> None:
    """Raise `WriteRefused` unless the person may write every one of `objects`, as they are stored now."""
    by_model: dict[type[models.Model], set[Any]] = {}
    for obj in objects:
        if is_scoped(type(obj)):
            by_model.setdefault(type(obj), set()).add(obj.pk)
    for model, keys in by_model.items():
        rows: Any = model._default_manager
        if rows.writable_by(request.user).filter(pk__in=keys).count() != len(keys):
            raise WriteRefused(OUTSIDE)


# ---- What is shown and not filled in ----------------------------------------------------------------
class SeenReadonlyField(UnfoldAdminReadonlyField):
    """A related row is a link only for who may see it; for others its name stands alone, as of a zone above."""

    def get_admin_url(self, remote_field: Any, remote_obj: Any) -> Any:
        request = getattr(self.form, "request", None)
        if request is None or not can_read(request, remote_obj):
            return str(remote_obj)
        return super().get_admin_url(remote_field, remote_obj)


# The theme's lines build their fields by this name and have no other hook.
unfold_forms.UnfoldAdminReadonlyField = SeenReadonlyField


# ---- Screens ---------------------------------------------------------------------------------------
class ScopedAdmin(ScopedFieldsMixin, ModelAdmin):
    """Base of every screen. A subclass that overrides `save_model` must call super, or write by a verb of its own."""

    change_form_before_template = FORM_STATE
    list_filter_submit = True
    warn_unsaved_form = True
    view_on_site = False
    show_full_result_count = False  # counting a million rows tells nobody anything
    checks_version = True

    # -- rights: from the permission table, never from Django's own permissions
    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_read_somewhere(self.model, request.user)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return can_read(request, obj) if obj else may_read_somewhere(self.model, request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_write_somewhere(self.model, request.user)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return can_write(request, obj) if obj else may_write_somewhere(self.model, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    # -- doors
    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [self._scoped_entry(entry) for entry in super().get_list_filter(request)]

    def _scoped_entry(self, entry: Any) -> Any:
        if isinstance(entry, str):
            return (entry, ScopedRelatedFilter) if self._is_relation(entry) else entry
        if isinstance(entry, list | tuple) and issubclass(entry[1], RelatedFieldListFilter):
            return entry[0], scoped_filter(entry[1])
        return entry

    def _is_relation(self, path: str) -> bool:
        try:
            return bool(get_fields_from_path(self.model, path)[-1].is_relation)
        except FieldDoesNotExist:
            return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return _bound(form, request, checks_version=self.checks_version)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        # Reached for a row that is not there and for a row that is not his: one answer, without the id.
        raise Http404(NO_SUCH_ROW)

    # -- writing
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except WriteRefused as refusal:
            # The transaction is rolled back. The same page again, with the typed text and the reason on it.
            request.__dict__["_write_refused"] = str(refusal)
            request.__dict__.pop("_scoped_rows", None)
            return super().changeform_view(request, *args, **kwargs)
        except StaleVersion:
            # Somebody saved between our check and our write: now the check itself will see it, and explain.
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and isinstance(obj, Versioned) and self.checks_version:
            obj.save_checked(form.seen_version)
        else:
            super().save_model(request, obj, form, change)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        if change:
            require_writable(request, [form.instance])
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: list[BaseInlineFormSet], change: bool) -> None:
        touched = [row for formset in formsets for row in formset.forms if row.has_changed()]
        require_writable(request, [row.instance for row in touched if not row.instance._state.adding])
        super().save_related(request, form, formsets, change)
        require_writable(request, [form.instance, *(row.instance for row in touched if row.instance.pk)])


class ReadOnlyAdmin(ScopedAdmin):
    """A screen to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


# ---- Inlines ---------------------------------------------------------------------------------------
class ScopedInlineMixin(ScopedFieldsMixin):
    """The same doors for rows inside another row's page. Each row carries its own version, if it has one."""

    can_delete = False
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return may_read_somewhere(self.model, request.user)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may_write(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form = _bound(formset.form, request, checks_version=False)
        return type(formset.__name__, (VersionedFormSetMixin, formset), {})

    def _may_write(self, request: HttpRequest, parent: models.Model | None) -> bool:
        if not may_write_somewhere(self.model, request.user):
            return False
        return parent is None or parent._state.adding or can_write(request, parent)


class ScopedTabularInline(ScopedInlineMixin, TabularInline):
    """Rows of a table."""


class ScopedStackedInline(ScopedInlineMixin, StackedInline):
    """Rows one below the other."""


def _bound(form: type[ModelForm], request: HttpRequest, *, checks_version: bool) -> type[ModelForm]:
    bases = (form,) if issubclass(form, EditStateMixin) else (EditStateMixin, form)
    return type(form.__name__, bases, {"request": request, "checks_version": checks_version})
