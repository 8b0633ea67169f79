"""Whatever is thrown at the API, it answers with a sentence in Chinese and never falls over."""

import base64
import json
import re

import pytest
from django.db import connection
from django_filters import rest_framework as rest

from tracker.tests.safety.asking import ENDPOINTS, ROOT
from zones.scoped.problems import CONTENT_TYPE

# The request is refused, or its table left alone, before a database could make a difference.
ONCE = pytest.mark.skipif(connection.vendor != "sqlite", reason="done in the run on SQLite")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROJECTS = f"{ROOT}projects/"
PROGRESS = f"{ROOT}progress/"
PROBLEMS = f"{ROOT}problems/"


def refused(answer, *statuses):
    """The problem that an answer holds; it must be one of ours, in words."""
    assert answer.status_code in (statuses or range(400, 500)), (answer.status_code, answer.content[:300])
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert CHINESE.search(problem["title"])
    assert CHINESE.search(problem["detail"])
    assert all(CHINESE.search(each["detail"]) for each in problem.get("errors", [])), problem
    return problem


def cursor(text):
    return base64.urlsafe_b64encode(text if isinstance(text, bytes) else text.encode()).decode()


QUERIES = [
    *("page=0", "page=-1", "page=1.5", "page=x", "page=１", "page=99999999999999999999", "page=1&page=2", "page="),
    *("page_size=0", "page_size=-1", "page_size=99999", "page_size=201", "page_size=1e2", "page_size=%00"),
    *("ordering=", "ordering=;drop", "ordering=pk", "ordering=zone__path", "ordering=-", "ordering=--id"),
    *("ordering=id,", "ordering=?", "ordering=id%20desc", "ordering=%00", "ordering=id,secret"),
    *("nonsense=1", "id=1", "zone__name=x", "format=html", "_method=DELETE", "%00=1", "%ff=1", "=1", "[]=1"),
    *("company=x", "company=0", "company=-1", "company=1.5", "company=1e9", "company=%00", "company=NaN"),
    *("phase=nope", "phase=signed,nope", "phase=,", "phase=%00", "is_demo=1", "is_demo=True", "is_demo=yes"),
    *(
        "investment_min=x",
        "investment_min=NaN",
        "investment_min=Infinity",
        "investment_min=1.5",
        "investment_min=1e400",
    ),
    *("lag_elapsed_min=NaN", "lag_elapsed_min=1e400", "lag_elapsed_min=-Infinity", "lag_elapsed_min=" + "9" * 5000),
    *("created_from=2023-13-01", "created_from=2023-02-30", "created_from=x", "created_from=0000-00-00"),
    *("next_deadline_to=20230101", "next_deadline_to=2023-1-1T00:00", "text=%00", "text=a%00b", "text=" + "x" * 101),
    *("zone=%00", "zone=nope", "zone=zzgx%25", "person=%00", "person=nope", "batch=nope", "period=x", "period=-1"),
    *("cursor=x", "cursor=" + "A" * 9, "cursor=%00", "cursor=é", "cursor=1&page=1", "cursor=&ordering=name"),
    *(
        f"cursor={cursor(text)}"
        for text in ("[" * 3000, "5", "null", "[1]", "[1,2]", "[1e999,false]", ">", ">x", ">-1")
    ),
    *(f"cursor={cursor(text)}" for text in (">" + "9" * 400, "><", b"\xff\xfe", ">1\n", ">1;", ">１", "{}")),
]


@ONCE
@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_parameter_that_makes_no_sense_is_refused(caller, query):
    problem = refused(caller("chen").get(f"{PROJECTS}?{query}"), 400)
    assert problem["code"] in ("invalid", "unknown_parameter")


FITTING = [
    *(f"{name}={value}" for name in ("company", "parent") for value in (2**31, 2**63 - 1, 2**63, 10**30)),
    *(f"investment_{end}={value}" for end in ("min", "max") for value in (-(2**63) - 1, 2**63, 10**40, -1)),
    *("severity_min=99999999999999999999", "lag_elapsed_max=99999999", "plan_max=-" + "9" * 30),
    *("created_from=0001-01-01", "created_to=9999-12-31", "next_deadline_from=9999-12-31", "created_to=0001-01-01"),
    *("text=%25", "text=_", "text=%5C", "text=%27;--", "text=%F0%A0%AE%B7", "text=%ED%A0%80", "text=%ff"),
    *("light=%25", "light=%27", "light=" + "x," * 50 + "x", "code=%25", "national_code=%27", "period=999999999999"),
    f"cursor={cursor('>' + '9' * 18)}",
]


@pytest.mark.parametrize("query", FITTING, ids=range(len(FITTING)))
def test_a_value_at_the_edge_selects_what_it_selects(caller, query):
    answer = caller("chen").get(f"{PROJECTS}?{query}")
    assert answer.status_code == 200 or refused(answer, 400)


@pytest.mark.parametrize("prefix", ENDPOINTS)
def test_a_value_beyond_the_column_is_no_error_anywhere(caller, prefix):
    chen = caller("chen")
    for name, each in ENDPOINTS[prefix].filterset_class.base_filters.items():
        for value in beyond(each):
            answer = chen.get(f"{ROOT}{prefix}/", {name: str(value)})
            assert answer.status_code == 200 or refused(answer, 400), (name, value, each)


def beyond(each):
    if isinstance(each, rest.NumberFilter):
        return 2**31, 2**63, -(2**63) - 1, 10**30
    return ("9999-12-31", "0001-01-01") if isinstance(each, rest.DateFilter) else ("x" * 5000, "\x00")


PATHS = [
    *("projects", "projects/1", "projects//", "projects/0x1/", "projects/1.5/", "projects/-1/", "projects/１/"),
    *("projects/%00/", "projects/%ff/", "projects/1%00/", "projects/..%2f1/", "projects/../zones/", "nope/", "nope"),
    *("projects/1/history/", "projects.json", "projects/1.json", "%E0%A4%A/", "%", "%%%", "projects/1/../../me/"),
    *("projects/" + "a" * 8000, "é/", "\\", "projects/1/;x=1"),
]


@ONCE
@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_an_address_that_is_none_is_not_there(caller, path, method):
    refused(caller("chen").client.generic(method, f"{ROOT}{path}", b"{}", "application/json"), 404)


@pytest.mark.parametrize("number", [2**31, 2**63 - 1, 2**63, 10**300])
def test_a_number_that_no_row_has_is_not_there(caller, number):
    refused(caller("chen").get(f"{PROJECTS}{number}/"), 404)
    refused(caller("chen").send("PATCH", f"{PROBLEMS}{number}/", {}, **{"if-match": '"1"'}), 404, 400)


@ONCE
def test_a_missing_last_slash_is_no_redirect_on_which_what_is_written_gets_lost(caller):
    answer = caller("chen").send("POST", PROGRESS.rstrip("/"), {})
    assert "/ 结尾" in refused(answer, 404)["detail"]


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "two values": b"{} {}",
    "NUL": b"\x00",
    "NUL in a word": b'{"words": "a\\u0000b"}',
    "raw NUL in a word": b'{"words": "a\x00b"}',
    "half a surrogate": b'{"words": "\\ud800"}',
    "half a surrogate as a name": b'{"\\udfff": 1}',
    "broken UTF-8": b'{"words": "\xff"}',
    "UTF-16": json.dumps({"words": "x"}).encode("utf-16"),
    "GBK": '{"words": "主体结构"}'.encode("gbk"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "deep list": b"[" * 100_000,
    "deep closed list": b"[" * 5_000 + b"]" * 5_000,
    "deep object": b'{"a":' * 900 + b"1" + b"}" * 900,
    "NaN": b'{"amount": NaN}',
    "Infinity": b'{"amount": -Infinity}',
    "huge float": b'{"amount": 1e400}',
    "huge number": b'{"amount": %d}' % 10**400,
    "2**63": b'{"amount": %d}' % 2**63,
    "-2**63": b'{"amount": %d}' % -(2**63),
    "many digits": b'{"amount": "' + b"9" * 5000 + b'"}',
    "a name twice": b'{"project": 1, "project": 2}',
    "a name twice within": b'{"project": {"a": 1, "a": 1}}',
    "list": b"[]",
    "list of objects": b'[{"project": 1}]',
    "null": b"null",
    "number": b"5",
    "text": b'"x"',
    "true": b"true",
    "unknown names": b'{"__proto__": {}, "pk": 1, "version": 9, "recorded_by": 1}',
    "wrong types": b'{"project": [], "channel": {}, "up_to": true, "amount": "x", "words": 5, "percent": null}',
    "object for a number": b'{"project": {"id": 1}}',
    "true for a number": b'{"project": true, "amount": true}',
    "half a number": b'{"project": 1.5, "amount": 0.5}',
}


@ONCE
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", [PROGRESS, PROBLEMS, f"{ROOT}milestones/"])
def test_a_body_that_makes_no_sense_is_refused(caller, path, body):
    refused(caller("chen").client.generic("POST", path, body, "application/json"), 400)


def test_a_word_with_nul_or_beyond_all_bounds_is_refused_by_name(caller, town):
    project = town.east.projects.order_by("pk").first().pk
    told = {"project": project, "channel": "weekly", "up_to": "2023-06-30"}
    for body in ({"words": "a\x00b"}, {"amount": 10**16}, {"amount": -1}, {"percent": 101}, {"words": "字" * 100_000}):
        problem = refused(caller("chen").send("POST", PROGRESS, told | body), 400)
        assert [each["field"] for each in problem["errors"]] == list(body)


@ONCE
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_body_of_ten_megabytes_is_not_read(caller, method):
    path = PROGRESS if method == "POST" else f"{PROBLEMS}1/"
    body = b'{"words": "' + b"x" * 10_000_000 + b'"}'
    refused(
        caller("chen").client.generic(method, path, body, "application/json", headers={"if-match": '"1"'}), 413, 404
    )


TYPES = [
    "text/plain",
    "text/html",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/xml",
    "x",
    "/",
]


@ONCE
@pytest.mark.parametrize("kind", TYPES)
def test_anything_but_json_is_refused(caller, kind):
    body = (
        b"project=1"
        if "multipart" not in kind
        else b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--'
    )
    content_type = kind if "multipart" not in kind else f"{kind}; boundary=x"
    refused(caller("chen").client.generic("POST", PROGRESS, body, content_type), 415)


@ONCE
@pytest.mark.parametrize("charset", ["gbk", "utf-16", "utf-7", "nope", "'\"", ""])
def test_json_is_utf8_whatever_else_is_claimed(caller, charset):
    body = '{"words": "主体结构"}'.encode("gbk")
    refused(caller("chen").client.generic("POST", PROGRESS, body, f"application/json; charset={charset}"), 400)


@ONCE
@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "image/*", "application/json;q=0.x, text/html", "x"]
)
def test_who_does_not_take_json_is_told(caller, accept):
    answer = caller("chen").get(PROJECTS, accept=accept)
    assert answer.headers["Content-Type"] == "application/json" or refused(answer, 406)


@ONCE
@pytest.mark.parametrize("prefix", ENDPOINTS)
def test_what_is_not_offered_is_405_and_allow_says_what_is(caller, prefix):
    chen = caller("chen")
    for path in (f"{ROOT}{prefix}/", f"{ROOT}{prefix}/1/"):
        offered = set(chen.get(path).headers["Allow"].split(", "))
        assert offered >= {"GET", "HEAD", "OPTIONS"}
        for method in ("PUT", "DELETE", "TRACE", "CONNECT", "PROPFIND", *({"POST", "PATCH"} - offered)):
            answer = chen.send(method, path, {})
            refused(answer, 405)
            assert set(answer.headers["Allow"].split(", ")) == offered
        for method in offered - {"GET", "HEAD", "OPTIONS"}:
            assert chen.send(method, path, {}).status_code != 405, method


@ONCE
def test_no_header_turns_a_reading_into_a_writing(caller, town):
    for header in ("x-http-method-override", "x-method-override", "x-http-method"):
        answer = caller("chen").client.post(PROBLEMS, {}, "application/json", headers={header: "DELETE"})
        refused(answer, 400)
        assert caller("chen").get(PROJECTS, **{header: "DELETE"}).status_code == 200


@ONCE
@pytest.mark.parametrize("host", ["evil.example", "", "a b", "localhost@evil", "localhost:x", "测试", "x" * 5000])
def test_another_host_is_refused_in_the_same_way(caller, host):
    refused(caller("chen").get(PROJECTS, host=host), 400)


@pytest.mark.parametrize(
    "given",
    ["x", "1", 'W/"1"', '"1", "2"', '"', '""', "*", '"999999999999999999999"', '"-1"', '"1.zzzzzzzz"', "\xff", '"١"'],
)
def test_a_version_that_is_none_of_ours_changes_nothing(caller, town, given):
    chen = caller("chen")
    problem = town.east.problems.order_by("pk").last()
    answer = chen.send(
        "PATCH", f"{PROBLEMS}{problem.pk}/", {"deadline": "2023-12-31", "reason": "雨季"}, **{"if-match": given}
    )
    assert refused(answer, 412, 428)["code"] in ("version_stale", "version_required")
    assert chen.get(f"{PROBLEMS}{problem.pk}/", **{"if-none-match": given}).status_code in (200, 304)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "bearer sgyp_" + "x" * 9000,
        "Basic Y2hlbjp4",
        "Token \xff",
        "Bearer \x00",
        "Digest x",
    ],
)
def test_a_token_that_is_none_signs_nobody_in(client, town, given):
    answer = client.get(PROJECTS, headers={"authorization": given})
    assert refused(answer, 401)["code"] == "not_signed_in"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@ONCE
def test_a_thousand_parameters_are_too_many(caller):
    refused(caller("chen").get(f"{PROJECTS}?" + "&".join(f"a{n}=1" for n in range(2000))), 400, 413)


@ONCE
def test_a_very_long_question_is_refused_or_answered(caller):
    refused(caller("chen").get(f"{PROJECTS}?{'a' * 100_000}=1"), 400)
