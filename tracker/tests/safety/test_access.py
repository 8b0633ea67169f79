"""Who sees which rows, over all endpoints that there are; what is foreign answers as if it were not there."""

import pytest

from projects.models import Project
from tracker.tests.safety import world
from tracker.tests.safety.asking import ENDPOINTS, PLACES, ROOT, SINGLE, model_of, routes
from tracker.tests.safety.world import MISSING, said

VERSIONS = {"if-match": '"1"', "if-none-match": "*"}
WAYS = [
    *((method, headers) for method in ("GET", "PATCH", "POST") for headers in ({}, VERSIONS)),
    *((method, {}) for method in ("HEAD", "DELETE", "OPTIONS")),  # which look at no version
]
EVERYBODY = (*world.EAST_PEOPLE, *world.CITY_PEOPLE, *world.NO_BUSINESS)


def all_ids(who, prefix):
    found, path = [], f"{ROOT}{prefix}/?cursor=&page_size=200"
    while path:
        answer = who.get(path)
        assert answer.status_code == 200, (path, answer.content.decode())
        found += [row["id"] for row in answer.json()["results"]]
        path = answer.json()["next"]
    return found


def test_every_address_is_known_here():
    assert set(ENDPOINTS) <= set(PLACES)
    assert set(routes()) <= SINGLE


@pytest.mark.parametrize("prefix", ENDPOINTS)
def test_a_list_holds_what_one_may_see_and_nothing_else(town, caller, prefix):
    model = model_of(ENDPOINTS[prefix])
    for who in EVERYBODY:
        expected = PLACES[prefix].rows(model, town, who)
        someone = caller(who)
        assert sorted(all_ids(someone, prefix)) == sorted(expected.values_list("pk", flat=True)), who
        assert someone.get(f"{ROOT}{prefix}/?page_size=1").json()["count"] == expected.count()
    reader = "system" if PLACES[prefix].accounts else "chen"
    assert PLACES[prefix].rows(model, town, reader).exists(), "nothing to see: the test would see no difference"


def hidden_row(town, prefix, who="chen"):
    """A row that is there, and not for him."""
    model = model_of(ENDPOINTS[prefix])
    return model._base_manager.exclude(pk__in=PLACES[prefix].rows(model, town, who).values("pk")).order_by("pk").first()


@pytest.mark.parametrize("prefix", ENDPOINTS)
def test_a_foreign_id_answers_like_a_missing_one_whatever_is_done_with_it(town, caller, prefix):
    chen, foreign = caller("chen"), hidden_row(town, prefix)
    assert foreign is not None
    paths = ["", *(f"{action.url_path}/" for action in ENDPOINTS[prefix].get_extra_actions() if action.detail)]
    before = world.dump()
    for path in paths:
        for method, headers in WAYS:
            theirs, none = (
                chen.send(method, f"{ROOT}{prefix}/{pk}/{path}", {}, **headers) for pk in (foreign.pk, MISSING)
            )
            assert said(theirs) == said(none), (method, path)
            assert headers_of(theirs) == headers_of(none), (method, path)
            assert theirs.status_code in (400, 404, 405, 412, 415, 428) or method == "OPTIONS", (method, path)
    assert world.dump() == before


def headers_of(answer):
    return {name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Content-Length")}


def foreign_words(town):
    """What names a row of the west: codes, names, ids."""
    project = Project.objects.filter(zone=town.west).order_by("pk").last()
    return [town.west.code, town.li.username, project.code, project.name]


@pytest.mark.parametrize("prefix", ENDPOINTS)
def test_a_foreign_id_code_or_name_in_a_filter_answers_like_a_missing_one(town, caller, prefix):
    viewset, chen = ENDPOINTS[prefix], caller("chen")
    for name, each in viewset.filterset_class.base_filters.items():
        if each.extra.get("choices"):
            continue
        nowhere = {}
        for value, missing in asked(town, viewset, each):
            if missing not in nowhere:
                nowhere[missing] = said(chen.get(f"{ROOT}{prefix}/", {name: missing}), missing)
            assert said(chen.get(f"{ROOT}{prefix}/", {name: value}), value) == nowhere[missing], (name, value)


def asked(town, viewset, each):
    """Pairs of what is there and not his, and of what is nowhere."""
    for step in (target := [model_of(viewset)]) and each.field_name.split("__"):
        if not hasattr(target[-1], "_meta") or step not in {one.name for one in target[-1]._meta.get_fields()}:
            break
        target.append(target[-1]._meta.get_field(step).related_model)
    rows = world.western(target[-1], town) if target[-1] is not None and len(target) > 1 else None
    for row in rows.order_by("pk")[:2] if rows is not None else ():
        yield str(row.pk), str(MISSING)
    if type(each).__name__ not in ("Key", "AtLeast", "AtMost", "Whole", "From", "To"):
        for word in foreign_words(town):
            yield word, "qqqq" if word.isascii() else "不" * len(word)


@pytest.mark.parametrize("who", ["nobody", "system"])
def test_who_has_no_business_here_reads_no_business_in_any_answer(town, caller, who):
    someone = caller(who)
    for prefix, place in PLACES.items():
        his = place.administered or place.own or (place.accounts and who == "system")
        if prefix in ENDPOINTS and not his:
            rows = model_of(ENDPOINTS[prefix])._base_manager.order_by("pk")[:3]
            assert someone.get(f"{ROOT}{prefix}/").json()["results"] == []
            assert {someone.get(f"{ROOT}{prefix}/{row.pk}/").status_code for row in rows} == {404}
