"""Every parameter of every list selects exactly what it says, as read from the rows themselves."""

import re
from functools import cache

import pytest
from django.urls import resolve

from projects import selecting, statistics
from projects.claims import disagreements
from projects.models import AnnualPlan, Entry, Milestone, Period, Problem, Project
from projects.tests.api.calling import ENDPOINTS, ids, refused, rows, url
from zones import clock
from zones.filters import AtLeast, ByPerson, Flag, From, Key, OneOf, To, Whole
from zones.models import User

# Where a parameter is not called like the column that it reads.
COLUMNS = {
    "actual": "actual_last",
    "closed": "closed_on",
    "created": "created_at",
    "effective": "effective_from",
    "entered": "entered_on",
    "frozen": "frozen_at",
    "holds": "holds_on",
    "investment": "investment_high",
    "known": "known_on",
    "left": "left_on",
    "problem_category": "category",
    "raised": "raised_on",
    "recorded": "recorded_at",
    "since": "light_since",
}
# Columns of the project that its rows do not repeat.
OF_PROJECT = ("phase", "category", "importance")
# What cannot be told apart: there is nothing to leave out.
EVEN = {("companies", "zone")}


@cache
def held_by(client, name):
    """All rows of the list, asked for once a test."""
    return rows(client, name)


def parameters(name):
    return resolve(url(name)).func.cls.filterset_class.base_filters


@pytest.fixture
def everything(busy, client):
    """The client of who reads everything but the province's own, and what all lists hold, by endpoint."""
    return busy.sign_in(client, "chief")


# ---- What a parameter should find --------------------------------------------------------------------
def _range(param, each, held):
    column, _, bound = param.rpartition("_")
    column = COLUMNS.get(column, column)
    known = sorted({_shown(row[column]) for row in held if row[column] is not None})
    middle = known[len(known) // 2]
    lower = bound in ("min", "from")
    if not lower and len(known) > 1:
        middle = known[len(known) // 2 - 1]
    right = (lambda value: value >= middle) if lower else (lambda value: value <= middle)
    return middle, {row["id"] for row in held if row[column] is not None and right(_shown(row[column]))}


def _shown(value):
    """Moments by their day in Shanghai: rows of the tests are written within one."""
    return value[:10] if isinstance(value, str) and "T" in value else value


def _choice(param, held):
    column = COLUMNS.get(param, param)
    values = sorted({row[column] for row in held if row[column]}, key=str)
    return values[0], {row["id"] for row in held if row[column] == values[0]}


def _expected(client, name, param, each, held):
    """A value for the parameter, and the ids that it should find."""
    special = SPECIAL.get((name, param)) or SPECIAL.get(param)
    if special:
        return special(client, name, held)
    if isinstance(each, Flag):
        column = {"is_late": "overdue", "effective": "left_on"}.get(param, param)
        return "true", {row["id"] for row in held if row[column]}
    if isinstance(each, AtLeast | From | To):
        return _range(param, each, held)
    if param in OF_PROJECT and name != "projects":
        return _by_project(param, client, held)
    assert isinstance(each, Key | Whole | OneOf | ByPerson), (name, param)
    return _choice(param, held)


def _by_project(param, client, held):
    value, found = _choice(param, held_by(client, "projects"))
    return value, {row["id"] for row in held if row["project"] in found}


def _zone(client, name, held):
    return "zzgx", {row["id"] for row in held if row["zone"] in ("zzgx", "zzgx-park")}


def _lit(client, name, held):
    found = {row["id"] for row in held_by(client, "projects") if row["light"] in ("yellow", "")}
    return "yellow,none", {row["id"] for row in held if _project(name, row) in found}


def _project(name, row):
    return row["id"] if name == "projects" else row["project"]


def _own_light(client, name, held):
    return "yellow,none", {row["id"] for row in held if row["light"] in ("yellow", "")}


def _looked_after(client, name, held):
    mine = selecting.looked_after(Project.objects.all(), User.objects.get(username="zhang"), clock.today())
    found = set(mine.values_list("pk", flat=True))
    return "zhang", {row["id"] for row in held if _project(name, row) in found}


def _text(client, name, held):
    # The name with its first letters in pinyin: one project of the east.
    project = next(row for row in held_by(client, "projects") if row["name"] == "北斗导航产业园")
    return "bddh", {row["id"] for row in held if _project(name, row) == project["id"]}


def _code(client, name, held):
    code, found = _choice("code" if name == "projects" else "project_code", held)
    return code.lower(), found


def words(column, value, *others):
    def special(client, name, held):
        return value, {row["id"] for row in held if any(value in (row[key] or "") for key in (column, *others))}

    return special


def of_projects(select, value="true"):
    def special(client, name, held):
        return value, set(select(Project.objects.all()).values_list("pk", flat=True)) & {row["id"] for row in held}

    return special


def of(model, select):
    def special(client, name, held):
        return "true", set(select(model.objects.all()).values_list("pk", flat=True)) & {row["id"] for row in held}

    return special


def _period(client, name, held):
    period = Period.objects.get(number=5)
    if name == "entries":
        return period.pk, {row["id"] for row in held if row["period"] == period.pk}
    return period.pk, set(selecting.listed(Project.objects.all(), "", str(period.pk)).values_list("pk", flat=True))


def _series(client, name, held):
    return _of_series(held, "period", client) if name == "entries" else _choice("series", held)


def _of_series(held, column, client):
    series = next(row for row in held_by(client, "series") if row["code"] == "east-own")
    inside = {row["id"] for row in held_by(client, "periods") if row["series"] == series["id"]}
    return series["id"], {row["id"] for row in held if row[column] in inside}


def _stating(client, name, held):
    claim = held_by(client, "claims")[-1]
    stating = {row["source"] for row in held_by(client, "claims") if row["project"] == claim["project"]}
    return claim["project"], {row["id"] for row in held if row["id"] in stating}


def _source_kind(client, name, held):
    ledgers = {row["id"] for row in held_by(client, "sources") if row["kind"] == "ledger"}
    return "ledger", {row["id"] for row in held if row["source"] in ledgers}


def _source_range(column, value, right):
    def special(client, name, held):
        return value, {row["id"] for row in held if row[column] and right(row[column], value)}

    return special


def _disagreeing(client, name, held):
    told = {claim.pk for project in Project.objects.all() for group in disagreements(project) for claim in group}
    return "true", told & {row["id"] for row in held}


def _holding(client, name, held):
    best = {}
    for plan in AnnualPlan.objects.holding_on(clock.today()):
        best.setdefault((plan.project_id, plan.year), plan.pk)
    return "true", set(best.values()) & {row["id"] for row in held}


def _assigned(client, name, held):
    office = User.objects.get(username="zhang").department_id
    return "zhang", {row["id"] for row in held if row["user"] == "zhang" or row["department"] == office}


def _with_company(client, name, held):
    with_projects = {row["company"] for row in held_by(client, "projects")}
    return "true", {row["id"] for row in held if row["id"] in with_projects}


def _alias(client, name, held):
    return "高新", {row["id"] for row in held if "高新" in row["name"]}


def _of_milestone(client, name, held):
    return _choice("project", held)


def _of_problem(client, name, held):
    problems = held_by(client, "problems")
    project = next(row["project"] for row in problems if row["project"])
    mine = {row["id"] for row in problems if row["project"] == project}
    return project, {row["id"] for row in held if row["problem"] in mine}


SPECIAL = {
    "zone": _zone,
    "light": _lit,
    ("standings", "light"): _own_light,
    ("standing-months", "light"): _own_light,
    "person": _looked_after,
    ("assignments", "person"): _assigned,
    "code": _code,
    ("series", "code"): lambda client, name, held: _choice("code", held),
    "text": _text,
    ("companies", "text"): words("name", "尚无"),
    ("series", "text"): words("name", "攻坚"),
    ("periods", "text"): words("venue", "会展"),
    ("milestone-changes", "text"): words("reason", "误报"),
    ("problems", "text"): words("title", "缺水"),
    ("problem-events", "text"): words("note", "送电"),
    ("sources", "text"): words("title", "统计", "publisher"),
    ("aliases", "name"): _alias,
    "national_code": lambda client, name, held: _choice("national_code", held),
    ("periods", "series_code"): lambda client, name, held: _choice("series_code", held),
    "role_text": words("role_text", "投产"),
    "label": words("label", "送电"),
    ("suspensions", "reason"): words("reason", "会议", "approver"),
    "words": words("words", "设备"),
    ("claims", "words"): words("text", "停工"),
    "credit_code": lambda client, name, held: _choice("credit_code", held),
    "has_project": _with_company,
    "unassigned": of_projects(lambda rows: selecting.unassigned(rows, clock.today())),
    ("projects", "batch"): of_projects(lambda rows: selecting.listed(rows, "produce", ""), "produce"),
    "period": _period,
    "last_batch": of_projects(lambda rows: selecting.last_listed(rows, "produce"), "produce"),
    "figures": of_projects(lambda rows: selecting.with_figures(rows, "plan"), "plan"),
    "has_open_alert": of_projects(selecting.with_open_alert),
    "has_open_problem": of_projects(lambda rows: selecting.with_open_problem(rows, clock.today())),
    ("projects", "overdue"): of_projects(lambda rows: selecting.with_deadline(rows, "overdue", clock.today())),
    ("projects", "due_soon"): of_projects(lambda rows: selecting.with_deadline(rows, "soon", clock.today())),
    "suspended": of_projects(lambda rows: statistics.suspended(rows, clock.today())),
    "terminated": of_projects(lambda rows: rows.filter(terminated_on__isnull=False)),
    ("milestones", "due_soon"): of(Milestone, lambda rows: selecting.due_soon(rows, clock.today())),
    "approved": lambda client, name, held: ("true", {row["id"] for row in held if row["baseline"]}),
    "open": of(Problem, lambda rows: rows.open_on(clock.today())),
    "series": _series,
    "effective": lambda client, name, held: ("true", {row["id"] for row in held if row["left_on"] is None}),
    "effective_today": of(Entry, lambda rows: rows.effective(clock.today())),
    "latest": of(Entry, lambda rows: rows.one_per_project()),
    ("plans", "in_force"): _holding,
    ("sources", "project"): _stating,
    ("sources", "date_from"): _source_range("date_last", "2023-06-30", lambda day, value: day >= value),
    ("sources", "date_to"): _source_range("date_first", "2023-01-06", lambda day, value: day <= value),
    "source_kind": _source_kind,
    "disagreeing": _disagreeing,
    ("problem-events", "project"): _of_problem,
    "live": lambda client, name, held: (
        "true",
        {row["id"] for row in held} & set(Project.objects.live().values_list("pk", flat=True)),
    ),
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_parameter_finds_what_it_says(everything, name):
    held = held_by(everything, name)
    for param, each in parameters(name).items():
        value, wanted = _expected(everything, name, param, each, held)
        if (name, param) not in EVEN:
            assert wanted, f"{param}: nothing to find"
            assert len(wanted) < len(held), f"{param}: nothing to leave out"
        assert ids(everything, name, **{param: value}) == wanted, param
        if isinstance(each, Flag):
            assert ids(everything, name, **{param: "false"}) == {row["id"] for row in held} - wanted, param


def test_several_parameters_hold_together(everything):
    batch, light = ids(everything, "projects", batch="start"), ids(everything, "projects", light="red,yellow,none")
    assert ids(everything, "projects", batch="start", light="red,yellow,none") == batch & light


def test_batch_and_round_are_of_one_entry(everything):
    period = Period.objects.get(number=5)
    wanted = set(selecting.listed(Project.objects.all(), "start", str(period.pk)).values_list("pk", flat=True))
    assert ids(everything, "projects", batch="start", period=period.pk) == wanted
    assert ids(everything, "projects", batch="sign", period=period.pk) == set()
    assert ids(everything, "entries", batch="start", period=period.pk)


def test_several_choices_are_any_of_them(everything):
    found = [ids(everything, "milestones", kind=kind) for kind in ("signed", "other")]
    assert ids(everything, "milestones", kind="signed,other") == found[0] | found[1]


@pytest.mark.parametrize("text", ["，，", "（）", "%", "_"])
def test_punctuation_is_not_everything(everything, text):
    assert ids(everything, "projects", text=text) == set()
    assert ids(everything, "milestones", text=text) == set()
    assert ids(everything, "companies", text=text) == set()
    assert ids(everything, "aliases", name=text) == set()


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("milestones", {"planned_from": "2023-13-01"}),
        ("milestones", {"kind": "opened"}),
        ("milestones", {"done": "yes"}),
        ("progress", {"amount_min": "12.5"}),
        ("plans", {"year": "0"}),
        ("entries", {"period": "x"}),
        ("claims", {"project": "first"}),
        ("problems", {"zone": "zzjk-nowhere"}),
        ("standings", {"lag_elapsed_min": "many"}),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_name(everything, name, query):
    _, fields = refused(everything.get(url(name), query), 400, "invalid")
    assert set(fields) == set(query)
    assert not re.search(
        "[A-Za-z]{4,}", " ".join(fields.values()).replace(next(iter(query.values())), "").replace("none", "")
    )
