"""Elements of the XML that offices write, by their names without namespaces: strict and transitional are one."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from projects.intake.refusals import Trouble

PARSER: Final[dict[str, Any]] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def unread(log: Any) -> Exception:
    """Why a parser stopped: it ran out of memory, or the file is no XML."""
    out = any(entry.type == etree.ErrorTypes.ERR_NO_MEMORY for entry in log)
    return MemoryError() if out else Trouble("damaged")


def local(element: Any) -> str:
    """The name of an element; "" of a comment and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: Any, *path: str) -> Any:
    """The first element at the end of the path; None where there is none."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if local(each) == name), None)
    return element


def attribute(element: Any, name: str) -> str:
    """An attribute, "" where it is not set."""
    return next((str(value) for key, value in element.items() if key.rpartition("}")[2] == name), "")


def value(element: Any) -> str:
    """What `<w:x w:val="…"/>` says; "" of no element."""
    return "" if element is None else attribute(element, "val")
