"""Compiles locale/**/*.po to .mo, so that neither a machine nor a colleague needs gettext's own programs."""

import ast
import re
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LINE = re.compile(r'^(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[\d+\])?\s+)?(".*")\s*$')
MAGIC = 0x950412DE


def main() -> None:
    for source in sorted((ROOT / "locale").rglob("*.po")):
        source.with_suffix(".mo").write_bytes(compiled(source))
        print(source.with_suffix(".mo").relative_to(ROOT))


def compiled(source: Path) -> bytes:
    """The bytes of the .mo file; raises ValueError for a line that is not understood or a message given twice."""
    messages: dict[bytes, bytes] = {}
    for block in re.split(r"\n\s*\n", source.read_text(encoding="utf-8")):
        key, text = message(block)
        if key in messages:
            raise ValueError(f"{source.name}: given twice: {key.decode()}")
        if text:
            messages[key] = text
    return packed(messages)


def message(block: str) -> tuple[bytes, bytes]:
    """Key and text of one message, with the separators of gettext's format."""
    fields: list[tuple[str, str]] = []
    for line in block.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = LINE.match(line)
        if not found:
            raise ValueError(f"not understood: {line}")
        if found[1]:
            fields.append((found[1], ""))
        keyword, text = fields.pop()
        fields.append((keyword, text + ast.literal_eval(found[2])))
    contexts, ids, texts = (
        [text for keyword, text in fields if keyword.startswith(kind)] for kind in ("msgctxt", "msgid", "msgstr")
    )
    return "\x04".join([*contexts, "\x00".join(ids)]).encode(), "\x00".join(texts).encode()


def packed(messages: dict[bytes, bytes]) -> bytes:
    """Two tables of (length, offset), then the strings, each ended by a zero byte."""
    keys = sorted(messages)
    strings = [*keys, *(messages[key] for key in keys)]
    at = 7 * 4 + 8 * len(strings)
    entries: list[int] = []
    for string in strings:
        entries += (len(string), at)
        at += len(string) + 1
    head = (MAGIC, 0, len(keys), 28, 28 + 8 * len(keys), 0, at)
    return struct.pack(f"<{7 + len(entries)}I", *head, *entries) + b"".join(string + b"\x00" for string in strings)


if __name__ == "__main__":
    main()
