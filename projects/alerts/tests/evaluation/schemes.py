"""The nine published schemes as data, and one of our own with all that none of them uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

_FILE = Path(settings.BASE_DIR) / "fixtures/reference/presets.json"
# What is asked of decisions and of letters is tested where they are.
ELSEWHERE = ("decision_deadline", "letter_reply")
PUBLISHED: dict[str, list[dict[str, Any]]] = {
    scheme["code"]: [rule for rule in scheme["rules"] if rule["measure"] not in ELSEWHERE]
    for scheme in json.loads(_FILE.read_text(encoding="utf-8"))["schemes"]
}


def _level(number: int, low: int | None, high: int | None, **more: Any) -> dict[str, Any]:
    """Both ends count below, none above, so that levels may touch."""
    return {
        **{"severity": number, "code": f"level{number}", "label": f"{number}级", "colour": "#ca8a04"},
        **{"low": low, "low_inclusive": low is not None, "high": high, "high_inclusive": False, **more},
    }


def _rule(code: str, measure: str, levels: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    parameters = {name: more.pop(name) for name in [*more] if name not in ("scope", "step_down", "hysteresis")}
    return {
        **{"code": code, "name": code, "measure": measure, "parameters": parameters, "levels": levels},
        **{"scope": {}, "step_down": "recover", "hysteresis": "0", **more},
    }


UP = [_level(1, 10, 30), _level(2, 30, None)]
DOWN = [_level(1, 60, 80), _level(2, None, 60)]
OWN = [
    _rule("gap-planned", "progress_gap", UP, baseline="planned", channel="reported"),
    _rule("gap-entered", "progress_gap", UP, baseline="elapsed", channel="statistics"),
    _rule("gap-hysteresis", "progress_gap", UP, baseline="elapsed", channel="reported", hysteresis="2.5"),
    _rule(
        *("gap-streak", "progress_gap", [UP[0], {**UP[1], "streak": 3}]),
        **{"baseline": "planned", "channel": "reported", "step_down": "one_step", "hysteresis": "0.5"},
    ),
    _rule("ratio-planned", "ratio_to_due", DOWN, baseline="planned", channel="reported"),
    _rule("ratio-one-step", "ratio_to_due", DOWN, baseline="elapsed", channel="statistics", step_down="one_step"),
    _rule("shortfall-planned", "shortfall", UP, baseline="planned", channel="statistics"),
    _rule("entered-points", "statistics_gap", UP, share="points"),
    _rule("entered-ratio", "statistics_gap", UP, share="ratio", scope={"min_annual_plan": 1_000_001}),
    _rule(
        *("signed-not-permitted", "since_milestone", [_level(1, 30, 90), _level(2, 90, None)]),
        **{"event": "signed", "followed": "permit", "counted": "days", "basis": "actual"},
    ),
    _rule(
        *("permit-promised", "since_milestone", [_level(1, 0, 2), _level(2, 2, None)]),
        **{"event": "permit", "followed": "nothing", "counted": "months", "basis": "planned"},
    ),
    _rule("next-step", "due_soon", [_level(1, 4, 10), _level(2, None, 4)], horizon="10"),
    _rule("silent-days", "silence", [_level(1, 30, 60), _level(2, 60, None)], what="word", counted="days"),
    _rule("return-late", "return_late", [_level(1, 1, 20), _level(2, 20, None)]),
    _rule("no-figure", "missing_figure", [_level(1, 1, 20), _level(2, 20, None)], what="figure"),
    _rule("no-plan", "missing_figure", [_level(1, 60, 200), _level(2, 200, None)], what="plan"),
    _rule("problem-open", "problem_open", [_level(1, 30, 90), _level(2, 90, None)]),
]
ALL = {"own": OWN, **PUBLISHED}
