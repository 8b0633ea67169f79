"""No English word on an official's page: the theme and the libraries speak Chinese through locale/."""

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import messages
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

SHOWN = ["unfold", "axes", "django_filters", "django.contrib.admin", "django.contrib.auth"]
# Parts of the theme for libraries that are not installed here.
UNUSED = re.compile(r"unfold/contrib/(?!filters)\w+/|/tests?/")
PLACE_OF_TEXT = {"_": 0, "gettext": 0, "gettext_lazy": 0, "ngettext": 0, "ngettext_lazy": 0, "pgettext": 1}
CALL = re.compile(r"\b(?:_|n?p?gettext)\(")


def folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def sources(package: str) -> Iterator[str]:
    """Python of the package, and of what Django makes of its templates before it looks for texts."""
    for file in folder(package).rglob("*"):
        if UNUSED.search(file.as_posix()):
            continue
        if file.suffix == ".py":
            yield file.read_text(encoding="utf-8")
        elif file.suffix == ".html":
            yield from calls(templatize(file.read_text(encoding="utf-8"), origin=str(file)))


def calls(text: str) -> Iterator[str]:
    """The gettext calls in a text that is otherwise not Python."""
    for found in CALL.finditer(text):
        ends = (end.end() for end in re.compile(r"\)").finditer(text, found.end()))
        yield next(text[found.start() : end] for end in ends if is_python(text[found.start() : end]))


def is_python(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def texts(source: str) -> Iterator[tuple[str, bool]]:
    """Every literal text that is looked up, and whether it has a plural."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = PLACE_OF_TEXT.get(name)
        if place is None or len(node.args) <= place:
            continue
        text = node.args[place]
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and re.search("[A-Za-z]{2}", text.value):
            context = f"{ast.literal_eval(node.args[0])}\x04" if place else ""
            yield context + text.value, name.startswith("n")


@pytest.mark.parametrize("package", SHOWN)
def test_every_text_of_the_package_has_a_chinese_translation(package):
    catalog = trans_real.translation("zh-hans")._catalog
    wanted = {text for source in sources(package) for text in texts(source)}
    assert wanted
    assert [text for text, plural in sorted(wanted) if not catalog.get((text, 0) if plural else text)] == []


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_the_compiled_messages_are_those_of_the_source(domain):
    source = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / f"{domain}.po"
    assert source.with_suffix(".mo").read_bytes() == messages.compiled(source)


def test_a_message_given_twice_is_refused(tmp_path):
    source = tmp_path / "django.po"
    source.write_text('msgid "Save"\nmsgstr "保存"\n\nmsgid "Save"\nmsgstr "存"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="given twice: Save"):
        messages.compiled(source)


def test_a_translation_keeps_the_placeholders_of_its_text():
    for domain in ("django", "djangojs"):
        source = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / f"{domain}.po"
        for block in source.read_text(encoding="utf-8").split("\n\n")[1:]:
            key, text = (part.decode() for part in messages.message(block))
            singular = key.split("\x04")[-1].split("\x00")[0]
            assert placeholders(text) == placeholders(singular), singular


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]*>", text))


def test_the_theme_counts_results_in_chinese():
    text = "\n                Found %(counter)s result in %(time)s seconds\n            "
    plural = text.replace("result ", "results ")
    with translation.override("zh-hans"):
        assert "找到" in translation.ngettext(text, plural, 3)
