"""接口令牌: everybody makes and revokes his own, an administrator revokes those of his accounts."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from zones.models import ApiToken
from zones.models.token import digest_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_the_roof")]
LIST = "/admin/zones/apitoken/"
TOLD = {"name": "市级平台同步", "days": "30"}


def issue(user, name="平台"):
    return ApiToken.issue(user, name, days=5)[0]


def revoke_url(token):
    return f"{LIST}{token.pk}/revoke/"


# ---- Making one ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["zhang", "gao", "viewer", "system", "nobody"])
def test_everybody_makes_one_for_himself_and_sees_the_key_once(town, client, who):
    page = town.sign_in(client, who).post(f"{LIST}add/", TOLD)
    (key,) = re.findall(r'value="(sgyp_[\w-]+)"', page.content.decode())
    token = ApiToken.objects.get()
    assert (token.user, token.name, token.may_write) == (getattr(town, who), "市级平台同步", False)
    assert token.digest == digest_of(key)
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    assert "no-store" in page.headers["Cache-Control"]
    for url in (LIST, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/"):
        assert key not in client.get(url).content.decode()
    assert key not in repr(list(LogEntry.objects.values()))


def test_a_token_writes_only_where_that_was_asked_for(town, client):
    town.sign_in(client, "chen").post(f"{LIST}add/", {**TOLD, "may_write": "on"})
    assert ApiToken.objects.get().may_write


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"days": "0"}, "1 到 366 的整数"),
        ({"days": "367"}, "1 到 366 的整数"),
        ({"days": "一年"}, "1 到 366 的整数"),
        ({"name": "  "}, "给哪个系统用"),
        ({"name": "长" * 61}, "60"),
    ],
)
def test_what_makes_no_token_is_said_on_the_form(town, client, told, words):
    page = town.sign_in(client, "chen").post(f"{LIST}add/", TOLD | told)
    (sentences,) = page.context["adminform"].form.errors.values()
    assert words in sentences[0]
    assert not ApiToken.objects.exists()


# ---- Seeing --------------------------------------------------------------------------------------------
def test_one_sees_ones_own_and_an_administrator_those_of_his_accounts(town, client):
    for user in (town.chen, town.wang, town.root):
        issue(user, f"{user}的平台")

    def seen(who):
        page = town.sign_in(client, who).get(LIST).content.decode()
        return {name for name in ("陈项目办", "王项目办", "应急账号") if f"{name}的平台" in page}

    assert seen("chen") == {"陈项目办"}
    assert seen("gao") == set()
    assert seen("security") == set()
    assert seen("system") == {"陈项目办", "王项目办"}
    assert seen("root") == {"陈项目办", "王项目办", "应急账号"}


def test_the_list_says_which_still_work(town, client):
    issue(town.chen, "在用")
    issue(town.gone, "离岗")
    issue(town.chen, "作废").revoke()
    old = issue(town.chen, "过期")
    ApiToken.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=1))
    page = town.sign_in(client, "root").get(LIST)
    admin = page.context["cl"].model_admin
    assert {row.name: admin.state(row) for row in page.context["cl"].result_list} == {
        "在用": "有效",
        "离岗": "账号已停用",
        "作废": "已作废",
        "过期": "已到期",
    }


def test_a_token_is_looked_at_and_not_edited(town, client):
    token = issue(town.chen)
    town.sign_in(client, "chen")
    page = client.get(f"{LIST}{token.pk}/change/").content.decode()
    assert revoke_url(token) in page
    assert 'name="name"' not in page
    assert client.post(f"{LIST}{token.pk}/change/", TOLD | {"name": "改"}).status_code == 403
    assert client.get(f"{LIST}{token.pk}/delete/").status_code == 403
    token.refresh_from_db()
    assert token.name == "平台"


def test_more_tokens_cost_no_more_statements(town, client):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    town.sign_in(client, "root")
    issue(town.chen)
    client.get(LIST)
    few = cost()
    for user in (town.chen, town.wang, town.gao, town.li):
        issue(user)
    assert cost() == few


# ---- Revoking ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["chen", "system", "root"])
def test_a_token_is_revoked_after_being_asked(town, client, who):
    token = issue(town.chen)
    town.sign_in(client, who)
    assert "确认作废" in client.get(revoke_url(token)).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None
    answer = client.post(revoke_url(token), follow=True)
    assert "已作废" in answer.content.decode()
    token.refresh_from_db()
    first = token.revoked_at
    assert first is not None
    client.post(revoke_url(token))
    token.refresh_from_db()
    assert token.revoked_at == first
    assert LogEntry.objects.get(object_id=token.pk).change_message == "作废"


@pytest.mark.parametrize("who", ["gao", "zhang", "wang", "security", "audit"])
def test_the_token_of_another_answers_exactly_like_a_missing_one(town, client, who):
    token = issue(town.chen)
    town.sign_in(client, who)
    for method in (client.get, client.post):
        foreign, missing = (method(f"{LIST}{pk}/revoke/") for pk in (token.pk, 98765))
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_page_that_was_not_sent_by_the_person_revokes_nothing(town):
    token = issue(town.chen)
    client = town.sign_in(Client(enforce_csrf_checks=True), "chen")
    assert client.post(revoke_url(token)).status_code == 403
    token.refresh_from_db()
    assert token.revoked_at is None


# ---- The command ---------------------------------------------------------------------------------------
def test_the_command_prints_the_key_and_nothing_else(town, capsys):
    call_command("create_token", "chen", "--days", "7", "--write")
    key = capsys.readouterr().out.strip()
    token = ApiToken.objects.get(digest=digest_of(key))
    assert (token.user, token.may_write) == (town.chen, True)
