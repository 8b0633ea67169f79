"""System checks that keep every screen behind the three doors."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

OURS = ("zones", "projects", "tracker")


def ours(model: type) -> bool:
    """Whether the model is one of this product's, and not a library's."""
    return model.__module__.split(".")[0] in OURS


@register()
def check_screens(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every registered screen of our models is scoped, guarded by its version, and shows no way around."""
    if not apps.is_installed("django.contrib.admin"):
        return []
    return [error for screen in admin.site._registry.values() if ours(screen.model) for error in problems(screen)]


def problems(screen: Any) -> Iterator[CheckMessage]:
    """What is wrong with one screen."""
    from zones.scoped.admin import ScopedAdmin, ScopedInlineMixin

    label = screen.model._meta.label
    if not isinstance(screen, ScopedAdmin):
        yield Error(f"{label} 的管理界面没有限定区域", hint="请继承 zones.scoped.admin.ScopedAdmin", id="zones.E001")
        return
    yield from _version_problems(screen, label)
    yield from _unscoped(screen.model, label)
    if screen.raw_id_fields:
        yield Error(
            f"{label} 使用了 raw_id_fields", hint="会显示看不见的名称，请改用 autocomplete_fields", id="zones.E003"
        )
    for inline in screen.inlines:
        if not issubclass(inline, ScopedInlineMixin):
            yield Error(
                f"{label} 的 {inline.__name__} 没有限定区域", hint="请继承 ScopedTabularInline", id="zones.E004"
            )


def _version_problems(screen: Any, label: str) -> Iterator[Error]:
    from zones.models import Versioned
    from zones.scoped.admin import FORM_STATE

    if not issubclass(screen.model, Versioned):
        return
    if not screen.checks_version or screen.list_editable:
        yield Error(
            f"{label} 的管理界面不核对版本",
            hint="不要关闭 checks_version，也不要使用 list_editable",
            id="zones.E002",
        )
    if screen.change_form_before_template != FORM_STATE:
        yield Error(
            f"{label} 的表单没有带上版本号",
            hint=f"change_form_before_template 应保持为 {FORM_STATE}",
            id="zones.E002",
        )


def _unscoped(model: Any, label: str) -> Iterator[Caution]:
    from zones.scoped.querysets import is_scoped

    related = {f.related_model for f in model._meta.get_fields() if f.is_relation and f.concrete and f.related_model}
    for other in sorted({model, *related}, key=lambda m: m._meta.label):
        if ours(other) and not is_scoped(other):
            yield Caution(
                f"{label} 的界面用到的 {other._meta.label} 没有限定区域",
                hint="请继承 ScopedModel 并写明 zone_lookup，或写 everywhere = True",
                id="zones.W005",
            )
