"""Robots, apps and webhooks, against a server that answers like the real services."""

import json
import socket
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.notices import breaker, operating, truth, watching
from projects.notices.channels import SERVICES, sealing, service, web
from projects.notices.channels.base import ChannelDown, NotNow, Refused
from projects.notices.channels.words import Line, fitted, lines_of, markdown
from projects.notices.delivering import deliver
from projects.notices.hours import Moment
from projects.notices.models import ChannelState, Delivery, Notice, SuspendedAddress
from projects.notices.outlets import ChatAccount, Outlet, Told
from projects.notices.spreading import spread
from projects.notices.tests.conftest import come_due
from projects.notices.tests.fakes import KEY, SECRET, WHSEC, Fake
from zones.clock import BUSINESS_ZONE

DAY = date(2099, 7, 10)  # what a test leaves was left before its morning
KINDS = list(SERVICES)
ROBOTS = [kind for kind in KINDS if kind not in Outlet.APPS]
OUTLETS = "/admin/projects_notices/outlet/"
OPERATING = "/admin/projects_notices/delivery/operating/"


@pytest.fixture
def fake(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.1/32"]
    server = Fake().start()
    yield server
    server.stop()


@pytest.fixture
def outlet(town, fake):
    def make(kind, zone=None, **values):
        secret = WHSEC if kind == "webhook" else "" if kind == "wecom_robot" else SECRET
        values = {"name": kind, "url": fake.url(kind), "secret": secret, **values}
        url, secret = values.pop("url"), values.pop("secret")
        if kind in Outlet.APPS:
            values = {"app_id": "corp", "agent_id": "1000002", **values}
        sealed = {"url_sealed": sealing.seal(url), "secret_sealed": sealing.seal(secret)}
        return Outlet.objects.create(kind=kind, zone=zone or town.east, **sealed, **values)

    return make


def message(
    outlet, text="1. 项目落后了\n   http://tracker.example/admin/\n查看全部：http://tracker.example/", **values
):
    values = {"address": "zhangsan", "message_id": "msg_1", "created_at": timezone.now(), **values}
    return Delivery(channel=outlet.code, subject="高新区：红色预警 1 条", text=text, **values)


def send(outlet, **values):
    """Build, open, send, as a sender does."""
    way, delivery = service(outlet), message(outlet, **values)
    payload = way.build(delivery)
    way.open()
    way.send(delivery, payload)
    return payload


def tell_alert(town, tell, key="alert:1:1", who="zhang", **values):
    tell(who, key, zone_id=values.pop("zone", town.east).pk, **values)


# ---- The services ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_each_service_takes_a_message_that_it_checks_as_the_real_one_does(outlet, fake, kind):
    send(outlet(kind))
    assert len(fake.taken) == 1
    assert "项目落后了" in fake.taken[0].body.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_message_is_cut_at_a_line_says_how_much_is_missing_and_keeps_the_way_to_the_rest(outlet, fake, kind):
    items = [f"{n}. {'很长的项目名称' * 12}落后\n   http://tracker.example/{n}" for n in range(1, 51)]
    send(outlet(kind), text="\n".join([*items, "另有 7 条没有列在这里。", "查看全部：http://tracker.example/all"]))
    said = fake.taken[0].body.decode()
    shown = said.count("很长的项目名称" * 12)
    assert 0 < shown <= 50
    assert f"另有 {57 - shown} 条没有列在这里。" in said
    assert "http://tracker.example/all" in said


@pytest.mark.parametrize(
    ("kind", "answer", "error", "word"),
    [
        ("wecom_robot", {"errcode": 93000, "errmsg": f"invalid webhook url {KEY}"}, ChannelDown, "机器人的地址无效"),
        ("wecom_robot", {"errcode": 40058, "errmsg": "x"}, Refused, "消息格式或长度"),
        ("wecom_robot", {"errcode": -1, "errmsg": "system busy"}, NotNow, "system busy"),
        ("wecom_robot", {"errcode": 777, "errmsg": "new"}, NotNow, "777"),
        ("dingtalk_robot", {"errcode": 310000, "errmsg": "sign not match"}, ChannelDown, "加签密钥不正确"),
        ("dingtalk_robot", {"errcode": 310000, "errmsg": "keywords not in content"}, ChannelDown, "关键词"),
        ("dingtalk_robot", {"errcode": 310000, "errmsg": "description:机器人发送签名不匹配"}, ChannelDown, "加签密钥"),
        ("dingtalk_robot", {"errcode": 300005, "errmsg": "token is not exist"}, ChannelDown, "地址无效"),
        ("feishu_robot", {"code": 9499, "msg": "Bad Request"}, Refused, "格式"),
        ("feishu_robot", {"code": 19001, "msg": "param invalid"}, ChannelDown, "地址无效"),
        ("feishu_robot", {"code": 19021, "msg": "sign match fail"}, ChannelDown, "签名校验"),
        ("wecom_app", {"errcode": 60020, "errmsg": "not allow"}, ChannelDown, "出口 IP"),
        ("wecom_robot", 302, ChannelDown, "没有跟随"),
        ("webhook", 302, ChannelDown, "没有跟随"),
        ("webhook", 410, ChannelDown, "不再接收"),
        ("webhook", 401, ChannelDown, "核对地址和密钥"),
        ("webhook", 400, Refused, "HTTP 400"),
        ("webhook", 503, NotNow, "HTTP 503"),
        ("wecom_robot", 500, NotNow, "HTTP 500"),
        ("wecom_robot", "huge", NotNow, "无法识别"),
        ("feishu_robot", "cut", NotNow, "可能已收到"),
        ("webhook", "cut_after", NotNow, "可能已收到"),
    ],
)
def test_what_goes_wrong_is_named_and_200_is_no_success(outlet, fake, kind, answer, error, word):
    made = outlet(kind)
    if kind in Outlet.APPS:
        fake.bad = [fake._token("access_token", "expires_in")]
    fake.bad.append(answer)
    with pytest.raises(error) as caught:
        send(made)
    assert word in str(caught.value)
    assert KEY not in str(caught.value)
    assert len(fake.asked) == 1 + (kind in Outlet.APPS)


@pytest.mark.parametrize(
    ("kind", "answer", "wait"),
    [
        ("wecom_robot", {"errcode": 45009, "errmsg": "api freq out of limit"}, 60),
        ("dingtalk_robot", {"errcode": 130101, "errmsg": "send too fast"}, 600),
        ("feishu_robot", {"code": 11232, "msg": "frequency limited"}, 60),
        ("webhook", 429, 90),
    ],
)
def test_too_many_closes_the_way_for_as_long_as_the_service_asks(outlet, fake, kind, answer, wait):
    made = outlet(kind)
    fake.bad = [answer]
    with pytest.raises(ChannelDown) as caught:
        send(made)
    assert caught.value.retry_after == timedelta(seconds=wait)
    assert not caught.value.ours
    assert breaker.admits(made.code)
    breaker.failed(made.code, caught.value)
    assert not breaker.admits(made.code)
    ahead = ChannelState.objects.get(pk=made.code).probe_at - timezone.now()
    assert timedelta(seconds=wait - 5) < ahead <= timedelta(seconds=wait)


@pytest.mark.parametrize("kind", Outlet.APPS)
def test_a_token_is_kept_and_fetched_anew_once_when_it_has_run_out(outlet, fake, kind):
    made = outlet(kind)
    send(made)
    send(made)
    assert fake.tokens == 1
    fake.expired = {"token-1"}
    send(made)
    assert fake.tokens == 2
    assert len(fake.taken) == 3
    assert "token-2" not in Outlet.objects.get().token_sealed
    fake.expired = {"token-2", "token-3"}
    with pytest.raises(NotNow):
        send(made)
    assert fake.tokens == 3


@pytest.mark.parametrize("kind", Outlet.APPS)
def test_a_wrong_secret_concerns_the_channel_and_an_unknown_account_the_person(outlet, fake, kind):
    with pytest.raises(ChannelDown) as caught:
        send(outlet(kind, secret="wrong-secret-1234"))
    assert caught.value.ours
    with pytest.raises(Refused) as refused:
        send(outlet(kind, name="right"), address="lisi")
    assert refused.value.address


def test_the_signature_is_made_anew_and_the_message_stays_the_same_bytes(outlet, fake):
    made = outlet("webhook")
    way, delivery = service(made), message(made)
    payload = way.build(delivery)
    assert payload == way.build(delivery)
    way.open()
    fake.bad = ["cut_after"]
    with pytest.raises(NotNow) as caught:
        way.send(delivery, payload)
    assert caught.value.doubtful
    way.send(delivery, payload)
    first, second = fake.taken
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


def test_a_required_keyword_is_put_into_every_message(outlet, fake):
    fake.keyword = "项目通报"
    for kind in ("dingtalk_robot", "feishu_robot"):
        send(outlet(kind, keyword="项目通报"))
    assert len(fake.taken) == 2


# ---- The client --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bad", ["stall", "drip"])
def test_a_service_that_says_nothing_or_drips_is_given_up_in_time(outlet, fake, monkeypatch, bad):
    monkeypatch.setattr(web, "WHOLE", 0.4)
    fake.bad, fake.stall = [bad], 2
    with pytest.raises(NotNow) as caught:
        send(outlet("wecom_robot"))
    assert caught.value.doubtful
    assert "等待超时" in str(caught.value)


def test_a_certificate_that_is_none_is_named_and_nothing_is_said(outlet, settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.1/32"]
    server = Fake(tls=True).start()
    with pytest.raises(ChannelDown) as caught:
        send(outlet("wecom_robot", url=server.url("wecom_robot")))
    server.stop()
    assert caught.value.ours
    assert "证书是自签名的" in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("https://127.0.0.1/x", "本系统所在的服务器"),
        ("https://localhost/x", "本系统所在的服务器"),
        ("https://[::1]/x", "本系统所在的服务器"),
        ("https://[::ffff:127.0.0.1]/x", "本系统所在的服务器"),
        ("https://0.0.0.0/x", "本系统所在的服务器"),
        ("https://2130706433/x", "本系统所在的服务器"),
        ("https://tracker.example/hook", "本系统所在的服务器"),
        ("https://10.1.2.3/x", "内网"),
        ("https://192.168.1.1/x", "内网"),
        ("https://169.254.169.254/latest/meta-data/", "内网"),
        ("https://[fe80::1]/x", "内网"),
        ("https://[fd00::1]/x", "内网"),
        ("https://[::a01:203]/x", "内网"),
        ("https://[64:ff9b::a00:1]/x", "内网"),
        ("https://224.0.0.1/x", "内网"),
        ("http://8.8.8.8/x", "https://"),
        ("https://u:p@8.8.8.8/x", "用户名和密码"),
        ("ftp://8.8.8.8/x", "不完整"),
        ("https:///x", "不完整"),
        ("https://8.8.8.8:99999/x", "不完整"),
        ("https://8.8.8.8/a b", "不完整"),
    ],
)
def test_an_address_inside_is_refused_with_a_sentence_that_says_why(settings, url, word):
    settings.OWN_HOST, settings.WEBHOOK_NETWORKS = "tracker.example", []
    with pytest.raises(web.NotAllowed, match=word):
        web.check(url)


def test_a_name_that_means_another_address_the_second_time_gets_nothing(outlet, fake, settings, monkeypatch):
    made = outlet("webhook", url="https://rebinding.example/hook")
    settings.WEBHOOK_NETWORKS = []
    answers = iter(["8.8.8.8", "127.0.0.1"])
    found = socket.AF_INET, socket.SOCK_STREAM, 6, ""
    port = fake.server.server_address[1]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: [(*found, (next(answers), port))])
    web.check("https://rebinding.example/hook")
    with pytest.raises(ChannelDown) as caught:
        send(made)
    assert caught.value.ours
    assert fake.asked == []


def test_keys_are_sealed_and_only_their_ends_are_shown(settings):
    sealed = sealing.seal("https://x.example/send?key=abcd1234")
    assert "abcd" not in sealed
    assert sealed != sealing.seal("https://x.example/send?key=abcd1234")
    assert sealing.ending(sealed) == "已设置，末四位 1234"
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another" * 10
    assert "重新填写" in sealing.ending(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert sealing.unseal(sealed).endswith("abcd1234")
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed[:-4] + ("AAA=" if sealed[-4:] != "AAA=" else "BBB="))


def test_a_line_too_long_for_everything_is_cut_itself():
    said = fitted([Line("长" * 3000, "http://x/1"), Line("查看全部", "http://x/")], markdown("标题"), 400)
    assert len(said.encode()) <= 400
    assert "…" in said
    assert lines_of("一\n  http://x/1\n看：http://x/2") == [Line("一", "http://x/1"), Line("看", "http://x/2")]


# ---- What is told to whom -------------------------------------------------------------------------------------
def at(hour, minute=0, works=True):
    return Moment(DAY, time(hour, minute), works)


def test_a_group_gets_one_message_each_working_morning_and_urgent_ones_at_once(town, outlet, fake, tell):
    outlet("wecom_robot")
    for who in ("zhang", "chen", "gao"):
        tell_alert(town, tell, who=who, sentence="甲项目落后。")
    assert spread(at(7, 40)) == 0
    assert spread(at(9, works=False)) == 0
    assert spread(at(9)) == 1
    tell_alert(town, tell, "alert:2:1", sentence="乙项目落后。")
    assert spread(at(10)) == 0
    tell_alert(town, tell, "alert:3:1", sentence="丙项目停工。", urgent=True)
    assert spread(at(22)) == 0
    assert spread(at(11)) == 1
    assert spread(at(11)) == 0
    first, second = Delivery.objects.order_by("pk")
    assert first.text.count("甲项目落后。") == 1
    assert first.subject == "高新区：红色预警 1 条"
    assert "丙项目停工。" in second.text
    assert "乙项目落后。" not in second.text
    assert deliver().sent == 2
    assert len(fake.taken) == 2


def test_what_comes_after_the_hour_of_a_morning_without_news_waits_for_the_next(town, outlet, tell):
    outlet("wecom_robot")
    app = outlet("wecom_app")
    ChatAccount.objects.create(outlet=app, user=town.zhang, account="zhang")
    assert spread(at(9)) == 0
    tell_alert(town, tell, sentence="甲项目落后。")
    Notice.objects.update(created_at=datetime.combine(DAY, time(10), BUSINESS_ZONE))
    assert spread(at(11)) == 0
    assert spread(Moment(DAY + timedelta(days=1), time(8))) == 2


def test_who_was_told_everything_costs_no_further_round_anything(town, outlet, tell):
    app = outlet("wecom_app")

    def cost(who):
        ChatAccount.objects.create(outlet=app, user=getattr(town, who), account=who)
        tell_alert(town, tell, who=who)
        spread(at(9))
        with CaptureQueriesContext(connection) as asked:
            spread(at(10))
        return len(asked)

    assert cost("zhang") == cost("chen")


def test_a_message_to_an_account_that_was_corrected_meanwhile_goes_to_the_right_one(town, outlet, fake, tell):
    account = ChatAccount.objects.create(outlet=outlet("wecom_app"), user=town.zhang, account="lisi")
    tell_alert(town, tell)
    spread(at(9))
    ChatAccount.objects.filter(pk=account.pk).update(account="zhangsan")
    deliver()
    deliver()
    assert [json.loads(each.body)["touser"] for each in fake.taken] == ["zhangsan"]
    tell_alert(town, tell, "alert:2:1", urgent=True)
    spread(at(10))
    account.delete()
    deliver()
    assert len(fake.taken) == 1


def test_trying_a_channel_is_no_round_of_a_sender(town, outlet, fake):
    assert operating.test(outlet("webhook").code, by=town.system)[0]
    assert watching.round_age() is None


def test_a_group_hears_nothing_but_alerts_of_its_zone(town, outlet, tell):
    outlet("feishu_robot")
    tell_alert(town, tell, "alert:1:1", who="li", zone=town.west, sentence="西区项目落后。")
    tell_alert(town, tell, "channel:mail:1", kind="系统运行", sentence="邮件不通。")
    tell_alert(town, tell, "weekly:1", kind="meeting", sentence="您的周报未交。")
    tell_alert(town, tell, "alert:4:1", kind="催办", sentence="请您答复。")
    assert spread(at(9)) == 0
    tell_alert(town, tell, "alert:5:1", zone=town.east_park, sentence="园区项目落后。")
    assert spread(at(9)) == 1
    assert "园区项目落后。" in Delivery.objects.get().text


def test_what_is_over_before_it_is_sent_is_written_anew_or_not_sent(town, outlet, fake, tell, monkeypatch):
    outlet("dingtalk_robot")
    for n in (1, 2):
        tell_alert(town, tell, f"alert:{n}:1", sentence=f"项目{n}落后。")
    over = {"alert:1:1"}
    monkeypatch.setattr(truth, "holding", lambda keys: set(keys) - over)
    over.clear()
    assert spread(at(9)) == 1
    over.add("alert:1:1")
    deliver()
    assert [asked.body.decode().count("落后") for asked in fake.taken] == [1]
    assert dict(Delivery.objects.values_list("pk", "state")) == {
        Told.objects.get(key="alert:1:1").delivery_id: "superseded",
        Told.objects.get(key="alert:2:1").delivery_id: "sent",
    }
    tell_alert(town, tell, "alert:3:1", sentence="项目3落后。", urgent=True)
    over.clear()
    assert spread(at(10)) == 1
    over.update({"alert:3:1"})
    deliver()
    assert len(fake.taken) == 1


def test_a_person_is_told_by_an_app_what_he_may_read_and_has_not(town, outlet, fake, tell):
    app = outlet("wecom_app")
    ChatAccount.objects.create(outlet=app, user=town.zhang, account="zhangsan")
    ChatAccount.objects.create(outlet=app, user=town.gone, account="gone")
    tell("zhang", "a1", sentence="您的项目落后。")
    tell("zhang", "a2", sentence="读过了。")
    Notice.objects.filter(key="a2").update(read_at=timezone.now())
    tell("chen", "a1")
    assert spread(at(9)) == 1
    assert spread(at(9)) == 0
    deliver()
    told = fake.taken[0].data
    assert (told["touser"], told["agentid"], told["enable_duplicate_check"]) == ("zhangsan", 1000002, 1)
    assert '<a href="http://tracker.example/admin/">1. 您的项目落后。</a>' in told["text"]["content"]
    assert "读过了" not in told["text"]["content"]


def test_a_revoked_key_stops_its_own_group_and_tells_who_can_mend_it(town, outlet, fake, tell):
    bad = outlet("wecom_robot", name="坏", url=fake.root + "/cgi-bin/webhook/send?key=revoked-revoked")
    outlet("wecom_robot", name="好")
    tell_alert(town, tell)
    assert spread(at(9)) == 2
    deliver()
    assert len(fake.taken) == 1
    waiting = Delivery.objects.get(channel=bad.code)
    assert (waiting.state, waiting.tries.get().outcome) == ("waiting", "down")
    told = Notice.objects.get(user=town.system)
    assert "“坏”发不出消息" in told.sentence
    assert "revoked-revoked" not in told.sentence + waiting.last_error
    bad.url_sealed = sealing.seal(fake.url("wecom_robot"))
    bad.save()
    assert operating.test(bad.code, by=town.system) == (True, "坏已接收测试消息")
    come_due()
    deliver()
    assert Delivery.objects.filter(state="sent").count() == 2


# ---- Screens --------------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _without_the_roof(settings):
    settings.UNFOLD = {"SITE_TITLE": "三个一批项目跟踪"}  # the menu belongs to the rooms above


def form(town, **values):
    zone = values.pop("zone", town.east)
    return {
        **{"kind": "wecom_robot", "name": "推进群", "zone": zone.pk, "digest": "on", "digest_at": "08:00"},
        **{"urgent": "on", "enabled": "on", **values},
    }


def test_an_administrator_sets_up_a_robot_and_never_sees_its_key_again(town, client, fake):
    town.sign_in(client, "system")
    page = client.post(f"{OUTLETS}add/", form(town, url=fake.root + "/other"))
    assert "地址里有 key=" in page.content.decode()
    answer = client.post(f"{OUTLETS}add/", form(town, url=fake.url("wecom_robot")))
    assert answer.status_code == 302
    made = Outlet.objects.get()
    assert KEY not in made.url_sealed
    shown = client.get(f"{OUTLETS}{made.pk}/change/").content.decode()
    assert KEY not in shown
    assert "已设置，末四位 cd99" in shown
    said = client.post(f"{OUTLETS}{made.pk}/test/", follow=True).content.decode()
    assert "推进群已接收测试消息" in said
    fake.bad = [{"errcode": 93000, "errmsg": "invalid webhook url"}]
    said = client.post(f"{OUTLETS}{made.pk}/test/", follow=True).content.decode()
    assert "测试没有成功：机器人的地址无效" in said
    kept = form(town, seen_version=made.version, seen_values="{}")
    assert client.post(f"{OUTLETS}{made.pk}/change/", kept).status_code == 302
    assert sealing.unseal(Outlet.objects.get().url_sealed) == fake.url("wecom_robot")


def test_a_webhook_to_this_host_is_refused_at_saving(town, client, settings):
    settings.WEBHOOK_NETWORKS = []
    town.sign_in(client, "system")
    told = form(town, kind="webhook", url="https://127.0.0.1/hook", secret="s" * 20)
    page = client.post(f"{OUTLETS}add/", told).content.decode()
    assert "这个地址指向本系统所在的服务器，通知不能发给自己" in page
    assert not Outlet.objects.exists()


def test_a_new_address_asks_for_the_secret_again(town, client, outlet, fake):
    made = outlet("dingtalk_app")
    told = form(town, app_id="corp", agent_id="1", url=fake.root + "/elsewhere", seen_version=1, seen_values="{}")
    told |= {"accounts-TOTAL_FORMS": "0", "accounts-INITIAL_FORMS": "0"}
    page = town.sign_in(client, "system").post(f"{OUTLETS}{made.pk}/change/", told)
    assert "请把密钥也重新填一遍" in page.content.decode()


@pytest.mark.parametrize("who", ["zhang", "chen", "gao", "security", "audit", "nobody"])
def test_nobody_but_who_looks_after_the_system_sees_outlets_or_the_operators_page(town, client, outlet, who):
    made = outlet("wecom_robot")
    town.sign_in(client, who)
    assert client.get(OPERATING).status_code == 403
    assert client.post(OPERATING, {"act": "suspend", "channel": made.code, "reason": "x"}).status_code == 403
    assert client.get(f"{OUTLETS}{made.pk}/change/").status_code in (403, 404)
    assert client.post(f"{OUTLETS}{made.pk}/test/").status_code in (403, 404)
    assert not ChannelState.objects.exists()


def test_operators_see_each_channel_and_stop_start_and_retry_it(town, client, outlet, fake, tell):
    made = outlet("wecom_robot", name="推进群")
    dead = Delivery.objects.create(
        channel=made.code,
        address="推进群",
        message_id="m1",
        subject="主题",
        text="正文",
        state="failed",
        last_error="没有送达",
    )
    town.sign_in(client, "system")

    def post(act, **more):
        told = {"act": act, "channel": made.code, **more}
        return client.post(OPERATING, told, follow=True).content.decode()

    page = client.get(OPERATING).content.decode()
    for word in ("电子邮件", "推进群", "没有送达", "60 秒内最多 20 条", "重发全部未送达"):
        assert word in page
    assert "正文" not in page
    assert "发送记录" in client.get(f"/admin/projects_notices/delivery/{dead.pk}/change/").content.decode()
    assert "请写明停用的原因" in post("suspend", reason=" ")
    assert "群里换人" in post("suspend", reason="群里换人")
    assert deliver().sent == 0
    assert "已恢复" in post("resume")
    assert "这条消息将重新发送" in post("retry", delivery=dead.pk)
    assert "没有未送达的消息" in post("retry_all")
    assert deliver().sent == 1
    assert (
        "没有这个渠道" in client.post(OPERATING, {"act": "test", "channel": "outlet:999"}, follow=True).content.decode()
    )
    assert "没有向这个地址发过消息" in post("suspend_address", address="别处", reason="x")
    assert "推进群 已停用" in post("suspend_address", address="推进群", reason="临时")
    assert "地址已恢复" in post("resume_address", address=SuspendedAddress.objects.get().pk)


def test_mail_serves_all_zones_and_is_stopped_only_by_who_looks_after_them_all(town, client):
    def stop(who):
        town.sign_in(client, who)
        told = {"act": "suspend", "channel": "mail", "reason": "服务器搬家"}
        return client.post(OPERATING, told, follow=True).content.decode()

    assert "由所有开发区共用" in stop("system")  # of one city in the province
    assert "停用整个渠道的原因" not in client.get(OPERATING).content.decode()
    assert not ChannelState.objects.exclude(suspended_at=None).exists()
    assert "“电子邮件”已停用" in stop("root")
    town.sign_in(client, "system")
    assert (
        "由所有开发区共用" in client.post(OPERATING, {"act": "resume", "channel": "mail"}, follow=True).content.decode()
    )
    assert ChannelState.objects.exclude(suspended_at=None).exists()


def test_a_persons_account_is_filled_in_on_his_own_page_among_the_apps_of_his_zone(town, client, outlet):
    mine = outlet("wecom_app")
    page = f"/admin/zones/user/{town.zhang.pk}/change/"
    shown = town.sign_in(client, "system").get(page).content.decode()
    assert "聊天账号" in shown
    told = {"username": "zhang", "is_active": "on", "department": town.east_office.pk, "email": "zhang@example.com"}
    told |= {"seen_version": town.zhang.version, "seen_values": "{}", "display_name": "张联络"}
    told |= {"chat_accounts-TOTAL_FORMS": "1", "chat_accounts-INITIAL_FORMS": "0"}
    told |= {"chat_accounts-0-outlet": mine.pk, "chat_accounts-0-account": "zhangsan"}
    told |= {"appointments-TOTAL_FORMS": "0", "appointments-INITIAL_FORMS": "0"}
    answer = client.post(page, told)
    assert answer.status_code == 302, answer.content.decode()
    assert ChatAccount.objects.get().account == "zhangsan"
    assert "聊天账号" not in town.sign_in(client, "chen").get(page).content.decode()


def test_an_outlet_of_another_zone_is_not_there(town, client, outlet):
    from zones.models import Appointment

    made = outlet("wecom_robot", zone=town.west)
    Appointment.objects.filter(user=town.system).update(zone=town.east)
    town.sign_in(client, "system")
    assert client.get(f"{OUTLETS}{made.pk}/change/").status_code == 404
    assert client.post(f"{OUTLETS}{made.pk}/test/").status_code == 404
    assert (
        "没有这个渠道" in client.post(OPERATING, {"act": "resume", "channel": made.code}, follow=True).content.decode()
    )


def test_an_outlet_that_is_put_out_of_use_sends_nothing_that_waited(town, client, outlet, tell, fake):
    made = outlet("wecom_robot")
    tell_alert(town, tell)
    spread(at(9))
    told = form(town, name="wecom_robot", seen_version=1, seen_values="{}")
    del told["enabled"]
    assert town.sign_in(client, "system").post(f"{OUTLETS}{made.pk}/change/", told).status_code == 302
    assert json.loads(bytes(Delivery.objects.get().payload))["msgtype"] == "markdown"
    assert Delivery.objects.get().state == "superseded"
    assert deliver().sent == 0
    assert fake.asked == []
