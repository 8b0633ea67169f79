"""One message per person with everything that is news to him."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from projects import facts
from projects.notices import composing, inbox
from projects.notices.composing import LINES, compose
from projects.notices.models import Delivery, Notice
from zones.models import Appointment, User


def test_several_notices_become_one_message_per_person(town, tell):
    for key in ("a1", "a2", "a3"):
        tell("zhang", key)
    tell("chen")
    assert compose() == 2
    assert Delivery.objects.get(user=town.zhang).notices.count() == 3
    assert compose() == 0
    assert Delivery.objects.count() == 2


def test_the_subject_says_how_many_of_what_gravest_first(town, tell):
    tell("zhang", "a1", kind="yellow")
    tell("zhang", "a2", kind="red")
    tell("zhang", "a3", kind="yellow")
    tell("zhang", "a4", kind="第三级")
    tell("zhang", "a5", kind="strange")
    compose()
    assert Delivery.objects.get().subject == "1红2黄：项目落后了（a2）。，另有2条通知"


@pytest.mark.parametrize(
    ("name", "sentence", "point"),
    [
        ("郑州华锐装备制造有限公司产业园项目", "截至6月底低于序时进度35.4个百分点。", "郑州华锐装备制造落后35点"),
        ("新乡市平原体外诊断产业园建设项目", "至今未开工，已逾期3个整月", "平原体外诊断产业…逾期3个整月"),
        ("东部传感器产业园项目", "资料有缺。", "资料有缺。"),
    ],
)
def test_the_point_stands_in_the_first_twenty_characters_of_the_subject(town, tell, name, sentence, point):
    project = facts.create(name=name, zone=town.east)
    tell("zhang", project_id=project.pk, sentence=sentence)
    compose()
    assert Delivery.objects.get().subject == f"1红：{point}"
    assert len("1红：郑州华锐装备制造落后35点") <= 20


def test_the_urgent_come_first_and_are_marked(town, tell):
    tell("zhang", "a1", kind="red", sentence="甲项目落后。")
    tell("zhang", "a2", kind="yellow", sentence="乙项目落后。", urgent=True)
    compose()
    delivery = Delivery.objects.get()
    assert delivery.subject.startswith("【急】1红1黄：乙项目")
    assert delivery.text.index("乙项目") < delivery.text.index("甲项目")


def test_every_line_is_an_absolute_link_in_both_texts(town, tell):
    tell("zhang", "a1", path="/admin/projects/project/7/change/?x=1&y=2")
    tell("zhang", "a2", path="/admin/projects/project/8/change/")
    compose()
    delivery = Delivery.objects.get()
    for text, first in ((delivery.text, "?x=1&y=2"), (delivery.html, "?x=1&amp;y=2")):
        assert f"http://tracker.example/admin/projects/project/7/change/{first}" in text
        assert "http://tracker.example/admin/projects/project/8/change/" in text
        assert "http://tracker.example/admin/projects_notices/notice/" in text
        assert "张联络" in text
        assert "三个一批项目跟踪" in text


def test_what_was_typed_somewhere_is_text_and_never_markup(town, tell):
    User.objects.filter(pk=town.zhang.pk).update(display_name="<b>张</b>")
    tell("zhang", sentence='<script>alert("1")</script>\r\n\r\n落后')
    compose()
    delivery = Delivery.objects.get()
    assert "<script>" not in delivery.html
    assert "<b>" not in delivery.html
    assert "&lt;script&gt;" in delivery.html
    assert '<script>alert("1")</script> 落后' in delivery.text


def test_a_long_list_is_cut_and_says_so(town, tell):
    for number in range(LINES + 7):
        tell("zhang", f"k{number}")
    compose()
    delivery = Delivery.objects.get()
    assert delivery.notices.count() == LINES + 7
    assert delivery.subject.startswith(f"{LINES + 7}红：")
    assert delivery.text.count("项目落后了") == LINES
    assert "另有 7 条没有列在这里" in delivery.text
    assert "另有 7 条没有列在这里" in delivery.html


def test_invented_data_are_marked_in_subject_and_line(town, tell):
    made_up = facts.create(name="样板项目", zone=town.east, is_demo=True)
    real = facts.create(name="东部传感器产业园项目", zone=town.east)
    tell("zhang", "a1", project_id=made_up.pk, sentence="样板项目落后。")
    tell("chen", "a1", project_id=real.pk, sentence="传感器项目落后。")
    compose()
    marked, plain = Delivery.objects.get(user=town.zhang), Delivery.objects.get(user=town.chen)
    assert marked.subject.startswith("【演示】")
    assert "【演示】样板项目落后。" in marked.text
    assert "演示" not in plain.subject + plain.text + plain.html


def test_everything_of_the_demonstration_is_marked(town, tell, settings):
    settings.TRACKER_DEMO = True
    tell("zhang")
    compose()
    assert Delivery.objects.get().subject.startswith("【演示】1红：")
    assert "演示数据" in Delivery.objects.get().text


def test_who_has_no_address_or_is_gone_keeps_the_notice_and_gets_no_mail(town, tell):
    User.objects.filter(pk=town.zhang.pk).update(email="")
    for who in ("zhang", "gone", "chen"):
        tell(who)
    assert compose() == 1
    assert composing.without_address().count() == 2
    assert Notice.objects.filter(user=town.zhang, delivery=None).count() == 1
    assert not Delivery.objects.filter(user__in=[town.zhang, town.gone]).exists()


def test_what_is_read_or_old_needs_no_mail(town, tell):
    tell("zhang", "read")
    tell("chen", "old")
    inbox.mark_read(Notice.objects.filter(key="read"))
    Notice.objects.filter(key="old").update(created_at=Now() - timedelta(days=17))
    assert compose() == 0
    assert not composing.without_address().exists()


def test_who_may_no_longer_read_of_the_zone_is_not_written_to(town, tell):
    tell("zhang", "east", zone_id=town.east.pk, sentence="东区的事。")
    tell("zhang", "general", sentence="大家的事。")
    Appointment.objects.filter(user=town.zhang).update(zone=town.west)
    assert compose() == 1
    assert "东区的事" not in Delivery.objects.get().text
    assert "大家的事" in Delivery.objects.get().text


@pytest.mark.parametrize(
    ("sender", "host"),
    [("甲 <a@mail.example.com>", "mail.example.com"), ("a@localhost", "localhost"), ("甲", "localhost")],
)
def test_a_message_id_is_of_the_senders_host_and_never_used_twice(town, tell, settings, sender, host):
    settings.DEFAULT_FROM_EMAIL = sender
    tell("zhang")
    tell("chen")
    compose()
    ids = set(Delivery.objects.values_list("message_id", flat=True))
    assert len(ids) == 2
    assert all(message_id.endswith(f"@{host}>") for message_id in ids)
