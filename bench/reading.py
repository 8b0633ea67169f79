"""bin/bench reading: what the reader finds in labelled reports, as the command prints it, judged by a program that is
not part of the product.

Five sets: the reports and the labels that lie beside that program; two of our own, of which one is kept unseen by
whoever works on the reader: nothing but figures is told of it; and one that four further hands wrote.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from common import ROOT, Failure

from bench.options import ReadingOptions, progress
from bench.rows import Row, at_least, exactly

SCORER: Final = ROOT.parent / "shared" / "gold" / "score.py"
OURS: Final = ROOT / "projects" / "reports" / "tests"
AMOUNTS: Final = ("investment_wan", "investment_usd_wan", "annual_plan_wan", "completed_wan")
COUNTS: Final = ("right", "wrong", "missing", "spurious")
FULL: Final = 1.0


@dataclass(frozen=True)
class Aims:
    """Least figures, from 0 to 1; None where a figure is for information."""

    projects: float
    totals: float
    precision: float | None = None
    amounts: float | None = None
    batches: float | None = None


@dataclass(frozen=True)
class Labelled:
    """A set: each report with its labels."""

    name: str
    pairs: Sequence[tuple[Path, Path]]
    aims: Aims
    unseen: bool = False


def run(options: ReadingOptions) -> Iterator[Row]:
    """All figures. Raises Failure where there is no scorer, and where the command does not answer for a report."""
    if not options.scorer.is_file():
        raise Failure(f"找不到评分程序 {options.scorer}：请用 --scorer 指定 score.py。")
    scorer = _loaded(options.scorer)
    for labelled in sets(options.scorer.parent):
        if not labelled.pairs:
            progress(f"{labelled.name}：没有找到，略过")
            continue
        progress(f"{labelled.name}：{len(labelled.pairs)} 篇……")
        yield from _rows(labelled, scorer, options.verbose and not labelled.unseen)


def sets(gold: Path) -> tuple[Labelled, ...]:
    """What lies beside the scorer, and what is ours."""
    own = Aims(projects=0.85, totals=0.70, precision=0.93, amounts=0.95)
    reports = [(text, label) for label in _labels(gold) for text in (gold.parent / "reports").glob(f"{label.stem}_*")]
    return (
        Labelled("reports", reports, Aims(projects=0.98, totals=0.92, amounts=FULL, batches=FULL)),
        Labelled("more", _beside(gold / "more"), Aims(projects=0.95, totals=0.85)),
        Labelled("corpus", _beside(OURS / "corpus"), own),
        Labelled("unseen", _beside(OURS / "unseen"), own, unseen=True),
        Labelled("others", _beside(OURS / "others"), own),
    )


def _beside(folder: Path) -> list[tuple[Path, Path]]:
    return [(label.with_suffix(".txt"), label) for label in _labels(folder)]


def _labels(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.stem.isdecimal())


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise Failure(f"{path} 不是 Python 程序：请用 --scorer 指定 score.py。")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(labelled: Labelled, scorer: ModuleType, verbose: bool) -> Iterator[Row]:
    name, aims = labelled.name, labelled.aims
    total: dict[str, Any] = {}
    alarms, without = 0, 0
    found = read([text for text, _ in labelled.pairs])
    for told, (text, label) in zip(found, labelled.pairs, strict=True):
        gold = json.loads(label.read_text(encoding="utf-8"))
        notes: list[tuple[Any, ...]] | None = [] if verbose else None
        scored = scorer.score_doc(told, gold, notes)
        scorer.merge(total, scored)
        if nothing_in(gold):
            without += 1
            alarms += scored["projects"][1] + scored["aggregates"][1]
        for note in notes or ():
            progress(" | ".join([name, text.name, *map(str, note)]))
    result = scorer.finish(total)
    yield share(f"{name}: projects, F1", result["projects"]["f1"], aims.projects)
    yield share(f"{name}: projects, precision", result["projects"]["precision"], aims.precision)
    yield share(f"{name}: projects, recall", result["projects"]["recall"])
    yield share(f"{name}: amounts, F1", of_fields(scorer, total, AMOUNTS), aims.amounts)
    for field in ("batch", "period"):
        yield share(f"{name}: {field}, F1", of_fields(scorer, total, [field]), aims.batches)
    for field in ("status", "dates", "zone"):
        yield share(f"{name}: {field}, F1", of_fields(scorer, total, [field]))
    yield share(f"{name}: totals, F1", result["aggregates"]["f1"], aims.totals)
    if without:
        yield exactly(f"{name}: found in {without} texts without projects", alarms, "", 0)


def share(case: str, value: float, wanted: float | None = None) -> Row:
    return at_least(case, 100 * value, "%", None if wanted is None else 100 * wanted)


def read(texts: Sequence[Path]) -> list[Mapping[str, Any]]:
    """What `read_report --dry-run` says of each. Raises Failure where it does not say."""
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        environment = os.environ | {"SECRET_KEY": "bench", "TRACKER_VAR": folder}
        command = [sys.executable, "-X", "utf8", str(ROOT / "manage.py"), "read_report", *map(str, texts)]
        command += ["--dry-run", "--format", "json"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    told = {line["file"]: line for line in map(json.loads, filter(None, done.stdout.splitlines()))}
    for text in texts:
        line = told.get(str(text))
        if line is None:
            raise Failure(f"read_report 没有读 {text.name}：\n{done.stderr[-2000:]}")
        if line.get("error", {}).get("code", "no_project") != "no_project":
            raise Failure(f"read_report 读不了 {text.name}：{line['error']['message']}")
    return [told[str(text)] for text in texts]


def nothing_in(gold: Mapping[str, Any]) -> bool:
    """Whether a reader must find nothing: what he may find is optional."""
    return all(record.get("optional") for record in [*gold["projects"], *gold["aggregates"]])


def of_fields(scorer: ModuleType, total: Mapping[str, Any], fields: Sequence[str]) -> float:
    """F1 of these fields of the projects taken together."""
    right, wrong, missing, spurious = (
        sum(total["pfields"].get(field, {}).get(count, 0) for field in fields) for count in COUNTS
    )
    f1: float = scorer.prf(right, wrong + spurious, wrong + missing)["f1"]
    return f1
