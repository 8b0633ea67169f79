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
    assert Delivery.objects.get().subject == "三个一批：红色预警 1 条、黄色预警 2 条、其他通知 1 条、第三级 1 条"


def test_the_urgent_come_first_and_are_marked(town, tell):
    tell("zhang", "a1", kind="red", sentence="甲项目落后。")
    tell("zhang", "a2", kind="yellow", sentence="乙项目落后。", urgent=True)
    compose()
    delivery = Delivery.objects.get()
    assert delivery.subject.startswith("【急】三个一批：")
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
    assert f"红色预警 {LINES + 7} 条" in delivery.subject
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
    assert Delivery.objects.get().subject.startswith("【演示】三个一批：")
    assert "演示数据" in Delivery.objects.get().text


def test_who_has_no_address_or_is_gone_keeps_the_notice_and_gets_no_mail(town, tell):
    User.objects.filter(pk=town.zhang.pk).update(email="")
    for who in ("zhang", "gone", "chen"):
        tell(who)
    assert compose() == 1
    assert composing.without_address() == 2
    assert Notice.objects.filter(user=town.zhang, delivery=None).count() == 1
    assert not Delivery.objects.filter(user__in=[town.zhang, town.gone]).exists()


def test_what_is_read_or_old_needs_no_mail(town, tell):
    tell("zhang", "read")
    tell("chen", "old")
    inbox.mark_read(Notice.objects.filter(key="read"))
    Notice.objects.filter(key="old").update(created_at=Now() - timedelta(days=8))
    assert compose() == 0
    assert composing.without_address() == 0


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
